"""The search for partners once more in plain Python, and scenes in which it is tried.

Loops over projects, candidates and organisations, numbers from `math`; the uniforms are those of
the array rules, one by one.
"""

import copy
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.support import small
from tests.support.neutral import across
from tests.support.scalar import cosine, drawn
from tests.support.scalar_chain import skill
from ydsim.agents.tally import EXPECTED
from ydsim.noise import NoiseSource, identity
from ydsim.processes.match import match as array_match
from ydsim.processes.seek import seek

FIRM, UNIVERSITY = 0, 1
INVENTION, LAUNCH = 1, 4
NOBODY, OUTSIDER = -1, -2
FORMER, CLOSURE, GRAVITY, BROKERED = range(4)


# -- scenes ----------------------------------------------------------------------------------------


@dataclass
class Scene:
    """A small model that has come to the search for partners of one quarter."""

    state: Any
    environment: Any
    parameters: Any
    source: NoiseSource

    @property
    def lasting(self):
        return self.source.phase("capacity", 0)

    def draws(self, other=0):
        return self.source.phase("match", self.state.quarter + 1000 * other)

    def copy(self):
        """The same once more; world and inputs are shared."""
        state = self.state
        shared = {id(part): part for part in (state.world, state.inputs, state.base)}
        return replace(self, state=copy.deepcopy(state, shared))

    def with_match(self, **keys):
        keys = self.parameters.match.model_copy(update=keys)
        return self.having(match=keys)

    def having(self, **sections):
        return replace(self, parameters=self.parameters.model_copy(update=sections))

    def within(self, **fields):
        return replace(self, environment=replace(self.environment, **fields))

    def seek(self, other=0, baseline=None):
        plain = self.environment if baseline is None else baseline
        return seek(self.state, self.environment, self.draws(other), self.parameters, plain)

    def match(self, other=0):
        """Search and match; returns what was searched."""
        search = self.seek(other)
        array_match(
            self.state, self.environment, search, self.draws(other), self.lasting, self.parameters
        )
        return search

    def expected(self, channel="contract"):
        return getattr(self.state.tally.links, channel)[EXPECTED]


_ARRIVED: dict[Any, Scene] = {}


def scene(quarters=0, place=None, **options):
    """A scene that nobody else holds, after ``quarters`` steps."""
    which = quarters, place and place.digest, tuple(sorted(options.items()))
    if which not in _ARRIVED:
        model = small.after_burn_in(place=place, **{"years": 10, "burn_in": 14, **options})
        for _ in range(quarters):
            model.step()
        model.state.begin(model.state.quarter)
        for phase in (model._enact, model._fund, model._move_talent, model._invest, model._explore):
            phase()
        _ARRIVED[which] = Scene(model.state, model.environment, model.parameters, model.noise)
    return _ARRIVED[which].copy()


def eased(here, seed=0):
    """The scene with all that policies do to borders and corridors at once, each way its own."""
    draw, c = np.random.default_rng(seed), here.state.world.n_cities
    p = here.state.world.n_provinces
    factor = draw.uniform(0.5, 2.5, (c, c))
    factor[draw.random((c, c)) < 0.1] = 0.0
    return here.within(
        joint_work=across(draw.uniform(0.0, 0.7, (p, p)), p),
        hand_over=across(draw.uniform(0.0, 0.9, (p, p)), p),
        eased=draw.uniform(1.0, 5.0, (5, c, c)),
        closed=draw.uniform(0.0, 0.5, (5, p)),
        eased_hand_over=draw.uniform(1.0, 5.0, (p, p)),
        tie_factor=factor,
        search_cut=draw.uniform(0.0, 1.0, (c, c)),
        travel_hours=draw.uniform(0.3, 2.0, (c, c)),
        recognition=np.maximum(np.eye(p), draw.uniform(0.1, 0.9, (p, p))),
    )


# -- draws -----------------------------------------------------------------------------------------


class Draws:
    """One uniform at a time."""

    def __init__(self, noise):
        self.noise = noise

    def __call__(self, key, k):
        return float(self.noise.uniform(np.array([key], dtype=np.uint64), k)[0])

    def bits(self, key, k):
        return int(self.noise.bits(np.array([key], dtype=np.uint64), k)[0])


