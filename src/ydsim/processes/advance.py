"""Advance the chain from applied research to launch; inventions become patents.

    capability = min(C_S + match.facility_gain [helped], 1)
    lacks      : C_S < d chain.capability_part / 2
    waiting    : it lacks, and capability < d chain.capability_part / 2
    pace       = effort_S / duration_S * capability, 0 while it waits
    aside      = match.overhead effort_S / duration_S, 0 of one without partners that works
    time_i     = chain.project_share * s_i * researchers_i
    left       = pace - directed + aside
    load_i     = sum of left over the projects of which i is owner or partner
    available  = sum over members i of time_i (pace - directed) / load_i
    done'      = done + min(available + directed, pace) * basic_c
    basic_c    = science_productivity_c in applied research of universities and institutes of c,
                 else 1
    dies       with probability 1 - exp(-chain.failure / 4)
    completes  when done' >= effort_S (1 - 1e-9), it does not wait and does not die
    log q'     = log q + chain.joint_quality gain      when applied research or invention completes
    goes on    with probability 1 - exp(-chain.selection * q), else shelved      (after invention)

Nobody works more than the time that it has, on own projects and on those of others. aside is what
working with others, and looking for them, takes of the time of each member. Effort is
in researcher-quarters. Organisations kept at full number work at the scale s, like their output
rates (s_i; 1 for firms); a partner from the rest of the nation works as much as the owner. gain is
what partners bring (`ydsim.agents.capability`), zero without partners. directed is the part of the
pace that programmes pay for (`ydsim.processes.programmes`): it is public, of the rest the part that
grants are of the owner's research. C_S is the capability of the best member and d the difficulty of
the project (`ydsim.agents.capability`). A project whose consortium lacks the capability for its
stage seeks a partner or a new owner and waits, but for quarters in which a shared facility lifts
it:
the valley of death. Finished projects are compacted away, launched ones with their passport.

Inventions become applications for patents, which the nation examines and grants:

    applications_t = inventions_t * contracts.patents * psi_t
    of holders_t   = their inventions_t * contracts.patents * psi_t    firms, universities,
                     institutes as owners of inventions when they are completed
    D_t            = sum_l k_l applications_{t-l} + due_t / phi_t           (queue before the start)
    grants_t       = phi_t * D_t                                                             t <= L
    grants_t       = phi_t * ((1 - w) D_t + w D_L N_t / N_L)                                 t > L
    in force'      = in force exp(-contracts.lapse / 4) + grants
    university'    = university exp(-contracts.lapse / 4) + inventions that universities began
    papers_t       = completed applied research of owners of science * contracts.papers * b_t

psi and phi are national inputs and are never tuned to the region: how many applications a
researcher of the nation files, and what share of the applications that are due is granted. L is the
last year of official grants, N what is due in the nation, D_L and N_L a mean quarter of L, w
``contracts.quota``: examiners are a capacity, of which a place keeps a part. k_l is
the share of applications that are examined at age l, b the nation's papers per researcher relative
to 2011. What was filed before the run is the queue ``due``, set so that the grants of the first
three years are the official ones: they are no result. Where nothing is known of it, the inventions
of the burn-in fill the queue. The chain goes on with inventions and never waits for a grant.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.capability import Work, best_capability, capability_needed, complement
from ydsim.agents.ledger import count_launches
from ydsim.agents.organisations import FIRM, INSTITUTE, MEMORY, UNIVERSITY
from ydsim.agents.projects import (
    APPLIED,
    DIED_WAITING,
    FAILED,
    INVENTION,
    LAUNCH,
    LAUNCHED,
    LIVES,
    NO_PASSPORT,
    NOBODY,
    OUTSIDER,
    OWNER_LEFT,
    SHELVED,
    SOLD,
    Outcomes,
)
from ydsim.agents.state import Launches, State
from ydsim.agents.tables import Patents
from ydsim.agents.tally import REALISED, Funnel, add_pairs
from ydsim.measures.groups import parts_or_even, quotient
from ydsim.noise import Noise
from ydsim.scenario.schema.parameters import ChainParameters, ContractParameters, MatchParameters
from ydsim.typing import Bools, Floats, Ints
from ydsim.world.national import PAST_YEARS, initial_in_force, initial_queue, kernel
from ydsim.world.world import World

RING = 4 * PAST_YEARS


def progress(done: Floats, available: Floats, pace: Floats) -> Floats:
    """Return researcher-quarters spent after the quarter; arguments by project."""
    return done + np.minimum(available, pace)


def fails(hazard: float, u: Floats) -> Bools:
    """Return which projects fail in a quarter at a hazard per year."""
    return u < -np.expm1(-hazard / 4.0)


def plan(state: State, parameters: ChainParameters, match: MatchParameters) -> Work:
    """Return what every live project can use in the quarter and what organisations can give."""
    table, projects = state.organisations, state.projects
    stage = projects.stage
    capability = best_capability(projects, table, parameters)
    least = capability_needed(projects, parameters)
    lacking = capability < least
    capability = np.minimum(capability + match.facility_gain * projects.helped, 1.0)
    waiting = lacking & (capability < least)
    effort = parameters.efforts[stage]
    full = effort / parameters.durations[stage]
    return Work(
        lacking=lacking,
        waiting=waiting,
        needed=effort,
        pace=np.where(waiting, 0.0, full * capability),
        aside=np.where(waiting | projects.shared, match.overhead * full, 0.0),
        directed=np.zeros(len(projects)),
        time=parameters.project_share * state.sample_exposure * table.researchers,
        public=_public_share(state),
    )


def advance(
    state: State,
    noise: Noise,
    parameters: ChainParameters,
    match: MatchParameters,
    work: Work | None = None,
    productivity: Floats | float = 1.0,
) -> None:
    """Move every live project one quarter on and collect inventions and launches.

    ``work`` is what was planned and in part paid for by programmes, by default what `plan` says;
    ``productivity`` (C,) that of basic research by city of universities and institutes.
    """
    table, projects = state.organisations, state.projects
    owner, stage = projects.owner, projects.stage
    work = plan(state, parameters, match) if work is None else work
    waiting = work.waiting
    _spend(state, parameters, work, productivity)
    projects.waited += waiting
    projects.waits[:] = work.lacking

    left = ~table.alive[owner] & ~projects.sold
    dies = fails(parameters.failure, noise.uniform(projects.key, 0))
    failed = ~left & ~projects.sold & dies
    # equal parts of an effort may sum to a rounding error less than all of it
    complete = (
        ~waiting & ~failed & ~left & ~projects.sold & (projects.done >= work.needed * (1.0 - 1e-9))
    )
    gain = complement(state, parameters)
    raised = np.flatnonzero(complete & (stage <= INVENTION) & (gain > 0.0))
    projects.quality[raised] *= np.exp(parameters.joint_quality * gain[raised])
    invented = np.flatnonzero(complete & (stage == INVENTION))
    good = -np.expm1(-parameters.selection * projects.quality[invented])
    shelved = np.zeros(len(projects), dtype=np.bool_)
    shelved[invented] = noise.uniform(projects.key[invented], 1) >= good
    launched = complete & (stage == LAUNCH)
    outcome = np.full(len(projects), LIVES, dtype=np.int8)
    for code, mask in (
        (LAUNCHED, launched),
        (FAILED, failed & ~waiting),
        (DIED_WAITING, failed & waiting),
        (SHELVED, shelved),
        (OWNER_LEFT, left),
        (SOLD, projects.sold),
    ):
        outcome[mask] = code
    _stamp(state, complete)
    _count(state, complete, outcome, waiting)
    _invent(state, complete & (stage == INVENTION))
    _publish(state, complete & (stage == APPLIED))
    count_launches(state, launched)
    state.launches = _launches(state, launched, noise)
    moved = np.flatnonzero(complete & ~launched & ~shelved)
    projects.stage[moved] += 1
    projects.done[moved] = 0.0
    projects.waited[moved] = 0
    # what lacks the capability for its new stage is offered from the next quarter on
    lacking = best_capability(projects, table, parameters, moved)
    projects.waits[moved] = lacking < capability_needed(projects, parameters, moved)
    state.ended.add(projects, outcome)
    projects.keep(outcome == LIVES)
    funnel, counts = Funnel(state.projects, state.scale), state.tally.funnel
    funnel.add(counts.live, np.ones(len(projects), dtype=np.bool_))
    funnel.add(counts.waiting, projects.waits)


def _spend(
    state: State, parameters: ChainParameters, work: Work, productivity: Floats | float
) -> None:
    """Spend the effort of the quarter on projects, and note who paid for it."""
    table, projects = state.organisations, state.projects
    owner, stage = projects.owner, projects.stage
    before = projects.done.copy()
    own = work.available(state, work.pace - work.directed)
    projects.done[:] = progress(before, own + work.directed, work.pace)
    spent = projects.done - before
    city = table.city[owner]
    basic = (stage == APPLIED) & (table.kind[owner] != FIRM)
    pays = np.where(basic, np.broadcast_to(productivity, state.world.n_cities)[city], 1.0)
    projects.done += (pays - 1.0) * spent
    projects.effort += spent
    projects.public += (spent - work.directed) * work.public[owner] + work.directed


def _public_share(state: State) -> Floats:
    """Return the part of every organisation's research that governments pay."""
    table = state.organisations
    total = table.rd + table.grants_spent
    share = quotient(table.grants_spent, total)
    return np.where(table.kind == FIRM, share, 1.0)


