"""The chain, contracts and patents once more, one project, deal or cohort at a time; see `scalar`.

Projects, organisations and deals are dicts; draws are arguments, so that array rule and loop see
the same uniforms.
"""

import math
from collections.abc import Sequence
from typing import Any

from tests.support.scalar import drawn

Rows = Sequence[dict[str, Any]]

FIRM, UNIVERSITY, INSTITUTE = range(3)
APPLIED, INVENTION, PILOT, INDUSTRIALISATION, LAUNCH = range(5)
NOBODY, OUTSIDER = -1, -2
NEGLIGIBLE = 1e-9
"""Part of a stage's effort that may be missing from a completed stage: rounding."""


# -- advance ---------------------------------------------------------------------------------------


def partners(project):
    return [m for m in project["members"] if m != NOBODY]


def skill(kind, size, stage, p):
    """Capability in a stage of an organisation of some size in the field of the project."""
    part = p.capability_part
    if kind == FIRM:
        able = part if stage <= PILOT else 1.0
    else:
        able = 1.0 if stage < PILOT else part if (kind, stage) == (INSTITUTE, PILOT) else 0.0
    if kind != FIRM or stage not in (PILOT, INDUSTRIALISATION) or p.capability_size == 0.0:
        return able
    if size <= 0.0:
        return 0.0
    half = p.capability_size * p.efforts[stage] / p.durations[stage]
    return able / (1.0 + math.exp(math.log(half) - math.log(size)))


def size_in(organisation, field):
    """Researchers by what they know of a field."""
    return organisation["researchers"] * math.exp(organisation["knowledge"][field])


def skill_of(project, m, organisations, stage, p):
    """That of a member; an outsider is as large as its stand-in was when it joined."""
    if m == OUTSIDER:
        return skill(project["outside_kind"], project["outside_size"], stage, p)
    who = organisations[m]
    return skill(who["kind"], size_in(who, project["field"]), stage, p)


def capability(project, organisations, stage, p):
    """That of the best member; the dead keep the skill of their kind and have no time."""
    members = [project["owner"], *partners(project)]
    return max(skill_of(project, m, organisations, stage, p) for m in members)


def is_helped(project, can, match):
    """Capability with that of a shared facility."""
    return min(can + (match.facility_gain if project["helped"] else 0.0), 1.0)


def pace(project, organisations, chain, match):
    """Researcher-quarters that a project can use; zero while it waits."""
    stage = project["stage"]
    can = capability(project, organisations, stage, chain)
    least = project["difficulty"] * chain.capability_needed
    lacks, can = can < least, is_helped(project, can, match)
    if lacks and can < least:
        return 0.0
    return chain.efforts[stage] / chain.durations[stage] * can


def sample_exposure(organisation, scale):
    return 1.0 if organisation["kind"] == FIRM else scale


def complement(project, organisations, chain):
    """The gain of the best partner: its share of what the owner lacks, times the bond."""
    stage, gain = project["stage"], [0.0]
    own = skill_of(project, project["owner"], organisations, stage, chain)
    for slot, m in enumerate(project["members"]):
        if m == NOBODY:
            continue
        able = skill_of(project, m, organisations, stage, chain) > own
        gain.append((able + 2.0 * project["covers"][slot]) / 3.0 * project["bond"][slot])
    return max(gain)


def times(projects, organisations, scale, chain, match):
    """Researcher-quarters that the members of each project give it."""
    paces = [pace(q, organisations, chain, match) for q in projects]
    load = [0.0] * len(organisations)
    for q, rate in zip(projects, paces, strict=True):
        stage = q["stage"]
        if rate == 0.0 or partners(q):
            taken = rate + match.overhead * chain.efforts[stage] / chain.durations[stage]
        else:
            taken = rate
        load[q["owner"]] += taken
        for m in partners(q):
            if m != OUTSIDER:
                load[m] += taken
    given = []
    for q, rate in zip(projects, paces, strict=True):
        amounts = []
        for m in (q["owner"], *partners(q)):
            i = q["owner"] if m == OUTSIDER else m
            who = organisations[i]
            time = chain.project_share * sample_exposure(who, scale) * who["researchers"]
            amounts.append(time * rate / load[i] if load[i] > 0.0 else 0.0)
        given.append(math.fsum(amounts))
    return paces, given


def public_part(organisation):
    """Part of the research of an organisation that governments pay."""
    if organisation["kind"] != FIRM:
        return 1.0
    total = organisation["rd"] + organisation["grants_spent"]
    return organisation["grants_spent"] / total if total > 0.0 else 0.0


def fails(hazard, u):
    return u < 1.0 - math.exp(-hazard / 4.0)


def fate(project, organisations, waiting, p):
    """What becomes of a project in the quarter; it carries its uniforms ``u`` and ``v``."""
    stage = project["stage"]
    if project["sold"]:
        return "sold_outside"
    if not organisations[project["owner"]]["alive"]:
        return "owner_left"
    if fails(p.failure, project["u"]):
        return "died_waiting" if waiting else "failed"
    if waiting or project["done"] < p.efforts[stage] * (1.0 - NEGLIGIBLE):
        return "goes on"
    if stage == LAUNCH:
        return "launched"
    if stage == INVENTION:
        chance = 1.0 - math.exp(-p.selection * project["quality"])
        return "moves" if project["v"] < chance else "shelved"
    return "moves"


