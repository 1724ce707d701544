"""One sweep from plan to journal: machine, reaper, signals, resume."""

from __future__ import annotations

import os
import random
import secrets
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Literal

from harness.core.central_schedulers import SETTING
from harness.core.errors import Interrupted
from harness.core.journal_format import read_lines
from harness.core.records import End, Machine, RunInfo
from harness.running.executors import central_schedulers, engine_packages, options
from harness.running.host import machine
from harness.running.host.batch_job import batch_job
from harness.running.host.checkout import commit_of_code
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.reaper import Reaper
from harness.running.measure.sweep.journal import (
    Journal,
    begin,
    ended,
    run_name,
    same_work,
    unfinished,
)
from harness.running.measure.sweep.ledger import Decide
from harness.running.measure.sweep.loop import Progress, Sweep
from harness.running.measure.sweep.refining import Refine
from harness.running.measure.sweep.refusals import nearest_runnable, refusals
from harness.running.measure.sweep.separating import Separate, only_addable
from harness.running.plan.sweep import SweepPlan

SHORT = Path("/tmp")  # noqa: S108 - a folder of its own is made in it
LONGEST_TEMPORARY = 24
"""Ray's sockets live below the scratch folder, and a socket's path has at most 107 characters."""


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
    if resume and since:
        done = ended(folder, plan.suite, since, lambda info: same_work(info, fresh))
        if done:
            return done
    earlier = unfinished(folder, fresh) if resume else None
    memory = machine.usable_memory_bytes()
    plan = replace(plan, refused={**refusals(plan.cases, memory), **plan.refused})
    journal = Journal(earlier or begin(folder, fresh))
    records = list(read_lines(journal.path))
    info = next(record for record in records if isinstance(record, RunInfo))
    if earlier:  # from here on in another batch job, perhaps
        journal.append(fresh.model_copy(update={"run": info.run, "seed": info.seed}))
    reaper = _new_reaper()
    bench = ProcessBench(
        info.run,
        here.cores_usable or 1.0,
        reaper.scratch,
        reaper,
        plan.profile.limit_seconds,
        memory_bytes=memory,
        dashboard=dashboard,
    )
    sweep = Sweep(
        plan,
        info,
        bench,
        journal,
        decide=decide,
        clock=monotonic,
        report=report,
        refine=refine,
        fitting=partial(nearest_runnable, memory_bytes=memory),
        separate=separate and only_addable(separate, memory),
    )
    status: Literal["complete", "out of budget", "interrupted"] = "interrupted"
    try:
        with _stopped(watch_parent):
            sweep.resume(records)
            sweep.run()
            status = "out of budget" if sweep.cut_short else "complete"
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped: {sweep.pairs} pairs are kept in {journal.path}; go on with --resume"
        ) from None
    finally:
        with _undisturbed():
            reaper.finish()
            journal.append(
                End(
                    run=info.run,
                    t=datetime.now(UTC).isoformat(timespec="milliseconds"),
                    status=status,
                    pairs=sweep.pairs,
                    seconds=monotonic() - sweep.began,
                    seconds_used=bench.used_seconds,
                    seconds_starting=bench.starting_seconds,
                )
            )
            journal.close()
    return journal.path


@contextmanager
def supervised() -> Iterator[Reaper]:
    """A reaper with a scratch folder; signals stop what is done inside, and nothing is left."""
    reaper = _new_reaper()
    try:
        with _stopped(watch_parent=False):
            yield reaper
    finally:
        with _undisturbed():
            reaper.finish()


def _new_reaper() -> Reaper:
    scratch = Path(tempfile.mkdtemp(prefix="chunkbench-", dir=_temporary_folder()))
    return Reaper(secrets.token_hex(8), scratch)


def describe_run(plan: SweepPlan, here: Machine) -> RunInfo:
    """The run line of *plan*, which starts now."""
    commit, dirty = commit_of_code()
    now, job = datetime.now(UTC), batch_job()
    executors = {case.executor for case in plan.cases}
    return RunInfo(
        run=run_name(plan.suite, now),
        suite=plan.suite,
        profile=plan.profile.name,
        commit=commit,
        dirty=dirty,
        looks=list(plan.profile.looks) if plan.profile.looks else None,
        job=job.job if job else None,
        machine=here,
        versions=machine.versions(engine_packages(sorted(executors))),
        seed=random.SystemRandom().getrandbits(32),
        plan={
            "rounds": plan.profile.rounds,
            "blocks": list(plan.profile.blocks),
            "cases": len(plan.cases),
            "digest": sha256("\n".join(map(repr, plan.cases)).encode()).hexdigest()[:16],
            **({"adapt": least} if (least := options.adapt()) else {}),
        },
        settings={
            "gc.enabled": True,
            "gc.collect": "before each timed call",
            SETTING: central_schedulers(executors),
        },
        t=now.isoformat(timespec="milliseconds"),
        scheduler=job.scheduler if job else None,
        cluster=job.cluster if job else None,
    )


def _temporary_folder() -> str:
    """Where a scratch folder is made, so that the paths of sockets in it are not too long."""
    folder = tempfile.gettempdir()
    return folder if len(folder) <= LONGEST_TEMPORARY or not SHORT.is_dir() else str(SHORT)


@contextmanager
def stopped_by_signals(*numbers: int) -> Iterator[None]:
    """Turn the first of these signals into :class:`KeyboardInterrupt`; later ones do nothing."""
    told = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if not told:
            told = True
            raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _stopped(watch_parent: bool) -> Iterator[None]:
    """Stopped by SIGTERM, SIGHUP and, if asked, by the parent's end."""
    ended = threading.Event()
    with stopped_by_signals(signal.SIGTERM, signal.SIGHUP):
        if watch_parent:
            threading.Thread(target=_watch, args=(os.getppid(), ended), daemon=True).start()
        try:
            yield
        finally:
            ended.set()


def _watch(parent: int, ended: threading.Event) -> None:
    while not ended.is_set():
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        sleep(0.5)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a second Ctrl-C not cut the clean-up short; it is bounded."""
    before = None
    if threading.current_thread() is threading.main_thread():
        with suppress(ValueError):
            before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
