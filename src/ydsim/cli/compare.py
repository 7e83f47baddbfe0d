"""``ydsim compare``: what policies change, where, through which channel, for which firm."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import typer

from ydsim.cli import options
from ydsim.cli.options import How, argument, given, names_in, option, with_shared
from ydsim.cli.output import print_json, say
from ydsim.cli.run import run_through, runs_of, say_cost
from ydsim.cli.study import carry_out
from ydsim.errors import UsageError
from ydsim.scenario.read.node import WITH
from ydsim.scenario.read.override import parse_assignments
from ydsim.translation import gettext as _t
from ydsim.wording import shorten

By: TypeAlias = Literal["province", "city", "kind", "field", "channel", "firm"]
"""What is compared with one another."""

_TAKES = {"channel": {"outcome", "years", "place"}, "firm": set[str]()}
_OF_PLACES = {"outcome", "years", "engine", "force", "with"}
"""Which of the options that not all comparisons have each of them takes."""


@with_shared()
def compare(
    names: Annotated[
        list[str],
        argument(
            "BASE OTHER...",
            "Scenarios, YAML files, folders of results, or points of sweeps, FOLDER:POINT.",
        ),
    ],
    policy: Annotated[str | None, option("--policy NAME", "Without this policy, and with.")] = None,
    with_: Annotated[
        list[str] | None,
        option(
            "--with [NAME:]KEY=VALUE",
            "One scenario as it is, and with another value; repeat it for more values, and give "
            "each of several alternatives a NAME.",
        ),
    ] = None,
    by: Annotated[
        By,
        option(
            "--by",
            "Rows of the table; with --policy also channel (each alone, and all together) or firm "
            "(each with the policy and without it).",
        ),
    ] = "province",
    outcomes: Annotated[list[str] | None, options.outcome("the usual ones")] = None,
    years: Annotated[str | None, options.years("from when policies differ")] = None,
    place: Annotated[str | None, options.place("By channel: a province [the region].")] = None,
    out: Annotated[Path | None, options.output("Folder [results/compare-A-B].")] = None,
    replicates: Annotated[int | None, options.replicates("5, or as folders have")] = None,
    engine: options.EngineName = None,
    force: options.Force = False,
    *,
    how: How,
) -> None:
    """Compare policies in pairs of the same draws; runs what is missing, reads what is there."""
    from ydsim.store.contents import how_to_go_on
    from ydsim.studies.comparison import carried_out, planned

    own = {"outcome": outcomes, "years": years, "place": place, "engine": engine,
           "with": with_ or None, "force": force or None}  # fmt: skip
    for name in given(**own):
        if name not in _TAKES.get(by, _OF_PLACES):
            said = _t("--{name} is no option of a comparison by {by}")
            raise UsageError(said.format(name=name, by=by))
    asked = given(outcomes=names_in(outcomes, "--outcome"), years=years, replicates=replicates)
    if by in _TAKES:
        if len(names) != 1 or policy is None:
            raise UsageError(_t("--by {by} takes one scenario and --policy NAME").format(by=by))
        _within(how, by, names[0], policy, out, **asked, **given(place=place))
        return
    level: Any = by  # neither channel nor firm
    plan = planned(
        *names,
        policy=policy,
        changes=_changes(with_),
        overrides=how.set_,
        out=out,
        force=force,
        allow_code=how.allow_code,
        by=level,
        **asked,
        **given(seed=how.seed),
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
        call = partial(
            carried_out,
            plan,
            jobs=jobs,
            engine=engine,
            force=force,
            allow_code=how.allow_code,
        )
        found, _ = run_through(call, plan.folder, how)
    folder = out or found.default_folder
    paths = [str(path) for path in found.write(folder, force=force)]
    if how.as_json:
        print_json({**found.as_dict(), "files": paths})
    else:
        print("\n".join([found.text, *paths]))
    every = {str(one.run.path): one.run for one in (found.found.base, *found.found.others)}
    for path, results in every.items():
        if results.failures:
            said = _t("{n} runs failed; try them again with: {command}")
            say(said.format(n=len(results.failures), command=how_to_go_on(Path(path))))
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
            said = _t("--with {text}: the key is given twice; name alternatives")
            raise UsageError(said.format(text=shorten(text)))
    return {label: parse_assignments(values, WITH) for label, values in found.items()}


def _within(how: How, by: By, scenario: str, policy: str, out: Path | None, **asked: Any) -> None:
    """Compare a scenario with single channels of a policy, or its firms with and without it."""
    from ydsim.studies import channels, firms
    from ydsim.studies.study import parse_years

    replicates = asked.pop("replicates", None)
    study: Any = firms if by == "firm" else channels
    sweep = how.of(study.design, scenario, policy, replicates=replicates)
    if by == "channel":
        years = parse_years(asked.pop("years", None))
        asked = {"outcomes": None, "place": channels.REGION, **asked, "years": years}
        channels.require(sweep, **asked)
    carry_out(how, sweep, partial(study.read, **asked), out)
