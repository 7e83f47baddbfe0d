"""From a sweep file, or from a scenario and ``--vary``, to a checked sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Literal, cast

from ydsim.errors import InputError, ScenarioError, UsageError
from ydsim.experiment.design.bases import Base, Bases, laid_over
from ydsim.experiment.design.change import SAME, Change, together
from ydsim.experiment.design.context import Context
from ydsim.experiment.design.draft import Draft
from ydsim.experiment.design.head import (
    MOST_REPLICATES,
    read_name,
    read_random,
    read_record,
    read_replicates,
    read_text_key,
)
from ydsim.experiment.design.kinds import kind_of, read_design
from ydsim.experiment.design.levels import SCENARIO, settings
from ydsim.experiment.design.sweep import Recorded, ReplicateRule, Sweep
from ydsim.experiment.design.table import LARGEST
from ydsim.experiment.design.vary import parse_vary
from ydsim.scenario.extend import read_tree
from ydsim.scenario.find import SUFFIXES, is_name, shipped, shipped_sweeps
from ydsim.scenario.load import scenario_hash
from ydsim.scenario.node import SET, Mark, Node, from_plain, leaves, merge, plain
from ydsim.scenario.override import Overrides, override_tree
from ydsim.scenario.problems import Problem, fail, nearest
from ydsim.scenario.text import read_text
from ydsim.scenario.yaml import parse

__all__ = ["described", "is_sweep", "load_sweep", "parse_vary"]

KEYS = (
    "name",
    "description",
    "base",
    "set",
    "design",
    "replicates",
    "random",
    "record",
    "seed",
)

MAX_RUNS = 100_000


def load_sweep(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    vary: Sequence[str] = (),
    max_runs: int = MAX_RUNS,
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

    Raises
    ------
    InputError
        A file is missing or unreadable.
    ScenarioError
        Something in the file is wrong, or it makes too many runs.
    UsageError
        A text has the wrong form, or a package that the design needs is missing.
    """
    text = str(name_or_path)
    root, folder, mark = _of_scenario(text, vary) if vary else _of_file(text)
    reader = _Reader(root, folder, mark, overrides, seed)
    sweep = reader.read(replicates)
    _refuse_too_many(sweep, max_runs, mark)
    return sweep


def described(name: str) -> str:
    """Return the description of a shipped sweep, without looking at its design."""
    root, _, mark = _of_file(name)
    node = root.value.get("description")
    if node is None or not isinstance(node.value, str):
        fail([Problem(mark, "description", "expected one line of text")])
    assert node is not None
    return str(node.value)


def is_sweep(name_or_path: str) -> bool:
    """Tell whether this is a shipped sweep or a file with a ``design``."""
    if is_name(name_or_path):
        return name_or_path in shipped_sweeps() and name_or_path not in shipped()
    try:
        text = read_text(Path(name_or_path), Mark(name_or_path), largest=LARGEST)
        root = parse(text, Mark(name_or_path))
    except (InputError, ScenarioError):
        return any(PurePath(name_or_path) == path for path in shipped_sweeps().values())
    return root.is_mapping and "design" in root.value


def _of_scenario(text: str, vary: Sequence[str]) -> tuple[Node, Path, Mark]:
    if not is_name(text) and is_sweep(text):
        raise UsageError(f"--vary: {text} has a design of its own; add factors there")
    if is_name(text) and text in shipped_sweeps() and text not in shipped():
        raise UsageError(f"--vary: {text!r} is a sweep and has a design of its own")
    mark = Mark(text)
    design = parse_vary(vary)
    base = Node(text, mark, mark, text=text)
    tree = read_tree(text)
    told = {key: tree.value[key] for key in ("name", "description") if key in tree.value}
    return Node({**told, "base": base, "design": design}, mark, mark), Path(), mark


def _of_file(text: str) -> tuple[Node, Path, Mark]:
    path, display = _locate(text)
    mark = Mark(display)
    root = parse(read_text(path, mark, largest=LARGEST, what="sweep"), mark)
    root = replace(root, mark=mark, key=mark)
    if root.value is None:
        raise ScenarioError(f"{display}: the file is empty; a sweep needs `base:` and `design:`")
    if not root.is_mapping:
        raise ScenarioError(f"{display}: expected a mapping of keys to values, found {root.kind}")
    if "design" not in root.value:
        raise ScenarioError(
            f"{display}: is no sweep, it has no `design:`; to vary a scenario write "
            "--vary KEY=FROM:TO:STEPS"
        )
    return root, path.parent, mark


def _locate(text: str) -> tuple[Path, str]:
    if not is_name(text):
        return Path(text), text
    known = shipped_sweeps()
    if text in known:
        return known[text], f"scenarios/sweeps/{text}.yaml"
    if text in shipped():
        raise UsageError(f"{text!r} is a scenario; say what to vary: --vary KEY=FROM:TO:STEPS")
    close = nearest(text, known)
    hint = f"; did you mean {close!r}?" if close else ""
    if any(Path(text + suffix).is_file() for suffix in SUFFIXES if "\0" not in text):
        hint += f"; the file is {text + SUFFIXES[0]!r}, with its ending"
    raise InputError(f"no sweep is called {text!r}{hint}; see `ydsim list sweeps`")


