"""`ydsim report`: one self-contained page of results for a policy analyst, answer and chart first.

Words of the glossary that a reader of results meets stand on the page. `docs/glossary.md` and
`docs/zh/glossary.md` say the same of them: a test holds the three together.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from ydsim import arguments, fmt
from ydsim.errors import NothingToDrawError, ResultsError, UsageError
from ydsim.packaged import templates
from ydsim.plots import canvas, drawing
from ydsim.plots.canvas import house_style
from ydsim.plots.effects import draw_effects
from ydsim.policies.base import Policy
from ydsim.policies.library import shipped_class, title_of
from ydsim.record.indicators import name_in_words, unit_in_words
from ydsim.results import summary
from ydsim.results.compare import Alternative, Compared, Pair
from ydsim.results.results import Results
from ydsim.scenario.changes import in_force
from ydsim.scenario.load import plain_as_yaml
from ydsim.scenario.read.node import flat
from ydsim.scenario.schema.key_index import keys_of, written
from ydsim.scenario.schema.scenario import Scenario
from ydsim.store.files import make_folder, refuse_irregular, require_place, write_atomic
from ydsim.store.layout import folder_name
from ydsim.store.manifest import SWEEP
from ydsim.studies import alternatives, bottleneck, comparison, interactions
from ydsim.studies.comparison import Comparison, money_lines
from ydsim.studies.flows import borders
from ydsim.studies.study import Section, Study
from ydsim.translation import gettext, mark, pgettext
from ydsim.translation import gettext as _t
from ydsim.untrusted_input import one_line
from ydsim.wording import capital, is_invisible

FILE: Final = "report.html"

TRUST: Final = mark(
    "`docs/sense.md` compares the defaults with official figures to 2020, hits and misses. Much in "
    "it was set by hand and tests nothing; `docs/odd/reference.md` says for each row what it can "
    "prove. What comes after 2020 rests on damped trends with a backtest (`docs/inputs.md`); how "
    "far forecasts of past years were off is in `docs/skill.md`, and `docs/forecast.md` says what "
    "to expect of 2021-25. Levels of R&D, papers, patents and contracts are set to the last "
    "official figures of each province (`docs/odd/inputs.md`) and test nothing; how they grow, and "
    "what differs between scenarios, is the model's. Value added of cities is fitted; their R&D "
    "rests on a prior and five known figures. `docs/effects.md` runs the estimators of published "
    "studies on the model, `docs/signs.md` lists published signs that do not show."
)
"""README says the same under "What to trust"; a test holds the two together."""

USUAL_SCALE: Final = 0.05
MOST_OF_TITLE: Final = 90  # letters of names in the title of a page, which fits two lines
MOST_LINES, MOST_FOLLOWING, MOST_GAPS = 4, 3, 8
"""Lines of an answer, changes that follow, and gaps to official figures that are not folded."""

MISS: Final = 0.25
"""Share of the official figure by which a simulated one that misses it is off."""

WIDE, NARROW = 7.2, 3.4
"""Widths of figures in inches: on a screen, and on that of a telephone."""


@dataclass(frozen=True)
class Gathered:
    """What the page is about.

    Settings with their results, the base first; the comparison of the others with the base, None
    of one setting; studies that were given beside them; and all results in the order given.
    """

    sides: tuple[Alternative, ...]
    compared: Comparison | None
    studies: tuple[Study, ...]
    opened: tuple[Results, ...]

    @property
    def base(self) -> Alternative:
        """The setting that others are compared with, or the only one."""
        return self.sides[0]

    @property
    def replicates(self) -> int:
        """Fewest replicates behind a number of the page."""
        found = None if self.compared is None else self.compared.found
        return len(self.base.run.replicates) if found is None else found.replicates


def gather(names: Sequence[str]) -> Gathered:
    """Return what folders hold.

    ``names``: folders of runs, of a comparison or of points of a sweep, the base first; folders of
    ``ydsim study bottleneck`` and ``ydsim study interactions`` at any place. UsageError when there
    is no setting among them, or a sweep of which no point is named; when settings cannot be
    compared. ResultsError when a folder is damaged, or no run of a setting is finished.
    """
    opened: dict[Path, Results] = {}
    sides: list[Alternative] = []
    studies: list[Study] = []
    for name in names:
        results, which = alternatives.results_named(name, opened)
        if not which and (study := _study(results, name)) is not None:
            studies.append(study)
        else:
            points = alternatives.points_named(results, which, name)
            sides += [alternatives.alternative_of(results, at, name) for at in points]
    if not sides:
        message = _t(
            "a page needs the results of a scenario: name a folder of ydsim run before that of a "
            "study"
        )
        raise UsageError(message)
    if len(sides) > alternatives.MAX_ALTERNATIVES:
        message = _t("{n} settings are more than {most}: name points, as folder:3")
        raise UsageError(message.format(n=len(sides), most=alternatives.MAX_ALTERNATIVES))
    for side in sides:
        if not side.run.done:
            raise ResultsError(_t("{name}: no run is finished yet").format(name=side.asked))
    sides = alternatives.with_distinct_names(sides)
    compared = comparison.comparison_of(sides) if len(sides) > 1 else None
    return Gathered(tuple(sides), compared, tuple(studies), tuple(opened.values()))


def _study(results: Results, name: str) -> Study | None:
    """Return the study that results were made for; None of a run, or of points that are listed."""
    if results.manifest["kind"] != SWEEP or len(results.contents.points) == 1:
        return None
    if bottleneck.suits(results):
        return bottleneck.read(results)
    if interactions.suits(results):
        return interactions.read(results)
    if results.manifest["spec"].get("kind") == "list":
        return None
    shown = one_line(name, 80)
    message = _t(
        "{name}: is a sweep of {n:,} points, and a page is about scenarios: name points of it, as "
        "in {name}:0 {name}:1, or draw it whole with `{command}`"
    )
    points, command = len(results.contents.points), f"ydsim plot {shown}"
    raise UsageError(message.format(name=shown, n=points, command=command))


# -- the file --------------------------------------------------------------------------------------


def save(
    results: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    title: str | None = None,
) -> Path:
    """Write the page of results and return its path; nothing is run.

    Parameters
    ----------
    results
        A folder of results, or several, the base first; a point of a sweep is ``folder:3``.
    out
        The file; by default ``report.html`` in the first folder.
    title
        Instead of what is compared, or the title of the scenario.

    Raises
    ------
    UsageError
        When folders do not belong on one page, or ``out`` is a folder.
    ResultsError
        When a folder is damaged, or no run of it is finished.
    ResourceError
        When the system refuses.
    """
    if not isinstance(results, (str, Path, Iterable)):
        raise arguments.refuse("results", "a folder of results, or several", results)
    given = [results] if isinstance(results, (str, Path)) else list(results)
    names = [arguments.path("results", one, "a folder of results") for one in given]
    head = "" if title is None else arguments.text("title", title)
    path = None if out is None else Path(arguments.path("out", out, "the name of a file"))
    refuse_folder(path)
    if not names:
        raise UsageError(_t("give a folder of results"))
    return write(gather(names), path, head)


def refuse_folder(path: Path | None) -> None:
    """Refuse a folder, and the name of a file of another kind."""
    if path is not None and path.is_dir():
        message = _t("{path} is a folder; give the name of a file with -o")
        raise UsageError(message.format(path=path))
    if path is not None and path.suffix.lower() not in (".html", ".htm"):
        message = _t("{path}: the page is HTML; give a file that ends in .html")
        raise UsageError(message.format(path=path))


def write(gathered: Gathered, path: Path | None, title: str = "") -> Path:
    """Write the page of what was gathered and return its path; other arguments as of `save`."""
    if path is None:
        folder = gathered.opened[0].path
        assert folder is not None  # it was opened from there
        path = folder / FILE
    refuse_irregular(path)
    require_place(path.parent)
    data = page_of(gathered, title).encode("utf-8")
    make_folder(path.parent, parents=True)
    write_atomic(path, data)
    return path


def page_of(gathered: Gathered, title: str = "") -> str:
    """Return the page as HTML; equal results give equal text."""
    pages = templates("ydsim.report", autoescape=True, finalize=_visible)
    page = {**_head(gathered, title), **_sections(gathered)}
    return pages.get_template("report.html.j2").render(page=page, _=gettext)


def _visible(value: Any) -> Any:
    """Return text with control characters, and those that turn the direction, written out."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(ascii(sign)[1:-1] if is_invisible(sign) else sign for sign in value)


