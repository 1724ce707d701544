"""The tables that reach beyond one run: batch jobs, run after run, forecasts, published claims."""

from __future__ import annotations

from harness.core.schema.columns import CASE, GROUP, PROVENANCE, STATUS, Column, estimate

JOBS = (
    *PROVENANCE,
    Column("job", "string", None, "scheduler and the job's own id, e.g. slurm-1234_7"),
    Column("scheduler", "string", None, "slurm, sge, pbs or lsf"),
    Column("cluster", "string", None, "the cluster's name, where the scheduler tells it"),
    Column("role", "string", None, "run: the job ran the sweep; workers: it was started by it"),
    Column("state", "string", None, "how the job ended; of several records the last"),
    Column("records", "Int64", None, "records of accounting it rests on: a requeue adds one"),
    Column("slots", "Int64", None, "cores granted"),
    Column("elapsed_seconds", "float64", "s", "from start to end, all records together"),
    Column("wait_seconds", "float64", "s", "in the queue, all records together"),
    Column("cpu_seconds", "float64", "s", "CPU time of the job"),
    Column("cpu_source", "string", None, "booked by the scheduler, or counted by the harness"),
    Column("cpu_is_lower_bound", "boolean", None, "some of the job's CPU time may be missing"),
    Column("cpu_efficiency", "float64", None, "CPU time over elapsed time times slots"),
    Column("cores_used", "float64", None, "CPU time over elapsed time"),
    Column("max_memory_bytes", "float64", "bytes", "most memory in use"),
    Column("requested_memory_bytes", "float64", "bytes", "memory asked for, for the whole job"),
    Column("memory_efficiency", "float64", None, "most memory in use over memory asked for"),
    Column("job_core_hours", "float64", "h", "elapsed time times slots, of the whole job"),
    Column("run_seconds", "float64", "s", "wall time that the run had in this job"),
    Column("core_hours", "float64", "h", "the run's part of them, by wall time among its runs"),
    Column("cases", "Int64", None, "cases of the run that this job measured or served"),
    Column("conclusions", "Int64", None, "of these, cases with a verdict but undetermined"),
    Column("core_hours_per_conclusion", "float64", "h", "core-hours over conclusions"),
    Column("parallel_efficiency", "float64", None, "median of speedup over workers, of its cases"),
    Column("findings", "string", None, "what the scheduler's figures say, in plain words"),
    Column("reason", "string", None, "what is missing or has to be known, and why"),
)

JOB_CASES = (
    *PROVENANCE,
    *CASE,
    Column("job", "string", None, "scheduler and the job's own id, e.g. slurm-1234_7"),
    Column("role", "string", None, "run: the job ran the sweep; workers: it was started by it"),
    *STATUS,
    Column("verdict", "string", None, "verdict on the case, on all of its rounds"),
    Column("rounds", "Int64", None, "rounds with a result that were measured in this job"),
    *estimate("efficiency", None, "parallel efficiency: speedup over workers"),
    Column("case_cpu_efficiency", "float64", None, "CPU time of the calls over time times workers"),
    Column("job_cpu_efficiency", "float64", None, "CPU efficiency of the job that measured it"),
    Column("core_hours", "float64", "h", "its part of the job's, by time in calls"),
)

HISTORY = (
    Column("machine", "string", None, "name that the machine's owner gave it"),
    Column("suite", "string", None, "suite that planned the sweep"),
    Column("profile", "string", None, "profile that set sizes and rounds"),
    *CASE,
    Column("figure", "string", None, "speedup, seconds, overhead_us_per_task, break_even or metg"),
    Column("run", "string", None, "name of the run: UTC start, suite and a random suffix"),
    Column("t", "string", None, "UTC time at which the run started"),
    Column("commit", "string", None, "commit of the code that measured"),
    *estimate("value", None, "the figure in this run, in its own unit"),
    Column("rounds", "Int64", None, "rounds of the case; absent for figures of several cases"),
    Column("status", "string", None, "ok, or why this run has no value"),
    Column("segment", "Int64", None, "stretch between changes, from 0"),
    Column("segment_runs", "Int64", None, "runs with a value in the stretch"),
    *estimate("level", None, "level of the stretch, by the spread between its runs"),
    Column("change", "string", None, "at the first run of a stretch: higher or lower than before"),
    *estimate("ratio", None, "level of the stretch over that of the one before"),
    Column("earliest_run", "string", None, "the first run that the stretch may start at (95 %)"),
    Column("latest_run", "string", None, "the last run that it may start at (95 %)"),
    Column("linked_versions", "string", None, "versions that changed where it may start"),
    Column("versions_changed", "string", None, "versions that differ from the run before"),
    Column("reason", "string", None, "why no change was looked for, or how often one is false"),
)

FORECAST = (
    *PROVENANCE,
    *GROUP,
    Column("calibration", "string", None, "what the costs are taken from"),
    Column("at_workers", "Int64", None, "workers that the forecast is for; nothing was measured"),
    *estimate("metg_seconds", "s", "forecast of METG(50 %): max(P*s, o/(1 - P/(2*S)))"),
    *estimate("break_even_seconds", "s", "forecast of the work in a task at which TP = T1"),
    *estimate("saturation_seconds", "s", "forecast of the work in a task that feeds all workers"),
    *estimate("saturation_workers", None, "forecast of the workers that tasks of 100 ms can feed"),
    Column("published_seconds", "float64", "s", "METG(50 %) that was published for as many"),
    *estimate("published_over_forecast", None, "published METG over its forecast; 1: it is right"),
    Column("calibrated_on", "boolean", None, "the published figure is one of those calibrated on"),
    Column("reason", "string", None, "what the forecast lacks, or why not to believe it"),
)

CLAIMS = (
    *PROVENANCE,
    Column("claim", "string", None, "short name of the claim"),
    Column("says", "string", None, "what is claimed"),
    Column("source", "string", None, "where it was published"),
    Column("quantity", "string", None, "us a task, tasks/s, T1/TP, time ratio, % of 100 ms"),
    Column(
        "rule", "string", None, "how it is meant: about (within 2x), at least, at most, between"
    ),
    Column("published", "float64", "quantity", "the figure that was published"),
    Column("published_to", "float64", "quantity", "end of the range, where a range was published"),
    Column("allowed_low", "float64", "quantity", "least figure with which the claim holds"),
    Column("allowed_high", "float64", "quantity", "greatest figure with which the claim holds"),
    Column("executor", "string", None, "who ran it"),
    Column("workers", "Int64", None, "how many tasks could run at once"),
    *estimate("loop", "quantity", "the claimant's own loop, time of a call over its tasks"),
    *estimate("paired", "quantity", "the same of overhead per task, in pairs with the baseline"),
    Column("rounds", "Int64", None, "rounds of the figure that was judged"),
    Column("blocks", "Int64", None, "engine start-ups that they come from"),
    Column("judged", "string", None, "which of the two was judged: loop or paired"),
    Column("verdict", "string", None, "holds, does not hold, undetermined, not measured here"),
    Column("verdict_paired", "string", None, "the same of the paired figure"),
    Column("differs", "string", None, "what is not the same here"),
    Column("reason", "string", None, "why it was not measured, or is undetermined"),
)
