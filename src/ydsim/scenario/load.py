"""From a scenario file to a checked scenario, with the origin of every value, and back to text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import models_json_schema

from ydsim import arguments
from ydsim.errors import YdsimError
from ydsim.policies.library import dump_policies, policies, policy_called, refuse_outside, shipped
from ydsim.scenario.changes import what_passes
from ydsim.scenario.check import explain, read_policies, unknown_names, validate
from ydsim.scenario.read.extend import Overrides, override_tree, read_tree
from ydsim.scenario.read.node import (
    WITH,
    Mark,
    Node,
    Problem,
    dotted,
    fail,
    find,
    flat,
    merge,
    plain,
    problem,
)
from ydsim.scenario.read.yaml import resolve as scalar_of
from ydsim.scenario.schema.scenario import ALLOW_CODE, Scenario
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.wording import NAME_RULE, can_name_folder, canonical, composed, letters_of, shorten
from ydsim.world.loader import load_world
from ydsim.world.world import World

_NO_NAME = mark("the file's name has no letters; add a `name:` for the folder of results")


@dataclass(frozen=True)
class Resolved:
    """A scenario and where each of its values comes from."""

    scenario: Scenario
    origins: dict[str, str]  # by dotted path: ``"default"``, ``"--set"``, or file and line;
    # of a policy: of its name
    source: str  # the file as messages name it


def load_scenario(
    name_or_path: str | Path, overrides: Overrides | None = None, *, allow_code: bool = False
) -> Scenario:
    """Return a checked scenario.

    Parameters
    ----------
    name_or_path
        Name of a shipped scenario (``"baseline"``), or path of a YAML file.
    overrides
        Values that replace those of the file: nested mappings or dotted keys, as in
        ``{"scale": 0.02, "policies.border_friction.passes": "x2"}``, or texts ``"scale=0.02"``.
    allow_code
        Import policies that the scenario names by ``package.module.Class`` and that no installed
        package offers. Whoever wrote the scenario then decides what this process runs.

    Raises
    ------
    InputError
        The file, or one that it extends, is missing or unreadable.
    ScenarioError
        Something in it is wrong; all problems are reported together.
    UsageError
        An argument is of another kind, or a text among ``overrides`` is not ``key=value``.
    """
    return resolve(name_or_path, overrides, allow_code=allow_code).scenario


def resolve(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    changes: Overrides | None = None,
    allow_code: bool = False,
) -> Resolved:
    """Return a checked scenario with the origin of each value; arguments as `load_scenario`.

    ``changes`` are laid over the overrides; messages call them ``--with``.
    """
    name = arguments.path("name_or_path", name_or_path, "the name or path of a scenario")
    given = [] if overrides is None else [override_tree(overrides)]
    given += [] if changes is None else [override_tree(changes, WITH)]
    tree = read_tree(name)
    source = tree.mark
    for laid in given:
        tree = replace(merge(tree, laid), mark=source, key=source)
    scenario, tree, problems = check_tree(tree, source, allow_code=allow_code)
    fail(problems)
    assert scenario is not None
    return Resolved(scenario, _origins(scenario, tree), source.source)


def check_tree(
    tree: Node, source: Mark, *, allow_code: bool = False
) -> tuple[Scenario | None, Node, list[Problem]]:
    """Return the scenario of a tree, the tree with its name, and all that is wrong with it.

    The tree has all that is laid over it; ``source`` is the file as messages name it.
    """
    tree, problems = _named(called_as_in_tables(tree), source)
    policies = tree.value.get("policies")
    rest = replace(tree, value={k: v for k, v in tree.value.items() if k != "policies"})
    scenario, wrong = validate(Scenario, rest)
    built, wrong_policies = read_policies(
        policies or Node({}, source, source), allow_code=allow_code
    )
    problems += [*wrong, *wrong_policies]
    if scenario is not None and not problems:
        fields = {name: getattr(scenario, name) for name in Scenario.model_fields}
        try:
            return Scenario.model_validate({**fields, "policies": built}), tree, []
        except ValidationError as error:
            problems = explain(error, tree, Scenario)
    shocks = () if scenario is None else scenario.shocks
    if (world := _world_of(tree)) is not None:
        problems += unknown_names(tree, built, shocks, world)
    return None, tree, problems


def called_as_in_tables(tree: Node) -> Node:
    """Return a tree whose policies and places have the names of tables where they are Chinese.

    Places are those of the world of the tree, if that can be read.
    """
    parts = {key: tree.value[key] for key in ("policies", "shocks") if key in tree.value}
    if all(str(plain(node)).isascii() for node in parts.values()):
        return tree
    policies = parts.get("policies")
    if policies is not None and policies.is_mapping:
        kept = {}
        for name, node in policies.value.items():
            own = node.is_mapping and "policy" in node.value
            called = name if own else policy_called(name)
            kept[name if called in policies.value else called] = node
        parts["policies"] = replace(policies, value=kept)
    if (world := _world_of(tree)) is not None:
        words = dict(zip(world.city_names, world.city_names_local, strict=True))
        words |= {name: name for name in world.provinces}
        keys = {"target", *(key for cls in shipped().values() for key in cls.names)}
        parts = {key: _with_places(node, words, keys) for key, node in parts.items()}
    return replace(tree, value={**tree.value, **parts})


def _world_of(tree: Node) -> World | None:
    """Return the world of a tree, None where it cannot be read: why is said where it is checked."""
    node = tree.value.get("world")
    with suppress(YdsimError):
        return load_world(Scenario.model_fields["world"].default if node is None else node.value)
    return None


def _with_places(node: Node, words: Mapping[str, str], keys: Collection[str] = ()) -> Node:
    """Return a node in which places have their names in tables: all, or those under ``keys``."""
    if node.is_mapping:
        inner = {}
        for key, one in node.value.items():
            name = key if keys else canonical(key, words)
            inner[name] = _with_places(one, words, () if key in keys else keys)
        return replace(node, value=inner)
    if isinstance(node.value, list):
        return replace(node, value=[_with_places(one, words, keys) for one in node.value])
    if isinstance(node.value, str) and not keys:
        name = canonical(node.value, words)
        return replace(node, value=name, text=name)
    return node


def _named(tree: Node, source: Mark) -> tuple[Node, list[Problem]]:
    """Return the tree with a name, by default that of its file, fit to name a folder."""
    node = tree.value.get("name")
    if node is None:
        if not (stem := folder_name(source.source)):
            return tree, [Problem(source, "name", _t(_NO_NAME))]
        node = Node(stem, source, source, text=stem)
    elif isinstance(node.value, str):
        node = replace(node, value=composed(node.value))
        if not can_name_folder(node.value):
            message = _t("{name!r} cannot name a folder; {rule}, a letter or digit first")
            message = message.format(name=shorten(node.value), rule=_t(NAME_RULE))
            return tree, [problem(node, ("name",), message)]
    return replace(tree, value={**tree.value, "name": node}), []


def folder_name(source: str) -> str:
    """Return the name of a file in letters that can name a folder; empty where it has none."""
    return letters_of(PurePath(source).stem).strip("-.")[:80]


def plain_scenario(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as plain data from which `load_scenario` makes an equal one."""
    dumped = scenario.model_dump(mode="json", exclude={"policies"})
    return dumped | {"policies": dump_policies(scenario.policies)}


