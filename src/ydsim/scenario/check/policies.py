"""The ``policies:`` mapping of a scenario file, with the place of everything that is wrong."""

from __future__ import annotations

from ydsim.policies.base import Policy
from ydsim.policies.naming import policy_names
from ydsim.policies.plain import ALWAYS, clashes, find_policy, refuse_name
from ydsim.scenario.check.pydantic_errors import unknown_key
from ydsim.scenario.check.validate import validate
from ydsim.scenario.read.node import Node, Path, drop
from ydsim.scenario.read.problems import Problem, problem
from ydsim.scenario.schema.scenario import Scenario


def read_policies(
    root: Node, *, allow_code: bool = False
) -> tuple[dict[str, Policy], list[Problem]]:
    """Return the policies of a tree by name, `ALWAYS` among them, and all that is wrong.

    ``allow_code`` is as for `find_policy`.
    """
    path = ("policies",)
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
    # of two that clash the one that is written, or written later, is named as the problem
    order = root.value if ALWAYS in root.value else (ALWAYS, *root.value)
    return built, problems or [
        problem(root.value.get(name, root), (*path, name), said, at_key=True)
        for name, said in clashes({name: built[name] for name in order if name in built})
    ]


def _read(
    name: str, settings: Node, path: Path, allow_code: bool
) -> tuple[Policy | None, list[Problem]]:
    if isinstance(settings.value, Policy):
        return settings.value, []
    try:
        refuse_name(name)
    except ValueError as error:
        return None, [problem(settings, path, str(error), at_key=True)]
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
