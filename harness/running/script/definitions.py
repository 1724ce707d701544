"""Write what functions use of their modules as lines of a program: imports and definitions."""

from __future__ import annotations

import ast
import inspect
import sys
from types import FunctionType, ModuleType
from typing import Any, cast

from harness.running.script.formatting import written
from harness.running.script.rewrite import bare

PACKAGE = __name__.partition(".")[0]


class Definitions:
    """Collects imports and definitions; a name is defined before the names that use it.

    Attributes
    ----------
    imports : set of str
        Import lines.
    texts : dict of str to str
        Name to the source text that defines it.
    """

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.texts: dict[str, str] = {}

    def add(self, name: str, value: Any, module: str) -> None:
        """Add what defines *name*, which stands for *value* in the module called *module*."""
        if name in self.texts:
            return
        if isinstance(value, ModuleType):
            alias = "" if value.__name__ == name else f" as {name}"
            self.imports.add(f"import {value.__name__}{alias}")
        elif isinstance(value, FunctionType | type):
            if not value.__module__.startswith(PACKAGE):
                self.imports.add(f"from {value.__module__} import {name}")
            else:
                self._define(name, value)
        else:
            self.texts[name] = _assignment(name, module)
            for inner in _names(self.texts[name]):
                known = vars(sys.modules[module])
                if inner != name and inner in known:
                    self.add(inner, known[inner], module)

    def _define(self, name: str, value: FunctionType | type) -> None:
        parsed = ast.parse(inspect.getsource(value)).body[0]
        node = bare(cast("ast.FunctionDef | ast.ClassDef", parsed), docstring=True)
        if isinstance(node, ast.ClassDef):
            node.bases = []  # what the harness asks of a class, a program does not need
        text = written(node)
        known = vars(sys.modules[value.__module__])
        local = {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}
        for inner in sorted(_names(text) - local - {name}):
            if inner in known:
                self.add(inner, known[inner], value.__module__)
        self.texts[name] = text


def _names(text: str) -> set[str]:
    return {
        node.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _assignment(name: str, module: str) -> str:
    """Return the line that sets *name* in *module*, or in the module that it is imported from.

    Raises
    ------
    LookupError
        Where there is no such line.
    """
    for node in ast.parse(inspect.getsource(sys.modules[module])).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)]) if target == name:
                return ast.unparse(node)
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
                if target == name:
                    return f"{name} = {ast.unparse(value)}"
            case ast.ImportFrom(module=str(source), names=imported):
                if name in (alias.asname or alias.name for alias in imported):
                    return _assignment(name, source)
    raise LookupError(f"{module} does not define {name}")
