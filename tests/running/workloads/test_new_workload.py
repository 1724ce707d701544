"""A new workload is one file and an entry point: it runs like ours, through every check of ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import harness
from harness.apps.show import show
from harness.core.errors import UnknownNameError
from harness.running.workloads import GROUP, OURS, REGISTRY, WORKLOADS, make_workload
from tests.running.executors.contract import (  # noqa: F401 - collected from here
    map_tasks,
    note,
    test_answers_are_right,
    test_every_worker_process_has_the_pin,
    test_nothing_is_left_behind,
    test_partial_results_are_those_of_the_serial_replay,
    test_the_layout_adds_up_to_the_workers,
)
from tests.running.workloads import coin_flips

NAME = coin_flips.CoinFlips.name
EXECUTORS = ("thread-pool", "process-pool")

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", autouse=True)
def distribution(tmp_path_factory):
    """A folder on the path with a distribution that offers the workload."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(coin_flips.__file__, folder / "coin_flips.py")
    information = folder / "coins-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: coins\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[{GROUP}]\n{NAME} = coin_flips:CoinFlips\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        REGISTRY.forget_third_parties()
        yield folder
    REGISTRY.forget_third_parties()


@pytest.fixture(scope="module", params=EXECUTORS)
def noted(request, tmp_path_factory):
    return note(request.param, "1", tmp_path_factory.mktemp("home"), [NAME])


@pytest.fixture(scope="module", params=EXECUTORS)
def mapped(request):
    return map_tasks(request.param, [NAME])


def test_it_is_one_file(distribution):
    assert [path.name for path in distribution.rglob("*.py")] == ["coin_flips.py"]
    assert NAME not in OURS


def test_it_is_found_by_its_name_like_ours():
    assert type(make_workload(NAME, 10)).__module__ == "coin_flips"
    card = show(f"{NAME}/thread-pool/chunk=1000", None)
    assert card.workload == "Count heads among size tosses"
    assert card.case.size == coin_flips.CoinFlips.sizes["laptop"]
    with pytest.raises(UnknownNameError, match=r"unknown workload 'coin-flop': .*coin-flips"):
        make_workload("coin-flop", 10)


def test_one_of_ours_cannot_be_replaced(distribution):
    file = distribution / "coins-1.0.dist-info/entry_points.txt"
    before = file.read_text()
    file.write_text(f"{before}random-sum = coin_flips:CoinFlips\n")
    REGISTRY.forget_third_parties()
    try:
        assert type(make_workload("random-sum", 10)) is WORKLOADS["random-sum"]
    finally:
        file.write_text(before)
        REGISTRY.forget_third_parties()


def test_it_is_measured_on_two_executors(tmp_path: Path) -> None:
    journal = harness.run(
        NAME,
        executors=EXECUTORS,
        chunks=[5_000],
        workers=[2],
        profile="smoke",
        results=tmp_path,
        machine_name="m",
    )
    cases = harness.read_results(journal).cases
    assert set(cases["executor"]) == {*EXECUTORS, "numpy-threads"}
    assert set(cases["status"]) == {"ok"}
