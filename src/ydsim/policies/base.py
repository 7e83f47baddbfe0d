"""What every policy has in common: strength, schedule and the place it acts on.

A policy is a small frozen class with typed, bounded parameters. It never touches the model: each
quarter it contributes values to named fields of the `PolicyEnvironment`, and hands over schemes of
money under conditions. Values are folded into the baseline (`ydsim.policies.fold`); a strength of
zero is absence by construction. In year t, a decimal, with age = t - start,

    strength(t) = 0                                   before start, and from end on
    strength(t) = strength * min(1, (age + 1/4) / ramp) * (1/2)^(max(0, age - ramp) / decay)

without the factors whose ``ramp`` or ``decay`` is zero; a policy without a start is past its ramp
and does not decay.

A shipped policy says what it does in one or two methods: `Policy._moves` has what it adds to a
field, multiplies it by or sets it to, by the rule of the field, and where; `Policy._pays` has its
schemes. Its keys have rows of ``parameters.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from ydsim.frozen import FrozenDict, Unchanging
from ydsim.parameter import declare, declared, param, rows_of
from ydsim.policies.environment import Outlay, Payer, PolicyEnvironment, Scheme, rules
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints


@dataclass(frozen=True)
class Places:
    """The little a policy may know about the world."""

    provinces: tuple[str, ...]
    cities: tuple[str, ...]
    city_province: Ints
    """(C,) province of each city."""
    distance_km: Floats
    """(C, C) great-circle distances."""
    fields: tuple[str, ...]
    industries: tuple[str, ...]
    """Names."""
    firms: Floats = field(default_factory=lambda: np.empty(0))
    """(C,) firms at scale 1 in 2011; empty where no policy asks for them."""


@dataclass(frozen=True)
class Contribution:
    """What one policy wants of one field: a value and where it applies."""

    field: str
    """Name of a field of `PolicyEnvironment`."""
    value: Floats | float
    """Scalar or an array that broadcasts to the field's shape."""
    where: Floats | float = 1.0
    """Mask in [0, 1] that broadcasts to the field's shape; 1 everywhere by default."""


Moves: TypeAlias = dict[str, tuple[Floats | float, Floats | float]]
"""By field: what is added to it, multiplies it or takes its place, by its rule; and where."""

# -- whom a policy is for --------------------------------------------------------------------------

SIZES = ("small", "medium", "large")
"""Sizes of firms by reported sales, in the classes of the certificate of high technology."""

KINDS = ("firm", "university", "institute")
PLACE_TARGET_KEYS = ("provinces", "cities", "corridor")

CORRIDORS: dict[str, tuple[str, ...]] = {
    "g60": (
        "Shanghai",
        "Jiaxing",
        "Hangzhou",
        "Jinhua",
        "Suzhou",
        "Huzhou",
        "Xuancheng",
        "Wuhu",
        "Hefei",
    )
}
"""Cities by name of a corridor; G60: nine cities by November 2018."""


