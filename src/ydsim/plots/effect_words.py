"""The finding of a comparison in one sentence, and the words and numbers of its figure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ydsim.fmt import listed, number
from ydsim.plots.messages import say
from ydsim.plots.style import shown
from ydsim.plots.wording import indicator_in_words, unit_in_words
from ydsim.results.compare import Compared, Row
from ydsim.wording import capital


def finding(found: Compared) -> str:
    """Return in one sentence what a comparison found."""
    base = quoted(found.base.name)
    row = leading(found)
    if row is None:
        key = "effects.same" if found.nothing_differs else "effects.by_chance"
        names = _listed([quoted(side.name) for side in found.others], most=3)
        return say(key, policy=names, base=base, n=pairs_in_words(found), tests=found.tests)
    facts = {
        "policy": quoted(row.alternative),
        "base": base,
        "outcome": indicator_in_words(row.outcome.name),
        "place": place_in_words(row.place, row.level),
        "size": size_in_words(row, sign=False),
    }
    direction = "raises" if row.rises else "lowers"
    if found.most_replicates == 1:
        return say(f"effects.one_{direction}", **facts)
    text = say(f"effects.{direction}", **facts)
    text += _elsewhere(found, row)
    if len(found.pairs) > 1:
        text += " " + say("effects.several", n=len(found.pairs))
    return text


def pairs_in_words(found: Compared) -> str:
    """Return how many pairs of replicates there are, of settings that differ the range."""
    least, most = found.replicates, found.most_replicates
    return str(most) if least == most else say("effects.from_to", least=least, most=most)


def leading(found: Compared) -> Row | None:
    """Return the effect that the finding is about; None where no effect is beyond zero.

    Of those of the whole region, where there are any, else of all, the one that changes most. Of
    one replicate it is the first outcome.
    """
    rows = found.rows
    if found.most_replicates == 1:
        moved = [row for row in rows if row.effect.difference.estimate != 0.0]
        return moved[0] if moved else None
    sure = [row for row in rows if row.significant and not math.isnan(row.change.estimate)]
    whole = [row for row in sure if row.level == "region"]
    return max(whole or sure, key=lambda row: abs(row.change.estimate), default=None)


def _elsewhere(found: Compared, row: Row) -> str:
    """Return in which provinces the effect of the region is clear, and where it is turned round."""
    mine = found.of(row.alternative, row.outcome.name)
    if row.level != "region":
        clear = sum(other.significant and other.rises == row.rises for other in mine)
        return say("effects.clear_in", n=clear, all=len(mine)) if clear > 1 else ""
    rows = [
        other for other in mine
        if other.level != "region" and other.significant
    ]  # fmt: skip
    same = [other.place for other in rows if other.rises == row.rises]
    turned = [other.place for other in rows if other.rises != row.rises]
    text = ""
    if same:
        every = len(same) == len(mine) - 1 and len(same) > 1
        key = "effects.everywhere" if every else "effects.clear"
        text = say(key, places=_listed(same))
    if turned:
        key = "effects.but_lowers" if row.rises else "effects.but_raises"
        text += say(key, places=_listed(turned))
    return text


def _listed(names: Sequence[str], most: int = 99) -> str:
    """Return names as a list in words, the first ``most`` of them."""
    if len(names) > most:
        names = [*names[: most - 1], say("effects.more", n=len(names) - most + 1)]
    return listed(names)


def quoted(name: str) -> str:
    """Return the name of a setting as words in quotes."""
    return say("effects.quoted", name=in_words(name))


def in_words(name: str) -> str:
    """Return the name of a setting as words."""
    text = name.replace("_", " ")
    return shown(capital(text), 48)


def place_in_words(place: str, level: str) -> str:
    """Return a place as a sentence names it."""
    if level == "region":
        return say("effects.region")
    return say(f"effects.kind.{place}") if level == "kind" else place


def size_in_words(row: Row, *, sign: bool = True) -> str:
    """Return a change as the figure says it."""
    gap = change_of(row)[0]
    text = number(gap if sign else abs(gap), 2, sign=sign)
    if math.isnan(row.change.estimate):
        return say("effects.in_unit", value=text, unit=unit_in_words(row.outcome.unit))
    return say("effects.points" if row.outcome.said == "points" else "effects.per_cent", value=text)


def change_of(row: Row) -> tuple[float, float, float]:
    """Return a change and its interval as it is said; in its unit where it has no per cent."""
    change = row.change if not math.isnan(row.change.estimate) else row.effect.difference
    return change.estimate, change.low, change.high
