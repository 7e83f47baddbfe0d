"""The funnel against a hand-worked case."""

import numpy as np
import pytest

from ydsim.measures.funnel import CAUSES, EXITS, funnel, slowest, valley_of_death


def counts(**given):
    names = (*EXITS, "shelved", "live", "waited")
    size = len(next(iter(given.values())))
    return {name: np.array(given.get(name, [0.0] * size), dtype=float) for name in names}


THREE = counts(
    completed=[80.0, 30.0, 20.0],
    shelved=[20.0, 0.0, 0.0],
    failed=[10.0, 10.0, 5.0],
    died_waiting=[5.0, 20.0, 0.0],
    owner_left=[5.0, 0.0, 0.0],
    sold_outside=[0.0, 0.0, 15.0],
    live=[50.0, 180.0, 40.0],
    waited=[10.0, 120.0, 0.0],
)


def test_by_hand():
    found = funnel(THREE)
    assert found.left.tolist() == [100.0, 60.0, 40.0]
    assert found.lost.tolist() == [40.0, 30.0, 5.0]
    assert found.passed.tolist() == pytest.approx([0.6, 0.5, 0.5])
    assert found.reached.tolist() == pytest.approx([0.6, 0.3, 0.15])
    assert found.stay.tolist() == pytest.approx([0.5, 3.0, 1.0])
    assert found.wait.tolist() == pytest.approx([0.1, 2.0, 0.0])
    assert found.cause[0].tolist() == pytest.approx([0.25, 0.125, 0.125, 0.5])
    assert found.cause[2].tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0])
    assert found.cause.sum(axis=1) == pytest.approx(1.0)
    assert len(CAUSES) == found.cause.shape[1]
    assert valley_of_death(found) == 1  # 30 of 60, above 40 of 100 and 5 of 40
    assert slowest(found) == 1


def test_where_nothing_leaves_there_is_no_share():
    found = funnel(counts(completed=[0.0, 4.0], live=[3.0, 1.0]))
    assert np.isnan(found.passed[0])
    assert np.isnan(found.reached).all()
    assert np.isnan(found.stay[0])
    assert found.stay[1] == 0.25
    assert np.isnan(found.cause).all()
    assert valley_of_death(found) is None
    assert slowest(found) == 1
    assert slowest(funnel(counts(completed=[0.0]))) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"failed": None}, "counts lack failed"),
        ({"failed": [1.0, 1.0]}, "same stages"),
        ({"failed": [-1.0, 1.0, 1.0]}, "failed must be at least 0"),
        ({"shelved": [90.0, 0.0, 0.0]}, "more are shelved than completed"),
    ],
)
def test_refusals(change, said):
    given = {name: values for name, values in (THREE | change).items() if values is not None}
    with pytest.raises(ValueError, match=said):
        funnel(given)
