"""Build the static site: pages, scripts and tables that need no server."""

from __future__ import annotations

import itertools
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from harness.core.errors import UsageError
from harness.core.progress_step import Step, unsaid
from harness.reading.report.made_from import made_from
from harness.reading.report.manifest import Outputs
from harness.reading.report.site import executors, first_page, guide_pages, machines, workload
from harness.reading.report.site.building import building_folder
from harness.reading.report.site.case_pairs import measured_pairs, pair_lists
from harness.reading.report.site.changed_then import write_moments
from harness.reading.report.site.files import (
    TABLE_ENDINGS,
    unique_slugs,
    write_assets,
    write_data,
    write_table,
)
from harness.reading.report.site.history_page import CHANGES, POINTS, WrittenHistory, write_history
from harness.reading.report.site.level_changes import SHOWN, SPARK
from harness.reading.report.site.papers import NONE, by_figure, papers
from harness.reading.report.site.render import Pages
from harness.reading.report.site.section_pages import sections_of, write_sections
from harness.reading.report.site.source import NEWEST, SiteTables, from_results, from_tables
from harness.reading.report.site.words import SIGNS, counted

__all__ = ["SiteTables", "build", "from_results", "from_tables"]

MARK = ".chunkbench-site"


def build(
    source: SiteTables,
    out: Path,
    *,
    version: str,
    figures: bool = True,
    asv: bool = False,
    docs: Path | None = None,
    inputs: str = "",
    processes: int = 1,
    step: Step = unsaid,
) -> Path:
    """Write the site of *source* to *out*; return the path of its first page.

    Parameters
    ----------
    source : SiteTables
        Of :func:`from_results` or :func:`from_tables`.
    out : Path
        Made where it is missing. A folder that holds anything but an earlier site is refused.
    version : str
        Of chunkbench, for the foot of each page.
    figures : bool
        Also draw the figures for papers: PNG, SVG and PDF. Needs journals.
    asv : bool
        Link ASV's own pages, which are in ``asv/``.
    docs : Path, optional
        A clone, whose documentation goes along in ``docs/``.
    inputs : str
        Digest of all that *source* was read from and of the options, which the manifest keeps.
    processes : int
        Draw figures in at most so many processes: see
        :func:`harness.reading.report.figures.save_all`.
    step : callable
        Is told of each figure and page.

    Raises
    ------
    UsageError
        Where *out* is not a folder of the site's own, another process makes one there, or *docs*
        has no documentation.
    """
    _check(out)
    with building_folder(out) as building:
        outputs = Outputs(building, earlier=out)
        _write(source, outputs, _Asked(version, figures, asv, docs, processes, step))
        outputs.made_all_others(inputs)
        outputs.save(inputs, None)
        if out.exists():
            shutil.rmtree(out)
        building.rename(out)
    return out / "index.html"


class _Asked(NamedTuple):
    """How a site is to be made, as :func:`build` was asked."""

    version: str
    figures: bool
    asv: bool
    docs: Path | None
    processes: int
    step: Step


def _write(source: SiteTables, outputs: Outputs, asked: _Asked) -> None:
    out = outputs.folder
    (out / MARK).write_text("made by chunkbench publish, which replaces this folder\n", "utf-8")
    drawn = papers(source, outputs, processes=asked.processes, step=asked.step)
    with drawn if asked.figures else nullcontext(NONE) as begun:
        write_assets(outputs, _charts)
        _write_pages(source, outputs, asked, by_figure(begun.files))
        begun.finish()


