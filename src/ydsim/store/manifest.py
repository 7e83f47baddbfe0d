"""The card of a results folder: what was run, under which hash, and what it holds.

Everything outside the block ``made`` is a function of scenario, world and version of ydsim, so
that two runs of one scenario write the same manifest but for ``made`` (times, host, versions).
``check`` is the SHA-256 of everything else in the file, so that a flipped byte is noticed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ydsim.errors import ResultsError
from ydsim.store.files import read_bytes, sha256
from ydsim.store.official import official_rows
from ydsim.store.schema import check_manifest
from ydsim.typing import Columns

if TYPE_CHECKING:
    from ydsim.record.indicators import Indicator
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.world.world import World

SCHEMA = 1
NAME = "manifest.json"
SWEEP = "sweep"
"""What ``kind`` says in the manifest of a sweep; that of a run has no such key."""
_SHOWN = 5
"""Differences that are told."""

REGION = "yrd"
"""Name of the whole region in every table."""


@dataclass(frozen=True)
class Plan:
    """Everything known about an experiment before its first quarter.

    Attributes
    ----------
    hash
        Of scenario, world and version: equal hashes give equal results.
    run_hash
        The same without the number of replicates, which no single replicate depends on.
    code
        Digest of each module with policies that are not shipped, by the module's name.
    scenario, world, indicators
        As they stand in the manifest.
    regions
        Provinces in the world's order, then the whole region.
    official
        Official rows for the exported indicators.
    """

    name: str
    hash: str
    run_hash: str
    version: str
    code: dict[str, str]
    seed: int
    replicates: int
    scenario: dict[str, Any]
    world: dict[str, Any]
    regions: tuple[str, ...]
    indicators: dict[str, dict[str, Any]]
    official: Columns

    @property
    def design(self) -> Columns:
        """The points of the experiment: here a single one."""
        import numpy as np

        return {
            "point": np.array([0], dtype=np.int64),
            "scenario": np.array([self.name], dtype=object),
        }


def make_plan(scenario: Scenario, world: World, indicators: Mapping[str, Indicator]) -> Plan:
    """Return the plan of an experiment of one point."""
    from ydsim.scenario.load import plain_scenario, scenario_hash

    dump = plain_scenario(scenario)
    dump["world"] = world_label(dump["world"])
    version, code = ydsim_version(), code_of_policies(scenario.policies)
    parts = (world.digest, version, *(f"{name} {digest}" for name, digest in code.items()))
    single = scenario.model_copy(update={"replicates": 1})
    return Plan(
        name=scenario.name,
        hash=_hash(scenario_hash(scenario), *parts),
        run_hash=_hash(scenario_hash(single), *parts),
        version=version,
        code=code,
        seed=scenario.seed,
        replicates=scenario.replicates,
        scenario=dump,
        world={"name": world.name, "digest": world.digest, "until": world.until},
        regions=(*world.provinces, REGION),
        indicators=cards(indicators),
        official=official_rows(world, indicators, REGION),
    )


def manifest_of(
    plan: Plan,
    *,
    complete: bool,
    tables: list[str],
    notes: list[str],
    files: dict[str, str],
    made: dict[str, Any],
) -> dict[str, Any]:
    """Return the manifest of a folder in its present state."""
    return {
        "schema": SCHEMA,
        "name": plan.name,
        "hash": plan.hash,
        "run_hash": plan.run_hash,
        "ydsim": plan.version,
        **({"code": plan.code} if plan.code else {}),
        "seed": plan.seed,
        "replicates": plan.replicates,
        "scenario": plan.scenario,
        "world": plan.world,
        "regions": list(plan.regions),
        "indicators": plan.indicators,
        "complete": complete,
        "tables": tables,
        "notes": notes,
        "files": files,
        "made": made,
    }


def seal(content: dict[str, Any]) -> bytes:
    """Return ``content`` as JSON with a key ``check`` that vouches for it; keys are sorted."""
    body = {key: value for key, value in content.items() if key != "check"}
    sealed = {**body, "check": _check(body)}
    text = json.dumps(sealed, sort_keys=True, indent=2, allow_nan=False, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def unseal(data: bytes, path: Path) -> dict[str, Any]:
    """Return the content that `seal` wrote.

    Raises
    ------
    ResultsError
        When the file is not such JSON or its check does not hold.
    """
    try:
        content = json.loads(data.decode("utf-8"))
        if not isinstance(content, dict) or "check" not in content:
            raise ResultsError(f"{path}: was not written by ydsim")
        check = content.pop("check")
        found = _check(content)  # refuses NaN, which is no JSON
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{path}: is damaged: not a JSON file") from error
    if check != found:
        raise ResultsError(f"{path}: is damaged or was edited: its checksum does not hold")
    return content


INSTEAD = "; nothing was changed, use another folder with --out or rename the old one with --force"
"""What somebody can do who wanted to write."""


def read_manifest(folder: Path, kind: str | None = None, hint: str = "") -> dict[str, Any]:
    """Return the manifest of ``folder``.

    Parameters
    ----------
    kind
        `SWEEP` where that of a sweep is wanted; None for that of a run.
    hint
        What to do when it is of the other kind, such as `INSTEAD`.

    Raises
    ------
    ResultsError
        When it is missing, damaged, of another kind or schema, or says what no ydsim says.
    """
    manifest = _unsealed(folder)
    found = manifest.get("kind")
    if found != kind:
        is_, wanted = ("a sweep", "a run") if found == SWEEP else ("a run", "a sweep")
        raise ResultsError(f"{folder}: holds {is_}, not {wanted}{hint}")
    check_manifest(manifest, folder / NAME)
    return manifest


def read_any_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run or a sweep; raises as `read_manifest`."""
    manifest = _unsealed(folder)
    check_manifest(manifest, folder / NAME)
    return manifest


