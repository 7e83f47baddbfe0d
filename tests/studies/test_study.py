"""What all studies share: outcomes of whole replicates, years, tables as files and as JSON."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.support.made_sweep import BORDER, grid, make_sweep
from ydsim import arguments
from ydsim.errors import ResultsError, UsageError
from ydsim.results.results import Results, records
from ydsim.studies import study


def sweep(**options):
    """Return two points of three years; launches differ by point, replicate and year."""
    return make_sweep(
        grid(**{BORDER.replace(".", "__"): [0.2, 0.5]}),
        lambda factors, replicate, years: 100.0 * factors[BORDER] + 10.0 * replicate + years,
        **options,
    )


def test_a_flow_is_its_total_over_the_years_and_a_level_its_mean():
    results = sweep(replicates=2)
    names = ["launches", "productivity_log", "launches"]
    facts, found = study.values_of(results, names, (2015, 2016))
    table = results.table("province_year").query("region == 'yrd' and year >= 2015")
    wide = table.pivot_table(index=["point", "replicate"], columns=["indicator", "year"],
                             values="value")  # fmt: skip
    assert (facts.years, facts.replicates) == ((2015, 2016), 2)
    for point in (0, 1):
        for replicate in (0, 1):
            row = wide.loc[(point, replicate)]
            launches = found["launches"][point, replicate]
            assert launches == pytest.approx(row["launches"].sum())
            level = found["productivity_log"][point, replicate]
            assert level == pytest.approx(row["productivity_log"].mean())


def test_what_provinces_alone_have_is_their_mean_and_gaps_are_refused(monkeypatch):
    results = sweep(replicates=1)
    cube = results.cube(["launches"])
    cube["launches"] = np.arange(18.0)  # by point, then region and two provinces, then years
    monkeypatch.setattr(Results, "cube", lambda *_, **__: cube)
    cube.loc[(slice(None), 0, "yrd"), "launches"] = np.nan
    found = study.values_of(results, ["launches"])[1]["launches"]
    assert found.tolist() == [[16.5], [43.5]]
    for place in ("yrd", "North"):
        some = cube.copy()
        some.loc[(0, 0, place, 2015), "launches"] = 1.0 if place == "yrd" else np.nan
        monkeypatch.setattr(Results, "cube", lambda *_, some=some, **__: some)
        with pytest.raises(ResultsError, match="launches"):
            study.values_of(results, ["launches"])


def test_replicates_that_a_point_lacks_are_left_out():
    results = sweep(replicates=3, without=[(1, 2)], failed=[(0, 0)])
    facts, found = study.values_of(results, ["launches"])
    of_one = results.cube(["launches"]).xs(("yrd", 1), level=("place", "replicate"))
    total = of_one["launches"].groupby(level="point").sum()
    assert found["launches"][:, 0].tolist() == pytest.approx(total.tolist())
    assert (facts.replicates, facts.left_out, facts.points) == (1, 2, 2)
    with pytest.raises(ResultsError):
        study.values_of(sweep(replicates=1, without=[(1, 0)]), ["launches"])
    first, last = facts.years
    for years in ((first, last + 1), (last + 1, last + 2)):
        with pytest.raises(UsageError, match=f"{first}-{last}"):
            study.values_of(results, ["launches"], years)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2016:2020", (2016, 2020)),
        ("2016-2020", (2016, 2020)),
        ("2018", (2018, 2018)),
        (2018, (2018, 2018)),
        ((2016, 2017), (2016, 2017)),
        (None, None),
    ],
)
def test_years(text, years):
    assert arguments.maybe_years("years", text) == years


@pytest.mark.parametrize(
    "text", ["2020:2016", "x", "2016:", "1:2:3", (2016,) * 3, 2016.5, (2016, 2017.5), ""]
)
def test_years_that_are_none(text):
    with pytest.raises(UsageError, match="years"):
        arguments.maybe_years("years", text)


@pytest.mark.parametrize(
    ("outcomes", "years", "said"),
    [(["launchs"], None, "launches"), ([], None, "outcome"), (None, (2010, 2014), "2010"),
     (None, "2014:2015", "2015"), (None, (2010, 2012), "2010"), (None, "2014:2012", "2014:2012")],
)  # fmt: skip
def test_what_is_asked_is_looked_at_before_anything_is_run(outcomes, years, said):
    made = study.sweep_of_study(
        "baseline",
        {"end": 2014},
        name="a",
        description="",
        design={"kind": "list", "points": [{BORDER: 0.5}]},
        replicates=2,
        seed=3,
        allow_code=False,
    )
    assert (made.base.scale, made.base.end, made.replicates) == (0.02, 2014, 2)
    with pytest.raises(UsageError, match=said):
        study.require_asked(made, outcomes, years)


def test_cells_of_a_page():
    table = pd.DataFrame({"name": ["a", "b"], "sure": [True, False], "gain": [1.25, np.nan]})
    assert study.Section.of("", table).rows == [["a", "yes", "1.25"], ["b", "no", "-"]]


def test_tables_as_csv_are_safe_and_as_json_have_no_nan():
    table = pd.DataFrame({"name": ["=1+1", "@x", "plain"], "value": [0.1, math.nan, math.inf]})
    lines = study.csv_of(table).decode().splitlines()
    assert lines == ["name,value", "'=1+1,0.1", "'@x,", "plain,inf"]
    assert [row["value"] for row in records(table)] == [0.1, None, None]


def test_a_study_is_run_from_its_design_and_read(tmp_path, monkeypatch):
    """Options go to those that know them: some to one, some to both; others are refused."""
    seen = {}

    def design(scenario, overrides=None, years=None, *, step=1, allow_code=False):
        seen["design"] = (scenario, overrides, step, years, allow_code)
        return "sweep"

    def read(results, *, outcomes=None, years=None):
        return (results, outcomes, years)

    def run_sweep(sweep, out, jobs, **more):
        return (sweep, out, jobs, more)

    monkeypatch.setattr(study, "run_sweep", run_sweep)
    run = study.runner(design, read, lambda sweep, **asked: seen.update(asked=(sweep, asked)))
    found = run("a", {"end": 2012}, "2012", outcomes=["x"], out="o", jobs=3, allow_code=True)
    more = {"progress": None, "allow_code": True}
    assert found == (("sweep", "o", 3, more), ["x"], "2012")
    assert seen["design"] == ("a", {"end": 2012}, 1, "2012", True)
    assert seen["asked"] == ("sweep", {"years": "2012", "outcomes": ["x"]})
    assert study.runner(design, read)("a", step=2)[1:] == (None, None)
    assert seen["design"][2] == 2
    with pytest.raises(TypeError, match="outcome"):
        run("a", outcome=["x"])
