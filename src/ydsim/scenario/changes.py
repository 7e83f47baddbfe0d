"""What differs between two scenarios: of each policy its direction, levels by channel, and dates.

All that speaks of changed policies (comparisons, reports, figures) takes it from `changes`. A
policy that acts by channels has a level in each of them: of `border_friction` and `membership` what
passes a border with it, else that of the parameters, so that a change of it is no addition; of
others zero without the policy. With strength s it is (1 - s) base + s level.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ydsim import fmt
from ydsim.policies.environment import CHANNELS, factor_of, odds_times
from ydsim.policies.library import policy_class, policy_names, title_of
from ydsim.policies.library import shipped as shipped_policies
from ydsim.scenario.read.extend import shipped
from ydsim.scenario.read.node import flat
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.untrusted_input import one_line
from ydsim.wording import WHOLE, capital, key_in_words, part_in_words, shorten

_BORDER: Final = "border_friction"
_LEVELS: Final = {_BORDER: "passes", "closure": "level", "membership": "passes"}
"""Key of the level of policies that act by channels."""
_LEVELS_OF: Final = {("closure", "goods"): "protection", ("membership", "rivalry"): "rivalry"}
"""Key of the level of single channels that have one of their own."""
_DATES: Final = {"start": mark("begins"), "end": mark("ends")}
_ASIDE: Final = ("ramp", "decay", "cost")
"""Numbers of a policy that do not say whether there is more or less of it."""
_NOT_RESULTS: Final = ("name", "description", "replicates", "record", "seed")
"""Keys that change no result, or that are compared on their own."""
_MOST: Final = 6
"""Settings that are said one by one."""
_MOST_OF_POLICY: Final = 3
"""Settings of an added or removed policy that are said one by one."""


@dataclass(frozen=True)
class Change:
    """One difference between two scenarios."""

    name: str  # of a policy or shock as scenarios have it, else the section
    title: str  # in words
    # ``added``, ``removed``, ``raised``, ``cut``, ``raised and cut`` (in different channels),
    # ``changed``, or of dates alone ``begun earlier``, ``begun later``, ``ended earlier``,
    # ``prolonged``, or two of them joined by "and".
    direction: str
    # From which on it can make a difference; None for a difference that holds from the start.
    year: int | None
    # Old and new value of each channel or setting that differs.
    values: Mapping[str, tuple[Any, Any]]
    # Dates that make a difference, each with ``begins`` or ``ends``, ascending.
    dates: tuple[tuple[float, str], ...] = ()
    # Of an added or removed policy those that are not the default of its kind.
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """Title and direction, as in "Exchange across province borders raised"; else the values."""
        if self.name == "scenario":
            return one_line(_t("; ").join(self._shown()))
        message = _t("{what} {direction}").format(what=self._named, direction=self._direction)
        return f"{message} ({_t(', ').join(self._set())})" if self.settings else message

    @property
    def text(self) -> str:
        """The difference in words, with all values and dates."""
        named = self.name if self.title == self.name else f"{_t(self.title)} ({self.name})"
        words = {"begins": _t("from {date}"), "ends": _t("to {date}")}
        when = () if self.values.keys() & _DATES.keys() else self.dates
        dates = (words[verb].format(date=_date(date)) for date, verb in when)
        message = _t(", ").join([self._direction, *dates])
        first = _t("{what}: {said}").format(what=named, said=message)
        return one_line(_t("; ").join([first, *self._set(), *self._shown()]))

    @property
    def _direction(self) -> str:
        return _t(" and ").join(map(_t, self.direction.split(" and ")))

    @property
    def _named(self) -> str:
        """Title, with the scenario's own name where that is not the name of the kind."""
        alone = self.name == self.title or self.name in policy_names()
        return _t(self.title) if alone else f"{_t(self.title)} ({key_in_words(self.name)})"

    def _set(self) -> list[str]:
        """Return the settings of an added or removed policy."""
        message = [f"{key_in_words(key)} {_value(one)}" for key, one in self.settings.items()]
        return _first(message, _MOST_OF_POLICY)

    def _shown(self) -> list[str]:
        """Return values, those of channels that change alike once."""
        message = _alike({what: pair for what, pair in self.values.items() if what not in _DATES})
        message += [_instead(key, *self.values[key]) for key in _DATES if key in self.values]
        return _first(message, _MOST)


