"""What manifests and receipts say, as models, checked and sealed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    StringConstraints,
    ValidationError,
    model_validator,
)

from ydsim.design.sweep import MOST_REPLICATES, ReplicateRule
from ydsim.errors import ResultsError
from ydsim.scenario.load import scenario_of_plain
from ydsim.scenario.schema.key_index import without_removed
from ydsim.scenario.schema.scenario import Scenario
from ydsim.store.files import read_bytes, sha256
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.wording import nearest, shorten

if TYPE_CHECKING:
    from ydsim.record.indicators import Indicator


# -- what a manifest and a receipt must say --------------------------------------------------------

# A checksum vouches for bytes, not for who wrote them: a results folder may come from anybody.
# After this check every key that is read has its type and range, and every name of a table or
# file is one that ydsim gives. Names are checked here once.

TABLE = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = (
    "runs", "official", "design", "figures", "plan", "failures", "province_year",
    "city_year",
)  # fmt: skip
"""Names of tables and folders that no model may record."""


def is_table_name(name: str) -> bool:
    """Tell whether a model may record a table of this name."""
    return TABLE.fullmatch(name) is not None and name not in RESERVED


def check_table_name(name: str) -> str:
    """Return a name that a model may give a table that it records; else raise `ValueError`."""
    if not is_table_name(name):
        message = _t("{name!r} is not the name of a recorded table")
        raise ValueError(message.format(name=shorten(name)))
    return name


def _unique(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError(_t("names one thing twice"))
    return names


Text: TypeAlias = InstanceOf[str]
"""Any text, also what a system wrote that is no UTF-8."""
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\z")]
Tables: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(check_table_name)]], AfterValidator(_unique)
]
Hash: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}\z")]
RunName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}-[0-9]{4,}\z")]
Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**63)]
Positive: TypeAlias = Annotated[int, Field(ge=1, lt=2**63)]
Replicates: TypeAlias = Annotated[int, Field(ge=1, le=MOST_REPLICATES)]
"""Not more than a sweep file may ask for: a folder of a stranger must not run for ever."""
Files: TypeAlias = dict[str, Hash]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class _Open(_Strict):
    """Other keys are data that is only shown or checked elsewhere."""

    model_config = ConfigDict(extra="allow")


class _Host(_Open):
    system: Text
    machine: Text


class _Earlier(_Strict):
    started: Text
    finished: Text
    seconds: float
    host: _Host
    versions: dict[str, Text]


class _Made(_Earlier):
    earlier: list[_Earlier]


class _Dated(_Open):
    """A policy, a shock, or the rule of governance: the years in which it is in force."""

    start: float | None = None
    end: float | None = None
    year: float | None = None


def _of_as_many(columns: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, list[float]]]:
    if len({len(values) for each in columns.values() for values in each.values()}) > 1:
        raise ValueError(_t("has lists of unequal length"))
    return columns


_Ensemble: TypeAlias = Annotated[
    dict[str, dict[str, Annotated[list[float], Field(min_length=1)]]], AfterValidator(_of_as_many)
]


class StoredScenario(_Open):
    """The keys that readers of results use; the whole is checked when it is run again."""

    name: Text
    world: Text
    seed: Count
    start: Annotated[int, Field(ge=1, le=9999)]
    end: Annotated[int, Field(ge=1, le=9999)]
    replicates: Positive
    scale: Annotated[float, Field(gt=0.0)]
    record: dict[Name, bool | int] = Field(default_factory=dict)
    policies: dict[str, _Dated] = Field(default_factory=dict)
    shocks: list[_Dated] = Field(default_factory=list)
    governance: _Dated = _Dated()
    ensemble: _Ensemble = Field(default_factory=dict)


class _Indicator(_Strict):
    unit: Text
    kind: Literal["flow", "stock", "mean", "ratio"]
    levels: list[Literal["region", "province", "city"]]
    meaning: Text
    official: bool
    prior: bool
    fitted: bool = False
    of: Annotated[list[Name], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _ratio_has_parts(self) -> _Indicator:
        if (self.kind == "ratio") != (self.of is not None):
            raise ValueError(_t("of: a ratio, and nothing else, has a numerator and a denominator"))
        return self


class _Record(_Strict):
    series: Count
    cities: Count
    adoption: bool
    ties: bool
    agents: bool
    tables: Tables


class _Level(_Open):
    value: bool | int | float | Text
    set: dict[str, Any] = Field(default_factory=dict)


class _Factor(_Open):
    """What a sweep varies: levels, or a range."""

    label: Text
    levels: Annotated[list[_Level], Field(min_length=1)] = Field(default_factory=list)
    low: float = Field(0.0, alias="from")
    high: float = Field(0.0, alias="to")
    log: bool = False
    whole: bool = False

    @model_validator(mode="after")
    def _has_levels_or_ends(self) -> _Factor:
        if not self.levels and not {"low", "high", "log", "whole"} <= self.model_fields_set:
            raise ValueError(_t("has no levels, and lacks from, to, log or whole of a range"))
        if self.log and not 0.0 < self.low <= self.high:
            raise ValueError(_t("log: goes from a positive number to a larger one"))
        return self


class _Problem(_Strict):
    """What SALib is asked: nothing else, as it reads other keys too."""

    num_vars: Positive
    names: Annotated[list[Text], AfterValidator(_unique)]
    bounds: list[Annotated[list[float], Field(min_length=2, max_length=2)]]


class _Salib(_Open):
    problem: _Problem


class _Morris(_Salib):
    trajectories: Annotated[int, Field(ge=2, le=100_000)]
    levels: Annotated[int, Field(ge=2, le=100)]


class _Saltelli(_Salib):
    n: Positive
    second_order: bool


class _Risk(_Strict):
    deviations: Annotated[float, Field(ge=0.0)]
    quantile: None = None  # instead of deviations, up to version 0.7.4


class _Search(_Open):
    inputs: Annotated[list[dict[str, Any]], Field(max_length=1)] = []  # drawn up to version 0.7.4
    vary: Annotated[list[_Factor], Field(min_length=1)]
    objectives: list[Text]
    replicates: Replicates
    risk: _Risk


_SETTINGS: Mapping[str, type[BaseModel]] = {
    "morris": _Morris, "saltelli": _Saltelli, "search": _Search
}  # fmt: skip
"""What readers of some kinds of designs rest on."""


class _Spec(_Open):
    kind: Text


class _SweepSpec(_Spec):
    base: Text
    factors: list[_Factor]
    settings: dict[str, Any]

    @model_validator(mode="after")
    def _settings_of_the_kind(self) -> _SweepSpec:
        labels = _unique([factor.label for factor in self.factors])
        model = _SETTINGS.get(self.kind, _Open)
        try:
            found = model.model_validate(self.settings)
        except ValidationError as error:
            raise ValueError(f"settings.{_first(model, error)}") from error
        if isinstance(found, _Salib):
            asked = found.problem
            sizes = {asked.num_vars, len(asked.names), len(asked.bounds)}
            if sorted(asked.names) != sorted(labels) or sizes != {len(labels)}:
                raise ValueError(_t("settings.problem: is not of the factors"))
        return self


class _Everything(_Strict):
    everything: Literal[True]


class Manifest(_Strict):
    """What every manifest says."""

    schema_: Literal[2] = Field(alias="schema")
    name: Text
    description: Text
    ydsim: Text
    version: Text
    hash: Hash
    seed: Count
    scenario: StoredScenario
    spec: _Spec
    random: Literal["common", "independent"]
    replicates: Replicates | ReplicateRule
    chunk: Positive | None
    worlds: dict[str, Hash]
    code: dict[str, Hash]
    data: dict[Text, Count] = Field(default_factory=dict)
    fitted: dict[Text, Hash] = Field(default_factory=dict)
    until: Annotated[int, Field(ge=0, le=9999)]
    regions: Annotated[list[Text], Field(min_length=1), AfterValidator(_unique)]
    indicators: dict[Name, _Indicator]
    canary: Hash
    generation: Count
    points: Count
    runs: Count
    parts: Count
    complete: bool
    tables: Tables
    notes: list[Text]
    files: Files
    made: _Made

    @model_validator(mode="after")
    def _names_agree(self) -> Manifest:
        of = f"-{self.generation}" if self.generation else ""
        wanted = {f"design{of}.parquet", f"plan{of}.parquet", "official/part-000000.parquet"}
        for path in sorted(wanted ^ self.files.keys()):
            message = _MISSING if path in wanted else _UNKNOWN
            raise ValueError(_t(message).format(key=f"files.{path}", hint=""))
        if (
            isinstance(self.replicates, ReplicateRule)
            and self.replicates.outcome not in self.indicators
        ):
            raise ValueError(_t("replicates.outcome: is no indicator"))
        return self


class RunManifest(Manifest):
    """The manifest of a run: a sweep of one point of which everything is kept."""

    kind: Literal["run"]
    record: _Everything

    @model_validator(mode="after")
    def _has_its_world(self) -> RunManifest:
        if (world := self.scenario.world) not in self.worlds:
            raise ValueError(_t(_MISSING).format(key=f"worlds.{shorten(world)}"))
        return self


class SweepManifest(Manifest):
    """The manifest of a sweep."""

    kind: Literal["sweep"]
    record: _Record
    spec: _SweepSpec


class _Failed(_Strict):
    """A run that failed, as in a receipt."""

    run: RunName
    replicate: Count
    seed: Count
    quarter: Count | None
    exception: Text
    message: Text
    traceback: list[Text]


class Receipt(_Strict):
    """The receipt of a part."""

    schema_: Literal[2] = Field(alias="schema")
    part: Count
    sweep_part: Hash
    files: Files
    notes: list[Text]
    done: Count
    failed: list[_Failed]
    missing: list[RunName]

    @model_validator(mode="after")
    def _files_are_of_this_part(self) -> Receipt:
        for path in self.files:
            table, _, name = path.partition("/")
            known = table == "runs" or is_table_name(table)
            if not known or name != f"part-{self.part:06d}.parquet":
                message = _t("files.{path}: is no file of part {number}")
                raise ValueError(message.format(path=path, number=self.part))
        if self.files and f"runs/part-{self.part:06d}.parquet" not in self.files:
            raise ValueError(_t("files: lacks the table runs"))
        if bool(self.done) != bool(self.files):
            raise ValueError(_t("done: does not agree with files"))
        return self


# -- checks of manifests and receipts after their checksum holds -----------------------------------


def stored_scenario(text: str, where: str, *, allow_code: bool = False) -> Scenario:
    """Return the scenario that a folder of results holds, as `ydsim.scenario.load` does.

    Keys of an earlier version that are no more are left out. `ScenarioError` when it names code
    that may not be imported. `ResultsError` when it is none that this version can run.
    """
    known = json.dumps(without_removed(json.loads(text)))
    try:
        return scenario_of_plain(known, where, allow_code=allow_code)
    except ValidationError as error:
        message = _t("{path}: scenario: {fault}")
        raise ResultsError(message.format(path=where, fault=_first(Scenario, error))) from error


def validated(model: type[BaseModel], content: object, where: Path | str) -> None:
    """Refuse content with a key that is wrong, missing or unknown.

    `ResultsError` names the file and the first such key.
    """
    try:
        model.model_validate(content)
    except ValidationError as error:
        raise ResultsError(f"{where}: {_first(model, error)}") from error


_MISSING = mark("{key}: is missing")
_UNKNOWN = mark("{key}: unknown key{hint}")


def _first(model: type[BaseModel], error: ValidationError) -> str:
    """Return key and fault of the first problem, what is unknown first: it may be a typo."""
    problems = error.errors(include_url=False)
    first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    key = ".".join(map(str, first["loc"]))[:200]
    if first["type"] == "value_error":
        message = str(first["ctx"]["error"])
        return f"{key}: {message}" if key else message
    if first["type"] == "missing":
        return _t(_MISSING).format(key=key)
    if first["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        near = nearest(str(first["loc"][0]), known) if len(first["loc"]) == 1 else None
        hint = _t("; did you mean {name}?").format(name=near) if near else ""
        return _t(_UNKNOWN).format(key=key, hint=hint)
    message = " ".join(str(first["msg"]).replace("Input should be", "must be").split())
    fault = _t("{key}: {english}")
    return fault.format(key=key, english=f"{message[:1].lower()}{message[1:]}") if key else message


# -- the manifest of a results folder as a file ----------------------------------------------------

# Everything outside the block ``made`` is a function of what is run and of the version of ydsim,
# so that two calls write the same manifest but for ``made`` (times, host, versions). ``check`` is
# the SHA-256 of everything else in the file, so that a flipped byte is noticed.

SCHEMA = 2
NAME = "manifest.json"
RUN = "run"
SWEEP = "sweep"
"""What ``kind`` says in a manifest: the points are a single scenario, or many."""


def seal(content: dict[str, Any]) -> bytes:
    """Return ``content`` as JSON with a key ``check`` that vouches for it; keys are sorted."""
    sealed = {**content, "check": _check(content)}
    text = json.dumps(sealed, sort_keys=True, indent=2, allow_nan=False, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


_DEEPEST = 100
"""Levels of lists and mappings in a file of ours: Python's own limit of calls is far above."""