# -- the first screen ------------------------------------------------------------------------------


def _head(gathered: Gathered, title: str) -> dict[str, Any]:
    """Return title, what the page rests on, and the answer."""
    base, *others = gathered.sides
    if not title and others:
        names = fmt.listed(side.label for side in others)
        if len(names) > MOST_OF_TITLE:
            names = _t("{n} alternatives").format(n=len(others))
        title = _t("{others} compared with {base}").format(others=names, base=base.label)
    sides = [f"{side.label} ({side.run.hash[:10]})" for side in gathered.sides]
    facts = (
        _t(", ").join(sides),
        fmt.counted(gathered.replicates, "replicate"),
        f"{base.scenario['start']}\u2013{base.scenario['end']}",
        _t("seed {seed}").format(seed=base.scenario["seed"]),
        _t("scale {scale:g}").format(scale=base.scenario["scale"]),
        _t("ydsim {version}").format(version=base.version),
    )
    return {
        "title": title or _t(base.title).rstrip(". 。") or base.label,
        "identity": " \u00b7 ".join(facts),
        "missing": list(missing(gathered)),
        "answer": list(_answer(gathered)),
    }


def missing(gathered: Gathered) -> Iterator[str]:
    """Say of which results runs are missing or have failed."""
    for one in gathered.opened:
        if one.left or one.failures:
            runs, folder = fmt.counted(len(one.contents.plan), "run"), folder_name(one.name)
            yield _t(
                "{one.name} is not complete: {one.done} of {runs} are finished, {failed} failed. "
                "All numbers are of the finished ones. To go on: ydsim resume results/{folder}"
            ).format(one=one, runs=runs, failed=len(one.failures), folder=folder)


