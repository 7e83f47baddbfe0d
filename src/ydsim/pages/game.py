"""The page ``game.md``: what the game of opening and closing gave, in words and tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ydsim.analysis.game import Outcome, Setting, excludes_zero
from ydsim.measures.effects import Interval
from ydsim.wording import markdown_table


def as_markdown(game: Setting, found: Outcome, version: str) -> str:
    """Return the whole page."""
    return "\n".join(
        [
            *_head(game, version),
            *_payoffs(found),
            *_closing(found),
            *_equilibria(found),
            *_payments(found),
        ]
    )


def _head(game: Setting, version: str) -> Iterator[str]:
    yield f"# Opening and closing: {game.scenario}"
    yield ""
    yield version
    yield ""
    yield (
        f"Each cell is the scenario with a closed border of some provinces from {game.first} on. "
        "The payoff of a province is its mean yearly secondary value added of "
        f"{game.years[0]}-{game.years[-1]} in 100 million RMB at current prices. "
        + (
            f"{game.replicates} replicates, the same in all cells; brackets hold 95 % intervals of "
            "paired differences, each for itself and not for all at once."
            if game.replicates > 1
            else "One replicate: there are no intervals, and nothing can be distinguished."
        )
    )
    yield ""


def _payoffs(found: Outcome) -> Iterator[str]:
    yield "## Payoffs"
    yield ""
    yield "First row: mean. Other rows: difference to all open."
    yield ""
    means = [*found.mean[0].tolist(), float(found.mean[0].sum())]
    rows = [[found.name(0), *(f"{value:,.0f}" for value in means)]]
    for cell, row in enumerate(found.to_open[1:], start=1):
        rows.append([found.name(cell), *map(_difference, row)])
    head = ["closed", *found.provinces, "region"]
    yield from markdown_table(head, rows, right=range(1, len(head)))
    yield ""


def _closing(found: Outcome) -> Iterator[str]:
    yield "## What a province gains by closing"
    yield ""
    rows = []
    for name, gains in zip(found.provinces, found.closing, strict=True):
        for cell, one in gains:
            order = "closed > open" if one.estimate > 0.0 else "open > closed"
            order = order if excludes_zero(one) else "not distinguished"
            rows.append([name, found.name(cell), _difference(one), order])
    head = ["province", "others closed", "gain of closing", "order"]
    yield from markdown_table(head, rows, right=[2])
    yield ""


def _equilibria(found: Outcome) -> Iterator[str]:
    yield "## Equilibria, dominance, price of anarchy"
    yield ""
    cells = "; ".join(found.name(cell) for cell in found.equilibria)
    yield f"- Pure equilibria of the mean payoffs (closed provinces): {cells or 'there is none'}."
    cells = "; ".join(found.name(cell) for cell in found.certain)
    yield (
        "- Equilibria in which every province loses by acting otherwise, each by an interval: "
        f"{cells or 'none can be distinguished'}."
    )
    for name, action, sure in zip(
        found.provinces, found.dominance, found.dominance_told, strict=True
    ):
        if action is None:
            yield f"- {name}: no action is better whatever the others do."
        else:
            how = (
                "all intervals exclude zero"
                if sure
                else "by the means; not distinguished everywhere"
            )
            yield f"- {name}: {action} is better whatever the others do ({how})."
    yield f"- Largest regional output with closed: {found.name(found.best)}."
    if found.price is None or found.worst is None:
        yield "- Price of anarchy: none, as there is no pure equilibrium."
    else:
        price = found.price
        bounds = f" [{price.low:.4f}, {price.high:.4f}]" if np.isfinite(price.low) else ""
        yield (
            "- Price of anarchy, best regional output over that of the worst equilibrium "
            f"({found.name(found.worst)}): {price.estimate:.4f}{bounds}."
        )
    yield ""


def _payments(found: Outcome) -> Iterator[str]:
    yield "## Payments that keep all open"
    yield ""
    due = found.payments
    if not due.needed.any():
        yield "None needed: by the mean payoffs nobody gains by closing where all others are open."
        yield ""
        return
    worst = "all, as there is no equilibrium" if found.worst is None else found.name(found.worst)
    yield (
        "Least payment a year on condition of staying open, the gain of closing alone; and who "
        "pays for it, in advance and whatever it does then, in proportion to what openness is "
        f"worth more than the worst equilibrium (closed: {worst}). Value added is counted as money."
    )
    yield ""
    head = ["province", "least payment", "gain of closing alone", "pays", "openness worth more"]
    rows = []
    for p, name in enumerate(found.provinces):
        alone = next(one for cell, one in found.closing[p] if cell == 0)
        levy = f"{due.levy[p]:,.1f}" if np.isfinite(due.levy[p]) else "-"
        needed, surplus = f"{due.needed[p]:,.1f}", f"{due.surplus[p]:+,.1f}"
        rows.append([name, needed, _difference(alone), levy, surplus])
    yield from markdown_table(head, rows, right=range(1, 5))
    yield ""
    yield (
        f"Together {due.needed.sum():,.1f} are due and openness is worth "
        f"{due.surplus.sum():+,.1f} more: this "
        + ("suffices, nobody has less than in that equilibrium."
           if due.suffices
           else "does not suffice for everybody to have as much as in that equilibrium.")
    )  # fmt: skip
    yield ""


def _difference(one: Interval) -> str:
    bounds = f" [{one.low:+,.1f}, {one.high:+,.1f}]" if np.isfinite(one.low) else ""
    return f"{one.estimate:+,.1f}{bounds}"
