"""Figures of a comparison: an outcome over the years, changes by place; forest and waterfall."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from ydsim.errors import NothingToDrawError
from ydsim.fmt import listed, number
from ydsim.measures.effects import MIN_REPLICATES
from ydsim.plots import canvas
from ydsim.plots.canvas import BODY, INK, MUTED, RULE, SMALL, Look, look, shown
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.values import (
    LEVELS,
    MOST_BANDS,
    from_to,
    period,
    quantity,
    scenario_look,
    spread_in_words,
    spread_of,
)
from ydsim.record.indicators import name_in_words, unit_in_words
from ydsim.results.compare import (
    Alternative,
    Compared,
    Row,
    effect_on,
    few_in_words,
    place_in_words,
)
from ydsim.results.cube import BY, By, Outcome
from ydsim.scenario.changes import in_force
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import capital

PANELS, POLICIES, PLACES = 4, 4, 12
"""Most outcomes, alternatives of a place, and rows of the figure by place."""

DATES = 4  # most years in which policies begin or end

_WHISKERS = 8  # about how many intervals a line has

_END = 1.3  # inches of a name at the end of a line; longer ones stand above the panels


# -- over the years --------------------------------------------------------------------------------


@canvas.finished
def draw_effects(found: Compared) -> canvas.Canvas:
    """Return an outcome over the years, and the difference of each alternative by year.

    Outcome and place are those of the first finding.
    """
    shared = [pair.replicates for pair in found.pairs]
    row = found.first
    outcome, every = row.outcome, [found.base, *found.others]
    values = [_yearly(one, found.by, row) for one in every]
    drawn = [np.unique(np.concatenate(shared)), *shared]
    years = np.array(sorted(set.intersection(*(set(each.columns) for each in values))))
    dates = _dates(found, int(years[0]), int(years[-1]))
    what = capital(name_in_words(outcome.name))
    place = _t("whole region") if row.level == "region" else place_in_words(row)
    names, key = [one.label for one in every], []
    looks = [scenario_look(n) for n in range(len(every))]
    if any(canvas.text_width(shown(name), BODY, "bold") > _END for name in names):
        signs = [canvas.sign(each, line=True) for each in looks]
        key, names = list(zip(signs, names, strict=True)), [""] * len(every)
    figure, (a, b) = canvas.new_page(
        _t("{what}, {place}: {names}").format(
            what=what, place=shown(place, 30), names=_names(found)
        ),
        _t("a: {text}").format(text=spread_in_words(*map(len, drawn))),
        _t("b: mean difference in pairs of the same draws."),
        _sure(found),
        _dates_in_words(dates),
        foot=_foot(found),
        panels=2,
        height=max(2.7, 0.14 * len(every) + 0.9),
        key=key,
    )
    bands = len(every) <= MOST_BANDS
    lines = [
        Line(name, spread_of(each.loc[kept, years], band=bands), its)
        for name, its, each, kept in zip(names, looks, values, drawn, strict=True)
    ]
    draw_panel(a, lines, from_zero=outcome.unit not in LEVELS)
    unit = (
        _t("per cent")
        if outcome.unit == "share"
        else unit_in_words(outcome.unit, outcome.kind, outcome.name)
    )
    canvas.head(a, what, unit, letter="a")
    _draw_differences(b, found, values, years.tolist(), names[1:], outcome)
    unit = _t("percentage points") if outcome.change_in == "points" else unit
    head = _t("Difference from {base}").format(base=shown(found.base.label, 30))
    canvas.head(b, head, unit, letter="b")
    for axes in (a, b):
        for at, (date, _) in enumerate(dates[:DATES], 1):
            # half a year back: the value of a year stands in its middle
            line = axes.axvline(date - 0.5, color=MUTED, linewidth=0.7, linestyle=(0, (1, 1.5)))
            line.set_gid("policy")
            canvas.at_top(axes, date - 0.5, str(at))
    return figure


def _yearly(one: Alternative, by: By, row: Row) -> pd.DataFrame:
    """Return values of a row's outcome and place by replicate and year."""
    cube = one.run.cube([row.outcome.name], by, places=[row.place], points=[one.point])
    values = cube[row.outcome.name] * row.outcome.factor
    return values.droplevel(["point", "place"]).unstack("year")


