"""Where the running code lies, and which commit it is of."""

from __future__ import annotations

import os
import re
import subprocess
from importlib.resources import files
from pathlib import Path


def source_folder() -> Path:
    """The folder that holds the package: the root of a checkout, or ``site-packages``."""
    return Path(str(files("harness"))).resolve().parent


def commit_of_code() -> tuple[str | None, bool | None]:
    """Commit of the measuring code, and whether it has changes: from ASV, else from Git, else
    ``None`` twice (an installed package has no history).

    Where there is no Git, as on some compute nodes, the commit is read from its files, and whether
    the code has changes is not known.
    """
    if os.environ.get("ASV_COMMIT"):
        return os.environ["ASV_COMMIT"], False
    folder = source_folder()
    if not (folder / ".git").exists():
        return None, None
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return commit or None, bool(_git(folder, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return commit_in_files(folder), None


def commit_in_files(folder: Path) -> str | None:
    """The commit that is checked out in *folder*, read from the files of its repository or work
    tree; ``None`` where they do not say it."""
    try:
        repository = folder / ".git"
        if repository.is_file():  # a work tree names the folder of its own
            repository = folder / repository.read_text().partition("gitdir:")[2].strip()
        head = (repository / "HEAD").read_text().strip()
        shared = repository / "commondir"
        common = repository / shared.read_text().strip() if shared.is_file() else repository
        name = head.removeprefix("ref:").strip()
        if name == head:
            return _as_commit(head)
        for loose in (repository / name, common / name):
            if loose.is_file():
                return _as_commit(loose.read_text().strip())
        packed = (common / "packed-refs").read_text().splitlines()
        return next(
            (_as_commit(line.split()[0]) for line in packed if line.endswith(f" {name}")), None
        )
    except OSError:
        return None


def _as_commit(text: str) -> str | None:
    return text if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) else None


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()
