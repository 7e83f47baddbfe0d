r"""What moves an outcome of a sweep: its factors in order of size, by the method of its design.

**Elementary effects** (Morris; design ``morris``), by SALib,

    e_jt = (y(x + delta 1_j) - y(x)) / delta        effect of factor j in trajectory t, per range
    mu_j = mean_t e_jt,   mu*_j = mean_t |e_jt|,   sigma_j = sd_t e_jt

with interval mu* -+ 1.96 sd of 1,000 resamples of trajectories, and mu -+ t sd / sqrt(T). Noise
alone would give a factor without any effect

    floor = sqrt(2 / pi) sqrt(2 v) / delta

of mu*, the mean absolute value of a normal variable, where v is the variance that noise leaves in
the mean of a point: a factor within it whose mu is not sure in sign is not shown to have an effect.

**Sobol indices** (design ``saltelli``), by SALib,

    S1_j = var(E[y | x_j]) / var y               what factor j explains alone
    ST_j = 1 - var(E[y | x_-j]) / var y          with all interactions that it takes part in
    S2_jk                                        what j and k explain beyond both alone

with intervals of -+ 1.96 sd of 1,000 resamples. The noise of replicates that is left in the means
counts as an interaction of all factors: it is in ST and not in S1. An index has no sign: the
direction is that of Spearman's rank correlation over all points, sure where its interval (Fisher's
transformation, sd 1.03 / sqrt(n - 3) of n independent points, those of the matrices A and B) lacks
zero.

**Tornado** (design ``one_at_a_time``),

    e_jl = mean_r (y_jl,r - y_0,r)      value l of factor j against the base, by replicate r

with Student's interval over replicates; where draws are not common to points, the difference of
means with Welch's. The size of a factor is that of its largest effect; its direction is what a
higher value does, by all of its effects that are sure in sign.

**Scenario discovery** (space filling designs and grids): `ydsim.studies.discovery`.

Sources: Morris (1991, doi 10.1080/00401706.1991.10484804); Campolongo, Cariboni and Saltelli (2007,
doi 10.1016/j.envsoft.2006.10.004); Saltelli et al. (2010, doi 10.1016/j.cpc.2009.09.018), Saltelli
(2002, doi 10.1016/S0010-4655(02)00280-1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ydsim import arguments, fmt
from ydsim.design.factors import has_order, place_in_list, share_of_range
from ydsim.design.sweep import Sweep
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.measures import designs as measures
from ydsim.measures.effects import MIN_REPLICATES, Interval, mean_of
from ydsim.policies.environment import multiples_of
from ydsim.record.indicators import name_in_words, outcomes_called
from ydsim.results.cube import REGION, place_called
from ydsim.results.results import Results, records
from ydsim.results.sample import Sample, read_samples
from ydsim.scenario.read.extend import Overrides
from ydsim.store.files import require_own
from ydsim.studies import discovery, study
from ydsim.studies.discovery import RESAMPLES, SEED, Condition, parse_condition
from ydsim.studies.study import COLUMNS, Facts, Figure, Section, Study
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Bools, Floats
from ydsim.wording import short
from ydsim.world.loader import load_world

METHODS: Mapping[str, tuple[str, ...]] = {
    "morris": ("morris",),
    "sobol": ("saltelli",),
    "tornado": ("one_at_a_time",),
    "discovery": ("latin_hypercube", "sobol", "grid", "factorial"),
}
"""Kinds of designs that each method analyses."""

OUTCOMES = ("launches",)  # outcomes where none are named

TOP_SHARE = 0.25  # share of points of interest where no rule is given

RAISES, LOWERS, UNSURE, UNORDERED = "raises", "lowers", "either way", "no order"
"""What a higher value of a factor does: sure in sign, sign not sure, or values without order."""

BOTH = "raises and lowers"
"""What it does where it is sure in sign, but not in the same sign along the range."""

SHOWN_INDEX = 0.01  # total index up to which a factor is not said to move anything

BEYOND = 1.05  # sum of first-order indices from which their error is too large to rank factors

TOP = 5  # factors that are named in words

FIRST = ("rank", "factor", "direction", "estimate", "low", "high", "best_rank", "worst_rank")
"""First columns of the factors on a page."""


# -- rankings -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ranking:
    """Factors of one outcome, the largest first."""

    sample: Sample  # what was analysed
    measure: str  # what ``estimate`` of a factor is, in words
    table: pd.DataFrame  # one row a factor: those of `Sensitivity.table`
    tables: Mapping[str, pd.DataFrame]  # other tables of the method by name
    remarks: Sequence[str]  # what a reader must know, a sentence each

    @property
    def leaders(self) -> tuple[list[str], bool]:
        """The factors that may be first, in short, and whether no others may.

        They are those that are shown to move the outcome and whose interval reaches that of the
        first of them; others may be first where the interval of a factor that is not shown to move
        it does. Empty where no factor is shown to move the outcome.
        """
        shown = self.table[self.table["shown"]]
        if not len(shown):
            return [], False
        low = float(shown["low"].iloc[0])
        if math.isnan(low):
            return [short(shown["factor"].iloc[0])], False
        others = self.table[~self.table["shown"] & (self.table["high"] >= low)]
        return [short(name) for name in shown[shown["high"] >= low]["factor"]], not len(others)


def _ranked(sample: Sample, factors: pd.DataFrame) -> pd.DataFrame:
    """Return factors by ``estimate``, the largest first, with the ranks that intervals allow."""
    table = factors.sort_values(
        ["estimate", "factor"], ascending=[False, True], kind="stable", ignore_index=True
    )
    best, worst = measures.ranks(table["low"].to_numpy(float), table["high"].to_numpy(float))
    table = table.assign(
        outcome=sample.outcome,
        place=sample.place,
        p=np.nan,
        rank=np.arange(1, len(table) + 1),
        best_rank=best,
        worst_rank=worst,
    )
    first = [*COLUMNS, "factor", "direction", "rank", "best_rank", "worst_rank", "shown"]
    return table[[*first, *(name for name in table if name not in first)]]


def _signed(low: Floats, high: Floats) -> dict[str, Any]:
    """Return the direction that the interval of each signed effect shows, and if it is sure."""
    sign = measures.signs(low, high)
    return {"direction": np.array([UNSURE, RAISES, LOWERS])[sign], "shown": sign != 0}


def _cards(sample: Sample) -> dict[str, Mapping[str, Any]]:
    return {str(factor["label"]): factor for factor in sample.factors}


# -- methods ---------------------------------------------------------------------------------------


def elementary_effects(sample: Sample) -> Ranking:
    """Return the factors of an outcome by mu*."""
    analyser = study.extra("SALib.analyze.morris", "SALib", "the analysis of a morris design")
    names, levels = list(sample.settings["problem"]["names"]), int(sample.settings["levels"])
    x = np.column_stack([share_of_range(_cards(sample)[n], sample.columns[n]) for n in names])
    # steps are of one length in the design; on lists and whole numbers only their sign is seen
    found = analyser.analyze(
        dict(sample.settings["problem"]),
        x,
        sample.means,
        num_levels=levels,
        num_resamples=RESAMPLES,
        seed=SEED,
    ).to_df()
    mu, star, spread, sigma = (
        found[name].to_numpy(float) for name in ("mu", "mu_star", "mu_star_conf", "sigma")
    )
    trajectories = len(x) // (len(names) + 1)
    half = stdtrit(trajectories - 1, 0.975) * sigma / math.sqrt(trajectories)
    delta = levels / (2.0 * (levels - 1))
    noise = measures.noise_of_means(sample.values, paired=sample.paired)
    floor = math.sqrt(2.0 / math.pi) * math.sqrt(2.0 * noise) / delta
    low = np.maximum(star - spread, 0.0)
    factors = pd.DataFrame({"factor": names, "estimate": star}).assign(
        low=low,
        high=star + spread,
        n=trajectories,
        **_signed(mu - half, mu + half),
        mu=mu,
        mu_low=mu - half,
        mu_high=mu + half,
        sigma=sigma,
        noise_floor=floor,
    )
    factors["shown"] |= star != 0.0 if math.isnan(floor) else low > floor
    remarks = []
    if not math.isnan(floor):
        remarks.append(
            f"A factor without any effect would show a mu* of about {fmt.number(floor, 3)} "
            f"{sample.unit} from noise alone; {int((~factors['shown']).sum())} of {len(names)} "
            "factors are neither shown to exceed it nor sure in sign."
        )
    measure = f"mu*, the mean size of the change over a factor's range, {trajectories} trajectories"
    return Ranking(sample, measure, _ranked(sample, factors), {}, remarks)


def sobol_indices(sample: Sample) -> Ranking:
    """Return the factors of an outcome, which must differ between points, by total index."""
    analyser = study.extra("SALib.analyze.sobol", "SALib", "the analysis of a saltelli design")
    sample.require_variation()
    second = bool(sample.settings["second_order"])
    total, first, *second_order = analyser.analyze(
        dict(sample.settings["problem"]),
        sample.means,
        calc_second_order=second,
        num_resamples=RESAMPLES,
        seed=SEED,
    ).to_df()
    base = len(sample.means) // ((2 if second else 1) * len(total) + 2)
    directions = [_rank_direction(sample, _cards(sample)[str(n)], base) for n in total.index]
    factors = _with_interval(total, "ST", "estimate", "low", "high").assign(
        n=base, direction=directions, shown=lambda found: found["low"] > SHOWN_INDEX
    )
    factors = factors.join(_with_interval(first, "S1", "first", "first_low", "first_high"))
    explained = float(first["S1"].sum())
    remarks = [
        f"Factors alone explain {fmt.percent(min(explained, 1.0))} of the variance between points; "
        "the rest is interaction, noise and the error of the indices."
    ]
    if explained > BEYOND:
        remarks = [
            f"First-order indices add up to {fmt.percent(explained, 3)} of the variance, which "
            "cannot be: the design is too small for them. Take a larger n before you rank factors."
        ]
    if base < 256:
        remarks.append(f"n = {base} is little for Sobol indices; 256 and more are usual.")
    tables = {}
    for pairs in second_order:
        pairs.index = pd.MultiIndex.from_tuples(map(tuple, pairs.index), names=["factor", "other"])
        named = _with_interval(pairs, "S2", "second", "second_low", "second_high")
        tables["sobol_pairs"] = named.reset_index()
    measure = f"ST, the share of the variance that goes with a factor, n = {base}"
    table = _ranked(sample, factors.rename_axis("factor").reset_index())
    return Ranking(sample, measure, table, tables, remarks)


def _with_interval(found: pd.DataFrame, name: str, value: str, low: str, high: str) -> pd.DataFrame:
    """Return an index of SALib with the ends of its interval, under these names."""
    index, half = found[name], found[f"{name}_conf"]
    return index.to_frame(value).assign(**{low: index - half, high: index + half})


def _rank_direction(sample: Sample, factor: Mapping[str, Any], base: int) -> str:
    """Return the direction of the rank correlation of a factor with an outcome."""
    from scipy.stats import spearmanr

    if not has_order(factor):
        return UNORDERED
    x = share_of_range(factor, sample.columns[str(factor["label"])])
    rho = np.clip([spearmanr(x, sample.means).statistic], -1.0 + 1e-12, 1.0 - 1e-12)
    half = 1.96 * 1.03 / math.sqrt(max(2 * base - 3, 1))
    ends = np.tanh(np.arctanh(rho) - half), np.tanh(np.arctanh(rho) + half)
    return str(_signed(*ends)["direction"][0])


def tornado(sample: Sample) -> Ranking:
    """Return the factors of an outcome by their largest effect."""
    steps = _steps(sample)
    largest = steps.loc[steps["effect"].abs().groupby(steps["factor"], sort=False).idxmax()]
    effect, low, high = (largest[name].to_numpy(float) for name in ("effect", "low", "high"))
    size_low, size_high = measures.sizes(low, high)
    factors = largest[["factor", "n"]].assign(
        estimate=abs(effect),
        low=size_low,
        high=size_high,
        direction=[_step_direction(sample, steps, name) for name in largest["factor"]],
        shown=measures.signs(low, high) != 0,
        step=largest["base"] + " -> " + largest["value"],
    )
    how = "paired by replicate" if sample.paired else "independent draws"
    remarks = ["One factor at a time says nothing of interactions."]
    measure = f"the largest change against the base, one factor at a time, {how}"
    return Ranking(sample, measure, _ranked(sample, factors), {"tornado": steps}, remarks)


def _step_direction(sample: Sample, steps: pd.DataFrame, name: str) -> str:
    """Return what a higher value of a factor does, by all of its steps that are sure in sign."""
    card = _cards(sample)[name]
    if not has_order(card):
        return UNORDERED
    levels = [level["value"] for level in card["levels"]]
    base, *values = multiples_of(levels) or levels
    own = steps[steps["factor"] == name]
    sign = measures.signs(own["low"].to_numpy(float), own["high"].to_numpy(float))
    if not isinstance(base, str):
        sign = sign * np.sign(np.array(values, dtype=float) - float(base)).astype(int)
    return {(): UNSURE, (1,): RAISES, (-1,): LOWERS}.get(tuple({*sign.tolist()} - {0}), BOTH)


def _steps(sample: Sample) -> pd.DataFrame:
    """Return every value of every factor against the base, in the order of the design."""
    base, *others = sample.values
    values = [
        (label, str(factor["levels"][0]["value"]), str(level["value"]))
        for label, factor in _cards(sample).items()
        for level in factor["levels"][1:]
    ]
    found = [_difference(here, base, paired=sample.paired) for here in others]
    rows = [(*of, *astuple(gap), n) for of, (gap, n) in zip(values, found, strict=True)]
    return pd.DataFrame(rows, columns=["factor", "base", "value", "effect", "low", "high", "n"])


def _difference(here: Floats, base: Floats, *, paired: bool) -> tuple[Interval, int]:
    """Return the effect with its interval, and the number of replicates."""
    from scipy.stats import ttest_ind

    if paired:
        gaps = (here - base)[~np.isnan(here - base)]
        return mean_of(gaps), len(gaps)
    one, other = here[~np.isnan(here)], base[~np.isnan(base)]
    effect, n = float(one.mean() - other.mean()), min(len(one), len(other))
    if n < MIN_REPLICATES or (np.ptp(one) == 0.0 and np.ptp(other) == 0.0):
        return Interval(effect, math.nan, math.nan), n
    found = ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    return Interval(effect, float(found.low), float(found.high)), n


def discover(sample: Sample, chosen: Bools, rule: str) -> Ranking:
    """Return the factors of an outcome by regression, and where its points of interest lie."""
    sample.require_variation()
    x = inputs_of(sample)
    box = discovery.find_box(x, chosen, rule)
    line, explained = discovery.regress(_in_regression(sample), sample.means)
    signed, low, high = (line[name].to_numpy(float) for name in ("semi_partial", "low", "high"))
    ordered, sure = line["coefficient"].notna().to_numpy(), _signed(low, high)
    size_low, size_high = measures.sizes(low, high)
    factors = line.rename(columns={"low": "semi_partial_low", "high": "semi_partial_high"}).assign(
        estimate=np.where(ordered, abs(signed), signed),
        low=np.where(ordered, size_low, low),
        high=np.where(ordered, size_high, high),
        n=len(sample.means),
        direction=np.where(ordered, sure["direction"], UNORDERED),
        shown=np.where(ordered, sure["shown"], low > 0.0),
    )
    limits = box.table.assign(values=[" or ".join(limit.values) for limit in box.limits])
    return Ranking(
        sample,
        "the semi-partial correlation in a linear regression on all factors",
        _ranked(sample, factors),
        {"prim": limits, "prim_path": box.path},
        [
            f"A linear regression explains {fmt.percent(explained)} of the variance between "
            "points; its order ignores the rest: curves, interactions and noise.",
            discovery.of_box(box),
        ],
    )


def inputs_of(sample: Sample) -> pd.DataFrame:
    """Return the factors as PRIM takes them: numbers, and texts for what has no order."""
    return pd.DataFrame(
        {
            label: values.astype(np.float64)
            if values.dtype.kind in "if"
            else np.array(list(map(str, values.tolist())), dtype=object)
            for label, values in sample.columns.items()
        }
    )


def _in_regression(sample: Sample) -> dict[str, Floats]:
    """Return the factors as a regression takes them: shares of ranges, or indicators."""
    inputs = {}
    for label, factor in _cards(sample).items():
        values = sample.columns[label]
        if has_order(factor):
            inputs[label] = share_of_range(factor, values)[:, None]
        else:
            others = np.arange(1, len(factor["levels"]))
            inputs[label] = (place_in_list(factor, values)[:, None] == others).astype(np.float64)
    return inputs


_ANALYSE: Mapping[str, Callable[[Sample], Ranking]] = {
    "morris": elementary_effects,
    "sobol": sobol_indices,
    "tornado": tornado,
}


def _method_of(kind: str) -> str:
    """Return the method for a kind of design."""
    for name, kinds in METHODS.items():
        if kind in kinds:
            return name
    guide = "; ".join(f"{' or '.join(kinds)} gives {name}" for name, kinds in METHODS.items())
    raise UsageError(f"a design of kind {kind} has no sensitivity analysis: {guide}")


def _checked(
    kind: str,
    outcomes: Sequence[str],
    years: tuple[int, int] | str | None,
    top: float,
    where: Sequence[str],
) -> tuple[str, list[str], tuple[int, int] | None, list[Condition]]:
    """Return method, outcomes, years and conditions of points of interest."""
    chosen, where = _method_of(kind), arguments.texts("where", where)
    if where and chosen != "discovery":
        raise UsageError(f"--where is for scenario discovery, and this design gives {chosen}")
    if not 0.0 < arguments.number("top", top) < 1.0:
        raise UsageError(f"--top {top:g}: expected a share between 0 and 1")
    names = list(dict.fromkeys(outcomes_called(outcomes)))
    if not names:
        raise UsageError("no outcome is asked for")
    conditions = [parse_condition(text) for text in where]
    return chosen, names, arguments.maybe_years("years", years), conditions


# -- the study -------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Sensitivity(Study):
    """What moves outcomes of a sweep."""

    method: str  # one of `METHODS`
    rankings: tuple[Ranking, ...]  # factors of each outcome

    stem = "sensitivity"

    @property
    def table(self) -> pd.DataFrame:
        """One row an outcome and factor, the largest first.

        ``estimate`` is mu*, the total index ST, the largest change against the base, or the size of
        the semi-partial correlation; ``n`` counts trajectories, points of a Sobol matrix,
        replicates, or points. ``shown`` says whether the factor is shown to move the outcome. Then
        come the columns of the method.
        """
        return pd.concat([ranking.table for ranking in self.rankings], ignore_index=True)

    @property
    def title(self) -> str:
        """The question."""
        return f"What moves {fmt.listed(name_in_words(r.sample.outcome) for r in self.rankings)}?"

    @property
    def paragraphs(self) -> list[str]:
        """Of each outcome: the finding, what was analysed, and how sure it is."""
        return [part for ranking in self.rankings for part in _paragraphs(ranking)]

    @property
    def sections(self) -> list[Section]:
        """The factors of each outcome, and other tables of the method."""
        several = len(self.rankings) > 1
        sections = []
        for ranking in self.rankings:
            rest = [name for name in ranking.table if name not in (*COLUMNS, *FIRST)]
            tables = {"factors": ranking.table[[*FIRST, "n", *rest]]}
            tables |= {name: ranking.tables[name] for name in ranking.tables if name != "prim_path"}
            of = f", {ranking.sample.outcome}" if several else ""
            sections += [Section.of(f"Table {k}{of}", one) for k, one in tables.items() if len(one)]
        return sections

    def plot(self) -> Figure:
        """Return the figure of the method, of the first outcome."""
        return draw_ranking(self.method, self.rankings[0], self.facts.made_by)

    @property
    def figures(self) -> dict[str, Figure]:
        """A figure of each outcome; none of a box, which is a table."""
        drawn = () if self.method == "discovery" else self.rankings
        return {
            f"{self.method}_{each.sample.outcome}": draw_ranking(
                self.method, each, self.facts.made_by
            )
            for each in drawn
        }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All outcomes in one table; other tables of the method of each outcome."""
        return {self.stem: self.table} | {
            f"{name}_{ranking.sample.outcome}": table
            for ranking in self.rankings
            for name, table in ranking.tables.items()
        }

    @property
    def more(self) -> dict[str, Any]:
        """Method, and of each outcome what is no column of the table."""
        outcomes = [
            {
                "outcome": one.sample.outcome,
                "unit": one.sample.unit,
                "when": one.sample.when,
                "measure": one.measure,
                "headline": headline(one),
                "noise_share": None if math.isnan(share := one.sample.noise_share) else share,
                "tables": {name: records(table) for name, table in one.tables.items()},
                "remarks": list(one.remarks),
            }
            for one in self.rankings
        ]
        return {"method": self.method, "outcomes": outcomes}

    def write(self, folder: Path) -> list[Path]:
        """Write tables, page and figures; a folder with files of others is refused."""
        require_own(folder, f"{self.stem}.md", mark("an analysis"))
        return super().write(folder)


