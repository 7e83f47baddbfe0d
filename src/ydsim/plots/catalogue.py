"""All kinds of figures, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots.adoption import draw_adoption
from ydsim.plots.certified import draw_certified
from ydsim.plots.citymap import draw_map
from ydsim.plots.citynetwork import draw_network
from ydsim.plots.couplingplane import draw_coupling_plane
from ydsim.plots.differencemap import draw_difference_map
from ydsim.plots.distance import draw_distance
from ydsim.plots.dot_plot import draw_dots
from ydsim.plots.funnel import draw_funnel
from ydsim.plots.generations import draw_generations
from ydsim.plots.heat_map import draw_heat_map
from ydsim.plots.indicator import draw_lines
from ydsim.plots.inequality import draw_inequality
from ydsim.plots.innovation import draw_innovation
from ydsim.plots.knowledge import draw_knowledge
from ydsim.plots.linkmap import draw_link_map
from ydsim.plots.mapyears import draw_map_years, map_frames
from ydsim.plots.messages import say
from ydsim.plots.money import draw_money
from ydsim.plots.moneyflows import draw_money_flows
from ydsim.plots.output import draw_output
from ydsim.plots.pairs import draw_pairs
from ydsim.plots.passports import draw_passports
from ydsim.plots.research import draw_research
from ydsim.plots.scatter import draw_scatter
from ydsim.plots.small_multiples import draw_small_multiples
from ydsim.plots.supply import draw_supply
from ydsim.plots.sweep_axes import of_design, suits_dots, suits_lines, suits_map
from ydsim.plots.sweep_lines import draw_sweep_lines
from ydsim.results.results import Results

Of = Literal["run", "several", "sweep"]


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure.

    Attributes
    ----------
    name
        As ``ydsim plot --kind`` and files name it; its line in the message table is
        ``figures.NAME``.
    of
        What is drawn: ``"run"`` one scenario, ``"several"`` one or more scenarios on one axis,
        ``"sweep"`` the points of a sweep.
    draw
        Takes `Results` (of ``"several"`` any number of them) and options of its own, and returns
        the figure; it raises `NothingToDrawError` when the data are too few.
    after_run
        Whether a run draws it by itself.
    suits
        Of kinds of sweeps: whether it is drawn of such results where no kind is named; None where
        it always is.
    options
        Names of the options that ``draw`` takes, each one of `ydsim.plots.options.OPTIONS`.
    least
        Fewest results that it is drawn of.
    frames
        Returns the figures of an animation (see `ydsim.plots.animation`) from the same arguments;
        None where there is none.
    """

    name: str
    of: Of
    draw: Callable[..., Figure]
    after_run: bool = False
    options: tuple[str, ...] = ()
    suits: Callable[[Results], bool] | None = None
    least: int = 1
    frames: Callable[..., list[Figure]] | None = None

    @property
    def shows(self) -> str:
        """What it shows, in one line."""
        return say(f"figures.{self.name}")


@dataclass(frozen=True)
class OfStudy:
    """Draws runs of a study by a function of its module, which stands above this room.

    The module is imported when something is drawn.

    Attributes
    ----------
    module
        Name of the study below `ydsim.studies`.
    function
        Takes `Results` and options, and returns a figure, or a study that draws itself; raises
        `UsageError` for runs of another design.
    """

    module: str
    function: str

    @property
    def target(self) -> Callable[..., Any]:
        """The function."""
        found: Callable[..., Any]
        found = getattr(import_module(f"ydsim.studies.{self.module}"), self.function)
        return found

    def __call__(self, *results: Results, **options: Any) -> Figure:
        """Return the figure; runs of another design have nothing to draw."""
        try:
            found = self.target(*results, **options)
            figure: Figure = found if isinstance(found, Figure) else found.plot()
            return figure
        except UsageError as error:
            raise NothingToDrawError(str(error)) from None


def of_study(name: str, draw: str = "draw") -> OfStudy:
    """Return what draws runs of a study."""
    return OfStudy(name, draw)


def suits_study(name: str) -> Callable[[Results], bool]:
    """Return what tells whether results are runs of a study, by ``suits`` of its module."""

    def suits(results: Results) -> bool:
        return bool(import_module(f"ydsim.studies.{name}").suits(results))

    return suits


_OUTCOME = ("indicator",)
_ONE_AT_A_TIME, _SPREAD = of_design("one_at_a_time"), of_design("latin_hypercube", "sobol")

