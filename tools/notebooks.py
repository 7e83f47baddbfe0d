"""The notebooks of ``docs/notebooks/``: run, stored with what they show, and as pages of the site.

    python -m tools.notebooks              runs all of them, each in an empty folder
    python -m tools.notebooks what_if      runs this one

Only text and small pictures are stored, without times, numbers of runs of a cell or paths, so that
a change of a notebook in version control is a change of what it says. Needs the extra ``test``.
"""

from __future__ import annotations

import argparse
import base64
import json
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tools import DOCS
from tools.first_hour import small

FOLDER: Final = DOCS / "notebooks"
SECONDS: Final = 1800
"""A notebook takes less than two minutes of a free core; a busy one is waited for."""

Notebook = dict[str, Any]
"""A notebook as it is in its file, format 4.5."""


def paths() -> list[Path]:
    """Return the files of all notebooks."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> Notebook:
    """Return a notebook as it is stored."""
    return json.loads(path.read_text(encoding="utf-8"))


def executed(path: Path, folder: Path) -> Notebook:
    """Return a notebook with what its cells show when they are run one by one in a folder.

    An error of a cell is raised, as `nbclient` has it.
    """
    nbclient, nbformat = import_module("nbclient"), import_module("nbformat")
    book = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(book, timeout=SECONDS, resources=where).execute()
    return tidy(json.loads(nbformat.writes(book)))


def tidy(book: Notebook, draw: Callable[[bytes], bytes] = small) -> Notebook:
    """Return a notebook with its sources, text and pictures alone, these as ``draw`` has them."""
    cells = []
    for cell in book["cells"]:
        kept = {"cell_type": cell["cell_type"], "id": cell["id"], "metadata": {}}
        kept["source"] = _lines("".join(cell["source"]))
        if cell["cell_type"] == "code":
            kept["execution_count"] = None
            found = (_output(one, draw) for one in cell["outputs"])
            kept["outputs"] = [one for one in found if one]
        cells.append(dict(sorted(kept.items())))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}


def _output(output: dict[str, Any], draw: Callable[[bytes], bytes]) -> dict[str, Any] | None:
    """Return an output with text or a picture alone; None for remarks on stderr."""
    kind = output["output_type"]
    if kind == "stream":
        text = "".join(output["text"])
        shown = {"name": "stdout", "output_type": kind, "text": _lines(text)}
        return shown if output["name"] == "stdout" else None
    data = output["data"]
    kept: dict[str, Any]
    if "image/png" in data:
        drawn = draw(base64.b64decode("".join(data["image/png"])))
        kept = {"image/png": base64.b64encode(drawn).decode()}
    else:
        kept = {"text/plain": _lines("".join(data["text/plain"]))}
    return {"data": kept, "metadata": {}, "output_type": "display_data"}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def write(path: Path, book: Notebook) -> None:
    """Store a notebook."""
    text = json.dumps(book, ensure_ascii=False, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")


def texts(book: Notebook) -> list[list[str]]:
    """Return the text of each output of each cell that is code; ``<picture>`` for a picture."""
    return [[_text(one) for one in cell["outputs"]] for cell in book["cells"] if "outputs" in cell]


def _text(output: dict[str, Any]) -> str:
    lines = output["text"] if "text" in output else output["data"].get("text/plain", "<picture>")
    return "".join(lines)


def page(path: Path) -> tuple[str, dict[str, bytes]]:
    """Return a stored notebook as a page of the site, and the pictures that it shows, by name."""
    parts, pictures = list[str](), dict[str, bytes]()
    for cell in read(path)["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        for output in cell.get("outputs", ()):
            if drawn := output.get("data", {}).get("image/png"):
                name = f"{path.stem}_{len(pictures) + 1}.png"
                pictures[name] = base64.b64decode(drawn)
                parts.append(f"![Output of the cell above]({name})")
            else:
                parts.append(f"```text\n{_text(output).rstrip()}\n```")
    return "\n\n".join(parts) + "\n", pictures


def main(names: Sequence[str] | None = None) -> None:
    """Run notebooks and store what they show."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    known = [path.stem for path in paths()]
    parser.add_argument("names", nargs="*", help=f"{', '.join(known)}; all without a name")
    wanted = parser.parse_args(names).names or known
    if unknown := set(wanted) - set(known):
        parser.error(f"no notebook {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name in wanted:
        with tempfile.TemporaryDirectory() as empty:
            path = FOLDER / f"{name}.ipynb"
            write(path, executed(path, Path(empty)))


if __name__ == "__main__":
    main()
