"""The options of a run arrive in a suite's process as they were given."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import UsageError
from harness.core.run_options import RunOptions

WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-._", min_size=1, max_size=20)
PATHS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).map(Path)
ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours))) | st.just(UTC)
OPTIONS = st.builds(
    RunOptions,
    profile=WORDS,
    machine=st.none() | WORDS,
    results=st.none() | PATHS,
    suite_budget_seconds=st.none() | st.floats(0, 1e9),
    shared_budget=st.none() | PATHS,
    resume=st.booleans(),
    since=st.none() | st.datetimes(timezones=ZONES),
    dashboard=st.booleans(),
    executors=st.lists(WORDS, max_size=4).map(tuple),
    workers=st.lists(st.integers(), max_size=4).map(tuple),
    adapt=st.none() | st.integers(),
    secure=st.sampled_from(["auto", "on", "off"]),
    bind=st.sampled_from(["no", "cores"]),
    smt=st.booleans(),
)


@given(OPTIONS)
def test_options_come_out_of_the_environment_as_they_went_in(options):
    assert RunOptions.from_env(options.to_env()) == options


def test_every_option_has_a_variable_of_its_own():
    """None is forgotten: with all of them set there are as many variables as options."""
    options = RunOptions(
        profile="smoke",
        machine="m",
        results=Path("r"),
        suite_budget_seconds=90.0,
        shared_budget=Path("s"),
        resume=True,
        since=RunOptions.from_env({"CHUNKBENCH_SINCE": "2026-11-25T22:00:00Z"}).since,
        dashboard=True,
        executors=("dask-mpi", "dask-slurm"),
        workers=(1, 2),
        adapt=1,
        secure="on",
        python=Path("/p/bin/python"),
        bind="cores",
        smt=True,
    )
    assert options.to_env() == {
        "CHUNKBENCH_PROFILE": "smoke",
        "CHUNKBENCH_MACHINE": "m",
        "CHUNKBENCH_RESULTS": "r",
        "CHUNKBENCH_BUDGET": "90.0",
        "CHUNKBENCH_SHARED": "s",
        "CHUNKBENCH_RESUME": "1",
        "CHUNKBENCH_SINCE": "2026-11-25T22:00:00+00:00",
        "CHUNKBENCH_DASHBOARD": "1",
        "CHUNKBENCH_EXECUTORS": "dask-mpi dask-slurm",
        "CHUNKBENCH_WORKERS": "1 2",
        "CHUNKBENCH_ADAPT": "1",
        "CHUNKBENCH_SECURE": "on",
        "CHUNKBENCH_PYTHON": "/p/bin/python",
        "CHUNKBENCH_BIND": "cores",
        "CHUNKBENCH_SMT": "1",
    }
    assert len(options.to_env()) == len(fields(RunOptions))


def test_an_empty_variable_counts_as_not_set():
    empty = dict.fromkeys(RunOptions(resume=True, dashboard=True).to_env(), "")
    assert RunOptions.from_env(empty) == RunOptions.from_env({}) == RunOptions()


@pytest.mark.parametrize(("text", "on"), [("1", True), ("yes", True), ("0", False), ("No", False)])
def test_a_flag_is_on_unless_its_variable_denies_it(text, on):
    options = RunOptions.from_env({"CHUNKBENCH_RESUME": text, "CHUNKBENCH_DASHBOARD": text})
    assert (options.resume, options.dashboard) == (on, on)


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("CHUNKBENCH_BUDGET", "soon", "'soon' is not a duration"),
        ("CHUNKBENCH_SINCE", "soon", "'soon' is no moment"),
        ("CHUNKBENCH_WORKERS", "1 two", "CHUNKBENCH_WORKERS is 'two'"),
        ("CHUNKBENCH_ADAPT", "two", "CHUNKBENCH_ADAPT is 'two'"),
        ("CHUNKBENCH_SECURE", "yes", "CHUNKBENCH_SECURE is 'yes': give auto, on or off"),
        ("CHUNKBENCH_BIND", "sockets", "CHUNKBENCH_BIND is 'sockets': give no or cores"),
    ],
)
def test_a_variable_that_cannot_be_read_is_one_line(variable, text, message):
    with pytest.raises(UsageError, match=message) as error:
        RunOptions.from_env({variable: text})
    assert "\n" not in str(error.value)
