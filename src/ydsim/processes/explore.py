"""Explore: effort becomes knowledge and ideas, by what is known within reach.

    phi_if  = softmax over f of (k_if + log(F max(R_jf, 1e-6)))                  R = 1/F for science
    x_i     = researchers_i * sum over f of phi_if exp(k_if)
    rate_i  = s_i * teams_i * explore.ideas * x_i ^ explore.ideas_exponent * basic_i
              * N_i ^ explore.access
    ideas_i ~ Poisson(rate_i)
    room_i  = floor(s_i (1 + researchers_i / chain.span) + u_i) - live projects that i owns
    started = min(ideas_i, max(room_i, 0))
    field   ~ phi_i; ~ phi_j of the first idea of a quarter that recombines
    d       = (3 + 2 U) / 4                                         difficulty, U uniform
    b_f     = m_f + 2 sd_f
    q       = exp(explore.quality_knowledge * top_if + u_i + explore.quality_sd * N(0, 1))
    top_if  = k_if; max(k_if, k_jf) where the idea recombines
    u_i     = explore.skill_sd * N(0, 1), once for each organisation
    k'_if   = (1 - explore.forgetting) k_if + explore.learning * log(1 + e_if / e0_f) - d0_f

Symbols: x_i effective researchers, as in capability (`ydsim.agents.capability`): who has learnt
more has more ideas; s_i is the scale for universities and institutes, which are kept at full
number, and 1 for firms; teams_i 1 for firms; basic_i ``science_productivity`` of the city of
universities and institutes, one for firms and without a policy; N_i knowledge within reach, see
below; u_i uniform for universities and institutes, 0 for firms; b_f level of the leaders of the
field, from mean m_f and standard deviation sd_f of k; e_if = researchers_i phi_if. Means and
deviations weigh organisations by s_i.

What carries a 0 is a constant of the run, a mean over the end of its burn-in
(`ydsim.agents.tables`): e0_f of the mean of e_if, d0_f of what keeps the mean of k at zero (the
moving frontier). The burn-in compares with itself. So a run keeps what all of it gain or lose
together, its growth included: its mean k can leave zero.

An idea recombines with probability ``explore.recombination`` where it is the first since i finished
a joint invention with j, that is alive: it may lie in a field of the partner's, with what the
partner knows. i and j are owner and first partner inside the region, or a partner and the owner;
each side remembers the last of them until its next idea.

Ideas beyond the room for projects are dropped. b_f decides who looks for partners
(`ydsim.processes.seek`).

Knowledge within reach is what is known in a city and near it, by field:

    S'_cf   = S_cf exp(-delta / 4) + sum over organisations i of c of s_i R_i phi_if / (s P)
    K_cd    = (exp(-t_cd / near_h) + far exp(-t_cd / reach_h)) pass_cd
    G_cf    = sum over cities d of K_cd S'_df
    Gbar_f  = sum over cities of w_c G_cf
    known_cf = ((1 - explore.nation) G_cf / Gbar0_f + explore.nation X) / X0
    a_if    = e_if / (e_if + explore.absorption e0_f)
    N_i     = .001 + sum over f of phi_if a_if known_cf
    L_cd    = sum over f of ideas_cf (1 - explore.nation) K_cd S'_df / (Gbar0_f X0 known_cf)
    L_cR    = sum over f of ideas_cf explore.nation X / (X0 known_cf)

Symbols: S stock of R&D, 100m_rmb at the prices of the first quarter and scale 1; delta its
depreciation and P the price level, which grows, as in `ydsim.processes.invest`; R own R&D
and grants spent of the quarter, 100m_rmb; phi shares of effort by field; s_i the scale for
universities and institutes, which are kept at full number, and 1 for firms; t hours of travel,
``near_h``, ``far`` and ``reach_h`` of `explore`, pass what a border lets through, 1 inside a
province; w_c the share of city c in R&D of the quarter; Gbar0 the mean of Gbar over the end of the
burn-in (`ydsim.agents.tables`), one for all cities, in the burn-in the quarter's own; X real R&D
capital of the rest of the nation over that of the burn-in, and X0 what it is by official figures
alone (`ydsim.processes.invest`). A stock begins with what its R&D keeps up for ever. L is
recorded and moves nothing: ideas of city c by the place whose knowledge they rest on, in proportion
to what is within reach, ideas_cf the sum of s phi ideas over its organisations at scale 1, drawn
or, as expected, of their rates. R is the rest of the nation, equally near to all cities (assumed).

Firms that do their research elsewhere, e_cd of those of c in city d (`enclave`, none without
policies), reach what researchers of d reach: K and known of the firms of c are
sum over d of E_cd times those of d, E_cd = e_cd / max(1, sum over d of e_cd) and E_cc the rest.

``explore.nation`` is the part of the nation in what the mean researcher of the burn-in has within
reach. X0 makes ideas harder to find as fast as the nation learns: what its researchers gain by
their own growth is in the applications that they file (psi of `ydsim.processes.advance`), and would
count twice. More R&D outside than in the figures helps the region.

a is the part of what is within reach that i can take up, by its own effort in the field (Cohen and
Levinthal 1989): who does nothing of its own has only what it knows by itself, of which .001 is
assumed. 0 of ``explore.absorption`` lets all take up everything.

N raises the number of ideas, once, and the productivity that firms catch up with
(`ydsim.processes.invest`).

Source: R&D stocks as pools of spillovers (Griliches 1979; Bloom, Schankerman and Van Reenen 2013);
the near and the far part: spillovers fall steeply within a day's trip (Jaffe, Trajtenberg and
Henderson 1993; Rosenthal and Strange 2008), citations hardly with hours (Bai et al.); ideas that
get harder to find as research grows (Bloom, Jones, Van Reenen and Webb 2020). Form assumed.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import NOBODY
from ydsim.agents.state import State
from ydsim.agents.tables import Means
from ydsim.agents.tally import EXPECTED, REALISED
from ydsim.measures.groups import by_part, quotient, ranges, sums
from ydsim.noise import Noise, identity
from ydsim.policies.environment import PolicyEnvironment, passing
from ydsim.processes.invest import DECAY, PRICES
from ydsim.scenario.schema.parameters import ChainParameters, ExploreParameters
from ydsim.typing import Bools, Floats, Ints

LEAST_KNOWN = 1e-3
"""What an organisation knows by itself, over what the mean one of the burn-in has within reach."""

LEAST_RELEVANCE = 1e-6
"""Least relevance, so that its logarithm exists where a world says that a field is of no use."""


def field_weights(knowledge: Floats, log_need: Floats) -> Floats:
    """Return phi, the shares of effort by field, shape (F, n)."""
    score = knowledge + log_need
    score -= score.max(axis=0)
    np.exp(score, out=score)
    score /= score.sum(axis=0)
    return score


def updated_knowledge(
    knowledge: Floats,
    effort: Floats,
    weights: Floats,
    standing: Floats,
    parameters: ExploreParameters,
    constants: tuple[Floats, Floats] | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return k' of all organisations (F, n), and the e_f and d_f (F,) that it rests on.

    ``standing`` (n,) sums to one: the weight of each organisation in regional means. ``constants``
    are e0_f and d0_f; without them they are the means of these organisations, and that of k' is
    zero.
    """
    by_field = np.empty_like(knowledge)
    efforts, drifts = np.empty(len(knowledge)), np.empty(len(knowledge))
    for f, (new, old, share) in enumerate(zip(by_field, knowledge, weights, strict=True)):
        np.multiply(effort, share, out=new)
        mean = np.einsum("n,n->", new, standing) if constants is None else constants[0][f]
        new /= mean if mean > 0.0 else 1.0
        new += 1.0
        np.log(new, out=new)
        new *= parameters.learning
        new += (1.0 - parameters.forgetting) * old
        drift = np.einsum("n,n->", new, standing) if constants is None else constants[1][f]
        new -= drift
        efforts[f], drifts[f] = mean, drift
    return by_field, efforts, drifts


