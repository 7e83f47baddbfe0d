"""What a comparison is between, what is run for it, and what differs.

Alternatives are scenarios to be run, runs, and points of sweeps.

A name is a shipped scenario, a path of a scenario file, or a folder of results; of a sweep all
points or one of them (``folder:3``, ``folder:border=0.3``, ``folder:one_region``). A name that is
both a scenario and a folder is the scenario.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import isdir, isfile
from pathlib import Path
from typing import Any

from ydsim import arguments, fmt
from ydsim.arguments import refuse
from ydsim.design.load import is_sweep
from ydsim.design.sweep import Recorded, Sweep
from ydsim.errors import NothingToDrawError, ResultsError, UsageError
from ydsim.policies.library import policy_called
from ydsim.record.indicators import INDICATORS, outcomes_called
from ydsim.results.compare import AS_ASKED, Alternative, Compared, chosen, compared
from ydsim.results.cube import LEVELS, By
from ydsim.results.results import Results, in_brief, open_results
from ydsim.run.api import with_options
from ydsim.scenario.changes import Change, first_year, label_of, name_of_scenario
from ydsim.scenario.changes import changes as differences
from ydsim.scenario.load import load_scenario, plain_scenario, resolve
from ydsim.scenario.read.extend import SUFFIXES, Overrides, is_name, override_tree, shipped
from ydsim.scenario.read.node import find
from ydsim.store.layout import find_folder, folder_name
from ydsim.store.manifest import (
    NAME,
    SWEEP,
    cards,
    code_of_policies,
    read_manifest,
    world_label,
    ydsim_version,
)
from ydsim.studies import study
from ydsim.studies.study import Figure, require_policy, require_years
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.untrusted_input import one_line
from ydsim.wording import letters_of, nearest, short, shorten, shorten_inside, suggestion
from ydsim.world.loader import load_world

MAX_ALTERNATIVES = 24  # alternatives that are compared at once, the base included

LAST_YEARS = 5  # years that count where nothing says from when on alternatives differ


def alternatives_of(
    names: Sequence[str], overrides: Overrides | None, *, allow_code: bool = False
) -> list[Alternative]:
    """Return what the names mean, in their order; a folder of a sweep is all of its points.

    UsageError when a name means nothing, or all of them less than two settings. InputError,
    ScenarioError, ResultsError when a scenario or a folder is not what it should be.
    """
    opened: dict[Path, Results] = {}
    found = [
        one for name in names for one in _named(name, overrides, opened, allow_code=allow_code)
    ]
    if len(found) < 2:
        what = _t("nothing is named")
        if names:
            what = _t("{name} is one setting").format(name=names[0])
        message = _t("{what}: name a base and at least one other to compare with it")
        raise UsageError(message.format(what=what))
    if len(found) > MAX_ALTERNATIVES:
        message = _t("{n} settings are more than {most}: name points, as folder:3")
        raise UsageError(message.format(n=len(found), most=MAX_ALTERNATIVES))
    return with_distinct_names(found)


def with_and_without(
    name: str, policy: str, overrides: Overrides | None, *, allow_code: bool = False
) -> list[Alternative]:
    """Return a scenario without one of its policies, and as it is.

    UsageError when it is no scenario, or has no such policy.
    """
    if not _names_scenario(name):
        message = _t("{name}: --policy takes a policy out of a scenario")
        raise UsageError(message.format(name=one_line(name, 80)))
    scenario = load_scenario(name, overrides, allow_code=allow_code)
    require_policy(scenario, policy)
    off = {"": {f"policies.{policy}.strength": 0.0}}
    message = f"--policy {policy}"
    side, base = with_changes(name, off, overrides, message, allow_code=allow_code)
    words = label_of({f"policies.{policy}.policy": None}, side.policies)
    title = _t("{policy}, as {scenario} has it").format(policy=words, scenario=side.label)
    without = _t("{name} without it").format(name=side.label)
    return [
        replace(base, name=f"{side.name} without it", label=without, title=side.title),
        replace(side, name=policy, label=words, title=title),
    ]


def with_changes(
    name: str,
    changed: Mapping[str, Mapping[str, object]],
    overrides: Overrides | None,
    message: str = "",
    *,
    allow_code: bool = False,
) -> list[Alternative]:
    """Return a scenario as it is, and with other values, an alternative for each name.

    ``changed`` has values by dotted key by name of the alternative; the name may be empty of one of
    them, which is then called by its values. A change without effect is called ``message``, instead
    of ``--with`` and its values. UsageError when it is no scenario, or nothing changes.
    """
    if not _names_scenario(name):
        message = _t("{name}: --with changes values of a scenario")
        raise UsageError(message.format(name=one_line(name, 80)))
    expected = "values by dotted key, by name of the alternative"
    if not isinstance(changed, Mapping) or not changed:
        raise refuse("changes", expected, changed)
    base = _of_scenario(name, overrides, allow_code=allow_code)
    found, laid = [base], override_tree(overrides or {})
    for label, keys in changed.items():
        if not isinstance(label, str) or not isinstance(keys, Mapping) or not keys:
            raise refuse("changes", expected, keys)
        keys = {_called(str(key), base.scenario["policies"]): keys[key] for key in keys}
        if label == base.name:
            line = _t("--with {name}: is the name of the base")
            raise UsageError(line.format(name=one_line(label, 60)))
        for key in keys:
            if find(laid, path := str(key).split("."))[1] == (*path,):
                line = _t(
                    "--with {key}: --set changes it too, in the base and in every alternative; "
                    "leave one of them out"
                )
                raise UsageError(line.format(key=one_line(str(key), 60)))
        values = ", ".join(f"{short(key)}={value}" for key, value in keys.items())
        label = one_line(label, 60)
        words = label_of(keys, base.policies)
        side = replace(
            _of_scenario(name, overrides, keys, allow_code=allow_code),
            name=label or one_line(values, 60),
            label=label or words,
            title=_t("{name} with {values}").format(name=base.label, values=words) if label else "",
            changed=dict(keys),
            given=bool(label),
        )
        require_alike([base, replace(side, asked=label or values)])
        if not differences(base.scenario, side.scenario):
            what = message or f"--with {one_line(values, 80)}"
            end = base.scenario["end"]
            line = _t("{what} changes nothing in {name} until {end}")
            raise UsageError(line.format(what=what, name=base.name, end=end))
        found.append(side)
    return with_distinct_names(found)


def _names_scenario(text: str) -> bool:
    return text in shipped() or (not is_name(text) and text.lower().endswith(SUFFIXES))


def _named(
    text: str, overrides: Overrides | None, opened: dict[Path, Results], *, allow_code: bool
) -> Iterator[Alternative]:
    if _names_scenario(text):
        yield _of_scenario(text, overrides, allow_code=allow_code)
        return
    results, which = results_named(text, opened)
    for point in points_named(results, which, text):
        yield alternative_of(results, point, text)


def results_named(text: str, opened: dict[Path, Results]) -> tuple[Results, str]:
    """Return the results that a name means, and what it says of their points, empty for all.

    A name is a folder, or one with points, as ``folder:3``; what is opened is put into ``opened``.
    UsageError when no point follows the colon; ResultsError when there is no such folder, or it is
    damaged.
    """
    path, _, which = text.rpartition(":")
    folder = find_folder(text)
    if not isfile(folder / NAME) and path:
        folder = find_folder(path)
    else:
        path = ""
    if not isfile(folder / NAME):
        raise _unknown(text, folder)
    if path and not which.strip():
        message = _t("{name}: no point follows the colon; the first is {path}:0")
        raise UsageError(message.format(name=text, path=path))
    if folder not in opened:
        opened[folder] = open_results(folder)
    return opened[folder], which if path else ""


def _called(key: str, there: Mapping[str, Any]) -> str:
    """Return a dotted key whose policy, unless it is there, has its name in scenarios."""
    section, *rest = key.split(".")
    if section != "policies" or not rest or rest[0] in there:
        return key
    return ".".join([section, policy_called(rest[0]), *rest[1:]])


def _of_scenario(
    text: str, overrides: Overrides | None, changed: Overrides | None = None, *, allow_code: bool
) -> Alternative:
    if is_sweep(text):
        message = _t("{name} is a sweep; run it with ydsim sweep and compare its folder")
        raise UsageError(message.format(name=text))
    scenario = resolve(text, overrides, changes=changed, allow_code=allow_code).scenario
    return Alternative(
        scenario.name,
        name_of_scenario(scenario.name),
        scenario.description,
        text,
        {**plain_scenario(scenario), "world": world_label(scenario.world)},
        load_world(scenario.world).digest,
        ydsim_version(),
        code_of_policies(scenario.policies),
        is_scenario=True,
    )


def alternative_of(results: Results, point: int = 0, asked: str = "") -> Alternative:
    """Return a point of results as a setting of a comparison; ``asked`` is its name in messages."""
    manifest, points = results.manifest, results.contents.points
    plain = results.scenario_at(point)
    varied = manifest.get("kind") == SWEEP and points.factors
    return Alternative(
        shorten_inside(one_line(results.name_at(point), 1000), 60),
        one_line(results.label_at(point), 200),
        "" if varied else one_line(str(plain.get("description", "")), 200),
        asked or results.name,
        plain,
        str(manifest["worlds"][plain["world"]]),
        str(manifest["version"]),
        dict(manifest.get("code", {})),
        results,
        point,
    )


def points_named(results: Results, which: str, asked: str) -> list[int]:
    """Return the points that are meant: all, the one of a number, or those with some values.

    ``which`` is as `results_named` returns it, ``asked`` the name of the results in messages.
    UsageError when there is no such point.
    """
    points, name = results.contents.points, f"{results.path or asked}:{one_line(which, 60)}"
    if not which:
        return list(range(len(points)))
    if which.isascii() and which.isdigit():
        if int(which) < len(points):
            return [int(which)]
        message = _t("{name}: there is no such point; it has {points}, the first is 0")
        raise UsageError(message.format(name=name, points=fmt.counted(len(points), "point")))
    given = results.manifest["spec"].get("settings", {}).get("names") or []
    if which in given:
        return [list(given).index(which)]
    wanted: dict[str, str] = {}
    for part in which.split(","):
        key, equals, value = part.partition("=")
        wanted[key.strip() if equals else "scenario"] = value.strip() if equals else key.strip()
    known = ["scenario", *points.factors]
    for key in wanted:
        if key not in known:
            message = _t("{name}: no factor is called {key!r}{hint}")
            hint = suggestion(key, known, _t("known"))
            raise UsageError(message.format(name=name, key=key, hint=hint))
    values = {key: points.columns[key].tolist() for key in wanted}
    found = [
        at
        for at in range(len(points))
        if all(_is(values[key][at], text) for key, text in wanted.items())
    ]
    if not found:
        told = "; ".join(
            f"{key}: {', '.join(map(in_brief, dict.fromkeys(there)))}"
            for key, there in values.items()
        )
        message = _t("{name}: no point has this; {values}")
        raise UsageError(message.format(name=name, values=one_line(told)))
    return found


def _is(value: object, text: str) -> bool:
    if isinstance(value, float):
        try:
            return float(text) == value
        except ValueError:
            return False
    return str(value).lower() == text.lower() if isinstance(value, bool) else str(value) == text


def _unknown(text: str, folder: Path) -> ResultsError:
    if isdir(folder):
        message = _t("{folder}: is not a results folder of ydsim: it has no {file}")
        return ResultsError(message.format(folder=folder, file=NAME))
    folders = sorted(path.parent.name for path in Path("results").glob(f"*/{NAME}"))
    close = nearest(text[:100], [*shipped(), *folders])
    hint = _t("; see `{command}`").format(command="ydsim list scenarios")
    if close:
        hint = _t("; did you mean {name}?").format(name=repr(close))
    message = _t("no scenario and no folder of results is called {name!r}{hint}")
    return ResultsError(message.format(name=shorten(text, 80), hint=hint))


def with_distinct_names(alternatives: Sequence[Alternative]) -> list[Alternative]:
    """Return alternatives with names and labels of their own, in the order given.

    Equal labels of different folders are followed by the name of the folder, others by a number.
    """
    labels = [side.label for side in alternatives]
    found: list[Alternative] = []
    for side in alternatives:
        path = None if side.results is None else side.results.path
        label = side.label
        if path is not None and labels.count(label) > 1 and path.name != side.name:
            label = _t("{name} ({folder})").format(name=label, folder=path.name)
        name = _unlike(side.name, [other.name for other in found])
        label = _unlike(label, [other.label for other in found])
        found.append(replace(side, name=name, label=label))
    return found


def _unlike(text: str, taken: Sequence[str]) -> str:
    """Return a text, with the first number that makes it none of those that are taken."""
    every = (text, *(f"{text} ({number})" for number in range(2, len(taken) + 3)))
    return next(each for each in every if each not in taken)


def require_different(alternatives: Sequence[Alternative]) -> None:
    """Refuse a setting that is named twice: nothing would differ."""
    seen: list[object] = []
    for side in alternatives:
        results = side.results
        here = side.to_run if results is None else (results.path or id(results), side.point)
        if here in seen:
            message = _t("{name} is named twice: name what is to be compared with {first}")
            first = alternatives[seen.index(here)].asked
            raise UsageError(
                message.format(name=one_line(side.asked, 80), first=one_line(first, 80))
            )
        seen.append(here)


def require_alike(alternatives: Sequence[Alternative]) -> None:
    """Refuse alternatives that do not share their draws or their model.

    The line of the UsageError names both and all that differs in seed, scale, world, first year,
    version of ydsim, or code of the user's own policies.
    """
    base, *others = alternatives
    ours = _facts(base)
    for side in others:
        apart = [
            _t("{what} {theirs} against {ours}").format(what=what, theirs=theirs, ours=ours[what])
            for what, theirs in _facts(side).items()
            if theirs != ours[what]
        ]
        apart += [
            _t("code of {module}").format(module=module)
            for module in sorted({*base.code} & {*side.code})
            if base.code[module] != side.code[module]
        ]
        if apart:
            message = _t(
                "{side} cannot be compared with {base}: {apart}; pairs need the same draws and the "
                "same model"
            )
            names = {"side": one_line(side.asked, 80), "base": one_line(base.asked, 80)}
            raise UsageError(message.format(**names, apart="; ".join(apart)))


def _facts(side: Alternative) -> dict[str, str]:
    plain = side.scenario
    return {
        _t("seed"): str(plain["seed"]),
        _t("scale"): f"{plain['scale']:g}",
        _t("first year"): str(plain["start"]),
        _t("world"): str(plain["world"]),
        _t("content of the world"): side.world[:12],
        "ydsim": side.version,
    }


def window_of(
    years: tuple[int, int] | None,
    alternatives: Sequence[Alternative],
    differing: Sequence[list[Change]],
) -> tuple[tuple[int, int], str]:
    """Return the years that count, and why these; UsageError when there are none such.

    ``years``: first and last as they are asked for; None for those that suit. ``differing``: of
    each beside the base, what it differs in.
    """
    first, last = years_of(one.scenario for one in alternatives)
    if years is not None:
        require_years(years, first, last)
        return years, AS_ASKED
    begins = [first_year(found) for found in differing if found]
    known = [year for year in begins if year is not None and first <= year <= last]
    if known and len(known) == len(begins):
        return (min(known), last), mark("from the first year in which the policies differ")
    return (max(first, last - LAST_YEARS + 1), last), mark("the last years of the runs")


def years_of(scenarios: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """Return the first and last year that scenarios, as plain data, have in common."""
    spans = [(int(each["start"]), int(each["end"])) for each in scenarios]
    return max(start for start, _ in spans), min(end for _, end in spans)


# -- what is asked, and what is to be run for it ---------------------------------------------------

REPLICATES = 5

RECORD = Recorded(
    cities=1,
    agents=True,
    tables=(
        "adoption_curves",
        "funnel",
        "generations",
        "knowledge",
        "policy_costs",
        "policy_results",
    ),
)
"""What runs of a comparison keep: enough for every ``by`` and all figures of several scenarios."""


def planned(
    names: Sequence[str | Path],
    policy: str | None = None,
    changes: Mapping[str, Mapping[str, object]] | None = None,
    overrides: Overrides | None = None,
    by: By = "province",
    outcomes: Sequence[str] = (),
    years: tuple[int, int] | str | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    *,
    force: bool = False,
    allow_code: bool = False,
) -> Planned:
    """Return what a comparison would run, all checked; arguments and errors as `ydsim.compare`."""
    arguments.one_of("by", by, LEVELS)
    expected = "the name of a scenario, a folder, or a point of it as FOLDER:POINT"
    asked = [arguments.path("names", name, expected) for name in names]
    wanted = outcomes_called(outcomes)
    window = arguments.maybe_years("years", years)
    number = arguments.maybe_whole("replicates", replicates, 1, 100_000)
    seed = arguments.maybe_whole("seed", seed)
    folder = None if out is None else arguments.folder("out", out)
    given = overrides if seed is None else with_options(overrides, seed, None)
    if changes is not None and policy is not None:
        raise UsageError(_t("--with and --policy are two questions: ask one of them"))
    option = "--with" if changes is not None else "--policy" if policy is not None else ""
    if option and len(asked) != 1:
        message = _t("{option} goes with one scenario, found {n} names")
        raise UsageError(message.format(option=option, n=len(asked)))
    if changes is not None:
        alternatives = with_changes(asked[0], changes, given, allow_code=allow_code)
    elif policy is not None:
        taken = arguments.text("policy", policy, "the name of a policy")
        alternatives = with_and_without(asked[0], taken, given, allow_code=allow_code)
    else:
        alternatives = alternatives_of(asked, given, allow_code=allow_code)
    require_different(alternatives)
    require_alike(alternatives)
    if window is not None:
        study.require_years(window, *years_of(one.scenario for one in alternatives))
    of = {"by": by, "outcomes": wanted, "years": window}
    points = [one.to_run for one in alternatives if one.is_scenario]
    called = [one.name if one.given else "" for one in alternatives if one.is_scenario]
    if not points:
        if given or number is not None:
            message = _t(
                "nothing is to be run: folders are read as they are, and --set, --seed and "
                "--replicates are of scenarios"
            )
            raise UsageError(message)
        return Planned(alternatives, of)
    chosen(by, wanted, cards(INDICATORS))
    folder = folder or folder_of(alternatives)
    folders = [one.results for one in alternatives if one.results is not None]
    require_apart(folder, folders, force=force)
    # of folders all have as many, so that none of a scenario is run in vain
    counts = [len(results.replicates) for results in folders]
    there = 0 if force else _replicates_in(folder)
    members = max(one.members for one in alternatives)
    name = folder_name(folder.name)
    loaded = study.sweep_of_study(
        str(points[0]["scenario"]),
        overrides,
        name=name,
        description=shorten(" against ".join(one.name for one in alternatives), 200),
        design={"kind": "list", "points": points, **({"names": called} if any(called) else {})},
        replicates=max(number or 0, there) or min(counts, default=0) or members or REPLICATES,
        settings={},
        record=RECORD.plain(),
        called=name,
        seed=seed,
        max_runs=sys.maxsize,
        allow_code=allow_code,
    )
    return Planned(alternatives, of, number, points, loaded, folder, there)


@dataclass(frozen=True)
class Planned:
    """What a comparison is between, and what is to be run for it."""

    alternatives: Sequence[Alternative]  # the base first; those of scenarios have no results yet
    asked: Mapping[str, Any]  # ``by``, ``outcomes`` and ``years``, checked
    replicates: int | None = None  # as asked for
    points: Sequence[Mapping[str, object]] = ()  # those that are to be run, as points of a sweep
    sweep: Sweep | None = None
    folder: Path | None = None
    """That sweep and its folder; None where all results are there."""
    there: int = 0  # replicates in the folder


def folder_of(alternatives: Sequence[Alternative], what: str = "compare") -> Path:
    """Return the folder of a comparison: ``results/compare-A-B``."""
    base, *others = (one.name for one in alternatives)
    if alternatives[0].changed:  # the scenario without one of its policies
        base = str(alternatives[0].scenario["name"])
    names = [letters_of(name).strip("-._") for name in (base, *others)]
    return Path("results") / folder_name("-".join([what, *names])[:100])


def require_apart(folder: Path, compared: Sequence[Results], *, force: bool) -> None:
    """Refuse to write into results that are compared, or to rename them with what holds them."""
    where = folder.resolve()
    for path in (results.path for results in compared):
        own = None if path is None else path.resolve()
        if own and (where.is_relative_to(own) or (force and own.is_relative_to(where))):
            message = _t(
                "{path} is compared and stays as it is: use another folder than {folder} with "
                "--output"
            )
            raise ResultsError(message.format(path=path, folder=folder))


def _replicates_in(folder: Path) -> int:
    """Return how many replicates a folder has of each point already, 0 without a comparison."""
    if not (folder / NAME).is_file():
        return 0
    manifest = read_manifest(folder)
    there = manifest.get("replicates")
    return there if manifest.get("kind") == SWEEP and isinstance(there, int) else 0


# -- what differs ----------------------------------------------------------------------------------


def read(
    alternatives: Sequence[Alternative],
    *,
    by: By = "province",
    outcomes: Sequence[str] = (),
    years: tuple[int, int] | None = None,
) -> Compared:
    """Return how alternatives differ from the first of them; all have results.

    Years are by default those from which policies differ, or the last five.

    UsageError when they are not of one model and draws, or an outcome or year is not there.
    ResultsError when no run of one is finished, or no replicate is common.
    """
    base, *others = alternatives
    require_alike(alternatives)
    differing = [differences(base.scenario, one.scenario) for one in others]
    window, why = window_of(years, alternatives, differing)
    return compared(
        base, others, by=by, outcomes=outcomes, years=window, why_years=why, changes=differing
    )


def draw(*results: Results, indicator: str | None = None) -> Figure:
    """Return an outcome over the years of results, and what differs from the first of them.

    ``indicator`` is the outcome, instead of the first of the usual ones. NothingToDrawError when
    there is nothing beside the base, the results share no draws, or nothing has a value.
    """
    from ydsim.plots.effects import draw_effects

    return draw_effects(_read(results, indicator, None))


def draw_by_place(
    *results: Results, indicator: str | None = None, years: tuple[int, int] | None = None
) -> Figure:
    """Return changes from the first of some results by province; errors as of `draw`.

    ``indicator`` is the one outcome that is drawn, instead of the usual ones; ``years`` are first
    and last, instead of those from which policies differ.
    """
    from ydsim.plots.effects import draw_by_place

    return draw_by_place(_read(results, indicator, years))


def draw_difference_map(
    *results: Results, indicator: str = "rd_expenditure", year: int | None = None
) -> Figure:
    """Return the map of what the second of two results has more or less than the first.

    ``year`` is by default the last that both have. NothingToDrawError when there are not two
    results, they share no draws, or nothing has a value.
    """
    from ydsim.plots.maps import draw_differences

    if len(results) != 2:
        raise NothingToDrawError(f"a difference needs two results, not {len(results)}")
    last = min(int(each.manifest["scenario"]["end"]) for each in results)
    when = last if year is None else year
    return draw_differences(_read(results, indicator, (when, when), by="city"))


def _read(
    results: Sequence[Results],
    indicator: str | None,
    years: tuple[int, int] | None,
    by: By = "province",
) -> Compared:
    if len(results) < 2:
        raise NothingToDrawError("effects ask for a base and something to compare with it")
    alternatives = with_distinct_names([alternative_of(each) for each in results])
    return read(alternatives, by=by, outcomes=[indicator] if indicator else (), years=years)
