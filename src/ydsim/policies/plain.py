"""Policies from plain data, as a scenario holds them, and back."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ydsim.policies.base import Policy
from ydsim.policies.fold import conflicts
from ydsim.policies.installed import fault, told
from ydsim.policies.library import policies, shipped
from ydsim.policies.naming import policy_class, policy_names
from ydsim.wording import shorten, suggestion

_NAME = re.compile(r"[^\W\d][\w-]{0,79}")
ALWAYS = "border_friction"
"""The policy that every scenario has, so that its keys are paths even where it is off."""


def find_policy(kind: str) -> type[Policy]:
    """Return the class of a shipped or installed policy, or import ``package.module.Class``.

    Raises
    ------
    ValueError
        With a line that says which names exist, or why the import failed.
    """
    known = policy_names()
    if kind in known:
        return policy_class(kind)
    if "." not in kind:
        raise ValueError(
            f"no policy is called {shorten(kind)!r}{suggestion(kind, known, 'policies are')}"
        )
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


def refuse_name(name: str) -> None:
    """Refuse what cannot name a policy of a scenario, with a line in a `ValueError`."""
    if not _NAME.fullmatch(name):
        raise ValueError("names of policies are letters, digits, '_' and '-', a letter first")


def build_policies(value: Any) -> dict[str, Policy]:
    """Return the policies of plain data by name, `ALWAYS` among them.

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
            built[str(name)] = policy_of(str(name), settings)
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


def policy_of(name: str, settings: Any) -> Policy:
    """Return one policy from its settings; nothing stands for none, an object for itself.

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
    return find_policy(str(kind)).model_validate_json(text)


def clashes(built: Mapping[str, Policy]) -> list[tuple[str, str]]:
    """Return what each two policies say that set one exclusive field at the same time.

    The later one of the mapping is named as the problem; the line is about it.
    """
    order = list(built)
    fields: dict[tuple[str, str], list[str]] = {}
    for field, *pair in conflicts(built):
        first, second = sorted(pair, key=order.index)
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
