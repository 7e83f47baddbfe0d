"""The page of a scenario: settings at the left, pictures at the right, one set of models a tab.

Its parts are drawn in the browser, each by a Vue file beside this module, as plain HTML: native
controls, with labels, that browsers, keyboards and readers of screens know. What goes in is plain
data; what is done there comes back as events. A `Tab` holds what a tab is set to and answers them.

The page of finished results shows yearly values with median and range, and their figures. It is
read only: nothing is simulated and nothing that the folder holds is run; it is opened as `ydsim
plot` opens it. Figures are those of `ydsim.plots`, drawn when they are asked for.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from html import escape
from pathlib import Path, PurePath
from threading import Lock
from typing import Any, Final

import numpy as np
import pandas as pd
import solara

import ydsim
from ydsim.errors import YdsimError
from ydsim.explorer import pictures, settings
from ydsim.explorer.charts import Line, Plot, draw_lines
from ydsim.explorer.session import Session
from ydsim.explorer.settings import groups
from ydsim.explorer.watch import HEADLINES, LINES, RUNS, Opening, StoredRanges, chance, opening_of
from ydsim.fmt import counted
from ydsim.model import Model
from ydsim.plots import canvas
from ydsim.plots.canvas import INK, save_bytes
from ydsim.plots.catalogue import KINDS
from ydsim.plots.drawing import draw, fitting
from ydsim.plots.values import official_of, quantity, spread_in_words, spread_of
from ydsim.report import words as words_of_results
from ydsim.results.results import Results, open_results
from ydsim.scenario.changes import name_of_scenario
from ydsim.scenario.read.extend import shipped
from ydsim.translation import gettext as _t
from ydsim.translation import is_english
from ydsim.untrusted_input import one_line
from ydsim.wording import capital, shorten
from ydsim.world.loader import load_world

STYLE: Final = Path(__file__).with_name("page.css")

Ask = Callable[[list[Any]], None]
"""What takes an event of the browser: the name of what is asked for, and a value for some."""

# as in tools/translate.py
_SAID: Final = re.compile(r"say\('([^']+)'\)")


def words() -> dict[str, str]:
    """Return the sentences of all Vue files in the language in use, and its name for browsers."""
    if is_english():
        return {"lang": "en"}
    return {"lang": _t("en"), **{message: _t(message) for message in _sentences()}}


@cache
def _sentences() -> list[str]:
    files = STYLE.parent.glob("*.vue")
    return sorted({message for file in files for message in _SAID.findall(file.read_text("utf-8"))})


@solara.component
def Meanings() -> None:  # noqa: N802
    """The words of results with what they mean, folded."""
    listed = "".join(
        f"<dt>{escape(word.term)}</dt><dd>{escape(word.meaning)}</dd>"
        for word in words_of_results()
    )
    folded = f"<summary>{escape(_t('What words mean'))}</summary><dl>{listed}</dl>"
    solara.HTML(tag="details", classes=["yd-words"], unsafe_innerHTML=folded)


@solara.component_vue("settings.vue")
def Settings(words: dict[str, str], form: dict[str, Any], event_ask: Ask) -> None:  # noqa: N802
    """The form at the left."""


@solara.component_vue("bar.vue")
def Bar(words: dict[str, str], bar: dict[str, Any], event_ask: Ask) -> None:  # noqa: N802
    """The bar at the top."""


@solara.component_vue("pictures.vue")
def Shown(  # noqa: N802
    words: dict[str, str],
    frame: dict[str, Any],
    ground: str,
    looks: list[dict[str, Any]],
    file: dict[str, Any],
    further: dict[str, Any],
    event_ask: Ask,
) -> None:
    """Numbers and pictures."""


@solara.component_vue("repeat.vue")
def Repeat(words: dict[str, str], repeats: list[dict[str, str]]) -> None:  # noqa: N802
    """The settings as commands and files."""


def look(name: str, label: str, value: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return a select above the pictures, of values with their labels."""
    options = [{"value": one, "label": words} for one, words in labels.items()]
    return {"name": name, "label": label, "value": value, "options": options}


def answering(tell: Callable[[], None], **does: Callable[..., Any]) -> Ask:
    """Return what does what is asked for by name, and then has the page drawn anew."""

    def answer(asked: list[Any]) -> None:
        name, *value = asked
        does[name](*value)
        tell()

    return answer


# -- a tab -----------------------------------------------------------------------------------------


_FIRST = {"scenario": "baseline", "results": ""}