class Target(Unchanging, BaseModel):
    """Whom a policy is for; every list that is empty means all.

    Cities are those of the named provinces, those named, and those of the corridor. A policy
    refuses the lists that it has no use for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    provinces: tuple[str, ...] = Field(default=(), description="province names", strict=False)
    cities: tuple[str, ...] = Field(default=(), description="city names", strict=False)
    pairs: tuple[tuple[str, str], ...] = Field(
        default=(),
        description="pairs of provinces, each the one border between them: [[Shanghai, Anhui]]",
        strict=False,
    )
    corridor: str = Field(default="", description=f"a corridor: {', '.join(CORRIDORS)}")
    kinds: tuple[str, ...] = Field(
        default=(), description=f"kinds of organisations: {', '.join(KINDS)}", strict=False
    )
    fields: tuple[str, ...] = Field(default=(), description="technology fields", strict=False)
    industries: tuple[str, ...] = Field(default=(), description="industries", strict=False)
    sizes: tuple[str, ...] = Field(
        default=(), description=f"sizes of firms: {', '.join(SIZES)}", strict=False
    )

    @model_validator(mode="after")
    def _known(self) -> Target:
        for key, names, known in (
            ("corridor", (self.corridor,) * bool(self.corridor), tuple(CORRIDORS)),
            ("kinds", self.kinds, KINDS),
            ("sizes", self.sizes, SIZES),
        ):
            for name in names:
                if name not in known:
                    message = _t("target.{key}: {name!r} is none of {names}")
                    raise ValueError(message.format(key=key, name=name, names=", ".join(known)))
        if "pairs" in self.model_fields_set and not self.pairs:
            message = _t("target.pairs is empty; leave it out where all borders are meant")
            raise ValueError(message)
        for one, other in self.pairs:
            if one == other:
                message = _t("target.pairs: {name!r} has no border with itself")
                raise ValueError(message.format(name=one))
        return self

    @model_serializer(mode="wrap")
    def _plain(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out `pairs` where there are none: hashes are those of before the key."""
        content: dict[str, Any] = handler(self)
        return {key: value for key, value in content.items() if key != "pairs" or value}

    def refuse_others(self, keys: tuple[str, ...]) -> None:
        """Refuse a target that says anything but ``keys``, with a line in a `ValueError`."""
        for key in Target.model_fields:
            if getattr(self, key) and key not in keys:
                message = _t("target.{key} makes no difference here; of use are: {names}")
                raise ValueError(message.format(key=key, names=", ".join(keys) or _t("none")))

    def city_mask(self, places: Places) -> Floats:
        """Return shape (C,): 1 for a targeted city, else 0."""
        corridor = CORRIDORS[self.corridor] if self.corridor else ()
        if not (self.provinces or self.cities or corridor):
            return np.ones(len(places.cities))
        names = [places.provinces[p] for p in places.city_province]
        hit = [
            name in self.provinces or city in self.cities or city in corridor
            for name, city in zip(names, places.cities, strict=True)
        ]
        return np.array(hit, dtype=np.float64)

    def province_mask(self, places: Places) -> Floats:
        """Return shape (P,): share of a province's cities that are targeted."""
        mask = self.city_mask(places)
        size = np.bincount(places.city_province, minlength=len(places.provinces))
        hit = np.bincount(places.city_province, weights=mask, minlength=len(places.provinces))
        return np.asarray(hit / size, dtype=np.float64)

    def pair_mask(self, places: Places) -> Floats:
        """Return shape (C, C): 1 for two different targeted cities.

        Those of two provinces that ``pairs`` names are targeted, one of each; with nothing else
        named no others are.
        """
        mask = self.city_mask(places)
        if self._pairs_alone:
            mask = np.zeros(len(mask))
        pairs = mask[:, None] * mask[None, :]
        np.fill_diagonal(pairs, 0.0)
        province = places.city_province
        named: Floats = self._named_pairs(places)[province[:, None], province[None, :]]
        return np.maximum(pairs, named)

    def border_mask(self, places: Places) -> Floats:
        """Return shape (P, P): 1 for a targeted border of a province, 0 inside one.

        All borders of a targeted province are, those with provinces that are not targeted
        included; of one that is targeted in part, by its share of cities.
        """
        mask = self.province_mask(places)
        if self._pairs_alone:
            mask = np.zeros(len(places.provinces))
        where: Floats = (1.0 - np.eye(len(mask))) * np.maximum(mask[:, None], mask[None, :])
        return np.maximum(where, self._named_pairs(places))

    def partner_mask(self, places: Places) -> Floats:
        """Return shape (P, P): 1 for two different targeted provinces, less of those in part."""
        mask = self.province_mask(places)
        return mask[:, None] * mask[None, :] * (1.0 - np.eye(len(mask)))

    def access_mask(self, places: Places) -> Floats:
        """Return shape (P, P): 1 from any province to another that is targeted."""
        mask = self.province_mask(places)
        return (1.0 - np.eye(len(mask))) * mask[None, :]

    @property
    def _pairs_alone(self) -> bool:
        """Pairs are named and no other place is."""
        return bool(self.pairs) and not (self.provinces or self.cities or self.corridor)

    def _named_pairs(self, places: Places) -> Floats:
        """Return shape (P, P): 1 for two provinces that `pairs` names, in either order."""
        named = np.zeros((len(places.provinces),) * 2)
        for pair in self.pairs:
            i, j = (places.provinces.index(name) for name in pair)
            named[i, j] = named[j, i] = 1.0
        return named

    def field_mask(self, places: Places) -> Floats:
        """Return shape (F,): 1 for a targeted technology field."""
        return _mask(self.fields, places.fields)

    def industry_mask(self, places: Places) -> Floats:
        """Return shape (J,): 1 for a targeted industry."""
        return _mask(self.industries, places.industries)

    def size_mask(self) -> Floats:
        """Return shape (3,): 1 for a targeted size of firms."""
        return _mask(self.sizes, SIZES)

    def kind_mask(self) -> Floats:
        """Return shape (3,): 1 for a targeted kind of organisations."""
        return _mask(self.kinds, KINDS)


def _mask(named: tuple[str, ...], known: tuple[str, ...]) -> Floats:
    return np.array([not named or name in named for name in known], dtype=np.float64)


# -- policies --------------------------------------------------------------------------------------

REGISTRY: dict[str, type[Policy]] = {}
"""Policies that come with ydsim, by the name under which scenarios find them."""

_ROWS = rows_of(__package__, "parameters.csv")


