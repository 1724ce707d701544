"""Job scripts, and what lets several sweeps fill one folder; schedulers themselves: tests/hpc."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from harness.apps.asv import results as asv_results
from harness.apps.hpc.job_request import BatchSystem, JobRequest, ProgramEngine, walltime
from harness.apps.hpc.scripts import scripts
from harness.cli import app
from harness.core.errors import UsageError

ROOT = Path(__file__).parents[3]
HOME = "/home/you/chunkbench"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with an environment in it, which is the one that runs."""
    folder = tmp_path / "clone"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "activate").touch()
    (folder / ".venv" / "pyvenv.cfg").touch()
    (folder / "asv.conf.json").touch()
    (folder / "benchmarks").mkdir()
    for path in (ROOT / "benchmarks").glob("*.py"):
        (folder / "benchmarks" / path.name).touch()
    monkeypatch.setattr(sys, "executable", str(folder / ".venv" / "bin" / "python"))
    monkeypatch.chdir(folder)
    return folder


def shown(clone: Path, monkeypatch, *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["chunkbench", "submit", *words])
    done = CliRunner().invoke(app, ["submit", *words])
    assert done.exit_code == 0, done.output
    return done.stdout.replace(str(clone), HOME)


def blocks(page: str) -> dict[str, str]:
    """What the page says that each command prints."""
    found = re.findall(r"```\n\$ chunkbench (submit [^\n]*)\n(.*?)```", page, flags=re.DOTALL)
    return dict(found)


@pytest.mark.parametrize("number", range(5))
def test_the_page_shows_what_the_command_prints(clone, monkeypatch, number):
    """Paste what this prints where it fails."""
    page = blocks((ROOT / "docs" / "hpc.md").read_text())
    assert len(page) == 5
    command, output = list(page.items())[number]
    assert output == shown(clone, monkeypatch, *shlex.split(command)[1:])


@pytest.mark.parametrize("scheduler", BatchSystem)
@pytest.mark.parametrize("tasks", [1, 3])
def test_every_script_is_shell_that_parses(tmp_path, scheduler, tasks):
    tasks = 1 if scheduler is BatchSystem.local else tasks
    job = JobRequest(scheduler, tmp_path, tmp_path / "results", tasks=tasks, suites=("futures",))
    for text in scripts(job).values():
        assert subprocess.run(["bash", "-n"], input=text, text=True).returncode == 0


@given(st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), min_size=1))
def test_no_name_of_a_folder_or_machine_becomes_a_command(name):
    """A shell reads back the very words that were given, whatever is in them."""
    job = JobRequest(BatchSystem.slurm, Path("/x") / f"a{name}", Path("/results"), machine=name)
    [text] = scripts(job).values()
    [cd] = [line for line in text.split("\n") if line.startswith("cd ")]
    assert shlex.split(cd)[1] == str(job.root)
    [machine] = [line for line in text.split("\n") if line.startswith("    --machine ")]
    assert shlex.split(machine.removesuffix("\\"))[1] == name


def test_pins_are_exported_before_the_sweep_starts(tmp_path):
    [text] = scripts(JobRequest(BatchSystem.sge, tmp_path, tmp_path / "r")).values()
    before, _, _ = text.partition("chunkbench run")
    assert before.count("=1\n") == len(JobRequest(BatchSystem.sge, tmp_path, tmp_path).pins)
    assert "export OMP_NUM_THREADS=1\n" in before


def test_memory_is_for_the_job_under_slurm_and_for_each_slot_under_grid_engine(tmp_path):
    for scheduler, line in (
        (BatchSystem.slurm, "#SBATCH --mem=8192M"),
        (BatchSystem.sge, "#$ -l h_vmem=2048M"),
    ):
        job = JobRequest(scheduler, tmp_path, tmp_path / "r", workers=4, memory_bytes=8 << 30)
        assert line in next(iter(scripts(job).values()))


