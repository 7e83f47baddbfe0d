"""What holds the chain back: what launches and other outcomes gain from one per cent of a capacity.

Each capacity is moved up and down alone, in the whole run, and all points have the same replicates.

    e = ln(E[Y_up] / E[Y_down]) / ln(a_up / a_down)

The elasticity is between the two ends; what is gained upwards and lost downwards is beside it. The
error of all elasticities of an outcome is pooled, and so is that of the difference of two of them,
from which the ranks follow that a capacity may have: one below all that are known to be above it at
best.

    SE = s / (sqrt(R) |ln(a_up / a_down)|),   s = sd_n(Y_up,n / E[Y_up] - Y_down,n / E[Y_down])

over R pairs n of the same draws, by the delta method (Cochran 1977, Sampling Techniques, chapter
6). A pair of points alone has R - 1 degrees of freedom, too few where R is 3 or 4; s is pooled over
J stages, or over J frictions where they are noisier, and has J (R - 1) (assumed).

What each stage lets pass, and for how long projects stay in it, is in the table ``funnel``.

Everything is written as a capacity a, of which more is easier, so that elasticities compare:

    times     a = v          a rate, a share or a speed v of the scenario
    over      a = 1 / v      a time, a cost or a hazard v
    passes    a = 1 - v      a share v that is held back, such as profits that are paid out

Moving a capacity by a factor moves all of its keys so that each capacity has that factor. A policy
that sets the same thing as a key is moved with it. All capacities are in ``capacities.csv``, stages
in the order of the chain, then frictions, a row for each key: that of a parameter, of which
``item`` is the position in a list, or ``policy:KIND.KEY`` for all policies of a kind that set it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ydsim import arguments, fmt
from ydsim.design.sweep import Sweep
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import CONFIDENCE, MIN_REPLICATES
from ydsim.packaged import rows_of
from ydsim.policies import environment as policy_fields
from ydsim.record.indicators import name_in_words
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.read.extend import Overrides
from ydsim.scenario.schema.key_index import shipped_keys
from ydsim.studies import study
from ydsim.studies.study import Figure, Section, Study, by_outcome, intervals, with_interval
from ydsim.translation import gettext as _t
from ydsim.typing import Bools, Floats
from ydsim.wording import capital, suggestion

SCENARIO = "baseline"
REPLICATES, STEP = 3, 25.0
OUTCOMES = ("launches", "coupling", "value_added_secondary")
LESS, MORE = "less", "more"
KINDS = {"stage": "stages of the chain", "friction": "frictions"}
MOST_TIES = 4  # names of capacities that are written out where many are not distinguished

CAUTION = (
    "Errors are pooled over capacities of a kind, with the larger error for all; intervals are not "
    "adjusted for the number of capacities, so that one in twenty excludes zero by chance. One per "
    "cent more of different capacities costs different amounts: an elasticity shows where relief "
    "has an effect, not whether it is worth its cost. It holds near the scenario; capacities of "
    "the chain are assumptions (docs/parameters.md)."
)

PANELS = 3  # outcomes that are drawn side by side

Plain: TypeAlias = Mapping[str, Any]  # a scenario as plain data, all values written out


@dataclass(frozen=True, repr=False)
class Bottleneck(Study):
    """What holds the chain back."""

    table: pd.DataFrame
    """One row an outcome and capacity, by outcome the largest elasticity first.

    After the columns of all studies come ``capacity, kind, title, stage``; ``rank``, and
    ``best_rank, worst_rank`` that it may have; ``tied``, whether it is not distinguished from the
    first of its kind; ``down, up``, the capacity at the two ends over that of the scenario;
    ``tightening, relaxing``, the elasticity on either side of the scenario. Where it cannot be
    moved one way, the factor is 1 and the elasticity of this side NaN.
    """
    step: float  # by how many per cent capacities were moved
    unmoved: tuple[str, ...]  # names of capacities that were not moved
    stem: ClassVar = "bottleneck"
    heading: ClassVar = "Bottlenecks"

    @property
    def paragraphs(self) -> list[str]:
        """What was found, one paragraph an outcome, and what to keep in mind."""
        found = [_of_outcome(name, own) for name, own in by_outcome(self.table)]
        return [self._head(), *found, " ".join([*self.facts.cautions(), CAUTION])]

    @property
    def sections(self) -> list[Section]:
        """A table of each outcome."""
        columns = ["rank", "best_rank", "worst_rank", "title", "capacity", "kind"]
        found = []
        for name, own in by_outcome(self.table):
            shown = own[columns].assign(elasticity=intervals(own))
            sides = own[["tightening", "relaxing"]]
            found.append(Section.of(capital(name_in_words(name)), shown.join(sides), digits=2))
        note = (
            "Tightening and relaxing: the elasticity on either side of the scenario. Best and "
            "worst rank: those that pairs of elasticities which are distinguished leave it. "
            f"Capacities that were not moved: {len(self.unmoved)}."
        )
        return [*found, Section("How to read it", note=note)]

    def plot(self) -> Figure:
        """Return the figure: elasticities of all capacities with their intervals."""
        drawn = dict(by_outcome(self.table)[:PANELS])
        lead = next(iter(drawn.values())).set_index("capacity")["rank"]
        table = pd.concat(drawn.values())
        table = table.assign(
            label=table["title"],
            series=table["kind"].map(KINDS),
            block=table["kind"] == "friction",
            order=table["capacity"].map(lead),
        )
        return self.forest(
            table.sort_values(["block", "order"], kind="stable"),
            {name: (capital(name_in_words(name)), "elasticity") for name in drawn},
            f"Per cent of the outcome, {self.facts.span}, for one per cent more capacity, each "
            f"moved {fmt.number(self.step, 3)} % up and down alone. Bars: {self.facts.bars}, "
            "pooled error. Filled: distinguished from zero. In the order of the first outcome.",
        )

    def _head(self) -> str:
        number = self.table["capacity"].nunique()
        return (
            f"Scenario {self.facts.base}: {fmt.counted(number, 'capacity')} of stages and "
            f"frictions of the chain, each made {self.step:g} % larger and smaller by the same "
            "factor, one at a time, from before the first year on; "
            f"{fmt.counted(self.facts.replicates, 'replicate')} of the same draws; the whole "
            f"region, {self.facts.span}. An elasticity is per cent of the outcome for one per cent "
            "more capacity (a border's capacity is what passes it, a cost's or a hazard's its "
            "inverse); brackets hold 95 % intervals."
        )


def design(
    name_or_path: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    only: Sequence[str] = (),
    step: float = STEP,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked one-at-a-time design.

    ``only``: names of capacities (``capacities.csv``), ``"stages"`` or ``"frictions"``; by default
    all. ``step``: per cent by which a capacity is raised; it is lowered by the same factor.
    """
    expected = "per cent, above 0 and at most 200"
    step = arguments.number("step", step, expected)
    if not 0.0 < step <= 200.0:
        raise arguments.refuse("step", expected, step)
    scenario = load_scenario(name_or_path, overrides, allow_code=allow_code)
    factors: dict[str, Any] = {}
    plain, factor = plain_scenario(scenario), 1.0 + step / 100.0
    for capacity in _chosen(_capacities_of(plain), arguments.texts("only", only)):
        ends = {LESS: _keys_moved(capacity, 1.0 / factor), MORE: _keys_moved(capacity, factor)}
        choices = {name: {"set": keys} for name, keys in ends.items() if keys is not None}
        if choices:
            factors[capacity[0].capacity] = {"choices": choices}
    if not factors:
        raise UsageError(f"{scenario.name}: has no room to move {', '.join(only)}")
    return study.sweep_of_study(
        name_or_path,
        overrides,
        name=f"{scenario.name[:60]}-bottleneck",
        description=f"Each capacity and friction {step:g} per cent up and down, one at a time.",
        design={"kind": "one_at_a_time", "factors": factors},
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
        record={"tables": ["funnel"]},
    )


