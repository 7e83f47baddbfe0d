"""What a page is set to: a scenario, and values that are laid over it by dotted key.

The page has no scenario of its own. All that it runs is resolved by `ydsim.scenario.load`, so that
it refuses what `ydsim run` refuses, in the same words. Every setting can be taken away as a file
(`as_file`) and as a command (`as_command`), and both give the scenario that the page has run.

Its controls are made from the schema: keys of policies, parameters and the experiment. A control is
plain data that `settings.vue` draws: a name, a value, the value without a change, the range, the
unit in words, the mark (data, prior, calibrated, assumed) and its source. What cannot be moved by a
control (lists of places, dates by name) is named, so that nobody looks for it here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import Any, Final

from ydsim.policies.base import REGISTRY, Budgeted, Policy
from ydsim.policies.environment import LEAST, factor_of
from ydsim.policies.library import ALWAYS, shipped, title_of
from ydsim.record.indicators import unit_in_words
from ydsim.scenario.changes import in_force
from ydsim.scenario.load import Resolved, flow, plain_as_yaml, plain_scenario, resolve
from ydsim.scenario.read.extend import is_name, override_tree
from ydsim.scenario.read.node import dotted, plain
from ydsim.scenario.schema.key_index import Bounds, Key, shipped_keys, written
from ydsim.translation import gettext as _t
from ydsim.translation import mark, pgettext
from ydsim.wording import part_in_words

FILE: Final = "explored.yaml"
"""Name under which the settings of a page are downloaded."""


@dataclass(frozen=True)
class Choice:
    """A scenario by name or path, and what is laid over it by dotted key, in order."""

    scenario: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def resolved(self) -> Resolved:
        """Return the scenario; raises what `ydsim.load_scenario` raises."""
        return resolve(self.scenario, self.sets)

    @property
    def sets(self) -> dict[str, Any]:
        """What is laid over the scenario, without what other keys of it say already."""
        return {
            key: value
            for key, value in self.values.items()
            if value != {} or not any(other.startswith(f"{key}.") for other in self.values)
        }

    def over(self, values: Mapping[str, Any]) -> Choice:
        """Return the choice with other values laid over its own."""
        return replace(self, values={**self.values, **values})


def with_value(choice: Choice, base: Mapping[str, Any], key: str, value: Any) -> Choice:
    """Return a choice in which a key has a value.

    ``base`` is the scenario without what is laid over it, as plain data: a key that has its value
    there is left out. A policy with a budget takes an amount in the place of a rate, so that each
    of them takes the other away.
    """
    values = {name: one for name, one in choice.values.items() if name != key}
    path = key.split(".")
    if path[0] == "policies" and len(path) == 3 and path[1] not in base["policies"]:
        values.setdefault(f"policies.{path[1]}", {})
    if value_at(base, key) != value:
        values[key] = value
    kind = _class_of(base, path[1]) if path[0] == "policies" else None
    if kind is not None and issubclass(kind, Budgeted) and len(path) == 3:
        rate, amount = (f"policies.{path[1]}.{name}" for name in (kind.rate_key, "amount"))
        if key == amount and value is not None:
            values[rate] = None
        elif key == amount:
            values.pop(rate, None)
        elif key == rate and value is not None:
            values.pop(amount, None)
    return replace(choice, values=values)


def switched(choice: Choice, base: Mapping[str, Any], name: str, on: bool) -> Choice:
    """Return a choice in which a policy is in force, or not.

    One of the scenario is switched off by its strength, another by leaving it out.
    """
    own = f"policies.{name}"
    there = name in base["policies"]
    strength = f"{own}.strength"
    if on:
        if not there:
            return choice.over({own: choice.values.get(own, {})})
        values = {key: one for key, one in choice.values.items() if key != strength}
        if value_at(base, strength) == 0.0:
            values[strength] = 1.0
        if name == ALWAYS and value_at(base, f"{own}.passes") is None:
            values.setdefault(f"{own}.passes", "x1.5")
        return replace(choice, values=values)
    values = {
        k: one for k, one in choice.values.items() if k != own and not k.startswith(f"{own}.")
    }
    if there and is_on(replace(choice, values=values), base, name):
        values[strength] = 0.0
    return replace(choice, values=values)


def is_on(choice: Choice, base: Mapping[str, Any], name: str) -> bool:
    """Tell whether a policy does something in a choice, at some time of the run."""
    own = f"policies.{name}"
    laid = {
        k.removeprefix(f"{own}."): v for k, v in choice.values.items() if k.startswith(f"{own}.")
    }
    if name not in base["policies"] and own not in choice.values and not laid:
        return False
    policy = {**base["policies"].get(name, {}), **laid}
    if name == ALWAYS:
        policy.setdefault("passes", None)
    return bool(in_force({name: policy}))


def value_at(content: Mapping[str, Any], key: str) -> Any:
    """Return the value at a dotted key of plain data; of a missing one the default, or None."""
    found: Any = content
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return _default(content, key)
        found = found[part]
    return found


def _default(content: Mapping[str, Any], key: str) -> Any:
    path = key.split(".")
    kind = _class_of(content, path[1]) if path[0] == "policies" and len(path) == 3 else None
    declared = None if kind is None else kind.model_fields.get(path[2])
    if declared is None or declared.is_required():
        return None
    usual = declared.get_default(call_default_factory=True)
    return list(usual) if isinstance(usual, tuple) else usual


def _class_of(content: Mapping[str, Any], name: str) -> type[Policy] | None:
    """Return the shipped class of a policy of a scenario, or of one that it does not have."""
    own = content["policies"].get(name, {})
    return REGISTRY.get(str(own.get("policy") or name))


def base_of(scenario: str) -> dict[str, Any]:
    """Return a scenario without anything laid over it, as plain data."""
    return plain_scenario(resolve(scenario).scenario)


# -- to take away ----------------------------------------------------------------------------------


def as_file(choice: Choice) -> str:
    """Return the scenario file that says what the page is set to; `ydsim run` takes it.

    A shipped scenario is named, any other one by its full path.
    """
    where = choice.scenario if is_name(choice.scenario) else str(Path(choice.scenario).resolve())
    return plain_as_yaml({"extends": where, **plain(override_tree(choice.sets))})


def as_command(choice: Choice) -> str:
    """Return the command that runs what the page is set to, for a shell."""
    sets = [f"--set {quote(f'{key}={flow(value)}')}" for key, value in choice.sets.items()]
    return " ".join(["ydsim run", quote(choice.scenario), *sets])


# -- controls --------------------------------------------------------------------------------------


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

UNITS: Final = {
    "1": "",
    "-": "",
    "100m_rmb/year": mark("100 million RMB a year"),
    "100m_rmb/quarter": mark("100 million RMB a quarter"),
    "10k_yuan": mark("10,000 RMB"),
    "1/year": mark("a year"),
    "h": mark("hours"),
    "log": mark("log units"),
}
"""Units of keys that have other words here than in tables."""

_LONGEST: Final = 60
"""Years that a run may have on the page."""

_STEPS: Final = 100.0
"""Steps of a slider at least."""

_WIDEST: Final = 50.0
"""Bounds over the default beyond which a slider is too coarse, so that there is a box alone."""


def unit_of(unit: str) -> str:
    """Return the unit of a parameter in words; empty for pure numbers."""
    if unit in UNITS:
        return _t(UNITS[unit]) if UNITS[unit] else ""
    return unit_in_words(unit).replace("/", _t(" per "))


def control(key: Key, choice: Choice, base: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the control of a key, None for one that no control can move."""
    name, usual = dotted(key.path), value_at(base, dotted(key.path))
    value = choice.values.get(name, usual)
    kind = _kind(key, value)
    if kind is None:
        return None
    low, high = key.bounds.low, key.bounds.high
    field = {
        "key": name,
        "label": _t(part_in_words(key.path[-1])),
        "kind": kind,
        "value": value,
        "usual": usual,
        "changed": value != usual,
        "meaning": _t(key.meaning),
        "unit": unit_of(key.unit),
        "range": _range(key.bounds),
        "mark": key.mark,
        "said": _t(key.mark),
        "source": "" if key.source in ("", "assumed") else key.source,
        "low": low,
        "high": high,
        "slider": False,
    }
    if kind == "factor":
        factor = 1.0 if value is None else factor_of(value)
        field |= {"low": LEAST, "high": LARGEST_FACTOR, "step": 0.05, "slider": True}
        field |= {"value": factor, "unit": _t("times the odds"), "range": _t("1: as it is")}
    elif kind == "choice":
        field["options"] = key.kind.removeprefix("one of ").split(", ")
    elif kind in ("number", "whole"):
        field |= _slider(kind, low, high, value if value is not None else usual)
    return field


