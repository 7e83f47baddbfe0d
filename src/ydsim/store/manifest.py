"""The manifest of a results folder as a file: sealed, read again, and of which schema.

Everything outside the block ``made`` is a function of what is run and of the version of ydsim, so
that two calls write the same manifest but for ``made`` (times, host, versions).
``check`` is the SHA-256 of everything else in the file, so that a flipped byte is noticed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ydsim.errors import ResultsError
from ydsim.store.files import read_bytes, sha256
from ydsim.store.validate import check_manifest

if TYPE_CHECKING:
    from ydsim.record.indicators import Indicator

SCHEMA = 2
NAME = "manifest.json"
RUN = "run"
SWEEP = "sweep"
"""What ``kind`` says in a manifest: the points are a single scenario, or many."""


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


INSTEAD = (
    "; nothing was changed, use another folder with --output or rename the old one with --force"
)
"""What somebody can do who wanted to write."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of ``folder``.

    Raises
    ------
    ResultsError
        When it is missing, damaged, of a schema that cannot be read, or says what no ydsim says.
    """
    path = folder / NAME
    if not folder.is_dir():
        raise ResultsError(f"{folder}: there is no such results folder")
    if not path.exists():
        raise ResultsError(f"{folder}: is not a results folder of ydsim: it has no {NAME}")
    manifest = unseal(read_bytes(path), path)
    if manifest.get("schema") != SCHEMA:
        raise ResultsError(
            f"{path}: has schema {manifest.get('schema')!r}, this ydsim reads schema {SCHEMA}; it "
            "was written by another version of ydsim"
        )
    if manifest.get("kind") not in (RUN, SWEEP):
        kind = manifest.get("kind")
        raise ResultsError(f"{path}: is of kind {kind!r}; known are {RUN} and {SWEEP}")
    check_manifest(manifest, path)
    return manifest


def code_of_policies(policies: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of every module that holds a policy which is not shipped, by its name.

    Your own policy may change while its name and settings stay: other code, other results.
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
    """Return the indicators as they are in a manifest: unit, kind and more by name."""
    return {name: _card(of) for name, of in indicators.items()}


def _card(indicator: Indicator) -> dict[str, Any]:
    names = [field.name for field in fields(indicator) if field.name != "name"]
    card = {name: getattr(indicator, name) for name in names}
    return {**card, "levels": list(indicator.levels)}


def _check(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return sha256(text.encode("utf-8"))


def world_label(world: str) -> str:
    """Return the name of a world without the folders of this machine that lead to it."""
    return PurePath(world).name if PurePath(world).is_absolute() else world
