"""What people and scripts read of jobs."""

from __future__ import annotations

import json
from typing import Any

import pytest

import harness
from harness.core.errors import InputError
from harness.reading.analysis.jobs.efficiency import Finding, efficiency
from harness.reading.ingest.accounting.job import SLURM, Job, ListingKind, State
from harness.reading.ingest.accounting.listings import read_file
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


def test_what_is_said_of_one_batch_system_is_not_said_of_another():
    """Words that name a column or a habit of Slurm, of jobs of which nothing else is known."""
    fields: dict[str, Any] = {"job_id": "1", "file": "f", "line": 1, "state": State.CANCELLED}
    fields |= {"elapsed_seconds": 1000.0, "cpu_is_lower_bound": True}
    for kind in ListingKind:
        unbooked = Job(source=kind, cpu_seconds=0.0, slots=8, **fields)
        unknown = Job(source=kind, cpu_seconds=900.0, **fields)
        said = " ".join(sentences(efficiency(unbooked)) + sentences(efficiency(unknown)))
        assert ("on Slurm" in said) == (kind in SLURM)
        assert ("AllocCPUS" in said) == kind.startswith("sacct")


def test_a_peak_that_was_sampled_is_never_the_most_that_can_have_been():
    assert "at most" not in " ".join(text(judged(path)) for path in FILES)
