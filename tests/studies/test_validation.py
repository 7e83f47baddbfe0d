"""Published patterns beside runs: what is met, what counts, words and files."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ydsim.design.sweep import scenarios
from ydsim.errors import UsageError
from ydsim.studies import validation
from ydsim.studies.study import Facts
from ydsim.studies.validation import Validation, load_targets

BASE = replace(load_targets("synthetic")[0], anchored=False, train=True, weight=1.0)
INSIDE, OUTSIDE = [0.9, 1.0, 1.1, 1.2, 0.8], [3.0, 3.1, 2.9, 3.2, 2.8]


def of(name, family, **more):
    ranged = {"value": 1.0, "low": 0.5, "high": 1.5, "tolerance": 0.25, "reading": "growth"}
    return replace(BASE, name=name, words=name, family=family, **{**ranged, **more})


TARGETS = (
    of("a", "first"),
    of("b", "first"),
    of("c", "second", weight=0.5),
    of("d", "second", train=False, value=math.nan, low=0.5, high=math.inf),
    of("e", "third", anchored=True, reading="level", unit="ln firms"),
    of("f", "fourth"),
)


def found(**values):
    table = pd.DataFrame({"a": INSIDE, "b": OUTSIDE, "c": INSIDE, "d": OUTSIDE, "e": OUTSIDE})
    table = table.assign(f=np.nan, **values)
    facts = Facts("made", "made", "made by hand", None, (2011, 2020), 5, 0, 1)
    return Validation(facts, TARGETS, table)


def test_what_lies_in_the_range_is_met_by_family_and_part():
    table = found().table.set_index("outcome")
    assert table["met"].to_dict() == {"a": True, "b": False, "c": True, "d": True, "e": False}
    assert table.loc["a", ["low", "estimate", "high"]].tolist() == pytest.approx([0.84, 1.0, 1.16])
    assert table.loc["b", "misfit"] == pytest.approx(8.0)
    families = found().families.set_index(["part", "family"])
    assert families["met"].to_dict() == {
        ("train", "first"): 1,
        ("train", "second"): 1,
        ("test", "second"): 1,
    }
    assert families.loc[("train", "first"), "misfit"] == pytest.approx(math.sqrt(32.0))
    assert families.loc[("test", "second"), "misfit"] == 0.0


def test_words_count_families_weights_and_what_is_left_out():
    text = found().paragraph
    assert "1 (50 %)" in text  # of the families that train, the second
    assert "2 of 3 targets" in text
    assert "67 %" in text  # (1/2 x 1 + 1 x .5) / 1.5
    assert "1 target." in text  # anchored
    assert "1 other target." in text  # not read
    assert "test set" not in found(d=np.nan).paragraph


def test_levels_are_shown_in_their_unit():
    anchored = found().sections[-1]
    assert len(anchored.rows) == 1
    assert "20" in anchored.rows[0][2]  # exp 3
    assert anchored.rows[0][4] == "firms"


@pytest.mark.slow
def test_runs_end_with_the_figures_and_keep_links_and_cities():
    sweep = validation.design("baseline", replicates=3)
    (point,) = scenarios(sweep)
    assert (sweep.replicates, point.end, point.scale) == (3, 2020, 0.05)
    (early,) = scenarios(validation.design("baseline", {"end": 2014}))
    assert early.end == 2014


@pytest.mark.slow
def test_a_small_run_is_read_and_written(tmp_path):
    laid = {"scale": 0.002, "parameters.population.burn_in": 8}
    of_runs = validation.run("plain", laid, replicates=3, out=tmp_path / "runs", jobs=1)
    assert of_runs.facts.years == (2011, 2020)
    assert len(of_runs.table) > 90
    assert set(of_runs.families["part"]) == {"train", "test"}
    assert of_runs.table["n"].max() == 3
    for path in of_runs.write(tmp_path / "pages"):
        assert path.stat().st_size > 200


def test_runs_without_a_year_of_a_target_are_refused_before_they_are_made():
    with pytest.raises(UsageError, match="2011-2012"):
        validation.design("plain", {"world": "synthetic", "end": 2012})


@pytest.mark.slow
def test_a_region_with_anchored_targets_alone_has_a_page(tmp_path):
    anchored = replace(found(), targets=tuple(replace(of, anchored=True) for of in TARGETS))
    assert anchored.families.empty
    assert "set" not in anchored.paragraph.replace("set by hand", "")
    assert len(anchored.write(tmp_path)) == 4
