"""Figures and the site are made again only where what they are made from has changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import main
from harness.cli.progress import progress
from tests.site_results import REFERENCE, ROOT

pytestmark = pytest.mark.e2e

UNCHANGED = """
import sys
from harness.cli import main
sys.argv = ["chunkbench", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The reference's journals of start-ups and of actors."""
    journal = tmp_path / "results" / "reference-2core" / "journal"
    journal.mkdir(parents=True)
    for suite in ("startup", "counter_actor"):
        [path] = REFERENCE.glob(f"*-{suite}-*.jsonl")
        shutil.copyfile(path, journal / path.name)
    return tmp_path / "results"


def run(*arguments: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["chunkbench", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
    assert stop.value.code == 0


def as_user(*arguments: object) -> tuple[str, set[str]]:
    """Run the command in a process of its own: its answer, and the modules that it has loaded."""
    ran = subprocess.run(
        [sys.executable, "-c", UNCHANGED, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    return ran.stdout, set(ran.stderr.split())


def states(folder: Path) -> dict[str, tuple[int, int]]:
    """The files of *folder*, each with what is another one where it was written again."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def written_again(folder: Path, before: dict[str, tuple[int, int]]) -> set[str]:
    return {name for name, state in states(folder).items() if before.get(name) != state}


def shorten(results: Path, suite: str) -> None:
    """Take the last round of the journal of *suite* away."""
    [path] = results.rglob(f"*-{suite}-*.jsonl")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    last = max(at for at, line in enumerate(lines) if json.loads(line)["kind"] == "pair")
    path.write_text("".join(lines[:last] + lines[last + 1 :]), "utf-8")


@pytest.mark.parametrize("command", ["figures", "publish"])
def test_unchanged_results_are_not_even_read(results, tmp_path, command):
    """The answer is the same, and comes without pandas and Matplotlib, which are slow to load."""
    out = tmp_path / "out"
    asked = [command, "--results", results, "--out", out]
    asked += ["--no-figures"] if command == "publish" else []
    first, _ = as_user(*asked)
    before = states(out)
    again, loaded = as_user(*asked)
    assert again == first
    assert written_again(out, before) == set()
    assert not loaded & {"pandas", "matplotlib", "altair"}


def test_a_changed_journal_draws_its_own_figures_again_and_no_others(results, tmp_path):
    out = tmp_path / "figures"
    run("figures", "--results", results, "--out", out)
    before = states(out)
    shorten(results, "counter_actor")
    run("figures", "--results", results, "--out", out)
    drawn = written_again(out, before) - {"manifest.json"}
    assert drawn
    assert all("counter_actor" in name for name in drawn)
    assert any("startup" in name for name in before)


def test_an_altered_figure_is_drawn_again_and_one_without_data_removed(results, tmp_path):
    out = tmp_path / "figures"
    run("figures", "--results", results, "--out", out)
    [altered] = out.glob("*start-up.png")
    drawn, before = altered.read_bytes(), states(out)
    altered.write_bytes(b"scribbled over")
    run("figures", "--results", results, "--out", out)
    assert altered.read_bytes() == drawn
    assert written_again(out, before) == {altered.name, "manifest.json"}
    (out / "mine.png").write_bytes(b"of somebody else")
    [journal] = results.rglob("*-startup-*.jsonl")
    journal.unlink()
    run("figures", "--results", results, "--out", out)
    names = {path.name for path in out.iterdir()}
    assert "mine.png" in names
    assert not any("startup" in name for name in names)
    assert any("counter_actor" in name for name in names)


def test_a_changed_journal_builds_the_pages_again_that_show_it(results, tmp_path):
    out = tmp_path / "site"
    run("publish", "--results", results, "--out", out, "--no-figures")
    before = states(out)
    shorten(results, "counter_actor")
    run("publish", "--results", results, "--out", out, "--no-figures")
    again = written_again(out, before)
    assert {"index.html", "workload/counter-actor.html", "data/workload-counter-actor.js"} <= again
    assert not again & {"workload/startup.html", "data/workload-startup.js", "assets/vega.js"}
    whole = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    fresh = tmp_path / "fresh"
    run("publish", "--results", results, "--out", fresh, "--no-figures")
    for path, content in whole.items():
        if path.name != "manifest.json":
            assert (fresh / path.relative_to(out)).read_bytes() == content, path


def test_progress_is_said_on_stderr_alone_and_only_of_what_takes_long(capfd, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("harness.cli.progress.time.monotonic", lambda: now[0])
    with progress() as step:
        for done in range(1, 41):
            now[0] += 1
            step("figures", done, 40)
        step("pages", 1, 1)
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"(figures \d+ of 40\n)+", err)
    assert err.endswith("figures 40 of 40\n")
    assert err.count("\n") < 6
