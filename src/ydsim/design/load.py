"""From a sweep file, or from a scenario and ``--vary``, to a checked sweep."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, cast

from ydsim import arguments
from ydsim.design.bases import Bases, laid_over
from ydsim.design.change import SAME, Change, change_of, together
from ydsim.design.factors import SCENARIO, Context, read_factors, settings, unknown_policies
from ydsim.design.file import FactorsAlone, SweepFile
from ydsim.design.kinds import Draft, FactorKind
from ydsim.design.source import described, is_sweep, of_file, of_scenario, parse_vary
from ydsim.design.sweep import MOST_REPLICATES, Recorded, ReplicateRule, Sweep
from ydsim.errors import InputError, ScenarioError, UsageError
from ydsim.fmt import counted
from ydsim.policies.base import Policy
from ydsim.scenario.check.validate import validate
from ydsim.scenario.load import check_tree
from ydsim.scenario.read.extend import is_name, read_tree
from ydsim.scenario.read.node import (
    SET,
    Mark,
    Node,
    Problem,
    dotted,
    fail,
    from_plain,
    leaves,
    merge,
)
from ydsim.scenario.read.override import Overrides, override_tree

__all__ = ["described", "is_sweep", "load_sweep", "parse_vary"]

MAX_RUNS = 100_000


def load_sweep(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    vary: Sequence[str] = (),
    max_runs: int = MAX_RUNS,
    allow_code: bool = False,
) -> Sweep:
    """Return a checked sweep; its points are not checked yet, see `check_points`.

    Parameters
    ----------
    name_or_path
        A sweep file, the name of a shipped sweep, or with ``vary`` a scenario.
    overrides
        Laid over what the sweep sets for every point.
    replicates, seed
        Replace those of the sweep.
    vary
        Factors of a grid over a scenario, see `parse_vary`.
    max_runs
        Largest number of points times replicates.
    allow_code
        As for `ydsim.load_scenario`.

    Raises
    ------
    InputError
        A file is missing or unreadable.
    ScenarioError
        Something in the file is wrong, or it makes too many runs.
    UsageError
        A text has the wrong form, or a package that the design needs is missing.
    """
    text = arguments.path("name_or_path", name_or_path, "the name or path of a sweep")
    vary = arguments.texts("vary", vary)
    seed = arguments.maybe_whole("seed", seed)
    replicates = arguments.maybe_whole("replicates", replicates, 1, MOST_REPLICATES)
    root, folder, mark = of_scenario(text, vary) if vary else of_file(text)
    reader = _Reader(root, folder, mark, overrides, seed, allow_code)
    sweep = reader.read(replicates)
    _refuse_too_many(sweep, max_runs, mark)
    return sweep


def sweep_of(
    content: Mapping[str, Any],
    overrides: Overrides | None = None,
    *,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked sweep that an analysis makes, without a file.

    ``content`` is a sweep file as plain data; paths start in the current folder, and messages name
    its ``base``. Other parameters and errors are those of `load_sweep`.
    """
    mark = Mark(str(content["base"]))
    seed = arguments.maybe_whole("seed", seed)
    reader = _Reader(from_plain(content, mark), Path(), mark, overrides, seed, allow_code)
    sweep = reader.read(None)
    _refuse_too_many(sweep, MAX_RUNS, mark)
    return sweep


def sweep_of_scenarios(
    name: str,
    points: Sequence[Mapping[str, object]],
    overrides: Overrides | None = None,
    *,
    record: Recorded,
    replicates: int,
    seed: int | None = None,
    description: str = "",
    allow_code: bool = False,
) -> Sweep:
    """Return the sweep of some scenarios, as a sweep file of kind ``list`` would make it.

    Each point has a ``scenario``, the name of a shipped one or the path of a file as seen from the
    current folder, and may have dotted keys. Other parameters and errors are those of `load_sweep`.
    """
    content = {
        "name": name,
        "description": description,
        "base": points[0][SCENARIO],
        "design": {"kind": "list", "points": [dict(point) for point in points]},
        "replicates": replicates,
        "record": record.plain(),
    }
    mark = Mark(name)
    return _Reader(from_plain(content, mark), Path(), mark, overrides, seed, allow_code).read(None)


