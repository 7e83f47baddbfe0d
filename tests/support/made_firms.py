"""A made-up run of firms with planted effects and no chance in what they have."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tests.support.made_run import PROVINCES, YEAR, YEARS, made_run
from ydsim.studies.readings import DEMAND, FIRM_GRANTS, PROTECTION

N, T = 240, len(YEARS)
INDUSTRIES, FIELDS = ("a", "b", "c"), 4
KEYS = np.arange(N, dtype=np.uint64) * np.uint64(977) + np.uint64(5)
I = np.arange(N)  # noqa: E741
INDUSTRY, PROVINCE = I % 3, (I // 3) % 2
"""There are no firms in the last province."""
LEFT = 12
"""The last firms leave in the eighth year."""


WANTED = (INDUSTRY + PROVINCE) % 2 == 1
"""Firms in a market whose goods are wanted more."""

UPPER = I % 4 >= 2
"""Productive firms."""

WITH_GRANT, LARGE = (I // 6) % 5 == 0, (I // 30) % 4 == 0
CLUB = (I % 7 == 0) & (I < N - LEFT)
"""Firms that are ever members of a consortium."""

JOINED = (CLUB[:, None] & (YEARS >= 2014) & (YEARS < 2018)).astype(float)
"""Years in which they are, (N, T)."""

GUARDED = (PROVINCE[:, None] == 0) & (YEARS >= YEAR)
"""Years in which the province of a firm is protected against the last one, (N, T)."""


def draw(seed, *shape):
    """Return normal numbers that are the same whenever they are asked for."""
    return np.random.Generator(np.random.Philox(key=seed)).normal(0.0, 1.0, shape)


SHARES = np.exp(draw(1, N, FIELDS))
"""Fields of effort, (N, F)."""
SHARES /= SHARES.sum(axis=1, keepdims=True)

COSINES = SHARES @ SHARES.T / np.sqrt(np.outer((SHARES**2).sum(axis=1), (SHARES**2).sum(axis=1)))
"""How alike firms are in their fields, (N, N), zero for itself."""
np.fill_diagonal(COSINES, 0.0)

RESEARCH = np.exp(0.3 * draw(2, N, 1) + 0.4 * draw(3, N, T))
"""Own R&D, (N, T)."""


def _linked():
    """Return strengths of ties, (N, N): a ring of every second firm, and some chords."""
    strength = np.zeros((N, N))
    ring = np.arange(0, N - LEFT, 2)
    for k, i in enumerate(ring):
        strength[i, ring[(k + 1) % len(ring)]] = 0.5 + (k % 3)
        if k % 9 == 0:
            strength[i, ring[(k + 7) % len(ring)]] = 1.0
    return strength + strength.T


def _held():
    """Return stocks of R&D, one year after the other."""
    rd = RESEARCH.copy()
    rd[N - LEFT :, 8:] = 0.0
    found = [rd[:, 0] / 0.2]
    for t in range(1, T):
        found.append(0.85 * found[-1] + rd[:, t])
    return np.stack(found, axis=1)


LINKED, HELD = _linked(), _held()
NEAR_IN_TECHNOLOGY, NEAR_IN_TIES = COSINES @ HELD, (1.0 - np.exp(-LINKED)) @ HELD
"""What others hold by the cosine of fields, and what partners hold, (N, T)."""


def made_firms(
    *,
    own=0.0,
    technology=0.0,
    ties=0.0,
    early=0.0,
    late=0.0,
    low=0.0,
    sold=0.0,
    little=0.0,
    grand=0.0,
    during=0.0,
    after=0.0,
    guard=0.0,
    steady=False,
):
    """Return a run in which these effects, in logs, are all there is but effects of firm and year.

    ``own, technology, ties`` on productivity by log of stocks a year before; ``early, late`` on
    inventions of productive firms in markets that are wanted, ``low`` on those of others, ``sold``
    on sales; ``little, grand`` on R&D of small firms and of large ones with a grant;
    ``during, after`` of members on inventions; ``guard`` of protection on productivity.
    ``steady``: R&D does not change but for grants.
    """
    since = YEARS - YEAR
    path = np.where(since < 0, 0.0, np.where(since < 2, early, late))
    market = WANTED[:, None] * np.where(UPPER[:, None], path, low * (since >= 0))
    member = during * JOINED + after * CLUB[:, None] * (YEARS >= 2018)
    grant = WITH_GRANT[:, None] * (since >= 0)
    rd = np.exp(0.3 * draw(2, N, 1) + np.zeros((N, T))) if steady else RESEARCH
    rd = rd * np.exp(grant * np.where(LARGE[:, None], grand, little))
    lag = np.ones((N, T))
    log_a = 2.0 * UPPER[:, None] + 0.1 * np.sin(I)[:, None] + 0.05 * np.cos(YEARS)
    for weight, pool in ((own, HELD), (technology, NEAR_IN_TECHNOLOGY), (ties, NEAR_IN_TIES)):
        lag[:, 1:] = pool[:, :-1]
        log_a = log_a + weight * np.log(np.where(lag > 0.0, lag, 1.0))
    log_a = log_a + guard * GUARDED
    level = 0.3 * np.sin(7 * I)[:, None] + 0.1 * np.cos(YEARS)
    return replace(
        made_run(),
        firms=_table({
            "rd": rd,
            "sales": np.exp(level + sold * WANTED[:, None] * (since >= 0)),
            "log_productivity": log_a,
            "inventions": np.exp(level + market + member),
            "inventions_part": np.zeros((N, T)),
            "consortia": JOINED,
        }),
        firm_ties=_ties(),
        joined=_joined(),
        shocks=_shocks(),
    )  # fmt: skip


def _table(columns):
    """Return rows of firms by year; those that have left have none."""
    i, t = (x.ravel() for x in np.indices((N, T)))
    kept = (i < N - LEFT) | (t < 9)
    i, t = i[kept], t[kept]
    frame: dict[str, Any] = {
        "firm": KEYS[i],
        "year": YEARS[t],
        "industry": np.array(INDUSTRIES)[INDUSTRY[i]],
        "province": np.array(PROVINCES)[PROVINCE[i]],
        "size": np.where(LARGE[i], "large", "small"),
        "alive": (i < N - LEFT) | (t < 8),
    }
    frame |= {name: values[i, t] for name, values in columns.items()}
    frame |= {f"effort_{f}": SHARES[i, f] for f in range(FIELDS)}
    return pd.DataFrame(frame).sort_values(["year", "firm"], kind="stable", ignore_index=True)


def _ties():
    one, other = np.nonzero(np.triu(LINKED))
    rows = pd.DataFrame({
        "firm": KEYS[one], "other": KEYS[other], "strength": LINKED[one, other],
    })  # fmt: skip
    return pd.concat([rows.assign(year=year) for year in YEARS], ignore_index=True)


def _joined():
    i, t = np.nonzero(JOINED)
    return pd.DataFrame({"firm": KEYS[i], "year": YEARS[t]})


def _shocks():
    j, p = (x.ravel() for x in np.indices((len(INDUSTRIES), 2)))
    empty: dict[str, Any] = {"key": np.uint64(0), "other": np.uint64(0), "other_place": ""}
    parts = [
        {"shock": DEMAND, **empty, "place": np.array(PROVINCES)[p], "year": YEAR,
         "other_place": np.array(INDUSTRIES)[j], "treated": (j + p) % 2 == 1},
        {"shock": PROTECTION, **empty, "place": ["p", "p", "q"], "other_place": ["q", "r", "r"],
         "year": YEAR, "treated": [False, True, False]},
        {"shock": FIRM_GRANTS, **empty, "place": "", "key": KEYS, "treated": WITH_GRANT,
         "year": YEAR},
    ]  # fmt: skip
    return pd.concat([made_run().shocks, *map(pd.DataFrame, parts)], ignore_index=True)
