"""Run time under each pin, over the number of workers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from harness.core import units
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures.base import (
    LEGEND,
    Drawn,
    bars,
    ends,
    grid,
    keys,
    listed,
    log_ticks,
    look,
    styles,
    with_result,
)

_ORDER = ("1", "cores", "default")


def drawn(found: Analysed) -> Iterator[Drawn]:
    """A figure for each workload of each run that has several pins on one set-up."""
    good = with_result(found.cases)
    for (run, workload, _), rows in good.groupby(["run", "workload", "size"], sort=False):
        kept = [
            part for _, rows in rows.groupby("executor") if (part := _one_chunk(rows)) is not None
        ]
        if kept:
            chosen = pd.concat(kept)
            yield Drawn(str(run), str(workload), by_pin(chosen), _alt(chosen))


def _one_chunk(rows: pd.DataFrame) -> pd.DataFrame | None:
    """The rows of the chunk that is fastest under pin 1; none where no pin is beside it."""
    first = rows[rows["pin"].eq("1")]
    if first.empty:
        return None
    chunk = first.sort_values("seconds")["chunk"].iloc[0]
    rows = rows[rows["chunk"].eq(chunk)]
    return rows if rows.groupby("workers")["pin"].nunique().max() > 1 else None


def by_pin(cases: pd.DataFrame) -> Figure:
    """Seconds with intervals, a panel an executor; beside each point the native threads that its
    workers read back.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``; one workload and size of one run, one chunk an executor.
    """
    workers = sorted(cases["workers"].unique())
    pins = sorted(cases["pin"].unique(), key=lambda pin: (*_ORDER, pin).index(pin))
    styled = styles(f"pin {pin}" for pin in pins)
    panels = list(cases.groupby("executor", sort=True))
    with look():
        figure, axes = grid(len(panels), max(3.4, 1.3 * len(workers)), 4.3)
        for one, (executor, rows) in zip(axes, panels):
            for i, pin in enumerate(pins):
                mine = rows[rows["pin"].eq(pin)].sort_values("workers")
                shift = (i - (len(pins) - 1) / 2) * 0.26
                x = np.array([workers.index(count) + shift for count in mine["workers"]], float)
                y = ends(mine, "seconds")
                bars(one, x, y, styled[f"pin {pin}"])
                for at, high, n in zip(x, y[2], mine["native_threads"]):
                    text = "?" if pd.isna(n) else str(n)
                    one.annotate(
                        text,
                        (at, high),
                        (0, 5),
                        textcoords="offset points",
                        ha="center",
                        fontsize="small",
                        color="0.25",
                    )
            one.set_title(
                f"{executor}, chunk {units.count(rows['chunk'].iloc[0])}", fontsize="medium"
            )
            one.set_yscale("log")
            one.margins(y=0.18)
            one.set_xticks(range(len(workers)), [str(count) for count in workers])
            one.set_xlim(-0.6, len(workers) - 0.4)
            one.grid(axis="x", visible=False)
        low, high = axes[0].get_ylim()
        log_ticks(axes[0].yaxis, high / low)
        case = cases.iloc[0]
        figure.suptitle(
            f"{case['workload']}, {units.count(case['size'])} elements, {case['machine']}"
        )
        figure.supxlabel("workers", fontsize="medium")
        figure.supylabel("time of one call (s), median and 95 % interval", fontsize="medium")
        figure.legend(
            handles=keys(styled, line=False),
            loc="outside right center",  # above it the title may need the room
            title="number at a point:\nnative threads read back\nin each process",
            **LEGEND,
        )
    return figure


def _alt(cases: pd.DataFrame) -> str:
    one = cases.iloc[0]
    texts = [
        f"{row['executor']}, {row['workers']} workers, pin {row['pin']}: "
        f"{units.seconds(row['seconds'])}"
        for row in cases.sort_values(["executor", "workers", "pin"]).to_dict("records")
    ]
    return f"Time of one call of {one['workload']} by workers and pin. {listed(texts)}."
