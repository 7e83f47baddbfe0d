"""Money flows: amounts are those of the ledger, ribbons are as wide as amounts."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.support.made import FOUR, make_results
from ydsim.errors import UsageError
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.moneyflows import draw_money_flows, read_flows
from ydsim.plots.ribbons import draw_ribbons, scale_of, stack
from ydsim.typing import Columns


def ledger(*entries: tuple[str, str, float]) -> object:
    """Put these payments in the place of the ledger's, each in Shanghai, times replicate + 1."""

    def change(name: str, rows: Columns) -> Columns:
        if name != "ledger":
            return rows
        n, replicate = len(entries), int(rows["replicate"][0])
        payer, receiver, amount = zip(*entries, strict=True)
        return {
            "point": np.zeros(n, dtype=np.int64),
            "replicate": np.full(n, replicate),
            "year": np.full(n, 2023),
            "payer": np.array(payer, dtype=object),
            "receiver": np.array(receiver, dtype=object),
            "flow": np.array(["x"] * n, dtype=object),
            "province": np.array(["Shanghai"] * n, dtype=object),
            "amount": np.array(amount) * (1.0 + replicate),
        }

    return change


ENTRIES = (
    ("firms", "universities", 60.0),
    ("central", "universities", 30.0),
    ("central", "firms", 10.0),
    ("firms", "economy", 900.0),
    ("economy", "central", 50.0),
    ("media", "firms", 0.01),
)


def test_payments_to_and_from_the_economy_are_left_out_and_told() -> None:
    flows = read_flows(make_results(change=ledger(*ENTRIES), replicates=1))
    assert flows.payers == ("firms", "central")
    assert flows.receivers == ("universities", "firms")
    np.testing.assert_allclose(flows.mean[:, :, 0], [[60.0, 0.0], [30.0, 10.0]])
    assert flows.provinces == FOUR
    assert not flows.mean[:, :, 1:].any()
    assert flows.left_out == pytest.approx(950.0)
    assert flows.total.tolist() == [pytest.approx(100.01)]


def test_the_title_tells_who_pays_and_who_receives_most() -> None:
    figure = draw_money_flows(make_results(change=ledger(*ENTRIES), replicates=1))
    assert figure.finding == (
        "Of payments between sectors in 2023, 60\u00a0% come from firms and 90\u00a0% go to "
        "universities"
    )
    words = " ".join(text.get_text() for text in figure.texts)
    assert "interval" not in words.replace("no interval", "")
    assert "Left out: 950" in words
    several = draw_money_flows(make_results(change=ledger(*ENTRIES), replicates=3))
    # totals of the three replicates: 100, 200, 300; t = 4.303, half width 248.4
    words = " ".join(text.get_text() for text in several.texts)
    assert "200 in all (95\u00a0% interval \u221248 to 448)" in words


def test_one_government_is_named_with_its_article_and_small_amounts_have_digits() -> None:
    entries = (("outside", "central", 2.25), ("firms", "central", 0.5))
    figure = draw_money_flows(make_results(change=ledger(*entries), replicates=1))
    assert figure.finding == (
        "Of payments between sectors in 2023, 82\u00a0% come from the rest of the nation and "
        "100\u00a0% go to the central government"
    )
    words = {text.get_text() for text in figure.axes[0].texts}
    assert {"Central government", "Rest of the nation", "2.75", "2.25", "0.50"} <= words
    assert "2.75 in all" in " ".join(text.get_text() for text in figure.texts)


def patches(axes: Axes, name: str) -> list[object]:
    return [patch for patch in axes.patches if patch.get_gid() == name]


def test_ribbons_are_as_wide_as_their_amounts_and_fill_their_blocks() -> None:
    left, right = np.array([3.0, 1.0]), np.array([2.0, 2.0])
    unit = scale_of([left, right], 0.1)
    assert unit == pytest.approx(0.9 / 4.0)
    flows = [(0, 0, 2.0, "red"), (0, 1, 1.0, "red"), (1, 1, 1.0, "blue")]
    columns = stack(left, unit, 0.1), stack(right, unit, 0.1)
    axes = Figure().add_subplot()
    draw_ribbons(axes, *columns, flows, (0.0, 1.0), unit)
    at_left, at_right = [], []
    for patch in patches(axes, "ribbon"):
        points = patch.get_path().vertices
        at_left.append((points[0, 1], points[7, 1]))
        at_right.append((points[3, 1], points[4, 1]))
    for ends in (at_left, at_right):
        np.testing.assert_allclose([top - low for top, low in ends], [2 * unit, unit, unit])
    assert at_left[0] == (1.0, pytest.approx(1.0 - 2.0 * unit))
    assert at_left[1][0] == pytest.approx(at_left[0][1]), "one begins where the other ends"
    assert at_left[2][0] == pytest.approx(columns[0].top[1])
    assert at_right[1][0] == pytest.approx(columns[1].top[1])
    assert at_right[2][1] == pytest.approx(columns[1].top[1] - columns[1].height[1])


def test_every_block_and_ribbon_is_drawn() -> None:
    results = make_results()
    flows = read_flows(results)
    axes = draw_money_flows(results).axes[0]
    blocks = len(flows.payers) + len(flows.receivers) + len(flows.provinces)
    assert len(patches(axes, "block")) == blocks
    first = int((flows.mean.sum(axis=2) > 0.0).sum())
    assert len(patches(axes, "ribbon")) == first + int((flows.mean > 0.0).sum())


def test_what_cannot_be_shown_is_said() -> None:
    with pytest.raises(NothingToDrawError, match="sectors pay one another nothing in 2023"):
        draw_money_flows(make_results(change=ledger(("firms", "economy", 1.0))))
    with pytest.raises(NothingToDrawError, match="table ledger was not recorded"):
        draw_money_flows(make_results(leave_out=("ledger",)))
    with pytest.raises(UsageError, match="year 1999 was not run"):
        draw_money_flows(make_results(), year=1999)
    draw_money_flows(make_results(provinces=("Alone",), replicates=1, start=2020, end=2020))
