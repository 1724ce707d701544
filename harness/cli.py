"""The command ``chunkbench``: parse, call, print, exit code.

Exit codes: 0 done, 1 the answer is bad news where that is the command's point, 2 wrong usage or
input. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from harness import __version__, units
from harness.errors import ChunkbenchError, Interrupted

app = typer.Typer(
    name="chunkbench",
    help="Where does scheduler overhead exceed the gain of going parallel?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
RESULTS = Path("results")


class Format(StrEnum):
    """Formats of commands that answer with one object."""

    text = "text"
    json = "json"


class TableFormat(StrEnum):
    """Formats of ``chunkbench tables``."""

    text = "text"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"
    html = "html"
    json = "json"
    parquet = "parquet"


FormatOption = Annotated[Format, typer.Option("--format", help="For people, or one JSON object.")]
ResultsOption = Annotated[Path, typer.Option("--results", help="The results folder.")]
MachineOption = Annotated[
    str | None, typer.Option("--machine", help="What you call this machine; names its folder.")
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"chunkbench {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command."""


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, allow_nan=False))


@app.command()
def settle(
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    executor: Annotated[
        str, typer.Option(help="The Dask scheduler to ask about.")
    ] = "dask-threads",
    workers: Annotated[int | None, typer.Option(help="Default: all usable cores.")] = None,
    profile: Annotated[str, typer.Option(help="How long and how deep to measure.")] = "exercise",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped run.")] = False,
    output: FormatOption = Format.text,
) -> None:
    """Many small chunks, few large ones, or NumPy? Measured and answered on this machine.

    Example: chunkbench settle --workers 2
    """
    from harness.measure.progress import shown  # noqa: PLC0415
    from harness.report.settled import text  # noqa: PLC0415
    from harness.settle import settle as measured  # noqa: PLC0415

    with shown() as report:
        found = measured(
            results,
            executor=executor,
            workers=workers,
            profile=profile,
            machine_name=machine,
            resume=resume,
            report=report,
        )
    if output is Format.json:
        _print_json(found.model_dump(mode="json"))
    else:
        typer.echo(text(found), nl=False)


