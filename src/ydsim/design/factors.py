"""The ``factors:`` of a design: how they are written, and what they can be."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path as File
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from ydsim.design.sweep import (
    SCENARIO,
    Base,
    Bases,
    Cell,
    Factor,
    Level,
    Placed,
    Value,
    column,
    identity_of,
    is_policy,
    plain_row,
    row_of,
)
from ydsim.errors import YdsimError
from ydsim.fmt import number
from ydsim.parameter import Closed, refuse
from ydsim.policies.base import Policy
from ydsim.policies.environment import multiples_of
from ydsim.policies.library import ALWAYS, find_policy, policy_names
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.read.extend import is_name
from ydsim.scenario.read.node import (
    Node,
    Path,
    Problem,
    at_path,
    find,
    plain,
    problem,
)
from ydsim.scenario.schema.key_index import is_whole, kind_of, model_at, section_of, types_of
from ydsim.scenario.schema.scenario import Scenario
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import comparable, suggestion

# -- numbers between two ends ----------------------------------------------------------------------

# With n points from a to b the i-th, i = 0 .. n - 1, is
#
#     linear    a + i (b - a) / (n - 1)
#     log       a (b / a)^(i / (n - 1))
#
# by index and never by accumulation; both ends are as they were written, the numbers between are
# rounded to 10 significant digits, which is what tables of results keep. A unit number u of a space
# filling design becomes a + u (b - a), or a (b / a)^u. Whole numbers come from a - 1/2 to b + 1/2
# and are rounded, so that each has the same share, the two ends included.

TOLERANCE = 1e-9
"""Part of a step by which the last one may miss the end."""


def significant(value: float) -> float:
    """Return a number with 10 significant digits."""
    return float(f"{value:.10g}") + 0.0


def spaced(low: float, high: float, n: int, *, log: bool = False) -> list[float]:
    """Return n numbers from ``low`` to ``high``, both included; at least two."""
    steps = n - 1
    if log:
        inner = [low * (high / low) ** (i / steps) for i in range(1, steps)]
    else:
        inner = [low + i * (high - low) / steps for i in range(1, steps)]
    return [low, *(significant(value) for value in inner), high]


def stepped(low: float, high: float, step: float) -> list[float]:
    """Return ``low``, ``low + step``, ... up to ``high``, included where a step hits it."""
    steps = math.floor((high - low) / step + TOLERANCE)
    values = [low, *(significant(low + i * step) for i in range(1, steps + 1))]
    if abs(low + steps * step - high) <= TOLERANCE * step:
        values[-1] = high
    return values


def scaled(u: float, low: float, high: float, *, log: bool = False, whole: bool = False) -> float:
    """Return the number at a share u in [0, 1] of a range."""
    a, b = (low - 0.5, high + 0.5) if whole else (low, high)
    value = a * (b / a) ** u if log else a + u * (b - a)
    if whole:
        return min(max(math.floor(value + 0.5), int(low)), int(high))
    return min(max(significant(value), low), high)


def share_of_range(factor: Mapping[str, Any], values: NDArray[np.generic]) -> Floats:
    """Return values of a factor as shares in [0, 1] of its range, or of the places in its list.

    The inverse of `scaled`, but for rounding. The factor is plain data, as of
    `ydsim.design.sweep.Factor.plain`, its values are as the table of points has them.
    """
    if "levels" in factor:
        return place_in_list(factor, values) / max(len(factor["levels"]) - 1, 1)
    number = values.astype(np.float64)
    low, high = float(factor["from"]), float(factor["to"])
    if factor["log"]:
        return np.log(number / low) / np.log(high / low)
    return (number - low) / (high - low)


def place_in_list(factor: Mapping[str, Any], values: NDArray[np.generic]) -> Floats:
    """Return the place of each value in the list of a factor, from 0."""
    texts = [str(level["value"]) for level in factor["levels"]]
    plain = {text: place for place, text in reversed(list(enumerate(texts)))}
    if values.dtype.kind in "if":
        numbers = {float(text): place for text, place in plain.items()}
        return np.array([numbers[float(v)] for v in values.tolist()], dtype=np.float64)
    return np.array([plain[str(v)] for v in values.tolist()], dtype=np.float64)


def has_order(factor: Mapping[str, Any]) -> bool:
    """Tell whether more and less of a factor mean something: numbers, or two values."""
    if "levels" not in factor:
        return True
    values = [level["value"] for level in factor["levels"]]
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    return numbers or bool(multiples_of(values)) or len(values) <= 2


# -- forms of a factor -----------------------------------------------------------------------------

MOST = 100_000
"""Values of one factor."""

_LABEL = re.compile(r"[^\W\d][\w .+-]{0,79}")


def check_label(text: str) -> str:
    """Return a text that can name a column or a choice; refuse all others."""
    if not _LABEL.fullmatch(text):
        message = _t(
            "{text!r} cannot name a factor, group or choice; use at most 80 letters, digits, "
            "spaces, '_', '-', '+' and '.', a letter first"
        )
        raise refuse(message.format(text=text))
    return text


Label: TypeAlias = Annotated[str, AfterValidator(check_label)]
"""Name of a column, or of a choice."""

Settings: TypeAlias = Annotated[
    dict[str, Any],
    Field(description="keys of a scenario, dotted or nested; policies.NAME may be off or on"),
]


class Values(Closed):
    """Values with a label of their own."""

    values: list[Any] = Field(min_length=1)
    label: Label | None = None


class Choice(Closed):
    """A bundle of settings."""

    set: Settings | None = None


class Choices(Closed):
    """Bundles of settings by name."""

    choices: dict[Label, Choice] = Field(min_length=1)


class Span(Closed):
    """All numbers between two ends."""

    low: float = Field(alias="from")
    high: float = Field(alias="to")
    log: bool = Field(False, description="equal ratios are equally likely, or equally far apart")
    label: Label | None = None

    @classmethod
    def hint(cls, name: str) -> str:
        """Return why a range has no steps here."""
        steps = _t("; this kind of design takes numbers from all of the range")
        return steps if name in ("steps", "step") else ""

    @model_validator(mode="after")
    def _ends(self) -> Span:
        if self.low >= self.high:
            message = _t("from {low:.12g} is not below to {high:.12g}")
            if self.low > self.high:
                message += _t("; write from {high:.12g} to {low:.12g}")
            raise ValueError(message.format(low=self.low, high=self.high))
        if self.log and self.low <= 0.0:
            text = _t("from must be above 0 with `log`, found {low:.12g}")
            raise ValueError(text.format(low=self.low))
        return self


class Steps(Span):
    """Numbers from one end to the other, in steps."""

    steps: int | None = Field(None, ge=2, le=MOST, description="how many numbers")
    step: float | None = Field(None, gt=0, description="how far apart")

    @model_validator(mode="after")
    def _one_way(self) -> Steps:
        if (self.steps is None) == (self.step is None):
            raise ValueError(_t("needs one of `steps` (how many) and `step` (how wide)"))
        if self.step is not None and self.log:
            raise ValueError(_t("step has no use with `log`; write `steps`"))
        if self.step is not None and (self.high - self.low) / self.step > MOST:
            message = _t("step {step:.12g} makes {n} values, more than {most:,}")
            n = number((self.high - self.low) / self.step)
            raise ValueError(message.format(step=self.step, n=n, most=MOST))
        return self

    def numbers(self) -> list[float]:
        """Return the numbers, both ends as they are written."""
        if self.steps is not None:
            return spaced(self.low, self.high, self.steps, log=self.log)
        return stepped(self.low, self.high, self.step or 1.0)


def _one_form(value: Any) -> Any:
    """Refuse a mapping that is no form of a factor, or several."""
    if isinstance(value, Mapping) and _form(value, each=True) != 1:
        message = _t(
            "needs one of `from` with `to`, `values`, and `choices`; write several settings as a "
            "list, {example}"
        )
        raise ValueError(message.format(example="[{...}, {...}]"))
    return value


def _form(value: Any, *, each: bool = False) -> Any:
    """Return which form a factor has, or with ``each`` how many of them."""
    if not isinstance(value, Mapping):
        return "<list>"
    forms = [name for name in ("values", "choices") if name in value]
    forms += ["range"] if {"from", "to"} & set(value) else []
    return len(forms) if each else f"<{(forms or ['range'])[0]}>"


_List: TypeAlias = Annotated[list[Any], Field(min_length=1), Tag("<list>")]
_Values: TypeAlias = Annotated[Values, Tag("<values>")]
_Choices: TypeAlias = Annotated[Choices, Tag("<choices>")]

Listed: TypeAlias = Annotated[
    _List | _Values | _Choices | Annotated[Steps, Tag("<range>")],
    Discriminator(_form),
    BeforeValidator(_one_form),
]
"""A factor that has values one by one."""

Free: TypeAlias = Annotated[
    _List | _Values | _Choices | Annotated[Span, Tag("<range>")],
    Discriminator(_form),
    BeforeValidator(_one_form),
]
"""A factor that can be any number of a range."""

Form: TypeAlias = list[Any] | Values | Choices | Span


# -- the sweep file at work -----------------------------------------------------------------------


@dataclass
class Context:
    """The sweep file at work."""

    bases: Bases
    # The folder of the sweep file, as it is and as messages name it.
    folder: File
    shown: str
    problems: list[Problem] = field(default_factory=list)  # all that is wrong, in the order found

    def note(self, node: Node, path: Path, message: str, *, at_key: bool = False) -> None:
        """Keep a problem."""
        self.problems.append(problem(node, path, message, at_key=at_key))

    def check(self, row: Placed) -> bool:
        """Note what is wrong with the single values of a row; return whether they are right.

        Rules over several keys are left for the points, where all of them are known.
        """
        base = self.bases.of()
        bad = unknown_policies(base.scenario.policies, row)
        for key, node in row.items():
            info = field_at(base, tuple(key.split(".")), row)
            idle = is_policy(key) and node.value in ("on", "off")
            if not idle and (info is None or not accepts(info, plain(node))):
                bad.append(Problem(node.mark, key, ""))
        if not bad:
            return True
        problems = [p for p in bad if p.message]
        wrong = [p.path for p in bad if not p.message]
        if wrong:
            problems += [p for p in base.problems(row) if any(_related(p.path, w) for w in wrong)]
        self.problems += problems
        return not problems


def _related(one: str, other: str) -> bool:
    longer, shorter = max(one, other, key=len), min(one, other, key=len)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))


def unknown_policies(there: Iterable[str], row: Placed) -> list[Problem]:
    """Return a problem for each policy without settings, or switched off, that does not exist.

    ``there`` are the names of the policies of the base, some of them of its own.
    """
    known = {*there, *policy_names()}
    problems = []
    for key, node in row.items():
        name = key.partition(".")[2]
        if is_policy(key) and node.value in ("on", "off") and name not in known:
            hint = suggestion(name, sorted(known), _t("policies are"))
            message = _t("no policy is called {name!r}{hint}").format(name=name, hint=hint)
            problems.append(problem(node, ("policies", name), message, at_key=True))
    return problems


_TEXT = FieldInfo.from_annotation(str)


def field_at(base: Base, path: Path, row: Placed) -> FieldInfo | None:
    """Return the field of a scenario at a path; None where there is none, or a group of keys."""
    if path[0] == "policies":
        if len(path) < 3:
            return None
        cls = _class_of(base, str(path[1]), row)
        if cls is None:
            return None
        if path[2:] == ("policy",):
            return _TEXT
        owner, info, _ = model_at(cls, path[2:])
    else:
        owner, info, _ = model_at(Scenario, path)
    here = info is not None and owner.model_fields.get(str(path[-1])) is info
    return info if here and info is not None and section_of(info) is None else None


def _class_of(base: Base, name: str, row: Placed) -> type[Policy] | None:
    """Return the class of a policy of a point, None where there is no such class."""
    kind = row.get(f"policies.{name}.policy")
    if kind is None and name in base.scenario.policies:
        return type(base.scenario.policies[name])
    with suppress(ValueError):
        return _found(name if kind is None else str(kind.value), base.allow_code)
    return None


_found = lru_cache(maxsize=256)(find_policy)


def accepts(info: FieldInfo, value: Any) -> bool:
    """Tell whether a field takes a value, apart from rules over several fields."""
    try:
        _adapter(info).validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True


@cache
def _adapter(info: FieldInfo) -> TypeAdapter[Any]:
    kind: Any = info.annotation
    for limit in info.metadata:
        kind = Annotated[kind, limit]
    return TypeAdapter(kind, config=ConfigDict(strict=True, allow_inf_nan=False))


# -- what a factor can be, read from its list -----------------------------------------------------

UNCHANGED = "unchanged"
"""Value of a key that neither the point nor its scenario has."""

TAKEN = frozenset(INDICATORS) | {
    *(SCENARIO, "point", "replicate", "run", "run_id", "seed", "hash", "set", "changes", "seconds"),
    *("quarters", "numeric_warnings", "year", "quarter", "region", "province", "city", "place"),
    *("indicator", "unit", "value", "n"),
}
"""Columns that tables of results have beside those of the factors."""


def level_of(ctx: Context, key: str, node: Node, path: Path) -> Level | None:
    """Return one level of a key, or note what is wrong with it and return None.

    The key is dotted, or ``scenario``, ``governance`` (whose text is a mode) or ``policies.NAME``
    (``off``, ``on`` or settings); ``path`` is where the level is in the sweep file.
    """
    if key == SCENARIO:
        return _scenario(ctx, node, path)
    value = node
    if key == "governance" and isinstance(node.value, str):
        value = at_path(["mode"], node)
    row, wrong = row_of([(key, value)], path)
    ctx.problems += wrong
    if wrong or not ctx.check(row):
        return None
    return Level(_value(ctx, key, node, row), plain_row(row))


def _scenario(ctx: Context, node: Node, path: Path) -> Level | None:
    if not isinstance(node.value, str):
        message = _t("expected the name or path of a scenario, found {found}")
        ctx.note(node, path, message.format(found=node.kind))
        return None
    try:
        ctx.bases.of(node.value)
    except YdsimError as error:
        for line in getattr(error, "problems", ()) or (str(error),):
            ctx.note(node, path, line)
        return None
    name = node.value if is_name(node.value) else ctx.bases.of(node.value).scenario.name
    return Level(name, {SCENARIO: node.value})


def _value(ctx: Context, key: str, node: Node, row: Placed) -> Value:
    """Return a level as the table of points has it; numbers are of the type of their key."""
    if node.is_mapping and not node.value:
        return "on"
    if node.value is None:
        return "on" if is_policy(key) else "none"
    if node.is_mapping or isinstance(node.value, list):
        return json.dumps(plain(node), ensure_ascii=False)
    value: Value = node.value
    info = field_at(ctx.bases.of(), tuple(key.split(".")), row)
    if isinstance(value, int) and not isinstance(value, bool) and info is not None:
        return value if is_whole(info.annotation) else float(value)
    return value


def listed(ctx: Context, key: str, node: Node, path: Path) -> tuple[Level, ...]:
    """Return the levels in a list; empty where something is wrong with it."""
    before = len(ctx.problems)
    levels, nodes = [], []
    for i, item in enumerate(node.value):
        if len(ctx.problems) > before and item.mark.line == 0:
            break  # of a text, which is wrong as a whole
        made = level_of(ctx, key, replace(item, key=node.key), (*path, i))
        if made is not None:
            levels.append(made)
            nodes.append(item)
    return _unlike(ctx, levels, nodes, path, before)


def choices(ctx: Context, form: Choices, node: Node, path: Path) -> tuple[Level, ...]:
    """Return the levels of bundles of settings by name."""
    before = len(ctx.problems)
    levels, nodes = [], []
    for name in form.choices:
        child = node.value[name]
        row = settings(ctx.problems, child.value.get("set"), (*path, name, "set"))
        if ctx.check(row):
            levels.append(Level(name, plain_row(row)))
            nodes.append(replace(child, mark=child.key))
    return _unlike(ctx, levels, nodes, path, before)


def _unlike(
    ctx: Context, levels: Sequence[Level], nodes: Sequence[Node], path: Path, before: int
) -> tuple[Level, ...]:
    """Return levels, or none where they or two of them are wrong, of which the latter is noted."""
    if len(ctx.problems) > before:
        return ()
    seen: dict[str, Level] = {}
    for level, node in zip(levels, nodes, strict=True):
        first = seen.setdefault(identity_of(level.row), level)
        if first is not level:
            same = _t("{value!r} is the same as {other!r}; equal points are no replicates")
            twice = _t("{value!r} appears twice; equal points are no replicates")
            message = twice if first.value == level.value else same
            ctx.note(node, path, message.format(value=level.value, other=first.value))
    return tuple(alike(levels)) if len(seen) == len(levels) else ()


def settings(problems: list[Problem], node: Node | None, path: Path) -> Placed:
    """Return the row of a ``set`` mapping; add what is wrong with its keys to the problems."""
    if node is None or not node.is_mapping:
        return {}
    row, wrong = row_of(node.value.items(), path)
    problems += wrong
    return row


def alike(levels: Sequence[Level]) -> list[Level]:
    """Return levels whose values are of one type; text where they are not."""
    values = column([level.value for level in levels]).tolist()
    return [replace(level, value=value) for level, value in zip(levels, values, strict=True)]


def unchanged(ctx: Context, key: str, scenario: str = "") -> Level:
    """Return the level of a key that a point leaves as its scenario has it."""
    base = ctx.bases.of(scenario)
    if key == SCENARIO:
        return Level(ctx.bases.first if is_name(ctx.bases.first) else base.scenario.name)
    found = base.value(f"{key}.mode" if key == "governance" else key)
    if is_policy(key):
        name = key.partition(".")[2]
        written = find(base.tree, ("policies", name))[1] == ("policies", name)
        there = written or (name != ALWAYS and found is not None)
        return Level("on" if there else "off")
    if found is None:
        known = key.rpartition(".")[0]
        return Level("none" if base.value(known) is not None else UNCHANGED)
    return Level(found if isinstance(found, (int, float, str, bool)) else json.dumps(found))


def refuse_shared(ctx: Context, settings: Iterable[tuple[str, Node, set[str]]], path: Path) -> None:
    """Note that two factors set one key: of one of them the table of points would not be true.

    ``found`` are the factors as they are written, their places, and the keys that they set;
    ``path`` is where they are in the sweep file.
    """
    owners: dict[str, str] = {}
    for name, node, keys in settings:
        for key in sorted(keys & owners.keys())[:1]:
            message = _t("sets {key}, as {other!r} does; a key is set by one factor")
            message = message.format(key=key, other=owners[key])
            ctx.note(node, (*path, name), message, at_key=True)
        owners |= dict.fromkeys(keys, name)


# -- from what is written to the levels that each factor can have ---------------------------------


def read_factors(ctx: Context, forms: Mapping[str, Form], node: Node) -> tuple[Factor, ...]:
    """Return the factors of a design, without those that are wrong, which is noted.

    ``forms`` are by key, as the checked file has them; ``node`` is the mapping under ``factors:``.
    """
    path: Path = ("design", "factors")
    before = len(ctx.problems)
    nodes = [node.value[key] for key in forms]
    factors = [
        _factor(ctx, key, form, child, (*path, key))
        for (key, form), child in zip(forms.items(), nodes, strict=True)
    ]
    found = [factor for factor in factors if factor is not None]
    if len(ctx.problems) == before:
        _refuse_clashes(ctx, found, nodes, path)
    return tuple(found)


def _factor(ctx: Context, key: str, form: Form, node: Node, path: Path) -> Factor | None:
    if isinstance(form, Choices):
        try:
            check_label(key)
        except PydanticCustomError as error:
            ctx.note(node, path, error.message(), at_key=True)
        return Factor(key, "", choices(ctx, form, node.value["choices"], (*path, "choices")))
    if isinstance(form, Span):
        return _range(ctx, key, form, node, path)
    if isinstance(form, Values):
        values = replace(node.value["values"], key=node.key)
        return Factor(form.label or key, key, listed(ctx, key, values, (*path, "values")))
    return Factor(key, key, listed(ctx, key, node, path))


def _range(ctx: Context, key: str, form: Span, node: Node, path: Path) -> Factor | None:
    whole = _whole(ctx, key, node, path)
    ends = [
        level_of(ctx, key, replace(node.value[end], key=node.key), (*path, end))
        for end in (("from", "to") if whole is not None else ())
    ]
    if whole is None or None in ends:
        return None
    label = form.label or key
    if not isinstance(form, Steps):
        return Factor(label, key, low=form.low, high=form.high, log=form.log, whole=whole)
    values = form.numbers()
    if whole and (broken := [v for v in values if v != int(v)]):
        message = _t("gives {n:.10g}, and the key takes whole numbers; list the values instead")
        ctx.note(node, path, message.format(n=broken[0]), at_key=True)
        return None
    levels = (int(v) if whole else v for v in values)
    return Factor(label, key, tuple(Level(v, {key: v}) for v in levels))


def _whole(ctx: Context, key: str, node: Node, path: Path) -> bool | None:
    """Return whether a key takes whole numbers; None, noted, where it takes none at all."""
    info = field_at(ctx.bases.of(), tuple(key.split(".")), {})
    if info is None:  # unknown, which the ends will say
        return False
    if not types_of(info.annotation) & {int, float}:
        message = _t("takes {kind} and has no range; list its values")
        ctx.note(node, path, message.format(kind=kind_of(info.annotation)), at_key=True)
        return None
    return is_whole(info.annotation)


def _refuse_clashes(
    ctx: Context, factors: Sequence[Factor], nodes: Sequence[Node], path: Path
) -> None:
    seen: dict[str, str] = {}
    for factor, node in zip(factors, nodes, strict=True):
        name = comparable(factor.label)
        if name in TAKEN and factor.key != SCENARIO:
            message = _t("{name!r} is a column of a table of results; give it another name")
            message = message.format(name=factor.label)
            ctx.note(node, (*path, factor.label), message, at_key=True)
        if name in seen:
            message = _t("two factors are called {name!r}").format(name=factor.label)
            ctx.note(node, (*path, factor.label), message, at_key=True)
        seen[name] = factor.label


def cell_at(factor: Factor, u: float) -> Cell:
    """Return what a factor is at a share u in [0, 1]; listed levels have equal parts of it."""
    if factor.is_range:
        return scaled(u, factor.low, factor.high, log=factor.log, whole=factor.whole)
    return factor.levels[min(int(u * len(factor.levels)), len(factor.levels) - 1)]
