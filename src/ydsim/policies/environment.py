"""The policy environment: what policies can move, schemes of money, and the channels of borders.

Processes read this environment and never a policy. Each field declares how contributions of
several policies combine: ``add``, ``multiply``, ``max`` or ``exclusive`` (`ydsim.policies.fold`).

Beside the fields are the schemes in force: public money that is paid under conditions. A scheme is
a frozen record that a policy hands to the environment for one quarter; the process that pays it
knows the record and never the policy. Its fields ``policy`` and ``strength`` are set where the
environment is folded. And there is what each policy adds to each field of the rule ``add``, so that
money paid by such a field can be booked under the policy's name.

Policies name channels as `CHANNELS`. What passes the border of two provinces is a field of the same
name, (P, P), 1 inside a province; what policies ease or close between cities is by `CROSSINGS`, the
channels that pass between cities:

    goods       value of goods; they go by province, and nothing eases their border
    exposure    adopters that are seen
    joint_work  joint projects
    hand_over   projects and results that change hands
    talent      moves of researchers
    knowledge   knowledge that spills over in space

What passes is a share, as in ``0.3``, or a factor on the odds of it, as in ``x1.5``:

    p' = x p / (x p + 1 - p)

p the share of exchange that passes without a policy, x the factor, p' what passes with it: the odds
p / (1 - p) times x. It never leaves 0-1, a border that nothing or all passes stays as it is, and
x1 changes nothing. A factor moves what is nearly shut and what is nearly open by like parts, where
the same share of what is *held back* would open the one many times over and not move the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar, get_args

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, Strict

from ydsim.measures.groups import positions_of, rank_within
from ydsim.translation import gettext as _t
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.wording import shorten

# -- schemes ---------------------------------------------------------------------------------------

Payer = Literal["central", "provinces", "cities"]


@dataclass(frozen=True)
class Scheme:
    """What all schemes have in common."""

    budgeted: ClassVar[bool] = False
    """Whether the kind has a budget whose returns are kept in `State.returns`, so that adaptive
    governance may move money to and from it."""

    policy: str = ""
    """Name under which the scenario lists the policy; payments are under it in the books."""
    strength: float = 1.0
    """Strength of the policy in the quarter, above 0 and at most 1; under adaptive governance times
    the factor of its budget, up to 4."""


@dataclass(frozen=True)
class Outlay(Scheme):
    """Money that a policy costs whatever it does."""

    yearly: float = 0.0
    """100m_rmb a year at full strength."""
    payer: Payer = "provinces"
    """Whose budget pays."""
    where: Floats | float = 1.0
    """(C,) cities of the payers, 0-1; provinces and cities share by value added."""


@dataclass(frozen=True)
class PoachingPremium(Scheme):
    """Money with which cities draw researchers from elsewhere; the cities pay."""

    premium: float = 0.0
    """Share of a yearly wage that each researcher who arrives is paid once, at full strength."""
    where: Floats | float = 1.0
    """(C,) cities that pay it, 0-1."""


@dataclass(frozen=True)
class BrokerOffices(Scheme):
    """Running costs of the intermediaries that a policy adds, paid by the provinces they sit in."""

    yearly: float = 0.0
    """Cost of each, 100m_rmb a year."""
    density: float = 0.0
    """Intermediaries per 1,000 firms of a city at full strength."""
    amount: float | None = None
    """Budget of a year instead of ``density``, 100m_rmb at full strength; None without one."""
    where: Floats | float = 1.0
    """(C,) cities, 0-1."""


@dataclass(frozen=True)
class FacilityAccess(Scheme):
    """What users of shared facilities save, paid by the provinces of the facilities."""

    saved: float = 0.0
    """100m_rmb for a quarter of use at full strength."""
    where: Floats | float = 1.0
    """(C,) cities of the users, 0-1."""


@dataclass(frozen=True)
class FirmGrants(Scheme):
    """Grants of a share of own R&D to single firms, paid by the province of each."""

    firms: Keys = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    """Identities of the firms, ascending."""
    rate: float = 0.0
    """Grant over own R&D."""
    leakage: float = 0.0
    """Share of the grant that is not spent on R&D."""

    def paid(self, keys: Keys) -> Bools:
        """Return which of the firms with these identities are paid."""
        return positions_of(keys, self.firms) >= 0


@dataclass(frozen=True)
class GrantBudget(Scheme):
    """Grants in proportion to own R&D that share a budget, paid by the province of each firm."""

    amount: float = 0.0
    """Budget of a year, 100m_rmb at full strength."""
    leakage: float = 0.0
    """Share of the grants that is not spent on R&D."""
    cities: Floats | float = 1.0
    sizes: Floats | float = 1.0
    """(C,) cities and (3,) sizes of the firms, 0-1."""


@dataclass(frozen=True)
class Winners:
    """Firms that hold vouchers of their own."""

    firms: Keys
    """Identities, ascending."""
    left: Ints
    """Deals that each can still pay with them; changed in place when it does."""

    def hold(self, keys: Keys) -> Bools:
        """Return which of the firms with these identities have vouchers left."""
        at = positions_of(keys, self.firms)
        return (at >= 0) & (np.append(self.left, 0)[at] > 0)

    def use(self, keys: Keys, wanted: Bools) -> Bools:
        """Take a voucher for each deal that wants one, in their order, while there are any left.

        ``keys`` are the identities of the buyers; returns which deals have got one.
        """
        at = positions_of(keys, self.firms)
        asks = np.flatnonzero(wanted & (at >= 0))
        turn = rank_within(at[asks])
        got = asks[turn < self.left[at[asks]]]
        self.left[:] -= np.bincount(at[got], minlength=len(self.left))
        given = np.zeros(len(keys), dtype=np.bool_)
        given[got] = True
        return given


@dataclass(frozen=True)
class Voucher(Scheme):
    """A part of the price of a research service that the province of its buyer pays."""

    face: float = 0.0
    """Most that is paid for one contract, 100m_rmb."""
    co_pay: float = 0.0
    """Share of the price that the buyer bears in any case."""
    take_up: float = 0.0
    """Share of eligible deals in which vouchers are used at full strength."""
    amount: float | None = None
    """Budget of a year instead of ``take_up``, 100m_rmb at full strength; None without one."""
    portable: bool = True
    """Whether it is good for services from another province."""
    cities: Floats | float = 1.0
    sizes: Floats | float = 1.0
    fields: Floats | float = 1.0
    """(C,) cities and (3,) sizes of the buyers, (F,) fields of the projects, 0-1."""
    winners: Winners | None = None
    """The buyers that have any, where they were drawn at random."""

    @property
    def used(self) -> float:
        """Probability that vouchers are used in an eligible deal."""
        return self.take_up * self.strength

    def pays(self, price: Floats, contracts: float) -> Floats:
        """Return what vouchers pay of the price of each deal of so many contracts."""
        return np.minimum(contracts * self.face, (1.0 - self.co_pay) * price)


@dataclass(frozen=True)
class Partnership(Scheme):
    """Public money for what organisations of several provinces do together."""

    fields: Floats | float = 1.0
    """(F,) technology fields that are paid for, 0-1."""
    provinces: Floats | float = 1.0
    """(P,) provinces that take part, 0-1; members elsewhere do not count and are not paid."""
    least: int = 2
    """Provinces from which members have to come."""
    central: float = 0.0
    """Share of the payments that the central government bears; provinces bear the rest, each for
    its own members."""

    @property
    def payers(self) -> dict[Payer, float]:
        """Share of each government in the payments."""
        return {"central": self.central, "provinces": 1.0 - self.central}

    def takes_part(self, n_provinces: int) -> Bools:
        """Return which provinces take part, (P,)."""
        return np.broadcast_to(self.provinces, n_provinces) > 0.0


@dataclass(frozen=True)
class JointWork(Partnership):
    """Public money for work on projects that organisations of several provinces share."""

    mixed: bool = False
    """Whether a firm and a university or institute have to be among the members."""
    quarters: int = 2**14
    """Quarters for which one project is paid at most."""
    leakage: float = 0.0
    """Share of the payments that is not spent on work."""


@dataclass(frozen=True)
class JointFund(JointWork):
    """A fund with a budget."""

    budgeted: ClassVar[bool] = True

    rate: float = 0.0
    """Budget of a quarter over the R&D of firms and governments of the region."""
    amount: float = 0.0
    """Budget of a year on top of that, 100m_rmb at full strength."""
    premium: float = 0.0
    """What eligibility adds to the utility that an owner sees in a partner."""


@dataclass(frozen=True)
class CostSharing(JointWork):
    """Provinces bear a part of what joint work costs, and share the tax on what it leads to."""

    share: float = 0.0
    """Part of the cost of members' work that is paid back."""
    amount: float | None = None
    """Budget of a year instead of ``share``, 100m_rmb at full strength; None without one."""
    tax: float = 0.0
    """Part of the provincial profit tax on value handed over that goes to the seller's province."""


