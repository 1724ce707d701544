"""Write chapters as GitHub-flavoured Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from harness.reading.report.shown.section import Chapter, Section


def document(chapters: Iterable[Chapter]) -> str:
    """Write headings, tables and lists of notes.

    Parameters
    ----------
    chapters : iterable of Chapter
        What :func:`harness.reading.report.chapters.chapters` gives.
    """
    parts = []
    for chapter in chapters:
        parts.append(f"## {chapter.heading}")
        parts.extend(_section(section) for section in chapter.sections)
        if not chapter.sections:
            parts.append(chapter.empty)
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> str:
    lines = [section.columns, tuple("---" for _ in section.columns), *section.rows]
    table = "\n".join(f"| {' | '.join(map(_escaped, cells))} |" for cells in lines)
    notes = "\n".join(f"- {_escaped(note)}" for note in section.notes)
    parts = [f"### {_escaped(section.title)}", table if section.rows else "", notes]
    return "\n\n".join(filter(None, parts))


def _escaped(cell: str) -> str:
    return " ".join(cell.replace("|", "\\|").replace("<", "&lt;").split())
