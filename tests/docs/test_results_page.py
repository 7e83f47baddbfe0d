"""The catalogue of tables is that of runs and of sweeps, and the page on results that of both."""

import json
import re
from pathlib import Path

import pytest

import ydsim
from tests.support.pages import cards, page, rows, section, types
from ydsim.record.indicators import INDICATORS, RECORDED, ROWS
from ydsim.results.derived import DERIVED, SUMMARY
from ydsim.store.tables import described, from_parquet

WIDE = {"series": {"region", "province"}, "city_series": {"city"}}
STEMS = ("adopters", "eligible")
SHORT = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 4}
SHOCK = {"name": "end", "kind": "delete_projects", "year": 2011.5, "share": 0.2}
EVERYTHING = {
    "record.projects": True, "record.firms": True, "record.city_contracts": True, "shocks": [SHOCK],
}  # fmt: skip
RUNS = {"synthetic": {**SHORT, **EVERYTHING}, "ten_firms": EVERYTHING}
LOOSE = ("adoption", "ties", "agents")
KEPT = (
    "generations", "passports", "adoption_curves", "funnel", "contracts", "knowledge", "ledger",
    "policy_costs", "policy_results",
)  # fmt: skip
SWEEP = {
    "name": "tiny",
    "base": "synthetic",
    "set": SHORT,
    "replicates": 1,
    "design": {"kind": "grid", "factors": {"parameters.border.exposure": [0.3, 0.6]}},
    "record": {"cities": 1, "tables": list(KEPT), **dict.fromkeys(LOOSE, True)},
}
HEADER = ["column", "type", "unit", "meaning"]
UNITS = {i.unit for i in RECORDED.values()} | {
    "-", "year", "quarter", "quarters", "organisations", "researcher-quarters", "by channel",
    "items/100m_rmb", "s", "1/year", "years", "km", "places", "pairs", "links",
    "see `unit`", "as listed", "as the key",
}  # fmt: skip
"""Every unit there is, besides words for columns of several units."""
PAGE, FILES = page("results.md"), page("results_files.md")
HEADINGS = re.findall(r"^### `(\w+)`$", PAGE, flags=re.MULTILINE)


@pytest.fixture(scope="module", params=list(RUNS))
def results(request):
    return ydsim.simulate(request.param, RUNS[request.param])


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "tiny.yaml").write_text(json.dumps(SWEEP), encoding="utf-8")
    return ydsim.sweep(folder / "tiny.yaml", out=folder / "tiny")


def folded(results, columns):
    """Name and type of columns, one name for those of all provinces, and of all fields."""
    provinces = results.manifest["regions"][:-1]
    named = {f"{stem}_{p}": f"{stem}_<province>" for stem in STEMS for p in provinces}
    found = {named.get(name, name): kind for name, kind in types(columns).items()}
    return [(re.sub("^effort_.*", "effort_<field>", name), found[name]) for name in found]


def catalogue(table):
    """Name and type of the columns that a recorded table has by the catalogue, in their order."""
    found = [(name, column.type) for name, column in described()[table].columns.items()]
    levels = WIDE.get(table, set())
    return found + [(name, "float") for name, i in RECORDED.items() if levels & set(i.levels)]


REGION = [name for name, i in INDICATORS.items() if "region" in i.levels]


@pytest.mark.slow
def test_tables_of_a_run_are_those_of_the_catalogue(results):
    recorded = [*results.manifest["tables"], "official"]
    assert {*recorded, "runs", "design", *DERIVED, SUMMARY, "province_year", "city_year"} == (
        set(described()) - {"failures"}
    )
    for table in recorded:
        found = list(dict(folded(results, results.raw(table))).items())
        assert found == catalogue(table), table
    for table in DERIVED:
        found = types(results.columns(table))
        assert list(found.items()) == [("scenario", "text"), *catalogue(table)], table
    year = types(results.columns("province_year"))
    assert list(year.items()) == catalogue("province_year")
    both = [*catalogue("province_year"), *catalogue("city_year")]
    assert list(types(results.columns("city_year")).items()) == both
    at = list(year).index("year") + 1
    assert list(results.columns("series")) == [*list(year)[:at], "quarter", *list(year)[at:]]
    runs = types(results.raw("runs"))
    assert dict(catalogue("runs")).items() <= runs.items()
    assert set(runs) == {*dict(catalogue("runs")), "point", *REGION}