def _draw_differences(
    axes: Axes,
    found: Compared,
    values: list[pd.DataFrame],
    years: list[int],
    names: Sequence[str],
    outcome: Outcome,
) -> None:
    """Draw mean paired differences, with intervals at years that alternatives have in turn."""
    step = max(len(found.pairs), -(-len(years) // _WHISKERS))
    held: list[Floats] = []
    ends = []
    for k, (pair, theirs) in enumerate(zip(found.pairs, values[1:], strict=True)):
        look, name = scenario_look(k + 1), names[k]
        sides = [each.loc[pair.replicates, years].to_numpy() for each in (values[0], theirs)]
        both = zip(*(side.T for side in sides), strict=True)
        apart = pd.DataFrame([effect_on(outcome, x, y).difference for x, y in both])
        middle = apart["estimate"].to_numpy()
        label = shown(pair.alternative.label)
        axes.plot(years, middle, color=look.colour, linestyle=look.dash, label=label)
        marks = apart.assign(at=years, sure=True)
        marks = marks.iloc[len(years) - 1 - k % step :: -step]  # the last year has one
        canvas.draw_marks(axes, marks, look, upright=True, size=3.5)
        held += [middle, marks[["low", "high"]].to_numpy()]
        ends.append((name, float(middle[-1]), look))
    canvas.set_years(axes, years[0], years[-1])
    canvas.set_amounts(axes, *held)
    canvas.name_ends(axes, ends)


def _dates(found: Compared, first: int, last: int) -> list[tuple[float, list[str]]]:
    """Return when policies that differ begin or end, and in which scenarios, by year."""
    keys = {"begins": "start", "ends": "end"}
    events = {
        (date, f"{shown(_t(change.title), 40)} {_t(verb)}", shown(one.label, 40))
        for pair in found.pairs
        for one in (found.base, pair.alternative)
        for change in pair.changes
        for date, verb in change.dates
        if first + 0.5 <= date <= last + 0.5  # others are in force all along, or come too late
        if in_force(one.policies).get(change.name, {}).get(keys[verb]) == date
    }
    years: dict[int, tuple[float, list[str]]] = {}
    for (date, what), alike in groupby(sorted(events), key=itemgetter(0, 1)):
        told = _t("{what} in {names}").format(what=what, names=listed(each[2] for each in alike))
        years.setdefault(int(date), (date, []))[1].append(told)
    return list(years.values())


def _dates_in_words(dates: list[tuple[float, list[str]]]) -> str:
    told = []
    for at, (date, words) in enumerate(dates[:DATES], 1):
        more = _t(" and {n} more").format(n=len(words) - 2) if len(words) > 2 else ""
        told.append(f"{at} {_t(', ').join(words[:2])}{more} ({date:g})")
    text = _t("Dotted lines: {dates}.").format(dates=_t("; ").join(told)) if told else ""
    return text if len(dates) <= DATES else text + " " + _t("Later dates are left out.")


# -- by place --------------------------------------------------------------------------------------


def draw_by_place(found: Compared) -> canvas.Canvas:
    """Return changes over the period by place, a panel an outcome, with intervals.

    Of more than `POLICIES` alternatives rows are these, in the whole region. Changes are in per
    cent of the base, of shares in points; what has no positive base is left out and counted.

    NothingToDrawError when no outcome has a value in all pairs, or none a positive base.
    """
    outcomes = list(dict.fromkeys(row.outcome for row in found.rows))[:PANELS]
    asked = [row for row in found.rows if row.outcome in outcomes]
    rows = [row for row in asked if not math.isnan(row.change.estimate)]
    if not rows:
        raise NothingToDrawError(_t("no outcome has a value in every pair"))
    lost, several = len(asked) - len(rows), len(found.others) > 1
    many = len(found.others) > POLICIES
    if many and any(row.level == "region" for row in rows):
        rows = [row for row in rows if row.level == "region"]
    places = {row.place: capital(_t(row.place)) for row in rows if row.level != "region"}
    table = pd.DataFrame(
        {
            "outcome": row.outcome.name,
            "label": shown(row.named) if many else places.get(row.place, _t("Region")),
            "block": int(row.level != "region"),
            **asdict(row.change),
            "sure": row.significant,
            "series": shown(row.named) if several and not many else "",
            "p": np.nan_to_num(row.effect.p, nan=2.0),
        }
        for row in rows
    )
    least = table.groupby(["outcome", "label"], sort=False)["p"].min().sort_values(kind="stable")
    clear = least.groupby("outcome").head(PLACES).index
    units = {
        "points": _t("change in percentage points"),
        "log": _t("change in per cent, computed from logs"),
    }
    window = period(np.array(found.years))
    heads = {
        each.name: (capital(each.label), units.get(each.change_in, _t("change in per cent")))
        for each in outcomes
        if each.name in set(table["outcome"])
    }
    title = _t("Change by {level}, {years}: {names}").format(
        level=_t("alternative") if many else _t(BY[found.by]), years=window, names=_names(found)
    )
    notes = [
        _t("Mean of {years}, of stocks the last year.").format(years=window),
        _sure(found),
        *_counts(found, lost, int(table["label"].nunique())),
        *_of_cities(found, outcomes),
    ]
    table = table[pd.MultiIndex.from_frame(table[["outcome", "label"]]).isin(clear)]
    # of all panels the order of the first: the region, then places as they are ranked there
    rank = {label: at for at, label in enumerate(table["label"].unique())}
    table = table.assign(rank=table["label"].map(rank))
    table = table.sort_values(["block", "rank"], kind="stable")
    foot = _foot(found)
    return draw_forest(table, heads, title=title, note=" ".join(notes), foot=foot, columns=2)


def _counts(found: Compared, lost: int, rows: int) -> list[str]:
    """Say how many tests are counted, and how many rows are left out."""
    message = {
        _t("Filled: distinguishable from zero when all {n} tests are counted (Holm)."): found.tests,
        _t("Left out, as the base is not positive: {n}."): lost,
        _t("The {most} of {n} rows with the clearest change."): rows if rows > PLACES else 0,
    }
    return [text.format(n=n, most=PLACES) for text, n in message.items() if n]


def _of_cities(found: Compared, outcomes: Sequence[Outcome]) -> list[str]:
    """Say on what figures of single cities rest, of which outcomes."""
    whats = [quantity(found.base.run, each.name) for each in outcomes if found.by == "city"]
    return [
        _t("{names}: {remark}").format(
            names=capital(listed(each.name for each in whats if each.remark == remark)),
            remark=remark,
        )
        for remark in dict.fromkeys(each.remark for each in whats if each.remark)
    ]


# -- words -----------------------------------------------------------------------------------------


def _sure(found: Compared) -> str:
    """Say what intervals cover."""
    if found.most_replicates < MIN_REPLICATES:
        return few_in_words(found.most_replicates)
    text = _t(
        "Bars: 95 % interval over {n} pairs, which covers chance between replicates, not what "
        "parameters and rules leave open."
    ).format(n=_pairs(found))
    return f"{text} {few_in_words(max(found.replicates, MIN_REPLICATES))}".rstrip()


def _pairs(found: Compared) -> str:
    return from_to([len(pair.replicates) for pair in found.pairs])


def _names(found: Compared) -> str:
    """Say what is compared with what."""
    others = [shown(each.label) for each in found.others]
    if len(others) > 3:
        others[2:] = [_t("{n} more").format(n=len(others) - 2)]
    return _t("{others} against {base}").format(others=listed(others), base=shown(found.base.label))


def _foot(found: Compared) -> str:
    """Say what made it."""
    names = shown(", ".join(shown(one.label) for one in (found.base, *found.others)), 200)
    message = _t(
        "scenarios {names} \u00b7 pairs: {pairs} \u00b7 seed {seed} \u00b7 scale {scale:g} \u00b7 "
        "runs {hash} \u00b7 ydsim {version}"
    )
    return message.format(names=names, pairs=_pairs(found), **found.made)


# -- the forest plot of all studies ----------------------------------------------------------------

_ROW, _LONGEST, _LEAST = 0.175, 2.3, 2.2
"""Inches: the height of a row, the widest name of a row, the least width of a panel."""

_ROUNDING = 1e-12  # what is closer to zero is an error of rounding, drawn as zero and never as sure

_REACH = 4.0  # times the largest estimate that an axis reaches at most, whatever the intervals


@canvas.finished
def draw_forest(
    table: pd.DataFrame,
    heads: Mapping[str, tuple[str, str]],
    *,
    title: str,
    note: str,
    foot: str,
    columns: int = 3,
    from_zero: bool = True,
) -> canvas.Canvas:
    """Return the figure of a table of estimates.

    ``table``: one row a mark: ``outcome``; ``label`` of its row; ``estimate, low, high``, where NaN
    is not drawn; ``sure``, whether it is filled. And if it has them: ``series``, which has a colour
    and an entry of the key; ``block``, a number of rows that a rule parts from others. ``heads``:
    title and unit of each panel by outcome, in their order. ``title``, ``note`` and ``foot``: what
    is drawn, how to read it, and what was run. ``columns``: most panels side by side.
    ``from_zero``: whether axes hold zero, as those of changes.
    """
    table = table.assign(series=table.get("series", ""), block=table.get("block", 0))
    ends = ["estimate", "low", "high"]
    table[ends] = table[ends].mask(table[ends].abs() < _ROUNDING, 0.0)
    table["sure"] &= table["estimate"] != 0.0
    panels = [table[table["outcome"] == name] for name in heads]
    names = {tuple(own["label"].unique()) for own in panels}
    looks = {name: look(at) for at, name in enumerate(table["series"].unique())}
    step = _ROW * max(1.0, 0.55 * len(looks))
    lines = max(len(canvas.wrapped(name, BODY + 0.5, 1.6, "bold")) for name, _ in heads.values())
    ranges = [_range(own, from_zero) for own in panels]
    cut = [
        own["low"].min() < low or own["high"].max() > high
        for own, (low, high) in zip(panels, ranges, strict=True)
    ]
    figure, axes = canvas.new_page(
        title,
        note,
        _t("Bars are cut at the edge of the panel.") if any(cut) else "",
        foot=foot,
        panels=len(panels),
        columns=columns,
        height=[step * (_places(own).iloc[-1] + 1.6) + 0.15 * lines + 0.4 for own in panels],
        least=_LEAST,
        key=[(canvas.sign(each), name) for name, each in looks.items() if name],
    )
    wide = canvas.panel_width(axes[0])
    side_by_side = round(canvas.page_width() / wide)
    longest = max(canvas.text_width(shown(name), BODY) for each in names for name in each)
    shared = side_by_side > 1 and len(names) == 1
    side = min(longest + 0.02, _LONGEST, 0.25 * canvas.page_width() if shared else 0.42 * wide)
    room = wide - 0.2 - side / (side_by_side if shared else 1)
    for at, (name, unit) in enumerate(heads.values()):
        panel, named = axes[at], not shared or at % side_by_side == 0
        _draw_rows(panel, panels[at], looks, ranges[at], side if named else 0.0)
        canvas.head(panel, name, unit, letter=chr(97 + at) if len(panels) > 1 else "", room=room)
    return figure


def _places(own: pd.DataFrame) -> pd.Series[float]:
    """Return where the row of each label is, with gaps between blocks."""
    first = own.drop_duplicates("label").set_index("label")["block"]
    return 0.6 * (first.rank(method="dense") - 1.0) + np.arange(len(first))


def _draw_rows(
    axes: Axes, own: pd.DataFrame, looks: Mapping[str, Look], ends: tuple[float, float], side: float
) -> None:
    """Draw one outcome; without room at its side no row is named."""
    places = _places(own)
    several = list(looks) if own["label"].duplicated().any() else [""]
    shift = {name: 0.8 * ((at + 0.5) / len(several) - 0.5) for at, name in enumerate(several)}
    own = own.assign(at=own["label"].map(places) + own["series"].map(shift).fillna(0.0))
    for series, marks in own.groupby("series", sort=False):
        canvas.draw_marks(axes, marks, looks[str(series)], size=4.4)
    canvas.name_rows(axes, places.tolist(), places.index.tolist(), side)
    at = places.to_numpy()
    for gap in np.flatnonzero(np.diff(at) > 1.3):
        axes.axhline((at[gap] + at[gap + 1]) / 2.0, color=RULE, linewidth=0.8).set_gid("rule")
    if ends[0] < 0.0 < ends[1]:
        canvas.mark_zero(axes, upright=True)
    axes.set_xlim(*ends)
    axes.tick_params(axis="x", labelsize=SMALL)
    canvas.number_axis(axes.xaxis, *ends, max(2, int(canvas.panel_width(axes) / 0.8)))


def _range(own: pd.DataFrame, from_zero: bool) -> tuple[float, float]:
    """Return the range: all marks, and intervals; with zero, as far as they do not hide marks."""
    ends = own[["low", "estimate", "high"]]
    if from_zero:
        reach = _REACH * float(ends["estimate"].abs().max()) or math.inf
        ends = ends.clip(-reach, reach).fillna(0.0).assign(zero=0.0)
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    pad = 0.06 * ((high - low) or 1.0)
    return low - pad, high + pad


# -- parts that add up -----------------------------------------------------------------------------


@canvas.finished
def draw_waterfall(
    table: pd.DataFrame,
    heads: Mapping[str, tuple[str, str]],
    *,
    title: str,
    note: str,
    foot: str,
) -> canvas.Canvas:
    """Return bars of parts, each from where the one above it ends; the last of a panel from zero.

    ``table``: one row a bar, from the top down: ``outcome``; ``label``; ``estimate``, of all rows
    but the last of an outcome adding up to that of the last; ``low, high``, a line unless NaN;
    ``series``, which has a colour and an entry of the key. ``heads``: title and unit of each panel
    by outcome. ``title``, ``note`` and ``foot``: what is drawn, how to read it, and what was run.
    """
    looks = {name: look(at) for at, name in enumerate(table["series"].unique())}
    panels = [table[table["outcome"] == name] for name in heads]
    figure, axes = canvas.new_page(
        title,
        note,
        foot=foot,
        panels=len(panels),
        columns=1,
        height=[0.24 * len(own) + 0.85 for own in panels],
        key=[(Patch(color=each.colour), name) for name, each in looks.items()],
    )
    for at, (panel, own, (name, unit)) in enumerate(zip(axes, panels, heads.values(), strict=True)):
        _draw_parts(panel, own, looks)
        canvas.head(panel, name, unit, letter=chr(97 + at) if len(panels) > 1 else "")
    return figure


def _draw_parts(axes: Axes, own: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    """Draw the parts of one outcome, and what stands right of each."""
    sizes = own["estimate"].to_numpy()
    left = np.append(np.cumsum(sizes[:-1]) - sizes[:-1], 0.0)
    rows = np.arange(len(own))
    colours = [looks[name].colour for name in own["series"]]
    axes.barh(rows, sizes, 0.62, left=left, color=colours, linewidth=0)
    axes.vlines((left + sizes)[:-1], rows[:-1], rows[1:], color=MUTED, linewidth=0.6)
    ends = own[["low", "high"]].to_numpy() + left[:, None]
    axes.hlines(rows, ends[:, 0], ends[:, 1], color=INK, linewidth=0.9, zorder=5).set_gid("range")
    held = np.concatenate([left, left + sizes, ends[np.isfinite(ends)], [0.0]])
    pad = 0.04 * (float(np.ptp(held)) or 1.0)
    low, high = float(held.min()) - pad, float(held.max()) + pad
    wide = canvas.panel_width(axes)
    canvas.name_rows(axes, rows.tolist(), [shown(name) for name in own["label"]], 0.4 * wide)
    axes.set_xlim(low, high)
    axes.tick_params(axis="x", labelsize=SMALL)
    canvas.mark_zero(axes, upright=True)
    canvas.number_axis(axes.xaxis, low, high, max(2, int(wide / 0.8)))
    for row, value in zip(rows.tolist(), sizes.tolist(), strict=True):
        canvas.beside(axes, row, number(value, 2, sign=True), size=SMALL)
