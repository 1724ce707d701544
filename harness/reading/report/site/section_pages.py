"""The pages that only some results have: batch jobs, and claims of vendors."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from harness.reading.ingest.published import published_claims
from harness.reading.report.chapters import chapters
from harness.reading.report.site.files import write_table
from harness.reading.report.site.render import Pages
from harness.reading.report.site.source import SiteTables

_SECTIONS = {"jobs": ("jobs.html", "Job efficiency"), "claims": ("claims.html", "Vendor claims")}
_LOOK_AT = {
    "jobs": "Look at the CPU efficiency of each job first: what is far below 100 % was granted and "
    "not used, and the findings below a table say why.",
    "claims": "Look at the verdict first: what does not hold here is no figure to plan with on "
    "this machine, and the last column says how far off it is, and which way.",
}
"""Table to the sentence that says what to look at on its page."""


def sections_of(source: SiteTables) -> dict[str, tuple[str, str]]:
    """Table to page and title, of those that *source* has rows of."""
    return {
        name: page
        for name, page in _SECTIONS.items()
        if name in source.extra and len(source.extra[name])
    }


def write_sections(source: SiteTables, out: Path, pages: Pages) -> None:
    """Write the page of each of :func:`sections_of`, with its tables to download, below *out*."""
    extra = {name: frame for name, frame in source.extra.items() if len(frame)}
    for name, (page, title) in sections_of(source).items():
        tables = {key: extra[key] for key in (name, f"{name[:-1]}_cases") if key in extra}
        links = {key: write_table(out, key, frame) for key, frame in tables.items()}
        shown_as = [chapter for key, frame in tables.items() for chapter in chapters(key, frame)]
        pages.write(
            page,
            "chapters",
            title=title,
            look_at=_LOOK_AT[name],
            chapters=shown_as,
            downloads=links,
            name=name,
            sources=_sources(tables[name]) if name == "claims" else [],
        )


def _sources(claims: pd.DataFrame) -> list[tuple[str, str | None]]:
    """Where the claims were published, each once: in words, and its address where it has one."""
    addresses = {claim.source.text: claim.source.address for claim in published_claims()}
    return [(text, addresses.get(text)) for text in sorted(set(claims["source"].dropna()))]
