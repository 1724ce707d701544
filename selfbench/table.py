"""Compare the two sides and the trials in tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from scipy import stats
from tabulate import tabulate

from harness.core import units
from harness.core.records import Verdict
from selfbench.rules import is_decided
from selfbench.sides import CASES, CLUSTER_CHUNKS, SAME, Side, cluster_case
from selfbench.trials import ASV_ALONE, ASV_COMPARE, OURS, OURS_SHORT, FalseVerdicts

FORMATS = {"text": "simple", "markdown": "pipe"}
NO_VERDICT = "no result"


class Row(NamedTuple):
    """One line: *ratio* is ours over plain, ``None`` where there is nothing to divide."""

    quantity: str
    plain: str
    ours: str
    ratio: float | None = None


def clopper_pearson(count: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Compute the exact interval of a share that was seen in *count* of *trials*.

    Clopper and Pearson, Biometrika 26 (1934), as ``scipy.stats.binomtest`` computes it.
    """
    interval = stats.binomtest(count, trials).proportion_ci(level, method="exact")
    return float(interval.low), float(interval.high)


def rows(plain: Side, ours: Side, trials: FalseVerdicts) -> list[Row]:
    """Compare the sides quantity by quantity."""
    decided, total = (_decided(plain), _decided(ours)), len(CASES) - 1
    each = [
        side.wall_seconds / count if count else None for side, count in zip((plain, ours), decided)
    ]
    share = [side.kept_seconds / side.wall_seconds for side in (plain, ours)]
    called = None if ours.called_seconds is None else ours.called_seconds / ours.wall_seconds
    compared = [
        Row(
            "wall time to the verdicts", *_two(units.seconds, plain.wall_seconds, ours.wall_seconds)
        ),
        Row(
            "cases with a verdict, A/A left out",
            f"{decided[0]} of {total}",
            f"{decided[1]} of {total}",
            _over(*decided),
        ),
        Row("wall time per verdict", *_two(units.seconds, *each)),
        Row("share of wall time in calls that were kept", *_two(_percent, *share)),
        Row("share in all timed calls, warm-ups included", "not recorded", _percent(called)),
    ]
    for chunk in CLUSTER_CHUNKS:
        seconds = [side.cluster_seconds.get(chunk) for side in (plain, ours)]
        compared.append(
            Row(
                f"{cluster_case(chunk)}: cold in plain, warm in ours",
                *_two(units.seconds, *seconds),
            )
        )
    compared.append(
        Row(
            "LocalCluster: first call after the start over a warm call",
            "no warm call",
            units.ratio(ours.first_over_warm),
        )
    )
    compared += [
        Row(
            f"false verdicts, A/A: {theirs}; ours, {own}",
            _false(trials, theirs),
            _false(trials, own),
            _over(trials.counts[theirs], trials.counts[own]),
        )
        for theirs, own in ((ASV_ALONE, OURS_SHORT), (ASV_COMPARE, OURS))
    ]
    return compared


def printed(plain: Side, ours: Side, trials: FalseVerdicts, form: str) -> str:
    """Lay out both tables as text or as Markdown.

    Parameters
    ----------
    plain, ours : Side
    trials : FalseVerdicts
    form : str
        A key of :data:`FORMATS`.
    """
    compared = [
        (row.quantity, row.plain, row.ours, units.ratio(row.ratio))
        for row in rows(plain, ours, trials)
    ]
    verdicts = [
        (case, _verdict(plain, case, "samples"), _verdict(ours, case, "rounds")) for case in CASES
    ]
    look: dict[str, Any] = {"tablefmt": FORMATS[form], "disable_numparse": True}
    return "\n\n".join(
        (
            tabulate(compared, ["quantity", "plain ASV", "ours", "ours / plain"], **look),
            tabulate(verdicts, ["case against NumPy", "plain ASV", "ours"], **look),
        )
    )


def as_data(plain: Side, ours: Side, trials: FalseVerdicts) -> dict[str, Any]:
    """Collect for JSON the rows of the comparison and what they were computed from."""
    return {
        "rows": [row._asdict() for row in rows(plain, ours, trials)],
        "plain": asdict(plain),
        "ours": asdict(ours),
        "trials": asdict(trials),
    }


def _decided(side: Side) -> int:
    verdicts: Mapping[str, Verdict] = side.verdicts
    return sum(is_decided(verdict) for case, verdict in verdicts.items() if case != SAME)


def _verdict(side: Side, case: str, of: str) -> str:
    if case not in side.verdicts:
        return NO_VERDICT
    return f"{side.verdicts[case]} ({side.counts[case]} {of})"


def _two(form: Any, plain: float | None, ours: float | None) -> tuple[str, str, float | None]:
    return form(plain), form(ours), _over(plain, ours)


def _over(plain: float | None, ours: float | None) -> float | None:
    return None if not plain or ours is None else ours / plain


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.3g} %"


def _false(trials: FalseVerdicts, rule: str) -> str:
    count = trials.counts[rule]
    if not trials.trials:
        return "-"
    low, high = clopper_pearson(count, trials.trials)
    return f"{count} of {trials.trials} ({100 * low:.1f} to {100 * high:.1f} %)"
