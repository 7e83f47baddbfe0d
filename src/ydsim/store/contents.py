"""What a folder holds, what it was made on, and what may be added to it."""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.errors import ResultsError
from ydsim.record.measures import BASE_YEAR, official_measures
from ydsim.store import layout
from ydsim.store.files import FolderLock, sha256, write_atomic
from ydsim.store.manifest import INSTEAD, NAME, RUN, SCHEMA, read_manifest, seal, ydsim_version
from ydsim.store.points import (
    Plan,
    PointTable,
    check_plan,
    check_points,
    numeric_fingerprint,
    plan_of,
)
from ydsim.store.tables import normalise, to_parquet
from ydsim.translation import gettext as _t
from ydsim.translation import ngettext
from ydsim.typing import Columns, Floats
from ydsim.untrusted_input import one_line
from ydsim.wording import short, shorten
from ydsim.world.base_run import refitted

if TYPE_CHECKING:
    from ydsim.record.indicators import Indicator
    from ydsim.world.world import World


# -- what a run was made on ------------------------------------------------------------------------

PACKAGES = ("numpy", "mesa", "scipy", "pandas", "pyarrow", "pydantic")

_installed = cache(version)  # reading it takes milliseconds, and manifests ask often


class OtherRunError(ResultsError):
    """A folder holds another run or sweep than the one that is to be written there."""


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that touch numbers."""
    return {"python": platform.python_version(), **{name: _installed(name) for name in PACKAGES}}


def moved(before: Mapping[str, str]) -> list[str]:
    """Return ``name old -> new`` for every version that is not as it was."""
    now = versions()
    return [f"{name} {v} -> {now[name]}" for name, v in before.items() if now.get(name, v) != v]


def utc_now() -> str:
    """Return the present time in UTC as ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


# -- what a folder holds ---------------------------------------------------------------------------

# A run of one scenario is a sweep of one point: ``kind`` in the manifest tells them apart. The
# manifest names the files in force and is written last, so that an extension either happened or
# did not. Parts that are written stay as they are: an extension only adds.


@dataclass(frozen=True)
class Contents:
    """Everything about a sweep but its results."""

    # The part of the manifest that does not depend on how far the sweep is: ``name``,
    # ``description``, ``spec``, ``record``, ``replicates``, ``version`` and more.
    about: dict[str, Any]
    points: PointTable
    plan: Plan
    generation: int = 0  # 0, and one more with every extension

    @property
    def kind(self) -> str:
        """`RUN` of a single scenario, or `SWEEP`."""
        return str(self.about["kind"])


def _file(kind: str, generation: int) -> str:
    return f"{kind}-{generation}.parquet" if generation else f"{kind}.parquet"


def state_of(receipts: layout.Receipts, made: dict[str, Any], *, complete: bool) -> dict[str, Any]:
    """Return how far a sweep is, as its manifest says it, from the receipts of its parts."""
    return {"complete": complete, **layout.summary_of(receipts), "made": made}


def write(
    store: layout.Store, contents: Contents, official: Columns, state: Mapping[str, Any]
) -> None:
    """Write design and plan, then the manifest that puts them in force."""
    fixed = {
        _file(layout.DESIGN, contents.generation): to_parquet(normalise(contents.points.columns)),
        _file(layout.PLAN, contents.generation): to_parquet(normalise(contents.plan.table())),
        layout.part_path(layout.OFFICIAL, 0): to_parquet(official),
    }
    files = {path: store.write(path, data) for path, data in fixed.items()}
    write_atomic(store.folder / NAME, seal(manifest_of(contents, files, state)))
    for kind in (layout.DESIGN, layout.PLAN):
        for path in store.folder.glob(f"{kind}*.parquet"):
            if path.name not in files:
                with suppress(OSError):
                    path.unlink()


