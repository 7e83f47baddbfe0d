"""What is wrong with a folder of results is said in Chinese of the same file, key and column."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.support.refusals import demand_chinese
from tests.support.sealed import content, reseal
from tests.support.sweep_files import SWEEP, write_sweep
from ydsim.cli import main
from ydsim.store.files import FolderLock, sha256
from ydsim.store.layout import DESIGN, PLAN
from ydsim.store.manifest import NAME
from ydsim.store.tables import from_parquet, normalise, to_parquet

RECEIPT = "runs/part-000001.json"
PART = "series/part-000001.parquet"


def write(folder: Path, name: str, data: bytes = b"x") -> None:
    (folder / name).write_bytes(data)


def replace(folder: Path, name: str, other: Path) -> None:
    (folder / name).unlink()
    (folder / name).symlink_to(other)


def column(folder: Path, table: str, name: str, values: object) -> None:
    """Give a column of the design or the plan one value, with right checksums."""
    path = folder / f"{table}.parquet"
    columns = from_parquet(path.read_bytes(), path)
    columns[name] = np.full(len(columns[name]), values)
    path.write_bytes(to_parquet(normalise(columns)))
    files = content(folder / NAME)["files"]
    reseal(folder / NAME, files={**files, path.name: sha256(path.read_bytes())})


# what is done to a folder of results
DAMAGE = {
    "no manifest": lambda f: (f / NAME).unlink(),
    "no JSON": lambda f: write(f, NAME),
    "not of ydsim": lambda f: write(f, NAME, b"{}"),
    "edited": lambda f: write(f, NAME, (f / NAME).read_bytes().replace(b'"fake"', b'"fakes"')),
    "other schema": lambda f: reseal(f / NAME, schema=1),
    "other kind": lambda f: reseal(f / NAME, kind="study"),
    "unknown key": lambda f: reseal(f / NAME, point=4),
    "value": lambda f: reseal(f / NAME, seed=-1),
    "names": lambda f: reseal(f / NAME, tables=["runs"]),
    "count": lambda f: reseal(f / NAME, points=7),
    "hash": lambda f: reseal(f / NAME, hash="0" * 64),
    "no design": lambda f: (f / f"{DESIGN}.parquet").unlink(),
    "no plan": lambda f: write(f, f"{PLAN}.parquet"),
    "seconds": lambda f: column(f, DESIGN, "seconds", -1.0),
    "number for a text": lambda f: column(f, DESIGN, "set", 3),
    "replicates": lambda f: column(f, PLAN, "replicate", 99),
    "receipt gone": lambda f: (f / RECEIPT).unlink(),
    "receipts gone": lambda f: [path.unlink() for path in (f / "runs").glob("*.json")],
    "receipt damaged": lambda f: write(f, RECEIPT),
    "receipt of another part": lambda f: reseal(f / RECEIPT, part=2, files={}, done=0),
    "receipt of another sweep": lambda f: reseal(f / RECEIPT, sweep_part="0" * 64),
    "receipt without runs": lambda f: reseal(f / RECEIPT, files={}),
    "receipt of no file": lambda f: reseal(f / RECEIPT, files={"x/y": "0" * 64}),
    "part gone": lambda f: (f / PART).unlink(),
    "part damaged": lambda f: write(f, PART),
    "link": lambda f: replace(f, PART, Path("/etc/hosts")),
    "folder for a file": lambda f: [(f / PART).unlink(), (f / PART).mkdir()],
    "pipe": lambda f: [(f / PART).unlink(), os.mkfifo(f / PART)],
}  # fmt: skip


def refused(capsys, *words):
    """The lines of a refusal, without ``error:``."""
    assert main([*words]) == 5
    return [line.removeprefix("error: ") for line in capsys.readouterr().err.splitlines()]


def in_both(capsys, *words):
    """The lines of a refusal in Chinese, each about the place of the English one."""
    english, chinese = refused(capsys, *words), refused(capsys, *words, "--lang", "zh")
    demand_chinese(chinese, english)
    return chinese


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_results(folder, damage, capsys):
    DAMAGE[damage](folder)
    assert in_both(capsys, "verify", str(folder))[0].startswith(str(folder))


@pytest.mark.parametrize("folder", ["run", "sweep"], indirect=True)
def test_results_of_another_experiment(folder, capsys):
    write_sweep(seed=8)
    assert str(folder) in in_both(capsys, *SWEEP[:2], "-o", str(folder), "-q")[0]


def test_a_folder_that_others_began_or_are_at_work_in(folder, capsys):
    (folder / RECEIPT).unlink()
    reseal(folder / NAME, complete=False)
    with FolderLock(folder):
        assert str(os.getpid()) in in_both(capsys, "resume", str(folder))[0]
    for key, value in (("version", "0.0.1"), ("canary", "0" * 64)):
        before = content(folder / NAME)[key]
        reseal(folder / NAME, **{key: value})
        assert str(folder) in in_both(capsys, "resume", str(folder))[0]
        reseal(folder / NAME, **{key: before})
