"""Fit of a region of your own to its data: the base run of a folder, written into it.

The same fit as that of the packaged region (`ydsim.analysis.fit_base_run`), under the scenario of
the folder. Runs with the folder use it from then on, as long as its tables stay as they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ydsim import arguments
from ydsim.analysis.fit_base_run import PASSES, REPLICATES, dump, fit_base_run
from ydsim.engines.choice import engine_of
from ydsim.errors import ResourceError, UsageError
from ydsim.outside import one_line
from ydsim.run.progress import Report
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema.scenario import Scenario
from ydsim.store.files import write_atomic
from ydsim.wording import counted
from ydsim.world.base_run import FILE, WHAT, WHEN, BaseRun, Made
from ydsim.world.loader import PACKAGED, folder_of, load_world

OWN, USUAL = "scenario.yaml", "plain"


@dataclass(frozen=True)
class WorldFit:
    """A fit that has been written.

    Attributes
    ----------
    path
        The file.
    base
        What is in it.
    """

    path: Path
    base: BaseRun

    @property
    def made(self) -> Made:
        """Where it comes from, and its misfit."""
        assert self.base.made is not None
        return self.base.made

    def rmse(self, what: str, when: str) -> dict[str, float | None]:
        """Return the log RMSE over the fitted years by place, None where none is known.

        Parameters
        ----------
        what
            ``"cities"`` or ``"provinces"``.
        when
            ``"before"`` the fit, ``"after"`` it, or after it under ``"other_draws"``.
        """
        found = {}
        for place, line in self.made.misfit[when][what].items():
            known = [value for value in line if value is not None]
            found[place] = float(np.sqrt(np.mean(np.square(known)))) if known else None
        return found

    @property
    def noisy(self) -> str:
        """A remark where the fit brings other draws no nearer to official figures, else empty."""
        before, other = (self.rmse("cities", when) for when in (WHEN[0], WHEN[2]))
        whole = [*before][-1]
        known, now = before[whole], other[whole]
        if known is None or now is None or now < known:
            return ""
        return (
            f"under other draws cities are no nearer to official figures than without the fit "
            f"({now:.3f}, {known:.3f}): it follows chance; raise --replicates or --scale"
        )

    @property
    def text(self) -> str:
        """The misfit before and after as a table, and what was not fitted."""
        made, rmse = self.made, {(a, b): self.rmse(a, b) for a in WHAT for b in WHEN}
        lines = [f"not fitted: {line}" for line in made.not_fitted]
        if made.last_year < made.first_year:
            return "\n".join(lines)
        years = f"{made.first_year}-{made.last_year}"
        if made.last_year == made.first_year:
            years = f"{made.first_year}"
        places = [*rmse[WHAT[0], WHEN[0]]]
        width = max(map(len, places)) + 2
        head = "".join(f"{when.replace('_', ' '):>13}" for when in WHEN)
        table = [
            f"value added {years}, log RMSE of the mean of {counted(made.replicates, 'run')} to "
            "official figures",
            " " * width
            + "".join(f"{what:^{len(head)}}".rstrip().ljust(len(head)) for what in WHAT),
            " " * width + head * len(WHAT),
        ]
        for place in places:
            values = (rmse[what, when][place] for what in WHAT for when in WHEN)
            cells = ("-" if value is None else f"{value:.3f}" for value in values)
            table.append(f"{place:<{width}}" + "".join(f"{cell:>13}" for cell in cells))
        return "\n".join(line.rstrip() for line in [*table, *lines])


def fit_world(
    folder: str | Path,
    *,
    scenario: str | Path | Scenario | None = None,
    overrides: Mapping[str, Any] | None = None,
    replicates: int = REPLICATES,
    passes: int = PASSES,
    jobs: int = 1,
    allow_code: bool = False,
    progress: Report | None = None,
) -> WorldFit:
    """Fit the region of a folder to its data and write ``base_run.json`` into it.

    Parameters
    ----------
    folder
        Of the world. A fit that is in it is replaced; nothing else is written.
    scenario
        Whose parameters, policies, scale and seed hold; by default ``scenario.yaml`` of the folder,
        or ``plain`` where there is none. Its world is that of the folder, whatever it says.
    overrides
        Values by dotted key laid over a scenario that is given by name or path.
    replicates, passes
        Runs of each pass, and passes; as many runs twice more say how far off it is.
    jobs
        Processes. The file does not depend on it.
    allow_code
        As for `ydsim.load_scenario`.
    progress
        Called with how far it is.

    Raises
    ------
    UsageError, ScenarioError, InputError, ResourceError
        Nothing was written.
    Stopped
        After a signal; nothing was written.
    """
    name = arguments.path("folder", folder, "the folder of a world")
    if name in PACKAGED and not Path(name).exists():
        raise UsageError(
            f"{name!r} comes with ydsim, with its fit; fit a folder, as `ydsim world new FOLDER "
            f"--from {name}` writes one"
        )
    replicates = arguments.whole("replicates", replicates, 1, 10_000)
    passes = arguments.whole("passes", passes, 1, 1000)
    arguments.maybe_callable("progress", progress)
    root = folder_of(name)
    world, where = load_world(root), str(root.absolute())
    if isinstance(scenario, Scenario):
        if overrides:
            raise UsageError("overrides can be laid over the name or path of a scenario only")
        settings = scenario.model_copy(update={"world": where})
    else:
        own = root / OWN
        given = (own if own.exists() else USUAL) if scenario is None else scenario
        changes = {**(overrides or {}), "world": where}
        settings = load_scenario(given, changes, allow_code=allow_code)
    if not os.access(root, os.W_OK):
        raise ResourceError(f"cannot write {one_line(str(root / FILE))}: permission denied")
    base = fit_base_run(
        settings,
        world,
        replicates=replicates,
        passes=passes,
        engine=engine_of(None, jobs),
        report=progress,
    )
    write_atomic(root / FILE, dump(base).encode("utf-8"))
    return WorldFit(root / FILE, base)
