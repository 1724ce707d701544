"""Memory that is exhausted inside a control group, so that the kernel ends a process."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import pytest

from tests.faults.memory_groups import memory_of

LIMIT = 1536 << 20
CASES = {
    "engine": ("hungry_in_a_thread", "thread-pool", "process-pool", "the process"),
    "worker": ("hungry_in_a_process", "process-pool", "thread-pool", "a worker"),
}


@pytest.mark.fault
@pytest.mark.parametrize(
    "which", [pytest.param(name, id=f"{name} out of memory on try") for name in CASES]
)
def test_a_case_that_fills_the_memory_is_lost_alone(which, place, start):
    """The kernel ends its process and not the sweep; the other case goes on; the answer says so."""
    function, fills, other, whom = CASES[which]
    with memory_of(LIMIT) as under:
        watched = start(
            [
                *("try", f"faultwork:{function}", "--items", "faultwork:inputs"),
                *("--on", f"{fills},{other}", "--budget", "40s"),
                *("--results", str(place.results), "--machine", "m"),
            ],
            under=under,
        )
        assert watched.wait() == 0, watched.said()
        watched.nothing_left()
    [path] = place.journals()
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    statuses = defaultdict(set)
    for pair in (record for record in records if record["kind"] == "pair"):
        statuses[pair["executor"]].add((pair["status"], pair["reason"]))
    assert ("ok", None) in statuses[other]
    filled = [reason for status, reason in statuses[fills] if status == "out of memory"]
    assert filled
    assert ("ok", None) not in statuses[fills]
    said = re.compile(
        f"the system ended {whom} for lack of memory: the job has 1.50 GiB"
        "|MiB of memory left in the job"  # where the sweep saw it coming
    )
    assert all(said.search(reason) for reason in filled), statuses
    assert "out of memory" in watched.output.read_text()
