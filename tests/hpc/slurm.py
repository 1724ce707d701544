"""SLURM with accounting: munge, MariaDB, slurmdbd, slurmctld, and two nodes on this one machine."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from tests.hpc.daemons import DaemonError, Daemons, free_ports, wait_for

PROGRAMS = ("munged", "mariadbd", "slurmdbd", "slurmctld", "slurmd", "sbatch")
ENDED = ("COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL")


class Slurm(Daemons):
    """Partition ``debug``: nodes ``n1`` and ``n2`` of 2 cores each, both on this machine. The same
    nodes are in ``spare``, whose jobs are preempted by those in ``urgent``."""

    name = "slurm"
    nodes = ("n1", "n2")

    def start(self) -> None:
        """Bring up everything, and wait until both nodes are idle."""
        host = socket.gethostname().split(".")[0]
        sql, dbd, ctld, *nodes = free_ports(3 + len(self.nodes))
        values = {
            "STATE": self.folder,
            "HOST": host,
            "PORT_SQL": sql,
            "PORT_DBD": dbd,
            "PORT_CTLD": ctld,
            "PORT_N1": nodes[0],
            "PORT_N2": nodes[1],
        }
        conf = self.write("slurm.conf.in", values)
        self.write("slurmdbd.conf.in", values, mode=0o600)
        self.environment = {"SLURM_CONF": str(conf)}
        (self.folder / "saved").mkdir()
        self._munge()
        self._database(sql, self.write("database.sql.in", values))
        self.daemon(["slurmdbd", "-D"], lambda: self._accepts(dbd))
        wait_for("slurmdbd to know its cluster", self._cluster, 60, 0.5)
        self.daemon(
            ["slurmctld", "-D", "-i", "-f", str(conf)],
            lambda: "UP" in self.ask("scontrol", "ping").stdout,
        )
        for node in self.nodes:
            self.daemon(["slurmd", "-D", "-N", node, "-f", str(conf)])
        wait_for("idle nodes", self._idle, 60)

    def _munge(self) -> None:
        folder = self.folder / "munge"
        folder.mkdir()
        key = folder / "key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        line = [
            "munged",
            "--foreground",
            "--force",
            f"--socket={folder / 'socket'}",
            f"--key-file={key}",
            f"--pid-file={folder / 'pid'}",
            f"--seed-file={folder / 'seed'}",
            f"--log-file={self.log / 'munged'}",
        ]
        self.daemon(line, (folder / "socket").exists)

    def _database(self, port: int, init: Path) -> None:
        data = self.folder / "mysql"
        self.told(
            "mariadb-install-db",
            "--no-defaults",
            "--user=root",
            f"--datadir={data}",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
            seconds=90,
        )
        line = [
            "mariadbd",
            "--no-defaults",
            "--user=root",
            f"--datadir={data}",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            f"--socket={data / 'socket'}",
            f"--pid-file={data / 'pid'}",
            f"--init-file={init}",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-name-resolve",
        ]
        self.daemon(line, lambda: self._accepts(port))

    def _accepts(self, port: int) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", port)) == 0

    def _cluster(self) -> bool:
        self.ask("sacctmgr", "-i", "add", "cluster", "bench")
        return "bench" in self.ask("sacctmgr", "-n", "list", "cluster", "format=cluster").stdout

    def _idle(self) -> bool:
        states = self.ask("sinfo", "-h", "-N", "-p", "debug", "-o", "%T").stdout.split()
        return states == ["idle"] * len(self.nodes)

    def submit(self, *arguments: str, cwd: Path | None = None) -> str:
        """``sbatch`` with *arguments*; the job's id."""
        folder = ["--chdir", str(cwd)] if cwd else []
        return self.told("sbatch", "--parsable", *folder, *arguments).strip().split(";")[0]

    def state(self, job: str) -> str:
        """The state of a job, of its first task for an array, as the controller says it."""
        shown = self.ask("squeue", "-h", "-t", "all", "-j", job, "-o", "%T").stdout.split()
        if not shown:
            return ""
        busy = [state for state in shown if state not in ENDED]
        return busy[0] if busy else next((s for s in shown if s != "COMPLETED"), "COMPLETED")

    def wait(self, job: str, seconds: float) -> str:
        """The state that *job* (and all tasks of an array) ended in."""

        def ended() -> str | None:
            state = self.state(job)
            return state if state in ENDED else None

        try:
            return wait_for(f"job {job} to end", ended, seconds, 0.3)
        except DaemonError as error:
            queue = self.ask("squeue", "-l").stdout
            raise DaemonError(f"{error}\n{queue}") from None


def missing() -> str | None:
    """Why SLURM cannot be started here, or nothing."""
    return lacking(PROGRAMS)


def lacking(programs: tuple[str, ...]) -> str | None:
    paths = ["/usr/sbin", "/sbin", *os.environ.get("PATH", "").split(os.pathsep)]
    absent = [p for p in programs if not any((Path(folder) / p).exists() for folder in paths)]
    if absent:
        return f"not installed: {', '.join(absent)} (tests/hpc/install installs them on Debian)"
    return None if os.geteuid() == 0 else "daemons of a scheduler start as root only"
