r"""Choice of the rules by which inputs go on after the data, by rolling origin.

    python -m tools.inputs              makes the tables of ``docs/inputs.md`` again
    python -m tools.inputs --write      chooses anew, stores the rules in the package, and does so

For each group of series and each candidate rule, the figures up to an origin are carried on by the
code of the model and compared with the figures 1, 2 and 3 years later, inside 2011-2020; for shares
of cities inside 2011-2018, as value added of cities changes its vintage in 2019, and for R&D from
abroad, too, as its figures of 2019 fall to a third in the whole nation and are back a year later:
a break of the survey. Origins begin with the third figure. With e the log errors,

    score = geometric mean over the series of mean |e| / mean |e| of the last figure kept
    MSE_h = mean over series and origins of e_h^2,        h = 1, 2, 3
    S_h   = 1 + rho^2 + ... + rho^(2 (h - 1))
    s^2   = sum_h n_h MSE_h S_h / sum_h n_h S_h^2,   rho in 0, .05, ... that leaves the least
            sum_h n_h (MSE_h - s^2 S_h)^2;   n_h errors at h years
    c     = mean correlation of e_1 between provinces, not below zero

(the score is that of Davydenko and Fildes 2013, doi 10.1016/j.ijforecast.2012.09.002). Of the
rules within 2 % of the least score (assumed: so few errors do not tell them apart) the one with the
strongest damping is chosen, then that with the longest mean. rho is at most 1 for amounts and .95
(assumed) for ratios, which cannot wander without bound; it is .95 for the five national lines, as
the errors of one series do not tell it. GDP of the years that are forecast is taken as known.

As a check of the method the file also holds, for all with figures to 2020, what the same choice
would have been with the figures to 2017 alone, the s that goes with it, and its errors in 2018-20,
which neither knew. The file carries the hash of the world; a test fails when it is stale.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from tools import DOCS, between
from ydsim.fmt import markdown_table
from ydsim.scenario.schema.parameters import ContractParameters
from ydsim.typing import Floats, Ints
from ydsim.world.inputs import THETA, official_inputs
from ydsim.world.loader import load_world
from ydsim.world.national import national_lines
from ydsim.world.trends import CITIES, GROUPS, MONEY, NATIONAL, PEOPLE, Outlook, Rule, trend_file
from ydsim.world.world import World

FIRST, HORIZON, ORIGIN = 2011, 3, 2
FULL = 2020
LAST = dict.fromkeys(GROUPS, FULL) | dict.fromkeys(("foreign", *CITIES), 2018)
CHECKED_FROM = 2017
"""Last figure that the check knows; it looks at the three years after."""
SPAN = 10
"""T - L of the backtest, that of a series which ends in 2020 and trends that end in 2030."""
OF_GDP = ("secondary", "science_budget", "government", "foreign")
"""Groups whose ratio to GDP is tried beside themselves."""
DAMPING = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
YEARS = (3, 5)
PERSISTENT = 0.95
ALIKE = 1.02
"""Scores up to so many times the least are not distinguished (assumed)."""
BEFORE = (
    dict.fromkeys(("gdp", "secondary", "science_budget", "wage", *PEOPLE), Rule(damping=1.0))
    | {"government": Rule(of_gdp=True, years=3), "foreign": Rule("mean", of_gdp=True, years=3)}
    | dict.fromkeys(CITIES, Rule(years=3))
    | dict.fromkeys(NATIONAL, Rule("mean", years=3))
)
"""The rules of version 0.5, with the bound on the first year that all rules have now."""


@dataclass(frozen=True)
class Lines:
    """Figures of one group: (n, Y) lines and, where there is one, GDP on the same axis."""

    values: Floats
    axis: Ints
    gdp: Floats | None = None


@dataclass(frozen=True)
class Check:
    """What the figures up to `CHECKED_FROM` would have chosen, and how far off that was.

    ``rule`` has the size of its errors then known; ``errors`` are the root mean squares of its log
    errors in the three years after.
    """

    rule: Rule
    errors: tuple[float, ...]


@dataclass(frozen=True)
class Found:
    """What the backtest says of one group.

    Attributes
    ----------
    rule
        The chosen rule with the size of its errors.
    score
        Of the rules ``chosen``, ``before``, ``no_trend``, ``mean_growth`` and ``mean``.
    errors, count
        Root mean square of the log errors after 1, 2, 3 years, and their number.
    series, last
        Number of series, and last year of their figures.
    check
        What the figures to 2017 alone would have chosen; None where ``last`` is before 2020.
    """

    rule: Rule
    score: dict[str, float]
    errors: tuple[float, ...]
    count: tuple[int, ...]
    series: int
    last: int
    check: Check | None = None


def groups_of(world: World) -> dict[str, Lines]:
    """Return the figures of every group from 2011 to its last year."""
    end = max(int(world.years[-1]), *(int(s.years[-1]) for s in world.series.values()))
    first = min(FIRST, int(world.years[0]), *(int(s.years[0]) for s in world.series.values()))
    axis = np.arange(first - 6, end + 1, dtype=np.int64)
    known, n = official_inputs(world, axis), world.n_provinces
    gdp = known.gdp[:n]
    alone = np.bincount(world.city_province)[world.city_province] == 1
    place = world.city_province[~alone]
    lines = {
        "gdp": gdp,
        "secondary": known.secondary,
        "science_budget": known.budget,
        "government": known.government,
        "foreign": known.foreign,
        "wage": known.cost,
        "personnel": known.personnel,
        "city_gdp": known.city_gdp[~alone] / gdp[place],
        "city_secondary": known.city_secondary[~alone] / known.secondary[place],
    }
    weights = ContractParameters().examination
    lines |= {name: line[None, :] for name, line in national_lines(world, axis, weights).items()}
    out = {}
    for name in GROUPS:
        inside = (axis >= FIRST) & (axis <= LAST[name])
        guide = gdp[:, inside] if name in OF_GDP else None
        out[name] = Lines(lines[name][:, inside], axis[inside], guide)
    return out


def candidates(group: str) -> Iterator[Rule]:
    """Yield the rules that are tried: no trend, damped and mean growth, mean of three years."""
    for of_gdp in (False, True) if group in OF_GDP else (False,):
        yield Rule("damped", of_gdp, YEARS[0], 0.0)
        yield Rule("mean", of_gdp, YEARS[0], 0.0)
        for damping in DAMPING:
            for years in YEARS:
                if group not in CITIES or years == YEARS[0]:
                    yield Rule("damped", of_gdp, years, damping)


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
    """Return n_h and MSE_h of errors (n, origins, 3)."""
    return (~np.isnan(errors)).sum(axis=(0, 1)), np.nanmean(errors**2, axis=(0, 1))


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
    """Return the mean correlation of the errors after one year between series, 0 to 1."""
    if len(errors) < 2:
        return 0.0
    first = errors[:, :, 0] - errors[:, :, 0].mean(axis=1, keepdims=True)
    size = np.sqrt((first**2).sum(axis=1))
    together = np.einsum("ao,bo->ab", first, first) / (size[:, None] * size)
    n = len(errors)
    return float(np.clip((together.sum() - n) / (n * n - n), 0.0, 1.0))


def chosen(tried: list[tuple[float, Rule]]) -> tuple[float, Rule]:
    """Return the score and rule that are chosen among those ``tried``."""
    least = min(round(value, 9) for value, _ in tried)
    alike = [(value, rule) for value, rule in tried if round(value, 9) <= ALIKE * least]
    return min(alike, key=lambda pair: (pair[1].damping, -pair[1].years, round(pair[0], 9)))


def choice(group: str, lines: Lines) -> tuple[float, Rule]:
    """Return score and rule of the choice for one group, with the size of its errors."""
    plain = last_kept(lines)
    tried = [(score(log_errors(group, lines, rule), plain), rule) for rule in candidates(group)]
    best, rule = chosen(tried)
    errors = log_errors(group, lines, rule)
    most = 1.0 if group in MONEY and not rule.of_gdp else PERSISTENT
    rho = PERSISTENT if group in NATIONAL else persistence_of(errors, most)
    common = 0.0 if group in CITIES else round(common_share(errors), 2)
    step = _rounded(step_of(errors, rho))
    return best, replace(rule, step=step, persistence=round(rho, 2), common=common)


def checked(group: str, lines: Lines) -> Check:
    """Return what the figures of ``lines`` up to `CHECKED_FROM` would have chosen."""
    known = lines.axis <= CHECKED_FROM
    early = Lines(
        lines.values[:, known],
        lines.axis[known],
        None if lines.gdp is None else lines.gdp[:, known],
    )
    _, rule = choice(group, early)
    errors = log_errors(group, lines, rule)[:, CHECKED_FROM - FIRST - ORIGIN]
    return Check(rule, _root(np.mean(errors**2, axis=0)))


def backtest(world: World) -> dict[str, Found]:
    """Return the choice for every group."""
    found = {}
    for name, lines in groups_of(world).items():
        plain = last_kept(lines)
        best, rule = choice(name, lines)
        errors = log_errors(name, lines, rule)
        of, long = rule.of_gdp, YEARS[0 if name in CITIES else 1]
        named = {
            "before": BEFORE[name],
            "no_trend": Rule("damped", of, YEARS[0], 0.0),
            "mean_growth": Rule("damped", of, long, 1.0),
            "mean": Rule("mean", of, YEARS[0], 0.0),
        }
        others = {n: score(log_errors(name, lines, r), plain) for n, r in named.items()}
        count, square = moments(errors)
        found[name] = Found(
            rule=rule,
            score={"chosen": _rounded(best), **{n: _rounded(v) for n, v in others.items()}},
            errors=_root(square),
            count=tuple(count.tolist()),
            series=len(errors),
            last=LAST[name],
            check=checked(name, lines) if LAST[name] == FULL else None,
        )
    return found


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
        path: Floats = (central / gdp[:, o])[:, None] * gdp + share[:, None] * budget
        return path

    return score(errors_from(public, path_from), last_kept(groups["government"]))


def _root(squares: Floats) -> tuple[float, ...]:
    return tuple(_rounded(value) for value in np.sqrt(squares))


def _rounded(value: float) -> float:
    return round(float(value), 4)


def dump(found: dict[str, Found], world: World) -> str:
    """Return the file of the rules as JSON."""
    groups = {name: asdict(of) for name, of in found.items()}
    total = _rounded(score_of_sum(groups_of(world)))
    data = {"world": world.digest, "groups": groups, "government_as_sum": total}
    return json.dumps(data, indent=1) + "\n"


# -- the page --------------------------------------------------------------------------------------

NAMES: Final = {
    "gdp": "GDP of provinces",
    "secondary": "secondary value added of provinces",
    "science_budget": "science budget",
    "government": "government-funded R&D",
    "foreign": "R&D funded from abroad",
    "wage": "R&D per researcher (wage)",
    "city_gdp": "share of a city in GDP",
    "city_secondary": "share of a city in secondary value added",
    "personnel": "R&D personnel",
    "propensity": "propensity to patent psi",
    "contract_price": "price of contracts m",
    "publication": "papers per researcher b",
    "outside_mass": "researchers outside o",
    "examination": "examination phi",
}


def words(rule: dict[str, Any]) -> str:
    """Return a rule in words."""
    what = "ratio to GDP: " if rule["of_gdp"] else ""
    if rule["kind"] == "mean":
        return what + "mean of three years"
    if rule["damping"] == 0.0:
        return what + "no trend"
    said = f"growth of {rule['years']} years"
    return what + (said if rule["damping"] == 1.0 else f"{said}, damping {rule['damping']:g}")


def backtest_table(groups: dict[str, Any]) -> str:
    """Return the table of chosen rules and their errors."""
    head = (
        "series|n|figures|rule chosen|score|before|no trend|whole growth|mean of 3|"
        "error 1|error 2|error 3|s|rho|c"
    )
    rows = []
    for name in GROUPS:
        found = groups[name]
        rule, score = found["rule"], found["score"]
        of = ("chosen", "before", "no_trend", "mean_growth", "mean")
        rows.append(
            [
                NAMES[name],
                str(found["series"]),
                f"2011-{found['last']}",
                words(rule),
                *(f"{score[key]:.2f}" for key in of),
                *(f"{error:.3f}" for error in found["errors"]),
                f"{rule['step']:.3f}",
                f"{rule['persistence']:g}",
                f"{rule['common']:g}",
            ]
        )
    return "\n".join(markdown_table(head.split("|"), rows))


def check_table(groups: dict[str, Any]) -> str:
    """Return the table of what 2017 would have chosen and its errors in 2018-20."""
    head = ["series", "rule that 2017 would have chosen", "s", "2018", "2019", "2020"]
    rows = []
    for name in GROUPS:
        check = groups[name]["check"]
        if check is not None:
            size = f"{check['rule']['step']:.3f}"
            errors = (f"{error:.3f}" for error in check["errors"])
            rows.append([NAMES[name], words(check["rule"]), size, *errors])
    return "\n".join(markdown_table(head, rows))


def filled(text: str) -> str:
    """Return a page with its tables made again."""
    groups = json.loads(trend_file().read_text(encoding="utf-8"))["groups"]
    for name, table in (("backtest", backtest_table), ("check", check_table)):
        text = between(text, f"<!-- {name} -->", "<!-- end -->", table(groups))
    return text


def main() -> None:
    """Make the tables of the page, with ``--write`` from a choice that is made anew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="choose anew and store the result")
    if parser.parse_args().write:
        world = load_world("yrd")
        text = dump(backtest(world), world)
        Path(str(trend_file())).write_text(text, encoding="utf-8")
    page = DOCS / "inputs.md"
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