def _answer(gathered: Gathered) -> Iterator[tuple[str, list[str]]]:
    """Yield questions and their answers."""
    compared, base = gathered.compared, gathered.base
    if compared is None:
        yield _t("What it is"), [frame(base)]
        yield _t("What follows"), list(_grows(base))
        if base.scenario["world"] not in summary.MADE_UP:
            yield _t("How it fits"), [fit(base.run, base.point)[0]]
    else:
        found = compared.found
        changed = _told(found, lambda _, pair: (change.text for change in pair.changes))
        more = _t("and {n} more, below").format(n=len(changed) - MOST_LINES)
        changed[MOST_LINES:] = [more] if len(changed) > MOST_LINES else []
        yield _t("What changed"), changed or [_t("Nothing differs")]
        follows = partial(comparison.follows, most=MOST_FOLLOWING)
        yield _t("What follows"), _told(found, follows)
        few = _t("Fewer than three replicates were run: too few to say")
        yield _t("For whom"), _told(found, comparison.for_whom) or [few]
        costs = money_lines(found, compared.money, brief=True)
        lines = [line.removeprefix("- ") for line in costs]
        yield (
            _t("At what cost"),
            lines if len(found.pairs) > 1 else [_sentence(line) for line in lines],
        )
    yield (
        _t("How sure"),
        [
            _sentence(
                comparison.how_sure(gathered.replicates, base.members, effects=compared is not None)
            )
        ],
    )


def _told(found: Compared, tell: Callable[[Compared, Pair], Iterator[str]]) -> list[str]:
    """Return what is told of each alternative, of several with its name."""
    return [
        _t("{what}: {said}").format(what=pair.alternative.label, said=line)
        if len(found.pairs) > 1
        else _sentence(line)
        for pair in found.pairs
        for line in tell(found, pair)
    ]


def _grows(side: Alternative) -> Iterator[str]:
    """Yield what two headline figures were and will be."""
    found: Any = summary.compare_official(
        side.run, side.point, ["rd_expenditure", "value_added_secondary"]
    )
    found = found[found["region"] == str(side.run.manifest["regions"][-1])]
    message, ahead = _t("{value} in {year}"), _t("forecast for {year}: {value}")
    told = summary.told_ahead(found)["forecast"]
    for name, mine in found.groupby("indicator", sort=False):
        ends = [
            message.format(value=summary.ranged(one.median, one.low, one.high), year=one.year)
            if math.isnan(one.forecast)
            else ahead.format(value=told[one.Index], year=one.year)
            for one in mine.iloc[[0, -1]].itertuples()
        ]
        what, values = label_of(side.run, name), _t(", ").join(dict.fromkeys(ends))
        yield _t("{what}: {said}").format(what=what, said=values)


