"""A run knows the batch job that it is measured in, also after it was resumed in another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harness.core.errors import Interrupted
from harness.core.records import Case
from harness.reading.ingest import read_journal, read_results
from harness.running.measure.sweep.session import measure
from tests.running.measure.sweeps import never, plan, profile

pytestmark = pytest.mark.engine


def test_every_pair_knows_the_job_that_measured_it(tmp_path, monkeypatch):
    """Stopped in one job, in a task of an array, and resumed in another job."""
    monkeypatch.setenv("ASV_COMMIT", "0" * 40)  # another commit is not resumed
    case = Case(
        workload="empty-task", size=64, executor="thread-pool", workers=2, pin="1", chunk=32
    )
    planned = plan(profile((3, 3)), [case])

    def stop(progress):
        if progress.done >= 2:
            raise KeyboardInterrupt

    monkeypatch.setenv("SLURM_JOB_ID", "14")
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "12")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    with pytest.raises(Interrupted):
        measure(planned, tmp_path, decide=never, machine_name="node", report=stop)
    for name in ("SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("SLURM_JOB_ID", "15")
    path = measure(planned, tmp_path, decide=never, machine_name="node", resume=True)
    first, second = read_journal(path).stretches
    assert (first.job, second.job) == ("slurm-12_3", "slurm-15")
    assert first.info.seed == second.info.seed
    assert first.seconds is not None
    assert second.seconds is not None
    pairs = read_results(tmp_path).pairs
    assert len(pairs) == 6
    assert set(pairs["job"]) == {"slurm-12_3", "slurm-15"}
    assert pairs["round"].is_unique


def test_a_run_that_came_to_its_end_since_is_handed_over_without_measuring(tmp_path, monkeypatch):
    """The job was stopped before ASV had what the journal has; without a moment, or after one that
    is later than the run, it is measured anew."""
    monkeypatch.setenv("ASV_COMMIT", "0" * 40)
    case = Case(workload="empty-task", size=64, executor="numpy", workers=1, pin="1", chunk=64)
    planned = plan(profile((1,)), [case])

    def again(since, planned=planned):
        return measure(
            planned, tmp_path, decide=never, machine_name="node", resume=True, since=since
        )

    path = again(None)
    kept = path.read_bytes()
    end = read_journal(path).stretches[-1].end
    assert end
    ended = datetime.fromisoformat(str(end.t))
    assert again(ended - timedelta(seconds=1)) == path
    assert path.read_bytes() == kept
    other = plan(profile((1,)), [case.model_copy(update={"size": 32, "chunk": 32})])
    assert again(ended - timedelta(seconds=1), other) != path
    assert again(datetime.now(UTC)) != path