def _stamp(state: State, complete: Bools) -> None:
    """Write place, kind of owner and quarter of completed stages into the passports."""
    table, projects = state.organisations, state.projects
    project = np.flatnonzero(complete)
    owner, stage = projects.owner[project], projects.stage[project]
    projects.stage_city[project, stage] = table.city[owner]
    projects.stage_kind[project, stage] = table.kind[owner]
    projects.stage_end[project, stage] = state.quarter


def _count(state: State, complete: Bools, outcome: Outcomes, waiting: Bools) -> None:
    """Tally the funnel of the quarter at scale 1."""
    projects, scale = state.projects, state.scale
    funnel, counts = Funnel(projects, scale), state.tally.funnel
    for counted, code in (
        (counts.failed, FAILED),
        (counts.died_waiting, DIED_WAITING),
        (counts.shelved, SHELVED),
        (counts.owner_left, OWNER_LEFT),
        (counts.sold_outside, SOLD),
    ):
        funnel.add(counted, outcome == code)
    funnel.add(counts.completed, complete)
    funnel.add(counts.effort, complete, projects.done)
    lives = outcome == LIVES
    funnel.add(counts.waited, complete | ~lives, projects.waited.astype(np.float64))

    place, cities = state.organisations.city[projects.owner], state.world.n_cities

    def count(mask: Bools) -> Floats:
        return np.bincount(place[mask], minlength=cities) / scale

    tally = state.tally.city
    tally.inventions = count(complete & (projects.stage == INVENTION))
    tally.launches = count(outcome == LAUNCHED)
    tally.launches_joint = count((outcome == LAUNCHED) & projects.shared)
    tally.projects_failed = count((outcome == FAILED) | (outcome == OWNER_LEFT))
    tally.projects_died_waiting = count(outcome == DIED_WAITING)
    tally.projects_shelved = count(outcome == SHELVED)
    tally.projects_live = count(lives)
    tally.projects_waiting = count(waiting & lives)


