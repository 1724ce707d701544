"""Job scripts, and the command that prints and submits them; schedulers themselves: tests/hpc."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import dask.config
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from harness.apps.hpc.batch_systems import BatchSystem
from harness.apps.hpc.job_request import JobRequest, ProgramEngine, walltime
from harness.apps.hpc.scripts import scripts
from harness.apps.hpc.submit import SubmissionError, submit
from harness.cli import app
from harness.core import units
from harness.core.errors import ChunkbenchError, UsageError
from harness.running.plan.sweep import usable_workers

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
    return dict(re.findall(r"```\n\$ chunkbench (submit [^\n]*)\n(.*?)```", page, flags=re.DOTALL))


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
    job = JobRequest(
        BatchSystem.slurm,
        Path("/x") / f"a{name}",
        Path("/results"),
        machine=name,
        executors=(name,),
        sweep_workers=name,
    )
    text, _ = scripts(job).values()
    [cd] = [line for line in text.split("\n") if line.startswith("cd ")]
    assert shlex.split(cd)[1] == str(job.root)
    [machine] = [line for line in text.split("\n") if line.startswith("    --machine ")]
    assert shlex.split(machine.removesuffix("\\"))[1] == name
    for option in ("--executor", "--sweep-workers"):
        [line] = [line for line in text.split("\n") if line.startswith(f"    {option} ")]
        assert shlex.split(line.removesuffix("\\"))[1] == name


def test_pins_are_exported_before_the_sweep_starts(tmp_path):
    text, _ = scripts(JobRequest(BatchSystem.sge, tmp_path, tmp_path / "r")).values()
    before, _, _ = text.partition("chunkbench run")
    assert before.count("=1\n") == len(JobRequest(BatchSystem.sge, tmp_path, tmp_path).pins)
    assert "export OMP_NUM_THREADS=1\n" in before


def test_memory_is_for_the_job_and_for_each_slot_under_grid_engine(tmp_path):
    for scheduler, line in (
        (BatchSystem.slurm, "#SBATCH --mem=8192M"),
        (BatchSystem.sge, "#$ -l h_vmem=2048M"),
        (BatchSystem.pbs, "#PBS -l select=1:ncpus=4:mem=8192mb"),
        (BatchSystem.lsf, '#BSUB -R "rusage[mem=8192MB]"'),
    ):
        job = JobRequest(scheduler, tmp_path, tmp_path / "r", workers=4, memory_bytes=8 << 30)
        assert line in next(iter(scripts(job).values()))


def test_no_memory_at_all_is_all_of_a_nodes_under_slurm(tmp_path):
    """As with ``--exclusive``; Grid Engine would end each process at a limit of 0."""
    for scheduler, memory in ((BatchSystem.slurm, ["#SBATCH --mem=0"]), (BatchSystem.sge, [])):
        job = JobRequest(scheduler, tmp_path, tmp_path / "r", memory_bytes=0)
        lines = next(iter(scripts(job).values())).splitlines()
        assert [line for line in lines if "--mem" in line or "h_vmem" in line] == memory
    with pytest.raises(UsageError, match="worker of Dask"):
        JobRequest(
            BatchSystem.slurm,
            tmp_path,
            tmp_path / "r",
            memory_bytes=0,
            engine=ProgramEngine.jobqueue,
            program=tmp_path / "x.py",
        )


def test_the_report_is_a_job_of_one_core_that_needs_no_node_for_itself(tmp_path):
    """It has the owner's other lines, and neither the memory nor the warning of the sweep."""
    job = JobRequest(
        BatchSystem.slurm,
        tmp_path,
        tmp_path / "r",
        workers=16,
        memory_bytes=1 << 40,
        account="pays",
        lines=("--exclusive", "--export=NONE"),
    )
    sweep, report = scripts(job).values()
    assert "#SBATCH --cpus-per-task=16\n" in sweep
    assert "#SBATCH --exclusive\n" in sweep
    assert "#SBATCH --cpus-per-task=1\n" in report
    assert "#SBATCH --export=NONE\n" in report
    assert "#SBATCH --account=pays\n" in report
    for word in ("--exclusive", "--mem", "--signal", "--requeue"):
        assert word not in report
    assert "chunkbench publish" in report
    assert "chunkbench publish" not in sweep


