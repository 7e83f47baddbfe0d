"""Payments between sectors and trade with the nation: directions, places and amounts."""

import numpy as np
import pytest
from matplotlib.text import Annotation

from tests.support.figures import require_readable
from tests.support.made import FLOWS, FOUR, LINKS, WORLD, make_results
from ydsim.plots import flows
from ydsim.plots.drawing import draw
from ydsim.plots.flows import read_payments, who_pays_whom

PAID = {flow: 4 * (10.0 * (k + 1) + 5.0) for k, flow in enumerate(FLOWS[:-1])}
"""Four provinces, 10 (number of the flow + 1) + 5 years; of the first replicate."""


def lines_of(axes):
    return {line.get_label(): np.array(line.get_ydata()) for line in axes.lines}


def test_trade_in_technology_has_its_sign_and_province():
    axes = draw("supply_to_nation", make_results()).axes
    sold, bought, net = (lines_of(axes[i]) for i in (1, 3, 5))
    year = np.arange(6.0)
    for p, name in enumerate(FOUR):
        # 100 seller + 10 buyer + year, the rest of the nation is number 5; median of 3 replicates
        out = (100.0 * (p + 1) + 50.0 + year) * 1.1
        into = (500.0 + 10.0 * (p + 1) + year) * 1.1
        np.testing.assert_allclose(sold[name], out)
        np.testing.assert_allclose(bought[name], into)
        np.testing.assert_allclose(net[name], out - into)
    assert axes[5].get_ylim()[0] < 0.0
    band = axes[1].collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([band.min(), band.max()], [150.0, 155.0 * 1.2])


def test_trade_in_goods_sums_the_cities_of_each_province():
    axes = draw("supply_to_nation", make_results()).axes
    sold, bought, net = (lines_of(axes[i]) for i in (0, 2, 4))
    n, channel = WORLD.n_cities, LINKS.index("supply")
    city, year = np.arange(n)[:, None], np.arange(6.0)
    # 10^channel (from + 1) (to + 2) + year, realised 1000 more; the nation comes after the cities
    out = (10.0**channel * (city + 1.0) * (n + 2.0) + year) * 1.1 + 1000.0
    into = (10.0**channel * (n + 1.0) * (city + 2.0) + year) * 1.1 + 1000.0
    for p, name in enumerate(FOUR):
        mine = WORLD.city_province == p
        np.testing.assert_allclose(sold[name], out[mine].sum(axis=0))
        np.testing.assert_allclose(bought[name], into[mine].sum(axis=0))
        np.testing.assert_allclose(net[name], sold[name] - bought[name])


@pytest.mark.slow
def test_goods_or_technology_alone_are_drawn():
    whole = draw("supply_to_nation", make_results()).axes
    for table, first in (("ties", 1), ("contracts", 0)):
        alone = draw("supply_to_nation", make_results(leave_out=(table,)))
        assert table in alone.note
        assert len(alone.axes) == 3
        for one, other in zip(alone.axes, whole[first::2], strict=True):
            np.testing.assert_array_equal(lines_of(one)["Anhui"], lines_of(other)["Anhui"])


def test_payments_go_from_row_to_column():
    results = make_results(replicates=2)
    payments = read_payments(results, 2023)
    assert list(payments.index) == sorted(PAID, key=lambda flow: -PAID[flow])
    for flow, amount in PAID.items():
        np.testing.assert_allclose(payments.loc[flow], [amount, 1.1 * amount])
    matrix = who_pays_whom(payments)
    # those that pay most first, what is outside the region last; media pay nothing
    assert list(matrix.index) == list(matrix.columns) == ["firms", "provinces", "economy"]
    wages = 1.05 * (PAID[FLOWS[0]] + PAID[FLOWS[2]])
    assert matrix.loc["firms", "economy"] == pytest.approx(wages)
    assert matrix.loc["provinces", "firms"] == pytest.approx(1.05 * PAID[FLOWS[3]])
    assert matrix.loc["firms", "provinces"] == 0.0


def test_flows_are_in_the_order_of_their_mean():
    def uneven(name, rows):
        if name != "ledger" or rows["replicate"][0] == 0:
            return rows
        wages = rows["flow"] == "research wages"
        return rows | {"amount": np.where(wages, 4.0, 1.0) * rows["amount"]}

    payments = read_payments(make_results(replicates=2, change=uneven), 2023)
    # of each province: grants 45 and 49.5, wages 15 and 66, paid to owners 35 and 38.5
    flows = [flow for _, _, flow in payments.index]
    assert flows[:3] == ["grants", "research wages", "paid to owners"]


def test_numbers_of_the_matrix_and_bars_of_the_largest_flows():
    results = make_results(replicates=2)
    above, below = draw("money", results).axes
    matrix = who_pays_whom(read_payments(results, 2023)).to_numpy()
    written = {
        (int(text.get_position()[1]), int(text.get_position()[0])): text.get_text()
        for text in above.texts
        if not isinstance(text, Annotation)
    }
    assert written == {(i, j): f"{matrix[i, j]:,.0f}" for i, j in np.argwhere(matrix).tolist()}
    assert above.lines[0].get_ydata()[0] == 1.5, "the economy stands apart"
    means = sorted((1.05 * amount for amount in PAID.values()), reverse=True)
    np.testing.assert_allclose([bar.get_width() for bar in below.patches], means)
    (lines,) = [each for each in below.collections if each.get_gid() == "range"]
    ends = np.array(lines.get_segments())[:, :, 0]
    np.testing.assert_allclose(ends, np.array([[mean, 1.1 * mean] for mean in means]) / 1.05)
    assert below.get_yticklabels()[0].get_text() == "grants: provinces \u2192 firms"


def test_the_nation_is_last_and_another_year_may_be_asked_for():
    def turned(name, rows):
        if name != "ledger":
            return rows
        payer, rich = rows["payer"], np.where(rows["payer"] == "economy", 100.0, 1.0)
        payer = np.where(payer == "provinces", "outside", payer)
        return rows | {"payer": payer, "amount": rich * rows["amount"]}

    results = make_results(change=turned, replicates=1)
    matrix = who_pays_whom(read_payments(results, 2018))
    assert list(matrix.index)[:1] == ["firms"]
    assert set(matrix.index[1:]) == {"economy", "outside"}
    assert read_payments(results, 2018).loc[FLOWS[0]].item() == pytest.approx(40.0)
    figure = draw("money", results, year=2018)
    assert "2018" in figure.heading
    assert figure.axes[0].lines[0].get_ydata()[0] == 0.5


def test_a_narrow_page_has_no_matrix_and_whole_names(monkeypatch):
    assert "matrix" not in draw("money", make_results(replicates=2)).note
    monkeypatch.setattr(flows, "_LEAST_CELL", 99.0)  # as of a matrix of more sectors
    figure = draw("money", make_results(replicates=2), width=2.67)
    (below,) = figure.axes
    names = [label.get_text().replace("\n", " ") for label in below.get_yticklabels()]
    assert names[0] == "grants: provinces \u2192 firms"
    assert "profit before research: economy \u2192 firms" in names
    assert "matrix" in figure.note
    require_readable(figure)
