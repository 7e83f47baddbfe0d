"""Levers of `policies/places`: where they are for by default, and what each does."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.labour import HERE, LIVELY, PROVINCES, draws, state_of
from tests.support.labour import environment as surroundings
from tests.support.neutral import neutral
from tests.support.numbers import DECAY_H, close
from tests.support.places import PLACES, environment
from tests.support.scalar_match import scene
from tests.support.small import after_burn_in, columns_of, fork, live
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import FIRM
from ydsim.agents.state import BY_FOUNDER, Books
from ydsim.policies.base import CORRIDORS, Places, Target
from ydsim.policies.borders import MutualRecognition
from ydsim.policies.environment import FacilityAccess
from ydsim.policies.fold import fold
from ydsim.policies.money import KEY_FIELDS
from ydsim.policies.places import Corridor, IndustrialTransfer, TalentMobility, TravelTime
from ydsim.processes.collaboration import share_facilities
from ydsim.processes.enact import places_of
from ydsim.processes.talent import move_talent, passage
from ydsim.scenario.check import check_against_world
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world, synthetic_world


def test_by_default_it_is_the_g60_corridor_of_nine_cities():
    world = load_world("yrd")
    assert set(CORRIDORS["g60"]) <= set(world.city_names)
    base = neutral(world.city_province)
    got = fold(base, {"c": Corridor()}, 2020.0, places_of(world))
    inside = (got.tie_factor == 1.5).any(axis=1)
    names = [name for name, one in zip(world.city_names, inside, strict=True) if one]
    assert set(names) == set(CORRIDORS["g60"])
    assert len(names) == 9
    assert {world.provinces[p] for p in world.city_province[inside]} == set(world.provinces)
    assert (got.tie_factor != 1.0).sum() == (got.search_cut == 0.1).sum() == 9 * 8


@pytest.mark.parametrize(
    ("policy", "key", "lacking", "own"),
    [
        ("science_centres", "cities", ("Shanghai", "Hefei"), "cities"),
        ("corridor", "corridor", CORRIDORS["g60"], "cities"),
        ("joint_rd_fund", "fields", KEY_FIELDS, "fields"),
    ],
)
def test_worlds_without_its_places_refuse_a_lever_unless_it_names_others(policy, key, lacking, own):
    world, path = load_world("synthetic"), f"policies.{policy}"
    (line,) = check_against_world(load_scenario("synthetic", {path: {}}), world)
    assert line.startswith(f"{path}.target.{key}: ")
    assert ", ".join(lacking) in line
    names = list(world.city_names if own == "cities" else world.fields)[:2]
    others = load_scenario("synthetic", {f"{path}.target": {own: names}})
    assert check_against_world(others, world) == []
    on_site = load_scenario("baseline", {path: {}})
    assert check_against_world(on_site, load_world("yrd")) == []


# -- Faster travel between cities


KM = 130.0 * np.abs(np.arange(4.0)[:, None] - np.arange(4.0)[None, :])
FOUR_CITIES = Places(
    ("A", "B"), ("a1", "a2", "b1", "b2"), np.array([0, 0, 1, 1]), KM, ("chips",), ("electronics",)
)
BASE = neutral(FOUR_CITIES.city_province, travel_hours=KM / 100.0 + 0.5)


def folded(year=2020.0, **keys):
    return fold(BASE, {"t": TravelTime(**keys)}, year, FOUR_CITIES)


@pytest.mark.parametrize("strength", [1.0, 0.3])
@pytest.mark.parametrize("radius", [0.0, 129.0, 130.0, 260.0, 1000.0])
@pytest.mark.parametrize("scale", [0.5, 0.7, 1.0])
def test_the_ride_is_faster_within_the_radius_and_the_way_to_stations_is_not(
    scale, radius, strength
):
    got = folded(scale=scale, radius_km=radius, strength=strength).travel_hours
    for c in range(4):
        for d in range(4):
            ride = KM[c, d] / 100.0
            if KM[c, d] <= radius:
                ride *= 1.0 - strength * (1.0 - scale)
            assert got[c, d] == pytest.approx(0.5 + ride, rel=1e-12)


def test_only_targeted_pairs_are_faster():
    got = folded(radius_km=500.0, target=Target(cities=("a1", "b1"))).travel_hours
    changed = {tuple(pair) for pair in np.argwhere(got != BASE.travel_hours).tolist()}
    assert changed == {(0, 2), (2, 0)}


# -- Transfer of industry, and research enclaves


FOUR = places_of(synthetic_world(4, 3, industries=3))
P1, _, _, P4 = FOUR.provinces


def transfer(places: Places = FOUR, **settings):
    """What the policy makes of the field without others, (P, C)."""
    policies = {"t": IndustrialTransfer(**settings)}
    return fold(neutral(places.city_province), policies, 2012.0, places).transfer


def test_by_default_firms_of_three_provinces_move_to_anhui():
    yrd = places_of(load_world("yrd"))
    got = transfer(yrd)
    anhui = np.array([yrd.provinces[p] == "Anhui" for p in yrd.city_province])
    assert (got[:, ~anhui] == 0.0).all()
    for name, row in zip(yrd.provinces, got, strict=True):
        assert row.sum() == pytest.approx(0.0 if name == "Anhui" else 0.015), name


def test_enclaves_are_at_most_all_firms_of_targeted_cities():
    settings = {"enclaves": 2.0, "firms_per_enclave": 40.0, "core": "a1", "origins": ("A",)}
    policy = IndustrialTransfer(**settings, target=Target(provinces=("C",), cities=("a1", "a2")))
    base = environment()
    all_of_them = policy.model_copy(update={"enclaves": 50.0})
    got = fold(base, {"t": all_of_them}, 2012.0, PLACES).enclave - base.enclave
    assert np.argwhere(got).tolist() == [[1, 0], [3, 0]]  # the core itself is in no enclave
    assert got.max() == 1.0
    only_core = policy.model_copy(update={"target": Target(cities=("a1",))})
    got = fold(base, {"t": only_core}, 2012.0, PLACES).enclave - base.enclave
    assert not got.any()


def test_cities_know_their_firms():
    world = load_world("yrd")
    firms = places_of(world).firms
    by_province = np.bincount(world.city_province, weights=firms)
    close(by_province, world.firms, rtol=1e-9)
    assert (firms > 0.0).all()


def reached(enclaves):
    """What is known within reach of each organisation, with and without enclaves."""
    settings = {
        "hazard": 0.0, "origins": [P1], "enclaves": enclaves, "firms_per_enclave": 1000.0,
        "core": FOUR.cities[0], "target": {"provinces": [P4]},
    }  # fmt: skip
    m = after_burn_in(burn_in=8)
    m.state.knowledge_stock[0] *= 100.0  # the core is ahead
    plain, other = fork(m), fork(m, policies={"industrial_transfer": settings})
    before, after = (live(one, "_explore").state for one in (plain, other))
    return before, after


@pytest.mark.slow
def test_what_is_known_in_the_core_is_within_reach_of_firms_with_an_enclave_there():
    rise = []
    for before, after in (reached(1.0), reached(100.0)):
        table = before.organisations
        zone = table.alive & (table.kind == FIRM) & (table.province == 3)
        assert (after.organisations.known[~zone] == table.known[~zone]).all()
        rise.append((after.organisations.known - table.known)[zone].sum())
        for one in (before, after):  # all ideas rest on what somebody found out
            links = one.tally.links.knowledge[0]
            close(links.sum(axis=1)[:-1], one.tally.city.ideas)
        from_core = [one.tally.links.knowledge[1][:, 0] for one in (before, after)]
        zone = before.world.city_province == 3
        assert (from_core[1][:-1] > from_core[0][:-1])[zone].all()
        assert (from_core[1][:-1] == from_core[0][:-1])[~zone].all()
    assert 0.0 < rise[0] < rise[1]


# -- Sharing of instruments: open across borders, cheaper to use, and what users save is paid


CHANNEL = "shared_facility"


def used(price=1.0, use=0.2, schemes=()):
    """A scene after facilities were shared: who was helped, and links realised and expected."""
    here = scene(scale=0.02).with_match(facility_use=use)
    cities = here.state.world.n_cities
    here = here.within(facility_price=np.full(cities, price), schemes=tuple(schemes))
    share_facilities(
        here.state, here.environment, here.source.phase("facilities", 0), here.parameters.match
    )
    return here, getattr(here.state.tally.links, CHANNEL)


@pytest.mark.slow
def test_the_provinces_of_the_facilities_pay_what_users_save():
    users = np.zeros(12)
    users[[0, 1, 5]] = 1.0
    scheme = FacilityAccess("platform", 0.5, saved=0.002, where=users)
    here, links = used(use=0.5, schemes=[scheme])
    of = here.state.world.city_province
    uses = links[0][:-1, :-1] * here.state.scale  # of sampled firms
    want = np.zeros(4)
    for c in (0, 1, 5):
        for d in range(12):
            want[of[d]] += 0.5 * 0.002 * uses[c, d]
    (paid,) = (e for e in here.state.ledger.entries if e.flow == "platform")
    assert (paid.payer, paid.receiver) == ("provinces", "economy")
    assert paid.amount == pytest.approx(want, rel=1e-9)
    assert (want > 0.0).sum() > 1
    assert here.state.books.provinces.sum() == pytest.approx(-want.sum())
    other, unpaid = used(use=0.5)
    assert (other.state.projects.helped == here.state.projects.helped).all()
    assert (unpaid == links).all()


# -- Mobility of researchers, recognition of titles, poaching


def quarter_lived(seed=0, *, policies=None, parameters=LIVELY, **known):
    """A quarter of the labour market under policies, with its books."""
    state = state_of(seed, gap=0.05)
    state.ledger, state.books = Ledger(4), Books(0.0, np.zeros(4), np.zeros(10))
    base = surroundings(seed, 10, 4, mobility=parameters.mobility, **known)
    where = fold(base, policies or {}, 2012.0, HERE)
    move_talent(state, where, draws(), parameters, DECAY_H)
    return state


def test_the_premium_costs_what_is_said():
    target = Target(cities=("c1", "c7"))
    policy = TalentMobility(mobility=0.05, premium=0.4, strength=0.5, target=target)
    state = quarter_lived(4, policies={"war": policy})
    went = state_of(4, gap=0.05)
    wage = went.inputs.wage[PROVINCES, 2] * went.talent.wage  # of the quarter before
    came = state.tally.city.talent_in
    bill = np.where(np.isin(np.arange(10), [1, 7]), 0.5 * 0.4 * wage * came * state.scale, 0.0)
    assert bill[1] > 0.0
    close(state.books.cities, -bill)
    (entry,) = state.ledger.entries
    assert (entry.payer, entry.receiver, entry.flow) == ("cities", "economy", "war")
    close(entry.amount, [bill[:3].sum(), 0.0, bill[5:9].sum(), 0.0])
    assert state.ledger.imbalance() < 1e-9


def test_the_weight_of_a_destination_across_a_border_rises_by_the_ratio():
    base = surroundings(1, 10, 4, passes=0.7, recognition=0.4)
    where = fold(base, {"r": MutualRecognition(share=1.0)}, 2012.0, HERE)
    before, after = (passage(PROVINCES, e, 0.5, 1.5) for e in (base, where))
    factor = np.ones((11, 11))
    factor[:10, :10] = np.where(PROVINCES[:, None] == PROVINCES[None, :], 1.0, 1.0 / 0.4)
    close(after, before * factor)


# -- Media coverage: what is told of adopters anywhere, more stories, and pressure on R&D


SILENT = {"broadcast": 0.0, "stories": 1.0}
"""A policy in force that does nothing."""


def cover(**settings):
    return {"media_coverage": {**SILENT, **settings}}


def rises(m):
    generations = m.state.generations
    living = generations.living()
    return living, generations.rise[living].copy(), generations.gain[living].copy()


def lived(policies, start=None, **options):
    """A quarter of a model that comes from the same burn-in as ``start``."""
    begun = start or after_burn_in(burn_in=24, scale=0.02)
    return live(fork(begun, scale=0.02, policies=policies, **options), until="_adopt")


@pytest.fixture(scope="module")
def begun():
    return after_burn_in(burn_in=24, scale=0.02)


@pytest.mark.slow
def test_hazards_rise_by_broadcast_times_the_share_of_adopters_in_the_region(begun):
    shares, plain = {}, lived(cover(), begun)
    living, usual, gain = rises(plain)
    state = begun.state
    table, generations = state.organisations, state.generations
    for g in generations.living().tolist():
        firms = state.firms[table.industry[state.firms] == generations.industry[g]]
        shares[g] = generations.adopters[g].sum() / len(firms)
    same, told, _ = rises(lived(cover(broadcast=0.2), begun))
    assert same.tolist() == living.tolist()
    # those that launches of the quarter have founded or joined have adopters since
    events = plain.state.adoptions
    joined = set(events.generation[events.channel == BY_FOUNDER].tolist())
    old = np.array([g in shares and g not in joined for g in living.tolist()])
    share = np.array([shares.get(g, 0.0) for g in living.tolist()])
    want = usual + (gain * 0.2 * share / 4.0)[:, None]
    assert told[old] == pytest.approx(want[old], rel=1e-12)
    assert (share[old] > 0.05).sum() > 10
    assert (told[~old] > usual[~old]).any()  # who launched has adopted


@pytest.mark.slow
@pytest.mark.parametrize(("actors", "settings"), [(True, {}), (False, {"broadcast": 0.3})])
def test_nothing_happens_without_effect_or_without_media(actors, settings):
    parameters = {"actors.media": actors}
    plain = after_burn_in(burn_in=16, scale=0.02, parameters=parameters)
    heard = cover(**settings, **({} if actors else {"stories": 3.0}))
    other = fork(plain, scale=0.02, parameters=parameters, policies=heard)
    live(plain), live(other)
    a, b = columns_of(plain.state), columns_of(other.state)
    assert all(a[name].tobytes() == b[name].tobytes() for name in a)
    assert len(plain.state.launches) > 0
    assert plain.state.attention.any() == actors
