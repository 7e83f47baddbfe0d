"""The figure of lags by distance: what it shows, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.text import Text

from tests.support import fake_sweep as fake
from ydsim.errors import NothingToDrawError
from ydsim.plots.distance import draw_distance
from ydsim.results.diffusion import CLASSES


class Planted:
    """Results whose table of lags is planted; all else is that of a fake run."""

    def __init__(self, results, t10):
        self._results, self.tables = results, ["diffusion_distance"]
        r, y, d = (i.ravel() for i in np.indices(t10.shape))
        self.table = {
            "replicate": r,
            "year": 2011 + y,
            "distance": np.array(CLASSES, dtype=object)[d],
            "t10": t10.ravel(),
            "generations": np.where(np.isfinite(t10).any(axis=(0, 1))[d], 3, 0),
        }

    def columns(self, name):
        return self.table

    def __getattr__(self, name):
        return getattr(self._results, name)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Only the footer is taken from these."""
    return fake.run(tmp_path_factory.mktemp("fake") / "out")


def said(figure):
    return " ".join(text.get_text() for text in figure.findobj(Text))


def test_means_over_years_and_intervals_over_replicates(results):
    rng = np.random.default_rng(1)
    t10 = np.array([2.0, 3.0, 3.2, 3.4, 4.0]) + 0.1 * rng.random((3, 4, 5))
    t10[1, 3, 2] = np.nan  # the last year has no time in one class: it is left out everywhere
    figure = draw_distance(Planted(results, t10))
    mean = t10[:, :3].mean(axis=(0, 1))
    dots = figure.axes[0].lines[-1]
    np.testing.assert_allclose(dots.get_xdata(), mean)
    (bars,) = figure.axes[0].collections
    half = 4.302653 * t10[:, :3].mean(axis=1).std(axis=0, ddof=1) / np.sqrt(3.0)
    ends = np.array([path.vertices[:, 0] for path in bars.get_paths()])
    np.testing.assert_allclose(ends, np.stack([mean - half, mean + half], axis=1), rtol=1e-5)
    assert figure.finding.endswith(
        f"after {mean[0]:.1f} years, and of firms over 300 km away after {mean[4]:.1f}"
    )
    text = said(figure)
    assert "2011\u20132013" in text
    assert "n = 3 replicates" in text
    assert f"{mean[4]:.1f} years ({mean[4] - mean[0]:+.1f})" in text


def test_classes_of_distance_that_a_small_world_lacks_are_left_out(results):
    t10 = np.broadcast_to([2.0, 3.0, 3.5, np.nan, np.nan], (2, 3, 5))
    figure = draw_distance(Planted(results, t10))
    assert figure.finding == (
        "A new technology reaches a tenth of firms in its own city after 2.0 years, "
        "and of firms 100 to 200 km away after 3.5"
    )
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["own city", "up to 100 km", "100 to 200 km"]


def test_one_replicate_has_no_bars_and_what_is_missing_is_said(results):
    figure = draw_distance(Planted(results, np.full((1, 2, 5), 3.0)))
    assert "One replicate (n = 1, no interval)." in said(figure)
    with pytest.raises(NothingToDrawError, match="no year of founding has a time in every class"):
        draw_distance(Planted(results, np.full((1, 2, 5), np.nan)))
    with pytest.raises(NothingToDrawError, match="were not recorded"):
        draw_distance(results)