def _unsealed(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder whose checksum and schema are right."""
    path = folder / NAME
    if not folder.is_dir():
        raise ResultsError(f"{folder}: there is no such results folder")
    if not path.exists():
        raise ResultsError(f"{folder}: is not a results folder of ydsim: it has no {NAME}")
    manifest = unseal(read_bytes(path), path)
    if manifest.get("schema") != SCHEMA:
        raise ResultsError(
            f"{path}: has schema {manifest.get('schema')}, this ydsim reads schema {SCHEMA}; "
            "it was written by another version of ydsim"
        )
    return manifest


def differences(manifest: Mapping[str, Any], plan: Plan) -> list[str]:
    """Return ``key: old -> new`` for everything that gives ``plan`` another hash."""
    old = _hashed(
        manifest["scenario"], manifest["world"], manifest["ydsim"], manifest.get("code", {})
    )
    new = _hashed(plan.scenario, plan.world, plan.version, plan.code)
    keys = sorted(old.keys() | new.keys())
    missing = object()
    changed = [key for key in keys if old.get(key, missing) != new.get(key, missing)]
    return [f"{key}: {_show(old, key)} -> {_show(new, key)}" for key in changed]


def refuse_other(folder: Path, manifest: Mapping[str, Any], plan: Plan) -> None:
    """Refuse to write into a folder that holds another experiment, with the differences.

    Raises
    ------
    ResultsError
        Names the first differences.
    """
    if manifest["hash"] == plan.hash:
        return
    changed = differences(manifest, plan)
    lines = [" ".join(line.split()) for line in changed[:_SHOWN]]
    if len(changed) > len(lines):
        lines.append(f"and {len(changed) - len(lines)} more")
    raise ResultsError(
        f"{folder} holds another experiment; nothing was changed, use another folder with "
        "--out or rename the old one with --force: " + "; ".join(lines)
    )


def code_of_policies(policies: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of every module that holds a policy which is not shipped, by its name.

    A policy of one's own may change while its name and settings stay: other code, other results.
    """
    modules = {type(policy).__module__ for policy in policies.values()}
    code = {}
    for name in sorted(modules):
        if not name.startswith("ydsim."):
            source = getattr(sys.modules.get(name), "__file__", None)
            content = Path(source).read_bytes() if source and Path(source).is_file() else b""
            code[name] = sha256(content)
    return code


def ydsim_version() -> str:
    """Return the version of ydsim, the same from an installed package and from its source."""
    import ydsim

    version = getattr(ydsim, "__version__", None)
    if isinstance(version, str):
        return version
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("ydsim")
    except PackageNotFoundError:
        return "unknown"


def cards(indicators: Mapping[str, Indicator]) -> dict[str, dict[str, Any]]:
    """Return the indicators as they stand in a manifest: unit, kind and more by name."""
    return {name: _card(of) for name, of in indicators.items()}


def _card(indicator: Indicator) -> dict[str, Any]:
    card = {key: value for key, value in asdict(indicator).items() if key != "name"}
    return {**card, "levels": list(indicator.levels)}


def _hash(*parts: str) -> str:
    return sha256(json.dumps(parts).encode("utf-8"))


def _check(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return sha256(text.encode("utf-8"))


def world_label(world: str) -> str:
    """Return the name of a world without the folders of this machine that lead to it."""
    return PurePath(world).name if PurePath(world).is_absolute() else world


def _hashed(
    scenario: Mapping[str, Any], world: Mapping[str, Any], version: str, code: Mapping[str, str]
) -> dict[str, Any]:
    """Return what enters the hash, by dotted key; names and descriptions do not."""
    kept = {key: v for key, v in scenario.items() if key not in ("name", "description")}
    modules = {f"(code of {name})": digest[:12] for name, digest in code.items()}
    return _flat(kept) | {
        "(world digest)": world["digest"][:12],
        "(ydsim version)": version,
        **modules,
    }


def _flat(tree: Any, path: str = "") -> dict[str, Any]:
    if isinstance(tree, dict) and tree:
        leaves: dict[str, Any] = {}
        for key, value in tree.items():
            leaves.update(_flat(value, f"{path}.{key}" if path else str(key)))
        return leaves
    return {path: tree}


def _show(leaves: Mapping[str, Any], key: str) -> str:
    return json.dumps(leaves[key], ensure_ascii=False) if key in leaves else "(absent)"
