"""Partners in adoption and relocation in plain Python, and states to try them on.

See `scalar`: each rule once more as loops over agents, with the same uniforms.
"""

import math
from dataclasses import replace
from functools import cache

import numpy as np

from tests.support.numbers import DECAY_H
from tests.support.scalar import drawn
from tests.support.scalar_society import stub
from ydsim.agents.generations import Arena, ByIndustry, Generations, Slots, Waiting
from ydsim.agents.organisations import UNIVERSITY, Organisations
from ydsim.agents.projects import Projects
from ydsim.agents.state import Adoptions, Launches, Market
from ydsim.agents.tables import Consortia, Means
from ydsim.agents.ties import Ties
from ydsim.noise import NoiseSource, identity
from ydsim.processes.enact import baseline_environment
from ydsim.scenario.schema.parameters import Parameters
from ydsim.world.inputs import QuarterInputs
from ydsim.world.loader import synthetic_world

# -- adopt -----------------------------------------------------------------------------------------


def kernel(hours, passes, decay):
    n = len(hours)
    full, plain = [[0.0] * n for _ in range(n)], [[0.0] * n for _ in range(n)]
    for c in range(n):
        for d in range(n):
            plain[c][d] = math.exp(-hours[c][d] / decay)
            full[c][d] = plain[c][d] * passes[c][d]
    return full, plain


def hazard_rise(g, c, adopters, firms, gain, outside, kernels, awareness, broadcast, p):
    """dH of one cell: adopters by generation and city, firms of its industry by city."""
    full, plain = kernels
    cities = range(len(firms[g]))
    reached = math.fsum(full[c][d] * adopters[g][d] for d in cities)
    reachable = math.fsum(plain[c][d] * firms[g][d] for d in cities)
    near = reached / reachable if reachable > 0.0 else 0.0
    exposure = (1.0 - p.outside) * near + p.outside * outside
    heard = broadcast * math.fsum(adopters[g]) / math.fsum(firms[g])
    return gain * (p.external * awareness + p.internal * exposure + heard) / 4.0


def threshold(state, noise, g, i):
    """Hazard at which firm i adopts generation g."""
    table, generations = state.organisations, state.generations
    relevance = state.world.relevance[generations.industry[g]]
    of_field = max(relevance[generations.field[g]], 1e-6)
    fit = float(table.absorptive[i] * of_field / math.fsum(r * r for r in relevance))
    u = float(noise.uniform(identity(table.key[i], generations.key[g]), 0)[0])
    return np.float32(-math.log(u) / fit)


# -- relocate --------------------------------------------------------------------------------------


def last_known(values, years, year):
    known = [(y, v) for y, v in zip(years, values, strict=True) if not math.isnan(v)]
    before = [v for y, v in known if y <= year]
    if before:
        return before[-1]
    return known[0][1] if known else math.nan


def attraction(mass, wealth, hours, decay):
    n = range(len(mass))
    weight = [[0.0] * len(mass) for _ in n]
    for c in n:
        for d in n:
            if wealth[c] > wealth[d]:
                cheaper = math.log(wealth[c] / wealth[d])
                weight[c][d] = mass[d] * cheaper * math.exp(-hours[c][d] / decay)
    return weight


def transfers(hazard, mass, hours, province, decay):
    """Hazard from city to city; each province hands out its own among its cities."""
    n = range(len(mass))
    found = [[0.0] * len(mass) for _ in n]
    for c in n:
        for q in set(province) - {province[c]}:
            cities = [d for d in n if province[d] == q]
            extra = [hazard[province[c]][d] for d in cities]
            drawn = [
                h * mass[d] * math.exp(-hours[c][d] / decay)
                for h, d in zip(extra, cities, strict=True)
            ]
            for a, d in zip(drawn, cities, strict=True):
                if math.fsum(drawn) > 0.0:
                    found[c][d] = math.fsum(extra) * a / math.fsum(drawn)
    return found


def destination(weight, order, u):
    """The city drawn by weight, walking along the order."""
    return order[drawn([weight[d] for d in order], u)]


def leaving(moves, group, key):
    left = [bool(m) for m in moves]
    for g in set(group):
        members = [i for i, h in enumerate(group) if h == g]
        if all(left[i] for i in members):
            left[min(members, key=lambda i: key[i])] = False
    return left


