"""Run time under each pin, over the number of workers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from harness.core import units
from harness.core.units import plural
from harness.reading.report.analysed import Analysed
from harness.reading.report.figures import base as draw
from harness.reading.report.figures import labels
from harness.reading.report.figures.palette import look
from harness.reading.report.figures.saving import Planned

_ORDER = ("1", "cores", "default")


def planned(results: Analysed) -> Iterator[Planned]:
    """Plan a figure for each workload of a run that has several pins on one set-up."""
    good = draw.with_result(draw.used(results.cases))
    for (run, workload, _), rows in good.groupby(["run", "workload", "size"], sort=False):
        if rows["pin"].nunique() < 2:
            continue
        chosen_chunks = [
            part for _, rows in rows.groupby("executor") if (part := _one_chunk(rows)) is not None
        ]
        if chosen_chunks:
            chosen = pd.concat(chosen_chunks)
            yield Planned(str(run), str(workload), _alt(chosen), by_pin, (chosen,))


def _one_chunk(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Keep the chunk that is fastest under pin 1; ``None`` where there is no other pin."""
    first = rows[rows["pin"].eq("1")]
    if first.empty:
        return None
    chunk = first.sort_values("seconds")["chunk"].iloc[0]
    rows = rows[rows["chunk"].eq(chunk)]
    return rows if rows.groupby("workers")["pin"].nunique().max() > 1 else None


def by_pin(cases: pd.DataFrame) -> Figure:
    """Draw seconds with intervals, a panel for each executor, and beside each point the native
    threads that its workers read back.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``; one workload and size of one run, one chunk an executor.
    """
    workers = sorted(cases["workers"].unique())
    pins = sorted(cases["pin"].unique(), key=lambda pin: (*_ORDER, pin).index(pin))
    styled = draw.styles(f"pin {pin}" for pin in pins)
    panels = list(cases.groupby("executor", sort=True))
    with look():
        figure, axes = draw.grid(len(panels), max(3.4, 1.3 * len(workers)), 4.3)
        for panel, (executor, rows) in zip(axes, panels):
            for i, pin in enumerate(pins):
                under_pin = rows[rows["pin"].eq(pin)].sort_values("workers")
                shift = (i - (len(pins) - 1) / 2) * 0.26
                x = np.array(
                    [workers.index(count) + shift for count in under_pin["workers"]], float
                )
                y = draw.ends(under_pin, "seconds")
                draw.bars(panel, x, y, styled[f"pin {pin}"])
                for at, high, n in zip(x, y[2], under_pin["native_threads"]):
                    text = "?" if pd.isna(n) else str(n)
                    panel.annotate(
                        text,
                        (at, high),
                        (0, 5),
                        textcoords="offset points",
                        ha="center",
                        fontsize="small",
                        color="0.25",
                    )
            panel.set_title(
                f"{executor}, chunk {units.count(rows['chunk'].iloc[0])}", fontsize="medium"
            )
            panel.set_yscale("log")
            panel.margins(y=0.18)
            panel.set_xticks(range(len(workers)), [str(count) for count in workers])
            panel.set_xlim(-0.6, len(workers) - 0.4)
            panel.grid(axis="x", visible=False)
        draw.seconds_ticks(axes[0].yaxis)
        case = cases.iloc[0]
        of = f"{case['workload']}, {units.count(case['size'])} elements, {case['machine']}"
        figure.supxlabel("workers", fontsize="medium")
        draw.name_rows(figure, "time of one call, median and 95 % interval")
        draw.legend(
            figure,
            draw.keys(styled, line=False),
            "number at a point:\nnative threads read back\nin each process",
            loc="outside right center",  # above it the title may need the room
        )
        draw.title(figure, _finding(cases), of, beside=False)
    return figure


def _finding(cases: pd.DataFrame) -> str:
    """Say what the pins take with the most workers, of the executor that is fastest there."""
    most = cases[cases["workers"].eq(cases["workers"].max())].sort_values("seconds")
    executor, workers = most["executor"].iloc[0], plural(int(most["workers"].iloc[0]), "worker")
    pins = most[most["executor"].eq(executor)]
    each = (f"pin {row['pin']} {units.seconds(row['seconds'])}" for _, row in pins.iterrows())
    return f"{executor}, {workers}: {', '.join(each)}"


def _alt(cases: pd.DataFrame) -> str:
    first = cases.iloc[0]
    texts = [
        f"{row['executor']}, {plural(row['workers'], 'worker')}, pin {row['pin']}: "
        f"{units.seconds(row['seconds'])}"
        for row in cases.sort_values(["executor", "workers", "pin"]).to_dict("records")
    ]
    return f"Time of one call of {first['workload']} by workers and pin. {labels.listed(texts)}."
