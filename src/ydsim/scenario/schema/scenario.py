"""The scenario: the whole experiment as one frozen tree of checked values."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from ydsim.agents.ledger import FLOWS
from ydsim.frozen import FrozenDict, frozen_tree
from ydsim.notebook import card
from ydsim.parameter import Section, control, param
from ydsim.policies.base import Policy
from ydsim.policies.library import build_policies, dump_policies
from ydsim.scenario.schema.ensemble import ensemble_of, keys_in, members_in, with_member
from ydsim.scenario.schema.parameters import GovernanceParameters, Parameters
from ydsim.scenario.schema.shocks import AnyShock, check_shocks
from ydsim.translation import gettext as _t

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
    world: str = control("yrd", "name of a packaged world (yrd, synthetic, ten_firms) or a folder")
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
        return card(f"Scenario {self.name}", facts, [("ydsim.simulate(scenario)", "run it")])
