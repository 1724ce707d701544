"""What may kill the whole job is written down before it is tried.

A case that takes more memory than the job has may end more than its own processes: the kernel may
kill all of the job's control group. Nothing can be written then. So a run that goes on looks for a
try that never ended. A case that was tried is left out where the machine has ended processes for
lack of memory since, be it another job's, and where that is not known, as on another node; else
something else killed the job, and the case has a second chance. A start-up has one in any case: it
takes long, so that whatever kills a job often kills it then, and all cases of an engine would be
lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from harness.core.records import Block, Case, End, JournalLine, Pair, SetUp, Tried, Try
from harness.running.host.job_memory import KillsSinceBoot, kills_since_boot
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.ports import Sink

KILLED = (
    "the whole run was killed in its {what}, {why}: not tried again; a run without --resume tries "
    "it"
)
"""The reason of a case that is not tried again."""
SHORT = "when the system ended processes for lack of memory"
TWICE = "for the second time"
UNKNOWN = "as jobs are that take too much memory or lose their node"


class Tries:
    """What is tried for the first time, by this part of a run or an earlier one.

    Parameters
    ----------
    run : str
        Name of the run.
    journal : Sink
    """

    def __init__(self, run: str, journal: Sink) -> None:
        self._run, self._journal = run, journal
        self._done: set[tuple[Case | SetUp, Tried]] = set()
        self._open: dict[tuple[str, Case | SetUp], Try] = {}
        self._twice: set[tuple[str, Case | SetUp]] = set()

    @contextmanager
    def first(self, point: Case | SetUp, what: Tried) -> Iterator[None]:
        """Write that *point* is tried, unless this part of the run has tried it before, and that
        it ended, unless a line of a pair says so."""
        if (point, what) in self._done:
            yield
            return
        self._done.add((point, what))
        self._write(point, what)
        has_line = False
        try:
            yield
            has_line = what == "first round"
        except CaseError:
            has_line = isinstance(point, Case)
            raise
        finally:  # also where the run is stopped, which is not the fault of what was tried
            if not has_line:
                self._write(point, None)

    def _write(self, point: Case | SetUp, what: Tried | None) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        since = kills_since_boot() if what else None
        counted = {} if since is None else since._asdict()
        self._journal.append(Try(run=self._run, t=now, what=what, **counted, **point.model_dump()))

    def resume(self, record: JournalLine) -> None:
        """Take in a line of an earlier part of the run. A set-up that came up once may do so
        again without a line."""
        if isinstance(record, Block):
            self._done.add((SetUp.model_validate(record.model_dump()), "start-up"))
        elif isinstance(record, Pair):
            self._open.pop((record.run, record.case), None)
        elif isinstance(record, End):
            self._open = {key: line for key, line in self._open.items() if key[0] != record.run}
        elif isinstance(record, Try):
            key = record.run, tried(record)
            if self._open.pop(key, None) is not None and record.what is not None:
                self._twice.add(key)
            if record.what is not None:
                self._open[key] = record

    def never_ended(self) -> dict[Case | SetUp, str]:
        """What earlier parts of the run were killed with, and the reason for leaving it out."""
        now = kills_since_boot()
        reasons = {
            point: (line.what, TWICE if (run, point) in self._twice else _guilt(line, now))
            for (run, point), line in self._open.items()
        }
        return {
            point: KILLED.format(what=what, why=why)
            for point, (what, why) in reasons.items()
            if why
        }

    def close(self) -> None:
        """Write that what never ended has been dealt with."""
        for point in self.never_ended():
            if isinstance(point, SetUp):  # of a case, the line with its status says so
                self._write(point, None)
        self._open.clear()


def tried(record: Try) -> Case | SetUp:
    """What a line is about."""
    kind = SetUp if record.workload is None else Case
    return kind.model_validate(record.model_dump())


def _guilt(line: Try, now: KillsSinceBoot | None) -> str | None:
    """Why what was tried once is not tried again; ``None`` where it is."""
    if line.workload is None:
        return None
    if now is None or line.boot != now.boot or line.memory_kills is None:
        return UNKNOWN
    return SHORT if now.memory_kills > line.memory_kills else None
