"""Groups of policies through the sweep engine, on a model whose resonance is planted."""

import math

import numpy as np
import pytest

from tests.support import planted
from ydsim.analysis.resonance import design, finding_of
from ydsim.analysis.sweep_values import require
from ydsim.errors import ResultsError, UsageError
from ydsim.pages.resonance import resonance_of
from ydsim.results.opening import open_results

SMALL = {"end": 2022}


def of(folder, model=planted.Planted, *, replicates=4, **options):
    sweep = design("six_actor_community", SMALL, groups=planted.GROUPS, replicates=replicates)
    results = planted.run(sweep, folder, model)
    return resonance_of(results, outcomes=["launches"], **options)


@pytest.fixture(scope="module")
def exact(tmp_path_factory):
    return of(tmp_path_factory.mktemp("exact") / "out")


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    return of(tmp_path_factory.mktemp("noisy") / "out", planted.Noisy, replicates=12)


@pytest.mark.slow
def test_what_was_planted_is_found(exact):
    one = exact.found.joints["launches"][0]
    quarters = 16
    assert exact.found.years == (2019, 2022)
    assert one.alone.estimate == pytest.approx(quarters * 40.0)
    assert one.together.estimate == pytest.approx(quarters * 60.0)
    assert one.s.estimate == pytest.approx(0.5)
    shares = {name: share.estimate for name, share in one.shares.items()}
    assert shares == pytest.approx({"government": 40 / 60, "industry": 20 / 60, "media": 0.0})
    assert exact.found.means["launches"] == pytest.approx((quarters * 107.5, quarters * 167.5))


@pytest.mark.slow
def test_intervals_hold_what_was_planted_under_noise(noisy):
    for one in noisy.found.joints["launches"]:
        if one.scale == "raw":
            assert one.s.low < 0.5 < one.s.high
            assert 0.0 < one.excess.low < 16 * 20.0 < one.excess.high
            assert one.shares["government"].low < 2 / 3 < one.shares["government"].high


@pytest.mark.slow
def test_words_say_what_was_planted(noisy):
    text = noisy.paragraph
    assert (
        "In short: together they do more than the sum of what each does alone for launches" in text
    )
    assert "so that they reinforce each other (resonance)" in text
    assert "the part of media cannot be distinguished from zero" in text
    assert "government x industry" in text
    assert noisy.page.startswith("# Alone and together: six_actor_community\n")


@pytest.mark.slow
def test_words_say_when_nothing_can_be_told(tmp_path):
    found = of(tmp_path / "out", planted.Drowned, replicates=3)
    assert (
        "for none of these outcomes can what all groups do together be distinguished from the sum"
        in found.paragraph
    )
    assert "S, this difference in proportion to the sum, is undefined" in found.paragraph


def test_one_replicate_says_so(tmp_path):
    found = of(tmp_path / "out", replicates=1)
    assert "one replicate gives no standard error" in found.paragraph
    assert "One replicate: there are no intervals" in found.paragraph
    assert found.table["low"].isna().all()
    assert "One replicate" in figure_text(found)


def figure_text(found):
    return " ".join(text.get_text() for text in found.plot().findobj(match=has_text))


def has_text(artist):
    return hasattr(artist, "get_text") and bool(artist.get_text())


@pytest.mark.slow
def test_the_figure_says_s_and_who_made_it(noisy):
    text = figure_text(noisy)
    assert "Together more than the sum: launches" in text
    assert "S = +0." in text
    assert "12 replicates" in text
    assert noisy.found.made_by in text


@pytest.mark.slow
def test_the_table_is_tidy(exact):
    table = exact.table
    keys = ["outcome", "scale", "cells", "quantity", "group"]
    assert not table.duplicated(keys).any()
    rows = table.set_index(keys)["value"]
    assert rows["launches", "raw", "run", "s", ""] == pytest.approx(0.5)
    assert rows["launches", "raw", "run", "share", "industry"] == pytest.approx(1 / 3)
    assert rows["launches", "raw", "all cells", "pair", "government x industry"] == pytest.approx(
        160
    )


