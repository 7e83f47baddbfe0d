from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.stats import chisquare

from ydsim.agents.brokers import Brokers
from ydsim.agents.gravity_sampling import Gravity, Pool
from ydsim.agents.search import (
    BROKERED,
    CLOSURE,
    FORMER,
    GRAVITY,
    Places,
    Seekers,
    see_candidates,
)
from ydsim.agents.ties import Neighbours, Ties
from ydsim.noise import NoiseSource, identity

CITIES, FIELDS, PEOPLE = 5, 3, 60
NUMBERS = (3, 2, 4, 2)
NOISE = NoiseSource(5, 0).phase("match", 2)
KM = 100.0 * np.abs(np.arange(CITIES)[:, None] - np.arange(CITIES)[None, :])
CITY_KEYS = identity("city", np.arange(CITIES))
KEYS = identity("firm", np.arange(PEOPLE))
CITY = np.arange(PEOPLE) % CITIES


def seekers(n=300, seed=0):
    draw = np.random.default_rng(seed)
    row = draw.integers(0, PEOPLE, n)
    return Seekers(
        project=np.arange(n),
        key=identity("project", seed, np.arange(n))[:n],
        row=row,
        city=CITY[row],
        field=draw.integers(0, FIELDS, n),
        stage=np.zeros(n, dtype=int),
        waits=(waits := draw.random(n) < 0.3),
        hand_over=waits,
        effort=np.ones(n),
        piece=draw.uniform(0.0, 2.0, n),
        sample_exposure=np.ones(n),
    )


def pool(seed=1):
    effort = np.random.default_rng(seed).exponential(size=(FIELDS, PEOPLE))
    return Pool(np.arange(PEOPLE), CITY, effort, CITIES)


def places(of, seed=2, outside=0.3):
    """Tables with a kernel of their own for each purpose; `outside` of the pull goes abroad."""
    kernel = np.random.default_rng(seed).uniform(0.2, 1.0, (3, CITIES, CITIES + 1))
    inside = of.mass.sum(axis=1)[:, None]
    mass = np.hstack([of.mass, outside * inside])
    return Places(
        joint=Gravity(mass, kernel[0], np.arange(CITIES + 1)),
        handed=Gravity(mass, kernel[1], np.arange(CITIES + 1)),
        brokered=Gravity(of.mass, kernel[2, :, :-1] * (KM <= 100.0), np.arange(CITIES)),
        anywhere=Gravity(of.mass, np.ones((1, CITIES)), np.arange(CITIES)),
    )


def ties(n=150, seed=3, first=0):
    draw = np.random.default_rng(seed)
    a = draw.integers(first, PEOPLE, n)
    b = draw.integers(first, PEOPLE, n)
    made = Ties()
    made.strengthen(a[a != b], b[a != b], 0)
    return made


def brokers(capacity=2.4, seed=4, n=6):
    draw = np.random.default_rng(seed)
    known = draw.random((n, FIELDS)) < 0.7
    cities = np.arange(n) % CITIES
    key = identity("broker", np.arange(n))[:n]
    return Brokers(key, cities, np.full(n, capacity), np.full(n, 100.0), known)


def see(who, *, numbers=NUMBERS, crowd=None, tables=None, net=None, offices=None, **keys):
    crowd = pool() if crowd is None else crowd
    return see_candidates(
        who,
        numbers,
        crowd,
        places(crowd) if tables is None else tables,
        Neighbours(ties() if net is None else net, KEYS),
        brokers() if offices is None else offices,
        KM,
        CITY,
        CITY_KEYS,
        keys.get("keys", KEYS),
        np.broadcast_to(keys.get("largest", 1.5), CITIES),
        keys.get("noise", NOISE),
    )


def chosen(who, mask):
    return Seekers(**{f.name: getattr(who, f.name)[mask] for f in fields(Seekers)})


SLOT_SOURCE = np.repeat([FORMER, CLOSURE, GRAVITY, BROKERED], NUMBERS)


# -- sources ---------------------------------------------------------------------------------------


