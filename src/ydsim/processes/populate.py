"""The initial population and markets: what the burn-in starts from.

Firms of a province are drawn with inclusion probability s and spread over cities and industries
in proportion to the prior city share x industry mix. Their sizes are stratified quantiles of a
truncated Pareto distribution inside each industry and province,

    S = (1 - U (1 - R^-alpha))^(-1 / alpha),   U = (rank + u) / n,

never independent draws, so that totals do not depend on the sample. R&D rises less than
proportionally with size: log z = sd N + (e - 1) log(S / mean) + log lean of the city, then
normalised by industry.

Where a world lists its firms one by one they are taken as listed and nothing of them is drawn:
S is the listed size, N is zero, and what the list leaves out is the same for all.

Markets at rest make official city output with these weights of cities in their provinces:

    h_jc = g_c A_jc^(1 - sigma)
    g'_c = g_c V_c / sum over j of Y_jp g_c m_jc / (sum of g_d m_jd over the cities d of p)

Symbols: V value added that city c has to make, all industries together; Y value added of industry j
in its province p; m shares of firms in their industry and province, summed over the city; A mean
productivity of the city. The weights take the A of the start up, as w does for provinces, so that
firms start with value added in proportion to g_c share_i, whatever their city's A.

The steps are those of proportional fitting, until V is met within `TOLERANCE`. A city without a
firm makes nothing: what it had to make is spread over the other cities of its province in
proportion. Where firms are placed so that V cannot be met (one firm makes an industry, and is in a
city whose V is less than that), g stays within `LIMIT` of one, and cities come as near as the firms
let them; output of provinces by industry is met in any case.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.generations import ByIndustry, Generations, Slots
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY, Organisations
from ydsim.agents.state import Books, Market, State
from ydsim.agents.tables import Means, first_entries, first_foundings, make_brokers
from ydsim.agents.tally import Tally
from ydsim.measures.groups import over_provinces, parts_within, quotient, rank_within, systematic
from ydsim.noise import Noise, NoiseSource, identity
from ydsim.processes.adopt import make_outlets
from ydsim.processes.advance import no_patents
from ydsim.processes.invest import first_nation
from ydsim.processes.talent import initial_talent
from ydsim.scenario.schema.parameters import (
    CompeteParameters,
    InvestParameters,
    Parameters,
    PopulationParameters,
)
from ydsim.typing import Floats, Ints, Keys
from ydsim.world.base_run import BaseRun
from ydsim.world.inputs import QuarterInputs, lean_shift
from ydsim.world.national import National
from ydsim.world.priors import (
    city_parts,
    city_shares,
    draw_field_profile,
    draw_industry_mix,
    research_lean,
    university_weights,
)
from ydsim.world.tables import ListedFirms
from ydsim.world.world import World

TOLERANCE = 1e-12

STEPS = 2000

LIMIT = 1e3


def populate(
    world: World,
    inputs: QuarterInputs,
    base: BaseRun,
    scale: float,
    parameters: Parameters,
    noise: NoiseSource,
    national: National,
) -> State:
    """Return the state at the beginning of the burn-in."""
    draws = noise.phase("populate", -parameters.population.burn_in)
    if world.listed is None:
        mix = draw_industry_mix(
            world, noise.phase("industry mix", 0), parameters.population.mix_concentration
        )
    else:
        mix = world.industry_profile[world.city_province]
    table = Organisations(len(world.fields))
    _add_science(table, world, draws, parameters)
    if world.listed is None:
        log_lean = np.log(research_lean(world, int(inputs.years[0]))) + lean_shift(base, world)
        _add_firms(table, world, scale, mix, parameters, draws, log_lean)
    else:
        _list_firms(table, world, world.listed, parameters)
    standing = np.where(table.kind == FIRM, 1.0, scale)
    standing /= standing.sum()
    table.knowledge -= (standing[:, None] * table.knowledge).sum(axis=0)
    n_j, n_f = len(world.industries), len(world.fields)
    n_c, n_p = world.n_cities, world.n_provinces
    none = np.empty(0, dtype=np.int64)
    brokers, actors = parameters.brokers, parameters.actors
    even = np.full((n_j, n_p + 1, n_p + 1), 1.0 / (n_p + 1))
    state = State(
        world=world,
        inputs=inputs,
        base=base,
        scale=scale,
        quarter=-parameters.population.burn_in,
        organisations=table,
        generations=Generations(n_c),
        slots=Slots(n_j),
        market=Market(
            weight=np.ones((n_j, n_p + 1)),
            city_weight=np.ones((n_j, n_c)),
            lagged=even,
            city_pull=np.ones((n_j, n_c)),
            share=even,
            output=target_output(world, inputs, mix),
            access=np.zeros((n_j, n_c)),
            price_at_start=np.zeros(n_p + 1),
            log_price=np.zeros(n_p + 1),
            demand_factor=np.ones(n_p + 1),
        ),
        books=Books(0.0, np.zeros(n_p), np.zeros(n_c)),
        ledger=Ledger(n_p),
        frontier=np.zeros((n_j, n_f)),
        firms=none,
        by_industry=ByIndustry(none, none, none, n_j, n_c),
        tally=Tally(n_c, n_p),
        national=national,
        brokers=make_brokers(
            np.bincount(table.city[table.firms()], minlength=n_c) / scale,
            world.city_keys,
            brokers.per_1000_firms * actors.intermediaries,
            brokers.capacity * scale,
            brokers.reach_km,
        ),
        outlets=make_outlets(world, parameters.media.stories if actors.media else 0),
        patents=no_patents(world),
        talent=initial_talent(np.zeros(n_c), 0.0),
        attention=np.zeros((n_c, n_j)),
        active=none,
        position=none,
        field_share=np.zeros((n_f, 0)),
        direction=np.zeros((0, n_f)),
        leaders=np.zeros(n_f),
        launch_history=np.zeros(4),
        launch_mix=np.zeros((n_j, n_f)),
        quality_history=np.zeros((3, n_j, 8)),
        intensity_gap=np.zeros(n_p),
        rd_level=np.zeros(n_p),
        knowledge_stock=np.zeros((n_c, n_f)),
        known=np.ones((n_c, n_f)),
        returned=np.zeros((n_j, n_p)),
        means=Means.none(n_f, n_j, n_p),
        nation=first_nation(world, inputs),
        entry_account=first_entries(noise.phase("enter", 0), world.city_keys, n_j),
        entered=np.zeros((n_c, n_j), dtype=np.int64),
        founding_account=first_foundings(noise.phase("found", 0), n_j, n_f),
        founded=np.zeros((n_j, n_f), dtype=np.int64),
        stance=np.zeros(n_p, dtype=np.bool_),
    )
    state.ledger.recording = False
    state.regroup()
    return state


def target_output(world: World, inputs: QuarterInputs, mix: Floats) -> Floats:
    """Return value added by industry and origin of the first quarter, shape (J, C + 1).

    Provinces have official value added, cities their official parts of it, split by their industry
    mix; the outside makes what is left of demand, at least 2 %.
    """
    value_added = city_parts(world, int(inputs.years[0])) * inputs.secondary[world.city_province, 0]
    output = np.zeros((len(world.industries), world.n_cities + 1))
    output[:, :-1] = (value_added[:, None] * mix).T
    total = world.industry_share * inputs.secondary[:, 0].sum()
    inside = output[:, :-1].sum(axis=1)
    output[:, :-1] *= np.minimum(1.0, 0.98 * total / inside)[:, None]
    output[:, -1] = total - output[:, :-1].sum(axis=1)
    return output


def _add_science(table: Organisations, world: World, noise: Noise, parameters: Parameters) -> None:
    born, actors = -parameters.population.burn_in, parameters.actors
    weights = university_weights(world)
    for kind, exists, city, key, weight in (
        (UNIVERSITY, actors.universities, world.university_city, world.university_keys, weights),
        (
            INSTITUTE,
            actors.institutes,
            world.institute_city,
            world.institute_keys,
            world.institute_weight,
        ),
    ):
        if not exists:
            continue
        n_fields = len(world.fields)
        even = np.full((len(key), n_fields), 1.0 / n_fields)
        profile = draw_field_profile(world, noise, key, even, 5.0)
        table.append(
            len(key),
            key=key,
            kind=kind,
            city=city,
            province=world.city_province[city],
            weight=weight,
            born=born,
            knowledge=0.5 * np.log(n_fields * profile + 0.05),
        )


def _add_firms(
    table: Organisations,
    world: World,
    scale: float,
    mix: Floats,
    parameters: Parameters,
    noise: Noise,
    log_lean: Floats,
) -> None:
    city, industry = _places_of_firms(world, scale, mix, noise)
    ordinal = rank_within(city * len(world.industries) + industry)
    key = identity("firm", world.city_keys[city], industry, ordinal)
    province = world.city_province[city]
    population, compete = parameters.population, parameters.compete
    group = industry * world.n_provinces + province
    share = firm_shares(group, key, population, noise)
    effect = compete.effect_sd * noise.normal(key, 3)
    age = noise.exponential(key, 6) * 48.0
    n_fields = len(world.fields)
    knowledge = np.stack(
        [population.spread * noise.normal(key, 10 + f) for f in range(n_fields)], axis=1
    )
    table.append(
        len(key),
        key=key,
        kind=FIRM,
        city=city,
        province=province,
        industry=industry,
        born=-population.burn_in - age.astype(np.int64),
        share=share,
        log_effect=log_effects(share, group, key, parameters.invest, noise) + log_lean[city],
        productivity_effect=effect,
        log_productivity=effect,
        absorptive=np.exp(population.spread * noise.normal(key, 4) - population.spread**2 / 2.0),
        knowledge=knowledge,
    )


def _list_firms(
    table: Organisations, world: World, listed: ListedFirms, parameters: Parameters
) -> None:
    province = world.city_province[listed.city]
    group = listed.industry * world.n_provinces + province
    share = listed.size / np.bincount(group, weights=listed.size)[group]
    effect = np.log(listed.productivity)
    table.append(
        len(listed.names),
        key=listed.keys,
        kind=FIRM,
        city=listed.city,
        province=province,
        industry=listed.industry,
        born=-parameters.population.burn_in,
        share=share,
        log_effect=(parameters.invest.size_elasticity - 1.0) * _log_relative(share, group),
        productivity_effect=effect,
        log_productivity=effect,
        knowledge=listed.knowledge,
    )


def _log_relative(share: Floats, group: Ints) -> Floats:
    """Return the log of size over the mean of the group."""
    return np.log(share * np.bincount(group)[group])


def _places_of_firms(world: World, scale: float, mix: Floats, noise: Noise) -> tuple[Ints, Ints]:
    """Return city and industry of every sampled firm, province after province."""
    shares = city_shares(world)
    n_j = len(world.industries)
    cities, industries = [], []
    for p in range(world.n_provinces):
        inside = np.flatnonzero(world.city_province == p)
        inside = inside[np.argsort(world.city_keys[inside], kind="stable")]
        weight = (shares[inside, None] * mix[inside]).ravel()
        number = max(1, int(np.rint(scale * world.firms[p])))
        u = float(noise.uniform(world.city_keys[inside[:1]], 1)[0])
        counts = systematic(weight, number, u).reshape(len(inside), n_j)
        missing = np.flatnonzero(counts.sum(axis=0) == 0)
        # an industry that a small sample misses keeps one firm, in its leading city
        counts[(shares[inside, None] * mix[inside]).argmax(axis=0)[missing], missing] = 1
        cell = np.repeat(np.arange(counts.size), counts.ravel())
        cities.append(inside[cell // n_j])
        industries.append(cell % n_j)
    return np.concatenate(cities), np.concatenate(industries)


def truncated_pareto(u: Floats, exponent: float, spread: float) -> Floats:
    """Return quantiles of a Pareto distribution between 1 and ``spread``."""
    return (1.0 - u * (1.0 - spread**-exponent)) ** (-1.0 / exponent)


def firm_shares(group: Ints, key: Keys, parameters: PopulationParameters, noise: Noise) -> Floats:
    """Return stratified sizes as shares of the group's total."""
    order = np.lexsort((key, noise.uniform(key, 7), group))
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = rank_within(group[order])
    size = np.bincount(group)
    u = (rank + noise.uniform(key, 8)) / size[group]
    sizes = truncated_pareto(u, parameters.size_exponent, parameters.size_range)
    return sizes / np.bincount(group, weights=sizes)[group]