def advance(projects, organisations, scale, quarter, chain, match):
    """Return every project after the quarter with its fate; passports as dicts by stage."""
    paces, given = times(projects, organisations, scale, chain, match)
    after = []
    for q, rate, time in zip(projects, paces, given, strict=True):
        q = {**q, "passport": dict(q["passport"])}
        owner, stage = organisations[q["owner"]], q["stage"]
        waiting = pace(q, organisations, chain, match) == 0.0
        spent = min(time, rate)
        basic = stage == APPLIED and owner["kind"] != FIRM
        pays = owner.get("basic", 1.0) if basic else 1.0
        q["done"] += spent * pays
        q["effort"] += spent
        q["public"] += spent * public_part(owner)
        q["waited"] += waiting
        q["was waiting"] = waiting
        q["spent"] = q["done"]
        q["left"] = stage
        gain = complement(q, organisations, chain)
        better = {**q, "quality": q["quality"] * math.exp(chain.joint_quality * gain)}
        end = fate(better, organisations, waiting, chain)
        if stage <= INVENTION and end in ("moves", "shelved"):
            q["quality"] = better["quality"]
        if end in ("launched", "moves", "shelved"):
            q["passport"][stage] = (owner["city"], owner["kind"], quarter)
        if end == "moves":
            q |= {"stage": stage + 1, "done": 0.0}
        can = capability(q, organisations, q["stage"], chain)
        q["waits"] = can < q["difficulty"] * chain.capability_needed
        q["quarters"] = q["waited"]
        if end == "moves":
            q["waited"] = 0
        after.append((q, end))
    return after


def funnel(after):
    """Counts by outcome and (stage, kind of the first owner, with or without partner)."""
    found: dict[str, dict[tuple[int, int, int], float]] = {}

    def add(name, q, stage, amount=1.0):
        cell = (stage, q["origin"], int(bool(partners(q)) or q["handed_over"]))
        found.setdefault(name, {})
        found[name][cell] = found[name].get(cell, 0.0) + amount

    for q, end in after:
        if end in ("launched", "moves", "shelved"):
            add("completed", q, q["left"])
            add("effort", q, q["left"], q["spent"])
        if end not in ("launched", "moves", "goes on"):
            add(end, q, q["left"])
        if end != "goes on":
            add("waited", q, q["left"], q["quarters"])
        if end in ("moves", "goes on"):
            add("live", q, q["stage"])
            if q["waits"]:
                add("waiting", q, q["stage"])
    return found


CITY_TALLIES = (
    "inventions",
    "launches",
    "launches_joint",
    "projects_failed",
    "projects_died_waiting",
    "projects_shelved",
    "projects_live",
    "projects_waiting",
    "university_inventions",
    "coinventions",
    "coinventions_intercity",
    "coinventions_interprovince",
    "research_results",
    "copublications",
)


def city_tallies(after, organisations, n_cities):
    """Counts of the sample by city of the owner."""
    found = {name: [0.0] * n_cities for name in CITY_TALLIES}
    for q, end in after:
        owner = organisations[q["owner"]]

        def add(name, when=True, city=owner["city"]):
            found[name][city] += when

        add("launches", end == "launched")
        add("launches_joint", end == "launched" and bool(partners(q)))
        add("projects_failed", end in ("failed", "owner_left"))
        add("projects_died_waiting", end == "died_waiting")
        add("projects_shelved", end == "shelved")
        add("projects_live", end in ("moves", "goes on"))
        add("projects_waiting", end == "goes on" and q["was waiting"])
        if end not in ("moves", "shelved", "launched"):
            continue
        inside = [organisations[m] for m in partners(q) if m != OUTSIDER]
        away = len(inside) < len(partners(q))
        if q["left"] == INVENTION:
            add("inventions")
            add("university_inventions", q["origin"] == UNIVERSITY)
            add("coinventions", bool(partners(q)))
            other = any(m["city"] != owner["city"] for m in inside)
            add("coinventions_intercity", away or other)
            other = any(m["province"] != owner["province"] for m in inside)
            add("coinventions_interprovince", other)
        if q["left"] == APPLIED:
            kinds = [m["kind"] for m in inside] + [q["outside_kind"]] * away
            science = owner["kind"] != FIRM
            add("research_results", science)
            joint = science or any(kind != FIRM for kind in kinds)
            add("copublications", bool(partners(q)) and joint)
    return found


