"""The fit of a region of one's own: what it recovers, what it writes, what it cannot do."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ydsim
from tests.support.fits import made_fit, region
from tests.support.small import scenario
from tests.support.small import world as synthetic
from ydsim.cli import main
from ydsim.errors import ResourceError, UsageError
from ydsim.model import Model
from ydsim.run.progress import Stopped
from ydsim.store import files
from ydsim.studies import fit as module
from ydsim.studies.fit import (
    Target,
    TracedModel,
    WorldFit,
    _spans,
    dump,
    fit_settings,
    fit_world,
    known_years,
    markets,
    solve_shift,
)
from ydsim.world.base_run import FILE, WHEN, BaseRun, Made, load_base_run, shift_path
from ydsim.world.inputs import anchored_in
from ydsim.world.loader import load_world

SMALL = {"end": 2012, "scale": 0.01, "parameters.population.burn_in": 4}
"""The scenario of `region`."""
GROWTH = {"01001": 0.3, "02002": -0.2}
"""What two cities of `region` grow by beyond the others from 2011 to 2012."""


def tree(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def planted(years: int = 2) -> tuple[TracedModel, Target, np.ndarray]:
    """A run whose cities made what they made under shifts that are known, and these."""
    place, settings = synthetic(2, 2), scenario(years=years, burn_in=8)
    shift = np.linspace(-0.4, 0.4, place.n_cities * years).reshape(place.n_cities, years)
    base = BaseRun(parameters="planted", market_shift=shift)
    m = TracedModel(settings, world=place, base=base).run()
    made = m.trace().output.reshape(years, 4, -1).sum(axis=1).T
    known = np.ones((place.n_provinces, years), dtype=np.bool_)
    return m, Target(settings, place, range(2011, 2011 + years), made, known, m), shift


def solved(m: TracedModel, target: Target) -> tuple[np.ndarray, np.ndarray]:
    quarters = range(target.scenario.quarters)
    environment = [m.environment_at(2011 + t / 4.0) for t in quarters]
    keys = target.scenario.parameters.compete
    years, inputs = target.official.shape[1], m.state.inputs
    made = markets([m.trace()], years, inputs, m.world, environment, keys)
    return solve_shift(made, target.official, inputs, m.world)


@pytest.mark.slow
def test_a_planted_shift_is_recovered():
    m, target, shift = planted()
    found, makes = solved(m, target)
    # near, not equal: a trace has the productivity of the end of a quarter, after entry and exit
    np.testing.assert_allclose(found, shift, atol=0.01)
    assert makes.all()
    more = target.official * np.array([1.0, 1.1])
    assert (solved(m, replace(target, official=more))[0][:, 1] > shift[:, 1] + 0.05).all()
    misfit = replace(target, official=more).misfit([m.trace()])
    assert misfit["cities"][m.world.total] == (0.0, pytest.approx(np.log(1.1), abs=1e-5))
    assert misfit["provinces"]["Province 1"] == (0.0, pytest.approx(-np.log(1.1), abs=1e-5))
    half = replace(target, known=np.array([[True, True], [True, False]]))
    assert half.misfit([m.trace()])["cities"]["Province 2"] == (0.0, None)
    assert half.misfit([m.trace()])["cities"][m.world.total] == (0.0, None)
    assert "market shifts of Province 2 in 2012: value added" in half.not_fitted(makes)[0]


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A region where two cities grow otherwise, and its fit."""
    folder = region(tmp_path_factory.mktemp("fit") / "grown", growth=GROWTH)
    return folder, fit_world(folder, replicates=2, passes=2)


@pytest.mark.slow
def test_what_grows_faster_in_the_tables_has_a_larger_shift(grown, tmp_path):
    """Under the same draws the difference of two fits is what was planted into the tables."""
    folder, found = grown
    even = fit_world(region(tmp_path / "even"), replicates=2, passes=2)
    gain = found.base.market_shift - even.base.market_shift
    assert gain.shape == (4, 2)
    # knots of v in mid-year whose means over years are zero, then the growth
    path = shift_path(np.eye(2))[1:].reshape(2, 4, 2).mean(axis=1)
    for one, other, wanted in ((0, 1, 0.3), (3, 2, -0.2)):
        knots = np.linalg.solve(path, [0.0, wanted])
        np.testing.assert_allclose(gain[one] - gain[other], knots, atol=0.04)
    before, after, other = (
        found.rmse("cities", when)["region"] for when in ("before", "after", "other_draws")
    )
    assert after < 0.01 < before
    assert after < other < before
    assert found.noisy == ""
    price = found.base.log_price
    assert price.shape == (3, 8)
    assert np.isfinite(price).all()
    assert np.abs(np.diff(price)).max() < 0.05
    world = load_world(folder)
    assert not world.stale
    assert dump(load_base_run(world)) == (folder / FILE).read_text(encoding="utf-8")


