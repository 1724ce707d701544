"""Dask's workers as jobs of a batch system, by dask-jobqueue; scheduler and client stay here."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar

from harness.core.errors import MeasureError, UsageError
from harness.core.extras import installing
from harness.running.executors import options
from harness.running.executors.built_call import Layout
from harness.running.executors.dask_adapt import least_workers, let_adapt
from harness.running.executors.dask_client import DaskClient
from harness.running.executors.dask_locked import TLS_PROTOCOL, as_variables
from harness.running.executors.options import LOOPBACK
from harness.running.host.pins import VARIABLES

MEMORY = "1 GiB"
"""The memory that a job asks for where the user's configuration names none."""
EXPORTED = ("PYTHONPATH", "CHUNKBENCH_", "DASK_", *VARIABLES)
CONNECT_SECONDS = 60.0
LOOK_SECONDS = 1.0
WORDS = 300
LOCAL_PAGES = ("--dashboard-address", f"{LOOPBACK}:0")
"""A worker serves its pages to all interfaces unless told otherwise; ``--no-dashboard`` does not
end that server."""
SHARED = "shared-temp-directory"
RECORDED = ("cores", "processes", "memory", "walltime", "death-timeout", "interface")


class DaskSlurm(DaskClient):
    """Starts a ``SLURMCluster`` whose jobs are the workers.

    A job is one worker unless the user's ``jobqueue.yaml`` says otherwise; queue, walltime, account
    and memory come from there as well.
    """

    name = "dask-slurm"
    needs = ("dask_jobqueue", "distributed", "dask")
    install = installing("hpc")
    spans_machines: ClassVar[bool] = True
    among_jobs = True
    named_only = True
    pins = ("1", "default")  # a job has the cores that it asked for, not those of this node
    system: ClassVar[str] = "SLURM"
    section: ClassVar[str] = "slurm"
    cluster_class: ClassVar[str] = "SLURMCluster"
    programs: ClassVar[tuple[str, ...]] = ("sbatch", "scancel")
    handed_on: ClassVar[tuple[str, ...]] = ("DASK_", "SLURM_CONF")
    skipped: ClassVar[tuple[str, ...]] = ()
    directives: ClassVar[tuple[str, ...]] = ("--chdir=/tmp",)
    """The block's own folder need not be on the node of a job."""
    no_log: ClassVar[str] = "--output=/dev/null"

    @classmethod
    def missing(cls) -> str | None:
        absent = [program for program in cls.programs if shutil.which(program) is None]
        if absent:
            return f"no {', '.join(absent)}: run this where {cls.system} takes jobs"
        return super().missing()

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        # dask-jobqueue writes an example of its configuration to this place.
        own = {"DASK_CONFIG": str(scratch / "dask")}
        return super().environment(scratch, pins) | own | options.handed_on(cls.handed_on)

    @classmethod
    def start_limit_seconds(cls, workers: int) -> float:
        return options.queue_seconds() + CONNECT_SECONDS

    @classmethod
    def job_name(cls, scratch: Path) -> str:
        """Return the name that every job of one block has, by which they are found again."""
        return f"{scratch.parent.name}-{scratch.name}"

    @classmethod
    def cancellation(cls, scratch: Path) -> list[str]:
        return ["scancel", f"--jobname={cls.job_name(scratch)}"]

    def configured(self, name: str) -> Any:
        """Return what the user's ``jobqueue.yaml`` says of *name*, or ``None``."""
        import dask  # noqa: PLC0415

        return dask.config.get(f"jobqueue.{self.section}.{name}", None)

    def connect(self) -> Layout:
        import dask_jobqueue  # noqa: PLC0415
        from distributed import Client  # noqa: PLC0415

        cores = int(self.configured("cores") or 1)
        processes = int(self.configured("processes") or 1)
        memory = self.configured("memory") or MEMORY
        if self.workers % cores or cores % processes:
            raise UsageError(
                f"jobqueue.yaml gives a job {cores} cores and {processes} processes: "
                f"{self.workers} workers cannot be made of that"
            )
        jobs, wanted = self.workers // cores, self.workers // cores * processes
        least = least_workers(wanted)
        interface = options.interface() or self.configured("interface") or options.loopback()
        log = self.configured("log-directory")
        cluster_class = getattr(dask_jobqueue, self.cluster_class)
        keys, variables = self.keys() if self.locked else ({}, {})
        self.refusals: list[str] = []
        self.cluster = cluster_class(
            job_cls=_telling(cluster_class.job_cls, self.refusals),
            cores=cores,
            processes=processes,
            memory=memory,
            interface=interface,
            job_name=self.job_name(self.scratch),
            local_directory=self.configured("local-directory") or str(self.scratch),
            job_script_prologue=[
                *(self.configured("job-script-prologue") or ()),
                *_exports(variables),
            ],
            worker_extra_args=[
                *LOCAL_PAGES,
                *(self.configured("worker-extra-args") or ()),
            ],
            job_directives_skip=[*(self.configured("job-directives-skip") or ()), *self.skipped],
            job_extra_directives=[
                *self.directives,
                *(() if log else (self.no_log,)),
                *(self.configured("job-extra-directives") or ()),
            ],
            scheduler_options={
                **(self.configured("scheduler-options") or {}),
                "dashboard_address": f"{LOOPBACK}:0",
            },
            **keys,
        )
        self.client = Client(self.cluster)
        settings: dict[str, object] = {
            f"jobqueue.{name}": self.configured(name) for name in RECORDED
        } | {
            "jobqueue.cores": cores,
            "jobqueue.processes": processes,
            "jobqueue.memory": memory,
            "jobqueue.interface": interface,
        }
        if least is None:
            self.cluster.scale(jobs=jobs)
            settings["cluster"] = f"fixed: {self.workers} workers in {jobs} {self.system} jobs"
        else:
            wanted, more = let_adapt(self.cluster, least, wanted)
            settings |= more | {"cluster": f"{more['cluster']} in {self.system} jobs"}
        self._await_workers(wanted)
        settings["worker_jobs"] = self.jobs()
        return Layout(wanted, cores // processes, settings)

    def keys(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return how the workers get the certificate: arguments of the cluster, and variables that
        a job sets for itself.

        SLURM shows the script of a job to its owner alone.
        """
        return {"protocol": TLS_PROTOCOL}, as_variables(self.locked)

    def jobs(self) -> list[str]:
        """Return the jobs of the workers of now, under the names that accounting gives them."""
        ids = [worker.job_id for worker in self.cluster.workers.values()]
        return [f"{self.section}-{job}" for job in ids if job]

    def _await_workers(self, wanted: int) -> None:
        limit = options.queue_seconds()
        deadline = monotonic() + limit
        while not self._came(wanted):
            if self.refusals:
                self.stop()
                raise MeasureError(f"{self.system} took no job: {self.refusals[0]}")
            if monotonic() >= deadline:
                here = len(self.client.scheduler_info(n_workers=-1)["workers"])
                self.stop()
                raise MeasureError(
                    f"{here} of {wanted} workers came within {limit:.0f} s: see the queue; "
                    f"{options.QUEUE} waits longer, and log-directory in jobqueue.yaml "
                    "keeps what the jobs say"
                )

    def _came(self, wanted: int) -> bool:
        """Whether *wanted* workers are there, now or within a second."""
        try:
            self.client.wait_for_workers(wanted, timeout=LOOK_SECONDS)
        except TimeoutError:
            return False
        return True

    def stop(self) -> None:
        super().stop()
        self.cluster.close()  # cancels the jobs


class DaskSge(DaskSlurm):
    """Starts an ``SGECluster`` in the same way."""

    name = "dask-sge"
    system = "Grid Engine"
    section = "sge"
    cluster_class = "SGECluster"
    programs = ("qsub", "qdel")
    handed_on = ("DASK_", "SGE_")
    skipped = ("-cwd",)
    directives = ("-wd /tmp",)
    no_log = "-o /dev/null"

    @classmethod
    def cancellation(cls, scratch: Path) -> list[str]:
        return ["qdel", cls.job_name(scratch)]

    def keys(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the same, with the certificate in files of this user's own: Grid Engine may keep
        the script of a job where all users of a node can read it."""
        from distributed.security import Security  # noqa: PLC0415

        if not self.configured(SHARED):
            raise UsageError(
                f"the workers get their certificate by files: name {SHARED} in jobqueue.yaml, "
                "a folder that the nodes see, or choose --secure off"
            )
        plain = {name: value for name, value in self.locked.items() if "\n" not in str(value)}
        return {"security": Security()}, as_variables(plain)


def _telling(job: Any, refusals: list[str]) -> type:
    """Return a subclass of dask-jobqueue's class *job* that says when its jobs are refused.

    Left alone, dask-jobqueue only logs what the batch system says, and its client waits in vain;
    these jobs add it to *refusals*. They also say that they have failed or ended, since a cluster
    that closes may wait for that.
    """
    from distributed.core import Status  # noqa: PLC0415

    class Telling(job):  # type: ignore[misc]
        async def start(self) -> None:
            try:
                await super().start()
            except Exception as error:
                self.status = Status.failed
                _, _, words = str(error).rpartition("stderr:")
                refusals.append(" ".join(words.split())[:WORDS])
                raise

        async def close(self) -> None:
            await super().close()
            self.status = Status.closed

    return Telling


def _exports(variables: Mapping[str, str]) -> list[str]:
    """Return lines of a job's script that set what this process was started with, and
    *variables*."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith(EXPORTED)}
    return [
        f"export {name}={shlex.quote(value)}"
        for name, value in sorted({**inherited, **variables}.items())
    ]
