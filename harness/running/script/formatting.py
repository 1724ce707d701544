"""Lay source text out as people do: double quotes, lines of at most 100 columns."""

from __future__ import annotations

import ast
import io
import itertools
import re
import sys
import tokenize

WIDTH = 100
_OPEN, _CLOSE = "([{", ")]}"


def written(node: ast.stmt) -> str:
    """Return the source text of *node*."""
    text = _double_quoted(ast.unparse(ast.fix_missing_locations(node))).replace(":\n\n", ":\n")
    return "\n".join(part for line in text.splitlines() for part in _broken(line))


def imports(lines: set[str]) -> tuple[list[str], list[str]]:
    """Sort import lines and merge those of one module.

    Returns the standard library's lines and, apart from them, the others.
    """
    merged: dict[str, set[str]] = {}
    for line in lines:
        head, _, name = line.partition(" import ")
        merged.setdefault(head, set()).update([name] if name else [])
    whole = [
        f"{head} import {', '.join(sorted(names))}" if names else head
        for head, names in merged.items()
    ]
    whole.sort(key=lambda line: (line.startswith("from"), line))
    standard = [line for line in whole if line.split()[1].split(".")[0] in sys.stdlib_module_names]
    return standard, [line for line in whole if line not in standard]


def _double_quoted(text: str) -> str:
    lines = text.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        match = re.fullmatch(r"([a-z]*)'([^'\"\\]*)'", token.string)
        if token.type == tokenize.STRING and match and token.start[0] == token.end[0]:
            row = token.start[0] - 1
            line = lines[row]
            lines[row] = f'{line[: token.start[1]]}{match[1]}"{match[2]}"{line[token.end[1] :]}'
    return "".join(lines)


def _broken(line: str) -> list[str]:
    """Break *line* inside its longest outermost bracket if it is too long, then what is inside."""
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    text = line.strip()
    brackets = _brackets(text)
    if brackets is None:
        return [line]
    begin, end = brackets
    inside = text[begin + 1 : end].strip()
    parts = [inside] if len(indent) + 4 + len(inside) <= WIDTH else _parts(inside)
    broken = [row for part in parts for row in _broken(f"{indent}    {part}")]
    return [f"{indent}{text[: begin + 1]}", *broken, f"{indent}{text[end:]}"]


def _tokens(text: str) -> list[tuple[tokenize.TokenInfo, int]]:
    """Return the tokens of one line, each with how many brackets are open around it."""
    tokens, depth = [], 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            depth -= token.type == tokenize.OP and token.string in _CLOSE
            tokens.append((token, depth))
            depth += token.type == tokenize.OP and token.string in _OPEN
    except tokenize.TokenError:  # the rest of the statement is on the next lines
        return tokens
    return tokens


def _brackets(text: str) -> tuple[int, int] | None:
    """Return the columns of the outermost pair of brackets that holds most, or ``None``."""
    edges = [
        token.start[1]
        for token, depth in _tokens(text)
        if depth == 0 and token.type == tokenize.OP and token.string in _OPEN + _CLOSE
    ]
    pairs = [(begin, end) for begin, end in zip(edges[::2], edges[1::2]) if end - begin > 1]
    return max(pairs, key=lambda pair: pair[1] - pair[0], default=None)


def _parts(inside: str) -> list[str]:
    """Split what is in a pair of brackets: at ``for`` in a comprehension, else at commas."""
    outer = [token for token, depth in _tokens(inside) if depth == 0]
    cuts = [token.start[1] for token in outer if token.string == "for"]
    if not cuts:
        cuts = [token.end[1] for token in outer if token.string == ","]
    edges = [0, *cuts, len(inside)]
    return [part for begin, end in itertools.pairwise(edges) if (part := inside[begin:end].strip())]
