"""Start states: what a run is after its burn-in, kept for later runs that begin alike.

The burn-in knows neither policies nor shocks nor governance: runs that differ in these and in names
alone leave it as the same model. What it changes of a model is kept in the user's cache folder when
it is made for the second time, and takes the place of the burn-in from the third time on. Results
are equal.

An entry holds plain arrays, and as JSON in which objects of the model they lie; never code. Objects
are made of classes of `ydsim.agents` and `ydsim.record` alone, without calling these; the world,
its inputs and the parameters are those of the model at hand. The name of an entry is a digest of
all that a burn-in depends on, with the files of this package. One that is damaged is left aside
with one line, and a folder into which others may write is not used.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import stat
import sys
import zipfile
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from pydantic import BaseModel

from ydsim.errors import YdsimError
from ydsim.store.files import TEMPORARY, read_bytes, sha256, write_atomic
from ydsim.store.points import OWN_OF_RUN, numeric_fingerprint
from ydsim.translation import gettext as _t
from ydsim.world.base_run import BaseRun
from ydsim.world.national import National
from ydsim.world.quarters import QuarterInputs
from ydsim.world.world import World

if TYPE_CHECKING:
    from ydsim.model import Model
    from ydsim.scenario.schema.scenario import Scenario

LARGEST: Final = 64 * 2**20
"""Bytes of a state that is kept at most."""

MOST: Final = 2**30
"""Bytes of all that are kept at most."""

CHANGED: Final = ("state", "constants", "project_log", "holder_log")
"""Attributes of a model that hold what its burn-in changes."""

LEAST: Final = 2**16
"""Bytes that anything kept counts for: what is asked for once is an empty file."""

STATE: Final = ".npz"
ASKED: Final = ".asked"
OWN: Final = (STATE, ASKED, TEMPORARY)
"""Suffixes: states, marks of those that were made once, and what is being written."""

PACKAGE: Final = Path(__file__).parents[1]

OURS: Final = ("ydsim.agents.", "ydsim.record.")
"""Packages with the classes of which objects are kept."""

SAME: Final = (World, QuarterInputs, BaseRun, National, BaseModel, type, np.dtype)
"""Classes of what a burn-in reads and does not change."""

Arrays = list[NDArray[Any]]


# -- a model as plain data -------------------------------------------------------------------------


class _Plain:
    """Turns objects into trees of JSON, in which arrays and what came before have numbers."""

    def __init__(self) -> None:
        self.arrays: Arrays = []
        self._seen: dict[int, int] = {}
        self._alive: list[Any] = []  # or another object could have the address of one

    def of(self, value: Any) -> Any:
        """Return a value as JSON; `TypeError` when it cannot be kept."""
        if value is None or type(value) in (bool, int, float, str):
            return value
        if id(value) in self._seen:
            return ["again", self._seen[id(value)]]
        self._seen[id(value)] = len(self._seen)
        self._alive.append(value)
        if isinstance(value, (np.ndarray, np.generic)) and not value.dtype.hasobject:
            self.arrays.append(np.asarray(value))
            return ["array" if isinstance(value, np.ndarray) else "number", len(self.arrays) - 1]
        if type(value) in (list, tuple, deque):
            return [type(value).__name__, [self.of(one) for one in value]]
        if type(value) is dict and all(type(key) in (str, int) for key in value):
            return ["dict", [[key, self.of(one)] for key, one in value.items()]]
        if isinstance(value, SAME):
            return ["same"]
        kind = type(value)
        if not kind.__module__.startswith(OURS):
            raise TypeError(f"{kind.__module__}.{kind.__qualname__}")
        held = {name: self.of(one) for name, one in _held(value).items()}
        return [f"{kind.__module__}:{kind.__qualname__}", held]


class _Made:
    """Turns such trees into objects again."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._seen: list[Any] = []

    def of(self, tree: Any, fresh: Any = None) -> Any:
        """Return the value of a tree, whose place in a new model ``fresh`` has."""
        if not isinstance(tree, list):
            return tree
        kind, *rest = tree
        if kind == "again":
            return self._seen[rest[0]]
        at = len(self._seen)
        self._seen.append(None)
        if kind == "same":
            value = fresh
            if not isinstance(fresh, SAME):
                raise ValueError("a new model has nothing here")
        elif kind in ("array", "number"):
            value = self._arrays[rest[0]]
            value = value if kind == "array" else value[()]
        elif kind in ("list", "tuple", "deque"):
            make = {"list": list, "tuple": tuple, "deque": deque}[kind]
            beside = chain(fresh if isinstance(fresh, make) else (), repeat(None))
            value = make(map(self.of, rest[0], beside))
        elif kind == "dict":
            before: dict[Any, Any] = fresh if isinstance(fresh, dict) else {}
            value = {key: self.of(one, before.get(key)) for key, one in rest[0]}
        else:
            value = self._object(at, kind, rest[0], fresh)
        self._seen[at] = value
        return value

    def _object(self, at: int, name: str, held: dict[str, Any], fresh: Any) -> Any:
        module, _, kind = name.partition(":")
        if not module.startswith(OURS):
            raise ValueError(f"{name} is not of the model")
        made = getattr(sys.modules[module], kind)
        if not isinstance(made, type) or made.__module__ != module:
            raise ValueError(f"{name} is not of the model")
        value: Any = object.__new__(made)
        self._seen[at] = value
        before = _held(fresh) if type(fresh) is made else {}
        found = {key: self.of(one, before.get(key)) for key, one in held.items()}
        if hasattr(value, "__setstate__"):
            value.__setstate__(found)
        else:
            for key, one in found.items():
                object.__setattr__(value, key, one)
        return value


