"""Limits in which the answer is known, on the synthetic world."""

import numpy as np
import pytest

from tests.model.small import model, scenario, world
from ydsim.agents.generations import OUTSIDE
from ydsim.measures.diffusion import bass
from ydsim.model import Model
from ydsim.noise import identity
from ydsim.processes import adopt
from ydsim.world.synthetic import relabel_provinces, synthetic_world

UNIFORM = {
    "adopt.own_city": 0.25,  # four equal cities, so that all firms weigh alike
    "adopt.outside": 0.0,
    "adopt.border": 0.0,
    "adopt.decay_h": 100.0,
    "adopt.appeal_sd": 0.0,
    "population.absorptive_sd": 0.0,
    "generations.foundings": 0.0,
    "generations.outside_foundings": 0.0,
}


def diffusion(firms, quarters, number=1, **changed):
    """Mean share of adopters of ``number`` generations among ``firms`` firms, by quarter."""
    place = synthetic_world(
        2, 2, industries=1, fields=1, firms=firms // 2, inside_km=1.0, across_km=1.0
    )
    rules = {**UNIFORM, **{f"adopt.{k}": v for k, v in changed.items()}}
    m = Model(
        scenario(
            years=1, scale=1.0, burn_in=0, parameters=rules,
            policies={"border_friction": {"strength": 0.0}},
        ),
        world=place,
    )  # fmt: skip
    state, p = m.state, m.parameters.adopt
    key = identity("generation", np.arange(number))
    new = state.generations.append(number, key=key, industry=0, field=0, origin=OUTSIDE)
    adopt.open_generations(state, new, m.noise.phase("adopt", 0), p)
    assert (state.generations.gain == 1.0).all()
    shares = []
    for _ in range(quarters):
        adopt.adopt(state, m.environment, p)
        shares.append(state.generations.adopters.sum(axis=1) / len(state.firms))
    return np.array(shares), m


def reached_by_map(quarters, p, q):
    share, path = np.zeros(1), []
    for _ in range(quarters):
        share = adopt.adoption_map(share, np.ones(1), share, p, q)
        path.append(share[0])
    return np.array(path)


def test_agents_reach_the_adoption_map():
    """One generation scatters by .0032 where the curve is steep: chance among the first adopters.

    The mean of sixteen scatters by .0008.
    """
    shares, m = diffusion(150_000, 60, number=16)
    assert len(m.state.firms) == 150_000
    want = reached_by_map(60, 0.03, 0.6)
    assert np.abs(shares.mean(axis=1) - want).max() < 0.004
    assert np.abs(shares - want[:, None]).max() < 0.015
    assert np.abs(reached_by_map(60, 0.03, 0.59) - want).max() > 0.005  # q .59 would be noticed


def test_without_imitation_adoption_is_exponential():
    shares, _ = diffusion(40_000, 40, internal=0.0, external=0.3)
    time = np.arange(1, 41) / 4.0
    assert np.abs(shares[:, 0] - (1.0 - np.exp(-0.3 * time))).max() < 0.008


def test_the_quarterly_map_is_near_the_bass_curve():
    time = np.arange(1, 61) / 4.0
    assert np.abs(reached_by_map(60, 0.03, 0.38) - bass(time, 1.0, 0.03, 0.38)).max() < 0.03


def test_nobody_adopts_without_influence():
    shares, _ = diffusion(4_000, 8, external=0.0, internal=5.0)
    assert shares.max() == 0.0


@pytest.mark.parametrize("order", [(1, 0, 3, 2), (3, 2, 1, 0), (2, 3, 0, 1)])
def test_provinces_may_be_listed_in_any_order(order):
    """Identities travel with the places: counts are equal, sums but for rounding."""
    first = model(years=2, scale=0.02, policies=BY_PLACE).run()
    place = relabel_provinces(world(), order)
    second = model(years=2, scale=0.02, policies=BY_PLACE, place=place).run()
    counts = ("firms", "entries", "exits", "ideas", "launches", "adoptions", "projects_live")
    for name in counts:
        a, b = (m.recorder.series(name, "province") for m in (first, second))
        assert a[:, order].tolist() == b.tolist(), name
    for name in ("rd_expenditure", "value_added_secondary", "productivity_log"):
        a, b = (m.recorder.series(name, "province") for m in (first, second))
        assert a[:, order] == pytest.approx(b, rel=1e-9), name
    assert sorted(first.state.organisations.key.tolist()) == sorted(
        second.state.organisations.key.tolist()
    )