def test_what_to_sweep_is_handed_on_and_planned_for(clone, monkeypatch):
    words = ["--sweep-workers", "1,2,4,..,cores", "--executor", "dask-threads", "--adapt", "2"]
    words += ["--bind", "cores", "--smt"]
    text = shown(clone, monkeypatch, "--scheduler", "slurm", "--workers", "8", "--print", *words)
    lines = [line.strip(" \\") for line in text.splitlines()]
    assert "--executor dask-threads" in lines
    assert "--sweep-workers 1,2,4,..,cores" in lines
    assert "--adapt 2" in lines
    assert {"--bind cores", "--smt"} <= set(lines)


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
    assert f'mpirun -n "$NSLOTS" python {program}\n' in text


@pytest.mark.parametrize("scheduler", ["slurm", "sge", "pbs", "lsf"])
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
    configuration = yaml.safe_load(scripts(job)["dask/jobqueue.yaml"])
    memory = {"target": False, "spill": False, "pause": 0.8, "terminate": 0.95}
    assert configuration["distributed"]["worker"]["memory"] == memory
    ours = configuration["jobqueue"][scheduler]
    assert (ours["cores"], ours["memory"], ours["queue"], ours["interface"]) == (
        1,
        "1024 MiB",
        "q",
        "ib0",
    )
    assert "export OMP_NUM_THREADS=1" in ours["job-script-prologue"]


@pytest.mark.parametrize("own", [None, ["-V", "-pe smp 4", "-l disk=4G"]])
def test_jobqueue_yaml_leaves_the_lessons_job_extra_its_say(tmp_path, own):
    """dask-jobqueue passes over ``job_extra`` where the file sets its successor: no ``-pe smp``
    reached the job. Without one of its own the program has the lines of the file."""
    core = pytest.importorskip("dask_jobqueue", exc_type=ImportError)
    job = JobRequest(
        BatchSystem.sge,
        tmp_path,
        tmp_path / "r",
        engine=ProgramEngine.jobqueue,
        program=tmp_path / "x.py",
        lines=("-l site=ours",),
    )
    configuration = yaml.safe_load(scripts(job)["dask/jobqueue.yaml"])
    whole = dask.config.merge(dask.config.config, configuration)
    with dask.config.set(whole), pytest.warns(FutureWarning, match="job_extra"):
        asked = core.sge.SGEJob("tcp://127.0.0.1:1", job_extra=own, resource_spec="h_vmem=4G")
    lines = asked.job_script().splitlines()
    for line in own or ["-V", "-l site=ours"]:
        assert f"#$ {line}" in lines


@pytest.mark.parametrize(
    ("scheduler", "line"), [("pbs", "#PBS -A pays"), ("lsf", '#BSUB -P "pays"')]
)
def test_jobqueue_reads_the_file_of_every_batch_system(tmp_path, scheduler, line):
    """Its keys are not the same for all: the account is a project for some, LSF counts minutes."""
    core = pytest.importorskip("dask_jobqueue", exc_type=ImportError)
    job = JobRequest(
        BatchSystem(scheduler),
        tmp_path,
        tmp_path / "r",
        engine=ProgramEngine.jobqueue,
        program=tmp_path / "x.py",
        account="pays",
        modules=("openmpi",),
        scratch="/scratch/$USER",
    )
    configuration = yaml.safe_load(scripts(job)["dask/jobqueue.yaml"])
    configuration["jobqueue"]["lsf"] = configuration["jobqueue"].get("lsf", {}) | {
        "lsf-units": "mb"
    }
    module, name = {"pbs": (core.pbs, "PBSJob"), "lsf": (core.lsf, "LSFJob")}[scheduler]
    with dask.config.set(dask.config.merge(dask.config.config, configuration)):
        text = getattr(module, name)("tcp://127.0.0.1:1").job_script()
    lines = text.splitlines()
    assert line in lines
    assert ("#PBS -l walltime=04:00:00" if scheduler == "pbs" else "#BSUB -W 04:00") in lines
    assert "module load openmpi" in lines
    assert 'export TMPDIR="/scratch/$USER"' in lines


FAKE = """#!/bin/bash
echo "$(basename "$0") $*" >>"{notes}"
[ "$(basename "$0")" != bsub ] || cat >>"{notes}"
{answer}
"""


@pytest.fixture
def batch_commands(tmp_path: Path, monkeypatch):
    """Make programs in the place of a batch system's, by name and what they do; what they hear."""

    def make(**answers: str) -> Path:
        notes, folder = tmp_path / "notes", tmp_path / "bin"
        folder.mkdir()
        for name, answer in answers.items():
            (folder / name).write_text(FAKE.format(notes=notes, answer=answer))
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return notes

    return make