def _sentence(line: str) -> str:
    """Return a line of a list as a sentence; the name of a policy stays as it is written."""
    text = line.removeprefix("- ")
    return text if "_" in text.partition(" ")[0] else capital(text)


# -- the sections ----------------------------------------------------------------------------------


def _sections(gathered: Gathered) -> dict[str, Any]:
    """Return what the template shows below the first screen, and all figures."""
    base, compared = gathered.base, gathered.compared
    sides = gathered.sides if len(gathered.sides) == 2 else (base,)
    short, gaps = fit(base.run, base.point)
    page: dict[str, Any] = {
        "contents": [
            ("numbers", _t("Headline figures") if compared is None else _t("What changes")),
            ("fit", _t("Compared with official figures")),
            ("chain", _t("What holds the chain back")),
            ("scenario", _t("The scenario")),
            ("limits", _t("What not to conclude")),
            ("again", _t("How to get it again")),
            ("words", _t("What words mean")),
        ],
        "words": {
            "numbers": words(OF_RUN if compared is None else OF_COMPARISON),
            **{name: words(terms) for name, terms in WORDS.items()},
        },
        "all_words": words(),
        "fit_in_short": short,
        "fit": gaps,
        "largest": replace(gaps, rows=gaps.rows[:MOST_GAPS]),
        "borders": borders(base.run, base.point),
        "frame": frame(base),
        "policies": [policies(side) for side in sides],
        "settings": [changed_settings(side) for side in sides],
        "trust": _t(TRUST),
        "share": float(base.scenario["scale"]) / USUAL_SCALE,
        "studies": [(one.paragraph.split("\n\n"), _drawn(one.plot)) for one in gathered.studies],
        "funnel": _of_kind("funnel", sides[-1]),
        "overview": _of_kind("overview", base),
        **_again(gathered),
    }
    if compared is None:
        page["compared"] = []
        page["numbers"] = numbers(base.run, base.point, whole=True)
        figures = summary.compare_official(base.run, base.point)
        about = (summary.about_anchors, summary.about_forecasts)
        page["about_forecasts"] = [x for of in about for x in of(base.run, figures, base.point)]
        page["numbers_by_province"] = numbers(base.run, base.point, whole=False)
        page["money"] = money(base.run, base.point, base.label)
        page["pictures"] = [_of_kind(kind, base) for kind in ("map", "adoption_curves")]
    else:
        _, *page["compared"] = compared.sections
        rows, main = compared.found.rows, compared.found.main_rows
        page["effects"] = compared.effects(main)
        page["effects_by_place"] = compared.effects(
            [row for row in rows if all(row is not each for each in main)]
        )
        page["chart"] = _drawn(draw_effects, compared.found)
        page["pictures"] = [_of_kind("difference_map", *sides)] if len(sides) == 2 else []
    return page


def _again(gathered: Gathered) -> dict[str, Any]:
    """Return the commands and scenarios that make the page again."""
    names = [folder_name(side.name) for side in gathered.sides]
    modules = ", ".join(sorted({module for side in gathered.sides for module in side.code}))
    allow = " --allow-code" if modules else ""
    runs = [f"ydsim run {name}.yaml{allow} -o results/{name}" for name in names]
    return {
        "version": gathered.base.version,
        "commands": "\n".join([*runs, f"ydsim report results/{' results/'.join(names)}"]),
        "modules": modules,
        "files": [
            (f"{name}.yaml", scenario_text(side))
            for name, side in zip(names, gathered.sides, strict=True)
        ],
    }


def scenario_text(side: Alternative) -> str:
    """Return the whole scenario of a setting as a file that runs it again."""
    plain = {**side.scenario}
    if side.run.manifest["kind"] == SWEEP:
        plain["replicates"] = max(len(side.run.replicates), 1)
    return plain_as_yaml(plain)


# -- tables of a run -------------------------------------------------------------------------------


def label_of(results: Results, name: str) -> str:
    """Return an indicator with its unit in words."""
    card = results.manifest["indicators"][name]
    unit = unit_in_words(str(card["unit"]), str(card["kind"]), name)
    return f"{capital(name_in_words(name))} [{unit}]"