def design(
    sweep: str | Path,
    overrides: Overrides | None = None,
    outcomes: Sequence[str] = OUTCOMES,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    allow_code: bool = False,
    years: tuple[int, int] | str | None = None,
    place: str = REGION,
    top: float = TOP_SHARE,
    where: Sequence[str] = (),
) -> Sweep:
    """Return a sweep, checked; what `read` would refuse of it is refused here, before its runs.

    ``sweep``: a sweep file, or the name of a shipped sweep. ``overrides``, ``replicates`` and
    ``seed`` are laid over what it says. The others are as for `read`.
    """
    from ydsim.design.load import load_sweep

    loaded = load_sweep(sweep, overrides, replicates=replicates, seed=seed, allow_code=allow_code)
    _, names, span, conditions = _checked(loaded.kind, outcomes, years, top, where)
    study.require_asked(loaded, [*names, *(one.name for one in conditions)])
    world = load_world(loaded.base.world)
    by, _ = place_called(place, world.total, world.provinces, world.city_names)
    if by == "city" and not loaded.record.block()["cities"]:
        message = _t("--place {place}: cities are recorded where the sweep file says {entry}")
        raise UsageError(message.format(place=place, entry="`record: {cities: 1}`"))
    moved = any(factor.key in ("start", "end", "") for factor in loaded.factors)
    if span is not None and not moved:
        study.require_years(span, loaded.base.start, loaded.base.end)
    return loaded


