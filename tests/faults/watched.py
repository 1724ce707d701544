"""A command that a fault befalls: started apart from all else, watched, and what is left of it."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from time import monotonic, sleep

import psutil

from harness.running.measure.process.shared_memory import SHARED_MEMORY
from tests.cli.pseudo_terminal import all_of, fcntl, terminal, termios
from tests.source_names import ROOT

START_SECONDS = 120.0
END_SECONDS = 150.0
GONE_SECONDS = 15.0
PR_SET_CHILD_SUBREAPER = 36
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
KEPT_AT_HOME = {".asv-machine.json", ".cache", ".config"}
"""What ASV keeps of a machine, and libraries of fonts and settings."""
LOCKS = {".lock", ".asv.lock"}
"""Files that are locked while they are used, and stay."""
NAMED_BY_PROCESS = re.compile(r"(?:sem\.loky-|joblib_memmapping_folder_)(\d+)[-_]")
"""What libraries put into shared memory: the number is that of the process."""
UNFINISHED = (".draft", ".staged", "-being-made", ".settle.lock", ".part")
OK = b'"status":"ok"'


def until(happened, seconds, what):
    """Wait for *happened* to give something true, and give that."""
    deadline = monotonic() + seconds
    while not (result := happened()):
        assert monotonic() < deadline, f"no {what() if callable(what) else what} in {seconds} s"
        sleep(0.1)
    return result


@contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of whatever is left alone below this process, so that none is overlooked."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0)


def _named_by_process() -> dict[Path, int]:
    found = {path: NAMED_BY_PROCESS.match(path.name) for path in SHARED_MEMORY.glob("*")}
    return {path: int(match[1]) for path, match in found.items() if match}


def _is_new(path: Path, process: int, known: set[Path]) -> bool:
    """Whether it came since, and its process has ended: others of this machine have some too."""
    return path not in known and not psutil.pid_exists(process)


class Place:
    """A home, a temporary folder and a results folder, for the commands of one test alone.

    The name is short, since sockets are made below it.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cbf", dir="/tmp"))
        self.home, self.temporary = self.folder / "h", self.folder / "t"
        self.results, self.out = self.folder / "r", self.folder / "o" / "out"
        self.scratch, self.tokens = set[Path](), set[str]()
        self.shared = set(_named_by_process())
        for path in (self.home, self.temporary, self.out.parent):
            path.mkdir()
        self.folder.chmod(0o755)

    def environment(self, **changes: str | None) -> dict[str, str]:
        """As its commands see it; a change to ``None`` leaves a variable out."""
        here = {
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "faults")]),
            "ASV_PYTHONPATH": str(ROOT),
            "ASV_COMMIT": "0" * 40,  # one that does not change while this runs
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "200",
        }
        wanted = {**os.environ, **here, **changes}
        return {name: value for name, value in wanted.items() if value is not None}

    def journals(self) -> list[Path]:
        return sorted(self.results.glob("m/journal/*.jsonl"))

    def pairs(self) -> int:
        """Pairs with a result in all journals."""
        return sum(path.read_bytes().count(OK) for path in self.journals())

    def lines(self) -> list[bytes]:
        """All whole lines of its journals."""
        return [
            line
            for path in self.journals()
            for line in path.read_bytes().splitlines(keepends=True)
            if line.endswith(b"\n")
        ]

    def written(self) -> dict[Path, bytes]:
        """The whole lines of each journal."""
        contents = {path: path.read_bytes() for path in self.journals()}
        return {path: text[: text.rfind(b"\n") + 1] for path, text in contents.items()}

    def keeps(self, written: dict[Path, bytes]) -> bool:
        """Whether each journal still begins with what was *written*."""
        return all(path.read_bytes().startswith(text) for path, text in written.items())

    def files_left(self, *, killed: bool = False) -> list[str]:
        """Files outside the results that a command left, and unfinished ones in them; one that was
        *killed* may leave the latter, for the next to put in order."""
        left = [str(path) for path in self.temporary.iterdir()]
        if self.home.is_dir():
            left += [str(p) for p in self.home.iterdir() if p.name not in KEPT_AT_HOME]
        left += [str(path) for path in self.scratch if path.exists()]
        for token in self.tokens:
            left += [str(path) for path in SHARED_MEMORY.glob(f"*{token}*")]
        left += [str(p) for p, pid in _named_by_process().items() if _is_new(p, pid, self.shared)]
        if not killed:
            left += [
                str(path)
                for path in self.folder.rglob("*")
                if path.name.endswith(UNFINISHED) or ".draft" in path.name
            ]
        return left

    def remove(self) -> None:
        rmtree(self.folder, ignore_errors=True)


