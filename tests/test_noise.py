import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import ydsim
from ydsim.noise import Noise, NoiseSource, Phase, identity, mix, mix_one, poisson_quantile

N = 200_000
SOURCE = NoiseSource(7, 0)
WORD = 2**64


def ids(n=N, name="firm"):
    return identity(name, np.arange(n))


def unmix(z):
    """The inverse of `mix` in plain integers."""
    z ^= z >> 31 ^ z >> 62
    z = z * pow(0x94D049BB133111EB, -1, WORD) % WORD
    z ^= z >> 27 ^ z >> 54
    z = z * pow(0xBF58476D1CE4E5B9, -1, WORD) % WORD
    z ^= z >> 30 ^ z >> 60
    return (z - 0x9E3779B97F4A7C15) % WORD


def test_mix_is_splitmix64():
    """First outputs of the published generator from the seed 1234567."""
    gamma = 0x9E3779B97F4A7C15
    state = np.array([(1234567 + k * gamma) % WORD for k in range(3)], dtype=np.uint64)
    assert mix(state).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(st.integers(0, WORD - 1))
def test_mix_is_a_bijection(value):
    assert unmix(int(mix(np.array([value], dtype=np.uint64))[0])) == value


@pytest.mark.parametrize("phase", ["explore", "adopt"])
@pytest.mark.parametrize("k", [0, 1, 19])
def test_uniforms_are_uniform(phase, k):
    u = SOURCE.phase(phase, 3).uniform(ids(), k)
    counts = np.bincount((u * 1000).astype(int), minlength=1000)
    assert stats.chisquare(counts).pvalue > 1e-4
    assert stats.kstest(u, "uniform").pvalue > 1e-4
    low = np.bincount((u * 2**20).astype(int) % 64, minlength=64)  # lower bits too
    assert stats.chisquare(low).pvalue > 1e-4


def test_consecutive_identities_and_keys_do_not_correlate():
    u = SOURCE.phase("explore", 3).uniform(np.arange(N, dtype=np.uint64))
    for lag in (1, 2, 7, 64):
        assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) < 4.5 / np.sqrt(N)


def pairs_of_streams():
    one = SOURCE.phase("explore", 3)
    return {
        "k": (one.uniform(ids(), 0), one.uniform(ids(), 1)),
        "far k": (one.uniform(ids(), 0), one.uniform(ids(), 1024)),
        "phase": (one.uniform(ids()), SOURCE.phase("advance", 3).uniform(ids())),
        "quarter": (one.uniform(ids()), SOURCE.phase("explore", 4).uniform(ids())),
        "before": (
            SOURCE.phase("explore", -1).uniform(ids()),
            SOURCE.phase("explore", 1).uniform(ids()),
        ),
        "seed": (one.uniform(ids()), NoiseSource(8, 0).phase("explore", 3).uniform(ids())),
        "replicate": (one.uniform(ids()), NoiseSource(7, 1).phase("explore", 3).uniform(ids())),
        "kind": (one.uniform(ids()), one.uniform(ids(name="entrant"))),
    }


@pytest.mark.parametrize("name", pairs_of_streams())
def test_streams_do_not_correlate(name):
    a, b = pairs_of_streams()[name]
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.5 / np.sqrt(N)
    both = (a * 16).astype(int) * 16 + (b * 16).astype(int)
    assert stats.chisquare(np.bincount(both, minlength=256)).pvalue > 1e-4


def test_a_draw_is_a_function_of_its_identity_alone():
    noise = SOURCE.phase("explore", 3)
    some = ids(1000)
    u = noise.uniform(some, 2)
    order = np.random.default_rng(0).permutation(1000)
    assert noise.uniform(some[order], 2).tolist() == u[order].tolist()
    assert noise.uniform(some[17:18], 2)[0] == u[17]
    assert NoiseSource(7, 0).phase("explore", 3).uniform(some, 2).tolist() == u.tolist()


def test_draws_are_the_same_for_ever():
    """Changing the hash changes every result ever published."""
    noise = NoiseSource(1, 2).phase("explore", -3)
    bits = noise.bits(identity("firm", 5, np.arange(2)), 4)
    assert bits.dtype == np.uint64
    assert bits.tolist() == GOLDEN


GOLDEN = [10438562658098670705, 14354596745765920361]


def test_uniforms_lie_in_the_open_interval():
    """At the largest and smallest of all 64-bit hashes."""
    noise = SOURCE.phase("explore", 3)
    salt = int(mix(mix(np.array([0], dtype=np.uint64)) ^ noise.key)[0])
    extreme = [unmix(bits) ^ salt for bits in (0, WORD - 1)]
    u = noise.uniform(np.array(extreme, dtype=np.uint64))
    assert noise.bits(np.array(extreme, dtype=np.uint64)).tolist() == [0, WORD - 1]
    assert 0.0 < u[0] < 1e-15
    assert 1.0 - 1e-15 < u[1] < 1.0
    assert np.isfinite(noise.normal(np.array(extreme, dtype=np.uint64))).all()


def test_normal_and_exponential_draws():
    noise = SOURCE.phase("explore", 3)
    assert stats.kstest(noise.normal(ids()), "norm").pvalue > 1e-4
    assert stats.kstest(noise.exponential(ids()), "expon").pvalue > 1e-4