def numbers(results: Results, point: int, *, whole: bool) -> Section:
    """Return headline figures, median and range, of the whole region or of its provinces."""
    found: Any = summary.compare_official(results, point)
    ahead = summary.told_ahead(found)
    region = str(results.manifest["regions"][-1])
    found = found[(found["region"] == region) == whole]
    again = found.duplicated(["indicator", "region"]).tolist()
    place = "" if whole else ", {}"
    rows = [
        [
            "" if hidden else label_of(results, one.indicator) + place.format(_t(one.region)),
            f"{one.year}{' *' if one.projection else ''}",
            summary.ranged(one.median, one.low, one.high),
            fmt.number(one.official),
            *told,
        ]
        for hidden, one, told in zip(
            again, found.itertuples(index=False), ahead.loc[found.index].to_numpy(), strict=True
        )
    ]
    title = _t("Median and range over replicates; * after the last official figure: projection")
    head = [_t("outcome"), _t("year"), _t("simulated"), _t("official")]
    head += [_t("forecast [80 %]"), summary.parts_in_words(found)]
    if found["forecast"].isna().all():
        head, rows = head[:4], [row[:4] for row in rows]
    return Section(title, head, rows, right=range(1, len(head)))


def fit(results: Results, point: int) -> tuple[str, Section]:
    """Return how figures meet official ones, in one sentence and one by one, largest gap first."""
    nothing = Section("")
    if results.manifest["scenario"]["world"] in summary.MADE_UP:
        return _t("The world is made up: its figures are no observations."), nothing
    cards, region = results.manifest["indicators"], str(results.manifest["regions"][-1])
    known = dict.fromkeys(
        [*summary.HEADLINES, *(name for name in cards if cards[name]["official"])]
    )
    names = [n for n in known if n in cards and not cards[n]["meaning"].endswith("(input)")]
    found: Any = summary.compare_official(results, point, names)
    found = found[found["official"].notna() & (found["official"] != 0.0)]
    if not len(found):
        return _t("No official figure falls into the years of these results."), nothing
    world = summary.packaged_world(results.scenario_at(point))
    way = [summary.set_by(world, x.indicator, x.year) if world else "" for x in found.itertuples()]
    found = found.assign(gap=100.0 * (found["median"] / found["official"] - 1.0), way=way)
    found = found.sort_values("gap", key=abs, ascending=False, kind="stable")
    found = found.sort_values("way", key=lambda each: each != "", kind="stable")
    tested = found[found["way"] == ""]
    short = _t(
        "Of {all} official figures of {years}, by province and for the region, {n} test the model, "
        "and {missed} of these are missed by more than {limit:.0f} %. The others test nothing: "
        "{anchored} belong to anchored levels, {fitted} to fitted ones, and {inputs} to inputs."
    ).format(
        all=len(found),
        n=len(tested),
        years=fmt.listed(map(str, sorted(set(found["year"])))),
        missed=int((tested["gap"].abs() > 100.0 * MISS).sum()),
        anchored=way.count(summary.ANCHORED),
        fitted=way.count(summary.FITTED),
        inputs=way.count(summary.INPUT),
        limit=100.0 * MISS,
    )
    rows = [
        [
            f"{capital(name_in_words(one.indicator))}, "
            + (_t("whole region") if one.region == region else _t(one.region)),
            str(one.year),
            summary.ranged(one.median, one.low, one.high),
            fmt.number(one.official),
            fmt.with_unit(fmt.fixed(one.gap, 1, sign=True), "%"),
            _t(one.way) if one.way else "",
        ]
        for one in found.itertuples(index=False)
    ]
    head = [_t("figure"), _t("year"), _t("simulated"), _t("official"), _t("gap"), _t("set")]
    title = _t(
        "Simulated and official figures that test the model, the largest gaps first, then others"
    )
    return short, Section(title, head, rows, right=range(1, 5))


def money(results: Results, point: int, name: str) -> Section:
    """Return claims, payments and what is unspent of the policies of a scenario."""
    title = _t("Money of policies in {name}, 100 million RMB a year, mean over replicates")
    head, *rows = summary.money_rows(summary.policy_money(results, point))
    note = _t(summary.MONEY_WORDS) if rows else ""
    return Section(title.format(name=name), head, rows, right=range(1, len(head)), note=note)


