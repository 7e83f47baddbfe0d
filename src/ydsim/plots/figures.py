"""All figures of a run, as files."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ydsim.errors import UsageError
from ydsim.plots.adoption import draw_adoption
from ydsim.plots.certified import draw_certified
from ydsim.plots.citymap import draw_map
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.funnel import draw_funnel
from ydsim.plots.generations import draw_generations
from ydsim.plots.innovation import draw_innovation
from ydsim.plots.knowledge import draw_knowledge
from ydsim.plots.links import draw_links
from ydsim.plots.money import draw_money
from ydsim.plots.output import draw_output
from ydsim.plots.pairs import draw_pairs
from ydsim.plots.passports import draw_passports
from ydsim.plots.research import draw_research
from ydsim.plots.style import house_style
from ydsim.plots.supply import draw_supply
from ydsim.results.results import Results
from ydsim.store.files import asking_system, make_folder, write_atomic

FIGURES: dict[str, Callable[[Results], Figure]] = {
    "adoption_curves": draw_adoption,
    "rd_by_province": draw_research,
    "map": draw_map,
    "output_and_productivity": draw_output,
    "live_generations": draw_generations,
    "contracts_and_inventions": draw_innovation,
    "certified_firms": draw_certified,
    "funnel": draw_funnel,
    "passports": draw_passports,
    "links": draw_links,
    "city_pairs": draw_pairs,
    "knowledge": draw_knowledge,
    "supply_to_nation": draw_supply,
    "money": draw_money,
}
"""What draws each figure, by the name of its file."""

DPI = 150

_UNDATED: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
    "svg": {"Creator": None, "Date": None},
}
"""Metadata that would differ between days or versions, left out, by format."""


def make_figures(
    results: Results,
    folder: Path,
    *,
    format: str = "png",
    note: Callable[[str], None] | None = None,
) -> list[Path]:
    """Draw every figure that the results allow and return the files, in a fixed order.

    Equal results give equal bytes (under one version of Matplotlib). A file of an earlier run
    whose figure can no longer be drawn is removed.

    Parameters
    ----------
    folder
        Where the files go; made if needed.
    format
        ``"png"`` (150 dots an inch), ``"pdf"`` or ``"svg"``.
    note
        Called with one line for each figure that is left out, saying why.

    Raises
    ------
    UsageError
        When the format is unknown.
    ResourceError
        When the system refuses to write.
    """
    if format not in _UNDATED:
        raise UsageError(f"format {format} is not known; known: {', '.join(_UNDATED)}")
    make_folder(folder, parents=True)
    paths = []
    for name, draw in FIGURES.items():
        path = folder / f"{name}.{format}"
        try:
            data = render(draw, results, format)
        except NothingToDrawError as nothing:
            with asking_system("remove", path):
                path.unlink(missing_ok=True)
            if note is not None:
                note(f"{path.name} is left out: {nothing}")
            continue
        write_atomic(path, data)
        paths.append(path)
    return paths


def render(draw: Callable[[Results], Figure], results: Results, format: str = "png") -> bytes:
    """Return the bytes of one figure in the house style."""
    buffer = io.BytesIO()
    with house_style():
        draw(results).savefig(buffer, format=format, dpi=DPI, metadata=_UNDATED[format])
    return buffer.getvalue()
