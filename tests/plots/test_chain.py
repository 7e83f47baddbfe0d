"""Funnel, passports, knowledge and payments: what is drawn is what the tables say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from tests.support.made import FIELDS, FLOWS, FOUR, make_results
from ydsim.plots.chain import CAUSES, STAGES, read_chain
from ydsim.plots.counts import cube, read_rows, select
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.funnel import CAUSE_COLOURS, GO_ON, LOST, draw_funnel
from ydsim.plots.knowledge import draw_knowledge, read_knowledge
from ydsim.plots.money import draw_money, read_payments
from ydsim.plots.passports import draw_passports, read_passports, spread_out
from ydsim.plots.style import look
from ydsim.typing import Columns


def bars(axes: Axes, colour: str) -> list[float]:
    from matplotlib.colors import to_rgba

    found = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    return [bar.get_width() for bar in found if bar.get_facecolor() == to_rgba(colour)]


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


def test_flow_by_lead_is_the_yearly_mean_of_the_table() -> None:
    results = make_results()
    rows = read_rows(results, "funnel", [])
    firms, universities, institutes = draw_funnel(results).axes[:3]
    for axes, lead in ((firms, "firm"), (universities, "university"), (institutes, "institute")):
        for s, stage in enumerate(STAGES):
            mine = of(rows, lead=lead, stage=stage)
            total = {name: mine[name].sum() / (3 * 6) for name in ("completed", *CAUSES)}
            lost = sum(total[cause] for cause in CAUSES)
            assert bars(axes, GO_ON)[s] == pytest.approx(total["completed"] - total["shelved"])
            assert bars(axes, LOST)[s] == pytest.approx(lost)
            going = 100.0 * (1.0 - lost / (lost + total["completed"] - total["shelved"]))
            assert texts(axes, "end")[s] == f"{going:.0f} %"
        assert axes.get_ylim()[0] > axes.get_ylim()[1]
        low, high = axes.collections[0].get_segments()[0][:, 0]
        leave = read_chain(results).leave[:, 0, ("firm", "university", "institute").index(lead)]
        np.testing.assert_allclose([low, high], [leave.sum(1).min(), leave.sum(1).max()])


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
            assert texts(axes, "end")[s].endswith(f" % of {leave / 6:,.0f}")
        parts = [
            [bar for bar in axes.patches if bar.get_y() == y]
            for y in {b.get_y() for b in axes.patches}
        ]
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


def test_passports_are_shares_of_the_stage() -> None:
    results = make_results(replicates=2)
    rows = read_rows(results, "passports", [])
    above, below = draw_passports(results).axes
    places, kinds = read_passports(results)
    assert places.sum() == kinds.sum() == len(rows["stage"])
    for p, name in enumerate(FOUR):
        (line,) = [line for line in above.lines if line.get_label() == name]
        expected = [100.0 * len(of(rows, stage=s, province=name)["stage"]) / 24 for s in STAGES]
        np.testing.assert_allclose(line.get_ydata(), expected)
        assert line.get_color() == look(p).colour
    for kind, name in (("firm", "Firms"), ("university", "Universities")):
        (line,) = [line for line in below.lines if line.get_label() == name]
        expected = [100.0 * len(of(rows, stage=s, kind=kind)["stage"]) / 24 for s in STAGES]
        np.testing.assert_allclose(line.get_ydata(), expected)
    assert texts(above, "n") == ["n = 12"] * 5
    assert spread_out(results) == pytest.approx(0.5)


def test_stages_done_outside_or_skipped_do_not_count() -> None:
    def abroad(name: str, rows: Columns) -> Columns:
        if name == "passports":
            rows["province"][rows["stage"] == "pilot"] = "outside"
            rows["province"][rows["stage"] == "launch"] = ""
        return rows

    places, _ = read_passports(make_results(change=abroad))
    assert places.sum(axis=2).tolist() == [[12, 12, 0, 12, 0]] * 3
    draw_passports(make_results(change=abroad))


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
    matrix, flows = draw_money(results).axes
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


def test_nothing_paid_is_no_figure() -> None:
    def unpaid(name: str, rows: Columns) -> Columns:
        return rows | {"amount": 0.0 * rows["amount"]} if name == "ledger" else rows

    with pytest.raises(NothingToDrawError, match="no payment of the last year"):
        draw_money(make_results(change=unpaid))
