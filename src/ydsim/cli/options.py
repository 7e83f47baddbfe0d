"""The vocabulary of options: each is declared here once and means the same of every verb.

Defaults are None, or off, for all verbs: what is not given is not passed on, so that a default
stands in one place, with the Python function that the verb calls. Functions make options whose
help differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import typer

from ydsim import arguments, engines
from ydsim.engines import processors
from ydsim.errors import UsageError
from ydsim.translation import gettext as _t

T = TypeVar("T")


def option(usage: str, help: str, **limits: Any) -> Any:
    """Return an option by its names and what it takes, as in ``-j --jobs N``."""
    words = usage.split()
    names = [word for word in words if word.startswith("-")]
    metavar = None if words[-1] in names else words[-1]
    return typer.Option(*names, metavar=metavar, help=help, **limits)


def argument(name: str, help: str) -> Any:
    """Return an argument, as help calls it."""
    return typer.Argument(metavar=name, help=help)


ScenarioName: TypeAlias = Annotated[
    str, argument("SCENARIO", "A shipped scenario, or a YAML file.")
]
Folder: TypeAlias = Annotated[
    str, argument("RESULTS", "A results folder, or its name in results/.")
]
WorldFolder: TypeAlias = Annotated[str, argument("FOLDER", "The folder of the world.")]
Set: TypeAlias = Annotated[
    list[str] | None,
    option("--set KEY=VALUE", "Change one key; may be repeated, and the last of one key counts."),
]
EngineName: TypeAlias = Annotated[
    engines.EngineName | None,
    option("--engine", "Where runs are computed [a pool when --jobs exceeds 1]."),
]
World: TypeAlias = Annotated[
    str | None, option("--world FOLDER", "Where a world of your own is now.")
]
NoFigures: TypeAlias = Annotated[bool, option("--no-figures", "Do not draw the figures of a run.")]
Force: TypeAlias = Annotated[
    bool, option("--force", "Rename an existing results folder and run again.")
]
Ensemble: TypeAlias = Annotated[
    int | None,
    option("--ensemble N", "Replicates take the parameters of N members of the ensemble.", min=2),
]
AllowCode: TypeAlias = Annotated[
    bool, option("--allow-code", "Import policies that no installed package offers.")
]
AsJson: TypeAlias = Annotated[bool, option("--json", "Print JSON instead of text.")]
Quiet: TypeAlias = Annotated[bool, option("-q --quiet", "No progress and no remarks on stderr.")]


def output(help: str) -> Any:
    """Return the option that says where to write."""
    return option("-o --output PATH", help)


Output: TypeAlias = Annotated[Path | None, output("Results folder [results/NAME].")]


def vary(help: str) -> Any:
    """Return the option of what is varied."""
    return option("--vary KEY=VALUES", help)


def replicates(usual: str) -> Any:
    """Return the option of replicates, with the number that is usual."""
    return option("--replicates N", f"Replicates [{usual}].", min=1)


def years(usual: str) -> Any:
    """Return the option of the years that count."""
    return option("--years FROM:TO", f"Years used, or one year [{usual}].")


def outcome(usual: str) -> Any:
    """Return the option of outcomes."""
    return option("--outcome NAME", f"Indicators, A,B or repeated [{usual}].")


def given(**values: Any) -> dict[str, Any]:
    """Return the values that were given: what is None is left to the function that is called."""
    return {name: value for name, value in values.items() if value is not None}


def names_in(texts: list[str] | None, option: str) -> list[str] | None:
    """Return names that were given one by one or with commas between; None without the option."""
    names = [name.strip() for text in texts or () for name in text.split(",")]
    found = [name for name in names if name] or None
    if texts and found is None:
        raise UsageError(_t("{option}: no name is given").format(option=option))
    return found


def parse_shard(text: str | None) -> tuple[int, int] | None:
    """Return ``I/N`` as numbers."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    if found is None:
        raise UsageError(_t("--shard {text}: expected I/N, as in 2/8").format(text=text))
    return int(found[1]), int(found[2])


