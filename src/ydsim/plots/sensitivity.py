"""What moves an outcome of a sweep: tornado, Sobol indices, Morris plane, and the box of PRIM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from ydsim.analysis.sensitivity.finding import Finding
from ydsim.analysis.sensitivity.methods import METHODS, analyse
from ydsim.plots.discovery_page import box_page
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.messages import say
from ydsim.plots.render import save_bytes
from ydsim.plots.sensitivity_pages import morris_page, sobol_page, tornado_page
from ydsim.plots.style import house_style
from ydsim.results.results import Results
from ydsim.store.files import refuse_irregular, write_atomic

_PAGES: dict[str, tuple[str, Callable[[Finding, Results], Figure]]] = {
    "tornado": ("tornado", tornado_page),
    "sobol": ("sobol", sobol_page),
    "morris": ("morris", morris_page),
    "discovery": ("prim", box_page),
}
"""Name of the figure of each method and what draws it."""


def draw_tornado(results: Results, indicator: str = "launches") -> Figure:
    """Return the effects of factors one at a time on an outcome."""
    return _drawn(results, "tornado", indicator)


def draw_sobol(results: Results, indicator: str = "launches") -> Figure:
    """Return the Sobol indices of an outcome."""
    return _drawn(results, "sobol", indicator)


def draw_morris(results: Results, indicator: str = "launches") -> Figure:
    """Return the elementary effects on an outcome."""
    return _drawn(results, "morris", indicator)


def draw_prim(results: Results, indicator: str = "launches") -> Figure:
    """Return the box of inputs that leads to the top quarter of an outcome."""
    return _drawn(results, "discovery", indicator)


def draw_finding(finding: Finding, results: Results) -> Figure:
    """Return the figure of a finding."""
    with house_style():
        return _PAGES[finding.method][1](finding, results)


def write_figures(findings: Sequence[Finding], results: Results, folder: Path) -> list[Path]:
    """Draw a figure for each finding and return the files."""
    paths = []
    for finding in findings:
        path = folder / f"{_PAGES[finding.method][0]}_{finding.sample.outcome}.png"
        refuse_irregular(path)
        write_atomic(path, save_bytes(draw_finding(finding, results)))
        paths.append(path)
    return paths


def _drawn(results: Results, method: str, outcome: str) -> Figure:
    kind = str(results.manifest["spec"]["kind"])
    if kind not in METHODS[method]:
        kinds = ", ".join(METHODS[method])
        raise NothingToDrawError(say("sensitivity.other_design", kind=kind, kinds=kinds))
    (finding,) = analyse(results, [outcome])
    return draw_finding(finding, results)
