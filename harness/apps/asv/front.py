"""Run suites, by themselves or through ASV: choose them, tell them their options, and see to ASV's
files."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from harness.apps.asv import results as asv_results
from harness.apps.asv.asv_process import run_asv, run_suites
from harness.apps.asv.project_clone import check_suites, project_root, suites
from harness.apps.asv.rebuild import rebuild
from harness.apps.planning.planned_run import seconds_needed
from harness.core.errors import InputError, Interrupted, UsageError
from harness.core.extras import check_installed
from harness.core.run_options import RunOptions
from harness.running.executors import require
from harness.running.host.checkout import commit_of_code
from harness.running.host.machine import checked_name, default_name
from harness.running.measure.environment.homes import homes_of
from harness.running.measure.environment.other_python import look_into
from harness.running.measure.process.supervision import scratch_folder
from harness.running.measure.sweep.progress import Report
from harness.running.plan import shared_budget
from harness.running.plan.profiles import make_profile
from harness.running.plan.suite_cases import this_node


def command(chosen: Sequence[str], machine: str) -> list[str]:
    """ASV's command line for *chosen* suites (all of them if empty)."""
    words = [
        sys.executable,
        "-m",
        "asv",
        "run",
        "--record-samples",
        "--show-stderr",
        "--launch-method",
        "forkserver",
        "--machine",
        machine,
    ]
    for name in chosen:
        words += ["--bench", rf"^{name}\."]
    return words


def suites_of(root: Path, chosen: Sequence[str], share: str | None) -> list[str]:
    """The suites of the clone *root* that a run measures: those *chosen* (all of them if empty), or
    its *share* of them."""
    names = list(chosen) or suites(root)
    return asv_results.part_of(names, share) if share else names


def run(
    chosen: Sequence[str] = (),
    options: RunOptions = RunOptions(),  # noqa: B008 - frozen
    *,
    budget_seconds: float | None = None,
    isolated: bool = False,
    share: str | None = None,
    report: Report = lambda progress: None,
) -> Path:
    """Run suites; the folder that the results are in.

    All are measured as one sweep with this interpreter, so that one start-up of an engine serves
    every suite; then ASV's files are written as it would have written them.

    Parameters
    ----------
    chosen : sequence of str
        Suites; all of them if empty.
    options : RunOptions
        What every suite is told; other parts of the run may be at work in the same results folder.
    budget_seconds : float, optional
        For all suites together; without it each suite has that of *options*. It is shared evenly
        or, where the profile says so, by cost.
    isolated : bool
        Have ASV measure each suite by itself, in an environment that it builds for the commit.
    share : str, optional
        Only a part of the suites, see :func:`harness.apps.asv.results.part_of`.
    report : callable
        Told of progress.

    Raises
    ------
    UsageError
        Outside a clone, for unknown names, for no workers, or where another run fills the same
        folder.
    ExecutorUnavailableError
        Where an executor that is named cannot run here.
    AsvError
        Where ASV fails.
    Interrupted
        On Ctrl-C.
    """
    _check(options)
    root = project_root()
    machine = checked_name(options.machine or default_name())
    check_suites(chosen, root)
    chosen = suites_of(root, chosen, share)
    own_folder = (root / "results").absolute()
    folder = (options.results or own_folder).absolute()
    options = replace(
        options,
        machine=machine,
        results=folder,
        executors=tuple(dict.fromkeys(options.executors)),
        workers=tuple(sorted(set(options.workers))),
    )
    with asv_results.one_run(folder, share and share.replace("/", "-of-")):
        missing = _without_ended(chosen, options, root, isolated=isolated)
        if missing:
            try:
                with _budget(options, budget_seconds, chosen, missing, root) as with_budget:
                    if isolated:
                        run_asv(
                            command(missing, machine),
                            root=root,
                            variables=with_budget.to_env(),
                            machine=machine,
                            other_results=None if folder == own_folder else folder,
                            report=report,
                        )
                    else:
                        variables = with_budget.to_env()
                        run_suites(missing, root=root, variables=variables, report=report)
                        _write_asv_files(folder, machine, missing)
            except KeyboardInterrupt:
                raise Interrupted(
                    f"stopped: what was measured is in {folder / machine / 'journal'}; "
                    "go on with chunkbench run --resume"
                ) from None
    return folder


def _write_asv_files(results: Path, machine: str, measured: Sequence[str]) -> None:
    """Write ASV's files of what the journals in *results* have of this commit and of the suites
    that were *measured*; none where the code is in no commit, or where nothing has a result. Those
    of other suites may be half written by other parts of the run."""
    commit, _ = commit_of_code()
    if commit is not None:
        with suppress(InputError):
            rebuild(results, machine=machine, commit=commit, of_suites=measured, force=True)


@contextmanager
def _budget(
    options: RunOptions,
    seconds: float | None,
    chosen: Sequence[str],
    missing: Sequence[str],
    root: Path,
) -> Iterator[RunOptions]:
    """*options* with the part of the *missing* suites in the *seconds* of all that were *chosen*:
    an even one for each, or one file that they share by cost."""
    if seconds is None:
        yield options
    elif len(chosen) == 1 or not make_profile(options.profile).budget_by_cost:
        yield replace(options, suite_budget_seconds=seconds / len(chosen))
    else:
        needs = seconds_needed(root, chosen, options, this_node())
        of_missing = {suite: needs[suite] for suite in missing}
        part = seconds * math.fsum(of_missing.values()) / math.fsum(needs.values())
        with scratch_folder("chunkbench-budget-") as reaper:
            path = reaper.scratch / "budget.json"
            shared_budget.begin(path, part, of_missing)
            yield replace(options, shared_budget=path)


def _check(options: RunOptions) -> None:
    """Refuse unknown names, executors that cannot run here, and to go without ASV, whose files are
    written in the end, before anything is started."""
    check_installed("asv")
    make_profile(options.profile)
    named = options.executors
    elsewhere = look_into(options.python, named) if options.python else homes_of(named)
    for executor in named:
        require(executor, elsewhere.missing_of)
    if any(count < 1 for count in options.workers):
        raise UsageError(f"workers must be at least 1: {', '.join(map(str, options.workers))}")


def _without_ended(
    chosen: list[str], options: RunOptions, root: Path, *, isolated: bool
) -> list[str]:
    """Those of *chosen* that are to be measured: with ``--resume --since`` not those that came to
    their end since then."""
    if not (options.resume and options.since and options.results and options.machine):
        return chosen
    commit = _head(root) if isolated else commit_of_code()[0]
    folder = options.results / options.machine
    return [
        suite
        for suite in chosen
        if not asv_results.ended(folder, suite, options.profile, commit, options.since)
    ]


def _head(root: Path) -> str | None:
    """The commit that ASV measures where it builds an environment."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip() or None
