"""Which method suits a sweep: the design decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ydsim.analysis.sensitivity import discovery, morris, sobol, tornado
from ydsim.analysis.sensitivity.finding import Finding
from ydsim.analysis.sensitivity.sample import read_samples
from ydsim.analysis.sensitivity.where import Condition, of_interest, parse_condition
from ydsim.errors import UsageError
from ydsim.results.results import Results

METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "morris": ("morris",),
        "sobol": ("saltelli",),
        "tornado": ("one_at_a_time",),
        "discovery": ("latin_hypercube", "sobol", "grid", "factorial"),
    }
)
"""Kinds of designs that each method analyses."""


def method_of(kind: str, asked: str | None = None) -> str:
    """Return the method for a kind of design.

    Raises
    ------
    UsageError
        When no method suits it, or another one was asked for; the line says which design gives
        which method.
    """
    guide = "; ".join(f"{' or '.join(kinds)} gives {name}" for name, kinds in METHODS.items())
    if asked is not None and asked not in METHODS:
        raise UsageError(f"--method {asked}: there is none; methods are {', '.join(METHODS)}")
    found = next((name for name, kinds in METHODS.items() if kind in kinds), None)
    if found is None:
        raise UsageError(f"a design of kind {kind} has no sensitivity analysis: {guide}")
    if asked is not None and asked != found:
        raise UsageError(f"--method {asked}: the design is of kind {kind}: {guide}")
    return found


def analyse(
    results: Results,
    outcomes: Sequence[str] = ("launches",),
    *,
    method: str | None = None,
    years: tuple[int, int] | None = None,
    top: float = 0.25,
    where: Sequence[str] = (),
) -> list[Finding]:
    """Return what moves outcomes of a sweep, one finding for each.

    Parameters
    ----------
    results
        Of a complete sweep.
    outcomes
        Indicators of the region.
    method
        One of `METHODS`; by default that of the design.
    years
        First and last year of a mean over years, instead of the last year.
    top
        Share of points of interest for scenario discovery.
    where
        Comparisons that say instead which points are of interest, as in ``launches > 100``.

    Raises
    ------
    UsageError
        When method and design do not go together, or an argument is wrong.
    ResultsError
        When runs are missing, or nothing can be explained.
    """
    chosen = method_of(str(results.manifest["spec"]["kind"]), method)
    conditions = conditions_of(chosen, top, where)
    names = list(dict.fromkeys([*outcomes, *(c.name for c in conditions)]))
    samples = {sample.outcome: sample for sample in read_samples(results, names, years)}
    wanted = [samples[name] for name in dict.fromkeys(outcomes)]
    if chosen == "discovery":
        of = [(condition, samples[condition.name]) for condition in conditions]
        return [discovery.analyse(one, *of_interest(one, top, of)) for one in wanted]
    run = {"morris": morris.analyse, "sobol": sobol.analyse, "tornado": tornado.analyse}[chosen]
    return [run(sample) for sample in wanted]


def conditions_of(method: str, top: float, where: Sequence[str]) -> list[Condition]:
    """Return the comparisons that say which points are of interest; arguments as for `analyse`.

    Raises
    ------
    UsageError
        When the method has none, or one of them or ``top`` is wrong.
    """
    if where and method != "discovery":
        raise UsageError(f"--where is for scenario discovery, and this design gives {method}")
    if not 0.0 < top < 1.0:
        raise UsageError(f"--top {top:g}: expected a share between 0 and 1")
    return [parse_condition(text) for text in where]
