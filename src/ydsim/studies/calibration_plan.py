"""What a calibration is asked for: parameters and their priors, targets, points of its waves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np

from ydsim import arguments, fmt
from ydsim.design.factors import cell_at, share_of_range
from ydsim.design.load import sweep_of
from ydsim.design.sweep import Factor, Sweep, value_of
from ydsim.errors import UsageError
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import Overrides, override_tree
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies import emulation
from ydsim.studies.optimise import varied
from ydsim.studies.posterior import Draws
from ydsim.studies.study import SCALE, extra
from ydsim.studies.validation import BY_CITY, KNOWN_IN, LINKED, Target, load_targets
from ydsim.typing import Floats, Ints
from ydsim.wording import suggestion

RANGES: Final[Mapping[str, str]] = {
    "parameters.invest.adjustment": "0.05:0.3",
    "parameters.explore.ideas": "0.08:0.25",
    "parameters.explore.ideas_exponent": "0.3:0.6",
    "parameters.match.reserve": "2.0:3.0",
    "parameters.match.cognitive": "1.0:3.5",
    "parameters.match.gap_search": "0.01:0.04",
    "parameters.match.attraction": "0.3:1.2",
    "parameters.match.overhead": "0:0.3",
    "parameters.explore.access": "0:0.8",
    "parameters.explore.nation": "0.45:0.65",
    "parameters.explore.far": "0.05:0.3",
    "parameters.explore.absorption": "0:1",
    "parameters.explore.recombination": "0:1",
    "parameters.border.joint_work": "0.05:0.4",
    "parameters.border.hand_over": "0.01:0.2:log",
    "parameters.border.knowledge": "0.7:1",
    "parameters.border.goods": "0.75:0.95",
    "parameters.border.exposure": "0.3:0.7",
    "parameters.border.talent": "0.3:0.7",
    "parameters.chain.project_share": "0.6:0.9",
    "parameters.chain.duration": "8.0:15.0",
    "parameters.chain.joint_quality": "0.1:0.5",
    "parameters.compete.access": "0.03:0.06",
    "parameters.compete.research_return": "0.04:0.08",
    "parameters.contracts.market": "0.25:0.8",
    "parameters.learn.rate": "0.03:0.3:log",
    "parameters.adopt.internal": "0.3:0.9",
}
"""Ranges of the parameters that are calibrated by default (assumed): those that are assumed or set
by hand and move what was published, and those that a headline hangs on, whether figures see them or
not."""

WAVES, MEMBERS, DRAWS = 3, 40, 100_000
MEMBERS_OF: Final = "members"
"""Folder of the members below that of a calibration."""
PER_PARAMETER: Final = 10
"""Runs of a wave for each parameter."""

TRUTHS_OF: Final = "truths"
"""Folder of the runs at known truths below that of a calibration."""


@dataclass(frozen=True)
class Plan:
    """What is calibrated, to what and how."""

    scenario: str | Path
    overrides: Overrides | None
    base: Scenario
    ranges: tuple[Factor, ...]
    targets: tuple[Target, ...]
    counted: tuple[Target, ...]
    """Those that are fitted to, if their emulators are good enough."""
    scales: tuple[float, ...]
    """Share of organisations that is simulated, by wave; members have the last one."""
    wave_points: int
    members: int
    replicates: int  # of each point
    draws: int  # of the prior
    truths: int  # of which it is tried whether they are found again
    truth_runs: int
    seed: int
    allow_code: bool = False
    of: Path | None = None
    """Folder of the calibration whose runs are taken; None: it makes its own."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the parameters."""
        return tuple(factor.key for factor in self.ranges)

    @property
    def default(self) -> list[float]:
        """The values of the scenario as it is."""
        paths = [key.split(".") for key in self.keys]
        found: list[Any] = [reduce(getattr, path, self.base) for path in paths]
        return [float(value) for value in found]

    @property
    def digest(self) -> str:
        """A short text that differs where members of another calibration would be drawn."""
        known = self.counted, self.ranges, self.scales, self.wave_points, self.draws, self.seed
        return sha256(repr(known).encode()).hexdigest()[:16]

    def values(self, points: Floats) -> list[list[float]]:
        """Return values of parameters at points of the unit cube, as runs have them."""
        return [
            [float(value_of(cell_at(f, float(u)))) for f, u in zip(self.ranges, row, strict=True)]
            for row in points
        ]

    @property
    def space(self) -> str:
        """A short text that differs where parameters, scenario or draws of the runs do."""
        known = self.ranges, self.base.model_dump_json(), self.scales, self.replicates, self.seed
        return sha256(repr(known).encode()).hexdigest()[:16]

    @property
    def readings(self) -> dict[str, str]:
        """What each target reads of a run, equal where figures alone differ."""
        return {
            one.name: repr((one.reading, one.indicator, one.over, one.place, one.years))
            for one in self.targets
        }

    def points(self, values: Sequence[Sequence[float]]) -> Floats:
        """Return the points of the unit cube of values."""
        table = np.array(values, dtype=np.float64)
        each = [share_of_range(f.plain(), table[:, j]) for j, f in enumerate(self.ranges)]
        return np.column_stack(each)

    def distinct(self, draws: Draws, at: Ints) -> Ints:
        """Return which of some draws differ as runs have them, ascending."""
        rows = self.values(draws.points[np.sort(at)])
        return np.sort(at)[np.sort(np.unique(rows, axis=0, return_index=True)[1])]

    def first(self) -> list[list[float]]:
        """Return the values of the first wave: the scenario as it is and a hypercube."""
        cube = emulation.hypercube(self.wave_points - 1, len(self.ranges), self.seed)
        return [self.default, *self.values(cube)]

    def sweep(self, part: str, scale: float, values: Sequence[Sequence[float]]) -> Sweep:
        """Return the checked sweep of a wave, or of the members."""
        last = max(self.base.start + 1, *(one.years[1] for one in self.targets))
        read = [name for one in self.targets for name in (one.indicator, one.over)]
        linked = any(name.startswith(LINKED) for name in read)
        cities = linked or any(name.startswith(BY_CITY) for name in read)
        whole = [int if factor.whole else float for factor in self.ranges]
        rows = [[kind(v) for v, kind in zip(row, whole, strict=True)] for row in values]
        content = {
            "name": f"{self.base.name[:50]}-calibration-{part}",
            "description": f"Drawn for {self.digest}." if part in (MEMBERS_OF, TRUTHS_OF) else "",
            "base": str(self.scenario),
            "set": {"scale": scale, "end": min(last, self.base.end)},
            "design": {
                "kind": "list",
                "points": [dict(zip(self.keys, row, strict=True)) for row in rows],
            },
            "replicates": self.replicates,
            "random": "independent",
            "record": {"cities": int(cities), "ties": linked},
        }
        return sweep_of(content, self.overrides, seed=self.seed, allow_code=self.allow_code)


