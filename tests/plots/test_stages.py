"""Funnel and paths of projects: what is drawn is what the tables say."""

import itertools

import numpy as np
import pandas as pd
import pytest

from tests.support.made import FOUR, make_results
from ydsim.agents.projects import STAGES
from ydsim.errors import NothingToDrawError
from ydsim.plots.drawing import draw
from ydsim.plots.flows import CAUSES, FATES, PASSED, of_hundred, read_fates, read_moves


def changed(table, *columns, by=0.0, where=None):
    """Multiply columns of a table, of all rows or of those with a label."""

    def change(name, rows):
        if name != table:
            return rows
        mine = True if where is None else rows[where[0]] == where[1]
        return rows | {column: np.where(mine, by, 1.0) * rows[column] for column in columns}

    return change


def bars_of(axes, fate):
    (bars,) = [each for each in axes.containers if each.get_label() == fate]
    return bars


def widths(axes, fate):
    return [bar.get_width() for bar in bars_of(axes, fate)]


def beside(axes):
    return [text.get_text() for text in axes.texts if text.get_gid() == "beside"]


def by_hand(*stages, replicate=0):
    """What passes and what fails, stage by stage."""
    keys = [(replicate, stage, "firm", "alone") for stage in STAGES]
    index = pd.MultiIndex.from_tuples(keys, names=["replicate", "stage", "lead", "partnership"])
    rows = [{**dict.fromkeys(FATES, 0.0), PASSED: a, "failed": b} for a, b in stages]
    return pd.DataFrame(rows, index)


def test_of_100_projects_those_that_pass_are_the_product_of_the_rates():
    found = of_hundred(by_hand((50, 50), (20, 20), (6, 4), (1, 1), (9, 1)))
    np.testing.assert_allclose(found[PASSED], [50.0, 25.0, 15.0, 7.5, 6.75])
    np.testing.assert_allclose(found["failed"], [50.0, 25.0, 10.0, 7.5, 0.75])
    nobody = of_hundred(by_hand((50, 50), (20, 20), (0, 0), (0, 1), (9, 1)))
    np.testing.assert_allclose(nobody[PASSED], [50.0, 25.0, 25.0, 0.0, 0.0])
    two = [by_hand(*[(1, 1)] * 5), by_hand(*[(3, 1)] * 5, replicate=1)]
    np.testing.assert_allclose(
        of_hundred(pd.concat(two))[PASSED].iloc[[4, 9]], [3.125, 23.73046875]
    )


def test_fates_are_yearly_means_and_shelved_inventions_do_not_pass():
    results = make_results(replicates=2)
    table, fates = results.table("funnel"), read_fates(results)
    for replicate, stage, lead in itertools.product(range(2), STAGES, ("firm", "institute")):
        wanted = f"replicate == {replicate} and stage == {stage!r} and lead == {lead!r}"
        found = fates.query(wanted).sum()
        total = table.query(wanted)[["completed", *CAUSES]].sum() / 6
        assert found[PASSED] == pytest.approx(total["completed"] - total["shelved"])
        np.testing.assert_allclose(found[CAUSES], total[CAUSES])


def test_only_the_first_point_counts():
    results = make_results()
    rows, want = results.table("funnel"), read_fates(results)
    results.table = lambda name: pd.concat([rows, rows.assign(point=1, failed=0.0)])
    pd.testing.assert_frame_equal(read_fates(results), want)
    results.table = lambda name: rows[rows["lead"] != "institute"]
    want.loc[(slice(None), slice(None), "institute"), :] = 0.0
    pd.testing.assert_frame_equal(read_fates(results), want)


