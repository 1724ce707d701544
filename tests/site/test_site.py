"""The static site in a browser: what a reader relies on, on a desktop and on a phone."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from harness.reading.report.site.history_page import POINTS
from tests.site.conftest import ALL_WAYS, AXE, PHONE, USUAL, note
from tests.site_results import SCRIPT

pytestmark = [pytest.mark.site, pytest.mark.browser, pytest.mark.timeout(600)]


def texts(page: Page, selector: str) -> list[str]:
    return page.locator(selector).all_inner_texts()


SITES = [
    "journals",
    "figures",
    "nights",
    pytest.param("journals of more suites", marks=pytest.mark.full),
]
EVERYWHERE = {
    *("index.html", "exercise.html", "workloads.html", "executors.html", "machines.html"),
    *("history.html", "downloads.html"),
}


def params(ways):
    """Those of *ways* that are not the usual ones are ``full``."""
    return [
        pytest.param(
            way, id=" ".join(map(str, way)), marks=() if way in USUAL else pytest.mark.full
        )
        for way in ways
    ]


WAYS = params(ALL_WAYS)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("which", SITES)
def test_every_page_opens_and_asks_nobody_else(which, way, seen):
    """From a disk and under a sub-path: no console error, no dialog, no request off the page's own
    origin, no missing file."""
    notes = seen(which, way)
    expected = EVERYWHERE if which != "figures" else {"figures.html"}
    assert expected <= {one.page for one in notes}
    assert [(one.page, one.errors, one.dialogs, one.asked_others) for one in notes] == [
        (one.page, [], [], []) for one in notes
    ]


def test_every_link_leads_to_a_file(seen):
    for one in [*seen("journals", USUAL[0]), *seen("figures", USUAL[0])]:
        for target in one.links:
            path = Path(target.removeprefix("file://").partition("#")[0])
            assert path.is_file(), (one.page, target)


def test_a_machine_named_like_a_script_is_shown_as_text(journals_site, open_page):
    for page in ("index.html", "machines.html", "workload/random-sum.html", "executors.html"):
        with open_page((journals_site / page).as_uri()) as opened:
            assert opened.dialogs == []
            assert SCRIPT in opened.page.locator("main").inner_text()


FIRST_SCREEN = """() => {
  const seen = (one) => { const at = one.getBoundingClientRect();
    return at.width > 1 && at.bottom <= innerHeight && at.right <= innerWidth; };
  return [...document.querySelectorAll('.grid .g a')].filter(seen).map(
    (one) => [one.textContent.replace(/\\s+/g, ' ').trim(), one.title, one.href]);
}"""
"""What stands in the cells that are seen without scrolling: text, tool tip and link."""


def test_the_first_screen_says_from_where_on_it_pays(journals_site, open_page):
    """On a desktop every cell of the first machine, each with its interval and a page behind it."""
    with open_page((journals_site / "index.html").as_uri(), width=1440) as opened:
        cells = opened.page.evaluate(FIRST_SCREEN)
        columns = texts(opened.page, ".machine:first-of-type .grid thead th")
        assert opened.page.locator(".machine .verdict").first.is_visible()
        box = opened.page.locator(".grid").first.bounding_box()
        assert box["y"] + box["height"] <= 900
    assert {"dask-threads", "thread-pool"} <= set(columns)
    assert {"serial-replay", "numpy", "dask-synchronous"} & set(columns) == set()
    assert len(cells) >= len(columns) - 2
    for words, tip, link in cells:
        assert re.search("from|never|at|tell|varies", words)
        assert "[" in tip or "no chunk has a result" in tip
        assert Path(link.removeprefix("file://")).is_file()


def test_on_a_phone_the_grid_is_a_list_that_names_each_executor(journals_site, open_page):
    with open_page((journals_site / "index.html").as_uri(), width=PHONE) as opened:
        cells = opened.page.evaluate(FIRST_SCREEN)
        assert not opened.page.locator(".grid thead").first.is_visible()
        assert opened.page.locator(".grid .who").first.is_visible()
    assert cells


def test_filters_change_the_picture_and_the_table(journals_site, open_page):
    with open_page((journals_site / "workload/random-sum.html").as_uri()) as opened:
        page = opened.page
        before = page.locator("#seconds svg.marks").inner_html()
        rows = page.locator("#cases tbody tr").count()
        page.get_by_label("executor").select_option("thread-pool")
        opened.until("document.querySelector('#seconds').dataset.drawn > 1")
        assert set(texts(page, "#cases tbody th")) == {"thread-pool"}
        assert 0 < page.locator("#cases tbody tr").count() < rows
        assert page.locator("#seconds svg.marks").inner_html() != before
        assert texts(page, "#seconds .legend li") == ["thread-pool"]
        assert "thread-pool" in page.locator("#seconds figcaption").inner_text()
        page.get_by_label("machine").select_option(SCRIPT)
        assert (
            f"{page.locator('#cases tbody tr').count()} of" in page.locator("#shown").inner_text()
        )
        assert opened.errors == []


def test_the_waterfall_shows_the_chosen_case(journals_site, open_page):
    with open_page((journals_site / "workload/random-sum.html").as_uri()) as opened:
        page = opened.page
        select = page.locator("select[name=control]")
        options = select.locator("option").all_inner_texts()
        assert len(options) > 1
        before = texts(page, "#parts td")
        select.select_option(options[-1])
        assert texts(page, "#parts td") != before
        assert texts(page, "#parts th[scope=row]")[0] == "the work, evenly shared"
        assert texts(page, "#parts th[scope=row]")[-1] == "the whole call"


def test_a_table_is_sorted_by_its_numbers_by_mouse_and_by_keyboard(journals_site, open_page):
    with open_page((journals_site / "workload/random-sum.html").as_uri()) as opened:
        page = opened.page
        head = page.locator("#cases thead th", has_text="speed-up")
        at = texts(page, "#cases thead th").index("speed-up")
        cells = f"#cases tbody tr td:nth-child({at + 1})"

        def numbers() -> list[float]:
            return [float(text.split()[0]) for text in texts(page, cells) if text != "-"]

        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        rising = numbers()
        assert rising == sorted(rising)
        assert len(rising) > 3
        head.locator("button").focus()
        page.keyboard.press("Enter")
        assert numbers() == rising[::-1]
        assert texts(page, cells)[-1] == "-"  # what is absent stays last


def test_the_rows_shown_are_downloaded_as_csv(journals_site, open_page, tmp_path):
    with open_page((journals_site / "workload/random-sum.html").as_uri()) as opened:
        page = opened.page
        page.get_by_label("executor").select_option("thread-pool")
        shown = page.locator("#cases tbody tr").count()
        with page.expect_download() as waiting:
            page.locator("#cases").get_by_role("button", name="Download").click()
        target = tmp_path / "rows.csv"
        waiting.value.save_as(target)
    rows = list(csv.reader(target.read_text("utf-8").splitlines()))
    assert rows[0][:5] == ["executor", "workers", "pin", "chunk", "verdict"]
    assert {row[0] for row in rows[1:]} == {"thread-pool"}
    assert len(rows) == shown + 1


def test_two_machines_are_compared(journals_site, open_page):
    with open_page((journals_site / "machines.html").as_uri()) as opened:
        page = opened.page
        assert page.locator("section.pair:visible").count() == 1
        changed = page.locator("section.pair:visible").inner_text()
        assert changed.index(" B takes ") < changed.index("2.4.6")
        assert "2.4.6" in changed
        assert "2.4.7" in changed
        page.locator("select[name=b]").select_option("reference-2core")
        page.locator("select[name=a]").select_option("reference-2core")
        assert page.locator("section.pair:visible").count() == 0
        assert "two different" in page.locator("#shown").inner_text()


def test_the_conclusion_on_two_machines_has_a_picture_of_every_workload(journals_site, open_page):
    """It stands in the section of the two that are chosen, below its first line."""
    with open_page((journals_site / "machines.html").as_uri()) as opened:
        page = opened.page
        said = page.locator("section.pair:visible > .verdict + #ratio figcaption").inner_text()
        assert "all workloads (" in said
        rows = " ".join(page.locator("#ratio svg text").all_text_contents())
        assert "random-sum (" in rows
        assert re.search(r"\d times as long \(middle half [\d.]+ to [\d.]+\)", said)
        assert page.locator("section.pair:visible #ratio svg.marks").count() == 1
        assert "Not judged yet: it takes" in page.locator(".pair .verdict").first.inner_text()
        page.locator("select[name=b]").select_option("reference-2core")
        page.locator("select[name=a]").select_option("reference-2core")
        assert page.locator("#ratio svg").count() == 0


def test_every_pair_of_a_case_is_drawn(journals_site, open_page):
    """As many as its journal has, in their order; another case has others."""
    with open_page((journals_site / "workload/random-sum.html").as_uri()) as opened:
        page = opened.page
        words = page.locator("#pairs figcaption")
        first = words.inner_text()
        drawn = int(re.findall(r"each of the (\d+) pairs", first)[0])
        assert page.locator("#pairs svg .mark-symbol path").count() == drawn
        assert re.search(r"in \d+ start-ups?: from [\d.]+ to [\d.]+", first)
        select = page.locator("select[name=paired]")
        others = select.locator("option:not(:checked)").all()
        select.select_option(others[0].get_attribute("value"))
        opened.until("document.querySelector('#pairs').dataset.drawn > 1")
        assert words.inner_text() != first


def test_a_change_leads_to_its_picture_and_only_what_got_worse_is_shown_on_request(
    sub_path, open_page
):
    with open_page(f"{sub_path('nights')}history.html") as opened:
        page = opened.page
        row = page.locator(".changes-worse tbody tr").first
        since, _, machine, workload, *_ = row.locator("th, td").all_inner_texts()
        assert row.locator("svg.spark polyline").count() == 1
        row.locator("a.drawn").click()
        drawn = f"of {workload} on {machine}"
        opened.until(
            f"document.querySelector('#history figcaption').textContent.includes('{drawn}')"
        )
        said = page.locator("#history figcaption").inner_text()
        assert since[:10] in said
        assert "worse" in said
        every = page.locator("#every tbody tr").count()
        page.locator("select[name=only]").select_option("worse")
        opened.until(f"document.querySelectorAll('#every tbody tr').length < {every}")
        assert all("worse" in text for text in texts(page, "#every tbody tr"))
        assert page.locator(".changes-worse").is_visible()
        assert page.locator(".changes-better").count() in (0, 1)
        assert not page.locator(".changes-better").first.is_visible()
        assert page.locator("#every svg.spark").count() == page.locator("#every tbody tr").count()
        assert opened.errors == []


def test_only_what_got_worse_is_offered_and_its_address_can_be_sent(sub_path, open_page):
    """Machines, workloads and figures with nothing that got worse are not among the choices."""
    with open_page(f"{sub_path('nights')}history.html#worse") as opened:
        page = opened.page
        opened.until("document.querySelector('select[name=only]').value === 'worse'")
        offered = texts(page, "select[name=figure] option")
        assert len(offered) == 1
        assert re.fullmatch(r"speed-up over the baseline \(\d+ worse\)", offered[0])
        assert all(
            re.search(r"\(\d+ worse\)$", one) for one in texts(page, "select[name=machine] option")
        )


def test_cases_are_drawn_together_and_told_apart_also_by_keyboard(sub_path, open_page):
    """Each tick adds a series with its marks and a line in the legend, also one of another machine;
    another figure begins anew, as it has an axis of its own."""
    with open_page(f"{sub_path('nights')}history.html") as opened:
        page = opened.page
        ticks = page.locator("#every input[type=checkbox]:not(:checked)")
        ticks.first.focus()
        page.keyboard.press("Space")
        opened.until("document.querySelectorAll('#history .legend li').length === 2")
        assert page.evaluate("document.activeElement.type") == "checkbox"
        page.get_by_label("machine").select_option("node-01")
        opened.until("document.querySelectorAll('#history .legend li').length === 2")
        named = texts(page, "#history .legend li")
        assert [one.partition(",")[0] for one in named] == ["node-01", "node-00"]
        shapes = page.evaluate(
            "new Set([...document.querySelectorAll('#history .mark-symbol path')]"
            ".map(one => one.getAttribute('d').slice(0, 12) + one.getAttribute('fill'))).size"
        )
        assert shapes == 2
        assert "2 cases" in page.locator("#history figcaption").inner_text()
        page.locator("#also button").click()
        opened.until("document.querySelectorAll('#history .legend li').length === 0")
        assert opened.errors == []


def test_a_series_that_is_pointed_at_stands_out_with_its_name(sub_path, open_page):
    with open_page(f"{sub_path('nights')}history.html") as opened:
        page = opened.page
        page.locator("#every input[type=checkbox]:not(:checked)").first.click()
        opened.until("document.querySelectorAll('#history .legend li').length === 2")
        faint = (
            "[...document.querySelectorAll('#history .mark-symbol path')]"
            ".filter(one => one.getAttribute('opacity') === '0.15').length"
        )
        assert page.evaluate(faint) == 0
        page.locator("#history .mark-symbol path").first.hover(force=True)
        opened.until(f"{faint} > 0")
        assert "chunk" in page.locator("#vg-tooltip-element").inner_text()


def test_the_page_of_a_day_has_every_figure_before_and_after(sub_path, open_page):
    """What changed first, with a link to its chart; then what was measured and kept its level."""
    with open_page(f"{sub_path('nights')}history.html") as opened:
        opened.page.locator("#moments tbody a").first.click()
        opened.until("location.pathname.includes('/changes/')")
        page = opened.page
        assert page.locator("h1").inner_text().startswith("What changed")
        heads = texts(page, ".changes-worse thead th")
        row = dict(zip(heads, texts(page, ".changes-worse tbody tr:first-child > *"), strict=True))
        assert all(
            re.fullmatch(r"\S+ \[\S+, \S+\]", row[name]) for name in ("before", "since then")
        )
        page.locator("details summary").click()
        assert page.locator("details tbody tr").count() > 10
        page.locator(".changes-worse a.drawn").first.click()
        opened.until("location.hash.length > 1 && location.pathname.endsWith('history.html')")


def test_without_scripts_the_changes_are_there_and_nothing_is_shown_that_does_nothing(
    sites, browser
):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((sites("nights") / "history.html").as_uri())
    assert page.locator("#filters").is_hidden()
    assert page.locator("noscript p").is_visible()
    assert page.locator(".changes-worse tbody tr").count() > 0
    assert page.locator("#moments a").first.is_visible()
    context.close()


def test_history_loads_what_is_chosen_and_says_that_it_is_thinned(sub_path, open_page):
    with open_page(f"{sub_path('nights')}history.html") as opened:
        page = opened.page
        page.wait_for_selector("#runs tbody tr", state="attached")
        first = [url for url in opened.asked if "/data/history/" in url]
        assert len(first) == 1
        said = page.locator("#shown").inner_text()
        assert "of 130 runs are drawn" in said
        assert int(said.split()[0]) <= POINTS
        assert page.locator("#runs tbody tr").count() == int(said.split()[0])
        before = page.locator("#history svg.marks").inner_html()
        page.get_by_label("workload").select_option("workload-3")
        opened.until("document.querySelector('#history').dataset.drawn > 1")
        assert page.locator("#history svg.marks").inner_html() != before
        assert len([url for url in opened.asked if "/data/history/" in url]) == 2
        assert opened.errors == []


def test_statuses_differ_from_numbers_and_from_one_another_without_colour(journals_site, open_page):
    with open_page((journals_site / "workload/random-sum.html").as_uri()) as opened:
        looks = opened.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll('.key .v')].map(one => {
                const style = getComputedStyle(one);
                return [one.className, one.querySelector('.sign').textContent
                    + style.borderTopStyle + style.borderTopWidth + style.fontStyle
                    + style.textDecorationLine];
            }))"""
        )
    assert len(looks) == 7
    assert len(set(looks.values())) == 7


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("which", SITES)
def test_the_accessibility_checker_finds_no_serious_violation(which, way, seen, axe):
    """In both themes."""
    if axe is None:
        pytest.skip(f"npm does not give axe-core {AXE}: apt-get install npm")
    bad = [
        (page.page, one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"])
        for page in seen(which, way)
        for one in page.violations
        if one["impact"] in ("serious", "critical")
    ]
    assert bad == [], json.dumps(bad, indent=1)


@pytest.mark.parametrize("way", params(way for way in ALL_WAYS if way.width == PHONE))
@pytest.mark.parametrize("which", SITES)
def test_no_page_is_wider_than_a_phone(which, way, seen):
    assert [one.page for one in seen(which, way) if one.width > PHONE] == []


@pytest.mark.parametrize("way", USUAL, ids=lambda way: way.scheme)
def test_the_documentation_reads_as_well_as_the_results(way, sites, sub_path, open_page, axe):
    """A page with long tables, one with wide commands, and the first: nothing off the origin, no
    wider than the screen, accessible; and from a page of results to what explains it and back."""
    site = sites("documented")
    base = f"{site.as_uri()}/" if way.place == "disk" else sub_path("documented")
    for page in ("docs/index.html", "docs/tutorial.html", "docs/journal.html"):
        with open_page(base + page, way.scheme, way.width) as opened:
            seen = note(opened, page, base, axe)
        assert (seen.errors, seen.asked_others) == ([], []), page
        assert seen.width <= way.width, page
        bad = [one["id"] for one in seen.violations if one["impact"] in ("serious", "critical")]
        assert bad == [], page
    with open_page(f"{base}history.html", way.scheme, way.width) as opened:
        opened.page.get_by_role("link", name="How to read this page").click()
        opened.until("document.querySelector('#history-of-many-nights') !== null")
        opened.page.get_by_role("link", name="History", exact=True).first.click()
        opened.until("document.querySelector('#filters') !== null")


def test_charts_of_set_ups_need_no_scrolling_on_a_phone(journals_site, open_page):
    """Their labels stand above the rows there: points and intervals are on the first screen."""
    with open_page((journals_site / "executors.html").as_uri(), width=390) as opened:
        drawn = ".chart[data-spec=dots]:not(.empty) .scroll:has(svg)"
        opened.page.wait_for_selector(drawn)
        sizes = opened.page.eval_on_selector_all(
            drawn, "found => found.map(one => [one.scrollWidth, one.clientWidth])"
        )
    assert sizes
    assert all(content <= shown for content, shown in sizes), sizes


def test_everything_can_be_reached_by_keyboard(journals_site, open_page):
    """Tab goes from the skip link through pages and filters, each with a visible focus."""
    with open_page((journals_site / "workload/random-sum.html").as_uri()) as opened:
        seen = []
        for _ in range(24):
            opened.page.keyboard.press("Tab")
            seen.append(
                opened.page.evaluate(
                    "() => { const one = document.activeElement; return ["
                    "one.name || one.textContent.trim(), getComputedStyle(one).outlineStyle]; }"
                )
            )
    names = [name for name, _ in seen]
    assert names[0] == "Skip to the content"
    assert {"sweep", "executor", "workers", "Executors"} <= set(names)
    assert all(style != "none" for _, style in seen)