def test_pbs_is_given_each_task_as_a_job_and_the_report_waits_for_all(batch_commands, tmp_path):
    """A task of an array of PBS cannot be submitted again by itself."""
    notes = batch_commands(
        qselect='[ "$4" = chunkbench ] && echo 7.host || true',
        qsub=f'n=$(grep -c ^qsub "{tmp_path}/notes"); echo "$n.host"',
    )
    answer = submit(JobRequest(BatchSystem.pbs, tmp_path, tmp_path / "r", tasks=2))
    script, report = answer.files
    asked = [line for line in notes.read_text().splitlines() if line.startswith("qsub")]
    assert asked == [
        f"qsub -W depend=afterany:7.host -v CHUNKBENCH_TASK=1 {script}",
        f"qsub -W depend=afterany:7.host -v CHUNKBENCH_TASK=2 {script}",
        f"qsub -W depend=afterany:1.host:2.host {report}",
    ]
    assert answer.jobs == ("1.host", "2.host", "3.host")


def test_lsf_reads_the_script_and_says_so_where_no_job_is_listed(batch_commands, tmp_path):
    """Its ``bjobs`` fails where there is no such job, which is no failure."""
    notes = batch_commands(
        bjobs='echo "Job <chunkbench> is not found" >&2; exit 255',
        bsub='echo "Job <41> is submitted to queue <normal>."',
    )
    answer = submit(JobRequest(BatchSystem.lsf, tmp_path, tmp_path / "r", tasks=2))
    text = notes.read_text()
    assert "#BSUB -J chunkbench[1-2]\n" in text
    assert "bsub -w ended(41)\n" in text
    assert answer.jobs == ("41", "41")


def test_an_answer_without_a_job_is_said(batch_commands, tmp_path):
    batch_commands(bjobs="exit 0", bsub="echo 'Request aborted by esub.'")
    with pytest.raises(SubmissionError, match="named no job: Request aborted by esub"):
        submit(JobRequest(BatchSystem.lsf, tmp_path, tmp_path / "r"))


def test_a_container_brings_its_own_environment(tmp_path):
    """The commands run in it, and no environment of the clone is activated."""
    job = JobRequest(
        BatchSystem.slurm, tmp_path, tmp_path / "r", container="apptainer exec /images/c.sif"
    )
    sweep, report = scripts(job).values()
    assert "--cpus-per-task=1 apptainer exec /images/c.sif chunkbench run \\\n" in sweep
    assert "apptainer exec /images/c.sif chunkbench publish" in report
    assert "source" not in sweep


def test_ranks_are_started_by_what_the_site_has(tmp_path):
    job = JobRequest(
        BatchSystem.slurm,
        tmp_path,
        tmp_path / "r",
        workers=2,
        engine=ProgramEngine.mpi,
        program=tmp_path / "x.py",
        launcher="srun --mpi=pmix",
    )
    [text] = scripts(job).values()
    assert f'srun --mpi=pmix -n "$SLURM_NTASKS" python {tmp_path / "x.py"}\n' in text


SITE = """
[submit]
scheduler = "pbs"
account = "p123"
workers = 4
module = ["gcc/12", "openmpi/4.1"]
scratch = "/scratch/$USER"
"""


def test_a_file_says_what_the_site_always_needs_and_the_command_line_has_the_last_word(
    clone, monkeypatch, tmp_path
):
    """Of two files the one of the current folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "chunkbench").mkdir()
    (tmp_path / "chunkbench" / "site.toml").write_text(SITE)
    words = ["--profile", "smoke", "--print"]
    lines = shown(clone, monkeypatch, *words).splitlines()
    for line in ("#PBS -A p123", "#PBS -l select=1:ncpus=4", "module load openmpi/4.1"):
        assert line in lines
    assert 'export TMPDIR="/scratch/$USER"' in lines
    (clone / "chunkbench.toml").write_text('[submit]\naccount = "ours"\n')
    lines = shown(clone, monkeypatch, *words, "--workers", "2").splitlines()
    assert {"#PBS -A ours", "#PBS -l select=1:ncpus=2"} <= set(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[submit\n", "chunkbench.toml: "),
        ("[sumbit]\n", "did you mean submit"),
        ("submit = 3\n", "write a table"),
        ('[submit]\nacount = "x"\n', "did you mean account"),
        ("[submit]\nworkers = 1.5\n", "whole number"),
        ("[submit]\nprint = true\n", "unknown option"),
    ],
)
def test_a_mistake_in_the_file_is_one_line_that_names_it(clone, text, message):
    (clone / "chunkbench.toml").write_text(text)
    done = CliRunner().invoke(app, ["submit", "--scheduler", "slurm", "--print"])
    assert isinstance(done.exception, ChunkbenchError)
    assert message in str(done.exception)
    assert "chunkbench.toml" in str(done.exception)


def test_a_program_runs_where_its_job_was_submitted(clone, monkeypatch):
    """So that what it writes, such as Dask's report, is found there, in a clone or out of it."""
    folder = clone.parent / "elsewhere"
    folder.mkdir()
    (folder / "mine.py").touch()
    for where in (folder, clone / "benchmarks"):
        monkeypatch.chdir(where)
        words = ["--engine", "dask-mpi", "--program", str(folder / "mine.py"), "--print"]
        text = shown(clone, monkeypatch, "--scheduler", "sge", *words)
        cd = next(line for line in text.splitlines() if line.startswith("cd "))
        assert cd == f"cd {str(where).replace(str(clone), HOME)} || exit 2"


