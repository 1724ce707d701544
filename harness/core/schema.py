"""The tidy tables, once: the name, dtype, unit and meaning of every column.

The measuring half fills them by way of the journal, the reading half builds frames that obey them.
"""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """One column: ``dtype`` is a pandas dtype (absent is ``NA`` or ``NaN``, never 0)."""

    name: str
    dtype: str
    unit: str | None
    meaning: str


def _estimate(name: str, unit: str | None, meaning: str) -> tuple[Column, ...]:
    return (
        Column(name, "float64", unit, meaning),
        Column(f"{name}_low", "float64", unit, f"lower end of the 95 % interval of {name}"),
        Column(f"{name}_high", "float64", unit, f"upper end of the 95 % interval of {name}"),
    )


PROVENANCE = (
    Column("machine", "string", None, "name that the machine's owner gave it"),
    Column("run", "string", None, "name of the run: UTC start, suite and a random suffix"),
    Column("commit", "string", None, "commit of the code that measured"),
    Column("suite", "string", None, "suite that planned the sweep"),
    Column("profile", "string", None, "profile that set sizes and rounds"),
)

GROUP = (
    Column("workload", "string", None, "what is computed"),
    Column("size", "Int64", "elements", "elements of the whole problem"),
    Column("executor", "string", None, "who runs it"),
    Column("workers", "Int64", None, "how many tasks can run at once"),
    Column("pin", "string", None, "limit on native threads: 1, cores, or default"),
)

CASE = (*GROUP, Column("chunk", "Int64", "elements", "elements handed to one task"))

CHUNKING = (
    Column("chunk_shape", "string", None, "shape of a chunk"),
    Column("chunk_bytes", "Int64", "bytes", "bytes of a chunk"),
    Column("n_chunks", "Int64", None, "chunks that the problem is cut into"),
    Column("n_tasks", "Int64", None, "tasks handed to the scheduler"),
)

STATUS = (
    Column("status", "string", None, "ok, skipped, failed, timeout, out of memory, wrong answer"),
    Column("reason", "string", None, "why there is no result"),
)

PAIRS = (
    *PROVENANCE,
    *CASE,
    *CHUNKING,
    Column("t", "string", None, "UTC time at which the pair ended"),
    Column("block", "Int64", None, "engine start-up that served the pair"),
    Column("round", "Int64", None, "round within the run"),
    Column("purpose", "string", None, "why the sweep added it: refine, confirm or separate"),
    Column("first", "string", None, "which of the two ran first: parallel or serial"),
    Column("calls", "Int64", None, "whole calls timed as one batch"),
    Column("serial_calls", "Int64", None, "whole baseline calls timed as one batch"),
    Column("parallel_seconds", "float64", "s", "time of one call of the case"),
    Column("serial_seconds", "float64", "s", "time of one call of its baseline"),
    Column("replay_seconds", "float64", "s", "time of the same chunks one after the other"),
    Column("gap_seconds", "float64", "s", "time between the two runs"),
    Column("quiet_wait_seconds", "float64", "s", "wait for the engine to go quiet"),
    Column("parallel_cpu_seconds", "float64", "s", "CPU time of the process tree in the call"),
    Column("peak_rss_bytes", "Int64", "bytes", "sum of the peak resident sets of the tree"),
    Column("build_seconds", "float64", "s", "phase: building the plan"),
    Column("compute_seconds", "float64", "s", "phase: running the plan"),
    Column("calibration_ratio", "float64", None, "calibration kernel after over before the pair"),
    Column("steal_fraction", "float64", None, "CPU time stolen by the hypervisor"),
    Column("pressure_fraction", "float64", None, "time in which a task waited for a CPU"),
    Column("throttled_seconds", "float64", "s", "time throttled by the own control group"),
    Column("frequency_mhz", "float64", "MHz", "CPU frequency after the pair"),
    Column("voluntary_switches", "Int64", None, "voluntary context switches of the tree"),
    Column("involuntary_switches", "Int64", None, "involuntary context switches of the tree"),
    *STATUS,
    Column("job", "string", None, "batch job that measured the pair, e.g. slurm-1234_7"),
)

