"""The documentation as part of the site, read without a browser."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import pytest

from harness.core.errors import UsageError
from harness.reading.report.site import build, from_tables, guide_pages
from selfbench.made_up_history import generate
from tests.source_names import ROOT

pytestmark = pytest.mark.e2e

HREF = re.compile(r'href="([^"]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site with the documentation of this clone."""
    folder = tmp_path_factory.mktemp("guided")
    generate(folder / "tables", machines=1, nights=3, workloads=1)
    source = from_tables(folder / "tables")
    return build(source, folder / "out", version="0", figures=False, docs=ROOT).parent


def links(site: Path, page: str) -> set[str]:
    """Where the links of *page* lead, below *site*, with their anchors; others are left out."""
    found = HREF.findall((site / page).read_text("utf-8"))
    here = posixpath.dirname(page)
    return {
        posixpath.normpath(posixpath.join(here, link.partition("#")[0] or posixpath.basename(page)))
        + ("#" + link.partition("#")[2] if "#" in link else "")
        for link in found
        if not link.startswith("http")
    }


def test_every_link_of_the_documentation_leads_to_a_file_and_a_heading(site):
    for page in (path.relative_to(site).as_posix() for path in (site / "docs").rglob("*.html")):
        for target in links(site, page):
            file, _, anchor = target.partition("#")
            assert (site / file).is_file(), (page, target)
            if anchor and file.startswith("docs/"):
                assert f'id="{anchor}"' in (site / file).read_text("utf-8"), (page, target)


def test_every_page_can_be_reached_from_the_first_one_by_links_in_its_text(site):
    seen, waiting = set(), ["index.html"]
    while waiting:
        page = waiting.pop()
        if page in seen or not page.endswith(".html"):
            continue
        seen.add(page)
        waiting += [target.partition("#")[0] for target in links(site, page)]
    assert seen == {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert set(guide_pages.guides(ROOT).values()) <= seen


def test_each_page_of_results_leads_to_what_explains_it(site):
    for page, about in guide_pages.EXPLAINED.items():
        if (site / page).is_file():
            assert about in links(site, page), page
        file, _, anchor = about.partition("#")
        assert (site / file).is_file(), about
        assert not anchor or f'id="{anchor}"' in (site / file).read_text("utf-8"), about


def test_pictures_come_along_and_nothing_is_loaded_from_elsewhere(site):
    for path in (site / "docs").rglob("*.html"):
        for source in re.findall(r'src="([^"]+)"', path.read_text("utf-8")):
            assert not source.startswith(("http", "//")), source
            assert (path.parent / source).is_file(), source


def test_what_is_html_in_a_page_is_shown_as_text_and_a_link_to_code_as_its_words(tmp_path):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs/README.md"
    page.write_text(
        "# A\n\n<!-- unseen -->\n<b>b</b> [code](../x.py) [A](#a)\n\n| a |\n| - |\n| 1 |\n"
    )
    tables = tmp_path / "tables"
    generate(tables, machines=1, nights=3, workloads=1)
    out = build(from_tables(tables), tmp_path / "out", version="0", figures=False, docs=tmp_path)
    text = (out.parent / "docs/index.html").read_text("utf-8")
    assert '&lt;b&gt;b&lt;/b&gt; code <a href="#a">A</a>' in text
    assert "unseen --" not in text
    assert text.count("<table>") == 1


def test_without_a_clone_it_is_said_what_is_missing(tmp_path):
    with pytest.raises(UsageError, match="needs a clone"):
        guide_pages.guides(tmp_path)
