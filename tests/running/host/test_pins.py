"""Pins are set before NumPy loads and read back: rule 8."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.errors import UsageError
from harness.core.records import WorkerProbe
from harness.running.host import pins

ROOT = Path(__file__).parents[3]


def probe(native=1, pid=1, **environment):
    return WorkerProbe(pid=pid, native_threads=native, environment=environment)


@pytest.mark.parametrize(
    ("pin", "cores", "threads"),
    [
        ("1", 8.0, 1),
        ("cores", 8.0, 8),
        ("cores", 2.7, 2),
        ("cores", 0.5, 1),
        ("default", 8.0, None),
    ],
)
def test_a_pin_is_a_number_of_native_threads(pin, cores, threads):
    assert pins.native_threads(pin, cores) == threads
    wanted = {} if threads is None else dict.fromkeys(pins.VARIABLES, str(threads))
    assert pins.environment(pin, cores) == wanted


def test_every_library_of_the_rule_is_pinned():
    """Rule 8 lists them."""
    for word in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "NUMBA", "VECLIB"):
        assert any(name.startswith(word) for name in pins.VARIABLES)


@pytest.mark.parametrize("pin", ["2", "", "all", "core"])
def test_an_unknown_pin_is_refused_with_those_that_exist(pin):
    with pytest.raises(UsageError, match="1, cores, default") as caught:
        pins.native_threads(pin, 2.0)
    assert "\n" not in str(caught.value)


def test_a_mismatch_names_the_two_values():
    """Rule 8: a status with the two values; one worker that is off is enough."""
    found = pins.mismatch("1", 4.0, [probe(1, 1), probe(4, 2)])
    assert found == "pin not in force: 1 native threads asked, 4 found in worker process"
    assert "4 native threads asked, 1 found" in str(pins.mismatch("cores", 4.0, [probe(1)]))


def test_pins_that_hold_are_no_mismatch():
    assert pins.mismatch("1", 4.0, [probe(1, 1), probe(1, 2)]) is None
    assert pins.mismatch("cores", 4.0, [probe(4)]) is None
    assert pins.mismatch("default", 4.0, [probe(7), probe(None)]) is None


def test_a_library_that_cannot_be_read_is_judged_by_its_variable():
    assert pins.mismatch("1", 4.0, [probe(None, OMP_NUM_THREADS="1")]) is None
    assert "4 found" in str(pins.mismatch("1", 4.0, [probe(None, OMP_NUM_THREADS="4")]))
    assert "None found" in str(pins.mismatch("1", 4.0, [probe(None)]))


@pytest.mark.engine
@pytest.mark.parametrize("pin", ["1", "cores"])
def test_a_pin_in_the_environment_is_what_a_probe_reads_back(pin):
    """Rule 8, for real: in a fresh process, where NumPy loads after the variables are set."""
    cores = float(len(os.sched_getaffinity(0)))
    code = (
        "import json; from dataclasses import asdict; "
        "from harness.running.host.pins import probe_worker as p; print(json.dumps(asdict(p())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | pins.environment(pin, cores),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = json.loads(done.stdout)
    wanted = pins.native_threads(pin, cores)
    assert found["native_threads"] == wanted
    assert set(found["environment"].values()) == {str(wanted)}
    assert found["affinity"] == sorted(os.sched_getaffinity(0))
    assert found["pid"] != os.getpid()
