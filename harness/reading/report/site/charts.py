"""The charts of the site: Vega-Lite by Altair. A page puts its rows in by the names used here.

Colours, widths and words for those who do not see a chart are set on the page: they follow its
theme, its width and what is chosen.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from harness.core.records import Verdict

SHAPES = {
    Verdict.PAYS.value: "triangle-up",
    "pays against serial": "triangle-right",
    Verdict.OVERHEAD.value: "triangle-down",
    Verdict.EQUAL.value: "square",
    Verdict.UNDETERMINED.value: "circle",
}
STEPS = alt.AutoSizeParams(type="fit-x", contains="padding")
"""How a chart fits whose height grows with its lines."""

_SECONDS: dict[str, Any] = {
    "format": "~s",
    "labelExpr": "datum.value === 0 ? '0 s' : !datum.label ? '' : "
    "replace(datum.label, regexp('([a-zµ]?)$'), ' $1s')",
}
"""An axis of seconds as people say them: 10 ms rather than 0.01."""

_PLAIN: dict[str, Any] = {"format": "~g"}

DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 2, 1, 2, 1, 2], [1, 4], [10, 2, 4, 2]]


def specs() -> dict[str, Any]:
    """Make every chart by name, checked against Vega-Lite's schema.

    Each is in the form that :func:`altair.Chart.to_dict` gives, with data named but absent.
    """
    charts = {
        "seconds": _curves("seconds", "time of one call", baseline=True),
        "speedup": _curves("speedup", "speed-up over the baseline", line_at_one=True),
        "heat": _heat(),
        "waterfall": _waterfall(),
        "dots": _dots(line_at_one=False),
        "ratios": _dots(line_at_one=True),
        "history": _history(),
        "pairs": _pairs(),
    }
    return {name: chart.to_dict() for name, chart in charts.items()}


def _named(name: str) -> alt.NamedData:
    return alt.NamedData(name=name)


def _chunk(field: str = "chunk") -> alt.X:
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(type="log", nice=False, padding=12),
        axis=alt.Axis(format="~s", labelOverlap=True, tickCount=8),
        title="chunk size (elements a task)",
    )


def _tip(*names: str) -> list[alt.Tooltip]:
    titles = {name: name.replace("_", " ") for name in names} | {"speedup_text": "speed-up"}
    return [alt.Tooltip(f"{name}:N", title=titles[name]) for name in names]


def _curves(quantity: str, title: str, *, baseline: bool = False, line_at_one: bool = False) -> Any:
    """Draw a quantity against the chunk size: lines with intervals, and what they are judged by."""
    y = alt.Y(
        f"{quantity}:Q",
        scale=alt.Scale(type="log", nice=False, padding=10),
        title=title,
        axis=alt.Axis(tickCount=8, labelOverlap=True, **(_SECONDS if baseline else _PLAIN)),
    )
    cases = alt.Chart(_named("cases"))
    # The legend of lines is a list beside the chart: it fits a phone, and a reader's own words.
    series = alt.Color("series:N", legend=None)
    layers: list[Any] = [
        alt.Chart(_named("edges"))
        .mark_rule(strokeDash=[5, 3], strokeWidth=1.5)
        .encode(x="chunk:Q", color=series, tooltip=_tip("what")),
    ]
    if baseline:
        layers += [
            alt.Chart(_named("baseline"))
            .mark_rect(opacity=0.22, color="#8a8a8a")
            .encode(y=alt.Y("low:Q"), y2="high:Q", tooltip=_tip("what")),
            alt.Chart(_named("baseline"))
            .mark_rule(strokeWidth=1.5)
            .encode(y="point:Q", tooltip=_tip("what")),
        ]
    if line_at_one:
        layers.append(alt.Chart(_named("one")).mark_rule(strokeWidth=1.5).encode(y="point:Q"))
    layers += [
        cases.mark_line(strokeWidth=2).encode(
            x=_chunk(),
            y=y,
            color=series,
            strokeDash=alt.StrokeDash("series:N", legend=None, scale=alt.Scale(range=DASHES)),
        ),
        alt.Chart(_named("best"))
        .mark_point(filled=False, size=330, strokeWidth=2, shape="circle")
        .encode(x=_chunk(), y=y, color=series, tooltip=_tip("what")),
        cases.mark_rule(strokeWidth=1.5).encode(
            x=_chunk(), y=f"{quantity}_low:Q", y2=f"{quantity}_high:Q", color=series
        ),
        cases.mark_point(filled=True, size=75, opacity=1).encode(
            x=_chunk(),
            y=y,
            color=series,
            shape=alt.Shape(
                "verdict:N",
                scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())),
                legend=None,
            ),
            tooltip=_tip("series", "chunk_text", "time", "speedup_text", "rounds", "verdict"),
        ),
    ]
    return alt.layer(*layers).properties(width="container", height=340)


def _heat() -> Any:
    """Draw a cell for each chunk and set-up: its verdict by colour, sign and speed-up."""
    cases = alt.Chart(_named("cases")).encode(
        x=alt.X(
            "chunk_text:N",
            sort=alt.SortField("chunk"),
            title="chunk size (elements a task)",
            axis=alt.Axis(labelAngle=-35),
        ),
        y=alt.Y("setup:N", title=None, axis=alt.Axis(labelLimit=330)),
    )
    words = [*SHAPES, "skipped", "no result"]
    tips = _tip("setup", "chunk_text", "speedup_text", "rounds", "verdict", "why")
    return alt.layer(
        cases.mark_rect(strokeWidth=2).encode(
            color=alt.Color("shown:N", scale=alt.Scale(domain=words), legend=None), tooltip=tips
        ),
        cases.mark_text(fontSize=11).encode(text="sign:N", tooltip=tips),
    ).properties(width="container", height=alt.Step(26), autosize=STEPS)


def _waterfall() -> Any:
    """Draw the time of one case, part after part; a part may be below 0."""
    parts = alt.Chart(_named("parts")).encode(
        y=alt.Y("part:N", sort=None, title=None, axis=alt.Axis(labelLimit=200))
    )
    return alt.layer(
        parts.mark_bar(height={"band": 0.7}).encode(
            x=alt.X("start:Q", title="time of one call", axis=alt.Axis(tickCount=6, **_SECONDS)),
            x2="end:Q",
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=["whole", "part", "negative"]),
                legend=None,
            ),
            tooltip=_tip("part", "text"),
        ),
        parts.mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q"),
        parts.mark_text(align="left", dx=6).encode(x="right:Q", text="text:N"),
        # Room for the words beside the longest bar: a chart that fits a width does not make it.
        alt.Chart(_named("room")).mark_point(opacity=0).encode(x="at:Q"),
    ).properties(width="container", height=alt.Step(30), autosize=STEPS)


def _dots(*, line_at_one: bool) -> Any:
    """Draw points with intervals, a line for each label."""
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=480))
    x = alt.X(
        "point:Q",
        scale=alt.Scale(type="log", nice=False, padding=16),
        title=None,
        axis=alt.Axis(tickCount=6, labelOverlap=True, **(_PLAIN if line_at_one else _SECONDS)),
    )
    dots = alt.Chart(_named("dots")).encode(y=y)
    layers: list[Any] = [
        dots.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q"),
        dots.mark_point(filled=True, size=75, opacity=1).encode(
            x=x,
            tooltip=_tip("label", "text"),
            shape=alt.Shape(
                "verdict:N",
                legend=None,
                scale=alt.Scale(
                    domain=["faster", "slower", "higher", "lower", "equal", "undetermined"],
                    range=[
                        "triangle-up",
                        "triangle-down",
                        "triangle-up",
                        "triangle-down",
                        "square",
                        "circle",
                    ],
                ),
            ),
        ),
    ]
    if line_at_one:
        layers.insert(0, alt.Chart(_named("one")).mark_rule().encode(x="point:Q"))
    return alt.layer(*layers).properties(width="container", height=alt.Step(24), autosize=STEPS)


def _pairs() -> Any:
    """Draw the speed-up of each pair over its rounds: a colour and shape for each start-up, and the
    case's own estimate with its interval."""
    y = alt.Y(
        "speedup:Q",
        scale=alt.Scale(type="log", nice=False, padding=12),
        title="speed-up of a pair",
        axis=alt.Axis(tickCount=6, labelOverlap=True, **_PLAIN),
    )
    x = alt.X(
        "at:Q",
        title="pairs in the order in which they were measured",
        scale=alt.Scale(nice=False, zero=False, padding=12),
        axis=alt.Axis(
            tickCount=8, format="d", grid=False, labelExpr="datum.value % 1 ? '' : datum.label"
        ),
    )
    estimate = alt.Chart(_named("estimate"))
    return alt.layer(
        alt.Chart(_named("one")).mark_rule(strokeWidth=1.5).encode(y="point:Q"),
        estimate.mark_rect(opacity=0.22, color="#8a8a8a").encode(
            y=alt.Y("low:Q"), y2="high:Q", tooltip=_tip("what")
        ),
        estimate.mark_rule(strokeWidth=1.5, strokeDash=[6, 3]).encode(
            y="point:Q", tooltip=_tip("what")
        ),
        alt.Chart(_named("pairs"))
        .mark_point(filled=True, size=60, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=alt.Color("series:N", legend=None),
            shape=alt.Shape("series:N", legend=None),
            tooltip=_tip("series", "round", "text", "first", "why"),
        ),
    ).properties(width="container", height=300)