def leaders(knowledge: Floats, standing: Floats) -> Floats:
    """Return the knowledge of the leaders of each field, (F,): mean plus two deviations."""
    mean = np.einsum("fn,n->f", knowledge, standing)
    square = np.einsum("fn,fn,n->f", knowledge, knowledge, standing)
    return mean + 2.0 * np.sqrt(np.maximum(square - mean**2, 0.0))


def chosen_field(weights: Floats, u: Floats) -> Ints:
    """Return the field drawn from each column of ``weights``, shape (F, n), by a uniform."""
    cumulative = np.cumsum(weights, axis=0)
    return (u * cumulative[-1] >= cumulative[:-1]).sum(axis=0)


def quality(own: Floats, skill: Floats, normal: Floats, parameters: ExploreParameters) -> Floats:
    """Return q of ideas from own knowledge, the skill of the owner and a normal draw."""
    known = parameters.quality_knowledge * own
    return np.exp(known + skill + parameters.quality_sd * normal)


def explore(
    state: State,
    environment: PolicyEnvironment,
    noise: Noise,
    lasting: Noise,
    parameters: ExploreParameters,
    chain: ChainParameters,
    constants: Means | None = None,
) -> None:
    """Update knowledge and append the quarter's new projects."""
    table = state.organisations
    rows = np.flatnonzero(table.alive)
    knowledge = by_part(table.knowledge, rows)
    effort = table.researchers[rows]
    weights = field_weights(knowledge, _log_need(state, table.industry[rows]))

    firm = table.kind[rows] == FIRM
    sample_exposure = np.where(firm, 1.0, state.scale)
    standing = sample_exposure / sample_exposure.sum()
    teams = np.array([1.0, parameters.university_teams, parameters.institute_teams])
    teams = teams[table.kind[rows]]
    able = effort * np.einsum("fn,fn->n", weights, np.exp(knowledge))
    rate = sample_exposure * teams * parameters.ideas * able**parameters.ideas_exponent
    basic = np.where(firm, 1.0, environment.science_productivity[table.city[rows]])
    kernel = learn_what_is_near(state, environment, rows, weights, parameters, constants)
    kernel, known = (of_firms_and_science(environment, v) for v in (kernel, state.known))
    seat = seats(table.city[rows], firm, state.world.n_cities)
    rate *= basic * table.known[rows] ** parameters.access
    outside = parameters.nation * nation_knows(state)
    counts = noise.poisson(rate, table.key[rows])
    live = np.bincount(state.projects.owner, minlength=len(table))[rows]
    # science is kept at full number and has s times the room; a draw decides on the broken part
    part = np.where(firm, 0.0, noise.uniform(table.key[rows], 6))
    room = np.floor(sample_exposure * (1.0 + effort / chain.span) + part).astype(np.int64) - live
    started = np.minimum(counts, np.maximum(room, 0))
    state.leaders = leaders(knowledge, standing)
    state.active, state.field_share = rows, weights
    length = np.sqrt(np.einsum("fn,fn->n", weights, weights))
    state.direction = np.ascontiguousarray((weights / length).T)
    state.position = np.full(len(table), -1, dtype=np.int64)
    state.position[rows] = np.arange(len(rows))
    new = rows[table.skill[rows] == 0.0]  # theirs lasts
    table.skill[new] = parameters.skill_sd * lasting.normal(table.key[new], 0)
    _start(state, noise, parameters, rows, started, knowledge)
    state.tally.city.ideas = state.by_city(rows, counts.astype(np.float64)) / state.scale
    for index, number in ((REALISED, counts), (EXPECTED, rate)):
        ideas = np.stack([sums(seat, number * share, len(kernel)) for share in weights], axis=1)
        links = state.tally.links.knowledge[index, :-1]
        by_seat = credited(ideas / state.scale, state.knowledge_stock, kernel, known, outside)
        links[:] = by_seat.reshape(2, *links.shape).sum(axis=0)
    compared = None if constants is None else (constants.effort, constants.drift)
    new, efforts, drifts = updated_knowledge(
        knowledge, effort, weights, standing, parameters, compared
    )
    state.means.effort, state.means.drift = efforts, drifts
    for part, values in zip(table.knowledge.T, new, strict=True):
        part[rows] = values


