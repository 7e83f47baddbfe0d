"""Known games of two actions. Cells: both open, first closed, second closed, both closed."""

from __future__ import annotations

import numpy as np

PRISONERS = np.array([[3.0, 3.0], [5.0, 0.0], [0.0, 5.0], [1.0, 1.0]])
STAG = np.array([[4.0, 4.0], [3.0, 0.0], [0.0, 3.0], [2.0, 2.0]])
PENNIES = np.array([[1.0, -1.0], [-1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
CHICKEN = np.array([[3.0, 3.0], [4.0, 2.0], [2.0, 4.0], [0.0, 0.0]])
