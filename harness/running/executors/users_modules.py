"""The modules of a user's work, for workers that were started by somebody else.

Processes that are started for a measurement look for them where the user's own process does. Those
of a cluster that runs already may be elsewhere, and may have imported an older version.
"""

from __future__ import annotations

import sys
import zipfile
from importlib import import_module, metadata, util
from pathlib import Path

from harness.running.workloads import kept_works, users_objects


def carried() -> list[str]:
    """The modules that tasks carry by name, the outermost package of each."""
    places = [spec.task for spec in kept_works.every()]
    named = [place for place in places if not place.startswith(users_objects.BY_VALUE)]
    return list(dict.fromkeys(place.partition(":")[0].partition(".")[0] for place in named))


def lacking(names: list[str]) -> list[str]:
    """Return those of the modules *names* that cannot be found in this process."""
    return [name for name in names if util.find_spec(name) is None]


def is_own(name: str) -> bool:
    """Say whether the module *name* is in a folder of the user's own, where it may change."""
    place = _place(name)
    return place is not None and bool(users_objects.folders_of_user([str(place.parent)]))


def as_file(name: str, folder: Path) -> Path:
    """Return the file of the module *name*; of a package an archive of its modules, in *folder*."""
    place = _place(name)
    if place is None:
        raise ModuleNotFoundError(f"no module {name}", name=name)
    if place.suffix == ".py":
        return place
    archive = folder / f"{name}.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for module in sorted(place.rglob("*.py")):
            file.write(module, module.relative_to(place.parent))
    return archive


def imported(name: str) -> object:
    """Return the module *name*, and with it all of its package that this process has imported."""
    import_module(name)
    return sys.modules[name]


def no_chunkbench(where: str) -> str:
    """Say that the workers *where* lack chunkbench, and what helps."""
    install = f"pip install chunkbench=={metadata.version('chunkbench')}"
    return f"the workers at {where} have no chunkbench: run {install} in their environment"


def no_module(name: str, where: str) -> str:
    """Say that the workers *where* lack the module *name*, and what helps."""
    return (
        f"the workers at {where} cannot import {name}, which your function needs: install it in "
        "their environment, or have it in the folder of your module, from which it is sent"
    )


def _place(name: str) -> Path | None:
    """The file of a module, or the folder of a package."""
    try:
        spec = util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
