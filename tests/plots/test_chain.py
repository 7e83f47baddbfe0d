"""Funnel, passports, knowledge and payments: what is drawn is what the tables say."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from ydsim.plots.knowledge import draw_knowledge, read_knowledge

from tests.support.made import FIELDS, FLOWS, FOUR, make_results
from ydsim.plots.chain import CAUSES, STAGES, Chain, read_chain
from ydsim.plots.counts import cube, read_rows, select
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.funnel import CAUSE_COLOURS, GO_ON, LOST, SHADE, draw_funnel
from ydsim.plots.money import draw_money, read_payments
from ydsim.plots.passports import draw_passports, read_passports
from ydsim.plots.style import look
from ydsim.typing import Columns


def bars(axes: Axes, colour: str) -> list[float]:
    from matplotlib.colors import to_rgba

    found = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    return [bar.get_width() for bar in found if bar.get_facecolor() == to_rgba(colour)]


def rgb(colour: str) -> tuple[float, ...]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def texts(axes: Axes, name: str) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_gid() == name]


def of(rows: Columns, **labels: str) -> Columns:
    for column, label in labels.items():
        rows = select(rows, column, [label])
    return rows


def test_sums_of_a_table_by_label() -> None:
    results = make_results(replicates=2, start=2018, end=2019)
    rows = read_rows(results, "contracts", ["value"])
    found = cube(rows, "value", results, {"buyer": ("Anhui", "outside"), "year": (2019, 2018)})
    assert found.shape == (2, 2, 2)
    mine = (rows["buyer"] == "outside") & (rows["year"] == 2018) & (rows["replicate"] == 1)
    assert found[1, 1, 1] == pytest.approx(rows["value"][mine].sum())
    assert found.sum() < rows["value"].sum()
    assert cube(rows, "value", results, {"buyer": ("nowhere",)}).tolist() == [[0.0], [0.0]]


@pytest.mark.slow
def test_flow_by_lead_is_that_of_100_projects_of_the_first_stage() -> None:
    results = make_results()
    rows = read_rows(results, "funnel", [])
    figure = draw_funnel(results)
    panels = figure.axes[:3]
    for axes, lead in zip(panels, ("firm", "university", "institute"), strict=True):
        begun = 0.0
        for s, stage in enumerate(STAGES):
            mine = of(rows, lead=lead, stage=stage)
            # all replicates differ by a factor only, so that shares of them are equal
            total = {name: mine[name].sum() / (3 * 6) for name in ("completed", *CAUSES)}
            lost = sum(total[cause] for cause in CAUSES)
            go_on = total["completed"] - total["shelved"]
            begun = begun or go_on + lost
            assert bars(axes, GO_ON)[s] == pytest.approx(100.0 * go_on / begun, rel=0.01)
            assert bars(axes, LOST)[s] == pytest.approx(100.0 * lost / begun, rel=0.01)
            assert texts(axes, "end")[s] == f"{100.0 * go_on / (lost + go_on):.0f}\u00a0%"
        assert axes.get_ylim()[0] > axes.get_ylim()[1]
        units = [text.get_text() for text in axes.texts]
        assert "per 100 that leave applied research" in units
        assert any(text.endswith(f"({begun:,.0f} a year)") for text in units)
        (band,) = [bar for bar in axes.patches if bar.get_facecolor()[:3] == rgb(SHADE)]
        assert (band.get_y(), band.get_y() + band.get_height()) == (1.5, 3.5)
    assert len({axes.get_xlim() for axes in panels}) == 1


def by_hand(*stages: tuple[float, float]) -> Chain:
    """One replicate, lead and partnership; what goes on and what fails, stage by stage."""
    go_on, failed = np.array(stages).T
    lost = np.zeros((len(CAUSES), 1, len(stages), 1, 1))
    lost[0, 0, :, 0, 0] = failed
    return Chain(go_on[None, :, None, None], lost)


def test_the_valley_of_death_lies_between_invention_and_launch() -> None:
    chain = by_hand((50.0, 50.0), (20.0, 20.0), (6.0, 4.0), (1.0, 1.0), (9.0, 1.0))
    np.testing.assert_allclose(chain.rates[0], [0.5, 0.5, 0.6, 0.5, 0.9])
    np.testing.assert_allclose(chain.reach[0], [50.0, 25.0, 15.0, 7.5, 6.75])
    assert chain.valley[0] == pytest.approx(100.0 * (1.0 - 0.6 * 0.5))
    empty = by_hand((50.0, 50.0), (20.0, 20.0), (0.0, 0.0), (1.0, 1.0), (9.0, 1.0))
    assert empty.valley[0] == pytest.approx(50.0)


@pytest.mark.slow
def test_the_title_counts_launches_and_the_valley() -> None:
    results = make_results(replicates=1)
    chain = read_chain(results)
    title = " ".join(text.get_text() for text in draw_funnel(results).texts)
    launched = f"{chain.reach[0, -1]:.0f} of 100 projects that leave applied research are launched"
    assert f"At the rates of 2018\u20132023, {launched}" in title
    assert f"takes {chain.valley[0]:.0f}\u00a0% of" in title


@pytest.mark.slow
def test_scenarios_are_marks_beside_each_other() -> None:
    fewer = make_results(change=failing, name="fewer")
    figure = draw_funnel(make_results(), fewer)
    reach, loses = figure.axes
    chains = [read_chain(make_results()), read_chain(fewer)]
    for axes, of_chain in ((reach, lambda c: c.reach), (loses, lambda c: 100.0 * (1.0 - c.rates))):
        marks = [line for line in axes.lines if line.get_gid() == "scenario"]
        assert len(marks) == 2
        for line, chain in zip(marks, chains, strict=True):
            np.testing.assert_allclose(line.get_xdata(), of_chain(chain).mean(axis=0))
        assert (marks[0].get_ydata() < marks[1].get_ydata()).all()
    title = " ".join(text.get_text() for text in figure.texts)
    a, b = (chain.reach[:, -1].mean() for chain in chains)
    assert f"{a:.1f} are launched in made, {b:.1f} in fewer: \u2212" in title
    assert len(draw_funnel(*[make_results(replicates=1)] * 12).axes[0].lines) == 12


def failing(name: str, rows: Columns) -> Columns:
    return rows | {"failed": 3.0 * rows["failed"]} if name == "funnel" else rows


def test_losses_with_and_without_partners_are_told_apart() -> None:
    results = make_results(replicates=1)
    rows = read_rows(results, "funnel", [])
    alone, partnered = draw_funnel(results).axes[3:]
    for axes, partnership in ((alone, "alone"), (partnered, "partnered")):
        for s, stage in enumerate(STAGES):
            mine = of(rows, partnership=partnership, stage=stage)
            lost = {cause: mine[cause].sum() for cause in CAUSES}
            leave = sum(lost.values()) + mine["completed"].sum() - lost["shelved"]
            for cause, colour in zip(CAUSES, CAUSE_COLOURS, strict=True):
                share = 100.0 * lost[cause] / leave
                assert bars(axes, colour)[s] == pytest.approx(share), (cause, stage)
            assert texts(axes, "end")[s].endswith(f"\u00a0% of {leave / 6:,.0f}")
        stacked = [bar for bar in axes.patches if bar.get_facecolor()[:3] != rgb(SHADE)]
        parts = [[bar for bar in stacked if bar.get_y() == y] for y in {b.get_y() for b in stacked}]
        for row in parts:
            assert [bar.get_x() for bar in row] == pytest.approx(
                [0.0, *np.cumsum([bar.get_width() for bar in row])[:-1]]
            )
        assert len(parts) == 5
        assert len(axes.collections) == 0
    assert bars(alone, CAUSE_COLOURS[0]) != bars(partnered, CAUSE_COLOURS[0])


def test_a_stage_that_nobody_leaves_is_called_empty() -> None:
    def emptied(name: str, rows: Columns) -> Columns:
        numbers = [column for column in rows if name == "funnel" and rows[column].dtype == float]
        pilot = rows["stage"] == "pilot" if numbers else False
        return rows | {column: np.where(pilot, 0.0, rows[column]) for column in numbers}

    for axes in draw_funnel(make_results(change=emptied)).axes:
        assert [text == "none" for text in texts(axes, "end")] == [s == "pilot" for s in STAGES]


def test_no_project_at_all_is_no_figure() -> None:
    def none(name: str, rows: Columns) -> Columns:
        zero = [column for column in rows if rows[column].dtype == float]
        return rows | {column: 0.0 * rows[column] for column in zero} if name == "funnel" else rows

    with pytest.raises(NothingToDrawError, match="no project left a stage"):
        draw_funnel(make_results(change=none))


def test_passports_flow_from_stage_to_stage() -> None:
    results = make_results(replicates=2)
    places, kinds = read_passports(results)
    assert places.names == (*FOUR, "elsewhere or skipped")
    rows = read_rows(results, "passports", [])
    seen = zip(rows["replicate"], rows["generation"], rows["stage"], strict=True)
    where = dict(zip(seen, rows["province"], strict=True))
    expected = np.zeros((2, 4, 5, 5))
    for r, g in {(r, g) for r, g, _ in where}:
        for step, (a, b) in enumerate(itertools.pairwise(STAGES)):
            ends = [FOUR.index(where[r, g, stage]) for stage in (a, b)]
            expected[(r, step, *ends)] += 1.0
    np.testing.assert_array_equal(places.flows, expected)
    # of 12 projects 3 move at each of four steps, and 3 others at one
    np.testing.assert_array_equal(places.moves, [[3.0, 3.0, 6.0, 3.0]] * 2)
    np.testing.assert_array_equal(places.transitions, np.full((2, 4), 12.0))
    assert places.moving_share == pytest.approx(15.0 / 48.0)
    assert kinds.names[:3] == ("Firms", "Universities", "Institutes")
    assert kinds.flows.sum() == 2 * 4 * 12
    np.testing.assert_array_equal(kinds.moves[0], [0.0, 8.0, 0.0, 0.0])


def test_ribbons_are_as_wide_as_what_flows_and_have_the_colour_of_its_source() -> None:
    results = make_results(replicates=2)
    places, _ = read_passports(results)
    mean = places.flows.mean(axis=0)
    above = draw_passports(results).axes[0]
    moves = [patch for patch in above.patches if patch.get_gid() == "moves"]
    stays = [patch for patch in above.patches if patch.get_gid() == "stays"]
    off = mean * (1.0 - np.eye(5))
    assert len(moves) == np.count_nonzero(off)
    assert len(stays) == np.count_nonzero(mean) - len(moves)
    for p in range(4):
        mine = [r for r in moves + stays if r.get_facecolor()[:3] == rgb(look(p).colour)]
        points = [ribbon.get_path().vertices for ribbon in mine]
        widths = [vertices[4, 1] - vertices[3, 1] for vertices in points]
        assert sum(widths) == pytest.approx(mean[:, p].sum())
    nodes = [patch.get_height() for patch in above.patches if patch.get_gid() == "node"]
    assert sum(nodes) == pytest.approx(5 * 12.0)
    assert {text for text in (t.get_text() for t in above.texts) if "cross" in text} == {
        "25\u00a0% cross",
        "50\u00a0% cross",
    }
    title = " ".join(text.get_text() for text in draw_passports(results).texts)
    assert "31\u00a0% of the steps from stage to stage cross a provincial border" in title


def test_stages_done_outside_or_skipped_are_elsewhere() -> None:
    def abroad(name: str, rows: Columns) -> Columns:
        if name == "passports":
            rows["province"][rows["stage"] == "pilot"] = "outside"
            rows["province"][rows["stage"] == "launch"] = ""
        return rows

    places, _ = read_passports(make_results(change=abroad))
    assert places.transitions.tolist() == [[12.0, 0.0, 0.0, 0.0]] * 3
    np.testing.assert_array_equal(places.flows[:, 1, :4, 4].sum(axis=1), [12.0] * 3)
    axes = draw_passports(make_results(change=abroad)).axes[0]
    assert texts(axes, "late") == ["Anhui", "elsewhere or skipped"]


def test_projects_that_stay_are_said_to() -> None:
    def still(name: str, rows: Columns) -> Columns:
        return (
            rows | {"province": np.full(len(rows["stage"]), "Anhui", dtype=object)}
            if (name == "passports")
            else rows
        )

    title = " ".join(text.get_text() for text in draw_passports(make_results(change=still)).texts)
    assert "No project crosses a provincial border" in title


def test_the_zero_of_knowledge_is_that_of_a_run_without_policies() -> None:
    words = " ".join(text.get_text() for text in draw_knowledge(make_results()).texts)
    assert "zero is the mean organisation of the field at the same time in a run without" in words


def test_knowledge_by_field_and_province() -> None:
    results = make_results(replicates=2)
    fields, values = read_knowledge(results)
    assert fields == FIELDS
    assert values.shape == (2, 6, 3, 4)
    # field - province + year / 10, times 1 and 1.1
    assert values[1, 5, 2, 1] == pytest.approx((2.0 - 1.0 + 0.5) * 1.1)
    panels = draw_knowledge(results).axes
    assert len(panels) == 3
    for f, axes in enumerate(panels):
        for p, name in enumerate(FOUR):
            (line,) = [line for line in axes.lines if line.get_label() == name]
            expected = (f - p + 0.1 * np.arange(6)) * 1.05
            np.testing.assert_allclose(line.get_ydata(), expected, atol=1e-9)
        assert axes.get_ylim() == panels[0].get_ylim()
        assert axes.get_title(loc="left").replace("\n", " ") == FIELDS[f]


@pytest.mark.slow
def test_payments_of_the_last_year_go_from_row_to_column() -> None:
    results = make_results(replicates=2)
    payments = read_payments(results)
    # four provinces, 10 (number + 1) + 5 years, times 1 and 1.1
    paid = {flow: 4 * (10.0 * (k + 1) + 5.0) * 1.05 for k, flow in enumerate(FLOWS[:-1])}
    assert payments.flows == tuple(sorted(paid, key=lambda flow: -paid[flow]))
    np.testing.assert_allclose(payments.amounts.mean(axis=0), [paid[f] for f in payments.flows])
    at = payments.sectors.index
    assert "media" not in payments.sectors
    assert payments.sectors[0] == "firms"
    assert payments.matrix[at("firms"), at("economy")] == pytest.approx(
        paid[FLOWS[0]] + paid[FLOWS[2]]
    )
    assert payments.matrix[at("provinces"), at("firms")] == pytest.approx(paid[FLOWS[3]])
    assert payments.matrix[at("firms"), at("provinces")] == 0.0
    matrix, bar, flows = draw_money(results).axes
    assert bar.get_ylim() == pytest.approx(matrix.images[0].get_clim())
    written = {
        (t.get_position()[1], t.get_position()[0]): t.get_text()
        for t in matrix.texts
        if t.get_gid() == "amount"
    }
    assert written[at("provinces"), at("firms")] == f"{paid[FLOWS[3]]:,.0f}"
    assert len(written) == 3
    assert [label.get_text() for label in matrix.get_yticklabels()] == list(payments.sectors)
    widths = [bar.get_width() for bar in flows.patches]
    np.testing.assert_allclose(widths, sorted(paid.values(), reverse=True))
    assert flows.get_yticklabels()[0].get_text() == "provinces \u2192 firms: grants"


def test_the_title_names_who_pays_most_and_a_readable_sum() -> None:
    payments = read_payments(make_results(replicates=1))
    title = draw_money(make_results(replicates=1)).finding
    assert "% is paid by firms; the largest flow is provinces \u2192 firms: grants (" in title
    assert title.endswith(f"({payments.amounts[0, 0] / 10.0:.3g} billion RMB)")

    def public(name: str, rows: Columns) -> Columns:
        return (
            rows | {"payer": np.full_like(rows["payer"], "central")} if name == "ledger" else rows
        )

    assert "is paid by the central government;" in draw_money(make_results(change=public)).finding


def test_nothing_paid_is_no_figure() -> None:
    def unpaid(name: str, rows: Columns) -> Columns:
        return rows | {"amount": 0.0 * rows["amount"]} if name == "ledger" else rows

    with pytest.raises(NothingToDrawError, match="no payment of the last year"):
        draw_money(make_results(change=unpaid))