def _invent(state: State, done: Bools) -> None:
    """Count inventions of firms for certificates, co-inventions, and those of universities."""
    table, projects, tally = state.organisations, state.projects, state.tally
    owner, members = projects.owner[done], projects.members[done]
    owners = np.concatenate([owner, members[members >= 0]])
    table.inventions[:, state.quarter % MEMORY] += np.bincount(owners, minlength=len(table))
    shared = done & projects.shared
    _remember_partners(state, np.flatnonzero(shared))
    _link(state, shared, tally.links.co_invention)
    rows = projects.owner[shared]
    city, province = _reach(state, shared)
    tally.city.coinventions = state.number_by_city(rows)
    tally.city.coinventions_intercity = state.number_by_city(rows[city])
    tally.city.coinventions_interprovince = state.number_by_city(rows[province])
    led = owner[projects.origin[done] == UNIVERSITY]
    tally.city.university_inventions = state.number_by_city(led)
    _count_holders(state, owner)


def _remember_partners(state: State, project: Ints) -> None:
    """Let both sides of joint inventions remember each other, the owner its first partner.

    Of several in one quarter that of the project of largest key is kept, whatever their order.
    """
    table, projects = state.organisations, state.projects
    project = project[np.argsort(projects.key[project], kind="stable")]
    owner, members = projects.owner[project], projects.members[project].astype(np.int64)
    at, slot = np.nonzero(members >= 0)
    table.partner[members[at, slot]] = owner[at]
    some, first = np.unique(at, return_index=True)
    table.partner[owner[some]] = members[some, slot[first]]


