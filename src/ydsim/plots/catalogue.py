"""All kinds of figures, by name.

A new kind is a function of results that returns a figure, and a line here. The module that draws it
is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from ydsim.errors import NothingToDrawError, UsageError
from ydsim.translation import gettext, mark

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ydsim.results.results import Results

Of = Literal["run", "several", "sweep"]


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure.

    Attributes
    ----------
    name
        As ``ydsim plot --kind`` and files name it.
    of
        What is drawn: ``"run"`` one scenario, ``"several"`` one or more scenarios on one axis,
        ``"sweep"`` the points of a sweep.
    words
        What it shows, in one line of English; see `shows`.
    function
        Module below `ydsim` and name of the function that draws it, as in
        ``plots.stages:draw_funnel``. It takes `Results` (of ``"several"`` any number of them) and
        options of its own, and returns the figure, or a study that draws itself; it raises
        `NothingToDrawError` when the data are too few.
    options
        Names of the options that it takes, each one of `ydsim.plots.options.OPTIONS`.
    after_run
        Whether a run draws it by itself.
    fits
        Of kinds of sweeps: the kinds of design, or the function ``module:name`` that tells whether
        results suit it, where no kind is named; empty where it always does.
    least
        Fewest results that it is drawn of.
    """

    name: str
    of: Of
    words: str
    function: str
    options: tuple[str, ...] = ()
    after_run: bool = False
    fits: str | tuple[str, ...] = ()
    least: int = 1

    @property
    def shows(self) -> str:
        """What it shows, in one line."""
        return gettext(self.words)

    @property
    def target(self) -> Callable[..., Any]:
        """The function that draws it, or reads the study that draws itself."""
        return _function(self.function)

    def draw(self, *results: Results, **options: Any) -> Figure:
        """Return the figure; runs of another design have nothing to draw."""
        from matplotlib.figure import Figure

        function = self.target
        if not self.function.startswith("studies"):
            figure: Figure = function(*results, **options)
            return figure
        try:
            found = function(*results, **options)
            return found if isinstance(found, Figure) else found.plot()
        except UsageError as error:
            raise NothingToDrawError(str(error)) from None

    def suits(self, results: Results) -> bool:
        """Tell whether it is drawn of such results where no kind is named."""
        if isinstance(self.fits, str):
            return bool(_function(self.fits)(results))
        return not self.fits or results.manifest["spec"]["kind"] in self.fits


def _function(path: str) -> Callable[..., Any]:
    """Return a function, importing its module."""
    module, _, name = path.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"ydsim.{module}"), name)
    return found