def _range(bounds: Bounds) -> str:
    low = "" if bounds.low is None else written(bounds.low)
    high = "" if bounds.high is None else written(bounds.high)
    if low and high and not (bounds.low_open or bounds.high_open):
        return _t("{low} to {high}").format(low=low, high=high)
    ends = f"{'>' if bounds.low_open else '≥'} {low}", f"{'<' if bounds.high_open else '≤'} {high}"
    return ", ".join(end for end, value in zip(ends, (low, high), strict=True) if value)


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


def groups(
    choice: Choice, base: Mapping[str, Any], opened: Collection[str], *, whole: bool = True
) -> list[dict[str, Any]]:
    """Return the groups of controls of a page.

    ``opened``: names of the sections of parameters whose controls are shown; there are many, which
    are not sent before somebody looks at them. ``whole``: with scale, seed and last year, which two
    scenarios that are compared have in common.
    """
    shown = [_experiment(choice, base)] if whole else []
    shown += list(_policies(choice, base))
    shown += list(_sections(choice, base, opened))
    return shown


def _experiment(choice: Choice, base: Mapping[str, Any]) -> dict[str, Any]:
    keys = {dotted(key.path): key for key in shipped_keys()}
    controls = []
    for name, label in EXPERIMENT.items():
        one = control(keys[name], choice, base)
        assert one is not None
        one |= {"label": _t(label), "meaning": "", "slider": name == "end"}
        if name == "seed":
            one["range"] = ""
        if name == "end":
            first = base["start"]
            one |= {"low": first, "high": min(first + _LONGEST, 2100), "range": "", "unit": ""}
        controls.append(one)
    return _group("experiment", _t("Experiment"), controls, open=True)


