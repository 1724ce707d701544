"""Write files of the site: scripts that carry data, tables to download, the charts' runtime."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pandas as pd

from harness.core.input_digest import of_code
from harness.reading.report.figures.saving import slug
from harness.reading.report.formats.raw import csv_parts
from harness.reading.report.manifest import Outputs

_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def as_json(value: Any) -> str:
    """Write JSON that may stand in a script: what could end or break it is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escaped in _ESCAPES.items():
        text = text.replace(character, escaped)
    return text


def write_data(folder: Path, name: str, value: Any) -> str:
    """Write *value* as a script that a page loads by a tag; return its path below *folder*.

    A page that is opened from a disk may read nothing else.
    """
    path = folder / "data" / f"{name}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"chunkbench.put({as_json(name)},{as_json(value)});\n", encoding="utf-8")
    return f"data/{name}.js"


TABLE_ENDINGS = ("csv", "parquet")


def write_table(folder: Path, name: str, frame: pd.DataFrame) -> dict[str, str]:
    """Write *frame* as CSV and Parquet; return the path below *folder* by format."""
    target = folder / "tables"
    target.mkdir(parents=True, exist_ok=True)
    with (target / f"{name}.csv").open("w", encoding="utf-8") as file:
        file.writelines(csv_parts(frame))
    frame.to_parquet(target / f"{name}.parquet", index=False)
    return {"CSV": f"tables/{name}.csv", "Parquet": f"tables/{name}.parquet"}


def unique_slugs(texts: list[str]) -> dict[str, str]:
    """Choose a file name for each text; no two differ in upper and lower case alone."""
    slugs: dict[str, str] = {}
    for text in texts:
        base = (slug(text).strip(".") or "unnamed")[:60]
        name, n = base, 1
        while name.lower() in {taken.lower() for taken in slugs.values()}:
            n += 1
            name = f"{base}-{n}"
        slugs[text] = name
    return slugs


_VEGA_LITE = "6.4"
"""The release of Vega-Lite that Altair writes for."""


def write_assets(outputs: Outputs, charts: Callable[[], dict[str, Any]]) -> None:
    """Copy styles and scripts, and write the charts and what draws them, with its licences.

    The last two are the same for every site: they are only made where *outputs* does not have them.
    """
    target = outputs.folder / "assets"
    target.mkdir(parents=True, exist_ok=True)
    with as_file(files("harness.reading.report.site") / "static") as static:
        for path in sorted(static.iterdir()):
            shutil.copyfile(path, target / path.name)
    scripts = ("assets/vega.js", "assets/charts.js")
    if outputs.kept(of_code(), *scripts):
        return
    (target / "vega.js").write_text(_runtime(), encoding="utf-8")
    (target / "charts.js").write_text(
        f"chunkbench.charts = {as_json(charts())};\n", encoding="utf-8"
    )
    outputs.made(of_code(), *scripts)


@cache
def _runtime() -> str:
    """Bundle what draws the charts as one script that defines ``chunkbench.embed`` alone."""
    import vl_convert  # noqa: PLC0415 (loads a JavaScript engine: only where a site is built)

    code = vl_convert.javascript_bundle("chunkbench.embed = vegaEmbed;", vl_version=_VEGA_LITE)
    versions = (
        f"Vega {vl_convert.get_vega_version()}, Vega-Lite {_VEGA_LITE}, "
        f"Vega-Embed {vl_convert.get_vega_embed_version()}; licences: vega-licenses.txt"
    )
    return f"/* {versions} */\n(function () {{\n{code}\n}})();\n"
