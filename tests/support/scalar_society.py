"""Media and certificates again, one outlet, launch or firm at a time, in plain Python.

Each function restates a rule from its equation; draws are arguments, so that array rule and loop
see the same uniforms. `stub` is a state that holds no more than these rules read.
"""

import math
from dataclasses import fields
from typing import Any

import numpy as np

from tests.support.numbers import DECAY_H
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import Organisations
from ydsim.agents.projects import Ended
from ydsim.agents.state import Launches, State
from ydsim.agents.tally import Tally


def stub(world, *, scale=1.0, quarter=0, **parts):
    given: dict[str, Any] = {f.name: None for f in fields(State)}
    given |= {
        "world": world,
        "scale": scale,
        "quarter": quarter,
        "ledger": Ledger(world.n_provinces),
        "tally": Tally(world.n_cities, world.n_provinces),
        "ended": Ended(),
        "launches": Launches.none(),
        "organisations": Organisations(len(world.fields)),
        "attention": np.zeros((world.n_cities, len(world.industries))),
        "known": np.ones((world.n_cities, len(world.fields))),
    }
    return State(**(given | parts))


def seats(residents, key, province):
    """Seat of the outlet of each province."""
    most = [max([v for v in row if not math.isnan(v)], default=0.0) for row in residents]
    found = []
    for p in sorted(set(province)):
        members = [c for c in range(len(key)) if province[c] == p]
        found.append(min(members, key=lambda c: (-most[c], key[c])))
    return found


def number_of_stories(own, factor):
    """Stories of an outlet: its own number times the mean factor of the cities of its province."""
    return math.floor(own * math.fsum(factor) / len(factor) + 0.5)


def printed(launches, u, hours, number):
    """Positions of the launches of one outlet."""
    scored = []
    for at, launch in enumerate(launches):
        weight = launch["quality"] * math.exp(-hours[at] / DECAY_H)
        if weight > 0.0:
            scored.append((-math.log(u[at]) / weight, launch["key"], at))
    return [at for _, _, at in sorted(scored)[:number]]


def attention(province, stories, industries):
    """Attention (C, J) to stories, pairs of province and industry."""
    found = []
    for here in province:
        seen = [j for p, j in stories if p == here]
        found.append([seen.count(j) / len(seen) if seen else 0.0 for j in range(industries)])
    return found


def examined(rd, sales, inventions, p):
    """R&D asked for in the quarter, the band of the firm, and whether it is eligible."""
    reported = 4.0 * p.sales_basis * sales
    if reported <= p.small_sales:
        threshold = p.thresholds[0]
    elif reported <= p.large_sales:
        threshold = p.thresholds[1]
    else:
        threshold = p.thresholds[2]
    band = "below"
    if reported > 0.0:
        intensity = 4.0 * rd / reported
        if intensity >= threshold:
            band = "outright"
        elif intensity >= (1.0 - p.relabelling) * threshold:
            band = "near"
    return threshold * reported / 4.0, band, band != "below" and inventions >= 1


def certify(firms, u_apply, quarter, year, p):
    """One quarter: last quarter of each certificate (None without), reported R&D, and events."""
    hazard = p.hazard if year >= 2016 else p.hazard_before
    after, reported = [], []
    events = dict.fromkeys(("certifications", "certificates_lost", "eligible", "recognised"), 0)
    for firm, first in zip(firms, u_apply, strict=True):
        asked, band, eligible = examined(firm["rd"], firm["sales"], firm["inventions"], p)
        events["eligible"] += eligible
        until, covered = firm["until"], firm["until"] is not None
        if until is None:
            if eligible and first < 1.0 - math.exp(-hazard / 4.0):
                until, covered = quarter + p.lasts, True
                events["certifications"] += 1
                events["recognised"] += 1
        elif until <= quarter:
            if eligible:
                until += p.lasts
                events["recognised"] += 1
            else:
                until = None
                events["certificates_lost"] += 1
        after.append(until)
        reported.append(asked if band == "near" and covered else firm["rd"])
    return after, reported, events
