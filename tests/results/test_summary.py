import numpy as np
import pytest

from tests.support.fake_run import FailingModel, run, world
from tests.support.made_sweep import BORDER, grid, make_sweep
from ydsim.measures.effects import interval
from ydsim.record.indicators import INDICATORS
from ydsim.results.headlines import HEADLINES
from ydsim.results.summary import (
    compare_official,
    money_as_text,
    official_as_text,
    policy_money,
    shown_years,
    sweep_as_text,
    sweep_summary,
)


@pytest.mark.parametrize(
    ("years", "shown"),
    [
        (range(2011, 2031), [2015, 2020, 2030]),
        (range(2011, 2018), [2015]),
        (range(2011, 2015), [2011, 2013, 2014]),
        ([2012], [2012]),
    ],
)
def test_years(years, shown):
    assert shown_years(list(years)) == shown


def test_interval_is_students():
    n, mean, low, high = interval(np.array([1.0, 2.0, 3.0, 4.0]))
    assert (n, mean) == (4, 2.5)
    half = 3.182446305 * np.sqrt(5.0 / 3.0 / 4.0)  # t with 3 degrees of freedom
    assert (low, high) == pytest.approx((2.5 - half, 2.5 + half))
    assert interval(np.array([2.0])) == (1, 2.0, None, None)


def test_figures_stand_beside_official_ones():
    results = run(None)
    figures = compare_official(results)
    assert set(figures["indicator"]) == {"rd_expenditure"}
    assert set(figures["year"]) == {2015}
    assert figures["region"].tolist() == ["yrd", *world().provinces]
    table = results.table("province_year").set_index(["indicator", "region", "year"])
    values = table.loc[("rd_expenditure", "yrd", 2015), "value"].to_numpy()
    first = figures.iloc[0]
    assert (first["n"], first["official"]) == (3, 4000.0)
    assert (first["mean"], first["low"]) == pytest.approx(interval(values)[1:3])
    text = official_as_text(figures)
    assert f"{values.mean():.0f} [" in text
    assert " 4,000\n" in text


def test_headlines_are_official_indicators_of_the_model():
    assert all(INDICATORS[name].official for name in HEADLINES)


def test_figures_without_an_official_one_keep_their_row(monkeypatch):
    results = run(None)
    whole, table = compare_official(results), results.columns("official")
    none = {name: column[:0] for name, column in table.items()}
    monkeypatch.setattr(results, "columns", lambda name: none)
    found = compare_official(results)
    assert found["mean"].tolist() == whole["mean"].tolist()
    assert found["official"].isna().all()
    assert all(line.endswith(" -") for line in official_as_text(found).splitlines()[4:])


def test_one_replicate_has_no_interval():
    text = official_as_text(compare_official(run(None, changes={"replicates": 1})))
    assert "[" not in text


def test_nothing_finished_gives_an_empty_summary(tmp_path):
    class AllFail(FailingModel):
        def step(self):
            raise ValueError("no")

    results = run(tmp_path / "r", AllFail)
    assert len(results.failures) == 3
    assert (results.done, results.left, results.replicates) == (0, 0, ())
    assert official_as_text(compare_official(results)) == ""


# -- money of policies -----------------------------------------------------------------------------


def paid(monkeypatch):
    """Results with rows of money of one policy in two replicates and years."""
    results = run(None, changes={"replicates": 2})
    n = 8
    table = {
        "point": np.zeros(n, dtype=np.int64),
        "replicate": np.repeat([0, 1], 4),
        "year": np.tile([2012, 2012, 2013, 2013], 2),
        "instrument": np.array(["fund", "grants"] * 4, dtype=object),
        "asked": np.arange(n) * 1.0,
        "amount": np.full(n, 1500.0),
        "leaked": np.full(n, 0.5),
        "left_over": np.full(n, 3.0),
    }
    tables = [*results.manifest["tables"], "policy_costs"]
    results.manifest = {**results.manifest, "tables": tables}
    monkeypatch.setattr(type(results), "raw", lambda self, name: table)
    return results, table


def test_money_of_policies_is_a_year_and_a_replicate(monkeypatch):
    results, table = paid(monkeypatch)
    found = policy_money(results)
    assert found.to_numpy().tolist() == [["fund", 2012, 2013, 3.0, 1500.0, 0.5, 3.0]]
    assert found.columns[3:].tolist() == ["asked", "taken", "leaked", "left"]
    text = money_as_text(found)
    assert text.splitlines()[2].split() == ["fund", "2012-2013", "3", "1,500", "0.5", "3"]
    assert money_as_text(found[:0]) == ""
    assert not len(policy_money(results, point=1))
    del table["left_over"]
    assert not len(policy_money(results))


# -- points of a sweep -----------------------------------------------------------------------------


def test_points_that_end_in_other_years_are_not_of_one_year():
    for ends in ([2020], [2020, 2022]):
        results = make_sweep(
            grid(end=ends), lambda factors, replicate, years: np.ones(len(years)), replicates=1
        )
        assert ("in 2020" in sweep_as_text(results).splitlines()[0]) == (len(ends) == 1)


def test_points_of_a_sweep_have_means_and_paired_differences():
    luck, gain = np.array([0.0, 50.0, -20.0]), np.array([4.0, 6.0, 11.0])

    def launches(factors, replicate, years):
        more = gain[replicate] if factors[BORDER] > 0.3 else 0.0
        return np.full(len(years), 100.0 + luck[replicate] + more)

    results = make_sweep(grid(**{BORDER.replace(".", "__"): [0.2, 0.5]}), launches, replicates=3)
    first, second = sweep_summary(results)
    assert (first["replicates"], second[BORDER], "differences" in first) == (3, 0.5, False)
    table = results.runs
    assert table[BORDER].tolist() == [{0: 0.2, 1: 0.5}[point] for point in table["point"]]
    runs = table.set_index(["point", "replicate"])["rd_expenditure"]
    differences = (runs[1] - runs[0]).to_numpy()
    assert list(second["outcomes"]["rd_expenditure"].values()) == pytest.approx(
        interval(runs[1].to_numpy())[1:]
    )
    found = second["differences"]["rd_expenditure"]
    assert list(found.values()) == pytest.approx(interval(differences)[1:])
    half = (found["high"] - found["low"]) / 2.0
    assert f"{found['mean']:+.3g} ± {half:.2g}" in sweep_as_text(results)
