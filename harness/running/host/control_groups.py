"""The control groups that a process is in, and the limits in their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def own_groups(root: Path, controller: str) -> Iterator[tuple[Path, Path]]:
    """Yield where this process's control group of *controller* may be, versions 1 and 2: its
    folder, and where the tree of it is mounted."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    base = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mounts = [base, base / "unified"]
        elif controller in controllers.split(","):
            mounts = list(dict.fromkeys([base / controllers, base / controller]))
        else:
            continue
        for mount in mounts:
            yield mount / path.lstrip("/"), mount


def control_groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of this process's control group and its ancestors, versions 1 and 2."""
    for own, mount in own_groups(root, controller):
        folder = own
        while folder != mount.parent:
            if folder.is_dir():
                yield folder
            folder = folder.parent


def number_in(path: Path) -> float | None:
    """Return the first number in a control file; ``None`` where there is none."""
    try:
        return float(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def number_after(name: str, path: Path) -> float | None:
    """Return the number after *name* in a control file of such lines; ``None`` where it is not."""
    start = f"{name} "
    try:
        lines = path.read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(start))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
