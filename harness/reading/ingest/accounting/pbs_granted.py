"""Cores and nodes of a PBS job, from where they stand: granted, counted, or asked for."""

from __future__ import annotations

import re

from harness.reading.ingest.accounting.fields import Fields

_ON_NODE = re.compile(r"\(?([^:()]+)((?::[^:()]+)*)\)?")
_CORES = re.compile(r"(?:^|:)(?:ncpus|ppn)=([0-9]+)")
_SELECT = re.compile(r"(?:([0-9]+):)?(.*)")
_RANGE = re.compile(r"([0-9]+)-([0-9]+)")


def granted(fields: Fields) -> tuple[int | None, int | None]:
    """Cores and nodes of a job: as granted, else as counted, else as asked for.

    ``exec_vnode`` of PBS Professional has the cores of each node; ``exec_host`` has them in its own
    words. TORQUE books a default of 1 in ``Resource_List.ncpus``, whatever ``nodes`` asks for.
    """
    vnodes, hosts = _vnodes(fields.text("exec_vnode")), _hosts(fields.text("exec_host"))
    slots = (
        sum(vnodes.values())
        or fields.positive("resources_used.ncpus")
        or sum(hosts.values())
        or fields.positive("total_execution_slots")
        or _asked(fields)
    )
    nodes = len(vnodes) or len(hosts)
    return slots or None, nodes or fields.positive("Resource_List.nodect", "unique_node_count")


def _vnodes(text: str | None) -> dict[str, int]:
    """Cores by host in ``(n1:ncpus=4:mem=8gb)+(n2:ncpus=4)``; a vnode ``n1[0]`` is part of n1."""
    cores: dict[str, int] = {}
    for part in (text or "").split("+"):
        if match := _ON_NODE.fullmatch(part):
            host, found = match[1].partition("[")[0], _CORES.search(match[2])
            cores[host] = cores.get(host, 0) + (small(found[1]) if found else 0)
    return cores


def _hosts(text: str | None) -> dict[str, int]:
    """Cores by host in ``n1/0*8+n2/3`` of PBS Professional and ``n1/0-7+n2/0,2-3`` of TORQUE."""
    cores: dict[str, int] = {}
    for part in (text or "").split("+"):
        host, slash, which = part.partition("/")
        if host and slash:
            cores[host] = cores.get(host, 0) + _numbered(which)
    return cores


def _numbered(which: str) -> int:
    index, times, many = which.partition("*")
    if times:
        return small(many)
    total = 0
    for part in index.split(","):
        span = _RANGE.fullmatch(part)
        total += max(small(span[2]) - small(span[1]) + 1, 1) if span else 1
    return total


def _asked(fields: Fields) -> int | None:
    select = fields.text("Resource_List.select")
    if select:
        return sum(map(_chunk, select.split("+"))) or None
    nodes = sum(map(_chunk, (fields.text("Resource_List.nodes") or "").split("+")))
    counted = fields.positive("Resource_List.ncpus", "Resource_List.procs")
    return max(nodes if fields.text("Resource_List.nodes") else 0, counted or 0) or None


def _chunk(text: str) -> int:
    """Cores of one part of a request: 16 for ``2:ppn=8`` or ``2:ncpus=8:mem=4gb``, and 1 for a node
    that is named without a number."""
    match = _SELECT.fullmatch(text)
    many, rest = (match[1], match[2]) if match else (None, text)
    if many is None and text.isdecimal() and text.isascii():
        many, rest = text, ""
    cores = _CORES.search(rest)
    return small(many) * small(cores[1] if cores else None)


def small(text: str | None) -> int:
    """A number of at most nine digits, else its first nine; 1 for none."""
    digits = (text or "")[:9]
    return int(digits) if digits.isascii() and digits.isdecimal() else 1