@pytest.mark.slow
def test_files_of_a_sweep_have_run_in_place_of_point_and_replicate(sweep):
    def stored(name):
        path = Path(str(sweep.path)) / name
        return from_parquet(path.read_bytes(), path)

    for table in (*KEPT, *LOOSE, *WIDE):
        found = folded(sweep, stored(f"{table}/part-000000.parquet"))
        wanted = [(name, kind) for name, kind in catalogue(table)
                  if name not in ("point", "replicate")]  # fmt: skip
        assert list(dict(found).items()) == [("run", "text"), *wanted], table
        assert list(sweep.raw(table))[:3] == ["point", "replicate", "run"]
    runs = types(stored("runs/part-000000.parquet"))
    region = sorted(REGION, key=lambda name: name not in RECORDED)
    assert list(runs) == [*dict(catalogue("runs")), *region]
    design = types(stored("design.parquet"))
    del design["parameters.border.exposure"]
    assert list(design.items()) == catalogue("design")
    plan = {name: card[0] for name, card in cards("`plan`").items()}
    assert types(stored("plan.parquet")) == plan


def keys(heading, header):
    """Return the keys in the table under a heading whose first column has this header."""
    block = re.search(rf"^\| {header} \|.*\n(?:^\|.*\n)+", section(FILES, heading), re.MULTILINE)
    return set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows(block[0]))))


@pytest.mark.slow
def test_keys_of_manifests_and_receipts_are_listed(sweep, tmp_path):
    ydsim.simulate("synthetic", SHORT, out=tmp_path / "run")
    of_receipts = set()
    for folder in (tmp_path / "run", Path(str(sweep.path))):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert keys("The manifest", "key") == set(manifest)
        text = (folder / "runs" / "part-000000.json").read_text(encoding="utf-8")
        of_receipts |= set(json.loads(text))
    assert keys("Receipts", "key of a receipt") == of_receipts


@pytest.mark.slow
def test_indicators_of_runs_do_not_depend_on_the_series_that_are_kept(sweep, tmp_path):
    thin = {**SWEEP, "record": {"series": 0}}
    (tmp_path / "thin.yaml").write_text(json.dumps(thin), encoding="utf-8")
    found = ydsim.sweep(tmp_path / "thin.yaml", out=tmp_path / "thin")
    both = [r.runs.drop(columns="run") for r in (sweep, found)]
    assert both[0].equals(both[1])


def test_the_catalogue_of_tables_is_that_of_the_page():
    lines = [line for line in PAGE.splitlines() if line.startswith("| column ")]
    assert {line.replace(" ", "") for line in lines} == {f"|{'|'.join(HEADER)}|"}
    assert set(HEADINGS) - {"plan"} == set(described()) - {"failures"}
    assert [name for name in HEADINGS if name in DERIVED] == list(DERIVED)
    for table in HEADINGS:
        named = {n: c for n, c in cards(f"`{table}`").items() if re.fullmatch(r"[\w<>]+", n)}
        assert all(unit in UNITS and meaning for _, unit, meaning in named.values()), table
        if table != "plan":
            said = {n: [c.type, c.unit, c.meaning] for n, c in described()[table].columns.items()}
            assert said == named, table


def test_the_catalogue_of_indicators_is_that_of_the_page():
    told = {
        row[0].strip("`"): row[1:] for row in rows(section(PAGE, "Indicators")) if len(row) == 7
    }
    assert list(told) == list(INDICATORS)
    answer = {True: "yes", False: "no"}
    for name, one in INDICATORS.items():
        levels = " ".join(level[0].upper() for level in one.levels)
        marks = [answer[one.official], answer[one.prior]]
        assert told[name] == [one.unit, one.kind, levels, *marks, ROWS[name]["detail"]], name
    for name, indicator in INDICATORS.items():
        formula = ROWS[name]["formula"]
        assert formula or indicator.kind != "ratio"
        assert all(part in formula for part in indicator.of or ())
        for word in re.findall(r"[a-z]+(?:_[a-z]+)+", formula):
            assert word in INDICATORS or word.endswith(("_i", "_j")), (name, word)
