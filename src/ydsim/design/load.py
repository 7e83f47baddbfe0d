"""From a sweep file, or from a scenario and ``--vary``, to a checked sweep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, cast

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, field_validator

from ydsim import arguments
from ydsim.design.factors import (
    Context,
    Listed,
    Settings,
    read_factors,
    refuse_shared,
    settings,
    unknown_policies,
)
from ydsim.design.kinds import (
    Draft,
    Factorial,
    FactorKind,
    Grid,
    LatinHypercube,
    Morris,
    OneAtATime,
    Saltelli,
    Sobol,
)
from ydsim.design.listed import LARGEST, List
from ydsim.design.sweep import (
    MAX_RUNS,
    MOST_REPLICATES,
    SCENARIO,
    Bases,
    Placed,
    Recorded,
    ReplicateRule,
    Sweep,
    laid_over,
    plain_row,
    row_of,
)
from ydsim.errors import InputError, ScenarioError, UsageError
from ydsim.fmt import counted
from ydsim.parameter import Closed, known, refuse
from ydsim.policies.base import Policy
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.check import validate
from ydsim.scenario.load import check_tree, folder_name
from ydsim.scenario.read.extend import (
    Overrides,
    is_name,
    locate,
    override_tree,
    read_text,
    read_tree,
    shipped,
    shipped_sweeps,
)
from ydsim.scenario.read.node import (
    SET,
    Mark,
    Node,
    Problem,
    dotted,
    fail,
    failure,
    from_plain,
    leaves,
    placed,
)
from ydsim.scenario.read.yaml import check_mapping, parse, resolve, suggest_number
from ydsim.scenario.schema.key_index import scenario_keys
from ydsim.translation import gettext as _t
from ydsim.translation import mark as marked
from ydsim.wording import NAME_RULE, can_name_folder, composed, shorten

if TYPE_CHECKING:
    import pandas as pd

# -- a sweep file as a model -----------------------------------------------------------------------

_OUTCOMES = tuple(name for name, one in INDICATORS.items() if "region" in one.levels)
Design: TypeAlias = Annotated[
    Grid | List | OneAtATime | LatinHypercube | Sobol | Saltelli | Morris | Factorial,
    Field(discriminator="kind", description="kind of design and its settings"),
]


def _name(text: str) -> str:
    name = composed(text)
    if not can_name_folder(name):
        message = _t("{text!r} cannot name a folder; {rule}")
        raise refuse(message.format(text=text, rule=_t(NAME_RULE)))
    return name


Outcome: TypeAlias = Annotated[
    str,
    AfterValidator(known(marked("no indicator of the region is called {name!r}{hint}"), _OUTCOMES)),
    Field(json_schema_extra={"enum": list(_OUTCOMES)}),
]


class RuleKeys(ReplicateRule):
    """When replicates are enough; see `ydsim.design.sweep.ReplicateRule`."""

    outcome: Outcome


Replicates: TypeAlias = Annotated[
    Annotated[int, Field(ge=1, le=MOST_REPLICATES), Tag("<number>")]
    | Annotated[RuleKeys, Tag("<rule>")],
    Discriminator(lambda value: "<rule>" if isinstance(value, (dict, RuleKeys)) else "<number>"),
]


class SweepFile(Closed):
    """The keys of a sweep file."""

    model_config = ConfigDict(
        title="ydsim sweep", json_schema_extra={"required": ["design"]}, validate_default=False
    )

    name: Annotated[str, AfterValidator(_name)] | None = Field(
        None, description="name of the folder of results"
    )
    description: str = Field("", description="the question it asks")
    base: str | None = Field(
        None, description="a shipped scenario, or a path relative to this file"
    )
    set: Settings | None = None
    design: Design | None = None
    replicates: Replicates | None = None
    random: Literal["common", "independent"] = "common"
    record: Recorded = Recorded()
    seed: int | None = Field(None, ge=0, le=2**63 - 1, description="seed of all draws")

    @field_validator("name", "base", "design", "replicates", "seed", mode="before")
    @classmethod
    def _something(cls, value: Any) -> Any:
        if value is None:
            raise refuse(_t("has no value; delete the key"))
        return value

    @classmethod
    def hint(cls, name: str) -> str:
        """Return where settings of the scenario go."""
        return _t("; settings of the scenario go under `set`")


class FactorsAlone(Closed):
    """The factors of a design of which something else is wrong."""

    factors: dict[str, Listed]


def sweep_schema() -> dict[str, Any]:
    """Return the JSON schema of a sweep file, for completion and checks in editors."""
    schema = SweepFile.model_json_schema()
    schema["properties"]["design"] = schema["properties"]["design"]["anyOf"][0]
    keys = {
        dotted(key.path): key.meaning
        for key in scenario_keys()
        if key.path[0] not in ("name", "description", "seed", "replicates", "record")
    }
    for name, part in (("listed", "Grid"), ("free", "Sobol")):
        block = schema["$defs"][part]["properties"]["factors"]
        form = {"$ref": f"#/$defs/{name}/additionalProperties"}
        known = {key: form | {"description": meaning} for key, meaning in keys.items()}
        schema["$defs"][name] = block | {"properties": known}
        for model in schema["$defs"].values():
            if model.get("properties", {}).get("factors") == block:
                model["properties"]["factors"] = {"$ref": f"#/$defs/{name}"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


# -- which file a sweep is read from ---------------------------------------------------------------


def is_sweep(name_or_path: str) -> bool:
    """Tell whether this is a shipped sweep or a file with a ``design``."""
    if is_name(name_or_path):
        return name_or_path in shipped_sweeps() and name_or_path not in shipped()
    try:
        text = read_text(Path(name_or_path), Mark(name_or_path), largest=LARGEST)
        root = parse(text, Mark(name_or_path))
    except (InputError, ScenarioError):
        return any(PurePath(name_or_path) == path for path in shipped_sweeps().values())
    return root.is_mapping and "design" in root.value


def of_table(text: str, design: pd.DataFrame) -> tuple[Node, Path, Mark]:
    """Return the sweep that a scenario with a table of points makes; as `of_file`.

    ``design`` has values by dotted key, nothing where a cell is missing; or, as that of results,
    rows in a column ``set``, beside which other columns do not count. A seed that all rows share is
    that of the sweep. UsageError when seeds differ, when it is no table, has two columns of one
    name, or holds no rows of this form.
    """
    expected = "a pandas DataFrame whose columns are dotted keys, each once"
    if not hasattr(design, "to_dict") or not hasattr(design, "columns"):
        raise arguments.refuse("design", expected, design)
    if not design.columns.is_unique:
        raise arguments.refuse("design", expected, list(design.columns))
    points: list[dict[str, Any]] = []
    for row in design.to_dict("records"):
        if "set" in row:
            keys = _stored_row(row["set"])
        else:
            keys = {str(k): _whole(v) for k, v in row.items() if v is not None and v == v}
        points.append(keys)
    seeds = {keys.pop("seed") for keys in points if "seed" in keys}
    if len(seeds) > 1:
        message = _t("design: its points have seeds of their own; take one row at a time")
        raise UsageError(message)
    common = {"seed": seeds.pop()} if seeds else {}
    return _over(text, {"kind": "list", "points": points}, **common)


def _stored_row(text: object) -> dict[str, Any]:
    """Return a cell of the column ``set`` without what a scenario is called."""
    try:
        keys = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        keys = None
    if not isinstance(keys, Mapping):
        raise arguments.refuse("design", "values by dotted key as JSON in the column set", text)
    return {str(key): keys[key] for key in keys if key not in ("name", "description")}


def _whole(value: Any) -> Any:
    """Return a number that is whole as one: a column with a missing cell has none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def of_scenario(text: str, vary: Sequence[str]) -> tuple[Node, Path, Mark]:
    """Return the sweep that a scenario with ``--vary`` makes; as `of_file`."""
    if is_sweep(text):
        message = _t("--vary: {name!r} is a sweep and has a design of its own")
        raise UsageError(message.format(name=text))
    return _over(text, parse_vary(vary))