BLOCKS = (
    *PROVENANCE,
    *GROUP,
    Column("block", "Int64", None, "number of the engine start-up within the run"),
    Column("processes", "Int64", None, "processes that compute"),
    Column("threads_per_process", "Int64", None, "threads that compute in each"),
    Column("oversubscribed", "boolean", None, "more workers than usable cores"),
    Column("native_threads", "Int64", None, "native threads read back inside the workers"),
    Column("cluster", "string", None, "what a cluster is made of, and whether its size is fixed"),
    Column("nodes", "Int64", None, "nodes that its workers ran on, where it may have several"),
    Column("startup_seconds", "float64", "s", "engine start-up"),
    Column("first_call_seconds", "float64", "s", "first call after start-up"),
    Column("ceiling", "float64", None, "S(P): speed-up of P independent kernels, no scheduler"),
)

CASES = (
    *PROVENANCE,
    *CASE,
    *CHUNKING,
    *STATUS,
    Column("paired", "boolean", None, "measured in pairs; if not, there is no verdict"),
    Column("oversubscribed", "boolean", None, "more workers than usable cores"),
    Column("native_threads", "Int64", None, "native threads read back inside the workers"),
    Column("cluster", "string", None, "what a cluster is made of, and whether its size is fixed"),
    Column("nodes", "Int64", None, "nodes that its workers ran on, where it may have several"),
    Column("rounds", "Int64", None, "rounds with a result"),
    Column("blocks", "Int64", None, "engine start-ups that they come from"),
    *_estimate("seconds", "s", "time of one call of the case, TP"),
    *_estimate("baseline_seconds", "s", "time of one call of the baseline, T1"),
    *_estimate("replay_seconds", "s", "time of the serial replay of the chunks"),
    *_estimate("speedup", None, "T1/TP: exp of the median over rounds of log(T1/TP)"),
    Column("speedup_ratio_of_medians", "float64", None, "median T1 over median TP"),
    Column("speedup_unflagged", "float64", None, "speedup without the flagged rounds"),
    Column("flagged", "Int64", None, "rounds whose calibration moved by more than 10 %"),
    *_estimate("efficiency", None, "speedup over workers"),
    Column("ceiling", "float64", None, "S(P): speed-up of P independent kernels, no scheduler"),
    *_estimate("gain_seconds", "s", "T1 - T1/S, the most that parallelism can save here"),
    *_estimate("overhead_seconds", "s", "TP - T1/S, everything spent above that ceiling"),
    *_estimate(
        "overhead_over_gain", None, "overhead over gain: above 1 it costs more than it saves"
    ),
    *_estimate("overhead_us_per_task", "us", "overhead over the number of tasks"),
    Column("granularity_seconds", "float64", "s", "TP * P / n_tasks, mean task granularity"),
    Column("startup_seconds", "float64", "s", "median engine start-up, never inside a case"),
    Column("first_call_seconds", "float64", "s", "median first call after start-up"),
    Column("peak_rss_bytes", "Int64", "bytes", "largest peak resident set of the tree"),
    Column("autocorrelation", "float64", None, "lag-1 autocorrelation of log(T1/TP) over rounds"),
    Column("scope", "string", None, "for these start-ups, or beyond them"),
    Column("verdict", "string", None, "pays, overhead exceeds gain, equal, undetermined"),
    Column("verdict_vs_all_cores", "string", None, "the same against NumPy on all cores"),
    Column("warning", "string", None, "why to read the verdict with care"),
    Column("job", "string", None, "batch jobs that measured it, e.g. slurm-1234_7, slurm-1240"),
)

BREAK_EVEN = (
    *PROVENANCE,
    *GROUP,
    Column("side", "string", None, "small, large, or best"),
    Column("status", "string", None, "found, always pays, never pays, not monotone, undetermined"),
    Column("chunk", "float64", "elements", "break-even or recommended chunk"),
    Column("chunk_low", "float64", "elements", "lower end of its interval or set"),
    Column("chunk_high", "float64", "elements", "upper end of its interval or set"),
    Column("bracket_low", "float64", "elements", "largest measured chunk below the crossing"),
    Column("bracket_high", "float64", "elements", "smallest measured chunk above the crossing"),
    *_estimate("fresh_speedup", None, "T1/TP of the recommended chunk, in fresh rounds alone"),
    Column(
        "confirmed", "boolean", None, "fresh rounds give the recommended chunk its verdict again"
    ),
    Column("chunks_added", "Int64", None, "chunks that the sweep added to its grid"),
    Column("pairs_saved", "Int64", None, "pairs that a grid as fine throughout needs beyond these"),
    Column("reason", "string", None, "what the status rests on"),
)

