"""What is asked of a contribution (docs/contribute.md), held against the journals of a machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from harness.core.units import plural
from harness.reading.analysis.verdict.comparison import MIN_RUNS
from harness.reading.ingest import Results
from harness.reading.report.analysed import judged

NO_PROMISE = "smoke"
"""The profile that promises no verdicts."""


class Requirement(NamedTuple):
    """Something that is asked of a contribution: whether it is there, and what there is."""

    good: bool
    words: str


def checks_of(read: Results, names: set[str]) -> Iterator[Requirement]:
    """Say what is asked of a contribution, and what there is of it.

    Parameters
    ----------
    read : Results
        Of one machine.
    names : set of str
        Names of the journals that are to be packed.
    """
    journals = [journal for journal in read.journals if journal.path.name in names]
    runs = {journal.info.run for journal in journals}
    ended = sum(journal.end is not None for journal in journals)
    yield Requirement(True, f"every line of {plural(len(journals), 'journal')} can be read")
    yield Requirement(
        ended == len(journals), f"{ended} of {plural(len(journals), 'run')} came to an end"
    )
    cases = judged(read).cases
    cases = cases[cases["run"].isin(runs) & cases["paired"].eq(True)]
    verdicts = int((cases["verdict"].notna() & cases["verdict"].ne("undetermined")).sum())
    yield Requirement(
        verdicts > 0, f"{verdicts} of {plural(len(cases), 'measured case')} have a clear verdict"
    )
    deep = {journal.info.profile for journal in journals} - {NO_PROMISE}
    profiles = ", ".join(sorted(deep)) or f"{NO_PROMISE} alone, which promises no verdicts"
    yield Requirement(bool(deep), f"profiles: {profiles}")
    most = max(Counter(journal.info.suite for journal in journals).values())
    yield Requirement(
        most >= MIN_RUNS,
        f"{plural(most, 'run')} of the suite with most; {MIN_RUNS} let machines be compared",
    )
    unknown = sum(bool(journal.info.dirty) or not journal.info.commit for journal in journals)
    yield Requirement(
        not unknown,
        f"{plural(unknown, 'run')} of code that others cannot look up (uncommitted changes)",
    )
    rounds, flagged = int(cases["rounds"].sum()), int(cases["flagged"].sum())
    share = f"{flagged / rounds:.1%}".replace("%", " %") if rounds else "none"
    yield Requirement(
        rounds > 0,
        f"{share} of {rounds} rounds had the machine's speed move by more than 10 %; they are kept",
    )
