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

from ydsim import fmt
from ydsim.errors import ScenarioError
from ydsim.policies import borders, money, places
from ydsim.policies.base import REGISTRY, Policy
from ydsim.policies.environment import rules
from ydsim.policies.fold import conflicts
from ydsim.translation import gettext as _t
from ydsim.translation import in_chinese, mark
from ydsim.wording import canonical, shorten, suggestion

FAMILIES = (borders, places, money)
"""The shipped modules; importing one registers its policies."""

ALWAYS = "border_friction"
"""The policy that every scenario has, so that its keys are paths even where it is off."""

_NAME = re.compile(r"[^\W\d][\w-]{0,79}")
_NAMES_ARE = mark("names of policies are letters, digits, '_' and '-', a letter first")
_OUTSIDE = mark(
    "is code from outside; not looked at; --allow-code imports it (allow_code=True in Python)"
)


def may_have_budget(cls: type[Policy] | None) -> bool:
    """Tell whether a policy may pay from a budget: tax relief ends where tax does."""
    return cls is None or "tax_relief" not in cls.writes


def shipped_class(name: str, policy: Mapping[str, Any]) -> type[Policy] | None:
    """Return the class of a policy, plain data; None of others, whose code is not imported."""
    return shipped().get(str(policy.get("policy") or name))


# -- policies of other packages --------------------------------------------------------------------


@lru_cache(maxsize=1)
def offered() -> dict[str, tuple[EntryPoint, ...]]:
    """Return the entry points of all installed packages by name, sorted; none is loaded."""
    entries: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group="ydsim.policies"):
        entries.setdefault(entry.name, []).append(entry)
    return {name: tuple(entries[name]) for name in sorted(entries)}


@lru_cache(maxsize=256)
def installed(name: str) -> type[Policy]:
    """Return the class that a package offers under ``name``.

    ValueError with one line that names the package: two owners of one name, a name that no scenario
    can write, an import that fails, or something that is no policy.
    """
    entries = offered()[name]
    whose = " and ".join(sorted({_owner(entry) for entry in entries}))
    if name in REGISTRY:
        raise ValueError(
            f"two policies are called {name!r}, one of ydsim and one of {whose}; "
            "rename the entry point"
        )
    if len({entry.value for entry in entries}) > 1:
        raise ValueError(f"several policies are called {name!r}, of {whose}; keep one of them")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{whose} offers a policy {name!r}; {_t(_NAMES_ARE)}")
    try:
        loaded = entries[0].load()
    except (Exception, SystemExit, GeneratorExit) as error:  # code of others may fail in any way
        raise ValueError(
            f"policy {name!r} of {whose} cannot be imported from {entries[0].value!r}: "
            f"{_short(error)}"
        ) from error
    return _policy_or_refusal(loaded, f"policy {name!r} of {whose}: {entries[0].value!r}")


def _policy_or_refusal(candidate: Any, what: str) -> type[Policy]:
    """Return what was imported where scenarios can name it; refuse it with ``what`` it is."""
    if not (isinstance(candidate, type) and issubclass(candidate, Policy)):
        raise ValueError(_t("{what} is not a class derived from ydsim.Policy").format(what=what))
    for name in candidate.writes:
        if name not in rules():
            raise ValueError(f"{what} writes {name!r}, which is no field of the policy environment")
    try:
        candidate.model_json_schema()
    except Exception as error:  # parameters of any type
        message = "has a parameter that no scenario can hold"
        raise ValueError(f"{what} {message}: {_short(error)}") from error
    return candidate


def _owner(entry: EntryPoint) -> str:
    return f"'{entry.dist.name} {entry.dist.version}'" if entry.dist else "an unnamed package"


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    message = text if len(text) <= 100 else f"{text[:97]}..."
    return f"{type(error).__name__}: {message}"


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


def shipped() -> dict[str, type[Policy]]:
    """Return the policies that come with ydsim, sorted by name."""
    return dict(sorted(REGISTRY.items()))


def policies() -> dict[str, type[Policy]]:
    """Return all policies that can be used, shipped and of installed packages, sorted by name."""
    bad = broken()
    others = {name: installed(name) for name in offered() if name not in bad}
    return dict(sorted((REGISTRY | others).items()))


def policy_names() -> list[str]:
    """Return the names of all policies, shipped and of installed packages, sorted."""
    return sorted({*REGISTRY, *offered()})


