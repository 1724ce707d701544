"""The documents say what the code does: commands, options, columns, fields, links, rule numbers.

Names of files, classes and functions: `test_names.py`.
"""

from __future__ import annotations

import importlib
import itertools
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from docs.generate import PAGES
from harness.cli import app
from harness.core import records, schema
from harness.running.measure.sweep.refusals import refusals
from harness.running.plan.profiles import PROFILES
from harness.suite import suite_plan

ROOT = Path(__file__).parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "results/README.md"])
CODE = sorted([*ROOT.glob("harness/**/*.py"), *ROOT.glob("benchmarks/*.py")])
SUITES = sorted(p.stem for p in ROOT.glob("benchmarks/[a-z]*.py"))
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
INTERNAL = {
    "CHUNKBENCH_JOB",
    "CHUNKBENCH_TASK",
    "CHUNKBENCH_PROGRESS",
    "CHUNKBENCH_SHARED",
    "CHUNKBENCH_TOKEN",
}  # between our own processes


def read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def without_code(text: str) -> str:
    """*text* without its fenced blocks: a ``#`` in there is no heading."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a file."""
    titles = re.findall(r"^#+ (.+)$", without_code(path.read_text("utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def section(path: str, heading: str) -> str:
    """What stands under *heading*, up to the next one of its level or above."""
    level = heading.index(" ")
    _, found, rest = read(path).partition(f"\n{heading}\n")
    assert found, f"{path} has no heading {heading!r}"
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[str]:
    """The first cell of each row of the Markdown tables in *text*, without its code marks."""
    return re.findall(r"^\| `([^`|]+)` \|", text, flags=re.MULTILINE)


def columns(table: str) -> str:
    """The Markdown table that shows the columns of *table*."""
    rows = [("column", "unit", "meaning"), ("---", "---", "---")]
    rows += [(f"`{c.name}`", c.unit or "", c.meaning) for c in schema.TABLES[table]]
    return "\n".join(re.sub(" +", " ", f"| {' | '.join(cells)} |") for cells in rows)


@pytest.mark.parametrize("table", schema.TABLES)
def test_every_column_is_documented_as_the_schema_has_it(table: str) -> None:
    """Name, unit and meaning, in order. Where this fails, paste the table that it shows."""
    shown = section("docs/journal.md", f"### Table `{table}`")
    assert "\n".join(re.findall(r"^\|.*\|$", shown, flags=re.MULTILINE)) == columns(table)


@pytest.mark.parametrize("kind", ["run", "block", "pair", "try", "end"])
def test_every_field_of_the_journal_is_documented(kind: str) -> None:
    """Each line's fields, in the order in which they are written."""
    lines: tuple[type[records.Record], ...] = (
        records.RunInfo,
        records.Block,
        records.Pair,
        records.Try,
        records.End,
    )
    [fields] = [line.model_fields for line in lines if line.model_fields["kind"].default == kind]
    assert first_cells(section("docs/journal.md", f"### Line `{kind}`")) == list(fields)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_its_options(command: str) -> None:
    """Every option and no other, and the example of its help."""
    shown = section("docs/commands.md", f"## `chunkbench {command}`")
    offered = (each for each in COMMANDS[command].params if not getattr(each, "hidden", False))
    options = (option for parameter in offered for option in parameter.opts)
    known = {option for option in options if option.startswith("--")}  # the rest are arguments
    assert {cell.split()[0] for cell in first_cells(shown) if cell.startswith("--")} == known
    example = COMMANDS[command].help.partition("Example: ")[2].strip()
    assert example
    assert example in shown


def test_profiles_are_documented_as_they_are() -> None:
    """Rounds of each start-up, looks and budget."""
    rows = []
    for name, profile in PROFILES.items():
        blocks, looks = profile.blocks, profile.looks
        runs = [f"{len(list(same))} times {size}" for size, same in itertools.groupby(blocks)]
        each = ", ".join(map(str, blocks) if len(blocks) <= 5 else runs)
        rounds = f"looks at {', '.join(map(str, looks))}" if looks else "fixed"
        budget = f"{profile.budget_seconds:.0f} s" if profile.budget_seconds else "none"
        rows.append((name, each, rounds, budget))
    shown = section("docs/commands.md", "## Common to all")
    found = re.findall(
        r"^\| `(\w+)` \| [^|]+ \| (.+) \| (.+) \| (.+) \|$", shown, flags=re.MULTILINE
    )
    assert found == rows


def test_no_other_command_is_documented() -> None:
    headings = re.findall(
        r"^## `chunkbench ([\w-]+)`$", read("docs/commands.md"), flags=re.MULTILINE
    )
    assert sorted(headings) == sorted(COMMANDS)


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Every link to a file, and every anchor in one of ours."""
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{link}: no such file"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


def test_every_rule_that_is_cited_can_be_looked_up() -> None:
    tests = ROOT.glob("tests/**/*.py")
    cited = set()
    for path in (*CODE, *tests):
        for text in re.findall(r"\b[Rr]ules? (\d+(?:(?:, | and | to )\d+)*)", path.read_text()):
            cited |= set(re.findall(r"\d+", text))
    headings = re.findall(r"^### (\d+)\. ", read("docs/method.md"), flags=re.MULTILINE)
    assert headings == [str(number) for number in range(1, len(headings) + 1)]
    assert cited <= set(headings)


def test_every_variable_that_is_read_is_documented() -> None:
    found = {name for path in CODE for name in re.findall(r"\bCHUNKBENCH_[A-Z]+", path.read_text())}
    shown = first_cells(section("docs/asv.md", "## Environment variables"))
    assert sorted(shown) == sorted(found - INTERNAL)


def start_ups(suite: str) -> dict[str, tuple[int, int]]:
    """Cases and most engine start-ups of each executor of *suite*, as its plan has them."""
    module = importlib.reload(importlib.import_module(f"benchmarks.{suite}"))
    plan = suite_plan(module.__name__)
    refused = {**refusals(plan.cases, 1 << 60), **plan.refused}
    cases = [case for case in plan.cases if case not in refused]
    set_ups = Counter(set_up.executor for set_up in {case.group.set_up for case in cases})
    each = Counter(case.executor for case in cases)
    return {name: (each[name], set_ups[name] * len(plan.profile.blocks)) for name in each}


@pytest.mark.parametrize("suite", SUITES)
def test_the_table_of_start_ups_is_that_of_the_laptop_profile(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases and start-ups, suite by executor."""
    monkeypatch.setenv("CHUNKBENCH_PROFILE", "laptop")
    monkeypatch.delenv("CHUNKBENCH_BUDGET", raising=False)
    shown = section("docs/asv.md", f"### `{suite}`")
    rows = re.findall(r"^\| `([\w-]+)` \| (\d+) \| (\d+) \|", shown, flags=re.MULTILINE)
    assert {name: (int(cases), int(starts)) for name, cases, starts in rows} == start_ups(suite)


PATTERNS = (
    *("*.md", "*.cff", "*.toml", "*.yml", "*.json", "Makefile", "docs/**/*.md"),
    *("notebooks/*.md", "notebooks/*.ipynb", "harness/**/*.py", "harness/**/*.html"),
)
SHIPPED = sorted(path for pattern in PATTERNS for path in ROOT.glob(pattern))
FOREIGN = re.compile(r"pip install[^\n]*://|git\+\w+://|github\.com/chunkbench", re.IGNORECASE)
"""An address to install from, or one under our name: it need not be ours."""


def test_nothing_that_ships_installs_from_an_address() -> None:
    """What is found under a name that we do not own would run on our readers' machines."""
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in SHIPPED
        if (match := FOREIGN.search(path.read_text("utf-8")))
    }
    assert found == {}


def test_the_citation_is_of_this_version_and_licence() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    cited = yaml.safe_load(read("CITATION.cff"))
    assert cited["version"] == project["version"]
    assert cited["license"] == project["license"]
    assert {"cff-version", "message", "title", "authors"} <= set(cited)


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_is_what_the_command_and_docstrings_say(page: str) -> None:
    """`make reference` writes it."""
    assert read(f"docs/{page}") == PAGES[page]()
