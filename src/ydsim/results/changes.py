"""What differs between two scenarios: of each policy its direction, levels by channel, and dates.

All that speaks of changed policies (comparisons, reports, figures) takes it from `changes`. A
policy that acts by channels has a level in each of them: of `border_friction` the share of exchange
that the border suppresses, which is that of the parameters where the policy does not set it, so
that a level below it is a cut and not an addition; of others zero without the policy. With strength
s a level is

    (1 - s) base + s level
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ydsim.outside import one_line
from ydsim.policies.border import BorderFriction
from ydsim.policies.library import policy_class, policy_names, title_of
from ydsim.scenario.load import flat
from ydsim.translation import gettext as _t
from ydsim.wording import shorten

ARROW: Final = "\u2192"

_BORDER: Final = "border_friction"
_LEVELS: Final = {_BORDER: "level", "closure": "level", "membership": "relief"}
"""Key of the level of policies that act by channels."""
_LEVELS_OF: Final = {("closure", "goods"): "protection", ("membership", "rivalry"): "rivalry"}
"""Key of the level of single channels that have one of their own."""
_DATES: Final = ("start", "end")
_ASIDE: Final = ("ramp", "decay", "cost")
"""Numbers of a policy that do not say whether there is more or less of it."""
_NOT_RESULTS: Final = ("name", "description", "replicates", "record", "seed")
"""Keys that change no result, or that are compared on their own."""
_MOST: Final = 6
"""Settings that are said one by one."""


@dataclass(frozen=True)
class Change:
    """One difference between two scenarios.

    Attributes
    ----------
    name
        Of a policy or shock as scenarios have it, else the section.
    title
        In words.
    direction
        ``added``, ``removed``, ``raised``, ``cut``, ``raised and cut`` (in different channels),
        ``moved`` (in time), or ``changed``.
    year
        From which on it can make a difference; None for a difference that holds from the start.
    values
        Old and new value of each channel or setting that differs.
    dates
        Dates that make a difference, each with ``begins`` or ``ends``, ascending.
    when
        The same as part of a sentence.
    """

    name: str
    title: str
    direction: str
    year: int | None
    values: Mapping[str, tuple[Any, Any]]
    dates: tuple[tuple[float, str], ...] = ()
    when: str = ""

    @property
    def subject(self) -> str:
        """Title and direction, as in "Friction at province borders cut"; else the values."""
        if self.name == "scenario":
            return one_line("; ".join(self._shown()))
        return _t("{what} {direction}").format(what=self.title, direction=_t(self.direction))

    @property
    def text(self) -> str:
        """The difference in words, with all values and dates."""
        named = self.name if self.title == self.name else f"{self.name} ({self.title})"
        said = ", ".join(filter(None, [_t(self.direction), self.when]))
        return one_line("; ".join([f"{named}: {said}", *self._shown()]))

    def _shown(self) -> Iterator[str]:
        """Yield values, those of channels that change alike once."""
        alike: dict[tuple[str, str], list[str]] = {}
        for what, (old, new) in self.values.items():
            alike.setdefault((_value(old), _value(new)), []).append(what.replace("_", " "))
        said = [f"{', '.join(names)} {old} {ARROW} {new}" for (old, new), names in alike.items()]
        yield from said[:_MOST]
        if len(said) > _MOST:
            yield _t("and {n} more").format(n=len(said) - _MOST)


def changes(base: Mapping[str, Any], other: Mapping[str, Any]) -> list[Change]:
    """Return what ``other`` has otherwise than ``base``: policies, governance, shocks, the rest.

    Parameters
    ----------
    base, other
        Resolved scenarios as plain data.
    """
    sides = base, other
    old, new = (in_force(each.get("policies", {})) for each in sides)
    found = [
        _policy(name, old.get(name), new.get(name), sides)
        for name in [*new, *(name for name in old if name not in new)]
        if old.get(name) != new.get(name)
    ]
    a, b = (each.get("governance", {}) for each in sides)
    if a != b:
        starts = [each.get("start") for each in (a, b) if each.get("mode", "fixed") != "fixed"]
        years = [int(start) for start in starts if isinstance(start, (int, float))]
        year = min(years, default=None)
        found.append(Change("governance", "governance", "changed", year, _settings(a, b)))
    one, two = (_shocks(each) for each in sides)
    found += [
        _shock(name, one.get(name), two.get(name))
        for name in [*two, *(name for name in one if name not in two)]
        if one.get(name) != two.get(name)
    ]
    apart = {*_NOT_RESULTS, "policies", "governance", "shocks"}
    a, b = ({key: each[key] for key in each if key not in apart} for each in sides)
    if a != b:
        found.append(Change("scenario", "scenario", "changed", None, _settings(a, b)))
    return found


def first_year(found: Sequence[Change]) -> int | None:
    """Return the year from which on differences can matter; None when one holds from the start."""
    years = [change.year for change in found]
    return None if None in years else min(year for year in years if year is not None)


def in_force(policies: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the policies that do something, by name.

    One at strength zero does nothing, nor a border as it is or one without channels unless it
    costs.
    """

    def idle(policy: Mapping[str, Any]) -> bool:
        still = policy.get("level", 0) is None or not policy.get("channels", True)
        return policy.get("strength") == 0.0 or (still and not policy.get("cost"))

    return {
        str(name): policy
        for name, policy in policies.items()
        if isinstance(policy, Mapping) and not idle(policy)
    }


