"""What a page is set to: a scenario, and values that are laid over it by dotted key.

The page has no scenario of its own. All that it runs is resolved by `ydsim.scenario.load`, so that
it refuses what `ydsim run` refuses, in the same words. Every setting can be taken away as a file
(`as_file`) and as a command (`as_command`), and both give the scenario that the page has run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import Any, Final

from ydsim.policies.base import REGISTRY, Budgeted, Policy
from ydsim.policies.library import ALWAYS
from ydsim.scenario.changes import in_force
from ydsim.scenario.load import Resolved, plain_scenario, resolve
from ydsim.scenario.read.extend import is_name
from ydsim.scenario.show import flow, plain_as_yaml

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
    content: dict[str, Any] = {"extends": where}
    for key, value in choice.sets.items():
        *path, last = key.split(".")
        group = content
        for part in path:
            group = group.setdefault(part, {})
        group[last] = value
    return plain_as_yaml(content)


def as_command(choice: Choice) -> str:
    """Return the command that runs what the page is set to, for a shell."""
    sets = [f"--set {quote(f'{key}={flow(value)}')}" for key, value in choice.sets.items()]
    return " ".join(["ydsim run", quote(choice.scenario), *sets])
