"""What a comparison is between: scenarios to be run, runs, and points of sweeps.

A name is a shipped scenario, a path of a scenario file, or a folder of results; of a sweep all
points or one of them (``folder:3``, ``folder:border=0.3``, ``folder:one_region``). A name that is
both a scenario and a folder is the scenario.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import isdir, isfile
from pathlib import Path
from typing import Any

from ydsim.analysis.counterfactual import require_policy
from ydsim.analysis.place_values import scenario_of
from ydsim.design.source import is_sweep
from ydsim.errors import InputError, ResultsError, ScenarioError, UsageError
from ydsim.outside import one_line
from ydsim.policies.naming import title_of
from ydsim.results.opening import open_results
from ydsim.results.results import Results
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.read.extend import parent_of
from ydsim.scenario.read.locate import SUFFIXES, is_name, shipped
from ydsim.scenario.read.override import Overrides
from ydsim.store.layout import find_folder
from ydsim.store.manifest import NAME, SWEEP, code_of_policies, world_label, ydsim_version
from ydsim.wording import counted, nearest
from ydsim.world.loader import load_world

MOST = 24
"""Settings that are compared at once."""


@dataclass(frozen=True)
class Side:
    """One of the settings that are compared.

    Attributes
    ----------
    name
        Short name, as tables have it.
    title
        What it is, in words.
    asked
        As the user named it.
    scenario
        Resolved, as plain data.
    world, version
        Digest of the content of its world, and version of ydsim.
    code
        Digest of each module with policies of the user's own.
    results, point
        Where its values are; None while it is to be run.
    is_scenario
        It is named by a scenario, not by a folder.
    without
        Policy that is at strength zero in it; empty where it is the scenario as it is.
    """

    name: str
    title: str
    asked: str
    scenario: dict[str, Any]
    world: str
    version: str
    code: Mapping[str, str]
    results: Results | None = None
    point: int = 0
    is_scenario: bool = False
    without: str = ""

    @property
    def to_run(self) -> dict[str, object]:
        """The point of a sweep that runs it."""
        off = {f"policies.{self.without}.strength": 0.0} if self.without else {}
        return {"scenario": self.asked, **off}

    @property
    def in_words(self) -> str:
        """Title, or the name where there is none."""
        return self.title or self.name


def sides_of(
    names: Sequence[str], overrides: Overrides | None, *, allow_code: bool = False
) -> list[Side]:
    """Return what the names mean, in their order; a folder of a sweep is all of its points.

    Raises
    ------
    UsageError
        When a name means nothing, or all of them less than two settings.
    InputError, ScenarioError, ResultsError
        When a scenario or a folder is not what it should be.
    """
    opened: dict[Path, Results] = {}
    sides = [
        side for name in names for side in _sides(name, overrides, opened, allow_code=allow_code)
    ]
    if len(sides) < 2:
        what = f"{names[0]} is one setting" if names else "nothing is named"
        raise UsageError(f"{what}: name a base and at least one other to compare with it")
    if len(sides) > MOST:
        raise UsageError(f"{len(sides)} settings are more than {MOST}: name points, as folder:3")
    return told_apart(sides)


def with_and_without(
    name: str, policy: str, overrides: Overrides | None, *, allow_code: bool = False
) -> list[Side]:
    """Return a scenario without one of its policies, and as it is.

    Raises
    ------
    UsageError
        When it is no scenario, or has no such policy.
    """
    if not _names_scenario(name):
        raise UsageError(f"{one_line(name, 80)}: --policy takes a policy out of a scenario")
    scenario = load_scenario(name, overrides, allow_code=allow_code)
    require_policy(scenario, policy)
    side = _of_scenario(name, overrides, allow_code=allow_code)
    policies = side.scenario["policies"]
    off = {**policies, policy: {**policies[policy], "strength": 0.0}}
    base = replace(
        side,
        name=f"{side.name} without it",
        scenario={**side.scenario, "policies": off},
        without=policy,
    )
    title = f"{title_of(type(scenario.policies[policy]))}, as {side.name} has it"
    return [base, replace(side, name=policy, title=title)]


def _names_scenario(text: str) -> bool:
    return text in shipped() or (not is_name(text) and text.lower().endswith(SUFFIXES))


def _sides(
    text: str, overrides: Overrides | None, opened: dict[Path, Results], *, allow_code: bool
) -> Iterator[Side]:
    if _names_scenario(text):
        yield _of_scenario(text, overrides, allow_code=allow_code)
        return
    results, which = results_named(text, opened)
    for point in points_named(results, which, text):
        yield side_of(results, point, text)


def results_named(text: str, opened: dict[Path, Results]) -> tuple[Results, str]:
    """Return the results that a name means, and what it says of their points, empty for all.

    Parameters
    ----------
    text
        A folder, or one with points, as ``folder:3``.
    opened
        Results by folder; what is opened is put there.

    Raises
    ------
    UsageError, InputError, ResultsError
        When there is no such folder, or it is damaged.
    """
    path, _, which = text.rpartition(":")
    folder = find_folder(text)
    if not isfile(folder / NAME) and path:
        folder = find_folder(path)
    else:
        which = ""
    if not isfile(folder / NAME):
        raise _unknown(text, folder)
    if folder not in opened:
        opened[folder] = open_results(folder)
    return opened[folder], which


def _of_scenario(text: str, overrides: Overrides | None, *, allow_code: bool) -> Side:
    if is_sweep(text):
        raise UsageError(f"{text} is a sweep; run it with ydsim sweep and compare its folder")
    scenario = load_scenario(text, overrides, allow_code=allow_code)
    return Side(
        scenario.name,
        scenario.description,
        text,
        {**plain_scenario(scenario), "world": world_label(scenario.world)},
        load_world(scenario.world).digest,
        ydsim_version(),
        code_of_policies(scenario.policies),
        is_scenario=True,
    )


def side_of(results: Results, point: int = 0, asked: str = "") -> Side:
    """Return a point of results as one of the settings of a comparison.

    Parameters
    ----------
    asked
        As the user named it; by default the name of the results.
    """
    manifest, points = results.manifest, results.contents.points
    plain = scenario_of(results, point)
    for key, kind in _NEEDED.items():
        if not isinstance(plain.get(key), kind):
            where = results.path or results.name
            raise ResultsError(f"{where}: scenario: {key}: is missing or no value of ydsim")
    factors = {name: points.columns[name][point : point + 1].tolist()[0] for name in points.factors}
    varied = ", ".join(f"{name} {_shown(value)}" for name, value in factors.items())
    several = len(set(points.columns["scenario"].tolist())) > 1
    name = str(points.columns["scenario"][point])
    if manifest.get("kind") == SWEEP and varied:
        name = f"{name}, {varied}" if several else varied
    return Side(
        one_line(name, 60),
        one_line(str(plain.get("description", "")), 200) if not varied else "",
        asked or results.name,
        plain,
        str(manifest["worlds"][plain["world"]]),
        str(manifest["version"]),
        dict(manifest.get("code", {})),
        results,
        point,
    )


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else one_line(str(value), 40)


def points_named(results: Results, which: str, asked: str) -> list[int]:
    """Return the points that are meant: all, the one of a number, or those with some values.

    Parameters
    ----------
    which
        As `results_named` returns it.
    asked
        As the user named the results, for messages.

    Raises
    ------
    UsageError
        When there is no such point.
    """
    folder = results.path or asked
    points = results.contents.points
    if not which:
        return list(range(len(points)))
    if which.isascii() and which.isdigit():
        if int(which) < len(points):
            return [int(which)]
        what = f"it has {counted(len(points), 'point')}, the first is 0"
        raise UsageError(f"{folder}:{which}: there is no such point; {what}")
    wanted: dict[str, str] = {}
    for part in which.split(","):
        key, equals, value = part.partition("=")
        wanted[key.strip() if equals else "scenario"] = value.strip() if equals else key.strip()
    known = ["scenario", *points.factors]
    for key in wanted:
        if key not in known:
            close = nearest(key, known)
            hint = f"; did you mean {close!r}?" if close else f"; known: {', '.join(known)}"
            raise UsageError(f"{folder}:{one_line(which, 60)}: no factor is called {key!r}{hint}")
    found = [
        at
        for at in range(len(points))
        if all(_is(points.columns[key][at : at + 1].tolist()[0], v) for key, v in wanted.items())
    ]
    if not found:
        told = "; ".join(
            f"{key}: " + ", ".join(map(_shown, dict.fromkeys(points.columns[key].tolist())))
            for key in wanted
        )
        raise UsageError(f"{folder}:{one_line(which, 60)}: no point has this; {one_line(told)}")
    return found


def _is(value: object, text: str) -> bool:
    if isinstance(value, float):
        try:
            return float(text) == value
        except ValueError:
            return False
    return str(value).lower() == text.lower() if isinstance(value, bool) else str(value) == text


def _unknown(text: str, folder: Path) -> UsageError | InputError | ResultsError:
    shown = one_line(text, 80)
    if isdir(folder):
        return ResultsError(f"{folder}: is not a results folder of ydsim: it has no {NAME}")
    close = nearest(text[:100], [*shipped(), *_folders()])
    hint = f"; did you mean {close!r}?" if close else "; see `ydsim list scenarios`"
    return UsageError(f"no scenario and no folder of results is called {shown!r}{hint}")


def _folders() -> list[str]:
    """Return the names of folders of results in ``results/``."""
    return sorted(path.parent.name for path in Path("results").glob(f"*/{NAME}"))


def told_apart(sides: Sequence[Side]) -> list[Side]:
    """Return sides of which no two others have one name; the base may share that of another."""
    found: list[Side] = []
    for side in sides:
        taken = [other.name for other in found[1:]] if found else []
        name, number = side.name, 2
        while name in taken:
            name, number = f"{side.name} ({number})", number + 1
        found.append(replace(side, name=name))
    return found


def require_alike(sides: Sequence[Side]) -> None:
    """Refuse sides that do not share their draws or their model.

    Raises
    ------
    UsageError
        One line that names both and all that differs in seed, scale, world, first year, version of
        ydsim, or code of the user's own policies.
    """
    base = sides[0]
    for side in sides[1:]:
        apart = [
            f"{what} {theirs} against {ours}"
            for what, ours, theirs in zip(_FACTS, _facts(base), _facts(side), strict=True)
            if ours != theirs
        ]
        apart += [
            f"code of {module}"
            for module in sorted({*base.code} & {*side.code})
            if base.code[module] != side.code[module]
        ]
        if apart:
            raise UsageError(
                f"{_call(side)} cannot be compared with {_call(base)}: {'; '.join(apart)}"
                + _way_out(base, side)
            )


_NEEDED: dict[str, type | tuple[type, ...]] = {
    "seed": int, "scale": (int, float), "start": int, "end": int, "world": str, "policies": dict,
}  # fmt: skip
"""Keys of a scenario in a folder that a comparison reads, and their types."""

_FACTS = ("seed", "scale", "first year", "world", "content of the world", "ydsim")


def _facts(side: Side) -> tuple[str, ...]:
    plain = side.scenario
    return (
        str(plain["seed"]), f"{plain['scale']:g}", str(plain["start"]), str(plain["world"]),
        side.world[:12], side.version,
    )  # fmt: skip


def _call(side: Side) -> str:
    return one_line(side.asked, 80)


def _way_out(base: Side, side: Side) -> str:
    """Say which settings make a scenario that is still to be run like the folder."""
    if base.version != side.version or base.is_scenario == side.is_scenario:
        return "; pairs need the same draws and the same model"
    there = base if side.is_scenario else side
    scenario = side if side.is_scenario else base
    keys = [
        key for key in ("seed", "scale", "start") if there.scenario[key] != scenario.scenario[key]
    ]
    given = " ".join(f"--set {key}={_shown(there.scenario[key])}" for key in keys)
    return f"; run the scenario alike with {given}" if given else ""


def hint_of(base: Side, side: Side) -> str:
    """Say what shows the policies of a side alone, where it is built on another scenario.

    ``open_platforms`` extends ``baseline_2018``: against ``baseline`` it also lacks what that
    adds.
    """
    if not side.is_scenario or base.without:
        return ""
    try:
        parent = parent_of(side.asked)
    except (InputError, ScenarioError):
        return ""
    if not is_name(parent) or parent in ("", base.asked, base.name):
        return ""
    return (
        f"{side.name} is built on {parent}; what it changes in that: "
        f"ydsim compare {parent} {side.asked}"
    )
