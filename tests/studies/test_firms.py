"""Adoption by adoption, with and without a policy."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ydsim
from tests.support import planted
from tests.support.made import make_results
from ydsim.cli import main
from ydsim.design.points import points
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import difference, variance_removed
from ydsim.studies import firms
from ydsim.studies.firms import COUNTS, OUTCOMES, Firms, design, paired, read
from ydsim.studies.study import Facts
from ydsim.world.loader import load_world

SMALL = {"scale": 0.01, "end": 2012, "parameters.population.burn_in": 24}
GRANTS = {"policies.rd_grants.rate": 0.3, "policies.rd_grants.start": 2011.5}


def made(events, cities=None):
    """First adoptions from a mapping of (firm, generation) to a quarter."""
    pairs = sorted(events)
    return pd.DataFrame(
        {
            "firm": np.array([f for f, _ in pairs], dtype=np.uint64),
            "identity": np.array([g for _, g in pairs], dtype=np.int64),
            "quarter": np.array([events[pair] for pair in pairs], dtype=np.int64),
            "city": [(cities or {}).get(pair, "Here") for pair in pairs],
            "industry": ["optics"] * len(pairs),
        }
    )


events = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(0, 9), min_size=1, max_size=25
)


@settings(max_examples=30, deadline=None)
@given(events, events)
def test_comparison_equals_the_scalar_rule(plain, changed):
    got = paired(made(plain), made(changed))
    every = sorted({f for f, _ in plain} | {f for f, _ in changed})
    assert got["firm"].tolist() == every
    for i, firm in enumerate(every):
        mine = {g for f, g in plain if f == firm}, {g for f, g in changed if f == firm}
        gains = [plain[firm, g] - changed[firm, g] for g in mine[0] & mine[1]]
        want = (
            len(gains),
            sum(gain > 0 for gain in gains),
            sum(gain < 0 for gain in gains),
            sum(gains),
            len(mine[1] - mine[0]),
            len(mine[0] - mine[1]),
        )
        assert tuple(got.loc[i, COUNTS]) == want


def test_a_firm_is_where_it_adopted_first_in_either_run():
    largest = 2**64 - 1
    plain = made({(largest, 1): 5, (largest, 2): 3, (4, 1): 2}, {(largest, 2): "There"})
    changed = made({(largest, 3): 2, (largest, 1): 5, (5, 9): 1}, {(largest, 3): "First"})
    got = paired(plain, changed).set_index("firm")
    assert got["city"].to_dict() == {4: "Here", 5: "Here", largest: "First"}
    assert paired(plain, changed.iloc[:2]).set_index("firm")["city"][largest] == "There"
    sooner = made({(7, 1): 2}, {(7, 1): "Sooner"})
    assert paired(made({(7, 1): 5}), sooner)["city"].tolist() == ["Sooner"]
    assert paired(sooner, made({(7, 1): 5}))["city"].tolist() == ["Sooner"]


def test_the_runs_are_the_scenario_without_the_policy_and_as_it_is():
    laid = {**SMALL, **GRANTS, "policies.rd_grants.strength": 0.5}
    sweep = design("synthetic", "rd_grants", laid, replicates=3, seed=9)
    without, with_it = (point.scenario for point in points(sweep))
    assert (sweep.replicates, sweep.random, with_it.seed) == (3, "common", 9)
    assert (sweep.record.adoption, sweep.record.tables) == (True, ("generations",))
    assert [s.policies["rd_grants"].strength for s in (without, with_it)] == [0.0, 0.5]
    same = without.policies["rd_grants"].model_copy(update={"strength": 0.5})
    policies = {**without.policies, "rd_grants": same}
    assert without.model_copy(update={"policies": policies}) == with_it


def test_a_policy_that_is_not_there_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError, match="did you mean 'rd_grants'"):
        design("synthetic", "rd_grant", {**SMALL, **GRANTS})
    with pytest.raises(UsageError, match="has strength 0"):
        design("synthetic", "rd_grants", {**SMALL, "policies.rd_grants.strength": 0.0})


def test_other_results_are_refused():
    with pytest.raises(UsageError, match="compare --by firm"):
        read(make_results())


def found(replicates=3):
    """A finding of planted firms and outcomes."""
    index = pd.MultiIndex.from_product([range(2), range(replicates)], names=["point", "replicate"])
    draw = np.random.default_rng(2).normal(size=(2 * replicates, len(OUTCOMES)))
    outcomes = pd.DataFrame(100.0 + draw, index=index, columns=list(OUTCOMES))
    rows = pd.DataFrame(
        {
            "firm": np.array([2, 9, 11], dtype=np.uint64),
            "city": ["Here"] * 3,
            "industry": ["optics"] * 3,
            "both": [4, 2, 1], "earlier": [1, 2, 0], "later": [1, 0, 0], "gained": [-3, 6, 0],
            "only_with": [0, 1, 0], "only_without": [1, 0, 0],
            "replicate": [0, 0, 1], "province": ["North", "South", "South"],
        }
    )  # fmt: skip
    facts = Facts("made", "made", "made by nobody", None, (2011, 2012), replicates, 0, 2)
    return Firms(facts, "rd_grants", outcomes, rows, ("North", "South", "West"))


def test_outcomes_are_paired_by_replicate():
    study = found()
    for name, row in study.table.set_index("outcome").iterrows():
        plain, changed = (study.outcomes.loc[k, name].to_numpy() for k in (0, 1))
        gap = difference(plain, changed)
        assert (row["estimate"], row["low"], row["high"]) == (gap.estimate, gap.low, gap.high)
        assert row["removed"] == pytest.approx(variance_removed(plain, changed))
        assert (row["n"], row["without"]) == (3, plain.mean())


def test_adoption_is_summed_by_province_and_for_the_region():
    counts = found().adoption.set_index("place")
    assert counts.index.tolist() == ["North", "South", "West", "region"]
    assert counts["firms"].tolist() == [1, 2, 0, 3]
    assert counts["firms_earlier"].tolist() == [1, 1, 0, 2]
    assert counts.loc["region", ["both", "earlier", "later"]].tolist() == [7, 3, 1]
    assert counts.loc["region", ["only_with", "only_without"]].tolist() == [1, 1]
    assert counts["mean_gain"].tolist()[:2] == [-0.75, 2.0]
    assert np.isnan(counts.loc["West", "mean_gain"])
    assert counts.loc["region", "mean_gain"] == 3.0 / 7.0


def test_firms_that_differ_come_by_what_they_gained():
    moved = found().moved
    assert moved["firm"].tolist() == ["0000000000000009", "0000000000000002"]
    assert moved["gained"].tolist() == [6, -3]


def test_one_replicate_has_no_intervals(tmp_path):
    study = found(1)
    data = json.loads(json.dumps(study.as_dict(), allow_nan=False))
    assert {row["low"] for row in data["table"]} == {None}
    assert "null" not in study.text
    names = {path.name for path in study.write(tmp_path)}
    assert names >= {"firms.csv", "firms_by_province.csv", "firms_moved.csv"}


def test_the_figure_counts_firms_by_quarters_gained():
    axes = found().plot().axes[0]
    heights = {round(bar.get_x() + 0.5): bar.get_height() for bar in axes.patches}
    assert {gain for gain, height in heights.items() if height} == {-3, 6}


class Adopting(planted.Planted):
    """Firm 7 adopts the bright generation two quarters earlier with the policy, firm 8 nothing.

    Numbers of generations differ with the policy; firm 7 adopts again where it moves.
    """

    def tables(self):
        tables = super().tables()
        helped = self.scenario.policies["rd_grants"].strength > 0.0
        bright, kept = int(helped), slice(2 if helped else 3)
        cities = self.world.city_names
        generations = {
            "generation": np.array([0, 1], dtype=np.int32),
            "industry": np.array(["optics", "optics"], dtype=object),
            "field": np.array(["f", "f"], dtype=object),
            "appeal": np.array([1.0, 2.0] if helped else [2.0, 1.0]),
        }
        adoption = {
            "generation": np.array([bright, bright, 1 - bright][kept], np.int32),
            "firm": np.array([7, 7, 8][kept], dtype=np.uint64),
            "city": np.array([*cities[1:3], cities[0]][kept], dtype=object),
            "year": np.array([2012, 2012, 2011][kept], dtype=np.int32),
            "quarter": np.array([1 if helped else 3, 4, 2][kept], dtype=np.int32),
        }
        adoption["channel"] = np.full(len(adoption["firm"]), "peers", dtype=object)
        return {"series": tables["series"], "generations": generations, "adoption": adoption}


def test_runs_are_read_by_point_replicate_and_identity(tmp_path):
    sweep = design("synthetic", "rd_grants", {**SMALL, **GRANTS}, replicates=2)
    study = read(planted.run(sweep, tmp_path / "out", Adopting))
    rows = study.firms.set_index(["replicate", "firm"])
    assert rows.loc[(0, 7), ["both", "earlier", "later", "gained"]].tolist() == [1, 1, 0, 2]
    assert rows.loc[(1, 8), ["both", "only_with", "only_without"]].tolist() == [0, 0, 1]
    world = load_world("synthetic")
    assert set(study.firms["city"]) == {world.city_names[0], world.city_names[1]}
    assert study.firms["province"].isin(world.provinces).all()
    outcomes = study.outcomes.loc[(slice(None), 0), :]
    assert outcomes["adoptions"].tolist() == [200.0, 100.0]  # of a sample of one in a hundred
    assert outcomes["mean_quarter"].tolist() == [3.5, 4.0]


def test_generations_of_one_appeal_are_refused(tmp_path):
    class Alike(Adopting):
        def tables(self):
            tables = super().tables()
            tables["generations"]["appeal"] = np.ones(2)
            return tables

    sweep = design("synthetic", "rd_grants", {**SMALL, **GRANTS}, replicates=1)
    with pytest.raises(ResultsError, match="appeal_sd"):
        read(planted.run(sweep, tmp_path / "out", Alike))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Results of two replicates."""
    out = tmp_path_factory.mktemp("runs") / "f"
    firms.run("synthetic", "rd_grants", {**SMALL, **GRANTS}, replicates=2, out=out, jobs=1)
    return out


