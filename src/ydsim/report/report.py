"""`ydsim report`: one self-contained page of results, answer and chart first."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unicodedata import category

from markupsafe import Markup

from ydsim import arguments
from ydsim.errors import NothingToDrawError, ResultsError, UsageError
from ydsim.fmt import counted
from ydsim.outside import one_line
from ydsim.plots import canvas, drawing
from ydsim.plots.effects import draw_effects
from ydsim.plots.style import house_style
from ydsim.report import tables
from ydsim.results.compare import Alternative, Compared, Pair
from ydsim.results.headlines import MADE_UP, compare_official, ranged
from ydsim.results.results import Results
from ydsim.scenario.changes import in_force
from ydsim.scenario.show import plain_as_yaml
from ydsim.store.files import make_folder, refuse_irregular, write_atomic
from ydsim.store.layout import folder_name
from ydsim.store.manifest import SWEEP
from ydsim.studies import bottleneck, comparison, interactions
from ydsim.studies.alternatives import (
    MOST,
    alternative_of,
    points_named,
    results_named,
    with_distinct_names,
)
from ydsim.studies.money import Money, money_lines, money_of
from ydsim.studies.study import Study
from ydsim.translation import gettext, ngettext
from ydsim.translation import gettext as _t
from ydsim.wording import capital

FILE: Final = "report.html"

TRUST: Final = (
    "`docs/sense.md` holds the defaults against official figures to 2020, hits and misses. Much in "
    "it was set by hand and tests nothing; `docs/odd.md` says for each row what it can prove. What "
    "comes after 2020 rests on damped trends with a backtest (`docs/inputs.md`). Value added of "
    "cities is fitted, their R&D rests on a prior. `docs/effects.md` runs the estimators of "
    "published studies on the model, `docs/signs.md` lists published signs that do not show. The "
    "model is for questions of structure and policy, not for forecasting totals."
)
"""README says the same under "What to trust"; a test holds the two together."""

USUAL_SCALE: Final = 0.05
MOST_LINES: Final = 4
"""Lines of an answer."""

WIDE, NARROW = 7.2, 3.4
"""Widths of figures in inches: on a screen, and on that of a telephone."""

DPI = 144


@dataclass(frozen=True)
class Gathered:
    """What the page is about.

    Attributes
    ----------
    sides
        Settings with their results, the base first.
    found, money
        The comparison of the others with the base, and public money; None of one setting.
    studies
        Studies that were given beside them.
    opened
        All results, in the order in which they were given.
    """

    sides: tuple[Alternative, ...]
    found: Compared | None
    money: Money | None
    studies: tuple[Study, ...]
    opened: tuple[Results, ...]

    @property
    def base(self) -> Alternative:
        """The setting that others are compared with, or the only one."""
        return self.sides[0]

    @property
    def subject(self) -> Alternative:
        """The setting that the page is about: the one beside the base, where there is one."""
        return self.sides[1] if len(self.sides) == 2 else self.base

    @property
    def replicates(self) -> int:
        """Fewest replicates behind a number of the page."""
        return len(self.base.run.replicates) if self.found is None else self.found.replicates


def gather(names: Sequence[str]) -> Gathered:
    """Return what folders hold.

    Parameters
    ----------
    names
        Folders of runs, of a comparison or of points of a sweep, the base first; folders of
        ``ydsim study bottleneck`` and ``ydsim study interactions`` at any place.

    Raises
    ------
    UsageError
        When there is no setting among them, or a sweep of which no point is named; when settings
        cannot be compared.
    ResultsError
        When a folder is damaged, or no run of a setting is finished.
    """
    opened: dict[Path, Results] = {}
    sides: list[Alternative] = []
    studies: dict[type[Study], Study] = {}
    for name in names:
        results, which = results_named(name, opened)
        study = None if which else _study(results)
        if study is not None:
            if type(study) in studies:
                raise UsageError(f"{name}: the page has room for one such study")
            studies[type(study)] = study
            continue
        _require_settings(results, which, name)
        sides += [alternative_of(results, at, name) for at in points_named(results, which, name)]
    if not sides:
        raise UsageError(
            "a page needs the results of a scenario: name a folder of ydsim run before that of a "
            "study"
        )
    if len(sides) > MOST:
        raise UsageError(f"{len(sides)} settings are more than {MOST}: name points, as folder:3")
    for side in sides:
        if not side.run.done:
            raise ResultsError(f"{side.asked}: no run is finished yet")
    sides = with_distinct_names(sides)
    found = comparison.read(sides) if len(sides) > 1 else None
    money = None if found is None else money_of(found)
    return Gathered(tuple(sides), found, money, tuple(studies.values()), tuple(opened.values()))


def _study(results: Results) -> Study | None:
    """Return the study that results were made for; None where they are no such runs."""
    if results.manifest["kind"] == SWEEP:
        if bottleneck.suits(results):
            return bottleneck.read(results)
        if interactions.suits(results):
            return interactions.read(results)
    return None


def _require_settings(results: Results, which: str, name: str) -> None:
    """Refuse a sweep of which the page cannot say what its points are."""
    kind = results.manifest["spec"].get("kind") if results.manifest["kind"] == SWEEP else "list"
    if which or kind == "list" or len(results.contents.points) == 1:
        return
    shown = one_line(name, 80)
    raise UsageError(
        f"{shown}: is a sweep of {len(results.contents.points):,} points, and a page is about "
        f"scenarios: name points of it, as in {shown}:0 {shown}:1, or draw it whole with "
        f"`ydsim plot {shown}`"
    )


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
    given = [results] if isinstance(results, (str, Path)) else list(results)
    names = [arguments.path("results", one, "a folder of results") for one in given]
    head = "" if title is None else arguments.text("title", title)
    path = None if out is None else Path(arguments.path("out", out, "the name of a file"))
    refuse_folder(path)
    if not names:
        raise UsageError("give a folder of results")
    return write(gather(names), path, head)


def refuse_folder(path: Path | None) -> None:
    """Refuse a folder, and the name of a file of another kind."""
    if path is not None and path.is_dir():
        raise UsageError(f"{path} is a folder; give the name of a file with -o")
    if path is not None and path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{path}: the page is HTML; give a file that ends in .html")


def write(gathered: Gathered, path: Path | None, title: str = "") -> Path:
    """Write the page of what was gathered and return its path; other arguments as of `save`."""
    if path is None:
        folder = gathered.opened[0].path
        assert folder is not None  # it was opened from there
        path = folder / FILE
    refuse_irregular(path)
    data = page_of(gathered, title).encode("utf-8")
    make_folder(path.parent, parents=True)
    write_atomic(path, data)
    return path


def page_of(gathered: Gathered, title: str = "") -> str:
    """Return the page as HTML; equal results give equal text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("ydsim.report")
    jinja = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style, _, _ = loader.get_source(jinja, "report.css")
    template = jinja.get_template("report.html.j2")
    page = {**_head(gathered, title), **_sections(gathered)}
    return template.render(page=page, style=style, _=gettext)


