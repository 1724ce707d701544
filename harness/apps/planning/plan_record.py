"""The answer of ``chunkbench plan``, as a record and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.core import units
from harness.core.records import NO_TIME, Record

MOST_LINES = 12
"""Of cases that are cut, so many are listed in the text; JSON has all."""

MOST_NAMED = 3
"""Of executors whose costs are guessed, so many are named in the text."""


class CutCase(Record):
    """A case that does not reach its first look, and why."""

    suite: str
    case: str
    reason: str


class PlannedSuite(Record):
    """One suite: its cases, those of them that reach their first look, and what it takes by
    itself."""

    suite: str
    cases: int
    first_look: int
    set_ups: int
    starts: int
    refused: int
    budget_seconds: float | None
    needed_seconds: float


class PlannedRun(Record):
    """What a run of suites would measure, start, cost and cut.

    Attributes
    ----------
    cases, first_look : int
        Cases that can run, and those of them that reach their first look within the budget.
    rounds_to_first_look : int
    set_ups, starts, processes : int
        Distinct set-ups; start-ups and processes that are begun until the first looks.
    budget_seconds : float or None
    needed_seconds : float
        Until every case is at its first look; less than the suites need each by itself, since they
        share start-ups.
    advised_budget : str
        The same with some to spare, as an option.
    end_seconds : float
        Until the budget is spent, or all rounds are measured if no look stops a case.
    core_hours : float
        Of the node, to the end.
    costs_from : list of str
        Machines whose journals the costs come from.
    costs_guessed : list of str
        Executors that none of them measured: their costs are those of others of their kind.
    """

    profile: str
    cores: int
    memory_bytes: int | None
    cases: int
    first_look: int
    rounds_to_first_look: int
    set_ups: int
    starts: int
    processes: int
    budget_seconds: float | None
    needed_seconds: float
    advised_budget: str
    end_seconds: float
    core_hours: float
    costs_from: list[str]
    costs_guessed: list[str]
    suites: list[PlannedSuite]
    cut: list[CutCase]

    @property
    def fits(self) -> bool:
        """Whether every case that can run reaches its first look."""
        return self.first_look == self.cases

    def text(self) -> str:
        """The plan in lines for people."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        memory = f", {units.size(self.memory_bytes)}" if self.memory_bytes else ""
        budget = "" if self.budget_seconds is None else f", budget {hours(self.budget_seconds)}"
        yield f"{self.profile} on {units.plural(self.cores, 'core')}{memory}{budget}"
        yield (
            f"costs as measured on {', '.join(self.costs_from)}, carried over"
            if self.costs_from
            else "costs by default: nothing was measured yet"
        )
        if self.costs_from and self.costs_guessed:
            many = len(self.costs_guessed) > MOST_NAMED
            named = f"{len(self.costs_guessed)} executors, named in --format json"
            named = named if many else ", ".join(self.costs_guessed)
            yield f"not measured there, taken from their kind: {named}"
        yield ""
        yield f"{'suite':<22}{'cases':>7}{'first look':>12}{'set-ups':>9}{'starts':>8}{'needs':>10}"
        for each in self.suites:
            yield (
                f"{each.suite:<22}{each.cases:>7}{each.first_look:>12}{each.set_ups:>9}"
                f"{each.starts:>8}{hours(each.needed_seconds):>10}"
            )
        yield ""
        yield (
            f"{self.first_look} of {units.plural(self.cases, 'case')} reach their first look, "
            f"{units.plural(self.rounds_to_first_look, 'round')}; all together need "
            f"{hours(self.needed_seconds)}"
        )
        yield (
            f"{units.plural(self.starts, 'start-up')} of {units.plural(self.set_ups, 'set-up')} "
            f"and {units.count(self.processes)} processes until then"
        )
        yield f"at most {hours(self.end_seconds)} to the end, {self.core_hours:.1f} core-hours"
        yield from self._cut_lines()
        if not self.fits:
            yield f"a budget that reaches every first look: --budget {self.advised_budget}"

    def _cut_lines(self) -> Iterator[str]:
        if not self.cut:
            return
        yield ""
        yield f"cut: {units.plural(len(self.cut), 'case')}"
        by_reason = Counter((cut.suite, _in_short(cut.reason)) for cut in self.cut)
        for (suite, reason), number in by_reason.most_common(MOST_LINES):
            yield f"  {suite}: {units.plural(number, 'case')}: {reason}"
        if len(by_reason) > MOST_LINES:
            yield f"  and {len(by_reason) - MOST_LINES} other reasons: see --format json"


def _in_short(reason: str) -> str:
    """*reason* without the figures of its case, so that cases can be counted by it."""
    return f"{NO_TIME} within the budget of the suite" if reason.startswith(NO_TIME) else reason


def hours(seconds: float) -> str:
    """A duration as people plan with it: ``45 s``, ``12 min``, ``2.7 h``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
