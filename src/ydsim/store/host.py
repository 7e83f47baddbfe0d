"""What a run was made on: versions and processor, for the block ``made`` of a manifest."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

PACKAGES = ("numpy", "mesa", "scipy", "pandas", "pyarrow", "pydantic")


def host_facts() -> dict[str, Any]:
    """Return operating system and processor features, without names of users or machines."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "cpu_features": _cpu_features(),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that touch numbers."""
    return {"python": platform.python_version(), **{name: _installed(name) for name in PACKAGES}}


@cache
def _installed(package: str) -> str:
    """Return the version of a package; reading it takes milliseconds, and manifests ask often."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def moved(before: Mapping[str, str]) -> list[str]:
    """Return ``name old -> new`` for every version that is not as it was."""
    now = versions()
    return [f"{name} {v} -> {now[name]}" for name, v in before.items() if now.get(name, v) != v]


def utc_now() -> str:
    """Return the present time in UTC as ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _cpu_features() -> list[str]:
    config = np.show_config(mode="dicts")
    simd = config.get("SIMD Extensions", {}) if isinstance(config, dict) else {}
    return [*simd.get("baseline", []), *simd.get("found", [])]
