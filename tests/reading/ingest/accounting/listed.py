"""The listings that the tests read, by name and by the source that each is of."""

from __future__ import annotations

from pathlib import Path

from harness.reading.ingest.accounting.job import Job, ListingKind
from harness.reading.ingest.accounting.listings import read_file

FOLDER = Path(__file__).parent / "samples"
FILES = sorted(FOLDER.iterdir())


def source_of(path: Path) -> ListingKind:
    return ListingKind(path.suffix[1:])


def jobs(name: str) -> dict[str, Job]:
    """The jobs of a sample by id; with the run where there are several."""
    listed = read_file(FOLDER / name)
    return {
        job.job_id if job.attempts == 1 else f"{job.job_id} run {job.attempt}": job
        for job in listed
    }
