"""Data that runs of the model itself gave, of which results depend beside the world's content.

A world's digest covers what its authors wrote. What was fitted under the defaults is stored beside
it and changes when a rule does: the base run and the scale of the measures.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

BASE_RUN: Final = "base_run.json"
"""File of a world; it holds for the world with the digest that it names."""

MEASURES: Final = "yrd/measures.json"
"""The scale of measures, which serves all worlds."""


def fitted_data(worlds: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of each file of fitted data that runs in these worlds read.

    ``worlds`` is the digest of each by name; files are named with the world, as in
    ``yrd/base_run.json``.
    """
    names = [MEASURES]
    for world, digest in worlds.items():
        base = f"{world}/{BASE_RUN}"
        if not world.isidentifier() or not _file(base).is_file():
            continue
        if json.loads(_file(base).read_text(encoding="utf-8"))["world"] == digest:
            names.append(base)
    return {name: _digest(name) for name in sorted(names)}


def refitted(known: Mapping[str, str], worlds: Mapping[str, str]) -> list[str]:
    """Return the files of fitted data that are not as they were ``known``, or are there no more."""
    now = fitted_data(worlds)
    return sorted(name for name, digest in known.items() if now.get(name) != digest)


def _file(name: str) -> Traversable:
    return resources.files("ydsim.world").joinpath("data", *name.split("/"))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_file(name).read_bytes()).hexdigest()