# -- tables of a scenario --------------------------------------------------------------------------


def frame(side: Alternative) -> str:
    """Say years, world and sample of a scenario."""
    return _t(
        "Years {start} to {end} by quarters; world {world}; {share:g} % of the technology-active "
        "firms are drawn, and figures are weighted up to all of them."
    ).format(share=100.0 * side.scenario["scale"], **side.scenario)


def policies(side: Alternative) -> Section:
    """Return the policies in force of a scenario, with their dates and settings."""
    rows = []
    for name, policy in in_force(side.scenario["policies"]).items():
        cls = shipped_class(name, policy)
        title = _t("a policy that does not come with ydsim") if cls is None else _t(title_of(cls))
        settings = [
            f"{one_line('.'.join(map(str, path)), 40)} {one_line(written(value), 120)}"
            for path, value in flat(dict(policy))
            if path[0] not in ("policy", "start", "end") and value not in (None, "", [], 0.0)
        ]
        start, end = (policy.get(key) for key in ("start", "end"))
        rows.append(
            [
                f"{title} ({one_line(name, 60)})",
                _t("the beginning") if start is None else one_line(written(start), 20),
                _t("open") if end is None else one_line(written(end), 20),
                ", ".join(settings),
            ]
        )
    title = _t("Policies of {name}: {n}").format(name=side.label, n=len(rows))
    return Section(title, [_t("policy"), _t("from"), _t("until"), _t("settings")], rows)


def changed_settings(side: Alternative) -> Section:
    """Return the values of a scenario that are not defaults, with unit, mark and source."""
    apart = ("name", "description", "record", "policies")
    known = {key.path: key for key in keys_of(Scenario)}
    values = dict(flat({key: side.scenario[key] for key in side.scenario if key not in apart}))
    for name, policy in in_force(side.scenario["policies"]).items():
        cls, here = shipped_class(name, policy), ("policies", name)
        known |= {} if cls is None else {key.path: key for key in keys_of(cls, here)}
        for path, value in flat(dict(policy)):
            replaced = value is None and policy.get("amount") is not None  # a rate, by an amount
            if path[0] != "policy" and path[0] not in Policy.model_fields and not replaced:
                values[*here, *path] = value
    rows = []
    for path, value in values.items():
        key, told = known.get(path), written(value)
        origin = ["", "", _t("unknown"), _t("no key of this version")]
        if key is not None:
            default = "" if key.default is None else written(key.default)
            origin = [
                default,
                pgettext("unit", key.unit),
                _t(key.mark),
                "" if key.mark == "control" else key.source,
            ]
        if key is None or told != written(key.default):
            rows.append([one_line(".".join(map(str, path)), 120), one_line(told, 120), *origin])
    title = _t("Values of {name} other than the default: {n}").format(name=side.label, n=len(rows))
    head = [_t("key"), _t("value"), _t("default"), _t("unit"), _t("mark"), _t("source")]
    return Section(title, head, rows)


# -- figures ---------------------------------------------------------------------------------------


def _of_kind(kind: str, *sides: Alternative) -> dict[str, Any]:
    """Return a figure of a kind; nothing where there is none."""
    return _drawn(drawing.draw, kind, *(side.run.at(side.point) for side in sides))


def _drawn(draw: Callable[..., Any], *given: Any) -> dict[str, Any]:
    """Return a figure, drawn for wide and for narrow screens; nothing where there is none."""
    files = []
    for width in (WIDE, NARROW):
        with house_style(), canvas.wide(width):
            try:
                figure = draw(*given)
            except NothingToDrawError:
                return {}
            files.append(canvas.save_bytes(figure))
    wide, narrow = (f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in files)
    return {
        "wide": wide,
        "narrow": narrow,
        "words": f"{figure.heading}. {figure.note}",
        "width": int.from_bytes(files[0][16:20], "big"),
        "height": int.from_bytes(files[0][20:24], "big"),
    }


# -- words -----------------------------------------------------------------------------------------

