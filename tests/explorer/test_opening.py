"""The page opens with a finished picture of its scenario; B may be another shipped scenario."""

import re

import numpy as np
import pytest

from ydsim.explorer import page, watch
from ydsim.explorer.pictures import PROVINCES, REGION, Pictures, View
from ydsim.explorer.session import Session
from ydsim.explorer.watch import StoredRanges, opening_of
from ydsim.scenario.read.extend import shipped
from ydsim.world.loader import load_world

TICK = r'<text x="([\d.]+)" y="[\d.]+"[^>]*>{}</text>'


@pytest.fixture
def tab(monkeypatch):
    """A page of the baseline on which nothing is simulated."""
    monkeypatch.setattr(Session, "start", lambda *_: None)
    monkeypatch.setitem(page._FIRST, "scenario", "baseline")
    return page.Tab(lambda: None)


def points(card):
    lines = re.findall(r'<polyline points="([^"]+)"', card["svg"][0])
    return [np.array([p.split(",") for p in line.split()], float) for line in lines]


def test_each_shipped_scenario_has_a_picture_of_what_it_is_now():
    assert [name for name in shipped() if opening_of(name) is None] == []
    assert {*watch._stored()} == {*shipped()}


def test_what_was_stored_of_another_scenario_is_not_shown(monkeypatch):
    old = {"baseline": watch._stored()["baseline"] | {"hash": "0" * 64}}
    monkeypatch.setattr(watch, "_stored", lambda: old)
    assert opening_of.__wrapped__("baseline") is None


@pytest.mark.slow
def test_what_is_stored_is_what_a_run_gives():
    from tools.openings import stored

    kept, made = watch._stored()["ten_firms"], stored("ten_firms")
    assert kept | {"ydsim": ""} == made | {"ydsim": ""}


def test_a_year_stands_where_its_official_figure_and_its_last_quarter_stand():
    one = opening_of("baseline")
    pictures = Pictures(load_world("yrd"), "yrd")
    found = pictures.all([one], View(place=REGION, further=StoredRanges([one])))
    card = {card["id"]: card for card in found["cards"]}["rd"]
    (line,) = points(card)
    dots = re.findall(r'<circle cx="([\d.]+)"[^>]*fill="white"', card["svg"][0])
    for year in (2015, 2020):
        tick = float(re.search(TICK.format(year), card["svg"][0])[1])
        assert line[year - 2011, 0] == pytest.approx(tick, abs=0.06)
        assert float(dots[year - 2011 + len(dots) - 10]) == pytest.approx(tick, abs=0.06)


def test_the_last_quarter_of_a_year_stands_at_its_year(session):
    watch = session.watches[0]
    assert watch.years[3::4].tolist() == [2011.0, 2012.0, 2013.0, 2014.0]
    assert watch.span == (watch.years[0], watch.years[-1])


def test_a_page_opens_with_the_stored_picture(tab):
    assert tab.frame["stored"]
    assert {"Baseline", "0.05"} <= {*re.findall(r"[\w.]+", tab.frame["foot"])}
    cards = {card["id"]: card for card in tab.frame["cards"]}
    assert all(len(card["svg"]) for card in cards.values() if "svg" in card)
    assert len(points(cards["rd"])) == 4
    value, ends = tab.frame["tiles"][0]["values"][0], tab.frame["tiles"][0]["change"]
    value, low, high = (float(x.replace(",", "")) for x in (value, *ends[1:-1].split(", ")))
    assert low <= value <= high


def test_b_may_be_another_scenario_on_the_draws_of_a(tab):
    tab.change({"key": "seed", "value": 7})
    tab.change({"key": "end", "value": 2025})
    tab.compare(True)
    tab.take_other("closed_borders")
    a, b = (choice.resolved().scenario for choice in tab.chosen)
    assert (b.seed, b.end, b.scale, b.replicates) == (7, 2025, a.scale, 1)
    tab.toggle({"name": "rd_grants", "on": True})
    assert tab.changes == {"policies.rd_grants": {}}
    assert "rd_grants" in tab.b.resolved().scenario.policies
    assert tab.errors == []
    assert [one["command"].split()[2] for one in tab.repeats()] == ["baseline", "closed_borders"]
    assert tab.frame["stored"]
    lines = points({card["id"]: card for card in tab.frame["cards"]}["rd"])
    assert len(lines) == 2 * 4, "a line for each province and scenario"
    tab.take_other("")
    assert tab.b == tab.a


@pytest.mark.parametrize("other", ["synthetic", "ten_firms"])
def test_scenarios_of_two_worlds_are_refused(tab, other):
    tab.compare(True)
    tab.take_other(other)
    assert any("yrd" in line and other in line for line in tab.errors)
    tab.run()
    assert tab.bar()["busy"]
    tab.take_other("one_region")
    assert tab.errors == []


def test_provinces_have_one_colour_in_both_scenarios(session):
    pictures = Pictures(session.watches[0].model.world, "synthetic")
    found = pictures.all(session.watches, View(place=PROVINCES))
    card = {card["id"]: card for card in found["cards"]}["launches"]
    drawn = re.findall(r'<polyline [^>]*stroke="(#\w+)"[^>]*?(dasharray|/>)', card["svg"][0])
    n = len(session.watches[0].model.world.provinces)
    assert [dash == "dasharray" for _, dash in drawn] == [False, True] * n
    assert [one for one, _ in drawn[::2]] == [one for one, _ in drawn[1::2]]
    assert card["svg"][1].count("<polyline") == n
