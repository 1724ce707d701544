"""What a page names - files, classes, functions, imports, programs - and which of it is missing."""

from __future__ import annotations

import builtins
import re
from pathlib import Path

from tests.source_names import (
    FOLDERS,
    PACKAGE,
    ROOT,
    classes,
    has_member,
    module,
    resolves,
    source,
)

EXAMPLES = {"coin_flips.py", "mp_threads.py", "coin_tosses.py"}
"""Files that a reader of CONTRIBUTING.md is told to make."""

OF_OTHERS = {"LocalCluster", "NaN", "ray_perf.py"}
"""What pages name of other packages."""

STEMS = {path.stem for path in PACKAGE.rglob("*.py")} - {"__init__"}
SUFFIXES = {"py", "json", "jsonl", "toml", "yaml", "js", "css", "html"}
"""``units.parse_seconds`` is a name in a module of ours, ``machine.json`` is a file."""

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


def missing_programs(text: str) -> list[str]:
    """``python -m module`` of a module of ours, and ``make target``, that are not there."""
    modules = re.findall(r"\bpython3? -m ((?:harness|selfbench|docs)[\w.]*)", text)
    targets = re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.MULTILINE)
    known = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    return [name for name in modules if not module(name)] + sorted(set(targets) - set(known))


def missing_classes(text: str) -> list[str]:
    """Words in code marks that look like a class and are none of ours or of Python."""
    words = set(re.findall(r"`([A-Z]\w*[a-z]\w*)`", prose(text)))
    suites = {name for path in ROOT.glob("benchmarks/*.py") for name in source(path).members}
    return sorted(words - classes().keys() - suites - set(dir(builtins)) - OF_OTHERS)


def missing(text: str) -> list[str]:
    """All that *text* names and that is not there, but for what looks like a class."""
    checks = (
        missing_files,
        missing_members,
        missing_in_file,
        missing_imports,
        missing_programs,
    )
    return [name for check in checks for name in check(text)]
