"""What flows: projects from research to launch, money between sectors, trade with the nation.

Projects leave a stage when they are completed, fail, die while they wait, when their owner leaves,
or when they are sold to the rest of the nation. Some completed inventions are shelved:

    passed = completed - shelved
    lost   = failed + died waiting + shelved + owner left + sold outside
    rate   = passed / (passed + lost)
    reach  = 100 product of the rates up to a stage
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ydsim.agents.projects import INDUSTRIALISATION, PILOT, STAGES
from ydsim.errors import NothingToDrawError
from ydsim.fmt import number, percent
from ydsim.plots import canvas
from ydsim.plots.canvas import BODY, INK, SMALL, look, shown
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.values import (
    NATION,
    bars_in_words,
    drawn,
    few_in_words,
    last_official,
    period,
    provinces_of,
    read_rows,
    require_once,
    shaded_in_words,
    spread_in_words,
    spread_of,
    world_of,
    year_in_words,
    year_of,
    years_of,
)
from ydsim.record.indicators import unit_in_words
from ydsim.record.yearly import KIND_NAMES, PARTNERSHIP
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.translation import mark

PASSED = "passed"  # column of projects that go on to the next stage, or are launched

FATES = {
    PASSED: (mark("pass"), "#009e73"),
    "failed": (mark("failed"), "#d55e00"),
    "died_waiting": (mark("died waiting for a capability"), "#0072b2"),
    "shelved": (mark("invention shelved"), "#e69f00"),
    "owner_left": (mark("owner left"), "#7a7a7a"),
    "sold_outside": (mark("sold outside"), "#56b4e9"),
}
"""What becomes of projects that leave a stage, in words, and its colour."""

CAUSES = [name for name in FATES if name != PASSED]  # columns of projects that are lost

_GROUPS = {
    mark("All projects"): "",
    mark("Begun by firms"): "lead == 'firm'",
    mark("Begun by universities"): "lead == 'university'",
    mark("Begun by institutes"): "lead == 'institute'",
    mark("Without a partner"): "partnership == 'alone'",
    mark("With a partner"): "partnership == 'partnered'",
}
"""Panels of one scenario: their titles, and the projects in them."""

_VALLEY = "#fbe9e1"


# -- the funnel ------------------------------------------------------------------------------------


def draw_funnel(*results: Results) -> Figure:
    """Return of 100 projects how many pass each stage, and why the others stop there.

    Of one scenario there is a panel for all projects, for those that firms, universities and
    institutes began, and for those without and with partners. Of several there is a panel each.

    UsageError when no results are given, or their provinces differ. NothingToDrawError when the
    table ``funnel`` was not recorded, or no project left a stage.
    """
    found = drawn(results, fewest=1)
    every = [read_fates(each) for each in results]
    panels = list(zip(found.names, every, results, strict=True))
    if not found.several:
        panels = [
            (_t(title), every[0].query(of) if of else every[0], results[0])
            for title, of in _GROUPS.items()
        ]
    figure, axes = canvas.new_page(
        _t("Projects that pass each stage: {scenarios}").format(scenarios=found.in_words),
        _t(
            "Of 100 projects that leave applied research, those that pass each stage and those "
            "that stop there, at the rates of all years that were run. At the right: projects that "
            "pass, and their share of those that leave the stage. Shaded: the valley of death, "
            "between invention and launch."
        ),
        bars_in_words(*(len(each.replicates) for each in results)),
        ""
        if found.several
        else _t("With and without a partner: as the projects are in that stage."),
        foot=canvas.origin(*results),
        key=[(Patch(color=colour), _t(words)) for words, colour in FATES.values()],
        panels=len(panels),
        height=1.75,
    )
    for each, (title, fates, one) in zip(axes, panels, strict=True):
        begun = fates.groupby(["stage", "replicate"]).sum().loc[STAGES[0]].to_numpy().sum(axis=1)
        unit = _t("of 100; {n} a year leave applied research, {years}").format(
            n=number(float(begun.mean()), 3), years=period(years_of(one))
        )
        canvas.head(each, shown(title, 40), unit, indent=_draw_stages(each, fates))
    return figure


def read_fates(results: Results) -> pd.DataFrame:
    """Return projects that leave a stage, a year: mean over the years of the run.

    Returned: columns `FATES`; index replicate, stage, lead, partnership. NothingToDrawError when
    the table ``funnel`` was not recorded, or no project left a stage.
    """
    labels = {"stage": STAGES, "lead": KIND_NAMES, "partnership": PARTNERSHIP}
    rows = read_rows(results, "funnel", ["year", *labels, "completed", *CAUSES])
    by = {"replicate": results.replicates, **labels}
    every = pd.MultiIndex.from_product(list(by.values()), names=list(by))
    sums = rows.groupby(list(by))[["completed", *CAUSES]].sum().reindex(every, fill_value=0.0)
    found = sums / len(years_of(results))
    found.insert(0, PASSED, found.pop("completed") - found["shelved"])
    if not found.to_numpy().any():
        raise NothingToDrawError(_t("no project left a stage"))
    return found


def of_hundred(fates: pd.DataFrame) -> pd.DataFrame:
    """Return what becomes of 100 projects at the rates of every stage.

    A stage that nobody leaves stops nobody.

    ``fates``: as `read_fates` returns them, or some rows of it. Returned: columns `FATES`, per cent
    of the projects that leave the first stage; index replicate, stage.
    """
    total = fates.groupby(["replicate", "stage"], sort=False).sum()
    shares = total.div(total.sum(axis=1), axis=0)
    shares[PASSED] = shares[PASSED].fillna(1.0)
    reach = 100.0 * shares[PASSED].groupby("replicate").cumprod()
    arrive = reach.groupby("replicate").shift(fill_value=100.0)
    return shares.fillna(0.0).mul(arrive, axis=0)


def _draw_stages(axes: Axes, fates: pd.DataFrame) -> float:
    """Draw the stages of some projects as bars; return the room in inches of their names."""
    parts = of_hundred(fates)
    counted = fates.groupby("stage", sort=False).sum()
    rates = counted[PASSED] / counted.sum(axis=1)
    mean = parts.groupby("stage", sort=False).mean().where(rates.notna(), 0.0, axis=0)
    bars = mean.rename(index=_t)
    passed = parts[PASSED].unstack("replicate").reindex(rates.index)
    axes.axhspan(PILOT - 0.5, INDUSTRIALISATION + 0.5, color=_VALLEY, linewidth=0, zorder=0.5)
    beside = [
        _t("{n} ({percent}\u00a0%)").format(n=number(some, 2), percent=f"{100.0 * rate:.0f}")
        if np.isfinite(rate)
        else _t("none")
        for some, rate in zip(mean[PASSED].tolist(), rates.tolist(), strict=True)
    ]
    colours = [colour for _, colour in FATES.values()]
    return draw_bars(axes, bars, colours, passed.where(rates.notna(), axis=0), beside, 100.0)


# -- bars with names -------------------------------------------------------------------------------


def draw_bars(
    axes: Axes,
    parts: pd.DataFrame,
    colours: Sequence[str],
    runs: pd.DataFrame,
    beside: Sequence[str],
    most: float,
) -> float:
    """Draw stacked bars and the range over replicates; return the room of names in inches.

    ``parts``: a row for each bar, the first at the top, named by its index, and a column for each
    part. ``colours``: of the parts. ``runs``: a row for each bar, a column for each replicate.
    ``beside``: what stands right of each bar. ``most``: where the axis of the bars ends, from zero
    on.
    """
    rows, left = range(len(parts)), np.zeros(len(parts))
    for name, colour in zip(parts, colours, strict=True):
        bars = axes.barh(rows, parts[name], 0.68, left=left, color=colour, linewidth=0)
        bars.set_label(str(name))
        left = left + parts[name].to_numpy()
    if runs.shape[1] > 1:
        ends = runs.min(axis=1), runs.max(axis=1)
        axes.hlines(rows, *ends, color=INK, linewidth=0.9, zorder=5).set_gid("range")
    lines = [line for name in parts.index for line in name.split("\n")]
    room = 0.05 + max(canvas.text_width(line, BODY) for line in lines)
    at_right = 0.2 + max(canvas.text_width(text, SMALL) for text in beside)
    canvas.name_rows(axes, rows, list(parts.index), 0.0)
    axes.set_yticks(rows, list(parts.index))
    axes.set(xlim=(0.0, most), ylim=(len(parts) - 0.5, -0.5))
    wide = canvas.panel_width(axes) - room - at_right
    canvas.number_axis(axes.xaxis, 0.0, most, max(2, int(wide / 0.45)))
    for row, text in enumerate(beside):
        canvas.beside(axes, row, text, size=SMALL).set_gid("beside")
    return room


# -- paths of projects -----------------------------------------------------------------------------


def draw_paths(results: Results) -> Figure:
    """Return from stage to stage how many projects change the province or the kind of owner.

    Drawn are the projects that founded the technology generations of the region.

    NothingToDrawError when passports were not recorded, no step of a project in the region was, or
    none changes its place or owner.
    """
    moves = read_moves(results)
    if not moves.xs("moves", axis=1, level=1).to_numpy().any():
        raise NothingToDrawError(_t("no project changes its province or kind of organisation"))
    figure, panels = canvas.new_page(
        _t("Projects that change place or owner between stages: {scenario}").format(
            scenario=shown(results.label, 36)
        ),
        _t(
            "Projects that founded the technology generations of the region: those that are in "
            "another province, or with another kind of organisation, than at the stage before. "
            "Steps from or to the rest of the nation are left out."
        ),
        few_in_words(
            [len(results.replicates)],
            _t("Bars: all {n} replicates together; black lines: range of single ones."),
        ),
        foot=canvas.origin(results),
        panels=2,
        height=1.6,
    )
    heads = {"province": _t("Another province"), "kind": _t("Another kind of organisation")}
    for at, (axes, (column, title)) in enumerate(zip(panels, heads.items(), strict=True)):
        own = moves.loc[:, [column]].droplevel(0, axis=1)
        total = own.groupby("stage", sort=False).sum()
        shares = 100.0 * total["moves"] / total["steps"]
        runs = (100.0 * own["moves"] / own["steps"]).unstack("replicate").reindex(total.index)
        beside = [_t("none") if np.isnan(one) else percent(one / 100.0) for one in shares.tolist()]
        names = [_t("to {stage}").format(stage=_t(name)) for name in total.index]
        bars = shares.fillna(0.0).set_axis(names).to_frame()
        most = 1.02 * float(np.nanmax(runs.to_numpy())) or 1.0
        indent = draw_bars(axes, bars, [look(at).colour], runs, beside, most)
        steps = float(own["steps"].groupby("replicate").max().mean())
        unit = _t("per cent of {n} projects a replicate").format(n=number(steps, 3))
        canvas.head(axes, title, unit, indent=indent)
    return figure


def read_moves(results: Results) -> pd.DataFrame:
    """Return steps from stage to stage of which both ends are known, and those that change.

    Returned: columns ``province`` and ``kind``, each with ``steps`` and ``moves``; index replicate
    and the stage that is reached. NothingToDrawError when passports were not recorded, or no step
    of a project in the region was. ResultsError when a stage of a project is there twice.
    """
    rows = read_rows(results, "passports", ["generation", "stage", "province", "kind"])
    rows = rows[rows["province"].isin(provinces_of(results))]
    require_once(results, "passports", rows, ["generation", "stage"])
    found = {}
    for column, names in (("province", provinces_of(results)), ("kind", KIND_NAMES)):
        known = rows[rows[column].isin(names)].set_index(["replicate", "generation", "stage"])
        at = known[column].unstack().reindex(columns=STAGES)
        before = at.shift(axis=1)
        steps = at.notna() & before.notna()
        for name, each in (("steps", steps), ("moves", steps & (at != before))):
            summed = each.groupby("replicate").sum().reindex(results.replicates, fill_value=0)
            found[column, name] = summed[list(STAGES[1:])].stack()
    moves = pd.DataFrame(found)
    if not moves.to_numpy().any():
        raise NothingToDrawError(_t("no project of the region has two stages with a known place"))
    return moves


# -- trade with the nation -------------------------------------------------------------------------


def draw_supply(results: Results) -> Figure:
    """Return goods and technology that each province sells to and buys from the rest of the nation.

    NothingToDrawError when neither ties nor contracts were recorded, or there is only one year.
    """
    years, last, provinces = drawn([results]).years, last_official(results), provinces_of(results)
    found: dict[str, pd.DataFrame] = {}
    reasons = []
    for what, read in ((_t("Goods"), _goods), (_t("Technology"), _technology)):
        try:
            found[what] = read(results)
        except NothingToDrawError as nothing:
            reasons.append(str(nothing))
    if not found:
        raise NothingToDrawError(_t(" and ").join(reasons))
    titles = (_t("{what} sold"), _t("{what} bought"), _t("{what} sold less bought"))
    figure, panels = canvas.new_page(
        _t("Trade with the rest of the nation: {scenario}").format(
            scenario=shown(results.label, 36)
        ),
        _t(
            "Goods: value added sold; the base run sells the nation what it buys there. "
            "Technology: contracts, registered or not."
        ),
        spread_in_words(len(results.replicates)),
        shaded_in_words(years, last),
        *(_t("Left out: {reason}.").format(reason=reason) for reason in reasons),
        foot=canvas.origin(results),
        panels=3 * len(found),
        columns=len(found),
        height=max(2.2, 0.14 * len(provinces) + 0.9),
    )
    every = pd.MultiIndex.from_product([results.replicates, provinces, years])
    for at, (what, rows) in enumerate(found.items()):
        sold, bought = (
            rows[rows[there] == NATION].groupby(["replicate", here, "year"])["amount"].sum()
            for here, there in (("seller", "buyer"), ("buyer", "seller"))
        )
        out, into = (each.reindex(every, fill_value=0.0) for each in (sold, bought))
        own = panels[at :: len(found)]
        for axes, title, values in zip(own, titles, (out, into, out - into), strict=True):
            lines = [
                Line(_t(name), spread_of(values.xs(name, level=1).unstack()), look(p))
                for p, name in enumerate(provinces)
            ]
            draw_panel(axes, lines, last=last)
            canvas.head(axes, title.format(what=what), unit_in_words("100m_rmb", "flow"))
    return figure


def _technology(results: Results) -> pd.DataFrame:
    """Return the value of contracts between provinces."""
    rows = read_rows(results, "contracts", ["year", "seller", "buyer", "value"])
    return rows.rename(columns={"value": "amount"})


def _goods(results: Results) -> pd.DataFrame:
    """Return value added that provinces sell to one another."""
    rows = read_rows(results, "ties", ["year", "channel", "from_city", "to_city", "realised"])
    rows = rows[rows["channel"] == "supply"]
    if rows.empty:
        raise NothingToDrawError(_t("supply of goods was not recorded"))
    world, provinces = world_of(results), provinces_of(results)
    if len(provinces) < len(world.provinces):
        raise NothingToDrawError(_t("these results lack provinces of their world"))
    homes = [provinces[p] for p in world.city_province.tolist()]
    home = {**dict(zip(world.city_names, homes, strict=True)), NATION: NATION}
    ends = {"seller": rows["from_city"].map(home), "buyer": rows["to_city"].map(home)}
    return rows.assign(**ends, amount=rows["realised"])


def draw_shares(
    panels: Mapping[str, pd.DataFrame], *, title: str, note: str, foot: str
) -> canvas.Canvas:
    """Return matrices of shares in per cent by their titles, two side by side; cells are named."""
    side = 0.1 + max(
        canvas.text_width(_t(str(name)), SMALL) for each in panels.values() for name in each
    )
    figure, axes = canvas.new_page(
        title,
        note,
        foot=foot,
        panels=len(panels),
        columns=2,
        height=[_ROW * len(each) + 1.2 for each in panels.values()],
    )
    scale = ScalarMappable(Normalize(0.0, 100.0), _SHADES)
    for panel, (name, shares) in zip(axes, panels.items(), strict=True):
        labelled = shares.rename(index=_t, columns=_t)
        cell = (canvas.panel_width(panel) - side - 0.3) / len(shares)
        canvas.draw_cells(panel, labelled, labelled.map("{:.0f}".format), scale, (cell, _ROW))
        canvas.head(panel, name, "%", indent=side)
    return figure


# -- money -----------------------------------------------------------------------------------------


LARGEST = 10  # flows that are drawn as bars

OUTSIDE = ("economy", NATION)  # sectors that are not simulated, last in the matrix

SECTORS = {
    "central": mark("central government"),
    "cities": mark("cities"),
    "economy": mark("economy"),
    NATION: mark("nation"),
}
"""Sectors of the ledger in words, where they have no other ones."""

_SHADES = LinearSegmentedColormap.from_list("money", ["#eef4f8", "#74b3d8"])
_ROW, _LEAST_CELL = 0.22, 0.25
"""Height of a cell of the matrix, and width that its numbers need, in inches."""


def draw_money(results: Results, *, year: int | None = None) -> Figure:
    """Return who pays whom, and the largest flows.

    NothingToDrawError when the ledger was not recorded or nothing was paid.
    """
    when = year_of(results, year)
    payments = read_payments(results, when)
    matrix, largest = who_pays_whom(payments), payments[:LARGEST]
    names = [
        _t("{purpose}: {payer} \u2192 {receiver}").format(
            payer=_sector(payer), receiver=_sector(receiver), purpose=_t(purpose)
        )
        for payer, receiver, purpose in largest.index
    ]
    lines = [canvas.wrapped(shown(name, 120), BODY, 0.42 * canvas.page_width()) for name in names]
    row = 0.07 + 0.13 * max(map(len, lines))
    side = max(canvas.text_width(line, BODY) for each in lines for line in each)
    cell = (canvas.page_width() - max(side, 1.1) - 0.5) / len(matrix)
    wide = cell >= _LEAST_CELL
    figure, panels = canvas.new_page(
        _t("Payments between sectors in {year}: {scenario}").format(
            year=year_in_words(results, when), scenario=shown(results.label, 36)
        ),
        _t(
            "Economy: households, product markets and everything else outside the model; nation: "
            "the rest of the nation in technology trade."
        ),
        _t("Lines set both apart. Cells: mean; shades on a logarithmic scale.")
        if wide
        else _t("Omitted: the matrix of all payments, which needs a wider page."),
        bars_in_words(len(results.replicates)),
        foot=canvas.origin(results),
        panels=1 + wide,
        columns=1,
        height=[_ROW * len(matrix) + 1.3] * wide + [row * len(largest) + 0.8],
    )
    for above in panels[:-1]:
        indent = _draw_matrix(above, matrix, cell)
        canvas.head(
            above,
            _t("All payments: row pays column"),
            unit_in_words("100m_rmb", "flow"),
            indent=indent,
        )
    bars = largest.mean(axis=1).to_frame().set_axis(["\n".join(each) for each in lines])
    beside = [number(amount, 2) for amount in bars[0].tolist()]
    most = 1.02 * float(largest.to_numpy().max())
    indent = draw_bars(panels[-1], bars, [look(0).colour], largest, beside, most)
    canvas.head(
        panels[-1], _t("The largest flows"), unit_in_words("100m_rmb", "flow"), indent=indent
    )
    return figure


def _sector(name: str) -> str:
    return canvas.fitting(_t(SECTORS.get(name, name)), 1.1)


def read_payments(results: Results, year: int) -> pd.DataFrame:
    """Return payments of a year at scale 1, the largest first, a column for each replicate.

    The index is payer, receiver, flow.

    NothingToDrawError when the ledger was not recorded or nothing was paid.
    """
    kinds = ["payer", "receiver", "flow"]
    rows = read_rows(results, "ledger", ["year", *kinds, "amount"])
    rows = rows[rows["year"] == year]
    paid = rows.groupby([*kinds, "replicate"])["amount"].sum().unstack("replicate", fill_value=0)
    paid = paid.reindex(columns=results.replicates, fill_value=0.0)
    mean = paid.mean(axis=1)
    if not (mean > 0.0).any():
        raise NothingToDrawError(_t("the ledger holds no payment of {year}").format(year=year))
    return paid.loc[(-mean[mean > 0.0]).sort_values(kind="stable").index]


def who_pays_whom(payments: pd.DataFrame) -> pd.DataFrame:
    """Return mean payments, a row for each payer and a column for each receiver.

    Sectors that pay most come first, those outside the region last.
    """
    matrix = payments.mean(axis=1).groupby(["payer", "receiver"]).sum().unstack(fill_value=0)
    sectors = sorted({*matrix.index, *matrix.columns})
    matrix = matrix.reindex(index=sectors, columns=sectors, fill_value=0.0)
    paid = matrix.sum(axis=1)
    order = sorted(sectors, key=lambda name: (name in OUTSIDE, -paid[name]))
    return matrix.loc[order, order]


def _draw_matrix(axes: Axes, matrix: pd.DataFrame, cell: float) -> float:
    """Draw the amount of every pair of sectors in cells so wide; return the room of names."""
    amounts = matrix.where(matrix > 0.0).to_numpy()
    high = float(np.nanmax(amounts))
    low = max(float(np.nanmin(amounts)), high * 1e-5)
    scale = ScalarMappable(LogNorm(min(low, high / 10.0), high, clip=True), _SHADES)
    names = [_sector(name) for name in matrix.index]
    texts = matrix.map(lambda value: number(value, 2) if value >= 0.05 else _t("< 0.1"))
    canvas.draw_cells(axes, pd.DataFrame(amounts, names, names), texts, scale, (cell, _ROW))
    inside = sum(name not in OUTSIDE for name in matrix.index)
    for draw in (axes.axhline, axes.axvline) if 0 < inside < len(matrix) else ():
        draw(inside - 0.5, color=INK, linewidth=1.0)
    return 0.05 + max(canvas.text_width(name, SMALL) for name in names)
