"""The scenario: the whole experiment as one frozen tree of checked values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from ydsim.agents.ledger import FLOWS
from ydsim.arguments import refuse
from ydsim.errors import ScenarioError
from ydsim.fmt import facts_as_html
from ydsim.frozen import FrozenDict, frozen_tree
from ydsim.parameter import Section, control, param
from ydsim.policies.base import Policy
from ydsim.policies.library import (
    ALWAYS,
    build_policies,
    dump_policies,
    find_policy,
    policy_of,
)
from ydsim.scenario.schema.ensemble import ensemble_of, keys_in, members_in, with_member
from ydsim.scenario.schema.parameters import GovernanceParameters, Parameters
from ydsim.scenario.schema.shocks import AnyShock, check_shocks
from ydsim.translation import gettext as _t
from ydsim.untrusted_input import one_line
from ydsim.wording import suggestion

ALLOW_CODE = "allow_code"
"""Key of the validation context: policies that no installed package offers may be imported."""


LATER = ("projects", "firms", "city_contracts")
"""Tables of which the keys came later."""

YOUNGER = ("shocks", "known_in", "ensemble")
"""Keys of the scenario that came later."""


class Record(Section):
    """What is written besides the yearly and quarterly series."""

    adoption_events: bool = control(True, "write one row per adoption")
    cities: bool = control(True, "write the quarterly series of cities")
    ties: bool = control(True, "write the yearly links between cities")
    agents: bool = control(True, "write the organisations that live at the end")
    projects: bool = control(False, "write one row per project that ended")
    firms: bool = control(False, "write one row per firm and year")
    city_contracts: bool = control(False, "write the yearly contracts between cities")

    @model_serializer(mode="wrap")
    def _plain(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out `LATER` where they are not written: hashes are those of before the keys."""
        content: dict[str, Any] = handler(self)
        return {key: value for key, value in content.items() if key not in LATER or value}


