"""What the page says: the numbers of the tables, the words of strangers as text, the same bytes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from tests.support.made import make_results
from tests.support.made_page import gathered, one, page_of_two, two
from ydsim import fmt
from ydsim.report import report
from ydsim.report.report import TRUST, page_of, scenario_text
from ydsim.report.tables import MISS, Table, date, fit, others, settings_of
from ydsim.results.headlines import compare_official, ranged
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.studies.alternatives import alternative_of
from ydsim.studies.comparison import change_of

ROOT = Path(__file__).parents[2]
VOID = ("meta", "img", "source")


class Reader(HTMLParser):
    """Texts, tables and elements of a page; an element that is not closed is a fault."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave figures out, which take longest."""
    monkeypatch.setattr(report._Pictures, "drawn", lambda self, draw, *given: None)


@pytest.fixture(scope="module")
def read() -> Reader:
    return Reader(page_of_two())


@pytest.mark.slow
def test_all_effects_are_those_of_the_comparison(read: Reader) -> None:
    found = two().found
    assert found is not None
    for row in found.rows:
        label = f"{row.outcome.label} [{row.outcome.unit}]".lower()
        label += "" if row.level == "region" else f", {row.place}".lower()
        mine = [each[1:] for each in read.rows if each[0].lower() == label]
        assert [fmt.number(row.effect.plain), change_of(row)] in mine


@pytest.mark.usefixtures("undrawn")
def test_the_answer_says_who_gains_and_who_loses_as_planted() -> None:
    answer = dict(report._answer(two()))
    assert [*answer][:3] == ["What changed", "What follows", "For whom"]
    assert answer["For whom"] == ["Shanghai gains in 1; Anhui loses in 1 (of 9 outcomes)"]
    assert "replicates" in answer["How sure"][0]
    assert "--replicates" in dict(report._answer(one(replicates=1)))["How sure"][0]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("start", "end"), [(2018, 2023), (2011, 2012)])
def test_headline_figures_are_medians_and_ranges_of_the_exported_table(
    start: int, end: int
) -> None:
    setting = one(start=start, end=end, replicates=4)
    table = setting.base.run.table("province_year")
    rows = Reader(page_of(setting)).rows
    figures = compare_official(setting.base.run)
    assert len(figures)
    for figure in figures[figures["region"] == "yrd"].itertuples():
        mine = table[(table.indicator == figure.indicator) & (table.region == "yrd")]
        values = mine[mine.year == figure.year].value
        assert (figure.median, figure.low, figure.high) == pytest.approx(
            (values.median(), values.min(), values.max()), rel=1e-12
        )
        said = ranged(figure.median, figure.low, figure.high)
        star = " *" if figure.projection else ""
        assert [f"{figure.year}{star}", said, fmt.number(figure.official)] in [r[1:4] for r in rows]


