"""Diffusion by distance: years until a tenth of the firms has a technology, by how far they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.fmt import fixed
from ydsim.measures.effects import interval
from ydsim.plots import page
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, FAINT, INK, MUTED, WIDTH, house_style, look
from ydsim.results.diffusion import CLASSES
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

TABLE = "diffusion_distance"
_ROW, _NAMES, _VALUES, _AXIS = 0.34, 1.35, 1.6, 0.42


@dataclass(frozen=True)
class _Times:
    """Years until a tenth has adopted, (R, Y, D) by replicate, year of founding and class.

    Classes of distance in which the world has no firms are left out.
    """

    values: Floats
    years: Ints
    classes: tuple[str, ...]

    @property
    def by_replicate(self) -> Floats:
        """Means over the years of founding, (R, D)."""
        mean: Floats = self.values.mean(axis=1)
        return mean


def draw_distance(results: Results) -> Figure:
    """Return the time until a tenth of the firms has adopted, by distance from the founding city.

    Raises
    ------
    NothingToDrawError
        When adoptions or organisations were not recorded, or no year of founding has a time in
        each class of distance.
    """
    times = _times(results)
    mean, low, high = _means(times.by_replicate)
    n = len(times.values)
    classes = times.classes
    with house_style():
        said = [
            say("distance.what", first=int(times.years[0]), last=int(times.years[-1])),
            say("distance.years", years=len(times.years)),
            say("distance.bars", n=n) if n > 1 else say("distance.one"),
        ]
        height = _ROW * len(classes)
        title = _title(classes, mean)
        figure, top = page.new_page(title, page.sentences(*said), height + page.HEAD + _AXIS)
        width = WIDTH - 2 * page.MARGIN - _NAMES - _VALUES
        axes = page.add_panel(figure, page.MARGIN + _NAMES, top + page.HEAD, width, height)
        page.head(axes, "", "", say("distance.unit"))
        _draw(axes, times, mean, low, high)
        page.add_footer(figure, [results])
    return figure


def _times(results: Results) -> _Times:
    """Return the times of the years of founding in which every class of distance has one."""
    if TABLE not in results.tables:
        raise NothingToDrawError(say("distance.no_table"))
    table = results.columns(TABLE)
    replicates, r = np.unique(table["replicate"], return_inverse=True)
    years, y = np.unique(table["year"].astype(np.int64), return_inverse=True)
    d = np.array([CLASSES.index(name) for name in table["distance"].tolist()], dtype=np.int64)
    values = np.full((len(replicates), len(years), len(CLASSES)), np.nan)
    values[r, y, d] = table["t10"]
    firms = np.zeros(len(CLASSES), dtype=np.bool_)
    np.logical_or.at(firms, d, table["generations"].astype(np.int64) > 0)
    whole = np.isfinite(values[:, :, firms]).all(axis=(0, 2))
    if firms.sum() < 2 or not firms[0] or not whole.any():
        raise NothingToDrawError(say("distance.few"))
    kept = tuple(name for name, some in zip(CLASSES, firms.tolist(), strict=True) if some)
    return _Times(values[:, whole][:, :, firms], years[whole], kept)


def _means(by_replicate: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean and 95 % interval of each class over replicates; NaN for one of them."""
    found = [interval(column)[1:] for column in by_replicate.T]
    mean, low, high = (
        np.array([np.nan if one is None else one for one in ends])
        for ends in zip(*found, strict=True)
    )
    return mean, low, high


def _draw(axes: Axes, times: _Times, mean: Floats, low: Floats, high: Floats) -> None:
    rows = np.arange(len(times.classes), dtype=np.float64)
    by_year = times.values.mean(axis=0)
    colour = look(0).colour
    for row, own in zip(rows.tolist(), by_year.T, strict=True):
        axes.plot(own, np.full(len(own), row), linestyle="none", marker="o", markersize=2.4,
                  color=FAINT, alpha=0.6, zorder=2)  # fmt: skip
    axes.hlines(rows, low, high, color=colour, linewidth=1.4, zorder=3)
    axes.plot(mean, rows, linestyle="none", marker="o", markersize=6.0, color=colour, zorder=4)
    for row, value in zip(rows.tolist(), mean.tolist(), strict=True):
        later = fixed(value - mean[0], 1, sign=True)
        key = "distance.later" if row else "distance.first"
        text = say(key, years=fixed(value, 1), later=later)
        axes.annotate(
            text, (1.0, row), xycoords=("axes fraction", "data"), xytext=(6.0, 0.0),
            textcoords="offset points", va="center", size=BODY, color=INK if row else MUTED,
        )  # fmt: skip
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(rows, [say(f"distance.{_key(name)}") for name in times.classes])
    top = float(max(by_year.max(), np.nanmax(np.append(high, 0.0))))
    axes.set_xlim(0.0, 1.05 * top)
    number_axis(axes.xaxis, 0.0, 1.05 * top)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)


def _key(name: str) -> str:
    """Return the end of the message key of a class of distance."""
    return f"class_{CLASSES.index(name)}"


def _title(classes: tuple[str, ...], mean: Floats) -> str:
    """Compare the own city with the class that is farthest away."""
    own, far = fixed(float(mean[0]), 1), fixed(float(mean[-1]), 1)
    where = say(f"distance.{_key(classes[-1])}")
    return say("distance.title", own=own, far=far, where=where)
