"""How the help lists the commands: in groups, in the order in which a newcomer needs them."""

from __future__ import annotations

from collections.abc import Iterable

GROUPS = {
    "Answer": ("settle", "try", "advise", "show", "trace"),
    "Measure": ("run", "plan", "claims", "duel", "doctor", "systems", "validate"),
    "Read": ("tables", "figures", "compare", "gate", "read"),
    "Share": ("publish", "badge", "contribute", "merge", "compact", "asv-export"),
    "Cluster": ("submit", "efficiency", "account"),
}
"""Heading to its commands; those that this version does not have are passed over."""

OTHERS = "More"
"""The heading of commands that no group names, such as those of other packages."""


def grouped(commands: Iterable[str]) -> dict[str, list[str]]:
    """Part *commands* by their group; groups without any are left out."""
    there = list(commands)
    parts = {name: [each for each in group if each in there] for name, group in GROUPS.items()}
    known = {each for group in GROUPS.values() for each in group}
    parts[OTHERS] = [each for each in there if each not in known]
    return {name: part for name, part in parts.items() if part}
