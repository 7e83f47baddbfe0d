"""What is wrong with a scenario, in lines that say what to write: by its schema, by its world."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar, get_args, get_origin

import numpy as np
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ydsim import fmt
from ydsim.errors import InputError, ScenarioError
from ydsim.parameter import Closed
from ydsim.policies.base import CORRIDORS, REGISTRY, Places, Policy
from ydsim.policies.borders import BorderFriction, Membership, MutualRecognition
from ydsim.policies.environment import CHANNELS, Channel, odds_times, passed
from ydsim.policies.library import (
    ALWAYS,
    clashes,
    find_policy,
    policy_names,
    refuse_name,
)
from ydsim.policies.money import CostSharing, JointRdFund, OpenBids
from ydsim.scenario.read.node import (
    Mark,
    Node,
    Path,
    Problem,
    dotted,
    drop,
    find,
    leaves,
    plain,
    problem,
)
from ydsim.scenario.read.yaml import suggest_boolean, suggest_number
from ydsim.scenario.schema import key_index
from ydsim.scenario.schema.scenario import Scenario
from ydsim.scenario.schema.shocks import Demand, Shock, TravelTimes
from ydsim.translation import gettext as _t
from ydsim.translation import mark, pgettext
from ydsim.typing import Floats
from ydsim.wording import comparable, nearest, shorten, suggestion, years_in
from ydsim.world.base_run import load_base_run
from ydsim.world.inputs import extend_inputs
from ydsim.world.tables import read_payoffs
from ydsim.world.world import World, as_known

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
    unknown = {
        key_index.model_at(model, e["loc"])[2] for e in errors if e["type"] == "extra_forbidden"
    }
    problems = []
    for e in errors:
        owner, field, loc = key_index.model_at(model, e["loc"])
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
            members = {} if field is None else key_index.members_of(field.annotation)
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
    if message := key_index.said_of(dotted((*(("policies", *kinds) if kinds else section), name))):
        return message
    siblings = list(key_index.fields_of(model))
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
    elsewhere = [home for home in key_index.homes().get(name, ()) if home != dotted(section)]
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
        one = field is None or not re.match(r"list of \d", key_index.kind_of(field.annotation))
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
        f" {key_index.written(default)}"
        if isinstance(default, (int, float, str)) and default != ""
        else ""
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
    bounds = key_index.bounds_of(field) if field is not None else key_index.Bounds()
    needs = _t("must be {bounds}{unit}").format(bounds=bounds, unit=_unit(field))
    if bounds == key_index.Bounds():
        needs = str(error["msg"]).replace("Input should be", "must be")
    message = _t("{needs}, found {found}").format(
        needs=needs, found=shorten(key_index.written(value), 30)
    )
    is_share = bounds.high is not None and bounds.high <= 1.0
    if is_share and 2.0 <= value <= 100.0 and value / 100.0 in bounds:
        hint = _t("; did you mean {share:g} ({per_cent:g} %)?")
        message += hint.format(share=value / 100.0, per_cent=value)
    return message


def _unit(field: FieldInfo | None) -> str:
    unit = str(key_index.extra_of(field).get("unit", "-")) if field is not None else "-"
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
            _, reached = find(left, key_index.model_at(model, e["loc"])[2])
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


# -- shocks that multiply --------------------------------------------------------------------------

# Factors of shocks in force at the same time multiply, of a pair of cities or of the goods of an
# industry and province. With the logarithm of each, w_k, above zero or below zero apart,
#
#     together = sum w_k    over all shocks k in force whose target has the thing
#
# of arms of one group only the largest, since no unit is in two of them, for as long as one of
# them holds. More than `MOST` times, or less than one part in it, no rule of the model can take:
# numbers then leave what a computer holds.

MOST: Final = 1e9
"""Largest factor of all shocks together (assumed: far beyond any use, far from overflow)."""


def too_much(scenario: Scenario, world: World) -> Iterator[str]:
    """Yield a line for each kind of shocks that may together move something beyond `MOST`."""
    places = Places(world.provinces, world.city_names, world.city_province, world.distance_km,
                    world.fields, world.industries)  # fmt: skip
    kinds = ((TravelTimes, _t("hours between two cities")), (Demand, _t("demand for goods")))
    for kind, what in kinds:
        shocks = [one for one in scenario.shocks if isinstance(one, kind) and one.share > 0.0]
        for sign in (1.0, -1.0):
            largest = _largest(shocks, sign, places, scenario.start) if shocks else 0.0
            if largest > np.log(MOST):
                up, most = sign * largest / np.log(10.0), np.log10(MOST)
                yield _t(
                    "shocks: those of kind {kind} together multiply {what} by up to 10^{up:.0f}; "
                    "between 10^-{most:.0f} and 10^{most:.0f} is possible"
                ).format(kind=shocks[0].kind, what=what, up=up, most=most)


def _largest(
    shocks: Sequence[TravelTimes | Demand], sign: float, places: Places, start: int
) -> float:
    """Return the largest sum of logarithms of one sign that are in force at once."""
    groups: dict[tuple[str, str], list[TravelTimes | Demand]] = {}
    for shock in shocks:
        groups.setdefault((shock.arms, "" if shock.arms else shock.name), []).append(shock)
    spans = [
        (
            min(one.first(start) for one in members),
            max(one.last(start) for one in members),
            np.max([_moved(one, sign, places) for one in members], axis=0),
        )
        for members in groups.values()
    ]
    return max(
        float(np.max(sum(most for begin, end, most in spans if begin <= quarter < end)))
        for quarter, _, _ in spans
    )


def _moved(shock: TravelTimes | Demand, sign: float, places: Places) -> Floats:
    """Return the logarithm of one sign, without it, of all things of a kind; 0 elsewhere."""
    if isinstance(shock, TravelTimes):
        where = shock.target.pair_mask(places)
        log = np.log(shock.factor)
    else:
        provinces = shock.target.province_mask(places) > 0.0
        where = np.outer(shock.target.industry_mask(places), provinces)
        log = np.log1p(shock.rise)
    return max(0.0, sign * float(log)) * where


# -- checking a scenario against its world, and remarks that are no errors -------------------------


def check_against_world(
    scenario: Scenario, world: World, origins: Mapping[str, str] | None = None
) -> list[str]:
    """Return a line for every name that the world does not know.

    With ``origins``, as of `ydsim.scenario.load.Resolved`, lines begin with file and line.
    """
    lacking = _lacking(scenario.policies, scenario.shocks, world)
    lines = [_at(origins, path) + message for path, message in lacking]
    if not lines:  # names are known
        lines += too_much(scenario, world)
    keys = scenario.governance
    if keys.mode in ("tournament", "coordinated") and keys.beliefs == "table":
        try:
            read_payoffs(keys.table, world.provinces)
        except InputError as error:
            lines.append(f"{_at(origins, 'governance.table')}{error}")
    first = int(world.years[0])
    if scenario.start < first:
        message = _t("lies before {year}, the first year of the world {world!r}")
        lines.append(_at(origins, "start") + message.format(year=first, world=world.name))
    return lines


def unknown_names(
    tree: Node, policies: Mapping[str, Policy], shocks: Sequence[Shock], world: World
) -> list[Problem]:
    """Return what `check_against_world` says of names, of a tree that is wrong in other ways.

    ``policies`` and ``shocks`` are what is left of it without what is wrong.
    """
    marks = {dotted(path): node.mark for path, node in leaves(tree)}
    part = tree.value.get("policies")
    if part is not None and part.is_mapping:  # a default of a policy is at the policy's name
        marks |= {f"policies.{name}": node.key for name, node in part.value.items()}
    problems = []
    for path, message in _lacking(policies, shocks, world):
        written = path.partition("[")[0]
        while written and written not in marks:
            written = written.rpartition(".")[0]
        mark = replace(marks.get(written, Mark("")), column=0, via="")
        problems.append(Problem(mark, path, message, None))
    return problems


def refuse_unknown(
    scenario: Scenario, world: World, origins: Mapping[str, str] | None = None
) -> None:
    """Raise `ScenarioError` with all lines of `check_against_world`, if there are any.

    A world that has not the figures for the first year raises `InputError`.
    """
    problems = check_against_world(scenario, world, origins)
    if problems:
        raise ScenarioError(*problems)
    where = _at(origins, "world" if scenario.known_in is None else "known_in")
    require_inputs(world, scenario.start, scenario.known_in, where)


def require_inputs(world: World, start: int, known_in: int | None, where: str = "") -> None:
    """Raise `InputError` where the figures of a world do not make the inputs of a first year."""
    try:
        extend_inputs(world if known_in is None else as_known(world, known_in), start, start)
    except InputError as error:
        raise InputError(*(f"{where}{line}" for line in error.problems)) from error


def _lacking(
    policies: Mapping[str, Policy], shocks: Sequence[Shock], world: World
) -> Iterator[tuple[str, str]]:
    """Yield key and message of every name in policies and shocks that the world does not know."""
    parts: list[tuple[str, Policy | Shock]] = [
        *((f"policies.{name}", policy) for name, policy in sorted(policies.items())),
        *((f"shocks[{k}]", shock) for k, shock in enumerate(shocks)),
    ]
    for called, policy in parts:
        for path, kind, wanted, given in _named(policy):
            known = _known(world, kind)
            unknown = [one for one in wanted if isinstance(one, str) and one not in known]
            if given:
                aimed = path.startswith("target.")
                for one in unknown:
                    yield f"{called}.{path}", _unknown(one, kind, world, aimed=aimed)
            elif unknown:
                message = _t(
                    "the default is of another world: the world {world!r} lacks {names}; name "
                    "{kind} of its own"
                )
                names = ", ".join(unknown)
                yield f"{called}.{path}", message.format(world=world.name, names=names, kind=kind)
        corridor = policy.target.corridor
        missing = [city for city in CORRIDORS.get(corridor, ()) if city not in world.city_names]
        if missing:
            message = _t("the world {world!r} lacks cities of the corridor {corridor!r}: {names}")
            message = message.format(world=world.name, corridor=corridor, names=", ".join(missing))
            yield f"{called}.target.corridor", message


def _named(policy: Policy | Shock) -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    """Yield key, kind and names of parts of a world, and whether the scenario has them written."""
    given = "target" in policy.model_fields_set
    for kind in ("provinces", "cities", "fields", "industries"):
        yield f"target.{kind}", kind, getattr(policy.target, kind), given
    for i, pair in enumerate(policy.target.pairs):
        yield f"target.pairs[{i}]", "provinces", pair, given
    for key, kind in policy.names.items():
        names = getattr(policy, key, None) or ()
        given = key in policy.model_fields_set
        if isinstance(names, Mapping):
            for name in names:
                yield f"{key}.{name}", kind, (name,), given
        else:
            yield key, kind, (names,) if isinstance(names, str) else tuple(names), given


def _known(world: World, kind: str) -> tuple[str, ...]:
    """Return the names of a kind of parts of a world."""
    return getattr(world, "city_names" if kind == "cities" else kind)


def _unknown(wanted: str, kind: str, world: World, *, aimed: bool) -> str:
    """Return what may have been meant by a name; in a target cities and provinces have a key."""
    codes = dict(zip(world.city_codes, world.city_names, strict=True))
    hint = suggestion(wanted, list(_known(world, kind)), _t("{kind} are").format(kind=kind))
    other = {"provinces": "cities", "cities": "provinces"}.get(kind, "")
    if other and wanted in _known(world, other):
        message = (
            _t("; it belongs under {other}") if aimed else _t("; name {kind} here, not {other}")
        )
        hint = message.format(kind=kind, other=other)
    elif wanted in codes:
        hint = _t("; write {name!r}").format(name=codes[wanted])
    one = {"cities": "city", "industries": "industry"}.get(kind, kind[:-1])
    message = _t("no {kind} of the world {world!r} is called {name!r}{hint}")
    return message.format(kind=_t(one), world=world.name, name=wanted, hint=hint)


def notes(scenario: Scenario, world: World) -> list[str]:
    """Return remarks on what a scenario says and nothing would show."""
    lines = []
    last = int(world.years[-1])
    if scenario.end > last:
        message = _t("end: inputs after {year}, the last year of the world, are extrapolated")
        lines.append(message.format(year=last))
    span = f"{scenario.start}-{scenario.end}"
    for name, policy in sorted(scenario.policies.items()):
        late = policy.start is not None and policy.start >= scenario.end + 1
        early = policy.end is not None and policy.end <= scenario.start
        if late or early:
            message = _t("policies.{name}: is never in force in {years}")
            lines.append(message.format(name=name, years=span))
        elif policy.strength == 0.0 and name != ALWAYS:
            lines.append(_t("policies.{name}: has no effect, its strength is 0").format(name=name))
    lines += remarks(scenario, world)
    for shock in scenario.shocks:
        if shock.first(scenario.start) >= scenario.quarters:
            message = _t("shocks: {name!r} does not begin in {years}")
            lines.append(message.format(name=shock.name, years=span))
        elif shock.share == 0.0 and not getattr(shock, "number", 0):
            message = _t("shocks: {name!r} treats nobody, its share is 0")
            lines.append(message.format(name=shock.name))
    kinds = {type(policy) for policy in scenario.policies.values() if policy.strength > 0.0}
    if OpenBids in kinds and JointRdFund not in kinds:
        lines.append(_t("policies: open_bids has no effect without a joint_rd_fund"))
    few = [
        name
        for name, firms in zip(world.provinces, world.firms, strict=True)
        if scenario.scale * float(firms) < 30.0
    ]
    if world.listed is None and few:
        message = _t("scale: fewer than 30 firms are simulated in {places}")
        lines.append(message.format(places=_t(", ").join(map(_t, few))))
    elif world.listed is not None and scenario.scale != 1.0:
        message = _t("scale: is taken as 1, the world {name!r} lists its firms one by one")
        lines.append(message.format(name=world.name))
    return lines


def remarks(scenario: Scenario, world: World) -> list[str]:
    """Return the remarks that whoever runs a scenario is told."""
    late = other_start(scenario.start, world)
    return [
        *idle(scenario), *without_members(scenario, world), *far(scenario), *filter(None, [late])
    ]  # fmt: skip


def other_start(start: int, world: World) -> str:
    """Say that levels of runs that begin in this year are not anchored; empty where they are."""
    base = load_base_run(world)
    if base.anchors is None or start == base.first_year:
        return ""
    return _t(
        "Levels are anchored to official figures only in runs that begin in {first}. This one "
        "begins in {start}: its levels can lie well off these figures, and after the last of them "
        "by how much is not known. Relative differences between scenarios do not depend on anchors."
    ).format(first=base.first_year, start=start)


def idle(scenario: Scenario) -> list[str]:
    """Return a line for each policy that is set at some strength and moves nothing."""
    lines = []
    for name, policy in sorted(scenario.policies.items()):
        moves = policy.cost > 0.0 or policy.written() or not policy.writes
        if moves or policy.strength == 0.0 or policy == type(policy)():
            continue
        message = _t("policies.{name}: has no effect, as it is set")
        if policy.channel_names and not getattr(policy, "channels", ()):
            message = _t(
                "policies.{name}: has no effect, its channels are none; leave channels out for all"
            )
        elif getattr(policy, "passes", 0.0) is None:
            message = _t("policies.{name}: has no effect, it does not say what passes")
        lines.append(message.format(name=name))
    return lines


def without_members(scenario: Scenario, world: World) -> list[str]:
    """Return a line for each membership that no city of the world ever enters."""
    message = _t(
        "policies.{name}: no city of the world {world!r} is in its schedule; name cities and "
        "their years in policies.{name}.schedule"
    )
    return [
        message.format(name=name, world=world.name)
        for name, policy in sorted(scenario.policies.items())
        if isinstance(policy, Membership)
        and policy.strength > 0.0
        and not np.isfinite(policy.entries(world.city_names)).any()
    ]


FAR: Final = 4.0
"""What passes a border over the baseline from which on no study speaks of such a step."""


def far(scenario: Scenario) -> list[str]:
    """Return a line where policies let far more pass borders than the parameters say.

    They are taken at full strength and as if they met, the largest of those that do not add up.
    """
    there = {name: one for name, one in scenario.policies.items() if one.strength > 0.0}
    movers = [name for name, one in sorted(there.items()) if _opens(one)]
    steps = []
    for channel in CHANNELS if movers else ():
        base = float(getattr(scenario.parameters.border, channel))
        now = float(_most_passing(list(there.values()), channel, base))
        if now >= FAR * base and now > base:
            message = _t("{channel} pass {now:.2g} in the place of {base:.2g}")
            steps.append(message.format(channel=channel, now=now, base=base))
    if not steps:
        return []
    line = _t(
        "policies: {names} let {steps}, {times:g} times the baseline and more; no study covers "
        "such a step"
    )
    return [line.format(names=fmt.listed(movers), steps=", ".join(steps), times=FAR)]


def _opens(policy: Policy) -> bool:
    """Tell whether a policy says what passes borders, or eases them."""
    if isinstance(policy, BorderFriction):
        return policy.passes is not None
    return any(_eases(policy, channel) > 1.0 for channel in CHANNELS)


def _most_passing(policies: Sequence[Policy], channel: Channel, base: float) -> Floats:
    """Return what passes in a channel where policies at their largest meet."""
    set_ = [
        one.passes
        for one in policies
        if isinstance(one, BorderFriction) and channel in one.channels and one.passes is not None
    ]
    share = max((float(passed(passes, base)) for passes in set_), default=base)
    members = [one for one in policies if isinstance(one, Membership)]
    others = [one for one in policies if not isinstance(one, Membership)]
    factors = (max((_eases(p, channel) for p in kind), default=1.0) for kind in (members, others))
    return odds_times(share, math.prod(factors))


def _eases(policy: Policy, channel: Channel) -> float:
    """Return the factor of a policy on the odds of what passes in a channel."""
    if isinstance(policy, Membership):
        return policy.passes if channel in policy.channels else 1.0
    if channel == "hand_over" and isinstance(policy, MutualRecognition):
        return policy.hand_over
    if channel == "hand_over" and isinstance(policy, CostSharing):
        return 1.0 + (policy.hand_over - 1.0) * 2.0 * policy.tax_share
    return 1.0


def _at(origins: Mapping[str, str] | None, path: str) -> str:
    written, known = path.partition("[")[0], origins or {}
    while written and known.get(written, "default") == "default":
        written = written.rpartition(".")[0]  # a default of a policy is at the policy's name
    where = known.get(written, "default")
    if where in ("--set", "--with"):
        return f"{where} {path}: "
    return f"{path}: " if where == "default" else f"{where}: {path}: "