class _Reader:
    """One call of `load_sweep`."""

    def __init__(
        self, root: Node, folder: Path, mark: Mark, overrides: Overrides | None, seed: int | None
    ) -> None:
        self.root, self.mark, self.seed = root, mark, seed
        self.given = root.value
        laid = override_tree(overrides) if overrides else Node({}, SET, SET)
        self.overrides = Change(plain(laid), node=laid)
        shown = str(PurePosixPath(mark.source).parent)
        first = self._first()
        self.ctx = Context(Bases(first, folder, SAME), folder, shown)
        self.common = self._common(folder, first)

    def read(self, replicates: int | None) -> Sweep:
        """Return the sweep."""
        ctx, given = self.ctx, self.given
        name = read_name(ctx, given.get("name"), PurePath(self.mark.source).stem)
        description = read_text_key(ctx, given.get("description"), "description")
        number = read_replicates(ctx, given.get("replicates"), self.base.replicates)
        if replicates is not None:
            if not 1 <= replicates <= MOST_REPLICATES:
                raise UsageError(f"--replicates must be between 1 and {MOST_REPLICATES:,}")
            number = replicates
        draft = read_design(ctx, given["design"])
        if draft is not None:
            self._refuse_pinned(draft)
        fail(ctx.problems)
        assert draft is not None
        kind = kind_of(given["design"])
        assert kind is not None
        spec = self._spec(name, kind, draft, number, description)
        return Sweep(
            name=name,
            description=description,
            base=self.base,
            replicates=number,
            random=cast("Literal['common', 'independent']", self.random),
            record=self.record,
            factors=draft.factors,
            size=draft.size,
            kind=kind,
            spec=spec,
            make=ctx.bases,
            rows=draft.rows,
        )

    def _first(self) -> str:
        """Return the base as it is written, or the first scenario of those that are varied."""
        node = self.given.get("base")
        if node is None:
            design = self.given["design"]
            factors = design.value.get("factors") if design.is_mapping else None
            varied = (
                factors.value.get(SCENARIO) if factors is not None and factors.is_mapping else None
            )
            listed = varied.value if varied is not None else None
            if isinstance(listed, list) and listed and isinstance(listed[0].value, str):
                return listed[0].value
            message = "needs 'base', the name or path of a scenario"
            fail([Problem(self.mark, "", message)])
        if node is None or not isinstance(node.value, str) or not node.value.strip():
            found = "nothing" if node is None else node.kind
            message = f"expected the name or path of a scenario, found {found}"
            fail([Problem(self.mark if node is None else node.mark, "base", message)])
        return str(node.value)

    def _common(self, folder: Path, first: str) -> Change:
        """Return what every point has, and set the bases up with it; find the sweep's own keys."""
        ctx = self.ctx
        ctx.only(self.root, KEYS, (), "; settings of the scenario go under `set`")
        ctx.kind = kind_of(self.given["design"]) or ""
        self.record: Recorded = read_record(ctx, self.given.get("record"))
        self.random = read_random(ctx, self.given.get("random"))
        seed = self.given.get("seed")
        said = ctx.number(seed, ("seed",), whole=True, low=0, high=2**63 - 1)
        common = settings(ctx, self.given.get("set"), ("set",))
        fail(ctx.problems)
        seeds = _at({} if said is None else {"seed": int(said)}, seed)
        top = _at({} if self.seed is None else {"seed": self.seed}, None)
        laid = _joined(common, seeds, self.overrides, top)
        try:
            self.base = Base(_tree(first, folder, laid)).scenario
            fixed = _at({"replicates": 1, "record": self.record.block()}, None)
            ctx.bases = Bases(first, folder, _joined(laid, fixed))
            ctx.bases.of()
        except InputError as error:
            node = self.given.get("base")
            if node is None or node.mark.line == 0:
                raise
            at = f"{node.mark.origin}:{node.mark.column}: base: "
            raise InputError(*(at + line for line in error.problems)) from None
        return laid

    def _refuse_pinned(self, draft: Draft) -> None:
        """Refuse overrides of keys that the sweep varies."""
        assert self.overrides.node is not None
        keys = {factor.key for factor in draft.factors if factor.key}
        for path, node in leaves(self.overrides.node):
            parts = [str(part) for part in path]
            if any(".".join(parts[:i]) in keys for i in range(1, len(parts) + 1)):
                message = "is varied by the sweep, which would replace this value"
                self.ctx.note(node, path, message)

    def _spec(
        self,
        name: str,
        kind: str,
        draft: Draft,
        replicates: int | ReplicateRule,
        description: str,
    ) -> dict[str, Any]:
        rule = replicates.plain() if isinstance(replicates, ReplicateRule) else replicates
        first = self.ctx.bases.first
        made = {
            "name": name,
            "description": description,
            "base": first if is_name(first) else PurePath(first).name,
            "base_hash": scenario_hash(self.base),
            "set": dict(self.common.tree),
            "without": list(self.common.without),
            "kind": kind,
            "settings": dict(draft.settings),
            "factors": [factor.plain() for factor in draft.factors],
            "size": draft.size,
            "replicates": rule,
            "random": self.random,
            "record": self.record.plain(),
            "seed": self.base.seed,
        }
        return cast("dict[str, Any]", _portable(made))


def _tree(first: str, folder: Path, laid: Change) -> Node:
    return laid_over(read_tree(first if is_name(first) else str(folder / first)), laid)


def _at(values: dict[str, Any], node: Node | None) -> Change:
    """Return plain keys as a change that stands where a node does."""
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
    points = f"{shape} = {sweep.size:,} points" if shape else f"{sweep.size:,} points"
    times = (
        f"up to {each:,} replicates" if isinstance(rule, ReplicateRule) else f"{each:,} replicate"
    )
    times += "s" if not isinstance(rule, ReplicateRule) and each != 1 else ""
    raise ScenarioError(
        f"{mark.source}: {points} with {times} each are {runs:,} runs, more than {max_runs:,}; "
        f"take fewer values or replicates, or allow it with --max-runs {runs}"
    )
