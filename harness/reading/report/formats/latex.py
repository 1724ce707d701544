"""Write chapters as a LaTeX document of booktabs tables that compiles as it stands."""

from __future__ import annotations

from collections.abc import Iterable

from harness.reading.report.shown.section import WORDS, Chapter, Section

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "[": "{[}",  # at the start of a row it would be an option of the row before
        "]": "{]}",
        "µ": r"\textmu{}",
        "μ": r"\textmu{}",
        "±": r"\textpm{}",
        "×": r"\texttimes{}",
    }
)
_HEAD = r"""\documentclass[a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{textcomp}
\usepackage[landscape,margin=15mm]{geometry}
\usepackage{booktabs}
\usepackage{longtable}
\setlength{\tabcolsep}{3pt}
\begin{document}
\footnotesize
"""


def document(chapters: Iterable[Chapter]) -> str:
    """Write a whole document, with a ``longtable`` for each section, to copy from.

    Parameters
    ----------
    chapters : iterable of Chapter
        What :func:`harness.reading.report.chapters.chapters` gives.
    """
    return f"{_HEAD}\n" + "\n".join(_chapter(chapter) for chapter in chapters) + "\\end{document}\n"


def escaped(text: str) -> str:
    """Write *text* so that LaTeX shows it as it is, in one line."""
    shown = " ".join(text.split()).translate(_SPECIAL)
    return shown.replace("--", "{-}{-}")  # which would become a dash


def _chapter(chapter: Chapter) -> str:
    parts = [_section(section) for section in chapter.sections]
    parts = parts or [f"{escaped(chapter.empty)}\n"]
    return "\n".join([f"\\section*{{{escaped(chapter.heading)}}}\n", *parts])


def _section(section: Section) -> str:
    shape = "".join(_alignment(name) for name in section.columns)
    lines = [_line(row) for row in section.rows]
    notes = "".join(f"\\item {escaped(note)}\n" for note in section.notes)
    return "\n".join(
        [
            f"\\subsection*{{{escaped(section.title)}}}",
            f"\\begin{{longtable}}{{{shape}}}",
            "\\toprule",
            _line(section.columns),
            "\\midrule",
            "\\endhead",
            *lines,
            "\\bottomrule",
            "\\end{longtable}",
            f"\\begin{{itemize}}\n{notes}\\end{{itemize}}\n" if notes else "",
        ]
    )


def _alignment(column: str) -> str:
    if column == "in words":
        return "p{90mm}"
    return "l" if column in WORDS else "r"


def _line(cells: tuple[str, ...]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
