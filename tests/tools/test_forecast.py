"""The blind forecast: its file, what page and changelog say of it, its patterns on planted runs."""

import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest

from tests.support.forecasts import planted
from tools import DOCS, forecast
from ydsim.design.sweep import scenarios
from ydsim.record.indicators import INDICATORS
from ydsim.results.summary import discrepancy, discrepancy_file
from ydsim.scenario.load import load_scenario
from ydsim.studies.skill import FAMILIES
from ydsim.world.loader import load_world

QUANTILES = ["p05", "p10", "p25", "median", "p75", "p90", "p95"]


MADE = [name for name in (forecast.FILE, forecast.CONDITIONAL) if (DOCS / name).exists()]


@pytest.mark.parametrize("file", MADE)
def test_the_file_has_every_year_place_and_quantile_in_order(file):
    table, world = pd.read_csv(DOCS / file), load_world()
    assert list(table) == ["region", "year", "indicator", "unit", *forecast.QUANTILES]
    assert not table.duplicated(["region", "year", "indicator"]).any()
    assert (np.diff(table[QUANTILES].to_numpy(), axis=1) >= 0.0).all()
    assert (table[QUANTILES] > 0.0).all(axis=None)
    places = [*world.provinces, world.total]
    for name in FAMILIES:
        rows = table[(table["indicator"] == name) & table["region"].isin(places)]
        assert len(rows) == len(places) * 5
        assert set(rows["unit"]) == {INDICATORS[name].unit}
        wide = np.log(rows["p90"] / rows["p10"]).to_numpy().reshape(-1, 5)
        assert (wide[:, -1] > wide[:, 0]).all()
    ranks = table[table["indicator"] == "rd_expenditure_rank"]
    assert set(ranks["region"]) == set(world.city_names)
    assert ranks[QUANTILES].to_numpy().max() <= world.n_cities
    assert set(table["year"]) == set(range(2021, 2026))


@pytest.mark.parametrize("file", MADE)
def test_page_and_changelog_have_the_hash_of_the_file(file):
    digest = hashlib.sha256((DOCS / file).read_bytes()).hexdigest()
    for path in (DOCS / "forecast.md", DOCS.parent / "CHANGELOG.md"):
        assert digest in path.read_text(encoding="utf-8")


def test_the_page_has_twelve_patterns():
    page = (DOCS / "forecast.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| \d+ \|", page, flags=re.MULTILINE)) == 12


def test_the_conditional_runs_know_2020_and_the_dated_policies():
    (point,) = scenarios(forecast.conditional(3, 0.01))
    known = load_scenario("history").policies
    assert (point.known_in, point.end) == (2020, 2025)
    assert point.policies == known
    assert max(policy.start or 0.0 for policy in known.values()) > 2021.0


def test_stored_errors_are_those_of_the_page_and_of_the_study(found, monkeypatch, tmp_path):
    stored = json.loads(discrepancy_file().read_text(encoding="utf-8"))
    assert stored["made_by"] in (DOCS / "skill.md").read_text(encoding="utf-8")
    path = tmp_path / "made.json"
    path.write_bytes(forecast.spreads_of(found))
    monkeypatch.setattr("ydsim.results.summary.discrepancy_file", lambda: path)
    for known_in, origin in ((None, 2020), (2016, 2016)):
        back = discrepancy.__wrapped__(known_in)
        errors = found.errors(origin, given=False)
        assert back.s == pytest.approx(errors.s, abs=1e-5)
        assert back.errors == errors.errors
        assert back.c == pytest.approx(errors.c, abs=1e-4)


@pytest.fixture(scope="module")
def found():
    return planted(error=0.03, last=2020)


def test_draws_begin_at_the_figures_and_spread_as_the_study_says(found):
    values = forecast.drawn(found)
    assert values.shape == (len(FAMILIES), 4, forecast.DRAWS, 6)
    known = np.exp(found.known[:, :-1, 2020 - 2011])
    assert np.allclose(values[..., 0], known[:, :, None])
    pool, logs = found.pool(2020), np.log(values[0, 0])
    for h in (1, 5):
        assert logs[:, h].mean() == pytest.approx(pool.mean[0, 0, h - 1], abs=0.005)
        assert logs[:, h].var() == pytest.approx(pool.spread[0, 0] ** 2 * h**1.6, rel=0.15)


def test_patterns_say_what_draws_have(found):
    values = forecast.drawn(found)
    by = {one.said[:30]: one.has(values) for one in forecast.PATTERNS}
    assert len(by) == len(forecast.PATTERNS) == 11
    assert all(each.shape == (forecast.DRAWS,) for each in by.values())
    flat = np.ones_like(values)
    flat[FAMILIES.index("invention_patents_in_force"), :, :, -1] = 2.1
    flat[0, :, :, 1:] *= np.array([3.0, 5.0, 4.0, 2.0])[:, None, None]
    has = [bool(one.has(flat).all()) for one in forecast.PATTERNS]
    assert has[0]  # the order of R&D
    assert not has[1]  # Anhui grows more slowly than Shanghai
    assert has[3]  # R&D grows faster than personnel, which do not grow
    assert not has[4]  # so does it than basic research
    assert not has[5]  # patents in force more than double
    assert not has[10]  # provinces were equal and are not


def test_statements_are_what_is_expected():
    rows = [line for line in (DOCS / "forecast.md").read_text().splitlines() if "%" in line]
    parts = [int(found[1]) for row in rows if (found := re.search(r"\| (\d+) % \|", row))]
    assert len(parts) == 12
    assert min(parts) >= 50


def test_the_registration_has_the_hashes_and_says_when_the_forecast_has_failed(found):
    text = " ".join(forecast.registration(found, {"forecast.csv": "0a" * 32}).split())
    assert "0a" * 32 in text
    assert "CRPS" in text
    assert "has failed where" in text
    assert re.search(r"at past origins, log points times 100: 2015 [\d.]+, 2016", text)
