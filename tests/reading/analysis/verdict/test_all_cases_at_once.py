"""All cases at once are judged as one case after the other is."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.records import Machine, RunInfo
from harness.reading.analysis.keys import CASE
from harness.reading.analysis.verdict.cases import cases
from tests.reading.analysis.planted import obey
from tests.reading.analysis.verdict.case_by_case import cases_one_by_one

EXECUTORS = ["dask-threads", "numpy-threads", "serial-replay"]
RULES = [(0.95, None), (0.9, None), (0.99, None), (0.95, [8, 12, 16]), (0.9, [12, 24])]


@st.composite
def runs_of_cases(draw):
    """Frames of a few runs, with cases of every fault that journals have."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    infos, parts, starts = {}, [], []
    for name in ["a", "b"][: draw(st.integers(1, 2))]:
        level, looks = draw(st.sampled_from(RULES))
        of = {"run": name, "suite": "s", "profile": "p"}
        infos[name] = RunInfo(**of, level=level, looks=looks, machine=Machine(name="m"))
        for _ in range(draw(st.integers(1, 5))):
            group = of | {
                "machine": "m",
                "workload": draw(st.sampled_from(["sum", "map"])),
                "size": draw(st.sampled_from([1000, 1000, 2000])),
                "executor": draw(st.sampled_from(EXECUTORS)),
                "workers": draw(st.sampled_from([1, 2, 4])),
                "pin": "1",
            }
            starts += start_ups(rng, group, draw(st.integers(0, 6)))
            chunks = rng.permutation([10, 20, 40])[: draw(st.integers(1, 3))].tolist()
            parts += [rounds_of(draw, rng, group | {"chunk": chunk}) for chunk in chunks]
    pairs = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=rng.integers(99))
    # A case that comes twice would have rounds twice.
    pairs = pairs.drop_duplicates([*CASE, "round", "status"])
    return obey(pairs.reset_index(drop=True), "pairs"), obey(pd.DataFrame(starts), "blocks"), infos


def rounds_of(draw, rng, case):
    """The lines of one case: as planned, or with one of the faults that journals have."""
    n, blocks = draw(st.sampled_from([0, 1, 3, 5, 6, 8, 9, 12, 17, 25])), draw(st.integers(1, 7))
    speedup, spread = (
        draw(st.sampled_from([0.5, 0.99, 1.0, 1.7])),
        draw(st.sampled_from([0, 0.01, 0.2])),
    )
    lines = pd.DataFrame({**case, "round": np.arange(n), "status": "ok"}).astype({"round": "Int64"})
    lines["serial_seconds"] = np.exp(rng.normal(0, 0.05, n))
    lines["parallel_seconds"] = lines["serial_seconds"] / speedup * np.exp(rng.normal(0, spread, n))
    lines["replay_seconds"] = np.where(rng.random(n) < 0.3, np.nan, 1.5)
    lines["calibration_ratio"] = rng.choice([1.0, 1.05, 1.2, np.nan], n)
    lines["block"] = pd.array(np.arange(n) * blocks // max(n, 1), dtype="Int64")
    lines["job"] = rng.choice(["j1", "j2", None], n)
    lines["purpose"] = rng.choice(["refine", "confirm", None], n, p=[0.2, 0.1, 0.7])
    lines["n_tasks"] = pd.array(rng.choice([0, 4, None], n), dtype="Int64")
    lines["chunk_shape"] = rng.choice(["(2,)", None], n)
    lines["peak_rss_bytes"] = pd.array(rng.choice([10**9, 10**8, None], n), dtype="Int64")
    fault = draw(
        st.sampled_from(
            ["none", "none", "gaps", "block", "unpaired", "half", "asv", "bad", "added"]
        )
    )
    if fault == "gaps":
        lines = lines[rng.random(n) < 0.8]
    elif fault == "block":
        lines.loc[rng.random(n) < 0.3, "block"] = pd.NA
    elif fault == "unpaired":
        lines["serial_seconds"] = np.nan
    elif fault == "half":
        lines.loc[rng.random(n) < 0.2, "serial_seconds"] = np.nan
    elif fault == "asv":
        lines["size"], lines["serial_seconds"] = pd.array([pd.NA] * n, dtype="Int64"), np.nan
    bad = pd.DataFrame([case | {"status": "ok", "reason": None}])
    if fault == "bad" or not n:
        status = draw(st.sampled_from(["failed", "timeout", "skipped"]))
        lines = pd.concat([lines, bad.assign(status=status, reason="it broke", job="j3")])
    elif fault == "added":
        skipped = bad.assign(status="skipped", reason="too many workers")
        lines = pd.concat([skipped, lines.assign(purpose="separate")])
    return lines


def start_ups(rng, group, n):
    """The start-ups of a group, with facts that they share, or not, or do not know."""
    known = rng.random() < 0.7
    for block in range(n):
        yield group | {
            "block": block,
            "oversubscribed": rng.choice([True, False, None]),
            "native_threads": 2 if known else rng.choice([1, 2, None]),
            "cluster": "local" if known else rng.choice(["local", None]),
            "nodes": None,
            "startup_seconds": rng.random() if known else np.nan,
            "first_call_seconds": rng.choice([rng.random(), np.nan]),
            "ceiling": rng.choice([0.9, 1.0, 1.9, np.nan]) if known else np.nan,
        }


@settings(max_examples=80, deadline=None)
@given(runs_of_cases())
def test_the_whole_table_is_that_of_one_case_after_the_other(frames):
    got, expected = cases(*frames), cases_one_by_one(*frames)
    pd.testing.assert_frame_equal(got, expected, rtol=1e-12, atol=1e-15)