def _count_holders(state: State, owners: Ints) -> None:
    """Count inventions by the kind of their owner; ``owners`` has a row for each invention."""
    kind, tally = state.organisations.kind[owners], state.tally.city
    tally.inventions_of_firms = state.number_by_city(owners[kind == FIRM])
    tally.inventions_of_universities = state.number_by_city(owners[kind == UNIVERSITY])
    tally.inventions_of_institutes = state.number_by_city(owners[kind == INSTITUTE])


def _publish(state: State, done: Bools) -> None:
    """Count applied research of science that was completed, and joint pieces of it."""
    table, projects, tally = state.organisations, state.projects, state.tally
    science = table.kind[projects.owner] != FIRM
    tally.city.research_results = state.number_by_city(projects.owner[done & science])
    shared = done & projects.shared
    project = np.flatnonzero(shared)
    members = projects.members[project]
    theirs = (members >= 0) & (table.kind[np.maximum(members, 0)] != FIRM)
    theirs |= (members == OUTSIDER) & (projects.outside_kind[project][:, None] != FIRM)
    shared[project] &= science[project] | theirs.any(axis=1)
    _link(state, shared, tally.links.co_publication)
    tally.city.copublications = state.number_by_city(projects.owner[shared])


def _link(state: State, shared: Bools, channel: Floats) -> None:
    """Tally links between the cities of owners and of their partners."""
    projects = state.projects
    project, slot = np.nonzero((projects.members != NOBODY) & shared[:, None])
    own = state.organisations.city[projects.owner[project]]
    place = state.place_of(projects.members[project, slot].astype(np.int64))
    add_pairs(channel[REALISED], own, place, 1.0 / state.scale)


def _reach(state: State, shared: Bools) -> tuple[Bools, Bools]:
    """Return whether a partner works in another city, and in another province of the region."""
    table, members = state.organisations, state.projects.members[shared]
    owner = state.projects.owner[shared][:, None]
    inside = members >= 0
    row = np.maximum(members, 0)
    city = (members == OUTSIDER) | (inside & (table.city[row] != table.city[owner]))
    province = inside & (table.province[row] != table.province[owner])
    return city.any(axis=1), province.any(axis=1)


def _launches(state: State, launched: Bools, noise: Noise) -> Launches:
    projects, rows = state.projects, np.flatnonzero(launched)
    names = ("owner", "field", "quality", "key", "members", *NO_PASSPORT)
    return Launches(
        industry=_industries(state, launched, noise),
        public=projects.public[rows] / np.maximum(projects.effort[rows], 1e-300),
        generation=np.full(len(rows), -1, dtype=np.int64),
        **{name: getattr(projects, name)[rows] for name in names},
    )


