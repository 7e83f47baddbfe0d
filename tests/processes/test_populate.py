import numpy as np
import pytest

from tests.processes import scalar_population as scalar
from tests.processes.small import SEEDS, close, rng
from ydsim.noise import NoiseSource, identity
from ydsim.processes.compete import arrival, ces_shares
from ydsim.processes.populate import calibrate_weights, firm_shares, log_effects, truncated_pareto
from ydsim.processes.reference import Reference, shift_path
from ydsim.scenario.parameters import CompeteParameters, InvestParameters, PopulationParameters
from ydsim.world.quarters import interpolate, spread


@pytest.mark.parametrize("seed", SEEDS)
def test_sizes_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n = int(draw.integers(1, 40))
    group = draw.integers(0, 4, n)
    key = identity("firm", np.arange(n))
    noise = NoiseSource(seed, 0).phase("populate", 0)
    p = PopulationParameters()
    close(
        truncated_pareto(noise.uniform(key), 1.06, 1000.0),
        [scalar.truncated_pareto(u, 1.06, 1000.0) for u in noise.uniform(key)],
    )
    u = [noise.uniform(key, k).tolist() for k in (7, 8)]
    want = scalar.firm_shares(group.tolist(), key.tolist(), *u, p.size_exponent, p.size_range)
    share = firm_shares(group, key, p, noise)
    close(share, want)
    effect = log_effects(share, group, key, InvestParameters(effect_sd=0.0), noise)
    size = np.bincount(group)[group]
    close(effect, (0.6 - 1.0) * np.log(share * size), atol=1e-13)


def test_sizes_lie_between_one_and_the_range():
    u = np.array([0.0, 0.5, 1.0])
    size = truncated_pareto(u, 1.06, 1000.0)
    assert size[0] == 1.0
    assert size[2] == pytest.approx(1000.0)
    assert truncated_pareto(u, 1.06, 1.0).tolist() == [1.0, 1.0, 1.0]


def test_strata_hold_the_total_whatever_the_draws():
    """The share of the largest tenth hardly depends on the replicate: sizes are stratified."""
    n = 2_000
    key, group = identity("firm", np.arange(n)), np.zeros(n, dtype=np.int64)
    top = []
    for replicate in range(20):
        noise = NoiseSource(1, replicate).phase("populate", 0)
        share = np.sort(firm_shares(group, key, PopulationParameters(), noise))
        top.append(share[-n // 10 :].sum())
    assert np.std(top) < 0.004


@pytest.mark.parametrize("seed", SEEDS)
def test_fitted_markets_make_their_target(seed):
    draw = rng(seed)
    n_j, n_o = 3, 5
    p = CompeteParameters()
    tau = arrival(draw.random(4) * 0.5, draw.random((4, 4)) * (1 - np.eye(4)), p)
    a = np.exp(0.3 * draw.normal(size=(n_j, n_o)))
    spending = draw.uniform(1.0, 2.0, (n_j, n_o))
    true = draw.uniform(0.5, 2.0, (n_j, n_o))
    target = (ces_shares(true, a, tau, p.sigma) * spending[:, None, :]).sum(axis=2)
    weight, share = calibrate_weights(target, a, tau, spending, p)
    close((share * spending[:, None, :]).sum(axis=2), target, rtol=1e-9)
    close(ces_shares(weight, a, tau, p.sigma), share, rtol=1e-9)
    for j in range(n_j):
        want = scalar.calibrate_weights(
            target[j].tolist(), a[j].tolist(), tau.tolist(), spending[j].tolist(), p.sigma
        )
        close(weight[j], want, rtol=1e-7)
        close(weight[j], true[j] / true[j].sum(), rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("years", [1, 2, 7])
def test_quarters_equal_the_scalar_rule(seed, years):
    draw = rng(seed)
    yearly = np.exp(draw.normal(size=(3, years)))
    close(interpolate(yearly), [scalar.interpolate(row.tolist()) for row in yearly])
    close(shift_path(yearly), np.transpose([scalar.shift_path(row.tolist()) for row in yearly]))
    yearly[0, 0] = 0.0
    quarterly = spread(yearly)
    close(quarterly, [scalar.spread(row.tolist()) for row in yearly])
    close(quarterly.reshape(3, years, 4).sum(axis=2), yearly)


def test_spread_follows_growth_without_a_step():
    yearly = 100.0 * 1.1 ** np.arange(6.0)[None, :]
    ratio = spread(yearly)[0, 1:] / spread(yearly)[0, :-1]
    close(ratio, np.full(23, 1.1**0.25), rtol=1e-9)


def test_reference_is_held_or_continued_after_its_last_row():
    outside = np.arange(50.0)[:, None] * 0.01
    reference = Reference(0.1, 1.0, 1.0, outside, np.array([[0.0, 0.0], [0.1, -0.1]]))
    assert reference.outside_at(-1)[0] == 0.0
    assert reference.outside_at(48)[0] == pytest.approx(0.49)
    assert reference.outside_at(58)[0] == pytest.approx(0.59)
    assert reference.shift_at(-1).tolist() == [0.0, 0.0]
    assert reference.shift_at(99).tolist() == [0.1, -0.1]
