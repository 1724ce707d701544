"""The ceiling control in real processes (rule 3)."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from harness.core.records import Group
from harness.running.measure.process import ceiling
from harness.running.measure.process.baseline_side import BaselineSide
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.block_context import BlockContext
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.supervision import supervised

pytestmark = pytest.mark.engine

NAMED = ("random-sum", 20_000)
MOST = 7
GROUP = Group(workload=NAMED[0], size=NAMED[1], executor="dask-threads", workers=2, pin="1")


@pytest.fixture
def reaper():
    with supervised() as one:
        yield one


@pytest.fixture
def processes(reaper):
    context = BlockContext("r", 2.0, reaper.scratch, reaper, 60.0, 1e12, dashboard=False)
    with ExitStack() as opened:
        side = BaselineSide(context, [GROUP], "baseline", opened)
        helpers = [side.spawn(f"helper{n}", opened) for n in (1, 2)]
        side.prepare([])
        for helper in helpers:
            helper.receive("start", 60.0)
        yield [side.channel, *helpers]


def line_up(processes, gate):
    for index, process in enumerate(processes):
        at = {"index": index, "of": len(processes), "seed": 0, "gate": str(gate)}
        process.send("line_up", workload=NAMED, **at)
        process.send("share", calls=1)
    for process in processes:
        process.receive("line_up", 60.0)


def test_no_part_begins_before_all_are_released_and_all_begin_then(processes, tmp_path):
    """Twice through one gate, as a later repeat does."""
    gate = tmp_path / "gate"
    for _ in range(2):
        with ceiling._closed_gate(gate) as opened:
            line_up(processes, gate)
            with pytest.raises(CaseError, match="no answer to 'share'"):
                processes[0].receive("share", 0.2)
            opened()
            replies = [process.receive("share", 60.0) for process in processes]
        assert max(r["waited_from"] for r in replies) < min(r["begin"] for r in replies)


def test_every_part_lasts_long_enough(processes, tmp_path, monkeypatch):
    seen = []
    together = ceiling.CeilingControl._together

    def noted(self, seed, calls):
        parts = together(self, seed, calls)
        seen.append(parts)
        return parts

    monkeypatch.setattr(ceiling.CeilingControl, "_together", noted)
    # Taken to last 100 times as long as it does, so that the first parts are too short.
    samples = ceiling.CeilingControl(processes, NAMED, tmp_path, 60.0, MOST).samples(0.01)
    used = [each for each in seen[1:] if each.shortest >= ceiling.LEAST_SECONDS and not each.late]
    assert seen[0].shortest < ceiling.LEAST_SECONDS
    assert 0 < len(samples) == len(used) <= MOST


def test_two_start_ups_of_a_run_measure_a_ceiling_and_the_others_have_it(reaper):
    bench = ProcessBench("r", 2.0, reaper.scratch, reaper, 60.0)
    blocks, helpers = [], []
    for number in range(3):
        station = bench.open(GROUP.set_up, [GROUP], number)
        blocks += station.blocks
        station.close(graceful=True)
        helpers.append((reaper.scratch / f"b{number}-helper1").exists())
    assert [bool(block.ceiling_samples) for block in blocks] == [True, True, False]
    assert blocks[2].ceiling == blocks[1].ceiling is not None
    assert helpers[2] is False
