"""Where the packaged worlds lie, and one of each that tests share."""

from functools import cache
from pathlib import Path

import ydsim.world
from ydsim.world.loader import load_world

YRD = Path(ydsim.world.__file__).parent / "data" / "yrd"

packaged = cache(load_world)
"""A world by its name: the same one each time, by which burn-ins that were lived are known."""
