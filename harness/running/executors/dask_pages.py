"""Dask's own pages of a call: its profile, its performance report, a picture of its graph."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from importlib import util
from pathlib import Path
from typing import Any

import dask
from dask.base import collections_to_expr

from harness.running.executors.pages import Page

MOST_NODES = 2_000
"""A larger graph is no picture that anybody can read, and takes Graphviz minutes."""


def profile_page(run: Callable[[], Any], folder: Path) -> Page:
    """Write Dask's page of its Profiler, ResourceProfiler and CacheProfiler over *run*."""
    from dask.diagnostics import (  # noqa: PLC0415
        CacheProfiler,
        Profiler,
        ResourceProfiler,
        visualize,
    )

    path = folder / "dask-profile.html"
    with Profiler() as tasks, ResourceProfiler(dt=0.05) as resources, CacheProfiler() as cache:
        run()
    visualize([tasks, resources, cache], str(path), show=False, save=True, mode="inline")
    return Page(path.name)


def performance_report(run: Callable[[], Any], folder: Path) -> Page:
    """Write the lesson's ``performance_report`` over *run*."""
    from distributed import performance_report as report  # noqa: PLC0415

    path = folder / "performance-report.html"
    with report(filename=str(path), mode="inline"):
        run()
    # The page holds everything but its icon, which is left out: it is to be read without a network.
    page = re.sub(r'<link rel="shortcut icon"[^>]*>', "", path.read_text("utf-8"))
    path.write_text(page, encoding="utf-8")
    return Page(path.name)


def graph_picture(collections: tuple[Any, ...], folder: Path) -> Page:
    """Draw the optimised graph of *collections* with Graphviz."""
    if util.find_spec("graphviz") is None:
        return Page(None, "the package graphviz is not installed: pip install graphviz")
    if shutil.which("dot") is None:
        return Page(None, "Graphviz's dot is not installed: apt install graphviz")
    nodes = len(collections)  # at least; putting so many together to count takes Dask minutes
    if nodes <= MOST_NODES:
        nodes = len(collections_to_expr(collections).optimize().__dask_graph__())
    if nodes > MOST_NODES:
        return Page(
            None,
            f"{nodes} nodes make no readable picture, {MOST_NODES} do: take larger chunks",
        )
    path = folder / "task-graph.svg"
    dask.visualize(*collections, filename=str(path), optimize_graph=True, engine="graphviz")
    return Page(path.name)
