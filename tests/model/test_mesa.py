"""What a Mesa user expects of the model."""

import gc

import numpy as np
import pytest

from tests.support.small import after_burn_in, differing, model, run
from ydsim.agents.mesa_agents import (
    Column,
    Firm,
    Government,
    Institute,
    Intermediary,
    Media,
    Organisation,
    University,
)
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY

TURNOVER = {"population.exit": 0.6}


@pytest.fixture(scope="module")
def lived():
    return run(years=2, parameters=TURNOVER)


@pytest.mark.slow
def test_agents_are_the_living_organisations_and_the_others(lived):
    table = lived.state.organisations
    rows = sorted(a.row for a in lived.agents if isinstance(a, Organisation))
    assert rows == np.flatnonzero(table.alive).tolist()
    assert (~table.alive).sum() > 20
    by_type = lived.agents_by_type
    for cls, kind in ((Firm, FIRM), (University, UNIVERSITY), (Institute, INSTITUTE)):
        assert sorted(a.row for a in by_type[cls]) == table.of_kind(kind).tolist()
    assert len(by_type[Government]) == 2 + 4 + 12
    assert len(by_type[Media]) == 4
    assert len(by_type[Intermediary]) > 0
    assert set(by_type) == {Firm, University, Institute, Government, Intermediary, Media}


@pytest.mark.slow
def test_agents_seen_from_the_start_are_those_seen_at_the_end(lived):
    """They are made when somebody looks, and follow the tables from then on."""
    m = model(years=2, parameters=TURNOVER)
    first = next(iter(m.agents_by_type[Firm]))
    m.run()
    for cls in (Firm, University, Institute):
        rows = [agent.row for agent in m.agents_by_type[cls]]
        assert rows == [agent.row for agent in lived.agents_by_type[cls]]
    keys = [{broker.key for broker in x.agents_by_type[Intermediary]} for x in (m, lived)]
    assert keys[0] == keys[1]
    assert (first in m.agents) == first.alive


@pytest.mark.slow
def test_a_run_that_nobody_looks_into_makes_no_agents():
    m = after_burn_in(years=1).run()
    assert not [x for x in gc.get_objects() if isinstance(x, Organisation) and x.model is m]
    m.remove_all_agents()
    assert len(m.agents) == 0


@pytest.mark.slow
@pytest.mark.parametrize("cls", [Firm, University, Institute])
def test_views_equal_columns(lived, cls):
    table, place = lived.state.organisations, lived.world
    columns = [
        name
        for base in cls.__mro__
        for name, value in vars(base).items()
        if isinstance(value, Column)
    ]
    assert {"researchers", "grants"} <= set(columns)
    for agent in list(lived.agents_by_type[cls])[:40]:
        for name in columns:
            assert getattr(agent, name) == getattr(table, name)[agent.row].item(), name
        assert agent.city == place.city_names[table.city[agent.row]]
        assert agent.province == place.provinces[table.province[agent.row]]
        assert agent.alive
        assert list(agent.knowledge.values()) == table.knowledge[agent.row].tolist()
        assert list(agent.knowledge) == list(place.fields)


@pytest.mark.slow
def test_what_firms_and_universities_are_called(lived):
    table, slots = lived.state.organisations, lived.state.slots
    for firm in list(lived.agents_by_type[Firm])[:40]:
        industry = int(table.industry[firm.row])
        assert firm.industry == lived.world.industries[industry]
        held = slots.holder[industry]
        has = slots.adopted[firm.row]
        assert firm.adopted == sorted(int(g) for g, own in zip(held, has, strict=True) if own)
    names = [u.name for u in lived.agents_by_type[University]]
    assert sorted(names) == sorted(lived.world.university_names)
    for university in lived.agents_by_type[University]:
        where = lived.world.university_names.index(university.name)
        assert university.city == lived.world.city_names[lived.world.university_city[where]]


@pytest.mark.slow
def test_governments_show_the_books(lived):
    by_level = {}
    for government in lived.agents_by_type[Government]:
        by_level.setdefault(government.level, []).append(government)
        assert government.balance == pytest.approx(0.0, abs=1e-9)
    assert sorted(by_level) == ["body", "central", "city", "province"]
    assert [g.active for g in by_level["body"]] == [False]
    money = sum(g.science_money for g in lived.agents_by_type[Government])
    assert money == pytest.approx(lived.state.inputs.government[:, -1].sum())


@pytest.mark.slow
def test_writing_through_an_agent_set():
    m = after_burn_in(years=1)
    table, rows = m.state.organisations, m.state.firms
    before = table.profit[rows].copy()
    firms = m.agents_by_type[Firm]
    firms.do(lambda firm: setattr(firm, "profit", firm.profit + 1.0))
    assert table.profit[rows].tolist() == (before + 1.0).tolist()
    firms.set("profit", 3.0)
    assert (table.profit[rows] == 3.0).all()
    assert (table.profit[table.kind != FIRM] == 0.0).all()


@pytest.mark.slow
def test_partners_are_the_other_ends_of_ties(lived):
    ties, alive = lived.state.ties, lived.state.organisations.alive
    want = {}
    for a, b in zip(ties.a.tolist(), ties.b.tolist(), strict=True):
        if alive[a] and alive[b]:
            want.setdefault(a, []).append(b)
            want.setdefault(b, []).append(a)
    assert len(want) > 10
    organisations = [a for a in lived.agents if isinstance(a, Organisation)]
    assert all(a.partners == sorted(want.pop(a.row, [])) for a in organisations)
    assert want == {}


@pytest.mark.slow
def test_whom_intermediaries_serve(lived):
    place, brokers = lived.world, lived.state.brokers
    found = 0
    for broker in lived.agents_by_type[Intermediary]:
        b = broker.index
        for c, city in enumerate(place.city_names):
            near = place.distance_km[c, brokers.city[b]] <= brokers.reach_km[b]
            assert broker.serves(city) == near
            found += near
        assert broker.serves(broker.city)
        assert broker.introductions == brokers.introductions[b]
    assert found > 0


@pytest.mark.slow
def test_what_media_cover_and_whom_they_reach(lived):
    place = lived.world
    outlets = lived.agents_by_type[Media]
    assert outlets.get("covered") == lived.state.outlets.covered.tolist()
    assert outlets.get("stories") == lived.state.outlets.stories.tolist()
    assert lived.recorder.series("stories").sum() > 0.0
    for outlet in outlets:
        assert 0 <= outlet.covered <= outlet.stories
        reached = [city for city in place.city_names if outlet.reaches(city)]
        names, province_of = place.city_names, place.city_province
        places = zip(names, province_of, strict=True)
        own = [c for c, p in places if place.provinces[p] == outlet.name]
        assert reached == own


@pytest.mark.slow
def test_the_end_of_a_run():
    m = after_burn_in(years=1)
    assert m.running
    assert m.run() is m
    assert not m.running
    assert len(m.recorder.series("launches")) == 4
    with pytest.raises(RuntimeError, match="2011 is its last year"):
        m.step()
    assert len(m.recorder.series("launches")) == 4
    assert m.run() is m


@pytest.mark.slow
def test_two_models_at_once_do_not_interact():
    alone = [run(years=1, seed=s).recorder.tables() for s in (1, 2)]
    one, two = after_burn_in(years=1, seed=1), after_burn_in(years=1, seed=2)
    for _ in range(4):
        one.step()
        np.random.default_rng(0).random(10)
        two.step()
    assert differing(alone[0], one.recorder.tables()) == []
    assert differing(alone[1], two.recorder.tables()) == []
