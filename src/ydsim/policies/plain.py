"""Policies from plain data, as a scenario holds them, and back."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ydsim.errors import ScenarioError
from ydsim.policies.base import Policy
from ydsim.policies.fold import conflicts
from ydsim.policies.library import (
    fault,
    named_by_path,
    policies,
    policy_class,
    policy_names,
    shipped,
    short_error,
)
from ydsim.wording import shorten, suggestion

_NAME = re.compile(r"[^\W\d][\w-]{0,79}")
_OUTSIDE = (
    "is code from outside; not looked at; --allow-code imports it (allow_code=True in Python)"
)
ALWAYS = "border_friction"
"""The policy that every scenario has, so that its keys are paths even where it is off."""


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
        raise ValueError(f"cannot import {kind!r}: {short_error(error)}") from error
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


def refuse_name(name: str) -> None:
    """Refuse what cannot name a policy of a scenario, with a line in a `ValueError`."""
    if not _NAME.fullmatch(name):
        raise ValueError("names of policies are letters, digits, '_' and '-', a letter first")


def build_policies(value: Any, allow_code: bool = False) -> dict[str, Policy]:
    """Return the policies of plain data by name, `ALWAYS` among them.

    ``allow_code`` is as for `find_policy`; policies that are there as objects need none.

    Raises
    ------
    ValueError
        With one line for each problem.
    """
    if not isinstance(value, Mapping):
        raise ValueError("policies: expected a mapping from names of policies to their settings")
    built: dict[str, Policy] = {}
    wrong: list[str] = []
    for name, settings in {ALWAYS: {}, **value}.items():
        try:
            refuse_name(str(name))
            built[str(name)] = policy_of(str(name), settings, allow_code)
        except ValidationError as error:
            for one in error.errors():
                where = ".".join(map(str, ("policies", name, *one["loc"])))
                wrong.append(f"{where}: {one['msg']}")
        except (ValueError, TypeError) as error:
            wrong.append(f"policies.{name}: {error}")
    wrong = wrong or [f"policies.{second}: {said}" for second, said in clashes(built)]
    if wrong:
        raise ValueError("; ".join(wrong))
    return built


def policy_of(name: str, settings: Any, allow_code: bool = False) -> Policy:
    """Return one policy from its settings: None means the defaults, a policy is returned as it is.

    ``allow_code`` is as for `find_policy`.

    Raises
    ------
    ValueError
        The settings are no mapping, name no policy, or do not fit it.
    """
    if isinstance(settings, Policy):
        return settings
    if not isinstance(settings, Mapping | None):
        raise ValueError("expected the settings of the policy as a mapping")
    own = dict(settings or {})
    kind = own.pop("policy", None) or name
    text = json.dumps(own, default=lambda value: value.tolist())  # numbers of NumPy
    return find_policy(str(kind), allow_code).model_validate_json(text)


def clashes(built: Mapping[str, Policy]) -> list[tuple[str, str]]:
    """Return what each two policies say that set one exclusive field at the same time.

    The later one of the mapping is named as the problem; the line is about it.
    """
    order = {name: place for place, name in enumerate(built)}
    fields: dict[tuple[str, str], list[str]] = {}
    for field, *pair in conflicts(built):
        first, second = sorted(pair, key=order.__getitem__)
        fields.setdefault((first, second), []).append(field)
    return [
        (
            second,
            f"sets {_listed(names)}, as policy {first!r} does at the same time; "
            "give them different years or take one out",
        )
        for (first, second), names in fields.items()
    ]


def _listed(names: list[str]) -> str:
    """Return names as ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def dump_policies(value: Mapping[str, Policy]) -> dict[str, Any]:
    """Return policies as plain data from which `build_policies` makes them again."""
    dumped: dict[str, Any] = {}
    for name, policy in sorted(value.items()):
        kind = kind_of_policy(policy)
        own = {} if kind == name else {"policy": kind}
        dumped[name] = own | policy.model_dump(mode="json")
    return dumped


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
