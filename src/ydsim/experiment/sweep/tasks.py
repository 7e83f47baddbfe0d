"""From the contents of a sweep to the task of a part, complete in itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim.experiment.design.sweep import Recorded
from ydsim.experiment.replicate import MakeModel
from ydsim.experiment.sweep.work import PartTask, RunTask

if TYPE_CHECKING:
    from ydsim.experiment.sweep.folder import Contents
    from ydsim.record.indicators import Indicator


@dataclass(frozen=True)
class Standing:
    """What stands in for the real thing: in tests, or for worlds in folders of one's own.

    Attributes
    ----------
    worlds
        Path of each world of one's own by name.
    make_model, indicators
        For `ydsim.Model` and the list of indicators.
    """

    worlds: Mapping[str, str] = field(default_factory=dict)
    make_model: MakeModel | None = None
    indicators: Mapping[str, Indicator] | None = None

    def path(self, world: str) -> str:
        """Return where a world is: its name says it, unless it is known better."""
        return self.worlds.get(world, world)

    def known_indicators(self) -> Mapping[str, Indicator]:
        """Return the indicators in use."""
        if self.indicators is not None:
            return self.indicators
        from ydsim.record.indicators import INDICATORS

        return INDICATORS


def make_task(folder: Path, contents: Contents, number: int, standing: Standing) -> PartTask:
    """Return the task of a part."""
    plan, points = contents.plan, contents.points
    rows = plan.bounds[number]
    runs = tuple(map(RunTask, plan.runs[rows], plan.hashes[rows], plan.replicates[rows]))
    scenarios = {of: points.scenario(of) for of in dict.fromkeys(plan.hashes[rows])}
    names = dict.fromkeys(scenario["world"] for scenario in scenarios.values())
    return PartTask(
        folder=str(folder.absolute()),
        number=number,
        identity=plan.identities[number],
        version=contents.about["version"],
        runs=runs,
        scenarios={of: json.dumps(scenario) for of, scenario in scenarios.items()},
        worlds={name: (standing.path(name), points.worlds[name]) for name in names},
        record=recorded(contents.about["record"]),
        indicators=contents.about["indicators"],
        make_model=standing.make_model,
    )


def recorded(plain: Mapping[str, Any]) -> Recorded:
    """Return what `Recorded.plain` made plain."""
    return Recorded(**{**plain, "tables": tuple(plain["tables"])})