@pytest.mark.slow
def test_identities_do_not_collide():
    city = identity("city", np.arange(41))
    many = [
        identity("firm", np.repeat(city, 6000), np.tile(np.arange(6000), 41)),
        identity("entrant", np.repeat(city, 6000), 3, np.tile(np.arange(6000), 41)),
        identity("project", np.repeat(city, 6000), -3, np.tile(np.arange(6000), 41)),
        np.arange(300_000, dtype=np.uint64),
    ]
    keys = np.concatenate(many)
    assert len(keys) > 1_000_000
    assert len(np.unique(keys)) == len(keys)


def test_identities_depend_on_every_part_and_on_order():
    keys = [
        identity("firm", 1, 2),
        identity("firm", 2, 1),
        identity("firm", 1, -2),
        identity("firms", 1, 2),
        identity("firm", 1),
        identity(1, "firm", 2),
        identity("firm", 1, 2, 0),
    ]
    assert len({int(key[0]) for key in keys}) == len(keys)


def test_identities_take_text_and_integers_only():
    with pytest.raises(TypeError, match="text and integers"):
        identity("firm", np.array([1.0]))
    with pytest.raises(TypeError, match="text and integers"):
        identity(True)
    assert identity("a", np.arange(3)[:, None], np.arange(2)).shape == (3, 2)
    assert identity("a", np.array([5], np.uint64)) == identity("a", np.array([5], np.int32))


@pytest.mark.parametrize("rate", [1e-9, 0.01, 0.7, 1.0, 5.5, 30.0, 99.9])
def test_poisson_equals_scipy(rate):
    u = np.concatenate([SOURCE.phase("explore", 0).uniform(ids(20_000)), [1e-12, 0.5, 1 - 1e-9]])
    got = poisson_quantile(u, np.full(len(u), rate))
    want = stats.poisson.ppf(u, rate)
    assert (got != want).mean() < 1e-4  # a quantile within a rounding error of a step
    assert np.abs(got - want).max() <= 1


@pytest.mark.slow
def test_poisson_above_the_split_is_close():
    u = SOURCE.phase("explore", 0).uniform(ids(50_000))
    for rate in (101.0, 1000.0):
        got = poisson_quantile(u, np.full(len(u), rate))
        assert got.mean() == pytest.approx(rate, rel=1e-3)
        assert got.var() == pytest.approx(rate, rel=0.03)
        assert np.abs(got - stats.poisson.ppf(u, rate)).max() <= 3


def test_poisson_never_falls_when_the_rate_rises():
    rates = np.concatenate([np.linspace(0.0, 8.0, 81), np.linspace(90.0, 110.0, 81)])
    u = SOURCE.phase("explore", 0).uniform(ids(500))
    counts = np.array([poisson_quantile(u, np.full(500, rate)) for rate in rates])
    assert (np.diff(counts, axis=0) >= 0).all()


def test_poisson_of_the_largest_uniform_is_no_accident_of_rounding():
    """The cumulative sum stops short of one; the count must not run to the end of the loop."""
    largest = np.full(3, 1.0 - 2.0**-53)
    got = poisson_quantile(largest, np.array([1.0, 20.0, 90.0]))
    assert np.abs(got - stats.poisson.ppf(largest, [1.0, 20.0, 90.0])).max() <= 3


def test_poisson_at_its_edges():
    zero = poisson_quantile(np.array([0.5, 1 - 1e-16]), np.zeros(2))
    assert zero.tolist() == [0, 0]
    assert poisson_quantile(np.empty(0), np.empty(0)).tolist() == []
    noise = SOURCE.phase("explore", 3)
    mixed = noise.poisson(np.array([0.0, 2.0, 500.0]), ids(3), 1)
    alone = [int(noise.poisson(np.array([r]), ids(3)[i : i + 1], 1)[0]) for i, r in
             enumerate((0.0, 2.0, 500.0))]  # fmt: skip
    assert mixed.tolist() == alone


def test_seeds_of_63_bits_are_told_apart():
    seeds = [0, 1, 2**31, 2**32, 2**32 + 1, 2**63 - 1]
    keys = {int(NoiseSource(seed, 0).phase("explore", 0).key) for seed in seeds}
    assert len(keys) == len(seeds)
    assert isinstance(SOURCE.phase("explore", 0), Noise)


def test_every_phase_that_the_model_names_is_a_known_one():
    used = set()
    for path in Path(ydsim.__file__).parent.rglob("*.py"):
        used |= set(re.findall(r'(?:\.phase|_draws)\("([\w ]+)"', path.read_text()))
    assert used == set(get_args(Phase))


@given(st.integers(0, 2**64 - 1))
def test_one_number_is_mixed_like_an_array(number):
    assert mix_one(number) == mix(np.array([number], dtype=np.uint64))[0]


@given(st.integers(0, 2**70), st.integers(0, 2**31), st.integers(-100, 400), st.integers(0, 20))
def test_a_phase_is_the_identity_of_its_parts(seed, replicate, quarter, k):
    draws = NoiseSource(seed, replicate).phase("match", quarter)
    assert draws.key == identity(seed % 2**63, replicate, "match", quarter)[0]
    ids = np.arange(5, dtype=np.uint64)
    np.testing.assert_array_equal(draws.bits(ids, k), mix(ids ^ mix(identity(k) ^ draws.key)))
    assert NoiseSource(seed, replicate).phase("match", np.int64(quarter)) == draws
