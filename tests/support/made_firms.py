"""A made-up run of firms with planted effects and no chance in what they have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from tests.support.made_run import FIRST, LAST, YEAR, YEARS, made_run
from ydsim.studies.panels import Run
from ydsim.studies.readings import DEMAND, FIRM_GRANTS, PROTECTION

N, T = 240, len(YEARS)
INDUSTRIES, PROVINCES, FIELDS = ("a", "b", "c"), ("p", "q"), 4
KEYS = np.arange(N, dtype=np.uint64) * np.uint64(977) + np.uint64(5)
I = np.arange(N)  # noqa: E741
INDUSTRY, PROVINCE = I % 3, (I // 3) % 2
LEFT = 12
"""The last firms leave in the eighth year."""


def draw(seed: int, *shape: int) -> np.ndarray:
    """Return normal numbers that are the same whenever they are asked for."""
    return np.random.Generator(np.random.Philox(key=seed)).normal(0.0, 1.0, shape)


def shares() -> np.ndarray:
    """Return fields of effort, (N, F)."""
    weight = np.exp(draw(1, N, FIELDS))
    return weight / weight.sum(axis=1, keepdims=True)


def research() -> np.ndarray:
    """Return own R&D, (N, T)."""
    return np.exp(0.3 * draw(2, N, 1) + 0.4 * draw(3, N, T))


def linked() -> np.ndarray:
    """Return strengths of ties, (N, N): a ring of every second firm, and some chords."""
    strength = np.zeros((N, N))
    ring = np.arange(0, N - LEFT, 2)
    for k, i in enumerate(ring):
        strength[i, ring[(k + 1) % len(ring)]] = 0.5 + (k % 3)
        if k % 9 == 0:
            strength[i, ring[(k + 7) % len(ring)]] = 1.0
    return strength + strength.T


def held() -> np.ndarray:
    """Return stocks of R&D, one firm and year after the other."""
    rd, found = _lived(research()), np.zeros((N, T))
    for i in range(N):
        stock = rd[i, 0] / 0.2
        for t in range(T):
            stock = stock if t == 0 else 0.85 * stock + rd[i, t]
            found[i, t] = stock
    return found


def cosines() -> np.ndarray:
    """Return how alike firms are in their fields, (N, N), zero for itself."""
    size = np.sqrt((shares() ** 2).sum(axis=1))
    return (shares() @ shares().T) / np.outer(size, size) * ~np.eye(N, dtype=bool)


def near_in_technology() -> np.ndarray:
    """Return what others hold by the cosine of fields, (N, T)."""
    return cosines() @ held()


def near_in_ties() -> np.ndarray:
    """Return what partners hold, (N, T)."""
    return (1.0 - np.exp(-linked())) @ held()


def _lived(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    values[N - LEFT :, 8:] = 0.0
    return values


def wanted() -> np.ndarray:
    """Return which firms are in a market whose goods are wanted more."""
    return (INDUSTRY + PROVINCE) % 2 == 1


def upper() -> np.ndarray:
    """Return which firms are productive."""
    return I % 4 >= 2


def with_grant() -> np.ndarray:
    """Return which firms have a grant."""
    return (I // 6) % 5 == 0


def large() -> np.ndarray:
    """Return which firms are large."""
    return (I // 30) % 4 == 0


def with_cash() -> np.ndarray:
    """Return which firms have cash for their R&D."""
    return (I // 3) % 3 != 0


def guarded() -> np.ndarray:
    """Return in which years provinces are protected, (P, T)."""
    found = np.zeros((2, T))
    found[0, [3, 5, 6, 9]] = 1.0
    found[1, [4, 5, 8, 10]] = 1.0
    return found


def club() -> np.ndarray:
    """Return which firms are ever members of a consortium."""
    return (I % 7 == 0) & (I < N - LEFT)


def joined() -> np.ndarray:
    """Return in which years firms are members of a consortium, (N, T)."""
    return (club()[:, None] & (YEARS >= 2014) & (YEARS < 2018)).astype(float)


def made_firms(
    *,
    own: float = 0.0,
    technology: float = 0.0,
    ties: float = 0.0,
    early: float = 0.0,
    late: float = 0.0,
    low: float = 0.0,
    sold: float = 0.0,
    short: float = 0.0,
    grand: float = 0.0,
    during: float = 0.0,
    after: float = 0.0,
    guard: float = 0.0,
    steady: bool = False,
) -> Run:
    """Return a run in which these effects, in logs, are all there is but effects of firm and year.

    ``own, technology, ties`` on productivity by log of stocks a year before; ``early, late`` on
    inventions of productive firms in markets that are wanted, ``low`` on those of others, ``sold``
    on sales; ``short, grand`` on R&D of small firms without cash and of large ones with a grant;
    ``during, after`` of members on inventions; ``guard`` of a year of protection on productivity.
    ``steady``: R&D does not change but for grants.
    """
    since = YEARS - YEAR
    path = np.where(since < 0, 0.0, np.where(since < 2, early, late))
    market = wanted()[:, None] * np.where(upper()[:, None], path, low * (since >= 0))
    member = during * joined() + after * club()[:, None] * (YEARS >= 2018)
    grant = with_grant()[:, None] * (since >= 0)
    rd = np.exp(0.3 * draw(2, N, 1) + np.zeros((N, T))) if steady else research()
    rd = rd * np.exp(grant * np.where(large()[:, None], grand, short * ~with_cash()[:, None]))
    lag = np.ones((N, T))
    log_a = 2.0 * upper()[:, None] + 0.1 * np.sin(I)[:, None] + 0.05 * np.cos(YEARS)
    for weight, pool in ((own, held), (technology, near_in_technology), (ties, near_in_ties)):
        if weight:
            values = pool()
            lag[:, 1:] = values[:, :-1]
            log_a = log_a + weight * np.log(np.where(lag > 0.0, lag, 1.0))
    log_a = log_a + guard * guarded()[PROVINCE]
    level = 0.3 * np.sin(7 * I)[:, None] + 0.1 * np.cos(YEARS)
    return replace(
        made_run(),
        firms=_table({
            "rd": rd,
            "sales": np.exp(level + sold * wanted()[:, None] * (since >= 0)),
            "log_productivity": log_a,
            "inventions": np.exp(level + market + member),
            "inventions_part": np.zeros((N, T)),
            "cash": np.where(with_cash(), 2.0, 0.1)[:, None] * rd,
            "consortia": joined(),
        }),
        firm_ties=_ties(),
        joined=_joined(),
        shocks=_shocks(),
    )  # fmt: skip


def _table(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return rows of firms by year; those that have left have none."""
    i, t = (x.ravel() for x in np.indices((N, T)))
    kept = (i < N - LEFT) | (t < 9)
    i, t = i[kept], t[kept]
    frame: dict[str, Any] = {
        "firm": KEYS[i],
        "year": YEARS[t],
        "industry": np.array(INDUSTRIES)[INDUSTRY[i]],
        "province": np.array(PROVINCES)[PROVINCE[i]],
        "size": np.where(large()[i], "large", "small"),
        "alive": (i < N - LEFT) | (t < 8),
    }
    frame |= {name: values[i, t] for name, values in columns.items()}
    frame |= {f"effort_{f}": shares()[i, f] for f in range(FIELDS)}
    return pd.DataFrame(frame).sort_values(["year", "firm"], kind="stable", ignore_index=True)


