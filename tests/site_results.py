"""Results for the site's tests: the reference machine, and one whose name is a script."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results" / "reference-2core" / "journal"
SCRIPT = "<script>alert(1)"
"""A machine's name is its owner's to choose, and the page's to show as text."""


def two_machines(folder: Path, suites: tuple[str, ...]) -> Path:
    """The reference's runs of *suites*, and the same again as measured on :data:`SCRIPT`."""
    for name, place in (("reference-2core", "reference-2core"), (SCRIPT, "script")):
        journal = folder / place / "journal"
        journal.mkdir(parents=True)
        for path in sorted(REFERENCE.glob("*.jsonl")):
            if not any(f"-{suite}-" in path.name for suite in suites):
                continue
            text, file = path.read_text("utf-8"), path.name
            if name == SCRIPT:  # another run, later, and some versions changed
                info = json.loads(text.splitlines()[0])
                run = f"20991231T{info['run'].partition('T')[2]}"
                text = text.replace(info["run"], run)
                text = text.replace("reference-2core", SCRIPT).replace('"2.4.6"', '"2.4.7"')
                file = f"{run}.jsonl"
            (journal / file).write_text(text, "utf-8")
    return folder
