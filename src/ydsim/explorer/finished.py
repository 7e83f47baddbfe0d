"""The page of finished results: yearly values with median and range, and their figures; read only.

Nothing is simulated and nothing that the folder holds is run: it is opened as `ydsim plot` opens
it. Figures are those of `ydsim.plots`, drawn when they are asked for.
"""

from __future__ import annotations

import base64
from functools import partial
from html import escape
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd
import solara

from ydsim.errors import YdsimError
from ydsim.explorer.charts import Line, Plot, draw_lines
from ydsim.explorer.page import STYLE, Layout, Meanings, Shown, answering, look, words
from ydsim.explorer.pictures import PROVINCES, REGION
from ydsim.explorer.watch import HEADLINES, LINES
from ydsim.fmt import counted
from ydsim.plots import canvas
from ydsim.plots.canvas import INK, save_bytes
from ydsim.plots.catalogue import KINDS
from ydsim.plots.drawing import draw, fitting
from ydsim.plots.values import official_of, quantity, spread_in_words, spread_of
from ydsim.results.results import Results, open_results
from ydsim.translation import gettext as _t
from ydsim.untrusted_input import one_line
from ydsim.wording import capital, shorten

__all__ = ["Layout", "Page", "begin_with"]

_WHAT = {"results": ""}
_DRAWING = Lock()
"""Tabs draw one after another: Matplotlib has one style for all."""


def begin_with(results: str) -> None:
    """Set the folder of results that the page shows."""
    _WHAT["results"] = results