def _ties() -> pd.DataFrame:
    one, other = np.nonzero(np.triu(linked()))
    rows = pd.DataFrame({
        "firm": KEYS[one], "other": KEYS[other], "strength": linked()[one, other],
    })  # fmt: skip
    return pd.concat([rows.assign(year=year) for year in YEARS], ignore_index=True)


def _joined() -> pd.DataFrame:
    i, t = np.nonzero(joined())
    return pd.DataFrame({"firm": KEYS[i], "year": YEARS[t]})


def _shocks() -> pd.DataFrame:
    j, p = (x.ravel() for x in np.indices((len(INDUSTRIES), len(PROVINCES))))
    q, t = (x.ravel() for x in np.indices((len(PROVINCES), LAST - YEAR + 1)))
    empty: dict[str, Any] = {"key": np.uint64(0), "other": np.uint64(0), "other_place": ""}
    parts = [
        {"shock": DEMAND, **empty, "place": np.array(PROVINCES)[p], "year": YEAR,
         "other_place": np.array(INDUSTRIES)[j], "treated": (j + p) % 2 == 1},
        {"shock": PROTECTION, **empty, "place": np.array(PROVINCES)[q], "year": YEAR + t,
         "treated": guarded()[q, t + YEAR - FIRST] > 0},
        {"shock": FIRM_GRANTS, **empty, "place": "", "key": KEYS, "treated": with_grant(),
         "year": YEAR},
    ]  # fmt: skip
    return pd.concat([made_run().shocks, *map(pd.DataFrame, parts)], ignore_index=True)
