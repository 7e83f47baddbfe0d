"""What makes pages of ``docs/`` and fits packaged data, run from a clone: ``python -m tools.NAME``.

None of it is in the wheel.
"""

from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[1] / "docs"


def between(page: str, begin: str, end: str, content: str) -> str:
    """Return a page with other content between two marks; the same page where one is missing."""
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    return f"{before}{begin}\n\n{content}\n\n{end}{after}" if found and ended else page
