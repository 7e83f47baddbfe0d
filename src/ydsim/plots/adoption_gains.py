"""How many firms a policy makes adopt earlier or later, by quarters gained."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.foot import add_line, foot_height
from ydsim.plots.messages import say
from ydsim.plots.style import SMALL, WIDTH, house_style, look, shown
from ydsim.typing import Ints

_HIGH, _LEFT, _BELOW = 2.2, 0.6, 0.45
_WIDEST = 40
"""Quarters beyond which firms are counted together."""


def draw_gains(gained: Ints, policy: str, made: str) -> Figure:
    """Return the number of firms by quarters gained.

    Parameters
    ----------
    gained
        Quarters that each firm gained over all generations, negative where it lost; of firms whose
        adoptions differ.
    policy
        Its name.
    made
        Line at the foot: what was run.
    """
    within = np.clip(gained, -_WIDEST, _WIDEST)
    edge = max(int(np.abs(within).max(initial=1)), 1) + 0.5
    with house_style():
        title = say(
            "adoption_gains.title",
            policy=shown(policy, 40),
            earlier=int((gained > 0).sum()),
            later=int((gained < 0).sum()),
        )
        foot = foot_height(made)
        text = say("adoption_gains.explanation")
        figure, top = page.new_page(title, text, _HIGH + _BELOW, foot=foot)
        axes = page.add_panel(figure, _LEFT, top + 0.1, WIDTH - _LEFT - page.MARGIN, _HIGH)
        axes.hist(within, bins=np.arange(-edge, edge + 1.0).tolist(), color=look(0).colour)
        axes.axvline(0.0, color="black", linewidth=0.6)
        axes.set_xlabel(say("adoption_gains.axis"), size=SMALL)
        axes.set_ylabel(say("adoption_gains.firms"), size=SMALL)
        add_line(figure, made)
    return figure
