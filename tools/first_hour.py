"""The first hour: what the commands of ``docs/first_hour.md`` print, put into the page.

    python -m tools.first_hour

runs every command and program of the page in one empty folder, in order, and writes what they
print and draw into the page and into its Chinese counterpart, which has the same commands. All else
on the pages is written by hand. It takes about a minute and a half of one core.

Of a block of commands a comment above it says what is shown:

    <!-- shown: ^Effects -->   paragraphs in which the pattern is found; ``...`` stands for others
    <!-- shown: none -->       nothing
    <!-- varies -->            what hangs on time or machine: written, but no test compares it

Only lines that begin with ``$ ydsim`` are run. A program is a block of Python, and the block of
text below it is what it prints. YAML is saved under the last name in backticks before it. A picture
``first_hour_NAME.png`` is the file ``NAME.png`` that a command made, with fewer colours.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from PIL import Image

from tools import DOCS
from ydsim.cli import main as ydsim

PAGES: Final = (DOCS / "first_hour.md", DOCS / "zh" / "first_hour.md")
"""The English page, whose commands are run, and the one that shows the same."""
_BLOCK: Final = re.compile(
    r"^(?:<!-- (?P<mark>.*?) -->\n)?```(?P<kind>console|python|yaml|text)\n(?P<inside>.*?)^```$",
    re.M | re.S,
)
_SAVED: Final = re.compile(r"`([\w-]+\.yaml)`")
_PICTURE: Final = re.compile(r"\]\((?:\.\./)?first_hour_(\w+)\.png\)")
_COLOURS: Final = 128
_PIXELS: Final = 900
"""Width of a picture at most."""


class PageError(Exception):
    """A page cannot be worked through; the message says where."""


class Step(NamedTuple):
    """Something that the reader does: what is typed, and the name of the file that it goes into."""

    text: str
    kind: str  # "command", "python" or "yaml"
    file: str = ""


def steps(page: str) -> list[Step]:
    """Return what a page tells its reader to do, in order."""
    found: list[Step] = []
    for block in _BLOCK.finditer(page):
        inside, kind = block["inside"], block["kind"]
        if kind == "console":
            found += [Step(line, "command") for line in _commands(inside)]
        elif kind == "yaml":
            names = _SAVED.findall(page[: block.start()])
            found.append(Step(inside, kind, names[-1]))
        elif kind == "python":
            found.append(Step(inside, kind))
    return found


def _commands(inside: str) -> list[str]:
    return [line[2:] for line in inside.splitlines() if line.startswith("$ ydsim ")]


def worked_through(page: str, folder: Path) -> list[str]:
    """Return what each command and each program of a page prints, run one by one in a folder.

    `PageError` when a command is refused.
    """
    printed, names = [], dict[str, Any]()
    with contextlib.chdir(folder):
        for step in steps(page):
            if step.kind == "yaml":
                Path(step.file).write_text(step.text, encoding="utf-8")
                continue
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                if step.kind == "python":
                    exec(compile(step.text, "page", "exec"), names)
                elif code := ydsim(shlex.split(step.text, comments=True)[1:]):
                    raise PageError(f"{step.text}: exit code {code}")
            printed.append(out.getvalue())
    return printed


def filled(page: str, printed: Sequence[str], *, compared: bool = False) -> str:
    """Return a page with what its commands and programs printed.

    With ``compared``, blocks that hang on time or machine stay as they are.
    """
    rest = iter(printed)

    def block(found: re.Match[str]) -> str:
        mark, kind, inside = found["mark"] or "", found["kind"], found["inside"]
        if kind == "console":
            shown = "".join(_shown(inside, mark, rest))
        elif kind == "python":
            return found[0]
        elif kind == "text":
            shown = _clean(next(rest))
        else:
            return found[0]
        if compared and mark == "varies":
            shown = inside
        return found[0].replace(f"```{kind}\n{inside}", f"```{kind}\n{shown}")

    text = _BLOCK.sub(block, page)
    if left := list(rest):
        raise PageError(f"{len(left)} outputs have no place on the page")
    return text


def _shown(inside: str, mark: str, rest: Iterator[str]) -> Iterator[str]:
    """Yield the commands of a block, each with what is shown of its output."""
    for line in inside.splitlines(keepends=True):
        if not line.startswith("$ "):
            continue
        yield line
        if line.startswith("$ ydsim "):
            printed = next(rest)
            wanted = mark.removeprefix("shown: ") if mark.startswith("shown: ") else ""
            if wanted != "none":
                yield _excerpt(printed, wanted)


def _excerpt(printed: str, wanted: str) -> str:
    """Return the paragraphs in which a pattern is found, with dots for others between them."""
    parts = printed.strip("\n").split("\n\n")
    kept: list[str] = []
    for part in parts:
        if re.search(wanted, part, re.M):
            kept.append(part)
        elif kept[-1:] != ["..."]:
            kept.append("...")
    text = "\n\n".join(kept).replace("...\n\n", "...\n").replace("\n\n...", "\n...")
    return _clean(text)


def _clean(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def pictures(page: str) -> list[str]:
    """Return the names of the pictures of a page, as the commands call them."""
    return list(dict.fromkeys(_PICTURE.findall(page)))


def small(picture: bytes) -> bytes:
    """Return a PNG with fewer colours and pixels."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as read:
        plain = read.convert("RGB")
        plain.thumbnail((_PIXELS, 4 * _PIXELS))
        plain.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE).save(out, "PNG", optimize=True)
    return out.getvalue()


def make(folder: Path) -> None:
    """Work through the page in a folder, and write both pages and their pictures."""
    texts = [path.read_text(encoding="utf-8") for path in PAGES if path.is_file()]
    if any(steps(text) != steps(texts[0]) for text in texts):
        raise PageError("the pages have not the same commands, files and programs")
    printed = worked_through(texts[0], folder)
    for path, text in zip(PAGES, texts, strict=False):
        path.write_text(filled(text, printed), encoding="utf-8")
    for name in pictures(texts[0]):
        drawn = (folder / f"{name}.png").read_bytes()
        (DOCS / f"first_hour_{name}.png").write_bytes(small(drawn))


def main() -> None:
    """Write pages and pictures again, or say what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.first_hour", description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to run; what is there is not run again")
    kept = parser.parse_args().folder
    os.environ["COLUMNS"] = "100"
    try:
        with tempfile.TemporaryDirectory() as empty:
            make(kept or Path(empty))
    except PageError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