@pytest.mark.slow
def test_a_notebook_gets_words_and_table(exact):
    text = exact._repr_html_()
    assert text.startswith("<p>Scenario six_actor_community")
    assert "<table" in text
    assert "<Resonance: scenario six_actor_community" in repr(exact)


@pytest.mark.slow
def test_files_are_the_same_each_time(exact, tmp_path):
    first = [path.read_bytes() for path in exact.write(tmp_path / "a", "resonance")]
    again = resonance_of(open_results(exact.found.path), outcomes=["launches"])
    paths = again.write(tmp_path / "b", "resonance")
    assert [path.read_bytes() for path in paths] == first
    assert [path.name for path in paths] == ["resonance.csv", "resonance.md", "resonance.png"]


@pytest.mark.slow
def test_nothing_is_written_through_a_link(exact, tmp_path):
    (tmp_path / "resonance.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ResultsError, match="symbolic link"):
        exact.write(tmp_path, "resonance")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.slow
def test_half_of_six_groups_leaves_the_single_cells_out(tmp_path):
    others = ("science_centres", "intermediaries", "instrument_platform")
    groups = {**planted.GROUPS, **{name: [name] for name in others}}
    sweep = design("six_actor_community", SMALL, groups=groups, replicates=3, half=True)
    assert sweep.size == 32
    found = resonance_of(planted.run(sweep, tmp_path / "out"), outcomes=["launches"])
    assert {one.cells for one in found.found.joints["launches"]} == {"pairs"}
    assert found.found.joints["launches"][0].s.estimate == pytest.approx(0.5)
    assert found.found.joints["launches"][0].lack.estimate == pytest.approx(0.0, abs=1e-9)
    assert "half of all, those with an even number of groups off" in found.paragraph


@pytest.mark.parametrize(
    ("scenario", "options", "said"),
    [
        ("synthetic", {}, "synthetic: has policies of 1 of the six groups of actors, and two are"),
        ("six_actor_community", {"groups": {"a": ["rd_grant"], "b": ["consortia"]}},
         "group a: six_actor_community has no policy 'rd_grant'; did you mean 'rd_grants'?"),
        ("six_actor_community", {"groups": planted.GROUPS, "half": True},
         "half of the combinations needs an even number of groups, 6 or more, not 3"),
        ("six_actor_community", {"overrides": {"end": 2018}},
         "group government: its policies start in 2019, and the run ends in 2018"),
        ("six_actor_community", {"replicates": 0}, "replicates: expected a whole number from 1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(scenario, options, said):
    with pytest.raises(UsageError) as caught:
        design(scenario, **options)
    assert str(caught.value).startswith(said)


def test_outcomes_and_years_are_looked_at_before_anything_is_run():
    sweep = design("six_actor_community", SMALL, groups=planted.GROUPS)
    for outcomes, first, said in (
        (
            ["launchs"],
            None,
            "no indicator of the region is called 'launchs'; did you mean 'launches'?",
        ),
        (["launches", "launches"], None, "outcome 'launches' is asked for twice"),
        ([], None, "no outcome is asked for"),
        (["launches"], 2023, "--from 2023: the run has the years 2011 to 2022"),
    ):  # fmt: skip
        with pytest.raises(UsageError) as caught:
            require(sweep, outcomes, first)
        assert str(caught.value) == said


def test_other_designs_are_refused(tmp_path):
    from tests.support import fake_sweep

    results = fake_sweep.run(tmp_path / "out")
    with pytest.raises(
        UsageError, match="resonance needs a factorial of groups, and this is a grid"
    ):
        finding_of(results)


@pytest.mark.slow
def test_replicates_that_are_not_whole_are_left_out(tmp_path):
    class Failing(planted.Planted):
        def step(self):
            super().step()
            if self.replicate == 2 and self.scenario.policies["consortia"].strength == 0.0:
                raise ZeroDivisionError

    found = of(tmp_path / "out", Failing)
    assert (found.found.replicates, found.found.left_out) == (3, 1)
    assert "Left out, as not finished in all cells: 1 replicate." in found.paragraph
    assert np.isclose(found.found.joints["launches"][0].s.estimate, 0.5)
    assert math.isfinite(found.found.joints["launches"][0].excess.low)