def _log_need(state: State, industry: Ints) -> Floats:
    """Return log of relevance relative to the mean field; zero for science organisations."""
    relevance = state.world.relevance
    need = np.log(np.maximum(relevance, LEAST_RELEVANCE) * relevance.shape[1])
    need = np.vstack([need, np.zeros(relevance.shape[1])])  # industry -1 is the last row
    return by_part(need, industry)


def _start(
    state: State,
    noise: Noise,
    parameters: ExploreParameters,
    rows: Ints,
    started: Ints,
    knowledge: Floats,
) -> None:
    table, weights = state.organisations, state.field_share
    index = np.repeat(np.arange(len(rows)), started)
    owner = rows[index]
    ordinal = ranges(np.zeros(len(rows), dtype=np.int64), started)
    key = identity("project", table.key[owner], state.quarter, ordinal)
    partner = state.position[table.partner[owner]]
    recombines = (table.partner[owner] >= 0) & (partner >= 0) & (ordinal == 0)
    recombines &= noise.uniform(key, 8) < parameters.recombination
    source = np.where(recombines, partner, index)
    table.partner[owner] = NOBODY
    field = chosen_field(weights[:, source], noise.uniform(key, 1))
    known = np.maximum(knowledge[field, index], knowledge[field, source])
    q = quality(known, table.skill[owner], noise.normal(key, 4), parameters)
    state.projects.append(
        len(owner),
        key=key,
        owner=owner,
        field=field,
        quality=q,
        difficulty=0.75 + 0.5 * noise.uniform(key, 7),
        born=state.quarter,
        origin=table.kind[owner],
        origin_city=table.city[owner],
    )


