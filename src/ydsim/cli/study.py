"""``ydsim study NAME`` and ``compare``: runs are made, read and shown, with files beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from ydsim import arguments
from ydsim.cli import options
from ydsim.cli.options import CommonOptions, argument, given, jobs_of, names_in, option, with_shared
from ydsim.cli.output import print_json, say
from ydsim.cli.run import end_of, run_through, runs_of, say_cost
from ydsim.errors import UsageError
from ydsim.policies.library import policy_called
from ydsim.scenario.read.extend import parse_assignments
from ydsim.scenario.read.node import WITH
from ydsim.translation import gettext as _t
from ydsim.wording import shorten

if TYPE_CHECKING:
    from ydsim.results.results import Results
    from ydsim.studies.study import Study


@with_shared()
def study_bottleneck(
    scenario: options.ScenarioName = "baseline",
    out: options.Output = None,
    only: Annotated[
        list[str] | None,
        option(
            "--only NAME",
            "stages, frictions, or a capacity, as in pilot_pace; may be repeated [all].",
        ),
    ] = None,
    step: Annotated[
        float | None, option("--step PERCENT", "Change of each in per cent [25].")
    ] = None,
    outcomes: Annotated[
        list[str] | None, options.outcome("launches, coupling, value_added_secondary")
    ] = None,
    years: Annotated[str | None, options.years("all")] = None,
    replicates: Annotated[int | None, options.replicates("3")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Vary each stage's capacity and each friction alone: what holds the chain back most."""
    from ydsim.studies import bottleneck as study

    asked = {"outcomes": names_in(outcomes, "--outcome"), "years": years}
    carry_out(
        how, study, scenario, out=out, asked=asked, only=only, step=step, replicates=replicates
    )


