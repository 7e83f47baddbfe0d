"""Figures of a comparison: an outcome over the years with its differences, and changes by place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from ydsim.errors import NothingToDrawError
from ydsim.fmt import listed, number
from ydsim.measures.effects import effect, without_rounding
from ydsim.plots import canvas
from ydsim.plots.forest import draw_forest
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.style import MUTED, SMALL, shown
from ydsim.plots.values import (
    FEW,
    LEVELS,
    MOST_BANDS,
    indicator_in_words,
    scenario_look,
    spread_in_words,
)
from ydsim.record.details import unit_in_words
from ydsim.results.compare import Alternative, Compared, Row
from ydsim.results.cube import By, Outcome
from ydsim.scenario.changes import Change
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import capital

if TYPE_CHECKING:
    import pandas as pd

PANELS, POLICIES, PLACES = 4, 4, 12
"""Most outcomes, alternatives of a place, and rows of the figure by place."""

DATES = 4
"""Most dates at which policies begin or end."""

_WHISKERS = 8
"""About how many intervals a line has."""


# -- over the years --------------------------------------------------------------------------------


@canvas.finished
def draw_effects(found: Compared) -> canvas.Canvas:
    """Return the first outcome over the years, and the difference of each alternative by year.

    It is that of the whole region where there is one, else of the place with most of it.
    """
    rows = [row for row in found.rows if row.outcome == found.rows[0].outcome]
    row = next((r for r in rows if r.level == "region"), max(rows, key=lambda r: r.effect.plain))
    outcome, every = row.outcome, [found.base, *found.others]
    values = [_yearly(one, found.by, row) for one in every]
    years = np.array(sorted(set.intersection(*(set(each.columns) for each in values))))
    dates = _dates(found, int(years[0]), int(years[-1]))
    what = capital(indicator_in_words(outcome.name))
    place = _t("whole region") if row.level == "region" else row.place
    notes = [_t("a: {text}").format(text=spread_in_words(found.most_replicates)), _covers(found)]
    if len(every) > MOST_BANDS:
        notes.append(_t("With more than {n} scenarios no bands are drawn.").format(n=MOST_BANDS))
    figure, (a, b) = canvas.new_page(
        _t("{what}, {place}: {names}").format(
            what=what, place=shown(place, 30), names=_names(found)
        ),
        *notes,
        _dates_in_words(dates),
        foot=_foot(found),
        panels=2,
        height=max(2.7, 0.14 * len(every) + 0.9),
    )
    looks = [scenario_look(n) for n in range(len(every))]
    lines = [
        Line(one.name, each[years].to_numpy(), look)
        for one, each, look in zip(every, values, looks, strict=True)
    ]
    unit = _t("per cent") if outcome.unit == "share" else unit_in_words(outcome.unit, outcome.kind)
    draw_panel(
        a, years, lines, from_zero=outcome.unit not in LEVELS, bands=len(every) <= MOST_BANDS
    )
    canvas.head(a, what, unit, letter="a")
    _draw_differences(b, found, outcome, values, years.tolist())
    unit = _t("percentage points") if outcome.said == "points" else unit
    head = _t("Difference from {base}").format(base=shown(found.base.name, 30))
    canvas.head(b, head, unit, letter="b")
    for axes in (a, b):
        _mark_dates(axes, dates)
    return figure


def _yearly(one: Alternative, by: By, row: Row) -> pd.DataFrame:
    """Return values of a row's outcome and place by replicate and year."""
    cube = one.run.cube([row.outcome.name], by, places=[row.place], points=[one.point])
    values = cube[row.outcome.name] * row.outcome.factor
    return values.droplevel(["point", "place"]).unstack("year")


