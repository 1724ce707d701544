"""A folder on the node's own disk for what is written all the time, where results are on a file
system of the network."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import psutil

from harness.core.errors import UsageError
from harness.core.run_options import LOCAL, OFF
from harness.running.host.batch_job import batch_job

OF_THE_NETWORK = frozenset(
    (
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.juicefs",
        "fuse.s3fs",
        "fuse.sshfs",
        "gpfs",
        "lustre",
        "nfs",
        "nfs4",
        "orangefs",
        "panfs",
        "pvfs2",
        "smb3",
        "wekafs",
    )
)
"""Types of file systems whose disks are not the node's."""
STAYS = Path("/var/tmp")  # noqa: S108 - a folder of its own is made in it
"""Where files outlive a job; batch systems remove a job's own temporary folder."""


def file_system(path: Path) -> str | None:
    """Return the type of the file system that *path* is on, or its nearest folder that exists."""
    place = path.resolve()
    mounts = {Path(each.mountpoint): each.fstype for each in psutil.disk_partitions(all=True)}
    found = (mounts[folder] for folder in (place, *place.parents) if folder in mounts)
    return next(found, None)


def node_folder(results: Path, environ: Mapping[str, str] | None = None) -> Path | None:
    """Return a folder on the node's disk for journals of the folder *results*, which is made.

    It is in the one that :data:`harness.core.run_options.LOCAL` names. Without that, it is in
    ``/var/tmp`` for a batch job whose results are on a file system of the network.

    Returns
    -------
    Path or None
        ``None`` where journals are written in their place.

    Raises
    ------
    UsageError
        Where the folder that is named cannot be written to.
    """
    environ = os.environ if environ is None else environ
    named = environ.get(LOCAL, "")
    if named.lower() in OFF:
        return None
    if not named:
        if batch_job(environ) is None or file_system(results) not in OF_THE_NETWORK:
            return None
        if file_system(STAYS) in OF_THE_NETWORK:
            return None
    parent = Path(named or STAYS) / f"chunkbench-{os.getuid()}"
    folder = parent / sha256(os.fsencode(results.resolve())).hexdigest()[:12]
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if parent.stat().st_uid != os.getuid():
            raise PermissionError(1, "it is somebody else's")
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        if not named:
            return None
        words = f"{LOCAL}: {folder} cannot be written ({error.strerror}): name another folder"
        raise UsageError(words) from None
