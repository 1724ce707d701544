"""Open an ASV site in a headless browser, without asking anybody outside this machine.

The pages that ``asv publish`` writes load jQuery, Flot and Bootstrap from public networks. Here
these requests are answered from Debian's packages, which hold later releases of the same libraries
(Flot 4 for 0.8: looks differ, such as a black legend, so nothing here judges looks); what Debian
lacks is answered with the few lines that ASV's own scripts need of it. Every other request that
leaves the server is refused and reported.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Route, sync_playwright

DEBIAN_SCRIPTS = Path("/usr/share/javascript")
BROWSER_PACKAGES = "chromium libjs-jquery libjs-jquery-flot libjs-bootstrap"

# The last part of an address that ASV's pages ask for -> the file that answers it.
DEBIAN_FILES = {
    "jquery-3.3.1.min.js": DEBIAN_SCRIPTS / "jquery/jquery.min.js",
    "jquery.flot.min.js": DEBIAN_SCRIPTS / "jquery-flot/jquery.flot.min.js",
    # Flot 4 has these three inside; Debian ships their old names as empty files.
    "jquery.flot.time.min.js": DEBIAN_SCRIPTS / "jquery-flot/jquery.flot.time.min.js",
    "jquery.flot.selection.min.js": DEBIAN_SCRIPTS / "jquery-flot/jquery.flot.selection.min.js",
    "jquery.flot.categories.min.js": DEBIAN_SCRIPTS / "jquery-flot/jquery.flot.categories.min.js",
    "bootstrap.min.js": DEBIAN_SCRIPTS / "bootstrap/js/bootstrap.min.js",
    "bootstrap.min.css": DEBIAN_SCRIPTS / "bootstrap/css/bootstrap.min.css",
}

# No Debian package has these. ASV sorts tables with the first, names ignored regressions with the
# second (any stable text does) and places bars side by side with the third, which we draw none of.
STAND_INS = {
    "stupidtable.min.js": "jQuery.fn.stupidtable = function () { return this; };",
    "md5.min.js": "window.md5 = function (text) { return encodeURIComponent(text); };",
    "jquery.flot.orderBars.js": "",
}


def missing_for_browser() -> str | None:
    """Say what the browser needs and this machine lacks, or None."""
    lacking = [str(path) for path in DEBIAN_FILES.values() if not path.is_file()]
    if shutil.which("chromium") is None:
        lacking.insert(0, "chromium")
    if not lacking:
        return None
    return f"not on this machine: {', '.join(lacking)}; apt-get install {BROWSER_PACKAGES}"


@dataclass
class OpenSite:
    """A page in the browser, and what it complained of since it was opened."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    def on_console(self, message: ConsoleMessage) -> None:
        """Keep an error that the page wrote to its console."""
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def on_request(self, route: Route) -> None:
        """Let the server answer for itself, stand in for the public networks, refuse the rest."""
        address = route.request.url
        name = urlsplit(address).path.rsplit("/", 1)[-1]
        if address.startswith(self.url):
            if route.request.resource_type == "document":
                # The integrity hashes are those of other releases than Debian's.
                response = route.fetch()
                body = re.sub(r'\sintegrity="[^"]*"', "", response.text())
                route.fulfill(response=response, body=body)
            else:
                route.continue_()
        elif name in DEBIAN_FILES or name in STAND_INS:
            self.answered.add(name)
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            stand_in = STAND_INS.get(name)
            route.fulfill(
                body=DEBIAN_FILES[name].read_text("utf-8") if stand_in is None else stand_in,
                headers={"Content-Type": kind, "Access-Control-Allow-Origin": "*"},
            )
        else:
            self.refused.append(address)
            route.abort()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and does not write every request to stderr."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve the folder *site* on a free port of this machine; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def open_asv_site(site: Path) -> Iterator[OpenSite]:
    """Serve the ASV site in *site* and open its first page; everything ends with the block."""
    with serve(site) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            opened = OpenSite(page, url)
            page.on("console", opened.on_console)
            page.on("pageerror", lambda error: opened.errors.append(str(error)))
            page.route("**/*", opened.on_request)
            page.goto(url, wait_until="networkidle")
            yield opened
        finally:
            browser.close()
