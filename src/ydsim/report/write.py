"""The page as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ydsim import arguments
from ydsim.errors import UsageError
from ydsim.report.gather import Gathered, gather
from ydsim.report.page import page_of
from ydsim.store.files import make_folder, refuse_irregular, write_atomic

FILE = "report.html"


def save(
    results: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    title: str | None = None,
) -> Path:
    """Write the page of results and return its path; nothing is run.

    Parameters
    ----------
    results
        A folder of results, or several, the base first; a point of a sweep is ``folder:3``.
    out
        The file; by default ``report.html`` in the first folder.
    title
        Instead of the finding or the question.

    Raises
    ------
    UsageError
        When folders do not belong on one page, or ``out`` is a folder.
    ResultsError
        When a folder is damaged, or no run of it is finished.
    ResourceError
        When the system refuses.
    """
    given = [results] if isinstance(results, (str, Path)) else list(results)
    names = [arguments.path("results", one, "a folder of results") for one in given]
    head = "" if title is None else arguments.text("title", title)
    path = None if out is None else Path(arguments.path("out", out, "the name of a file"))
    refuse_folder(path)
    if not names:
        raise UsageError("give a folder of results")
    gathered = gather(names)
    return write(gathered, path, head)


def refuse_folder(path: Path | None) -> None:
    """Refuse the name of a folder in the place of a file's."""
    if path is not None and path.is_dir():
        raise UsageError(f"{path} is a folder; give the name of a file with -o")


def write(gathered: Gathered, path: Path | None, title: str = "") -> Path:
    """Write the page of what was gathered and return its path; other arguments as of `save`."""
    if path is None:
        folder = gathered.opened[0].path
        assert folder is not None  # it was opened from there
        path = folder / FILE
    refuse_irregular(path)
    data = page_of(gathered, title).encode("utf-8")
    make_folder(path.parent, parents=True)
    write_atomic(path, data)
    return path
