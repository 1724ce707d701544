"""An hour of sweeps in one process: what grew is named, and what did not is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.running.measure.process import shared_memory
from selfbench import soak
from selfbench.soak import Seen, grown, memory_of_a_turn, printed, soaked

FIRST = Seen(1, 5.0, 200 << 20, 12, 3, 0, 0)


def turns(**each):
    """Ten turns, in each of which a field is so much more than in the one before."""
    return [
        replace(
            FIRST,
            turn=number + 1,
            **{name: getattr(FIRST, name) + number * more for name, more in each.items()},
        )
        for number in range(10)
    ]


@pytest.mark.parametrize("name", ["files", "threads", "processes", "temporary"])
def test_what_grows_is_named(name):
    assert grown(turns(**{name: 1})) == [name]
    assert f"more than after the first turn: {name};" in printed(turns(**{name: 1}), "pipe")


def test_what_stays_is_said_to_stay():
    text = printed(turns(), "pipe")
    assert "no more than after the first turn; memory grows by 0 [0, 0] KiB a turn" in text


def test_the_growth_of_memory_is_that_of_the_later_half():
    """Libraries that are loaded in the first turns are no leak; 3 KiB a turn are."""
    seen = turns(memory_bytes=3 << 10)
    seen[0] = replace(seen[0], memory_bytes=1 << 20)
    assert memory_of_a_turn(seen) == (3 << 10, 3 << 10, 3 << 10)


def test_what_others_measure_meanwhile_is_no_growth(tmp_path, monkeypatch):
    """A semaphore is another's where a sweep that lives elsewhere has its token; of a sweep that
    was killed nobody has."""
    folder = tmp_path / "shm"
    folder.mkdir()
    for module in (soak, shared_memory):
        monkeypatch.setattr(module, "SHARED_MEMORY", folder)
    for name in ("sem.cbours-1", "sem.cbother-1", "sem.foreign"):
        (folder / name).touch()
    held = shared_memory.hold("other", tmp_path / "elsewhere" / "run")
    assert held
    with held:
        assert soak._shared_memory(tmp_path / "t") == {"sem.cbours-1"}


@pytest.mark.engine
def test_sweeps_leave_nothing_in_this_process_or_its_temporary_folder(tmp_path):
    """Descriptors, processes and files are after the second turn what they were after the first."""
    said: list[str] = []
    seen = soaked(["thread-pool"], tmp_path, 0.0, said.append)
    assert len(said) == len(seen)
    assert not {"files", "processes", "temporary"} & set(grown(seen))