CONTRASTS = (
    *PROVENANCE,
    Column("kind", "string", None, "practice, pin, threads or processes"),
    *CASE,
    Column("native_threads", "Int64", None, "native threads read back inside the workers"),
    Column("other_workload", "string", None, "workload of the case that it is compared with"),
    Column("other_executor", "string", None, "executor of that case"),
    Column("other_pin", "string", None, "pin of that case"),
    Column("other_chunk", "Int64", "elements", "chunk of that case"),
    Column("other_native_threads", "Int64", None, "native threads read back inside its workers"),
    Column("rounds", "Int64", None, "rounds that both have"),
    Column("blocks", "Int64", None, "engine start-ups that they come from"),
    *_estimate("ratio", None, "time of the other case over the time of this one, round by round"),
    Column("scope", "string", None, "for these start-ups, or beyond them"),
    Column("verdict", "string", None, "faster, slower, equal, undetermined"),
    Column("p", "float64", None, "two-sided p-value of the sign test that the ratio is 1"),
    Column("sentence", "string", None, "the comparison in words"),
)

ANSWERS = (
    *PROVENANCE,
    Column("kind", "string", None, "practice, pin, threads or processes"),
    Column("workload", "string", None, "what is computed"),
    Column("sentence", "string", None, "what all comparisons of that kind say together"),
)

PINS = (
    *PROVENANCE,
    *CASE,
    Column("native_threads", "Int64", None, "native threads read back inside the workers"),
    Column("threads_wanted", "Int64", None, "workers times native threads"),
    Column("cores", "float64", None, "usable cores"),
    Column("too_many_threads", "boolean", None, "more threads wanted than cores usable"),
    *_estimate("seconds", "s", "time of one call of the case, TP"),
    *_estimate("over_pin_1", None, "time over that under pin 1, round by round"),
    Column("verdict", "string", None, "against pin 1: faster, slower, equal, undetermined"),
)

COMPARISON = (
    *CASE,
    Column("metric", "string", None, "speedup, seconds, or overhead_us_per_task"),
    *_estimate("a", None, "value on side A, in the metric's unit; of a group over its chunks"),
    *_estimate("b", None, "value on side B, in the metric's unit; of a group over its chunks"),
    *_estimate("ratio", None, "value on side B over value on side A"),
    Column("difference", "string", None, "higher, lower (B than A), equal, undetermined"),
    Column("reason", "string", None, "why it is undetermined"),
    Column("verdict_a", "string", None, "verdict on the case on side A"),
    Column("verdict_b", "string", None, "verdict on the case on side B"),
    Column("replicate", "string", None, "what the intervals rest on: run, or start-up"),
    Column("n_a", "Int64", None, "how many of them side A has"),
    Column("n_b", "Int64", None, "how many of them side B has"),
    Column("spread_a", "float64", None, "standard deviation of their logarithms on side A"),
    Column("spread_b", "float64", None, "standard deviation of their logarithms on side B"),
)

METG = (
    *PROVENANCE,
    *GROUP,
    Column("target", "float64", None, "efficiency to be reached: 0.5 or 0.8"),
    *_estimate("seconds", "s", "METG: smallest mean task granularity that reaches the target"),
    *_estimate("over_baseline", None, "METG in units of T1: 1/(target * tasks at the crossing)"),
    *_estimate("baseline_seconds", "s", "median T1 of the sweep, by its drift from round to round"),
    Column("censored", "string", None, "below, above, never, or absent where METG was found"),
    Column(
        "dependencies", "string", None, "dependencies of the tasks: independent, 3-point stencil"
    ),
    Column("rounds", "Int64", None, "rounds that all chunks of the group have"),
    Column("reason", "string", None, "what the result rests on"),
)

