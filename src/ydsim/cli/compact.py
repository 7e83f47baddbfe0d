"""``ydsim compact``: fewer and larger files for a finished sweep."""

from __future__ import annotations

from typing import Annotated

import typer


def compact(
    results: Annotated[
        str, typer.Argument(metavar="RESULTS", help="Folder of a sweep, or its name in results/.")
    ],
) -> None:
    """Merge the files of a finished sweep; no row changes, and it can still be extended."""
    from ydsim.store.compact import compact as merge

    found = merge(results)
    typer.echo(f"{results}: {found.before} parts became {found.after}")
