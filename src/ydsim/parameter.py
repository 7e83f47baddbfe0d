"""How a parameter is declared: default, unit, bounds, mark and source in one place.

The marks: ``data`` is fixed by official series, ``prior`` comes from literature and is passed
through as an ensemble, ``calibrated`` is fitted here, ``assumed`` has no source. ``control`` marks
settings of the experiment (seed, scale, dates) that are not properties of the region.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ydsim.frozen import Unchanging

Mark = Literal["data", "prior", "calibrated", "assumed", "control"]


class Section(Unchanging, BaseModel):
    """A group of keys in a scenario: frozen, strict, and closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True
    )


class Closed(Section):
    """A group of keys of another file than a scenario, with hints of its own."""

    @classmethod
    def hint(cls, name: str) -> str:
        """Return what may be meant by a key that is not known here, as the end of a message."""
        return ""


def param(
    default: Any,
    meaning: str,
    *,
    unit: str = "1",
    mark: Mark = "assumed",
    source: str = "assumed",
    bounds: tuple[float | None, float | None] = (None, None),
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Any:
    """Declare one parameter of a `Section`.

    Parameters
    ----------
    default
        Value when a scenario says nothing.
    meaning
        First line of its documentation, with the symbol of the rule where it has one.
    unit
        Unit of the value; by default that of pure numbers and shares.
    mark
        Where the value comes from, see the module docstring; assumed where nothing is said.
    source
        Reference for ``data``, ``prior`` and ``calibrated`` marks; else the word "assumed".
    bounds
        The lowest and the highest value; every number has some.
    ge, gt, le, lt
        The same one by one, where one of them is excluded.
    """
    low, high = bounds
    return Field(
        default=default,
        description=meaning,
        ge=low if ge is None else ge,
        gt=gt,
        le=high if le is None else le,
        lt=lt,
        json_schema_extra={"unit": unit, "mark": mark, "source": source},
    )


def fraction(default: Any, meaning: str, *, mark: Mark = "assumed", source: str = "assumed") -> Any:
    """Declare a parameter without a unit that lies between 0 and 1; as `param`."""
    return param(default, meaning, mark=mark, source=source, bounds=(0.0, 1.0))


def control(default: Any, meaning: str) -> Any:
    """Declare a setting of the experiment that is no number; as `param`."""
    return param(default, meaning, unit="-", mark="control")
