"""Match and candidacy from the page alone (docs/odd.md, 7.6 "Utility" and "Agreement", 7.8).

Who is seen is given; what comes out is who works with whom, and how likely that was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf, log, sqrt

FIRM = "firm"
GRAVITY, KNOWN, BROKERED = "gravity", "known", "brokered"
LATE = (2, 3)
"""Pilot and industrialisation."""


@dataclass
class Organisation:
    """kind, city and its province, researchers, k and phi by field, reputation, room."""

    kind: str
    city: int
    province: int
    researchers: float
    k: list[float]
    phi: list[float]
    reputation: float
    lives: bool
    room: int


@dataclass
class Project:
    """A seeker: identity, owner's row, field, q, stage, whether it lacks, rows of its partners.

    Of a partner in R (kind and size in the field) what is kept with the project.
    """

    key: int
    owner: int
    field: int
    q: float
    stage: int
    lacks: bool
    partners: list[int]
    has_partners: bool
    outside: tuple[str, float] | None


@dataclass
class Seen:
    """A candidate: row of it or of its stand-in, how it was met, and both tastes.

    pass, factor, hours, saved (`search_cut`), uplift and recognition are those of the pair.
    """

    row: int
    outside: bool
    buyer: bool
    source: str
    tie: float
    hours: float
    passes: float
    factor: float
    saved: float
    uplift: float
    recognition: float
    taste: float
    their_taste: float


@dataclass
class Keys:
    """Parameters, `match.` and `chain.`; capabilities and teams by stage."""

    cognitive: float
    complement: float
    social: float
    reputation: float
    institution: float
    worth: float
    attraction: float
    margin: float
    lead: float
    search_cost: float
    far: float
    decay_h: float
    taste_sd: float
    reserve: float
    member_odds: float
    needed: float
    size: float
    of_knowledge: float
    able: dict[str, list[float]]
    team: list[float]


@dataclass
class Pair:
    """A valid candidate with both utilities, tastes left out."""

    seen: Seen
    v: float
    their_v: float


@dataclass
class Outcome:
    """Agreements as project, candidate; expected by project and candidate."""

    agreed: list[tuple[int, Seen]] = field(default_factory=list)
    expected: list[tuple[int, Seen, float]] = field(default_factory=list)


def able_of(kind: str, z: float, stage: int, keys: Keys) -> float:
    """C_iS from the size in the field."""
    whole = keys.able[kind][stage]
    if kind != FIRM or stage not in LATE or keys.size == 0.0:
        return whole
    return whole * z / (z + keys.size * keys.team[stage])


def able(x: Organisation, f: int, stage: int, keys: Keys) -> float:
    """C_iS of an organisation."""
    return able_of(x.kind, x.researchers * exp(keys.of_knowledge * x.k[f]), stage, keys)


def consortium(p: Project, rows: list[Organisation], keys: Keys) -> float:
    """C_S."""
    found = [able(rows[m], p.field, p.stage, keys) for m in (p.owner, *p.partners) if rows[m].lives]
    if p.outside:
        found.append(able_of(*p.outside, p.stage, keys))
    return max(found)


def distance(a: Organisation, b: Organisation) -> float:
    """D, one less the cosine of the shares of effort."""
    top = sum(x * y for x, y in zip(a.phi, b.phi, strict=True))
    return 1.0 - top / sqrt(sum(x * x for x in a.phi) * sum(y * y for y in b.phi))


def cost(s: Seen, keys: Keys) -> float:
    """cost_ij."""
    if s.source == GRAVITY:
        return keys.search_cost * (1.0 - s.saved)
    if s.source == BROKERED:
        return -keys.taste_sd * log(s.uplift)
    near = keys.far + (1.0 - keys.far) * exp(-s.hours / keys.decay_h)
    passes, factor = (s.passes, s.factor) if s.factor > 0.0 else (0.0, 1.0)
    return -log(near) - log(max(passes, 1e-12)) - keys.taste_sd * log(factor)


def utilities(p: Project, s: Seen, rows: list[Organisation], keys: Keys) -> tuple[float, float]:
    """V_ij and V_ji without tastes; no fund and no voucher is in force."""
    i, j = rows[p.owner], rows[s.row]
    d, f = distance(i, j), p.field
    other_province = not s.outside and i.province != j.province
    unlike = (i.kind != j.kind) + other_province * (1.0 - s.recognition)
    shared = (
        keys.cognitive * 4.0 * d * (1.0 - d)
        + keys.social * log(1.0 + s.tie)
        - keys.institution * unlike
    )
    firm, theirs_firm = i.kind == FIRM, j.kind == FIRM
    if s.buyer or p.lacks:
        mine = keys.complement
    else:
        brings = (
            able(j, f, p.stage, keys) >= consortium(p, rows, keys) + keys.margin
            or j.k[f] >= i.k[f] + keys.lead
            or (theirs_firm and not firm)
        )
        mine = keys.complement * brings
    if s.buyer and firm:
        mine -= keys.worth * log(p.q)
    if s.buyer or (theirs_firm and not firm):
        gain = keys.worth * log(p.q)
    elif firm or (not theirs_firm and i.k[f] >= j.k[f] + keys.lead):
        gain = keys.complement
    else:
        gain = 0.0
    if not s.buyer:
        gain += keys.attraction * log(p.q)
    v = shared + mine + keys.reputation * log(1.0 + j.reputation) - cost(s, keys)
    their_v = shared + gain + keys.reputation * log(1.0 + i.reputation)
    return v, their_v


def valid(p: Project, s: Seen, rows: list[Organisation], keys: Keys) -> bool:
    """valid_ij."""
    i, j = rows[p.owner], rows[s.row]
    known = s.row == p.owner or (not s.outside and s.row in p.partners)
    free = j.lives and j.room > 0 and not known and (s.buyer or i.room > 0 or p.has_partners)
    if not p.lacks:
        return free
    enough = able(j, p.field, p.stage, keys) >= keys.needed
    return free and enough and (j.kind == FIRM or not s.buyer)


def agreements(
    projects: list[Project], lists: list[list[Seen]], rows: list[Organisation], keys: Keys
) -> Outcome:
    """Who agrees in a quarter."""
    found = Outcome()
    accepted = []
    for at, (p, seen) in enumerate(zip(projects, lists, strict=True)):
        pairs = [Pair(s, *utilities(p, s, rows, keys)) for s in seen if valid(p, s, rows, keys)]
        for pair in pairs:
            if p.lacks and not pair.seen.buyer:
                odds = keys.member_odds
                pair.v += keys.taste_sd * log(odds) if odds > 0.0 else -inf
        if not pairs:
            continue
        sd, u0 = keys.taste_sd, keys.reserve
        weight = [exp(x.v / sd) for x in pairs]
        any_good = 1.0 - exp(-sum(exp((x.v - u0) / sd) for x in pairs))
        for x, w in zip(pairs, weight, strict=True):
            yes = 1.0 - exp(-exp((x.their_v - u0) / sd))
            found.expected.append((at, x.seen, w / sum(weight) * any_good * yes))
        best = max(pairs, key=lambda x: x.v + x.seen.taste)
        if best.v + best.seen.taste > u0 and best.their_v + best.seen.their_taste > u0:
            joint = best.v + best.seen.taste + best.their_v + best.seen.their_taste
            accepted.append((joint, at, best.seen))
    accepted.sort(key=lambda deal: (-deal[0], projects[deal[1]].key))
    room = [x.room for x in rows]
    left = []
    for _, at, s in accepted:
        if not s.outside:
            if room[s.row] <= 0:
                continue
            room[s.row] -= 1
        left.append((at, s))
    for at, s in left:
        p = projects[at]
        if not s.buyer and not p.has_partners:
            if room[p.owner] <= 0:
                continue
            room[p.owner] -= 1
        found.agreed.append((at, s))
    return found