def _write_pages(
    source: SiteTables, outputs: Outputs, asked: _Asked, drawn: list[dict[str, Any]]
) -> None:
    out = outputs.folder
    navigation = [
        ("index.html", "Start"),
        ("exercise.html", "Many or few?"),
        ("workloads.html", "Workloads"),
        ("executors.html", "Executors"),
        ("machines.html", "Machines"),
        ("history.html", "History"),
        *sections_of(source).values(),
        *([("figures.html", "Figures")] if drawn else []),
        ("downloads.html", "Downloads"),
        *([(guide_pages.FIRST, "Documentation")] if asked.docs else []),
    ]
    names = sorted(str(name) for name in source.cases["workload"].unique())
    history = write_history(source, out)
    moments = history.moments
    of = len(navigation) + len(names) + len(moments)
    if asked.docs:
        of += len(guide_pages.guides(asked.docs)) - 1  # the first is in the navigation
    counter = itertools.count(1)
    explained = guide_pages.EXPLAINED if asked.docs else {}
    common = {"version": asked.version, "asv": asked.asv, "explained": explained}
    pages = Pages(out, navigation, common, lambda: asked.step("pages", next(counter), of))
    _first_pages(source, names, pages, history)
    _workloads(source, names, outputs, pages)
    _executors(source, out, pages)
    compared = list(machines.comparisons(source))
    ratios = [pair.ratios for pair in compared]
    pages.write(
        "machines.html",
        "machines",
        comparisons=compared,
        script=write_data(out, "machines", ratios) if any(ratios) else None,
        together=list(machines.side_by_side(source)),
        machines=source.machines,
        judged_here=source.judged is not None,
        most=machines.MOST,
    )
    write_data(out, "history-index", history.files)
    told = {"history": history, "figures": SHOWN, "spark": SPARK}
    pages.write(
        "history.html", "history", points=POINTS, most_changes=CHANGES, moments=moments, **told
    )
    write_moments(moments, history.places, history.followed, pages, **told)
    write_sections(source, out, pages)
    if asked.docs:
        guide_pages.write_guides(asked.docs, pages)
    if drawn:
        pages.write("figures.html", "figures", papers=drawn)
    links = {name: write_table(out, name, source.tables[name]) for name in NEWEST}
    rows = {name: len(source.tables[name]) for name in NEWEST}
    pages.write("downloads.html", "downloads", downloads=links, rows=rows, history=history)


def _charts() -> dict[str, Any]:
    from harness.reading.report.site import charts  # noqa: PLC0415 (Altair is slow to load)

    return {"specs": charts.specs(), "signs": SIGNS, "dashes": charts.DASHES}


def _first_pages(
    source: SiteTables, names: list[str], pages: Pages, history: WrittenHistory
) -> None:
    settled = list(first_page.exercises(source))
    pages.write("exercise.html", "exercise", exercises=settled)
    slugs = unique_slugs(names)
    of_workload = {name: f"workload/{slugs[name]}.html" for name in names}
    pages.write(
        "index.html",
        "start",
        machines=first_page.machine_words(source, of_workload, settled),
        history=history,
        changes=history.newest_changes(),
        searched=history.searched,
        notes=source.judged.notes if source.judged else [],
    )


def _workloads(source: SiteTables, names: list[str], outputs: Outputs, pages: Pages) -> None:
    """Write a page for each workload, and the page that lists them."""
    slugs = unique_slugs(names)
    listed = []
    for name in names:
        tables = {
            table: source.tables[table][source.tables[table]["workload"].eq(name)]
            for table in workload.TABLES
        }
        page = f"workload/{slugs[name]}.html"
        rows = [row for row in source.rows("cases") if row["workload"] == name]
        on = sorted({str(row["machine"]) for row in rows})
        listed.append((page, name, on, counted(rows)))
        downloads = [table for table in ("cases", "break_even", "controls") if len(tables[table])]
        key = f"workload-{slugs[name]}"
        files = [page, f"data/{key}.js"]
        files += [f"tables/{key}-{table}.{end}" for table in downloads for end in TABLE_ENDINGS]
        pairs = measured_pairs(source, name)
        if len(pairs):
            files.append(f"data/pairs-{slugs[name]}.js")
        digest = made_from(pages.made_from, key, tables, pairs)
        if outputs.kept(digest, *files):
            pages.skip()
            continue
        content = workload.data(name, tables)
        path = write_data(outputs.folder, key, content)
        if len(pairs):
            write_data(outputs.folder, f"pairs-{slugs[name]}", pair_lists(pairs))
        pages.write(
            page,
            "workload",
            name=name,
            script=path,
            pairs=f"pairs-{slugs[name]}" if len(pairs) else None,
            downloads={
                table: write_table(outputs.folder, f"{key}-{table}", tables[table])
                for table in downloads
            },
            key=key,
            has_controls=bool(content["controls"]),
            has_pins=bool(content["pins"]),
            has_edges=bool(content["edges"]),
        )
        outputs.made(digest, *files)
    pages.write("workloads.html", "workloads", workloads=listed)


def _executors(source: SiteTables, out: Path, pages: Pages) -> None:
    kinds = [
        (kind, executors.dots(kind, source), list(executors.sections(kind, source)))
        for kind in executors.COSTS
    ]
    path = write_data(out, "executors", {kind.name: dots for kind, dots, _ in kinds})
    links = {"metg": write_table(out, "metg", source.tables["metg"])}
    pages.write("executors.html", "executors", kinds=kinds, script=path, downloads=links)


def _check(out: Path) -> None:
    """Refuse *out* where it holds anything but an earlier site."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file: name a folder with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise UsageError(
            f"{out} holds something else than an earlier site: name another folder with --out"
        )
