"""The key of the map: sizes of bubbles, shades, rims of provinces."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ydsim.plots import page
from ydsim.plots.lines import number
from ydsim.plots.style import BODY, MUTED, RIM, SMALL, look, shown
from ydsim.typing import Floats

_ROW = 0.2
