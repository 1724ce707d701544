"""``python -m selfbench.site``: measure what the site of a long history costs to build and open.

A made-up history of machines, nights and cases is written as tidy tables in Parquet. From these
``chunkbench publish --tables`` builds a site in a process of its own, whose time and peak memory
are taken; then Chromium opens its first page. Figures are made up, sizes and shapes are not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Request, sync_playwright

from selfbench.made_up_history import generate


def build(tables: Path, out: Path) -> dict[str, float]:
    """Run ``chunkbench publish`` in a process of its own: its seconds and peak memory (GiB)."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "harness", "publish", "--tables", str(tables), "--out", str(out)],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"selfbench: publish ended with status {status}")
    return {
        "build_seconds": time.perf_counter() - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_gib": usage.ru_maxrss / 2**20,
    }


def opened(site: Path, tries: int = 5) -> Iterator[dict[str, float]]:
    """Open the first page in Chromium from the disk, in a fresh profile each time.

    Each try gives the number and the weight in KiB of all files that it loads, and the seconds
    until its scripts have run and a table head can be clicked.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        try:
            for _ in range(tries):
                page = browser.new_context().new_page()
                urls: list[str] = []
                page.on("request", partial(_note, urls))
                began = time.perf_counter()
                page.goto((site / "index.html").resolve().as_uri(), wait_until="load")
                page.evaluate("() => new Promise(done => requestAnimationFrame(() => done()))")
                seconds = time.perf_counter() - began
                files = [Path(url.removeprefix("file://")) for url in urls]
                weight = sum(file.stat().st_size for file in files)
                yield {"usable_seconds": seconds, "weight_kib": weight / 1024, "files": len(files)}
                page.context.close()
        finally:
            browser.close()


def _note(urls: list[str], request: Request) -> None:
    urls.append(request.url)


def main() -> int:
    """Generate, build and open; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m selfbench.site", description=__doc__)
    parser.add_argument("--machines", type=int, default=10)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--keep", type=Path, help="Keep tables and site there.")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="chunkbench-site-"))
    try:
        rows = generate(folder / "tables", options.machines, options.nights)
        figures: dict[str, Any] = {"rows": rows, "cores": len(os.sched_getaffinity(0))}
        figures |= build(folder / "tables", folder / "site")
        site = folder / "site"
        files = [path for path in site.rglob("*") if path.is_file()]
        figures |= {
            "site_files": len(files),
            "site_mib": sum(path.stat().st_size for path in files) / 2**20,
        }
        tries = list(opened(site))
        figures |= {name: median(taken[name] for taken in tries) for name in tries[0]}
        figures["usable_seconds_worst"] = max(taken["usable_seconds"] for taken in tries)
        figures["load"] = os.getloadavg()[0]
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1))
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
