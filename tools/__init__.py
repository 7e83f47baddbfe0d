"""What makes pages of ``docs/`` and fits packaged data, run from a clone: ``python -m tools.NAME``.

None of it is in the wheel.
"""

from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[1] / "docs"