def _history() -> Any:
    """Draw series of one figure over time, each in its colour, dashes and marks, with intervals,
    levels, and a line where it changed. A series that is pointed at stands out."""
    pointed = alt.selection_point(
        name="pointed", on="pointerover", clear="pointerout", fields=["series"], empty=True
    )
    shown = alt.condition(pointed, alt.value(1.0), alt.value(0.15))
    series = alt.Color("series:N", legend=None)
    dashes = alt.StrokeDash("series:N", legend=None, scale=alt.Scale(range=DASHES))
    points = alt.Chart(_named("points"))
    x = alt.X(
        "t:T",
        title=None,
        scale=alt.Scale(type="utc", padding=12),
        axis=alt.Axis(labelOverlap=True, tickCount=8),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(zero=False, nice=True),
        title=None,
        axis=alt.Axis(tickCount=6, labelOverlap=True, **_PLAIN),
    )
    return alt.layer(
        alt.Chart(_named("changes"))
        .mark_rule(strokeDash=[5, 3], strokeWidth=2)
        .encode(x="t:T", color=series, opacity=shown, tooltip=_tip("series", "what")),
        points.mark_rule(strokeWidth=1).encode(
            x=x, y="low:Q", y2="high:Q", color=series, opacity=shown
        ),
        alt.Chart(_named("levels"))
        .mark_rule(strokeWidth=2.5)
        .encode(
            x="start:T",
            x2="end:T",
            y="value:Q",
            color=series,
            strokeDash=dashes,
            opacity=shown,
            tooltip=_tip("series", "what"),
        ),
        points.mark_point(filled=True, size=36)
        .encode(
            x=x,
            y=y,
            color=series,
            shape=alt.Shape("series:N", legend=None),
            opacity=shown,
            tooltip=_tip("series", "when", "text", "rounds", "run"),
        )
        .add_params(pointed),
    ).properties(width="container", height=320)