def test_every_source_has_its_slots_where_it_has_someone_to_offer():
    who = seekers()
    seen = see(who, net=ties(2000))
    assert seen.source.shape == (len(who), sum(NUMBERS))
    own = seen.source[:, SLOT_SOURCE == FORMER]
    assert (own == FORMER).all()
    assert (seen.source[:, SLOT_SOURCE == GRAVITY] == GRAVITY).all()
    back = seen.source == np.where(SLOT_SOURCE == CLOSURE, CLOSURE, -1)
    assert 0.9 < back[:, SLOT_SOURCE == CLOSURE].mean() < 1.0  # friends of friends may be oneself
    assert (seen.source[seen.broker >= 0] == BROKERED).all()
    assert ((seen.source == SLOT_SOURCE) | (seen.source == GRAVITY)).all()


def test_empty_sources_are_filled_by_gravity():
    who = seekers()
    seen = see(who, net=Ties(), offices=brokers(n=0))
    assert (seen.source == GRAVITY).all()
    assert (seen.broker == -1).all()
    assert (seen.place >= 0).all()
    # what gravity finds in a slot does not depend on why it is asked
    other = see(who, net=Ties(), offices=brokers(n=0), numbers=(0, 0, 11, 0))
    np.testing.assert_array_equal(seen.row, other.row)


def test_former_partners_and_their_partners_equal_a_loop():
    who, net = seekers(), ties()
    seen = see(who, net=net)
    friends = {row: {} for row in range(PEOPLE)}
    for a, b, s in zip(net.a.tolist(), net.b.tolist(), net.strength.tolist(), strict=True):
        friends[a][b] = friends[b][a] = s

    def friend(row, draw, k):
        u = float(NOISE.uniform(np.array([draw], dtype=np.uint64), k)[0])
        u *= sum(friends[row].values())
        for j in sorted(friends[row], key=KEYS.__getitem__):
            u -= friends[row][j]
            if u < 0.0:
                return j
        return None

    lost = 0
    for i, own in enumerate(who.row.tolist()):
        met = set()
        for slot in range(NUMBERS[0] + NUMBERS[1]):
            draw = int(identity(int(who.key[i]), slot)[0])
            row = friend(own, draw, 1)
            if slot >= NUMBERS[0] and row is not None:
                row = friend(row, draw, 2)
            row = None if row == own else row
            source = GRAVITY if row is None else SLOT_SOURCE[slot]
            assert seen.source[i, slot] == source
            if row is not None:
                assert seen.place[i, slot] == CITY[row]
                assert seen.row[i, slot] == row or seen.row[i, :slot].tolist().count(row) == 1
                lost += seen.row[i, slot] == -1
                met.add(row)
    assert lost > 0


def test_places_are_drawn_from_the_table_of_the_purpose():
    crowd = pool()
    where = np.eye(CITIES + 1)

    def only(place):
        kernel = np.tile(where[place], (CITIES, 1))
        return Gravity(np.ones((FIELDS, CITIES + 1)), kernel, np.arange(CITIES + 1))

    kernel = np.tile(where[2, :-1], (CITIES, 1))
    near = Gravity(np.ones((FIELDS, CITIES)), kernel, np.arange(CITIES))
    tables = replace(places(crowd), joint=only(0), handed=only(1), brokered=near)
    who = seekers()
    seen = see(who, tables=tables, offices=brokers(50.0))
    met = seen.source == GRAVITY
    want = np.broadcast_to(who.hand_over[:, None].astype(int), met.shape)
    assert (seen.place[met] == want[met]).all()
    assert (seen.place[seen.source == BROKERED] == 2).all()
    assert (seen.source == BROKERED).any()