class Watched:
    """One command, started in a *place*; on a terminal of its own where it asks for one."""

    def __init__(
        self,
        place: Place,
        words: Sequence[str],
        *,
        on_terminal: bool = False,
        limits: dict[int, int] | None = None,
        user: int | None = None,
        stdout: int | None = None,
        under: Sequence[str] = (),
        **changes: str | None,
    ) -> None:
        self.place = place
        number = len(list(place.folder.glob("stdout*")))
        self.output, self.errors = (
            place.folder / f"{name}{number}" for name in ("stdout", "stderr")
        )
        self.others = {child.pid for child in psutil.Process().children(recursive=True)}
        self._ours, theirs = terminal(200) if on_terminal else (-1, None)
        self._reader, self._said = None, list[str]()

        def begin() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if theirs is not None:
                fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
            for kind, most in (limits or {}).items():
                resource.setrlimit(kind, (most, most))
            if user is not None:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)

        with self.output.open("wb") as output, self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [*under, sys.executable, "-m", "harness", *words],
                cwd=ROOT,
                env=place.environment(**changes),
                stdin=subprocess.DEVNULL if theirs is None else theirs,
                stdout=output if stdout is None else stdout,
                stderr=errors if theirs is None else theirs,
                start_new_session=True,
                preexec_fn=begin,  # noqa: PLW1509 - system calls alone, no locks
            )
        if theirs is not None:
            os.close(theirs)
            self._reader = threading.Thread(target=lambda: self._said.append(all_of(self._ours)))
            self._reader.start()

    def press_ctrl_c(self) -> None:
        """What the terminal's line discipline makes a SIGINT of, for all in the foreground."""
        os.write(self._ours, b"\x03")

    def said(self) -> str:
        """All on its stderr, as lines without colours, and without what a terminal echoes."""
        if self._reader is not None:
            self._reader.join(END_SECONDS)
            text = "".join(self._said)
        else:
            text = self.errors.read_text("utf-8", errors="replace")
        return ANSI.sub("", text).replace("^C", "").replace("\r", "\n")

    def hears(self) -> bool:
        """Whether it is up: a SIGTERM does no longer end it at once, as it does Python's start."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        [mask] = re.findall(r"^SigCgt:\s*(\w+)", status, re.MULTILINE)
        caught = int(mask, 16)
        return bool(caught >> (signal.SIGTERM - 1) & 1)

    def has_ended(self) -> bool:
        """Whether it answered, and was at its end when a signal came."""
        return bool(self.output.read_bytes()) and not self.last_words()

    def last_words(self) -> list[str]:
        """What it says of its end: lines that begin with its name."""
        return [line for line in self.said().splitlines() if line.startswith("chunkbench: ")]

    def processes(self) -> list[psutil.Process]:
        """All below it, those included whose parents have ended."""
        living = []
        for process in psutil.Process().children(recursive=True):
            if process.pid in self.others or process.pid == self.process.pid:
                continue
            with suppress(psutil.Error, OSError):
                if process.status() == psutil.STATUS_ZOMBIE:
                    if process.ppid() == os.getpid():
                        os.waitpid(process.pid, os.WNOHANG)
                    continue
                words = process.cmdline()
                if "harness.running.measure.process.reaper" in words:
                    self.place.scratch.add(Path(words[-1]))
                    self.place.tokens.add(words[-2])
                living.append(process)
        return living

    def child(self, *words: str) -> psutil.Process | None:
        """The first process below it whose command line has all of *words*."""
        for process in self.processes():
            with suppress(psutil.Error, OSError):
                line = " ".join(process.cmdline())
                if all(word in line for word in words):
                    return process
        return None

    def wait_for(self, happened, what: str, seconds: float = START_SECONDS):
        """Wait for what is to happen while it runs."""

        def look():
            result = happened()
            assert result or self.process.poll() is None, f"ended before {what}: {self.said()}"
            self.processes()
            return result

        return until(look, seconds, what)

    def wait(self, seconds: float = END_SECONDS) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(f"no end within {seconds} s: {self.said()}") from None

    def nothing_left(self, *, killed: bool = False) -> None:
        """Neither a process nor a file."""
        until(
            lambda: not self.processes(),
            GONE_SECONDS,
            lambda: f"end of {[process.cmdline() for process in self.processes()]}",
        )
        until(
            lambda: not self.place.files_left(killed=killed),
            GONE_SECONDS if killed else 0.5,
            lambda: f"removal of {self.place.files_left(killed=killed)}",
        )

    def end(self) -> None:
        """Whatever happened: it and all below it."""
        self.process.kill()
        self.process.wait(10)
        with suppress(AssertionError):  # a reaper puts in order what was left
            until(lambda: not self.processes(), GONE_SECONDS, "end by the reaper")
        for process in self.processes():
            with suppress(psutil.Error, OSError):
                process.kill()
        until(lambda: not self.processes(), 10, "end of all")
        if self._reader is not None:
            self._reader.join(10)


def one_line(watched: Watched, *parts: str) -> str:
    """Its last words, which are one line, no traceback, and no bug, with *parts* in it."""
    said = watched.said()
    assert "Traceback" not in said, said
    assert "a bug" not in said, said
    [line] = watched.last_words()
    for part in parts:
        assert re.search(part, line), line
    return line