def _first(message: list[str], most: int) -> list[str]:
    more = len(message) - most
    return message if more <= 0 else [*message[:most], _t("and {n} more").format(n=more)]


def _alike(values: Mapping[str, tuple[Any, Any]]) -> list[str]:
    """Return old and new values in words, those of keys that change alike once."""
    alike: dict[str, list[str]] = {}
    for what, (old, new) in values.items():
        change = f"{_value(old)} \u2192 {_value(new)}"
        alike.setdefault(change, []).append(key_in_words(what))
    return [f"{_t(', ').join(names)} {change}" for change, names in alike.items()]


def what_passes(name: str, scenario: Mapping[str, Any]) -> str:
    """Return what passes borders without and with a policy, as in "joint work 0.15 → 0.21".

    It is by channel, and empty for a policy without the key ``passes``; the scenario is plain data.
    """
    policy = scenario["policies"][name]
    kind = str(policy.get("policy") or name)
    if _LEVELS.get(kind) != "passes":
        return ""
    before, after = (_levels(kind, one, scenario) for one in (None, policy))
    return _t(", ").join(_alike(_settings(before, after)))


def changes(base: Mapping[str, Any], other: Mapping[str, Any]) -> list[Change]:
    """Return what ``other`` has otherwise than ``base``, both resolved and plain data."""
    scenarios = base, other
    old, new = (in_force(each.get("policies", {})) for each in scenarios)
    found = [_policy(*policy, scenarios) for policy in _apart(old, new)]
    a, b = (each.get("governance", {}) for each in scenarios)
    if a != b:
        starts = [each.get("start") for each in (a, b) if each.get("mode", "fixed") != "fixed"]
        years = [int(start) for start in starts if _is_number(start)]
        year = min(years, default=None)
        found.append(
            Change("governance", mark("governance"), mark("changed"), year, _settings(a, b))
        )
    found += [_shock(*shock) for shock in _apart(*map(_shocks, scenarios))]
    apart = {*_NOT_RESULTS, "policies", "governance", "shocks"}
    rest = [{key: each[key] for key in each if key not in apart} for each in scenarios]
    if values := _settings(*rest):
        found.append(Change("scenario", "scenario", "changed", None, values))
    return found


def first_year(found: Sequence[Change]) -> int | None:
    """Return the year from which on differences can matter; None when one holds from the start."""
    years = [change.year for change in found]
    return None if None in years else min(year for year in years if year is not None)


