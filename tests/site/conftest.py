"""Two sites, of journals and of tables, a web server under a sub-path, a browser, and what it saw.

Each site is built once, and each of its pages is opened once a way of opening it; tests judge what
was noted then.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    sync_playwright,
)

from harness.reading.report.site import build, from_results, from_tables
from selfbench.made_up_history import generate
from tests.apps.asv.asv_site import serve
from tests.site_results import ROOT, two_machines

SUITES = ("settle", "many_vs_few_chunks", "startup", "task_overhead")
"""The fewest that have every kind of page, chart and table."""
MORE_SUITES = ("thread_pins", "good_practice")
AXE = "4.14.1"
CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser nothing here can be told."""
    if CHROMIUM is None:
        reason = "no chromium: apt-get install chromium"
        for item in items:
            if "tests/site/" in item.path.as_posix():
                item.add_marker(pytest.mark.skip(reason=reason))


def built(folder: Path, suites: Sequence[str], *, figures: bool = False) -> Path:
    """The site of two machines' journals of *suites*."""
    results = two_machines(folder / "results", tuple(suites))
    return build(from_results(results), folder / "site", version="0", figures=figures).parent


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of the site of a name, built when it is first asked for: ``journals``;
    ``figures``, the exercise alone with its figures for papers, which take a second each to draw;
    ``journals of more suites`` with figures for papers; ``nights``, a made-up history of two
    machines over more nights than are drawn; or ``documented``, a small one with this clone's
    documentation."""

    @cache
    def site(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
        if name == "journals":
            return built(folder, SUITES)
        if name == "figures":
            return built(folder, SUITES[:1], figures=True)
        if name == "journals of more suites":
            return built(folder, SUITES + MORE_SUITES, figures=True)
        if name == "documented":
            generate(folder / "tables", machines=1, nights=3, workloads=1)
            source = from_tables(folder / "tables")
            return build(source, folder / "site", version="0", figures=False, docs=ROOT).parent
        generate(folder / "tables", machines=2, nights=130, workloads=4)
        return build(from_tables(folder / "tables"), folder / "site", version="0").parent

    return site


@pytest.fixture(scope="session")
def journals_site(sites: Callable[[str], Path]) -> Path:
    return sites("journals")


@pytest.fixture(scope="session")
def sub_path(
    sites: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """Address of a site by its name, on a server that has it three folders below its root."""
    root = tmp_path_factory.mktemp("server")
    (root / "some" / "where").mkdir(parents=True)

    with serve(root) as url:

        def address(name: str) -> str:
            link = root / "some" / "where" / name.replace(" ", "-")
            if not link.exists():
                link.symlink_to(sites(name))
            return f"{url}some/where/{link.name}/"

        yield address


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    """The accessibility checker's script, at one version, from npm; None where npm has it not."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        [npm, "pack", f"axe-core@{AXE}", "--silent"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        return None
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    return (folder / "package" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@dataclass
class Opened:
    """A page, and what it complained of or asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def drawn(self) -> None:
        """Wait until every chart that is to be drawn is."""
        self.until(
            "[...document.querySelectorAll('figure.chart:not(.empty)')]"
            ".every(one => one.querySelector('svg.marks'))"
        )

    def until(self, expression: str, seconds: float = 120.0) -> None:
        """Wait until *expression* is true; asked from outside, as the page's policy lets nothing
        in the page evaluate it again and again."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds:g} s: {expression}")
            self.page.wait_for_timeout(50)

    def heard(self, request: Request) -> None:
        self.asked.append(request.url)

    def said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def failed(self, error: Error) -> None:
        self.errors.append(str(error))

    def asked_for(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


Opener = Callable[..., AbstractContextManager[Opened]]


@pytest.fixture(scope="session")
def open_page(browser: Browser) -> Opener:
    """Open an address in a fresh context of a theme and a width."""

    @contextlib.contextmanager
    def opener(url: str, scheme: str = "light", width: int = 1280) -> Iterator[Opened]:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            accept_downloads=True,
            bypass_csp=False,
        )
        context.set_default_timeout(120_000)
        page = context.new_page()
        opened = Opened(page)
        page.on("console", opened.said)
        page.on("pageerror", opened.failed)
        page.on("request", opened.heard)
        page.on("dialog", opened.asked_for)
        page.goto(url, wait_until="load")
        try:
            opened.drawn()
            yield opened
        finally:
            context.close()

    return opener


def pages(site: Path) -> list[str]:
    """Every page of *site* by its path."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


class Way(NamedTuple):
    """How a page is opened."""

    place: str
    scheme: str
    width: int


DESKTOP, PHONE = 1280, 390
USUAL = (Way("disk", "light", DESKTOP), Way("server", "dark", PHONE))
"""Each place, theme and width once."""
ALL_WAYS = tuple(
    itertools.starmap(
        Way, itertools.product(("disk", "server"), ("light", "dark"), (DESKTOP, PHONE))
    )
)


@dataclass
class Seen:
    """What was noted of a page."""

    page: str
    errors: list[str]
    dialogs: list[str]
    asked_others: list[str]
    links: list[str]
    width: int
    violations: list[dict[str, Any]]


@pytest.fixture(scope="session")
def seen(
    sites: Callable[[str], Path],
    sub_path: Callable[[str], str],
    open_page: Opener,
    axe: str | None,
) -> Callable[[str, Way], list[Seen]]:
    """What was noted of every page of the site of a name, opened one way; each is opened once."""

    @cache
    def noted(name: str, way: Way) -> list[Seen]:
        site = sites(name)
        base = f"{site.as_uri()}/" if way.place == "disk" else sub_path(name)
        notes = []
        for page in ["figures.html"] if name == "figures" else pages(site):
            with open_page(base + page, way.scheme, way.width) as opened:
                notes.append(note(opened, page, base, axe))
        return notes

    return noted


def note(opened: Opened, page: str, base: str, axe: str | None) -> Seen:
    """Look at the page that is open; what is folded is opened for the accessibility checker."""
    width = opened.page.evaluate("document.documentElement.scrollWidth")
    links = opened.page.eval_on_selector_all("a[href]", "all => all.map(link => link.href)")
    errors = list(opened.errors)  # the page's own, without the checker's
    violations = []
    if axe is not None:
        unfold = "document.querySelectorAll('details').forEach(details => details.open = true)"
        opened.page.evaluate(unfold)
        opened.page.evaluate(axe)
        violations = opened.page.evaluate("() => axe.run()")["violations"]
    others = [url for url in opened.asked if not url.startswith((base, "data:"))]
    return Seen(page, errors, opened.dialogs, others, links, width, violations)
