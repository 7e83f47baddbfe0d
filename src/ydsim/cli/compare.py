"""``ydsim compare``: what policies change, where, through which channel, for which firm."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli import options
from ydsim.cli.options import given, names_in
from ydsim.cli.output import print_json, say
from ydsim.cli.run import again, run_through, tell_capped
from ydsim.cli.study import carry_out
from ydsim.errors import UsageError

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.results.results import Results
    from ydsim.studies.study import Study


class By(StrEnum):
    """What is compared with one another."""

    province = "province"
    city = "city"
    kind = "kind"
    field = "field"
    channel = "channel"
    firm = "firm"


_TAKES = {By.channel: {"outcome", "years", "place", "dry-run"}, By.firm: {"dry-run"}}
_OF_PLACES = {"outcome", "years", "engine", "force"}
"""Which of the options that not all comparisons have each of them takes."""


def compare(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="BASE OTHER...",
            help="Scenarios, YAML files, folders of results, or points of sweeps, FOLDER:POINT.",
        ),
    ],
    policy: Annotated[
        str | None,
        typer.Option("--policy", metavar="NAME", help="Of one scenario: without it, and with it."),
    ] = None,
    by: Annotated[
        By,
        typer.Option(
            "--by",
            help="Places; or with --policy its channels, each alone and all together, or firms, "
            "each with the policy and without it.",
        ),
    ] = By.province,
    outcomes: Annotated[list[str] | None, options.outcome("the usual ones")] = None,
    years: Annotated[str | None, options.years("from when policies differ")] = None,
    place: Annotated[
        str | None, options.place("By channel: the region, or a province [region].")
    ] = None,
    out: Annotated[Path | None, options.output("Folder [results/compare-A-B].")] = None,
    set_: options.Set = None,
    seed: options.Seed = None,
    replicates: Annotated[int | None, options.replicates("5, or as folders have")] = None,
    jobs: options.Jobs = None,
    engine: options.EngineName = None,
    dry_run: options.DryRun = False,
    force: options.Force = False,
    allow_code: options.AllowCode = False,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare policies in pairs of the same draws; runs what is missing, reads what is there."""
    import ydsim

    asked = given(outcomes=names_in(outcomes), years=years)
    of_runs: dict[str, Any] = given(replicates=replicates, seed=seed)
    own = {"outcome": outcomes, "years": years, "place": place, "engine": engine,
           "dry-run": dry_run or None, "force": force or None}  # fmt: skip
    for option in given(**own):
        if option not in _TAKES.get(by, _OF_PLACES):
            raise UsageError(f"--{option} is no option of a comparison by {by.value}")
    if by in _TAKES:
        if len(names) != 1 or policy is None:
            raise UsageError(f"--by {by.value} takes one scenario and --policy NAME")
        of_runs["allow_code"] = allow_code
        how = _by_channel if by is By.channel else _by_firm
        sweep, read = how(names[0], policy, set_, of_runs, {**asked, **given(place=place)})
        carry_out(
            sweep, read, out, jobs,
            dry_run=dry_run, allow_code=allow_code, as_json=as_json, quiet=quiet,
        )  # fmt: skip
        return
    tell_capped(jobs, quiet=quiet)
    found, _ = run_through(
        lambda report: ydsim.compare(
            *names,
            policy=policy,
            overrides=set_,
            jobs=options.jobs_of(jobs, engine=engine),
            engine=None if engine is None else engine.value,
            out=out,
            force=force,
            allow_code=allow_code,
            progress=report,
            **{**asked, **of_runs, "by": by.value},
        ),
        out,
        quiet=quiet,
        lost="finished runs are kept; the same command goes on",
    )
    folder = out or found.default_folder
    paths = [str(path) for path in found.write(folder, force=force)]
    if as_json:
        print_json({**found.as_dict(), "files": paths})
    else:
        print("\n".join([found.text, *paths]))
    if found.failed:
        say(f"{found.failed} runs failed: {again(folder)}")
        raise typer.Exit(1)


def _by_channel(
    scenario: str,
    policy: str,
    overrides: list[str] | None,
    of_runs: dict[str, Any],
    asked: dict[str, Any],
) -> tuple[Sweep, Callable[[Results], Study]]:
    """Return runs of each channel of a policy alone and all together, and how they are read."""
    from ydsim.studies import channels
    from ydsim.studies.study import parse_years

    asked = {"outcomes": None, "place": channels.REGION, **asked}
    asked["years"] = parse_years(asked.get("years"))
    sweep = channels.design(scenario, policy, overrides, **of_runs)
    channels.require(sweep, **asked)
    return sweep, lambda results: channels.read(results, **asked)


def _by_firm(
    scenario: str,
    policy: str,
    overrides: list[str] | None,
    of_runs: dict[str, Any],
    asked: dict[str, Any],
) -> tuple[Sweep, Callable[[Results], Study]]:
    """Return runs of a scenario with and without a policy, and how firms are compared."""
    from ydsim.studies import firms

    return firms.design(scenario, policy, overrides, **of_runs), firms.read