def policy_class(name: str) -> type[Policy]:
    """Return the policy of one of the `policy_names`.

    ValueError when the package that offers it is at fault, as `ydsim.policies.library.installed`.
    """
    return installed(name) if name in offered() else REGISTRY[name]


def title_of(cls: type[Policy]) -> str:
    """Return the title of a policy; without one the first line of what it says of itself."""
    message = inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]
    return cls.title or message or _path(cls)


def policy_called(name: str) -> str:
    """Return the name in scenarios of a policy that is called by its Chinese title.

    A part of the title is enough where no other has it.
    """
    if name.isascii() or not name:
        return name
    titles = {n: title_of(cls) for n, cls in shipped().items()}
    parts = [n for n, title in titles.items() if name in in_chinese(title)]
    return parts[0] if len(parts) == 1 else canonical(name, titles)


def _path(cls: type[Policy]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _named_by_path(path: str) -> str:
    """Return the name of the policy of an import path, empty where none has it; imports nothing."""
    named = {f"{e.module}.{e.attr}": name for name, entries in offered().items() for e in entries}
    return (named | {_path(cls): name for name, cls in REGISTRY.items()}).get(path, "")


def find_policy(kind: str, allow_code: bool = False) -> type[Policy]:
    """Return the class of a shipped or installed policy, or import ``package.module.Class``.

    ``kind``: name of a policy, or the import path of a class. ``allow_code``: import classes that
    no installed package offers; without it they are refused.

    ValueError with a line that says which names exist, why a class is not imported, or why the
    import failed.
    """
    known = policy_names()
    if kind not in known:
        kind = _named_by_path(kind) or kind
    if kind in known:
        return policy_class(kind)
    if "." not in kind:
        message = _t("no policy is called {name!r}{hint}")
        hint = suggestion(kind, known, _t("policies are"))
        raise ValueError(message.format(name=shorten(kind), hint=hint))
    if not allow_code:
        raise ValueError(f"{shorten(kind)!r} {_t(_OUTSIDE)}")
    package, _, name = kind.rpartition(".")
    try:
        cls = getattr(importlib.import_module(package), name)
    except (Exception, SystemExit, GeneratorExit) as error:  # code of others may fail in any way
        message = _t("cannot import {name!r}: {why}")
        raise ValueError(message.format(name=kind, why=_short(error))) from error
    return _policy_or_refusal(cls, repr(kind))


def kind_of_policy(policy: Policy) -> str:
    """Return the name under which `find_policy` finds the class of ``policy``."""
    cls = type(policy)
    known = shipped()
    if cls not in known.values():
        known = policies()  # of other packages, whose code is only then needed
    return next((name for name, one in known.items() if one is cls), _path(cls))


# -- policies from plain data, as a scenario holds them, and back ----------------------------------


def refuse_name(name: str) -> None:
    """Refuse what cannot name a policy of a scenario, with a line in a `ValueError`."""
    if not _NAME.fullmatch(name):
        raise ValueError(_t(_NAMES_ARE))


def build_policies(value: Any, allow_code: bool = False) -> dict[str, Policy]:
    """Return the policies of plain data by name, `ALWAYS` among them.

    ``allow_code`` is as for `find_policy`; policies that are there as objects need none.

    ValueError with one line for each problem.
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
    wrong = wrong or [f"policies.{second}: {message}" for second, message in clashes(built)]
    if wrong:
        raise ValueError("; ".join(wrong))
    return built


def policy_of(name: str, settings: Any, allow_code: bool = False) -> Policy:
    """Return one policy from its settings: None means the defaults, a policy is returned as it is.

    ``allow_code`` is as for `find_policy`.

    ValueError when the settings are no mapping, name no policy, or do not fit it.
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
            _t(
                "sets {fields}, as policy {other!r} does at the same time; give them different "
                "years or take one out"
            ).format(fields=fmt.listed(names), other=first),
        )
        for (first, second), names in fields.items()
    ]


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

    ``value``: the ``policies`` of a scenario as `dump_policies` returns them. ``where``: where they
    are from, as the beginning of a message. ScenarioError with one line for each of them.
    """
    settings = value.items() if isinstance(value, Mapping) else ()
    kinds = {name: own.get("policy") for name, own in settings if isinstance(own, Mapping)}
    known = policy_names()
    lines = [
        f"{where}: policies.{name}.policy: {shorten(kind)!r} {_t(_OUTSIDE)}"
        for name, kind in kinds.items()
        if isinstance(kind, str) and "." in kind and kind not in known and not _named_by_path(kind)
    ]
    if lines:
        raise ScenarioError(*lines)
