"""Policies by name: shipped ones, those of other packages, and policies from plain data and back.

Other packages offer policies by entry points ``ydsim.policies``. The name of an entry point is the
name of the policy, its value ``package.module:Class``. Nothing of a package is imported before one
of its policies is asked for, and nothing that is wrong with a package keeps other policies from
working: it is said where the policy is named or listed.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import ValidationError

from ydsim.errors import ScenarioError
from ydsim.policies import borders, joint, links, money, science
from ydsim.policies.base import REGISTRY, Policy
from ydsim.policies.environment import rules
from ydsim.policies.fold import conflicts
from ydsim.wording import shorten, suggestion

FAMILIES = (borders, links, science, money, joint)
"""The shipped modules; importing one registers its policies."""

# -- policies of other packages --------------------------------------------------------------------

GROUP = "ydsim.policies"
_NAME = re.compile(r"[^\W\d][\w-]{0,79}")


@lru_cache(maxsize=1)
def offered() -> dict[str, tuple[EntryPoint, ...]]:
    """Return the entry points of all installed packages by name, sorted; none is loaded."""
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry)
    return {name: tuple(found[name]) for name in sorted(found)}


@lru_cache(maxsize=256)
def installed(name: str) -> type[Policy]:
    """Return the class that a package offers under ``name``.

    Raises
    ------
    ValueError
        With one line that names the package: two owners of one name, a name that no scenario can
        write, an import that fails, or something that is no policy.
    """
    entries = offered()[name]
    whose = " and ".join(sorted({owner(entry) for entry in entries}))
    if name in REGISTRY:
        raise ValueError(
            f"two policies are called {name!r}, one of ydsim and one of {whose}; "
            "rename the entry point"
        )
    if len({entry.value for entry in entries}) > 1:
        raise ValueError(f"several policies are called {name!r}, of {whose}; keep one of them")
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{whose} offers a policy {name!r}; names of policies are letters, digits, '_' and "
            "'-', a letter first"
        )
    try:
        found = entries[0].load()
    except (Exception, SystemExit) as error:  # code of others may fail in any way
        raise ValueError(
            f"policy {name!r} of {whose} cannot be imported from {entries[0].value!r}: "
            f"{short_error(error)}"
        ) from error
    wrong = fault(found)
    if wrong:
        raise ValueError(f"policy {name!r} of {whose}: {entries[0].value!r} {wrong}")
    return found  # type: ignore[no-any-return]


def fault(found: object) -> str:
    """Return why something is not a policy that scenarios can name, as the end of a sentence."""
    if not (isinstance(found, type) and issubclass(found, Policy)):
        return "is not a class derived from ydsim.Policy"
    unknown = [name for name in found.writes if name not in rules()]
    if unknown:
        return f"writes {unknown[0]!r}, which is no field of the policy environment"
    try:
        found.model_json_schema()
    except Exception as error:  # parameters of any type
        return f"has a parameter that no scenario can hold: {short_error(error)}"
    return ""


def owner(entry: EntryPoint) -> str:
    """Return name and version of the distribution that offers a policy."""
    return f"'{entry.dist.name} {entry.dist.version}'" if entry.dist else "an unnamed package"


def target(entry: EntryPoint) -> str:
    """Return what an entry point leads to as an import path, ``package.module.Class``."""
    return f"{entry.module}.{entry.attr}"


def short_error(error: BaseException) -> str:
    """Return an error as a short line."""
    text = " ".join(str(error).split())
    said = text if len(text) <= 100 else f"{text[:97]}..."
    return f"{type(error).__name__}: {said}"


def working() -> dict[str, type[Policy]]:
    """Return the policies of other packages that can be used, by name; imports them all."""
    bad = broken()
    return {name: installed(name) for name in offered() if name not in bad}


def broken() -> dict[str, str]:
    """Return a line for each name whose entry point cannot be used; imports all the others."""
    lines = {}
    for name in offered():
        try:
            installed(name)
        except ValueError as error:
            lines[name] = str(error)
    return lines


# -- all policies that scenarios can name ----------------------------------------------------------


def policies() -> dict[str, type[Policy]]:
    """Return all policies, shipped and of installed packages, sorted by name."""
    return dict(sorted((REGISTRY | working()).items()))


def shipped() -> dict[str, type[Policy]]:
    """Return the policies that come with ydsim, sorted by name."""
    return dict(sorted(REGISTRY.items()))


# -- policies one by one ---------------------------------------------------------------------------


def policy_names() -> list[str]:
    """Return the names of all policies, shipped and of installed packages, sorted."""
    return sorted({*shipped(), *offered()})


def policy_class(name: str) -> type[Policy]:
    """Return the policy of one of the `policy_names`.

    Raises
    ------
    ValueError
        When the package that offers it is at fault, as `ydsim.policies.library.installed`.
    """
    return installed(name) if name in offered() else shipped()[name]


def named_by_path(path: str) -> str:
    """Return the name of the policy whose class has this import path; empty where none has.

    Only what packages say of themselves is looked at; nothing is imported.
    """
    own = {f"{cls.__module__}.{cls.__qualname__}": name for name, cls in shipped().items()}
    others = {target(entry): name for name, entries in offered().items() for entry in entries}
    return (others | own).get(path, "")


def title_of(cls: type[Policy]) -> str:
    """Return the title of a policy; without one the first line of what it says of itself."""
    said = inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]
    return cls.title or said or f"{cls.__module__}.{cls.__qualname__}"


# -- policies from plain data, as a scenario holds them, and back ----------------------------------

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
