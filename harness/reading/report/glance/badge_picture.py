"""Draw a badge as SVG: two parts of one line, read without colour, without a font of its own."""

from __future__ import annotations

from xml.sax.saxutils import escape

from harness.reading.report.glance.badges import Badge

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|![]() "), frozenset("mwMWµ@%")
_HEIGHT, _PADDING = 20, 7
_LABEL = "3f4650"


def picture(badge: Badge) -> str:
    """Write *badge* as an SVG document; its title says where and when it was measured.

    Each text is told the width that it is to fill, as the fonts of those who look differ.
    """
    label, message = _width(badge.label), _width(badge.message)
    left, right = label + 2 * _PADDING, message + 2 * _PADDING
    title = escape(f"{badge.line} ({badge.about})", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" '
        f'role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n"
        f'<rect width="{left}" height="{_HEIGHT}" fill="#{_LABEL}"/>\n'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="#{badge.colour}"/>\n'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\n'
        f"{_text(badge.label, _PADDING, label)}{_text(badge.message, left + _PADDING, message)}"
        "</g>\n</svg>\n"
    )


def _text(words: str, x: int, width: int) -> str:
    return (
        f'<text x="{x}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(words)}</text>\n"
    )


def _width(words: str) -> int:
    """About how wide *words* are in pixels, at 11 pixels of a common sans-serif."""
    return round(sum(4.0 if c in _NARROW else 10.5 if c in _WIDE else 7.0 for c in words))
