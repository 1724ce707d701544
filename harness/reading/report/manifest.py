"""What was written to a folder, and from what: so that only what changed is made again.

The file ``manifest.json`` has two digests for each file: of what it was made from, and of its
content, by which a file that somebody changed is found. It needs no pandas to be read.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from harness.core.input_digest import of_file

NAME = "manifest.json"
_VERSION = 1


@dataclass(frozen=True)
class Made:
    """A file: the digest of what it was made from, and the digest of its content."""

    made_from: str
    content: str


@dataclass(frozen=True)
class Manifest:
    """What the manifest of a folder says.

    Attributes
    ----------
    inputs : str
        Digest of everything that went into the folder; empty where making it was broken off.
    answer : object
        What the command answered, as JSON.
    files : dict of str to Made
        By path below the folder, with ``/``.
    """

    inputs: str = ""
    answer: Any = None
    files: dict[str, Made] = field(default_factory=dict)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of *folder*; one that is missing or damaged says that nothing was made."""
    try:
        content = json.loads((folder / NAME).read_text("utf-8"))
        if content["v"] != _VERSION:
            return Manifest()
        files = {
            str(name): Made(str(made["made_from"]), str(made["content"]))
            for name, made in content["files"].items()
            if _lies_below(str(name))
        }
        return Manifest(str(content["inputs"]), content["answer"], files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Manifest()


def unchanged(folder: Path, inputs: str) -> Manifest | None:
    """Return the manifest of *folder* where nothing has to be made; ``None`` elsewhere.

    It was made from the same *inputs*, and all its files are there as they were written.
    """
    manifest = read_manifest(folder)
    if manifest.inputs != inputs or not manifest.files:
        return None
    whole = all(_content(folder / name) == made.content for name, made in manifest.files.items())
    return manifest if whole else None


class Outputs:
    """The files of a folder while they are made: those that need not be made again are kept.

    Parameters
    ----------
    folder : Path
        Where files are written.
    earlier : Path, optional
        Where they were written the last time; by default *folder* itself.
    """

    def __init__(self, folder: Path, earlier: Path | None = None) -> None:
        self.folder = folder
        self._earlier = earlier or folder
        self._before = read_manifest(self._earlier).files
        self._files: dict[str, Made] = {}

    def kept(self, made_from: str, *names: str) -> bool:
        """Keep the files *names* where all were made from the same before; say whether so."""
        known = {name: self._before.get(name) for name in names}
        for name, made in known.items():
            if made is None or made.made_from != made_from:
                return False
            if _content(self._earlier / name) != made.content:
                return False
        for name, made in known.items():
            source, target = self._earlier / name, self.folder / name
            if source != target:
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(source, target)
            if made is not None:
                self._files[name] = made
        return True

    def made(self, made_from: str, *names: str) -> None:
        """Note that the files *names* were written."""
        for name in names:
            self._files[name] = Made(made_from, of_file(self.folder / name))

    def made_all_others(self, made_from: str) -> None:
        """Note that all files of the folder that were not noted yet were written."""
        paths = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        names = (path.relative_to(self.folder).as_posix() for path in paths)
        self.made(made_from, *(name for name in names if name not in self._files))

    def save(self, inputs: str, answer: Any) -> None:
        """Write the manifest of all that was kept or made; what is not made any more is removed.

        Only files that the manifest before had and that nobody changed since are removed.
        """
        if self._earlier == self.folder:
            for name in self._before.keys() - self._files.keys():
                if _content(self.folder / name) == self._before[name].content:
                    (self.folder / name).unlink()
        _write(self.folder, Manifest(inputs, answer, self._files))

    def save_unfinished(self) -> None:
        """Write the manifest where making the rest was broken off: what is there is still known."""
        if self._files:
            _write(self.folder, Manifest(files=self._before | self._files))


def _write(folder: Path, manifest: Manifest) -> None:
    content = {
        "v": _VERSION,
        "inputs": manifest.inputs,
        "answer": manifest.answer,
        "files": {name: asdict(made) for name, made in sorted(manifest.files.items())},
    }
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / f".{NAME}.new"
    whole.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    whole.replace(folder / NAME)


def _content(path: Path) -> str | None:
    try:
        return of_file(path)
    except OSError:
        return None


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def _lies_below(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and bool(path.parts)
