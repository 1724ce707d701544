"""How a PBS job ended: by its exit status, the words of its kill, and the time that it had."""

from __future__ import annotations

from typing import NamedTuple

from harness.reading.ingest.accounting import values
from harness.reading.ingest.accounting.fields import Fields
from harness.reading.ingest.accounting.job import State, killed_at_limit

_STATES = {
    "Q": State.PENDING,
    "H": State.PENDING,
    "W": State.PENDING,
    "R": State.RUNNING,
    "E": State.RUNNING,
    "S": State.RUNNING,
}
_SIGNALS = 128
_LIMITS = {
    "walltime": State.TIMEOUT,
    "cput": State.TIMEOUT,
    "pcput": State.TIMEOUT,
    "mem": State.OUT_OF_MEMORY,
    "pmem": State.OUT_OF_MEMORY,
    "vmem": State.OUT_OF_MEMORY,
    "pvmem": State.OUT_OF_MEMORY,
}
# The two families give the same numbers different meanings.
_PROFESSIONAL = {
    -24: (State.KILLED, "JOB_EXEC_KILL_NCPUS_BURST: over its limit of CPUs"),
    -25: (State.KILLED, "JOB_EXEC_KILL_NCPUS_SUM: over its limit of CPUs"),
    -26: (State.OUT_OF_MEMORY, "JOB_EXEC_KILL_VMEM"),
    -27: (State.OUT_OF_MEMORY, "JOB_EXEC_KILL_MEM"),
    -28: (State.TIMEOUT, "JOB_EXEC_KILL_CPUT"),
    -29: (State.TIMEOUT, "JOB_EXEC_KILL_WALLTIME"),
}
_TORQUE = {
    -10: (State.KILLED, "JOB_EXEC_OVERLIMIT: resources over limit"),
    -11: (State.TIMEOUT, "JOB_EXEC_OVERLIMIT_WT"),
    -12: (State.TIMEOUT, "JOB_EXEC_OVERLIMIT_CPUT"),
}
_ONLY_PROFESSIONAL = (
    "resources_used.ncpus",
    "resources_used.cpupercent",
    "exec_vnode",
    "Resource_List.select",
)


class Ending(NamedTuple):
    """How a job ended; its status, the words for a kill, and the time limit in s, where known."""

    state: State
    status: int | None
    reason: str | None
    limit_seconds: float | None


def ending(fields: Fields, elapsed: float | None) -> Ending:
    """Find how a job ended that ran *elapsed* seconds.

    Raises
    ------
    InputError
        Where a value cannot be read.
    """
    status, limit = _status(fields), fields.seconds("Resource_List.walltime")
    words = fields.text("killed")
    if words is not None:
        state = _LIMITS.get(words.split()[0], State.KILLED)
        return Ending(state, status, words, limit)
    if status is None:
        return Ending(_STATES.get(fields.text("job_state") or "", State.UNKNOWN), None, None, limit)
    professional = any(fields.text(name) is not None for name in _ONLY_PROFESSIONAL)
    special = _PROFESSIONAL if professional else _PROFESSIONAL | _TORQUE
    if status in special:
        state, reason = special[status]
        return Ending(killed_at_limit(state, elapsed, limit), status, reason, limit)
    if status > _SIGNALS:
        return Ending(killed_at_limit(State.KILLED, elapsed, limit), status, None, limit)
    return Ending(State.FAILED if status else State.COMPLETED, status, None, limit)


def _status(fields: Fields) -> int | None:
    text = fields.text("Exit_status", "exit_status")
    if text is None:
        return None
    number = fields.parsed("Exit_status", text.removeprefix("-"), values.count)
    return -number if text.startswith("-") else number
