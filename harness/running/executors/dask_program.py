"""How programs use Dask's schedulers: the local ones, and a cluster on this machine."""

from __future__ import annotations

from dataclasses import replace

from harness.running.executors.options import LOOPBACK
from harness.running.executors.program import Program


def local_program(compute: str) -> Program:
    """Return a program of delayed calls, *compute* being the arguments of each ``compute``."""
    arguments = f", {compute}" if compute else ""
    delayed = (
        f"dask.compute(*[dask.delayed(KERNEL, pure=False)(*task) for task in tasks]{arguments})"
    )
    linked = f"dask.compute(*linked(dask.delayed(KERNEL, pure=False), tasks){arguments})"
    ways = dict.fromkeys(("tasks", "delayed"), delayed) | {"dependencies": linked}
    return Program(ways, compute=compute)


def cluster_program(arguments: str) -> Program:
    """Return a program with a client of ``LocalCluster(arguments)``."""
    delayed = local_program("")
    return replace(
        delayed,
        ways={
            **delayed.ways,
            "submit": "client.gather([client.submit(KERNEL, *task, pure=False) for task in tasks])",
            "one-by-one": ("[client.submit(KERNEL, *task, pure=False).result() for task in tasks]"),
            "map": "client.gather(client.map(KERNEL, *zip(*tasks), pure=False))",
            "dependencies": (
                "client.gather(linked(partial(client.submit, KERNEL, pure=False), tasks))"
            ),
        },
        imports=("from distributed import Client, LocalCluster",),
        handle="client",
        opening=(
            f"with LocalCluster(\n    {arguments},\n"
            f'    dashboard_address="{LOOPBACK}:0",\n) as cluster, Client(cluster) as client:'
        ),
    )
