"""Write pages from templates; everything that is put in is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from harness.reading.report.made_from import made_from
from harness.reading.report.shown.section import WORDS
from harness.reading.report.site.files import as_json
from harness.reading.report.site.words import SIGNS, kind, sign

JUDGED = ("verdict", "status", "B is", "became")
"""Columns whose cells are verdicts or statuses, which get their sign."""


class Pages:
    """Renders the templates into a folder; all pages share a navigation.

    Parameters
    ----------
    out : Path
        The site's folder.
    navigation : list of (str, str)
        Page, relative to the folder, and its name.
    common : dict
        What every template may use.
    step : callable
        Called after each page.

    Attributes
    ----------
    made_from : str
        Digest of what stands on every page.
    """

    def __init__(
        self,
        out: Path,
        navigation: list[tuple[str, str]],
        common: dict[str, Any],
        step: Callable[[], None],
    ):
        self.out = out
        self.made_from = made_from(navigation, common)
        self._step = step
        self.environment = jinja2.Environment(
            loader=jinja2.PackageLoader("harness.reading.report.site"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            navigation=navigation,
            words=WORDS,
            judged=JUDGED,
            sign=sign,
            kind=kind,
            signs=list(SIGNS),
            **common,
        )
        self.environment.filters["script"] = _script
        self.environment.filters["unbroken"] = _unbroken
        self.environment.filters["begun"] = lambda text: text[:1].upper() + text[1:]

    def write(self, page: str, template: str, **values: Any) -> Path:
        """Write *page* from *template*; return its path."""
        path = self.out / page
        path.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * page.count("/")
        text = self.environment.get_template(f"{template}.html").render(
            page=page, root=root, **values
        )
        path.write_text(text, encoding="utf-8")
        self._step()
        return path

    def skip(self) -> None:
        """Pass over a page that is there already."""
        self._step()


def _unbroken(text: str) -> str:
    """*text* whose numbers stay on one line: "5 000" is not "5" at the end of one, nor is an arrow
    between two versions cut in two."""
    return re.sub(r"(?<=\d) (?=\d{3})", "\u00a0", text.replace(" -> ", " → "))


def _script(value: Any) -> Any:
    """Write *value* as JSON that cannot end the script element that it stands in."""
    return Markup(as_json(value))  # noqa: S704 (as_json escapes what HTML would read)
