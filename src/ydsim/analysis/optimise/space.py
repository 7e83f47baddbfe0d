"""What a search may change: numbers of ranges and values of lists, laid over a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from scipy.stats import qmc

from ydsim.design.change import Change, together
from ydsim.design.context import field_at
from ydsim.design.factors import level_at
from ydsim.design.levels import overlaid
from ydsim.design.load import load_sweep
from ydsim.design.ranges import significant
from ydsim.design.sweep import Factor, Level, Sweep
from ydsim.errors import ScenarioError, UsageError
from ydsim.outside import one_line
from ydsim.scenario.check.check_world import check_against_world
from ydsim.scenario.load import scenario_hash
from ydsim.scenario.read.override import Overrides
from ydsim.scenario.schema.key_index import is_whole
from ydsim.scenario.schema.scenario import Scenario
from ydsim.world.loader import load_world

Values: TypeAlias = Mapping[str, Any]
"""What each variable is in a trial, by key: a number, or the place of a listed value."""

_FORM = "expected KEY=FROM:TO, KEY=FROM:TO:log or KEY=a,b,c"
_MANY = 2**63 - 1


@dataclass(frozen=True)
class Variable:
    """One thing that a search may change.

    Attributes
    ----------
    factor
        Key, and a range or levels.
    """

    factor: Factor

    @property
    def key(self) -> str:
        """Dotted key of the scenario."""
        return self.factor.label

    def change(self, value: Any) -> Change:
        """Return what a value lays over the scenario."""
        if self.factor.is_range:
            return overlaid(self.factor.key, value)
        change: Change = self.factor.levels[value].change
        return change

    def shown(self, value: Any) -> int | float | str | bool:
        """Return a value as tables have it."""
        if self.factor.is_range:
            return int(value) if self.factor.whole else significant(float(value))
        level: Level = self.factor.levels[value]
        return level.value


@dataclass(frozen=True)
class Space:
    """Everything that a search may change, and the inputs under which it is judged.

    Attributes
    ----------
    sweep
        The scenario, checked, and what makes scenarios of it.
    variables
        In the order of the command.
    inputs
        Changes of assumed inputs, one for each draw; one empty change where none are drawn.
    """

    sweep: Sweep
    variables: tuple[Variable, ...]
    inputs: tuple[Change, ...]

    def scenarios(self, values: Values | None) -> list[Scenario]:
        """Return the scenario of a trial under every draw of inputs; None is the base as it is.

        Raises
        ------
        ScenarioError
            When values do not go together.
        """
        own = [v.change(values[v.key]) for v in self.variables] if values is not None else []
        return [self._made(together([*own, draw]), values) for draw in self.inputs]

    def _made(self, change: Change, values: Values | None) -> Scenario:
        try:
            scenario: Scenario = self.sweep.make.make(change)
        except ValueError:
            problems = self.sweep.make.of(change.scenario).problems(change)
            if not problems:
                raise
            said = "; ".join(dict.fromkeys(f"{p.path}: {p.message}" for p in problems[:3]))
            raise ScenarioError(f"{self._where(values)}: {said}") from None
        wrong = check_against_world(scenario, load_world(scenario.world))
        if wrong:
            raise ScenarioError(f"{self._where(values)}: {wrong[0]}")
        return scenario

    def _where(self, values: Values | None) -> str:
        if values is None:
            return f"{self.sweep.name} as it is"
        said = ", ".join(f"{v.key}={v.shown(values[v.key])}" for v in self.variables)
        return f"{self.sweep.name} with {one_line(said, 200)}"


def read_space(
    scenario: str,
    vary: Sequence[str],
    overrides: Overrides | None = None,
    *,
    seed: int | None = None,
    draws: int = 0,
    inputs: str = "uncertain_parameters",
    allow_code: bool = False,
) -> Space:
    """Return what a search may change in a scenario.

    Parameters
    ----------
    scenario
        Name or path.
    vary
        ``KEY=FROM:TO``, ``KEY=FROM:TO:log`` or ``KEY=a,b,c``, one each.
    overrides, seed
        Laid over the scenario.
    draws, inputs
        Number of draws, a Latin hypercube by ``seed``, of the factors of a sweep with ranges; 0
        keeps the inputs of the scenario.

    Raises
    ------
    UsageError
        A text has another form, or a key is varied and drawn.
    InputError, ScenarioError
        As for `ydsim.design.load.load_sweep`.
    """
    if not vary:
        raise UsageError("--vary: say what the search may change: --vary KEY=FROM:TO")
    texts = [_as_grid(text) for text in vary]
    sweep = load_sweep(
        scenario,
        overrides,
        replicates=1,
        seed=seed,
        vary=[grid for grid, _ in texts],
        max_runs=_MANY,
        allow_code=allow_code,
    )
    variables = [
        Variable(factor if scale is None else _range_of(factor, sweep, log=scale == "log"))
        for factor, (_, scale) in zip(sweep.factors, texts, strict=True)
    ]
    keys = {variable.key for variable in variables}
    drawn = draw_inputs(inputs, draws, sweep.base.seed, keys) if draws else (Change(),)
    space = Space(sweep, tuple(variables), drawn)
    space.scenarios(None)
    for end in (0.0, 1.0):
        values = {v.key: _end(v, end) for v in variables}
        space.scenarios(values)
    return space


def draw_inputs(
    name: str, number: int, seed: int, taken: set[str] | frozenset[str]
) -> tuple[Change, ...]:
    """Return draws of the factors of a sweep: a Latin hypercube by ``seed``.

    Raises
    ------
    UsageError
        When a factor is also searched, or the sweep has no ranges.
    """
    factors = sorted(load_sweep(name).factors, key=lambda factor: factor.label)
    ranges = [factor for factor in factors if factor.is_range and factor.low < factor.high]
    if not ranges:
        raise UsageError(f"--inputs {name}: has no factors with ranges to draw from")
    for factor in ranges:
        if factor.key in taken:
            raise UsageError(f"--vary {factor.key}: is drawn as an uncertain input of {name}")
    rng = np.random.default_rng(seed)
    shares = qmc.LatinHypercube(d=len(ranges), seed=rng).random(number)
    return tuple(
        together(level_at(f, float(u)).change for f, u in zip(ranges, row, strict=True))
        for row in shares
    )


def hash_of(space: Space) -> str:
    """Return a hash of the scenario that is searched, as it is."""
    return scenario_hash(space.sweep.base)


def _as_grid(text: str) -> tuple[str, Literal["linear", "log"] | None]:
    """Return a text as ``--vary`` of a sweep has it, and the scale of a range; None of a list."""
    key, equals, value = text.partition("=")
    parts = [part.strip() for part in value.split(":")]
    if not equals or not key.strip() or not value.strip():
        raise UsageError(f"--vary {one_line(text, 60)}: {_FORM}")
    if any(sign in value for sign in "[{") or len(parts) == 1:
        return text, None
    if len(parts) == 2:
        return f"{key}={parts[0]}:{parts[1]}:2", "linear"
    if len(parts) == 3 and parts[2] == "log":
        return f"{key}={parts[0]}:{parts[1]}:2:log", "log"
    raise UsageError(f"--vary {one_line(text, 60)}: {_FORM}")


def _range_of(factor: Factor, sweep: Sweep, *, log: bool) -> Factor:
    """Return the range between the two levels of a factor."""
    first, last = (level.value for level in factor.levels)
    info = field_at(sweep.make.of(), tuple(factor.key.split(".")), factor.levels[0].change)
    whole = info is not None and is_whole(info.annotation)
    assert isinstance(first, (int, float))
    assert isinstance(last, (int, float))
    low, high = float(first), float(last)
    return Factor(factor.label, factor.key, low=low, high=high, log=log, whole=whole)


def _end(variable: Variable, share: float) -> Any:
    factor = variable.factor
    if not factor.is_range:
        return 0 if share == 0.0 else len(factor.levels) - 1
    end = factor.low if share == 0.0 else factor.high
    return int(end) if factor.whole else end