def _is_deep(content: Any) -> bool:
    """Tell whether lists and mappings lie in one another more than `_DEEPEST` levels deep."""
    level = [content]
    for _ in range(_DEEPEST):
        nested = [one for one in level if isinstance(one, dict | list)]
        level = [x for one in nested for x in (one.values() if isinstance(one, dict) else one)]
    return any(isinstance(one, dict | list) for one in level)


def unseal(data: bytes, path: Path) -> dict[str, Any]:
    """Return the content that `seal` wrote.

    `ResultsError` when the file is not such JSON or its check does not hold.
    """
    try:
        content = json.loads(data.decode("utf-8"))
        if not isinstance(content, dict) or "check" not in content or _is_deep(content):
            raise ResultsError(_t("{path}: was not written by ydsim").format(path=path))
        check = content.pop("check")
        found = _check(content)  # refuses NaN, which is no JSON
    except (ValueError, RecursionError) as error:
        raise ResultsError(_t("{path}: is damaged: not a JSON file").format(path=path)) from error
    if check != found:
        message = _t("{path}: is damaged or was edited: its checksum does not hold")
        raise ResultsError(message.format(path=path))
    return content


INSTEAD = mark(
    "; nothing was changed: give another folder with -o, or rename this one, as --force of run, "
    "sweep and compare does"
)
"""What somebody can do who wanted to write."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of ``folder``.

    `ResultsError` when it is missing, damaged, of a schema that cannot be read, or says what no
    ydsim says.
    """
    path = folder / NAME
    if not folder.is_dir():
        raise ResultsError(_t("{folder}: there is no such results folder").format(folder=folder))
    if not path.exists():
        message = _t("{folder}: is not a results folder of ydsim: it has no {file}")
        raise ResultsError(message.format(folder=folder, file=NAME))
    manifest = unseal(read_bytes(path), path)
    if manifest.get("schema") != SCHEMA:
        message = _t(
            "{path}: has schema {schema!r}, this ydsim reads schema {ours}; it was written by "
            "another version of ydsim"
        )
        schema = manifest.get("schema")
        raise ResultsError(message.format(path=path, schema=schema, ours=SCHEMA))
    kind = manifest.get("kind")
    if kind not in (RUN, SWEEP):
        message = _t("{path}: is of kind {kind!r}; known are {run} and {sweep}")
        raise ResultsError(message.format(path=path, kind=kind, run=RUN, sweep=SWEEP))
    validated(RunManifest if kind == RUN else SweepManifest, manifest, path)
    return manifest


def code_of_policies(policies: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of every module that holds a policy which is not shipped, by its name.

    Your own policy may change while its name and settings stay: other code, other results.
    """
    modules = {type(policy).__module__ for policy in policies.values()}
    code = {}
    for name in sorted(modules):
        if not name.startswith("ydsim."):
            source = getattr(sys.modules.get(name), "__file__", None)
            content = Path(source).read_bytes() if source and Path(source).is_file() else b""
            code[name] = sha256(content)
    return code


def ydsim_version() -> str:
    """Return the version of ydsim, the same from an installed package and from its source."""
    import ydsim

    return ydsim.__version__


def cards(indicators: Mapping[str, Indicator]) -> dict[str, dict[str, Any]]:
    """Return the indicators as they are in a manifest: unit, kind and more by name."""
    kept = {name: asdict(of) | {"levels": list(of.levels)} for name, of in indicators.items()}
    for card in kept.values():
        del card["name"]
    return kept


def _check(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return sha256(text.encode("utf-8"))


def world_label(world: str) -> str:
    """Return the name of a world without the folders of this machine that lead to it."""
    return PurePath(world).name if PurePath(world).is_absolute() else world