OF_RUN: Final = (
    "Replicate",
    "Scale",
    "Anchor",
    "Forecast, projection",
    "Interval",
    "Budget used",
    "Claims met",
)
OF_COMPARISON: Final = (
    "Base",
    "Replicate",
    "Paired comparison",
    "Interval",
    "Holm",
    "Public money",
    "Budget used",
    "Claims met",
)
WORDS: Final = {
    "fit": ("Anchor",),
    "chain": ("Stage", "Funnel", "Hand-over", "Launch"),
    "scenario": ("Policy", "Strength", "Scale", "Mark"),
}
"""Words of the glossary to which headings lead."""

MEANINGS: Final = {
    mark("Adoption"): mark(
        "A firm adopts a generation of technology when the influence of the adopters around it, "
        "accumulated over the quarters, exceeds its threshold."
    ),
    mark("Anchor"): mark(
        "A factor that sets a level to the last official figure. Anchored levels reproduce data "
        "and test nothing; growth and differences are results of the model."
    ),
    mark("Base"): mark(
        "The setting with which the others are compared: the first one that is named."
    ),
    mark("Budget used"): mark(
        "What a policy paid, over what it offered: paid and unspent. Without a budget a policy "
        "pays as it falls due."
    ),
    mark("Claims met"): mark("What a policy paid, over what was claimed under its rules."),
    mark("Co-invention"): mark(
        "An invention completed by more than one organisation, also called joint invention. "
        "Interprovince counts those with a partner in another province of the region."
    ),
    mark("Coupling coordination"): mark(
        "One number for the level of technology and industry and for their balance, D = sqrt(C "
        "T): C is one where both scores are equal, T is their mean. Use D for rank, trend and "
        "differences, not for its level."
    ),
    mark("Forecast, projection"): mark(
        "A projection is what runs show after the last official figure. A forecast extends that "
        "figure with the growth of the runs; its interval includes the errors of past "
        "forecasts."
    ),
    mark("Funnel"): mark(
        "How many projects pass each stage, and why the others stop: failure, an end while "
        "waiting, an owner that exits, or being shelved."
    ),
    mark("Hand-over"): mark(
        "A firm takes over a project that its owner cannot carry on, and pays for it. It "
        "changes the owner, while a joint project gains a member."
    ),
    mark("Holm"): mark(
        "A correction for multiple tests: the probability of any false finding in the whole "
        "table stays below 5 per cent. A star marks what passes."
    ),
    mark("Interval"): mark(
        "Of a difference, by default the 95 per cent confidence interval of its mean over "
        "replicates. Of a forecast, the range that contains the figure with 80 per cent."
    ),
    mark("Launch"): mark(
        "A project that has completed the last stage: a new product or technology is on the "
        "market. A launch is the end of a project, not the founding of a firm or an event."
    ),
    mark("Mark"): mark(
        "Where a parameter comes from: data, prior (from literature), calibrated (fitted here), "
        "assumed (no source), control (a setting of the experiment)."
    ),
    mark("Paired comparison"): mark(
        "Replicate r of one setting is compared with replicate r of the other. Pairing is the "
        "share of variance that this removes."
    ),
    mark("Policy"): mark(
        "A setting of a scenario with strength, dates and target that moves named fields of the "
        "policy environment, or pays money under conditions."
    ),
    mark("Public money"): mark(
        "What governments pay under the names of policies. General grants and science budgets "
        "are not policies."
    ),
    mark("Replicate"): mark("A repetition of one setting with other random draws."),
    mark("Scale"): mark(
        "The probability with which a real firm is in the sample, .05 by default. Counts and "
        "money of firms are divided by it, so that results are estimates for all firms."
    ),
    mark("Stage"): mark(
        "One of five steps of a project: applied research, invention, pilot, industrialisation, "
        "launch."
    ),
    mark("Strength"): mark(
        "The share of a policy that is in force, from 0 to 1; it may rise over a ramp and decay."
    ),
}
"""What each word means here."""


class Word(NamedTuple):
    """A word in the language in use, what it means, and its anchor on a page."""

    anchor: str
    term: str
    meaning: str


def words(terms: Iterable[str] = MEANINGS) -> list[Word]:
    """Return words of `MEANINGS`, by default all."""
    return [
        Word(f"word-{term.split(',')[0].lower().replace(' ', '-')}", _t(term), _t(MEANINGS[term]))
        for term in terms
    ]
