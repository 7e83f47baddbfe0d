"""Remarks on a run: alone, and among those of many."""

import numpy as np
import pytest

from tests.support.small import run
from ydsim.record.run_warnings import (
    SENTENCES,
    OfOneRun,
    coordination_remark,
    foundings_remark,
    in_language,
    named,
    take_up_remark,
)
from ydsim.translation import catalogue, speak


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


def test_stored_remarks_are_shown_in_chinese_with_all_their_facts():
    offers = {"rd_grants": (30.0, 20.0, 2.0)}
    stored = [
        *foundings_remark(np.array([0.0, 3.0]), listed=False, alone=True),
        *named(foundings_remark(np.array([3.0]), listed=True, alone=True), "a-0000"),
        *take_up_remark(offers),
        *named(take_up_remark(offers, 3), "a-0003"),
        *coordination_remark([2012, 2014]),
    ]
    facts = [
        {"3", "1", "2", "foundings_missed"}, {"generations.foundings"}, {"rd_grants", "10%", "30"},
        {"a-0003", "rd_grants", "3", "2", "20", "10%", "30"}, {"2012, 2014"},
    ]  # fmt: skip
    assert [*map(in_language, stored)] == stored
    with speak(catalogue("zh")):
        for remark, wanted in zip(map(in_language, stored), facts, strict=True):
            assert not wanted - {fact for fact in wanted if fact in remark}
            assert not any(word in remark for word in ("could", "replicate", "was", "use "))
        assert in_language("of another model") == "of another model"
        for each in SENTENCES:  # none lacks a translation
            assert in_language(each) != each
        # of a stranger's folder: fits a sentence nearly everywhere, and is read in one pass
        hostile = "p: replicate 1: 2 of 3 (100m_rmb) offered was paid (budget used 4 %); 5 " * 1000
        assert in_language(hostile) == hostile


@pytest.mark.slow
def test_a_run_remarks_on_what_its_own_series_says():
    m = run(years=1, scale=0.005)
    missed = m.recorder.series("foundings_missed")
    assert missed.sum() > 0.5
    assert [*foundings_remark(missed, listed=False, alone=True)] == [
        note for note in m.notes if "foundings_missed" in note
    ]