def in_force(policies: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the policies that do something, by name.

    One at strength zero does nothing, nor a border as it is or one without channels unless it
    costs. A stranger's scenario may hold anything: what is no policy, and dates that are no
    numbers, are left out.
    """
    there = {str(name): one for name, one in policies.items() if isinstance(one, Mapping)}
    return {
        name: {key: one[key] for key in one if key not in _DATES or _is_number(one[key])}
        for name, one in there.items()
        if one.get("strength") != 0.0
        # results of before 0.8 have `level` for `passes`
        if one.get("cost")
        or (one.get("passes", one.get("level", 0)) is not None and one.get("channels", True))
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield what is not the same in both by name, those of ``new`` first; None of a missing one."""
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return old and new value of all keys whose values differ."""
    a, b = (
        {".".join(map(str, path)): value for path, value in flat(dict(each))} for each in (old, new)
    )
    return {key: (a.get(key), b.get(key)) for key in a | b if a.get(key) != b.get(key)}


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
    before, after = (_levels(kind, *side) for side in zip((old, new), scenarios, strict=True))
    values = _settings(before, after)
    if old is not None and new is not None:
        message = {"channels", "strength", *_LEVELS_OF.values(), _LEVELS[kind]} if values else set()
        values |= {key: pair for key, pair in _settings(old, new).items() if key not in message}
    direction, settings = _direction(values), {}
    if len(there) == 1 and (kind != _BORDER or not values):
        direction = mark("added") if old is None else mark("removed")
        settings = {} if values else _set_of(kind, there[0])
    keys = values.keys() if values and values.keys() <= _DATES.keys() else _DATES.keys()
    found = {(each.get(key), _DATES[key]) for key in keys for each in there}
    dates = sorted((float(date), verb) for date, verb in found if date is not None)
    year = int(dates[0][0]) if dates and (None, "begins") not in found else None
    return Change(
        one_line(name, 100), one_line(title, 100), direction, year, values, tuple(dates), settings
    )


def _set_of(kind: str, policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a policy that are not the default of its kind, without its dates."""
    if kind not in policy_names():
        return {}
    usual = policy_class(kind).model_construct().model_dump(mode="json")
    pairs = _settings(usual, policy).items()
    own = {
        key: new for key, (_, new) in pairs if key not in ("policy", *_DATES) and new is not None
    }
    return dict(sorted(own.items(), key=lambda item: item[0] in _ASIDE))


def _levels(
    kind: str, policy: Mapping[str, Any] | None, scenario: Mapping[str, Any]
) -> dict[str, float]:
    """Return the level of each channel of a policy in force, empty for a policy without any."""
    channels = policy_class(kind).channel_names if kind in _LEVELS else ()
    found = dict.fromkeys(channels, 0.0)
    if _LEVELS.get(kind) == "passes":
        sections = scenario.get("parameters")
        shares = sections.get("border") if isinstance(sections, Mapping) else None
        found |= {name: _number(shares, name, 0.0) for name in channels if name in CHANNELS}
    s = _number(policy, "strength", 1.0)
    for channel, base in found.items():
        if policy is not None and channel in policy.get("channels", channels):
            level = _level(kind, channel, policy, base)
            found[channel] = (1.0 - s) * base + s * level if level != base else base
    return found


def _level(kind: str, channel: str, policy: Mapping[str, Any], base: float) -> float:
    """Return the level of one channel under a policy at full strength."""
    key = _LEVELS_OF.get((kind, channel), _LEVELS[kind])
    if key != "passes":
        return _number(policy, key, base)
    given = policy.get(key)
    factor = factor_of(given) if kind == _BORDER else _number(policy, key, 1.0)
    if factor is None:
        return _number(policy, key, base)
    share = float(odds_times(base, factor)) if factor > 0.0 else base
    return round(share, 3 if share >= 0.1 else 4)


def _number(values: Any, key: str, otherwise: float) -> float:
    # of a stranger's scenario, which may hold anything
    found = values.get(key) if isinstance(values, Mapping) else None
    return float(found) if isinstance(found, (int, float)) else otherwise


def _direction(values: Mapping[str, tuple[Any, Any]]) -> str:
    """Return whether there is more or less of a policy that both scenarios have."""
    if values and values.keys() <= _DATES.keys():
        return " and ".join(_moved(key, *values[key]) for key in _DATES if key in values)
    rising = {
        old < new
        for what, (old, new) in values.items()
        if what not in (*_ASIDE, *_DATES) and {type(old), type(new)} <= {int, float}
    }
    if len(rising) == 2:
        return "raised and cut"
    return mark("raised") if True in rising else mark("cut") if rising else "changed"


def _moved(key: str, old: float | None, new: float | None) -> str:
    """Return how one of two dates moved; without a start a policy is there from the beginning."""
    never = -math.inf if key == "start" else math.inf
    later = (never if new is None else new) > (never if old is None else old)
    if key == "start":
        return mark("begun later") if later else mark("begun earlier")
    return mark("prolonged") if later else mark("ended earlier")


def _shocks(plain: Mapping[str, Any]) -> dict[str, Any]:
    listed = plain.get("shocks")
    every = listed if isinstance(listed, (list, tuple)) else ()
    return {str(shock.get("name")): shock for shock in every if isinstance(shock, Mapping)}


def _shock(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Change:
    there = [each for each in (old, new) if each is not None]
    what = one_line(f"shock {name} ({there[-1].get('kind')})", 100)
    years = [each["year"] for each in there if _is_number(each.get("year"))]
    year = int(min(years)) if len(years) == len(there) else None
    if old is not None and new is not None:
        return Change(what, what, "changed", year, _settings(old, new))
    dates = () if year is None else ((float(years[0]), "begins"),)
    return Change(what, what, "added" if old is None else "removed", year, {}, dates)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return fmt.listed(map(_t, value))
    if isinstance(value, float):
        return f"{value:g}"
    return _t("none") if value is None else shorten(str(value), 40)


def _instead(key: str, old: Any, new: Any) -> str:
    """Return a date that is another one in words; without a start a policy is always there."""
    if key == "end" and new is None:
        return _t("no longer ends {old}").format(old=_date(old))
    never = _t("before the first year") if key == "start" else _t("never")
    begins, ends = _t("begins {new} instead of {old}"), _t("ends {new} instead of {old}")
    dates = {"new": new, "old": old}
    shown = {name: never if date is None else _date(date) for name, date in dates.items()}
    return (begins if key == "start" else ends).format(**shown)


def _date(date: Any) -> str:
    """Return a date that policies have, as in "2019" or "the fourth quarter of 2024"."""
    if not isinstance(date, (int, float)) or not float(4 * date).is_integer():
        return _value(date)
    year, quarter = divmod(int(4 * date), 4)
    names = _t("first"), _t("second"), _t("third"), _t("fourth")
    if quarter == 0:
        return str(year)
    return _t("the {quarter} quarter of {year}").format(quarter=names[quarter], year=year)


# -- names in words --------------------------------------------------------------------------------

_SWITCHES: Final = {"off": mark("off"), "on": mark("on"), 0.0: mark("off")}
"""Words of a policy as a whole, and of its strength."""


def name_of_scenario(name: str) -> str:
    """Return the name of a shipped scenario in words, that of any other as its author wrote it."""
    return _t(capital(part_in_words(name))) if name in shipped() else name


def label_of(values: Mapping[str, object], policies: Mapping[str, Any]) -> str:
    """Return values by dotted key in words: "Exchange passing borders, odds doubled from 2012".

    ``policies`` are those of the scenario on which they are laid, as plain data: they say of what
    kind one with a name of its own is.
    """
    groups: dict[str, dict[str, object]] = {}
    for path, value in flat(dict(values)):
        whole = ".".join(map(str, path))
        section, *parts = whole.split(".", 2)
        name, key = (parts[0], ".".join(parts[1:])) if section == "policies" else (whole, whole)
        groups.setdefault(name, {})[key] = _plain_number(value)
    texts = [
        _setting(name, keys[name]) if name in keys else _policy_in_words(name, keys, policies)
        for name, keys in groups.items()
    ]
    return one_line(_t("; ").join(map(capital, texts)), 200)


def _policy_in_words(name: str, keys: Mapping[str, object], policies: Mapping[str, Any]) -> str:
    """Return a policy with values of some of its keys in words."""
    there = policies.get(name)
    own = there.get("policy") if isinstance(there, Mapping) else None
    kind = str(keys.get("policy") or own or name)
    known = shipped_policies() if kind == name else {}
    title = _t(title_of(known[kind])) if kind in known else key_in_words(name)
    passes = f"{kind}.passes"
    texts = [_t(WHOLE[passes]) if passes in WHOLE and "passes" in keys else title]
    for key, value in keys.items():
        if key in ("", "strength") and value in _SWITCHES:
            texts.append(_t(_SWITCHES[value]))
        elif key == "passes":
            texts.append(_passing(value))
        elif key.startswith("target."):
            texts.append(_t("for {names}").format(names=_word(value)))
        elif key not in ("", "policy", *_DATES):
            texts.append(_setting(key, value))
    words = {"start": _t("from {date}"), "end": _t("to {date}")}
    dates = [words[key].format(date=_date(keys[key])) for key in _DATES if keys.get(key)]
    text = _t(", ").join(texts)
    return _t("{what} {when}").format(what=text, when=" ".join(dates)) if dates else text


def _setting(key: str, value: object) -> str:
    return _t("{what} {value}").format(what=key_in_words(key), value=_word(value))


def _passing(value: object) -> str:
    """Return what passes in words: a factor on its odds, or a share."""
    factor = value if isinstance(value, (int, float)) and value > 1.0 else factor_of(value)
    if factor is None:
        return _setting("share", value)
    words = {2.0: _t("odds doubled"), 0.5: _t("odds halved")}
    return words.get(float(factor), _t("odds × {factor:g}").format(factor=factor))


def _plain_number(value: object) -> object:
    """Return a number that is written as text, as points of a list have it, as one."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _word(value: object) -> str:
    """Return a value as words."""
    return _t(value) if isinstance(value, str) and len(value) <= 40 else _value(value)
