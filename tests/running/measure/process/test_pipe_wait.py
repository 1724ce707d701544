"""Waiting for a pipe."""

from __future__ import annotations

import os
import resource

import pytest

from harness.running.measure.process.pipe_wait import readable


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_a_pipe_is_readable_when_something_is_in_it_and_when_it_has_ended(pipe):
    reads, writes = pipe
    assert not readable(reads, 0.0)
    os.write(writes, b"x")
    assert readable(reads, 0.0)
    ended, closed = os.pipe()
    os.close(closed)
    assert readable(ended, 0.0)
    os.close(ended)


def test_descriptors_beyond_1024_are_waited_for_too(pipe):
    """As a block of 128 workers has them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2000:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(2000, hard), hard))
    reads, writes = pipe
    high = 1500
    os.dup2(reads, high)
    try:
        os.write(writes, b"x")
        assert readable(high, 0.0)
    finally:
        os.close(high)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