def _industries(state: State, launched: Bools, noise: Noise) -> Ints:
    """Return the industries of launches: the owner's, else one drawn by share x relevance."""
    projects = state.projects
    industry = state.organisations.industry[projects.owner[launched]]
    # a field of no use to any industry goes by their shares
    relevance = np.maximum(state.world.relevance, 1e-12)
    weight = state.world.industry_share[:, None] * relevance
    edges = np.cumsum(weight / weight.sum(axis=0), axis=0)[:-1, projects.field[launched]]
    drawn: Ints = (edges <= noise.uniform(projects.key[launched], 2)).sum(axis=0)
    return np.where(industry >= 0, industry, drawn)


def no_patents(world: World) -> Patents:
    """Return the books of patents before anything is filed."""
    c = world.n_cities
    return Patents(np.zeros((c, RING)), np.zeros((c, 0)), *np.zeros((3, c)))


def granted(applications: Floats, weights: Floats, now: int) -> Floats:
    """Return applications (C, 24 as a ring) that are due in quarter ``now``, shape (C,)."""
    lags = np.arange(len(weights))
    return np.einsum("cl,l->c", applications[:, (now - lags) % len(weights)], weights)


def file_and_grant(state: State, parameters: ContractParameters) -> None:
    """File the applications of the quarter's inventions and grant what the nation has examined."""
    patents, tally, now = state.patents, state.tally.city, state.input_column
    filed = tally.inventions * parameters.patents * state.national.propensity[now]
    patents.applications[:, state.quarter % RING] = filed
    grants = _granted_now(state, parameters)
    kept = np.exp(-parameters.lapse / 4.0)
    patents.in_force *= kept
    patents.in_force += grants
    patents.university *= kept
    patents.university += tally.university_inventions
    tally.invention_patent_applications = filed
    for_each = parameters.patents * state.national.propensity[now]
    tally.invention_applications_service_enterprise = tally.inventions_of_firms * for_each
    tally.invention_applications_service_university = tally.inventions_of_universities * for_each
    tally.invention_applications_service_research_institute = (
        tally.inventions_of_institutes * for_each
    )
    tally.invention_patents_granted = grants
    tally.invention_patents_in_force = patents.in_force.copy()
    tally.university_inventions_stock = patents.university.copy()
    papers = parameters.papers * state.national.publication[now]
    tally.sci_papers = tally.research_results * papers


def _granted_now(state: State, parameters: ContractParameters) -> Floats:
    """Return the grants of the quarter, (C,), see the module docstring."""
    patents, nation, quarter = state.patents, state.national, state.quarter
    now, known = state.input_column, nation.grants_known
    phi = nation.examination[now]
    grants = phi * granted(patents.applications, kernel(parameters.examination), quarter)
    if 0 <= quarter < patents.due.shape[1]:
        grants = grants + patents.due[:, quarter]
    if known - 4 <= quarter < known:
        patents.last_due += grants / phi / 4.0
    elif quarter >= known >= 4:
        kept = phi * patents.last_due * nation.due[now] / nation.due[known - 4 : known].mean()
        grants = grants + parameters.quota * (kept - grants)
    return np.asarray(grants)


def open_queue(state: State, start: int, parameters: ContractParameters) -> None:
    """Set what was filed before the run: called at the end of the burn-in."""
    patents, world = state.patents, state.world
    filed = patents.applications.sum(axis=1)
    share = parts_or_even(filed, world.city_province, world.n_provinces)
    queue = initial_queue(world, start, parameters.examination, state.national)
    if queue is not None:
        patents.due = share[:, None] * queue[world.city_province]
        patents.applications[:] = 0.0
    stock = initial_in_force(world, start)
    if stock is not None:
        patents.in_force = share * stock[world.city_province]
