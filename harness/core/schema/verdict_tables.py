"""The tables that answer a question: which chunk, pin, practice or machine is better."""

from __future__ import annotations

from harness.core.schema.columns import CASE, GROUP, PROVENANCE, Column, estimate

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
    *estimate("fresh_speedup", None, "T1/TP of the recommended chunk, in fresh rounds alone"),
    Column(
        "confirmed", "boolean", None, "fresh rounds give the best chunk its verdict, if any, again"
    ),
    Column("chunks_added", "Int64", None, "chunks that the sweep added to its grid"),
    Column("pairs_saved", "Int64", None, "pairs that a grid as fine throughout needs beyond these"),
    Column("reason", "string", None, "what the status rests on"),
)

BREAK_EVEN_WORK = (
    *PROVENANCE,
    Column("family", "string", None, "what is done to each item, with ever more work"),
    Column("executor", "string", None, "who runs it"),
    Column("workers", "Int64", None, "how many tasks can run at once"),
    Column("pin", "string", None, "limit on native threads: 1, cores, or default"),
    Column("chunks", "string", None, "one by one, or best chunk at each amount of work"),
    Column("status", "string", None, "found, always pays, never pays, not monotone, undetermined"),
    *estimate("work_us", "us", "work of an item from which it pays"),
    Column("bracket_low_us", "float64", "us", "most work of an item that was shown to cost"),
    Column("bracket_high_us", "float64", "us", "least work of an item that was shown to pay"),
    Column("chunk", "Int64", "elements", "chunk at the least work that pays, else at the most"),
    Column("amounts", "Int64", None, "amounts of work that were measured"),
    Column("reason", "string", None, "what the status rests on"),
    Column("sentence", "string", None, "both rules of the group in words"),
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
    *estimate("ratio", None, "time of the other case over the time of this one, round by round"),
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
    *estimate("seconds", "s", "time of one call of the case, TP"),
    *estimate("over_pin_1", None, "time over that under pin 1, round by round"),
    Column("verdict", "string", None, "against pin 1: faster, slower, equal, undetermined"),
)

COMPARISON = (
    *CASE,
    Column("metric", "string", None, "speedup, seconds, or overhead_us_per_task"),
    *estimate("a", None, "value on side A, in the metric's unit; of a group over its chunks"),
    *estimate("b", None, "value on side B, in the metric's unit; of a group over its chunks"),
    *estimate("ratio", None, "value on side B over value on side A"),
    Column(
        "difference", "string", None, "higher, lower (B than A), equal, undetermined, not judged"
    ),
    Column("p", "float64", None, "two-sided p-value of Welch's t that the ratio is 1"),
    Column("reason", "string", None, "why it is undetermined or not judged"),
    Column("verdict_a", "string", None, "verdict on the case on side A"),
    Column("verdict_b", "string", None, "verdict on the case on side B"),
    Column("n_a", "Int64", None, "how many runs side A has"),
    Column("n_b", "Int64", None, "how many runs side B has"),
    Column("spread_a", "float64", None, "standard deviation of their logarithms on side A"),
    Column("spread_b", "float64", None, "standard deviation of their logarithms on side B"),
)

METG = (
    *PROVENANCE,
    *GROUP,
    Column("target", "float64", None, "efficiency to be reached: 0.5 or 0.8"),
    *estimate("seconds", "s", "METG: smallest mean task granularity that reaches the target"),
    *estimate("over_baseline", None, "METG in units of T1: 1/(target * tasks at the crossing)"),
    *estimate("baseline_seconds", "s", "median T1 of the sweep, by its drift from round to round"),
    Column("censored", "string", None, "below, above, never, or absent where METG was found"),
    Column(
        "dependencies", "string", None, "dependencies of the tasks: independent, 3-point stencil"
    ),
    Column("rounds", "Int64", None, "rounds that all chunks of the group have"),
    Column("reason", "string", None, "what the result rests on"),
)
