"""Dask on the ranks of an MPI job, by dask-mpi: rank 0 is the scheduler, rank 1 the client."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from harness.core.extras import installing
from harness.running.executors import options
from harness.running.executors.built_call import Layout
from harness.running.executors.dask_client import DaskClient
from harness.running.executors.dask_locked import certificates, without_pages
from harness.running.executors.mpi_ranks import MpiRanks
from harness.running.executors.options import LOOPBACK

CLIENT_RANK = 1
NOT_WORKERS = 2


class DaskMpi(MpiRanks, DaskClient):
    """Calls ``dask_mpi.initialize()`` as the lesson writes it, in ``workers + 2`` ranks."""

    name = "dask-mpi"
    needs = ("dask_mpi", "mpi4py", "distributed", "dask")
    install = installing("hpc")
    spans_machines: ClassVar[bool] = True
    more_ranks = NOT_WORKERS

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return super().environment(scratch, pins) | options.handed_on(("DASK_",))

    @classmethod
    def takes_part(cls, scratch: Path) -> bool:
        from mpi4py import MPI  # noqa: PLC0415

        if MPI.COMM_WORLD.Get_rank() == CLIENT_RANK:
            return False
        cls._initialize(scratch)
        return True

    def lock(self) -> None:
        """Leave it to each rank, since this one is not the first."""

    @staticmethod
    def _initialize(scratch: Path) -> dict[str, Any]:
        """Become what this rank is; return the settings that keep others out, which the first rank
        makes for all of them."""
        import dask  # noqa: PLC0415
        from dask_mpi import initialize  # noqa: PLC0415
        from mpi4py import MPI  # noqa: PLC0415

        ranks = MPI.COMM_WORLD
        made = certificates() if ranks.Get_rank() == 0 and options.secured() else {}
        locked: dict[str, Any] = ranks.bcast(made, root=0)
        if locked:
            locked |= without_pages("scheduler", "worker")
            dask.config.set(locked)
        initialize(
            protocol="tls" if locked else None,
            interface=options.interface() or options.loopback(),
            nthreads=1,
            local_directory=str(scratch),
            dashboard=False,
            dashboard_address=f"{LOOPBACK}:0",
            exit=False,
        )
        return locked

    def connect(self) -> Layout:
        from distributed import Client  # noqa: PLC0415

        self.locked = self._initialize(self.scratch)
        self.client = Client()
        self.client.wait_for_workers(self.workers, timeout=60)
        ranks = self.workers + NOT_WORKERS
        settings: dict[str, object] = {
            "cluster": f"fixed: {self.workers} workers of {ranks} MPI ranks, "
            "with rank 0 the scheduler and rank 1 the client",
            **self.ranks_of(self.workers),
            "distributed.nanny": False,
        }
        return Layout(self.workers, 1, settings)

    def stop(self) -> None:
        """End the other ranks; this one ends with the block."""
        self.client.shutdown()