def name(*parts):
    return int(identity(*parts)[0])


def gumbel(u):
    return -math.log(-math.log(u))


def drawn_place(state, weights, u):
    """The place drawn from weights of cities, and of the rest of the nation where it is last."""
    cities = sorted(range(state.world.n_cities), key=state.world.city_keys.tolist().__getitem__)
    order = cities + list(range(len(cities), len(weights)))
    at = drawn([weights[d] for d in order], u)
    return None if at is None else order[at]


# -- who seeks -------------------------------------------------------------------------------------


def seekers(state, draws, p, reach=None):
    table, projects = state.organisations, state.projects
    found = []
    for i in range(len(projects)):
        owner, field, stage = (int(c[i]) for c in (projects.owner, projects.field, projects.stage))
        if not table.alive[owner]:
            continue
        waits, key = bool(projects.waits[i]), int(projects.key[i])
        size = 1 + sum(m != NOBODY for m in projects.members[i].tolist())
        lags = table.knowledge[owner, field] < state.leaders[field]
        able = stage < LAUNCH and size < p.match.consortium
        city = int(table.city[owner])
        chance = min(
            p.match.gap_search
            * math.exp(float(table.skill[owner]))
            * (1.0 if reach is None else reach[city]),
            1.0,
        )
        if not waits and not (able and lags and draws(key, 0) < chance):
            continue
        wage = (
            state.inputs.wage[table.province[owner], state.input_column] * state.talent.wage[city]
        )
        effort = max(math.fsum(p.chain.efforts[stage:]) - float(projects.done[i]), 0.0)
        value = effort * wage / 4.0 * p.contracts.price
        found.append(
            {
                "project": i,
                "key": key,
                "row": owner,
                "city": city,
                "field": field,
                "stage": stage,
                "waits": waits,
                "hand_over": waits,
                "effort": effort,
                "piece": value
                * state.national.contract_price[state.input_column]
                / p.contracts.pieces,
            }
        )
    for s in list(found):
        size = 1 + sum(m != NOBODY for m in projects.members[s["project"]].tolist())
        if s["waits"] and size < p.match.consortium:
            found.append({**s, "key": name("member", s["key"]), "hand_over": False})
    return found


def able(state, s, row, p):
    """Capability of an organisation for the stage of a project."""
    table, f = state.organisations, s["field"]
    size = float(table.researchers[row]) * math.exp(float(table.knowledge[row, f]))
    return skill(int(table.kind[row]), size, s["stage"], p.chain)


# -- whom they see ---------------------------------------------------------------------------------


def friends(ties, keys):
    """Partners and strengths of every organisation, in the order of identities."""
    of = defaultdict(dict)
    for a, b, strength in zip(ties.a, ties.b, ties.strength, strict=True):
        of[int(a)][int(b)] = of[int(b)][int(a)] = float(strength)
    return {
        row: sorted(partners.items(), key=lambda partner: keys[partner[0]])
        for row, partners in of.items()
    }


def crowds(state):
    """Living organisations and their effort by city and field."""
    table = state.organisations
    crowd = defaultdict(list)
    for position, row in enumerate(state.active.tolist()):
        sample_exposure = 1.0 if table.kind[row] == FIRM else state.scale
        effort = sample_exposure * float(table.researchers[row])
        for field, share in enumerate(state.field_share[:, position].tolist()):
            crowd[int(table.city[row]), field].append((row, effort * share))
    return crowd


def masses(state, crowd):
    """Effort of every city and of the rest of the nation, by field."""
    cities = range(state.world.n_cities)
    mass = []
    for field in range(len(state.world.fields)):
        inside = [math.fsum(e for _, e in crowd[c, field]) for c in cities]
        mass.append([*inside, state.national.outside_mass[state.input_column] * math.fsum(inside)])
    return mass


