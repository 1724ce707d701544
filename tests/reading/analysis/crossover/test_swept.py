"""Which groups have chunks to choose from, and that tables about them are the same either way."""

from __future__ import annotations

import pandas as pd
import pytest

from harness.reading.analysis.crossover.break_even import break_even
from harness.reading.analysis.crossover.metg import metg
from harness.reading.analysis.crossover.swept import swept_groups
from harness.reading.analysis.models.controls import controls
from harness.reading.analysis.models.overhead_model import fits
from harness.reading.analysis.verdict.cases import cases
from tests.reading.analysis.planted import SIZE, Planted, journal, obey

CHUNKS = [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18]


def several():
    """A swept group, one with one chunk, one that cuts nothing, a control, and a serial one."""
    every = [
        journal(Planted(workers=2), CHUNKS),
        journal(Planted(workers=4), CHUNKS[:1]),
        journal(Planted(workers=8), [SIZE]),
        journal(Planted(workers=3), CHUNKS),
        journal(Planted(), CHUNKS, executor="numpy"),
    ]
    every[3][0]["workload"] = every[3][1]["workload"] = "startup"
    pairs, blocks = (
        obey(pd.concat([each[place] for each in every], ignore_index=True), table)
        for place, table in enumerate(("pairs", "blocks"))
    )
    return pairs, blocks, every[0][2]


def test_groups_with_several_chunks_are_found_with_what_was_measured():
    pairs, blocks, runs = several()
    swept = swept_groups(cases(pairs, blocks, runs), pairs, runs)
    found = {(key[3], key[4]): group for key, group in swept.groups.items()}
    assert list(found) == [("scripted", 2), ("scripted", 3), ("numpy", 2)]
    assert [group.has_work for group in found.values()] == [True, False, True]
    assert [group.is_scheduled for group in found.values()] == [True, False, False]
    for group in found.values():
        assert group.grid.chunks == CHUNKS
        assert group.grid.d.shape == (20, len(CHUNKS))


@pytest.mark.parametrize(
    "table",
    [
        break_even,
        metg,
        controls,
        lambda judged, pairs, runs, **known: fits(judged, pairs, several()[1], runs, **known).model,
    ],
    ids=["break_even", "metg", "controls", "model"],
)
def test_groups_that_are_known_already_change_no_table(table):
    pairs, blocks, runs = several()
    judged = cases(pairs, blocks, runs)
    swept = swept_groups(judged, pairs, runs)
    pd.testing.assert_frame_equal(
        table(judged, pairs, runs), table(judged, pairs, runs, swept=swept), check_exact=True
    )
