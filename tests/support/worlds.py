"""Where the packaged worlds lie."""

from __future__ import annotations

from pathlib import Path

import ydsim.world

YRD = Path(ydsim.world.__file__).parent / "data" / "yrd"