# -- what is asked for -----------------------------------------------------------------------------


def design(
    scenario: str | Path,
    overrides: Overrides | None = None,
    *,
    vary: Sequence[str] = (),
    targets: str | Path | None = None,
    until: int | None = None,
    waves: int = WAVES,
    scales: Sequence[float] = (),
    points: int | None = None,
    members: int = MEMBERS,
    replicates: int = 1,
    draws: int = DRAWS,
    truths: int = 0,
    truth_runs: int = 0,
    seed: int | None = None,
    allow_code: bool = False,
    of: str | Path | None = None,
) -> Plan:
    """Return a calibration, checked; nothing is run.

    ``vary``: ``KEY=FROM:TO`` or ``KEY=FROM:TO:log``, one for each parameter, or the key of one of
    `RANGES`; by default all of these. ``targets``: a file of targets like the packaged one; by
    default that. ``until``: year by which targets end that are fitted to, 2017 for those of the
    package. ``scales``: of the waves, the last of them goes on; by default .02. ``points``: of a
    wave, by default ten for each parameter. ``members``: points that are drawn at the end.
    ``draws`` of the prior. ``truths``: known ones of which it is tried whether intervals hold them;
    ``truth_runs``: how many of these are run. ``of``: folder of a complete calibration, whose runs
    are taken; nothing is run then.
    """
    extra("sklearn.gaussian_process", "scikit-learn", "a calibration")
    base = load_scenario(scenario, overrides, allow_code=allow_code)
    ranges = _ranges(scenario, overrides, vary, allow_code)
    waves = arguments.whole("waves", waves, 1, 20)
    sizes = [arguments.number("scales", each, "numbers above 0") for each in scales] or [SCALE]
    if len(sizes) > waves:
        raise arguments.refuse("scales", f"at most one for each of {waves} waves", scales)
    if scales and "scale" in override_tree(overrides or {}).value:
        raise UsageError("scales of waves are given, and the scale is set for all of them too")
    every = load_targets(base.world, targets)
    until = (KNOWN_IN if targets is None else base.end) if until is None else until
    counted = tuple(t for t in every if t.train and not t.anchored and t.years[1] <= until)
    if not counted:
        raise UsageError(
            f"none of {fmt.counted(len(every), 'target')} is there to train on, not anchored and "
            f"known in {until}"
        )
    if of is not None and truth_runs:
        raise UsageError("known truths need runs of their own: leave out the folder, or these")
    plan = Plan(
        scenario,
        overrides,
        base,
        ranges,
        every,
        counted,
        tuple(sizes + sizes[-1:] * (waves - len(sizes))),
        arguments.whole("points", points or PER_PARAMETER * len(ranges), 8, 100_000),
        arguments.whole("members", members, 2, 10_000),
        arguments.whole("replicates", replicates, 1, 1000),
        arguments.whole("draws", draws, 1000, 10_000_000),
        arguments.whole("truths", truths, 0, min(draws, 10_000)),
        arguments.whole("truth_runs", truth_runs, 0, min(draws, 1000)),
        base.seed if seed is None else seed,
        allow_code,
        None if of is None else arguments.folder("of", of),
    )
    plan.sweep("wave-1", plan.scales[0], plan.first()[:2])
    return plan


def _ranges(
    scenario: str | Path, overrides: Overrides | None, vary: Sequence[str], allow_code: bool
) -> tuple[Factor, ...]:
    """Return the ranges of what is calibrated."""
    texts = []
    for text in arguments.texts("vary", vary) or list(RANGES):
        if "=" not in text:
            key = text if text.startswith("parameters.") else f"parameters.{text}"
            if key not in RANGES:
                hint = suggestion(key, list(RANGES), "those that have one are")
                raise UsageError(f"--vary {text}: has no usual range, write KEY=FROM:TO{hint}")
            text = f"{key}={RANGES[key]}"
        texts.append(text)
    _, ranges = varied(scenario, overrides, texts, allow_code=allow_code)
    for text, factor in zip(texts, ranges, strict=True):
        if not factor.is_range:
            raise UsageError(f"--vary {text}: a calibration needs a range, KEY=FROM:TO")
    return ranges


def folder_of(plan: Plan) -> Path:
    """Return the usual folder of a calibration."""
    from ydsim.store.layout import folder_name

    return Path("results") / folder_name(f"{plan.base.name[:50]}-calibration")
