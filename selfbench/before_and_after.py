"""Time the commands that read, by this source and by that of an earlier commit, by turns."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.core.errors import UsageError
from selfbench.fresh_process import DidNotEndError, Spent, spent

BEFORE, AFTER, AGAIN = "before", "after", "again"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "tables": ("tables",),
    "figures": ("figures", "--out", "figures"),
    "publish": ("publish", "--out", "site"),
}
"""Their arguments; each is run in an empty folder beside a copy of the results."""
START_UP: Mapping[str, tuple[str, ...]] = {
    "chunkbench --version": ("--version",),
    "chunkbench --help": ("--help",),
}
START_UPS = 5

Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """A name, the folder that holds the package, and what it is run with."""

    name: str
    folder: Path
    caches: Path

    def environment(self, home: Path) -> dict[str, str]:
        """The variables of a command of it, whose user has the empty *home*.

        Fonts that matplotlib found once are known to all: finding them is not what is timed.
        """
        kept = {n: v for n, v in os.environ.items() if not n.startswith("CHUNKBENCH_")}
        return kept | {
            "PYTHONPATH": str(self.folder),
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "MPLCONFIGDIR": str(self.caches / "matplotlib"),
        }

    def run(self, arguments: Sequence[str], folder: Path) -> Spent:
        """Run the command line in *folder*."""
        command = [sys.executable, "-m", "harness", *arguments]
        return spent(command, folder=folder, environment=self.environment(folder))


@dataclass
class Comparison:
    """What each run cost, by command and then by before, after and again."""

    runs: dict[str, dict[str, list[Spent]]] = field(default_factory=dict)

    def add(self, command: str, side: str, run: Spent) -> None:
        """Note one run."""
        self.runs.setdefault(command, {}).setdefault(side, []).append(run)


@contextmanager
def source_of(root: Path, commit: str, folder: Path) -> Iterator[Path]:
    """Check *commit* out into a work tree under *folder*, which is gone after the block.

    Parameters
    ----------
    root : Path
        The clone.
    commit : str
    folder : Path

    Raises
    ------
    UsageError
        Where the clone does not have that commit.
    """
    target = folder / BEFORE
    done = _git(root, "worktree", "add", "--detach", str(target), commit)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UsageError(f"{commit!r} cannot be checked out ({reason}): name a commit of {root}")
    try:
        yield target
    finally:
        _git(root, "worktree", "remove", "--force", str(target))


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)


def compare(
    sources: Sequence[Source],
    results: Path,
    commands: Mapping[str, Sequence[str]],
    repeat: int,
    say: Say,
    *,
    again: bool = True,
) -> Comparison:
    """Run each command by each source, in turned order every other time.

    Parameters
    ----------
    sources : sequence of Source
        The last is this one.
    results : Path
        Read from a copy, which a command may write into.
    commands : mapping
        Names and arguments.
    repeat : int
        How often.
    say : callable
        Told what comes next.
    again : bool
        Whether to run the last source a second time where nothing has changed.
    """
    compared = Comparison()
    for name, arguments in commands.items():
        for number in range(repeat):
            for source in sources if number % 2 == 0 else reversed(sources):
                with tempfile.TemporaryDirectory(dir=source.caches) as folder:
                    shutil.copytree(results, Path(folder, "results"))
                    sides = [source.name]
                    if again and source is sources[-1]:
                        sides.append(AGAIN)
                    for side in sides:
                        say(f"{name}, {side}")
                        try:
                            compared.add(name, side, source.run(arguments, Path(folder)))
                        except DidNotEndError as error:  # costs this figure, and no other
                            say(f"{name}, {side}: {error}")
    return compared


def warm_up(sources: Sequence[Source]) -> None:
    """Have Python compile each source and matplotlib find its fonts, before anything is timed."""
    for source in sources:
        environment = source.environment(source.caches)
        for command in (
            [sys.executable, "-m", "compileall", "-q", str(source.folder / "harness")],
            [sys.executable, "-c", "import matplotlib.font_manager"],
        ):
            spent(command, folder=source.caches, environment=environment)
