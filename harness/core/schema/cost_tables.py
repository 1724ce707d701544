"""The tables of where time goes and what it costs: models, controls, scaling, traced calls."""

from __future__ import annotations

from harness.core.schema.columns import CASE, GROUP, PROVENANCE, Column, estimate

MODEL = (
    *PROVENANCE,
    *GROUP,
    *estimate("fixed_seconds", "s", "c0: cost of a call, whatever the number of tasks"),
    *estimate("serial_us_per_task", "us", "s: cost of a task that only one can pay at a time"),
    *estimate("parallel_us_per_task", "us", "o: cost of a task that the workers share"),
    *estimate("ceiling", None, "S(P), from the ceiling control"),
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
    *estimate("residual", None, "the model's TP/T1 over the measured one, less 1"),
    Column("serial_binds", "boolean", None, "K*s is above K*o/P + W/S there"),
    Column("accepted", "boolean", None, "as in the table model"),
)

CONTROLS = (
    *PROVENANCE,
    *CASE,
    *estimate("seconds", "s", "TP: the sum of the six parts"),
    *estimate("ideal_seconds", "s", "T1/P"),
    *estimate("ceiling_seconds", "s", "T1/S - T1/P: what the hardware does not give"),
    *estimate("chunking_seconds", "s", "(serial replay - T1)/S: loops and cache"),
    *estimate("imbalance_seconds", "s", "the last wave of tasks does not fill all workers"),
    *estimate("scheduling_seconds", "s", "an empty-task sweep at this number of tasks"),
    Column("remainder_seconds", "float64", "s", "TP less all that is known of the other parts"),
    Column("reason", "string", None, "which parts were not measured, and why"),
)

SCALING = (
    *PROVENANCE,
    *CASE,
    *estimate("speedup", None, "T1/TP"),
    *estimate("efficiency", None, "speedup over workers"),
    *estimate("serial_fraction", None, "Karp-Flatt: (1/speedup - 1/P) / (1 - 1/P)"),
    *estimate("contention", None, "sigma of the Universal Scalability Law"),
    *estimate("coherency", None, "kappa of the Universal Scalability Law"),
    *estimate("peak_workers", None, "sqrt((1 - sigma)/kappa): more workers would be slower"),
    Column("reason", "string", None, "why a figure is absent, or not to be believed"),
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
    *estimate("trace_cost", None, "length of a traced call over that of an untraced one"),
)
