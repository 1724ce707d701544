"""Collect what the charts and tables of a workload's page are made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from harness.core import units
from harness.core.units import plural
from harness.reading.analysis.by_group import records
from harness.reading.report.chapters.case_chapters import CASES, case_cells, with_native_threads
from harness.reading.report.chapters.quantities import QUANTITIES
from harness.reading.report.shown.cells import (
    Row,
    absent,
    counted_in_words,
    estimate,
    has_numbers,
    number,
    text,
    verdict,
)
from harness.reading.report.site.words import kind, setup_words, sign, sweep, value, values
from harness.reading.report.words.contrast_words import sides
from harness.reading.report.words.time_parts import PART_NAMES

COLUMNS = (*CASES[:4], CASES[-1], *CASES[4:-1], "rounds", "why")
"""The verdict comes before the figures: it is what is asked."""

EDGE_COLUMNS = ("executor", "workers", "pin", "side", "status", "chunk", "reason")
PIN_COLUMNS = ("compared", "executor", "workers", "chunk", "times as fast", "rounds", "verdict")
PART_COLUMNS = ("part", "time")


TABLES = ("cases", "break_even", "controls", "contrasts")
"""The tables that a page of a workload is made from."""


def data(name: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Collect everything that the page of workload *name* needs, ready for JSON.

    Parameters
    ----------
    name : str
        The workload.
    tables : mapping of str to DataFrame
        The rows of this workload in each of :data:`TABLES`.
    """
    pins = tables["contrasts"]
    return {
        "workload": name,
        "cases": [_case(row) for row in records(_ordered(tables["cases"]))],
        "edges": [_edge(row) for row in records(tables["break_even"])],
        "controls": [_control(row) for row in records(tables["controls"])],
        "pins": [_pin(row) for row in records(pins[pins["kind"].eq("pin")])],
        "columns": {
            "cases": COLUMNS,
            "edges": EDGE_COLUMNS,
            "pins": PIN_COLUMNS,
            "parts": PART_COLUMNS,
        },
    }


def _ordered(cases: pd.DataFrame) -> pd.DataFrame:
    """Order cases: those with a result first, then by set-up and chunk."""
    shown = with_native_threads(cases).assign(without=cases["status"].ne("ok"))
    return shown.sort_values(["without", "executor", "workers", "pin", "chunk"], kind="stable")


def _key(row: Row) -> dict[str, Any]:
    return {
        "machine": text(row["machine"]),
        "sweep": f"{text(row['run'])}|{text(row['size'])}",
        "sweep_text": sweep(row),
        "executor": text(row["executor"]),
        "workers": None if absent(row["workers"]) else int(row["workers"]),
        "pin": text(row["pin"]),
    }


def _case(row: Row) -> dict[str, Any]:
    shown = has_numbers(row)
    word = verdict(row)
    cells = case_cells(row)
    rounds = number(row["rounds"], units.count) if shown else "-"
    rule = text(row["interval"]) if shown else "-"
    rule_on_one_line = rule.replace(" ", "\u00a0")
    judged_by = rounds if rule == "-" else f"{rounds} ({rule_on_one_line})"
    why = [text(row[name]) for name in ("reason", "warning") if not absent(row[name])]
    numbers = values(row, "seconds", "speedup", "baseline_seconds")
    if not shown:
        numbers = dict.fromkeys(numbers)
    return {
        **_key(row),
        **numbers,
        "chunk": value(row, "chunk"),
        "setup": setup_words(row, chunk=False),
        "chunk_text": number(row["chunk"], units.count),
        "time": cells[4],
        "speedup_text": cells[5],
        "rounds": rounds,
        "interval": rule,
        "verdict": word,
        "kind": kind(word),
        "sign": f"{sign(word)} {number(row['speedup'], units.ratio)}" if shown else sign(word),
        "baseline_text": estimate(row, "baseline_seconds", units.seconds) if shown else "-",
        "why": "; ".join(why),
        "cells": [*cells[:4], word, *cells[4:-1], judged_by, "; ".join(why)],
    }


def _edge(row: Row) -> dict[str, Any]:
    chunk = estimate(row, "chunk", units.count)
    side = text(row["side"])
    where = setup_words(row, chunk=False)
    what = (
        f"best chunk and those not worse by 5 %: {chunk} ({where})"
        if side == "best"
        else f"break-even, {side} chunks: {chunk} ({where})"
    )
    reason = "" if absent(row["reason"]) else counted_in_words(text(row["reason"]))
    head = (text(row["executor"]), number(row["workers"], units.count), text(row["pin"]))
    return {
        **_key(row),
        **values(row, "chunk"),
        "side": side,
        "what": what,
        "cells": [*head, side, text(row["status"]), chunk, reason],
    }


def _control(row: Row) -> dict[str, Any]:
    """List the parts of one case's time, each where the one before it ended."""
    quantity = QUANTITIES["controls"]
    names = quantity.columns[2:]
    parts: list[dict[str, Any]] = []
    at = 0.0
    for name in names:
        column = f"{name}_seconds"
        known = value(row, column)
        if known is None:
            parts.append(
                {
                    "part": PART_NAMES[name],
                    "start": at,
                    "end": at,
                    "text": "not measured",
                    "kind": "part",
                }
            )
            continue
        ends = [f"{column}_{end}" for end in ("low", "high")]
        low, high = (value(row, end) if end in row else None for end in ends)
        parts.append(
            {
                "part": PART_NAMES[name],
                "start": at,
                "end": at + known,
                "low": None if low is None else at + low,
                "high": None if high is None else at + high,
                "text": estimate(row, column, units.seconds)
                if f"{column}_low" in row
                else f"{number(known, units.seconds)} (what is left: no interval)",
                "kind": "part" if known >= 0 else "negative",
            }
        )
        at += known
    whole = {
        "part": PART_NAMES["time"],
        "start": 0.0,
        "end": float(row["seconds"]),
        "kind": "whole",
        "low": value(row, "seconds_low"),
        "high": value(row, "seconds_high"),
        "text": estimate(row, "seconds", units.seconds),
    }
    return {
        **_key(row),
        "chunk": float(row["chunk"]),
        "case": setup_words(row),
        "parts": [*parts, whole],
        "why": "" if absent(row["reason"]) else text(row["reason"]),
    }


def _pin(row: Row) -> dict[str, Any]:
    compared = " against ".join(sides(row))
    ratio = estimate(row, "ratio", units.ratio)
    chunk = number(row["chunk"], units.count)
    counted = plural(int(row["workers"]), "worker")
    word = text(row["verdict"])
    return {
        **_key(row),
        "pin": None,
        "label": f"{text(row['executor'])}, {counted}, chunk {chunk}: {compared}",
        "point": value(row, "ratio"),
        "low": value(row, "ratio_low"),
        "high": value(row, "ratio_high"),
        "text": f"{ratio} times as fast: {word}",
        "verdict": word,
        "cells": [
            compared,
            text(row["executor"]),
            text(row["workers"]),
            chunk,
            ratio,
            number(row["rounds"], units.count),
            word,
        ],
    }
