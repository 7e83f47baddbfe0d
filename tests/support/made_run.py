"""A made-up run of a region on a line, with planted effects and no chance in its counts."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from ydsim.policies.borders import COMMITTEE
from ydsim.studies.panels import Run
from ydsim.studies.readings import GRANTS, LOTTERY, PART, RAIL

FIRST, LAST, YEAR = 2011, 2022, 2014
YEARS = np.arange(FIRST, LAST + 1)
CITIES, PROVINCES = tuple(COMMITTEE), ("p", "q", "r")
N = len(CITIES)
KM = np.abs(np.subtract.outer(np.arange(N), np.arange(N))) * 60.0
FIELDS = ("a", "b")


ONE, OTHER = np.triu_indices(N, 1)
FIFTH = np.arange(len(ONE)) % 5 == 2
TREATED = np.zeros((N, N), dtype=bool)
"""Pairs that are treated, every fifth, both ways."""
TREATED[ONE[FIFTH], OTHER[FIFTH]] = TREATED[OTHER[FIFTH], ONE[FIFTH]] = True

WITH_GRANT = np.arange(N) % 6 == 1
"""Cities that have a grant."""

ORGANISATIONS = 60
KEY = np.arange(1, ORGANISATIONS + 1, dtype=np.uint64)
WON = np.arange(ORGANISATIONS) % 4 == 1
"""Organisations that win in the lottery."""


def made_run(
    *,
    near=0.0,
    far=0.0,
    line=0.0,
    grant=0.0,
    ring=0.0,
    member=0.0,
    tie=0.0,
    premium=0.0,
    selected=0.0,
    productivity=0.0,
):
    """Return a run in which shocks have these effects, in logs, and all else is fixed effects."""
    world: Any = SimpleNamespace(
        n_cities=N, city_names=CITIES, distance_km=KM, provinces=PROVINCES,
        city_province=np.arange(N) % len(PROVINCES), city_gdp=np.full((N, 2), 3.0),
    )  # fmt: skip
    return Run(
        world,
        _projects(tie, premium, selected),
        _ties(near, far),
        _cities(line, grant, ring, member),
        _agents(productivity),
        _shocks(),
        FIRST,
        LAST,
    )


def _ties(near, far):
    t, o, d = (k.ravel() for k in np.indices((len(YEARS), N, N)))
    apart = o != d
    t, o, d = t[apart], o[apart], d[apart]
    effect = np.where(KM[o, d] <= 250.0, near, far) * TREATED[o, d] * (YEARS[t] >= YEAR)
    log = 0.1 * np.sin(o + t) + 0.2 * np.cos(d * t) - 0.3 * np.log1p(KM[o, d]) + effect
    links = pd.DataFrame({
        "channel": "co-invention",
        "year": YEARS[t],
        "from_city": np.array(CITIES)[o],
        "to_city": np.array(CITIES)[d],
        "realised": np.exp(log),
        "expected": 2.0 * np.exp(log),
    })  # fmt: skip
    other = links.iloc[:50].assign(channel="contract", realised=1e6)
    outside = links.iloc[:9].assign(to_city="outside", realised=1e6)
    return pd.concat([other, links, outside], ignore_index=True)


def _cities(line, grant, ring, member):
    c, t = (k.ravel() for k in np.indices((N, len(YEARS))))
    post = YEARS[t] >= YEAR
    close = (KM <= 250.0) & ~np.eye(N, dtype=bool)
    on_line = (TREATED & (KM <= 100.0)).any(axis=1)
    entered = np.floor([COMMITTEE[name] for name in CITIES])
    log = np.sin(c) + 0.03 * t + line * on_line[c] * post + grant * WITH_GRANT[c] * post
    log += ring * np.einsum("cd,d->c", close.astype(float), WITH_GRANT)[c] * post + member * (
        YEARS[t] >= entered[c]
    )
    return pd.DataFrame({"city": np.array(CITIES)[c], "year": YEARS[t], "inventions": np.exp(log)})


def _projects(tie, premium, selected):
    """Two projects a holder and year, in two fields, one of them joint in half of the years."""
    i, t, k = (x.ravel() for x in np.indices((ORGANISATIONS, len(YEARS), 2)))
    disorder = np.random.Generator(np.random.Philox(key=3))
    treated = i % 4 == 0
    joint = (i + t + k) % 2 == 1
    since = YEARS[t] - YEAR
    lost = tie * treated * np.clip(since, 0, None) / 8.0
    born = 0.2 * np.cos(i) + selected * joint
    return pd.DataFrame({
        "project": disorder.permutation(len(i)).astype(np.uint64),
        "born_year": YEARS[t],
        "year": YEARS[t],
        "field": np.array(FIELDS)[k],
        "invention_kind": "firm",
        "invention_holder": KEY[i],
        "invention_partners_city": joint.astype(int),
        "invention_partners_province": 0,
        "invention_partners_region": 0,
        "invention_partners_outside": 0,
        "launch_kind": np.where(i % 3 == 0, "firm", ""),
        "launch_holder": np.where(i % 3 == 0, i + 1, 0).astype(np.uint64),
        "quality_born": np.exp(born),
        "quality": np.exp(born + premium * joint + lost),
    })  # fmt: skip


def _agents(productivity):
    i = np.arange(ORGANISATIONS)
    frame = pd.DataFrame({
        "key": KEY,
        "city": np.array(CITIES)[(i // 4) % 5],
        "industry": np.array(["x", "y"])[(i // 20) % 2],
        "log_productivity": 0.3 * ((i // 4) % 5) + productivity * WON,
    })  # fmt: skip
    return frame[(i < 50)]  # the last ones ended


def _shocks():
    names = np.array(CITIES)

    def drawn(shock, treated, **more):
        empty: Any = {"key": np.uint64(0), "other": np.uint64(0), "place": "", "other_place": ""}
        return pd.DataFrame({"shock": shock, **empty, **more, "treated": treated, "year": YEAR})

    lost = np.arange(ORGANISATIONS) % 4 == 0
    parts = [
        drawn(RAIL, FIFTH, place=names[ONE], other_place=names[OTHER]),
        drawn(GRANTS, WITH_GRANT, place=names),
        drawn(PART, lost, key=KEY, other=np.uint64(10**6)),
        drawn(LOTTERY, WON, key=KEY),
    ]
    return pd.concat(parts, ignore_index=True)