@pytest.mark.slow
def test_runs_are_paired_by_the_identity_of_generations(folder):
    results = ydsim.open_results(folder)
    runs = {(p, r): table for p, r, table in firms._adoptions(results)}
    assert sorted(runs) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    one, helped = runs[0, 0], runs[1, 0]
    assert len(one) > 100
    alike = paired(one, one)
    assert alike["both"].sum() == len(one)
    assert not alike[["earlier", "later", "gained", "only_with", "only_without"]].any(axis=None)
    other = paired(one, helped)
    assert other[["earlier", "later", "only_with"]].sum().sum() > 0
    # adoptions of the quarters before the start are the same
    early = [a[a["quarter"] < 2][["firm", "identity"]] for a in (one, helped)]
    early = [set(each.itertuples(index=False, name=None)) for each in early]
    assert early[0] == early[1]
    assert early[0]
    assert not paired(one, runs[0, 1])["both"].gt(0).any()  # another replicate is another world


@pytest.mark.slow
def test_the_command_goes_on_in_its_folder(tmp_path, folder, monkeypatch, capsys):
    texts = [f"--set={key}={value}" for key, value in {**SMALL, **GRANTS}.items()]
    args = ["compare", "synthetic", "--by", "firm", "--policy", "rd_grants", "-q"]
    before = (folder / "manifest.json").read_bytes()
    assert main([*args, "-o", str(folder), "--replicates", "2", *texts]) == 0
    assert (folder / "manifest.json").read_bytes() == before
    assert str(folder / "firms_moved.csv") in capsys.readouterr().out
    rows = pd.read_csv(folder / "firms_moved.csv")
    assert set(rows["replicate"]) == {0, 1}
    differs = rows[["earlier", "later", "only_with", "only_without"]].sum(axis=1)
    assert (differs > 0).all()
