"""``python -m selfbench reading``: what the commands that read cost, before and after, and on more
and more pairs."""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path

from harness.core.errors import UsageError
from harness.running.host.checkout import source_folder
from selfbench.before_and_after import (
    AFTER,
    BEFORE,
    COMMANDS,
    START_UP,
    START_UPS,
    Comparison,
    Say,
    Source,
    compare,
    source_of,
    warm_up,
)
from selfbench.reading_curve import Most, Point, check_room, curve, sizes
from selfbench.reading_table import as_data, printed

PARTS = ("commands", "start-up", "curve")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``reading`` besides those of every benchmark here."""
    parser.add_argument("--before", metavar="COMMIT", help="also time the source of this commit")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may be repeated")
    parser.add_argument(
        "--results",
        type=Path,
        help="by default those that are committed; with --before, with that commit",
    )
    parser.add_argument("--repeat", type=int, default=1, help="runs of each command (1)")
    parser.add_argument("--smallest", type=int, default=10_000, help="pairs to begin with (10 000)")
    parser.add_argument("--largest", type=int, default=10_000_000, help="most pairs (10 000 000)")
    parser.add_argument(
        "--before-largest", type=int, default=10_000, help="most pairs read by --before (10 000)"
    )
    parser.add_argument(
        "--compact-largest", type=int, default=1_000_000, help="most pairs compacted (1 000 000)"
    )
    parser.add_argument(
        "--judge-largest", type=int, default=100_000, help="most of those judged (100 000)"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="for temporary files"
    )


def run(options: argparse.Namespace, table_format: str, say: Say) -> str:
    """Measure what *options* ask for, and lay it out.

    Raises
    ------
    UsageError
        For a commit that the clone does not have, or more pairs than the disk has room for.
    InputError
        Where the results have no file of ASV's to make nights from.
    """
    parts = options.part or PARTS
    root = source_folder()
    counts = sizes(options.smallest, options.largest) if "curve" in parts else []
    comparison, points = Comparison(), list[Point]()
    with ExitStack() as held:
        name = held.enter_context(
            tempfile.TemporaryDirectory(prefix="chunkbench-reading-", dir=options.folder)
        )
        folder = Path(name)
        check_room(folder, max(counts, default=0))
        sources = [Source(AFTER, root, folder)]
        if options.before:
            before = held.enter_context(source_of(root, options.before, folder))
            sources.insert(0, Source(BEFORE, before, folder))
        results = (options.results or sources[0].folder / "results").resolve()
        say("warming up")
        warm_up(sources)
        if "start-up" in parts:
            comparison.runs |= compare(sources, results, START_UP, START_UPS, say, again=False).runs
        if "commands" in parts:
            comparison.runs |= compare(sources, results, COMMANDS, options.repeat, say).runs
        if counts:
            machine = _machine(results)
            most = Most(options.before_largest, options.compact_largest, options.judge_largest)
            points = curve(machine, counts, sources, folder, most, say)
    if options.json:
        options.json.write_text(json.dumps(as_data(comparison, points), indent=1) + "\n")
    return printed(comparison, points, table_format)


def _machine(results: Path) -> Path:
    """The first machine's folder that has a file of ASV's and journals."""
    for journal in sorted(results.glob("*/journal")):
        if list(journal.parent.glob("*-*.json")):
            return journal.parent
    raise UsageError(f"{results}: no machine has ASV results and journals: choose other --results")
