"""How many lines the user of a system writes: counted in the source of what is measured."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable

from harness.running.executors.base import Executor
from harness.running.script.idiom import idiom_of

FRAME = ("load", "grouped")
"""Methods of an executor that have the lines which the user of a frame writes."""


def lines_of_program(executor: type[Executor]) -> int:
    """Lines of a program that hands tasks to *executor* and has their results, as the reference of
    executors shows it."""
    return len(idiom_of(executor).splitlines())


def lines_of_frame(executor: type[Executor]) -> int:
    """Lines of what the user of *executor* writes to load a frame and to group it: the statements
    of the methods that are measured, and of the functions of their module which these call."""
    module = inspect.getmodule(executor)
    pieces = [getattr(executor, name) for name in FRAME]
    calls = {
        node.func.id
        for piece in pieces
        for node in ast.walk(_parsed(piece))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    called = (getattr(module, name, None) for name in sorted(calls))
    pieces += [each for each in called if inspect.isfunction(each)]
    return sum(
        len(ast.unparse(statement).splitlines())
        for piece in pieces
        for statement in _parsed(piece).body
        if not _is_docstring(statement)
    )


def _parsed(function: Callable[..., object]) -> ast.FunctionDef:
    [node] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    if not isinstance(node, ast.FunctionDef):
        raise TypeError(f"{function} is no function with a body")
    return node


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
