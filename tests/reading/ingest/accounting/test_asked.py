"""``--job``: the batch system is asked by a list of words, within a time, and says why not."""

from __future__ import annotations

import pytest

from harness.core.errors import InputError, UsageError
from harness.reading.ingest.accounting import asked
from harness.reading.ingest.accounting.job import ListingKind
from tests.reading.ingest.accounting.listed import FOLDER


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Put commands of these names on an otherwise empty PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(**scripts):
        for name, script in scripts.items():
            path = tmp_path / name
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)

    return put


def test_neither_command_is_one_clear_line(commands):
    with pytest.raises(InputError, match="no sacct nor qacct on this machine"):
        asked.listing("1")


def test_qacct_is_asked_where_it_alone_is_installed(commands):
    commands(
        qacct=f'[ "$*" = "-j 3524046" ] && while IFS= read -r l; do echo "$l"; done '
        f"< {FOLDER / 'lesson.qacct'}"
    )
    content, source, command = asked.listing("3524046")
    assert (source, command) == (ListingKind.QACCT, "qacct 3524046")
    assert content == (FOLDER / "lesson.qacct").read_bytes()


def test_where_sacct_knows_no_such_job_qacct_is_asked(commands):
    commands(sacct="echo 'JobID|State'", qacct="echo qname q; echo jobnumber 1")
    assert asked.listing("1")[1] is ListingKind.QACCT


def test_what_the_command_says_is_passed_on(commands):
    commands(qacct="echo error: job id 1 not found >&2; exit 1")
    with pytest.raises(InputError, match="qacct says error: job id 1 not found: check the id"):
        asked.listing("1", "qacct")


def test_a_command_that_hangs_is_given_up(commands, monkeypatch):
    monkeypatch.setattr(asked, "TIMEOUT_SECONDS", 0.2)
    commands(sacct="while :; do :; done")
    with pytest.raises(InputError, match="sacct did not answer within"):
        asked.listing("1", "sacct")


@pytest.mark.parametrize("job", ["", "-h", "--help", "1; ls", "1\n2", "$(ls)"])
def test_only_an_id_gets_into_the_command(job):
    with pytest.raises(UsageError, match="not a job's id"):
        asked.listing(job)
