"""Where the running code lies, and which commit it is of."""

from __future__ import annotations

import os
import subprocess
from importlib.resources import files
from pathlib import Path


def source_folder() -> Path:
    """The folder that holds the package: the root of a checkout, or ``site-packages``."""
    return Path(str(files("harness"))).resolve().parent


def commit_of_code() -> tuple[str | None, bool | None]:
    """Commit of the measuring code, and whether it has changes: from ASV, else from Git, else
    ``None`` twice (an installed package has no history)."""
    if os.environ.get("ASV_COMMIT"):
        return os.environ["ASV_COMMIT"], False
    folder = source_folder()
    if not (folder / ".git").exists():
        return None, None
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        return commit or None, bool(_git(folder, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None, None


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()
