"""Ask the batch system of this machine for the listing of a job."""

from __future__ import annotations

import re
import shutil
import subprocess

from harness.core.errors import InputError, UnknownNameError, UsageError
from harness.reading.ingest.accounting.job import ListingKind

TIMEOUT_SECONDS = 60
_COLUMNS = (
    "JobID,JobName,State,ExitCode,AllocCPUS,NNodes,NTasks,ElapsedRaw,TotalCPU,Submit,Start,MaxRSS,"
    "TRESUsageInTot,ReqMem"
)
_ID = re.compile(r"[0-9][0-9A-Za-z_.+\[\]-]*")
_COMMANDS = {
    ListingKind.QACCT: ["qacct", "-j"],
    ListingKind.SACCT_PARSABLE: [
        "sacct",
        "--parsable2",
        "--noconvert",
        "--duplicates",
        f"--format={_COLUMNS}",
        "--jobs",
    ],
}
_NAMES = {
    "qacct": ListingKind.QACCT,
    "sacct": ListingKind.SACCT_PARSABLE,
    "sacct-parsable": ListingKind.SACCT_PARSABLE,
}


def listing(job: str, source: str = "auto") -> tuple[bytes, ListingKind, str]:
    """Ask the batch system for the listing of one job.

    Parameters
    ----------
    job : str
        Its id.
    source : str
        The command to ask; ``auto`` takes the first of sacct and qacct that is installed and has
        an answer.

    Returns
    -------
    tuple of bytes, ListingKind and str
        The listing, its kind, and the command in words.

    Raises
    ------
    UsageError
        Where *job* is no job's id, or *source* cannot be asked.
    InputError
        Where there is no such command, it fails, or does not answer in time.
    """
    if not _ID.fullmatch(job):
        raise UsageError(f"{job!r} is not a job's id: write for example --job 3524046")
    if source not in ("auto", *_NAMES):
        raise UnknownNameError("source for --job", source, ["auto", *_NAMES])
    wanted = (
        [ListingKind.SACCT_PARSABLE, ListingKind.QACCT] if source == "auto" else [_NAMES[source]]
    )
    installed = [kind for kind in wanted if shutil.which(_COMMANDS[kind][0])]
    if not installed:
        names = " nor ".join(_COMMANDS[kind][0] for kind in wanted)
        raise InputError(
            f"no {names} on this machine: run --job on a login node of the cluster, or save the "
            "listing there and give the file"
        )
    failures = []
    for kind in installed:
        answer = _answer([*_COMMANDS[kind], job])
        if isinstance(answer, bytes):
            return answer, kind, " ".join([_COMMANDS[kind][0], job])
        failures.append(answer)
    raise InputError(f"{'; '.join(failures)}: check the id, or give the listing as a file")


def _answer(command: list[str]) -> bytes | str:
    """The output of *command*, or as text why there is none."""
    name = command[0]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"{name} did not answer within {TIMEOUT_SECONDS} s"
    except OSError as error:
        return f"{name} cannot be run ({error.strerror})"
    message = " ".join(done.stderr.decode(errors="replace").split())[:200]
    if done.returncode != 0:
        return f"{name} says {message or f'nothing and ends with {done.returncode}'}"
    rows = [line for line in done.stdout.splitlines() if line.strip()]
    if len(rows) < 2:  # a header alone: sacct knows no such job, and ends with 0
        return f"{name} lists no such job"
    return done.stdout