def opening(environment, of, channel, c, d):
    """Part of a channel between two cities that borders let through; ``of`` are provinces."""
    p, q = int(of[c]), int(of[d])
    if p == q:
        return 1.0
    share = float(getattr(environment, channel)[p, q])
    k = ("exposure", "joint_work", "hand_over", "talent", "knowledge").index(channel)
    factor = float(environment.eased[k, c, d])
    if channel == "hand_over":
        factor *= float(environment.eased_hand_over[p, q])
    closed = environment.closed[k]
    kept = 1.0 - max(float(closed[p]), float(closed[q]))
    if share == 1.0:
        return kept
    odds = factor * share / (1.0 - share)
    return odds / (1.0 + odds) * kept


def channel_of(hand_over):
    return "hand_over" if hand_over else "joint_work"


def kernel(hours, keys):
    """Part of partnership that travel time leaves."""
    return keys.far + (1.0 - keys.far) * math.exp(-hours / keys.decay_h)


def reach(state, environment, baseline, p):
    """Whom every city can reach over whom it could without policies."""
    crowd = crowds(state)
    mass = [math.fsum(m) for m in zip(*masses(state, crowd), strict=True)]

    def total(where, c):
        pull = pulls(state, where, False, p, c)
        return math.fsum(k * m for k, m in zip(pull, mass, strict=True))

    return [total(environment, c) / total(baseline, c) for c in range(state.world.n_cities)]


def pulls(state, environment, hand_over, p, c):
    """Pull of every place on city c without mass."""
    inside = [
        kernel(h, p.match)
        * opening(environment, state.world.city_province, channel_of(hand_over), c, d)
        * float(environment.tie_factor[c, d])
        for d, h in enumerate(environment.travel_hours[c].tolist())
    ]
    border = getattr(p.border, channel_of(hand_over))
    return [*inside, kernel(float(environment.outside_hours[c]), p.match) * border]


def met(crowd, place, field, u):
    """The organisation met in a city, None if nobody works there."""
    people = crowd.get((place, field), [])
    at = drawn([effort for _, effort in people], u)
    return None if at is None else people[at][0]


def introductions(state, looking, slots, draws, largest):
    """Broker by position of the seeker and slot; ``largest`` is by city of the broker."""
    brokers, world = state.brokers, state.world
    left = [
        math.floor(capacity + draws(int(key), 8))
        for key, capacity in zip(brokers.key, brokers.capacity, strict=True)
    ]
    by = {}
    for slot in slots:
        queue = []
        for i, s in enumerate(looking):
            known = [
                b
                for b in range(len(brokers.city))
                if world.distance_km[s["city"], brokers.city[b]] <= brokers.reach_km[b]
            ]
            if known:
                draw = name(s["key"], slot)
                asked = known[min(int(draws(draw, 6) * len(known)), len(known) - 1)]
                if s["piece"] <= largest[brokers.city[asked]]:
                    queue.append((draws.bits(draw, 7), i, asked))
        for _, i, asked in sorted(queue):
            if left[asked] > 0:
                left[asked] -= 1
                by[i, slot] = asked
    return by