class _Reader:
    """One call of `load_sweep`."""

    def __init__(
        self,
        root: Node,
        folder: Path,
        mark: Mark,
        overrides: Overrides | None,
        seed: int | None,
        allow_code: bool,
    ) -> None:
        self.root, self.mark, self.seed, self.allow_code = root, mark, seed, allow_code
        laid = Node({}, SET, SET) if overrides is None else override_tree(overrides)
        _refuse_objects(laid)
        self.overrides, _ = change_of(laid.value.items())
        file, problems = validate(SweepFile, root)
        self.file = file or SweepFile()
        first = self._first(problems)
        shown = str(PurePosixPath(mark.source).parent)
        bases = Bases(first, folder, SAME, allow_code=allow_code)
        self.ctx = Context(bases, folder, shown, problems)
        self.record = Recorded(
            **self.file.record.model_dump(exclude={"tables"}),
            tables=tuple(dict.fromkeys(self.file.record.tables)),
        )
        self.common = self._common(folder, first)

    def read(self, replicates: int | None) -> Sweep:
        """Return the sweep."""
        ctx, file, design = self.ctx, self.file, self.root.value["design"]
        given = file.replicates if replicates is None else replicates
        number = self.base.replicates if given is None else given
        draft = None
        if file.design is not None:
            draft = file.design.draft(ctx, design)
        elif design.is_mapping and "factors" in design.value:
            factors = design.value["factors"]
            alone, _ = validate(FactorsAlone, replace(design, value={"factors": factors}))
            read_factors(ctx, alone.factors if alone is not None else {}, factors)
        if draft is not None and file.design is not None:
            self._refuse_pinned(draft, file.design.kind)
        fail(ctx.problems)
        assert draft is not None
        assert file.design is not None
        usual = re.sub(r"[^A-Za-z0-9_.-]+", "-", PurePath(self.mark.source).stem).strip("-.")[:80]
        self.name = file.name or usual or "sweep"
        kind = file.design.kind
        return Sweep(
            name=self.name,
            description=file.description,
            base=self.base,
            replicates=number,
            random=file.random,
            record=self.record,
            factors=draft.factors,
            size=draft.size,
            kind=kind,
            spec=self._spec(kind, draft, number),
            make=ctx.bases,
            rows=draft.rows,
        )

    def _first(self, problems: list[Problem]) -> str:
        """Return the base as it is written, or the first scenario of those that are varied."""
        if self.file.base is not None:
            return self.file.base
        if "base" in self.root.value:
            fail(problems)  # which say what is wrong with it
        design = self.file.design
        varied = design.factors.get(SCENARIO) if isinstance(design, FactorKind) else None
        if isinstance(varied, list) and isinstance(varied[0], str):
            return varied[0]
        message = "needs 'base', the name or path of a scenario"
        fail([*problems, Problem(self.mark, "", message)])
        raise AssertionError  # `fail` has raised

    def _common(self, folder: Path, first: str) -> Change:
        """Return what every point has, and set the bases up with it."""
        ctx, given = self.ctx, self.root.value
        common = self.own = settings(ctx, given.get("set"), ("set",))
        seeds = _at({} if self.file.seed is None else {"seed": self.file.seed}, given.get("seed"))
        top = _at({} if self.seed is None else {"seed": self.seed}, None)
        laid = _joined(common, seeds, self.overrides, top)
        tree = self._tree(folder, first)
        policies = tree.value.get("policies")
        there = policies.value if policies is not None and policies.is_mapping else ()
        for change in (common, self.overrides):
            ctx.problems += unknown_policies(there, change)
        base, _, problems = check_tree(laid_over(tree, laid), tree.mark, allow_code=self.allow_code)
        if base is None:
            fail([*ctx.problems, *problems])
        assert base is not None
        self.base = base
        fixed = _at({"replicates": 1, "record": self.record.block()}, None)
        ctx.bases = Bases(first, folder, laid, fixed, allow_code=self.allow_code)
        ctx.bases.of()
        return laid

    def _tree(self, folder: Path, first: str) -> Node:
        """Return the tree of the base; errors of its file say where it is named."""
        try:
            return read_tree(first if is_name(first) else str(folder / first))
        except InputError as error:
            node = self.root.value.get("base")
            if node is None or node.mark.line == 0:
                raise
            at = f"{node.mark.origin}:{node.mark.column}: base: "
            raise InputError(*(at + line for line in error.problems)) from None

    def _refuse_pinned(self, draft: Draft, kind: str) -> None:
        """Refuse overrides of keys that the sweep varies, and its own where each point has one."""
        keys = {factor.key for factor in draft.factors if factor.key}
        given = list(leaves(self.overrides.node)) if self.overrides.node is not None else []
        off = self.overrides.switch
        given += [(("policies", name), off) for name in self.overrides.without if off is not None]
        if kind not in ("list", "one_at_a_time") and self.own.node is not None:
            given += [(path, node) for path, node in leaves(self.own.node) if dotted(path) in keys]
        for path, node in given:
            parts = [str(part) for part in path]
            if any(".".join(parts[:i]) in keys for i in range(1, len(parts) + 1)):
                message = "is varied by the sweep, which would replace this value"
                self.ctx.note(node, path, message)

    def _spec(self, kind: str, draft: Draft, replicates: int | ReplicateRule) -> dict[str, Any]:
        rule = replicates.model_dump() if isinstance(replicates, ReplicateRule) else replicates
        first = self.ctx.bases.first
        made = {
            "name": self.name,
            "description": self.file.description,
            "base": first if is_name(first) else PurePath(first).name,
            "hashes": {PurePath(k).name: v for k, v in self.ctx.bases.hashes().items()},
            "set": dict(self.common.tree),
            "without": list(self.common.without),
            "kind": kind,
            "settings": dict(draft.settings),
            "factors": [factor.plain() for factor in draft.factors],
            "size": draft.size,
            "replicates": rule,
            "random": self.file.random,
            "record": self.record.plain(),
            "seed": self.base.seed,
        }
        return cast("dict[str, Any]", _portable(made))


