"""All cases at once are judged as one case after the other is."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.records import Machine, RunInfo
from harness.reading.analysis.verdict.cases import cases
from tests.reading.analysis.planted import obey
from tests.reading.analysis.verdict.case_by_case import cases_one_by_one
from tests.repeats import examples

EXECUTORS = ["dask-threads", "numpy-threads", "serial-replay"]
SPEEDUPS = [(0.5, 0.2, 0.0), (1.0, 0.0, 0.0), (1.02, 0.01, 0.0), (1.7, 0.01, 0.0), (2.0, 0.01, 0.8)]
"""Of a case, with the spread of its rounds and that of its start-ups."""
RULES = [(0.95, None), (0.9, None), (0.99, None), (0.95, [2, 3, 4, 6, 8, 12]), (0.9, [12, 24])]


FAULTS = ["gaps", "block", "unpaired", "half", "no size", "bad", "added"]


@st.composite
def runs_of_cases(draw):
    """Frames of a few runs, with cases of every fault that journals have."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    infos, lines, starts = {}, [], []
    for name in ["a", "b"][: draw(st.integers(1, 2))]:
        level, looks = draw(st.sampled_from(RULES))
        of = {"run": name, "suite": "s", "profile": "p"}
        infos[name] = RunInfo(
            run=name, suite="s", profile="p", level=level, looks=looks, machine=Machine(name="m")
        )
        executors = st.tuples(st.sampled_from(EXECUTORS), st.sampled_from([1, 2, 4]))
        for executor, workers in draw(st.lists(executors, min_size=2, max_size=4, unique=True)):
            group = of | {
                "machine": "m",
                "workload": draw(st.sampled_from(["sum", "sum", "map"])),
                "size": 1000,
                "executor": executor,
                "workers": workers,
                "pin": "1",
            }
            starts += start_ups(rng, group, draw(st.integers(0, 6)))
            for chunk in rng.permutation([10, 20, 40])[: draw(st.integers(1, 3))].tolist():
                lines += lines_of(draw, rng, group | {"chunk": chunk})
    order = rng.permutation(len(lines))
    pairs = obey(pd.DataFrame([lines[i] for i in order]), "pairs")
    return pairs, obey(pd.DataFrame(starts), "blocks"), infos


def lines_of(draw, rng, case):
    """The lines of one case: as planned, or with one of the faults."""
    fault = draw(st.sampled_from(["none"] * 5 + FAULTS))
    n, blocks = (
        draw(st.sampled_from([0, 1, 2, 3, 5, 6, 8, 12, 25])),
        draw(st.sampled_from([1, 3, 5, 7])),
    )
    speedup, spread, of_start_ups = draw(st.sampled_from(SPEEDUPS))
    luck = rng.normal(0, of_start_ups, blocks)
    bad = case | {"round": None, "block": None, "job": "j3"}
    lines = []
    for turn in range(n):
        serial = np.exp(rng.normal(0, 0.05))
        line = case | {
            "round": turn,
            "status": "ok",
            "serial_seconds": serial,
            "parallel_seconds": serial
            / speedup
            * np.exp(rng.normal(luck[turn * blocks // n], spread)),
            "replay_seconds": rng.choice([1.5, 1.6, np.nan]),
            "calibration_ratio": rng.choice([1.0, 1.05, 1.2, np.nan]),
            "block": turn * blocks // n,
            "job": some(rng, ["j1", "j2", None]),
            "purpose": some(rng, ["refine", "confirm", None, None, None, None]),
            "n_tasks": some(rng, [0, 4, 4, None]),
            "chunk_shape": some(rng, ["(2,)", None]),
            "peak_rss_bytes": some(rng, [10**9, 10**8, None]),
        }
        if fault == "added":
            line["purpose"] = "separate"
        elif fault == "no size":  # as the timings of ASV, which have no partner
            line |= {"size": None, "serial_seconds": None}
        elif fault == "unpaired" or (fault == "half" and rng.random() < 0.2):
            line["serial_seconds"] = None
        elif fault == "block" and rng.random() < 0.3:
            line["block"] = None
        if not (fault == "gaps" and rng.random() < 0.2):
            lines.append(line)
    if fault == "added":
        lines.append(bad | {"status": "skipped", "reason": "too many workers"})
    elif fault == "bad" or not lines:
        status = draw(st.sampled_from(["failed", "timeout", "skipped"]))
        lines.append(bad | {"status": status, "reason": "it broke"})
    return lines


def some(rng, values):
    return values[rng.integers(len(values))]


def start_ups(rng, group, n):
    """The start-ups of a group, with facts that they share, or not, or do not know."""
    known = rng.random() < 0.7
    for block in range(n):
        yield group | {
            "block": block,
            "oversubscribed": some(rng, [True, False, None]),
            "native_threads": 2 if known else some(rng, [1, 2, None]),
            "cluster": "local" if known else some(rng, ["local", None]),
            "nodes": None,
            "startup_seconds": rng.random() if known else np.nan,
            "first_call_seconds": rng.choice([rng.random(), np.nan]),
            "ceiling": rng.choice([0.9, 1.0, 1.9, np.nan]) if known else np.nan,
        }


@settings(max_examples=examples(60, 300), deadline=None)
@given(runs_of_cases())
def test_the_whole_table_is_that_of_one_case_after_the_other(frames):
    got, expected = cases(*frames), cases_one_by_one(*frames)
    pd.testing.assert_frame_equal(got, expected, rtol=1e-12, atol=1e-15)