def test_provinces_may_be_listed_in_any_order_while_no_firm_enters():
    still = {"population.exit_low": 0.0, "population.exit_high": 0.0}
    order = (3, 0, 2, 1)
    first = model(years=2, scale=0.02, parameters=still).run()
    second = model(years=2, scale=0.02, parameters=still, place=relabel_provinces(world(), order))
    second.run()
    for name in ("firms", "ideas", "launches", "adoptions"):
        a, b = (m.recorder.series(name, "province") for m in (first, second))
        assert a[:, order].tolist() == b.tolist(), name


BY_PLACE = {"rd_grants": {"rate": 0.2, "target": {"provinces": ["Province 2"]}}}


def intensive(m):
    series = m.recorder.series
    return {
        "rd over value added": series("rd_expenditure").sum()
        / series("value_added_secondary").sum(),
        "adopted share": series("adopted_share").mean(),
        "innovative share": series("innovative_sales_share").mean(),
        "productivity": series("productivity_log")[-1],
        "dispersion": series("productivity_log_sd")[-1],
        "exits over firms": series("exits").sum() / series("firms").mean(),
    }


def compared(first, second, replicates):
    """Differences of means in standard errors and relative to the mean, by output."""
    values = [
        [intensive(make(replicate)) for replicate in range(replicates)] for make in (first, second)
    ]
    result = {}
    for name in values[0][0]:
        a, b = (np.array([v[name] for v in side]) for side in values)
        error = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / replicates)
        result[name] = (a.mean() - b.mean()) / error, abs(a.mean() - b.mean()) / abs(a.mean())
    return result


def doubling(replicates, scale):
    def make(firms):
        place = world(4, 3, firms=firms)
        return lambda r: model(years=3, scale=scale, place=place, replicate=r).run()

    return compared(make(3_000), make(6_000), replicates)


def test_twice_the_firms_give_the_same_intensities():
    for name, (errors, relative) in doubling(8, 0.05).items():
        assert abs(errors) < 3.0 or relative < 0.02, name


@pytest.mark.slow
def test_twice_the_firms_give_the_same_intensities_in_many_replicates():
    for name, (errors, relative) in doubling(20, 0.05).items():
        assert abs(errors) < 3.0 or relative < 0.02, name


@pytest.mark.slow
def test_scales_agree():
    """Within five per cent or two standard errors of eight replicates."""

    def mean(scale, name):
        values = [m.recorder.series(name).sum() for m in runs[scale]]
        return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))

    runs = {
        scale: [
            model(years=4, scale=scale, burn_in=40, replicate=r, record=PLAIN).run()
            for r in range(8)
        ]
        for scale in (0.05, 0.2)
    }
    names = ("rd_expenditure", "inventions", "launches", "adoptions", "adopted_share")
    for name in names:
        (a, ea), (b, eb) = mean(0.05, name), mean(0.2, name)
        assert abs(a - b) < max(0.05 * b, 2.0 * np.hypot(ea, eb)), name


PLAIN = {"adoption_events": False, "cities": False}


def test_market_shares_stay_where_they_start_without_any_change():
    """No productivity, no growth: markets at rest make the official output for ever."""
    still = {
        "compete.catch_up": 0.0,
        "compete.depreciation": 0.0,
        "compete.effect_sd": 0.0,
        "compete.entry_gap": 0.0,
        "compete.outside_growth": 0.0,
    }
    m = model(years=2, parameters=still).run()
    output = m.recorder.series("value_added_secondary", "province")
    assert output == pytest.approx(18_000.0 / 4.0, rel=1e-9)


def test_output_falls_where_borders_cost_more():
    free, costly = (
        model(years=3, policies={"border_friction": {"level": level}}).run() for level in (0.0, 1.0)
    )
    a, b = (m.recorder.series("value_added_secondary")[-1] for m in (free, costly))
    assert a > 1.01 * b