def read(
    results: Results | str | Path,
    outcomes: Sequence[str] = OUTCOMES,
    *,
    years: tuple[int, int] | str | None = None,
    place: str = REGION,
    top: float = TOP_SHARE,
    where: Sequence[str] = (),
) -> Sensitivity:
    """Return what moves outcomes of a sweep, by the method of its design.

    ``years``: first and last year of a mean over years; by default the last year. ``place``: a
    province, or a city where these are recorded, by default the region. ``top``: share of points of
    interest for scenario discovery. ``where``: comparisons that say instead which points
    are of interest, as in ``launches > 100``.
    """
    results = study.opened(results)
    kind = str(results.manifest["spec"]["kind"])
    chosen, names, span, conditions = _checked(kind, outcomes, years, top, where)
    samples = read_samples(results, [*names, *(one.name for one in conditions)], span, place)
    of = [(one, samples[one.name].means) for one in conditions]
    rankings = []
    for sample in (samples[name] for name in names):
        if chosen == "discovery":
            rule = discovery.of_interest(sample.outcome, sample.means, top, of)
            rankings.append(discover(sample, *rule))
        else:
            rankings.append(_ANALYSE[chosen](sample))
    end = int(results.contents.points.base["end"])
    facts = Facts.of(results, span or (end, end), len(results.replicates))
    return Sensitivity(facts, chosen, tuple(rankings))


