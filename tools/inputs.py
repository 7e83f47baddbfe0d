r"""Choice of the rules by which inputs go on after the data, by rolling origin.

    python -m tools.inputs              makes the tables of ``docs/inputs.md`` again
    python -m tools.inputs --write      chooses anew, stores the rules in the package, and does so

For each of `ORIGINS` the figures to that year alone choose. For each kind of series and each
damping, the figures up to an earlier year are carried on by the code of the model and compared with
the figures 1, 2 and 3 years later, inside the years from 2011 on; for R&D from abroad to 2018, as
its figures of 2019 fall to a third in the whole nation and are back a year later: a break of the
survey. Origins begin with the third figure. With e the log errors,

    score = geometric mean over the series of mean |e| / mean |e| of the last figure kept
    MSE_h = mean over series and origins of e_h^2,        h = 1, 2, 3
    S_h   = 1 + rho^2 + ... + rho^(2 (h - 1))
    s_0^2 = sum_h n_h MSE_h S_h / sum_h n_h S_h^2,   rho in 0, .05, ... that leaves the least
            sum_h n_h (MSE_h - s_0^2 S_h)^2;   n_h errors at h years, n in all
    ln s  = (n ln s_0 + n_k ln s_k) / (n + n_k)
    c     = mean correlation of e_1 between provinces, not below zero

(the score is that of Davydenko and Fildes 2013, doi 10.1016/j.ijforecast.2012.09.002). The damping
of a kind has the least geometric mean of the scores of its groups; of those within 2 % of it
(assumed: so few errors do not tell them apart) the one with the least mean e in size is chosen. s_k
is the geometric mean of s_0 in the kind and n_k `POOLED` (assumed): few errors of its own tell
little of a group. rho is at most 1 for amounts and .95 (assumed) for ratios, which cannot wander
without bound; it is .95 for the five national lines, as the errors of one series do not tell it,
and everywhere where fewer than `ENOUGH` errors are known. GDP of the years that are forecast is
taken as known.

As a check of the method the file also holds the errors that the choice of each origin made in the
three years after it, which it did not know. The file carries the hash of the world; a test fails
when it is stale.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

from tools import DOCS, between
from ydsim.fmt import markdown_table
from ydsim.typing import Floats, Ints
from ydsim.world.base_run import load_base_run
from ydsim.world.inputs import (
    GROUPS,
    MONEY,
    NATIONAL,
    PEOPLE,
    SPAN,
    THETA,
    Outlook,
    Rule,
    official_inputs,
    output_weights,
    trend_file,
)
from ydsim.world.loader import load_world
from ydsim.world.national import national_lines
from ydsim.world.world import World

FIRST, HORIZON, ORIGIN = 2011, 3, 2
FULL = 2020
LAST = dict.fromkeys(GROUPS, FULL) | {"foreign": 2018}
ORIGINS = (2014, 2015, 2016, 2017, 2018, 2019, 2020)
"""Last years of the figures that choose; the last one is that of the defaults."""
CHECKED = 2017
"""Origin of which the page shows what it did not know."""
OF_GDP = ("secondary", "science_budget", "government", "foreign", "research")
"""Groups that go by their ratio to GDP."""
KINDS: Final = {
    "money": ("gdp", "secondary", "science_budget", "government", "research"),
    "money from abroad": ("foreign",),
    "people, papers, grants": (*PEOPLE, "publication", "outside_mass", "grants"),
    "firms": ("firms",),
    "applications": ("propensity",),
    "contracts": ("contract_price",),
}
"""Groups that share a damping."""
DAMPING = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
FLAT = ("propensity",)
"""Groups without a trend, whatever the figures say: subsidies had raised applications."""
YEARS = 5
"""m."""
PERSISTENT = 0.95
POOLED, ENOUGH = 4, 24
WAYS: Final = ("cities", "provinces", "the region")
DRIFT_DAMPING = (0.5, 0.9, 1.0)
ALIKE = 1.02
"""Scores up to so many times the least are not distinguished (assumed)."""


@dataclass(frozen=True)
class Lines:
    """Figures of one group: (n, Y) lines and, where there is one, GDP on the same axis."""

    values: Floats
    axis: Ints
    gdp: Floats | None = None


@dataclass(frozen=True)
class Tried:
    """What a damping gives for a kind: its score and its mean error, in log points."""

    damping: float
    score: float
    bias: float


@dataclass(frozen=True)
class Found:
    """What the figures to an origin say of one group.

    Attributes
    ----------
    rule
        The chosen rule with the size of its errors.
    score
        Of the rule, of no trend and of growth without damping.
    errors, count
        Root mean square of the log errors after 1, 2, 3 years, and their number; the mean error.
    after
        Root mean square of the log errors in the three years after the origin, empty where they
        are not known.
    """

    rule: Rule
    score: dict[str, float]
    errors: tuple[float, ...]
    bias: float
    count: tuple[int, ...]
    series: int
    last: int
    after: tuple[float, ...] = ()


def groups_of(world: World) -> dict[str, Lines]:
    """Return the figures of every group from 2011 to its last year."""
    end = max(int(world.years[-1]), *(int(s.years[-1]) for s in world.series.values()))
    first = min(FIRST, int(world.years[0]), *(int(s.years[0]) for s in world.series.values()))
    axis = np.arange(first - 6, end + 1, dtype=np.int64)
    known, n = official_inputs(world, axis), world.n_provinces
    gdp = known["gdp"][:n]
    lines = known | {"gdp": gdp}
    lines |= {name: line[None, :] for name, line in national_lines(world, axis).items()}
    out = {}
    for name in GROUPS:
        inside = (axis >= FIRST) & (axis <= LAST[name])
        guide = gdp[:, inside] if name in OF_GDP else None
        out[name] = Lines(lines[name][:, inside], axis[inside], guide)
    return out


def until(lines: Lines, year: int) -> Lines:
    """Return the figures to a year."""
    known = lines.axis <= year
    gdp = None if lines.gdp is None else lines.gdp[:, known]
    return Lines(lines.values[:, known], lines.axis[known], gdp)


def rule_of(group: str, damping: float) -> Rule:
    """Return the rule of a group with a damping, without the size of its errors."""
    return Rule(of_gdp=group in OF_GDP, years=YEARS, damping=damping)


def errors_from(values: Floats, path_from: Callable[[int], Floats]) -> Floats:
    """Return log errors (n, origins, 3) of the paths from each origin, NaN without a figure.

    ``path_from`` returns what is forecast from an origin, of all years or for each of them.
    """
    n, width = values.shape
    out = np.full((n, width - 1 - ORIGIN, HORIZON), np.nan)
    for o in range(ORIGIN, width - 1):
        error = np.log(values / path_from(o))[:, o + 1 : o + 1 + HORIZON]
        out[:, o - ORIGIN, : error.shape[1]] = error
    return out


def log_errors(group: str, lines: Lines, rule: Rule) -> Floats:
    """Return e (n, origins, 3), NaN where there is no figure."""
    none = np.zeros(len(lines.values), dtype=np.uint64)

    def path_from(o: int) -> Floats:
        outlook = Outlook(until=int(lines.axis[o]) + SPAN, rules={group: rule})
        seen = np.where(lines.axis <= lines.axis[o], lines.values, np.nan)
        return outlook.carry(group, seen, lines.axis, none, lines.gdp)

    return errors_from(lines.values, path_from)


def last_kept(lines: Lines) -> Floats:
    """Return the log errors (n, origins, 3) of the last figure kept as it is."""
    return errors_from(lines.values, lambda o: lines.values[:, o : o + 1])


def score(errors: Floats, plain: Floats) -> float:
    """Return the mean absolute error over that of ``plain``, geometric mean over the series."""
    ratio = np.nanmean(np.abs(errors), axis=(1, 2)) / np.nanmean(np.abs(plain), axis=(1, 2))
    return float(np.exp(np.log(ratio).mean()))


def moments(errors: Floats) -> tuple[Ints, Floats]:
    """Return n_h and MSE_h of errors (n, origins, 3); zero without an error."""
    count = (~np.isnan(errors)).sum(axis=(0, 1))
    return count, np.nansum(errors**2, axis=(0, 1)) / np.maximum(count, 1)


def step_of(errors: Floats, rho: float) -> float:
    """Return s of errors (n, origins, 3) of persistence ``rho``, see the module docstring."""
    count, square = moments(errors)
    shape = np.cumsum(rho ** (2.0 * np.arange(HORIZON)))
    return float(np.sqrt((count * square * shape).sum() / (count * shape * shape).sum()))


def persistence_of(errors: Floats, most: float) -> float:
    """Return rho <= ``most`` of errors (n, origins, 3), see the module docstring."""
    count, square = moments(errors)
    tried = np.arange(round(most / 0.05) + 1) * 0.05
    left = []
    for rho in tried.tolist():
        shape = np.cumsum(rho ** (2.0 * np.arange(HORIZON)))
        left.append(float((count * (square - step_of(errors, rho) ** 2 * shape) ** 2).sum()))
    return float(tried[int(np.argmin(np.round(left, 15)))])


def common_share(errors: Floats) -> float:
    """Return the mean correlation of the errors after one year between series, 0 to 1.

    Zero where fewer than three origins tell of it.
    """
    if len(errors) < 2 or errors.shape[1] < 3:
        return 0.0
    first = errors[:, :, 0] - errors[:, :, 0].mean(axis=1, keepdims=True)
    size = np.sqrt((first**2).sum(axis=1))
    together = np.einsum("ao,bo->ab", first, first) / (size[:, None] * size)
    n = len(errors)
    return float(np.clip((together.sum() - n) / (n * n - n), 0.0, 1.0))


def tried(groups: Mapping[str, Lines]) -> list[Tried]:
    """Return what each damping gives for the groups of one kind."""
    found = []
    for damping in (0.0,) if set(groups) <= set(FLAT) else DAMPING:
        errors = {n: log_errors(n, lines, rule_of(n, damping)) for n, lines in groups.items()}
        scores = [score(errors[n], last_kept(lines)) for n, lines in groups.items()]
        mean = float(np.mean([np.nanmean(each) for each in errors.values()]))
        found.append(Tried(damping, float(np.exp(np.log(scores).mean())), mean))
    return found


def chosen(of: Sequence[Tried]) -> Tried:
    """Return the one that is chosen."""
    least = min(each.score for each in of)
    alike = [each for each in of if round(each.score, 9) <= ALIKE * round(least, 9)]
    return min(alike, key=lambda each: (round(abs(each.bias), 9), each.damping))


def sized(groups: Mapping[str, Lines], damping: float) -> dict[str, Rule]:
    """Return the rules of the groups of one kind with the size of their errors."""
    errors = {n: log_errors(n, lines, rule_of(n, damping)) for n, lines in groups.items()}
    rules, sizes = {}, {}
    for name, each in errors.items():
        few = name in NATIONAL or int((~np.isnan(each)).sum()) < ENOUGH
        most = 1.0 if name in MONEY and name not in OF_GDP else PERSISTENT
        rho = PERSISTENT if few else persistence_of(each, most)
        common = round(common_share(each), 2)
        sizes[name] = np.log(step_of(each, rho))
        rules[name] = replace(rule_of(name, damping), persistence=round(rho, 2), common=common)
    pooled = np.mean([*sizes.values()])
    for name, rule in rules.items():
        n = int((~np.isnan(errors[name])).sum())
        size = np.exp((n * sizes[name] + POOLED * pooled) / (n + POOLED))
        rules[name] = replace(rule, step=_rounded(size))
    return rules


def choice(groups: Mapping[str, Lines], origin: int) -> dict[str, Found]:
    """Return what the figures to an origin choose for all groups, and how far off that was."""
    found = {}
    for names in KINDS.values():
        seen = {name: until(groups[name], origin) for name in names}
        damping = chosen(tried(seen)).damping
        for name, rule in sized(seen, damping).items():
            plain = last_kept(seen[name])
            of = {"chosen": damping, "no_trend": 0.0, "whole_growth": 1.0}
            scores = {
                which: _rounded(score(log_errors(name, seen[name], rule_of(name, d)), plain))
                for which, d in of.items()
            }
            errors = log_errors(name, seen[name], rule)
            count, square = moments(errors)
            found[name] = Found(
                rule=rule,
                score=scores,
                errors=_root(square),
                bias=_rounded(float(np.nanmean(errors))),
                count=tuple(count.tolist()),
                series=len(errors),
                last=int(seen[name].axis[-1]),
                after=_after(name, groups[name], rule, origin),
            )
    return {name: found[name] for name in GROUPS}


def _after(name: str, lines: Lines, rule: Rule, origin: int) -> tuple[float, ...]:
    if int(lines.axis[-1]) < origin + HORIZON:
        return ()
    errors = log_errors(name, lines, rule)[:, origin - FIRST - ORIGIN]
    return _root(np.mean(errors**2, axis=0))


def score_of_sum(groups: Mapping[str, Lines]) -> float:
    """Return the score of central part at its ratio to GDP plus theta x official science budget.

    theta is known as of the origin; this is what runs do, see `ydsim.world.inputs`.
    """
    public, gdp = groups["government"].values, groups["government"].gdp
    assert gdp is not None
    budget = groups["science_budget"].values[:, : public.shape[1]]

    def path_from(o: int) -> Floats:
        share = np.minimum(THETA, (public / budget)[:, : o + 1].min(axis=1))
        central = np.maximum(public[:, o] - share * budget[:, o], 0.0)
        return (central / gdp[:, o])[:, None] * gdp + share[:, None] * budget

    return score(errors_from(public, path_from), last_kept(groups["government"]))


def _root(squares: Floats) -> tuple[float, ...]:
    return tuple(_rounded(value) for value in np.sqrt(squares))


def _rounded(value: float) -> float:
    return round(float(value), 4)


def dump(world: World) -> str:
    """Return the file of the rules as JSON."""
    groups = groups_of(world)
    origins = {
        str(year): {name: asdict(of) for name, of in choice(groups, year).items()}
        for year in ORIGINS
    }
    total = _rounded(score_of_sum(groups))
    data = {"world": world.digest, "government_as_sum": total, "origins": origins}
    return json.dumps(data, indent=1) + "\n"


# -- the page --------------------------------------------------------------------------------------

NAMES: Final = {
    "gdp": "GDP of provinces",
    "secondary": "secondary value added of provinces",
    "science_budget": "science budget",
    "government": "government-funded R&D",
    "foreign": "R&D funded from abroad",
    "research": "R&D funded by firms",
    "personnel": "R&D personnel",
    "firms": "firms, as high-technology industry",
    "propensity": "propensity to patent psi",
    "contract_price": "price of contracts m",
    "publication": "papers per researcher b",
    "outside_mass": "researchers outside o",
    "grants": "patents granted in the nation",
}


def words(rule: Mapping[str, Any]) -> str:
    """Return a rule in words."""
    what = "ratio to GDP: " if rule["of_gdp"] else ""
    if rule["damping"] == 0.0:
        return what + "no trend"
    message = f"growth of {rule['years']} years"
    return what + (message if rule["damping"] == 1.0 else f"{message}, damping {rule['damping']:g}")


def backtest_table(origins: Mapping[str, Any]) -> str:
    """Return the table of the rules that all figures choose, and their errors."""
    head = "series|n|figures|rule|score|no trend|whole growth|bias|error 1|error 2|error 3|s|rho|c"
    rows = []
    for name in GROUPS:
        found = origins[str(FULL)][name]
        rule = found["rule"]
        rows.append(
            [
                NAMES[name],
                str(found["series"]),
                f"2011-{found['last']}",
                words(rule),
                *(f"{found['score'][key]:.2f}" for key in ("chosen", "no_trend", "whole_growth")),
                f"{found['bias']:+.3f}",
                *(f"{error:.3f}" for error in found["errors"]),
                f"{rule['step']:.3f}",
                f"{rule['persistence']:g}",
                f"{rule['common']:g}",
            ]
        )
    return "\n".join(markdown_table(head.split("|"), rows))


def origins_table(origins: Mapping[str, Any]) -> str:
    """Return the table of the damping that the figures to each origin choose."""
    rows = [
        [kind, *(f"{origins[str(year)][names[0]]['rule']['damping']:g}" for year in ORIGINS)]
        for kind, names in KINDS.items()
    ]
    return "\n".join(markdown_table(["kind", *map(str, ORIGINS)], rows))


def check_table(origins: Mapping[str, Any]) -> str:
    """Return the table of the errors in the three years after `CHECKED`."""
    head = ["series", "rule chosen on figures to 2017", "s", "2018", "2019", "2020"]
    rows = []
    for name in GROUPS:
        found = origins[str(CHECKED)][name]
        if found["after"]:
            errors = (f"{error:.3f}" for error in found["after"])
            size = f"{found['rule']['step']:.3f}"
            rows.append([NAMES[name], words(found["rule"]), size, *errors])
    return "\n".join(markdown_table(head, rows))


def drift_table(origins: Mapping[str, Any]) -> str:
    """Return the table of the errors of ways in which the shift of markets could go on."""
    del origins
    world = load_world("yrd")
    base = load_base_run(world)
    assert base.market_shift is not None
    assert base.made is not None
    fitted = base.market_shift[:, : base.made.last_year - base.first_year + 1]
    rows = []
    for way, damping in (("", 0.0), *product(WAYS, DRIFT_DAMPING)):
        errors, mean = drift_errors(fitted, world, base.first_year, way, damping)
        name = f"drift of {way}, damping {damping:g}" if way else "held"
        rows.append([name, *(f"{error:.3f}" for error in errors), f"{mean:+.3f}"])
    return "\n".join(markdown_table(["v after the fit", "1", "2", "3 years", "region"], rows))


def drift_errors(
    shift: Floats, world: World, first: int, way: str, damping: float
) -> tuple[Floats, float]:
    """Return the mean absolute error of v of cities 1, 2, 3 years ahead, and the region's mean.

    Origins are all years from the fourth to the last but one. The drift of a city, a province or
    the region is the mean change of v over five years or as many as there are.
    """
    group = {"cities": np.arange(world.n_cities), "provinces": world.city_province}
    of = group.get(way, np.zeros(world.n_cities, dtype=np.int64))
    size: list[list[float]] = [[] for _ in range(HORIZON)]
    region = []
    for o in range(3, shift.shape[1] - 1):
        weight = output_weights(world, first + o)
        change = np.diff(shift[:, : o + 1])[:, -YEARS:].mean(axis=1)
        drift = (np.bincount(of, weight * change) / np.bincount(of, weight))[of]
        for h, each in enumerate(size[: shift.shape[1] - 1 - o], start=1):
            ahead = drift * np.sum(damping ** np.arange(1, h + 1))
            error = shift[:, o + h] - shift[:, o] - ahead
            each.append(float(np.abs(error).mean()))
            region.append(float(weight @ error))
    return np.array([np.mean(each) for each in size]), float(np.mean(region))


TABLES: Final = {
    "backtest": backtest_table,
    "origins": origins_table,
    "check": check_table,
    "drift": drift_table,
}


def filled(text: str) -> str:
    """Return a page with its tables made again."""
    origins = json.loads(trend_file().read_text(encoding="utf-8"))["origins"]
    for name, table in TABLES.items():
        text = between(text, f"<!-- {name} -->", "<!-- end -->", table(origins))
    return text


def main() -> None:
    """Make the tables of the page, with ``--write`` from a choice that is made anew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="choose anew and store the result")
    if parser.parse_args().write:
        world = load_world("yrd")
        text = dump(world)
        Path(str(trend_file())).write_text(text, encoding="utf-8")
    page = DOCS / "inputs.md"
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
