"""Figures as files: format, size and place, each checked, and the same bytes for equal figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim import arguments
from ydsim.errors import UsageError
from ydsim.fmt import number
from ydsim.outside import one_line
from ydsim.store.files import make_folder, refuse_link, write_atomic
from ydsim.wording import suggestion

if TYPE_CHECKING:
    from matplotlib.figure import Figure


FORMATS = ("png", "svg", "pdf")

OTHERS = ("jpg", "jpeg", "gif", "tif", "tiff", "bmp", "webp", "eps", "ps")
"""Endings of pictures that are not written."""

LEAST_DPI, MOST_DPI = 36, 1200
LEAST_WIDTH, MOST_WIDTH = 2.0, 40.0
"""Inches."""

MOST_PIXELS = 100_000_000
"""Of a PNG: more than any printer needs, and 400 MB of memory while it is drawn."""


@dataclass(frozen=True)
class Look:
    """How figures are written.

    Attributes
    ----------
    format
        One of `FORMATS`.
    dpi
        Dots an inch of a PNG; None is the default.
    width
        Width in inches; None is the width that was drawn.
    """

    format: str = "png"
    dpi: int | None = None
    width: float | None = None


def look_of(format: Any = None, dpi: Any = None, width: Any = None) -> Look:
    """Return how figures are written, checked.

    Raises
    ------
    UsageError
        When a value is unknown or out of its limits, or does not go with the format.
    """
    chosen = "png" if format is None else arguments.text("format", format, "png, svg or pdf")
    if chosen not in FORMATS:
        near = suggestion(chosen, FORMATS, "known")
        raise UsageError(f"format {one_line(chosen, 40)} is not known{near}")
    dots = arguments.maybe_whole("dpi", dpi, LEAST_DPI, MOST_DPI)
    if dots is not None and chosen != "png":
        raise UsageError(f"dpi is of PNG figures; {chosen.upper()} has no dots")
    if width is None:
        return Look(chosen, dots)
    if chosen == "pdf":
        raise UsageError("a PDF has no width to set: it can be scaled without loss")
    expected = f"a width in inches from {LEAST_WIDTH:g} to {MOST_WIDTH:g}"
    inches = arguments.number("width", width, expected)
    if not LEAST_WIDTH <= inches <= MOST_WIDTH:
        raise arguments.refuse("width", expected, width)
    return Look(chosen, dots, inches)


def format_of(path: Path) -> str | None:
    """Return the format that the ending of a file says; None for the name of a folder.

    Raises
    ------
    UsageError
        When it is the ending of pictures that are not written.
    """
    ending = path.suffix.lower().lstrip(".")
    if path.is_dir():
        return None
    if ending in OTHERS:
        raise UsageError(f"{path}: figures are written as {', '.join(FORMATS)}, not {ending}")
    return ending if ending in FORMATS else None


def to_bytes(figure: Figure, look: Look) -> bytes:
    """Return the bytes of a figure.

    Raises
    ------
    UsageError
        When it would have more than `MOST_PIXELS`.
    """
    from ydsim.plots.canvas import DPI, save_bytes

    dpi = DPI if look.dpi is None else look.dpi
    wide, high = (float(side) for side in figure.get_size_inches())
    scale = 1.0 if look.width is None else look.width / wide
    pixels = wide * high * (dpi * scale) ** 2
    if look.format == "png" and pixels > MOST_PIXELS:
        raise UsageError(
            f"{number(wide * scale, 3)} by {number(high * scale, 3)} inches at {dpi} dpi are "
            f"{number(pixels / 1e6, 3)} million pixels, and {number(MOST_PIXELS / 1e6)} are the "
            "most; lower dpi or width"
        )
    return save_bytes(figure, look.format, dpi=dpi, width=look.width)


def save(
    figure: Figure,
    path: str | Path,
    *,
    dpi: int | None = None,
    width: float | None = None,
) -> Path:
    """Write a figure to a file and return its path; the ending says the format.

    Parameters
    ----------
    path
        A file that ends in ``.png``, ``.svg`` or ``.pdf``; its folder is made if needed.
    dpi
        Dots an inch of a PNG, from 36 to 1200 [150].
    width
        Width in inches, from 2 to 40, of a PNG or SVG; everything is scaled with it [7.2].

    Raises
    ------
    UsageError
        When it is no figure, the ending is another one, or a value is out of its limits.
    ResourceError
        When the system refuses to write.
    """
    import matplotlib.figure

    if not isinstance(figure, matplotlib.figure.Figure):
        raise arguments.refuse("figure", "what a function of ydsim.plot returns", figure)
    target = Path(arguments.path("path", path, "a file"))
    format = format_of(target)
    if format is None:
        raise UsageError(f"{target}: expected a file that ends in .png, .svg or .pdf")
    data = to_bytes(figure, look_of(format, dpi, width))
    make_folder(target.parent, parents=True)
    write_atomic(target, data)
    return target


def own_folder(results: Path) -> Path:
    """Return the folder of figures inside a results folder, which may come from a stranger."""
    folder = results / "figures"
    refuse_link(folder)
    return folder


def place_of(output: Path | None, results: Sequence[Path], count: int) -> tuple[Path, bool]:
    """Return where figures go, and whether that is a single file.

    Parameters
    ----------
    output
        As the user gave it; None where nothing was given.
    results
        The results folders that are drawn.
    count
        How many figures there are.

    Raises
    ------
    UsageError
        When several figures would go to one file, or several results to no place.
    """
    if output is None:
        if len(results) != 1:
            raise UsageError("several results have no folder in common; give a file or folder: -o")
        return own_folder(results[0]), False
    if format_of(output) is None:
        return output, False
    if count != 1:
        raise UsageError(f"{count} figures do not go into one file; give a folder with -o")
    return output, True