run = study.runner(design, read)


# -- words -----------------------------------------------------------------------------------------


def headline(ranking: Ranking) -> str:
    """Return the finding in a sentence, without its full stop."""
    names, known = ranking.leaders
    outcome = name_in_words(ranking.sample.outcome)
    if not names:
        return f"No factor is shown to move {outcome}"
    if len(names) > 1:
        who = fmt.listed(names) if len(names) <= TOP else f"{len(names)} factors"
        return f"{who} move {outcome} most; which of them is first is not known"
    return f"{names[0]} {'moves' if known else 'is shown to move'} {outcome} most"


def _paragraphs(ranking: Ranking) -> list[str]:
    sample, share = ranking.sample, ranking.sample.noise_share
    noise = "an unknown share" if math.isnan(share) else fmt.percent(share, 3)
    least, most = sample.replicates
    return [
        f"{headline(ranking)}.",
        f"Outcome: `{sample.outcome}`, {sample.meaning}, {sample.unit}, {sample.where}, "
        f"{sample.when}. Design: {sample.kind}, {fmt.counted(len(sample.values), 'point')} of "
        f"{fmt.counted(len(sample.factors), 'factor')}. Factors are in the order of "
        f"{ranking.measure}, with 95 % intervals and the ranks that these allow.",
        "\n".join(
            [
                f"{fmt.counted(least, 'replicate')}{' or more' * (most > least)} a point: noise is "
                f"{noise} of the variance between the means of points.",
                *ranking.remarks,
            ]
        ),
    ]