class Scenario(Section):
    """A resolved scenario; `ydsim.load_scenario` makes one from a file or a name."""

    name: str = control("scenario", "name of the experiment and of its folder")
    description: str = control("", "the question it asks")
    world: str = control("yrd", "name of a packaged world (`ydsim list worlds`) or a folder")
    start: int = param(2011, "first year", unit="year", mark="control", ge=2011, le=2100)
    end: int = param(2030, "last year", unit="year", mark="control", ge=2011, le=2100)
    known_in: int | None = param(
        None,
        "last year of everything that a run reads; None: inputs to their last year",
        unit="year",
        mark="control",
        ge=2012,
        le=2100,
    )
    scale: float = param(
        0.05, "inclusion probability s of a firm", mark="control", ge=0.002, le=1.0
    )
    seed: int = param(1, "seed of all draws", mark="control", ge=0, le=2**63 - 1)
    replicates: int = param(
        1, "number of independent replicates", unit="runs", mark="control", ge=1, le=100_000
    )
    reference: Literal["own", "defaults"] = control(
        "own",
        "whose burn-in gives the constants that rules compare with: that of these parameters with "
        "all actors, or that of the default parameters, so that a changed parameter is measured "
        "like a policy",
    )
    record: Record = Field(default_factory=Record)
    parameters: Parameters = Field(default_factory=Parameters)
    ensemble: dict[str, dict[str, tuple[float, ...]]] = Field(
        default={},
        description="values of parameters by replicate, one set of them a member; or `members`, "
        "those of the world; or a file of members",
        json_schema_extra={
            "unit": "-", "mark": "control", "source": "assumed", "type": ["object", "string"],
        },
    )  # fmt: skip
    governance: GovernanceParameters = Field(default_factory=GovernanceParameters)
    shocks: tuple[AnyShock, ...] = control((), "shocks to units drawn by hash, see shocks.md")
    policies: dict[str, Any] = Field(
        default_factory=lambda: {"border_friction": {}},
        description="policies by name; each has the keys of its class",
        validate_default=True,
    )

    @model_validator(mode="after")
    def _order(self) -> Scenario:
        if self.end < self.start:
            message = _t("end {end} lies before start {start}")
            raise ValueError(message.format(end=self.end, start=self.start))
        for name in self.policies:
            if name in FLOWS:
                message = _t("policies.{name}: the books have a flow of this name; rename it")
                raise ValueError(message.format(name=name))
        check_shocks(self.shocks, tuple(self.policies), self.start)
        usual = Parameters()
        for section, key in keys_in(self.ensemble):
            own = getattr(getattr(self.parameters, section), key)
            if own != getattr(getattr(usual, section), key):
                message = _t("parameters.{section}.{key} is set, and the ensemble sets it too")
                raise ValueError(message.format(section=section, key=key))
        return self

    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out keys that are younger than others where they say nothing: hashes stay."""
        content: dict[str, Any] = handler(self)
        return {key: value for key, value in content.items() if key not in YOUNGER or value}

    @field_validator("ensemble", mode="before")
    @classmethod
    def _ensemble(cls, value: Any, info: ValidationInfo) -> Any:
        return ensemble_of(value, str(info.data.get("world")), info.data.get("known_in"))

    @field_validator("shocks", mode="before")
    @classmethod
    def _shocks(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("policies", mode="before")
    @classmethod
    def _policies(cls, value: Any, info: ValidationInfo) -> Any:
        return build_policies(value, bool((info.context or {}).get(ALLOW_CODE)))

    @field_validator("policies", "ensemble", mode="after")
    @classmethod
    def _fixed(cls, value: dict[str, Any]) -> Any:
        return frozen_tree(value)

    @field_serializer("policies")
    def _plain(self, value: dict[str, Policy]) -> dict[str, Any]:
        return dump_policies(value)

    def with_(self, row: Mapping[str, Any], *, allow_code: bool = False) -> Scenario:
        """Return the scenario with a row of overrides laid over it.

        Only sections and policies that the row names are checked again, each as a whole, and then
        the rules over all of the scenario: the result equals what `ydsim.load_scenario` makes of
        the same overrides.

        Parameters
        ----------
        row
            Values by dotted key, as in ``{"scale": 0.02, "parameters.chain.span": 3.0}``; a key
            that is absent stays as it is, ``None`` is a value. ``policies.NAME`` alone is
            ``"off"``, which takes the policy out whatever else the row says of it, ``"on"``, which
            adds it with its defaults unless it is there, or all of its settings as a mapping. A key
            of a policy that is not there adds it.
        allow_code
            As for `ydsim.load_scenario`.

        Raises
        ------
        ScenarioError
            A key is unknown, a value wrong, or values do not go together.
        UsageError
            The row is no mapping from texts.
        """
        if not isinstance(row, Mapping) or not all(isinstance(key, str) for key in row):
            raise refuse("row", "values by dotted key", row)
        try:
            return self._laid_under(row, allow_code)
        except ValidationError as error:
            raise ScenarioError(*_problems(self, error, row)) from None
        except ValueError as error:
            raise ScenarioError(str(error)) from None

    def _laid_under(self, row: Mapping[str, Any], allow_code: bool) -> Scenario:
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        parts = _by_head(row)
        policies = _with_policies(self.policies, parts.pop("policies", {}), allow_code)
        for name, keys in parts.items():
            now = fields.get(name)
            if isinstance(now, BaseModel):
                fields[name] = _with_keys(now, _inner(keys))
            else:
                fields[name] = keys[""] if "" in keys else laid_over({}, keys)
        return Scenario.model_validate({**fields, "policies": policies})

    def of_replicate(self, replicate: int) -> Scenario:
        """Return the scenario of a replicate: that of its member, or the same without ensemble."""
        if not self.ensemble:
            return self
        own = with_member(self.parameters, self.ensemble, replicate)
        return self.model_copy(update={"parameters": own, "ensemble": FrozenDict()})

    @property
    def members(self) -> int:
        """Number of members of the ensemble, 0 without one."""
        return members_in(self.ensemble)

    @property
    def quarters(self) -> int:
        """Number of recorded quarters T."""
        return 4 * (self.end - self.start + 1)

    def _repr_html_(self) -> str:
        policies = [
            f"{name} from {policy.start:g}" if policy.start is not None else name
            for name, policy in self.policies.items()
        ]
        facts = [
            ("question", self.description),
            ("years", f"{self.start} to {self.end}"),
            ("world", self.world),
            ("scale", f"{self.scale:g}"),
            ("seed", str(self.seed)),
            ("replicates", f"{self.replicates:,}"),
            ("policies", ", ".join(policies) or "none"),
        ]
        if self.shocks:
            message = [f"{shock.name} ({shock.kind}) from {shock.year:g}" for shock in self.shocks]
            facts.append(("shocks", ", ".join(message)))
        return facts_as_html(
            f"Scenario {self.name}", facts, [("ydsim.simulate(scenario)", "run it")]
        )


# -- a flat row laid over a scenario, section by section -------------------------------------------


def laid_over(below: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data with values by dotted key in it; what they replace goes as a whole."""
    content = dict(below)
    for key, value in row.items():
        head, _, rest = key.partition(".")
        if rest:
            inner = content.get(head)
            value = laid_over(inner if isinstance(inner, Mapping) else {}, {rest: value})
        content[head] = value
    return content


