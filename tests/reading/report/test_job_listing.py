"""What people and scripts read of jobs."""

from __future__ import annotations

import json

import pytest

import harness
from harness.core.errors import InputError
from harness.reading.analysis.jobs.efficiency import Finding, efficiency
from harness.reading.ingest.accounting import read_file
from harness.reading.report.job_listing import records, text
from harness.reading.report.shown.plain import WIDTH
from harness.reading.report.words.job_words import WORDS, sentences
from tests.reading.ingest.accounting.listed import FILES, FOLDER


def judged(path):
    return [efficiency(job.model_copy(update={"file": path.name})) for job in read_file(path)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_text_of_every_listing(path, snapshot):
    """Byte for byte: nothing changes for readers unnoticed."""
    shown = text(judged(path))
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert shown == snapshot


def test_the_lessons_finding_in_the_words_of_its_answer():
    jobs = {used.job.job_id: used for used in judged(FOLDER / "lesson.qacct")}
    assert sentences(jobs["3524046"])[0] == (
        "8 slots granted, 1.05 cores at work, 30 366 involuntary context switches: all threads "
        "shared one core; check pins and mpirun binding"
    )


def test_a_listing_is_judged_and_printed_from_python(tmp_path):
    """By the one name that a notebook imports, from its text, its bytes or its file."""
    path = FOLDER / "lesson.qacct"
    from_file = harness.read_jobs(path)
    assert str(from_file) == text(from_file.jobs).rstrip("\n")
    assert from_file.records() == records(from_file.jobs)
    for content in (path.read_text(), path.read_bytes()):
        assert len(harness.read_jobs(content).jobs) == len(from_file.jobs)
    with pytest.raises(InputError, match="missing"):
        harness.read_jobs(tmp_path / "missing")


def test_every_finding_has_its_words():
    assert set(WORDS) == set(Finding)


def test_the_record_has_the_promised_fields_and_is_json():
    (worker, *_) = records(judged(FOLDER / "lesson.qacct"))
    promised = "job_id source state slots elapsed_seconds cpu_seconds cpu_efficiency cores_used"
    promised += " max_memory_bytes requested_memory_bytes memory_efficiency findings"
    assert set(promised.split()) <= set(worker)
    assert worker["nodes"] is None  # unknown is null, never 0
    assert json.loads(json.dumps(worker, allow_nan=False)) == worker
