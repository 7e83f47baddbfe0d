"""Who agrees with whom, against what was written from docs/odd.md alone."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from tests.support.from_the_page import agreement as page
from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar_match import eased, scene
from ydsim.agents.capacity import room_left
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.agents.projects import NOBODY
from ydsim.agents.search import BROKERED, CLOSURE, FORMER, GRAVITY
from ydsim.policies.environment import passing

pytestmark = pytest.mark.slow

KINDS = {FIRM: page.FIRM, UNIVERSITY: "university", INSTITUTE: "institute"}
SOURCES = {
    FORMER: page.KNOWN,
    CLOSURE: page.KNOWN,
    GRAVITY: page.GRAVITY,
    BROKERED: page.BROKERED,
}


def any_scene(seed):
    """A quarter at random: consortia of an earlier round, weights, borders and corridors."""
    draw = rng(6_000 + seed)
    here = eased(scene(scale=0.01, seed=1), seed)
    here.state.brokers.capacity[:] = 8.0
    here.with_match(reserve=0.0, gap_search=0.3).match(1)
    state = here.state
    state.projects.keep(~state.projects.sold)
    state.deals = state.deals.none()
    state.projects.waits[seed % 5 :: 5] = True
    state.organisations.reputation[:] = draw.exponential(1.0, len(state.organisations))
    state.tally.clear()
    state.brokers.begin()
    weights = ("cognitive", "complement", "worth", "social", "institution", "reputation")
    costs = ("search_cost", "attraction", "margin", "lead", "far")
    keys = {name: draw.uniform(0.1, 1.5) for name in (*weights, *costs)}
    keys |= {"taste_sd": draw.uniform(0.3, 1.5), "decay_h": draw.uniform(0.5, 3.0)}
    keys |= {"member_odds": draw.uniform(0.2, 3.0), "reserve": draw.uniform(-1.0, 1.0)}
    keys |= {"gap_search": 0.3, "outside_balance": 0.0, "far": keys["far"] / 2.0}
    here = here.with_match(**keys)
    uplift = draw.uniform(1.0, 3.0, here.state.world.n_cities)
    return here.within(broker_uplift=uplift)


def keys_on_the_page(parameters):
    match, chain = parameters.match, parameters.chain
    names = (
        "cognitive complement social reputation institution worth attraction margin lead "
        "search_cost far decay_h taste_sd reserve member_odds"
    )
    return page.Keys(
        **{name: getattr(match, name) for name in names.split()},
        needed=chain.capability_needed,
        size=chain.capability_size,
        of_knowledge=chain.capability_knowledge,
        able={name: list(getattr(chain, name)) for name in KINDS.values()},
        team=[e / d for e, d in zip(chain.effort, chain.duration, strict=True)],
    )


def rows_on_the_page(state, room):
    table, found = state.organisations, []
    for i in range(len(table)):
        at = int(state.position[i])
        found.append(
            page.Organisation(
                KINDS[int(table.kind[i])],
                int(table.city[i]),
                int(table.province[i]),
                float(table.researchers[i]),
                table.knowledge[i].tolist(),
                state.field_share[:, at].tolist() if at >= 0 else [],
                float(table.reputation[i]),
                bool(table.alive[i]),
                int(room[i]),
            )
        )
    return found


def project_on_the_page(state, at):
    projects = state.projects
    members = projects.members[at]
    kind = int(projects.outside_kind[at])
    return page.Project(
        int(projects.key[at]),
        int(projects.owner[at]),
        int(projects.field[at]),
        float(projects.quality[at]),
        int(projects.stage[at]),
        bool(projects.waits[at]),
        members[members >= 0].tolist(),
        bool((members != NOBODY).any()),
        (KINDS[kind], float(projects.outside_size[at])) if kind >= 0 else None,
    )


def seen_on_the_page(here, search, parameters):
    """What each project sees, by project."""
    state, where, sd = here.state, here.environment, parameters.match.taste_sd
    seekers, seen, noise = search.seekers, search.seen, here.draws()
    province, away = state.world.city_province, state.world.n_cities
    channels = {b: passing(where, b, province) for b in ("contract", "match")}
    tastes = [-sd * np.log(-np.log(noise.uniform(seen.key.ravel(), k))) for k in (9, 10)]
    mine, theirs = (part.reshape(seen.row.shape) for part in tastes)
    found = {}
    for n in range(len(seekers)):
        buyer, c, owner = bool(seekers.hand_over[n]), int(seekers.city[n]), int(seekers.row[n])
        listed = found.setdefault(int(seekers.project[n]), [])
        for slot, row in enumerate(seen.row[n].tolist()):
            if row < 0:
                continue
            d, source = int(seen.place[n, slot]), int(seen.source[n, slot])
            outside, broker = d == away, int(seen.broker[n, slot])
            tie = float(
                state.ties.between(np.array([owner]), np.array([row]), len(state.position))[0]
            )
            if source == FORMER and tie == 0.0:
                tie = 1.0  # a substitute for a partner outside the sample
            e = 0 if outside else d
            listed.append(
                page.Seen(
                    row,
                    outside,
                    buyer,
                    SOURCES[source],
                    0.0 if outside else tie,
                    float(where.travel_hours[c, e]),
                    float(channels["contract" if buyer else "match"][c, e]),
                    float(where.tie_factor[c, e]),
                    0.0 if outside else float(where.search_cut[c, e]),
                    float(where.broker_uplift[state.brokers.city[broker]]) if broker >= 0 else 1.0,
                    float(where.recognition[province[c], province[e]]),
                    float(mine[n, slot]),
                    float(theirs[n, slot]),
                )
            )
    return found


@cache
def compared(seed):
    """What the page says of a scene, and the scene before and after the code."""
    here = any_scene(seed)
    p = here.parameters
    search, room = here.seek(), room_left(here.state, here.lasting)
    seen = seen_on_the_page(here, search, p)
    want = page.agreements(
        [project_on_the_page(here.state, at) for at in seen],
        list(seen.values()),
        rows_on_the_page(here.state, room),
        keys_on_the_page(p),
    )
    after = here.copy()
    after.match()
    return here, after, list(seen), want


def agreed_in(before, after):
    """Project, partner or new owner (-2 in the rest of the nation), and whether handed over."""
    old, new, found = before.state.projects, after.state.projects, set()
    for at in range(len(old)):
        joined = new.members[at][new.members[at] != old.members[at]]
        if len(joined):
            found.add((at, int(joined[0]), False))
        elif new.sold[at] and not old.sold[at]:
            found.add((at, -2, True))
        elif new.owner[at] != old.owner[at]:
            found.add((at, int(new.owner[at]), True))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_who_agrees_is_what_the_page_says(seed):
    before, after, projects, want = compared(seed)
    said = {(projects[at], -2 if s.outside else s.row, s.buyer) for at, s in want.agreed}
    assert agreed_in(before, after) == said
    assert len(said) > 10
    assert {s.buyer for _, s in want.agreed} == {True, False}


@pytest.mark.parametrize("seed", SEEDS)
def test_expected_links_are_what_the_page_says(seed):
    """Links by contract: all in which one side is a firm, to the last of nine digits."""
    before, after, projects, want = compared(seed)
    table = before.state.organisations
    links = np.zeros_like(after.expected("contract"))
    for at, s, likely in want.expected:
        owner = int(before.state.projects.owner[projects[at]])
        if FIRM in (table.kind[owner], table.kind[s.row]):
            place = before.state.world.n_cities if s.outside else int(table.city[s.row])
            links[table.city[owner], place] += likely / before.state.scale
    close(after.expected("contract"), links, 1e-9, atol=1e-12)
    assert math.isfinite(links.sum())
    assert links.sum() > 1.0
