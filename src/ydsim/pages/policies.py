"""The page of policies: ``python -m ydsim.pages.policies > docs/policies.md``.

Nothing on the page is written by hand; it comes from the classes of the shipped policies.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from ydsim.policies.library import FAMILIES, shipped
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.describe import COMBINED, Card, card_of, shared_keys, written
from ydsim.scenario.schema.key_index import Bounds, Key
from ydsim.wording import markdown_table

_HEAD = """\
# Policies

Every policy that a scenario can name, as `ydsim explain NAME` prints it. This page is generated
from the classes by `python -m ydsim.pages.policies`; do not edit it. Policies of your
own: [own_policies.md](own_policies.md). Whether published signs show: [signs.md](signs.md).

A policy moves named fields of the policy environment, or hands over a scheme (rules or money under
conditions); it touches nothing else. Marks of parameters: **data** is fixed by official figures or
by law, **prior** comes from literature, **assumed** has no source, **control** is a setting of the
experiment; see [parameters.md](parameters.md).
"""

_SHARED = """\
## What all policies have

The strength in force in a quarter is `strength` from `start` to `end`, rising over `ramp` and
falling with `decay`. A field moves by strength times the difference of what the policy wants and
the baseline. How the wishes of several policies for one field combine:
"""


def markdown() -> str:
    """Return the whole page: a table, what all policies share, and each policy by group."""
    cards = {name: card_of(name, cls) for name, cls in shipped().items()}
    pages = [_HEAD, _overview(cards), _shared()]
    for family in FAMILIES:
        pages.append(f"## {group_title(family)}\n")
        pages += [_page(cards[name]) for name in names_of(family)]
    return "\n".join(pages)


def names_of(family: ModuleType) -> list[str]:
    """Return the names of the policies of one module, sorted."""
    return [name for name, cls in shipped().items() if cls.__module__ == family.__name__]


def group_title(family: ModuleType) -> str:
    """Return the first sentence of what a module says of itself, without its end."""
    first = (inspect.getdoc(family) or "").partition("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=\w)[.:;](?:\s|$)", first, maxsplit=1)[0].strip()


def _overview(cards: dict[str, Card]) -> str:
    rows = [
        (
            f"[`{card.name}`](#{card.name})",
            card.title,
            moved(card, "<br>", "`"),
            ", ".join(card.marks),
        )
        for card in cards.values()
    ]
    return _table(("name", "title", "writes", "marks of its parameters"), rows)


def moved(card: Card, between: str = ", ", quote: str = "") -> str:
    """Return what a policy moves, in a few words."""
    parts = [f"{quote}{item.field}{quote}" for item in card.writes]
    return between.join([*parts, *(["a scheme"] if card.scheme else [])])


def _shared() -> str:
    rules = "".join(f"- **{rule}**: {meaning}.\n" for rule, meaning in COMBINED.items())
    return f"{_SHARED}\n{rules}\n{parameters_table(shared_keys())}"


def _page(card: Card) -> str:
    parts = [f"### `{card.name}`\n\n{card.title}.\n\n{_tidy(card.summary)}\n"]
    parts += [f"**{name}.** {_tidy(text)}\n" for name, text in card.sections.items()]
    if card.writes:
        rows = [(f"`{w.field}`", w.rule, w.meaning) for w in card.writes]
        parts.append(_table(("writes", "combines by", "meaning"), rows))
    if card.scheme:
        parts.append("It hands over a scheme: rules or money under conditions of its own.\n")
    target_keys = ", ".join(f"`{key}`" for key in card.target_keys) or "none"
    parts.append(f"Keys of `target` that are of use: {target_keys}.\n")
    if card.parameters:
        parts.append(parameters_table(card.parameters))
    parts.append(f"```yaml\n{card.example}\n```\n")
    return "\n".join(parts)


def _tidy(text: str) -> str:
    """Return text whose displayed equations are apart, so that they are set as they are."""
    return re.sub(r"(?m)(^\S.*)\n(?= {2,}\S)", r"\1\n\n", text)


def parameters_table(
    keys: Sequence[Key], name: str = "parameter", write: Callable[[Any], str] = written
) -> str:
    """Return a table of keys, as pages show them.

    Parameters
    ----------
    keys
        One row each.
    name
        Head of the first column.
    write
        Returns a default as text.
    """
    head = (name, "default", "unit", "range", "mark", "source", "meaning")
    return _table(head, [_row(key, write) for key in keys])


def _row(key: Key, write: Callable[[Any], str]) -> tuple[str, ...]:
    limits = "" if key.bounds == Bounds() else str(key.bounds)
    span = f"{key.kind}, {limits}" if limits and key.kind.startswith("list") else limits or key.kind
    source = "" if key.source == "assumed" else key.source
    default = "required" if key.required else f"`{write(key.default)}`"
    return f"`{dotted(key.path)}`", default, key.unit, span, key.mark, source, key.meaning


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(markdown_table(head, rows)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
