"""Golden runs: small runs of shipped scenarios, kept as readable CSV files.

python -m tests.support.golden --accept      # write the files anew, after looking at the difference
"""

import argparse
import csv
from pathlib import Path

from ydsim import simulate

FOLDER = Path(__file__).parent / "golden_files"
RUNS: dict[str, dict[str, object]] = {
    "baseline": {"scale": 0.01, "end": 2013},
    "synthetic": {"scale": 0.05, "end": 2012},
    "six_actor_community": {"scale": 0.02, "end": 2026},
}
YEARS = {"six_actor_community": (2018, 2022, 2026)}
"""Years that are kept of a long run, in which policies of all kinds act; of others all are."""

Rows = dict[tuple[str, str, str], float]


def simulate_rows(name, changes=None):
    """Return the yearly values of a golden run by region, year and indicator."""
    results = simulate(name, {"replicates": 1, **RUNS[name], **(changes or {})})
    table = results.table("province_year")
    return {
        (row.region, str(row.year), row.indicator): float(row.value)
        for row in table.itertuples()
        if name not in YEARS or int(row.year) in YEARS[name]
    }


def stored_rows(name):
    """Return the values that are stored."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["region"], row["year"], row["indicator"]): float(row["value"])
            for row in csv.DictReader(file)
        }


def accept():
    """Write all golden files."""
    for name in RUNS:
        with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["region", "year", "indicator", "value"])
            for key, value in simulate_rows(name).items():
                writer.writerow([*key, repr(value)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Golden runs.")
    parser.add_argument("--accept", action="store_true", required=True)
    parser.parse_args()
    accept()
