"""``ydsim resonance``: what groups of actors do alone and together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ydsim.cli.old_study import (
    AllJobs,
    DryRun,
    Outcomes,
    SeedOption,
    SetOption,
    StudyFolder,
    carry_out_study,
)
from ydsim.cli.run_options import AllowCode, AsJson, QuietOption

if TYPE_CHECKING:
    from ydsim.pages.resonance import Resonance
    from ydsim.results.results import Results


def resonance(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A shipped scenario, or a YAML file.")
    ] = "six_actor_community",
    out: StudyFolder = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            metavar="NAME=POLICIES",
            help="A group of policies, as in money=rd_grants,joint_rd_fund; repeated "
            "[the six groups of actors].",
        ),
    ] = None,
    outcomes: Outcomes = None,
    first: Annotated[
        int | None,
        typer.Option("--from", help="First year that counts [that of the first policy]."),
    ] = None,
    half: Annotated[
        bool, typer.Option("--half", help="Run half of the combinations; see docs/resonance.md.")
    ] = False,
    replicates: Annotated[
        int, typer.Option("--replicates", min=1, help="Replicates of every combination.")
    ] = 3,
    set_: SetOption = None,
    seed: SeedOption = None,
    jobs: AllJobs = None,
    dry_run: DryRun = False,
    allow_code: AllowCode = False,
    as_json: AsJson = False,
    quiet: QuietOption = False,
) -> None:
    """Switch groups of policies on and off in all combinations; go on after a break."""
    from ydsim.analysis.resonance import design
    from ydsim.analysis.sweep_values import require
    from ydsim.pages.resonance import resonance_of

    sweep = design(
        scenario,
        set_,
        groups=_groups(group) if group else None,
        replicates=replicates,
        half=half,
        seed=seed,
        allow_code=allow_code,
    )
    chosen = outcomes or None
    require(sweep, chosen, first)

    def show(results: Results) -> Resonance:
        return resonance_of(results, outcomes=chosen, first=first)

    carry_out_study(
        sweep,
        show,
        "resonance",
        out,
        jobs,
        dry_run=dry_run,
        allow_code=allow_code,
        as_json=as_json,
        quiet=quiet,
    )


def _groups(texts: list[str]) -> dict[str, list[str]]:
    """Return groups of policies as they were written.

    Raises
    ------
    UsageError
        When a text has another form, or a group is named twice.
    """
    from ydsim.errors import UsageError
    from ydsim.wording import shorten

    groups: dict[str, list[str]] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        policies = [word.strip() for word in rest.split(",") if word.strip()]
        if not (name.strip() and equals and policies):
            raise UsageError(
                f"--group {shorten(text)}: expected NAME=POLICY,POLICY, as in money=rd_grants"
            )
        if name.strip() in groups:
            raise UsageError(f"--group {shorten(text)}: {name.strip()!r} is named twice")
        groups[name.strip()] = policies
    return groups
