"""A figure as bytes: the same figure gives the same bytes, on any day."""

from __future__ import annotations

import io
import re
from typing import Any

from matplotlib.figure import Figure

from ydsim.errors import UsageError
from ydsim.plots.style import house_style

DPI = 150
"""Dots an inch of a PNG."""

FORMATS: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
    "svg": {"Creator": None, "Date": None},
}
"""Formats, each with the metadata that would differ between days or versions, left out."""


def save_bytes(
    figure: Figure, format: str = "png", *, dpi: int = DPI, width: float | None = None
) -> bytes:
    """Return the bytes of a figure.

    Parameters
    ----------
    format
        ``"png"``, ``"svg"`` or ``"pdf"``.
    dpi
        Dots an inch of a PNG.
    width
        Width in inches; everything is scaled with it, so that nothing moves. By default, and
        always in a PDF, which readers scale without loss, the width that was drawn.

    Raises
    ------
    UsageError
        When the format is unknown, or a width is asked of a PDF.
    """
    if format not in FORMATS:
        raise UsageError(f"format {format} is not known; known: {', '.join(FORMATS)}")
    if width is not None and format == "pdf":
        raise UsageError("a PDF has no width to set: it can be scaled without loss")
    scale = 1.0 if width is None else width / figure.get_figwidth()
    buffer = io.BytesIO()
    dots = dpi * scale if format == "png" else dpi
    with house_style():
        figure.savefig(buffer, format=format, dpi=dots, metadata=FORMATS[format])
    data = buffer.getvalue()
    return _widened(data, scale) if format == "svg" and width is not None else data


def _widened(svg: bytes, scale: float) -> bytes:
    """Return an SVG whose width and height are multiplied; its viewBox stays."""

    def larger(found: re.Match[bytes]) -> bytes:
        return b'%s="%.6gpt"' % (found[1], float(found[2]) * scale)

    start = svg.index(b"<svg")
    end = svg.index(b">", start)
    tag = re.sub(rb'\b(width|height)="([\d.]+)pt"', larger, svg[start:end])
    return svg[:start] + tag + svg[end:]