def log_effects(
    share: Floats, group: Ints, key: Keys, parameters: InvestParameters, noise: Noise
) -> Floats:
    """Return log z of firms before it is normalised, see the module docstring."""
    effect: Floats = (parameters.size_elasticity - 1.0) * _log_relative(share, group)
    return effect + parameters.effect_sd * noise.normal(key, 5)


def calibrate_weights(
    target: Floats,
    productivity: Floats,
    tau: Floats,
    spending: Floats,
    parameters: CompeteParameters,
) -> tuple[Floats, Floats]:
    """Return weights w and shares s* with which CES markets make ``target`` output.

    Proportional fitting: w <- w * target / output until output is within 1e-12 of the target.

    ``target`` and ``productivity``: (J, O) output and A by industry and origin. ``tau``: (O, O)
    part of value that arrives. ``spending``: (J, O) demand by destination. ``parameters``: for
    sigma.
    """
    pull = (productivity[:, :, None] * tau[None, :, :]) ** (parameters.sigma - 1.0)
    weight = target / target.sum(axis=1, keepdims=True)
    share = pull
    for _ in range(STEPS):
        score = weight[:, :, None] * pull
        share = score / score.sum(axis=1, keepdims=True)
        output = (share * spending[:, None, :]).sum(axis=2)
        ratio = quotient(target, output, 1.0)
        if np.abs(ratio - 1.0).max() < TOLERANCE:
            break
        weight = weight * ratio
        weight /= weight.sum(axis=1, keepdims=True)
    return weight, share


