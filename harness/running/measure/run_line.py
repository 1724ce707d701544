"""The first line of a run: what is measured, on which machine, with what."""

from __future__ import annotations

import random
import secrets
from datetime import UTC, datetime
from hashlib import sha256

from harness.core.central_schedulers import SETTING
from harness.core.records import Machine, RunInfo
from harness.core.run_options import KEPT_OUT
from harness.running.executors import central_schedulers, engine_packages, lookup, options
from harness.running.host import machine
from harness.running.host.batch_job import batch_job
from harness.running.host.checkout import commit_of_code
from harness.running.measure.environment.homes import Where
from harness.running.plan.sweep import SweepPlan
from harness.running.workloads import calibrated


def describe_run(plan: SweepPlan, here: Machine, elsewhere: Where | None = None) -> RunInfo:
    """The run line of *plan*, which starts now; its children run where *elsewhere* says."""
    commit, dirty = commit_of_code()
    now, job = datetime.now(UTC), batch_job()
    executors = {case.executor for case in plan.cases}
    per_us = calibrated.needed_by({case.workload for case in plan.cases})
    return RunInfo(
        run=run_name(plan.suite, now),
        suite=plan.suite,
        profile=plan.profile.name,
        commit=commit,
        dirty=dirty,
        looks=list(plan.profile.looks) if plan.profile.looks else None,
        job=job.job if job else None,
        machine=here,
        versions=machine.versions(engine_packages(sorted(executors)))
        | (dict(elsewhere.versions) if elsewhere else {}),
        seed=random.SystemRandom().getrandbits(32),
        plan={
            "rounds": plan.profile.rounds,
            "blocks": list(plan.profile.blocks),
            "cases": len(plan.cases),
            "digest": sha256("\n".join(map(repr, plan.cases)).encode()).hexdigest()[:16],
            **plan.question,
            **({"adapt": least} if (least := options.adapt()) else {}),
            **({"bind": "cores"} if options.bound() else {}),
            **({KEPT_OUT: True} if any(_certified(each, elsewhere) for each in executors) else {}),
        },
        settings={
            "gc.enabled": True,
            "gc.collect": "before each timed call",
            SETTING: central_schedulers(executors),
            **({calibrated.SETTING: per_us} if per_us else {}),
        },
        t=now.isoformat(timespec="milliseconds"),
        scheduler=job.scheduler if job else None,
        cluster=job.cluster if job else None,
        environment=elsewhere.name if elsewhere else None,
        homes=elsewhere.homes if elsewhere else {},
    )


def _certified(executor: str, elsewhere: Where | None) -> bool:
    """Whether the processes of *executor* connect by certificates."""
    engine = lookup(executor)
    there = elsewhere.of(executor) if elsewhere else None
    told = there.settings.get(KEPT_OUT) if there else None
    locked = told == "on" if told else options.secured(among_jobs=engine.among_jobs)
    return engine.certified and locked


def run_name(suite: str, now: datetime) -> str:
    """A run's name: UTC start, suite, short random suffix."""
    return f"{now:%Y%m%dT%H%M%SZ}-{suite}-{secrets.token_hex(2)}"
