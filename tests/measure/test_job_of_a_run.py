"""A run knows the batch job that it is measured in, also after it was resumed in another one."""

from __future__ import annotations

import pytest

from harness.errors import Interrupted
from harness.ingest import read_journal, read_results
from harness.measure.session import measure
from harness.records import Case
from tests.measure.sweeps import never, plan, profile

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