# -- figures ---------------------------------------------------------------------------------------


def draw_ranking(method: str, ranking: Ranking, made: str) -> Figure:
    """Return the figure of the factors of one outcome; ``made`` is the line at its foot.

    NothingToDrawError when the method has none: a box of PRIM is a table.
    """
    from ydsim.plots import sensitivity as figures

    table, sample = ranking.table, ranking.sample
    if method == "tornado":
        return figures.draw_tornado(table, ranking.tables["tornado"], sample, made)
    if method == "sobol":
        return figures.draw_sobol(table, sample, made)
    if method == "morris":
        return figures.draw_morris(table, sample, made)
    raise NothingToDrawError("a box of PRIM has no figure: its limits are the table `prim`")


def _draw(
    results: Results, indicator: str = "launches", region: str = REGION, *, method: str
) -> Figure:
    """Return the figure of a method, of a sweep with one of its designs."""
    kind = str(results.manifest["spec"]["kind"])
    if kind not in METHODS[method]:
        kinds = ", ".join(METHODS[method])
        raise NothingToDrawError(f"{method} is drawn of designs of kind {kinds}, not of {kind}")
    return read(results, [indicator], place=region).plot()


draw_tornado = partial(_draw, method="tornado")
draw_sobol = partial(_draw, method="sobol")
draw_morris = partial(_draw, method="morris")
