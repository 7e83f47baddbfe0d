"""The version, the same from an installed package and from a checkout."""

from __future__ import annotations

from pathlib import Path


def version() -> str:
    """Return the version of ydsim."""
    import ydsim

    own = getattr(ydsim, "__version__", None)
    if isinstance(own, str):
        return own
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("ydsim")
    except PackageNotFoundError:
        return _from_checkout()


def _from_checkout() -> str:
    import tomllib

    project = Path(__file__).parents[3] / "pyproject.toml"
    try:
        with open(project, "rb") as file:
            return str(tomllib.load(file)["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return "unknown"