def _chosen(known: dict[str, _Capacity], only: Sequence[str]) -> list[_Capacity]:
    """Return the capacities that are asked for, by name or by kind; all where none are."""
    found: dict[str, _Capacity] = {}
    for name in only or ("stages", "frictions"):
        picked = {k: one for k, one in known.items() if name in (k, f"{one[0].kind}s")}
        if not picked:
            near = suggestion(name, ["stages", "frictions", *known], "capacities are")
            raise UsageError(f"no capacity is called {name!r}{near}")
        found |= picked
    return list(found.values())


def read(
    results: Results | str | Path,
    *,
    outcomes: Sequence[str] | None = None,
    years: tuple[int, int] | str | None = None,
) -> Bottleneck:
    """Return what the runs of `design` show; ``outcomes`` and ``years`` as in all studies."""
    results = study.opened(results)
    moves = _moves_of(results)
    window = arguments.maybe_years("years", years)
    facts, values = study.values_of(results, outcomes, window, OUTCOMES)
    tables = {name: _gains_of(y, moves) for name, y in values.items()}
    gains = pd.concat(tables, names=["outcome"]).reset_index("outcome").reset_index(drop=True)
    gains.insert(1, "place", str(results.manifest["regions"][-1]))
    known = _capacities_of(results.manifest["scenario"])
    return Bottleneck(
        facts,
        gains,
        100.0 * (float(max(moves["up"].max(), 1.0 / moves["down"].min())) - 1.0),
        tuple(name for name in known if name not in set(moves["capacity"])),
    )


