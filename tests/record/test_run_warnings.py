"""Remarks on a run: alone, and among those of many."""

import numpy as np
import pytest

from tests.support.small import run
from ydsim.record.run_warnings import OfOneRun, foundings_remark, named


def test_foundings_that_fell_out_are_counted_in_the_run_and_not_among_many():
    (remark,) = foundings_remark(np.array([0.0, 0.4, 0.0, 0.75]), listed=False, alone=True)
    assert all(fact in remark for fact in ("2 of 4", "1.15", "larger scale"))
    # runs of one sweep say the same, so that it is said once
    (other,) = foundings_remark(np.array([3.0, 0.0]), listed=False, alone=True)
    assert named([remark], "a-0000") == named([other], "b-0000")
    assert foundings_remark(np.array([3.0]), listed=False, alone=False) == named([other], "b-0000")
    assert "foundings_missed" in named([remark], "a-0000")[0]
    (listed,) = foundings_remark(np.array([3.0]), listed=True, alone=True)
    assert listed.endswith("lower generations.foundings")
    assert foundings_remark(np.array([0.2, 0.2]), listed=False, alone=True) == []
    assert foundings_remark(np.empty(0), listed=False, alone=True) == []


def test_remarks_with_figures_of_one_run_name_it_among_many():
    assert named(["plain", OfOneRun("3 of 4")], "a-0000") == ["plain", "a-0000: 3 of 4"]


@pytest.mark.slow
def test_a_run_remarks_on_what_its_own_series_says():
    m = run(years=1, scale=0.005)
    missed = m.recorder.series("foundings_missed")
    assert missed.sum() > 0.5
    assert [*foundings_remark(missed, listed=False, alone=True)] == [
        note for note in m.notes if "foundings_missed" in note
    ]
