"""Results measured in batch jobs, and listings of these jobs as the schedulers print them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from harness.core.records import Block, Pair, Record, RunInfo, Scheduler
from tests.reading.ingest.builders import RUN, block, run_info, sweep, write_journal

START = "2026-11-23T08:15:00.000+00:00"
SACCT = (
    "JobID|JobName|State|ExitCode|AllocCPUS|NNodes|NTasks|ElapsedRaw|TotalCPU|Submit|Start|MaxRSS|"
    "TRESUsageInTot|ReqMem\n"
)


def sacct(
    job: str, *, state="COMPLETED", cpu="00:40:00", elapsed=1800, start="2026-11-23T09:14:50"
):
    """The two rows of a job of 2 cores on a cluster one hour east of Greenwich."""
    submit = start.replace("09:14:50", "09:04:50")
    row = f"{job}|night|{state}|0:0|2|1||{elapsed}|{cpu}|{submit}|{start}|||4G\n"
    step = f"{job}.batch|batch|{state}|0:0|2|1|1|{elapsed}|{cpu}|{start}|{start}|1G||\n"
    return row + step


def qacct(job: str, task: str = "undefined", *, start="11/23/2026 09:14:50", cpu=2400):
    """A record of a job of 2 slots."""
    return f"""==============================================================
qname        main.q
hostname     node1
jobname      night
jobnumber    {job}
taskid       {task}
qsub_time    11/23/2026 09:04:50
start_time   {start}
end_time     {start.replace("09:14:50", "09:44:50")}
slots        2
failed       0
exit_status  0
ru_wallclock 1800
ru_utime     {cpu}
ru_stime     0
ru_nivcsw    100
cpu          {cpu}
maxvmem      1.000GB
category     -l h_vmem=2G
"""


def in_job(
    results: Path,
    job: str | None = "12",
    *,
    run: str = RUN,
    scheduler=Scheduler.SLURM,
    machine: str = "made-up",
    resumed: str | None = None,
    workers: list[str] | None = None,
    seconds: float = 1500.0,
) -> Path:
    """A sweep measured in *job*; after half of its pairs *resumed* in another one.

    Its pairs took 20 s of wall time and used 1 s of CPU each.
    """
    info = run_info(
        run=run, job=job, scheduler=scheduler if job else None, cluster="bench", t=START
    )
    lines: list[Record] = []
    settings = {"worker_jobs": workers} if workers else {}
    for number, line in enumerate(sweep()):
        if isinstance(line, RunInfo):
            lines.append(info)
        elif isinstance(line, Block):
            lines.append(block(line.block, run=run, settings=settings))
        elif isinstance(line, Pair):
            update = {"run": run, "parallel_cpu_seconds": 1.0, "t": _at(20.0 * number)}
            lines.append(line.model_copy(update=update))
        else:
            lines.append(line.model_copy(update={"run": run, "t": _at(seconds)}))
        if resumed and number == 17:
            again = {"job": resumed, "t": _at(20.0 * number)}
            lines.append(info.model_copy(update=again))
    return write_journal(results / machine, lines, run)


def _at(seconds: float) -> str:
    return (datetime.fromisoformat(START) + timedelta(seconds=seconds)).isoformat()