def _policy(
    name: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    scenarios: Sequence[Mapping[str, Any]],
) -> Change:
    """Return how a policy differs, of which one of two scenarios may have nothing."""
    there = [each for each in (old, new) if each is not None]
    kind = str(there[-1].get("policy") or name)
    title = title_of(policy_class(kind)) if kind in policy_names() else name
    before, after = (
        _levels(kind, policy, scenario)
        for policy, scenario in zip((old, new), scenarios, strict=True)
    )
    values: dict[str, tuple[Any, Any]] = {
        channel: (before[channel], after[channel])
        for channel in before
        if before[channel] != after[channel]
    }
    if old is not None and new is not None:
        keys = {"channels", "strength", *_LEVELS_OF.values(), _LEVELS[kind]} if values else set()
        rest = _settings(old, new)
        values |= {key: pair for key, pair in rest.items() if key not in {*keys, *_DATES}}
    whole = (old is None) != (new is None)
    differs = whole or bool(values)
    return Change(
        one_line(name, 100),
        one_line(title, 100),
        _direction(kind, old, new, values),
        _year(there, differs=differs),
        values,
        _dates(there, differs=differs),
        _when(old, new),
    )


def _levels(
    kind: str, policy: Mapping[str, Any] | None, scenario: Mapping[str, Any]
) -> dict[str, float]:
    """Return the level of each channel of a policy in force, empty for a policy without any."""
    if kind not in _LEVELS:
        return {}
    channels = policy_class(kind).channel_names
    found = {}
    for channel in channels:
        base = 0.0
        if kind == _BORDER:
            section, key = BorderFriction.bases[channel]
            base = _number(_of(_of(scenario.get("parameters"), section), key), 0.0)
        level = None
        if policy is not None and channel in policy.get("channels", channels):
            level = policy.get(_LEVELS_OF.get((kind, channel), _LEVELS[kind]))
        strength = 1.0 if policy is None else _number(policy.get("strength", 1.0), 1.0)
        found[channel] = (
            base if level is None else (1.0 - strength) * base + strength * _number(level, base)
        )
    return found


def _of(values: Any, key: str) -> Any:
    """Return a value of a section of a stranger's scenario; None where there is no such section."""
    return values.get(key) if isinstance(values, Mapping) else None


def _number(value: Any, otherwise: float) -> float:
    """Return a number of a stranger's scenario, or another where it is none."""
    return float(value) if isinstance(value, (int, float)) else otherwise


def _direction(
    kind: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    values: Mapping[str, tuple[Any, Any]],
) -> str:
    if (old is None or new is None) and (kind != _BORDER or not values):
        return "added" if old is None else "removed"
    if not values:
        return "moved"
    numbers = [
        pair
        for what, pair in values.items()
        if what not in _ASIDE and all(type(value) in (int, float) for value in pair)
    ]
    rising = {before < after for before, after in numbers}
    if not rising:
        return "changed"
    return "raised and cut" if len(rising) > 1 else "raised" if rising == {True} else "cut"


def _year(there: Sequence[Mapping[str, Any]], *, differs: bool) -> int | None:
    """Return the year from which on a policy or shock makes a difference."""
    starts = [each.get("start", each.get("year")) for each in there]
    if not differs and len({*starts}) == 1:
        return int(min(each["end"] for each in there if each.get("end") is not None))
    return None if None in starts else int(min(starts))


def _dates(there: Sequence[Mapping[str, Any]], *, differs: bool) -> tuple[tuple[float, str], ...]:
    """Return the dates that make a difference: all of them, unless only one of two is moved."""
    found = set()
    for key, verb in zip(_DATES, ("begins", "ends"), strict=True):
        dates = {each.get(key) for each in there}
        if differs or len(dates) > 1:
            found |= {(float(date), verb) for date in dates if date is not None}
    return tuple(sorted(found))


def _when(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    """Return from when to when a policy is in force, or what of it is moved."""
    mine = new if new is not None else old
    assert mine is not None
    if old is not None and new is not None and any(old.get(key) != new.get(key) for key in _DATES):
        moved = [
            _t("{key} {new} instead of {old}").format(
                key=key, new=_value(new.get(key)), old=_value(old.get(key))
            )
            for key in _DATES
            if old.get(key) != new.get(key)
        ]
        return ", ".join(moved)
    start, end = (mine.get(key) for key in _DATES)
    first = "" if start is None else _t("from {year:g}").format(year=start)
    last = "" if end is None else _t("to {year:g}").format(year=end)
    return f"{first} {last}".strip()


def _shocks(plain: Mapping[str, Any]) -> dict[str, Any]:
    listed = plain.get("shocks")
    every = listed if isinstance(listed, (list, tuple)) else ()
    return {str(shock.get("name")): shock for shock in every if isinstance(shock, Mapping)}


def _shock(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Change:
    there = [each for each in (old, new) if each is not None]
    what = one_line(f"shock {name} ({there[-1].get('kind')})", 100)
    year = _year(there, differs=True)
    if old is not None and new is not None:
        return Change(what, what, "changed", year, _settings(old, new))
    when = there[0].get("year")
    return Change(
        what,
        what,
        "added" if old is None else "removed",
        year,
        {},
        when="" if when is None else _t("from {year:g}").format(year=when),
    )


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return old and new value of all keys whose values differ."""
    left, right = dict(flat(dict(old))), dict(flat(dict(new)))
    return {
        ".".join(map(str, path)): (left.get(path), right.get(path))
        for path in left | right
        if left.get(path) != right.get(path)
    }


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return _t("none") if value is None else shorten(str(value), 40)
