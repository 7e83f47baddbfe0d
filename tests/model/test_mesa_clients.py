"""Mesa's own tools drive the model: batch_run and DataCollector."""

import gc
import re
import subprocess
import sys
import weakref
from pathlib import Path

import mesa
import numpy as np
import pandas as pd
import pytest

import ydsim
from tests.support.small import after_burn_in, model, same, scenario
from ydsim.agents import Firm, Government, Institute, Intermediary, Media, University
from ydsim.agents.mesa_agents import Organisation
from ydsim.errors import ScenarioError
from ydsim.model import Model
from ydsim.record.indicators import INDICATORS

REGION = [name for name, indicator in INDICATORS.items() if "region" in indicator.levels]
SHORT = {"end": 2011, "scale": 0.01, "parameters.population.burn_in": 8}
PAGE = Path(__file__).parents[2] / "docs" / "mesa.md"


needs_batch_run = pytest.mark.skipif(
    not hasattr(mesa, "batch_run"), reason=f"Mesa {mesa.__version__} has no batch_run"
)


def batch(cls, parameters, **options):
    return mesa.batch_run(cls, parameters, display_progress=False, **options)


def same_numbers(rows, m):
    """Whether rows hold all series of the region of a run, quarter by quarter."""
    return all(
        same(np.array([row[name] for row in rows], dtype=np.float64), m.recorder.series(name))
        for name in REGION
    )


@pytest.fixture(scope="module")
def scenarios():
    passes = "policies.border_friction.passes"
    low, high = (ydsim.load_scenario("synthetic", SHORT | {passes: x}) for x in (0.0, 0.9))
    return [low, high]


@pytest.fixture(scope="module")
def direct(scenarios):
    """The runs of two scenarios and two seeds in the order of `batch_run`."""
    return [(s, seed, Model(s, rng=seed).run()) for s in scenarios for seed in (1, 2)]


@needs_batch_run
@pytest.mark.slow
@pytest.mark.parametrize("period", [1, -1])
def test_batch_run_over_scenarios_and_seeds(scenarios, direct, period):
    rows = batch(
        Model,
        {"scenario": scenarios, "rng": [1, 2]},
        number_processes=1,
        data_collection_period=period,
    )
    assert len(rows) == 4 * (4 if period == 1 else 1)
    for number, (settings, seed, m) in enumerate(direct):
        mine = [row for row in rows if row["RunId"] == number]
        assert all(row["scenario"] is settings and row["rng"] == seed for row in mine)
        assert np.diff([row["Step"] for row in mine]).tolist() == [1] * (len(mine) - 1)
        if period == 1:
            assert same_numbers(mine, m)
        else:
            assert {name: mine[0][name] for name in REGION} == {
                name: pytest.approx(m.recorder.series(name)[-1], nan_ok=True) for name in REGION
            }


@needs_batch_run
@pytest.mark.slow
def test_batch_run_over_names_and_dotted_overrides():
    passes = "policies.border_friction.passes"
    rows = batch(
        Model,
        {"scenario": "synthetic", **SHORT, passes: [0.0, 0.9], "replicate": [0, 1]},
        data_collection_period=1,
    )
    frame = pd.DataFrame(rows)
    assert frame.groupby([passes, "replicate"]).size().tolist() == [4, 4, 4, 4]
    for x in (0.0, 0.9):
        for replicate in (0, 1):
            mine = [r for r in rows if r[passes] == x and r["replicate"] == replicate]
            settings = ydsim.load_scenario("synthetic", SHORT | {passes: x})
            assert same_numbers(mine, Model(settings, replicate=replicate).run())


IN_PROCESSES = """
import sys

import mesa
import pandas as pd

from ydsim import Model

design, target = eval(sys.argv[1]), sys.argv[2]
rows = mesa.batch_run(Model, design, number_processes=2, display_progress=False)
pd.DataFrame(sorted(rows, key=lambda r: r["RunId"])).to_pickle(target)
"""


@needs_batch_run
@pytest.mark.slow
def test_processes_of_batch_run_give_what_one_gives(tmp_path):
    """In an interpreter of its own: Mesa forks, and a process with threads may not be forked."""
    parameters = {"scenario": "synthetic", **SHORT, "rng": [1, 2]}
    one = batch(Model, parameters, number_processes=1)
    target = tmp_path / "rows.pickle"
    command = [sys.executable, "-c", IN_PROCESSES, repr(parameters), str(target)]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert [r["RunId"] for r in one] == [0, 1]
    assert pd.DataFrame(one).equals(pd.read_pickle(target))


@pytest.mark.slow
def test_seed_and_rng_are_two_names_of_one_number():
    settings = scenario(years=1)
    runs = [Model(settings, **{name: 7}).run() for name in ("rng", "seed")]
    own = Model(settings).run()
    series = [m.recorder.series("adoptions").tolist() for m in (*runs, own)]
    assert series[0] == series[1] != series[2]
    with pytest.raises(ValueError, match="two names"):
        Model(settings, rng=1, seed=1)