_SPEEDS = (0.0, 0.25, 1.0)


def begin_with(**what: str) -> None:
    """Set the ``scenario`` with which new tabs begin, by name or path, or the ``results`` shown."""
    _FIRST.update(what)


class Tab:
    """What one browser tab is set to, and its models.

    ``tell`` makes the page draw anew. All that is asked for from the page may be nonsense: it goes
    through the same checks as a scenario file.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self.session = Session(self._show)
        self.side, self.comparing = "A", False
        self.opened: set[str] = set()
        self.view = pictures.View()
        self.errors: list[str] = []
        self.file: dict[str, Any] = {}
        self.frame: dict[str, Any] = {"tiles": [], "cards": [], "foot": "", "stored": False}
        self._number = 0
        self.choose(_FIRST["scenario"])

    # -- settings ----------------------------------------------------------------------------------

    def choose(self, scenario: str) -> None:
        """Begin with another of the scenarios that the page offers."""
        if scenario not in self.scenarios:
            return
        self.base = settings.base_of(scenario)
        single = {} if self.base["replicates"] == 1 else {"replicates": 1}
        self.a, self.changes, self.other = settings.Choice(scenario, single), dict[str, Any](), ""
        self.base_b = self.base
        self.world = load_world(self.base["world"])
        self.pictures = pictures.Pictures(self.world, self.base["world"])
        if self.view.place not in pictures.choices(self.world)["place"]:
            self.view = replace(self.view, place=pictures.PROVINCES)
        self.ran: tuple[settings.Choice, ...] = ()
        self.reset()
        self._draw()

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios on offer: shipped ones, and that of the command."""
        return list(dict.fromkeys([_FIRST["scenario"], *shipped()]))

    @property
    def b(self) -> settings.Choice:
        """Scenario B: A with changes, or another scenario on the draws of A, with changes."""
        if not self.other:
            return self.a.over(self.changes)
        return self._paired.over(self.changes)

    @property
    def _paired(self) -> settings.Choice:
        """The other scenario with seed, scale and last year of A, so that draws pair."""
        found = settings.Choice(self.other)
        for key in ("replicates", *settings.EXPERIMENT):
            value = self.a.values.get(key, settings.value_at(self.base, key))
            found = settings.with_value(found, self.base_b, key, value)
        return found

    @property
    def shown(self) -> tuple[settings.Choice, dict[str, Any]]:
        """The settings that are shown, and the scenario that they are laid over."""
        return (self.a, self.base) if self.side == "A" else (self.b, self.base_b)

    @property
    def chosen(self) -> tuple[settings.Choice, ...]:
        """The scenarios of the page: A, or A and B."""
        return (self.a, self.b) if self.comparing else (self.a,)

    def change(self, asked: Mapping[str, Any]) -> None:
        """Give a key of the side that is shown a value."""
        self._take(settings.with_value(*self.shown, str(asked.get("key")), asked.get("value")))

    def toggle(self, asked: Mapping[str, Any]) -> None:
        """Switch a policy on or off."""
        self._take(settings.switched(*self.shown, str(asked.get("name")), bool(asked.get("on"))))

    def _take(self, choice: settings.Choice) -> None:
        if self.side == "A":
            self.a = choice
        elif self.other:
            self.changes = _beyond(choice, self._paired)
        else:
            self.changes = self._apart(choice)
        self._check()

    def _apart(self, choice: settings.Choice) -> dict[str, Any]:
        """Return what B has otherwise than A; what A alone says is said back for B."""
        found = _beyond(choice, self.a)
        for key in self.a.values.keys() - choice.values.keys():
            name = ".".join(key.split(".")[:2])
            if key.startswith("policies.") and name[9:] not in self.base["policies"]:
                found[f"{name}.strength"] = 0.0
            else:
                found[key] = settings.value_at(self.base, key)
        return found

    def compare(self, on: bool) -> None:
        """Show a scenario B beside A, or not."""
        self.comparing, self.side = bool(on), "B" if on else "A"
        self._check()
        self._draw()

    def take_other(self, scenario: str) -> None:
        """Have another of the scenarios on offer as B, or A with changes where it has no name."""
        if scenario in self.scenarios or not scenario:
            self.other, self.changes = scenario, {}
            self.base_b = settings.base_of(scenario) if scenario else self.base
            self._check()
            self._draw()

    def show_side(self, side: str) -> None:
        """Show the settings of A or of B."""
        self.side = "B" if side == "B" and self.comparing else "A"

    def forget(self) -> None:
        """Undo all changes of the side that is shown."""
        if self.side == "A":
            self.a = replace(self.a, values={})
        self.changes = {}
        self._check()

    def _check(self) -> None:
        self.errors = []
        try:
            found = [choice.resolved().scenario for choice in self.chosen]
        except YdsimError as error:
            self.errors = [one_line(line) for line in str(error).splitlines()]
            return
        a, b = (f"{one.world} {one.start}" for one in (found[0], found[-1]))
        if a != b:
            text = _t("A and B cannot be compared: their worlds or first years differ ({a}, {b}).")
            self.errors = [text.format(a=a, b=b)]

    # -- running -----------------------------------------------------------------------------------

    @property
    def dirty(self) -> bool:
        """What was run is not what the page is set to."""
        return self.ran != self.chosen

    def reset(self) -> None:
        """Begin anew with what the page is set to."""
        self._check()
        if self.errors:
            return
        self.session.start(*self.chosen)
        self.ran = self.chosen

    def run(self) -> None:
        """Run to the end, from the beginning where settings have changed."""
        self._renew()
        if not self.errors:
            self.session.run()

    def step(self, quarters: Any) -> None:
        """Simulate a quarter or a year."""
        self._renew()
        if not self.errors:
            self.session.step(4 if quarters == 4 else 1)

    def _renew(self) -> None:
        if self.dirty or self.session.progress.state in ("over", "failed"):
            self.reset()

    def hurry(self, speed: Any) -> None:
        """Set the least time of a quarter."""
        self.session.speed = float(speed) if speed in _SPEEDS else 0.0

    # -- pictures ----------------------------------------------------------------------------------

    def look(self, asked: Mapping[str, str]) -> None:
        """Look at another place, another indicator of the map, or other links."""
        offered = pictures.choices(self.world)
        for name, value in asked.items():
            if value in offered.get(name, {}):
                seen: dict[str, Any] = {name: value}
                self.view = replace(self.view, **seen)
        if self.session.progress.state != "running":
            self._draw()

    def interval(self, runs: Any) -> None:
        """Have the range of so many further runs in the pictures, or none."""
        self.session.ask_interval(runs if runs in RUNS else 0)
        if self.session.progress.state != "running":
            self._draw()

    def numbers(self) -> None:
        """Hand over the numbers of the pictures."""
        self._number += 1
        text = pictures.numbers_of(self.session.watches)
        self.file = {"name": "ydsim-series.csv", "text": text, "number": self._number}

    def _show(self) -> None:
        if self.session.progress.state != "starting":
            self._draw()
        self._tell()

    def _draw(self) -> None:
        """Draw what has been simulated; before the first quarter the stored picture, if any."""
        watches, further = self.session.watches, self.session.further
        stored = [] if any(watch.quarters for watch in watches) else self._stored()
        if stored:
            frame = self.pictures.all(stored, replace(self.view, further=StoredRanges(stored)))
            foot = _stored_in_words(stored)
        elif watches:
            view = replace(self.view, further=further if self.session.interval else None)
            frame, foot = self.pictures.all(watches, view), self._foot(watches[0].model)
        else:
            return
        self.frame = {**frame, "foot": foot, "stored": bool(stored)}

    def _stored(self) -> list[Opening]:
        """Return the stored pictures of the scenarios of the page, without what is laid over."""
        first = opening_of(self.a.scenario)
        other = opening_of(self.other) if self.comparing and self.other else None
        if first is None or other is None or self.errors or other.span != first.span:
            return [] if first is None else [first]
        return [first, other]

    def _foot(self, one: Model) -> str:
        changed = [len(choice.sets.keys() - {"replicates"}) for choice in self.ran]
        runs = self.session.interval
        facts = [
            _scenarios_in_words([choice.scenario for choice in self.ran]),
            *(
                [_t("settings changed: {n}").format(n=", ".join(map(str, changed)))]
                if any(changed)
                else []
            ),
            _t("one replicate, and the range of {n}").format(n=1 + runs)
            if runs
            else _t("one replicate"),
            _t("seed {seed}").format(seed=one.settings.seed),
            _t("scale {scale:g}").format(scale=one.settings.scale),
            _t("ydsim {version}").format(version=ydsim.__version__),
        ]
        return " \u00b7 ".join(facts)

    # -- for the page ------------------------------------------------------------------------------

    def form(self) -> dict[str, Any]:
        """Return the settings as `settings.vue` shows them."""
        listed = groups(*self.shown, self.opened, whole=self.side == "A")
        return {
            "scenario": self.a.scenario,
            "scenarios": [[name, name_of_scenario(name)] for name in self.scenarios],
            "description": _t(self.base["description"]),
            "compare": self.comparing,
            "other": self.other,
            "about_other": _t(self.base_b["description"]) if self.other else "",
            "side": self.side,
            "errors": self.errors,
            "groups": listed,
        }

    def bar(self) -> dict[str, Any]:
        """Return what `bar.vue` shows."""
        now = self.session.progress
        words = {
            "empty": "",
            "starting": _t("simulating the years before the first"),
            "paused": _t("paused") if now.quarter else _t("ready"),
            "running": _t("running"),
            "over": _t("finished"),
            "failed": now.message,
            "closed": "",
        }
        message = words[now.state]
        if self.dirty and not self.errors and now.state != "starting":
            message = _t("settings have changed: Run begins anew")
        if self.errors:
            message = _t("the settings are not valid")
        quarter = now.quarter % 4 or 4
        year = int(now.year - 0.25) if now.quarter else int(now.year)
        return {
            "title": _t("ydsim: {name}").format(name=self.base["name"]),
            "running": now.state == "running",
            "busy": now.state == "starting" or bool(self.errors),
            "over": now.state == "over",
            "dirty": self.dirty or now.state == "over",
            "quarter": now.quarter,
            "quarters": now.quarters,
            "when": _t("{year} Q{quarter}").format(year=year, quarter=quarter)
            if now.quarter
            else str(year),
            "said": message,
            "speed": self.session.speed,
        }

    def looks(self) -> list[dict[str, Any]]:
        """Return the selects above the pictures."""
        offered, view = pictures.choices(self.world), self.view
        return [
            look("place", _t("Lines for"), view.place, offered["place"]),
            look("mapped", _t("Map of"), view.mapped, offered["mapped"]),
            look("links", _t("Links"), view.links, offered["links"]),
        ]

    def further(self) -> dict[str, Any]:
        """Return the switch of the interval, and how far its runs are."""
        asked, runs, message = self.session.interval, self.session.further, ""
        if asked and runs is not None:
            message = _t("{n} of {all} further runs are done").format(n=runs.done, all=runs.number)
            if runs.members:
                message += _t(", with parameters of the ensemble and draws of their own")
            else:
                message += _t(", with draws of their own; the world has no ensemble")
        options = [{"value": 0, "label": _t("1 replicate, no interval")}]
        for n in RUNS:
            label = _t("{n} replicates, interval of {share}")
            options.append({"value": n, "label": label.format(n=n + 1, share=chance(n + 1))})
        return {"runs": asked, "options": options, "said": message}

    def repeats(self) -> list[dict[str, str]]:
        """Return the settings as commands and files."""
        made = zip(("A", "B"), self.chosen, strict=False)
        return [
            {
                "name": name,
                "command": settings.as_command(choice),
                "file": settings.as_file(choice),
                "download": settings.FILE if name == "A" else settings.FILE.replace(".", "_b."),
            }
            for name, choice in made
        ]