def _over(text: str, design: object, **more: object) -> tuple[Node, Path, Mark]:
    """Return a sweep over a scenario, called as this is."""
    tree, mark = read_tree(text), Mark(text)
    given = {key: tree.value[key] for key in ("name", "description") if key in tree.value}
    return from_plain({**given, "base": text, "design": design, **more}, mark), Path(), mark


def of_file(text: str) -> tuple[Node, Path, Mark]:
    """Return the tree of a sweep, the folder where its paths start, and how messages name it.

    `InputError`: the file is missing or unreadable, or no sweep has this name. `ScenarioError`: it
    is not a mapping in YAML, or has no ``design``. `UsageError`: it is the name of a scenario.
    """
    if is_name(text) and text in shipped() and text not in shipped_sweeps():
        message = _t("{name!r} is a scenario; say what to vary: --vary KEY=FROM:TO:STEPS")
        raise UsageError(message.format(name=text))
    path, display = locate(text, what="sweep")
    mark = Mark(display)
    content = read_text(path, mark, largest=LARGEST, what="sweep")
    root = parse(content, mark)
    check_mapping(root, content, _t("a sweep needs `base:` and `design:`"))
    if "design" not in root.value:
        message = _t(
            "{file}: is no sweep, it has no `design:`; to vary a scenario write --vary "
            "KEY=FROM:TO:STEPS"
        )
        raise ScenarioError(message.format(file=display))
    return replace(root, mark=mark, key=mark), path.parent, mark