_KINDS = (
    FigureKind(
        "overview",
        "several",
        mark("R&D, output, personnel, certified firms, patents and contracts beside official ones"),
        "plots.over_time:draw_overview",
        options=("region",),
        after_run=True,
    ),
    FigureKind(
        "adoption_curves",
        "several",
        mark("how technology spreads: adopters, of the firms that can use it"),
        "plots.adoption:draw_adoption",
        after_run=True,
    ),
    FigureKind(
        "map",
        "run",
        mark("an amount of each city, on a map or on small maps of several years"),
        "plots.maps:draw_map",
        options=("indicator", "year", "years"),
        after_run=True,
    ),
    FigureKind(
        "funnel",
        "several",
        mark("of 100 projects, how many pass each stage, and why the others stop"),
        "plots.stages:draw_funnel",
        after_run=True,
    ),
    FigureKind(
        "project_paths",
        "run",
        mark("projects that change the province or the kind of organisation between stages"),
        "plots.stages:draw_paths",
        after_run=True,
    ),
    FigureKind(
        "link_map",
        "run",
        mark("the strongest links between cities, on a map"),
        "plots.maps:draw_link_map",
        options=("channel", "year"),
        after_run=True,
    ),
    FigureKind(
        "city_pairs",
        "run",
        mark("links of each pair of cities"),
        "plots.cities:draw_pairs",
        options=("channel", "years"),
        after_run=True,
    ),
    FigureKind(
        "difference_map",
        "several",
        mark("what one of two results has more or less than the other, by city"),
        "plots.maps:draw_difference_map",
        options=("indicator", "year"),
        least=2,
    ),
    FigureKind(
        "inequality",
        "run",
        mark("inequality between cities by year, within and between provinces"),
        "plots.cities:draw_inequality",
        options=("indicator", "years"),
    ),
    FigureKind(
        "lag_by_distance",
        "run",
        mark("how much later firms far from its city adopt a technology"),
        "plots.cities:draw_distance",
    ),
    FigureKind(
        "supply_to_nation",
        "run",
        mark("products and technology that the region supplies to the nation"),
        "plots.flows:draw_supply",
        after_run=True,
    ),
    FigureKind(
        "money",
        "run",
        mark("who pays whom in a year, and the largest flows"),
        "plots.flows:draw_money",
        options=("year",),
        after_run=True,
    ),
    FigureKind(
        "heat_map",
        "sweep",
        mark("an outcome at every pair of levels of two factors of a sweep"),
        "plots.sweeps:draw_heat_map",
        options=("indicator", "region", "year", "x", "y", "show"),
        fits="plots.factors:suits_map",
    ),
    FigureKind(
        "sweep_lines",
        "sweep",
        mark("an outcome along a factor of a sweep, others as colours and panels"),
        "plots.sweeps:draw_sweep_lines",
        options=("indicator", "region", "year", "x", "colour", "panels", "show"),
        fits="plots.factors:suits_lines",
    ),
    FigureKind(
        "dot_plot",
        "sweep",
        mark("an outcome of each policy or scenario of a sweep, with intervals"),
        "plots.sweeps:draw_dots",
        options=("indicator", "region", "year", "y", "colour", "show"),
        fits="plots.factors:suits_dots",
    ),
    FigureKind(
        "effects",
        "several",
        mark("an outcome over the years, and how alternatives differ from a base, with intervals"),
        "studies.comparison:draw",
        options=("indicator",),
        least=2,
    ),
    FigureKind(
        "effects_by_place",
        "several",
        mark("what alternatives change against a base by province, with intervals"),
        "studies.comparison:draw_by_place",
        options=("indicator", "years"),
        least=2,
    ),
    FigureKind(
        "tornado",
        "sweep",
        mark("what each factor alone changes, of a one_at_a_time sweep"),
        "studies.sensitivity:draw_tornado",
        options=("indicator",),
        fits=("one_at_a_time",),
    ),
    FigureKind(
        "sobol",
        "sweep",
        mark("Sobol indices of each factor, of a saltelli sweep"),
        "studies.sensitivity:draw_sobol",
        options=("indicator",),
        fits=("saltelli",),
    ),
    FigureKind(
        "morris",
        "sweep",
        mark("elementary effects of each factor, of a morris sweep"),
        "studies.sensitivity:draw_morris",
        options=("indicator",),
        fits=("morris",),
    ),
    FigureKind(
        "scatter",
        "sweep",
        mark("an outcome at all points of a sampled sweep, against each factor"),
        "plots.sweeps:draw_scatter",
        options=("indicator", "region", "year", "x"),
        fits=("latin_hypercube", "sobol", "saltelli"),
    ),
    FigureKind(
        "prim",
        "sweep",
        mark("inputs that lead to the top quarter of outcomes, of a space filling sweep"),
        "studies.sensitivity:draw_prim",
        options=("indicator",),
        fits=("latin_hypercube", "sobol"),
    ),
    FigureKind(
        "forest",
        "sweep",
        mark("estimates of the studies bottleneck and interactions, or channels, with intervals"),
        "studies:draw_forest",
        options=("years",),
        fits="studies:has_forest",
    ),
    FigureKind(
        "game",
        "sweep",
        mark("the border game: payoffs, where it rests, and what closing pays each province"),
        "studies.border_game:read",
        fits="studies.border_game:suits",
    ),
    FigureKind(
        "lines",
        "several",
        mark("any yearly indicator over time, of one scenario or of several on one axis"),
        "plots.over_time:draw_lines",
        options=("indicator", "region", "years"),
    ),
)

KINDS = {kind.name: kind for kind in _KINDS}
"""Every kind of figure, by name, in the order of lists."""

GONE = {
    "interactions": "forest",
    "bottleneck": "forest",
    "decomposition": "forest",
    "small_multiples": "sweep_lines, or heat_map with --year",
    "game_matrix": "game",
    "payoffs": "game",
    "rd_by_province": "lines --indicator rd_expenditure",
    "output_and_productivity": "overview, or lines --indicator productivity_log",
    "contracts_and_inventions": "overview, or lines --indicator invention_patent_applications",
    "certified_firms": "lines --indicator hitech_enterprises_valid_stock_derived",
    "live_generations": "lines --indicator generations_live",
    "passports": "project_paths",
    "money_flows": "money",
    "coupling_plane": "lines --indicator coupling_degree",
    "knowledge": "export of the table knowledge",
    "map_years": "map --years",
    "network": "link_map or city_pairs",
}
"""Kinds of version 0.7.0, and what shows the same."""
