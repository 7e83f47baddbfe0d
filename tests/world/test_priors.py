from itertools import product

import numpy as np
import pytest

from ydsim.noise import NoiseSource, identity
from ydsim.world.priors import (
    CITY_BETAS,
    city_shares,
    draw_field_profile,
    draw_industry_mix,
    industry_mix_mean,
)
from ydsim.world.world import World


def known_shares(world: World) -> dict[int, float]:
    """Return the mean log share of the known cities in their province's R&D."""
    found: dict[int, list[float]] = {}
    for city, year, spent in world.known_city_rd:
        province = world.city_province[city]
        if (world.city_province == province).sum() > 1:
            total = world.series["rd_expenditure"].at(year)[province]
            found.setdefault(city, []).append(float(np.log(spent / total)))
    return {city: float(np.mean(logs)) for city, logs in found.items()}


def test_known_points_within_a_third(yrd):
    share = city_shares(yrd)
    np.testing.assert_allclose(np.bincount(yrd.city_province, weights=share), 1.0, rtol=1e-12)
    known = known_shares(yrd)
    assert {yrd.city_names[c] for c in known} == {"Hangzhou", "Ningbo", "Bengbu", "Suzhou", "Wuxi"}
    for city, log in known.items():
        assert 0.75 < share[city] / np.exp(log) < 1.33


def test_betas_are_the_penalised_optimum(yrd):
    known = known_shares(yrd)

    def loss(betas: tuple[float, ...]) -> float:
        share = city_shares(yrd, (betas[0], betas[1], betas[2]))
        misfit = sum((np.log(share[c]) - log) ** 2 for c, log in known.items()) / 0.2**2
        return misfit + sum(
            ((b - m) / 0.3) ** 2 for b, m in zip(betas, (1.0, 0.3, 0.1), strict=True)
        )

    steps = product(*[(b - 0.03, b, b + 0.03) for b in CITY_BETAS])
    assert min(steps, key=loss) == CITY_BETAS


def test_a_city_without_the_year_uses_the_nearest(yrd):
    early = city_shares(yrd, year=1990)
    np.testing.assert_array_equal(early, city_shares(yrd, year=2005))
    np.testing.assert_array_equal(
        city_shares(yrd, (1.0, 0.0, 0.0), year=2024), city_shares(yrd, (1.0, 0.0, 0.0), year=2023)
    )


def test_clusters_tilt_the_mean(yrd):
    mean = industry_mix_mean(yrd)
    np.testing.assert_allclose(mean.sum(axis=1), 1.0, rtol=1e-12)
    city, industry, factor = yrd.clusters[0]
    odds = mean[city, industry] / mean[city, 0 if industry else 1]
    profile = yrd.industry_profile[yrd.city_province[city]]
    tilted = {j: f for c, j, f in yrd.clusters if c == city}
    other = 0 if industry else 1
    plain = profile[industry] / (profile[other] * tilted.get(other, 1.0))
    assert odds == pytest.approx(factor * plain)
    np.testing.assert_allclose(mean[0], yrd.industry_profile[0])


@pytest.mark.slow
def test_mean_and_variance_are_those_of_a_dirichlet(yrd):
    draws = np.stack(
        [draw_industry_mix(yrd, NoiseSource(7, r).phase("priors", 0), 20.0) for r in range(600)]
    )
    mean = industry_mix_mean(yrd)
    variance = mean * (1.0 - mean) / 21.0
    error = (draws.mean(axis=0) - mean) / np.sqrt(variance / 600)
    assert np.abs(error).max() < 4.5
    assert np.mean(error**2) == pytest.approx(1.0, abs=0.25)
    np.testing.assert_allclose(draws.var(axis=0).sum(), variance.sum(), rtol=0.05)


def test_a_mix_belongs_to_its_city(yrd):
    noise = NoiseSource(1, 0).phase("priors", 0)
    mean = np.full((3, 10), 0.1)
    ids = identity("firm", np.arange(3))
    draws = draw_field_profile(yrd, noise, ids, mean, 5.0)
    np.testing.assert_array_equal(
        draws[::-1], draw_field_profile(yrd, noise, ids[::-1], mean[0], 5.0)
    )
    assert (draws != draw_field_profile(yrd, noise, ids, mean, 6.0)).all()


def test_field_and_industry_draws_of_one_identity_are_independent(yrd):
    noise = NoiseSource(1, 0).phase("priors", 0)
    mean = industry_mix_mean(yrd)
    fields = draw_field_profile(yrd, noise, yrd.city_keys, mean, 20.0)
    assert (fields != draw_industry_mix(yrd, noise, 20.0)).all()
