"""Say comparisons of cases in plain words: a sentence each, and one for each question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from harness.core import units
from harness.core.records import RunInfo
from harness.core.units import plural
from harness.reading.analysis.by_group import records, records_by, to_table
from harness.reading.analysis.verdict.contrasts import PIN, PRACTICE
from harness.reading.analysis.verdict.p_values import holm
from harness.reading.report.shown.cells import Row, absent, interval

PHRASES = {
    "one-compute": "one compute for several results",
    "many-computes": "a compute for each",
    "persisted": "persisting",
    "recomputed": "recomputing",
    "made-in-workers": "making the data in the workers",
    "passed-in-graph": "passing it in the graph",
    "small-graph": "a small graph",
    "huge-graph": "a huge one",
    "reduced-on-workers": "reducing on the workers",
    "moved-to-client": "moving the data to the client",
}
HOLDS = {"spin-task": "which holds the GIL", "spin-task-nogil": "which releases the GIL"}


def with_sentences(contrasts: pd.DataFrame) -> pd.DataFrame:
    """Fill the column ``sentence`` of *contrasts* (``schema.CONTRASTS``)."""
    sentences = [_sentence(row) for row in records(contrasts)]
    return contrasts.assign(sentence=pd.Series(sentences, contrasts.index, dtype="string"))


def answers(contrasts: pd.DataFrame, runs: Mapping[str, RunInfo]) -> pd.DataFrame:
    """Say what the comparisons of one kind and workload of a run come to together.

    Parameters
    ----------
    contrasts : DataFrame
        Obeys ``schema.CONTRASTS``.
    runs : mapping of str to RunInfo
        Run lines: the usable cores of each machine.

    Returns
    -------
    DataFrame
        Obeys ``schema.ANSWERS``, a row for each kind and workload of each run.
    """
    rows = []
    for group in records_by(contrasts, ["run", "kind", "workload"]).values():
        first = group[0]
        cores = runs[first["run"]].machine.cores_usable
        if first["kind"] == PRACTICE:
            sentence = _practice(group)
        elif first["kind"] == PIN:
            sentence = _pins(group, cores)
        else:
            sentence = _threads_or_processes(group)
        rows.append({**first, "sentence": sentence})
    return to_table("answers", rows)


def sides(row: Row) -> tuple[str, str]:
    """Name both cases of a comparison in the words of its kind."""
    if row["kind"] == PRACTICE:
        names = (str(row["workload"]), str(row["other_workload"]))
        return PHRASES[names[0]], PHRASES[names[1]]
    if row["kind"] == PIN:
        return _pin(row, ""), _pin(row, "other_")
    return _at(row, ""), _at(row, "other_")


def _pin(row: Row, side: str) -> str:
    n = row[f"{side}native_threads"]
    pin = f"pin {row[f'{side}pin']}"
    return pin if absent(n) else f"{pin} ({plural(n, 'native thread')})"


def _at(row: Row, side: str) -> str:
    return f"{row[f'{side}executor']} (chunk {units.count(row[f'{side}chunk'])})"


def _where(row: Row) -> str:
    workers = plural(row["workers"], "worker")
    chunk = f"chunk {units.count(row['chunk'])}"
    if row["kind"] == PRACTICE:
        return f"on {row['executor']} with {workers}, pin {row['pin']}, {chunk}"
    if row["kind"] == PIN:
        return f"for {row['workload']} on {row['executor']} with {workers}, {chunk}"
    holds = HOLDS[str(row["workload"])]
    return f"for {row['workload']}, {holds}, with {workers}, pin {row['pin']}"


def _times(row: Row, inverse: bool = False) -> str:
    ends = (row["ratio"], row["ratio_low"], row["ratio_high"])
    if inverse:
        point, low, high = (None if end is None else 1 / end for end in ends)
        ends = (point, high, low)
    return interval(ends, units.ratio)


def _sentence(row: Row) -> str:
    case, other = sides(row)
    where = _where(row)
    if row["verdict"] == "faster":
        sentence = f"{case} is {_times(row)} times as fast as {other} {where}"
    elif row["verdict"] == "slower":
        sentence = f"{case} takes {_times(row, inverse=True)} times as long as {other} {where}"
    elif row["verdict"] == "equal":
        sentence = (
            f"{case} takes as long as {other}, within 5 %, {where}: {_times(row)} times as fast"
        )
    else:
        shown = "no round that both have" if absent(row["ratio"]) else f"{_times(row)} times"
        sentence = f"{case} against {other} {where} is undetermined: {shown}"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _counts(group: Sequence[Row]) -> str:
    counts = Counter(row["verdict"] for row in group)
    order = ("faster", "slower", "equal", "undetermined")
    return ", ".join(f"{verdict} in {counts[verdict]}" for verdict in order if counts[verdict])


def _with_ratio(group: Sequence[Row]) -> list[Row]:
    return [row for row in group if row["ratio"] is not None]


def _extreme(group: Sequence[Row], largest: bool) -> Row:
    return (max if largest else min)(_with_ratio(group), key=lambda row: row["ratio"])


def _practice(group: Sequence[Row]) -> str:
    case, other = sides(group[0])
    sentence = f"{case} rather than {other}: {_counts(group)} of {_comparisons(len(group))}"
    if _with_ratio(group):
        sentence += f"; where it helps least, {_plain(_extreme(group, largest=False))}"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _comparisons(n: int) -> str:
    return plural(n, "comparison")


def _within(row: Row) -> bool:
    """Whether the whole interval lies within 5 %."""
    low, high = row["ratio_low"], row["ratio_high"]
    return low is not None and high is not None and low > 1 / 1.05 and high < 1.05


def _pins(group: Sequence[Row], cores: float | None) -> str:
    """Say whether pins matter for one workload.

    They do not only where every interval lies within 5 %; they do only where one comparison is
    decided also after Holm's correction for their number.
    """
    workload, n = group[0]["workload"], len(group)
    decided = [row for row in group if row["verdict"] in ("faster", "slower")]
    inside = sum(map(_within, group))
    if inside == n:
        most = 100 * max(max(row["ratio_high"] - 1, 1 / row["ratio_low"] - 1) for row in group)
        sentence = (
            f"{workload} does not care about pins here: at most {most:.1f} % in {_comparisons(n)}"
        )
    elif not decided:
        sentence = (
            f"whether pins matter for {workload} is undetermined here: {inside} of "
            f"{_comparisons(n)} with pin 1 within 5 %, the rest cannot tell"
        )
    elif not any(holm([1.0 if row["p"] is None else row["p"] for row in group])):
        sentence = (
            f"whether pins matter for {workload} is undetermined here: against pin 1 "
            f"{_counts(group)} of {_comparisons(n)}, which does not hold after Holm's correction "
            "for their number: add rounds"
        )
    else:
        sentence = (
            f"pins matter for {workload} here: against pin 1 {_counts(group)} of {_comparisons(n)}"
        )
        best, worst = (_extreme(decided, end) for end in (True, False))
        if best["verdict"] == "faster":
            sentence += f"; best: {_plain(best)}"
        if worst["verdict"] == "slower":
            sentence += f"; worst: {_plain(worst)}"
    return f"{sentence[0].upper()}{sentence[1:]}.{_oversubscription(group, cores)}"


def _plain(row: Row) -> str:
    """Say one comparison inside a sentence: without a capital and a full stop."""
    sentence = _sentence(row).rstrip(".")
    return f"{sentence[0].lower()}{sentence[1:]}"


def _oversubscription(group: Sequence[Row], cores: float | None) -> str:
    """Say what more native threads at once than cores cost at worst."""
    if cores is None:
        return ""
    if not (over := [row for row in _with_ratio(group) if (_threads(row) or 0) > cores]):
        return ""
    worst = _extreme(over, largest=False)
    head = f" Oversubscription ({_threads(worst)} native threads wanted on {cores:g} cores)"
    if slower := sum(row["verdict"] == "slower" for row in over):
        return (
            f"{head} costs here: slower in {slower} of {_comparisons(len(over))}, at worst "
            f"{_times(worst, inverse=True)} times as long as pin 1."
        )
    return (
        f"{head} is not shown to cost here: at worst {_times(worst, inverse=True)} times as long."
    )


def _threads(row: Row) -> int | None:
    """How many native threads a case wants at once; ``None`` where that is not known."""
    native = row["native_threads"]
    return None if native is None else int(row["workers"] * native)


def _span(group: Sequence[Row]) -> str:
    """Say the most and the least favourable comparison in short."""
    if not _with_ratio(group):
        return "not compared in any round that both have"
    rows = [_extreme(group, end) for end in (True, False)][: len(group)]
    shown = (f"{_times(row)} times as fast ({' against '.join(sides(row))})" for row in rows)
    return " to ".join(shown)


def _threads_or_processes(group: Sequence[Row]) -> str:
    """Answer the question where all comparisons with the most workers agree."""
    most = max(row["workers"] for row in group)
    group = [row for row in group if row["workers"] == most]
    workload, n = group[0]["workload"], len(group)
    head = f"threads or processes, for {workload}, {HOLDS[workload]}?"
    verdicts = {row["verdict"] for row in group}
    agree = "in the one comparison" if n == 1 else f"in all {n} comparisons"
    if verdicts == {"faster"}:
        sentence = f"threads: {agree}, the closest being that {_plain(_extreme(group, False))}"
    elif verdicts == {"slower"}:
        sentence = f"processes: {agree}, the closest being that {_plain(_extreme(group, True))}"
    elif verdicts == {"equal"}:
        sentence = f"either: equal within 5 % {agree}"
    elif verdicts == {"undetermined"}:
        sentence = f"undetermined {agree}: threads are {_span(group)}"
    else:
        sentence = f"it depends, threads are {_counts(group)} of {_comparisons(n)}: {_span(group)}"
    return f"{head[0].upper()}{head[1:]} {sentence[0].upper()}{sentence[1:]}."
