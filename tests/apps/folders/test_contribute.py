"""``chunkbench contribute``: names are gone, the data are not, and ``merge`` takes the file."""

from __future__ import annotations

import json
import platform
import zipfile
from pathlib import Path
from typing import Any

import pytest

from harness.apps.folders.contribute import contribution
from harness.apps.folders.contribution_file import ABOUT, packed
from harness.apps.folders.merge import merge
from harness.apps.folders.personal_words import PersonalWords
from harness.core.errors import InputError, UnknownNameError, UsageError
from harness.core.records import Machine, Pair, Status, Try, WorkerProbe
from harness.reading.ingest import read_results
from harness.reading.report.analysed import analysed
from tests.reading.ingest.builders import GROUP, RUN, block, run_info, sweep, write_journal

SECRETS = ("ann.example", "login7.cluster.example.org", "login7", "blue-whale", "arc4", "d9s9b4")
"""A user, a host with and without its domain, a project, a cluster and a node."""
REASON = (
    "FileNotFoundError: '/home/ann.example/my data/blue-whale/x.npy' on login7, asked "
    "tcp://10.1.2.3:8786 and d9s9b4; write to ann.example@example.org or see /scratch/u/a/b"
)


@pytest.fixture
def known_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This host and its user have names that can be looked for."""
    monkeypatch.setattr("getpass.getuser", lambda: "ann.example")
    monkeypatch.setattr(platform, "node", lambda: "login7.cluster.example.org")


@pytest.fixture
def results(tmp_path: Path, known_here: None) -> Path:
    """A machine with one run, whose lines name a person, hosts, paths and a job."""
    lines = sweep()
    here = Machine(name="made-up", cpu="Made-up CPU of ann.example", cores_usable=2.0)
    lines[0] = run_info(machine=here, job="4711", scheduler="slurm", cluster="arc4")
    probes = [WorkerProbe(pid=1, host=host) for host in ("d9s9b4", "d9s9b5", "d9s9b4")]
    places = {"worker_jobs": ["slurm-4712", "slurm-4711"], "folder": "/scratch/arc4"}
    lines.insert(1, block(9, verified=probes, settings=places))
    lines.insert(-1, Pair(run=RUN, **GROUP, chunk=7, status=Status.FAILED, reason=REASON))
    write_journal(tmp_path / "results/made-up", lines)
    return tmp_path / "results"


def lines_of(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def test_no_name_of_a_person_host_or_path_is_left_and_all_words_that_are_left_are_shown(results):
    made = contribution(results, called="epyc-4core", hidden=["blue-whale"])
    [content] = made.journals.values()
    for secret in (*SECRETS, "/home", "/scratch", "10.1.2.3", "example.org", "4711", "4712"):
        assert secret.encode() not in content, secret
    left = {field: set(words) for field, words in made.left.items()}
    assert left["machine.name"] == {"epyc-4core"}
    assert left["machine.cpu"] == {"Made-up CPU of <name>"}
    shown = set().union(*left.values())
    assert all(value in shown for line in lines_of(content) for value in _texts(line))
    assert {"a path", "a network address", "an e-mail address", "a name"} <= set(made.taken)


def _texts(value):
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def test_nodes_and_jobs_can_still_be_told_apart(results):
    """The same number for the same one: how many nodes there were is part of the data."""
    made = contribution(results, hidden=["blue-whale"])
    [content] = made.journals.values()
    run, first, *_ = lines_of(content)
    assert [probe["host"] for probe in first["verified"]] == ["node1", "node2", "node1"]
    assert run["job"] == "job1"
    assert first["settings"]["worker_jobs"] == ["slurm-job2", "slurm-job1"]
    assert run["cluster"] is None


def test_lines_that_name_nobody_are_packed_as_they_are_and_give_the_same_tables(results):
    [journal] = results.rglob("*.jsonl")
    made = contribution(results, hidden=["blue-whale"])
    [content] = made.journals.values()
    before, after = journal.read_bytes().splitlines(), content.splitlines()
    changed = [number for number, pair in enumerate(zip(before, after)) if pair[0] != pair[1]]
    assert changed == [0, 1, len(before) - 2]
    assert len(before) == len(after)


def test_merge_takes_the_file_and_judges_it_as_the_journals_themselves(results, tmp_path):
    made = contribution(results)
    (tmp_path / made.name).write_bytes(made.content)
    merge([tmp_path / made.name], tmp_path / "all")
    assert [path.name for path in (tmp_path / "all/made-up/journal").iterdir()] == [f"{RUN}.jsonl"]
    mine, theirs = analysed(results), analysed(tmp_path / "all")
    columns = ["chunk", "speedup", "speedup_low", "verdict", "status"]
    assert mine.cases[columns].equals(theirs.cases[columns])
    again = merge([tmp_path / made.name], tmp_path / "all", dry_run=True)
    assert not again.copied
    assert not again.replaced


def test_the_same_journals_give_the_same_file(results):
    assert contribution(results).content == contribution(results).content


def test_a_machine_called_after_its_host_has_to_be_given_another_name(results):
    (results / "made-up").rename(results / "login7-2core")
    with pytest.raises(UsageError, match=r"'login7' in it: give the name .* by --as"):
        contribution(results)
    assert contribution(results, called="epyc").machine == "epyc"


@pytest.mark.parametrize("killed", [False, True])
def test_runs_of_ones_own_functions_stay_where_they_are(results, killed):
    """Also one whose job was killed when it called its function for the first time."""
    own = {**GROUP, "workload": "mywork:task"}
    run = RUN.replace("many_vs_few_chunks", "try")
    only = Try(run=run, what="first call", **own, chunk=1)
    lines = [run_info(run=run, suite="try"), only]
    if not killed:
        lines[1] = Pair(run=run, **own, chunk=1, status=Status.SKIPPED)
    write_journal(results / "made-up", lines, run)
    made = contribution(results)
    assert list(made.journals) == [f"{RUN}.jsonl"]
    assert made.left_out == {f"{run}.jsonl": "measures a workload of your own"}
    (results / f"made-up/journal/{RUN}.jsonl").unlink()
    with pytest.raises(InputError, match="no journal to contribute"):
        contribution(results)


def test_a_broken_journal_is_refused_by_its_line(results):
    [path] = results.rglob("*.jsonl")
    path.write_text(path.read_text().replace('"kind":"pair"', '"kind":7', 1))
    with pytest.raises(InputError, match=r"line \d+"):
        contribution(results)


def test_of_several_machines_one_has_to_be_named(results):
    write_journal(results / "other", [run_info(run="r-1")], "r-1")
    with pytest.raises(UsageError, match="made-up, other"):
        contribution(results)
    with pytest.raises(UnknownNameError, match="did you mean made-up"):
        contribution(results, machine="madeup")


def test_what_is_asked_of_a_contribution_is_checked(results):
    """One run of the suite is no three, and a run without its end is said."""
    checks = {check.words: check.good for check in contribution(results).checks}
    assert checks["1 of 1 run came to an end"]
    assert not next(good for words, good in checks.items() if "let machines be compared" in words)
    [path] = results.rglob("*.jsonl")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    checks = {check.words: check.good for check in contribution(results).checks}
    assert checks["0 of 1 run came to an end"] is False


@pytest.mark.parametrize(
    "text",
    [
        "tasks/s of 1/16 at 658 /s",
        "2.4.6 and 3.11.7",
        "2026-11-25T22:40:32.113+00:00",
        "skipped: above 100 000 chunks, T1/TP 0.5",
        "AMD EPYC 7B13 64-Core Processor",
    ],
)
def test_what_names_nobody_is_left_as_it_is(text, known_here):
    assert PersonalWords.of_this_machine().text(text) == text


def test_a_user_called_like_an_engine_does_not_rename_it():
    """Fields with words of our own are left alone."""
    line = {"kind": "pair", "executor": "ray-tasks", "reason": "ray said no"}
    assert PersonalWords(("ray",)).stripped(line) == {**line, "reason": "<name> said no"}


GOOD = "made-up/journal/a.jsonl"


@pytest.mark.parametrize(
    "name",
    ["../a.jsonl", "/tmp/a.jsonl", "made-up/journal/../../a.jsonl", "made-up/machine.json", ".x/b"],
)
def test_a_file_with_anything_but_journals_is_refused_before_anything_is_written(name, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(ABOUT, json.dumps({"v": 1}))
        archive.writestr(name, "{}")
    with pytest.raises(InputError, match="is no journal of a machine: refused"):
        merge([tmp_path / "a.zip"], tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no zip at all", "no file that chunkbench contribute wrote"),
        (packed("made-up", {"a.jsonl": b"{}\n"}, {}), "not a journal line"),
        (packed("made-up", {}, {"v": 9}), "upgrade chunkbench"),
    ],
)
def test_a_file_that_is_no_contribution_is_refused_in_one_line(content, says, tmp_path):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(InputError, match=says) as error:
        merge([tmp_path / "a.zip"], tmp_path / "out")
    assert "\n" not in str(error.value)


def test_a_journal_of_another_machine_is_refused(results, tmp_path):
    [path] = results.rglob("*.jsonl")
    content = packed("somebody", {path.name: path.read_bytes()}, {})
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(InputError, match="of machine 'made-up': the file was changed"):
        merge([tmp_path / "a.zip"], tmp_path / "out")


def test_compacted_journals_are_contributed_as_well(results):
    from harness.apps.folders.compact import compact  # noqa: PLC0415

    whole = contribution(results)
    compact(results, judge=False)
    assert not list(results.rglob("*.jsonl"))
    assert contribution(results).journals == whole.journals
    assert len(read_results(results).journals) == 1