class Policy(Unchanging, BaseModel):
    """Base of all policies; see the module docstring for the algebra.

    ``strength(t)`` is zero before ``start`` and from ``end`` on, rises linearly over ``ramp``
    years, and with ``decay`` d > 0 falls by half every d years after the ramp.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    title: ClassVar[str] = ""
    writes: ClassVar[tuple[str, ...]] = ()
    target_keys: ClassVar[tuple[str, ...]] = PLACE_TARGET_KEYS
    """Keys of `target` that make a difference."""
    names: ClassVar[Mapping[str, str]] = {}
    """Keys that hold names of the world, each with what they name, as ``"cities"``."""
    channel_names: ClassVar[tuple[str, ...]] = ()
    """What the key `channels` of the policy can name; empty for a policy without the key."""
    stateless: ClassVar[bool] = False
    """What it does in a quarter depends on its keys and the year alone, so that several runs may
    share the quarters before it (`ydsim.run.replicate`); all shipped ones are."""

    strength: float = declared(_ROWS["all.strength"])
    start: float | None = declared(_ROWS["all.start"])
    end: float | None = declared(_ROWS["all.end"])
    ramp: float = declared(_ROWS["all.ramp"])
    decay: float = declared(_ROWS["all.decay"])
    target: Target = Field(default_factory=Target, description="whom it is for")
    cost: float = declared(_ROWS["all.cost"])
    payer: Payer = declared(_ROWS["all.payer"])

    def __init_subclass__(cls, name: str = "") -> None:
        """Make a policy of ydsim known by its name, with what the table says of its keys."""
        if name in REGISTRY:
            raise ValueError(f"two policies are called {name!r}")
        if name:
            REGISTRY[name] = cls
            declare(cls, _ROWS, name)

    @model_validator(mode="after")
    def _fixed(self) -> Policy:
        for name, value in self.__dict__.items():
            if isinstance(value, dict):
                self.__dict__[name] = FrozenDict(value)
        return self

    @model_validator(mode="after")
    def _dates(self) -> Policy:
        if self.start is not None and self.end is not None and self.end <= self.start:
            message = _t("end {end:g} is not after start {start:g}")
            raise ValueError(message.format(end=self.end, start=self.start))
        return self

    @model_validator(mode="after")
    def _aims(self) -> Policy:
        self.target.refuse_others(self.target_keys)
        return self

    def strength_at(self, year: float) -> float:
        """Return strength(t) in [0, 1] at a point in time given as a decimal year."""
        if (self.start is not None and year < self.start) or (
            self.end is not None and year >= self.end
        ):
            return 0.0
        age = np.inf if self.start is None else year - self.start
        level = self.strength
        if self.ramp > 0.0:
            # in force at the end of the quarter in which it starts
            level *= min(1.0, (age + 0.25) / self.ramp)
        if self.decay > 0.0 and np.isfinite(age):
            level *= 0.5 ** (max(0.0, age - self.ramp) / self.decay)
        return float(level)

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Yield what the policy at full strength wants of each field in ``writes``.

        Arrays of ``baseline`` and ``places`` are read-only: they are shared by all policies.
        """
        rule = rules()
        for name, (value, where) in self._moves(year, places).items():
            base: Floats = getattr(baseline, name)
            if rule[name] == "add":
                value = base + value
            elif rule[name] == "multiply":
                value = base * value
            yield Contribution(name, value, where)

    def written(self) -> tuple[str, ...]:
        """Return the fields that the policy moves with its settings; at most `writes`."""
        return self.writes

    def schemes(self, year: float, places: Places) -> Iterator[Scheme]:
        """Yield the schemes of the policy at full strength; extend it for more than its cost."""
        if self.cost > 0.0:
            yield Outlay(yearly=self.cost, payer=self.payer, where=self.target.city_mask(places))
        yield from self._pays(places)

    @classmethod
    def has_schemes(cls) -> bool:
        """Tell whether the policy hands over schemes beside what running it costs."""
        return cls.schemes is not Policy.schemes or cls._pays is not Policy._pays

    def _moves(self, year: float, places: Places) -> Moves:
        return {}

    def _pays(self, places: Places) -> Iterator[Scheme]:
        yield from ()


class Budgeted(Policy):
    """A policy that takes a budget of so much a year in the place of a rate, never both.

    A budget that is asked for too little is not spent; the run says what is left
    (`ydsim.agents.ledger`).
    """

    rate_key: ClassVar[str]
    """The parameter in the place of which the policy takes an ``amount``."""

    @model_validator(mode="after")
    def _one_budget(self) -> Budgeted:
        rate = self.rate_key
        given = getattr(self, rate)
        if getattr(self, "amount") is None:  # noqa: B009 of the classes below
            if given is None:
                raise ValueError(_t("{key}: null needs an `amount`").format(key=rate))
        elif given is not None and rate in self.model_fields_set:
            message = _t("amount goes in the place of `{key}`; set `{key}` to null")
            raise ValueError(message.format(key=rate))
        else:
            self.__dict__[rate] = None
        return self


def amount_instead(of: str) -> Any:
    """Return the parameter ``amount`` of a policy whose spending ``of`` decides without it."""
    return param(
        None,
        f"budget in money instead of `{of}`; either, not both",
        unit="100m_rmb/year",
        bounds=(0.0, 1e4),
    )