MODEL = (
    *PROVENANCE,
    *GROUP,
    *_estimate("fixed_seconds", "s", "c0: cost of a call, whatever the number of tasks"),
    *_estimate("serial_us_per_task", "us", "s: cost of a task that only one can pay at a time"),
    *_estimate("parallel_us_per_task", "us", "o: cost of a task that the workers share"),
    *_estimate("ceiling", None, "S(P), from the ceiling control"),
    Column("baseline_seconds", "float64", "s", "median T1, the unit in which costs were fitted"),
    Column("not_identifiable", "string", None, "costs of which at most an upper end is known"),
    Column("fitted_workers", "string", None, "worker counts with these costs, e.g. 1, 2"),
    Column("added_workers", "string", None, "those that the sweep added to see a cost"),
    Column("anchored", "boolean", None, "an empty-task sweep took part in the fit"),
    Column("residual", "float64", None, "largest of |model over median TP/T1 - 1| on the grid"),
    Column("accepted", "boolean", None, "the residuals show no structure above 10 %"),
    Column("reason", "string", None, "why there is no fit, or not one to believe, or to share"),
)

RESIDUALS = (
    *PROVENANCE,
    *CASE,
    *_estimate("residual", None, "the model's TP/T1 over the measured one, less 1"),
    Column("serial_binds", "boolean", None, "K*s is above K*o/P + W/S there"),
    Column("accepted", "boolean", None, "as in the table model"),
)

CONTROLS = (
    *PROVENANCE,
    *CASE,
    *_estimate("seconds", "s", "TP: the sum of the six parts"),
    *_estimate("ideal_seconds", "s", "T1/P"),
    *_estimate("ceiling_seconds", "s", "T1/S - T1/P: what the hardware does not give"),
    *_estimate("chunking_seconds", "s", "(serial replay - T1)/S: loops and cache"),
    *_estimate("imbalance_seconds", "s", "the last wave of tasks does not fill all workers"),
    *_estimate("scheduling_seconds", "s", "an empty-task sweep at this number of tasks"),
    Column("remainder_seconds", "float64", "s", "TP less all that is known of the other parts"),
    Column("reason", "string", None, "which parts were not measured, and why"),
)

SCALING = (
    *PROVENANCE,
    *CASE,
    *_estimate("speedup", None, "T1/TP"),
    *_estimate("efficiency", None, "speedup over workers"),
    *_estimate("serial_fraction", None, "Karp-Flatt: (1/speedup - 1/P) / (1 - 1/P)"),
    *_estimate("contention", None, "sigma of the Universal Scalability Law"),
    *_estimate("coherency", None, "kappa of the Universal Scalability Law"),
    *_estimate("peak_workers", None, "sqrt((1 - sigma)/kappa): more workers would be slower"),
    Column("reason", "string", None, "why a figure is absent, or not to be believed"),
)

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
    *_estimate("efficiency", None, "parallel efficiency: speedup over workers"),
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
    *_estimate("value", None, "the figure in this run, in its own unit"),
    Column("rounds", "Int64", None, "rounds of the case; absent for figures of several cases"),
    Column("status", "string", None, "ok, or why this run has no value"),
    Column("segment", "Int64", None, "stretch between changes, from 0"),
    Column("segment_runs", "Int64", None, "runs with a value in the stretch"),
    *_estimate("level", None, "level of the stretch, by the spread between its runs"),
    Column("change", "string", None, "at the first run of a stretch: higher or lower than before"),
    *_estimate("ratio", None, "level of the stretch over that of the one before"),
    Column("earliest_run", "string", None, "the first run that the stretch may start at (95 %)"),
    Column("latest_run", "string", None, "the last run that it may start at (95 %)"),
    Column("linked_versions", "string", None, "versions that changed where it may start"),
    Column("versions_changed", "string", None, "versions that differ from the run before"),
    Column("reason", "string", None, "why no change was looked for"),
)

