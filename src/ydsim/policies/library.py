"""Policies by name: those of this package, and of others by entry points ``ydsim.policies``.

The name of an entry point is the name of the policy, its value ``package.module:Class``. Nothing
of a package is imported before one of its policies is asked for, and nothing that is wrong with a
package keeps other policies from working: it is said where the policy is named or listed.
"""

from __future__ import annotations

import inspect
import re
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from ydsim.policies import (
    border,
    centres,
    closure,
    consortia,
    corridor,
    cost_sharing,
    grants,
    instruments,
    intermediaries,
    joint_fund,
    media,
    membership,
    open_bids,
    recognition,
    talent,
    tax,
    transfer,
    travel_time,
    voucher,
)
from ydsim.policies.base import Policy
from ydsim.policies.environment import rules
from ydsim.policies.registry import REGISTRY

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

FAMILIES = (
    border,
    grants,
    membership,
    corridor,
    travel_time,
    recognition,
    talent,
    transfer,
    centres,
    instruments,
    intermediaries,
    media,
    tax,
    voucher,
    joint_fund,
    open_bids,
    consortia,
    cost_sharing,
    closure,
)
"""The shipped modules; importing one registers its policies."""


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