# -- factors on the command line ------------------------------------------------------------------

# ``KEY=FROM:TO:STEPS``, ``KEY=FROM:TO:STEPS:log``, ``KEY=a,b,c``

_FORM = marked("--vary {text}: expected KEY=FROM:TO:STEPS, KEY=FROM:TO:STEPS:log or KEY=a,b,c")


def parse_vary(texts: Sequence[str]) -> Node:
    """Return texts as the ``design`` block of a grid, its values placed at ``--vary``.

    ``policies.border_friction.passes=0.1:0.8:8`` is 8 numbers, both ends included; what is between
    commas is read as in a file, brackets and braces included. `UsageError`: a text has another
    form, or two have one key. `ScenarioError`: a value in brackets is not YAML.
    """
    factors: dict[str, Node] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key or not value.strip():
            raise UsageError(_t(_FORM).format(text=shorten(text)))
        if key in factors:
            message = _t("--vary {text}: {key} is varied twice")
            raise UsageError(message.format(text=shorten(text), key=key))
        factors[key] = _factor(text, value.strip())
    return from_plain({"kind": "grid", "factors": factors}, Mark("--vary"))


def _factor(text: str, value: str) -> Node:
    mark = Mark(f"--vary {shorten(text)}")
    parts = [part.strip() for part in value.split(":")]
    numbers = [resolve(part) for part in parts[:3]]
    log = {"log": True} if parts[3:] == ["log"] else {}
    if (len(parts) == 3 or log) and all(type(number) in (int, float) for number in numbers):
        return from_plain(dict(zip(("from", "to", "steps"), numbers, strict=True)) | log, mark)
    if ":" in value and not any(char in value for char in "[{"):
        meant = ":".join(suggest_number(part) or part for part in parts)
        hint = _t("; write {text}").format(text=shorten(meant)) if meant != value else ""
        raise UsageError(_t(_FORM).format(text=shorten(text)) + hint)
    return placed(parse(f"[{value}]", mark), mark)


# -- a checked sweep -------------------------------------------------------------------------------


def load_sweep(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    vary: Sequence[str] = (),
    design: pd.DataFrame | None = None,
    max_runs: int = MAX_RUNS,
    allow_code: bool = False,
) -> Sweep:
    """Return a checked sweep; its points are not checked yet, see `check_points`.

    Parameters
    ----------
    name_or_path
        A sweep file, the name of a shipped sweep, or with ``vary`` a scenario.
    overrides
        Laid over what the sweep sets for every point.
    replicates, seed
        Replace those of the sweep.
    vary
        Factors of a grid over a scenario, see `parse_vary`.
    design
        Points of a scenario as a table, see `of_table`.
    max_runs
        Largest number of points times replicates.
    allow_code
        As for `ydsim.load_scenario`.

    Raises
    ------
    InputError
        A file is missing or unreadable.
    ScenarioError
        Something in the file is wrong, or it makes too many runs.
    UsageError
        A text has the wrong form, or a package that the design needs is missing.
    """
    text = arguments.path("name_or_path", name_or_path, "the name or path of a sweep")
    vary = arguments.texts("vary", vary)
    seed = arguments.maybe_whole("seed", seed)
    replicates = arguments.maybe_whole("replicates", replicates, 1, MOST_REPLICATES)
    if design is not None:
        if vary:
            raise UsageError(_t("a table of points and factors to vary exclude each other"))
        root, folder, mark = of_table(text, design)
    else:
        root, folder, mark = of_scenario(text, vary) if vary else of_file(text)
    reader = _Reader(root, folder, mark, overrides, seed, allow_code)
    return reader.read(replicates, max_runs)


