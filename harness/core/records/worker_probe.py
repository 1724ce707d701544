"""What workers say of themselves: made in their processes, which have no pydantic to load."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class WorkerProbe:
    """What one worker read back from inside a task (rule 8).

    Attributes
    ----------
    pid : int
    host : str or None
        Name of the node, where workers may be on several.
    native_threads : int or None
        Threads that NumPy may start.
    affinity : list of int or None
        Cores on which the worker may run.
    environment : dict
        Variables that limit native threads, as the worker has them.
    """

    pid: int
    host: str | None = None
    native_threads: int | None = None
    affinity: list[int] | None = None
    environment: dict[str, str | None] = field(default_factory=dict)