def test_a_scenario_by_name_and_by_path(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("extends: synthetic\nscale: 0.01\nend: 2011\nseed: 5\n", encoding="utf-8")
    for given in (file, str(file)):
        m = Model(given, **{"parameters.population.burn_in": 4})
        assert (m.settings.name, m.settings.scale, m.noise.seed) == ("mine", 0.01, 5)
        assert m.parameters.population.burn_in == 4


def test_mistakes_in_overrides_are_named():
    with pytest.raises(ScenarioError, match="did you mean 'scale'"):
        Model("synthetic", scal=0.01)
    with pytest.raises(TypeError, match="'scale'"):
        Model(scenario(years=1), scale=0.01)


BROKERS = {"brokers.capacity": 500.0, "brokers.per_1000_firms": 20.0, "brokers.largest_deal": 10.0}
"""Many introductions, and contracts of any size: in a year some are paid for."""


@pytest.fixture(scope="module")
def watched():
    m = model(years=1, scale=0.02, parameters=BROKERS)
    m.datacollector = mesa.DataCollector(
        model_reporters=m.reporters(),
        agenttype_reporters={
            Firm: {name: name for name in ("key", "rd", "sales", "certified", "city", "partners")},
            University: {"key": "key", "name": "name", "knowledge": "knowledge"},
            Institute: {"key": "key", "researchers": "researchers"},
            Government: {"name": "name", "balance": "balance", "money": "science_money"},
            Intermediary: {"introductions": "introductions"},
            Media: {"name": "name", "covered": "covered"},
            Organisation: {"row": "row", "grants": "grants"},
        },
    )
    return m.run()


@pytest.mark.slow
def test_the_model_collects_the_series_of_the_region():
    m = after_burn_in(years=1).run()
    frame = m.datacollector.get_model_vars_dataframe()
    assert list(frame) == REGION
    assert all(same(frame[name].to_numpy(), m.recorder.series(name)) for name in REGION)
    last = {name: value for name, value in m.recorder.last.items() if name in REGION}
    assert len(last) > 4
    assert frame.iloc[-1][list(last)].to_dict() == last


@pytest.mark.slow
def test_reporters_before_the_first_quarter_give_nothing():
    m = after_burn_in(years=1)
    assert len(m.datacollector.get_model_vars_dataframe()) == 0
    assert all(np.isnan(reporter(m)) for reporter in m.reporters().values())


def agents_of(m, kind):
    return m.datacollector.get_agenttype_vars_dataframe(kind)


@pytest.mark.slow
def test_views_and_frames_agree_with_the_recorded_agents(watched):
    recorded = pd.DataFrame(watched.recorder.tables()["agents"]).set_index("key")
    views = {a.key: a for a in watched.agents if isinstance(a, Organisation)}
    assert sorted(views) == sorted(recorded.index)
    assert {type(views[key]).__name__.lower() for key in recorded.index} == set(recorded["kind"])
    firms = recorded[recorded["kind"] == "firm"]
    assert 0 < firms["certified"].sum() < len(firms)
    frame = agents_of(watched, Firm).loc[4].set_index("key").loc[firms.index]
    assert frame["certified"].tolist() == firms["certified"].tolist()
    assert frame["sales"].tolist() == pytest.approx(firms["sales"].tolist(), abs=1e-6)
    assert frame["partners"].map(len).tolist() == firms["partners"].tolist()
    for key, row in recorded.iterrows():
        view = views[key]
        assert (view.city, view.province) == (row["city"], row["province"])
        assert view.researchers == pytest.approx(row["researchers"], abs=1e-6)
        if isinstance(view, Firm):
            assert (view.industry, view.technology) == (row["industry"], row["technology"])
            for name in ("sales", "value_added", "log_productivity", "contract_net"):
                assert getattr(view, name) == pytest.approx(row[name], abs=1e-6), name
            assert view.certified == row["certified"]
        else:
            assert getattr(view, "name", "") == row["name"]


@pytest.mark.slow
def test_what_happened_can_be_read_until_the_next_quarter_begins():
    many = {"brokers.per_1000_firms": 20.0, "brokers.largest_deal": 10.0}
    m = model(years=1, scale=0.02, parameters=many)
    for quarter in range(4):
        m.step()
        assert m.state.quarter == quarter + 1
        events = m.state.adoptions
        assert len(events.firm) > 0
        assert m.state.tally.city.adoptions.sum() == m.recorder.series("adoptions")[-1]
        brokers = m.agents_by_type[Intermediary]
        assert sum(brokers.get("introductions")) == m.state.brokers.introductions.sum() > 0
        assert (m.state.organisations.contract_net != 0.0).any()


@pytest.mark.slow
def test_models_can_be_forgotten():
    m = after_burn_in(years=1).run()
    gone = weakref.ref(m), weakref.ref(m.state.organisations)
    del m
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


@needs_batch_run
@pytest.mark.slow
def test_the_examples_of_the_page_run(capsys):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
        assert capsys.readouterr().out
    assert len(blocks) == 4
    assert [type(row["profit"]) for row in names["rows"] if "profit" in row] == []
    assert len({row["adoptions"] for row in names["rows"]}) > 1