@dataclass(frozen=True)
class Alliance(Partnership):
    """Consortia that governments set up and support."""

    budgeted: ClassVar[bool] = True

    number: int = 0
    size: int = 8
    """Consortia in the region, and members of each with its lead."""
    quarters: int = 16
    """Life of a consortium."""
    tie: float = 1.0
    """Strength below which ties of members do not fade, in joint projects."""
    grant: float = 0.0
    """Support of a consortium, 100m_rmb a year."""
    amount: float | None = None
    """Budget of a year instead of ``grant``, 100m_rmb at full strength; None without one."""


# -- channels: what can cross a border between provinces, one by one -------------------------------

Channel = Literal["goods", "exposure", "joint_work", "hand_over", "talent", "knowledge"]
Crossing = Literal["exposure", "joint_work", "hand_over", "talent", "knowledge"]

CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
CROSSINGS: Final[tuple[Crossing, ...]] = get_args(Crossing)
"""Order of the first axis of what is eased and closed by channel."""


def once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names; refuse one that is there twice in a `ValueError`."""
    for at, name in enumerate(names):
        if name in names[:at]:
            raise ValueError(_t("{name!r} is named twice").format(name=name))
    return names


Channels = Annotated[tuple[Channel, ...], Strict(False), AfterValidator(once)]


def crossing_mask(names: Iterable[str]) -> Floats:
    """Return 1 for each of the named channels among `CROSSINGS`, 0 for others, shape (5,)."""
    named = set(names)
    return np.array([name in named for name in CROSSINGS], dtype=np.float64)


# -- what passes a border: a share, or a factor on its odds ----------------------------------------

LEAST, MOST = 0.1, 10.0
"""Bounds of a factor on the odds of what passes a border."""

_FACTOR = re.compile(r"x(\d+\.?\d*|\.\d+)")
_PER_CENT = re.compile(r"(\d+\.?\d*) *[%\uff05]")


def odds_times(share: Floats | float, factor: Floats | float) -> Floats:
    """Return the share whose odds are ``factor``, above 0, times those of ``share``, 0-1."""
    raised = np.multiply(share, factor)
    return raised / (raised + np.subtract(1.0, share))


_LEFT = (None, "none", "unchanged")
"""Levels that leave what passes as it is, as values and as tables have them."""


def factor_of(value: Any) -> float | None:
    """Return x of the text ``"x1.5"``; None of anything else."""
    match = _FACTOR.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(match[1]) if match else None


def multiples_of(levels: Iterable[Any]) -> list[float]:
    """Return x of levels that multiply odds, as ``"x1.5"``, and 1 of one that leaves them.

    Nothing where there is another level, or none that multiplies.
    """
    levels = list(levels)
    factors = [1.0 if level in _LEFT else factor_of(level) for level in levels]
    some = any(level not in _LEFT for level in levels)
    return [one for one in factors if one is not None] if some and None not in factors else []


def passed(passes: float | str, share: Floats | float) -> Floats:
    """Return what passes under ``passes`` (`Passes`), where without it ``share`` does, 0-1."""
    factor = factor_of(passes)
    if factor is None:
        return np.full(np.shape(share), float(passes))
    return odds_times(share, factor)


def _share_or_factor(value: Any) -> Any:
    """Return a share as a number and a factor as its text; refuse all else in one line."""
    if value is None:
        return None
    factor = factor_of(value)
    if factor is not None:
        if not LEAST <= factor <= MOST:
            message = _t("must be between x{least:g} and x{most:g}, found {value}")
            raise ValueError(message.format(least=LEAST, most=MOST, value=value))
        return value.strip()
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0.0 <= value <= 1.0:
        message = _t("expected a share from 0 to 1 or a factor on the odds as x1.5, found {value}")
        hint = _t("; did you mean {share:g} ({per_cent:g} %)?")
        line = message.format(value=shorten(str(value), 40))
        if number and 2.0 <= value <= 100.0:
            line += hint.format(share=value / 100.0, per_cent=value)
        if isinstance(value, str) and (per_cent := _PER_CENT.fullmatch(value)):
            line += _t("; write {text}").format(text=f"{float(per_cent[1]) / 100.0:.12g}")
        raise ValueError(line)
    return float(value)


def _number(value: Any) -> Any:
    """Return the number of the text of a factor; anything else as it is."""
    factor = factor_of(value)
    return value if factor is None else factor


Passes = Annotated[
    Annotated[float, Field(ge=0.0, le=1.0)] | str | None, BeforeValidator(_share_or_factor)
]
"""A share of exchange that passes, or the text of a factor on its odds."""

Factor = Annotated[float, BeforeValidator(_number)]
"""A factor on the odds of what passes, as a number or as ``x1.5``."""


# -- the policy environment ------------------------------------------------------------------------

Rule = Literal["add", "multiply", "max", "exclusive"]
S = TypeVar("S", bound=Scheme)


def _field(rule: Rule) -> Callable[[str], Floats]:
    """Return what declares a field of a rule by its meaning, shape and unit."""
    return lambda meaning: field(metadata={"rule": rule, "meaning": meaning})


_add, _times, _most, _alone = map(_field, get_args(Rule))


@dataclass(frozen=True)
class PolicyEnvironment:
    """Values in force in one quarter; shapes in C cities, P provinces and 3 sizes of firms.

    What passes is the share of exchange across a province border, 1 inside a province. The 5 are
    the channels between cities (`ydsim.policies.environment.CROSSINGS`).
    """

    goods: Floats = _alone("share of the value of goods that passes a border, (P, P), 0-1")
    exposure: Floats = _alone("share of the exposure to adopters that passes a border, (P, P), 0-1")
    joint_work: Floats = _alone("share of joint projects that passes a border, (P, P), 0-1")
    hand_over: Floats = _alone("share of hand-overs that passes a border, (P, P), 0-1")
    talent: Floats = _alone("share of moves of researchers that passes a border, (P, P), 0-1")
    knowledge: Floats = _alone("share of knowledge that spills over a border, (P, P), 0-1")
    eased: Floats = _most(
        "factor on the odds that exchange between two cities passes, by channel, (5, C, C), 1"
    )
    eased_hand_over: Floats = _most(
        "factor on the odds that a hand-over between two provinces passes, (P, P), 1"
    )
    closed: Floats = _most(
        "share of exchange across its border that a province itself keeps out, by channel, "
        "(5, P), 0-1"
    )
    tie_factor: Floats = _times(
        "factor on the pull between two cities in the search of partners, (C, C), 1"
    )
    search_cut: Floats = _most(
        "share of the search cost between two cities that is saved, (C, C), 0-1"
    )
    travel_hours: Floats = _times("travel time between cities, (C, C), h")
    outside_hours: Floats = _times("travel time to the rest of the nation, (C,), h")
    core_pull: Floats = _most(
        "elasticity of the appeal of a city to researchers to its stock of them, (), 1"
    )
    recognition: Floats = _most(
        "share of titles, results and rules that provinces recognise, (P, P), 0-1"
    )
    mobility: Floats = _most(
        "rate at which researchers of a city reconsider their place, (C,), 1/year"
    )
    offer: Floats = _times("offers to researchers from elsewhere over the going wage, (C,), 1")
    facility_open: Floats = _most(
        "share of research facilities open to users of another province, (P, P), 0-1"
    )
    facility_price: Floats = _times(
        "cost of using a shared facility relative to 2011, to the power of the elasticity of use, "
        "by city of the user, (C,), 1"
    )
    broker_density: Floats = _most("intermediaries, by city, (C,), 1/1000 firms")
    broker_reach: Floats = _most("reach of intermediaries, by city, (C,), km")
    broker_uplift: Floats = _most(
        "factor of intermediaries on the odds of a match that they propose, by city, (C,), 1"
    )
    broker_cap: Floats = _most(
        "largest contract that intermediaries serve, by city, (C,), 100m_rmb"
    )
    transfer: Floats = _add(
        "extra hazard of moving from a province to a city of another, (P, C), 1/year"
    )
    enclave: Floats = _add(
        "share of the firms of a city that keep their R&D in another city, (C, C), 0-1"
    )
    broadcast: Floats = _add(
        "influence of adopters anywhere in the region through media, by city, (C,), 1/year"
    )
    stories: Floats = _times("stories of media relative to 2011, by city of the audience, (C,), 1")
    science_productivity: Floats = _times(
        "ideas and progress in applied research of universities and institutes, (C,), 1"
    )
    protection: Floats = _add("protection of a province's product market, (P,), 0-1")
    grant_rate: Floats = _add(
        "grants of a programme as a share of firms' own R&D, by city and size, (C, 3), 1"
    )
    programme_leak: Floats = _add(
        "leaked part of programme grants as a share of firms' own R&D, by city and size, (C, 3), 1"
    )
    grant_leakage: Floats = _most("share of the general grants that is misused, by city, (C,), 0-1")
    user_cost: Floats = _times("user cost of R&D relative to 2011, (C,), 1")
    tax_relief: Floats = _add("profit tax forgone for each yuan of reported R&D, by city, (C,), 1")
    relabelled: Floats = _most(
        "part of the response to the user cost that is relabelling, by city, (C,), 0-1"
    )
    bid_share: Floats = _most("part of every joint fund that is given by open bid, (), 0-1")
    schemes: tuple[Scheme, ...] = ()
    added: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)
    """By field of the rule ``add`` and name of a policy: what the policy adds to the field."""

    def of(self, kind: type[S]) -> list[S]:
        """Return the schemes of one kind, sorted by the name of their policy."""
        return [scheme for scheme in self.schemes if isinstance(scheme, kind)]

    def parts(self, name: str, rest: str) -> Mapping[str, Floats]:
        """Return the parts of a field by policy; the whole as ``rest`` where none is known."""
        return self.added.get(name) or {rest: getattr(self, name)}


def rules() -> dict[str, Rule]:
    """Return the combination rule of every field."""
    return {f.name: f.metadata["rule"] for f in fields(PolicyEnvironment) if f.metadata}


def passing(environment: PolicyEnvironment, channel: Crossing, province: Ints) -> Floats:
    """Return the part of exchange between cities that passes a border, (C, C), 1 at home.

        pass_cd = x p_pq / (x p_pq + 1 - p_pq) (1 - max(closed_p, closed_q)),  x = eased_cd e_pq

    p and q are the provinces of c and d, not the same. ``province`` (C,) is that of each city; p_pq
    is what passes in the channel, ``eased`` and ``closed`` are its own, e is `eased_hand_over`, of
    hand-overs only. Factors of one field combine by its rule, the largest holds; those of the two
    fields multiply.
    """
    p, q = province[:, None], province[None, :]
    at = CROSSINGS.index(channel)
    closed, factor = environment.closed[at], environment.eased[at]
    if channel == "hand_over":
        factor = factor * environment.eased_hand_over[p, q]
    shut = np.maximum(closed[:, None], closed[None, :])
    np.fill_diagonal(shut, 0.0)
    passes: Floats = getattr(environment, channel)[p, q]
    return odds_times(passes, factor) * (1.0 - shut[p, q])