def test_gravity_draws_a_place_by_share_then_an_organisation_by_effort():
    crowd = pool()
    tables = places(crowd)
    who = seekers(20_000, seed=7)
    who.row[:], who.city[:], who.field[:] = 3, 3, 1
    who.hand_over[:] = False
    seen = see(who, numbers=(0, 0, 1, 0), crowd=crowd, tables=tables)
    place, row = seen.place[:, 0], seen.row[:, 0]
    share = tables.joint.share[3, 1]
    assert chisquare(np.bincount(place, minlength=6), share * len(who)).pvalue > 1e-4
    assert (CITY[row[place < CITIES]] == place[place < CITIES]).all()
    effort = np.random.default_rng(1).exponential(size=(FIELDS, PEOPLE))[1]
    for stands_in in (False, True):
        found = row[(place == CITIES) == stands_in]
        weight = effort if stands_in else effort * (share[:-1] / crowd.mass[1])[CITY]
        want = weight / weight.sum() * len(found)
        assert chisquare(np.bincount(found, minlength=PEOPLE), want).pvalue > 1e-4


# -- brokers ---------------------------------------------------------------------------------------


def test_brokers_bring_what_is_small_and_lies_in_their_reach_and_fields():
    who, offices = seekers(2000), brokers(1e6)
    seen = see(who, offices=offices)
    i, slot = np.nonzero(seen.broker >= 0)
    by = seen.broker[i, slot]
    assert set(by.tolist()) == set(np.flatnonzero(offices.fields.any(axis=1)).tolist())
    assert (KM[who.city[i], offices.city[by]] <= 100.0).all()
    assert (KM[offices.city[by], seen.place[i, slot]] <= 100.0).all()
    assert offices.fields[by, who.field[i]].all()
    assert who.piece[i].max() <= 1.5
    reached = [
        ((KM[c, offices.city] <= 100.0) & offices.fields[:, f]).any()
        for c, f in zip(who.city, who.field, strict=True)
    ]
    served = (seen.broker >= 0).sum(axis=1)
    assert (served == np.where(np.array(reached) & (who.piece <= 1.5), NUMBERS[3], 0)).all()


def test_a_deal_of_the_largest_size_is_brokered_still():
    who, offices = seekers(2000), brokers(500.0)
    offices.fields[:] = True
    who.piece[:1000], who.piece[1000:] = 1.5, np.nextafter(1.5, 2.0)
    served = (see(who, offices=offices).broker >= 0).any(axis=1)
    assert served[:1000].all()
    assert not served[1000:].any()


def test_turns_at_brokers_do_not_depend_on_the_order_of_seekers():
    who = seekers()
    order = np.random.default_rng(9).permutation(len(who))
    seen, mixed = see(who), see(chosen(who, order))
    for part in ("row", "place", "source", "broker", "key"):
        np.testing.assert_array_equal(getattr(seen, part)[order], getattr(mixed, part))
    assert (seen.broker >= 0).any()


def test_partners_outside_the_sample_are_stood_for_in_the_own_city():
    """A quarter of the partners is in the sample: of the slots left empty three in four are."""
    thin = replace(seekers(3_000), sample_exposure=np.where(np.arange(3_000) % 2 == 0, 0.25, 1.0))
    plain, seen = see(replace(thin, sample_exposure=np.ones(3_000))), see(thin)
    former = SLOT_SOURCE == FORMER
    even = np.arange(3_000) % 2 == 0
    for part in ("row", "place", "source", "broker", "key"):  # firms see what they always saw
        ours, theirs = getattr(seen, part), getattr(plain, part)
        np.testing.assert_array_equal(ours[~even], theirs[~even])
    empty = plain.source[:, former] == GRAVITY
    stood = (seen.source[:, former] == FORMER) & empty
    assert not stood[~even].any()
    assert 0.72 < stood[even].sum() / empty[even].sum() < 0.78
    where = np.broadcast_to(thin.city[:, None], stood.shape)
    assert (seen.place[:, former][stood] == where[stood]).all()