require = study.require_asked
run = study.runner(design, read, require)


def _moves_of(results: Results) -> pd.DataFrame:
    """Return the capacities that were moved, one row each, in the order of the design."""
    spec, columns = results.manifest["spec"], results.contents.points.columns
    known, rows = _capacities_of(results.manifest["scenario"]), []
    for factor in spec["factors"] if spec.get("kind") == "one_at_a_time" else ():
        one, at = known.get(factor["label"]), columns[factor["label"]].tolist()
        sets = {level["value"]: level.get("set") for level in factor["levels"]}
        if one is not None and sets.keys() <= {"base", LESS, MORE}:
            # the scenario itself where it cannot be moved this way
            points = [at.index(end) if end in sets else 0 for end in (LESS, MORE)]
            ends = [_factor_of(one, sets[end]) if end in sets else 1.0 for end in (LESS, MORE)]
            rows.append([*one[0][:4], *points, *ends])
    if not rows or len(rows) < len(spec["factors"]):
        raise study.other_runs(results, "study bottleneck")
    names = ["capacity", "kind", "title", "stage", "less", "more", "down", "up"]
    return pd.DataFrame(rows, columns=names)


suits = partial(study.accepts, _moves_of)  # whether results are runs of `design`


def _gains_of(y: Floats, moves: pd.DataFrame) -> pd.DataFrame:
    """Return what one outcome (points, R) gains from each capacity, the largest first."""
    # else there is no per cent of it
    known = not (y < 0.0).any() and bool((y.mean(axis=1) > 0.0).all())
    mean = y.mean(axis=1) if known else np.full(len(y), math.nan)
    less, more, down, up = (moves[name].to_numpy() for name in ("less", "more", "down", "up"))
    table = moves.assign(
        estimate=_elasticities(mean[less], mean[more], up / down),
        tightening=_elasticities(mean[less], mean[0], 1.0 / down),
        relaxing=_elasticities(mean[0], mean[more], up),
    ).sort_values("estimate", ascending=False, kind="stable", ignore_index=True)
    group = (table["kind"] == "friction").to_numpy()
    error = _shared_error(y[table["less"]], y[table["more"]], group) if known else math.nan
    values, steps = table["estimate"].to_numpy(), np.log((table["up"] / table["down"]).to_numpy())
    reach = error * np.sqrt(1.0 / (y.shape[1] * steps**2))
    above = values[:, None] - values > np.hypot(reach[:, None], reach)
    at = np.arange(len(table))
    first = table.assign(at=at).groupby("kind")["at"].transform("min").to_numpy()
    table = table.assign(
        low=values - reach,
        high=values + reach,
        p=math.nan,
        n=y.shape[1],
        rank=1 + at,
        best_rank=1 + above.sum(axis=0),
        worst_rank=len(at) - above.sum(axis=1),
        tied=(at > first) & ~above[first, at],
    )
    numbers = ["estimate", "low", "high", "p", "n"]
    ranks = ["rank", "best_rank", "worst_rank", "tied", "down", "up", "tightening", "relaxing"]
    return table[[*numbers, "capacity", "kind", "title", "stage", *ranks]]