def candidates(state, environment, looking, draws, p):
    """What every seeker sees, slot by slot: None for nobody and for those seen before."""
    table, world, keys = state.organisations, state.world, p.match
    sources = [
        s for s, number in enumerate(np.broadcast_to(keys.candidates, 4)) for _ in range(number)
    ]
    friend, crowd = friends(state.ties, table.key), crowds(state)
    firms = {
        where: [(row, effort) for row, effort in people if table.kind[row] == FIRM]
        for where, people in crowd.items()
    }
    mass, away = masses(state, crowd), world.n_cities
    slots = [slot for slot, source in enumerate(sources) if source == BROKERED]
    by = introductions(state, looking, slots, draws, environment.broker_cap)
    lists = []
    for i, s in enumerate(looking):
        seen, known, former = [], set(), set()
        for slot, source in enumerate(sources):
            draw, row, place, broker = name(s["key"], slot), None, None, None

            def friend_of(who, k, draw=draw):
                people = friend.get(who, [])
                at = drawn([strength for _, strength in people], draws(draw, k))
                return None if at is None else people[at][0]

            if source in (FORMER, CLOSURE):
                row = friend_of(s["row"], 1)
                if source == CLOSURE and row is not None:
                    row = friend_of(row, 2)
                row = None if row == s["row"] else row
                place = None if row is None else int(table.city[row])
            if (i, slot) in by:
                broker = by[i, slot]
                c = int(state.brokers.city[broker])
                pull = pulls(state, environment, True, p, c)
                reach = state.brokers.reach_km[broker]
                near = [km <= reach for km in world.distance_km[c].tolist()]
                parts = zip(pull[:-1], near, mass[s["field"]][:-1], strict=True)
                place = drawn_place(state, [k * n * m for k, n, m in parts], draws(draw, 3))
            missing = source == FORMER and (row is None or row in former)
            science = table.kind[s["row"]] != FIRM
            stands_in = missing and science and draws(draw, 14) >= state.scale
            if stands_in:
                place, row = s["city"], met(firms, s["city"], s["field"], draws(draw, 5))
            former.add(row)
            if place is None:
                source = GRAVITY
                pull = pulls(state, environment, s["hand_over"], p, s["city"])
                parts = zip(pull, mass[s["field"]], strict=True)
                place = drawn_place(state, [k * m for k, m in parts], draws(draw, 3))
            if row is None and not stands_in:
                seat = place
                if place == away:
                    seat = drawn_place(state, mass[s["field"]][:-1], draws(draw, 4))
                row = met(crowd, seat, s["field"], draws(draw, 5))
            who = draw if place == away or row is None else int(table.key[row])
            pair = name(s["key"], who)
            row = None if pair in known else row
            known.add(pair)
            seen.append({"row": row, "place": place, "source": source, "broker": broker})
            seen[-1]["key"] = pair
        lists.append(seen)
    return lists


# -- what they agree on ----------------------------------------------------------------------------


def capacity(researchers, firm):
    return 1.0 + (math.log(1.0 + researchers / 5.0) if firm else researchers / 5.0)