def test_a_partner_who_stands_in_an_earlier_slot_stands_for_one_only():
    """One partner in all slots: at half the partners in the sample he keeps half of the others."""
    who = seekers(3_000)
    net = Ties()
    net.strengthen(np.arange(0, PEOPLE - 1, 2), np.arange(1, PEOPLE, 2), 0)  # in pairs
    friend = np.arange(PEOPLE) ^ 1
    mine = friend[who.row] < PEOPLE
    seen = see(replace(who, sample_exposure=np.full(3_000, 0.5)), net=net, numbers=(3, 0, 0, 0))
    row, place = seen.row[mine], seen.place[mine]
    first, others = row[:, 0], place[:, 1:]
    assert (first == friend[who.row[mine]]).all()
    assert (seen.source[mine] == FORMER).all()
    # kept repeats count once and are nobody; the others are whoever works in the own city
    local = np.broadcast_to(who.city[mine, None], others.shape)
    away = CITY[friend[who.row[mine]]] != who.city[mine]
    assert 0.45 < (others[away] == local[away]).mean() < 0.55
    kept = others[away] != local[away]
    assert (row[away][:, 1:][kept] == -1).all()


def test_brokers_without_anybody_in_reach_bring_nobody():
    crowd = pool()
    none = Gravity(np.zeros((FIELDS, CITIES)), np.ones((CITIES, CITIES)), np.arange(CITIES))
    seen = see(seekers(), tables=replace(places(crowd), brokered=none), offices=brokers(50.0))
    assert (seen.broker == -1).all()
    assert (seen.source != BROKERED).all()
    assert (seen.place >= 0).all()


# -- lists -----------------------------------------------------------------------------------------


def test_nobody_stands_twice_in_a_list_except_abroad():
    who = seekers(2000)
    seen = see(who)
    masked = seen.row == -1
    assert 0.05 < masked.mean() < 0.5
    strangers = twice = 0
    for i in range(len(who)):
        inside = seen.place[i] < CITIES
        rows = seen.row[i, inside & ~masked[i]].tolist()
        assert len(rows) == len(set(rows))
        away = seen.row[i, ~inside].tolist()
        assert -1 not in away
        strangers += len(away)
        twice += len(set(away) & set(rows)) + len(away) - len(set(away))
        # what is masked has the key of an earlier one
        for slot in np.flatnonzero(masked[i]):
            assert seen.key[i, slot] in seen.key[i, :slot]
    assert strangers > 1000
    assert twice > 0


def test_keys_name_the_pair_of_project_and_organisation():
    who = seekers()
    seen = see(who)
    inside = (seen.place < CITIES) & (seen.row >= 0)
    i, slot = np.nonzero(inside)
    want = identity(who.key[i], KEYS[seen.row[i, slot]])
    np.testing.assert_array_equal(seen.key[inside], want)
    i, slot = np.nonzero(seen.place == CITIES)
    assert len(np.unique(seen.key[i, slot])) == len(i)
    np.testing.assert_array_equal(
        seen.key[i, slot], identity(who.key[i], identity(who.key[i], slot))
    )


def test_nobody_is_not_taken_for_the_last_organisation():
    crowd = pool()
    empty = Pool(np.array([PEOPLE - 1]), np.array([4]), np.ones((FIELDS, 1)), CITIES)
    kernel = np.tile([1.0, 0, 0, 0, 1.0, 0], (CITIES, 1))
    where = Gravity(np.ones((FIELDS, CITIES + 1)), kernel, np.arange(CITIES + 1))
    tables = replace(places(crowd), joint=where, handed=where)
    who = seekers(400)
    seen = see(who, numbers=(0, 0, 6, 0), crowd=empty, tables=tables)
    assert {0, 4} == set(seen.place.ravel().tolist())
    found = (seen.place == 4).any(axis=1)
    assert found.any()
    assert ((seen.row == PEOPLE - 1).sum(axis=1) == found).all()


def test_what_others_seek_does_not_change_what_one_sees():
    who = seekers()
    keep = np.random.default_rng(12).random(len(who)) < 0.5
    offices = brokers(1e6)
    seen, fewer = see(who, offices=offices), see(chosen(who, keep), offices=offices)
    np.testing.assert_array_equal(seen.row[keep], fewer.row)


@pytest.mark.parametrize("numbers", [(0, 0, 0, 0), (1, 0, 0, 0), (0, 0, 0, 3)])
@pytest.mark.parametrize("n", [0, 5])
def test_few_seekers_and_few_slots(numbers, n):
    seen = see(seekers(n), numbers=numbers)
    assert seen.row.shape == seen.key.shape == (n, sum(numbers))
