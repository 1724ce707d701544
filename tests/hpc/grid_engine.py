"""Grid Engine: a cell of its own, its master, and this machine as its one execution host."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from tests.hpc.daemons import DaemonError, Daemons, free_ports, wait_for
from tests.hpc.slurm import lacking

PACKAGE = Path("/usr/share/gridengine")
PROGRAMS = ("sge_qmaster", "sge_execd", "qsub")
CONFIGURATION = {
    "min_uid": "0",
    "min_gid": "0",
    "load_report_time": "00:00:05",
    "reporting_params": "accounting=true reporting=false flush_time=00:00:01 joblog=false "
    "sharelog=00:00:00",
}
DISK = "disk disk MEMORY <= YES NO 0 0\n"
"""What the lesson's cluster has beside Grid Engine's own: disk that a job may ask for."""
SCHEDULE = {"schedule_interval": "0:0:1", "flush_submit_sec": "1", "flush_finish_sec": "1"}


def changed(text: str, values: dict[str, str]) -> str:
    """Grid Engine's ``name value`` lines with other values."""
    for name, value in values.items():
        text, number = re.subn(rf"(?m)^{name}\s.*$", f"{name} {value}", text)
        if number != 1:
            raise DaemonError(f"no line {name} in Grid Engine's settings")
    return text


class GridEngine(Daemons):
    """Queue ``main.q`` of 4 slots, parallel environments ``smp`` and ``ib``."""

    name = "sge"

    def start(self) -> None:
        """Make the cell, bring up master and execution host, and wait until the queue is open."""
        host = socket.gethostname().split(".")[0]
        master, execution = (str(port) for port in free_ports(2))
        root = self.folder / "root"
        common = root / "default" / "common"
        common.mkdir(parents=True)
        for name in ("bin", "lib", "utilbin", "util"):
            (root / name).symlink_to(Path("/var/lib/gridengine") / name)
        for name in ("spooldb", "qmaster/job_scripts", "execd"):
            (self.folder / name).mkdir(parents=True)
        self.environment = {
            "SGE_ROOT": str(root),
            "SGE_CELL": "default",
            "SGE_QMASTER_PORT": master,
            "SGE_EXECD_PORT": execution,
            "SGE_ND": "1",
        }
        values = {"STATE": self.folder, "HOST": host}
        self.write("bootstrap.in", values).rename(common / "bootstrap")
        (common / "act_qmaster").write_text(f"{host}\n")
        (common / "host_aliases").write_text(f"{host} localhost\n")
        # Ids as long as on a cluster that has run for years: they are in the names of folders.
        (self.folder / "qmaster" / "jobseqnum").write_text("1234566\n")
        self._spool()
        self.daemon(["/usr/lib/gridengine/sge_qmaster"], self._answers)
        self._configure(host, values)
        self.daemon(["/usr/lib/gridengine/sge_execd"], self._open)

    def _spool(self) -> None:
        wanted = CONFIGURATION | {"execd_spool_dir": str(self.folder / "execd")}
        default = (PACKAGE / "default-configuration").read_text()
        configuration = self.folder / "configuration"
        configuration.write_text(changed(default, wanted))
        resources = PACKAGE / "util" / "resources"
        tools = Path("/usr/lib/gridengine")
        database = str(self.folder / "spooldb")
        self.told(str(tools / "spoolinit"), "berkeleydb", "libspoolb", database, "init")
        for what, source in (
            ("configuration", str(configuration)),
            ("complexes", str(resources / "centry")),
            ("usersets", str(resources / "usersets")),
            ("managers", "root"),
        ):
            self.told(str(tools / "spooldefaults"), what, source)

    def _answers(self) -> bool:
        return self.ask("qconf", "-sconf").returncode == 0

    def _configure(self, host: str, values: dict[str, object]) -> None:
        self.told("qconf", "-ah", host)
        self.told("qconf", "-as", host)
        complexes = self.folder / "complexes"
        complexes.write_text(self.told("qconf", "-sc") + DISK)
        self.told("qconf", "-Mc", str(complexes))
        for option, template in (
            ("-Ae", "host.in"),
            ("-Ahgrp", "hosts.in"),
            ("-Ap", "smp.in"),
            ("-Ap", "ib.in"),
            ("-Aq", "queue.in"),
        ):
            self.told("qconf", option, str(self.write(template, values)))
        schedule = self.folder / "schedule"
        schedule.write_text(changed(self.told("qconf", "-ssconf"), SCHEDULE))
        self.told("qconf", "-Msconf", str(schedule))

    def _open(self) -> bool:
        """The queue is there, with a load reported and no state of alarm or error."""
        rows = [
            line.split() for line in self.ask("qstat", "-f", "-q", "main.q").stdout.splitlines()
        ]
        found = [row for row in rows if row and row[0].startswith("main.q@")]
        return bool(found) and len(found[0]) == 5 and found[0][3] not in ("-NA-", "NA")

    def submit(self, *arguments: str, cwd: Path | None = None) -> str:
        """``qsub`` with *arguments*; the job's id."""
        folder = ["-wd", str(cwd)] if cwd else []
        return self.told("qsub", "-terse", *folder, *arguments).strip().split(".")[0]

    def state(self, job: str) -> str:
        """The state letters of a job, nothing when it is gone."""
        rows = [line.split() for line in self.ask("qstat").stdout.splitlines()]
        return next((row[4] for row in rows if row and row[0] == job), "")

    def wait(self, job: str, seconds: float) -> dict[str, str]:
        """The accounting record of a job that ended, its last where there are several."""

        def ended() -> dict[str, str] | None:
            state = self.state(job)
            if "E" in state:
                raise DaemonError(f"job {job}: {self.told('qstat', '-j', job)}")
            return None if state else self.accounted(job)

        try:
            return wait_for(f"job {job} to end", ended, seconds, 0.3)
        except DaemonError as error:
            queue = self.ask("qstat", "-f").stdout
            raise DaemonError(f"{error}\n{queue}") from None

    def accounted(self, job: str) -> dict[str, str] | None:
        """``qacct -j`` as names and values; nothing before it is written."""
        done = self.ask("qacct", "-j", job)
        if done.returncode:
            return None
        lines = [line.split(None, 1) for line in done.stdout.splitlines()]
        return {words[0]: words[1].strip() for words in lines if len(words) == 2}

    def last_words(self) -> str:
        """Its own logs, and the messages that its daemons keep in their spool folders."""
        kept = [self.folder / "qmaster" / "messages", *self.folder.glob("execd/*/messages")]
        more = [f"{p}: {p.read_text(errors='replace')[-1500:]}" for p in kept if p.is_file()]
        return "\n".join([super().last_words(), *more])


def missing() -> str | None:
    """Why Grid Engine cannot be started here, or nothing."""
    return lacking(PROGRAMS)