def _by_head(row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return values by the rest of their key, by the first part of it."""
    parts: dict[str, dict[str, Any]] = {}
    for key, value in row.items():
        head, _, rest = key.partition(".")
        parts.setdefault(head, {})[rest] = value
    return parts


def _inner(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a section, those that are given as a mapping of it beside the others."""
    whole = keys.get("", {})
    if not isinstance(whole, Mapping):
        raise ValueError("expected a mapping of keys to values")
    return {**whole, **{key: value for key, value in keys.items() if key}}


def _problems(scenario: Scenario, error: ValidationError, row: Mapping[str, Any]) -> list[str]:
    """Return a line for each value that is refused, with its key as the row has it."""
    lines = []
    for each in error.errors(include_url=False):
        key = ".".join(map(str, each["loc"]))
        key = next((one for one in row if one == key or one.endswith(f".{key}")), key)
        message = each["msg"].replace("Input should be", "must be").removeprefix("Value error, ")
        if each["type"] == "extra_forbidden":
            *path, name = key.split(".")
            section: Any = scenario
            for head in path:
                inner = section if isinstance(section, Mapping) else dict(section)
                section = inner.get(head, {})
            lines.append(f"{key}: unknown key{suggestion(name, [one for one, _ in section])}")
        elif key:
            lines.append(f"{key}: {message}, found {one_line(repr(each['input']), 60)}")
        else:
            lines.append(message)
    return lines


_Section = TypeVar("_Section", bound=BaseModel)


def _with_keys(section: _Section, row: Mapping[str, Any]) -> _Section:
    """Return a section with values by dotted key; of one that only has sections, those they name.

    What is written in the section stays so, and its defaults stay defaults.
    """
    inner = {name: getattr(section, name) for name in type(section).model_fields}
    if all(isinstance(one, BaseModel) for one in inner.values()):
        for head, keys in _by_head(row).items():
            if head not in inner:
                raise ValueError(f"{head}: unknown key")
            inner[head] = _with_keys(inner[head], _inner(keys))
        return type(section).model_validate(inner)
    written = section.model_dump(mode="json", exclude_unset=True)
    return type(section).model_validate_json(json.dumps(laid_over(written, row)))


def _with_policies(
    now: Mapping[str, Policy], row: Mapping[str, Any], allow_code: bool
) -> dict[str, Policy]:
    """Return policies with values by name, or by name and key."""
    policies = dict(now)
    for name, keys in _by_head(row).items():
        whole = keys.pop("", "on")
        if whole == "off":
            if policies.pop(name, None) is None:
                find_policy(name, allow_code)
            if name == ALWAYS:
                policies[name] = find_policy(ALWAYS)()
        elif whole != "on" or name not in policies:
            settings = {} if whole in ("on", None) else whole
            if not isinstance(settings, Mapping):
                raise ValueError(f"{name}: expected the settings of the policy as a mapping")
            policies[name] = policy_of(name, laid_over(settings, keys), allow_code)
        elif "policy" in keys:
            written = policies[name].model_dump(mode="json", exclude_unset=True)
            policies[name] = policy_of(name, laid_over(written, keys), allow_code)
        elif keys:
            policies[name] = _with_keys(policies[name], keys)
    return policies
