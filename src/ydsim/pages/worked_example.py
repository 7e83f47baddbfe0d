"""Pages on which numbers of a run are computed by hand: numbers, tables, text, comparisons."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from ydsim.wording import markdown_table

WIDTH = 100


def check(by_hand: float, by_model: float) -> None:
    """Compare a number computed by hand with that of the model.

    Raises
    ------
    AssertionError
        When they differ in the first nine digits.
    """
    if not math.isclose(by_hand, by_model, rel_tol=1e-9, abs_tol=1e-12):
        raise AssertionError(f"by hand {by_hand!r}, by the model {by_model!r}")


def num(value: float) -> str:
    """Return a number with four digits."""
    text = f"{float(value):.4g}"
    return "0" if text == "-0" else text


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join(markdown_table(head, rows))


def fill(template: str, **values: float | str) -> str:
    """Return a text with its numbers put in, paragraphs wrapped, all else as it is."""
    texts = {k: v if isinstance(v, str) else num(v) for k, v in values.items()}
    blocks = template.format(**texts).strip("\n").split("\n\n")
    return "\n\n".join(
        block
        if block.startswith((" ", "|", "#", "`"))
        else textwrap.fill(" ".join(block.split()), WIDTH, break_on_hyphens=False)
        for block in blocks
    )
