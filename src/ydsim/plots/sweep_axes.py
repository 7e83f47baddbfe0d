"""Which factor of a sweep goes on which axis, and which figure suits a sweep."""

from __future__ import annotations

from collections.abc import Sequence

from ydsim.errors import NothingToDrawError
from ydsim.fmt import listed
from ydsim.plots.factors import Design, Factor, design_of
from ydsim.plots.messages import say
from ydsim.results.results import Results
from ydsim.typing import Ints

DENSE = 0.25
"""Share of the combinations of levels that there must be for points to lie on a grid."""


def suits_map(results: Results) -> bool:
    """Tell whether two factors with three numbers each make a grid."""
    design = design_of(results)
    wide = [name for name, f in design.factors.items() if f.numeric and len(f.levels) > 2]
    return len(wide) >= 2 and float((design.cells(wide[:2]) >= 0).mean()) > 0.5


def suits_lines(results: Results) -> bool:
    """Tell whether a factor has numbers, no two of them make a map, and others vary with it."""
    if _one_by_one(results):
        return False
    design = design_of(results)
    numeric = [name for name, f in design.factors.items() if f.numeric and len(f.levels) > 1]
    on_line = [name for name in numeric if len(design.slice([name])) > 1]
    return bool(on_line) and not suits_map(results)


def suits_dots(results: Results) -> bool:
    """Tell whether there are factors, none has numbers, and they vary together."""
    if _one_by_one(results):
        return False
    factors = design_of(results).factors
    return bool(factors) and not any(factor.numeric for factor in factors.values())


def suits_none(results: Results) -> bool:
    """Tell that a figure is drawn only where it is named."""
    return False


def _one_by_one(results: Results) -> bool:
    """Tell whether several factors were each moved alone: one axis would show one of them only."""
    alone = results.manifest["spec"]["kind"] == "one_at_a_time"
    return alone and len(design_of(results).factors) > 1


def pick(design: Design, given: str | None, used: Sequence[str], *, numeric: bool = False) -> str:
    """Return the factor of an axis: the one that is asked for, else the one with most levels.

    Raises
    ------
    NothingToDrawError
        When none is left, or the one that is asked for is on another axis already.
    """
    if given is not None:
        if given in used:
            raise NothingToDrawError(say("sweeps.same_factor", factor=given))
        if given not in design.factors:
            raise NothingToDrawError(say("sweeps.constant", factor=given))
        if numeric and not design.factors[given].numeric:
            raise NothingToDrawError(say("sweeps.no_numbers_of", factor=given))
        return given
    left = [f for name, f in design.factors.items() if name not in used]
    if numeric:
        left = [factor for factor in left if factor.numeric]
        if not left:
            raise NothingToDrawError(say("sweeps.no_numbers"))
    if not left:
        only = next(iter(design.factors))
        raise NothingToDrawError(say("sweeps.two_factors", factor=only))
    return max(left, key=lambda factor: len(factor.levels)).name


def spare(design: Design, given: str | None, used: Sequence[str], most: int) -> str | None:
    """Return a further factor of no more than ``most`` levels, None where there is none."""
    if given is not None:
        return pick(design, given, used)
    left = [f for name, f in design.factors.items() if name not in used]
    few = [factor.name for factor in left if len(factor.levels) <= most]
    return few[0] if few else None


def require_grid(design: Design, free: Sequence[str], least: int = 2) -> Ints:
    """Return the points by the levels of ``free``, see `Design.cells`.

    Raises
    ------
    NothingToDrawError
        When fewer than ``least`` points share the levels of all other factors, or they fill less
        than `DENSE` of the grid.
    """
    cells = design.cells(free)
    there = int((cells >= 0).sum())
    if there < least or there < DENSE * cells.size:
        words = listed(design.factors[name].words for name in free)
        raise NothingToDrawError(say("sweeps.no_grid", factors=words, n=there, all=cells.size))
    return cells


def refuse_many(factor: Factor, most: int) -> None:
    """Refuse a factor of more levels than a figure can show.

    Raises
    ------
    NothingToDrawError
        Always, saying how many there are.
    """
    facts = {"factor": factor.name, "n": len(factor.levels), "most": most}
    raise NothingToDrawError(say("sweeps.too_many", **facts))
