"""The pictures of a page: cards of what one model has done, or two, each with its numbers.

A card is plain data that `pictures.vue` shows: a title, a picture (SVG text) or a map, a table, and
notes. `numbers_of` gives the numbers of a card as a table, for download.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from ydsim.agents.projects import STAGES
from ydsim.errors import NothingToDrawError
from ydsim.explorer import charts
from ydsim.explorer.watch import (
    CONTRACTS,
    HEADLINES,
    JOINT_WORK,
    LINES,
    MONEY,
    Band,
    Further,
    Run,
    StoredRanges,
    Watch,
    chance,
)
from ydsim.fmt import interval, number
from ydsim.measures.effects import without_rounding
from ydsim.plots.canvas import INK, MUTED, look
from ydsim.plots.flows import FATES
from ydsim.policies.library import may_have_budget
from ydsim.record.indicators import INDICATORS, name_in_words, unit_in_words
from ydsim.record.yearly import GENERAL, shares
from ydsim.results.summary import MADE_UP, MONEY_WORDS, shares_in_words
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats
from ydsim.wording import capital, part_in_words, shorten
from ydsim.world.world import World

REGION, PROVINCES = "region", "provinces"
"""Places of lines: the whole region, or each province."""

MAPPED: Final = (
    "rd_expenditure",
    "launches",
    "adoptions",
    "invention_patent_applications",
    "researchers_stock",
    "hitech_enterprises_valid_stock_derived",
    "value_added_secondary",
)
"""Indicators of the map."""

GENERATIONS: Final = 40
"""Technologies that have a line, about: of more every so-manieth."""

MONEY_LINES: Final = 6
"""Instruments of public money that have a line."""

DASHES: Final = "5 3"
"""Lines of scenario B where colours stand for provinces."""

NAMES: Final = ("A", "B")
"""What scenarios are called that are compared."""

_GENERAL: Final = {GENERAL[0]: mark("science budget"), GENERAL[1]: mark("grants to firms")}


@dataclass(frozen=True)
class View:
    """What the page looks at: a place, an indicator of the map, and links of the map or none.

    ``further``: the runs whose range is drawn with those shown, None for no interval. Two scenarios
    have one colour for each province, B with dashes.
    """

    place: str = PROVINCES
    mapped: str = MAPPED[0]
    links: str = ""
    further: Further | StoredRanges | None = None

    def band(
        self, side: int | None, name: str, place: int = -1, factor: float = 1.0
    ) -> Band | None:
        """Return the ends of the band of a line, of a difference without ``side``, or None."""
        if (runs := self.further) is None:
            return None
        ends = runs.change(name, place) if side is None else runs.band(side, name, place)
        return ends and (factor * ends[0], factor * ends[1])


class Pictures:
    """The pictures of one world; the ground of its map is drawn once."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.official = name not in MADE_UP
        try:
            self.map: charts.Map | None = charts.Map(world, name)
        except NothingToDrawError:
            self.map = None

    def all(self, watches: Sequence[Run], view: View) -> dict[str, Any]:
        """Return what the page shows: headline numbers and cards."""
        cards = [self._map(watches, view)] if self.map is not None else []
        cards += [self._lines("rd", watches, view), self._lines("launches", watches, view)]
        cards += [self._funnel(watches), self._sales(watches)]
        cards += [self._spread(watches, view), self._lines("adoptions", watches, view)]
        cards += [self._lines("contracts", watches, view), self._lines("joint", watches, view)]
        cards += [self._lines("patents", watches, view), self._money(watches, view)]
        cards.append(self._policies(watches))
        return {"tiles": list(self._tiles(watches, view)), "cards": cards}

    # -- numbers at the top ------------------------------------------------------------------------

    def _tiles(self, watches: Sequence[Run], view: View) -> Iterator[dict[str, Any]]:
        for name in HEADLINES:
            one = INDICATORS[name]
            factor = 100.0 if one.unit == "share" or name == "adopted_share" else 1.0
            values = [factor * _last(watch.series(name)) for watch in watches]
            unit = _t("per cent") if factor != 1.0 else unit_in_words(one.unit, one.kind)
            change, several = "", len(watches) > 1
            apart, t = values[-1] - several * values[0], len(watches[0].series(name))
            ends = view.band(None if several else 0, name, factor=factor)
            if ends and t:
                low, high = min(apart, ends[0][t - 1]), max(apart, ends[1][t - 1])
                change = interval(apart, low, high, sign=several)
                change = change if several else change.partition(" ")[2]
            elif several:
                change = number(apart, 3, sign=True)
            yield {
                "name": capital(name_in_words(name)),
                "unit": unit.partition(",")[0],
                "values": [number(value, 3) for value in values],
                "change": f"{_less()} {change}" if several else change,
                "meaning": one.meaning,
            }

    # -- the map -----------------------------------------------------------------------------------

    def _map(self, watches: Sequence[Run], view: View) -> dict[str, Any]:
        assert self.map is not None
        one = INDICATORS[view.mapped]
        unit = unit_in_words(one.unit, one.kind).partition(",")[0]
        amounts = [
            _row(watch.series(view.mapped, "city"), self.world.n_cities) for watch in watches
        ]
        whole = charts.whole_of(*amounts)
        parts = []
        for name, watch, amount in zip(NAMES, watches, amounts, strict=False):
            links = self.map.links(watch.city_links(view.links)) if view.links else ""
            marks = links + self.map.bubbles(amount, whole, unit)
            parts.append({"name": name if len(watches) > 1 else "", "marks": marks})
        if len(watches) > 1:
            change = amounts[1] - amounts[0]
            most = float(np.abs(change).max())
            message = _t("{b} less {a}: blue more, red less").format(a=NAMES[0], b=NAMES[1])
            parts.append({"name": message, "marks": self.map.differences(change, most, unit)})
        what = capital(name_in_words(view.mapped))
        note = _t("Area of a city: {what}, {unit}.").format(
            what=name_in_words(view.mapped), unit=unit
        )
        if one.prior:
            note += " " + _t("Figures of single cities rest on a prior.")
        if view.links:
            note += " " + _t(
                "Lines: the strongest links by {links}; purple across provinces."
            ).format(links=_t(view.links))
        return {
            "id": "map",
            "title": _t("{what} by city").format(what=what),
            "unit": unit,
            "map": {"parts": parts, "height": self.map.height},
            "key": self.map.provinces(),
            "note": note,
            "wide": len(watches) > 1,
            "tall": len(watches) == 1,
        }

    # -- lines -------------------------------------------------------------------------------------

    def _lines(self, card: str, watches: Sequence[Run], view: View) -> dict[str, Any]:
        name = LINES[card]
        one = INDICATORS[name]
        unit = unit_in_words(one.unit, one.kind)
        title = capital(name_in_words(name))
        place = view.place if "province" in one.levels else REGION
        each, several = place == PROVINCES, len(watches) > 1
        lines = []
        for p in self.world.provinces if each else [place]:
            at = self._number(p)
            for k, (watch, which, colour) in enumerate(_sides(watches)):
                values = watch.series(name) if at < 0 else watch.series(name, "province")[:, at]
                lines.append(
                    charts.Line(
                        shorten(_t(p), 16) if each else which,
                        values,
                        look(at).colour if each else colour,
                        DASHES * (each and k == 1),
                        named=not (each and k == 1),
                        dots=self._official(name, at) * (k == 0),
                        band=None if each and several else view.band(k, name, at),
                    )
                )
        return self._card(card, name, title, unit, lines, watches, view, place)

    def _card(
        self,
        card: str,
        name: str,
        title: str,
        unit: str,
        lines: list[charts.Line],
        watches: Sequence[Run],
        view: View,
        place: str,
        note: str = "",
        factor: float = 1.0,
    ) -> dict[str, Any]:
        """Return a card of lines of a series; of two models with a picture of their difference."""
        years, span = watches[0].years, watches[0].span
        where = "" if place == PROVINCES else self._in_words(place)
        pairs = list(zip(lines[::2], lines[1::2], strict=True)) if len(watches) > 1 else []
        sides = []
        if len(pairs) > 1:
            none = np.empty(0)
            sides = [charts.Line(NAMES[0], none, MUTED), charts.Line(NAMES[1], none, MUTED, DASHES)]
        svg = [
            charts.draw_lines(
                charts.Plot(title, unit, years, [*sides, *map(_widened, lines)], span)
            )
        ]
        changes = []
        for k, (a, b) in enumerate(pairs):
            n = min(len(a.values), len(b.values))
            values = without_rounding(a.values[:n], b.values[:n]) - a.values[:n]
            colour = a.colour if len(pairs) > 1 else INK
            ends = view.band(None, name, k if len(pairs) > 1 else self._number(place), factor)
            changes.append(_widened(charts.Line(_less(), values, colour, named=False, band=ends)))
        if pairs:
            head = f"{title}: {_less()}"
            svg.append(
                charts.draw_lines(
                    charts.Plot(head, unit, years, changes, span, 80, True, True, _less())
                )
            )
        if view.further is not None and any(line.band for line in (*lines, *changes)):
            n = 1 + view.further.done
            message = _t("Bands: range of {n} runs, an interval of {share}.")
            note = " ".join(filter(None, (note, message.format(n=n, share=chance(n)))))
        return {
            "id": card,
            "title": title,
            "unit": _t(", ").join(filter(None, (unit, where))),
            "svg": svg,
            "note": note,
        }

    def _number(self, place: str) -> int:
        """Return the position of a province, -1 for the region."""
        names = list(self.world.provinces)
        return names.index(place) if place in names else -1

    def _in_words(self, place: str) -> str:
        return _t("whole region") if place == REGION else _t(place)

    def _official(self, name: str, place: int) -> tuple[tuple[float, float], ...]:
        """Return official figures, each with its year."""
        if not (self.official and INDICATORS[name].official and name in self.world.series):
            return ()
        found, n = self.world.series[name], self.world.n_provinces
        own = found.values[place] if place >= 0 else found.values[:n].sum(axis=0)
        pairs = zip(found.years.tolist(), own.tolist(), strict=True)
        return tuple((float(year), value) for year, value in pairs if np.isfinite(value))

    # -- adoption ----------------------------------------------------------------------------------

    def _spread(self, watches: Sequence[Run], view: View) -> dict[str, Any]:
        """Return shares of adopters: of two models on the average, of one by generation as well."""
        title, unit = _t("Firms that have adopted a technology"), _t("per cent of those that can")
        name, single = "adopted_share", len(watches) == 1
        lines = []
        note = _t("Mean of all technologies in use, those from outside included.")
        if single:
            note = _t("Thin lines: technologies founded in the region since the start.")
            length = len(watches[0].series(name))
            every = watches[0].generation_lines()
            for first, share in every[:: max(1, len(every) // GENERATIONS)]:
                values = np.full(length, np.nan)
                values[first : first + len(share)] = 100.0 * share[: length - first]
                lines.append(charts.Line("", values, "#9ab9cf", width=0.9, named=False))
        for k, (watch, which, colour) in enumerate(_sides(watches)):
            label, width = (_t("mean of all in use"), 2.2) if single else (which, 1.8)
            band = view.band(k, name, factor=100.0)
            values = 100.0 * watch.series(name)
            lines.append(charts.Line(label, values, colour, width=width, band=band))
        return self._card("spread", name, title, unit, lines, watches, view, REGION, note, 100.0)

    # -- from research to launch -------------------------------------------------------------------

    def _funnel(self, watches: Sequence[Run]) -> dict[str, Any]:
        colours = [colour for _, colour in FATES.values()]
        names = [_t(words) for words, _ in FATES.values()]
        pictures = []
        for watch, which, _ in _sides(watches):
            passed, lost = watch.passing()
            rows = [
                (
                    capital(_t(stage).replace("_", " ")),
                    [float(passed[k]), *lost[:, k].tolist()],
                    _t("{n} go on").format(n=number(float(passed[k]), 2)),
                )
                for k, stage in enumerate(STAGES)
            ]
            title = _t("Of 100 projects, those that pass each stage: {name}").format(name=which)
            head = f"{which}: " if len(watches) > 1 else ""
            pictures.append(charts.draw_stacks(head + title, rows, colours, names))
        return {
            "id": "funnel",
            "title": _t("From applied research to launch"),
            "unit": _t(
                "of 100 projects that leave applied research, at the rates of the last year"
            ),
            "svg": pictures,
            "labels": [name for _, name, _ in _sides(watches)] if len(watches) > 1 else [],
            "note": _t("The last bar goes on to launch."),
        }

    # -- contracts ---------------------------------------------------------------------------------

    def _sales(self, watches: Sequence[Run]) -> dict[str, Any]:
        names = [shorten(_t(name), 9) for name in (*self.world.provinces, mark("outside"))]
        unit = _t("100 million RMB a year, registered or not")
        tables = [watch.contract_values() for watch in watches]
        for table in tables:
            table[-1, -1] = np.nan
        title = _t("Who sells technology to whom")
        pictures = [
            charts.draw_matrix(title, names, table, _t("buyer"), _t("seller")) for table in tables
        ]
        labels = list(NAMES[: len(watches)]) if len(watches) > 1 else []
        if len(watches) > 1:
            change = tables[1] - tables[0]
            pictures.append(
                charts.draw_matrix(title, names, change, _t("buyer"), _t("seller"), signed=True)
            )
            labels.append(_less())
        return {"id": "sales", "title": title, "unit": unit, "svg": pictures, "labels": labels,
                "note": _t("Outside: the rest of the nation.")}  # fmt: skip

    # -- public money ------------------------------------------------------------------------------

    def _money(self, watches: Sequence[Run], view: View) -> dict[str, Any]:
        title = _t("Public money by instrument")
        unit = _t("100 million RMB a year, current prices")
        if len(watches) > 1:
            lines = [
                charts.Line(which, watch.paid(), colour, band=view.band(k, MONEY))
                for k, (watch, which, colour) in enumerate(_sides(watches))
            ]
            message = _t("All instruments together.")
            return self._card("money", MONEY, title, unit, lines, watches, view, REGION, message)
        own = watches[0].paid_by()
        largest = sorted(own, key=lambda name: -_last(own[name]))[:MONEY_LINES]
        lines = [
            charts.Line(shorten(_instrument(name), 26), own[name], look(k).colour)
            for k, name in enumerate(sorted(largest))
        ]
        rest = len(own) - len(lines)
        note = _t("{n} smaller ones are not drawn.").format(n=rest) if rest > 0 else ""
        return self._card("money", MONEY, title, unit, lines, watches, view, PROVINCES, note)

    def _policies(self, watches: Sequence[Run]) -> dict[str, Any]:
        """Return claims, payments and what is unspent of each instrument, since the start."""
        head = [_t("Instrument"), _t("claimed"), _t("paid"), _t("unspent")]
        head += [_t("budget used"), _t("claims met")]
        if len(watches) > 1:
            head.insert(1, _t("Scenario"))
        rows = []
        money = [watch.public_money() for watch in watches]
        for name in dict.fromkeys(name for each in money for name in each):
            for which, watch, each in zip(NAMES, watches, money, strict=False):
                if name not in each:
                    continue
                paid, _, claimed, unspent = (float(part.sum()) for part in each[name])
                if not (paid or claimed or unspent):
                    continue
                parts = float("nan"), float("nan")  # of what is no policy
                if name not in GENERAL:
                    policy = watch.settings.policies.get(name)
                    budgeted = policy is None or may_have_budget(type(policy))
                    parts = shares(claimed, paid, unspent, budgeted=budgeted)
                cells = [_instrument(name), *(number(x, 3) for x in (claimed, paid, unspent))]
                cells += shares_in_words(*parts)
                if len(watches) > 1:
                    cells.insert(1, which)
                rows.append(cells)
        return {
            "id": "policies",
            "title": _t("Public money: claimed, paid and unspent"),
            "unit": _t("100 million RMB since the start of {year}").format(
                year=watches[0].settings.start
            ),
            "table": {"head": head, "rows": rows},
            "note": _t(MONEY_WORDS),
            "wide": True,
        }


def _widened(line: charts.Line) -> charts.Line:
    """Return a line whose band, the range of further runs, holds the line as well."""
    if line.band is None:
        return line
    low, high = (end.copy() for end in line.band)
    n = len(line.values)
    low[:n], high[:n] = np.fmin(low[:n], line.values), np.fmax(high[:n], line.values)
    return replace(line, band=(low, high))


def _sides(watches: Sequence[Run]) -> list[tuple[Run, str, str]]:
    """Return models with their names and colours; the only one is black."""
    if len(watches) == 1:
        return [(watches[0], _t("scenario"), INK)]
    return list(zip(watches, NAMES, (charts.A_COLOUR, charts.B_COLOUR), strict=True))


def _less() -> str:
    return _t("{b} less {a}").format(a=NAMES[0], b=NAMES[1])


def _instrument(name: str) -> str:
    return _t(_GENERAL[name]) if name in _GENERAL else _t(part_in_words(name))


def _last(values: Floats) -> float:
    return float(values[-1]) if len(values) else float("nan")


def _row(values: Floats, n: int) -> Floats:
    """Return the last row of a series, zeros where there is none yet."""
    return np.nan_to_num(values[-1]) if len(values) else np.zeros(n)


# -- numbers, to take away -------------------------------------------------------------------------

_KEYS: Final = ("scenario", "year", "quarter", "region")


def numbers_of(watches: Sequence[Watch]) -> str:
    """Return the series of all models as CSV: a row a place and quarter, a column an indicator.

    Flows are amounts of the quarter, as in the table ``series`` of results.
    """
    every = dict.fromkeys((*LINES.values(), *MAPPED, *HEADLINES))
    kept = [name for name in every if INDICATORS[name].kind != "ratio"]
    parts = []
    for which, watch in zip(NAMES, watches, strict=False):
        world, start = watch.model.world, watch.model.settings.start
        t = np.arange(watch.quarters)
        for p, place in enumerate((world.total, *world.provinces), -1):
            level = "region" if p < 0 else "province"
            part = {
                "scenario": which,
                "year": start + t // 4,
                "quarter": 1 + t % 4,
                "region": place,
            }
            for name in kept:
                if level in INDICATORS[name].levels:
                    values = watch.model.recorder.series(name, level)
                    part[name] = values if p < 0 else values[:, p]
            if p < 0:
                money = watch.public_money().values()
                part["public_money"] = sum((v[0] for v in money), np.zeros(len(t)))
            parts.append(pd.DataFrame(part, columns=[*_KEYS, *kept, "public_money"]))
    return pd.concat(parts).to_csv(index=False, float_format="%.10g", lineterminator="\n")


def places_of(provinces: Sequence[str]) -> dict[str, str]:
    """Return the places that lines can be of, with their labels."""
    every = {name: shorten(_t(name), 30) for name in provinces}
    return {PROVINCES: _t("Each province"), REGION: _t("Whole region"), **every}


def choices(world: World) -> dict[str, dict[str, str]]:
    """Return what a `View` can be of, with labels: places, indicators of the map, and links."""
    return {
        "place": places_of(world.provinces),
        "mapped": {name: capital(name_in_words(name)) for name in MAPPED},
        "links": {
            "": _t("No links"),
            CONTRACTS: _t("Contracts"),
            JOINT_WORK: _t("Joint inventions"),
        },
    }