def _refuse_objects(laid: Node) -> None:
    """Refuse policies that are objects: the folder of a sweep must be able to name their class."""
    for path, node in leaves(laid):
        if isinstance(node.value, Policy):
            raise UsageError(
                f"{dotted(path)}: a sweep takes the settings of a policy, not an object; name its "
                "class under the key 'policy'"
            )


def _at(values: dict[str, Any], node: Node | None) -> Change:
    """Return plain keys as a change, placed where a node is."""
    mark = SET if node is None else node.mark
    return Change(values, node=from_plain(values, mark))


def _joined(*changes: Change) -> Change:
    """Return changes as one, with places."""
    node = Node({}, SET, SET)
    for change in changes:
        if change.node is not None:
            node = merge(node, change.node)
    return replace(together(changes), node=node)


def _portable(value: Any) -> Any:
    """Return plain data in which an absolute path is only the name of its file."""
    if isinstance(value, dict):
        return {key: _portable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_portable(inner) for inner in value]
    if isinstance(value, str) and PurePath(value).is_absolute():
        return PurePath(value).name
    return value


def _refuse_too_many(sweep: Sweep, max_runs: int, mark: Mark) -> None:
    rule = sweep.replicates
    each = rule.most if isinstance(rule, ReplicateRule) else rule
    runs = sweep.size * each
    if runs <= max_runs:
        return
    sizes = [len(factor.levels) for factor in sweep.factors if factor.levels]
    shape = " x ".join(map(str, sizes)) if sweep.kind == "grid" and len(sizes) > 1 else ""
    assert not shape or math.prod(sizes) == sweep.size
    points, times = counted(sweep.size, "point"), counted(each, "replicate")
    if shape:
        points = f"{shape} = {points}"
    if isinstance(rule, ReplicateRule):
        times = f"up to {times}"
    raise ScenarioError(
        f"{mark.source}: {points} with {times} each are {runs:,} runs, more than {max_runs:,}; "
        f"take fewer values or replicates, or allow it with --max-runs {runs}"
    )
