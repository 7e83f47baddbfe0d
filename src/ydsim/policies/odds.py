"""What passes a border: a share, as in ``0.3``, or a factor on the odds of it, as in ``x1.5``.

    p' = x p / (x p + 1 - p)

p the share of exchange that passes without a policy, x the factor, p' what passes with it: the odds
p / (1 - p) times x. It never leaves 0-1, a border that nothing or all passes stays as it is, and
x1 changes nothing. A factor moves what is nearly shut and what is nearly open by like parts, where
the same share of what is *held back* would open the one many times over and not move the other.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

import numpy as np
from pydantic import BeforeValidator, Field

from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import shorten

LEAST, MOST = 0.1, 10.0
"""Bounds of a factor on the odds of what passes a border."""
MOST_EASED: Final = 4.0
"""Largest factor of what members, recognition or shared taxes do."""

_FACTOR = re.compile(r"x(\d+\.?\d*|\.\d+)")


def odds_times(share: Floats | float, factor: Floats | float) -> Floats:
    """Return the share whose odds are ``factor``, above 0, times those of ``share``, 0-1."""
    raised = np.multiply(share, factor)
    times: Floats = raised / (raised + np.subtract(1.0, share))
    return times


def factor_of(value: Any) -> float | None:
    """Return x of the text ``"x1.5"``; None of anything else."""
    found = _FACTOR.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(found[1]) if found else None


def passed(passes: float | str, share: Floats | float) -> Floats:
    """Return what passes under ``passes``, a share or the text of a factor, in place of ``share``.

    Parameters
    ----------
    passes
        As `Passes` takes it.
    share
        What passes without it, 0-1.
    """
    factor = factor_of(passes)
    if factor is None:
        return np.full(np.shape(share), float(passes))
    return odds_times(share, factor)


def _share_or_factor(value: Any) -> Any:
    """Return a share as a number and a factor as its text; refuse all else in one line."""
    if value is None:
        return None
    factor = factor_of(value)
    if factor is not None:
        if not LEAST <= factor <= MOST:
            said = _t("must be between x{least:g} and x{most:g}, found {value}")
            raise ValueError(said.format(least=LEAST, most=MOST, value=value))
        return value.strip()
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0.0 <= value <= 1.0:
        said = _t("expected a share from 0 to 1 or a factor on the odds as x1.5, found {value}")
        hint = _t("; did you mean {share:g} ({per_cent:g} %)?")
        line = said.format(value=shorten(str(value), 40))
        if number and 2.0 <= value <= 100.0:
            line += hint.format(share=value / 100.0, per_cent=value)
        raise ValueError(line)
    return float(value)


def _number(value: Any) -> Any:
    """Return the number of the text of a factor; anything else as it is."""
    factor = factor_of(value)
    return value if factor is None else factor


Passes = Annotated[
    Annotated[float, Field(ge=0.0, le=1.0)] | str | None, BeforeValidator(_share_or_factor)
]
"""A share of exchange that passes, or the text of a factor on its odds."""

Factor = Annotated[float, BeforeValidator(_number)]
"""A factor on the odds of what passes, as a number or as ``x1.5``."""
