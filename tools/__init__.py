"""What makes pages of ``docs/`` and fits packaged data, run from a clone: ``python -m tools.NAME``.

None of it is in the wheel.
"""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[1] / "docs"
WIDTH: Final = 100


def between(page: str, begin: str, end: str, content: str) -> str:
    """Return a page with other content between two marks; the same page where one is missing."""
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    return f"{before}{begin}\n\n{content}\n\n{end}{after}" if found and ended else page


def page(*blocks: str | Sequence[str]) -> str:
    """Return paragraphs, headings and tables as a page; paragraphs are wrapped."""
    texts = (block if isinstance(block, str) else "\n".join(block) for block in blocks)
    return "\n\n".join(map(wrapped, texts)) + "\n"


def wrapped(block: str) -> str:
    """Return a paragraph, or each item of a list, with lines of `WIDTH`, all else as it is."""
    if block.startswith((" ", "|", "#", "`")):
        return block
    if block.startswith("- "):
        items = (textwrap.fill(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
                 for line in block.splitlines())  # fmt: skip
        return "\n".join(items)
    return textwrap.fill(" ".join(block.split()), WIDTH, break_on_hyphens=False)