@pytest.mark.slow
def test_research_and_levels_meet_the_figures_of_the_tables(grown):
    """R&D of firms under the fit, and what is recorded of anchored figures in their last year."""
    folder, found = grown
    misfit = found.made.misfit
    last = [{of: line[-1] for of, line in misfit.model_dump()[when]["research"].items()}
            for when in WHEN]  # fmt: skip
    assert abs(last[0]["North"]) > 0.1
    assert all(abs(gap) < 0.02 for gap in last[1].values())
    assert all(abs(gap) < 0.05 for gap in last[2].values())
    world = load_world(folder)
    keys = {**SMALL, "parameters.inputs.uncertainty": 0.0}
    runs = [Model("plain", world=world, seed=1, replicate=r, **keys).run() for r in (0, 1)]
    made = np.mean([m.recorder.series("rd_expenditure", "province") for m in runs], axis=0)
    official = world.series["rd_expenditure"].at(2012)[:-1]
    np.testing.assert_allclose(made[4:].sum(axis=0), official, rtol=1e-4)
    assert anchored_in(world.base_run, "rd_expenditure") == 2012
    assert anchored_in(world.base_run, "sci_papers") is None  # the tables have none


@pytest.mark.slow
def test_the_file_does_not_depend_on_jobs_or_on_an_earlier_fit(grown, tmp_path):
    folder = region(tmp_path / "grown", growth=GROWTH)
    before = tree(folder)
    made_fit(folder)
    told = []
    fit_world(folder, replicates=2, passes=2, jobs=2, progress=told.append)
    assert tree(folder) == tree(grown[0])
    assert {name: raw for name, raw in tree(folder).items() if name != FILE} == before
    shares = [now.share for now in told]
    assert shares == sorted(shares)
    assert (told[-1].done, told[-1].total, shares[-1]) == (8, 8, 1.0)