def _draw_differences(
    axes: Axes, found: Compared, outcome: Outcome, values: list[pd.DataFrame], years: list[int]
) -> None:
    """Draw mean paired differences, with intervals at years that alternatives have in turn."""
    step = max(len(found.pairs), -(-len(years) // _WHISKERS))
    held: list[Floats] = []
    ends = []
    for k, (pair, theirs) in enumerate(zip(found.pairs, values[1:], strict=True)):
        look = scenario_look(k + 1)
        sides = [each.loc[pair.replicates, years].to_numpy() for each in (values[0], theirs)]
        pairs = zip(sides[0].T, without_rounding(*sides).T, strict=True)
        rows = [asdict(effect(x, y, counted=outcome.counted).difference) for x, y in pairs]
        low, middle, high = (
            np.array([row[k] for row in rows]) for k in ("low", "estimate", "high")
        )
        axes.plot(
            years,
            middle,
            color=look.colour,
            linestyle=look.dash,
            label=shown(pair.alternative.name),
        )
        at = np.arange(len(years) - 1 - k % step, -1, -step)  # the last year has one
        axes.errorbar(
            np.array(years)[at],
            middle[at],
            yerr=np.array([middle - low, high - middle])[:, at],
            fmt=look.marker,
            color=look.colour,
            markersize=3.5,
            elinewidth=0.9,
            capsize=2.0,
        )
        held += [middle, low[at], high[at]]
        ends.append((pair.alternative.name, float(middle[-1]), look))
    canvas.set_years(axes, years[0], years[-1])
    canvas.set_amounts(axes, *held)
    canvas.name_ends(axes, ends)


def _covers(found: Compared) -> str:
    """Say what the differences of the second panel are, and what their interval covers."""
    if found.most_replicates == 1:
        return _t("b: difference in one pair of runs: no interval, it may be chance.")
    return _t(
        "b: mean difference in {n} pairs of the same draws; bars at some years: its 95 % "
        "interval, which covers "
        "chance between replicates, not what parameters and rules leave open."
    ).format(n=found.pairs_in_words)


# -- dates of policies -----------------------------------------------------------------------------


def _dates(found: Compared, first: int, last: int) -> list[tuple[float, list[str]]]:
    """Return when policies that differ begin or end, those of one year together, ascending."""
    every = [change for pair in found.pairs for change in pair.changes]
    events = sorted(
        {
            (date, f"{shown(_called(change, every), 40)} {_t(verb)}")
            for pair in found.pairs
            for change in pair.changes
            for date, verb in change.dates
            if first + 0.5 <= date <= last + 0.5  # others are in force all along, or come too late
        }
    )
    years = dict.fromkeys(int(date) for date, _ in events)
    of = [[event for event in events if int(event[0]) == year] for year in years]
    return [(own[0][0], list(dict.fromkeys(words for _, words in own))) for own in of]


def _called(change: Change, every: Sequence[Change]) -> str:
    """Return the title of a policy; its own name where another one has the same title."""
    alike = {one.name for one in every if one.title == change.title}
    return change.title if len(alike) == 1 else change.name.replace("_", " ")


def _mark_dates(axes: Axes, dates: list[tuple[float, list[str]]]) -> None:
    """Draw numbered lines, half a year back: the value of a year stands in its middle."""
    for at, (date, _) in enumerate(dates[:DATES], 1):
        line = axes.axvline(date - 0.5, color=MUTED, linewidth=0.7, linestyle=(0, (1, 1.5)))
        line.set_gid("policy")
        axes.annotate(
            str(at),
            (date - 0.5, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(1.5, -1.0),
            textcoords="offset points",
            size=SMALL,
            color=MUTED,
            va="top",
        )


def _dates_in_words(dates: list[tuple[float, list[str]]]) -> str:
    if not dates:
        return ""
    told = []
    for at, (date, words) in enumerate(dates[:DATES], 1):
        more = _t(" and {n} more").format(n=len(words) - 2) if len(words) > 2 else ""
        told.append(f"{at} {', '.join(words[:2])}{more} ({date:g})")
    text = _t("Dotted lines: {dates}.").format(dates="; ".join(told))
    if len(dates) > DATES:
        text += " " + _t("Later dates are left out.")
    return text


# -- by place --------------------------------------------------------------------------------------


def draw_by_place(found: Compared) -> canvas.Canvas:
    """Return changes over the period by place, a panel an outcome, with intervals.

    Of more than `POLICIES` alternatives rows are these, in the whole region. Changes are in per
    cent of the base, of shares in points; what has no positive base is left out and counted.

    Raises
    ------
    NothingToDrawError
        When no outcome has a value in all pairs, or none a positive base.
    """
    import pandas as pd

    names = list(dict.fromkeys(row.outcome.name for row in found.rows))[:PANELS]
    of = {row.outcome.name: row.outcome for row in found.rows}
    asked = [row for row in found.rows if row.outcome.name in names]
    rows = [row for row in asked if not math.isnan(row.change.estimate)]
    several, many = len(found.others) > 1, len(found.others) > POLICIES
    if many and any(row.level == "region" for row in rows):
        rows = [row for row in rows if row.level == "region"]
    table = pd.DataFrame([_mark(row, several=several, many=many) for row in rows])
    if not len(table):
        raise NothingToDrawError(_t("no outcome has a value in all pairs"))
    number_of = int(table["label"].nunique())
    table = pd.concat([_clearest(own) for _, own in table.groupby("outcome", sort=False)])
    first, last = found.years
    window = f"{first}" if first == last else f"{first}-{last}"
    notes = [
        _t("Mean of {years}, of stocks the last year.").format(years=window),
        _sure(found),
        _t("Left out, as the base is not positive: {n}.").format(n=lost)
        if (lost := sum(math.isnan(row.change.estimate) for row in asked))
        else "",
        _t("Of {n} rows the {most} whose change is clearest.").format(n=number_of, most=PLACES)
        if number_of > PLACES
        else "",
        _t("Figures of single cities rest on prior shares, not on data.")
        if any(row.outcome.prior for row in rows)
        else "",
    ]
    return draw_forest(
        table,
        {
            name: (
                capital(indicator_in_words(name)),
                _t("change in percentage points")
                if of[name].said == "points"
                else _t("change in per cent"),
            )
            for name in names
            if name in set(table["outcome"])
        },
        title=_t("Change by {level}, {years}: {names}").format(
            level=_t("alternative") if many else _t(found.by), years=window, names=_names(found)
        ),
        note=" ".join(filter(None, notes)),
        foot=_foot(found),
        columns=2,
    )


def _mark(row: Row, *, several: bool, many: bool) -> dict[str, Any]:
    """Return a row of the table of `draw_forest`."""
    name = shown(row.alternative, 40)
    place = _t("Region") if row.level == "region" else capital(row.place)
    return {
        "outcome": row.outcome.name,
        "label": name if many else place,
        "block": int(row.level != "region"),
        **asdict(row.change),
        "sure": row.significant,
        "series": name if several and not many else "",
        "beside": "" if several else number(row.change.estimate, 2, sign=True),
        "p": row.effect.p,
    }


def _clearest(own: pd.DataFrame) -> pd.DataFrame:
    """Return the marks of an outcome; of too many rows those with the smallest p."""
    p = own["p"].fillna(2.0).groupby(own["label"], sort=False).min()
    return own[own["label"].isin(p.nsmallest(PLACES).index)]


def _sure(found: Compared) -> str:
    if found.most_replicates == 1:
        return _t("One pair of runs: no intervals, any change may be chance.")
    text = _t(
        "Bars: 95 % interval over {n} pairs, which covers chance between replicates, not what "
        "parameters and rules leave open. Filled: distinguishable from zero when all {tests} tests "
        "are counted (Holm)."
    ).format(n=found.pairs_in_words, tests=found.tests)
    return text if found.replicates >= FEW else text + " " + _t("So few pairs show little.")


# -- words -----------------------------------------------------------------------------------------


def _names(found: Compared) -> str:
    """Say what is compared with what."""
    others = [shown(each.name, 24) for each in found.others]
    if len(others) > 3:
        others[2:] = [_t("{n} more").format(n=len(others) - 2)]
    return _t("{others} against {base}").format(
        others=listed(others), base=shown(found.base.name, 24)
    )


def _foot(found: Compared) -> str:
    """Say what made it."""
    names = ", ".join(shown(one.name, 24) for one in (found.base, *found.others))
    facts = [
        _t("scenarios {names}").format(names=shown(names, 200)),
        _t("pairs: {n}").format(n=found.pairs_in_words),
        _t("seed {seed}").format(seed=found.made["seed"]),
        _t("scale {scale:g}").format(scale=found.made["scale"]),
        _t("runs {hash}").format(hash=found.made["hash"]),
        _t("ydsim {version}").format(version=found.made["version"]),
    ]
    return " \u00b7 ".join(facts)
