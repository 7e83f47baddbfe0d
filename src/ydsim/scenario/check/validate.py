"""Checking a tree against a model: every problem in one go, in lines that say what to write."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ydsim.parameter import Closed
from ydsim.policies.base import REGISTRY, Policy
from ydsim.policies.library import ALWAYS, clashes, find_policy, policy_names, refuse_name
from ydsim.scenario.read.node import Node, Path, Problem, dotted, drop, find, leaves, plain, problem
from ydsim.scenario.read.yaml import suggest_boolean, suggest_number
from ydsim.scenario.schema.key_index import (
    Bounds,
    bounds_of,
    extra_of,
    fields_of,
    homes,
    kind_of,
    members_of,
    model_at,
    written,
)
from ydsim.scenario.schema.removed import said_of
from ydsim.scenario.schema.scenario import Scenario
from ydsim.translation import gettext as _t
from ydsim.translation import mark, pgettext
from ydsim.wording import comparable, nearest, shorten, suggestion, years_in

# -- from pydantic's errors to lines that say what to write instead --------------------------------

_WIDE_COLON = "\uff1a"
_BOUNDS = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_RULES = {"value_error", "assertion_error"}
_TAGS = {"union_tag_invalid", "union_tag_not_found"}
_WHOLE = {"int_type", "int_from_float", "int_parsing", "int_parsing_size"}
_LISTS = {"tuple_type", "list_type", "set_type", "frozen_set_type"}
_MAPPINGS = {"model_type", "model_attributes_type", "dict_type", "dataclass_type"}
_NO_MAPPING = mark("expected a mapping of keys to values, found {found}")
_KEY = re.compile(r"\w+", re.ASCII)
"""Keys in a message of any language."""


def explain(
    error: ValidationError,
    root: Node,
    model: type[BaseModel],
    prefix: Path = (),
    what: str = "",
    *,
    rules_only: bool = False,
) -> list[Problem]:
    """Return one problem for every error that validating ``root`` as ``model`` gave.

    ``prefix`` is where ``root`` is in the scenario; ``what`` says whose keys they are, for messages
    about unknown ones: `` of policy 'rd_grants'``. ``rules_only`` leaves out all but rules over
    several keys.
    """
    errors = error.errors(include_url=False)
    if rules_only:
        errors = [e for e in errors if e["type"] in _RULES]
    unknown = {model_at(model, e["loc"])[2] for e in errors if e["type"] == "extra_forbidden"}
    problems = []
    for e in errors:
        owner, field, loc = model_at(model, e["loc"])
        node, reached = find(root, loc)
        if e["type"] == "extra_forbidden":
            message = unknown_key(str(loc[-1]), owner, prefix + loc[:-1], what)
            problems.append(problem(node, prefix + loc, message, at_key=True))
        elif e["type"] == "missing" and isinstance(loc[-1], str):
            if not nearest(loc[-1], (str(one[-1]) for one in unknown if one[:-1] == loc[:-1])):
                needs = _t("needs {key!r}{unit}, which has no default")
                needs = needs.format(key=loc[-1], unit=_unit(field))
                problems.append(problem(node, prefix + loc[:-1], needs, at_key=True))
        elif loc[-1:] == ("[key]",):  # a rule over the key itself
            problems.append(problem(node, prefix + reached, str(e["msg"]), at_key=True))
        elif e["type"] in _TAGS:
            members = {} if field is None else members_of(field.annotation)
            problems.append(_tag(dict(e), node, prefix + reached, members))
        elif e["type"] in _RULES:
            problems.append(_rule(str(e["ctx"]["error"]), node, prefix + reached))
        else:
            shown = reached if e["type"] == "missing" else loc
            unwritten = node.value is None and not node.text  # YAML has it in a later line
            text = _value(dict(e), node, field)
            problems.append(problem(node, prefix + shown, text, at_key=unwritten))
    return problems


def unknown_key(name: str, model: type[BaseModel], section: Path, what: str = "") -> str:
    """Say what was probably meant by a key that ``model`` does not have."""
    kinds = [kind for kind, cls in REGISTRY.items() if cls is model]
    if message := said_of(dotted((*(("policies", *kinds) if kinds else section), name))):
        return message
    siblings = list(fields_of(model))
    if what:
        siblings.append("policy")
    if _WIDE_COLON in name:
        message = _t("unknown key; {colon!r} (U+FF1A) is not a colon; write ': '")
        return message.format(colon=_WIDE_COLON)
    unknown = _t("unknown key{what}").format(what=what)
    hint = suggestion(name, siblings, _t("valid keys"))
    if issubclass(model, Closed):
        return unknown + hint + ("" if nearest(name, siblings) else model.hint(name))
    alike = next((s for s in siblings if comparable(s) == comparable(name)), None)
    elsewhere = [home for home in homes().get(name, ()) if home != dotted(section)]
    if alike is None and 1 <= len(elsewhere) <= 3:
        under, top = _t("under {section!r}"), _t("at the top level")
        homes_of = [under.format(section=home) if home else top for home in elsewhere]
        message = _t("{unknown}; {key!r} belongs {where}")
        return message.format(unknown=unknown, key=name, where=_t(" or ").join(homes_of))
    return unknown + hint


def _tag(error: dict[str, Any], node: Node, path: Path, members: Mapping[str, Any]) -> Problem:
    """Return that a ``kind`` is missing, or none of the members of a union."""
    key = str(error["ctx"]["discriminator"]).strip("'")
    given = node.value.get(key) if node.is_mapping else None
    if given is None:
        message = _t("needs {key!r}, one of {names}").format(key=key, names=", ".join(members))
        return problem(node, path, message, at_key=True)
    return problem(given, (*path, key), _not_valid(given.text, list(members)))


def _not_valid(text: str, known: list[str]) -> str:
    message = _t("{text!r} is not valid{hint}")
    return message.format(text=shorten(text), hint=suggestion(text, known, _t("valid are")))


def _rule(message: str, node: Node, path: Path) -> Problem:
    """Place what a rule over several keys said at the first of those keys that is written."""
    if node.is_mapping:
        for word in _KEY.findall(message):
            if word in node.value:
                inner = node.value[word]
                return problem(inner, (*path, word), message)
    return problem(node, path, message, at_key=True)


def _value(error: dict[str, Any], node: Node, field: FieldInfo | None) -> str:
    kind = error["type"]
    value = node.value
    numeric = kind in _WHOLE or kind == "float_type" or kind in _BOUNDS or kind == "finite_number"
    if value is None:
        return _nothing(field)
    if numeric and isinstance(value, float) and not math.isfinite(value):
        return _t("must be a finite number")
    if kind in _BOUNDS:
        return _out_of_bounds(value, field, error)
    if numeric:
        return _not_a_number(node, whole=kind in _WHOLE)
    if kind == "bool_type":
        meant = suggest_boolean(node.text)
        hint = _t("; write {text}").format(text=meant) if meant else ""
        return _t("expected true or false, found {found}{hint}").format(found=node.kind, hint=hint)
    if kind == "string_type":
        quoted = _t('; write "{text}" in quotes').format(text=node.text)
        hint = quoted if node.text and value != node.text else ""
        return _t("expected text, found {found}{hint}").format(found=node.kind, hint=hint)
    if kind in _LISTS:
        one = field is None or not re.match(r"list of \d", kind_of(field.annotation))
        inside = node.text if one and node.text else "..."
        message = _t("expected a list, found {found}; write [{text}]")
        return message.format(found=node.kind, text=shorten(inside))
    if kind in _MAPPINGS:
        return _t(_NO_MAPPING).format(found=node.kind)
    if kind in ("literal_error", "enum"):
        valid = re.findall(r"'([^']*)'", str(error["ctx"].get("expected", "")))
        return _not_valid(node.text, valid)
    if kind == "too_short" and error["ctx"].get("actual_length") == 0:
        return _t("the mapping is empty") if node.is_mapping else _t("the list is empty")
    if kind in ("missing", "too_short", "too_long"):
        count = len(node.value) if node.is_mapping or isinstance(node.value, list) else node.kind
        message = _t("expected {n} values, found {found}")
        return message.format(n=_length(error, field), found=count)
    message = str(error["msg"])
    return message[:1].lower() + message[1:]


def _nothing(field: FieldInfo | None) -> str:
    default = None if field is None or field.is_required() else field.get_default()
    shown = (
        f" {written(default)}" if isinstance(default, (int, float, str)) and default != "" else ""
    )
    return _t("has no value; delete the key to get its default{value}").format(value=shown)


def _not_a_number(node: Node, *, whole: bool) -> str:
    hint, expected = "", _t("a whole number") if whole else _t("a number")
    if isinstance(node.value, str):
        meant = suggest_number(node.value)
        if whole and meant is not None and years_in(meant):
            meant = meant.partition(".")[0]
        if meant is not None:
            hint = _t("; write {text}")
            if meant == node.value.strip():
                hint = _t("; write {text} without quotes")
            hint = hint.format(text=meant)
    elif isinstance(node.value, float) and node.value == int(node.value):
        hint = _t("; write {text}").format(text=int(node.value))
    message = _t("expected {expected}, found {found}{hint}")
    return message.format(expected=expected, found=node.kind, hint=hint)


def _out_of_bounds(value: float, field: FieldInfo | None, error: dict[str, Any]) -> str:
    bounds = bounds_of(field) if field is not None else Bounds()
    needs = _t("must be {bounds}{unit}").format(bounds=bounds, unit=_unit(field))
    if bounds == Bounds():
        needs = str(error["msg"]).replace("Input should be", "must be")
    message = _t("{needs}, found {found}").format(needs=needs, found=shorten(written(value), 30))
    is_share = bounds.high is not None and bounds.high <= 1.0
    if is_share and 2.0 <= value <= 100.0 and value / 100.0 in bounds:
        hint = _t("; did you mean {share:g} ({per_cent:g} %)?")
        message += hint.format(share=value / 100.0, per_cent=value)
    return message


def _unit(field: FieldInfo | None) -> str:
    unit = str(extra_of(field).get("unit", "-")) if field is not None else "-"
    return "" if unit in ("-", "1") else _t(" ({unit})").format(unit=pgettext("unit", unit))


def _length(error: dict[str, Any], field: FieldInfo | None) -> str:
    ctx = error.get("ctx", {})
    fixed = None if field is None else _fixed_length(field.annotation)
    return str(ctx.get("max_length", ctx.get("min_length", fixed or "more")))


def _fixed_length(kind: Any) -> int | None:
    """Return how many values a list has, or those inside of it, where a type says so."""
    inner = get_args(kind)
    if get_origin(kind) is tuple and ... not in inner:
        return len(inner)
    return next((n for n in map(_fixed_length, inner) if n is not None), None)


# -- checking a tree against a model ---------------------------------------------------------------

M = TypeVar("M", bound=BaseModel)


def validate(
    model: type[M], root: Node, prefix: Path = (), what: str = ""
) -> tuple[M | None, list[Problem]]:
    """Return ``root`` as a ``model`` without what is wrong in it, and what that is.

    None where the rest is no ``model`` either. Rules over several keys are only tested once the
    single values are right. To find all problems at once, values that are wrong are taken out and
    the rest is checked again; a rule that speaks of a value that was taken out is not reported.

    Values pass as JSON, where a list may become a tuple and nothing else is converted.
    """
    problems = _foreign(root, prefix)
    if problems:
        return None, problems
    pruned: set[str] = set()
    left = root
    for _ in range(5):
        try:
            return model.model_validate_json(json.dumps(plain(left))), problems
        except ValidationError as raised:
            error = raised
        found = explain(error, root, model, prefix, what, rules_only=bool(pruned))
        problems += [p for p in found if pruned.isdisjoint(_KEY.findall(p.message))]
        wrong: list[Path] = []
        lacking: list[Path] = []
        for e in error.errors(include_url=False):
            _, reached = find(left, model_at(model, e["loc"])[2])
            if reached:
                (lacking if e["type"] == "missing" else wrong).append(reached)
        if not (wrong or lacking):
            break
        for path in wrong or lacking:
            if find(left, path)[1] == path:
                left = drop(left, path)
                pruned.update(str(part) for part in path)
    return None, problems


def _foreign(root: Node, prefix: Path) -> list[Problem]:
    return [
        problem(node, prefix + path, _t("a scenario cannot hold {found}").format(found=node.kind))
        for path, node in leaves(root)
        if not _is_plain(node.value)
    ]


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_plain(item.value) or item.is_mapping for item in value)
    if isinstance(value, int):
        return value.bit_length() <= 1000
    return isinstance(value, (str, float, type(None)))


# -- the mapping of policies -----------------------------------------------------------------------


def read_policies(
    root: Node, *, allow_code: bool = False
) -> tuple[dict[str, Policy], list[Problem]]:
    """Return the policies of a tree by name, `ALWAYS` among them, and all that is wrong.

    ``allow_code`` is as for `find_policy`.
    """
    path = ("policies",)
    if not root.is_mapping:
        found = _t("nothing; write {} for none") if root.value is None else root.kind
        message = _t("expected a mapping from names of policies to their settings, found {found}")
        return {}, [problem(root, path, message.format(found=found))]
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
        problem(root.value.get(name, root), (*path, name), text, at_key=True)
        for name, text in clashes({name: built[name] for name in order if name in built})
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
        message = _t("expected the settings of the policy as a mapping, found {found}")
        return None, [problem(settings, path, message.format(found=settings.kind))]
    kind = settings.value.get("policy")
    if kind is not None and not isinstance(kind.value, str):
        message = _t("expected the name of a policy, found {found}").format(found=kind.kind)
        return None, [problem(kind, (*path, "policy"), message)]
    wanted = name if kind is None else kind.value
    try:
        cls = find_policy(wanted, allow_code)
    except ValueError as error:
        if kind is None:
            known = nearest(name, policy_names())
            hint = "" if known else _t("; a name of your own needs `policy:`")
            return None, [problem(settings, path, f"{error}{hint}", at_key=True)]
        return None, [problem(kind, (*path, "policy"), str(error))]
    own = settings if kind is None else drop(settings, ("policy",))
    return validate(cls, own, path, _t(" of policy {name!r}").format(name=wanted))
