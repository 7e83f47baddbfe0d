"""What two scenarios differ in, in words, and from which year on it can make a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ydsim.outside import one_line
from ydsim.policies.naming import policy_class, policy_names, title_of
from ydsim.scenario.load import flat
from ydsim.wording import shorten

_LABELS = ("name", "description", "replicates", "record", "seed")
"""Keys that change no result, or that are compared on their own."""


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes
    ----------
    text
        In words, as "adds innovation_voucher (Innovation vouchers), from 2019".
    year
        From which on it can make a difference; None for a difference that holds from the start.
    verb
        ``adds``, ``lacks`` or ``changes``.
    what
        Title of the policy, or which keys.
    """

    text: str
    year: int | None
    verb: str
    what: str


def changes(base: Mapping[str, Any], other: Mapping[str, Any]) -> list[Change]:
    """Return what ``other`` has that ``base`` has not, and the other way round.

    Parameters
    ----------
    base, other
        Resolved scenarios as plain data.
    """
    old, new = base.get("policies", {}), other.get("policies", {})
    found = []
    for name in [*new, *(name for name in old if name not in new)]:
        before, after = _in_force(old.get(name)), _in_force(new.get(name))
        if before == after:
            continue
        found.append(_policy(name, before, after))
    a, b = (one.get("governance", {}) for one in (base, other))
    if a != b:
        years = [int(g["start"]) for g in (a, b) if g.get("mode", "fixed") != "fixed"]
        said = "governance: " + _settings(a, b)
        found.append(Change(f"changes {said}", min(years) if years else None, "changes", said))
    found += _shocks(base, other)
    apart = {*_LABELS, "policies", "governance", "shocks"}
    left = {key: value for key, value in base.items() if key not in apart}
    right = {key: value for key, value in other.items() if key not in apart}
    if left != right:
        said = _settings(left, right)
        found.append(Change(f"changes {said}", None, "changes", said))
    return [
        replace(one, text=one_line(one.text), what=one_line(one.what, 100)) for one in found
    ]  # names and values in a folder may be anybody's


def _shocks(base: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what shocks one of the two has, or has otherwise."""
    old, new = (
        {str(s.get("name")): s for s in one.get("shocks") or () if isinstance(s, Mapping)}
        for one in (base, other)
    )
    for name in [*new, *(name for name in old if name not in new)]:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        both = [one for one in (before, after) if one is not None]
        dates = [one["year"] for one in both if isinstance(one.get("year"), (int, float))]
        year = _year(min(dates)) if dates else None
        what = f"shock {name} ({both[-1].get('kind')})"
        if before is None or after is None:
            verb = "adds" if before is None else "lacks"
            since = f", from {dates[0]:g}" if dates else ""
            yield Change(f"{verb} {what}{since}", year, verb, what)
        else:
            yield Change(f"changes {what}: {_settings(before, after)}", year, "changes", what)


def _in_force(policy: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a policy, or None for one that does nothing: strength zero, or a border as it is.

    Nor does one do anything that has no channels and no cost.
    """
    if policy is None or policy.get("strength") == 0.0:
        return None
    idle = "level" in policy and policy["level"] is None
    idle = idle or ("channels" in policy and not policy["channels"])
    return None if idle and not policy.get("cost") else policy


def _policy(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Change:
    what = _title(name, after or before or {})
    shown = name if what == name else f"{name} ({what})"
    if before is None or after is None:
        there, verb = (after, "adds") if before is None else (before, "lacks")
        assert there is not None
        text = f"{verb} {shown}{_since(there)}"
        return Change(text, _year(there.get("start")), verb, what)
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if keys == ["end"]:
        year = min(end for end in (before.get("end"), after.get("end")) if end is not None)
    else:
        starts = (before.get("start"), after.get("start"))
        year = None if None in starts else min(start for start in starts if start is not None)
    text = f"changes {shown}: {_settings(before, after)}"
    return Change(text, _year(year), "changes", what)


def _since(policy: Mapping[str, Any]) -> str:
    start, end = policy.get("start"), policy.get("end")
    said = f", from {start:g}" if start is not None else ""
    return said + (f" to {end:g}" if end is not None else "")


def _year(point_in_time: float | None) -> int | None:
    return None if point_in_time is None else int(point_in_time)


def _title(name: str, policy: Mapping[str, Any]) -> str:
    """Return the title of a shipped or installed policy; the name of others."""
    kind = str(policy.get("policy") or name)
    return title_of(policy_class(kind)) if kind in policy_names() else name


def _settings(old: Mapping[str, Any], new: Mapping[str, Any], most: int = 3) -> str:
    """Return the keys whose values differ, with both values."""
    pairs = list(_differing(dict(old), dict(new)))
    shown = [f"{key} {_value(b)} instead of {_value(a)}" for key, a, b in pairs[:most]]
    more = len(pairs) - most
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _differing(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    left, right = dict(flat(old)), dict(flat(new))
    for path in [*left, *(path for path in right if path not in left)]:
        if left.get(path) != right.get(path):
            yield ".".join(map(str, path)), left.get(path), right.get(path)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else shorten(str(value), 40)


def first_year(found: list[Change]) -> int | None:
    """Return the year from which on differences can matter; None when one holds from the start."""
    years = [change.year for change in found]
    return None if None in years else min(year for year in years if year is not None)


def grouped(found: list[Change]) -> list[tuple[str, list[str]]]:
    """Return what is added, changed and lacking, each once, by verb.

    What is both added and lacking, under two names, is changed.
    """
    verbs: dict[str, set[str]] = {}
    for one in found:
        verbs.setdefault(one.what, set()).add(one.verb)
    of = {what: min(each) if len(each) == 1 else "changes" for what, each in verbs.items()}
    return [
        (verb, titles)
        for verb in ("adds", "changes", "lacks")
        if (titles := [what for what in of if of[what] == verb])
    ]
