"""The controls of a page, made from the schema: keys of policies, parameters and the experiment.

A control is plain data that `controls.vue` draws: a name, a value, the value without a change, the
range, the unit in words, the mark (data, prior, calibrated, assumed) and its source. What cannot be
moved by a control (lists of places, dates by name) is named, so that nobody looks for it here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ydsim.explorer.settings import Choice, is_on, value_at
from ydsim.policies.base import Policy
from ydsim.policies.environment import LEAST, factor_of
from ydsim.policies.library import ALWAYS, shipped, title_of
from ydsim.record.indicators import unit_in_words
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import Key, shipped_keys
from ydsim.translation import gettext as _t
from ydsim.translation import mark

PASSES: Final = f"policies.{ALWAYS}.passes"
LARGEST_FACTOR: Final = 4.0
"""Largest factor on the odds of what passes a border that the page has; a file may have more."""

EXPERIMENT: Final = {
    "scale": mark("Scale: part of all firms that is simulated"),
    "seed": mark("Seed of all draws"),
    "end": mark("Last year"),
}
"""Keys at the top of a scenario that the page has, in words."""

SECTIONS: Final = ("parameters", "governance")

_UNITS: Final = {
    "1": "",
    "-": "",
    "100m_rmb/year": mark("100 million RMB a year"),
    "100m_rmb/quarter": mark("100 million RMB a quarter"),
    "10k_yuan": mark("10,000 RMB"),
    "1/year": mark("a year"),
    "h": mark("hours"),
    "log": mark("log units"),
}

_STEPS: Final = 100.0
"""Steps of a slider at least."""

_WIDEST: Final = 50.0
"""Bounds over the default beyond which a slider is too coarse, so that there is a box alone."""


def unit_of(unit: str) -> str:
    """Return the unit of a parameter in words; empty for pure numbers."""
    if unit in _UNITS:
        return _t(_UNITS[unit]) if _UNITS[unit] else ""
    return unit_in_words(unit).replace("/", _t(" per "))


def control(key: Key, choice: Choice, base: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the control of a key, None for one that no control can move."""
    name, usual = dotted(key.path), value_at(base, dotted(key.path))
    value = choice.values.get(name, usual)
    kind = _kind(key, value)
    if kind is None:
        return None
    low, high = key.bounds.low, key.bounds.high
    found = {
        "key": name,
        "label": key.path[-1].replace("_", " "),
        "kind": kind,
        "value": value,
        "usual": usual,
        "changed": value != usual,
        "meaning": key.meaning,
        "unit": unit_of(key.unit),
        "range": "" if low is None and high is None else str(key.bounds),
        "mark": key.mark,
        "source": "" if key.source in ("", "assumed") else key.source,
        "low": low,
        "high": high,
        "slider": False,
    }
    if kind == "factor":
        factor = 1.0 if value is None else factor_of(value)
        found |= {"low": LEAST, "high": LARGEST_FACTOR, "step": 0.05, "slider": True}
        found |= {"value": factor, "unit": _t("times the odds"), "range": _t("1: as it is")}
    elif kind == "choice":
        found["options"] = key.kind.removeprefix("one of ").split(", ")
    elif kind in ("number", "whole"):
        found |= _slider(kind, low, high, value if value is not None else usual)
    return found


def _kind(key: Key, value: Any) -> str | None:
    if dotted(key.path) == PASSES:
        return "factor" if value is None or factor_of(value) is not None else "number"
    if key.kind == "true or false":
        return "switch"
    if key.kind.startswith("one of "):
        return "choice"
    return {"number": "number", "whole number": "whole"}.get(key.kind)


def _slider(kind: str, low: float | None, high: float | None, value: Any) -> dict[str, Any]:
    """Return the step of a number, and whether its range suits a slider."""
    if low is None or high is None:
        return {"step": 1 if kind == "whole" else "any"}
    span = high - low
    near = isinstance(value, (int, float)) and span <= _WIDEST * max(abs(value), 0.02)
    power = 10.0 ** math.floor(math.log10(span / _STEPS))
    step = max(s * power for s in (1.0, 2.0, 5.0) if s * power <= span / _STEPS * (1.0 + 1e-9))
    if kind == "whole":
        return {"step": 1, "slider": near and span <= 200.0}
    return {"step": float(f"{step:.6g}"), "slider": near}


# -- groups ----------------------------------------------------------------------------------------


def experiment(choice: Choice, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the controls of scale, seed and last year."""
    keys = {dotted(key.path): key for key in shipped_keys()}
    found = []
    for name, label in EXPERIMENT.items():
        one = control(keys[name], choice, base)
        assert one is not None
        if name == "end":
            one |= {"low": base["start"], "high": min(base["start"] + 60, 2100), "slider": True}
            one["range"] = ""
        if name != "end":
            one["slider"] = False
        found.append(one | {"label": _t(label)})
    return found


def policies(choice: Choice, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all policies that the page can switch, those of the scenario first.

    Each has its name and title, whether it is in force, the controls of its levers if it is, and
    the keys that only a file can set.
    """
    own = {name: str(one.get("policy") or name) for name, one in base["policies"].items()}
    every = {**own, **{name: name for name in shipped() if name not in own}}
    return [_policy(name, kind, choice, base) for name, kind in every.items()]


def _policy(name: str, kind: str, choice: Choice, base: Mapping[str, Any]) -> dict[str, Any]:
    cls, on = shipped().get(kind), is_on(choice, base, name)
    prefix = f"policies.{name}"
    laid = any(key == prefix or key.startswith(f"{prefix}.") for key in choice.values)
    own = name in base["policies"]
    found: dict[str, Any] = {
        "name": name,
        "title": name if cls is None else title_of(cls),
        "on": on,
        "own": own,
        "changed": laid,
        "levers": [],
        "shared": [],
        "others": [],
    }
    if cls is None or not on:
        return found
    for key in _keys_of(cls, kind, name):
        made = control(key, choice, base)
        if made is None:
            found["others"].append(key.path[-1] if len(key.path) == 3 else key.path[2])
        else:
            shared = key.path[2] in Policy.model_fields and key.path[2] not in cls.__annotations__
            found["shared" if shared else "levers"].append(made)
    found["others"] = list(dict.fromkeys(found["others"]))
    return found


def _keys_of(cls: type[Policy], kind: str, name: str) -> Iterator[Key]:
    """Yield the keys of a policy under the name that it has in the scenario."""
    for key in shipped_keys():
        if key.path[:2] == ("policies", kind):
            yield replace(key, path=("policies", name, *key.path[2:]))


def sections(choice: Choice, base: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of the model by section, with the controls of each."""
    found: dict[str, list[dict[str, Any]]] = {}
    for key in shipped_keys():
        if key.path[0] in SECTIONS and (made := control(key, choice, base)) is not None:
            section = key.path[1] if key.path[0] == "parameters" else key.path[0]
            found.setdefault(section, []).append(made)
    return [
        {
            "name": name.replace("_", " "),
            "controls": made,
            "changed": sum(one["changed"] for one in made),
        }
        for name, made in found.items()
    ]
