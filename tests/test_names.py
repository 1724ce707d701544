"""Names: what the pages name exists, and within the package a name stands for one thing."""

from __future__ import annotations

import builtins
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.source_names import (
    FOLDERS,
    PACKAGE,
    ROOT,
    classes,
    has_member,
    resolves,
    source,
)

GUIDES = [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", ROOT / "docs/method.md"]
GUIDES += sorted(ROOT.glob("docs/decisions/*.md"))
"""Pages about the code: a word in code marks that looks like a class is one of ours."""

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "results/README.md"])
EXAMPLES = {"coin_flips.py", "mp_threads.py", "coin_tosses.py"}
"""Files that a reader of CONTRIBUTING.md is told to make."""

OF_OTHERS = {"LocalCluster", "NaN", "ray_perf.py"}
"""What pages name of other packages."""

SHARED_FILE_NAMES = {
    "answer",
    "forecast",
    "history",
    "job",
    "pins",
    "time_budget",
}
"""Names that two files still have. Rename one of the two and take it out; never add one."""

SHARED_CLASS_NAMES = {
    "Engine",
    "Group",
    "History",
    "Job",
    "Journal",
    "Line",
    "Plan",
    "Scheduler",
    "Source",
    "Spent",
    "Sweep",
}
"""Names that two classes still have. Rename one of the two and take it out; never add one."""

STEMS = {path.stem for path in PACKAGE.rglob("*.py")} - {"__init__"}
SUFFIXES = {"py", "json", "jsonl", "toml", "yaml", "js", "css", "html"}

MARKED = r"`([^`\n]+)`"
NAMES_IN_A_FILE = re.compile(r"((?:`\w+(?:\.\w+)?(?:\(\))?`(?:, | and )?)+)\s+in\s+`([\w/.]+\.py)`")


def prose(text: str) -> str:
    """*text* without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def missing_files(text: str) -> list[str]:
    """The paths in code marks that do not exist, and names of Python files that no folder has."""
    marked = re.findall(MARKED, prose(text))
    paths = [name for name in marked if re.fullmatch(rf"(?:{'|'.join(FOLDERS)})/[\w/.-]*", name)]
    files = {name for name in marked if re.fullmatch(r"\w+\.py", name)} - EXAMPLES - OF_OTHERS
    known = {path.name for path in PACKAGE.rglob("*.py")}
    return [name for name in paths if not (ROOT / name).exists()] + sorted(files - known)


def missing_members(text: str) -> list[str]:
    """``Class.member``, ``harness.module.name`` and ``module.name`` that are not there."""
    dotted = re.findall(r"`(\w+(?:\.\w+)+)(?:\([^`\n]*\))?`", prose(text))
    return [name for name in dotted if _is_ours(name) and not _is_there(name)]


def _is_ours(dotted: str) -> bool:
    """Whether *dotted* is a name in the package, by its first part; files of data are not."""
    first, _, last = dotted.partition(".")
    return first == "harness" or first[0].isupper() or (first in STEMS and last not in SUFFIXES)


def _is_there(dotted: str) -> bool:
    owner, _, name = dotted.rpartition(".")
    files = (path for path in PACKAGE.rglob(f"{owner}.py"))
    return (
        resolves(dotted)
        or has_member(owner, name)
        or any(name in source(path).defined for path in files)
    )


def missing_in_file(text: str) -> list[str]:
    """Names before ``in `file.py```, in code marks, that this file does not define."""
    return [
        f"{name} in {path}"
        for names, path in NAMES_IN_A_FILE.findall(prose(text))
        for name in re.findall(r"`([\w.]+)", names)
        if not _defines(ROOT / path, name)
    ]


def _defines(path: Path, name: str) -> bool:
    if not path.is_file():
        return False
    owner, _, member = name.rpartition(".")
    if owner:
        return owner in source(path).members and has_member(owner, member)
    return name in source(path).defined


def missing_imports(text: str) -> list[str]:
    """What the examples in *text* import from the package, and the package does not have."""
    imports = re.findall(
        r"^ *from (harness[\w.]*) import (\([^)]*\)|[^#\n]+)", text, flags=re.MULTILINE
    )
    dotted = (f"{name}.{each}" for name, names in imports for each in re.findall(r"\w+", names))
    return [name for name in dotted if not resolves(name)]


def missing_classes(text: str) -> list[str]:
    """Words in code marks that look like a class and are none of ours or of Python."""
    words = set(re.findall(r"`([A-Z]\w*[a-z]\w*)`", prose(text)))
    suites = {name for path in ROOT.glob("benchmarks/*.py") for name in source(path).members}
    return sorted(words - classes().keys() - suites - set(dir(builtins)) - OF_OTHERS)


def missing(text: str) -> list[str]:
    """All that *text* names and that is not there, but for what looks like a class."""
    checks = (missing_files, missing_members, missing_in_file, missing_imports)
    return [name for check in checks for name in check(text)]


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
    shared = {name: paths for name, paths in files.items() if len(paths) > 1}
    assert {name: shared[name] for name in shared.keys() - SHARED_FILE_NAMES} == {}


def test_no_two_public_classes_of_the_package_have_one_name() -> None:
    public = {name: paths for name, paths in classes().items() if not name.startswith("_")}
    shared = {name: sorted(map(_of, paths)) for name, paths in public.items() if len(paths) > 1}
    assert {name: shared[name] for name in shared.keys() - SHARED_CLASS_NAMES} == {}
