"""What a task costs by systems' own loops, beside chunkbench: planted figures are told apart."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness.running.executors import lookup
from harness.running.workloads import make_workload
from selfbench.own import their_loops
from selfbench.own_measures import LOOPS, OURS, SYSTEMS, Figure, agreements, kept, printed

ROOT = Path(__file__).parents[2]
SHOWN = their_loops.AS_SHOWN


def figures(ratios):
    """Of one loop of the standard library, visit by visit: chunkbench says so many times as much,
    on a machine that is slower at each visit."""
    for visit, ratio in enumerate(ratios):
        yield Figure("concurrent.futures", "processes", visit, SHOWN, 10.0 * (1 + visit))
        yield Figure("concurrent.futures", "processes", visit, OURS, 10.0 * (1 + visit) * ratio)


@pytest.mark.parametrize(
    ("ratios", "agrees"),
    [
        ((1.02, 1.00, 1.01, 0.99), "yes"),
        ((1.50, 1.52, 1.48, 1.51), "no"),
        ((0.60, 0.61, 0.59, 0.60), "no"),
        ((0.80, 1.30, 1.00, 1.10), "open"),
        ((1.05,), "-"),
    ],
)
def test_figures_agree_where_the_whole_interval_of_their_ratio_is_within_15_percent(ratios, agrees):
    [found] = agreements(list(figures(ratios)))
    assert found.agrees == agrees


def test_a_change_is_held_against_the_same_figure_of_chunkbench():
    """It halves the ratio: chunkbench does what was changed."""
    slower = [
        Figure(f.system, f.loop, f.visit, "spawned", f.us * 2)
        for f in figures([2.0] * 3)
        if f.side == SHOWN
    ]
    shown, other = agreements([*figures([2.0] * 3), *slower])
    assert shown.ratio.point == pytest.approx(2.0)
    assert other.ratio.point == pytest.approx(1.0)
    assert their_loops.CHANGES["spawned"] in printed([shown, other], "pipe")


def test_a_visit_without_one_of_the_two_figures_is_left_out():
    kept = [
        figure for figure in figures([1.0, 1.0, 9.0]) if (figure.side, figure.visit) != (OURS, 2)
    ]
    [found] = agreements(kept)
    assert found.ratio.point == pytest.approx(1.0)
    assert found.ratio.n == 2


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: f"{loop.system} {loop.name}")
def test_chunkbench_can_run_each_loop(loop):
    """And each thing that is changed has words for it."""
    assert (
        lookup(loop.case.executor).refuses(make_workload(loop.case.workload, loop.case.size))
        is None
    )
    assert {name for side in loop.changes for name in side.split("+")} <= set(their_loops.CHANGES)


def test_the_loops_themselves_know_nothing_of_chunkbench():
    """They import what a user's script would: nothing of ours."""
    tree = ast.parse(Path(their_loops.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    named = {alias.name for node in imports for alias in node.names}
    named |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
    assert not [name for name in named if name.partition(".")[0] in ("harness", "selfbench")]
    assert tuple(their_loops.SYSTEMS) == SYSTEMS


def test_a_loop_gives_microseconds_a_task_by_the_name_that_its_case_has():
    """The standard library's, whose pools need nothing else."""
    with their_loops.of_futures(SHOWN) as loops:
        assert set(loops) == {loop.name for loop in LOOPS if loop.system == "concurrent.futures"}
        tasks, call = loops["threads"]
        assert call() == [None] * tasks
        assert 0 < their_loops.timed(call, tasks, SHOWN) < 1e6


def test_the_page_shows_what_the_committed_figures_say():
    table = printed(list(agreements(kept(ROOT / "selfbench" / "own-measures-2core"))), "pipe")
    assert table in (ROOT / "docs" / "self-benchmark.md").read_text("utf-8")