def links(after, organisations, n_cities):
    """Co-inventions and co-publications by city of the owner and of each partner."""
    found: dict[str, dict[tuple[int, int], float]] = {"co_invention": {}, "co_publication": {}}
    for q, end in after:
        if end not in ("moves", "shelved", "launched") or q["left"] > INVENTION:
            continue
        inside = [organisations[m]["kind"] for m in partners(q) if m != OUTSIDER]
        away = [q["outside_kind"]] * (len(inside) < len(partners(q)))
        kinds = [organisations[q["owner"]]["kind"], *inside, *away]
        if q["left"] == APPLIED and all(kind == FIRM for kind in kinds):
            continue
        channel = found["co_invention" if q["left"] == INVENTION else "co_publication"]
        for m in partners(q):
            place = n_cities if m == OUTSIDER else organisations[m]["city"]
            pair = (organisations[q["owner"]]["city"], place)
            channel[pair] = channel.get(pair, 0.0) + 1.0
    return found


def launch_industry(own, share, relevance, u):
    """The owner's industry, or one drawn by share x relevance to the field."""
    if own >= 0:
        return own
    weight = [mu * r for mu, r in zip(share, relevance, strict=True)]
    return drawn(weight, u)


# -- contract --------------------------------------------------------------------------------------


def deal_value(effort, wage, index, p):
    """``wage`` is that of a year."""
    return effort * (wage / 4.0) * p.price * index


def examined(lag, weights):
    """Share of applications of an age of ``lag`` quarters that is due in the quarter."""
    age = lag // 4
    return weights[age - 2] / 4.0 if 2 <= age <= 5 else 0.0


def sector(kind):
    return {None: "outside", FIRM: "firms", UNIVERSITY: "universities", INSTITUTE: "institutes"}[
        kind
    ]


def sign(deals, organisations, wage, world, index, quarter, examination, p):
    """Money, books and counts of the deals of a quarter, in the sample.

    ``wage`` gives the yearly wage of a city; deals carry their uniform ``v`` (grant). Books are
    ``(payer, receiver, flow)`` by province, counts pairs of places.
    """
    n_p, n_c = world.n_provinces, world.n_cities
    net = [0.0] * len(organisations)
    books: dict[tuple[str, str, str], list[float]] = {}
    counts: dict[str, dict[tuple[int, int], float]] = {}
    brokers: dict[int, float] = {}
    moved = [0.0] * n_c

    def post(payer, receiver, flow, province, amount):
        books.setdefault((payer, receiver, flow), [0.0] * n_p)[province] += amount

    def count(name, pair, amount):
        counts.setdefault(name, {})
        counts[name][pair] = counts[name].get(pair, 0.0) + amount

    def province_of(place):
        return n_p if place == n_c else int(world.city_province[place])

    for deal in deals:
        seller, buyer = deal["seller"], deal["buyer"]
        kinds = [None if i == OUTSIDER else organisations[i]["kind"] for i in (seller, buyer)]
        places = tuple(n_c if i == OUTSIDER else organisations[i]["city"] for i in (seller, buyer))
        value = deal_value(
            deal["effort"], wage(places[1] if seller == OUTSIDER else places[0]), index, p
        )
        at = province_of(places[0] if buyer == OUTSIDER else places[1])
        post(sector(kinds[1]), sector(kinds[0]), "technology contracts", at, value)
        if seller != OUTSIDER:
            net[seller] += value
        if buyer != OUTSIDER:
            net[buyer] -= value
        if deal["broker"] >= 0 and buyer != OUTSIDER:
            brokers[deal["broker"]] = brokers.get(deal["broker"], 0.0) + 1.0
        pair = (province_of(places[0]), province_of(places[1]))
        count("number", pair, p.pieces)
        count("value", pair, value)
        count("value_from_science", pair, value * (kinds[0] in (UNIVERSITY, INSTITUTE)))
        count("value_handed_over", pair, value * deal["hand_over"])
        count("contract", places, 1.0)
        age = quarter - deal["invented"]
        if deal["hand_over"] and deal["invented"] > -10_000:
            due = math.fsum(examined(lag, p.examination) for lag in range(min(age, 23) + 1))
            if deal["v"] < min(due * examination, 1.0):
                count("patent_transfer", places, 1.0)
                if places[0] < n_c:
                    moved[places[0]] += p.patents
    for i, who in enumerate(organisations):
        if who["kind"] != FIRM and net[i] != 0.0:
            flow = "spending of contract income"
            post(sector(who["kind"]), "economy", flow, who["province"], net[i])
    return {"net": net, "books": books, "counts": counts, "brokers": brokers, "moved": moved}


# -- patent ----------------------------------------------------------------------------------------


def patents(inventions, psi, phi, due, in_force, p):
    """Applications, grants and stock by city, quarter by quarter from the first.

    ``inventions`` by quarter and city; every cohort is remembered whole and examined by its age.
    """
    cohorts: list[list[float]] = []
    stock = list(in_force)
    found = []
    for t, made in enumerate(inventions):
        cohorts.append([n * p.patents * psi[t] for n in made])
        grants = []
        for c in range(len(made)):
            ripe = math.fsum(
                examined(t - born, p.examination) * cohort[c] for born, cohort in enumerate(cohorts)
            )
            queue = due[c][t] if t < len(due[c]) else 0.0
            grants.append(phi[t] * ripe + queue)
            stock[c] = stock[c] * math.exp(-p.lapse / 4.0) + grants[c]
        found.append({"filed": cohorts[-1], "granted": grants, "stock": list(stock)})
    return found
