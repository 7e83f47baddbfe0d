"""The figures that a run leaves beside its results, as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from ydsim.errors import UsageError
from ydsim.plots.catalogue import KINDS
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.page import DPI, FORMATS, save_bytes
from ydsim.plots.style import house_style
from ydsim.results.results import Results
from ydsim.store.files import asking_system, make_folder, write_atomic

FIGURES: dict[str, Callable[..., Figure]] = {
    kind.name: kind.draw for kind in KINDS.values() if kind.after_run
}
"""What draws each figure after a run, by the name of its file."""


def make_figures(
    results: Results,
    folder: Path,
    *,
    format: str = "png",
    note: Callable[[str], None] | None = None,
) -> list[Path]:
    """Draw every figure that the results allow and return the files, in a fixed order.

    Equal results give equal bytes (under one version of Matplotlib). A file of an earlier run
    whose figure can no longer be drawn is removed.

    Parameters
    ----------
    folder
        Where the files go; made if needed.
    format
        ``"png"`` (150 dots an inch), ``"pdf"`` or ``"svg"``.
    note
        Called with one line for each figure that is left out, saying why.

    Raises
    ------
    UsageError
        When the format is unknown.
    ResourceError
        When the system refuses to write.
    """
    if format not in FORMATS:
        raise UsageError(f"format {format} is not known; known: {', '.join(FORMATS)}")
    make_folder(folder, parents=True)
    paths = []
    for name, draw in FIGURES.items():
        path = folder / f"{name}.{format}"
        try:
            data = render(draw, results, format)
        except NothingToDrawError as nothing:
            with asking_system("remove", path):
                path.unlink(missing_ok=True)
            if note is not None:
                note(f"{path.name} is left out: {nothing}")
            continue
        write_atomic(path, data)
        paths.append(path)
    return paths


def render(draw: Callable[..., Figure], results: Results, format: str = "png") -> bytes:
    """Return the bytes of one figure in the house style."""
    with house_style():
        return save_bytes(draw(results), format, dpi=DPI)
