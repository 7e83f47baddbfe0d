"""Flows: counted coefficients come out, planted ones are found, shares are those of a loop."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.numbers import SEEDS, close, rng
from ydsim.errors import ResultsError, UsageError
from ydsim.packaged import rows_of
from ydsim.results.results import open_results
from ydsim.studies import flows
from ydsim.studies.flows import counted_matrix, destinations, gravity
from ydsim.studies.validation import load_targets, simulated
from ydsim.world.loader import load_world

WORLD = load_world()
ROWS = {row["name"]: row for row in rows_of("ydsim.studies", "flows.csv")}
PACKAGE = "ydsim.studies"


@pytest.mark.parametrize(
    ("matrix", "hours", "rows"),
    [
        ("citations", False, ("citations.same_province", "citations.ln_km")),
        ("citations", True, ("citations.same_province_hours", "citations.ln_hours")),
        ("teams", False, ("teams.same_province", "teams.ln_km")),
    ],
)
def test_the_estimator_gives_the_counted_coefficients(matrix, hours, rows):
    fit = gravity(counted_matrix(matrix).to_numpy(), WORLD, hours=hours)
    assert [round(b, 4) for b in fit] == [float(ROWS[name]["counted"]) for name in rows]
    stored = pd.DataFrame(rows_of(PACKAGE, "counted/coefficients.csv"))
    for name in rows:
        same = stored[(stored["estimate"] == ROWS[name]["counted"].rstrip("0"))
                      | (stored["estimate"] == ROWS[name]["counted"])]  # fmt: skip
        assert ROWS[name]["error"] in {*same["se"]}


def planted(same, distance, seed, per_pair=3.0):
    """Links drawn from a gravity equation between the cities of the region."""
    draw, n = rng(seed), WORLD.n_cities
    home, km = WORLD.city_province, WORLD.distance_km + np.eye(n)
    size = draw.normal(0.0, 1.0, n)
    log = size[:, None] + size + same * (home[:, None] == home) + distance * np.log(km)
    np.fill_diagonal(log, -np.inf)
    mean = np.exp(log)
    return draw.poisson(mean * per_pair * n * n / mean.sum()).astype(np.float64)


@pytest.mark.slow
@pytest.mark.parametrize("truth", [(0.5, -0.3), (1.5, -0.3), (0.0, 0.0)])
def test_a_planted_truth_is_found(truth):
    found = np.array([gravity(planted(*truth, seed), WORLD).to_numpy() for seed in range(20)])
    error = found.std(axis=0, ddof=1) / math.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - truth) < 3.0 * error + 0.01).all()
    assert (found.std(axis=0) < 0.3).all()


@pytest.mark.slow
def test_it_is_that_of_statsmodels():
    api = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    links, n = counted_matrix("citations").to_numpy(), WORLD.n_cities
    a, b = np.nonzero(~np.eye(n, dtype=bool))
    there = (links.sum(axis=1) - np.diag(links) > 0)[a] & (links.sum(axis=0) - np.diag(links) > 0)[
        b
    ]
    a, b = a[there], b[there]
    home = WORLD.city_province
    x = np.column_stack([home[a] == home[b], np.log(WORLD.distance_km[a, b])]).astype(float)
    effects = [pd.get_dummies(k, dtype=float).to_numpy() for k in (a, b)]
    design = np.hstack([x, effects[0], effects[1][:, 1:]])
    fit = api.GLM(links[a, b], design, family=api.families.Poisson()).fit(tol=1e-12)
    close(gravity(links, WORLD).to_numpy(), fit.params[:2], 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_where_links_lead_equals_a_loop(seed):
    draw, home = rng(seed), np.array([0, 0, 1, 2, 1])
    links = draw.exponential(1.0, (6, 6))
    for place in (None, 0, 1, 2):
        want = [0.0] * 4
        for c in range(5):
            if place is not None and home[c] != place:
                continue
            for d in range(6):
                where = 3 if d == 5 else 0 if c == d else 1 if home[c] == home[d] else 2
                want[where] += links[c, d]
        close(destinations(links, home, place), want)


def test_counted_flows_name_their_sources():
    known = {row["source_id"] for row in rows_of(PACKAGE, "counted/sources.csv")}
    for table in ("coefficients", "flows"):
        assert {row["source"] for row in rows_of(PACKAGE, f"counted/{table}.csv")} <= known
    assert {row["source"] for row in ROWS.values()} <= {*known, "assumed"}
    assert all(row["licence"] or "own" in row["source_id"]
               for row in rows_of(PACKAGE, "counted/sources.csv"))  # fmt: skip


def test_shares_of_citations_are_those_of_the_matrix():
    links, home = counted_matrix("citations").to_numpy(), WORLD.city_province
    inside = destinations(np.pad(links, ((0, 1), (0, 1))), home)
    shares = inside[:3] / inside.sum()
    close(shares[[0, 2]], [float(ROWS[f"citations.inside_{of}"]["counted"])
                           for of in ("city", "region")], 5e-3)  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    small = {"scale": 0.01, "end": 2016, "parameters.population.burn_in": 8}
    out = tmp_path_factory.mktemp("flows") / "runs"
    flows.run("baseline", small, replicates=3, out=out, jobs=1)
    return open_results(out)


@pytest.fixture(scope="module")
def found(runs):
    return flows.read(runs)


@pytest.mark.slow
def test_targets_of_flows_are_the_readings_of_the_study(runs, found):
    targets = [of for of in load_targets() if of.name.startswith("flows.") and of.years[1] <= 2016]
    assert len(targets) > 15
    shown = simulated(runs, targets)
    assert len(shown) == 3
    table = found.table.set_index("outcome")
    for of in targets:
        reading = table.loc[of.name.removeprefix("flows.")]
        close(shown[of.name].mean(), reading["estimate"])
        assert of.value == reading["counted"]


@pytest.mark.slow
def test_a_run_is_read_and_what_it_lacks_is_not_computed(found):
    table = found.table.set_index("outcome")
    assert {*table["verdict"]} <= {*flows.VERDICTS}
    assert table.loc["contracts.region", "verdict"] == flows.NOT_RUN
    assert table.loc["teams.per_pair", "verdict"] == flows.DIFFERS
    knowledge = table.loc["citations.same_province"]
    assert knowledge["low"] <= knowledge["estimate"] <= knowledge["high"]
    assert knowledge["counted_low"] == pytest.approx(0.1573 - 1.96 * 0.1014)
    shares = found.by_year.groupby(["year", "channel"])["share"].sum()
    close(shares.to_numpy(), np.ones(len(shares)))
    assert table.loc["contrast", "estimate"] == pytest.approx(
        table.loc["teams.same_province", "estimate"] - knowledge["estimate"]
    )


@pytest.mark.slow
def test_files_are_tables_a_page_and_figures(found, tmp_path):
    names = {path.name for path in found.write(tmp_path)}
    stems = {"flows", "flows_provinces", "flows_pairs"}
    assert names == {"flows.csv", "flows_years.csv", "flows.md"} | {f"{s}.png" for s in stems}


def test_every_reading_is_on_the_page():
    page = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")
    lines = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    cells = {line[0].removeprefix("| "): line for line in lines}
    for row in ROWS.values():
        assert row["words"] in cells
        if row["counted"] and row["source"] != "intercity_nodes":
            said = cells[row["words"]][3].split(" ")[0].replace("\u2212", "-")
            assert float(said) == pytest.approx(float(row["counted"]), abs=0.011)


def test_without_links_nothing_is_told_and_a_strange_place_is_refused():
    none = np.zeros((1, 6, 42, 42))
    links = flows.Links(WORLD, dict.fromkeys(["knowledge", "university licence"], none),
                        np.zeros((1, 6, 5, 5)), range(2011, 2017))  # fmt: skip
    for row in ROWS.values():
        assert not len(flows.simulated(links, row)), row["name"]
    table = pd.DataFrame({"replicate": [0], "year": [2011], "a": ["Nowhere"], "b": ["Hefei"],
                          "amount": [1.0]})  # fmt: skip
    with pytest.raises(ResultsError):
        flows._array(table, "amount", {"replicate": [0], "a": WORLD.city_names})


def test_another_region_is_refused():
    with pytest.raises(UsageError, match="Yangtze"):
        flows.design("synthetic")
