"""Write a workload's methods as plain functions, for one case.

A script shows what the harness runs, so its lines are taken from the workload's own source, never
from a second copy: ``self.size`` becomes ``SIZE``, a method of one line is put where it is called,
a longer one becomes a function.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from functools import cached_property
from types import ModuleType
from typing import Any, cast

from harness.running.script.name_uses import (
    Substitute,
    parsed,
    read_counts,
    trivial,
    with_used_parameters,
)
from harness.running.script.rewrite import Dialect, bare, simplify
from harness.running.workloads.base import Workload

EXPRESSION = "expression"
"""The one variable that is not assigned: its value is put where it is used."""
PACKAGE = __name__.partition(".")[0]


class Specialiser:
    """Writes methods of *workload* as functions, and keeps what these need.

    Parameters
    ----------
    workload : Workload
    dialect : Dialect
        How the engine's own calls are written.

    Attributes
    ----------
    constants : dict of str to value
        ``SIZE`` and the other attributes that were used.
    globals : dict of str to (object, str)
        What the functions use of their modules: the value, and the module's name.
    functions : dict of str to ast.FunctionDef
        Methods that became functions of their own.
    """

    def __init__(self, workload: Workload, dialect: Dialect) -> None:
        self.workload = workload
        self.dialect = dialect
        self.constants: dict[str, Any] = {}
        self.globals: dict[str, tuple[Any, str]] = {}
        self.functions: dict[str, ast.FunctionDef] = {}

    def function(self, name: str, parameters: str, lines: str) -> ast.FunctionDef:
        """Write the function *name* with *lines* as its body, which may call methods of ``self``.

        It keeps those of the *parameters* that its body then reads.
        """
        node = parsed(f"def {name}({parameters}):\n{textwrap.indent(lines, '    ')}")
        node.body = self.block(node.body, {}, type(self.workload))
        return with_used_parameters(node)

    @property
    def methods(self) -> list[ast.FunctionDef]:
        """The methods that became functions of their own, with the parameters that they read."""
        return [with_used_parameters(node) for node in self.functions.values()]

    def _method(self, name: str, owner: type) -> tuple[ast.FunctionDef, type, dict[str, Any]]:
        """Return the method *name* of *owner* without ``self``, the class that defines it, and the
        names of its module."""
        home = next(cls for cls in owner.__mro__ if name in vars(cls))
        method = vars(home)[name]
        node = bare(parsed(inspect.getsource(method)), docstring=False)
        node.args.args = node.args.args[1:]
        return node, home, method.__globals__

    def block(self, body: list[ast.stmt], names: dict[str, Any], owner: type) -> list[ast.stmt]:
        """Return *body* with the calls of methods resolved."""
        done: list[ast.stmt] = []
        pending: dict[str, ast.expr] = {}
        for statement in body:
            substituted = Substitute(pending).visit(copy.deepcopy(statement))
            value = getattr(substituted, "value", None)
            called = self._called(value, owner) if isinstance(value, ast.Call) else None
            if called and isinstance(value, ast.Call):
                match substituted:
                    case ast.Return():
                        done += self._inlined(called, value, names, owner)
                        continue
                    case ast.Assign(targets=[ast.Name(id=target)]):
                        *before, last = self._inlined(called, value, names, owner)
                        answer = cast("ast.expr", cast("ast.Return", last).value)
                        done += before
                        if target == EXPRESSION:  # what is computed, and where: one statement
                            pending[target] = answer
                        else:
                            done.append(ast.Assign(substituted.targets, answer, lineno=0))
                        continue
            done += simplify(self._resolved(substituted, names, owner))
        return done

    def _inlined(
        self, called: tuple[str, type], call: ast.Call, names: dict[str, Any], owner: type
    ) -> list[ast.stmt]:
        """Return the body of a method, which takes the place of the statement that calls it."""
        node, home, inner_names = self._method(*called)
        bound, before = {}, []
        counts = read_counts(node.body)
        for parameter, argument in zip(node.args.args, call.args):
            resolved = self._resolved(ast.Expr(argument), names, owner).value
            if trivial(resolved) or counts[parameter.arg] <= 1:
                bound[parameter.arg] = resolved
            else:
                before.append(ast.Assign([ast.Name(parameter.arg, ast.Store())], resolved))
        body = [Substitute(bound).visit(statement) for statement in node.body]
        return [*before, *self.block(body, inner_names, home)]

    def _called(self, call: ast.Call, owner: type) -> tuple[str, type] | None:
        """Return the name of the method that *call* calls, and the class to look for it in.

        ``None`` where it calls no method of a workload.
        """
        match call.func:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                where = type(self.workload)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name):
                where = owner.__mro__[1]
            case _:
                return None
        return (name, where) if name != "kernel" else None

    def _resolved(self, node: Any, names: dict[str, Any], owner: type) -> Any:
        return _Resolve(self, names, owner).visit(node)

    def call(self, called: tuple[str, type], arguments: list[ast.expr]) -> ast.expr:
        """Return what takes the place of a call: the method's one expression, or a call of the
        function that it became."""
        node, home, names = self._method(*called)
        counts = read_counts(node.body)
        parameters = [parameter.arg for parameter in node.args.args]
        given = dict(zip(parameters, arguments))
        match node.body:
            case [ast.Return(value=ast.expr() as value)] if all(
                trivial(argument) or counts[name] <= 1 for name, argument in given.items()
            ):
                # The arguments are resolved already, and come in after the rest is.
                resolved = self._resolved(value, names, home)
                expression: ast.expr = Substitute(given).visit(resolved)
                return expression
        name = self._named(called[0])
        if name not in self.functions:
            node.name = name
            self.functions[name] = node
            node.body = self.block(node.body, names, home)
        counts = read_counts(self.functions[name].body)
        kept = [argument for key, argument in given.items() if counts[key]]
        return ast.Call(ast.Name(name, ast.Load()), kept, [])

    def _named(self, method: str) -> str:
        """Return *method*, or another name where some method has a variable of that name."""
        return f"{method}_of" if method in self._variables else method

    @cached_property
    def _variables(self) -> set[str]:
        sources = (
            inspect.getsource(member)
            for cls in type(self.workload).__mro__
            if issubclass(cls, Workload)
            for member in vars(cls).values()
            if inspect.isfunction(member)
        )
        return {
            node.id
            for source in sources
            for node in ast.walk(parsed(source))
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        } | {"task"}  # the loops over tasks have it


class _Resolve(ast.NodeTransformer):
    """Replaces attributes of ``self``, calls of its methods, and calls of the engine."""

    def __init__(self, home: Specialiser, names: dict[str, Any], owner: type) -> None:
        self.home, self.names, self.owner = home, names, owner

    def visit_Call(self, node: ast.Call) -> ast.expr:
        called = self.home._called(node, self.owner)
        node.args = [self.visit(argument) for argument in node.args]
        if called:
            return self.home.call(called, node.args)
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        if (written := self.home.dialect.call(node)) is not None:
            return written
        node.func = self.visit(node.func)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        return self.home.dialect.subscript(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        workload = self.home.workload
        match node.value:
            case ast.Name(id="self") | ast.Call(func=ast.Name(id="type")):
                if node.attr in ("kernel", "coroutine"):
                    kernel = getattr(workload, node.attr)
                    return self._global(kernel.__name__, kernel, kernel.__module__)
                name = node.attr.upper()
                self.home.constants[name] = getattr(workload, node.attr)
                return ast.Name(name, ast.Load())
            case ast.Name(id="dask"):
                return self.home.dialect.module(node.attr)
            case ast.Name(id=name) if _own_module(self.names.get(name)):
                module = self.names[name]
                return self._global(node.attr, getattr(module, node.attr), module.__name__)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self.names:
            self.home.globals[node.id] = (self.names[node.id], self.names["__name__"])
        return node

    def _global(self, name: str, value: object, module: str) -> ast.expr:
        self.home.globals[name] = (value, module)
        return ast.Name(name, ast.Load())


def _own_module(value: object) -> bool:
    return isinstance(value, ModuleType) and value.__name__.startswith(PACKAGE)
