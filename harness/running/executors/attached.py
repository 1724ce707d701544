"""Clusters that run already: chunkbench joins them at an address and leaves them as they are."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

from harness.core.errors import MeasureError, UsageError
from harness.running.executors import options, users_modules
from harness.running.executors.built_call import Layout
from harness.running.executors.dask_client import DaskClient
from harness.running.executors.ray_tasks import RayTasks
from harness.running.executors.users_modules import lacking
from harness.running.host import pins as pinning

CONNECT_SECONDS = 20.0
KEY = Path("~/.ray/auth_token")
"""Where Ray keeps its key. Ray uses it by itself where it starts a cluster; to join one, it has to
be told to."""


class DaskAttached(DaskClient):
    """Connects by ``Client(address)`` and uses the workers that the scheduler has.

    The pin is set in the running workers, and taken back at the end.
    """

    name = "dask-attached"
    kind = "running cluster"
    spans_machines: ClassVar[bool] = True
    certified = False  # who may connect is the choice of those who started it
    named_only = True
    scheme = "dask"
    address = options.DASK

    @classmethod
    def missing(cls) -> str | None:
        return super().missing() or options.unanswered(options.DASK, "Dask scheduler")

    @classmethod
    def start_limit_seconds(cls, workers: int) -> float:
        return 2 * CONNECT_SECONDS  # a client waits for ever for what is no scheduler

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return super().environment(scratch, pins) | options.handed_on(("DASK_",))

    @classmethod
    def workers_there(cls) -> int:
        with cls._client() as client:
            return sum(client.nthreads().values())

    @staticmethod
    def _client() -> Any:
        from distributed import Client  # noqa: PLC0415

        host, port = options.endpoint(options.DASK)
        try:
            return Client(os.environ[options.DASK], timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError):
            raise MeasureError(
                f"no Dask scheduler answers at {host}:{port}: is it one, and of this version?"
            ) from None

    def connect(self) -> Layout:
        host, port = options.endpoint(options.DASK)
        self.client = self._client()
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        threads = sorted({int(worker["nthreads"]) for worker in workers.values()})
        if len(threads) > 1:
            raise UsageError(
                f"the workers at {host}:{port} have {threads} threads: make them alike"
            )
        has = sum(threads) * len(workers)
        _check_workers(self.workers, has, f"{host}:{port}")
        self._bring_modules(f"{host}:{port}")
        limit = os.environ.get(pinning.VARIABLES[0])  # this process's own pin
        self.limited = limit is not None
        if limit is not None:
            self.client.run(pinning.limit_native_threads, int(limit))
        settings: dict[str, object] = {
            "cluster": f"attached: {has} workers in {len(workers)} processes"
        }
        return Layout(len(workers), threads[0], settings)

    def _bring_modules(self, where: str) -> None:
        """See that the workers have chunkbench, and the user's modules as they are here: those in
        his own folders are sent, and stay there."""
        names = users_modules.carried()
        try:
            absent = set(chain.from_iterable(self.client.run(lacking, names).values()))
        except ModuleNotFoundError:
            raise UsageError(users_modules.no_chunkbench(where)) from None
        for name in names:
            if users_modules.is_own(name):
                self._send(name, where)
            elif name in absent:
                raise UsageError(users_modules.no_module(name, where))

    def _send(self, name: str, where: str, before: tuple[str, ...] = ()) -> None:
        """Send the module *name*, and first what it imports of the user's own."""
        file = users_modules.as_file(name, self.scratch)
        while True:
            try:
                self.client.upload_file(str(file))
            except ModuleNotFoundError as error:
                missing = (error.name or name).partition(".")[0]
                if missing in (*before, name) or not users_modules.is_own(missing):
                    raise UsageError(users_modules.no_module(missing, where)) from None
                self._send(missing, where, (*before, name))
            else:
                return

    def stop(self) -> None:
        if self.limited:
            self.client.run(pinning.release_native_threads)
        super().stop()


class RayAttached(RayTasks):
    """Joins by ``ray.init(address=...)``, on a node of a running cluster; its CPUs are the workers.

    Ray by itself gives each task's process one native thread, and that is read back.
    """

    name = "ray-attached"
    kind = "running cluster"
    spans_machines: ClassVar[bool] = True
    named_only = True
    scheme = "ray"
    address = options.RAY
    pins = ("1",)

    @classmethod
    def missing(cls) -> str | None:
        return super().missing() or options.unanswered(options.RAY, "Ray cluster")

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        kept = options.handed_on(("RAY_",))
        known = kept.keys() & {"RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"} or KEY.expanduser().exists()
        return (
            {"RAY_USAGE_STATS_ENABLED": "0"} | ({"RAY_AUTH_MODE": "token"} if known else {}) | kept
        )

    @classmethod
    def workers_there(cls) -> int:
        return cls._join()

    @staticmethod
    def _join() -> int:
        """Join the cluster; its CPUs."""
        import ray  # noqa: PLC0415

        host, port = options.endpoint(options.RAY)
        try:
            ray.init(address=f"{host}:{port}", log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, RuntimeError, ValueError) as error:
            lines = str(error).strip().splitlines() or [""]
            raise MeasureError(f"no Ray cluster to join at {host}:{port}: {lines[0]}") from None
        return int(ray.cluster_resources().get("CPU", 0))

    def start(self) -> Layout:
        host, port = options.endpoint(options.RAY)
        has = self._join()
        _check_workers(self.workers, has, f"{host}:{port}")
        self.remote = {}
        self._bring_modules(f"{host}:{port}")
        return Layout(self.workers, 1, {"cluster": f"attached: {has} CPUs"})

    def _bring_modules(self, where: str) -> None:
        """See that workers have chunkbench, and the user's modules: where they have not, what is
        in his own folders goes with every task, by value."""
        import ray  # noqa: PLC0415
        from ray import cloudpickle  # noqa: PLC0415

        names = users_modules.carried()
        try:
            absent = ray.get(ray.remote(lacking).remote(names))
        except Exception as error:
            if "No module named" not in str(error):
                raise
            raise UsageError(users_modules.no_chunkbench(where)) from None
        for name in absent:
            if not users_modules.is_own(name):
                raise UsageError(users_modules.no_module(name, where))
            cloudpickle.register_pickle_by_value(users_modules.imported(name))


def _check_workers(asked: int, has: int, where: str) -> None:
    """Raise a :class:`UsageError` unless the cluster *where* has the workers that are *asked* for.

    If it had fewer, tasks would wait; if it had more, nobody could say which of them ran the tasks.
    """
    if asked != has:
        raise UsageError(
            f"the cluster at {where} has {has} workers, not {asked}: ask for --workers {has}"
        )
