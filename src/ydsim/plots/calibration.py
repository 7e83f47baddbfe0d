"""What a calibration leaves of the ranges of parameters: the posterior against the prior."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.plots import canvas
from ydsim.plots.canvas import INK, MUTED, SMALL, look
from ydsim.plots.values import key_in_words
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import capital

_BINS = 20


@canvas.finished
def draw_marginals(
    table: pd.DataFrame,
    draws: pd.DataFrame,
    weights: Floats,
    members: Floats,
    *,
    title: str,
    foot: str,
) -> canvas.Canvas:
    """Return a panel for each parameter.

    ``table``: as of `ydsim.studies.calibration`, with ``place``, that of the default in the range.
    ``draws`` and ``members``: shares of the ranges, (n, d). ``weights`` (n,): of the draws. All
    shares are of logarithms where a range is one of logarithms.
    """
    figure, panels = canvas.new_page(
        title,
        _t(
            "Bars: posterior density over the range of the prior, which is one everywhere (line). "
            "Dashed: the scenario as it is, where it lies in the range. Ticks below: members. "
            "ratio: posterior over prior variance."
        ),
        foot=foot,
        panels=len(table),
        columns=3,
        height=1.7,
        least=1.9,
    )
    colour = look(0).colour
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    for axes, row, (key, drawn), own in zip(
        panels, table.to_dict("records"), draws.items(), members.T, strict=True
    ):
        density, _ = np.histogram(drawn, edges, weights=weights, density=True)
        axes.bar(edges[:-1], density, 1.0 / _BINS, align="edge", color=colour, alpha=0.7)
        axes.axhline(1.0, color=MUTED, linewidth=0.9)
        if 0.0 <= row["place"] <= 1.0:
            axes.axvline(row["place"], color=INK, linewidth=0.9, linestyle="--", gid="default")
        axes.plot(own, np.full(len(own), -0.06 * density.max()), "|", color=INK, markersize=3.5)
        low, high = row["from"], row["to"]
        middle = (low * high) ** 0.5 if row["log"] else (low + high) / 2.0
        axes.set_xticks([0.0, 0.5, 1.0], [fmt.number(each) for each in (low, middle, high)])
        axes.tick_params(labelsize=SMALL)
        axes.set_xlim(-0.02, 1.02)
        axes.set_yticks([])
        said = _t("ratio {ratio}, {state}").format(
            ratio=fmt.number(row["ratio"], 2), state=row["state"]
        )
        canvas.head(axes, capital(key_in_words(str(key))), said)
    return figure
