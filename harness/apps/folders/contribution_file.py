"""The file of a contribution: journals of one machine in a zip, written and read with care."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from harness.core.errors import InputError
from harness.reading.ingest import read_journal
from harness.running.measure.process.scratch_parent import PREFIX
from harness.running.measure.process.supervision import scratch_folder

ABOUT = "contribution.json"
VERSION = 1
MOST_BYTES = 2**31
"""Of all journals of a contribution, unpacked: far more than years of nights have."""

_JOURNAL = re.compile(r"([A-Za-z0-9][A-Za-z0-9._ -]*)/journal/([A-Za-z0-9][A-Za-z0-9._-]*)\.jsonl")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16


def packed(machine: str, journals: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """Pack *journals* by their names, with what to know *about* them; the same give the same bytes.

    Parameters
    ----------
    machine : str
        Name of the folder in the file.
    journals : mapping of str to bytes
    about : mapping
        Goes into :data:`ABOUT`.
    """
    head = {"v": VERSION, "kind": "contribution", "machine": machine, **about}
    files = {ABOUT: json.dumps(head, indent=1).encode()}
    files |= {f"{machine}/journal/{name}": content for name, content in sorted(journals.items())}
    with BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in files.items():
                entry = zipfile.ZipInfo(path, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = _FILE_MODE
                archive.writestr(entry, content)
        return buffer.getvalue()


def digest(content: bytes) -> str:
    """Eight digits that tell one contribution of a machine from another."""
    return sha256(content).hexdigest()[:8]


@contextmanager
def opened(sources: Sequence[Path]) -> Iterator[list[Path]]:
    """Give a folder for each of *sources*: itself, or for a contribution one that it is unpacked
    into for as long as this lasts.

    Raises
    ------
    InputError
        Where a file is no contribution, or one of its journals is broken.
    """
    with ExitStack() as stack:
        folders = []
        for source in sources:
            if not source.is_file():
                folders.append(source)
                continue
            place = stack.enter_context(scratch_folder(PREFIX)).scratch
            _unpack(source, place)
            folders.append(place)
        yield folders


def _unpack(source: Path, place: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            members = _checked(source, archive)
            for entry in members:
                path = place / entry.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(entry))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{source}: no folder, and no file that chunkbench contribute wrote ({error}): "
            "check the path"
        ) from None
    for entry in members:
        machine = entry.filename.partition("/")[0]
        info = read_journal(place / entry.filename).info
        if info.machine.name != machine:
            raise InputError(
                f"{source}: {entry.filename} is of machine {info.machine.name!r}: the file was "
                "changed, ask for it again"
            )


def _checked(source: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The journals in *archive*.

    Raises
    ------
    InputError
        Where it has anything else, so that nothing is written where it does not belong.
    """
    names = archive.namelist()
    if ABOUT not in names:
        raise InputError(f"{source}: has no {ABOUT}: not written by chunkbench contribute")
    try:
        head = json.loads(archive.read(ABOUT))
        version = int(head["v"])
    except (ValueError, TypeError, KeyError):
        raise InputError(f"{source}: {ABOUT} is damaged: ask for the file again") from None
    if version > VERSION:
        raise InputError(
            f"{source}: version {version}, this chunkbench reads up to {VERSION}: upgrade "
            "chunkbench"
        )
    members = [entry for entry in archive.infolist() if entry.filename != ABOUT]
    for entry in members:
        if not _JOURNAL.fullmatch(entry.filename) or names.count(entry.filename) > 1:
            raise InputError(f"{source}: {entry.filename!r} is no journal of a machine: refused")
    if sum(entry.file_size for entry in members) > MOST_BYTES:
        raise InputError(f"{source}: unpacks to more than {MOST_BYTES} bytes: refused")
    return members