class Finished:
    """Results as one tab looks at them: a point of a sweep, a place, and a kind of figure."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.points = len(results.contents.points)
        self.point, self.place, self.kind = 0, PROVINCES, ""
        self.kinds = [kind.name for kind in fitting([results])]
        provinces = results.manifest["regions"]
        self.provinces, self.whole = [str(p) for p in provinces[:-1]], str(provinces[-1])
        wanted = dict.fromkeys((*LINES.values(), *HEADLINES))
        self.names = [name for name in wanted if name in results.manifest["indicators"]]
        self.file: dict[str, Any] = {}
        self.figure: dict[str, Any] | None = None
        self._number = 0

    def values(self) -> pd.DataFrame:
        """Return the indicators of the point by replicate, place and year."""
        cube = self.results.cube(self.names, by="province", points=[self.point])
        return cube.droplevel("point")

    def look(self, asked: dict[str, str]) -> None:
        """Look at another point, place or figure."""
        for name, value in asked.items():
            if name == "place" and value in (PROVINCES, REGION, *self.provinces):
                self.place = value
            elif name == "point" and value.isdecimal() and int(value) < self.points:
                self.point = int(value)
            elif name == "figure" and value in ("", *self.kinds):
                self.kind = value
                self.figure = self._figure(value) if value else None

    def looks(self) -> list[dict[str, Any]]:
        """Return the selects."""
        places = [(PROVINCES, _t("Each province")), (REGION, _t("Whole region"))]
        places += [(name, shorten(_t(name), 30)) for name in self.provinces]
        kinds = [("", _t("none")), *((name, name.replace("_", " ")) for name in self.kinds)]
        found = [
            look("place", _t("Lines for"), self.place, _options(places)),
            look("figure", _t("Figure"), self.kind, _options(kinds)),
        ]
        if self.points > 1:
            points = [
                (str(k), shorten(self.results.name_at(k), 60)) for k in range(min(self.points, 500))
            ]
            found.insert(0, look("point", _t("Point"), str(self.point), _options(points)))
        return found

    def frame(self) -> dict[str, Any]:
        """Return what `pictures.vue` shows."""
        try:
            values = self.values()
            cards = [self._card(name, values[name]) for name in self.names if name in values]
        except YdsimError as error:
            message = {
                "id": "none",
                "title": _t("No yearly values"),
                "unit": "",
                "note": str(error),
            }
            cards = [message]
        if self.figure is not None:
            cards.insert(0, self.figure)
        return {
            "tiles": [],
            "cards": cards,
            "foot": canvas.origin(self.results).replace(r"\$", "$"),
        }

    def _card(self, name: str, values: pd.Series[float]) -> dict[str, Any]:
        what = quantity(self.results, name)
        several = len(values.dropna().index.unique("replicate"))
        there = set(values.dropna().index.unique("place"))
        each = self.place == PROVINCES and bool(there & set(self.provinces))
        places = self.provinces if each else [self.whole if self.place in (PROVINCES, REGION)
                                              else self.place]  # fmt: skip
        years = np.array(sorted(values.index.unique("year")), dtype=float)
        official = official_of(self.results)
        lines = []
        for k, place in enumerate(places):
            if place not in there:
                continue
            runs = values.xs(place, level="place").unstack("year")
            spread = spread_of(runs).reindex(years.astype(int))
            mine = official[(official["indicator"] == name) & (official["region"] == place)]
            lines.append(
                Line(
                    shorten(_t(place), 16) if each else _t("median"),
                    spread["middle"].to_numpy(),
                    canvas.look(k).colour if each else INK,
                    band=(spread["low"].to_numpy(), spread["high"].to_numpy()),
                    dots=tuple(zip(mine["year"].tolist(), mine["value"].tolist(), strict=True)),
                )
            )
        span = float(years[0]), float(max(years[-1], years[0] + 1.0))
        title = what.head.replace(r"\$", "$")
        where = "" if each else _t("whole region") if places[0] == self.whole else _t(places[0])
        plot = Plot(title, what.unit, years, lines, span, from_zero=not what.level)
        return {
            "id": name,
            "title": title,
            "unit": _t(", ").join(filter(None, (what.unit, where))),
            "svg": [draw_lines(plot)],
            "note": spread_in_words(several) if several > 1 else _t("One replicate."),
        }

    def _figure(self, kind: str) -> dict[str, Any]:
        """Return a card with a figure, or with the reason why it cannot be drawn."""
        card = {"id": "figure", "title": capital(kind.replace("_", " ")), "wide": True, "note": ""}
        card["unit"] = KINDS[kind].shows
        try:
            with _DRAWING:
                figure = draw(kind, self.results)
                data = base64.b64encode(save_bytes(figure)).decode("ascii")
        except YdsimError as error:
            return card | {"note": one_line(str(error))}
        note = getattr(figure, "note", "")
        return card | {"image": f"data:image/png;base64,{data}", "alt": f"{card['unit']}. {note}"}

    def numbers(self) -> None:
        """Hand over median and range of the yearly values of the point."""
        self._number += 1
        long = self.values().melt(var_name="indicator", ignore_index=False)
        groups = long.dropna().groupby(["indicator", "place", "year"])["value"]
        table = groups.agg(replicates="count", median="median", low="min", high="max")
        table = table.reindex(self.names, level="indicator").rename_axis(index={"place": "region"})
        text = table.to_csv(float_format="%.10g", lineterminator="\n")
        name = f"ydsim-yearly{f'-{self.point}' if self.points > 1 else ''}.csv"
        self.file = {"name": name, "text": text, "number": self._number}

    def head(self) -> str:
        """Return the results in one line."""
        one = self.results
        state = (
            _t("complete") if not one.left else _t("{n} left").format(n=counted(one.left, "run"))
        )
        return _t("{name}: {runs}, {state}; read only").format(
            name=shorten(one.name, 60), runs=counted(one.done, "run"), state=state
        )


def _options(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in pairs]


@solara.component
def Page() -> None:  # noqa: N802
    """The page of one tab."""
    _, draw_anew = solara.use_state(0)
    shown: Finished = solara.use_memo(lambda: Finished(open_results(_WHAT["results"])), [])

    tell = partial(draw_anew, lambda n: n + 1)
    ask = answering(tell, look=shown.look, numbers=shown.numbers)
    frame = solara.use_memo(shown.frame, [shown.point, shown.place, shown.kind])
    solara.Title(f"ydsim: {shorten(shown.results.name, 60)}")
    solara.Style(STYLE)
    with solara.Div(classes=["yd-page"]):
        solara.HTML(tag="header", classes=["yd-bar"], unsafe_innerHTML=_heading(shown.head()))
        with solara.Div(classes=["yd-alone"]):
            Shown(
                words=words(),
                frame=frame,
                ground="",
                looks=shown.looks(),
                file=shown.file,
                further={},
                event_ask=ask,
            )
            Meanings()


def _heading(words: str) -> str:
    return f"<h1>{escape(words)}</h1>"
