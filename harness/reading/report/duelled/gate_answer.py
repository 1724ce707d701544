"""The answer to "may this go in?": has any case become slower by more than is allowed?"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from enum import StrEnum

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from harness.core import units
from harness.core.records import Estimate, Record
from harness.core.units import plural
from harness.reading.report.duelled.duel_answer import WIDTH, DuelAnswer, DuelRow
from harness.reading.report.shown.cells import with_interval
from harness.reading.report.shown.plain import plain_text


class GateOutcome(StrEnum):
    """What a gate says of one case."""

    RISEN = "risen"
    NOT_RISEN = "not risen"
    CANNOT_TELL = "cannot tell"
    FAILED = "failed"


class GateRow(Record):
    """One case: how many times as long as the reference it takes, and what that means.

    Attributes
    ----------
    case : str
    ratio : Estimate
        Of the time, as the duel judged it: this side over the reference; ``n`` counts pairs of
        start-ups.
    outcome : GateOutcome
    words : str
        The same in a sentence, which names the case.
    """

    case: str
    ratio: Estimate
    outcome: GateOutcome
    words: str


class GateAnswer(Record):
    """What a gate says.

    Attributes
    ----------
    rise : float
        What is allowed: 0.2 is 20 %.
    rows : list of GateRow
    duel : DuelAnswer
        What it rests on: A is the reference, B what may go in.
    """

    rise: float
    rows: list[GateRow]
    duel: DuelAnswer

    def exit_code(self, *, strict: bool) -> int:
        """1 where a case has become slower or failed; 3 where that cannot be told and *strict*."""
        outcomes = {row.outcome for row in self.rows}
        if outcomes & {GateOutcome.RISEN, GateOutcome.FAILED}:
            return 1
        return 3 if strict and GateOutcome.CANNOT_TELL in outcomes else 0

    @property
    def sentences(self) -> list[str]:
        """Of each case, and how often such a gate is wrong here."""
        return [*(row.words for row in self.rows), *self.duel.rates()]

    def text(self, width: int = WIDTH) -> str:
        """The answer for people."""
        return plain_text(self._parts(), width)

    def _parts(self) -> Iterator[RenderableType]:
        yield Text(f"reference: {self.duel.a} ({self.duel.environment_a})")
        yield Text(f"measured:  {self.duel.b} ({self.duel.environment_b})\n")
        table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
        for head in ("case", "outcome"):
            table.add_column(head)
        table.add_column("time over the reference's", justify="right")
        for row in self.rows:
            table.add_row(row.case, row.outcome, with_interval(row.ratio, units.ratio))
        yield table
        yield Text("\n" + "\n".join(self.sentences) + "\n")
        yield Text(f"runs: {' and '.join(self.duel.runs)}")

    def annotations(self) -> list[str]:
        """Lines that GitHub shows beside a commit: an error for a rise, a warning where that cannot
        be told."""
        kinds = {
            GateOutcome.RISEN: "error",
            GateOutcome.FAILED: "error",
            GateOutcome.CANNOT_TELL: "warning",
        }
        return [
            f"::{kinds[row.outcome]} title=chunkbench gate::{_for_github(row.words)}"
            for row in self.rows
            if row.outcome in kinds
        ]

    def junit(self, *, strict: bool) -> str:
        """The answer as JUnit's XML, a test for each case: skipped where it cannot be told, failed
        where that is to fail as well."""
        suite = ET.Element("testsuite", name="chunkbench gate", tests=str(len(self.rows)))
        counts = dict.fromkeys(("failures", "errors", "skipped"), 0)
        for row in self.rows:
            test = ET.SubElement(suite, "testcase", classname="chunkbench.gate", name=row.case)
            tag = _tag(row.outcome, strict=strict)
            if tag is not None:
                ET.SubElement(test, tag, message=row.words)
                counts[{"failure": "failures", "error": "errors"}.get(tag, tag)] += 1
        for name, number in counts.items():
            suite.set(name, str(number))
        suite.set("time", f"{self.duel.seconds_spent or 0:.3f}")
        ET.indent(suite)
        return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def gate_of_duel(duel: DuelAnswer) -> GateAnswer:
    """Say of every case of *duel* whether it rose by more than the duel's least ratio.

    It has risen where the duel raises its alarm: sure, and by more than is allowed. It has not
    where its whole 95 % interval lies below that. Between the two it cannot be told.
    """
    rise = round(duel.least_ratio - 1, 9)
    rows = [_row(row, duel.least_ratio) for row in duel.rows]
    return GateAnswer(rise=rise, rows=rows, duel=duel)


def _row(row: DuelRow, limit: float) -> GateRow:
    outcome, rise = _outcome(row, limit), f"{limit - 1:.0%}"
    ratio = with_interval(row.ratio, units.ratio)
    starts = f"{plural(row.ratio.n, 'pair')} of start-ups"
    what = "time" if row.is_time else row.judged_by
    takes = f"{'takes' if row.is_time else 'has'} {ratio} times the reference's {what}"
    words = {
        GateOutcome.RISEN: f"{takes}: more than the {rise} allowed",
        GateOutcome.NOT_RISEN: f"no rise of {rise}: {takes}",
        GateOutcome.CANNOT_TELL: f"{starts} cannot tell a rise of {rise} here: {ratio}; take more "
        "--pairs, or a quieter machine",
        GateOutcome.FAILED: f"{row.verdict}: {row.reason}",
    }[outcome]
    if outcome is GateOutcome.CANNOT_TELL and not row.is_time and row.ratio.point is None:
        words = row.not_shown
    return GateRow(case=row.title, ratio=row.ratio, outcome=outcome, words=f"{row.title}: {words}.")


def _outcome(row: DuelRow, limit: float) -> GateOutcome:
    if row.reason is not None:
        return GateOutcome.FAILED
    if row.verdict == "slower":
        return GateOutcome.RISEN
    below = row.ratio.high is not None and row.ratio.high < limit
    return GateOutcome.NOT_RISEN if below else GateOutcome.CANNOT_TELL


def _tag(outcome: GateOutcome, *, strict: bool) -> str | None:
    """The child of a test in JUnit's XML that says so; none for one that passed."""
    return {
        GateOutcome.RISEN: "failure",
        GateOutcome.FAILED: "error",
        GateOutcome.CANNOT_TELL: "failure" if strict else "skipped",
    }.get(outcome)


def _for_github(text: str) -> str:
    """*text* with what would end an annotation written as GitHub asks for it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
