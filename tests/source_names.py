"""What the source files define, read as syntax trees: nothing is imported, so nothing starts."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "harness"
FOLDERS = ("harness", "benchmarks", "tests", "docs", "selfbench", "checks", "notebooks", ".ci")
"""Where a path that a page names may begin; what runs write is elsewhere."""


@dataclass(frozen=True)
class Source:
    """The names of one file: those that it defines, those that it imports, and its classes'."""

    defined: frozenset[str]
    imported: frozenset[str]
    members: dict[str, frozenset[str]]
    """Methods and attributes of each class, without those that it inherits."""
    bases: dict[str, tuple[str, ...]]


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of *body*, and those inside of its ``if`` and ``try``."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from statements(node.body)
            yield from statements(node.orelse)


def targets(node: ast.stmt) -> Iterator[str]:
    """The names that a definition or an assignment binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        yield from bound(node.target)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from bound(target)


def bound(target: ast.expr) -> Iterator[str]:
    """The names in the target of an assignment; of ``self.name``, the name."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Attribute):
        if isinstance(target.value, ast.Name) and target.value.id == "self":
            yield target.attr
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from bound(element)


def members(node: ast.ClassDef) -> frozenset[str]:
    """The methods of a class, its attributes, and those that its methods set on ``self``."""
    names = {name for statement in statements(node.body) for name in targets(statement)}
    methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
    inside = (each for method in methods for each in ast.walk(method))
    return frozenset(
        names | {n for each in inside if isinstance(each, ast.stmt) for n in targets(each)}
    )


@cache
def source(path: Path) -> Source:
    """The names of the Python file at *path*."""
    nodes = list(statements(ast.parse(path.read_text("utf-8")).body))
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    imports = (node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
    return Source(
        defined=frozenset(name for node in nodes for name in targets(node)),
        imported=frozenset(alias.asname or alias.name for node in imports for alias in node.names),
        members={node.name: members(node) for node in classes},
        bases={
            node.name: tuple(ast.unparse(base).rpartition(".")[2] for base in node.bases)
            for node in classes
        },
    )


@cache
def classes() -> dict[str, frozenset[Path]]:
    """Each class of the package, and the files that define one of that name."""
    files: defaultdict[str, set[Path]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for name in source(path).members:
            files[name].add(path)
    return {name: frozenset(paths) for name, paths in files.items()}


def has_member(name: str, member: str) -> bool:
    """Whether a class *name* of the package has *member*, of its own or inherited."""
    return any(
        member in source(path).members[name]
        or any(has_member(base, member) for base in source(path).bases[name])
        for path in classes().get(name, ())
    )


def module(dotted: str) -> Path | None:
    """The file of the module *dotted*, such as ``harness.core.units``."""
    path = ROOT.joinpath(*dotted.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def resolves(dotted: str) -> bool:
    """Whether *dotted* is a module of ours, a name in one, or a member of a class in one."""
    if module(dotted):
        return True
    parent, _, name = dotted.rpartition(".")
    file = module(parent)
    if file:
        return name in source(file).defined | source(file).imported
    parent, _, owner = parent.rpartition(".")
    return bool(parent and module(parent)) and has_member(owner, name)
