"""What ``ydsim sensitivity`` writes: tables as CSV and the page, and the same as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ydsim.analysis.sensitivity.drivers import as_columns
from ydsim.analysis.sensitivity.finding import Finding
from ydsim.analysis.sensitivity.words import as_markdown, headline
from ydsim.results.results import Results
from ydsim.results.text import to_csv
from ydsim.store.files import make_folder, refuse_irregular, require_own, write_atomic
from ydsim.typing import Columns

PAGE = "sensitivity.md"
DRIVERS = "drivers.csv"


def write_findings(findings: Sequence[Finding], results: Results, folder: Path) -> list[Path]:
    """Write tables and page of findings into a folder and return the files.

    ``drivers.csv`` has all outcomes; tables of a method have a file for each outcome.
    """
    require_own(folder, PAGE, "an analysis")
    make_folder(folder, parents=True)
    drivers = [as_columns(f.sample.outcome, f.drivers, f.measure) for f in findings]
    joined = {name: np.concatenate([one[name] for one in drivers]) for name in drivers[0]}
    files = {DRIVERS: to_csv(joined)}
    for finding in findings:
        for name, table in finding.tables.items():
            files[f"{name}_{finding.sample.outcome}.csv"] = to_csv(table)
    files[PAGE] = as_markdown(findings, results)
    for name in files:
        refuse_irregular(folder / name)
    for name, text in files.items():
        write_atomic(folder / name, text.encode("utf-8"))
    return [folder / name for name in files]


def as_data(findings: Sequence[Finding], results: Results) -> dict[str, Any]:
    """Return findings as plain data; what is not a number is None."""
    manifest = results.manifest
    return {
        "sweep": results.name,
        "hash": manifest["hash"],
        "ydsim": manifest["ydsim"],
        "seed": manifest["seed"],
        "scale": manifest["scenario"]["scale"],
        "replicates": len(results.replicates),
        "outcomes": [_finding(finding) for finding in findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    sample = finding.sample
    return {
        "outcome": sample.outcome,
        "unit": sample.unit,
        "when": sample.when,
        "method": finding.method,
        "measure": finding.measure,
        "headline": headline(finding),
        "noise_share": _plain(sample.noise_share),
        "drivers": rows(as_columns(sample.outcome, finding.drivers, finding.measure)),
        "tables": {name: rows(table) for name, table in finding.tables.items()},
        "remarks": list(finding.remarks),
    }


def rows(table: Columns) -> list[dict[str, Any]]:
    """Return a table as plain rows."""
    names = list(table)
    values = zip(*(column.tolist() for column in table.values()), strict=True)
    return [dict(zip(names, map(_plain, row), strict=True)) for row in values]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
