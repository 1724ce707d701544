"""One sweep from plan to journal: machine, resume, supervision, and the journal's last line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Literal, Required, TypedDict, Unpack

from harness.core.errors import Interrupted
from harness.core.journal_format import read_lines
from harness.core.records import End, JournalLine, Machine, Pair, RunInfo, Status
from harness.running.executors import options
from harness.running.host import job_memory, machine
from harness.running.host.node_disk import node_folder
from harness.running.measure.environment.homes import Where, homes_of
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.block_context import ceiling_effort
from harness.running.measure.process.scratch_parent import scratch_parent
from harness.running.measure.process.supervision import supervised
from harness.running.measure.run_line import describe_run
from harness.running.measure.sweep.case_history import Decide
from harness.running.measure.sweep.copied_journal import (
    COPIED,
    SETTING,
    bring_rest,
    opened,
)
from harness.running.measure.sweep.copied_journal import elsewhere as last_lines_elsewhere
from harness.running.measure.sweep.journal import (
    Earlier,
    JournalWriter,
    begin,
    ended,
    same_plan,
    unfinished,
)
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.refining import Refine
from harness.running.measure.sweep.refusals import nearest_runnable, refusals
from harness.running.measure.sweep.separating import Separate, only_automatic
from harness.running.measure.sweep.suites_together import Routed, SuitePart, joined, together
from harness.running.plan.sweep import SweepPlan
from harness.running.workloads import calibrated


class How(TypedDict, total=False):
    """How plans are measured.

    Attributes
    ----------
    decide : Decide
        The stopping rule.
    refine : Refine, optional
        Which chunks to measure beyond the plan.
    separate : Separate, optional
        With *refine*: which numbers of workers to measure beyond the plan.
    machine_name : str, optional
        What the owner calls this machine.
    resume : bool
        Go on with the newest unfinished run of the same suite and profile, if there is one; never
        with other versions, on another processor or on other usable cores.
    since : datetime, optional
        With *resume*: where a run of the same plan and commit came to its end after this moment,
        measure nothing for it; its journal is the answer. A run that began before it is not gone
        on with.
    report : callable
        Told of progress.
    watch_parent : bool
        Stop when the parent process ends, as ASV's helper must when ASV is killed.
    dashboard : bool
        Whether engines that have a dashboard open it, on the loopback; each link is told to
        *report*.
    elsewhere : Environment or Homes, optional
        The Python that children run on, baselines too; by default that of the environment which an
        executor lives in, and else the one that runs the sweep.
    """

    decide: Required[Decide]
    refine: Refine | None
    separate: Separate | None
    machine_name: str | None
    resume: bool
    since: datetime | None
    report: Callable[[Progress], None]
    watch_parent: bool
    dashboard: bool
    elsewhere: Where | None


def measure(plan: SweepPlan, results: Path, **how: Unpack[How]) -> Path:
    """Measure *plan*; the path of the journal.

    See :func:`measure_together` for all else.
    """
    [journal] = measure_together([plan], results, **how)
    return journal


def measure_together(plans: Sequence[SweepPlan], results: Path, **how: Unpack[How]) -> list[Path]:
    """Measure *plans* as one sweep, within the sum of their budgets: one start-up of an engine
    serves all of them. Each has a journal of its own; their paths, in the order of *plans*.

    Parameters
    ----------
    plans : sequence of SweepPlan
        Of different suites, with one profile but for its budget.
    results : Path
        The results folder; the journals go to ``<machine>/journal/`` in it.
    how : How
        See there.

    Raises
    ------
    UsageError
        Where an option of the site, such as an address, is not what it should be.
    Interrupted
        On Ctrl-C, or another signal that asks to stop; what was measured is in the journals.
    """
    options.validate()
    here = machine.describe(how.get("machine_name"))
    folder = results / here.name / "journal"
    near = node_folder(folder)
    memory = job_memory.usable_memory_bytes()
    resume, since = how.get("resume", False), how.get("since")
    elsewhere = how.get("elsewhere") or homes_of(c.executor for plan in plans for c in plan.cases)
    report = how.get("report") or (lambda progress: None)
    how = {**how, "report": report, "elsewhere": elsewhere}

    def say(news: str) -> None:
        report(Progress(0, sum(len(plan.cases) for plan in plans), "", news=news))

    for news in bring_rest(near, folder) if near else ():
        say(news)
    paths: dict[str, Path] = {}
    wanted: list[tuple[SweepPlan, RunInfo, Path | None]] = []
    for plan in plans:
        fresh = describe_run(plan, here, elsewhere)
        if near:
            fresh = fresh.model_copy(update={"settings": {**fresh.settings, SETTING: COPIED}})
        if resume and since:
            done = ended(folder, plan.suite, since, partial(same_plan, fresh))
            if done is not None:
                paths[plan.suite] = done
                continue
        refused = {**refusals(plan.cases, memory, elsewhere), **plan.refused}
        going_on = unfinished(folder, fresh, since) if resume else Earlier(None)
        if going_on.not_resumed:
            say(f"a new run: {going_on.not_resumed}")
        wanted.append((replace(plan, refused=refused), fresh, going_on.path))
    parts: list[SuitePart] = []
    journals: list[JournalWriter] = []
    records: list[list[JournalLine]] = []
    for plan, fresh, path in wanted:  # all is known by now, so that none waits long for its end
        journal, info, earlier = _open_journal(folder, fresh, path, near)
        if path and (missing := last_lines_elsewhere(earlier[:-1], here.node)):
            say(missing)
        pairs = sum(isinstance(each, Pair) and each.status is Status.OK for each in earlier)
        parts.append(SuitePart(plan, info, journal, pairs))
        journals.append(journal)
        records.append(earlier)
        paths[plan.suite] = journal.path
    if parts:
        _sweep(parts, journals, together(records), here, memory, how)
    return [paths[plan.suite] for plan in plans]


def _sweep(
    parts: Sequence[SuitePart],
    journals: Sequence[JournalWriter],
    records: Sequence[JournalLine],
    here: Machine,
    memory: int,
    how: How,
) -> None:
    """Measure what *records*, those of the journals of *parts*, do not have yet."""
    info = parts[0].info
    calibrated.keep_setting({name: of for part in parts for name, of in part.info.settings.items()})
    plan = joined([part.plan for part in parts])
    separate, elsewhere = how.get("separate"), how.get("elsewhere")
    report = how["report"]
    parent = scratch_parent({case.executor for case in plan.cases if case not in plan.refused})
    if parent.note:
        report(Progress(0, len(plan.cases), plan.suite, news=parent.note))
    afterwards = ExitStack()
    with supervised(
        watch_parent=how.get("watch_parent", False), afterwards=afterwards, parent=parent.path
    ) as reaper:
        bench = ProcessBench(
            info.run,
            here.cores_usable or 1.0,
            reaper.scratch,
            reaper,
            plan.profile.limit_seconds,
            memory_bytes=memory,
            dashboard=how.get("dashboard", False),
            ceilings_effort=ceiling_effort(len(plan.profile.blocks)),
            elsewhere=elsewhere,
        )
        sweep = SweepLoop(
            plan,
            info,
            bench,
            Routed(parts),
            decide=how["decide"],
            clock=monotonic,
            report=report,
            refine=how.get("refine"),
            fitting=partial(nearest_runnable, memory_bytes=memory, elsewhere=elsewhere),
            separate=separate and only_automatic(separate, memory, elsewhere),
        )
        afterwards.callback(_write_ends, parts, journals, sweep, bench)
        try:
            sweep.resume(records)
            sweep.run()
        except KeyboardInterrupt:
            where = journals[0].path
            kept = where if len(parts) == 1 else where.parent
            raise Interrupted(
                f"stopped: {sweep.ledger.pairs} pairs are kept in {kept}; go on with --resume"
            ) from None


def _open_journal(
    folder: Path, fresh: RunInfo, earlier: Path | None, near: Path | None
) -> tuple[JournalWriter, RunInfo, list[JournalLine]]:
    """The journal to write to, the first line of its run, and what it holds already: a new one, or
    that of an *earlier* part of the run; written *near*, on the node's disk, if that is given."""
    journal = opened(earlier or begin(folder, fresh), near)
    records = list(read_lines(journal.path))
    info = next(record for record in records if isinstance(record, RunInfo))
    if earlier:  # from here on in another batch job, perhaps
        records.append(fresh.model_copy(update={"run": info.run, "seed": info.seed}))
        journal.append(records[-1])
    return journal, info, records


def _write_ends(
    parts: Sequence[SuitePart],
    journals: Sequence[JournalWriter],
    sweep: SweepLoop,
    bench: ProcessBench,
) -> None:
    """Write the last line of each journal and close it. Start-ups serve several suites: the time
    of the sweep is shared among them by what their calls took, so that the lines add up to it."""
    calls = math.fsum(part.seconds for part in parts)
    seconds = monotonic() - sweep.budget.began
    for part, journal in zip(parts, journals, strict=True):
        share = part.seconds / calls if calls > 0 else 1 / len(parts)
        journal.append(
            End(
                run=part.info.run,
                t=datetime.now(UTC).isoformat(timespec="milliseconds"),
                status=_status(sweep),
                pairs=part.pairs,
                seconds=share * seconds,
                seconds_used=share * bench.used_seconds,
                seconds_starting=share * bench.starting_seconds,
                seconds_of_all=seconds,
            )
        )
        journal.close()


def _status(sweep: SweepLoop) -> Literal["complete", "out of budget", "interrupted"]:
    if not sweep.finished:
        return "interrupted"
    return "out of budget" if sweep.budget.cut_short else "complete"
