"""One sweep from plan to journal: machine, resume, supervision, and the journal's last line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Literal

from harness.core.errors import Interrupted
from harness.core.journal_format import read_lines
from harness.core.records import End, RunInfo
from harness.running.executors import options
from harness.running.host import machine
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.supervision import supervised
from harness.running.measure.run_line import describe_run
from harness.running.measure.sweep.case_history import Decide
from harness.running.measure.sweep.journal import (
    JournalWriter,
    Record,
    begin,
    ended,
    same_work,
    unfinished,
)
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.refining import Refine
from harness.running.measure.sweep.refusals import nearest_runnable, refusals
from harness.running.measure.sweep.separating import Separate, only_automatic
from harness.running.plan.sweep import SweepPlan
from harness.running.workloads import calibrated


def measure(
    plan: SweepPlan,
    results: Path,
    *,
    decide: Decide,
    refine: Refine | None = None,
    separate: Separate | None = None,
    machine_name: str | None = None,
    resume: bool = False,
    since: datetime | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    watch_parent: bool = False,
    dashboard: bool = False,
) -> Path:
    """Measure *plan*; the path of the journal.

    Parameters
    ----------
    plan : SweepPlan
    results : Path
        The results folder; the journal goes to ``<machine>/journal/`` in it.
    decide : Decide
        The stopping rule.
    refine : Refine, optional
        Which chunks to measure beyond the plan.
    separate : Separate, optional
        With *refine*: which numbers of workers to measure beyond the plan.
    machine_name : str, optional
        What the owner calls this machine.
    resume : bool
        Go on with the newest unfinished run of the same suite and profile, if there is one.
    since : datetime, optional
        With *resume*: where a run of the same plan and commit came to its end after this moment,
        measure nothing; its journal is the answer.
    report : callable
        Told of progress.
    watch_parent : bool
        Stop when the parent process ends, as ASV's helper must when ASV is killed.
    dashboard : bool
        Whether engines that have a dashboard open it, on the loopback; each link is told to
        *report*.

    Raises
    ------
    UsageError
        Where an option of the site, such as an address, is not what it should be.
    Interrupted
        On Ctrl-C, SIGTERM or SIGHUP; what was measured is in the journal.
    """
    options.validate()
    here = machine.describe(machine_name)
    folder = results / here.name / "journal"
    fresh = describe_run(plan, here)
    if resume and since and (done := ended(folder, plan.suite, since, partial(same_work, fresh))):
        return done
    memory = machine.usable_memory_bytes()
    plan = replace(plan, refused={**refusals(plan.cases, memory), **plan.refused})
    journal, info, records = _open_journal(folder, fresh, resume)
    calibrated.keep_setting(info.settings)
    afterwards = ExitStack()
    with supervised(watch_parent=watch_parent, afterwards=afterwards) as reaper:
        bench = ProcessBench(
            info.run,
            here.cores_usable or 1.0,
            reaper.scratch,
            reaper,
            plan.profile.limit_seconds,
            memory_bytes=memory,
            dashboard=dashboard,
        )
        sweep = SweepLoop(
            plan,
            info,
            bench,
            journal,
            decide=decide,
            clock=monotonic,
            report=report,
            refine=refine,
            fitting=partial(nearest_runnable, memory_bytes=memory),
            separate=separate and only_automatic(separate, memory),
        )
        afterwards.callback(_write_end, journal, info, sweep, bench)
        _run(sweep, records, journal.path)
    return journal.path


def _open_journal(
    folder: Path, fresh: RunInfo, resume: bool
) -> tuple[JournalWriter, RunInfo, list[Record]]:
    """The journal to write to, the first line of its run, and what it holds already: a new one, or
    with *resume* the newest unfinished one of the same work, if there is one."""
    earlier = unfinished(folder, fresh) if resume else None
    journal = JournalWriter(earlier or begin(folder, fresh))
    records = list(read_lines(journal.path))
    info = next(record for record in records if isinstance(record, RunInfo))
    if earlier:  # from here on in another batch job, perhaps
        records.append(fresh.model_copy(update={"run": info.run, "seed": info.seed}))
        journal.append(records[-1])
    return journal, info, records


def _run(sweep: SweepLoop, records: Iterable[Record], path: Path) -> None:
    """Measure what *records*, those of the journal at *path*, do not have yet."""
    try:
        sweep.resume(records)
        sweep.run()
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped: {sweep.ledger.pairs} pairs are kept in {path}; go on with --resume"
        ) from None


def _write_end(
    journal: JournalWriter, info: RunInfo, sweep: SweepLoop, bench: ProcessBench
) -> None:
    """Write the journal's last line and close it."""
    journal.append(
        End(
            run=info.run,
            t=datetime.now(UTC).isoformat(timespec="milliseconds"),
            status=_status(sweep),
            pairs=sweep.ledger.pairs,
            seconds=monotonic() - sweep.budget.began,
            seconds_used=bench.used_seconds,
            seconds_starting=bench.starting_seconds,
        )
    )
    journal.close()


def _status(sweep: SweepLoop) -> Literal["complete", "out of budget", "interrupted"]:
    if not sweep.finished:
        return "interrupted"
    return "out of budget" if sweep.budget.cut_short else "complete"
