"""Do two checkouts of ydsim give the same results? All tables of all shipped scenarios and sweeps.

Each checkout runs in a Python of its own, at small scale, into a folder of its own; then the tables
are read by the checkout that wrote them and compared: names of columns, order of rows, values, and
the bytes of the parts that both have. Differences are printed, one line each; exit code 1 when
there is one. What a new version adds (a table, a column, other names of runs, in which the version
is) is said after a ``+`` and is no difference.

    python benchmarks/compare_checkouts.py OLD_PYTHON NEW_PYTHON [--only baseline,openness]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

SMALL = ("--set", "scale=0.005", "--set", "end=2026")
SWEEP = {
    "actor_groups": ("--set", "end=2012", "--replicates", "1"),
    "border_x_fund": ("--set", "end=2012", "--replicates", "1"),
    "levers": ("--set", "end=2020", "--replicates", "1"),
    "openness": ("--set", "end=2012", "--replicates", "2"),
    "screening": ("--set", "end=2011", "--replicates", "1"),
    "uncertain_parameters": ("--set", "end=2011", "--replicates", "1"),
}
"""Every shipped sweep, cut to what shows a difference in minutes."""

DUMP = """
import sys, ydsim
from pathlib import Path
results = ydsim.open_results(sys.argv[1])
for name in results.tables:
    results.table(name).to_parquet(Path(sys.argv[2]) / f"{name}.parquet")
"""


def commands(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each shipped scenario and sweep with the arguments that run it."""
    for file in sorted((root / "scenarios").glob("*.yaml")):
        small = () if file.stem == "ten_firms" else SMALL
        yield file.stem, ["run", file.stem, *small, "--replicates", "2", "--no-figures", "-q"]
    for file in sorted((root / "scenarios" / "sweeps").glob("*.yaml")):
        small = ("--set", "scale=0.005", "--jobs", "2", "-q")
        yield file.stem, ["sweep", file.stem, *small, *SWEEP[file.stem]]


def run(python: str, arguments: list[str], out: Path) -> None:
    """Run one command and dump every table of its results beside it."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    line = [python, "-m", "ydsim", *arguments, "-o", str(out / "results")]
    subprocess.run(line, check=True, env=environment, cwd=out, stdout=subprocess.DEVNULL)
    (out / "tables").mkdir()
    dump = [python, "-c", DUMP, str(out / "results"), str(out / "tables")]
    subprocess.run(dump, check=True, env=environment, cwd=out)


def differences(old: Path, new: Path) -> Iterator[str]:
    """Yield what differs between the tables of two folders; what is only new starts with ``+``."""
    names = {path.stem: path for path in sorted((old / "tables").iterdir())}
    later = {path.stem: path for path in sorted((new / "tables").iterdir())}
    yield from (f"+ table {name}" for name in later.keys() - names.keys())
    for name, path in names.items():
        if name not in later:
            yield f"table {name} is gone"
            continue
        before, after = pd.read_parquet(path), pd.read_parquet(later[name])
        yield from compare(name, before, after)


def compare(name: str, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[str]:
    """Yield what differs between two states of a table."""
    added = [column for column in after if column not in before]
    lost = [column for column in before if column not in after]
    if added:
        more = f" and {len(added) - 3} more" if len(added) > 3 else ""
        yield f"+ {name}: columns {', '.join(map(str, added[:3]))}{more}"
    if lost:
        yield f"{name}: lost columns {', '.join(map(str, lost))}"
    kept = [column for column in before if column in after]
    if [column for column in after if column in before] != kept:
        yield f"{name}: another order of columns"
    if len(before) != len(after):
        yield f"{name}: {len(before)} rows -> {len(after)}"
        return
    for column in kept:
        a, b = before[column], after[column]
        differ = ~((a == b) | (a.isna() & b.isna()))
        if differ.any():
            row = int(differ.to_numpy().argmax())
            count = int(differ.sum())
            if column == "run":  # a run is named after its content and the version of ydsim
                yield f"+ {name}.run: {count} other names"
                continue
            yield f"{name}.{column}: {count} values, first in row {row}: {a[row]!r} -> {b[row]!r}"
        if a.dtype != b.dtype:
            yield f"+ {name}.{column}: type {a.dtype} -> {b.dtype}"


def same_bytes(old: Path, new: Path) -> str:
    """Return how many parts of the store have equal bytes in both."""
    parts = {
        path.relative_to(old): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(old.glob("*/*.parquet"))
    }
    both = [path for path in parts if (new / path).exists()]
    equal = sum(
        hashlib.sha256((new / path).read_bytes()).hexdigest() == parts[path] for path in both
    )
    return f"{equal} of {len(parts)} parts equal to the byte"


def main() -> int:
    """Compare two checkouts and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--keep", type=Path, help="folder for the results, kept; old ones reused")
    arguments = parser.parse_args()
    root = Path(__file__).parents[1]
    only = set(filter(None, arguments.only.split(",")))
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.keep or Path(temporary)
        for name, line in commands(root):
            if only and name not in only:
                continue
            old, new = work / "old" / name, work / "new" / name
            for python, out in ((arguments.old, old), (arguments.new, new)):
                if not (out / "tables").exists():
                    out.mkdir(parents=True, exist_ok=True)
                    run(python, line, out)
            found[name] = list(differences(old, new))
            wrong = [text for text in found[name] if not text.startswith("+")]
            state = "differs" if wrong else "equal"
            print(f"{name}: {state}; {same_bytes(old / 'results', new / 'results')}", flush=True)
            for text in found[name]:
                print(f"    {text}", flush=True)
    wrong_names = [n for n, texts in found.items() if any(not t.startswith("+") for t in texts)]
    print(json.dumps({"compared": len(found), "differ": wrong_names}))
    return 1 if wrong_names else 0


if __name__ == "__main__":
    sys.exit(main())