def jobs_of(
    jobs: int | None,
    runs: int = 1_000_000,
    scale: float | None = None,
    engine: engines.EngineName | None = None,
) -> int:
    """Return the jobs asked for, else one a processor, as runs and memory at the scale allow."""
    from ydsim.memory import runs_at_once

    if jobs is not None:
        return arguments.whole("jobs", jobs, 1)
    if engine == "process":
        return 1
    fit = processors() if scale is None else runs_at_once(scale)
    return max(1, min(processors(), runs, fit))


# -- what all verbs share that run anything --------------------------------------------------------


@dataclass(frozen=True)
class CommonOptions:
    """How runs are made and shown: the options that all verbs share that run anything."""

    set_: Set = None
    ensemble: Ensemble = None
    seed: Annotated[int | None, option("--seed N", "Seed of all draws.", min=0)] = None
    jobs: Annotated[
        int | None, option("-j --jobs N", "Processes on this machine [one a processor].")
    ] = None
    dry_run: Annotated[
        bool, option("-n --dry-run", "Show the number of runs and their cost, and stop.")
    ] = False
    allow_code: AllowCode = False
    as_json: AsJson = False
    quiet: Quiet = False

    @property
    def overrides(self) -> list[str] | None:
        """What ``--set`` says and, where they are asked for, members of the world."""
        members, set_ = self.ensemble, self.set_
        return set_ if members is None else [f"ensemble=members:{members}", *(set_ or ())]

    def of(
        self,
        design: Callable[..., T],
        *scenario: str,
        replicates: int | None = None,
        **own: Any,
    ) -> T:
        """Return the runs of a design; what was not given is left to it.

        There are as many replicates as members unless a number is given.
        """
        own["replicates"] = self.ensemble if replicates is None else replicates
        code = self.allow_code
        return design(*scenario, self.overrides, seed=self.seed, allow_code=code, **given(**own))


@dataclass(frozen=True)
class SweepOptions(CommonOptions):
    """The same with where runs are computed, in which shares, and when a sweep ends early."""

    engine: EngineName = None
    scheduler: Annotated[
        str | None, option("--scheduler URL", "Address of a Dask scheduler, tls://HOST:PORT.")
    ] = None
    shard: Annotated[
        str | None, option("--shard I/N", "Run the I-th of N shares (job arrays).")
    ] = None
    timeout_per_run: Annotated[
        float | None, option("--timeout-per-run SECONDS", "A run that takes longer fails.")
    ] = None
    on_error: Annotated[
        Literal["continue", "stop"], option("--on-error", "Whether a failed run ends the sweep.")
    ] = "continue"
    max_failures: Annotated[
        int | None, option("--max-failures N", "Stop when more than N runs have failed.")
    ] = None
    fork: Annotated[
        Literal["auto", "off"],
        option("--fork", "Whether quarters that runs share are simulated only once."),
    ] = "auto"

    def chosen(self) -> dict[str, Any]:
        """Return all of these as arguments of `ydsim.resume`."""
        own = [one.name for one in fields(self)[len(fields(CommonOptions)) :]]
        return {name: getattr(self, name) for name in own} | {"shard": parse_shard(self.shard)}


Command: TypeAlias = Callable[..., None]


def with_shared(*without: str) -> Callable[[Command], Command]:
    """Let a command have the options of the class of its last parameter, ``how``."""

    def extended(command: Command) -> Command:
        *_, how = signature(command, eval_str=True).parameters.values()
        every = signature(how.annotation, eval_str=True).parameters.values()
        return with_more("how", how.annotation, [one for one in every if one.name not in without])(
            command
        )

    return extended


def with_more(
    name: str, make: Callable[..., object], more: Sequence[Parameter]
) -> Callable[[Command], Command]:
    """Let a command have options after its own; it gets them as one argument, its last."""

    def extended(command: Command) -> Command:
        *own, _ = signature(command, eval_str=True).parameters.values()

        @wraps(command)
        def call(**values: Any) -> None:
            given = make(**{one.name: values.pop(one.name) for one in more})
            command(**values, **{name: given})

        every = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in (*own, *more)]
        call.__signature__ = Signature(every)  # type: ignore[attr-defined]
        return call

    return extended