def test_dask_mpi_asks_for_two_ranks_more_than_workers(tmp_path):
    program = tmp_path / "x.py"
    job = JobRequest(
        BatchSystem.sge,
        tmp_path,
        tmp_path / "r",
        workers=6,
        engine=ProgramEngine.mpi,
        program=program,
    )
    [text] = scripts(job).values()
    assert "#$ -pe smp 8\n" in text
    assert f'mpirun -np "$NSLOTS" python {program}\n' in text


@pytest.mark.parametrize("scheduler", ["slurm", "sge"])
def test_jobqueue_yaml_has_the_memory_settings_of_the_lesson(tmp_path, scheduler):
    """No spilling; pause at 80 %, restart at 95 %; pins in every worker's job."""
    job = JobRequest(
        BatchSystem(scheduler),
        tmp_path,
        tmp_path / "r",
        workers=8,
        engine=ProgramEngine.jobqueue,
        program=tmp_path / "x.py",
        memory_bytes=1 << 30,
        queue="q",
        interface="ib0",
    )
    found = yaml.safe_load(scripts(job)["dask/jobqueue.yaml"])
    memory = {"target": False, "spill": False, "pause": 0.8, "terminate": 0.95}
    assert found["distributed"]["worker"]["memory"] == memory
    ours = found["jobqueue"][scheduler]
    assert (ours["cores"], ours["memory"], ours["queue"], ours["interface"]) == (
        1,
        "1024 MiB",
        "q",
        "ib0",
    )
    assert "export OMP_NUM_THREADS=1" in ours["job-script-prologue"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--array", "2", "--scheduler", "local"], "array"),
        (["--scheduler", "slurm", "--budget", "2h", "--walltime", "1h"], "walltime"),
        (["--scheduler", "slurm", "--suite", "nothing"], "unknown suite"),
        (["--scheduler", "slurm", "--array", "99"], "only"),
        (["--scheduler", "slurm", "--engine", "dask-mpi"], "--program"),
        (["--scheduler", "slurm", "--memory", "much"], "16G"),
        (["--scheduler", "slurm", "--name", "a b"], "job name"),
        (["--scheduler", "slurm", "--results", "/tmp/a b"], "--results"),
        (["--scheduler", "slurm", "--before", "a\nb"], "line break"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(clone, words, said):
    done = CliRunner().invoke(app, ["submit", *words, "--print"])
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception).replace("\\n", "")
    assert not (clone / "results").exists()


def test_the_nightly_line_submits_the_same_job_and_names_this_chunkbench(clone, monkeypatch):
    words = ["submit", "--scheduler", "slurm", "--workers", "4", "--every", "night"]
    monkeypatch.setattr(sys, "argv", ["chunkbench", *words])
    done = CliRunner().invoke(app, words)
    options, line = done.stdout.replace(str(clone), HOME).splitlines()
    assert options.startswith("#SCRON ")
    assert line == (
        f"0 22 * * * cd {HOME} && {HOME}/.venv/bin/chunkbench submit --scheduler slurm --workers 4"
    )


def test_parts_together_are_all_suites_and_none_twice():
    names = [f"s{number}" for number in range(10)]
    for parts in range(1, 11):
        split = [asv_results.part_of(names, f"{k}/{parts}") for k in range(1, parts + 1)]
        assert sorted(itertools.chain(*split)) == sorted(names)
        assert max(map(len, split)) - min(map(len, split)) <= 1
    for wrong in ("0/2", "3/2", "1", "a/b", "-1/2", "1/0"):
        with pytest.raises(UsageError):
            asv_results.part_of(names, wrong)


def test_one_run_a_folder_or_one_of_each_part(tmp_path):
    once_more = asv_results.one_run(tmp_path)
    with asv_results.one_run(tmp_path), pytest.raises(UsageError, match="another run"), once_more:
        pass
    with asv_results.one_run(tmp_path, "1-of-2"), asv_results.one_run(tmp_path, "2-of-2"):
        for part in ("1-of-2", None):
            with pytest.raises(UsageError), asv_results.one_run(tmp_path, part):
                pass
    with asv_results.one_run(tmp_path):
        pass


def test_cells_of_two_sweeps_are_in_one_file_and_the_newer_wins(tmp_path):
    results = tmp_path / "results"
    for scratch, cells in (("a", {"x": [1], "y": [1]}), ("b", {"y": [2], "z": [2]})):
        folder = tmp_path / scratch / "m"
        folder.mkdir(parents=True)
        content = {"commit_hash": "c", "results": cells, "durations": {scratch: 1.0}}
        (folder / "c-env.json").write_text(json.dumps(content))
        (folder / "machine.json").write_text(json.dumps({"machine": "m"}))
        results.mkdir(exist_ok=True)
        asv_results.add(tmp_path / scratch, results)
    found = json.loads((results / "m" / "c-env.json").read_text())
    assert found["results"] == {"x": [1], "y": [2], "z": [2]}
    assert found["durations"] == {"a": 1.0, "b": 1.0}


@pytest.mark.parametrize(
    ("status", "commit", "hour", "counts"),
    [
        ("complete", "c", 23, True),
        ("out of budget", "c", 23, True),
        ("interrupted", "c", 23, False),
        ("complete", "other", 23, False),
        ("complete", "c", 21, False),
        (None, "c", 23, False),
    ],
)
def test_a_suite_is_done_where_a_run_of_the_same_commit_ended_since(
    tmp_path, status, commit, hour, counts
):
    ran(tmp_path, status, commit, hour)
    filled(tmp_path, "futures.Map.track_seconds", "c", 23)
    assert asv_results.ended(tmp_path, "futures", "nightly", "c", TEN) is counts


@pytest.mark.parametrize(
    ("name", "commit", "hour"),
    [
        ("task_grain.Map.track_seconds", "c", 23),
        ("futures.Map.track_seconds", "other", 23),
        ("futures.Map.track_seconds", "c", 21),
    ],
)
def test_a_suite_without_its_cells_in_the_file_of_asv_is_not_done(tmp_path, name, commit, hour):
    """A job was stopped after its journal had come to its end: the file has the cells of another
    suite or commit, or those of the night before."""
    ran(tmp_path, "complete", "c", 23)
    assert not asv_results.ended(tmp_path, "futures", "nightly", "c", TEN)
    filled(tmp_path, name, commit, hour)
    assert not asv_results.ended(tmp_path, "futures", "nightly", "c", TEN)


TEN = datetime(2026, 11, 25, 22, tzinfo=UTC)


def ran(folder: Path, status: str | None, commit: str, hour: int) -> None:
    """The journal of a run that ended at this *hour*, or has not."""
    run = "20261125T220000Z-futures-0000"
    lines = [
        {
            "kind": "run",
            "v": 1,
            "run": run,
            "suite": "futures",
            "profile": "nightly",
            "commit": commit,
            "machine": {"name": "m"},
        }
    ]
    if status:
        lines.append(
            {
                "kind": "end",
                "v": 1,
                "run": run,
                "t": f"2026-11-25T{hour}:00:00.000+00:00",
                "status": status,
            }
        )
    (folder / "journal").mkdir()
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "journal" / f"{run}.jsonl").write_text(text)


def filled(folder: Path, name: str, commit: str, hour: int) -> None:
    """ASV's file with a benchmark that it ran at this *hour*; ASV counts in milliseconds."""
    began = 1000 * TEN.replace(hour=hour).timestamp()
    content = {
        "commit_hash": commit,
        "result_columns": ["result", "params", "started_at"],
        "results": {name: [[1.0], [], began]},
    }
    (folder / "c-env.json").write_text(json.dumps(content))
    (folder / "machine.json").write_text(json.dumps({"machine": "m", "version": 1}))


def test_walltimes_are_written_as_schedulers_read_them():
    assert [walltime(s) for s in (0.2, 3661, 100 * 3600)] == ["00:00:01", "01:01:01", "100:00:00"]
