"""The kinds of shocks: each draws units, does what is done at once, and leaves what stays in force.

A kind is a function of what the shock finds, its settings and its lottery; `Shocks` are those of a
run: when each strikes, what is in force, and who was treated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import LIVES, OUTCOMES, PARTNERS
from ydsim.agents.search import ELSEWHERE, GRAVITY, Search
from ydsim.agents.state import State
from ydsim.agents.ties import pair_key
from ydsim.measures.groups import rows_of
from ydsim.noise import Noise, NoiseSource, identity
from ydsim.policies.base import Places, Target
from ydsim.policies.environment import FirmGrants, PolicyEnvironment, Scheme, Voucher, Winners
from ydsim.policies.money import YUAN_10K
from ydsim.processes.fund import size_of
from ydsim.scenario.schema.parameters import CertifyParameters
from ydsim.scenario.schema.scenario import Scenario
from ydsim.scenario.schema.shocks import (
    DeleteProjects,
    DeleteTies,
    Demand,
    Grants,
    Meetings,
    Protection,
    Shock,
    TravelTimes,
    VoucherLottery,
)
from ydsim.typing import Bools, Columns, Floats, Ints, Keys

Names = NDArray[Any]
"""Texts, (n,)."""

# -- what is drawn from ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """What a shock finds."""

    state: State
    """At the beginning of the quarter."""
    places: Places
    """Names of the world, for targets."""
    certify: CertifyParameters
    """Classes of the sizes of firms."""
    start: int
    """First year of the run."""

    def cities(self, target: Target) -> Ints:
        """Return the targeted cities."""
        return np.flatnonzero(target.city_mask(self.places))

    def provinces(self, target: Target) -> Ints:
        """Return the provinces with targeted cities."""
        return np.flatnonzero(target.province_mask(self.places))

    def organisations(self, target: Target) -> Bools:
        """Return which organisations live and are targeted by place and kind, (n,)."""
        table = self.state.organisations
        targeted: Bools = table.alive & (target.city_mask(self.places) > 0.0)[table.city]
        return targeted & (target.kind_mask() > 0.0)[table.kind]

    def firms(self, target: Target) -> Ints:
        """Return the rows of living firms that are targeted by place, industry and size."""
        table = self.state.organisations
        rows = np.flatnonzero(self.organisations(target) & (table.kind == FIRM))
        fits = (target.size_mask() > 0.0)[size_of(table.sales[rows], self.certify)]
        fits &= (target.industry_mask(self.places) > 0.0)[table.industry[rows]]
        return rows[fits]

    def city_of(self, rows: Ints) -> Names:
        """Return the name of the city of each organisation."""
        return named(self.state.world.city_names, self.state.organisations.city[rows])


def named(names: Sequence[str], index: NDArray[Any]) -> Names:
    """Return the name at each index."""
    return np.array(names, dtype=np.object_)[index]


def keys_of_names(kind: str, names: tuple[str, ...]) -> Keys:
    """Return the identity of each province or industry by its name."""
    return np.concatenate([np.empty(0, np.uint64), *(identity(kind, name) for name in names)])


def pair_of(one: Keys, other: Keys) -> Keys:
    """Return the identity of unordered pairs of identities."""
    return identity("pair", np.minimum(one, other), np.maximum(one, other))


# -- who is treated --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lottery:
    """Who is treated: intervals cut out of one uniform for each unit.

        treated_x = low <= u_x < low + share

    u_x is one draw for each unit x, by the identity of x and the name of the shock, or of its
    ``arms``; low is the sum of the shares of earlier shocks of the same arms, 0 for the first and
    without arms. So no unit is in two arms of a group, and who is treated depends on nothing but
    these: not on later arms, other shocks or groups, on policies, or on what has happened in the
    run.
    """

    noise: Noise
    """Draws of shocks, which do not depend on the quarter."""
    label: str
    """Name of the shock, or of its arms."""
    low: float
    high: float
    """Ends of the interval of the uniform in which a unit is treated."""

    def ids(self, units: Keys) -> Keys:
        """Return the identity under which each unit draws."""
        return identity(self.label, units)

    def lots(self, units: Keys) -> Floats:
        """Return the uniform of each unit, (n,)."""
        noise = self.noise
        return noise.uniform(self.ids(units), 0)

    def treated(self, units: Keys) -> Bools:
        """Return which units are treated, (n,)."""
        u = self.lots(units)
        return (u >= self.low) & (u < self.high)


def lotteries(shocks: Sequence[Shock], noise: Noise) -> list[Lottery]:
    """Return the lottery of each shock, in the order of a scenario."""
    used: dict[str, float] = {}
    result = []
    for shock in shocks:
        # no name of a shock has a space
        label = f"arms {shock.arms}" if shock.arms else shock.name
        low = used.get(label, 0.0)
        used[label] = low + shock.share
        result.append(Lottery(noise, label, low, used[label]))
    return result


# -- the record ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assignment:
    """The units of one shock at one date; without ``treated`` they are its controls."""

    shock: Shock
    quarter: int
    """What was drawn, and when."""
    treated: Bools
    """(n,) which units are."""
    key: Keys
    place: Names
    other: Keys
    """(n,) identities of the units, or of both ends of a pair; 0 where there is no second. Of an
    organisation that loses a partner the second one is that partner."""
    other_place: Names
    """(n,) names of the city or province in which each is, and of the second, of a market its
    industry; empty for none."""


def alone(shock: Shock, quarter: int, treated: Bools, key: Keys, place: Names) -> Assignment:
    """Return units that are no pairs."""
    nobody, nowhere = np.zeros(len(key), dtype=np.uint64), np.full(len(key), "", dtype=np.object_)
    return Assignment(shock, quarter, treated, key, place, nobody, nowhere)


def shock_table(assignments: Sequence[Assignment], start: int) -> Columns:
    """Return one row for each unit of each shock, in the order in which they were drawn."""
    n = np.array([len(one.treated) for one in assignments], dtype=np.int64)
    quarter = np.repeat(np.array([one.quarter for one in assignments], dtype=np.int64), n)

    def text(name: str) -> Names:
        words = [getattr(one.shock, name) for one in assignments]
        return np.repeat(np.array(words, dtype=np.object_), n)

    def column(name: str, kind: type) -> NDArray[Any]:
        return np.concatenate([np.empty(0, kind), *(getattr(one, name) for one in assignments)])

    return {
        "shock": text("name"),
        "kind": text("kind"),
        "arms": text("arms"),
        "unit": text("unit_drawn"),
        "key": column("key", np.uint64),
        "other": column("other", np.uint64),
        "place": column("place", np.object_),
        "other_place": column("other_place", np.object_),
        "treated": column("treated", np.bool_),
        "year": start + quarter // 4,
        "quarter": 1 + quarter % 4,
    }


@dataclass(frozen=True)
class Effect:
    """What holds for some quarters."""

    name: str
    """Of the shock."""
    until: int
    """First quarter in which it no longer holds."""
    factors: Mapping[str, Floats] = field(default_factory=dict)
    shifts: Mapping[str, Floats] = field(default_factory=dict)
    """What fields of the policy environment are multiplied by, and what is added to them."""
    scheme: Scheme | None = None
    """Money that is paid beside that of policies."""
    rise: Floats | None = None
    """(J, C) rise of the log weight of goods by industry and city of origin."""
    met: Keys | None = None
    """(2, n) identities of organisations that meet."""

    def laid_over(self, environment: PolicyEnvironment) -> PolicyEnvironment:
        """Return the environment with the shock in it."""
        moved: dict[str, Any] = {
            name: getattr(environment, name) * factor for name, factor in self.factors.items()
        }
        added = dict(environment.added)
        for name, shift in self.shifts.items():
            moved[name] = getattr(environment, name) + shift
            added[name] = {**added.get(name, {}), self.name: shift}
        schemes = environment.schemes
        if self.scheme is not None:
            schemes = tuple(sorted([*schemes, self.scheme], key=lambda one: one.policy))
        return replace(environment, **moved, schemes=schemes, added=added)


Struck: TypeAlias = tuple[Assignment, Effect | None]
"""Who was drawn from, and what stays in force."""


# -- projects and ties -----------------------------------------------------------------------------


def delete_projects(scene: Scene, shock: DeleteProjects, lottery: Lottery) -> Struck:
    """End live projects at the beginning of a quarter.

        ended_k = treated_k                              of a share
        ended_k = u_k is among the ``number`` smallest    of a number

    Units are projects whose owner lives and is targeted. They leave without a trace: nothing is
    counted in the funnel as failed, nobody is paid back, and what members have learned and who is
    tied stays.
    """
    state, projects = scene.state, scene.state.projects
    fits = scene.organisations(shock.target)[projects.owner]
    fits &= (shock.target.field_mask(scene.places) > 0.0)[projects.field]
    rows = np.flatnonzero(fits)
    key, place = projects.key[rows], scene.city_of(projects.owner[rows])
    treated = lottery.treated(key)
    if shock.number:
        treated[np.lexsort((key, lottery.lots(key)))[: shock.number]] = True
    outcome = np.full(len(projects), LIVES, dtype=np.int8)
    outcome[rows[treated]] = OUTCOMES.index("shock")
    state.ended.add(projects, outcome)
    projects.keep(outcome == LIVES)
    return alone(shock, state.quarter, treated, key, place), None


def delete_ties(scene: Scene, shock: DeleteTies, lottery: Lottery) -> Struck:
    """Part pairs of organisations, so that they do not work together again.

        lost_i   = the partner j of i with the smallest h_ij
        apart_ij = treated_i and j = lost_i       of organisations
                 = treated_ij                     of pairs

    h_ij is one draw for i and j. Units are living targeted organisations that have a tie to a
    living one, or the ties between two of them. The tie is deleted and does not come back, neither
    by joint work nor by a consortium; in a live project of both the one that does not own it
    leaves, and of two partners the later one. From then on neither sees the other as a candidate,
    nor a project in which the other takes part. That of one organisation is the loss of its partner
    too, so that a unit that is not treated can lose a tie; the record names both ends.
    """
    state, key = scene.state, scene.state.organisations.key
    fits = scene.organisations(shock.target)
    if shock.unit == "pair":
        both = fits[state.ties.a] & fits[state.ties.b]
        one, other = state.ties.a[both], state.ties.b[both]
        treated = lottery.treated(pair_of(key[one], key[other]))
    else:
        one, other = _lost(state, fits, lottery)
        treated = lottery.treated(key[one])
    separate(state, one[treated], other[treated])
    return _pairs(scene, shock, treated, one, other), None


def _lost(state: State, fits: Bools, lottery: Lottery) -> tuple[Ints, Ints]:
    """Return the rows that fit and have a living partner, and which partner each would lose."""
    keys, alive, noise = state.organisations.key, state.organisations.alive, lottery.noise
    a, b = state.ties.a, state.ties.b
    one, other = np.concatenate([a, b]), np.concatenate([b, a])
    some = fits[one] & alive[other]
    one, other = one[some], other[some]
    h = noise.uniform(identity(lottery.ids(keys[one]), keys[other]), 1)
    order = np.lexsort((keys[other], h, one))
    rows, first = np.unique(one[order], return_index=True)
    return rows, other[order][first]


def _pairs(
    scene: Scene, shock: DeleteTies | Meetings, treated: Bools, one: Ints, other: Ints
) -> Assignment:
    """Return pairs of organisations with their cities."""
    key, city = scene.state.organisations.key, scene.city_of
    ends = (key[one], city(one), key[other], city(other))
    return Assignment(shock, scene.state.quarter, treated, *ends)


def separate(state: State, one: Ints, other: Ints) -> None:
    """Delete the ties of pairs, bar them for ever, and let partners leave live projects."""
    if len(one) == 0:
        return
    ties, projects = state.ties, state.projects
    ties.bar(pair_key(one, other))
    shared = np.flatnonzero(projects.shared)
    group = np.hstack([projects.owner[shared, None], projects.members[shared]])
    stays = group >= 0
    for later in range(1, PARTNERS + 1):
        for earlier in range(later):
            both = np.flatnonzero(stays[:, later] & stays[:, earlier])
            apart = ties.apart(group[both, later], group[both, earlier])
            stays[both[apart], later] = False
    left = (group[:, 1:] >= 0) & ~stays[:, 1:]
    some = np.flatnonzero(left.any(axis=1))
    projects.close_up(shared[some], left[some])


def hide_barred(state: State, search: Search) -> None:
    """Take off the lists of seekers whom a member of their project may not work with."""
    ties, seekers, seen = state.ties, search.seekers, search.seen
    if len(ties.barred) == 0:
        return
    i, slot = np.nonzero((seen.row >= 0) & (seen.place < state.world.n_cities))
    row = seen.row[i, slot]
    hidden = ties.apart(seekers.row[i], row)
    members = state.projects.members[seekers.project]
    for place in range(PARTNERS):
        member = members[i, place].astype(np.int64)
        there = np.flatnonzero(member >= 0)
        hidden[there] |= ties.apart(member[there], row[there])
    seen.row[i[hidden], slot[hidden]] = -1


# -- money -----------------------------------------------------------------------------------------


def grants(scene: Scene, shock: Grants, lottery: Lottery) -> Struck:
    """Pay grants to cities or firms drawn at random (`ydsim.processes.fund`).

        grant_rate_cz     = grant_rate'_cz + rate                    c is treated
        programme_leak_cz = programme_leak'_cz + rate * leakage      c is treated
        grants_i          = grants'_i + rate * R_i                   i is treated

    They are a share of own R&D, of firms of the targeted sizes z in treated cities c, or of treated
    firms i. The provinces pay, under the name of the shock. Firms are drawn once, when the shock
    begins: those founded later are neither treated nor controls, and one that moves or grows out
    of its size stays what it is.
    """
    until = shock.last(scene.start)
    if shock.unit == "firm":
        drawn, winners = _firms(scene, shock, lottery)
        scheme = FirmGrants(shock.name, firms=winners, rate=shock.rate, leakage=shock.leakage)
        return drawn, Effect(shock.name, until, scheme=scheme)
    world, cities = scene.state.world, scene.cities(shock.target)
    key = world.city_keys[cities]
    treated = lottery.treated(key)
    paid = np.zeros((world.n_cities, 3))
    paid[cities[treated]] = shock.rate * shock.target.size_mask()
    shifts = {"grant_rate": paid, "programme_leak": shock.leakage * paid}
    drawn = alone(shock, scene.state.quarter, treated, key, named(world.city_names, cities))
    return drawn, Effect(shock.name, until, shifts=shifts)


def vouchers(scene: Scene, shock: VoucherLottery, lottery: Lottery) -> Struck:
    """Give vouchers for research services to firms drawn at random (`ydsim.processes.contract`).

        eligible : as of the policy, and i is treated and has vouchers left
        left_i   = left'_i - 1 for each deal that is paid with them, from ``each`` on

    Firms are drawn once, as for grants. Only where the deal is the buyer's first of the quarter, or
    there are vouchers left for more, are they used for it. The provinces pay.
    """
    drawn, winners = _firms(scene, shock, lottery)
    scheme = Voucher(
        shock.name,
        face=shock.face * YUAN_10K,
        co_pay=shock.co_pay,
        take_up=shock.take_up,
        portable=shock.portable,
        winners=Winners(winners, np.full(len(winners), shock.each, dtype=np.int64)),
    )
    return drawn, Effect(shock.name, shock.last(scene.start), scheme=scheme)


def _firms(
    scene: Scene, shock: Grants | VoucherLottery, lottery: Lottery
) -> tuple[Assignment, Keys]:
    """Return who was drawn from, and the identities of the winners, ascending."""
    rows = scene.firms(shock.target)
    key = scene.state.organisations.key[rows]
    treated = lottery.treated(key)
    drawn = alone(shock, scene.state.quarter, treated, key, scene.city_of(rows))
    return drawn, np.sort(key[treated], kind="stable")


# -- places ----------------------------------------------------------------------------------------


def travel_time(scene: Scene, shock: TravelTimes, lottery: Lottery) -> Struck:
    """Change travel between pairs of cities drawn at random.

        travel_hours_cd = factor * travel_hours'_cd      the pair of c and d is treated

    Pairs of two different targeted cities are drawn once, each with one draw for both ways. What
    several shocks do to the same pair comes together; a scenario by which hours could so be
    multiplied beyond 10^9, or below 10^-9, is refused.
    """
    world = scene.state.world
    rows, names = scene.cities(shock.target), world.city_names
    drawn, factor = _place_pairs(scene, shock, lottery, rows, world.city_keys, names, shock.factor)
    return drawn, Effect(shock.name, shock.last(scene.start), {"travel_hours": factor})


def protection(scene: Scene, shock: Protection, lottery: Lottery) -> Struck:
    """Let fewer goods pass between pairs of provinces drawn at random, both ways.

        goods_oq = (1 - level) goods'_oq     the pair of o and q is treated

    Pairs of two different targeted provinces are drawn once, each with one draw for both ways.
    """
    rows, names = scene.provinces(shock.target), scene.state.world.provinces
    keys, kept = keys_of_names("province", names), 1.0 - shock.level
    drawn, factor = _place_pairs(scene, shock, lottery, rows, keys, names, kept)
    return drawn, Effect(shock.name, shock.last(scene.start), {"goods": factor})


def _place_pairs(
    scene: Scene,
    shock: TravelTimes | Protection,
    lottery: Lottery,
    rows: Ints,
    key: Keys,
    names: tuple[str, ...],
    value: float,
) -> tuple[Assignment, Floats]:
    """Draw pairs of some places; return a value for those treated, both ways, and one elsewhere."""
    one, other = (rows[k] for k in np.triu_indices(len(rows), 1))
    treated = lottery.treated(pair_of(key[one], key[other]))
    factor = np.ones((len(names), len(names)))
    factor[one[treated], other[treated]] = value
    factor[other[treated], one[treated]] = value
    ends = (key[one], named(names, one), key[other], named(names, other))
    return Assignment(shock, scene.state.quarter, treated, *ends), factor


def demand(scene: Scene, shock: Demand, lottery: Lottery) -> Struck:
    """Let the goods of industries of provinces drawn at random be wanted more.

        v_jo = v_o + ln(1 + rise)             industry j of province o is treated

    The model has no demand for the goods of a single firm, so that the weight of those of an
    industry and province (`ydsim.processes.compete`) rises, in all markets at once. Since spending
    is given, the others sell so much less; when it ends all is as before but for what firms have
    made of it. What several shocks do to the same goods comes together, within the bounds of
    `travel_time`.
    """
    world, provinces = scene.state.world, scene.provinces(shock.target)
    industries = np.flatnonzero(shock.target.industry_mask(scene.places))
    place, industry = (k.ravel() for k in np.meshgrid(provinces, industries))
    of_place = keys_of_names("province", world.provinces)[place]
    key = identity(of_place, keys_of_names("industry", world.industries)[industry])
    treated = lottery.treated(key)
    rise = np.zeros((len(world.industries), world.n_provinces))
    rise[industry[treated], place[treated]] = np.log1p(shock.rise)
    names = named(world.provinces, place), named(world.industries, industry)
    drawn = alone(shock, scene.state.quarter, treated, key, names[0])
    until = shock.last(scene.start)
    effect = Effect(shock.name, until, rise=rise[:, world.city_province])
    return replace(drawn, other_place=names[1]), effect


# -- meetings --------------------------------------------------------------------------------------


def meetings(scene: Scene, shock: Meetings, lottery: Lottery) -> Struck:
    """Let organisations drawn in pairs see one another as candidates.

        pairs     : the targeted organisations in the order of a draw h_i, the first with the
                    second, the third with the fourth, and so on
        candidate : j, beside those that a seeker i sees anyway, while (i, j) is a treated pair

    So no organisation is in two pairs of a shock; pairs that are not treated are the controls. Who
    is paired with whom depends on who lives when the shock begins, and whether a pair is treated on
    the pair alone. Who is met weighs as one met by gravity, and only once where the seeker sees it
    anyway.
    """
    key, noise = scene.state.organisations.key, lottery.noise
    rows = np.flatnonzero(scene.organisations(shock.target))
    order = np.lexsort((key[rows], noise.uniform(lottery.ids(key[rows]), 2)))
    rows = rows[order][: len(rows) // 2 * 2]
    one, other = rows[0::2], rows[1::2]
    treated = lottery.treated(pair_of(key[one], key[other]))
    met = np.stack([key[one[treated]], key[other[treated]]])
    effect = Effect(shock.name, shock.last(scene.start), met=met)
    return _pairs(scene, shock, treated, one, other), effect


def introduce(met: Keys, state: State, search: Search) -> None:
    """Add to each seeker whom its owner has met; ``met`` (2, n) are identities."""
    seekers, seen, table = search.seekers, search.seen, state.organisations
    row = _partners(met, state)[seekers.row]
    known = (seen.row == row[:, None]) & (seen.place < state.world.n_cities)
    row = np.where(known.any(axis=1), -1, row)
    there = row >= 0
    columns = {
        "row": row,
        "place": np.where(there, table.city[np.maximum(row, 0)], ELSEWHERE),
        "source": np.full(len(row), GRAVITY, dtype=np.int64),
        "broker": np.full(len(row), -1, dtype=np.int64),
        "key": identity(seekers.key, np.where(there, table.key[np.maximum(row, 0)], np.uint64(0))),
    }
    for name, column in columns.items():
        setattr(seen, name, np.hstack([getattr(seen, name), column[:, None]]))


def _partners(met: Keys, state: State) -> Ints:
    """Return the row that each organisation meets, -1 for nobody who lives."""
    table = state.organisations
    lives = np.flatnonzero(table.alive)
    one, other = np.append(lives, -1)[rows_of(met, table.key[lives])]
    both = (one >= 0) & (other >= 0)
    partner = np.full(len(table), -1, dtype=np.int64)
    partner[one[both]], partner[other[both]] = other[both], one[both]
    return partner


RULES: Final[dict[str, Callable[[Scene, Any, Lottery], Struck]]] = {
    "delete_projects": delete_projects,
    "delete_ties": delete_ties,
    "grants": grants,
    "vouchers": vouchers,
    "travel_time": travel_time,
    "protection": protection,
    "demand": demand,
    "meetings": meetings,
}
"""What carries out each kind."""


# -- the shocks of a run ---------------------------------------------------------------------------


class Shocks:
    """The shocks of one run; ``assignments``: who was drawn from and who was treated, so far."""

    def __init__(self, settings: Scenario, places: Places, noise: NoiseSource) -> None:
        self._places, self._noise = places, noise
        self._certify = settings.parameters.certify
        self._start = settings.start
        drawn = lotteries(settings.shocks, noise.phase("shocks", 0))
        self._shocks = list(zip(settings.shocks, drawn, strict=True))
        self._effects: list[Effect] = []
        self.assignments: list[Assignment] = []

    def under(self, settings: Scenario) -> Shocks:
        """Return the shocks of a scenario that has been the same so far; these are used no more."""
        other = Shocks(settings, self._places, self._noise)
        other._effects, other.assignments = self._effects, self.assignments
        return other

    def strike(self, state: State, environment: PolicyEnvironment) -> PolicyEnvironment:
        """Let the shocks of the quarter strike; return the environment with what is in force."""
        scene = Scene(state, self._places, self._certify, self._start)
        self._effects = [one for one in self._effects if one.until > state.quarter]
        for shock, lottery in self._shocks:
            if shock.first(self._start) == state.quarter:
                drawn, effect = RULES[shock.kind](scene, shock, lottery)
                self.assignments.append(drawn)
                if effect is not None and drawn.treated.any():
                    self._effects.append(effect)
        for effect in self._effects:
            environment = effect.laid_over(environment)
        return environment

    def introduce(self, state: State, search: Search) -> None:
        """Change whom seekers see: pairs that meet, and pairs that were parted."""
        for effect in self._effects:
            if effect.met is not None:
                introduce(effect.met, state, search)
        hide_barred(state, search)

    def shifted(self, shift: Floats) -> Floats:
        """Return the shift of the log weight of goods, (C,) or by industry too, (J, C)."""
        for effect in self._effects:
            if effect.rise is not None:
                shift = shift + effect.rise
        return shift
