"""Rewrite syntax trees: leave types out, write calls of the engine as its users do."""

from __future__ import annotations

import ast
from typing import TypeVar, cast

Definition = TypeVar("Definition", bound=ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


MODULES = {"array": "da", "bag": "db"}
"""Dask's collections, and what everybody calls their modules."""


class Dialect:
    """Writes what a workload asks of its engine as the engine's users do.

    Parameters
    ----------
    compute : str
        Arguments of every ``compute``, as written.
    call, results : str
        A call of an actor, with ``actor`` and ``METHOD`` in it; and how ``calls`` are waited for.
    """

    def __init__(self, compute: str = "", call: str = "", results: str = "") -> None:
        self.compute, self.actor_call, self.results = compute, call, results

    def module(self, name: str) -> ast.expr:
        """Write ``dask.array`` as ``da``, ``dask.bag`` as ``db``, other attributes as they are."""
        if name in MODULES:
            return ast.Name(MODULES[name], ast.Load())
        return ast.Attribute(ast.Name("dask", ast.Load()), name, ast.Load())

    def call(self, node: ast.Call) -> ast.expr | None:
        """Write *node* as the engine has it; ``None`` if it is no call of the engine."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="dask"), attr="compute")):
                node.args = [part for argument in node.args for part in _unpacked(argument)]
                node.keywords = self._options()
                return node
            case ast.Call(func=ast.Attribute(value=ast.Name(id="dask"), attr="persist"), args=[x]):
                return ast.Call(ast.Attribute(x, "persist", ast.Load()), [], self._options())
            case ast.Call(
                func=ast.Name(id="call"), args=[actor, ast.Constant(value=str(method)), *more]
            ):
                text = self.actor_call.replace("METHOD", method)
                called = cast("ast.Call", _replaced(text, "actor", actor))
                called.args += more
                return called
            case ast.Call(func=ast.Name(id="results"), args=[calls]):
                return _replaced(self.results, "calls", calls)
        return None

    def subscript(self, node: ast.Subscript) -> ast.expr:
        """Write ``dask.compute(x)[0]`` as ``x.compute()``, anything else as it is."""
        match node:
            case ast.Subscript(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id="dask"), attr="compute"),
                    args=[ast.expr() as x],
                    keywords=keywords,
                ),
                slice=ast.Constant(value=0),
            ) if not isinstance(x, ast.Starred):
                return ast.Call(ast.Attribute(x, "compute", ast.Load()), [], keywords)
        return node

    def _options(self) -> list[ast.keyword]:
        return cast("ast.Call", ast.parse(f"f({self.compute})", mode="eval").body).keywords


def _unpacked(argument: ast.expr) -> list[ast.expr]:
    match argument:
        case ast.Starred(value=ast.List(elts=elements)):
            return elements
    return [argument]


def _replaced(text: str, name: str, value: ast.expr) -> ast.expr:
    class Replace(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return value if node.id == name else node

    expression: ast.expr = Replace().visit(ast.parse(text, mode="eval").body)
    return expression


def simplify(statement: ast.stmt) -> list[ast.stmt]:
    """Split ``x, y = 1, 2`` into two lines if neither needs the other; drop ``da = da``."""
    match statement:
        case ast.Assign(
            targets=[ast.Tuple(elts=targets)],
            value=ast.Tuple(elts=values) | ast.List(elts=values),
        ) if len(targets) == len(values):
            pairs = [
                (target, value)
                for target, value in zip(targets, values)
                if ast.unparse(target) != ast.unparse(value)
            ]
            named = {ast.unparse(target) for target, _ in pairs}
            read = {
                node.id
                for _, value in pairs
                for node in ast.walk(value)
                if isinstance(node, ast.Name)
            }
            if not named & read:
                return [ast.Assign([target], value, lineno=0) for target, value in pairs]
    return [statement]


_Function = TypeVar("_Function", ast.FunctionDef, ast.AsyncFunctionDef)


class _Bare(ast.NodeTransformer):
    """Leaves annotations out."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        return ast.Assign([node.target], node.value, lineno=0) if node.value else None

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return self._without_return(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        return self._without_return(node)

    def _without_return(self, node: _Function) -> _Function:
        node.returns = None
        self.generic_visit(node)
        return node


_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def bare(node: Definition, *, docstring: bool) -> Definition:
    """Return *node* without annotations, its docstrings cut to their first paragraph.

    Docstrings of classes and those of more than 90 characters go; without *docstring* all of them.
    """
    for inner in ast.walk(node):
        if isinstance(inner, _DOCUMENTED) and ast.get_docstring(inner):
            whole = ast.get_docstring(inner) or ""
            first = " ".join(whole.split("\n\n")[0].split()).replace("``", "`").replace("*", "")
            first = first.replace(":func:", "")
            inner.body[0] = ast.Expr(ast.Constant(first))
            if not docstring or len(first) > 90 or isinstance(inner, ast.ClassDef):
                del inner.body[0]
    plain: Definition = _Bare().visit(node)
    return plain
