"""Who is treated: shares, disjoint arms, and draws that depend on nothing else."""

import numpy as np
import pytest

from tests.support.scalar_shocks import treated
from tests.support.small import after_burn_in, scenario
from ydsim.noise import NoiseSource, identity
from ydsim.scenario.schema.shocks import DeleteProjects
from ydsim.shocks.kinds import lotteries, pair_of

NOISE = NoiseSource(5, 1).phase("shocks", 0)
UNITS = identity("unit", np.arange(4000))


def shock(name, share, arms=""):
    return DeleteProjects(name=name, kind="delete_projects", year=2012.0, share=share, arms=arms)


def chosen(*shocks, units=UNITS):
    return [one.treated(units) for one in lotteries(shocks, NOISE)]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_a_share_of_units_is_treated(share):
    (found,) = chosen(shock("a", share))
    assert found.mean() == pytest.approx(share, abs=4.0 * np.sqrt(0.25 / len(UNITS)))
    if share in (0.0, 1.0):
        assert found.mean() == share


def test_arms_are_disjoint_and_may_use_all():
    found = np.array(chosen(*(shock(name, 0.25, "g") for name in "abcd")))
    np.testing.assert_array_equal(found.sum(axis=0), 1)
    apart = np.array(chosen(shock("a", 0.5), shock("b", 0.5)))
    assert (apart.sum(axis=0) == 2).any()


def test_pairs_have_no_direction():
    np.testing.assert_array_equal(pair_of(UNITS[1:], UNITS[:-1]), pair_of(UNITS[:-1], UNITS[1:]))
    assert len(np.unique(pair_of(UNITS[1:], UNITS[:-1]))) == len(UNITS) - 1


def test_treated_units_equal_a_loop():
    m = after_burn_in(burn_in=4, shocks=[{"name": "a", "kind": "delete_projects", "year": 2011.0}])
    names = (shock("a", 0.3), shock("b", 0.2, "g"), shock("c", 0.4, "g"))
    drawn = lotteries(names, m.noise.phase("shocks", 0))
    for one, label, low, high in zip(
        drawn, ("a", "arms g", "arms g"), (0.0, 0.0, 0.2), (0.3, 0.2, 0.6), strict=True
    ):
        expected = [treated(m, label, unit, low, high) for unit in UNITS[:300]]
        np.testing.assert_array_equal(one.treated(UNITS[:300]), expected)


def test_the_same_units_in_every_replicate_would_be_no_experiment():
    one, other = (NoiseSource(5, r).phase("shocks", 0) for r in (0, 1))
    a, b = (lotteries([shock("a", 0.5)], noise)[0].treated(UNITS) for noise in (one, other))
    assert 0.4 < (a == b).mean() < 0.6


@pytest.mark.parametrize(
    ("shocks", "said"),
    [
        ([shock("a", 0.1), shock("a", 0.1)], "both 'a'"),
        ([shock("a", 0.6, "g"), shock("b", 0.6, "g")], "shares of 1.2 together"),
        ([shock("border_friction", 0.1)], "like a policy"),
    ],
)
def test_shocks_that_do_not_go_together_are_refused(shocks, said):
    with pytest.raises(ValueError, match=said):
        scenario(shocks=[one.model_dump() for one in shocks])
