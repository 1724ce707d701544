"""The commands that the pages show: found in their code blocks, and checked without being run."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import typer

from harness.cli import app
from harness.core.errors import UnknownNameError
from harness.reading.ingest.published import published_claims
from harness.running.executors import lookup
from harness.running.plan.case_name import parse_case
from harness.running.plan.profiles import make_profile

ROOT = Path(__file__).parents[2]
GENERATED = {"reference-commands.md", "reference-python.md"}
PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "results/README.md"])
    if page.name not in GENERATED | {"CHANGELOG.md"}
]
GROUP: Any = typer.main.get_command(app)
COMMANDS: dict[str, Any] = GROUP.commands

ELSEWHERE = {
    r"^chunkbench submit (?!.*--(?:print|every))": "needs a scheduler: tests/hpc",
    r"--executor dask-(?:mpi|slurm|sge)": "needs a scheduler: tests/hpc",
    r"--python|--with|^chunkbench (?:duel|gate) .*(?:==|@)": (
        "needs packages: tests/running/measure/environment"
    ),
}
"""What cannot be run here, and which test runs it."""

MEASURES_MORE = r"^chunkbench claims$|--check"
"""What measures more than a longer command: all claims where one could be named, or a forecast
and then what it forecast."""


class Shown(NamedTuple):
    """A command as it stands on a page."""

    page: str
    line: str
    subcommand: str


def shown() -> Iterator[Shown]:
    """Each command that a page shows, once."""
    seen = set()
    for page in PAGES:
        blocks = re.findall(
            r"^```\w*\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
        for row in itertools.chain(*map(_typed, blocks)):
            line = re.sub(r"\s{2,}#.*$| # .*$", "", re.sub(r"^\s*\$ ", "", row)).strip()
            match = re.match(r"(\S.*\| )?chunkbench ([a-z-]+)", line)
            if match is None or match[2] not in COMMANDS:
                continue
            if "..." not in line and line not in seen:
                seen.add(line)
                yield Shown(page.name, line, match[2])


def _typed(block: str) -> list[str]:
    """The lines of *block* that are typed: where some have a prompt, the others are output."""
    rows = block.replace("\\\n", " ").splitlines()
    return [row for row in rows if row.startswith("$ ")] or rows


def why_elsewhere(line: str) -> str | None:
    """Why *line* cannot be run on this machine; None where it can."""
    return next((why for pattern, why in ELSEWHERE.items() if re.search(pattern, line)), None)


def cheapest() -> list[Shown]:
    """One command of each subcommand: of those that can be run here the shortest one, as most
    options ask for more; those of :data:`MEASURES_MORE` come last."""
    by_cost = sorted(
        (command for command in shown() if why_elsewhere(command.line) is None),
        key=lambda command: (
            command.subcommand,
            bool(re.search(MEASURES_MORE, command.line)),
            len(command.line),
            command.line,
        ),
    )
    first = {command.subcommand: command for command in reversed(by_cost)}
    return [first[subcommand] for subcommand in sorted(first)]


def check(line: str) -> None:
    """Parse every call of chunkbench in a shell *line* as the command itself does, and look up the
    names that it is given; nothing is run.

    Raises
    ------
    typer.exceptions.TyperException
        Where the command would refuse an option, an argument or a value.
    ChunkbenchError
        Where a name is not known.
    """
    for words in _calls(line):
        with GROUP.make_context("chunkbench", words) as whole:
            name, command, rest = GROUP.resolve_command(
                whole, [*whole._protected_args, *whole.args]
            )
            with command.make_context(name, rest, parent=whole) as context:
                _look_up(context.params)


def _calls(line: str) -> Iterator[list[str]]:
    """The arguments of each call of chunkbench in *line*, between pipes, ``&&`` and ``>``."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    for is_operator, group in itertools.groupby(lexer, lambda word: set(word) <= set("|&;<>()")):
        words = list(group)
        if not is_operator and words[0] == "chunkbench":
            yield words[1:]


def _look_up(given: dict[str, Any]) -> None:
    """Raise where a profile, suite, executor, case or claim in *given* does not exist."""
    if profile := given.get("profile"):
        make_profile(profile)
    for executor in _several(given.get("executor")):
        lookup(executor)
    for suite in _several(given.get("suite")):
        if not (ROOT / "benchmarks" / f"{suite}.py").is_file():
            raise UnknownNameError("suite", suite, [])
    if case := given.get("case"):
        parse_case(case, cores=2)
    known = {claim.name for claim in published_claims()}
    if unknown := set(given.get("names") or ()) - known:
        raise UnknownNameError("claim", unknown.pop(), sorted(known))


def _several(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []
