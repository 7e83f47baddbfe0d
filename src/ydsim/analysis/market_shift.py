"""Market shifts of cities and growth of the rest of the nation, from traces of runs.

    log A_outside,j(t) = ln of the region's mean A of industry j, weighted by output
    v_cy               <- v_cy + ln(V_cy / mean over runs of simulated value added), repeated
                          until the largest step is below `TOLERANCE`

V_cy is official secondary value added of city c in year y (100m_rmb): the official part of the
city, spliced where the vintage changes, of what its province makes. Markets are solved alone, under
the productivity of the traces, which hardly depends on v. A city that makes nothing in all runs of
a year keeps its v.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ydsim.measures.groups import parts_within
from ydsim.model import Model
from ydsim.policies.environment import PolicyEnvironment
from ydsim.processes.compete import (
    Supply,
    arrival,
    ces_shares,
    city_shares,
    quarterly_part,
    supply,
)
from ydsim.processes.reference import shift_path
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.typing import Bools, Floats
from ydsim.world.quarters import QuarterInputs
from ydsim.world.world import World

REFERENCE_YEARS = 3
TOLERANCE = 1e-7
ITERATIONS = 200


@dataclass(frozen=True)
class Trace:
    """What the fit needs of one run of T quarters.

    Attributes
    ----------
    weight, share
        (J, O) and (J, O, O) weights and lagged shares of places at the end of the burn-in.
    productivity
        (T, J, P) mean A by industry and province.
    composition
        (T, J, C) parts c of cities in what their province sells.
    outside
        (T + 1, J) log of the region's mean A by industry; row 0 at the end of the burn-in.
    output
        (T, C) value added of cities, 100m_rmb.
    innovative_share
        Mean of the reference years.
    """

    weight: Floats
    share: Floats
    productivity: Floats
    composition: Floats
    outside: Floats
    output: Floats
    innovative_share: float


class TracedModel(Model):
    """A model that keeps what the fit needs of each quarter."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._begun = self.state.market.weight.copy(), self.state.market.lagged.copy()
        self._outside = [self._regional()]
        self._quarters: list[tuple[Floats, Floats, Floats]] = []

    def step(self) -> None:
        """Live one quarter and keep it."""
        super().step()
        output: Floats = self.state.market.output[:, :-1].sum(axis=0)
        self._quarters.append((self._offered().by_place[:, :-1], self._composition(), output))
        self._outside.append(self._regional())

    def trace(self) -> Trace:
        """Return what was kept."""
        productivity, composition, output = map(np.array, zip(*self._quarters, strict=True))
        early = self.recorder.series("innovative_sales_share")[: 4 * REFERENCE_YEARS]
        outside, innovative = np.array(self._outside), float(early.mean())
        return Trace(*self._begun, productivity, composition, outside, output, innovative)

    def _regional(self) -> Floats:
        """Return log of the region's mean A by industry, weighted by output."""
        a, output = self._offered().by_place[:, :-1], self.state.province_output()[:, :-1]
        mean: Floats = np.log((a * output).sum(axis=1) / output.sum(axis=1))
        return mean

    def _offered(self) -> Supply:
        """Return what firms offer, with an outside of log A zero."""
        return supply(self.state, np.zeros(len(self.world.industries)))

    def _composition(self) -> Floats:
        """Return c of the quarter that was just run, (J, C), from market shares without v."""
        world = self.world
        sold = self.state.market.share[:, :-1, 0]
        shift = self.reference.shift_at(self.state.quarter - 1)
        return parts_within(sold * np.exp(-shift), world.city_province, world.n_provinces)


def solve_shift(
    traces: Sequence[Trace],
    outside: Floats,
    official: Floats,
    inputs: QuarterInputs,
    world: World,
    environment: Sequence[PolicyEnvironment],
    keys: CompeteParameters,
) -> tuple[Floats, Bools]:
    """Return v in the middle of each year, and where it could be solved, both (C, Y).

    Parameters
    ----------
    traces
        The runs; their markets are solved together and their outputs averaged.
    outside
        (T + 1, J) log A of the rest of the nation.
    official
        (C, Y) what cities are to make.
    inputs, world, keys
        Demand, industry shares and market parameters.
    environment
        The policy environment of every quarter.
    """
    years = official.shape[1]
    lagged = [_lagged_shares(run, outside, environment[: 4 * years], keys) for run in traces]
    shift, makes = np.zeros(official.shape), np.ones(official.shape, dtype=np.bool_)
    where = (world.city_province, world.n_provinces)
    for _ in range(ITERATIONS if years else 0):
        path = shift_path(shift)
        output = np.zeros(official.shape)
        for t in range(4 * years):
            demanded = world.industry_share[:, None] * inputs.secondary[:, t]
            for run, share in zip(traces, lagged, strict=True):
                made = city_shares(share[t], run.composition[t], path[t + 1], *where)
                output[:, t // 4] += (made * demanded[:, None, :]).sum(axis=(0, 2))[:-1]
        makes = output > 0.0
        gap = np.zeros(official.shape)
        gap[makes] = np.log(official[makes] / (output[makes] / len(traces)))
        shift = shift + gap
        if np.abs(gap).max() < TOLERANCE:
            break
    return shift, makes


def _lagged_shares(
    run: Trace,
    outside: Floats,
    environment: Sequence[PolicyEnvironment],
    keys: CompeteParameters,
) -> list[Floats]:
    """Return the lagged market shares of places in a run in every quarter of ``environment``."""
    speed = quarterly_part(keys.share_adjustment)
    now, path = run.share, []
    for t, policies in enumerate(environment):
        tau = arrival(policies.protection, policies.border_market, keys)
        a = np.hstack([run.productivity[t], np.exp(outside[t + 1])[:, None]])
        now = now + speed * (ces_shares(run.weight, a, tau, keys.sigma) - now)
        path.append(now)
    return path