_KINDS = (
    FigureKind("adoption_curves", "several", draw_adoption, after_run=True),
    FigureKind("rd_by_province", "run", draw_research, after_run=True),
    FigureKind("map", "run", draw_map, after_run=True, options=("indicator", "year")),
    FigureKind("output_and_productivity", "run", draw_output, after_run=True),
    FigureKind("live_generations", "run", draw_generations, after_run=True),
    FigureKind("contracts_and_inventions", "run", draw_innovation, after_run=True),
    FigureKind("certified_firms", "run", draw_certified, after_run=True),
    FigureKind("funnel", "several", draw_funnel, after_run=True),
    FigureKind("passports", "run", draw_passports, after_run=True),
    FigureKind("link_map", "run", draw_link_map, after_run=True, options=("channel", "year")),
    FigureKind(
        "map_years", "run", draw_map_years, options=("indicator", "years"), frames=map_frames
    ),
    FigureKind("city_pairs", "run", draw_pairs, after_run=True, options=("channel", "years")),
    FigureKind("network", "run", draw_network, options=("channel", "year")),
    FigureKind(
        "difference_map", "several", draw_difference_map, options=("indicator", "year"), least=2
    ),
    FigureKind("inequality", "run", draw_inequality, options=("indicator", "years")),
    FigureKind("coupling_plane", "run", draw_coupling_plane, options=("years",)),
    FigureKind("lag_by_distance", "run", draw_distance),
    FigureKind("knowledge", "run", draw_knowledge, after_run=True),
    FigureKind("supply_to_nation", "run", draw_supply, after_run=True),
    FigureKind("money", "run", draw_money, after_run=True),
    FigureKind("money_flows", "run", draw_money_flows, options=("year",)),
    FigureKind(
        "heat_map",
        "sweep",
        draw_heat_map,
        options=("indicator", "region", "year", "x", "y", "show"),
        suits=suits_map,
    ),
    FigureKind(
        "sweep_lines",
        "sweep",
        draw_sweep_lines,
        options=("indicator", "region", "year", "x", "colour", "panels", "show"),
        suits=suits_lines,
    ),
    FigureKind(
        "dot_plot",
        "sweep",
        draw_dots,
        options=("indicator", "region", "year", "y", "colour", "show"),
        suits=suits_dots,
    ),
    FigureKind(
        "small_multiples",
        "sweep",
        draw_small_multiples,
        options=("indicator", "region", "years", "x", "y"),
        suits=lambda results: False,
    ),
    FigureKind(
        "effects", "several", of_study("comparison"), options=("indicator", "years"), least=2
    ),
    FigureKind(
        "tornado",
        "sweep",
        of_study("sensitivity", "draw_tornado"),
        options=_OUTCOME,
        suits=_ONE_AT_A_TIME,
    ),
    FigureKind(
        "sobol",
        "sweep",
        of_study("sensitivity", "draw_sobol"),
        options=_OUTCOME,
        suits=of_design("saltelli"),
    ),
    FigureKind(
        "morris",
        "sweep",
        of_study("sensitivity", "draw_morris"),
        options=_OUTCOME,
        suits=of_design("morris"),
    ),
    FigureKind(
        "scatter",
        "sweep",
        draw_scatter,
        options=("indicator", "region", "year", "x"),
        suits=of_design("latin_hypercube", "sobol", "saltelli"),
    ),
    FigureKind(
        "prim",
        "sweep",
        of_study("sensitivity", "draw_prim"),
        options=_OUTCOME,
        suits=_SPREAD,
    ),
    FigureKind(
        "interactions", "sweep", of_study("interactions", "read"), suits=suits_study("interactions")
    ),
    FigureKind(
        "bottleneck", "sweep", of_study("bottleneck", "read"), suits=suits_study("bottleneck")
    ),
    FigureKind(
        "decomposition",
        "sweep",
        of_study("channels", "read"),
        options=("years",),
        suits=suits_study("channels"),
    ),
    FigureKind("game_matrix", "sweep", of_study("border_game"), suits=suits_study("border_game")),
    FigureKind(
        "payoffs",
        "sweep",
        of_study("border_game", "draw_payoffs"),
        suits=suits_study("border_game"),
    ),
    FigureKind("lines", "several", draw_lines, options=("indicator", "region")),
)

KINDS = {kind.name: kind for kind in _KINDS}
"""Every kind of figure, by name, in the order of lists."""
