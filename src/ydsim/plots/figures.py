"""The figures that a run leaves beside its results, as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots.canvas import FORMATS, save_bytes
from ydsim.plots.catalogue import KINDS
from ydsim.plots.drawing import draw
from ydsim.results.results import Results
from ydsim.store.files import asking_system, make_folder, write_atomic


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
    for kind in (each for each in KINDS.values() if each.after_run):
        path = folder / f"{kind.name}.{format}"
        try:
            data = save_bytes(draw(kind.name, results), format)
        except NothingToDrawError as nothing:
            with asking_system("remove", path):
                path.unlink(missing_ok=True)
            if note is not None:
                note(f"{path.name} is left out: {nothing}")
            continue
        write_atomic(path, data)
        paths.append(path)
    return paths