FORECAST = (
    *PROVENANCE,
    *GROUP,
    Column("calibration", "string", None, "what the costs are taken from"),
    Column("at_workers", "Int64", None, "workers that the forecast is for; nothing was measured"),
    *_estimate("metg_seconds", "s", "forecast of METG(50 %): max(P*s, o/(1 - P/(2*S)))"),
    *_estimate("break_even_seconds", "s", "forecast of the work in a task at which TP = T1"),
    *_estimate("saturation_seconds", "s", "forecast of the work in a task that feeds all workers"),
    *_estimate("saturation_workers", None, "forecast of the workers that tasks of 100 ms can feed"),
    Column("published_seconds", "float64", "s", "METG(50 %) that was published for as many"),
    *_estimate("published_over_forecast", None, "published METG over its forecast; 1: it is right"),
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
    *_estimate("loop", "quantity", "the claimant's own loop, time of a call over its tasks"),
    *_estimate("paired", "quantity", "the same of overhead per task, in pairs with the baseline"),
    Column("rounds", "Int64", None, "rounds of the figure that was judged"),
    Column("blocks", "Int64", None, "engine start-ups that they come from"),
    Column("judged", "string", None, "which of the two was judged: loop or paired"),
    Column("verdict", "string", None, "holds, does not hold, undetermined, not measured here"),
    Column("verdict_paired", "string", None, "the same of the paired figure"),
    Column("differs", "string", None, "what is not the same here"),
    Column("reason", "string", None, "why it was not measured, or is undetermined"),
)

TIME_BUDGET = (
    *PROVENANCE,
    *CASE,
    Column("round", "Int64", None, "traced call within the run"),
    Column("median_call", "boolean", None, "the call of median length, which is shown"),
    Column("lanes", "Int64", None, "P: how many tasks could run at once"),
    Column("n_tasks", "Int64", None, "tasks handed to the scheduler"),
    Column("noting_tasks", "Int64", None, "tasks that computed something and noted when"),
    Column("call_seconds", "float64", "s", "length of the traced call"),
    Column("worker_seconds", "float64", "s", "P times that: the sum of the ten parts"),
    Column("build_seconds", "float64", "s", "workers waited while the plan was made"),
    Column("optimise_seconds", "float64", "s", "workers waited while the graph was optimised"),
    Column("serialise_seconds", "float64", "s", "tasks or results were turned into bytes"),
    Column("submit_seconds", "float64", "s", "workers waited while tasks were handed over"),
    Column("schedule_seconds", "float64", "s", "a task was ready, and not yet handed out"),
    Column("transfer_seconds", "float64", "s", "a task or its result was on its way"),
    Column("compute_seconds", "float64", "s", "inside tasks"),
    Column("gather_seconds", "float64", "s", "after the last task, until the answer was there"),
    Column("idle_seconds", "float64", "s", "no task was ready for the worker"),
    Column("unexplained_seconds", "float64", "s", "what is left; may be negative"),
    Column(
        "untold", "string", None, "parts that the engine does not tell, and where their time is"
    ),
    Column("compute_cpu_seconds", "float64", "s", "CPU time of the threads inside tasks"),
    Column("load_balance", "float64", None, "POP: mean over largest compute time of a worker"),
    Column("communication_efficiency", "float64", None, "POP: largest compute time over the call"),
    Column("parallel_efficiency", "float64", None, "POP: the product of the two"),
    Column("untraced_seconds", "float64", "s", "length of the untraced call beside it"),
    *_estimate("trace_cost", None, "length of a traced call over that of an untraced one"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "pairs": PAIRS,
    "blocks": BLOCKS,
    "cases": CASES,
    "break_even": BREAK_EVEN,
    "contrasts": CONTRASTS,
    "answers": ANSWERS,
    "pins": PINS,
    "comparison": COMPARISON,
    "metg": METG,
    "model": MODEL,
    "residuals": RESIDUALS,
    "controls": CONTROLS,
    "scaling": SCALING,
    "jobs": JOBS,
    "job_cases": JOB_CASES,
    "history": HISTORY,
    "forecast": FORECAST,
    "claims": CLAIMS,
    "time_budget": TIME_BUDGET,
}


def names(table: str) -> list[str]:
    """The column names of *table*, in order."""
    return [column.name for column in TABLES[table]]


def dtypes(table: str) -> dict[str, str]:
    """The pandas dtype of each column of *table*."""
    return {column.name: column.dtype for column in TABLES[table]}