def resettled(share, group, arrives):
    """Arrivals take what they ask for, one half together at most; the others share the rest."""
    settled = [0.0] * len(share)
    for g in sorted(set(group)):
        members = [i for i, h in enumerate(group) if h == g]
        new = [i for i in members if arrives[i]]
        old = [i for i in members if not arrives[i]]
        asked = math.fsum(share[i] for i in new)
        given = min(asked, 0.5)
        for i in new:
            settled[i] = share[i] * given / asked if asked > 0.0 else 0.0
        rest = math.fsum(share[i] for i in old)
        for i in old:
            settled[i] = share[i] * (1.0 - given) / rest
    return settled


def movers(state, hours, noise, hazard, transfer=None):
    """Who moves, and to which city."""
    table, place = state.organisations, state.world
    year = min(START + max(state.quarter, 0) // 4, int(state.inputs.years[-1]))
    years = place.years.tolist()
    residents = [0.0] * place.n_provinces
    for c, line in enumerate(place.city_population.tolist()):
        residents[place.city_province[c]] += last_known(line, years, year)
    head = [float(state.inputs.gdp[q, state.input_column]) / n for q, n in enumerate(residents)]
    mass = [last_known(line, years, year) for line in place.city_secondary.tolist()]
    wealth = [head[q] for q in place.city_province]
    weight = attraction(mass, wealth, hours, DECAY_H)
    of = place.city_province.tolist()
    none = [[0.0] * place.n_cities for _ in range(place.n_provinces)]
    extra = transfers(none if transfer is None else transfer, mass, hours, of, DECAY_H)
    firms = [i for i in state.firms.tolist() if table.alive[i]]

    def draw(i, k):
        return float(noise.uniform(table.key[i : i + 1], k)[0])

    def chance(hazard):
        return 1.0 - math.exp(-hazard / 4.0)

    own, moves = {}, []
    for i in firms:
        row, more = weight[table.city[i]], extra[table.city[i]]
        own[i] = draw(i, 0) < chance(hazard) and math.fsum(row) > 0.0
        moves.append(own[i] or draw(i, 2) < chance(math.fsum(more)))
    group = [int(table.industry[i] * place.n_provinces + table.province[i]) for i in firms]
    left = leaving(moves, group, [int(table.key[i]) for i in firms])
    order = sorted(range(place.n_cities), key=lambda c: int(place.city_keys[c]))
    return {
        i: destination(weight[table.city[i]], order, draw(i, 1))
        if own[i]
        else destination(extra[table.city[i]], order, draw(i, 3))
        for i, goes in zip(firms, left, strict=True)
        if goes
    }


# -- states ----------------------------------------------------------------------------------------

START = 2011


@cache
def uneven(provinces=4, cities=3, industries=3, seed=0):
    """A synthetic world whose places and industries differ."""
    place = synthetic_world(provinces, cities, industries=industries, fields=5)
    draw = np.random.default_rng(seed)
    n = place.n_cities
    km = draw.uniform(20.0, 400.0, (n, n))
    km = np.triu(km, 1) + np.triu(km, 1).T
    return replace(
        place,
        relevance=draw.dirichlet(np.ones(5), industries),
        industry_share=draw.dirichlet(np.ones(industries)),
        distance_km=km,
        city_secondary=place.city_secondary * draw.uniform(0.2, 2.0, place.city_secondary.shape),
        city_population=place.city_population * draw.uniform(0.9, 1.1, (n, 1)),
    )


def draws(phase, quarter=0, seed=7):
    return NoiseSource(seed, 0).phase(phase, quarter)


def environment(place, **changed):
    return replace(baseline_environment(place, Parameters()), **changed)


def inputs(place, gdp, years=3):
    """Constant inputs, ``gdp`` by province."""
    n, t = place.n_provinces, 4 * years
    flow = np.array([*gdp, 1000.0])[:, None] * np.ones(t)
    part = np.ones((n, t))
    return QuarterInputs(
        START + np.arange(years), flow, 0.4 * flow, *[part] * 6, 0.0 * part, 0.0 * part
    )


def random_firms(place, n, seed):
    """Cities and industries of ``n`` firms, each group of industry and province taken once."""
    draw = np.random.default_rng(seed)
    n_j, n_p = len(place.industries), place.n_provinces
    industry = np.concatenate([np.repeat(np.arange(n_j), n_p), draw.integers(0, n_j, n)])[:n]
    province = np.concatenate([np.tile(np.arange(n_p), n_j), draw.integers(0, n_p, n)])[:n]
    each = place.n_cities // n_p
    return province * each + draw.integers(0, each, n), industry


def state_of(city, industry, *, place=None, gdp=None, quarter=0, scale=1.0, seed=0):
    """A state with the firms given, random columns, and the universities of the world before."""
    place = place or uneven()
    draw = np.random.default_rng(seed)
    n, n_f, n_c, n_j = len(city), len(place.fields), place.n_cities, len(place.industries)
    table = Organisations(n_f)
    seat = place.university_city
    table.append(
        len(seat),
        key=place.university_keys,
        kind=UNIVERSITY,
        city=seat,
        province=place.city_province[seat],
        knowledge=draw.normal(size=(len(seat), n_f)),
    )
    rows = table.append(
        n,
        key=identity("test firm", seed, np.arange(n)),
        city=city,
        province=place.city_province[city],
        industry=industry,
        born=-draw.integers(0, 40, n),
        knowledge=draw.normal(size=(n, n_f)),
        absorptive=draw.lognormal(-0.1, 0.4, n),
        log_productivity=draw.normal(size=n),
        profit=draw.exponential(size=n),
        recent_gain=draw.exponential(size=(n, 13)),
        launches=draw.integers(0, 3, (n, 4)),
        share=draw.exponential(size=n),
        certified_until=draw.integers(0, 9, n),
        reported_rd=draw.exponential(size=n),
        contract_net=draw.normal(size=n),
    )
    group = table.industry[rows] * place.n_provinces + table.province[rows]
    table.share[rows] /= np.bincount(group, weights=table.share[rows])[group]
    output = draw.uniform(1.0, 4.0, (n_j, place.n_cities + 1))
    inside = np.zeros((n_j, place.n_provinces))
    np.add.at(inside, (slice(None), place.city_province), output[:, :-1])
    table.value_added[rows] = scale * table.share[rows] * inside[industry, table.province[rows]]
    none = np.empty(0, dtype=np.int64)
    shares = np.zeros((*output.shape, place.n_provinces + 1))
    known = {
        "inputs": inputs(place, [40_000.0] * place.n_provinces if gdp is None else gdp),
        "organisations": table,
        "projects": Projects(),
        "generations": Generations(n_c),
        "slots": Slots(n_j),
        "arena": Arena(),
        "waiting": Waiting(),
        "market": Market(
            inside,
            output,
            shares,
            output,
            shares,
            output,
            np.zeros(output.shape),
            np.zeros(place.n_provinces + 1),
            np.zeros(place.n_provinces + 1),
            np.ones(place.n_provinces + 1),
        ),
        "by_industry": ByIndustry(none, none, none, n_j, n_c),
        "adoptions": Adoptions(none, none, none.astype(np.int8)),
        "ties": Ties(),
        "consortia": Consortia(),
        "returns": {},
        "intensity_gap": draw.normal(size=place.n_provinces),
        "returned": np.zeros((n_j, place.n_provinces)),
        "means": Means.none(n_f, n_j, 2),
        "entry_account": draw.random((n_c, n_j)),
        "entered": np.zeros((n_c, n_j), dtype=np.int64),
    }
    state = stub(place, scale=scale, quarter=quarter, **known)
    state.regroup()
    return state


def next_quarter(state):
    """Open the next quarter as far as adoption goes."""
    none = np.empty(0, dtype=np.int64)
    state.quarter += 1
    state.adoptions = Adoptions(none, none, none.astype(np.int8))
    state.tally.clear()


def add_generations(state, industry, *, founder=None, seed=0):
    """Append generations founded now; the caller opens them."""
    draw = np.random.default_rng(100 + seed)
    n = len(industry)
    new = state.generations.append(
        n,
        key=identity("test generation", seed, state.quarter, np.arange(n)),
        industry=industry,
        field=draw.integers(0, len(state.world.fields), n),
        founded=state.quarter,
        founder=-1 if founder is None else founder,
        log_quality=0.1 * draw.normal(size=n),
    )
    state.launches = Launches.none()
    if founder is not None:
        state.launches = launches_of(state, new)
    return new


def launches_of(state, new):
    """Launches without partners that found generations, by the founders that these have."""
    table = state.generations
    made = (table.founder[new], table.industry[new], table.field[new])
    launches = Launches.plain(*made, np.ones(len(new)), table.key[new])
    launches.generation[:] = new
    return launches


def tie(state, a, b, strength=1.0):
    """Add ties of given strengths."""
    a, b = np.atleast_1d(a), np.atleast_1d(b)
    state.ties.strengthen(a, b, state.quarter)
    at = state.ties.find((np.minimum(a, b) << 32) | np.maximum(a, b))
    state.ties.strength[at] = strength