def sweep_of(
    content: Mapping[str, Any],
    overrides: Overrides | None = None,
    *,
    called: str = "",
    seed: int | None = None,
    max_runs: int = MAX_RUNS,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked sweep that an analysis makes, without a file.

    ``content`` is a sweep file as plain data; paths start in the current folder, and messages name
    its ``base``, or what it is ``called``. Other parameters and errors are those of `load_sweep`.
    """
    mark = Mark(called or str(content["base"]))
    seed = arguments.maybe_whole("seed", seed)
    reader = _Reader(from_plain(content, mark), Path(), mark, overrides, seed, allow_code)
    return reader.read(max_runs=max_runs)


class _Reader:
    """One call of `load_sweep`."""

    def __init__(
        self,
        root: Node,
        folder: Path,
        mark: Mark,
        overrides: Overrides | None,
        seed: int | None,
        allow_code: bool,
    ) -> None:
        self.root, self.mark = root, mark
        laid = Node({}, SET, SET) if overrides is None else override_tree(overrides)
        _refuse_objects(laid)
        self.overrides, _ = row_of(laid.value.items())
        file, problems = validate(SweepFile, root)
        self.file = file or SweepFile()
        first = self._first(problems)
        self.own = settings(problems, root.value.get("set"), ("set",))
        self.common = {
            **self.own,
            **_at("seed", self.file.seed, root.value.get("seed")),
            **self.overrides,
            **_at("seed", seed, None),
        }
        tree = self._tree(first if is_name(first) else str(folder / first))
        policies = tree.value.get("policies")
        there = policies.value if policies is not None and policies.is_mapping else ()
        for row in (self.own, self.overrides):
            problems += unknown_policies(there, row)
        base, _, wrong = check_tree(laid_over(tree, self.common), tree.mark, allow_code=allow_code)
        if base is None:
            raise failure([*problems, *wrong])
        self.base = base
        kept = {"replicates": 1, "record": self.file.record.block()}
        fixed, _ = row_of(from_plain(kept, SET).value.items())
        bases = Bases(first, folder, self.common, fixed, allow_code)
        bases.of()
        self.ctx = Context(bases, folder, str(PurePosixPath(mark.source).parent), problems)

    def read(self, replicates: int | None = None, max_runs: int = MAX_RUNS) -> Sweep:
        """Return the sweep."""
        ctx, file, node = self.ctx, self.file, self.root.value["design"]
        given = file.replicates if replicates is None else replicates
        number = self.base.replicates if given is None else given
        draft, before = None, len(ctx.problems)
        if (design := file.design) is not None:
            draft = design.draft(ctx, node)
            if draft is not None and len(ctx.problems) == before:
                self._refuse_pinned(draft, design.kind)
                if isinstance(design, FactorKind) and not isinstance(design, OneAtATime):
                    self._refuse_shared(draft, node.value["factors"])
        elif node.is_mapping and "factors" in node.value:
            factors = node.value["factors"]
            alone, _ = validate(FactorsAlone, replace(node, value={"factors": factors}))
            read_factors(ctx, alone.factors if alone is not None else {}, factors)
        fail(ctx.problems)
        assert draft is not None
        assert design is not None
        spec = self._spec(design.kind, draft, number)
        sweep = Sweep(
            name=spec["name"],
            description=file.description,
            base=self.base,
            replicates=number,
            random=file.random,
            record=file.record,
            factors=draft.factors,
            size=draft.size,
            kind=design.kind,
            spec=spec,
            bases=ctx.bases,
            cells=draft.cells,
        )
        _refuse_too_many(sweep, max_runs, self.mark)
        return sweep

    def _first(self, problems: list[Problem]) -> str:
        """Return the base as it is written, or the first scenario of those that are varied."""
        if self.file.base is not None:
            return self.file.base
        if "base" in self.root.value:
            fail(problems)  # which say what is wrong with it
        design = self.file.design
        varied = design.factors.get(SCENARIO) if isinstance(design, FactorKind) else None
        if isinstance(varied, list) and isinstance(varied[0], str):
            return varied[0]
        message = _t("needs 'base', the name or path of a scenario")
        raise failure([*problems, Problem(self.mark, "", message)])

    def _tree(self, first: str) -> Node:
        """Return the tree of the base; errors of its file say where it is named."""
        try:
            return read_tree(first)
        except InputError as error:
            node = self.root.value.get("base")
            if node is None or node.mark.line == 0:
                raise
            at = f"{node.mark.origin}:{node.mark.column}: base: "
            raise InputError(*(at + line for line in error.problems)) from None

    def _refuse_pinned(self, draft: Draft, kind: str) -> None:
        """Refuse overrides of keys that the sweep varies, and its own where each point has one."""
        keys = {factor.key for factor in draft.factors if factor.key}
        given = list(self.overrides.items())
        if kind not in ("list", "one_at_a_time"):
            given += [(key, node) for key, node in self.own.items() if key in keys]
        for key, node in given:
            parts = key.split(".")
            if any(".".join(parts[:i]) in keys for i in range(1, len(parts) + 1)):
                message = _t("is varied by the sweep, which would replace this value")
                self.ctx.note(node, tuple(parts), message)

    def _refuse_shared(self, draft: Draft, node: Node) -> None:
        """Refuse factors of which one would replace at a point what another has there."""
        found = []
        for factor in draft.factors:
            name = factor.key or factor.label
            keys = {key for level in factor.levels for key in level.row}
            if factor.is_range:
                keys.add(factor.key)
            found.append((name, node.value[name], keys))
        refuse_shared(self.ctx, found, ("design", "factors"))

    def _spec(self, kind: str, draft: Draft, replicates: int | ReplicateRule) -> dict[str, Any]:
        rule = replicates.model_dump() if isinstance(replicates, ReplicateRule) else replicates
        first = self.ctx.bases.first
        made = {
            "name": self.file.name or folder_name(self.mark.source) or "sweep",
            "description": self.file.description,
            "base": first if is_name(first) else PurePath(first).name,
            "hashes": {PurePath(k).name: v for k, v in self.ctx.bases.hashes().items()},
            "set": plain_row(self.common),
            "kind": kind,
            "settings": dict(draft.settings),
            "factors": [factor.plain() for factor in draft.factors],
            "size": draft.size,
            "replicates": rule,
            "random": self.file.random,
            "record": self.file.record.plain(),
            "seed": self.base.seed,
        }
        return cast("dict[str, Any]", _portable(made))


def _refuse_objects(laid: Node) -> None:
    """Refuse policies that are objects: the folder of a sweep must be able to name their class."""
    for path, node in leaves(laid):
        if isinstance(node.value, Policy):
            message = _t(
                "{key}: a sweep takes the settings of a policy, not an object; name its class "
                "under the key 'policy'"
            )
            raise UsageError(message.format(key=dotted(path)))


def _at(key: str, value: Any, node: Node | None) -> Placed:
    """Return the row of a key, placed where a node is; empty for None."""
    return {} if value is None else {key: from_plain(value, SET if node is None else node.mark)}


def _portable(value: Any) -> Any:
    """Return plain data in which an absolute path is only the name of its file."""
    if isinstance(value, dict):
        return {key: _portable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_portable(inner) for inner in value]
    if isinstance(value, str) and PurePath(value).is_absolute():
        return PurePath(value).name
    return value


def _refuse_too_many(sweep: Sweep, max_runs: int, mark: Mark) -> None:
    rule = sweep.replicates
    each = rule.most if isinstance(rule, ReplicateRule) else rule
    runs = sweep.size * each
    if runs <= max_runs:
        return
    points, times = counted(sweep.size, "point"), counted(each, "replicate")
    if sweep.kind == "grid" and len(sweep.factors) > 1:
        sizes = (str(len(factor.levels)) for factor in sweep.factors)
        points = f"{' x '.join(sizes)} = {points}"
    if isinstance(rule, ReplicateRule):
        times = _t("up to {n}").format(n=times)
    message = _t(
        "{file}: {points} with {replicates} each are {runs:,} runs, more than {most:,}; take fewer "
        "values or replicates, or allow it with --max-runs {runs}"
    )
    facts = {"points": points, "replicates": times, "runs": runs, "most": max_runs}
    raise ScenarioError(message.format(file=mark.source, **facts))