def _group(id_: str, title: str, controls: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    changed = sum(one["changed"] for one in controls)
    return {"id": id_, "name": id_, "title": title, "controls": controls, "changed": changed} | more


def _policies(choice: Choice, base: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all policies that the page can switch, those of the scenario first."""
    own = {name: str(one.get("policy") or name) for name, one in base["policies"].items()}
    others = {name: name for name in shipped() if name not in own}
    for heading, every in (
        (_t("Policies of the scenario"), own),
        (_t("Policies that it does not have"), others),
    ):
        for at, (name, kind) in enumerate(every.items()):
            yield _policy(name, kind, choice, base) | {"heading": heading if at == 0 else ""}


def _policy(name: str, kind: str, choice: Choice, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return a policy: its switch, and the controls of its levers if it is in force."""
    cls, on = shipped().get(kind), is_on(choice, base, name)
    prefix = f"policies.{name}"
    levers: list[dict[str, Any]] = []
    shared: list[dict[str, Any]] = []
    others: list[str] = []
    for key in _keys_of(kind, name) if cls is not None and on else ():
        field = control(key, choice, base)
        if field is None:
            others.append(key.path[2])
        elif key.path[2] in Policy.model_fields:
            shared.append(field)
        else:
            levers.append(field)
    if shared:
        shared[0]["heading"] = _t("Strength, dates and cost")
    note = _t("Not in force: tick the box to set its levers.")
    if on:
        message = _t("Set in a file only: {names}.").format(names=", ".join(dict.fromkeys(others)))
        note = message if others else ""
    title = name if cls is None else _t(title_of(cls))
    group = _group(prefix, title, [*levers, *shared], switch=True, on=on, name=name, said=name)
    laid = any(key == prefix or key.startswith(f"{prefix}.") for key in choice.values)
    return group | {"note": note, "changed": laid}


def _keys_of(kind: str, name: str) -> Iterator[Key]:
    """Yield the keys of a policy under the name that it has in the scenario."""
    for key in shipped_keys():
        if key.path[:2] == ("policies", kind):
            yield replace(key, path=("policies", name, *key.path[2:]))


def _sections(
    choice: Choice, base: Mapping[str, Any], opened: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Yield the parameters of the model and of governance by section."""
    by_section: dict[str, list[dict[str, Any]]] = {}
    for key in shipped_keys():
        if key.path[0] in SECTIONS and (one := control(key, choice, base)) is not None:
            section = key.path[1] if key.path[0] == "parameters" else key.path[0]
            by_section.setdefault(section, []).append(one)
    for at, (name, controls) in enumerate(by_section.items()):
        group = _group(
            f"section {name}",
            pgettext("section", part_in_words(name)),
            controls,
            name=name,
            later=True,
        )
        group["said"] = _t("{n} keys").format(n=len(controls))
        group["heading"] = _t("Parameters of the model") if at == 0 else ""
        yield group if name in opened else group | {"controls": []}
