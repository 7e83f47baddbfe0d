"""Media coverage: what is told of adopters anywhere, more stories, and pressure on R&D."""

import numpy as np
import pytest

from tests.support.small import after_burn_in, columns_of, fork, live
from ydsim.agents.state import BY_FOUNDER

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
