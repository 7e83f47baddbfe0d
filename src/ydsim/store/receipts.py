"""Receipts of a folder that must be whole where its manifest says so."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ydsim.errors import ResultsError
from ydsim.store.contents import Contents
from ydsim.store.layout import Store, receipt_path


def receipts_in(
    store: Store, manifest: Mapping[str, Any], contents: Contents
) -> dict[int, dict[str, Any]]:
    """Return the receipts of a folder by part.

    Raises
    ------
    ResultsError
        When one is damaged or does not fit the plan, or is missing although the manifest says
        that all is complete.
    """
    receipts = store.receipts(contents.plan.identities)
    sizes = {n: rows.stop - rows.start for n, rows in contents.plan.bounds.items()}
    refuse_missing(store.folder, manifest, sizes, receipts)
    for number, receipt in receipts.items():
        if receipt["missing"] or not contents.plan.fits(number, receipt):
            path = store.folder / receipt_path(number)
            raise ResultsError(f"{path}: its runs are not those of the plan")
    return receipts


def refuse_missing(
    folder: Path,
    manifest: Mapping[str, Any],
    sizes: Mapping[int, int],
    there: Iterable[int],
) -> None:
    """Refuse a folder that says complete and lacks a receipt.

    Parameters
    ----------
    sizes
        Number of runs of each part.
    there
        Parts that have a receipt.
    """
    present = set(there)
    gone = [number for number in sizes if number not in present]
    if not manifest["complete"] or not gone:
        return
    runs = sum(sizes[number] for number in gone)
    it = "it" if runs == 1 else "them"
    more = f" and {len(gone) - 1} more are" if len(gone) > 1 else " is"
    raise ResultsError(
        f"{folder}: says complete, but {runs} of {sum(sizes.values())} runs "
        f"{'is' if runs == 1 else 'are'} missing: {receipt_path(gone[0])}{more} gone; "
        f"{how_to_go_on(folder)} computes {it} again"
    )


def how_to_go_on(folder: Path) -> str:
    """Return the command that computes what a folder lacks."""
    return f"ydsim resume {shlex.quote(str(folder))}"