@pytest.mark.slow
def test_a_funnel_has_panels_of_leads_and_partners_or_one_for_each_scenario():
    def uneven(name, rows):
        if name != "funnel":
            return rows
        return rows | {"failed": rows["failed"] * (1.0 + 2.0 * rows["replicate"])}

    results = make_results(replicates=2, change=uneven)
    fates = read_fates(results)
    groups = [
        fates,
        *(fates.xs(lead, level="lead") for lead in ("firm", "university", "institute")),
        *(fates.xs(label, level="partnership") for label in ("alone", "partnered")),
    ]
    figure = draw("funnel", results)
    for axes, mine in zip(figure.axes, groups, strict=True):
        found = of_hundred(mine).groupby("stage", sort=False).mean()
        before = found.cumsum(axis=1) - found
        for fate in FATES:
            np.testing.assert_allclose(widths(axes, fate), found[fate])
            left = [bar.get_x() for bar in bars_of(axes, fate)]
            np.testing.assert_allclose(left, before[fate], atol=1e-9)
        (lines,) = [each for each in axes.collections if each.get_gid() == "range"]
        runs = of_hundred(mine)[PASSED].unstack("stage")[list(STAGES)]
        ends = np.array(lines.get_segments())[:, :, 0]
        np.testing.assert_allclose(ends, np.array([runs.min(), runs.max()]).T)
        leave = mine.groupby("stage", sort=False).sum()
        rates = 100.0 * leave[PASSED] / leave.sum(axis=1)
        assert [text.split("(")[1] for text in beside(axes)] == [f"{r:.0f}\u00a0%)" for r in rates]
        begun = mine.groupby("stage").sum().loc[STAGES[0]].sum() / 2
        assert any(f"{begun:,.0f} a year" in text.get_text() for text in axes.texts)
        assert axes.get_ylim()[0] > axes.get_ylim()[1]

    less = changed("funnel", "failed", by=3.0)
    fewer = make_results(replicates=2, change=less, name="fewer", end=2021)
    both = draw("funnel", results, fewer)
    for axes, each in zip(both.axes, (results, fewer), strict=True):
        mean = of_hundred(read_fates(each))[PASSED].groupby("stage", sort=False).mean()
        np.testing.assert_allclose(widths(axes, PASSED), mean)
        years = "2018-2023" if each is results else "2018-2021"
        assert any(years in text.get_text() for text in axes.texts)


@pytest.mark.slow
def test_a_stage_that_nobody_leaves_has_no_bar():
    emptied = changed("funnel", "completed", *CAUSES, where=("stage", "pilot"))
    axes = draw("funnel", make_results(change=emptied)).axes[0]
    assert ["none" in text for text in beside(axes)] == [stage == "pilot" for stage in STAGES]
    assert widths(axes, PASSED)[2] == 0.0
    assert widths(axes, PASSED)[3] > 0.0


def test_paths_count_steps_that_change_the_province_or_the_kind():
    results = make_results(replicates=2)
    moves = read_moves(results)
    rows = results.table("passports").set_index(["replicate", "generation", "stage"])
    for column in ("province", "kind"):
        where = rows[column].to_dict()
        for replicate, (before, after) in itertools.product(range(2), itertools.pairwise(STAGES)):
            changes = [where[replicate, g, before] != where[replicate, g, after] for g in range(12)]
            found = moves[column].loc[replicate, after]
            assert found.tolist() == [12, sum(changes)]
    # of 12 projects 3 move at each of four steps, and 3 others at one
    assert moves["province"]["moves"].tolist() == [3, 3, 6, 3] * 2
    place, kind = draw("project_paths", results).axes
    np.testing.assert_allclose([bar.get_width() for bar in place.patches], [25, 25, 50, 25])
    np.testing.assert_allclose([bar.get_width() for bar in kind.patches], [0, 100 * 8 / 12, 0, 0])
    assert beside(place) == ["25 %", "25 %", "50 %", "25 %"]


def test_replicates_of_paths_are_pooled_and_have_a_range():
    def still(name, rows):
        if name == "passports" and rows["replicate"][0] == 1:
            few = rows["generation"] < 3
            return {column: values[few] for column, values in rows.items()}
        return rows

    results = make_results(replicates=2, change=still)
    place = draw("project_paths", results).axes[0]
    # 3 + 1 moves of 12 + 3 projects
    assert place.patches[0].get_width() == pytest.approx(100.0 * 4 / 15)
    (lines,) = [each for each in place.collections if each.get_gid() == "range"]
    np.testing.assert_allclose(lines.get_segments()[0][:, 0], [25.0, 100.0 / 3.0])


def test_steps_outside_the_region_do_not_count():
    def abroad(name, rows):
        if name == "passports":
            rows["province"][rows["stage"] == "pilot"] = "outside"
            rows["province"][rows["stage"] == "launch"] = ""
        return rows

    results = make_results(change=abroad)
    moves = read_moves(results)
    assert moves["province"]["steps"].tolist() == [12, 0, 0, 0] * 3
    assert moves["kind"]["steps"].tolist() == [12, 0, 0, 0] * 3
    assert beside(draw("project_paths", results).axes[0])[1:] == ["none"] * 3


def test_projects_that_all_stay_are_no_figure():
    def staying(name, rows):
        if name == "passports":
            rows["province"][:], rows["kind"][:] = FOUR[0], "firm"
        return rows

    results = make_results(change=staying)
    assert read_moves(results)["province"]["steps"].any()
    with pytest.raises(NothingToDrawError):
        draw("project_paths", results)