def _shared_error(down: Floats, up: Floats, group: Bools) -> float:
    """Return s times Student's quantile, pooled over pairs (J, R) of a group, the largest."""
    # what does nothing leaves its pairs alike and makes little noise: groups are pooled apart
    replicates = up.shape[1]
    if replicates < MIN_REPLICATES:
        return math.nan
    apart = [y / y.mean(axis=1, keepdims=True) for y in (up, down)]
    variance = (apart[0] - apart[1]).var(axis=1, ddof=1)
    own = [variance[group == g] for g in np.unique(group)]
    s, df = max((math.sqrt(float(v.mean())), len(v) * (replicates - 1)) for v in own)
    return float(stdtrit(df, (1.0 + CONFIDENCE) / 2.0)) * s


def _elasticities(before: Floats, after: Floats, factor: Floats) -> Floats:
    """Return elasticities to a change by a factor; NaN where nothing is moved."""
    by = np.log(factor)
    return np.log(after / before) / np.where(by == 0.0, np.nan, by)


def _of_outcome(name: str, gains: pd.DataFrame) -> str:
    """Say from which stage and which friction an outcome gains most."""
    title = capital(name_in_words(name))
    if gains["estimate"].isna().all():
        return f"{title}: not positive at every point, so that it has no elasticity."
    kinds = [(gains[gains["kind"] == kind], what) for kind, what in KINDS.items()]
    return f"{title}: {'; '.join(_of_kind(*kind) for kind in kinds if len(kind[0]))}."


def _of_kind(gains: pd.DataFrame, what: str) -> str:
    """Say what of one kind gives most, and what cannot be distinguished from it."""
    first: Any = next(gains.itertuples())
    ties = gains.loc[gains["tied"], "title"].tolist()
    if not first.low > 0.0:
        return f"none of the {what} has a significant positive effect"
    if len(ties) > MOST_TIES:
        ties[MOST_TIES:] = [f"{len(ties) - MOST_TIES} more"]
    tied = f", which cannot be distinguished from {fmt.listed(ties)}" if ties else ""
    return f"of the {what}, {first.title} has the largest effect ({with_interval(first)}){tied}"


# -- capacities ------------------------------------------------------------------------------------


class _Number(NamedTuple):
    """A number of a scenario that is a capacity, or part of one."""

    capacity: str  # name of what may hold the chain back
    kind: str  # ``stage`` of the chain, or ``friction`` between those who work on it
    title: str
    stage: str  # the stage whose capacity it is, if one
    how: str  # how the capacity follows from the number: ``times``, ``over`` or ``passes``
    key: str
    item: int | None
    """Dotted key, and position where it is a list."""
    whole: Any
    value: float
    """All that is at the key, and the number itself."""
    low: float
    high: float


_Capacity: TypeAlias = list[_Number]