def scenario_of_plain(text: str, where: str, *, allow_code: bool = False) -> Scenario:
    """Return the scenario that `plain_scenario` made plain, from JSON.

    ``where`` it is from begins messages. `ScenarioError` when it names code that may not be
    imported.
    """
    if not allow_code:
        refuse_outside(json.loads(text).get("policies"), where)
    return Scenario.model_validate_json(text, context={ALLOW_CODE: allow_code})


def scenario_hash(scenario: Scenario) -> str:
    """Return a SHA-256 of what a scenario computes, the same for every way of writing it.

    It covers every value, defaults included, except ``name`` and ``description``, which label
    results without changing them. ``seed``, ``replicates`` and ``record`` are in, as they change
    the bytes of results. Of a world in a folder only the folder's name is in: the digest of its
    content belongs beside this hash.
    """
    return hash_of_plain(plain_scenario(scenario))


def hash_of_plain(plain: Mapping[str, Any]) -> str:
    """Return the same as `scenario_hash` from what `plain_scenario` returns."""
    content = {key: value for key, value in plain.items() if key not in ("name", "description")}
    content["world"] = PurePath(content["world"]).name
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _origins(scenario: Scenario, tree: Node) -> dict[str, str]:
    origins = {}
    for name in scenario.policies:  # where it is named
        origins[f"policies.{name}"] = find(tree, ("policies", name))[0].key.origin
    for path, _ in flat(plain_scenario(scenario)):
        node, reached = find(tree, path)
        origins[dotted(path)] = node.mark.origin if reached == path else "default"
    return origins