@with_shared()
def study_interactions(
    scenario: options.ScenarioName = "six_actor_community",
    out: options.Output = None,
    group: Annotated[
        list[str] | None,
        option(
            "--group NAME=POLICIES",
            "A group of policies, as in money=rd_grants,joint_rd_fund; repeated "
            "[the six groups of actors].",
        ),
    ] = None,
    outcomes: Annotated[list[str] | None, options.outcome("launches, coinventions, ...")] = None,
    years: Annotated[str | None, options.years("from the first policy of a group on")] = None,
    replicates: Annotated[int | None, options.replicates("3")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Switch groups of policies on and off in all combinations: effects alone and together."""
    from ydsim.studies import interactions as study

    asked = {"outcomes": names_in(outcomes, "--outcome"), "years": years}
    groups = _groups(group) if group else None
    carry_out(how, study, scenario, out=out, asked=asked, groups=groups, replicates=replicates)


def _groups(texts: list[str]) -> dict[str, list[str]]:
    """Return groups of policies as they were written; refuse other forms, and a name twice."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        name, _, rest = (part.strip() for part in text.partition("="))
        policies = names_in([rest] if rest else None, f"--group {shorten(text)}")
        if not name or policies is None:
            message = _t("--group {text}: expected NAME=POLICY,POLICY, as in money=rd_grants")
            raise UsageError(message.format(text=shorten(text)))
        if name in groups:
            message = _t("--group {text}: {name!r} is named twice")
            raise UsageError(message.format(text=shorten(text), name=name))
        groups[name] = [*map(policy_called, policies)]
    return groups


@with_shared()
def study_sensitivity(
    what: Annotated[str, argument("SWEEP", "A results folder, a sweep file, or a shipped sweep.")],
    out: Annotated[
        Path | None, options.output("Folder of table and figures [results/NAME-sensitivity].")
    ] = None,
    runs: Annotated[
        Path | None, option("--results FOLDER", "Results folder of the runs [results/NAME].")
    ] = None,
    top: Annotated[
        float | None,
        option("--top", "Share of points of interest, for scenario discovery [0.25]."),
    ] = None,
    where: Annotated[
        list[str] | None,
        option("--where 'NAME>NUMBER'", "Select the points of interest by a condition instead."),
    ] = None,
    outcomes: Annotated[list[str] | None, options.outcome("launches")] = None,
    years: Annotated[str | None, options.years("the last year")] = None,
    place: Annotated[
        str | None, option("--place NAME", "A province, or a city if recorded [the region].")
    ] = None,
    replicates: Annotated[int | None, options.replicates("as the sweep says")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Rank factors by their effect on an outcome; runs that a sweep file lacks are made first."""
    from ydsim.results.results import open_results
    from ydsim.studies import sensitivity as study

    asked = given(outcomes=names_in(outcomes, "--outcome"), years=years, place=place, top=top,
                  where=where)  # fmt: skip
    folder = _folder_of(what)
    if folder is None:
        beside = _beside if out is None else lambda name: out
        carry_out(
            how, study, what, out=runs, asked=asked, beside=beside, **asked, replicates=replicates
        )
        return
    runs_only = given(
        set=how.set_, ensemble=how.ensemble, results=runs, replicates=replicates, seed=how.seed
    )
    for name in (*runs_only, *(["dry-run"] if how.dry_run else [])):
        message = _t("--{name}: {folder} is a results folder, which stays as it is")
        raise UsageError(message.format(name=name, folder=what))
    opened = open_results(folder)
    show(how, study.read(opened, **asked), opened, out or _beside(opened.name))


def _beside(name: str) -> Path:
    """Return the usual folder of table and figures of a sweep."""
    from ydsim.store.layout import folder_name

    return Path("results") / f"{folder_name(name)}-sensitivity"


def _folder_of(what: str) -> Path | None:
    """Return the results folder that is meant; None for a sweep that is to be run."""
    from ydsim.design.load import is_sweep
    from ydsim.store.layout import find_folder

    folder = find_folder(what)
    return folder if folder.is_dir() and (Path(what).is_dir() or not is_sweep(what)) else None


@with_shared()
def study_optimise(
    scenario: options.ScenarioName,
    vary: Annotated[
        list[str] | None,
        options.vary("What may change: FROM:TO, FROM:TO:log or a,b,c; may be repeated."),
    ] = None,
    out: Annotated[Path | None, options.output("Results folder [results/NAME-optimise].")] = None,
    objectives: Annotated[
        str | None,
        option(
            "--objectives A,B,...",
            "Of launches, inventions, coupling, balance, balance_output, public_cost "
            "[launches,balance,public_cost].",
        ),
    ] = None,
    trials: Annotated[int | None, option("--trials N", "Settings to try [40].", min=2)] = None,
    risk: Annotated[
        float | None, option("--risk", "Penalty on spread, in standard deviations [1].", min=0.0)
    ] = None,
    sampler: Annotated[
        Literal["tpe", "nsga2"] | None,
        option("--sampler", "tpe for tens of trials, nsga2 for hundreds [tpe]."),
    ] = None,
    batch: Annotated[int | None, option("--batch N", "Trials at once [8].", min=1)] = None,
    replicates: Annotated[int | None, options.replicates("4")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Search policies over several objectives; the same command continues an interrupted search."""
    from ydsim.results.results import open_results
    from ydsim.studies import optimise as study
    from ydsim.studies.study import folder_of

    search = how.of(
        study.design, scenario, vary=vary or (), replicates=replicates,
        objectives=names_in(None if objectives is None else [objectives], "--objectives"),
        risk=risk, sampler=sampler, batch=batch,
    )  # fmt: skip
    scenario_itself = search.points([])
    folder = folder_of(scenario_itself) if out is None else out
    if how.dry_run:
        times = 1 + (study.TRIALS if trials is None else trials)
        say_cost(scenario_itself, folder, jobs_of(how.jobs), times=times, as_json=how.as_json)
        return
    more = given(trials=trials, allow_code=how.allow_code)
    call = partial(study.run_search, search, out=folder, jobs=jobs_of(how.jobs), **more)
    found, _ = run_through(call, folder, how)
    show(how, found, open_results(folder), folder)


@with_shared()
def study_border_game(
    scenario: options.ScenarioName = "baseline",
    out: Annotated[Path | None, options.output("Results folder [results/NAME-game].")] = None,
    years: Annotated[str | None, options.years("ten years from governance.start on")] = None,
    replicates: Annotated[int | None, options.replicates("10")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Game of open and closed provinces: every set of closed provinces is run.

    Borders close in the first of the years, and runs end with the last.
    """
    from ydsim.studies import border_game as study

    carry_out(how, study, scenario, out=out, years=years, replicates=replicates)


@with_shared()
def study_skill(
    scenario: options.ScenarioName = "baseline",
    out: options.Output = None,
    origins: Annotated[
        str | None,
        option("--origins FIRST:LAST", "Forecast origins [2014:2017]."),
    ] = None,
    ahead: Annotated[
        int | None, option("--ahead N", "Years after the last origin [3].", min=1)
    ] = None,
    replicates: Annotated[int | None, options.replicates("20")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Forecast past years with what was known then: errors, intervals and benchmarks."""
    from ydsim.studies import skill as study

    span = arguments.maybe_years("--origins", origins)
    years = None if span is None else range(span[0], span[1] + 1)
    carry_out(how, study, scenario, out=out, origins=years, ahead=ahead, replicates=replicates)


@with_shared()
def study_validation(
    scenario: options.ScenarioName = "baseline",
    out: options.Output = None,
    replicates: Annotated[int | None, options.replicates("10")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Compare published patterns up to 2020 with runs: intervals and ranges, training and test."""
    from ydsim.studies import validation as study

    carry_out(how, study, scenario, out=out, replicates=replicates)


@with_shared()
def study_transfer(
    scenario: options.ScenarioName = "jjj",
    out: options.Output = None,
    replicates: Annotated[int | None, options.replicates("10")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Compare a region to which nothing was fitted with its figures and with simple forecasts."""
    from ydsim.studies import transfer as study

    carry_out(how, study, scenario, out=out, replicates=replicates)


@with_shared()
def study_flows(
    scenario: options.ScenarioName = "baseline",
    out: options.Output = None,
    replicates: Annotated[int | None, options.replicates("10")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Compare links between cities with counted ones: borders, distance, where links lead."""
    from ydsim.studies import flows as study

    carry_out(how, study, scenario, out=out, replicates=replicates)


def study_scorecard(
    folders: Annotated[
        list[Path] | None,
        argument(
            "RESULTS",
            "Finished runs of study literature, flows, skill or validation "
            "[the table of this version].",
        ),
    ] = None,
    part: Annotated[
        list[str] | None,
        option("--part NAME", "effects, signs, flows, patterns or forecasts; may be repeated."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """List every number from outside that the model was held against, and how it came out."""
    from ydsim.results.results import records
    from ydsim.studies import scorecard as study

    parts = names_in(part, "--part")
    table = study.table_of(folders, parts)
    if as_json:
        print_json({"counts": study.counted(table), "table": records(table)})
        return
    print(study.text(table))


@with_shared()
def study_literature(
    scenario: options.ScenarioName = "membership_replay",
    out: options.Output = None,
    replicates: Annotated[int | None, options.replicates("20")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Simulate randomised shocks and compare estimated effects with published ones."""
    from ydsim.studies import literature as study

    carry_out(how, study, scenario, out=out, replicates=replicates)


@with_shared()
def study_attribution(
    scenario: options.ScenarioName = "baseline",
    out: options.Output = None,
    years: Annotated[str | None, options.years("2012:2020")] = None,
    replicates: Annotated[int | None, options.replicates("10")] = None,
    *,
    how: CommonOptions,
) -> None:
    """Split growth of contracts and joint inventions between provinces into parts that add up.

    Growth is between the first and the last of the years, in which runs end.
    """
    from ydsim.studies import attribution as study

    asked = {"years": years}
    carry_out(how, study, scenario, out=out, asked=asked, years=years, replicates=replicates)


@with_shared("ensemble")
def calibrate(
    scenario: options.ScenarioName,
    vary: Annotated[
        list[str] | None,
        options.vary("FROM:TO, FROM:TO:log, or a KEY alone; may be repeated [27 parameters]."),
    ] = None,
    out: Annotated[Path | None, options.output("Folder [results/NAME-calibration].")] = None,
    targets: Annotated[
        Path | None, option("--targets FILE", "Published figures, CSV [those of the package].")
    ] = None,
    until: Annotated[
        int | None,
        option("--until YEAR", "Last year of the figures used [2017; with --targets: all]."),
    ] = None,
    waves: Annotated[int | None, option("--waves N", "Waves of runs [3].", min=1)] = None,
    scales: Annotated[
        str | None,
        option("--scales A,B,...", "Scale of each wave; later waves take the last [0.02]."),
    ] = None,
    points: Annotated[
        int | None, option("--points N", "Points of a wave [10 for each parameter].", min=8)
    ] = None,
    members: Annotated[
        int | None,
        option("--members N", "Size of the ensemble that is drawn at the end [40].", min=2),
    ] = None,
    replicates: Annotated[int | None, options.replicates("1")] = None,
    draws: Annotated[
        int | None,
        option("--draws N", "Parameter draws that emulators evaluate [100000].", min=1000),
    ] = None,
    truths: Annotated[
        int | None,
        option("--truths N", "Known truths that intervals should hold, by emulators [0].", min=0),
    ] = None,
    truth_runs: Annotated[
        int | None, option("--truth-runs N", "The same by runs of their own [0].", min=0)
    ] = None,
    of: Annotated[
        Path | None,
        option("--runs-of FOLDER", "A calibration that is complete: take its runs, make none."),
    ] = None,
    *,
    how: CommonOptions,
) -> None:
    """Find parameter values that agree with published figures, and what remains uncertain.

    The same command goes on after a break.
    """
    from ydsim.results.results import open_results
    from ydsim.studies import calibration as study
    from ydsim.studies.calibration_plan import MEMBERS_OF, design, folder_of

    plan = how.of(
        design, scenario, vary=vary, targets=targets, until=until, waves=waves,
        scales=_numbers(scales),
        points=points, members=members, replicates=replicates, draws=draws, truths=truths,
        truth_runs=truth_runs, of=of,
    )  # fmt: skip
    folder = folder_of(plan) if out is None else out
    first = plan.sweep("wave-1", plan.scales[0], plan.first())
    workers = jobs_of(how.jobs, runs_of(first), max(plan.scales))
    if how.dry_run and of is not None:
        raise UsageError(_t("nothing is run with --runs-of: leave out --dry-run"))
    if how.dry_run:
        more = (plan.members + plan.truth_runs) / plan.wave_points
        times = len(plan.scales) + more
        say_cost(first, folder / "wave-1", workers, times=times, as_json=how.as_json)
        return
    call = partial(study.run_plan, plan, out=folder, jobs=workers)
    kept = _t("finished runs are kept in {folder}; go on with the same command")
    found, _ = run_through(call, folder, how, kept.format(folder=folder))
    runs = folder / MEMBERS_OF if of is None else of / "wave-1"
    show(how, found, open_results(runs), folder)


def _numbers(text: str | None) -> list[float] | None:
    """Return numbers with commas between."""
    try:
        return None if text is None else [float(part) for part in text.split(",")]
    except ValueError:
        message = _t("--scales {text}: expected numbers with commas, as in 0.02,0.05")
        raise UsageError(message.format(text=shorten(text or ""))) from None


# -- comparisons -----------------------------------------------------------------------------------

By: TypeAlias = Literal["place", "province", "city", "kind", "field", "channel"]
"""What is compared with one another."""

_OF_CHANNELS = {"outcome", "years", "place"}
_OF_PLACES = {"outcome", "years", "engine", "force", "with"}
"""Which of the options that not all comparisons have those by channel take, and all others."""


@with_shared()
def compare(
    names: Annotated[
        list[str],
        argument(
            "BASE OTHER...",
            "Scenarios, YAML files, folders of results, or points of sweeps, FOLDER:POINT.",
        ),
    ],
    policy: Annotated[
        str | None, option("--policy NAME", "Compare the scenario without this policy and with it.")
    ] = None,
    with_: Annotated[
        list[str] | None,
        option(
            "--with [NAME:]KEY=VALUE",
            "One scenario as it is, and with another value; repeat it for more values, and give "
            "each of several alternatives a NAME.",
        ),
    ] = None,
    by: Annotated[
        By | None,
        option(
            "--by",
            "Rows of the table: place (all provinces), city, kind or field; with --policy also "
            "channel (each alone, and all together) [the region, and places that are aimed at].",
        ),
    ] = None,
    outcomes: Annotated[list[str] | None, options.outcome("the usual ones")] = None,
    years: Annotated[str | None, options.years("from when policies differ")] = None,
    place: Annotated[
        str | None, option("--place NAME", "With --by channel: a province [the region].")
    ] = None,
    out: Annotated[Path | None, options.output("Folder [results/compare-A-B].")] = None,
    replicates: Annotated[
        int | None, options.replicates("5, two of a member, or as folders have")
    ] = None,
    engine: options.EngineName = None,
    force: options.Force = False,
    *,
    how: CommonOptions,
) -> None:
    """Compare policies in pairs of the same draws; runs what is missing, reads what is there."""
    from ydsim.store.contents import how_to_go_on
    from ydsim.studies.alternatives import planned
    from ydsim.studies.comparison import carried_out

    own = {"outcome": outcomes, "years": years, "place": place, "engine": engine,
           "with": with_ or None, "force": force or None}  # fmt: skip
    for name in given(**own):
        if name not in (_OF_CHANNELS if by == "channel" else _OF_PLACES):
            message = _t("--{name} is no option of a comparison by {by}")
            raise UsageError(message.format(name=name, by=_t(by or "province")))
    policy = None if policy is None else policy_called(policy)
    if how.ensemble is not None and replicates is None:
        replicates = 2 * how.ensemble  # two of a member tell it from chance
    asked = given(outcomes=names_in(outcomes, "--outcome"), years=years, replicates=replicates)
    if by == "channel":
        if len(names) != 1 or policy is None:
            raise UsageError(_t("--by {by} takes one scenario and --policy NAME").format(by=by))
        from ydsim.studies import channels

        number = asked.pop("replicates", None)
        asked |= given(place=place)
        carry_out(how, channels, names[0], policy, out=out, asked=asked, replicates=number)
        return
    plan = planned(
        names,
        policy=policy,
        changes=_changes(with_),
        overrides=how.overrides,
        out=out,
        force=force,
        allow_code=how.allow_code,
        **asked,
        **given(seed=how.seed, by=None if by == "place" else by),
    )
    if plan.sweep is None or plan.folder is None:
        if how.dry_run:
            print(_t("nothing is to be run: all names are results"))
            return
        found = carried_out(plan)
    else:
        jobs = options.jobs_of(how.jobs, runs_of(plan.sweep), plan.sweep.base.scale, engine)
        if how.dry_run:
            say_cost(plan.sweep, plan.folder, jobs, as_json=how.as_json)
            return
        where: dict[str, Any] = {"jobs": jobs, "engine": engine, "allow_code": how.allow_code}
        found, _ = run_through(partial(carried_out, plan, force=force, **where), plan.folder, how)
    found = replace(found, every=by is not None)
    folder = out or found.default_folder
    paths = [str(path) for path in found.write(folder, force=force)]
    if how.as_json:
        print_json({**found.as_dict(), "files": paths})
    else:
        print("\n".join([found.text, *paths]))
    every = {str(one.run.path): one.run for one in (found.found.base, *found.found.others)}
    for path, results in every.items():
        if results.failures:
            message = _t("{n} runs failed; try them again with: {command}")
            say(message.format(n=len(results.failures), command=how_to_go_on(Path(path))))
    if found.failed:
        raise typer.Exit(1)


def _changes(texts: list[str] | None) -> dict[str, dict[str, object]] | None:
    """Return values by alternative and dotted key; None without any."""
    if not texts:
        return None
    found: dict[str, list[str]] = {}
    for text in texts:
        label, colon, rest = text.partition(":")
        named = bool(colon) and "=" not in label
        values = found.setdefault(label.strip() if named else "", [])
        values.append(rest if named else text)
        keys = [one.partition("=")[0].strip() for one in values]
        if keys[-1] in keys[:-1]:
            message = _t("--with {text}: the key is given twice; name alternatives")
            raise UsageError(message.format(text=shorten(text)))
    return {label: parse_assignments(values, WITH) for label, values in found.items()}


# -- what all studies share ------------------------------------------------------------------------


def carry_out(
    how: CommonOptions,
    study: Any,
    *scenario: str,
    out: Path | None,
    asked: Mapping[str, Any] | None = None,
    beside: Callable[[str], Path] | None = None,
    **own: Any,
) -> None:
    """Run what a folder lacks of the design of a study, read it, and show it.

    ``asked``: what is read. ``beside``: the folder of files by the name of the sweep, if another.
    ``own``: options of the design.
    """
    from ydsim.studies.study import folder_of, run_sweep

    read = given(**(asked or {}))
    sweep = how.of(study.design, *scenario, **own)
    if require := getattr(study, "require", None):
        require(sweep, **read)
    folder = folder_of(sweep) if out is None else out
    workers = jobs_of(how.jobs, runs_of(sweep), sweep.base.scale)
    if how.dry_run:
        say_cost(sweep, folder, workers, as_json=how.as_json)
        return
    call = partial(run_sweep, sweep, folder, workers, allow_code=how.allow_code)
    results, _ = run_through(call, folder, how)
    files = folder if beside is None else beside(sweep.name)
    show(how, study.read(results, **read), results, files)
    end_of(results, folder)


def show(how: CommonOptions, study: Study, results: Results, folder: Path) -> None:
    """Write the files of a study into a folder, and print what was found and their paths."""
    files = [str(path) for path in study.write(folder)]
    if how.as_json:
        print_json({**study.as_dict(), "failed": len(results.failures), "files": files})
    else:
        print("\n".join([study.text.rstrip("\n"), "", *files]))
