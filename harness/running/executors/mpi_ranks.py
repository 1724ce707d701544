"""Engines whose processes are the ranks of an MPI job: how they are launched, and what with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

from harness.running.executors import options
from harness.running.executors.engine_facts import EngineFacts
from harness.running.host.pins import VARIABLES

OF_LAUNCHER = (
    "OMPI_MCA_",
    "OMPI_ALLOW_RUN_AS_ROOT",
    "PMIX_MCA_",
    "PRTE_MCA_",
    "HYDRA_",
    "I_MPI_",
)
"""Beginnings of the names of variables that the launcher reads."""
OF_JOB = ("SLURM", "PBS_", "LSB_", "PE_HOSTFILE", "JOB_ID", "SGE_")
"""The same of the batch job that it takes its nodes from."""
SENT = (
    *VARIABLES,
    "PYTHONPATH",
    "TMPDIR",
    "CHUNKBENCH_TOKEN",
    "DASK_TEMPORARY_DIRECTORY",
    options.SECURE,
)


class MpiRanks(EngineFacts):
    """Facts of an executor that ``mpirun`` starts, to be named before its other parent."""

    named_only: ClassVar[bool] = True
    more_ranks: ClassVar[int]
    """Ranks that are no workers."""

    @classmethod
    def missing(cls) -> str | None:
        program = options.mpirun()[0]
        if shutil.which(program) is None:
            return f"no {program}: load or install an MPI, or name its launcher in {options.MPIRUN}"
        return super().missing()

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        """Return settings of Open MPI, which other MPIs ignore; the user's own come last.

        The ranks of the workers share their cores with those that are none, and no rank is tied to
        a core.
        """
        chosen = options.interface()
        network = (
            {"OMPI_MCA_btl_tcp_if_include": chosen, "OMPI_MCA_oob_tcp_if_include": chosen}
            if chosen
            else {"OMPI_MCA_btl": "self,vader", "OMPI_MCA_oob_tcp_if_include": options.loopback()}
        )
        return (
            super().environment(scratch, pins)
            | network
            | {
                "OMPI_MCA_rmaps_base_oversubscribe": "1",
                "OMPI_MCA_hwloc_base_binding_policy": "none",
                "OMPI_MCA_btl_vader_backing_directory": str(scratch),
                "OMPI_MCA_mca_base_env_list": ";".join(SENT),
                "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
                "PRTE_MCA_hwloc_default_binding_policy": "none",
            }
            | options.handed_on((*OF_LAUNCHER, *(OF_JOB if cls.spans_machines else ())))
        )

    @classmethod
    def launcher(cls, workers: int) -> list[str]:
        return [*options.mpirun(), "-n", str(workers + cls.more_ranks)]

    @classmethod
    def ranks_of(cls, workers: int) -> dict[str, object]:
        """Return the settings that say how many ranks there are, and what launched them."""
        return {
            "mpi.ranks": workers + cls.more_ranks,
            "mpi.launcher": " ".join(options.mpirun()),
        }
