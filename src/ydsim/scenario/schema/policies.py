"""From the ``policies:`` mapping of a scenario to policy objects, and back."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any

from ydsim.errors import ScenarioError
from ydsim.policies.base import Policy
from ydsim.policies.fold import conflicts
from ydsim.policies.installed import fault, told
from ydsim.policies.library import policies, shipped
from ydsim.policies.naming import named_by_path, policy_class, policy_names
from ydsim.scenario.check.pydantic_errors import unknown_key
from ydsim.scenario.check.validate import validate
from ydsim.scenario.read.node import Node, Path, drop, shorten
from ydsim.scenario.read.problems import Problem, problem, suggestion
from ydsim.scenario.schema.scenario import Scenario

_NAME = re.compile(r"[^\W\d][\w-]{0,79}")
ALWAYS = "border_friction"
"""The policy that every scenario has, so that its keys are paths even where it is off."""
_OUTSIDE = (
    "is code from outside; not looked at; --allow-code imports it (allow_code=True in Python)"
)


def find_policy(kind: str, allow_code: bool = False) -> type[Policy]:
    """Return the class of a shipped or installed policy, or import ``package.module.Class``.

    Parameters
    ----------
    kind
        Name of a policy, or the import path of a class.
    allow_code
        Import classes that no installed package offers; without it they are refused.

    Raises
    ------
    ValueError
        With a line that says which names exist, why a class is not imported, or why the import
        failed.
    """
    known = policy_names()
    if kind not in known:
        kind = named_by_path(kind) or kind
    if kind in known:
        return policy_class(kind)
    if "." not in kind:
        raise ValueError(
            f"no policy is called {shorten(kind)!r}{suggestion(kind, known, 'policies are')}"
        )
    if not allow_code:
        raise ValueError(f"{shorten(kind)!r} {_OUTSIDE}")
    package, _, name = kind.rpartition(".")
    try:
        found = getattr(importlib.import_module(package), name)
    except (Exception, SystemExit) as error:  # code of others may fail in any way
        raise ValueError(f"cannot import {kind!r}: {told(error)}") from error
    wrong = fault(found)
    if wrong:
        raise ValueError(f"{kind!r} {wrong}")
    return found  # type: ignore[no-any-return]


def kind_of_policy(policy: Policy) -> str:
    """Return the name under which `find_policy` finds the class of ``policy``."""
    cls = type(policy)
    known = shipped()
    if cls not in known.values():
        known = policies()  # of other packages, whose code is only then needed
    called = [name for name, one in known.items() if one is cls]
    return called[0] if called else f"{cls.__module__}.{cls.__qualname__}"


def read_policies(
    root: Node, path: Path = ("policies",), *, allow_code: bool = False
) -> tuple[dict[str, Policy], list[Problem]]:
    """Return the policies of a tree by name, `ALWAYS` among them, and all that is wrong.

    ``allow_code`` is as for `find_policy`.
    """
    if not root.is_mapping:
        found = "nothing; write {} for none" if root.value is None else root.kind
        message = f"expected a mapping from names of policies to their settings, found {found}"
        return {}, [problem(root, path, message)]
    built: dict[str, Policy] = {}
    problems: list[Problem] = []
    for name, settings in {ALWAYS: Node({}, root.mark, root.key), **root.value}.items():
        policy, wrong = _read(name, settings, (*path, name), allow_code)
        problems += wrong
        if policy is not None:
            built[name] = policy
    return built, problems or _clashes(built, root, path)


def _clashes(built: Mapping[str, Policy], root: Node, path: Path) -> list[Problem]:
    """Return a problem for each two policies that set one exclusive field at the same time."""
    order = {name: i for i, name in enumerate(root.value)}
    fields: dict[tuple[str, ...], list[str]] = {}
    for field, *pair in conflicts(built):
        # the one that is written, or written later, is named as the problem
        names = tuple(sorted(pair, key=lambda name: order.get(name, -1)))
        fields.setdefault(names, []).append(field)
    return [
        problem(
            root.value.get(second, root),
            (*path, second),
            f"sets {_listed(names)}, as policy {first!r} does at the same time; "
            "give them different years or take one out",
            at_key=True,
        )
        for (first, second), names in fields.items()
    ]


def _listed(names: list[str]) -> str:
    """Return names as ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _read(
    name: str, settings: Node, path: Path, allow_code: bool
) -> tuple[Policy | None, list[Problem]]:
    if isinstance(settings.value, Policy):
        return settings.value, []
    if not _NAME.fullmatch(name):
        message = "names of policies are letters, digits, '_' and '-', a letter first"
        return None, [problem(settings, path, message, at_key=True)]
    if not settings.is_mapping:
        try:
            find_policy(name)
        except ValueError:
            message = unknown_key(name, Scenario, path[:-1])
            return None, [problem(settings, path, message, at_key=True)]
        message = f"expected the settings of the policy as a mapping, found {settings.kind}"
        return None, [problem(settings, path, message)]
    kind = settings.value.get("policy")
    if kind is not None and not isinstance(kind.value, str):
        message = f"expected the name of a policy, found {kind.kind}"
        return None, [problem(kind, (*path, "policy"), message)]
    wanted = name if kind is None else kind.value
    try:
        cls = find_policy(wanted, allow_code)
    except ValueError as error:
        if kind is None:
            known = name in policy_names() or "did you mean" in str(error)
            hint = "" if known else "; a name of your own needs `policy:`"
            return None, [problem(settings, path, f"{error}{hint}", at_key=True)]
        return None, [problem(kind, (*path, "policy"), str(error))]
    own = settings if kind is None else drop(settings, ("policy",))
    return validate(cls, own, path, f" of policy {wanted!r}")


def build_policies(value: Any, allow_code: bool = False) -> dict[str, Policy]:
    """Return the policies of plain data by name, `ALWAYS` among them.

    ``allow_code`` is as for `find_policy`; policies that are there as objects need none.

    Raises
    ------
    ValueError
        With one line for each problem.
    """
    from ydsim.scenario.read.node import SET, from_plain

    root = from_plain(value, SET)
    if root.is_mapping:
        named = {k: from_plain({}, SET) if v.value is None else v for k, v in root.value.items()}
        root = Node(named, SET, SET)
    built, problems = read_policies(root, allow_code=allow_code)
    if problems:
        raise ValueError("; ".join(f"{p.path}: {p.message}" for p in problems))
    return built


def refuse_outside(value: Any, where: str) -> None:
    """Refuse policies of plain data whose code no installed package offers; imports nothing.

    Parameters
    ----------
    value
        The ``policies`` of a scenario as `dump_policies` returns them.
    where
        Where they are from, as the beginning of a message.

    Raises
    ------
    ScenarioError
        With one line for each of them.
    """
    settings = value.items() if isinstance(value, Mapping) else ()
    kinds = {name: own.get("policy") for name, own in settings if isinstance(own, Mapping)}
    known = policy_names()
    lines = [
        f"{where}: policies.{name}.policy: {shorten(kind)!r} {_OUTSIDE}"
        for name, kind in kinds.items()
        if isinstance(kind, str) and "." in kind and kind not in known and not named_by_path(kind)
    ]
    if lines:
        raise ScenarioError(*lines)


def dump_policies(value: Mapping[str, Policy]) -> dict[str, Any]:
    """Return policies as plain data from which `build_policies` makes them again."""
    dumped: dict[str, Any] = {}
    for name, policy in sorted(value.items()):
        kind = kind_of_policy(policy)
        own = {} if kind == name else {"policy": kind}
        dumped[name] = own | policy.model_dump(mode="json")
    return dumped
