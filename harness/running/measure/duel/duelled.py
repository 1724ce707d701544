"""A duel from its two sides to two journals: machine, run lines, supervision, last lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Literal

from harness.core.duel_size import PAIRS, ROUNDS
from harness.core.errors import Interrupted, UsageError
from harness.core.records import Case, End, Machine, RunInfo
from harness.running.executors import options
from harness.running.host import job_memory, machine
from harness.running.measure.duel.sides import DuelSide
from harness.running.measure.duel.turns import LETTERS, Corner, Turns
from harness.running.measure.environment.homes import Where, homes_of
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.scratch_parent import scratch_parent
from harness.running.measure.process.supervision import supervised
from harness.running.measure.run_line import describe_run
from harness.running.measure.sweep.journal import JournalWriter, begin
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.refusals import refusals
from harness.running.plan.profiles import TRY
from harness.running.plan.sweep import SweepPlan
from harness.running.workloads import calibrated

SUITE = "duel"


@dataclass(frozen=True)
class DuelPlan:
    """What is measured.

    Attributes
    ----------
    sides : tuple of DuelSide
    cases : tuple of Case
    pairs, rounds : int
    seconds : float or None
        For all of it, start-ups included; it may end it from the third pair on.
    """

    sides: tuple[DuelSide, DuelSide]
    cases: tuple[Case, ...]
    pairs: int = PAIRS
    rounds: int = ROUNDS
    seconds: float | None = None

    def cases_of(self, side: int) -> tuple[Case, ...]:
        """The cases as one side runs them."""
        return tuple(map(self.sides[side].case, self.cases))


def measure_duel(
    plan: DuelPlan,
    results: Path,
    *,
    machine_name: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    begun: Callable[[tuple[Path, Path]], None] = lambda journals: None,
) -> tuple[Path, Path]:
    """Measure *plan*; the journals of A and of B, of which *begun* is told before the first pair.

    Raises
    ------
    UsageError
        Where a side cannot run a case; says why.
    MeasureError
        Where a side does not start.
    Interrupted
        On Ctrl-C, or another signal that asks to stop; what was measured is in the journals.
    """
    options.validate()
    here = machine.describe(machine_name)
    memory = job_memory.usable_memory_bytes()
    where = [_where(plan, side) for side in range(len(LETTERS))]
    for side, letter in enumerate(LETTERS):
        refused = refusals(plan.cases_of(side), memory, where[side])
        for case, reason in refused.items():
            raise UsageError(
                f"{letter} ({plan.sides[side].name}) cannot run {case.label}: {reason}"
            )
    infos = _run_lines(plan, here)
    calibrated.keep_setting(infos[0].settings)
    folder = results / here.name / "journal"
    journals = [JournalWriter(begin(folder, info)) for info in infos]
    begun((journals[0].path, journals[1].path))
    parent = scratch_parent({case.executor for case in plan.cases})
    afterwards = ExitStack()
    with supervised(afterwards=afterwards, parent=parent.path) as reaper:
        benches = [
            ProcessBench(
                info.run,
                here.cores_usable or 1.0,
                reaper.scratch / letter,
                reaper,
                TRY.limit_seconds,
                memory_bytes=memory,
                elsewhere=place,
            )
            for letter, info, place in zip(LETTERS, infos, where, strict=True)
        ]
        a, b = (
            Corner(
                infos[side].run,
                plan.cases_of(side),
                benches[side],
                journals[side],
                dict(of.environment.settings) if of.environment else {},
            )
            for side, of in enumerate(plan.sides)
        )
        turns = Turns(
            (a, b), plan.pairs, plan.rounds, plan.seconds, infos[0].seed, monotonic, report
        )
        afterwards.callback(_write_ends, journals, infos, turns, benches, monotonic())
        try:
            turns.run()
        except KeyboardInterrupt:
            raise Interrupted(f"stopped: what was measured is in {folder}") from None
    return journals[0].path, journals[1].path


def _where(plan: DuelPlan, side: int) -> Where:
    """Where the executors of a side run: in its environment, or each in its own."""
    executors = (case.executor for case in plan.cases_of(side))
    return plan.sides[side].environment or homes_of(executors)


def _run_lines(plan: DuelPlan, here: Machine) -> list[RunInfo]:
    """Both run lines; each names the other."""
    profile = replace(
        TRY, name=SUITE, blocks=(plan.rounds,) * plan.pairs, budget_seconds=plan.seconds
    )
    infos = [
        describe_run(SweepPlan(SUITE, profile, plan.cases_of(side)), here, _where(plan, side))
        for side, of in enumerate(plan.sides)
    ]
    seed = infos[0].seed
    return [
        info.model_copy(
            update={
                "seed": seed,
                "plan": info.plan
                | {
                    "duel": {
                        "side": letter,
                        "name": of.name,
                        "against": other.run,
                        "cases": [case.model_dump() for case in plan.cases_of(side)],
                    }
                },
            }
        )
        for side, (letter, of, info, other) in enumerate(
            zip(LETTERS, plan.sides, infos, reversed(infos), strict=True)
        )
    ]


def _write_ends(
    journals: Sequence[JournalWriter],
    infos: Sequence[RunInfo],
    turns: Turns,
    benches: Sequence[ProcessBench],
    began: float,
) -> None:
    """Write the last line of both journals and close them; the time of the duel is shared by what
    each side's calls and start-ups took."""
    seconds = monotonic() - began
    spent = [bench.used_seconds + bench.starting_seconds for bench in benches]
    for side, journal in enumerate(journals):
        share = spent[side] / math.fsum(spent) if math.fsum(spent) > 0 else 0.5
        journal.append(
            End(
                run=infos[side].run,
                t=datetime.now(UTC).isoformat(timespec="milliseconds"),
                status=_status(turns),
                pairs=turns.measured[side],
                seconds=share * seconds,
                seconds_used=benches[side].used_seconds,
                seconds_starting=benches[side].starting_seconds,
                seconds_of_all=seconds,
            )
        )
        journal.close()


def _status(turns: Turns) -> Literal["complete", "out of budget", "interrupted"]:
    if not turns.finished:
        return "interrupted"
    return "out of budget" if turns.cut_short else "complete"