_NONE = object()


def _beyond(choice: settings.Choice, other: settings.Choice) -> dict[str, Any]:
    """Return what a choice has and another has not, or otherwise."""
    return {k: v for k, v in choice.values.items() if other.values.get(k, _NONE) != v}


def _scenarios_in_words(scenarios: Sequence[str]) -> str:
    names = [name_of_scenario(PurePath(name).name) for name in scenarios]
    if len(set(names)) == 1:
        return _t("scenario {name}").format(name=names[0])
    return _t("scenarios A: {a}, B: {b}").format(a=names[0], b=names[1])


def _stored_in_words(stored: Sequence[Opening]) -> str:
    one = stored[0]
    return _t(
        "Stored result of {scenarios} as shipped: a run with seed {seed} and scale {scale:g}, and "
        "the range of {n} runs; headline numbers of {year}; ydsim {version}. Run replaces it."
    ).format(
        scenarios=_scenarios_in_words([each.settings.name for each in stored]),
        seed=one.settings.seed,
        scale=one.settings.scale,
        n=1 + one.further,
        year=one.settings.end,
        version=one.version,
    )


# -- finished results ------------------------------------------------------------------------------

_DRAWING = Lock()
"""Tabs draw one after another: Matplotlib has one style for all."""


class Finished:
    """Results as one tab looks at them: a point of a sweep, a place, and a kind of figure."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.points = len(results.contents.points)
        self.point, self.place, self.kind = 0, pictures.PROVINCES, ""
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
            if name == "place" and value in (pictures.PROVINCES, pictures.REGION, *self.provinces):
                self.place = value
            elif name == "point" and value.isdecimal() and int(value) < self.points:
                self.point = int(value)
            elif name == "figure" and value in ("", *self.kinds):
                self.kind = value
                self.figure = self._figure(value) if value else None

    def looks(self) -> list[dict[str, Any]]:
        """Return the selects."""
        kinds = {"": _t("none"), **{name: name.replace("_", " ") for name in self.kinds}}
        found = [
            look("place", _t("Lines for"), self.place, pictures.places_of(self.provinces)),
            look("figure", _t("Figure"), self.kind, kinds),
        ]
        if self.points > 1:
            names = map(self.results.name_at, range(min(self.points, 500)))
            points = {str(k): shorten(name, 60) for k, name in enumerate(names)}
            found.insert(0, look("point", _t("Point"), str(self.point), points))
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
        each = self.place == pictures.PROVINCES and bool(there & set(self.provinces))
        place = self.place if self.place in self.provinces else self.whole
        places = self.provinces if each else [place]
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


# -- pages -----------------------------------------------------------------------------------------


@solara.component
def Page() -> None:  # noqa: N802
    """The page of one tab: of results where they were named, else of a scenario."""
    (_ResultsPage if _FIRST["results"] else _ScenarioPage)()


@solara.component
def _ResultsPage() -> None:  # noqa: N802
    """The page of results in one tab."""
    _, draw_anew = solara.use_state(0)
    shown: Finished = solara.use_memo(lambda: Finished(open_results(_FIRST["results"])), [])

    tell = partial(draw_anew, lambda n: n + 1)
    ask = answering(tell, look=shown.look, numbers=shown.numbers)
    frame = solara.use_memo(shown.frame, [shown.point, shown.place, shown.kind])
    solara.Title(f"ydsim: {shorten(shown.results.name, 60)}")
    solara.Style(STYLE)
    with solara.Div(classes=["yd-page"]):
        head = f"<h1>{escape(shown.head())}</h1>"
        solara.HTML(tag="header", classes=["yd-bar"], unsafe_innerHTML=head)
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


@solara.component
def _ScenarioPage() -> None:  # noqa: N802
    """The page of a scenario in one tab."""
    _, draw = solara.use_state(0)
    count = solara.use_ref(0)

    def tell() -> None:
        count.current += 1
        draw(count.current)

    tab: Tab = solara.use_memo(lambda: Tab(tell), [])
    solara.use_effect(lambda: tab.session.close, [])

    ask = answering(
        tell,
        run=tab.run,
        pause=tab.session.pause,
        step=tab.step,
        reset=tab.reset,
        speed=tab.hurry,
        scenario=tab.choose,
        compare=tab.compare,
        other=tab.take_other,
        side=tab.show_side,
        change=tab.change,
        toggle=tab.toggle,
        section=tab.opened.add,
        forget=tab.forget,
        interval=tab.interval,
        look=tab.look,
        numbers=tab.numbers,
    )
    set_to = [*tab.chosen, tab.other, tab.side, tab.errors, frozenset(tab.opened)]
    form = solara.use_memo(tab.form, set_to)  # not made anew for each picture
    solara.Title(f"ydsim: {tab.base['name']}")
    solara.Style(STYLE)
    with solara.Div(classes=["yd-page"]):
        Bar(words=words(), bar=tab.bar(), event_ask=ask)
        with solara.Div(classes=["yd-body"]):
            with solara.Div(classes=["yd-left"]):
                Settings(words=words(), form=form, event_ask=ask)
            with solara.Div(classes=["yd-right"]):
                Shown(
                    words=words(),
                    frame=tab.frame,
                    ground="" if tab.pictures.map is None else tab.pictures.map.ground,
                    looks=tab.looks(),
                    file=tab.file,
                    further=tab.further(),
                    event_ask=ask,
                )
                Repeat(words=words(), repeats=tab.repeats())
                Meanings()


@solara.component
def Layout(children: list[Any] | None = None) -> None:  # noqa: N802
    """The page alone, without a bar and a menu around it."""
    solara.Div(children=children or [])
