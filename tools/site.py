"""The site of the documentation: pages of ``docs/`` and of the Python API as one folder of HTML.

    python -m tools.site -o ../ydsim-site                    writes the folder
    python -m http.server --bind 127.0.0.1 -d ../ydsim-site  shows it, to this machine only

Needs the extra ``docs``. Nothing on the site is fetched from elsewhere; its search needs such a
server, since a browser lets a page that is opened as a file read no index. Order and looks are in
``site.toml``.

The pages are written for readers of the repository. What is other on a site is changed in copies:
README is the home page, a page that is named by its path becomes a link, commands in lists are
indented as Python-Markdown asks, lines of Chinese sentences are joined, and a notebook is a page
with what it shows.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import ydsim
from tools import DOCS, notebooks

ROOT: Final = DOCS.parent
CONFIG: Final = Path(__file__).with_suffix(".toml")
ELSEWHERE: Final = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "results/README.md": "gallery.md",
}
"""Pages that are not in ``docs/``: where they are in the repository, and on the site."""
PICTURES: Final = "results/gallery"
_BROKEN: Final = re.compile(
    r"(?:(?<=[\u3001-\u9fff\uff01-\uff5e])\n *(?=[*\[]*[\u3001-\u9fff\uff01-\uff5e])"
    r"|(?<=[\u3001\u3002\uff01-\uff1f])\n *(?!\d+\. )(?=[\[`\w]|\*\w))"
)
"""An end of a line inside a Chinese sentence, which browsers show as a space."""


class SiteError(Exception):
    """The site cannot be built; the message says why."""


def sources() -> dict[str, str]:
    """Return the text of each page of the repository by its place on the site."""
    pages = {path.relative_to(DOCS).as_posix(): path for path in sorted(DOCS.rglob("*.md"))}
    pages |= {place: ROOT / path for path, place in ELSEWHERE.items()}
    texts = {place: path.read_text(encoding="utf-8") for place, path in pages.items()}
    texts |= {f"notebooks/{path.stem}.md": notebooks.page(path)[0] for path in notebooks.paths()}
    return {place: adapted(text, place, set(texts)) for place, text in texts.items()}


def adapted(text: str, place: str, places: set[str]) -> str:
    """Return a page as the site needs it: links to named pages, and code in lists."""
    up = "../" * place.count("/")

    def link(found: re.Match[str]) -> str:
        path = found[1]
        target = ELSEWHERE.get(path, path.removeprefix("docs/"))
        if path == target or target not in places or target == place:
            return found[0]
        return f"[{found[0]}]({up}{target})"

    parts = re.split(r"(^ *```.*?^ *```$)", text, flags=re.M | re.S)
    for i in range(0, len(parts), 2):
        part = re.sub(r"(?<!\[)`([\w/-]+\.md)`", link, parts[i])
        part = re.sub(r"^(?=      \S)", "  ", part, flags=re.M)
        part = part.replace("](docs/", f"]({up}").replace("](../../results/", f"]({up}results/")
        part = re.sub(r"(\]\([\w./]+)\.ipynb\)", r"\1.md)", part)
        part = part.replace("](gallery/", f"]({up}{PICTURES}/")
        parts[i] = _BROKEN.sub("", part)
    return "".join(parts)


def api() -> dict[str, str]:
    """Return pages of the Python API by their place: a heading, then what mkdocstrings fills in."""
    measures = importlib.import_module("ydsim.measures")
    modules = [info.name for info in pkgutil.iter_modules(measures.__path__, "ydsim.measures.")]
    return {
        "api/ydsim.md": _api_page("ydsim from Python", [f"ydsim.{n}" for n in ydsim.__all__]),
        "api/measures.md": _api_page("Measures", modules),
        "api/estimators.md": _api_page("Estimators", ["ydsim.studies.estimators"]),
    }


def _api_page(title: str, names: Sequence[str]) -> str:
    return "\n\n".join([f"# {title}", *(f"::: {name}" for name in names)]) + "\n"


def navigation() -> list[Any]:
    """Return the navigation of the site as `site.toml` has it."""
    return tomllib.loads(CONFIG.read_text(encoding="utf-8"))["project"]["nav"]


def in_navigation(entry: Any) -> Iterator[str]:
    """Yield the pages that a part of the navigation names, in order."""
    if isinstance(entry, str):
        yield entry
    else:
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from in_navigation(part)


def build(folder: Path) -> None:
    """Build the site into a folder that is not there yet, or is empty.

    Raises
    ------
    SiteError
        A page has no place in the navigation or the other way round, the folder holds something,
        or Zensical finds a fault, of which the message says what it printed.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SiteError(f"{folder} is not an empty folder")
    pages = sources() | api()
    named = in_navigation(navigation())
    if off := sorted(set(pages) ^ set(named)):
        raise SiteError(f"pages and the navigation of tools/site.toml differ: {', '.join(off)}")
    with tempfile.TemporaryDirectory() as work:
        shutil.copy(CONFIG, Path(work, "zensical.toml"))
        shutil.copytree(ROOT / PICTURES, Path(work, "docs", PICTURES))
        for picture in DOCS.glob("*.png"):
            shutil.copy(picture, Path(work, "docs"))
        for notebook in notebooks.paths():
            for name, drawn in notebooks.page(notebook)[1].items():
                path = Path(work, "docs", "notebooks", name)
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(drawn)
        for place, text in pages.items():
            path = Path(work, "docs", place)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "zensical", "build", "--strict"]
        found = os.pathsep.join([str(ROOT / "src"), *sys.path])
        done = subprocess.run(
            command,
            cwd=work,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": found, "NO_COLOR": "1"},
        )
        told = done.stdout + done.stderr
        if done.returncode != 0 or "griffe:" in told:
            raise SiteError(told)
        shutil.copytree(Path(work, "html"), folder, dirs_exist_ok=True)


def main() -> None:
    """Build the site into the folder of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, help="an empty or new folder")
    try:
        build(parser.parse_args().output)
    except SiteError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
