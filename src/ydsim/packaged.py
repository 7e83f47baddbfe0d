"""Files that come with the package: tables as rows of text, and templates of pages."""

from __future__ import annotations

import csv
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def rows_of(package: str, table: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of a package, each with its cells by column."""
    text = resources.files(package).joinpath(table).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def templates(package: str, folder: str = "templates", **options: Any) -> Environment:
    """Return the templates of a package, which refuse names that have no value.

    ``options`` are those of Jinja, such as ``autoescape``.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(package, folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )
