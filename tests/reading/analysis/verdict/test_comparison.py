"""Two sides compared, with start-ups and runs that have a luck of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.core.records import Machine, RunInfo
from harness.core.schema import dtypes
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.comparison import comparison, over_cases
from harness.reading.analysis.verdict.replicates import Side
from tests.reading.analysis.planted import obey
from tests.repeats import repeated

pytestmark = pytest.mark.simulation


def side(
    seed,
    blocks=10,
    rounds=4,
    seconds=0.05,
    startup=0.05,
    runs=1,
    chunks=(10,),
    between=0.0,
    **group,
):
    """Cases of 0.1 s work that take *seconds*, each start-up and each run off by its own luck."""
    rng = np.random.default_rng(seed)
    names = [f"run{seed}-{i}" for i in range(runs)]
    key = {
        "machine": "planted",
        "suite": "planted",
        "profile": "planted",
        "workload": "random-sum",
        "size": 1000,
        "executor": "dask-threads",
        "workers": 2,
        "pin": "1",
        **group,
    }
    lines, starts = [], []
    for name in names:
        luck = rng.normal(0, between)
        for block in range(blocks):
            starts.append({**key, "run": name, "block": block, "ceiling": 1.9})
            for chunk in chunks:
                off = luck + rng.normal(0, startup)
                for turn in range(rounds):
                    noise = rng.normal(0, 0.03, 2)
                    lines.append(
                        {
                            **key,
                            "run": name,
                            "chunk": chunk,
                            "block": block,
                            "n_tasks": 20,
                            "round": block * rounds + turn,
                            "status": "ok",
                            "serial_seconds": 0.1 * np.exp(noise[0]),
                            "parallel_seconds": seconds * np.exp(off + noise[1]),
                        }
                    )
    pairs, begun = obey(pd.DataFrame(lines), "pairs"), obey(pd.DataFrame(starts), "blocks")
    infos = {
        name: RunInfo(run=name, suite="p", profile="p", machine=Machine(name="planted"))
        for name in names
    }
    return Side(cases(pairs, begun, infos), pairs, begun, infos)


def speedup(a, b):
    compared = comparison(a, b)
    return compared[compared["metric"].eq("speedup") & compared["chunk"].notna()].iloc[0]


SIX: dict[str, Any] = {"blocks": 2, "runs": 6, "between": 0.05, "startup": 0.02}


@repeated(few=12, full=150)
def test_a_difference_is_seldom_found_where_there_is_none(repeats):
    """The luck of each run is larger than the noise within it, and is what decides."""
    rows = [speedup(side(2 * i, **SIX), side(2 * i + 1, **SIX)) for i in range(repeats)]
    assert np.mean([row["difference"] in ("higher", "lower") for row in rows]) <= 0.1


@pytest.mark.parametrize("blocks", [2, 20])
def test_the_start_ups_of_one_run_are_no_replicates_of_another_run(blocks):
    """However many there are, they share the luck of their run."""
    compared = comparison(side(1, blocks=blocks), side(2, blocks=blocks, seconds=0.2))
    assert set(compared["difference"]) <= {"not judged", "undetermined"}
    row = compared[compared["metric"].eq("seconds")].iloc[0]
    assert row["ratio"] == pytest.approx(4, rel=0.1)
    assert pd.isna(row["ratio_low"])
    assert "nothing is claimed beyond these runs" in row["reason"]


@repeated(few=8, full=50)
def test_a_planted_difference_of_30_percent_is_found(repeats):
    rows = [
        speedup(side(2 * i, **SIX), side(2 * i + 1, seconds=0.05 * 1.3, **SIX))
        for i in range(repeats)
    ]
    assert np.mean([row["difference"] == "lower" for row in rows]) >= 0.9
    inside = [row["ratio_low"] <= 1 / 1.3 <= row["ratio_high"] for row in rows]
    assert np.mean(inside) >= 0.85


def test_of_many_cases_without_a_difference_none_is_said_to_differ():
    """At 5 % a case, one in twenty would be; that a table is long must not make it lie."""
    chunks = tuple(range(10, 70))
    alone = {"startup": 0.1, "runs": 3, "blocks": 1, "rounds": 6, "chunks": chunks}
    compared = comparison(side(5, **alone), side(6, **alone))
    rows = compared[compared["metric"].eq("seconds") & compared["chunk"].notna()]
    assert (rows["p"] < 0.05).any()
    assert not rows["difference"].isin(["higher", "lower"]).any()
    assert rows["reason"].str.contains("by chance alone").any()


def test_every_metric_says_which_side_is_higher():
    compared = comparison(side(1, **SIX), side(2, seconds=0.08, **SIX)).set_index("metric")
    assert compared.loc["speedup", "difference"] == "lower"
    assert compared.loc["seconds", "difference"] == "higher"
    assert compared.loc["seconds", "ratio"] == pytest.approx(1.6, rel=0.1)
    # Of 80 and 50 ms, 52.6 ms are the work's own at S = 1.9: side A is below that, no ratio.
    assert "no ratio" in str(compared.loc["overhead_us_per_task", "reason"])


def test_overhead_per_task_is_compared_in_microseconds():
    compared = comparison(side(1, seconds=0.2), side(2, seconds=0.2, startup=0.0))
    row = compared[compared["metric"].eq("overhead_us_per_task")].iloc[0]
    assert row["b"] == pytest.approx((0.2 - 0.1 / 1.9) / 20 * 1e6, rel=0.05)


def test_equal_is_shown_not_assumed():
    assert (
        speedup(side(1, startup=0.005, runs=4), side(2, startup=0.005, runs=4))["difference"]
        == "equal"
    )


def test_the_runs_are_counted_and_not_their_start_ups():
    row = speedup(side(1, blocks=5, runs=4), side(2, blocks=5, runs=3))
    assert (row["n_a"], row["n_b"]) == (4, 3)


def test_a_group_is_the_mean_over_shared_chunks():
    compared = comparison(side(1, chunks=(10, 20, 40)), side(2, chunks=(10, 20, 50), seconds=0.1))
    assert list(compared["chunk"].dropna().unique()) == [10, 20]
    group = compared[compared["chunk"].isna() & compared["metric"].eq("seconds")].iloc[0]
    assert group["ratio"] == pytest.approx(2, rel=0.1)


def test_runs_that_lack_a_chunk_are_left_out_of_the_group():
    """Where the slow chunk was measured in fewer runs, a mean over the rest would look fast."""
    a, b = side(1, chunks=(10, 20), runs=5), side(2, chunks=(10, 20), runs=3)
    last = sorted(a.runs)[-1]
    pairs = a.pairs[~(a.pairs["chunk"].eq(20) & a.pairs["run"].eq(last))]
    compared = comparison(Side(a.cases, pairs, a.blocks, a.runs), b)
    assert compared[compared["chunk"].isna()]["n_a"].unique().tolist() == [4]


def test_nothing_in_common_is_an_empty_table_with_the_columns_of_the_schema():
    compared = comparison(side(1), side(2, workers=1))
    assert compared.empty
    for table in (compared, comparison(side(1), side(2))):
        assert {name: str(kind) for name, kind in table.dtypes.items()} == dtypes("comparison")


def test_the_planted_spread_between_runs_is_found_on_both_sides():
    """The standard deviation of the logarithms: 5 % on one side, 20 % on the other, of 60 each."""
    same: dict[str, Any] = {"runs": 60, "blocks": 1, "rounds": 8, "startup": 0.0}
    compared = comparison(side(1, between=0.05, **same), side(2, between=0.20, **same))
    row = compared[compared["metric"].eq("seconds") & compared["chunk"].notna()].iloc[0]
    assert row["spread_a"] == pytest.approx(0.05, rel=0.4)
    assert row["spread_b"] == pytest.approx(0.20, rel=0.4)


def test_over_all_cases_is_the_median_ratio_and_its_middle_half():
    table = obey(
        pd.DataFrame({"metric": "seconds", "chunk": range(5), "ratio": [1.0, 4.0, 2.0, 8.0, None]}),
        "comparison",
    )
    over = over_cases(table, "seconds")
    assert over == pytest.approx((4, 2.828, 1.68, 4.76), rel=1e-2)
    assert over_cases(table, "speedup") is None
