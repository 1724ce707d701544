"""The names of sacct's columns, whose case differs between versions."""

from __future__ import annotations

from collections.abc import Iterable

_COLUMNS = """
    AdminComment AllocCPUS AllocNodes AllocTRES AveRSS CPUTime CPUTimeRAW Comment Constraints
    Elapsed ElapsedRaw End ExitCode Extra JobID JobIDRaw JobName MaxRSS NCPUS NNodes NTasks
    Reason ReqMem ReqTRES Start State Submit SubmitLine SystemCPU SystemComment Timelimit
    TotalCPU TRESUsageInTot UserCPU WCKey WorkDir
"""
_NAMES = {name.lower(): name for name in _COLUMNS.split()}


KNOWN = frozenset(_NAMES.values())


def canonical(headings: Iterable[str]) -> list[str]:
    """The headings as :mod:`.sacct_rows` names them; others as they are."""
    return [_NAMES.get(heading.strip().lower(), heading.strip()) for heading in headings]
