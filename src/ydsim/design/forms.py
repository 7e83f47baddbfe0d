"""What a factor can be written as: a list, values with a label, a range, choices with names."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from ydsim.fmt import number
from ydsim.parameter import Closed
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import suggestion

# -- numbers between two ends ----------------------------------------------------------------------

# With n points from a to b the i-th, i = 0 .. n - 1, is
#
#     linear    a + i (b - a) / (n - 1)
#     log       a (b / a)^(i / (n - 1))
#
# by index and never by accumulation; both ends are as they were written, the numbers between are
# rounded to 10 significant digits, which is what tables of results keep. A unit number u of a space
# filling design becomes a + u (b - a), or a (b / a)^u. Whole numbers come from a - 1/2 to b + 1/2
# and are rounded, so that each has the same share, the two ends included.

TOLERANCE = 1e-9
"""Part of a step by which the last one may miss the end."""


def significant(value: float) -> float:
    """Return a number with 10 significant digits."""
    return float(f"{value:.10g}") + 0.0


def spaced(low: float, high: float, n: int, *, log: bool = False) -> list[float]:
    """Return n numbers from ``low`` to ``high``, both included; at least two."""
    steps = n - 1
    if log:
        inner = [low * (high / low) ** (i / steps) for i in range(1, steps)]
    else:
        inner = [low + i * (high - low) / steps for i in range(1, steps)]
    return [low, *(significant(value) for value in inner), high]


def stepped(low: float, high: float, step: float) -> list[float]:
    """Return ``low``, ``low + step``, ... up to ``high``, included where a step hits it."""
    steps = math.floor((high - low) / step + TOLERANCE)
    values = [low, *(significant(low + i * step) for i in range(1, steps + 1))]
    if abs(low + steps * step - high) <= TOLERANCE * step:
        values[-1] = high
    return values


def scaled(u: float, low: float, high: float, *, log: bool = False, whole: bool = False) -> float:
    """Return the number at a share u in [0, 1] of a range."""
    a, b = (low - 0.5, high + 0.5) if whole else (low, high)
    value = a * (b / a) ** u if log else a + u * (b - a)
    if whole:
        return min(max(math.floor(value + 0.5), int(low)), int(high))
    return min(max(significant(value), low), high)


def share_of_range(factor: Mapping[str, Any], values: NDArray[np.generic]) -> Floats:
    """Return values of a factor as shares in [0, 1] of its range, or of the places in its list.

    The inverse of `scaled`, but for rounding. The factor is plain data, as of
    `ydsim.design.sweep.Factor.plain`, its values are as the table of points has them.
    """
    if "levels" in factor:
        return place_in_list(factor, values) / max(len(factor["levels"]) - 1, 1)
    number = values.astype(np.float64)
    low, high = float(factor["from"]), float(factor["to"])
    if factor["log"]:
        return np.log(number / low) / np.log(high / low)
    return (number - low) / (high - low)


def place_in_list(factor: Mapping[str, Any], values: NDArray[np.generic]) -> Floats:
    """Return the place of each value in the list of a factor, from 0."""
    texts = [str(level["value"]) for level in factor["levels"]]
    plain = {text: place for place, text in reversed(list(enumerate(texts)))}
    if values.dtype.kind in "if":
        numbers = {float(text): place for text, place in plain.items()}
        return np.array([numbers[float(v)] for v in values.tolist()], dtype=np.float64)
    return np.array([plain[str(v)] for v in values.tolist()], dtype=np.float64)


def has_order(factor: Mapping[str, Any]) -> bool:
    """Tell whether more and less of a factor mean something: numbers, or two values."""
    if "levels" not in factor:
        return True
    values = [level["value"] for level in factor["levels"]]
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    return numbers or len(values) <= 2


# -- forms of a factor -----------------------------------------------------------------------------

MOST = 100_000
"""Values of one factor."""

_LABEL = re.compile(r"[^\W\d][\w .+-]{0,79}")


def refuse(message: str) -> PydanticCustomError:
    """Return an error of a single value, its message as the user reads it."""
    return PydanticCustomError("refused", "{message}", {"message": message})


def known(message: str, names: Sequence[str]) -> Callable[[str], str]:
    """Return a check that a text is one of some names; what is ``said`` offers the nearest."""

    def check(value: str) -> str:
        if value not in names:
            hint = suggestion(value, list(names), _t("valid are"))
            raise refuse(_t(message).format(name=value, hint=hint))
        return value

    return check


def check_label(text: str) -> str:
    """Return a text that can name a column or a choice; refuse all others."""
    if not _LABEL.fullmatch(text):
        message = _t(
            "{text!r} cannot name a factor, group or choice; use at most 80 letters, digits, "
            "spaces, '_', '-', '+' and '.', a letter first"
        )
        raise refuse(message.format(text=text))
    return text


Label: TypeAlias = Annotated[str, AfterValidator(check_label)]
"""Name of a column, or of a choice."""

Settings: TypeAlias = Annotated[
    dict[str, Any],
    Field(description="keys of a scenario, dotted or nested; policies.NAME may be off or on"),
]


class Values(Closed):
    """Values with a label of their own."""

    values: list[Any] = Field(min_length=1)
    label: Label | None = None


class Choice(Closed):
    """A bundle of settings."""

    set: Settings | None = None


class Choices(Closed):
    """Bundles of settings by name."""

    choices: dict[Label, Choice] = Field(min_length=1)


class Span(Closed):
    """All numbers between two ends."""

    low: float = Field(alias="from")
    high: float = Field(alias="to")
    log: bool = Field(False, description="equal ratios are equally likely, or equally far apart")
    label: Label | None = None

    @classmethod
    def hint(cls, name: str) -> str:
        """Return why a range has no steps here."""
        steps = _t("; this kind of design takes numbers from all of the range")
        return steps if name in ("steps", "step") else ""

    @model_validator(mode="after")
    def _ends(self) -> Span:
        if self.low >= self.high:
            message = _t("from {low:.12g} is not below to {high:.12g}")
            if self.low > self.high:
                message += _t("; write from {high:.12g} to {low:.12g}")
            raise ValueError(message.format(low=self.low, high=self.high))
        if self.log and self.low <= 0.0:
            text = _t("from must be above 0 with `log`, found {low:.12g}")
            raise ValueError(text.format(low=self.low))
        return self


class Steps(Span):
    """Numbers from one end to the other, in steps."""

    steps: int | None = Field(None, ge=2, le=MOST, description="how many numbers")
    step: float | None = Field(None, gt=0, description="how far apart")

    @model_validator(mode="after")
    def _one_way(self) -> Steps:
        if (self.steps is None) == (self.step is None):
            raise ValueError(_t("needs one of `steps` (how many) and `step` (how wide)"))
        if self.step is not None and self.log:
            raise ValueError(_t("step has no use with `log`; write `steps`"))
        if self.step is not None and (self.high - self.low) / self.step > MOST:
            message = _t("step {step:.12g} makes {n} values, more than {most:,}")
            n = number((self.high - self.low) / self.step)
            raise ValueError(message.format(step=self.step, n=n, most=MOST))
        return self

    def numbers(self) -> list[float]:
        """Return the numbers, both ends as they are written."""
        if self.steps is not None:
            return spaced(self.low, self.high, self.steps, log=self.log)
        return stepped(self.low, self.high, self.step or 1.0)


def _one_form(value: Any) -> Any:
    """Refuse a mapping that is no form of a factor, or several."""
    if isinstance(value, Mapping) and _form(value, each=True) != 1:
        message = _t(
            "needs one of `from` with `to`, `values`, and `choices`; write several settings as a "
            "list, {example}"
        )
        raise ValueError(message.format(example="[{...}, {...}]"))
    return value


def _form(value: Any, *, each: bool = False) -> Any:
    """Return which form a factor has, or with ``each`` how many of them."""
    if not isinstance(value, Mapping):
        return "<list>"
    forms = [name for name in ("values", "choices") if name in value]
    forms += ["range"] if {"from", "to"} & set(value) else []
    return len(forms) if each else f"<{(forms or ['range'])[0]}>"


_List: TypeAlias = Annotated[list[Any], Field(min_length=1), Tag("<list>")]
_Values: TypeAlias = Annotated[Values, Tag("<values>")]
_Choices: TypeAlias = Annotated[Choices, Tag("<choices>")]

Listed: TypeAlias = Annotated[
    _List | _Values | _Choices | Annotated[Steps, Tag("<range>")],
    Discriminator(_form),
    BeforeValidator(_one_form),
]
"""A factor that has values one by one."""

Free: TypeAlias = Annotated[
    _List | _Values | _Choices | Annotated[Span, Tag("<range>")],
    Discriminator(_form),
    BeforeValidator(_one_form),
]
"""A factor that can be any number of a range."""

Form: TypeAlias = list[Any] | Values | Choices | Span