def _visible(value: Any) -> Any:
    """Return text with control characters, and those that turn the direction, written out."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(
        sign
        if sign.isprintable() or sign == "\n" or category(sign) == "Zs"
        else sign.encode("unicode_escape").decode("ascii")
        for sign in value
    )


# -- the first screen ------------------------------------------------------------------------------


def _head(gathered: Gathered, title: str) -> dict[str, Any]:
    """Return title, what the page rests on, and the answer."""
    base, n = gathered.base, gathered.replicates
    if not title and gathered.found is not None:
        others = ", ".join(side.name for side in gathered.found.others)
        title = _t("{others} compared with {base}").format(others=others, base=base.name)
    facts = (
        ", ".join(
            f"{side.name} ({str(side.run.manifest['hash'])[:10]})" for side in gathered.sides
        ),
        ngettext("{n} replicate", "{n} replicates", n).format(n=n),
        f"{base.scenario['start']}\u2013{base.scenario['end']}",
        _t("seed {seed}").format(seed=base.scenario["seed"]),
        _t("scale {scale:g}").format(scale=base.scenario["scale"]),
        f"ydsim {base.version}",
    )
    return {
        "title": title or base.title.rstrip(". ") or base.name.replace("_", " "),
        "identity": " \u00b7 ".join(facts),
        "missing": list(missing(gathered)),
        "answer": list(_answer(gathered)),
    }


def missing(gathered: Gathered) -> Iterator[str]:
    """Say of which results runs are missing or have failed."""
    for results in gathered.opened:
        if results.left or results.failures:
            yield _t(
                "{name} is not complete: {done} of {runs} are finished, {failed} failed. All "
                "numbers are of the finished ones. To go on: ydsim resume {folder}"
            ).format(
                name=results.name,
                done=results.done,
                runs=counted(len(results.contents.plan), "run"),
                failed=len(results.failures),
                folder=f"results/{folder_name(results.name)}",
            )


def _answer(gathered: Gathered) -> Iterator[tuple[str, list[str]]]:
    """Yield questions and their answers."""
    found, n = gathered.found, gathered.replicates
    if found is None or gathered.money is None:
        side = gathered.base
        yield _t("What it is"), [tables.frame(side)]
        yield _t("What follows"), list(_grows(side))
        if side.scenario["world"] not in MADE_UP:
            yield _t("How it fits"), [tables.fit(side.run, side.point)[0]]
    else:
        yield _t("What changed"), list(_changed(found))
        yield _t("What follows"), [_sentence(line) for line in _told(found, comparison.follows)]
        yield _t("For whom"), _told(found, comparison.for_whom)
        if costs := [_sentence(line) for line in money_lines(found, gathered.money)]:
            yield _t("At what cost"), costs[:1]
    yield _t("How sure"), [_sentence(comparison.how_sure(n))]


def _told(found: Compared, tell: Callable[[Compared, Pair], Iterator[str]]) -> list[str]:
    """Return what is told of each alternative, of several with its name."""
    return [
        f"{pair.alternative.name}: {line}" if len(found.pairs) > 1 else line
        for pair in found.pairs
        for line in tell(found, pair)
    ]


def _changed(found: Compared) -> Iterator[str]:
    for pair in found.pairs:
        lead = f"{pair.alternative.name}: " if len(found.pairs) > 1 else ""
        for change in pair.changes[:MOST_LINES]:
            yield f"{lead}{change.text}"
        if len(pair.changes) > MOST_LINES:
            more = len(pair.changes) - MOST_LINES
            yield lead + _t("and {n} more, below").format(n=more)
        if not pair.changes:
            yield lead + _t("nothing differs")


def _grows(side: Alternative) -> Iterator[str]:
    """Yield what two headline figures were and will be."""
    found = compare_official(side.run, side.point, ["rd_expenditure", "value_added_secondary"])
    found = found[found["region"] == str(side.run.manifest["regions"][-1])]
    for name, mine in found.groupby("indicator", sort=False):
        first, last = mine.iloc[0], mine.iloc[-1]
        if first["year"] < last["year"]:
            yield _t("{what}: {first} in {start}, {last} in {end}").format(
                what=tables.label_of(side.run, str(name)),
                first=ranged(first["median"], first["low"], first["high"]),
                last=ranged(last["median"], last["low"], last["high"]),
                start=first["year"],
                end=last["year"],
            )


def _sentence(line: str) -> str:
    """Return a line of a list as a sentence; the name of a policy stays as it is written."""
    text = line.removeprefix("- ")
    return text if "_" in text.partition(" ")[0] else capital(text)


# -- the sections ----------------------------------------------------------------------------------


def _sections(gathered: Gathered) -> dict[str, Any]:
    """Return what the template shows below the first screen, and all figures."""
    found, base, subject = gathered.found, gathered.base, gathered.subject
    shown = gathered.sides if len(gathered.sides) == 2 else (base,)
    short, misses, fit = tables.fit(base.run, base.point)
    pictures = _Pictures()
    page: dict[str, Any] = {
        "compared": found is not None,
        "changed_policies": [],
        "contents": [
            ("numbers", _t("Headline figures") if found is None else _t("What changes")),
            ("fit", _t("Compared with official figures")),
            ("chain", _t("What holds the chain back")),
            ("scenario", _t("The scenario")),
            ("limits", _t("What not to conclude")),
            ("again", _t("How to get it again")),
        ],
        "money": tables.money(subject.run, subject.point, subject.name),
        "numbers": tables.numbers(subject.run, subject.point, whole=True),
        "numbers_by_province": tables.numbers(subject.run, subject.point, whole=False),
        "fit_in_short": short,
        "misses": misses,
        "fit": fit,
        "frame": tables.frame(base),
        "policies": [tables.policies(side) for side in shown],
        "others": list(
            dict.fromkeys(line for side in shown for line in tables.others(side.scenario))
        ),
        "settings": [tables.changed_settings(side) for side in shown],
        "trust": TRUST,
        "limits": list(_limits(gathered)),
        **_again(gathered),
    }
    if found is None:
        page["chart"] = pictures.of_kind("overview", base)
        page["pictures"] = [pictures.of_kind(kind, base) for kind in ("map", "adoption_curves")]
        page["overview"] = None
    else:
        assert gathered.money is not None
        page["chart"] = pictures.drawn(draw_effects, found)
        page["pictures"] = [pictures.of_kind("difference_map", *shown)] if len(shown) == 2 else []
        page["overview"] = pictures.of_kind("overview", base)
        page |= {
            "reading": tables.reading(found),
            "effects": tables.effects(found, whole=True),
            "effects_by_place": tables.effects(found, whole=False),
            "notes": found.notes,
            "money_words": comparison.MONEY_WORDS,
            "money_lines": [_sentence(line) for line in money_lines(found, gathered.money)],
        }
        if len(shown) == 2:
            forces = [in_force(side.scenario["policies"]) for side in shown]
            same = [name for name in forces[0] if forces[0][name] == forces[1].get(name)]
            page["changed_policies"] = [
                tables.policies(side, [name for name in force if name not in same])
                for side, force in zip(shown, forces, strict=True)
            ]
            page["policies"] = [tables.policies(base, same)]
    page["studies"] = [
        (one.paragraph.split("\n\n"), pictures.drawn(one.plot)) for one in gathered.studies
    ]
    page["funnel"] = pictures.of_kind("funnel", subject)
    return page


def _limits(gathered: Gathered) -> Iterator[str]:
    """Yield what not to conclude from this page in particular."""
    scale = float(gathered.base.scenario["scale"])
    if scale < USUAL_SCALE:
        yield _t(
            "It draws {share:g} % of firms, the usual sample is {usual:g} %: cities and small "
            "groups rest on few firms."
        ).format(share=100.0 * scale, usual=100.0 * USUAL_SCALE)
    if gathered.found is None:
        yield _t("It shows one scenario: what it shows is no effect of a policy.")


def _again(gathered: Gathered) -> dict[str, Any]:
    """Return the commands and scenarios that make the page again."""
    names = [folder_name(side.name) for side in gathered.sides]
    modules = sorted({module for side in gathered.sides for module in side.code})
    allow = " --allow-code" if modules else ""
    runs = [f"ydsim run {name}.yaml{allow} -o results/{name}" for name in names]
    return {
        "version": gathered.base.version,
        "commands": "\n".join([*runs, "ydsim report " + " ".join(f"results/{n}" for n in names)]),
        "modules": ", ".join(modules),
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


# -- figures ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Picture:
    """A figure inside the page, for wide and for narrow screens."""

    wide: str
    narrow: str
    words: str
    caption: str
    width: int
    height: int


class _Pictures:
    """The figures of a page, numbered as they come."""

    def __init__(self) -> None:
        self.number = 0

    def of_kind(self, kind: str, *sides: Alternative) -> Picture | None:
        """Return a figure of a kind; None where there is none."""
        return self.drawn(drawing.draw, kind, *(side.run.at(side.point) for side in sides))

    def drawn(self, draw: Callable[..., Any], *given: Any) -> Picture | None:
        """Return a figure, drawn for both widths of screens; None where there is none."""
        files = []
        with house_style():
            for width in (WIDE, NARROW):
                with canvas.wide(width):
                    try:
                        figure = draw(*given)
                    except NothingToDrawError:
                        return None
                assert isinstance(figure, canvas.Canvas)
                files.append(canvas.save_bytes(figure, dpi=DPI))
        self.number += 1
        wide, narrow = (f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in files)
        return Picture(
            wide,
            narrow,
            words=f"{figure.heading}. {figure.note}",
            caption=_t("Figure {n}. {what}").format(n=self.number, what=figure.heading),
            width=int.from_bytes(files[0][16:20], "big"),
            height=int.from_bytes(files[0][20:24], "big"),
        )