def manifest_of(
    contents: Contents, files: Mapping[str, str], state: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the manifest of a sweep in its present state."""
    return {
        **contents.about,
        "schema": SCHEMA,
        "hash": contents.plan.hash,
        "canary": numeric_fingerprint(),
        "scenario": contents.points.base,
        "worlds": contents.points.worlds,
        "code": contents.points.code,
        "generation": contents.generation,
        "points": len(contents.points),
        "runs": len(contents.plan),
        "parts": len(contents.plan.bounds),
        "files": dict(files),
        **state,
    }


_OWN = frozenset(
    ("schema", "hash", "canary", "scenario", "worlds", "code", "generation", "points", "runs",
     "parts", "files", "complete", "tables", "notes", "made")
)  # fmt: skip


def read(folder: Path) -> tuple[Contents, dict[str, Any]]:
    """Return what a folder holds, and its manifest.

    `ResultsError` when it holds no results, or a file of it is damaged.
    """
    manifest = read_manifest(folder)
    store = layout.Store(folder)
    generation = manifest["generation"]
    design, plans = (_file(kind, generation) for kind in (layout.DESIGN, layout.PLAN))
    columns = _fixed(store, manifest, design)
    points = PointTable(columns, *(manifest[key] for key in ("scenario", "worlds", "code")))
    check_points(points, folder / design)
    _check_factors(points, manifest["spec"].get("factors", []), folder / design)
    plan = plan_of(_fixed(store, manifest, plans))
    check_plan(plan, set(points.rows), folder / plans)
    counts = {"points": len(points), "runs": len(plan), "parts": len(plan.bounds)}
    for key, count in counts.items():
        if manifest[key] != count:
            message = _t("{path}: {key}: is {n}, but there are {count}")
            facts = {"key": key, "n": manifest[key], "count": count}
            raise ResultsError(message.format(path=folder / NAME, **facts))
    if manifest["hash"] != plan.hash:
        raise ResultsError(_t("{path}: hash: is not that of the plan").format(path=folder / NAME))
    about = {key: value for key, value in manifest.items() if key not in _OWN}
    return Contents(about, points, plan, generation), manifest


def _check_factors(points: PointTable, factors: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Refuse points that lack a factor of the manifest, or have one more."""
    labels = [factor["label"] for factor in factors]
    for name in (*labels, *points.factors):
        if name not in points.columns or name not in labels:
            message = _t("{path}: its factors are not those of {file}: {name}")
            raise ResultsError(message.format(path=path, file=NAME, name=one_line(name, 60)))


def _fixed(store: layout.Store, manifest: Mapping[str, Any], path: str) -> Columns:
    try:
        store.checked(path, manifest["files"][path])
    except ResultsError as error:
        message = _t(
            "{path}: is damaged or missing; the command that began the sweep makes it again"
        )
        raise ResultsError(message.format(path=store.folder / path)) from error
    return store.read_fixed(manifest, path)


def made(started: str, seconds: float, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the block ``made``: when, how long and on what, without names of users or machines."""
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    return {
        "started": started,
        "finished": utc_now(),
        "seconds": round(seconds, 3),
        "host": {
            "system": platform.system(),
            "machine": platform.machine(),
            "libc": " ".join(platform.libc_ver()),
            "cpu_features": [*simd.get("baseline", []), *simd.get("found", [])],
        },
        "versions": versions(),
        "earlier": earlier,
    }


def earlier_of(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the blocks ``made`` of all calls so far."""
    made = dict(manifest["made"])
    return [*made.pop("earlier", []), made]


# -- the entries of failed runs --------------------------------------------------------------------


def failures_of(receipts: layout.Receipts, contents: Contents) -> list[dict[str, Any]]:
    """Return the entries of all failed runs, with their points and how to repeat them."""
    hashes = dict(zip(contents.plan.runs, contents.plan.hashes, strict=True))
    return [
        {
            "points": [*contents.points.rows.get(hashes[failure["run"]], ())],
            **failure,
            "repro": f"in this folder: ydsim verify . --rerun {failure['run']}",
        }
        for receipt in receipts.values()
        for failure in receipt["failed"]
    ]


# -- receipts of a folder that must be whole where its manifest says so ----------------------------


def receipts_in(
    store: layout.Store, manifest: Mapping[str, Any], contents: Contents
) -> dict[int, dict[str, Any]]:
    """Return the receipts of a folder by part.

    `ResultsError` when one is damaged or does not fit the plan, or is missing although the manifest
    says that all is complete.
    """
    receipts = store.receipts(contents.plan.identities)
    gone = [number for number in contents.plan.bounds if number not in receipts]
    if manifest["complete"] and gone:
        raise ResultsError(_said_of_missing(store.folder, contents.plan, gone))
    for number, receipt in receipts.items():
        if receipt["missing"] or not contents.plan.fits(number, receipt):
            path = store.folder / layout.receipt_path(number)
            raise ResultsError(_t("{path}: its runs are not those of the plan").format(path=path))
    return receipts


def _said_of_missing(folder: Path, plan: Plan, gone: Sequence[int]) -> str:
    runs = sum(len(plan.runs[plan.bounds[number]]) for number in gone)
    files = _t("{path} is gone") if len(gone) == 1 else _t("{path} and {n} more are gone")
    message = ngettext(
        "{folder}: says complete, but {n} of {all} runs is missing: {files}; {command} computes "
        "it again",
        "{folder}: says complete, but {n} of {all} runs are missing: {files}; {command} computes "
        "them again",
        runs,
    )
    files = files.format(path=layout.receipt_path(gone[0]), n=len(gone) - 1)
    facts = {"folder": folder, "files": files, "command": how_to_go_on(folder)}
    return message.format(n=runs, all=len(plan), **facts)


def how_to_go_on(folder: Path) -> str:
    """Return the command that computes what a folder lacks."""
    return f"ydsim resume {shlex.quote(str(folder))}"


# -- official figures beside the simulated ones ----------------------------------------------------

NATION = "nation"
"""Name of the whole nation in the table of official figures."""


def official_rows(world: World, indicators: Mapping[str, Indicator], region: str) -> Columns:
    """Return the official series of every exported indicator, as a long table.

    Columns ``region, year, indicator, value, unit``; rows by indicator, then region (provinces,
    ``region`` as their sum where all are known and the unit adds up, nation), then year up to
    ``world.until``. Measures follow from other official figures
    (`ydsim.record.measures`). Series that stand in for official ones are left out.
    """
    known = {name: one for name, one in world.series.items() if name not in world.assumed}
    world = replace(world, series=known)
    measures = official_measures(world)
    rows: list[tuple[str, int, str, float, str]] = []
    for label in indicators:
        if label in world.series:
            series = world.series[label]
            found = _with_sum(series.values, series.unit)
            unit, first = series.unit, int(series.years[0])
        elif label in measures:
            found = measures[label]
            unit, first = indicators[label].unit, BASE_YEAR
        else:
            continue
        places = (*world.provinces, region, NATION)[: len(found)]
        for place, row in zip(places, found, strict=True):
            for year, value in enumerate(row.tolist(), first):
                if year <= world.until and not np.isnan(value):
                    rows.append((place, year, label, value, unit))
    types = {"region": "O", "year": "i8", "indicator": "O", "value": "f8", "unit": "O"}
    table = np.array(rows, dtype=[*types.items()])
    return normalise({name: table[name] for name in types})


def adds_up(unit: str) -> bool:
    """Return whether figures in ``unit`` may be summed over provinces (shares may not)."""
    return unit not in {"1", "-", "ratio", "index", "share", "log"} and not unit.startswith(
        ("pct", "per_")
    )


def _with_sum(values: Floats, unit: str) -> Floats:
    """Return rows for provinces, their sum, and the nation, from rows without the sum."""
    provinces, nation = values[:-1], values[-1:]
    total = sum(provinces, np.zeros(values.shape[1])) if adds_up(unit) else np.nan
    return np.vstack([provinces, np.broadcast_to(total, nation.shape), nation])


# -- what may be added to a folder of results ------------------------------------------------------

_SHOWN = 4
"""Differences that are listed."""


def mend(folder: Path, new: Contents) -> None:
    """Write design and plan again where they are damaged and ``new`` is what they held.

    `ResultsError` when they held something else, or another process writes into the folder.
    """
    store, manifest = layout.Store(folder), read_manifest(folder)
    if manifest["kind"] != new.kind:
        of_run = _t("{folder}: holds a run, not a sweep{instead}")
        message = _t("{folder}: holds a sweep, not a run{instead}") if new.kind == RUN else of_run
        raise ResultsError(message.format(folder=folder, instead=_t(INSTEAD)))
    for kind, columns in ((layout.DESIGN, new.points.columns), (layout.PLAN, new.plan.table())):
        path = _file(kind, manifest["generation"])
        digest = manifest["files"][path]
        try:
            store.checked(path, digest)
        except ResultsError as error:
            data = to_parquet(normalise(columns))
            if sha256(data) != digest:
                message = _t(
                    "{path}: is damaged or missing, and this command did not write it; nothing was "
                    "changed, restore it from a copy or give another folder: --output"
                )
                raise ResultsError(message.format(path=folder / path)) from error
            with FolderLock(folder):
                store.write(path, data)


def alike(old: Contents, new: Contents) -> bool:
    """Tell whether two sweeps have the same points, numbered and named alike, and settings."""
    rows, before = (
        [(name, column.tolist()) for name, column in each.points.columns.items()]
        for each in (new, old)
    )
    return new.about == old.about and new.points.base == old.points.base and rows == before


def require_extension(folder: Path, old: Contents, new: Contents) -> None:
    """Refuse ``new`` unless it has every run of ``old``; `ResultsError` says what differs."""
    highest = new.plan.highest
    lost = [of for of in old.plan.highest if of not in new.points.rows]
    fewer = any(k > highest.get(of, -1) for of, k in old.plan.highest.items())
    if not lost and (not fewer or isinstance(new.about["replicates"], dict)):
        return
    lines = _differences(_settings(old), _settings(new)) or _in_words(old.points, lost)
    shown = [" ".join(line.split()) for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        shown.append(_t("and {n} more").format(n=len(lines) - _SHOWN))
    message = _t("{folder} holds another sweep ({what}){instead}")
    if old.kind == RUN:
        message = _t("{folder} holds another run ({what}){instead}")
    if not lost:
        message = _t("{folder} holds more replicates than this ({what}){instead}")
    facts = {"what": "; ".join(shown), "instead": _t(INSTEAD)}
    raise OtherRunError(message.format(folder=folder, **facts))


def _in_words(points: PointTable, hashes: Sequence[str]) -> list[str]:
    """Return points as the values of what differs among them."""
    names = [name for name in ("scenario", *points.factors) if len({*points.columns[name]}) > 1]
    rows = [points.rows[of][0] for of in hashes]
    values = [[(short(name), points.columns[name][row]) for name in names] for row in rows]
    return [", ".join(f"{name}={shorten(str(value))}" for name, value in one) for one in values]


def require_same_model(
    folder: Path, manifest: Mapping[str, Any], *, fits: bool = True
) -> list[str]:
    """Refuse to add runs to those of another model; return remarks on what moved otherwise.

    `ResultsError` when ydsim has another version, this machine gives other numbers, or with
    ``fits`` data that were fitted have changed.
    """
    if manifest["version"] != (version := ydsim_version()):
        message = _t(
            "{folder}: begun with ydsim {before}, this is {now}; its runs would not belong "
            "together: nothing was changed, use that version or another folder"
        )
        raise ResultsError(message.format(folder=folder, before=manifest["version"], now=version))
    changed = moved(manifest["made"]["versions"])
    if manifest["canary"] != numeric_fingerprint():
        message = _t(
            "{folder}: this machine draws or computes other numbers than the one it was begun on "
            "({versions}); nothing was changed, use another folder"
        )
        names = ", ".join(changed) or _t("same versions")
        raise ResultsError(message.format(folder=folder, versions=names))
    if fits and (other := refitted(manifest.get("fitted", {}), manifest["worlds"])):
        message = _t(
            "{folder}: begun with other fitted data ({files}); its runs would not belong together: "
            "nothing was changed, use another folder"
        )
        raise ResultsError(message.format(folder=folder, files=", ".join(other)))
    if changed:
        message = _t("begun with other versions, last digits may differ: {versions}")
        return [message.format(versions=", ".join(changed))]
    return []


_NAMES = ("name", "description", "replicates")
"""Keys of a scenario that its runs do not depend on."""


def _settings(contents: Contents) -> dict[str, Any]:
    """Return what all runs of a folder rest on, by key."""
    about = contents.about
    base = {k: v for k, v in contents.points.base.items() if k not in _NAMES}
    every = base if contents.kind == RUN else {"base": base, "record": about["record"]}
    return every | {
        "replicates": about["replicates"],
        "worlds": {name: digest[:12] for name, digest in contents.points.worlds.items()},
        "code": {name: digest[:12] for name, digest in contents.points.code.items()},
        "ydsim": about["version"],
    }


def _differences(old: Any, new: Any, path: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        lines = []
        for key in sorted(old.keys() | new.keys()):
            lines += _differences(
                old.get(key, _ABSENT), new.get(key, _ABSENT), f"{path}.{key}" if path else str(key)
            )
        return lines
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [line for k, (a, b) in pairs for line in _differences(a, b, f"{path}[{k}]")]
    return [] if old == new else [f"{path}: {_shown(old)} -> {_shown(new)}"]


_ABSENT = object()


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return _t("(absent)")
    return shorten(json.dumps(value, ensure_ascii=False, sort_keys=True))


# -- fewer and larger files: the parts of a finished sweep, put together ---------------------------

RUNS_A_PART = 5000
BYTES_A_PART = 256 * 2**20

MANY = 200
"""A finished folder of more parts than these is compacted by whoever finishes it."""


def compact(folder: Path) -> None:
    """Merge the parts of a finished sweep into fewer; every row stays, and its place.

    New parts are written beside the old ones, the manifest puts them in force, and only then are
    the old ones removed. `ResultsError` when the sweep is unfinished or damaged, or in use.
    """
    with FolderLock(folder):
        contents, manifest = read(folder)
        if not manifest["complete"]:
            message = _t("{folder}: is unfinished; finish it first: {command}")
            raise ResultsError(message.format(folder=folder, command=how_to_go_on(folder)))
        store = layout.Store(folder)
        old = contents.plan
        receipts = receipts_in(store, manifest, contents)
        wrong = store.problems(manifest["files"], old.identities)
        if wrong:
            raise ResultsError(wrong[0])
        store.drop_parts_but(old.bounds)  # of a compaction that was broken off
        groups = _groups(store, old, receipts)
        if len(groups) == len(old.bounds):
            return
        first = old.parts[-1] + 1
        into = {number: first + k for k, group in enumerate(groups) for number in group}
        plan = replace(old, parts=tuple(into[number] for number in old.parts))
        merged = _merge(store, plan, groups, receipts)
        new = replace(contents, plan=plan, generation=contents.generation + 1)
        now = made(utc_now(), 0.0, earlier_of(manifest))
        state = state_of(merged, now, complete=True)
        official = store.read_fixed(manifest, layout.part_path(layout.OFFICIAL, 0))
        write(store, new, official, state)
        for number, receipt in receipts.items():
            store.remove_part(number, receipt)


def tidy(folder: Path) -> None:
    """Compact a finished folder of many parts, and finish a compaction that was broken off.

    A folder of few parts is only read. `ResultsError` or `ResourceError` as of `compact`; nothing
    is lost.
    """
    contents, manifest = read(folder)
    bounds = contents.plan.bounds
    if manifest["complete"] and len(bounds) > MANY:
        compact(folder)
    elif manifest["complete"] and len(list((folder / layout.RUNS).glob("part-*.json"))) > len(
        bounds
    ):
        with FolderLock(folder):
            layout.Store(folder).drop_parts_but(bounds)


def _groups(
    store: layout.Store, plan: Plan, receipts: dict[int, dict[str, Any]]
) -> list[list[int]]:
    """Return the parts that become one, in order."""
    groups: list[list[int]] = [[]]
    runs, size = 0, 0
    for number, rows in plan.bounds.items():
        more = sum((store.folder / path).stat().st_size for path in receipts[number]["files"])
        count = rows.stop - rows.start
        if groups[-1] and (runs + count > RUNS_A_PART or size + more > BYTES_A_PART):
            groups.append([])
            runs, size = 0, 0
        groups[-1].append(number)
        runs, size = runs + count, size + more
    return groups


def _merge(
    store: layout.Store,
    plan: Plan,
    groups: list[list[int]],
    receipts: dict[int, dict[str, Any]],
) -> dict[int, dict[str, Any]]:
    merged = {}
    for number, group in zip(plan.bounds, groups, strict=True):
        of = {n: receipts[n] for n in group}
        names = dict.fromkeys(path.split("/")[0] for r in of.values() for path in r["files"])
        tables = {name: store.read_table(of, name) for name in names}
        content = {
            **plan.identities[number],
            "done": sum(receipt["done"] for receipt in of.values()),
            "failed": [],
            "missing": [],
            "notes": sorted({note for receipt in of.values() for note in receipt["notes"]}),
        }
        merged[number] = store.write_part(number, tables, content)
    return merged