@app.command()
def run(
    profile: Annotated[str, typer.Option(help="smoke, laptop, exercise or nightly.")] = "laptop",
    suite: Annotated[list[str] | None, typer.Option(help="A suite; may be repeated.")] = None,
    budget: Annotated[
        str | None, typer.Option(help="For all suites together: 90s, 5m, 2h.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Measure only what is missing.")] = False,
    machine: MachineOption = None,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Open Dask's dashboard, and print its link.")
    ] = False,
    existing: Annotated[
        bool, typer.Option("--existing", help="Use this Python, not an environment of ASV's.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Sweep through ASV, with progress; needs a clone of the repository.

    Example: chunkbench run --suite task_overhead --budget 5m
    """
    from harness.asv_front import run as sweep  # noqa: PLC0415
    from harness.measure.progress import shown  # noqa: PLC0415
    from harness.report.spent import spent, words  # noqa: PLC0415

    began = time.time()
    with shown() as report:
        folder = sweep(
            suite or (),
            profile=profile,
            budget_seconds=units.parse_seconds(budget) if budget else None,
            resume=resume,
            machine=machine,
            dashboard=dashboard,
            existing=existing,
            report=report,
        )
    written = [p for p in folder.glob("*/journal/*.jsonl") if p.stat().st_mtime >= began]
    found = spent(written, time.time() - began)
    if output is Format.json:
        _print_json({"results": str(folder), "seconds": found.model_dump()})
        return
    if line := words(found):
        typer.echo(line)
    typer.echo(f"done: chunkbench tables --results {folder} shows what was measured")


@app.command()
def tables(
    results: ResultsOption = RESULTS,
    out: Annotated[Path | None, typer.Option(help="Write files here, one a table.")] = None,
    output: Annotated[TableFormat, typer.Option("--format", help="Format of the tables.")] = (
        TableFormat.text
    ),
) -> None:
    """The tidy tables: cases with verdicts, and break-even chunks.

    Example: chunkbench tables --format csv --out tables
    """
    from harness.report.analysed import analysed  # noqa: PLC0415
    from harness.report.tables import render, write  # noqa: PLC0415

    found = analysed(results)
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    if out is None:
        typer.echo(render(found.tables, output.value), nl=False)
        return
    paths = [str(path) for path in write(found.tables, output.value, out)]
    if output is TableFormat.json:
        _print_json({"files": paths})
    else:
        typer.echo("\n".join(paths))


@app.command()
def figures(
    results: ResultsOption = RESULTS,
    out: Annotated[Path, typer.Option(help="Folder for the figures.")] = Path("figures"),
    output: FormatOption = Format.text,
) -> None:
    """Figures of all that was measured, as PNG and SVG, with text for those who do not see them.

    Example: chunkbench figures --results results --out figures
    """
    from harness.report.analysed import analysed  # noqa: PLC0415
    from harness.report.figures import save_all  # noqa: PLC0415

    saved = save_all(analysed(results), out)
    if output is Format.json:
        paths = [str(one.path) for one in saved]
        texts = {str(one.path): one.alt for one in saved}
        _print_json({"figures": paths, "alt": texts})
    else:
        typer.echo("\n".join(str(one.path) for one in saved))


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="A machine or run, or a journal or folder.")],
    b: Annotated[str, typer.Argument(help="Another one.")],
    results: ResultsOption = RESULTS,
    output: FormatOption = Format.text,
) -> None:
    """Two machines or runs, side by side: what changed, and by how much.

    Example: chunkbench compare laptop workstation
    """
    from harness.report.compared import as_json, text  # noqa: PLC0415
    from harness.report.compared import compare as compared  # noqa: PLC0415

    found = compared(results, a, b)
    if output is Format.json:
        _print_json(as_json(found))
    else:
        typer.echo(text(found), nl=False)


@app.command()
def publish(
    results: ResultsOption = RESULTS,
    out: Annotated[Path, typer.Option(help="Folder for the site.")] = Path("site"),
    output: FormatOption = Format.text,
) -> None:
    """Build the static site from what was measured; needs a clone of the repository.

    Example: chunkbench publish --out site
    """
    from harness.asv_site import publish as build  # noqa: PLC0415

    page = build(results, out)
    if output is Format.json:
        _print_json({"site": str(page)})
    else:
        typer.echo(f"{page}: serve its folder with python -m http.server --bind 127.0.0.1")


@app.command()
def show(
    case: Annotated[
        str,
        typer.Argument(
            help="WORKLOAD/EXECUTOR/chunk=N; optional /size=N, /workers=N, /pin=1|cores|default."
        ),
    ],
    script: Annotated[
        bool, typer.Option("--script", help="Print a program that reproduces the case.")
    ] = False,
    results: ResultsOption = RESULTS,
    output: FormatOption = Format.text,
) -> None:
    """What is known of one case, or a short program that reproduces it without chunkbench.

    Example: chunkbench show random-sum/dask-threads/chunk=100000 --script
    """
    from harness import show as shown  # noqa: PLC0415

    if script:
        found, program = shown.show_script(case)
        if output is Format.json:
            _print_json({"case": found.model_dump(mode="json"), "script": program})
        else:
            typer.echo(program, nl=False)
        return
    card = shown.show(case, results if results != RESULTS or results.is_dir() else None)
    if output is Format.json:
        _print_json(card.model_dump(mode="json"))
    else:
        typer.echo(shown.card_text(card), nl=False)


@app.command()
def systems(output: FormatOption = Format.text) -> None:
    """Every executor: available, or why not and how to get it.

    Example: chunkbench systems --format json
    """
    from harness.executors import systems as known  # noqa: PLC0415

    rows = known()
    if output is Format.json:
        _print_json({"systems": rows})
        return
    for row in rows:
        state = (
            row["version"] or "with Python"
            if row["available"]
            else f"not available: {row['reason']}"
        )
        typer.echo(f"{row['name']:<28}{row['kind']:<18}{state}")


@app.command()
def doctor(output: FormatOption = Format.text) -> None:
    """Is this machine fit to measure: cores, pins, noise, limits. Exit code 1 if not.

    Example: chunkbench doctor
    """
    from harness.measure.doctor import examine  # noqa: PLC0415

    checks = examine()
    fit = all(check.fit for check in checks)
    if output is Format.json:
        _print_json({"fit": fit, "checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            typer.echo(f"{'ok ' if check.fit else 'BAD'}  {check.name:<18}{check.found}")
            if not check.fit:
                typer.echo(f"     {'':<18}{check.advice}")
        typer.echo("fit to measure" if fit else "not fit to measure: see above")
    if not fit:
        raise typer.Exit(1)


@app.command()
def efficiency(
    files: Annotated[
        list[str] | None, typer.Argument(help="Listings; - is standard input.", show_default=False)
    ] = None,
    job: Annotated[
        str | None, typer.Option("--job", help="Ask qacct or sacct for this id.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="What the listing is: auto, qacct, sacct-json, ... or with --job.")
    ] = "auto",
    output: FormatOption = Format.text,
) -> None:
    """How well jobs used the cores and the memory they were granted.

    Example: chunkbench efficiency --job 3524046 --source qacct
    """
    from harness.analysis.jobs import efficiency as judged  # noqa: PLC0415
    from harness.ingest.accounting import gathered  # noqa: PLC0415
    from harness.report.jobs import records, text  # noqa: PLC0415

    found = [judged(one) for one in gathered(files or [], job, source)]
    if output is Format.json:
        _print_json({"jobs": records(found)})
    else:
        typer.echo(text(found), nl=False)


@app.command()
def validate(
    sweeps: Annotated[int, typer.Option(min=1, help="Simulated sweeps with planted costs.")] = 1000,
    cases: Annotated[int, typer.Option(min=1, help="Simulated A/A cases.")] = 3000,
    processes: Annotated[int, typer.Option(min=0, help="Processes; 0 for all usable cores.")] = 0,
    output: FormatOption = Format.text,
) -> None:
    """Test the harness on itself, by simulated sweeps whose truth is known. Exit code 1 if not met.

    Example: chunkbench validate --sweeps 100 --cases 300
    """
    from harness.validate import validate as counted  # noqa: PLC0415

    lines = counted(sweeps, cases, processes)
    met = all(line.met is not False for line in lines)
    if output is Format.json:
        _print_json({"met": met, "lines": [line._asdict() for line in lines]})
    else:
        for line in lines:
            state = {True: "ok ", False: "BAD", None: "   "}[line.met]
            value = "-" if line.value is None else f"{line.value:.3f}"
            needed = f"  needed {line.needed}" if line.needed else ""
            rule = f"rule {line.rule}"
            typer.echo(f"{state}  {rule:<9}{line.claim:<55}{value:>7}  of {line.n:>5}{needed}")
        typer.echo("the rules are met" if met else "not all rules are met: see above")
    if not met:
        raise typer.Exit(1)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"chunkbench: {message}", err=True)
    sys.exit(code)


def main() -> None:
    """Run the command; every failure is one line, and a traceback only with ``--debug``."""
    debug = "--debug" in sys.argv
    try:
        code = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        _fail("stopped", Interrupted.exit_code)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the help is already shown
            sys.exit(2)
        _fail(f"{' '.join(error.format_message().split())} (see chunkbench --help)", 2)
    except ChunkbenchError as error:
        if debug:
            raise
        _fail(str(error), error.exit_code)
    except Exception as error:
        if debug:
            raise
        if isinstance(error, OSError) and error.filename:
            _fail(f"{error.filename}: {error.strerror}: check the path", 2)
        _fail(f"{type(error).__name__}: {error} (a bug: run again with --debug and report it)", 2)
    if code == Interrupted.exit_code:  # Typer's own answer to Ctrl-C
        _fail("stopped", code)
    sys.exit(code or 0)