@pytest.mark.slow
def test_one_year_of_figures_is_fitted_as_far_as_it_goes(tmp_path, capsys):
    folder = region(tmp_path / "mine", first=2010, last=2010)
    assert main(["world", "fit", str(folder), "--replicates", "1", "--passes", "1", "-q"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "not fitted: market shifts: value added of cities is not known in 2011 or later; they are "
        "0",
        str(folder / FILE),
    ]
    base = load_base_run(load_world(folder))
    assert not base.market_shift.any()
    assert base.log_price is None
    assert main(["world", "check", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert "  fit                   no year, 1 replicate of region" in out
    assert "note: base_run.json: not fitted: market shifts: value added" in err


@pytest.mark.slow
def test_a_city_that_makes_nothing_keeps_its_shift():
    m, target, _ = planted(years=1)
    trace = m.trace()
    idle = trace.composition.copy()
    idle[:, :, 1] += idle[:, :, 0]
    idle[:, :, 0] = 0.0
    trace = replace(trace, composition=idle)
    environment = [m.environment_at(2011 + t / 4.0) for t in range(4)]
    official = target.official * 1.1
    keys, inputs = target.scenario.parameters.compete, m.state.inputs
    made = markets([trace], 1, inputs, m.world, environment, keys)
    found, makes = solve_shift(made, official, inputs, m.world)
    assert found[0, 0] == 0.0
    assert makes[:, 0].tolist() == [False, True, True, True]
    assert np.isfinite(found).all()
    name = m.world.city_names[0]
    assert f"market shifts of {name}: the runs make nothing there" in target.not_fitted(makes)[-1]


@pytest.mark.slow
def test_the_command_says_what_was_met(tmp_path, capsys):
    folder = region(tmp_path / "mine", growth=GROWTH)
    few = ["--replicates", "1", "--passes", "1", "--set", "scale=0.01"]
    assert main(["world", "fit", str(folder), *few]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()[3:6]] == ["North", "South", "region"]
    assert [line.split()[0] for line in out.splitlines()[8:11]] == ["North", "South", "region"]
    assert out.splitlines()[11:] == [str(folder / FILE)]
    assert "3/3 runs" in err
    assert main(["world", "fit", str(folder), *few, "--json", "-q"]) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert err == ""
    assert said["made"]["scale"] == 0.01
    assert said["made"]["scenario"] == "region"
    assert set(said["rmse"]["after"]["cities"]) == {"North", "South", "region"}
    assert said["file"] == str(folder / FILE)


def test_a_fit_that_is_stopped_or_cannot_be_written_changes_nothing(tmp_path, monkeypatch, capsys):
    folder = region(tmp_path / "mine")
    base = made_fit(folder)
    before = tree(folder)

    def stopped(*args: object, **options: object) -> BaseRun:
        raise Stopped("SIGTERM")

    monkeypatch.setattr(module, "fit_base_run", stopped)
    assert main(["world", "fit", str(folder), "-q"]) == 143
    assert capsys.readouterr().err == (f"stopped by SIGTERM: nothing was written in {folder}\n")
    assert tree(folder) == before

    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "fit_base_run", lambda *args, **options: base)
    monkeypatch.setattr(files, "system_write", full)
    with pytest.raises(ResourceError):
        fit_world(folder)
    assert tree(folder) == before


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"folder": "yrd"}, UsageError, "comes with ydsim, with its fit"),
        ({"replicates": 0}, UsageError, "replicates"),
        ({"passes": 0}, UsageError, "passes"),
        ({"scenario": "plainn"}, ydsim.InputError, "did you mean 'plain'"),
        ({"scenario": scenario(), "overrides": {"scale": 1}}, UsageError, "overrides"),
        ({"overrides": {"scale": 7}}, ydsim.ScenarioError, "scale"),
    ],
)
def test_what_cannot_be_fitted_is_refused_before_anything_runs(
    tmp_path, monkeypatch, given, error, said
):
    monkeypatch.setattr(module, "fit_base_run", None)
    monkeypatch.chdir(tmp_path)
    options = {"folder": region(tmp_path / "mine"), **given}
    with pytest.raises(error, match=said):
        fit_world(options.pop("folder"), **options)


def test_years_of_a_fit(tmp_path):
    place = synthetic(2, 2)
    years, known = known_years(place, 2011)
    assert (years, known.shape, known.all()) == (range(2011, 2021), (2, 10), True)
    assert known_years(replace(place, until=2014), 2011)[0] == range(2011, 2015)
    lost = place.city_secondary.copy()
    lost[0, place.years > 2012] = np.nan
    years, known = known_years(replace(place, city_secondary=lost), 2011)
    assert years == range(2011, 2021)
    assert known.sum(axis=1).tolist() == [2, 10]
    lost[:] = np.where(place.years > 2009, np.nan, lost)
    years, known = known_years(replace(place, city_secondary=lost), 2011)
    assert (len(years), known.shape) == (0, (2, 0))
    alone = region(tmp_path / "mine", last=2011)
    assert known_years(load_world(alone), 2011)[0] == range(2011, 2012)
    assert _spans([2011, 2012, 2015, 2017, 2018]) == "2011-2012, 2015, 2017-2018"


def test_runs_of_a_fit_are_those_of_the_scenario_without_what_is_no_parameter():
    asked = scenario(years=1, seed=7, shocks=[], policies={"rd_grants": {"rate": 0.1}})
    settings = fit_settings(asked, synthetic(2, 2))
    assert (settings.start, settings.end, settings.seed) == (2011, 2020, 7)
    assert settings.parameters.inputs.uncertainty == 0.0
    assert list(settings.policies) == ["border_friction", "rd_grants"]
    rest = settings.parameters.model_copy(update={"inputs": asked.parameters.inputs})
    assert rest == asked.parameters


def test_a_fit_that_follows_chance_is_said(tmp_path):
    base = made_fit(region(tmp_path / "mine"))
    found = WorldFit(tmp_path, base)
    assert "it follows chance" in found.noisy
    made = base.made.model_dump()
    made["misfit"]["other_draws"]["cities"]["region"] = (0.0, 0.2)
    better = replace(base, made=Made(**made))
    assert WorldFit(tmp_path, better).noisy == ""
    assert found.rmse("cities", "after")["North"] == pytest.approx(0.25 / np.sqrt(2.0))
