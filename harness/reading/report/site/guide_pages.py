"""The documentation as pages of the site: the clone's Markdown, its pictures, and their links."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from harness.core.errors import UsageError
from harness.reading.report.site.render import Pages

FIRST = "docs/index.html"
_BESIDE = (
    *("README", "ARCHITECTURE", "CONTRIBUTING", "SECURITY", "CHANGELOG"),
    *("notebooks/README", "results/README"),
)
"""Pages that do not stand in ``docs/``, and are of the documentation too."""
_CARRIED = (".png", ".svg", ".ipynb", ".cff")
"""Files that a page may link and that go along; of others the name alone is kept."""
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)

EXPLAINED = {
    "index.html": "docs/tutorial.html",
    "exercise.html": "docs/tutorial.html",
    "workloads.html": "docs/site.html#how-to-read-a-page-of-a-workload",
    "executors.html": "docs/reference-executors.html",
    "machines.html": "docs/analysis.html",
    "history.html": "docs/site.html#history-of-many-nights",
    "claims.html": "docs/claims.html",
    "jobs.html": "docs/efficiency.html",
    "figures.html": "docs/figures.html",
    "downloads.html": "docs/journal.html",
}
"""Page of the results to the page that explains it."""


class Heading(NamedTuple):
    """A heading of a page: its level, words, and the anchor that leads to it."""

    level: int
    words: str
    anchor: str


def guides(root: Path) -> dict[str, str]:
    """Find the pages of the documentation in the clone *root*: source to page, both relative.

    Raises
    ------
    UsageError
        Where there is none.
    """
    found = [path.relative_to(root) for path in sorted((root / "docs").rglob("*.md"))]
    if not found:
        raise UsageError(f"{root} has no docs/: publish --docs needs a clone of chunkbench")
    found += [Path(f"{name}.md") for name in _BESIDE]
    return {path.as_posix(): _page(path) for path in found if (root / path).is_file()}


def _page(source: Path) -> str:
    inside = source.relative_to("docs") if source.parts[0] == "docs" else source
    if source == Path("README.md"):
        return "docs/readme.html"
    stem = "index" if inside.stem == "README" else inside.stem.lower()
    return (Path("docs") / inside.parent / f"{stem}.html").as_posix()


def write_guides(root: Path, pages: Pages) -> None:
    """Write every page of :func:`guides` with *pages*, and the files that they show or link."""
    all_pages = guides(root)
    titles: dict[str, str] = {}
    read = {}
    for source, page in all_pages.items():
        text = _COMMENT.sub("", (root / source).read_text("utf-8"))
        tokens = _parser().parse(text)
        headings = _headings(tokens)
        title = headings[0].words if headings else source
        titles[page] = f"{title} ({Path(source).stem})" if title in titles.values() else title
        read[source] = (tokens, headings)
    for source, (tokens, headings) in read.items():
        page = all_pages[source]
        for asset in _relinked(tokens, source, root, all_pages):
            target = pages.out / _asset(asset)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / asset, target)
        parser = _parser()
        pages.write(
            page,
            "guide",
            title=titles[page],
            text=Markup(parser.renderer.render(tokens, parser.options, {})),  # noqa: S704 (of ours)
            headings=[heading for heading in headings[1:] if heading.level == 2],
            others=sorted(titles.items(), key=lambda one: (one[0].count("/"), one[1].lower())),
        )


def _parser() -> MarkdownIt:
    """Markdown as the pages use it; what would be HTML in them is shown as text. What may be wider
    than the page scrolls, also by the keyboard."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    for kind in ("fence", "code_block"):
        parser.add_render_rule(kind, _code)
    parser.add_render_rule("table_open", _scrolled_table)
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return parser


def _code(_: object, tokens: list[Token], at: int, *__: object) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[at].content)}</code></pre>\n'


def _scrolled_table(_: object, tokens: list[Token], at: int, *__: object) -> str:
    name = escape(str(tokens[at].attrGet("aria-label")))
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table>\n'


def _headings(tokens: list[Token]) -> list[Heading]:
    """Give each heading an anchor, as GitHub names it, and list them; name each table by its
    number and heading."""
    found: list[Heading] = []
    taken: dict[str, int] = {}
    tables = 0
    for at, token in enumerate(tokens):
        if token.type == "table_open":
            tables += 1
            below = f", {found[-1].words}" if found else ""
            token.attrSet("aria-label", f"Table {tables}{below}")
        if token.type != "heading_open":
            continue
        words = "".join(part.content for part in tokens[at + 1].children or [])
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        taken[anchor] = taken.get(anchor, -1) + 1
        anchor += f"-{taken[anchor]}" if taken[anchor] else ""
        token.attrSet("id", anchor)
        found.append(Heading(int(token.tag[1]), words, anchor))
    return found


def _relinked(
    tokens: list[Token], source: str, root: Path, all_pages: dict[str, str]
) -> Iterator[str]:
    """Point each link and picture of *source* at its page of the site; yield the files that go
    along. A link to a file that does not is left as its words."""
    open_links: list[bool] = []
    for part in (part for token in tokens for part in token.children or []):
        if part.type == "link_close" and not open_links.pop():
            part.type, part.tag, part.content = "text", "", ""
        if part.type not in ("link_open", "image"):
            continue
        name = "href" if part.type == "link_open" else "src"
        address = str(part.attrGet(name) or "")
        target, _, anchor = address.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        kept = True
        if "://" in address:
            part.attrSet("rel", "external noreferrer")
        elif target and path in all_pages:
            part.attrSet(
                name, _from(source, all_pages, all_pages[path]) + f"#{anchor}" * bool(anchor)
            )
        elif target and path.endswith(_CARRIED) and (root / path).is_file():
            yield path
            part.attrSet(name, _from(source, all_pages, _asset(path)))
        elif target:
            kept = False
        if part.type == "link_open":
            open_links.append(kept)
            if not kept:
                part.type, part.tag, part.content = "text", "", ""


def _asset(path: str) -> str:
    return f"docs/{path.removeprefix('docs/')}"


def _from(source: str, all_pages: dict[str, str], target: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(all_pages[source]))