def rooms(state, lasting):
    table, projects = state.organisations, state.projects
    busy = defaultdict(int)
    for i in range(len(projects)):
        members = [m for m in projects.members[i].tolist() if m != NOBODY]
        for m in members:
            busy[m] += 1
        if members or projects.handed_over[i]:
            busy[int(projects.owner[i])] += 1
    room = []
    for row in range(len(table)):
        firm = table.kind[row] == FIRM
        period = name("capacity", int(table.key[row]), state.quarter // 8)
        most = capacity(float(table.researchers[row]), firm)
        if not firm:
            most = state.scale * most + 1.0 - state.scale
        held = math.floor(most + lasting(period, 0))
        room.append(held - busy[row] if table.alive[row] else 0)
    return room


def distance(state, i, j):
    x, y = (state.field_share[:, state.position[row]].tolist() for row in (i, j))
    return 1.0 - cosine(x, y)


def tie_strength(state, i, j, ties):
    """Strength of a tie; between organisations of science for a group of the larger."""
    table, strength = state.organisations, ties.get((min(i, j), max(i, j)), 0.0)
    if FIRM in (table.kind[i], table.kind[j]):
        return strength
    most = max(capacity(float(table.researchers[row]), firm=False) for row in (i, j))
    return strength / (state.scale * most)


def shared_utility(d, tie, unlike, keys):
    return (
        keys.cognitive * 4.0 * d * (1.0 - d)
        + keys.social * math.log(1.0 + tie)
        - keys.institution * unlike
    )


def utilities(state, environment, s, c, ties, p):
    """V of the seeker for the candidate, and V of the candidate for the seeker."""
    table, projects, keys = state.organisations, state.projects, p.match
    i, j, at, stage = s["row"], c["row"], s["project"], s["stage"]
    away = c["place"] == state.world.n_cities
    mine, theirs = int(table.kind[i]), int(table.kind[j])
    ours, firm = mine == FIRM, theirs == FIRM
    skills = [able(state, s, i, p)]
    for m in projects.members[at].tolist():
        if m == OUTSIDER:
            stranger = int(projects.outside_kind[at]), float(projects.outside_size[at])
            skills.append(skill(*stranger, stage, p.chain))
        elif m != NOBODY:
            skills.append(able(state, s, m, p))
    best = max(skills)
    lead = table.knowledge[j, s["field"]] - table.knowledge[i, s["field"]]
    quality = math.log(projects.quality[at])
    if s["hand_over"]:
        adds, gains = 1.0, quality
        if ours:
            adds -= quality
    else:
        pays = firm and not ours
        useful = able(state, s, j, p) > best or lead > 0.0 or pays
        adds = 1.0 if useful or s["waits"] else 0.0
        if ours:
            adds -= 1.0
        paid = ours or (not firm and lead < 0.0)
        gains = float(paid) if paid or not pays else quality
        gains += keys.attraction * float(table.skill[i])
    unlike, way = float(mine != theirs), 0.0
    here, there = s["city"], c["place"]
    if c["source"] == GRAVITY:
        way = keys.search_cost
        if not away:
            way *= 1.0 - float(environment.search_cut[here, there])
    if c["source"] == BROKERED:
        home = int(state.brokers.city[c["broker"]])
        way = -math.log(environment.broker_uplift[home])
    if not away:
        a, b = (int(state.world.city_province[x]) for x in (here, there))
        if a != b:
            unlike += 1.0 - environment.recognition[a, b]
        if c["source"] in (FORMER, CLOSURE):
            channel = channel_of(s["hand_over"])
            passes = opening(environment, state.world.city_province, channel, here, there)
            factor = float(environment.tie_factor[here, there])
            way = -math.log(max(kernel(environment.travel_hours[here, there], keys), 1e-12))
            if factor == 0.0:
                way -= math.log(1e-12)
            else:
                way -= math.log(max(passes, 1e-12)) + math.log(factor)
    tie = 0.0 if away else tie_strength(state, i, j, ties)
    if c["source"] == FORMER and tie == 0.0:
        tie = 1.0  # stands for a former partner outside the sample
    both = shared_utility(distance(state, i, j), tie, unlike, keys)
    v = both + adds - way
    back = both + gains
    return v, back


def suits(state, s, c, room, p):
    """Whether the candidate is there, able, free and new to the consortium."""
    table, row = state.organisations, c["row"]
    members = [m for m in state.projects.members[s["project"]].tolist() if m != NOBODY]
    if row is None or row == s["row"] or room[row] <= 0:
        return False
    if room[s["row"]] <= 0 and not members and not s["hand_over"]:
        return False
    if c["place"] != state.world.n_cities and row in members:
        return False
    if s["hand_over"] and table.kind[row] != FIRM:
        return False
    return not s["waits"] or able(state, s, row, p) >= asked(state, s, p)


def asked(state, s, p):
    """Capability that the stages of a project need."""
    return float(state.projects.difficulty[s["project"]]) * p.chain.capability_needed


def survival(p, stage, until):
    """Probability that a firm's project completes the stages from one to another."""
    risk = 0.0
    for s in range(stage, until + 1):
        pace = max(p.chain.by_kind[0, s], p.chain.capability_needed)
        risk += p.chain.failure * p.chain.durations[s] / pace / 4.0
    return math.exp(-risk)


def granted(state, s, p):
    """Share of the applications on what would be handed over that have been granted."""
    if not s["hand_over"] or s["stage"] <= INVENTION:
        return 0.0
    age = state.quarter - int(state.projects.stage_end[s["project"], INVENTION])
    # parts examined in the second to fifth year, evenly over its quarters
    passed = 0.0
    for year, part in enumerate(p.contracts.examination):
        passed += part / 4.0 * min(max(age + 1 - 4 * (year + 2), 0), 4)
    return min(passed * state.national.examination[state.input_column], 1.0)


def above(v, keys):
    """Odds that V and taste pass the reserve."""
    return math.exp(v - keys.reserve)


def fitting(asked, room, whom):
    """Of what was asked of each, best joint utility first, as much as has room."""
    kept, count = [], defaultdict(int)
    for deal in sorted(asked, key=lambda d: (-d["joint"], d["s"]["key"])):
        if count[whom(deal)] < room[whom(deal)]:
            count[whom(deal)] += 1
            kept.append(deal)
    return kept


def settle(deals, room, state, away):
    """Rivals for partners first, then for owners who join with their first partner."""
    inside = [d for d in deals if d["c"]["place"] != away]
    kept = fitting(inside, room, lambda d: d["c"]["row"])
    left = list(room)
    for d in kept:
        left[d["c"]["row"]] -= 1
    kept += [d for d in deals if d["c"]["place"] == away]
    alone = [
        d
        for d in kept
        if not d["s"]["hand_over"] and state.projects.members[d["s"]["project"], 0] == NOBODY
    ]
    first = {id(d) for d in fitting(alone, left, lambda d: d["s"]["row"])}
    lonely = {id(d) for d in alone}
    kept = [d for d in kept if id(d) not in lonely or id(d) in first]
    return sorted(kept, key=lambda d: d["s"]["project"])


def outcome(state, environment, noise, lasting, p):
    """What one quarter of seeking and matching changes."""
    draws, keys, scale = Draws(noise), p.match, state.scale
    table, projects, away = state.organisations, state.projects, state.world.n_cities
    looking = seekers(state, draws, p)
    lists = candidates(state, environment, looking, draws, p)
    room, crowd = rooms(state, Draws(lasting)), crowds(state)
    tie_of = zip(state.ties.a.tolist(), state.ties.b.tolist(), strict=True)
    ties = dict(zip(tie_of, state.ties.strength.tolist(), strict=True))
    links: dict[str, dict[tuple[int, int], float]] = defaultdict(lambda: defaultdict(float))
    introduced = [0] * len(state.brokers.city)
    willing, bought, openings = [], [], []
    odds_of, best_of = defaultdict(float), {}
    for s, seen in zip(looking, lists, strict=True):
        open_to = [c for c in seen if suits(state, s, c, room, p)]
        openings.append(open_to)
        for c in open_to:
            c["v"], c["back"] = utilities(state, environment, s, c, ties, p)
            c["own"] = c["v"] + gumbel(draws(c["key"], 9))
            if c["broker"] is not None and c["source"] == BROKERED:
                introduced[c["broker"]] += 1
            odds_of[s["project"]] += above(c["v"], keys)
            if c["own"] > best_of.get(s["project"], (keys.reserve,))[0]:
                best_of[s["project"]] = (c["own"], id(c))
    for s, open_to in zip(looking, openings, strict=True):
        firm, odds = table.kind[s["row"]] == FIRM, odds_of[s["project"]]
        for c in open_to:
            proposal = above(c["v"], keys) / odds * (1.0 - math.exp(-odds))
            p_both = proposal * (1.0 - math.exp(-above(c["back"], keys)))
            pair, stage = (s["city"], c["place"]), s["stage"]
            theirs = table.kind[c["row"]] == FIRM
            share = granted(state, s, p)
            if not s["hand_over"] and stage <= INVENTION:
                mass = p_both * survival(p, stage, INVENTION) / scale
                links["co_invention"][pair] += mass
            if not s["hand_over"] and stage == 0 and not (firm and theirs):
                links["co_publication"][pair] += p_both * survival(p, 0, 0) / scale
            if firm or theirs:
                links["contract"][pair] += p_both / scale
                links["patent_transfer"][pair] += p_both * share / scale
            if c["place"] == away:
                comes = proposal
                deal = answer(state, s, c, comes, share, crowd, draws, links, p)
                bought += [deal] if deal else []
        # of a buyer and a member the owner asks the one that is worth more to it
        asked = best_of.get(s["project"], (0.0, None))[1]
        best = next((c for c in open_to if id(c) == asked), None)
        if best is None:
            continue
        back = best["back"] + gumbel(draws(best["key"], 10))
        if back > keys.reserve:
            willing.append({"s": s, "c": best, "joint": best["own"] + back})
    made = settle(willing, room, state, away)
    after = {
        "owner": projects.owner.tolist(),
        "members": projects.members.tolist(),
        "outside_kind": projects.outside_kind.tolist(),
        "outside_size": projects.outside_size.tolist(),
        "waits": projects.waits.tolist(),
        "handed_over": projects.handed_over.tolist(),
        "sold": projects.sold.tolist(),
        "covers": projects.covers.tolist(),
        "bond": projects.bond.tolist(),
    }
    before = dict(ties)
    licences, deals = [0.0] * away, []
    for d in made:
        if not d["s"]["hand_over"]:
            slot = after["members"][d["s"]["project"]].index(NOBODY)
            joined = brings(state, d["s"], d["c"], before, keys)
            after["covers"][d["s"]["project"]][slot], after["bond"][d["s"]["project"]][slot] = (
                joined
            )
        conclude(state, d["s"], d["c"], after, ties, licences, deals, p)
    after.update(
        seekers=looking,
        candidates=lists,
        deals=deals + bought,
        ties=ties,
        links=links,
        licences=licences,
        introductions=introduced,
        room=room,
        made=made,
    )
    return after


def brings(state, s, c, ties, keys):
    """What a partner covers of the fields of a project, and its distance and experience."""
    table, i, j, f = state.organisations, s["row"], c["row"], s["field"]
    shares = state.field_share[:, state.position[i]].tolist()
    second = max((g for g in range(len(shares)) if g != f), key=lambda g: (shares[g], -g))
    k = table.knowledge
    covers = sum(bool(k[j, g] > k[i, g]) for g in (f, second)) / 2.0
    tie = 0.0 if c["place"] == state.world.n_cities else tie_strength(state, i, j, ties)
    d = distance(state, i, j)
    experience = 1.0 - math.exp(-(1.0 + tie) / 2.0)
    return covers, 4.0 * d * (1.0 - d) * experience


def answer(state, s, c, comes, share, crowd, draws, links, p):
    """What the rest of the nation buys in turn, None if nothing."""
    table, keys, away = state.organisations, p.match, state.world.n_cities
    who = met(crowd, s["city"], s["field"], draws(c["key"], 12))
    if who is None:
        return None
    unlike = float(table.kind[who] != table.kind[s["row"]])
    back = shared_utility(distance(state, s["row"], who), 0.0, unlike, keys) + 1.0
    mean = comes * (1.0 - math.exp(-above(back, keys))) / state.scale
    city = int(table.city[who])
    links["contract"][city, away] += mean
    links["patent_transfer"][city, away] += mean * share
    agrees = back + gumbel(draws(c["key"], 13)) > keys.reserve
    if not agrees or draws(c["key"], 11) >= comes:
        return None
    return terms(state, s, c["key"], (who, city), (OUTSIDER, away), None)


def terms(state, s, key, seller, buyer, broker):
    return {
        "project": key,
        "seller": seller[0],
        "buyer": buyer[0],
        "seller_place": seller[1],
        "buyer_place": buyer[1],
        "field": s["field"],
        "effort": s["effort"],
        "invented": int(state.projects.stage_end[s["project"], INVENTION]),
        "hand_over": s["hand_over"],
        "broker": -1 if broker is None else broker,
    }


def conclude(state, s, c, after, ties, licences, deals, p):
    table, projects, away = state.organisations, state.projects, state.world.n_cities
    at, abroad = s["project"], c["place"] == away
    firm, theirs = table.kind[s["row"]] == FIRM, table.kind[c["row"]] == FIRM
    other = OUTSIDER if abroad else c["row"]
    if not abroad:
        pair = (min(s["row"], other), max(s["row"], other))
        ties[pair] = ties.get(pair, 0.0) + 1.0
    if firm or theirs:
        ends = (s["row"], s["city"]), (other, c["place"])
        seller, buyer = ends[::-1] if firm and not s["hand_over"] else ends
        deals.append(terms(state, s, int(projects.key[at]), seller, buyer, c["broker"]))
    if not s["hand_over"]:
        strangers = OUTSIDER in after["members"][at]
        after["members"][at][after["members"][at].index(NOBODY)] = other
        if abroad:
            knows = float(table.knowledge[c["row"], s["field"]])
            size = float(table.researchers[c["row"]]) * math.exp(knows)
            new = int(table.kind[c["row"]]), size
            old, stage = (after["outside_kind"][at], after["outside_size"][at]), s["stage"]
            # of several from outside the ablest is on record
            if not strangers or skill(*new, stage, p.chain) >= skill(*old, stage, p.chain):
                after["outside_kind"][at], after["outside_size"][at] = new
        after["waits"][at] = False
        return
    if projects.origin[at] == UNIVERSITY:
        licences[s["city"]] += 1.0 / state.scale
    if abroad:
        after["sold"][at] = True
        return
    after["owner"][at], after["handed_over"][at], after["waits"][at] = other, True, False
