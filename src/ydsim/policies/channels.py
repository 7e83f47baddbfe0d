"""Channels: what can cross a border between provinces, one by one.

Policies name channels as `CHANNELS`. Each is written as a border level of its own, (P, P); what
policies lift or close between cities is by `CROSSINGS`, the channels that pass between cities:

    goods       border_market     goods; they go by province, and nothing lifts their border
    exposure    border_exposure   adopters that are seen
    joint_work  border_match      joint projects
    hand_over   border_contract   projects and results that change hands
    talent      border_talent     moves of researchers
    knowledge   border_knowledge  knowledge that spills over in space
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, get_args

import numpy as np
from pydantic import AfterValidator, Strict

from ydsim.parameter import param
from ydsim.typing import Floats

Channel = Literal["goods", "exposure", "joint_work", "hand_over", "talent", "knowledge"]
Border = Literal["exposure", "match", "contract", "talent", "knowledge"]
"""What passes between cities, by the name of its border level in the policy environment."""

CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
CROSSINGS: Final[tuple[Border, ...]] = get_args(Border)
"""Order of the first axis of what is lifted and closed by channel."""

FIELDS: Final[dict[str, str]] = dict(
    zip(CHANNELS, (f"border_{name}" for name in ("market", *CROSSINGS)), strict=True)
)
"""Field of the policy environment that holds the border level of each channel."""


def once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of which none is there twice.

    Raises
    ------
    ValueError
        When one is.
    """
    for at, name in enumerate(names):
        if name in names[:at]:
            raise ValueError(f"{name!r} is named twice")
    return names


Channels = Annotated[tuple[Channel, ...], Strict(False), AfterValidator(once)]


def channels_param(names: tuple[str, ...], meaning: str) -> Any:
    """Return the parameter of the channels that a policy acts on, all of them by default."""
    return param(names, meaning, unit="-", mark="control")


def crossing_mask(names: Iterable[str]) -> Floats:
    """Return 1 for each of the named channels among `CROSSINGS`, 0 for others, shape (5,)."""
    fields = {FIELDS[name] for name in names if name in FIELDS}
    return np.array([f"border_{name}" in fields for name in CROSSINGS], dtype=np.float64)