def test_a_night_here_and_now_is_planned_for_the_cores_that_it_will_have(clone):
    words = ["submit", "--scheduler", "local", "--suite", "futures", "--print"]
    done = CliRunner().invoke(app, words)
    assert f"on {units.plural(usable_workers(), 'core')}, of 3.0 h" in done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--array", "2", "--scheduler", "local"], "array"),
        (["--workers", "999", "--scheduler", "local"], "leave it out"),
        (["--scheduler", "slurm", "--budget", "2h", "--walltime", "1h"], "walltime"),
        (["--scheduler", "slurm", "--suite", "nothing"], "unknown suite"),
        (["--scheduler", "slurm", "--array", "99"], "only"),
        (["--scheduler", "slurm", "--engine", "dask-mpi"], "--program"),
        (["--scheduler", "slurm", "--memory", "much"], "16G"),
        (["--scheduler", "slurm", "--name", "a b"], "job name"),
        (["--scheduler", "slurm", "--results", "/tmp/a b"], "--results"),
        (["--scheduler", "slurm", "--before", "a\nb"], "line break"),
        (["--scheduler", "slurm", "--executor", "dask-thread"], "did you mean dask-threads"),
        (["--scheduler", "slurm", "--sweep-workers", "some"], "list of workers"),
        (["--scheduler", "slurm", "--resume", "--every", "night"], "--every"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(clone, words, message):
    done = CliRunner().invoke(app, ["submit", *words, "--print"])
    assert isinstance(done.exception, UsageError)
    assert message in str(done.exception)
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


@pytest.fixture
def real_clone(clone: Path) -> Path:
    """The clone with the suites as they are, and with the results that come with chunkbench."""
    for path in (ROOT / "benchmarks").glob("*.py"):
        (clone / "benchmarks" / path.name).write_text(path.read_text())
    (clone / "results").symlink_to(ROOT / "results")
    return clone


NIGHT = ["submit", "--scheduler", "slurm", "--workers", "16", "--suite", "startup"]


def test_a_night_that_is_too_short_is_refused_with_the_budget_that_would_do(real_clone):
    """That one is then taken; ``--print`` shows the script in any case, and says so beside it."""
    done = CliRunner().invoke(app, [*NIGHT, "--budget", "60s"])
    assert isinstance(done.exception, UsageError)
    words = str(done.exception)
    found = re.search(r"takes about .* on 16 cores, not 60 s: give it --budget (\w+)", words)
    assert found is not None
    shown = CliRunner().invoke(app, [*NIGHT, "--budget", "60s", "--print"])
    assert shown.exit_code == 0
    assert "on 16 cores, not 60 s" in shown.stderr
    assert shown.stdout.startswith("==> chunkbench.sh <==\n#!/bin/bash")
    enough = CliRunner().invoke(app, [*NIGHT, "--budget", found[1], "--print"])
    assert "plan: the first look of every case takes about" in enough.stderr


def test_other_profiles_promise_no_look_and_are_not_held_to_it(real_clone):
    done = CliRunner().invoke(app, [*NIGHT, "--profile", "smoke", "--budget", "60s", "--print"])
    assert (done.exit_code, done.stderr) == (0, "")


def test_walltimes_are_written_as_schedulers_read_them():
    assert [walltime(s) for s in (0.2, 3661, 100 * 3600)] == ["00:00:01", "01:01:01", "100:00:00"]
