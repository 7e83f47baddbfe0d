"""Keys of version 0.7 that another one takes the place of, and what to write there.

Until 0.7 a border had a *level*, the share of exchange that it suppresses; now a key says what
passes. They are refused with one line, until the next version.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ydsim.translation import gettext as _t

_COST: Final = 0.3
"""Part of the value of goods that a border of level one took, `compete.border_cost`."""


def _is_level(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 0.0 <= value <= 1.0


def _passing(level: Any, part: float = 1.0) -> str:
    """Return what passes at a level; a formula where the level is no number."""
    if _is_level(level):
        return str(round(1.0 - part * level, 6))
    return "1 - level" if part == 1.0 else f"1 - {part} level"


def _share(channel: str, part: float = 1.0) -> Callable[[Any], str]:
    """Return what says the key that a parameter has now."""

    def said(value: Any) -> str:
        new = f"parameters.border.{channel}: {_passing(value, part)}"
        return _t("a border is set by what passes; write {new}").format(new=new)

    return said


def _cost(value: Any) -> str:
    new = f"parameters.border.goods: {_passing(value, 0.5)}"
    said = _t("a border is set by what passes; write {new} (at the level 0.5 of compete.border)")
    return said.format(new=new)


def _friction(level: Any) -> str:
    said = _t(
        "a border is set by what passes; write passes: {share}, and of goods passes: {goods}, each "
        "with its channels"
    )
    return said.format(share=_passing(level), goods=_passing(level, _COST))


def _eased(new: str) -> Callable[[Any], str]:
    """Return what says the factor that is now in the place of a part of a level."""

    def said(_: Any) -> str:
        return _t(
            "no one factor is the same in all channels; write {new}, a factor on the odds of what "
            "passes, as {new}: x1.5"
        ).format(new=new)

    return said


RENAMED: Final[dict[str, Callable[[Any], str]]] = {
    "parameters.compete.border": _share("goods", _COST),
    "parameters.compete.border_cost": _cost,
    "parameters.adopt.border": _share("exposure"),
    "parameters.match.border": _share("joint_work"),
    "parameters.match.border_contract": _share("hand_over"),
    "parameters.talent.border": _share("talent"),
    "policies.border_friction.level": _friction,
    "policies.membership.relief": _eased("passes"),
    "policies.mutual_recognition.contracts": _eased("hand_over"),
    "policies.cost_sharing.response": _eased("hand_over"),
}
"""By where a key was, policies by their kind: what to write, from the value that was written."""


def renamed(key: str, value: Any) -> str:
    """Return what to write in place of a dotted key, and nothing where it was never one."""
    said = RENAMED.get(key)
    return _t("is gone: {said}").format(said=said(value)) if said else ""