def reach(hours: Floats, passes: Floats, near_h: float, far: float, reach_h: float) -> Floats:
    """Return K, the part of the stock of each city that others reach, from hours, (C, C) each."""
    return (np.exp(-hours / near_h) + far * np.exp(-hours / reach_h)) * passes


def within_reach(stock: Floats, kernel: Floats) -> Floats:
    """Return G, shape (C, F), from stocks S (C, F) and K (C, C)."""
    return np.einsum("cd,df->cf", kernel, stock)


def places_of_research(enclave: Floats) -> Floats:
    """Return where the firms of each city do their research, E (C, C), from enclaves e."""
    share: Floats = enclave / np.maximum(enclave.sum(axis=1), 1.0)[:, None]
    return share + np.diag(np.maximum(1.0 - share.sum(axis=1), 0.0))


def of_firms_and_science(environment: PolicyEnvironment, of_city: Floats) -> Floats:
    """Return what the firms of each city, and after them its science, have of (C, n); (2 C, n)."""
    of_firms = np.einsum("cd,dn->cn", places_of_research(environment.enclave), of_city)
    return np.concatenate([of_firms, of_city])


def seats(city: Ints, firm: Bools, n_cities: int) -> Ints:
    """Return the row of each organisation in what is by city, of firms and of science."""
    return np.where(firm, city, city + n_cities)


def credited(ideas: Floats, stock: Floats, kernel: Floats, known: Floats, outside: float) -> Floats:
    """Return L (C, C + 1), ideas (C, F) by where what is known within reach was found out.

    ``outside``: what of ``known`` (C, F) is known in the rest of the nation.
    """
    each = quotient(ideas, known, 0.0)
    part = quotient(ideas - outside * each, within_reach(stock, kernel), 0.0)
    inside = kernel * np.einsum("cf,df->cd", part, stock)
    return np.column_stack([inside, outside * each.sum(axis=1)])


def nation_knows(state: State) -> float:
    """Return X / X0, what the rest of the nation knows over what it does by official figures."""
    return state.nation.frontier / float(state.nation.official[state.input_column])


def known_by(weights: Floats, absorbed: Floats, seat: Ints, known: Floats) -> Floats:
    """Return N of organisations, (n,).

    ``weights`` and ``absorbed``: phi and a, (F, n). ``seat``: their rows of ``known`` (2 C, F).
    """
    return LEAST_KNOWN + np.einsum("fn,fn,nf->n", weights, absorbed, known[seat])


def learn_what_is_near(
    state: State,
    environment: PolicyEnvironment,
    rows: Ints,
    weights: Floats,
    parameters: ExploreParameters,
    constants: Means | None = None,
) -> Floats:
    """Add the R&D of the quarter to stocks, set what cities and organisations know, return K.

    ``rows`` and ``weights``: living organisations and their shares of effort by field, (F, n).
    """
    table, n_cities = state.organisations, state.world.n_cities
    city, full = table.city[rows], np.where(table.kind[rows] == FIRM, 1.0, state.scale)
    money = full * (table.rd[rows] + table.grants_spent[rows]) / state.scale
    new = np.stack([sums(city, money * share, n_cities) for share in weights], axis=1)
    new /= np.exp(PRICES * max(state.quarter, 0) / 4.0)
    keep = np.exp(-DECAY / 4.0)
    stock = state.knowledge_stock
    state.knowledge_stock = stock * keep + new if stock.any() else new / (1.0 - keep)
    kernel = reach(
        environment.travel_hours,
        passing(environment, "knowledge", state.world.city_province),
        parameters.near_h,
        parameters.far,
        parameters.reach_h,
    )
    reached = within_reach(state.knowledge_stock, kernel)
    spent = sums(city, money, n_cities)
    total = float(spent.sum())
    weight = spent / total if total > 0.0 else np.full(n_cities, 1.0 / n_cities)
    state.means.access = (weight[:, None] * reached).sum(axis=0)
    usual = (state.means if constants is None else constants).access
    region = quotient(reached, usual, 1.0) / float(state.nation.official[state.input_column])
    state.known = (1.0 - parameters.nation) * region + parameters.nation * nation_knows(state)
    effort = table.researchers[rows] * weights
    if constants is None:
        usual_effort = np.einsum("fn,n->f", effort, full / full.sum())
    else:
        usual_effort = constants.effort
    absorbed = quotient(effort, effort + parameters.absorption * usual_effort[:, None], 1.0)
    table.known[:] = 1.0
    known = of_firms_and_science(environment, state.known)
    seat = seats(city, table.kind[rows] == FIRM, n_cities)
    table.known[rows] = known_by(weights, absorbed, seat, known)
    return kernel
