"""Names: what the pages name exists, and within the package a name stands for one thing."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.page_names import MARKED, missing, missing_classes
from tests.source_names import PACKAGE, ROOT, classes, has_member

GUIDES = [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", ROOT / "docs/method.md"]
GUIDES += sorted(ROOT.glob("docs/decisions/*.md"))
"""Pages about the code: a word in code marks that looks like a class is one of ours."""

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "results/README.md"])


def _of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=_of)
def test_what_a_page_names_exists(path: Path) -> None:
    """Files, members of classes, what a file is said to define, what an example imports."""
    assert missing(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", GUIDES, ids=_of)
def test_a_class_that_a_guide_names_exists(path: Path) -> None:
    assert missing_classes(path.read_text("utf-8")) == []


def test_the_architecture_has_one_line_for_every_folder() -> None:
    """The layers, and the folders inside of each."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| `(harness/[\w/]+)/` \|", text, re.MULTILINE)
    folders = {file.parent for file in PACKAGE.glob("*/__init__.py")}
    inner = {file.parent for file in PACKAGE.glob("*/*/__init__.py")}
    halves = {PACKAGE / "running", PACKAGE / "reading"}
    core = {folder for folder in inner if folder.parent.name == "core"}
    assert sorted(rows) == sorted(map(_of, (folders | inner) - halves - core))


def test_a_port_has_the_methods_that_the_architecture_names() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[A-Z]\w+`(?:, `[A-Z]\w+`)*) \| (`[a-z].*?`) \|", text, re.MULTILINE)
    assert rows
    for ports, methods in rows:
        owners = re.findall(MARKED, ports)
        for method in re.findall(MARKED, methods):
            assert any(has_member(owner, method) for owner in owners), f"{ports}: {method}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("see `harness/core/unitz.py`", "harness/core/unitz.py"),
        ("see `tests/kore/`", "tests/kore/"),
        ("see `recordz.py`", "recordz.py"),
        ("see `Workload.chekc`", "Workload.chekc"),
        ("see `harness.core.units.parse_secnods`", "harness.core.units.parse_secnods"),
        ("see `harness.Exekutor`", "harness.Exekutor"),
        ("see `units.parse_secnods`", "units.parse_secnods"),
        (
            "`parse_seconds`, `parse_secnods` in `harness/core/units.py`",
            "parse_secnods in harness/core/units.py",
        ),
        (
            "`parse_secnods()` in\n`harness/core/units.py`",
            "parse_secnods in harness/core/units.py",
        ),
        (
            "`Workload.check` in `harness/core/units.py`",
            "Workload.check in harness/core/units.py",
        ),
        ("```python\nfrom harness import Workload, Workoald\n```", "harness.Workoald"),
        ("run `python -m selfbench.adviced`", "selfbench.adviced"),
        ("run `make chekc`", "chekc"),
    ],
)
def test_a_misspelt_name_is_noticed(text: str, name: str) -> None:
    assert missing(text) == [name]


def test_a_misspelt_class_is_noticed() -> None:
    assert missing_classes("`Workload`, `Wrokload`, `KeyboardInterrupt`") == ["Wrokload"]


def test_what_is_there_is_not_called_missing() -> None:
    assert (
        missing(
            "`harness/core/units.py`, `harness/core/`, `units.py`, `Workload.check`, "
            "`harness.settle`, `harness.core.records.Pair.case`, `units.parse_seconds`; "
            "`parse_seconds` in `harness/core/units.py`; "
            "`Workload` and `Workload.check` in `harness/running/workloads/base.py`"
        )
        == []
    )


def test_no_two_files_of_the_package_have_one_name() -> None:
    """A command's file is named after the command, which may be what a file elsewhere is about."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        if path.stem not in {"__init__", "base"} and path.parent != PACKAGE / "cli":
            files[path.stem].append(_of(path))
    assert {name: paths for name, paths in files.items() if len(paths) > 1} == {}


def test_no_two_public_classes_of_the_package_have_one_name() -> None:
    public = {name: paths for name, paths in classes().items() if not name.startswith("_")}
    assert {name: sorted(map(_of, paths)) for name, paths in public.items() if len(paths) > 1} == {}
