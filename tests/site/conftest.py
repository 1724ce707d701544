"""Two sites, of journals and of tables, a web server under a sub-path, and a browser."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

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
from tests.site_results import two_machines

SUITES = (
    "settle",
    "many_vs_few_chunks",
    "thread_pins",
    "startup",
    "task_overhead",
    "good_practice",
)
AXE = "4.14.1"
CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser nothing here can be told."""
    if CHROMIUM is None:
        reason = "no chromium: apt-get install chromium"
        for item in items:
            if "tests/site/" in item.path.as_posix():
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def journals_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of two machines' journals, figures for papers included."""
    folder = tmp_path_factory.mktemp("journals")
    results = two_machines(folder / "results", SUITES)
    return build(from_results(results), folder / "site", version="0").parent


@pytest.fixture(scope="session")
def nights_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a made-up history of two machines over more nights than are drawn."""
    folder = tmp_path_factory.mktemp("nights")
    generate(folder / "tables", machines=2, nights=130, workloads=4)
    return build(from_tables(folder / "tables"), folder / "site", version="0").parent


@pytest.fixture(scope="session")
def sub_path(
    journals_site: Path, nights_site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a server that has both sites, each two folders below its root."""
    root = tmp_path_factory.mktemp("server")
    for name, site in (("journals", journals_site), ("nights", nights_site)):
        (root / "some" / "where").mkdir(parents=True, exist_ok=True)
        (root / "some" / "where" / name).symlink_to(site)
    with serve(root) as url:
        yield f"{url}some/where/"


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The accessibility checker's script, at one version, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm: apt-get install npm")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        [npm, "pack", f"axe-core@{AXE}", "--silent"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        pytest.skip(f"npm does not give axe-core {AXE}: {done.stderr.strip()[-200:]}")
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


@pytest.fixture
def open_page(
    browser: Browser,
) -> Callable[..., AbstractContextManager[Opened]]:
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
