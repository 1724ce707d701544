"""Each machine at a glance: a grid of workloads and executors, from what the tables say.

Only what runs in parallel and was cut in more than one way is in it: controls have one worker, and
a case without chunks has no break-even.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from harness.core import units
from harness.core.records import Verdict
from harness.core.work_families import family_of
from harness.reading.analysis.by_group import records
from harness.reading.analysis.crossover.work import BEST
from harness.reading.analysis.keys import SET_UP
from harness.reading.analysis.models.empty import EMPTY
from harness.reading.analysis.own_python import without_others
from harness.reading.report.glance.pays_from import PaysFrom, by_chunk, by_work
from harness.reading.report.glance.task_costs import task_costs
from harness.reading.report.shown import cells
from harness.reading.report.shown.cells import Row, absent, has_numbers

DECIDED = {"found": True, "always pays": True, "never pays": False}
"""Status of a break-even to whether anything pays; the others may leave that open."""

NO_PROMISE = frozenset({"smoke", "claims"})
"""Profiles that promise no verdicts, or that try the settings of others: shown where there is
nothing else."""

REPLAY = "serial-replay"
"""The executor that runs the chunks one after the other."""

_CHUNK = ("run", "workload", "size", "chunk")
_OPEN = str(Verdict.UNDETERMINED)
PAYS = str(Verdict.PAYS)
"""The kind of a cell that pays against the serial way and NumPy on all cores."""
_CASE_GROUP = ("run", "workload", "size", *SET_UP)


@dataclass(frozen=True)
class GlanceCell:
    """One workload on one executor.

    Attributes
    ----------
    words : str
        From where on it pays: ``"from 59 000 numbers"``.
    detail : str
        The same with its interval.
    kind : str
        The verdict that gives the colour.
    best : mapping or None
        The row of ``cases`` that is fastest for sure; ``None`` where no case has a result.
    edge : mapping
        The row of ``break_even`` or ``break_even_work``.
    pays : bool or None
        Whether any chunk or amount of work is shown to pay; ``None`` where that is open.
    others : tuple of str
        What other runs of the same say, where they disagree.
    replay : mapping or None
        The row of ``cases`` that has the chunks of *best* one after the other, in one process.
    """

    executor: str
    words: str
    detail: str
    kind: str
    best: Row | None
    edge: Row
    pays: bool | None
    others: tuple[str, ...] = ()
    replay: Row | None = None

    @property
    def above_workers(self) -> str | None:
        """Why the best case is faster than its workers can make it; ``None`` where it is not."""
        best, replay = self.best, self.replay
        if best is None or best["speedup"] <= best["workers"]:
            return None
        more = f"{units.ratio(best['speedup'])} is more than {best['workers']} workers can give"
        if replay is None or absent(replay["speedup"]) or replay["speedup"] <= 1:
            return f"{more}: chunking may gain by itself, which was not shown"
        return f"{more}: cutting into chunks alone gains {units.ratio(replay['speedup'])}"


@dataclass(frozen=True)
class GlanceLine:
    """One workload, or a family of workloads with ever more work: a cell for each executor."""

    family: str
    cells: Mapping[str, GlanceCell]

    @property
    def pays(self) -> bool:
        """Whether it pays on any executor."""
        return any(cell.pays for cell in self.cells.values())

    @property
    def best(self) -> GlanceCell | None:
        """The cell that pays with the highest speed-up for sure; one that pays also against NumPy
        on all cores goes before others."""
        paying = [cell for cell in self.cells.values() if cell.pays and cell.best]
        return max(paying, key=lambda cell: (cell.kind == PAYS, _sure(cell.best)), default=None)


@dataclass(frozen=True)
class Glance:
    """One machine: lines that pay come first."""

    machine: str
    executors: tuple[str, ...]
    lines: tuple[GlanceLine, ...]
    task_costs: Mapping[str, Row] = field(default_factory=dict)
    runs: tuple[str, ...] = ()


def glances(tables: Mapping[str, pd.DataFrame]) -> list[Glance]:
    """See each machine at a glance.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``cases``, ``break_even`` and ``break_even_work`` of the schema. Of several runs the newest
        one that has the workload on the executor is taken, and none on another Python where the
        machine has some on chunkbench's own.

    Returns
    -------
    list of Glance
        In order of the machines' names; a machine without a paired case is left out.
    """
    spoken = without_others(tables["cases"])
    cases = [row for row in records(spoken) if not absent(row["profile"])]
    runs = set(spoken["run"])
    edges = [row for row in records(tables["break_even"]) if row["run"] in runs]
    work = [
        row
        for row in records(tables["break_even_work"])
        if row["chunks"] == BEST and row["run"] in runs
    ]
    of_machines = [*map(_by_machine, (cases, edges, work))]
    return [
        _glance(name, *(of.get(name, []) for of in of_machines)) for name in sorted(of_machines[0])
    ]


def _by_machine(rows: Iterable[Row]) -> dict[str, list[Row]]:
    of: dict[str, list[Row]] = {}
    for row in rows:
        of.setdefault(str(row["machine"]), []).append(row)
    return of


def _glance(machine: str, cases: list[Row], edges: list[Row], work: list[Row]) -> Glance:
    by_group: dict[tuple[Any, ...], list[Row]] = {}
    for row in cases:
        by_group.setdefault(tuple(row[name] for name in _CASE_GROUP), []).append(row)
    found: dict[tuple[str, str], list[_Found]] = {}
    of_work = [*_by_work(work, by_group)]
    families = {each.family for each in of_work}
    for candidate in (*_by_chunk(edges, by_group, families), *of_work):
        found.setdefault((candidate.family, str(candidate.edge["executor"])), []).append(candidate)
    replays = {
        tuple(row[name] for name in _CHUNK): row
        for row in cases
        if row["executor"] == REPLAY and has_numbers(row)
    }
    lines: dict[str, dict[str, GlanceCell]] = {}
    for (family, executor), candidates in sorted(found.items()):
        lines.setdefault(family, {})[executor] = _cell(candidates, replays)
    of = [GlanceLine(family, cells_of) for family, cells_of in lines.items()]
    return Glance(
        machine,
        tuple(sorted({executor for line in of for executor in line.cells})),
        tuple(sorted(of, key=lambda line: not line.pays)),
        task_costs(cases, NO_PROMISE),
        tuple(sorted({str(row["run"]) for row in cases})),
    )


@dataclass(frozen=True)
class _Found:
    """What one run says of a family on an executor."""

    family: str
    edge: Row
    cases: Sequence[Row]
    span: PaysFrom
    of_work: bool

    @property
    def pays(self) -> bool | None:
        """Whether anything is shown to pay: also where it is open from where on."""
        pays = DECIDED.get(str(self.edge["status"]))
        end = self.edge["bracket_high_us" if self.of_work else "bracket_high"]
        return True if pays is None and not absent(end) else pays

    @property
    def rank(self) -> tuple[Any, ...]:
        """Its place among others of the same: the highest is shown."""
        return (
            self.edge["profile"] not in NO_PROMISE,
            self.of_work,
            self.edge["run"],
            self.edge["workers"],
            self.edge["pin"] == "1",
        )


def _by_chunk(
    edges: list[Row], cases: Mapping[tuple[Any, ...], list[Row]], families: Container[str]
) -> Iterator[_Found]:
    """Of each sweep over chunks; those of *families* that add work have a line together."""
    sides: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in edges:
        sides.setdefault(tuple(row[name] for name in _CASE_GROUP), {})[str(row["side"])] = row
    for key, of_side in sides.items():
        small = of_side.get("small")
        if small is None:
            continue
        family = str(small["workload"])
        rows = cases.get(key, [])
        base, added = family_of(family)
        if added and base in families:
            continue
        if family != EMPTY and _is_parallel(small, rows):
            yield _Found(family, small, rows, by_chunk(family, small, rows), of_work=False)


def _by_work(edges: list[Row], cases: Mapping[tuple[Any, ...], list[Row]]) -> Iterator[_Found]:
    members: dict[tuple[Any, ...], list[Row]] = {}
    for (run, workload, _, *set_up), rows in cases.items():
        members.setdefault((run, family_of(workload)[0], *set_up), []).extend(rows)
    for edge in edges:
        family = str(edge["family"])
        rows = members.get((edge["run"], family, *(edge[name] for name in SET_UP)), [])
        if _is_parallel(edge, rows):
            yield _Found(family, edge, rows, by_work(family, edge, rows), of_work=True)


def _is_parallel(edge: Row, rows: Sequence[Row]) -> bool:
    return edge["workers"] > 1 and not any(row["oversubscribed"] is True for row in rows)


def _cell(candidates: list[_Found], replays: Mapping[tuple[Any, ...], Row]) -> GlanceCell:
    shown = max(candidates, key=lambda each: each.rank)
    pays = shown.pays
    best = _best(shown.cases)
    return GlanceCell(
        str(shown.edge["executor"]),
        shown.span.words,
        shown.span.detail,
        _kind(pays, best),
        best,
        shown.edge,
        pays,
        tuple(_disagreeing(shown, candidates)),
        best and replays.get(tuple(best[name] for name in _CHUNK)),
    )


def _disagreeing(shown: _Found, candidates: Sequence[_Found]) -> Iterator[str]:
    """What other runs of the same size and set-up say, where one pays and the other never does."""
    same = ("size", *SET_UP)
    for other in candidates:
        if (
            other is not shown
            and other.of_work == shown.of_work
            and all(other.edge.get(name) == shown.edge.get(name) for name in same)
            and None not in (shown.pays, other.pays)
            and shown.pays != other.pays
        ):
            yield f"another run says otherwise ({other.edge['run']}): {other.span.words}"


def _kind(pays: bool | None, best: Row | None) -> str:
    if pays is None or best is None:
        return _OPEN
    if not pays:
        return str(Verdict.OVERHEAD)
    return cells.AGAINST_SERIAL if cells.verdict(best) == cells.AGAINST_SERIAL else PAYS


def _best(rows: Iterable[Row]) -> Row | None:
    """The case that is fastest for sure: its interval has the highest lower end. One that pays also
    against NumPy on all cores goes before others: that any does is what the colour says."""
    good = [row for row in rows if has_numbers(row) and not absent(row["speedup_low"])]
    return max(good, key=lambda row: (cells.verdict(row) == PAYS, _sure(row)), default=None)


def _sure(row: Row | None) -> float:
    return float(row["speedup_low"]) if row else 0.0
