from __future__ import annotations

from html.parser import HTMLParser

import pytest

from harness.reading.ingest import to_frame
from harness.reading.report.formats.tables import to_html
from tests.reading.report.frames import break_even_frame, case_row, cases_frame

EVIL = '<script>alert("1")</script>&'
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """The tags of a page with their attributes, its texts, and whether all that opens closes."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def page():
    return Page(to_html({"cases": cases_frame(), "break_even": break_even_frame()}))


def test_all_that_opens_closes(page):
    assert page.open == []


def test_every_table_has_a_caption_and_every_header_a_scope(page):
    assert len(page.all("table")) == len(page.all("caption")) == 3
    assert {attrs["scope"] for attrs in page.all("th")} == {"row", "col"}
    assert len([attrs for attrs in page.all("th") if attrs["scope"] == "row"]) == len(
        page.all("tr")
    ) - len(page.all("table"))


def test_the_page_needs_nothing_else(page):
    assert not {"script", "link", "img", "iframe"} & {name for name, _ in page.tags}
    assert not any({"src", "href"} & attrs.keys() for _, attrs in page.tags)
    assert "url(" not in "".join(page.texts)
    assert "@import" not in "".join(page.texts)


def test_it_has_a_language_a_width_a_dark_form_and_a_printed_form(page):
    assert page.all("html") == [{"lang": "en"}]
    assert any(attrs.get("name") == "viewport" for attrs in page.all("meta"))
    style = "".join(page.texts)
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


def test_wide_tables_scroll_by_themselves_and_by_keyboard(page):
    regions = [attrs for attrs in page.all("div") if attrs.get("class") == "scroll"]
    assert len(regions) == 3
    assert all(attrs["tabindex"] == "0" and attrs["aria-label"] for attrs in regions)


def test_every_text_is_escaped():
    rows = [
        case_row(EVIL, 10, workload=EVIL, machine=EVIL, suite=EVIL, run=EVIL),
        case_row(EVIL, 20, workload=EVIL, status="failed", reason=EVIL, paired=False),
    ]
    page = Page(to_html({"cases": to_frame("cases", rows)}))
    assert "script" not in {name for name, _ in page.tags}
    assert EVIL in page.texts
    assert page.open == []