# -- a resolved scenario as text that loads to an equal one ----------------------------------------

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")


def as_json(resolved: Resolved, origin: bool = False) -> str:
    """Return the scenario as JSON; with ``origin`` as ``{path: {value, origin}}``."""
    content: Any = plain_scenario(resolved.scenario)
    if origin:
        content = {
            dotted(path): {"value": value, "origin": resolved.origins[dotted(path)]}
            for path, value in flat(content)
        }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)


def as_yaml(resolved: Resolved, origin: bool = False) -> str:
    """Return the scenario as YAML, with what passes borders beside the policies that set it.

    With ``origin`` each value carries where it comes from.
    """
    content = plain_scenario(resolved.scenario)
    notes = dict(resolved.origins) if origin else {}
    for name in content["policies"]:
        if message := what_passes(name, content):
            key = f"policies.{name}.passes"
            notes[key] = "; ".join(filter(None, [notes.get(key), message]))
    lines = list(_lines(content, (), notes))
    width = max((len(line) for line, note in lines if note), default=0)
    return "\n".join(
        f"{line:<{min(width, 48)}}  # {note}" if note else line for line, note in lines
    )


def plain_as_yaml(content: Mapping[str, Any]) -> str:
    """Return a resolved scenario that is plain data already, as results keep it, as YAML."""
    return "\n".join(line for line, _ in _lines(content, (), {})) + "\n"


def _lines(
    content: Mapping[str, Any], path: tuple[str, ...], notes: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    indent = "  " * len(path)
    for key, value in content.items():
        here = (*path, key)
        if isinstance(value, dict) and value:
            yield f"{indent}{_scalar(key)}:", ""
            yield from _lines(value, here, notes)
        else:
            yield f"{indent}{_scalar(key)}: {flow(value)}", notes.get(dotted(here), "")


def flow(value: Any) -> str:
    """Return plain data on one line as scenario files and ``--set`` read it."""
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and scalar_of(value) == value:
        # words that other readers take for booleans are quoted
        return json.dumps(value) if value.lower() in ("y", "n", "yes", "no", "on", "off") else value
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


# -- the JSON schema of scenario files, for completion and checks in editors ----------------------

_POLICY = {
    "type": "string",
    "description": "name of a policy, or package.module.Class; by default the key",
}


def json_schema() -> dict[str, Any]:
    """Return the schema of a file before ``extends`` is followed."""
    levers = policies()
    models: list[Any] = [(cls, "validation") for cls in levers.values()]
    refs, schema = models_json_schema(
        [(Scenario, "validation"), *models],
        title="ydsim scenario",
        ref_template="#/$defs/{model}",
    )
    definitions = schema["$defs"]
    top = definitions.pop(refs[(Scenario, "validation")]["$ref"].rpartition("/")[2])
    known = {name: refs[(cls, "validation")] for name, cls in levers.items()}
    for reference in known.values():
        definition = definitions[reference["$ref"].rpartition("/")[2]]
        definition["properties"]["policy"] = _POLICY
        definition["type"] = ["object", "null"]
    top["properties"]["extends"] = {
        "type": "string",
        "description": "name of a shipped scenario, or path relative to this file",
    }
    top["properties"]["policies"] = {
        "type": "object",
        "description": "policies by name",
        "properties": known,
        "additionalProperties": {"type": "object", "properties": {"policy": _POLICY}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ydsim scenario",
        **{key: value for key, value in top.items() if key != "title"},
        "$defs": definitions,
    }