def _held(value: Any) -> dict[str, Any]:
    """Return what an object holds, by name, as it says itself for a copy."""
    held = value.__getstate__()
    parts = held if isinstance(held, tuple) else (held,)
    return {name: one for part in parts if part for name, one in part.items()}


def pack(model: Model) -> bytes:
    """Return what a burn-in has changed of a model, nothing when that is larger than `LARGEST`.

    `TypeError` when something of it cannot be kept.
    """
    plain = _Plain()
    tree = [plain.of(getattr(model, name)) for name in CHANGED]
    if sum(array.nbytes for array in plain.arrays) > LARGEST:
        return b""
    file = io.BytesIO()
    np.savez(file, *plain.arrays, tree=np.frombuffer(json.dumps(tree).encode(), np.uint8))
    data = file.getvalue()
    return sha256(data).encode() + data


def unpack(packed: bytes, model: Model) -> None:
    """Put what was packed into a new model before its burn-in; `ValueError` when it is damaged."""
    check, data = packed[:64], packed[64:]
    if sha256(data).encode() != check:
        raise ValueError("its checksum does not fit")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(one.file_size for one in archive.infolist()) > 2 * LARGEST:
            raise ValueError("it is too large")
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        tree = json.loads(file["tree"].tobytes())
        made = _Made([file[f"arr_{number}"] for number in range(len(file.files) - 1)])
    found = [made.of(one, getattr(model, name)) for one, name in zip(tree, CHANGED, strict=True)]
    for name, value in zip(CHANGED, found, strict=True):
        setattr(model, name, value)


# -- the folder ------------------------------------------------------------------------------------


def folder() -> Path:
    """Return where start states are kept, whether it exists or not."""
    return user_cache_path("ydsim") / "start_states"


def begin(scenario: Scenario, *, replicate: int, world: World, warned: Sequence[str] = ()) -> Model:
    """Return a model after its burn-in, whose state may be a kept one.

    ``warned``: remarks that the burn-in makes; where there are any, it is not kept.
    """
    from ydsim.model import Model

    place = folder()
    if not place.is_absolute() or not _usable(place):  # relative where the user has no home
        return Model(scenario, replicate=replicate, world=world)
    path = place / f"{_key(scenario.of_replicate(replicate), replicate, world)}{STATE}"
    model = Model(scenario, replicate=replicate, world=world, restore=partial(_restore, path))
    if not warned and not path.exists() and _usable(place):  # it may have changed meanwhile
        _keep(path, model)
    return model


def _key(scenario: Scenario, replicate: int, world: World) -> str:
    """Return the digest of all that a burn-in depends on."""
    own = {*OWN_OF_RUN, "world", "replicates"}
    known = (package_digest(), np.__version__, numeric_fingerprint(), world.digest, replicate)
    return sha256(json.dumps([*known, scenario.model_dump(mode="json", exclude=own)]).encode())


@cache
def package_digest() -> str:
    """Return the digest of all files of this package but its languages."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".csv", ".json") and "locale" not in path.parts:
            found.update(f"{path.relative_to(PACKAGE)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _restore(path: Path, model: Model) -> bool:
    """Put a kept state into a model, and tell whether there was one that fits."""
    try:
        if not path.exists():
            return False
        unpack(read_bytes(path, 2 * LARGEST), model)
        os.utime(path)  # the one that was used last goes last
    except Exception as error:  # whatever a damaged or planted entry leads to
        message = _t("the start state {path} is left aside: {error}")
        _say_once(message.format(path=path, error=error))
        return False
    return True


def _keep(path: Path, model: Model) -> None:
    """Keep the state of a model when it is asked for a second time."""
    asked = path.with_suffix(ASKED)
    try:
        if not asked.exists():
            asked.touch()
        elif packed := pack(model):
            write_atomic(path, packed)
            asked.unlink(missing_ok=True)
        _make_room(path.parent)
    except (YdsimError, OSError, TypeError) as error:
        _say_once(_t("no start state is kept: {error}").format(error=error))


def _usable(place: Path) -> bool:
    """Make a folder, and tell whether it is the user's own and nobody else may write into it."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = os.lstat(place)
        ours = not hasattr(os, "getuid") or (
            known.st_uid == os.getuid() and not known.st_mode & 0o022
        )
        if ours and stat.S_ISDIR(known.st_mode):
            return True
        error: object = _t("{folder}: others may write into this folder").format(folder=place)
    except OSError as refused:
        error = refused
    _say_once(_t("no start state is kept: {error}").format(error=error))
    return False


def _make_room(place: Path) -> None:
    """Remove the states that were used longest ago until the rest is no more than `MOST`."""
    rest = MOST
    for path, size in reversed(kept_in(place).items()):
        if max(size, LEAST) > rest:
            path.unlink(missing_ok=True)
        rest = max(0, rest - max(size, LEAST))


def kept_in(place: Path) -> dict[Path, int]:
    """Return our files in a folder with their bytes, that which was used longest ago first.

    What a process was writing when it was killed is one of them.
    """
    found = []
    for path in () if place.is_symlink() or not place.is_dir() else place.iterdir():
        with suppress(FileNotFoundError):  # another process may remove it
            known = path.lstat()
            if path.suffix in OWN and stat.S_ISREG(known.st_mode):
                found.append((known.st_mtime, path, known.st_size))
    return {path: size for _, path, size in sorted(found)}


@cache
def _say_once(text: str) -> None:
    logging.getLogger("ydsim").warning(text)
