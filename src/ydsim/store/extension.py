"""What may be added to a folder of results, and what is refused with the difference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ydsim.errors import ResultsError
from ydsim.store.columns import normalise, to_parquet
from ydsim.store.contents import Contents
from ydsim.store.files import sha256
from ydsim.store.host import moved
from ydsim.store.identity import numeric_fingerprint
from ydsim.store.layout import DESIGN, PLAN, Store
from ydsim.store.lock import FolderLock
from ydsim.store.manifest import INSTEAD, RUN, read_manifest
from ydsim.world.fitted import refitted

_SHOWN = 8
"""Differences that are listed."""


def mend(folder: Path, new: Contents) -> None:
    """Write design and plan again where they are damaged and ``new`` is what they held.

    Raises
    ------
    ResultsError
        When they held something else, or another process writes into the folder.
    """
    store, manifest = Store(folder), read_manifest(folder)
    require_same_kind(folder, manifest["kind"], new)
    old = replace(new, generation=manifest["generation"])
    tables = {old.file(DESIGN): new.points.columns, old.file(PLAN): new.plan.table()}
    for path, columns in tables.items():
        digest = manifest["files"][path]
        try:
            store.checked(path, digest)
        except ResultsError as error:
            data = to_parquet(normalise(columns))
            if sha256(data) != digest:
                raise ResultsError(
                    f"{folder / path}: is damaged or missing, and this command did not write it; "
                    "nothing was changed, restore it from a copy or give another folder: --output"
                ) from error
            with FolderLock(folder):
                store.write_fixed({path: data})


def alike(old: Contents, new: Contents) -> bool:
    """Tell whether two sweeps have the same points, numbered and named alike, and settings."""
    return (
        new.about == old.about
        and new.points.base == old.points.base
        and list(new.points.columns) == list(old.points.columns)
        and all(
            new.points.columns[name].tolist() == column.tolist()
            for name, column in old.points.columns.items()
        )
    )


def require_same_kind(folder: Path, kind: str, new: Contents) -> None:
    """Refuse to mix a run and a sweep."""
    if kind != new.kind:
        raise ResultsError(f"{folder}: holds a {kind}, not a {new.kind}{INSTEAD}")


def require_extension(folder: Path, old: Contents, new: Contents) -> None:
    """Refuse ``new`` unless it has every run of ``old``.

    Raises
    ------
    ResultsError
        Says what differs.
    """
    lost = [of for of in old.plan.highest if of not in new.points.rows]
    fewer = [
        of for of, k in old.plan.highest.items() if k > new.plan.highest.get(of, -1)
    ] if not lost else []  # fmt: skip
    if not lost and (not fewer or isinstance(new.about["replicates"], dict)):
        return
    lines = _differences(_card(old), _card(new))
    shown = [" ".join(line.split()) for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        shown.append(f"and {len(lines) - _SHOWN} more")
    what = ": it holds more replicates than this"
    if lost:
        alone = len(old.points.rows) == 1
        what = (
            "" if alone
            else f": {len(lost)} of the {len(old.points.rows)} different points that it holds are "
            "not in this"
        )  # fmt: skip
    raise ResultsError(f"{folder} holds another {old.kind}{what}{INSTEAD}: " + "; ".join(shown))


def require_same_model(folder: Path, manifest: Mapping[str, Any], version: str) -> list[str]:
    """Refuse to add runs to those of another model; return remarks on what moved otherwise.

    Raises
    ------
    ResultsError
        When ydsim has another version, or this machine gives other numbers.
    """
    if manifest["version"] != version:
        raise ResultsError(
            f"{folder}: begun with ydsim {manifest['version']}, this is {version}; its runs would "
            "not belong together: nothing was changed, use that version or another folder"
        )
    changed = moved(manifest["made"]["versions"])
    if manifest["canary"] != numeric_fingerprint():
        raise ResultsError(
            f"{folder}: this machine draws or computes other numbers than the one it was begun on "
            f"({', '.join(changed) or 'same versions'}); nothing was changed, use another folder"
        )
    if changed:
        return ["begun with other versions, last digits may differ: " + ", ".join(changed)]
    return []


def require_same_fits(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse to add runs to those that rest on other fitted data.

    Raises
    ------
    ResultsError
        Names the files.
    """
    changed = refitted(manifest.get("fitted", {}), manifest["worlds"])
    if changed:
        raise ResultsError(
            f"{folder}: begun with other fitted data ({', '.join(changed)}); its runs would not "
            "belong together: nothing was changed, use another folder"
        )


_NAMES = ("name", "description", "replicates")
"""Keys of a scenario that its runs do not depend on."""


def _card(contents: Contents) -> dict[str, Any]:
    about = contents.about
    base = {k: v for k, v in contents.points.base.items() if k not in _NAMES}
    design = {"base": base, "design": about["spec"], "record": about["record"]}
    return (base if contents.kind == RUN else design) | {
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
    return [] if old == new else [f"{path}: {_show(old)} -> {_show(new)}"]


_ABSENT = object()


def _show(value: Any) -> str:
    if value is _ABSENT:
        return "(absent)"
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 60 else text[:57] + "..."
