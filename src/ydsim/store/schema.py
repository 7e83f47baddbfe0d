"""What a manifest and a receipt must say, as models (`ydsim.store.validate` checks them).

A checksum vouches for bytes, not for who wrote them: a results folder may come from anybody. After
this check every key that is read has its type and range, and every name of a table or file is one
that ydsim gives. Names are checked here once.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    StringConstraints,
    model_validator,
)

TABLE = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = (
    "runs", "official", "design", "figures", "plan", "failures", "province_year",
    "city_year",
)  # fmt: skip
"""Names of tables and folders that no model may record."""

_FILE = re.compile(r"([a-z][a-z0-9_]*)/part-([0-9]{6,})\.parquet")


def is_table_name(name: str) -> bool:
    """Tell whether a model may record a table of this name."""
    return TABLE.fullmatch(name) is not None and name not in RESERVED


def _table(name: str) -> str:
    if not is_table_name(name):
        raise ValueError("is not the name of a recorded table")
    return name


def _unique(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("names one thing twice")
    return names


Text: TypeAlias = InstanceOf[str]
"""Any text, also what a system wrote that is no UTF-8."""
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\z")]
Tables: TypeAlias = Annotated[list[Annotated[str, AfterValidator(_table)]], AfterValidator(_unique)]
Hash: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}\z")]
RunName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}-[0-9]{4,}\z")]
Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**63)]
Positive: TypeAlias = Annotated[int, Field(ge=1, lt=2**63)]
Replicates: TypeAlias = Annotated[int, Field(ge=1, le=100_000)]
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


class _Scenario(_Open):
    """The keys that readers of results use; the whole is checked when it is run again."""

    name: Text
    world: Text
    seed: Count
    start: Annotated[int, Field(ge=1, le=9999)]
    end: Annotated[int, Field(ge=1, le=9999)]
    replicates: Positive
    scale: Annotated[float, Field(gt=0.0)]
    record: dict[Name, bool | int] = Field(default_factory=dict)


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
            raise ValueError("of: a ratio, and nothing else, has a numerator and a denominator")
        return self


class _Rule(_Strict):
    """Replicates until an outcome is known well enough."""

    outcome: Name
    half_width: Annotated[float, Field(gt=0.0)]
    relative: bool
    level: Annotated[float, Field(gt=0.0, lt=1.0)]
    batch: Replicates
    least: Annotated[Replicates, Field(ge=2)]
    most: Annotated[Replicates, Field(ge=2)]


class _Record(_Strict):
    series: Count
    cities: Count
    adoption: bool
    ties: bool
    agents: bool
    tables: Tables


class _Settings(_Open):
    problem: dict[str, Any] = Field(default_factory=dict)


class _Spec(_Open):
    kind: Text
    settings: _Settings = Field(default_factory=_Settings)


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
    scenario: _Scenario
    spec: _Spec
    random: Literal["common", "independent"]
    replicates: Replicates | _Rule
    chunk: Positive | None
    worlds: dict[str, Hash]
    code: dict[str, Hash]
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

    def files_wanted(self) -> set[str]:
        """Return the names that ``files`` must have."""
        of = f"-{self.generation}" if self.generation else ""
        return {f"design{of}.parquet", f"plan{of}.parquet", "official/part-000000.parquet"}

    @model_validator(mode="after")
    def _names_agree(self) -> Manifest:
        wanted = self.files_wanted()
        for path in sorted(wanted ^ self.files.keys()):
            raise ValueError(f"files.{path}: {'is missing' if path in wanted else 'unknown key'}")
        return self

    @model_validator(mode="after")
    def _outcome_is_known(self) -> Manifest:
        if isinstance(self.replicates, _Rule) and self.replicates.outcome not in self.indicators:
            raise ValueError("replicates.outcome: is no indicator")
        return self


class RunManifest(Manifest):
    """The manifest of a run: a sweep of one point of which everything is kept."""

    kind: Literal["run"]
    record: _Everything


class SweepManifest(Manifest):
    """The manifest of a sweep."""

    kind: Literal["sweep"]
    record: _Record


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
            found = _FILE.fullmatch(path)
            if (
                found is None
                or path != f"{found[1]}/part-{self.part:06d}.parquet"
                or not (found[1] == "runs" or is_table_name(found[1]))
            ):
                raise ValueError(f"files.{path}: is no file of part {self.part}")
        if self.files and f"runs/part-{self.part:06d}.parquet" not in self.files:
            raise ValueError("files: lacks the table runs")
        return self

    @model_validator(mode="after")
    def _done_has_files(self) -> Receipt:
        if bool(self.done) != bool(self.files):
            raise ValueError("done: does not agree with files")
        return self