def fit_city_weights(
    target: Floats, mass: Floats, a: Floats, province_of: Ints, n_provinces: int, sigma: float
) -> Floats:
    """Return h, shape (J, C).

    ``target``: (J, C) value added by industry and city; only its sums by city, and by industry and
    province, are met. ``mass`` and ``a``: (J, C) m and A. ``province_of`` and ``n_provinces``: the
    province of each city, (C,), and their number. ``sigma``: elasticity of substitution.
    """
    where = (province_of, n_provinces)
    whole = over_provinces(target, *where)[:, province_of]
    wanted = target.sum(axis=0) * (mass > 0.0).any(axis=0)
    left = over_provinces(wanted[None, :], *where)[0, province_of]
    asked = over_provinces(target.sum(axis=0)[None, :], *where)[0, province_of]
    wanted = quotient(wanted * asked, left)
    factor = np.ones(len(wanted))
    for _ in range(STEPS):
        output = (whole * parts_within(factor * mass, *where)).sum(axis=0)
        ratio = np.divide(
            wanted, output, out=np.ones_like(output), where=(output > 0.0) & (wanted > 0.0)
        )
        if np.abs(ratio - 1.0).max() < TOLERANCE:
            break
        factor = np.clip(factor * ratio, 1.0 / LIMIT, LIMIT)
    return factor * a ** (1.0 - sigma)