@pytest.mark.slow
def test_every_foreign_text_is_text() -> None:
    evil = "<script>alert(1)</script>\"'&\u202e\x07"
    results = make_results(name="made", replicates=2)
    plain = results.manifest["scenario"]
    results.manifest["name"] = evil
    results.contents.points.columns["scenario"][:] = evil
    plain.update(name=evil, description=f"What if {evil}?")
    plain["policies"][evil] = {"policy": evil, "start": evil, "strength": evil, "x": {evil: evil}}
    plain["parameters"][evil] = {evil: evil}
    read = Reader(page_of(gathered(alternative_of(results)), evil))
    tags = {tag for tag, _ in read.tags}
    assert not tags & {"script", "iframe", "object", "link", "form"}
    assert all(not name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert "<script>alert(1)</script>" in read.text
    assert "\u202e" not in read.text
    assert "\\u202e" in read.text
    assert "\x07" not in read.text


@pytest.mark.slow
def test_equal_results_give_equal_bytes() -> None:
    assert page_of(two()) == page_of_two()


@pytest.mark.slow
def test_no_path_no_date_nothing_from_elsewhere(read: Reader) -> None:
    page = page_of_two()
    for tag, attributes in read.tags:
        for name in ("src", "href"):
            target = attributes.get(name) or ""
            assert not target or target.startswith(("#", "data:image/png;base64,")), (tag, target)
    assert not re.search(r"url\(|@import|/tmp|/home", page)
    assert ("html", {"lang": "en"}) in read.tags


@pytest.mark.slow
def test_heads_of_tables_have_a_scope_and_links_lead_somewhere(read: Reader) -> None:
    assert all(at.get("scope") in ("col", "row") for tag, at in read.tags if tag == "th")
    places = {at["id"] for _, at in read.tags if "id" in at}
    links = [at["href"] for tag, at in read.tags if tag == "a"]
    assert len(links) == 6
    assert {str(link)[1:] for link in links} <= places
    assert all(at.get("alt") for tag, at in read.tags if tag == "img")


def test_misses_are_named_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fit(one().base.run, 0)[1:] == ([], Table("", [], []))  # of a world that is made up
    monkeypatch.setattr("ydsim.report.tables.MADE_UP", ())
    results = one().base.run
    short, misses, table = fit(results, 0)
    figures = compare_official(results, 0, list(results.manifest["indicators"]))
    figures = figures[figures["official"].notna()]
    gaps = (figures["median"] / figures["official"] - 1.0).abs()
    verdicts = [row[5] for row in table.rows]
    assert len(verdicts) == len(figures)
    assert verdicts.count("missed") == int((gaps > MISS).sum()) > 3
    assert f"Of {len(figures)} official figures" in short
    assert f"{verdicts.count('missed')} are missed by more than 25 %" in short
    assert len(misses) <= 9
    none = one(start=2030, end=2031)
    assert fit(none.base.run, 0)[1:] == ([], Table("", [], []))


def test_values_that_a_scenario_sets_are_listed_with_mark_and_source() -> None:
    scenario = load_scenario("open_platforms", {"parameters.adopt.border": 0.3})
    results = make_results(replicates=1)
    results.manifest["scenario"] = {**plain_scenario(scenario), "world": "synthetic"}
    settings = settings_of(alternative_of(results))
    changed = {".".join(each.path): each for each in settings if each.changed}
    assert changed["parameters.adopt.border"].value == 0.3
    assert changed["parameters.adopt.border"].key.mark == "assumed"  # type: ignore[union-attr]
    assert changed["policies.membership.relief"].value == 0.05
    assert "policies.membership.growth" not in changed
    assert "parameters.adopt.internal" not in changed
    assert all(each.key is not None for each in settings)


def test_a_rate_that_an_amount_replaces_is_no_setting() -> None:
    found = {}
    for name, keys in {"rate": {"rate": 0.05}, "amount": {"amount": 3.0}}.items():
        policy = {f"policies.g.{key}": value for key, value in keys.items()}
        scenario = load_scenario("synthetic", {"policies.g.policy": "rd_grants", **policy})
        results = make_results(replicates=1)
        results.manifest["scenario"] = plain_scenario(scenario)
        settings = settings_of(alternative_of(results))
        found[name] = {each.path[2] for each in settings if each.path[:2] == ("policies", "g")}
    assert "rate" in found["rate"]
    assert "amount" in found["amount"]
    assert found["rate"] - found["amount"] == {"rate"}


def test_the_scenario_on_the_page_loads_to_an_equal_one(tmp_path: Path) -> None:
    scenario = load_scenario("open_platforms", {"scale": 0.02, "replicates": 3})
    results = make_results(replicates=1)
    results.manifest["scenario"] = plain_scenario(scenario)
    results.manifest["worlds"]["yrd"] = results.manifest["worlds"]["synthetic"]
    path = tmp_path / "again.yaml"
    path.write_text(scenario_text(alternative_of(results)), encoding="utf-8")
    assert plain_scenario(load_scenario(path)) == plain_scenario(scenario)


def test_limits_are_those_of_the_readme() -> None:
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert TRUST in text


def test_dates_are_said_by_quarter() -> None:
    assert [date(2018.75), date(2019.0), date(2019.25), date(1997)] == [
        "2018 Q4", "2019", "2019 Q2", "1997",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_page_of_results_that_lack_tables_has_no_empty_places() -> None:
    read = Reader(page_of(one(leave_out=("series", "generations", "adoption_curves"))))
    assert all(at.get("src") for tag, at in read.tags if tag == "img")
    assert "The world is made up" in read.text


def test_numbers_of_tables_are_set_to_the_right() -> None:
    table = Table("what", ["a", "b", "c"], [["x", "1", "y"]], words=(0, 2))
    assert [str(table.look(at)) for at in range(3)] == ["", ' class="number"', ""]


def test_shocks_are_said_in_words() -> None:
    shocks = [
        {"name": "a", "kind": "grants", "year": 2012.5, "share": 0.1},
        {"name": "b", "kind": "meetings", "year": 2013, "share": 0.1},
    ]
    scenario = load_scenario("synthetic", {"shocks": shocks})
    (line,) = others(plain_scenario(scenario))
    assert "a (grants, 2012 Q3), b (meetings, 2013)" in line
    assert "a (grants) from 2012.5" in scenario._repr_html_()
    assert list(others(plain_scenario(load_scenario("synthetic")))) == []
    assert list(others({"shocks": ["of a stranger", 3]})) == []


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_money_of_policies_stands_on_the_page(monkeypatch):
    head = ["policy", "first", "last", "asked", "taken", "leaked", "left"]
    money = pd.DataFrame([["fund", 2012, 2013, 3.0, 1500.0, 0.5, 2.0]], columns=head)
    monkeypatch.setattr("ydsim.report.tables.policy_money", lambda results, point: money)
    rows = Reader(page_of(one())).rows
    assert ["", "years", "asked", "taken up", "leaked", "left over"] in rows
    assert ["fund", "2012\u20132013", "3", "1,500", "0.5", "2"] in rows