def _capacities_of(scenario: Plain) -> dict[str, _Capacity]:
    """Return the capacities of a scenario, which is given as plain data, by name."""
    # a share that passes is one for all channels: then the six borders are one capacity
    share = _keys_of("policy:border_friction.passes", scenario)
    left_out = "border_" if share else "borders"
    found: dict[str, _Capacity] = {}
    for row in rows_of("ydsim.studies", "capacities.csv"):
        if not row["capacity"].startswith(left_out):
            found.setdefault(row["capacity"], []).extend(_numbers(row, scenario))
    return found


def _keys_moved(capacity: _Capacity, factor: float) -> dict[str, Any] | None:
    """Return values by key at which a capacity is so many times larger; None where none is."""
    # it goes as far as the bounds of its keys let it; a border that is open cannot be moved up
    for one in capacity:
        now = _turned(one.how, one.value)
        if not 0.0 < now < math.inf:
            return None
        least, most = sorted((_turned(one.how, one.low), _turned(one.how, one.high)))
        factor = max(min(factor, most / now), least / now)
    if factor == 1.0 or not 0.0 < factor < math.inf:
        return None
    keys: dict[str, Any] = {}
    for one in capacity:
        moved = float(f"{_turned(one.how, _turned(one.how, one.value) * factor):.12g}")
        moved = min(max(moved, one.low), one.high)
        if one.item is None:
            keys[one.key] = moved
        else:
            keys.setdefault(one.key, list(one.whole))[one.item] = moved
    return keys


def _factor_of(capacity: _Capacity, changes: Plain) -> float:
    """Return a capacity after changes, by dotted key, over that of the scenario.

    In folders of earlier versions changes are nested as in a scenario.
    """
    one = capacity[0]
    whole = changes.get(one.key, _at(changes, one.key))
    value = float(whole if one.item is None else whole[one.item])
    return _turned(one.how, value) / _turned(one.how, one.value)


def _numbers(row: dict[str, str], scenario: Plain) -> Iterator[_Number]:
    of = partial(_Number, row["capacity"], row["kind"], row["title"], row["stage"], row["how"])
    item = int(row["item"]) if row["item"] else None
    for key, bounds in _keys_of(row["key"], scenario).items():
        whole = _at(scenario, key)
        try:
            value = float(whole if item is None else whole[item])
        except (TypeError, ValueError, LookupError):  # the scenario of a stranger's manifest
            message = _t("scenario: {key}: is not the number that it must be")
            raise ResultsError(message.format(key=key)) from None
        yield of(key, item, whole, value, *bounds)


def _keys_of(key: str, scenario: Plain) -> dict[str, tuple[float, float]]:
    """Return the keys of a scenario that a row means, with their bounds."""
    if not key.startswith("policy:"):
        return {f"parameters.{key}": _bounds(f"parameters.{key}")}
    kind, _, name = key.removeprefix("policy:").partition(".")
    return {
        f"policies.{own}.{name}": _bounds(f"policies.{kind}.{name}")
        for own, settings in scenario.get("policies", {}).items()
        if ((settings or {}).get("policy") or own) == kind
        and (settings or {}).get(name) is not None
        and policy_fields.factor_of(settings[name]) is None
    }


def _at(plain: Plain, key: str) -> Any:
    here: Any = plain
    for part in key.split("."):
        here = here[part] if isinstance(here, Mapping) and part in here else None
    return here


def _bounds(key: str) -> tuple[float, float]:
    """Return the lowest and highest value of a key."""
    path = tuple(key.split("."))
    bounds = next(one.bounds for one in shipped_keys() if one.path == path)
    low = -math.inf if bounds.low is None else bounds.low
    return low, math.inf if bounds.high is None else bounds.high


def _turned(how: str, value: float) -> float:
    """Return the capacity that a number is, and likewise the number that a capacity is."""
    if how == "times":
        return value
    return 1.0 - value if how == "passes" else math.inf if value == 0.0 else 1.0 / value
