"""Names in syntax trees: count where they are read, put expressions in their place."""

from __future__ import annotations

import ast
import copy
import textwrap
from collections import Counter
from typing import cast


class Substitute(ast.NodeTransformer):
    """Replaces names by expressions.

    Parameters
    ----------
    bound : dict of str to ast.expr
        Name to what takes its place.
    """

    def __init__(self, bound: dict[str, ast.expr]) -> None:
        self.bound = bound

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what takes the place of *node*, or *node*."""
        if isinstance(node.ctx, ast.Load) and node.id in self.bound:
            return copy.deepcopy(self.bound[node.id])
        return node


def trivial(node: ast.expr) -> bool:
    """Whether *node* may be repeated as it is: a name or a constant."""
    return isinstance(node, ast.Name | ast.Constant)


def read_counts(body: list[ast.stmt]) -> Counter[str]:
    """Count how often each name is read, twice where it is read inside a loop."""
    counts: Counter[str] = Counter()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                counts[node.id] += 1
            elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
                counts += read_counts([ast.Expr(node.elt)])
            elif isinstance(node, ast.For | ast.While):
                counts += read_counts(node.body)
    return counts


def with_used_parameters(node: ast.FunctionDef) -> ast.FunctionDef:
    """Drop the parameters that the body of *node* does not read; return *node*."""
    counts = read_counts(node.body)
    node.args.args = [parameter for parameter in node.args.args if counts[parameter.arg]]
    return node


def parsed(source: str) -> ast.FunctionDef:
    """Parse *source*, which is one function."""
    return cast("ast.FunctionDef", ast.parse(textwrap.dedent(source)).body[0])
