"""What can go wrong with a sweep, case by case, as the user meets it at the command line.

Ids are those of the list of faults in ``docs/faults.md``.
"""

import errno
import os
import pickle
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tests.support import fake_sweep as fake
from tests.support.sealed import reseal
from tests.support.sweep_files import BASE, RESUME, SPANS, SWEEP, stand_in, write_sweep
from ydsim.cli import main
from ydsim.results.results import open_results, status_of, verify
from ydsim.run import worker as work
from ydsim.run.progress import Stopped
from ydsim.store import files
from ydsim.store.contents import compact
from ydsim.store.files import LOCK, FolderLock, sha256
from ydsim.store.layout import WORK, latest
from ydsim.store.manifest import SCHEMA, seal, unseal
from ydsim.store.tables import from_parquet, to_parquet

RUNS = 6


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.err.splitlines()[-1] if self.err else ""


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    """Call the command line with a fake model in a folder with the sweep ``files/fake.yaml``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "system_sync", lambda handle: None)  # slow on a busy disk
    write_sweep()

    def call(*args: str, model: type = fake.SweepModel) -> Said:
        stand_in(monkeypatch, model)
        capsys.readouterr()
        code = main(list(args))
        said = Said(code, *capsys.readouterr())
        assert "Traceback" not in said.err
        assert code != 70, said.err
        return said

    return call


@pytest.fixture
def folder(cli, finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "out")


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file with its time, to see that nothing was touched."""
    return {
        str(p.relative_to(folder)): (p.stat().st_mtime_ns, p.read_bytes())
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def parts(folder: Path) -> list[str]:
    return [name for name in state(folder) if "part-" in name and "official" not in name]


# ---------------------------------------------------------------- damage to a finished sweep


def text(old: str, new: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new, 1), encoding="utf-8")

    return change


def tamper(path: Path) -> None:
    """Write a part anew with one value changed; its receipt stays."""
    columns = from_parquet(path.read_bytes(), path)
    changed = columns["rd_expenditure"].copy()
    changed[0] += 1.0
    path.write_bytes(to_parquet({**columns, "rd_expenditure": changed}))


def another_part(path: Path) -> None:
    """Put the part of another sweep, sound in itself, in the place of one of this."""
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch, fake.SweepModel)
        write_sweep(Path("others"), BASE.replace("seed: 7", "seed: 8"))
        assert main(["sweep", "others/fake.yaml", "-o", "theirs", "--chunk", "2", "-q"]) == 0
    number = path.stem
    for file in Path("theirs").glob(f"*/{number}.*"):
        if file.parent.name != "official":
            shutil.copy(file, Path("out") / file.relative_to("theirs"))


class Damage(NamedTuple):
    """What is done to one file of part 1, what `ydsim verify` says, and that resume mends it."""

    id: str
    what: str
    file: str
    how: Callable[[Path], object]
    said: str


SERIES = "series/part-000001.parquet"
ROWS = "runs/part-000001.parquet"
RECEIPT = "runs/part-000001.json"

DAMAGES = [
    Damage("S01", "truncated", SERIES, lambda p: os.truncate(p, 100), "is damaged"),
    Damage("S01", "empty", ROWS, lambda p: p.write_bytes(b""), "is damaged"),
    Damage("S01", "garbage", SERIES, lambda p: p.write_bytes(os.urandom(999)), "is damaged"),
    Damage("S04", "half a receipt", RECEIPT, lambda p: os.truncate(p, 50), "not a JSON file"),
    Damage("S04", "receipt with NaN", RECEIPT, text('"done": 2', '"done": NaN'), "not a JSON file"),
    Damage("S04", "deep nonsense", RECEIPT, lambda p: p.write_bytes(b"[" * 10**5), "not a JSON"),
    Damage("S04", "edited receipt", RECEIPT, text('"done": 2', '"done": 1'), "was edited"),
    Damage("S05", "deleted table", SERIES, lambda p: p.unlink(), "is missing"),
    Damage("S05", "deleted rows", ROWS, lambda p: p.unlink(), "is missing"),
    Damage("S05", "deleted receipt", RECEIPT, lambda p: p.unlink(), "is missing"),
    Damage("S07", "part of another sweep", RECEIPT, another_part, "belongs to another experiment"),
    Damage("S08", "value changed", SERIES, tamper, "is damaged: its SHA-256"),
    Damage("X08", "a pickle", SERIES, lambda p: p.write_bytes(pickle.dumps(p)), "is damaged"),
]  # fmt: skip


@pytest.mark.quick(6)
@pytest.mark.parametrize("row", DAMAGES, ids=lambda row: f"{row.id} {row.what}")
def test_damage_is_found_and_mended(cli, folder, finished, row):
    row.how(folder / row.file)
    before = state(folder)
    found = cli("verify", "out")
    assert found.code == 5
    assert len(found.err.splitlines()) == 1
    assert f"error: out/{row.file}: " in found.err
    assert row.said in found.err
    assert state(folder) == before
    again = cli(*RESUME)
    assert again.code == 0, again.err
    assert fake.tree(folder) == fake.tree(finished)
    after = state(folder)
    untouched = [name for name in parts(folder) if "000001" not in name]
    assert len(untouched) == 6
    assert all(after[name] == before[name] for name in untouched)


@pytest.mark.slow
def test_s02_a_flipped_byte_in_every_file(cli, folder, finished):
    """Verify names the file; resume, or for design and plan the sweep's own command, mends it."""
    chance = np.random.default_rng(5)
    for name in state(finished):
        sound = (folder / name).read_bytes()
        at = int(chance.integers(len(sound)))
        flipped = bytes([*sound[:at], sound[at] ^ (1 << int(chance.integers(8))), *sound[at + 1 :]])
        (folder / name).write_bytes(flipped)
        found = cli("verify", "out")
        assert found.code == 5, (name, at)
        assert f"out/{name}: " in found.err, (name, at)
        before = state(folder)
        if name == "manifest.json":
            for verb in (RESUME, SWEEP):
                refused = cli(*verb)
                assert refused.code == 5
                assert state(folder) == before
            (folder / name).write_bytes(sound)
            continue
        if name in ("design.parquet", "plan.parquet"):
            refused = cli(*RESUME)
            assert refused.code == 5
            assert "the command that began the sweep makes it again" in refused.last
            assert state(folder) == before
            assert cli(*SWEEP).code == 0
        else:
            assert cli(*RESUME).code == 0, name
        assert fake.tree(folder) == fake.tree(finished), name
        after = state(folder)
        number = Path(name).stem
        others = [n for n in parts(folder) if Path(n).stem != number]
        assert all(after[n] == before[n] for n in others)


def test_s03_a_torn_line_of_failures(cli, folder):
    shutil.rmtree(folder)
    assert cli(*SWEEP, model=fake.Failing).code == 1
    path = folder / "failures.jsonl"
    whole = path.read_bytes()
    os.truncate(path, len(whole) // 2)
    assert cli("verify", "out").code == 0
    assert len(open_results(folder).failures) == 1
    assert cli(*RESUME, model=fake.Failing).code == 1
    assert path.read_bytes() == whole


class Refused(NamedTuple):
    """What stands in the way, and what is said about it; nothing may change."""

    id: str
    what: str
    how: Callable[[Path], object]
    args: tuple[str, ...]
    code: int
    said: str


def foreign(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "design.parquet").write_bytes(b"of somebody else")


def other_case(folder: Path) -> None:
    folder.rename(folder.with_name("Out"))


MANIFEST = "manifest.json"
REFUSALS = [
    Refused("S04", "no manifest", lambda f: (f / MANIFEST).unlink(), RESUME, 5,
            "not a results folder|is missing"),
    Refused("S04", "no manifest, same command", lambda f: (f / MANIFEST).unlink(), SWEEP, 5,
            "is not a results folder of ydsim"),
    Refused("S04", "half a manifest", lambda f: os.truncate(f / MANIFEST, 500), RESUME, 5,
            "manifest.json: is damaged: not a JSON file"),
    Refused("S04", "not JSON", lambda f: (f / MANIFEST).write_bytes(b"name: fake\n"), SWEEP, 5,
            "manifest.json: is damaged: not a JSON file"),
    Refused("S04", "NaN in the manifest", lambda f: text('"complete": true', '"complete": NaN')(
            f / MANIFEST), RESUME, 5, "manifest.json: is damaged: not a JSON file"),
    Refused("S09", "other base", lambda f: write_sweep(base=BASE.replace("0.01", "0.02")), SWEEP,
            5, r"holds another sweep \(base\.scale: 0\.01 -> 0\.02\)"),
    Refused("S19", "name too long", lambda f: None, (*SWEEP[:3], "x" * 300), 6,
            "File name too long"),
    Refused("S20", "other case", other_case, SWEEP, 5, "in upper and lower case only"),
    Refused("X03", "folder of somebody else", foreign, SWEEP, 5,
            "exists and is not a results folder of ydsim"),
    Refused("X03", "the same with --force", foreign, (*SWEEP, "--force"), 5,
            "exists and is not a results folder of ydsim"),
    Refused("X03", "a file", lambda f: (shutil.rmtree(f), f.write_bytes(b"mine")), SWEEP, 5,
            "is a file, not a folder"),
    Refused("X03", "the folder of a run",
            lambda f: reseal(f / MANIFEST, kind="run", record={"everything": True}), SWEEP, 5,
            "holds a run, not a sweep"),
    Refused("X03", "no kind", lambda f: reseal(f / MANIFEST, kind=None), SWEEP, 5,
            "is of kind None; known are run and sweep"),
    Refused("R20", "jobs 0", lambda f: None, (*SWEEP, "--jobs", "0"), 2, "jobs: expected"),
    Refused("R20", "jobs -1", lambda f: None, (*RESUME, "--jobs", "-1"), 2, "jobs: expected"),
    Refused("R20", "jobs many", lambda f: None, (*RESUME, "--jobs", "many"), 2, "whole number"),
    Refused("R09", "no time", lambda f: None, (*RESUME, "--timeout-per-run", "nan"), 2,
            "timeout_per_run: expected a"),
    Refused("R14", "no folder", lambda f: None, ("resume", "nowhere"), 5, "nowhere"),
    Refused("X01", "NUL in a name", lambda f: None, (*SWEEP[:3], "a\0b"), 2,
            "null (byte|character)"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: f"{row.id} {row.what}")
def test_refused_and_nothing_changes(cli, folder, tmp_path, row):
    row.how(folder)
    before = state(tmp_path)
    refused = cli(*row.args)
    assert refused.code == row.code, refused.err
    assert re.search(row.said, refused.last), refused.err
    if refused.code:
        assert len(refused.err.splitlines()) <= 2
        assert refused.last.startswith("error: ")
    assert state(tmp_path) == before


def test_s04_runs_outlive_their_manifest(cli, folder, finished):
    """Without a manifest the parts still count, in a folder that the same command began."""
    (folder / MANIFEST).unlink()
    folder.rename("old")
    made = []

    class Stopping(fake.SweepModel):
        def __init__(self, *args, **options) -> None:
            made.append(1)
            raise Stopped("SIGINT")

    assert cli(*SWEEP, model=Stopping).code == 130
    shutil.copytree("old", "out", dirs_exist_ok=True)
    made.clear()
    assert cli(*SWEEP, model=Stopping).code == 0
    assert not made
    assert fake.tree(folder) == fake.tree(finished)


def test_s06_foreign_files_are_left_alone(cli, folder):
    names = [".DS_Store", "notes.txt", "series/Thumbs.db", "runs/x.tmp", "runs/part-000009.json",
             "mine/part-000001.parquet", "series/.part-000001.parquet.swp"]  # fmt: skip
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"mine")
    (folder / "here").symlink_to(folder)
    before = state(folder)
    for args in (("verify", "out"), RESUME, SWEEP, ("status", "out"), ("export", "out")):
        assert cli(*args).code == 0
    assert state(folder) == before
    (folder / ROWS).unlink()
    assert cli(*RESUME).code == 0
    after = state(folder)
    assert all(after[name] == before[name] for name in names)


def test_s08_only_running_again_tells_a_tampered_value(cli, folder):
    tamper(folder / SERIES)
    receipt = unseal((folder / RECEIPT).read_bytes(), folder)
    receipt["files"][SERIES] = sha256((folder / SERIES).read_bytes())
    (folder / RECEIPT).write_bytes(seal(receipt))
    assert cli("verify", "out").code == 0
    found = cli("verify", "out", "--recompute", str(RUNS))
    assert found.code == 5
    (line,) = found.err.splitlines()
    assert line.startswith("error: run ")
    assert line.endswith(": is not what it computes: series")


def test_s13_a_complete_sweep_is_left_alone(cli, folder, tmp_path):
    before = state(tmp_path)
    for args in (RESUME, SWEEP, (*RESUME, "--jobs", "2")):
        again = cli(*args)
        assert again.code == 0
        assert again.last.startswith("out: already complete")
    assert state(tmp_path) == before


def test_s16_a_copy_goes_on_elsewhere_and_names_no_place(cli, folder, finished, tmp_path):
    import getpass
    import socket

    shutil.rmtree(folder)
    assert cli(*SWEEP, model=fake.Failing).code == 1
    secrets = [str(tmp_path), str(Path.home()), socket.gethostname(), str(Path(fake.__file__))]
    secrets += [getpass.getuser()] if len(getpass.getuser()) > 5 else []
    for name, (_, data) in state(folder).items():
        shown = data.decode("utf-8", "replace")
        if name.endswith(".parquet"):
            shown = str({k: c.tolist() for k, c in from_parquet(data, folder / name).items()})
        for secret in secrets:
            assert secret not in shown, (name, secret)
    elsewhere = tmp_path / "some where 上海" / "else"
    elsewhere.parent.mkdir()
    folder.rename(elsewhere)
    assert cli("resume", str(elsewhere)).code == 0
    assert fake.tree(elsewhere) == fake.tree(finished)


@pytest.mark.slow
def test_s18_thousands_of_parts_are_listed(cli, folder, tmp_path, monkeypatch):
    shutil.rmtree(folder)
    write_sweep(replicates=1000)

    class Stopping(fake.SweepModel):
        def __init__(self, *args, **options) -> None:
            raise Stopped("SIGINT")

    sweep = ("sweep", "files/fake.yaml", "-o", "out", "--chunk", "1", "-q")
    assert cli(*sweep, model=Stopping).code == 130
    plan = open_results(folder).contents.plan
    assert len(plan.bounds) == 2_000
    (folder / "runs").mkdir(exist_ok=True)
    content = {"done": 0, "missing": [], "notes": [], "schema": SCHEMA, "files": {}}
    entry = {"seed": 7, "quarter": None, "exception": "E", "message": "no", "traceback": []}
    for number, identity in list(plan.identities.items())[:1_990]:
        at = plan.bounds[number].start
        failed = [{**entry, "run": plan.runs[at], "replicate": plan.replicates[at]}]
        receipt = folder / f"runs/part-{number:06d}.json"
        receipt.write_bytes(seal({**content, **identity, "failed": failed}))
    shown = cli("status", "out")
    assert "0 of 2000 runs done, 1990 failed, 10 to go" in shown.out
    assert cli("verify", "out").code == 0


# ---------------------------------------------------------------- a system that refuses


class Seam:
    """Lets the k-th call of a function of the system fail."""

    def __init__(self, real: Callable, fail: Callable) -> None:
        self.real, self.fail, self.calls, self.k = real, fail, 0, 0

    def __call__(self, *args: object) -> object:
        self.calls += 1
        if self.k and self.calls >= self.k:
            return self.fail(*args)
        return self.real(*args)


def full(handle: int, data: bytes = b"") -> int:
    if data:
        os.write(handle, data[: len(data) // 2])
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.fault
@pytest.mark.parametrize(("name", "step"), [("system_write", 1), ("system_sync", 3)])
def test_r10_full_disk_at_every_write(cli, finished, monkeypatch, name, step):
    """Wherever it strikes, finished runs stay and the same command goes on to the same bytes."""
    monkeypatch.setattr(work, "FLUSH_SECONDS", -1.0)
    real = {"system_write": os.write, "system_sync": lambda handle: None}[name]
    seam = Seam(real, full)
    monkeypatch.setattr(files, name, seam)
    k, kept = 1 - step, 0
    while True:
        k += step
        shutil.rmtree("out", ignore_errors=True)
        seam.calls, seam.k = 0, k
        said = cli(*SWEEP, model=fake.Failing)
        seam.k = 0
        if said.code == 1:
            break
        assert said.code == 6, said.err
        assert "No space left on device" in said.last
        assert "bytes free); make room and run the same command again" in said.last
        assert not list(Path("out").rglob("*.ydsim-tmp"))
        kept += Path("out/.ydsim-kept").exists()
        if Path("out", MANIFEST).exists():
            assert verify("out") == []
            assert cli(*RESUME).code == 0
        else:
            assert cli(*SWEEP).code == 0
        assert fake.tree(Path("out")) == fake.tree(finished)
    # begin with 4 files; 3 parts of 2 runs: 3 files in place and aside; at the end 5
    assert seam.calls == (4 + 3 * 3 + 3 * 3 + 5) * (1 if name == "system_write" else 2)
    assert kept >= 2


@pytest.mark.slow
def test_r10_a_copy_that_cannot_be_written_leaves_the_one_before(cli, monkeypatch):
    """The later the disk is full, the more runs are there: no copy is written over the only one."""
    monkeypatch.setattr(work, "FLUSH_SECONDS", -1.0)
    seam = Seam(os.write, full)
    monkeypatch.setattr(files, "system_write", seam)
    most, k = 0, 0
    while most < RUNS:
        k += 1
        shutil.rmtree("out", ignore_errors=True)
        seam.calls, seam.k = 0, k
        cli("sweep", "files/fake.yaml", "-o", "out", "--chunk", "6")
        seam.k = 0
        if Path("out", MANIFEST).exists():
            identities = open_results("out").contents.plan.identities
            found = latest(Path("out"), 0, identities[0])
            done = found[1]["done"] if found else 0
            assert done >= most, k
            most = done
    assert k == 4 + (5 * 3 + 3) + 1


@pytest.mark.slow
def test_r10_full_disk_while_failed_runs_are_tried_again(cli, finished, monkeypatch):
    """Replacing a part never risks the runs that it holds."""
    assert cli(*SWEEP, model=fake.Failing).code == 1
    shutil.move("out", "failed")
    seam = Seam(os.write, full)
    monkeypatch.setattr(files, "system_write", seam)
    k = 0
    while True:
        k += 1
        shutil.rmtree("out", ignore_errors=True)
        shutil.copytree("failed", "out")
        seam.calls, seam.k = 0, k
        code = cli(*RESUME).code
        seam.k = 0
        if code == 0:
            break
        assert code == 6
        assert verify("out") == []
        assert status_of("out").done >= 5
        made = []

        class Counted(fake.SweepModel):
            def __init__(self, *args, made=made, **options) -> None:
                super().__init__(*args, **options)
                made.append(1)

        assert cli(*RESUME, model=Counted).code == 0
        assert len(made) <= 1, "a finished run was run again"
        assert fake.tree(Path("out")) == fake.tree(finished)
    assert k > 8


@pytest.mark.slow
def test_r10_full_disk_while_parts_are_merged(folder, finished, monkeypatch):
    before = open_results(finished).table("runs")
    seam = Seam(os.write, full)
    monkeypatch.setattr(files, "system_write", seam)
    for k in range(1, 100):
        shutil.rmtree(folder)
        shutil.copytree(finished, folder)
        seam.calls, seam.k = 0, k
        try:
            compact(folder)
        except Exception as error:
            assert "No space left" in str(error)  # noqa: PT017
        else:
            break
        finally:
            seam.k = 0
        assert verify(folder) == []
        assert open_results(folder).table("runs").equals(before)
        compact(folder)
        assert len(open_results(folder).contents.plan.bounds) == 1
        assert open_results(folder).table("runs").equals(before)
    assert k > 5


class Trouble(NamedTuple):
    id: str
    number: int
    said: str


@pytest.mark.parametrize(
    "row",
    [
        Trouble("R11", errno.EACCES, "Permission denied"),
        Trouble("R11", errno.EROFS, "Read-only file system"),
        Trouble("R13", errno.EIO, "Input/output error"),
        Trouble("R13", errno.EMFILE, "Too many open files"),
        Trouble("R13", errno.ENFILE, "Too many open files in system"),
        Trouble("R10", errno.EFBIG, "File too large"),
        Trouble("R10", errno.EDQUOT, "Disk quota exceeded"),
    ],
    ids=lambda row: f"{row.id} {errno.errorcode[row.number]}",
)
@pytest.mark.parametrize("k", [1, pytest.param(9, marks=pytest.mark.slow)])
def test_r13_any_other_trouble(cli, finished, monkeypatch, row, k):
    def refuse(*args: object) -> None:
        raise OSError(row.number, os.strerror(row.number))

    seam = Seam(os.write, refuse)
    monkeypatch.setattr(files, "system_write", seam)
    seam.k = k
    said = cli(*SWEEP)
    assert said.code == 6
    assert row.said in said.last
    seam.k = 0
    assert cli(*SWEEP).code == 0
    assert fake.tree(Path("out")) == fake.tree(finished)


def test_r13_short_writes(cli, finished, monkeypatch):
    monkeypatch.setattr(files, "system_write", lambda handle, data: os.write(handle, data[:700]))
    assert cli(*SWEEP).code == 0
    assert fake.tree(Path("out")) == fake.tree(finished)


@pytest.mark.quick(2)
@pytest.mark.parametrize("how", ["renamed", "removed"])
@pytest.mark.parametrize("flush", [-1.0, 10.0], ids=["while keeping aside", "at the end of a part"])
def test_r12_a_folder_that_vanishes_is_not_made_again(
    cli, finished, tmp_path, monkeypatch, how, flush
):
    class Thief(fake.SweepModel):
        def step(self) -> None:
            super().step()
            if self.is_marked() and Path("out").exists():
                Path("out").rename("stolen") if how == "renamed" else shutil.rmtree("out")

    monkeypatch.setattr(work, "FLUSH_SECONDS", flush)
    said = cli("sweep", "files/fake.yaml", "-o", "out", "--chunk", "6", model=Thief)
    assert said.code in (5, 6)
    assert "out" in said.last
    assert not (tmp_path / "out").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == (
        ["files", "stolen"] if how == "renamed" else ["files"]
    )
    if how == "renamed":
        assert verify("stolen") == []
        assert cli("resume", "stolen").code == 0
        assert open_results("stolen").table("runs").equals(open_results(finished).table("runs"))


@pytest.mark.slow
def test_r11_a_folder_of_another_user(cli, finished):
    """Reading works, writing is refused before anything is computed."""
    import tempfile

    place = Path(tempfile.mkdtemp())
    try:
        shutil.copytree(finished, place / "out")
        os.remove(place / "out" / ROWS)
        write_sweep(place / "files")
        for path in (place, *place.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = state(place)
        asked = {"new": ("sweep", str(place / "files" / "fake.yaml"), "-o", str(place / "new")),
                 "old": ("resume", str(place / "out")),
                 "status": ("status", str(place / "out")),
                 "design": ("export", str(place / "out"), "--table", "design")}  # fmt: skip
        cli("export", str(finished), "--table", "design")  # modules are read while it is allowed
        codes = {}
        for name, args in asked.items():
            child = os.fork()
            if child == 0:
                code = 99
                try:
                    if os.geteuid() == 0:
                        os.setegid(65534)
                        os.seteuid(65534)
                    code = main(list(args))
                finally:
                    os._exit(code)
            codes[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert codes == {"new": 6, "old": 6, "status": 0, "design": 0}
        assert state(place) == before
    finally:
        for path in (place, *place.rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(place)


@pytest.mark.slow
def test_r14_a_second_writer_is_refused_and_readers_are_not(cli, folder):
    (folder / ROWS).unlink()
    with FolderLock(folder):
        before = state(folder)
        for args in (RESUME, SWEEP, (*SWEEP, "--force")):
            refused = cli(*args)
            assert refused.code == 5
            assert f"is in use by pid {os.getpid()} on host" in refused.last
        assert f"at work: pid {os.getpid()}" in cli("status", "out").out
        for args in (("status", "out"), ("export", "out", "--table", "design")):
            assert cli(*args).code == 0
        assert state(folder) == before


def test_r14_the_lock_of_a_killed_writer_is_none(cli, folder, finished):
    (folder / ROWS).unlink()
    (folder / LOCK).write_bytes(b'{"pid": 1, "host": "other", "since": "2020"}')
    assert cli(*RESUME).code == 0
    assert fake.tree(folder) == fake.tree(finished)


def test_r16_clocks_that_jump(cli, finished, monkeypatch):
    import datetime

    chance = np.random.default_rng(3)

    class Jumping(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime.fromtimestamp(float(chance.integers(2**33)), tz)

    monkeypatch.setattr("ydsim.store.contents.datetime", Jumping)
    monkeypatch.setattr("ydsim.store.files.datetime", Jumping)
    monkeypatch.setattr(time, "time", lambda: float(chance.integers(2**33)))
    assert cli(*SWEEP, model=fake.Failing).code == 1
    assert cli(*RESUME).code == 0
    assert fake.tree(Path("out")) == fake.tree(finished)
    assert unseal(Path("out", MANIFEST).read_bytes(), Path())["made"]["seconds"] < 60.0


def test_r26_a_beginning_that_was_broken_off(cli, finished):
    """Whatever stands of a sweep that has no manifest yet, the same command begins it."""
    whole = state(finished)
    Path("out", WORK).mkdir(parents=True)
    for name in ("design.parquet", "plan.parquet", "official/part-000000.parquet"):
        Path("out", name).parent.mkdir(exist_ok=True)
        Path("out", name).write_bytes(whole[name][1][:50])
        Path("out", f"{name}.1234.ydsim-tmp").write_bytes(b"torn")
    Path("out", "notes.txt").write_bytes(b"mine")
    assert "is not a results folder of ydsim" in cli(*SWEEP).last
    Path("out", "notes.txt").unlink()
    assert cli(*SWEEP).code == 0
    for path in Path("out").rglob("*.parquet.1234.ydsim-tmp"):
        path.unlink()  # not the name of one of ours, so it stays
    assert fake.tree(Path("out")) == fake.tree(finished)


def test_r26_what_was_kept_of_a_whole_part_goes(cli, folder, finished):
    """A worker killed between the two leaves both."""
    (folder / RECEIPT).unlink()
    shutil.copytree(finished / "runs", folder / ".ydsim-kept" / "part-000000" / "a" / "runs")
    assert cli(*RESUME).code == 0
    assert fake.tree(folder) == fake.tree(finished)


# ---------------------------------------------------------------- names and places


def quick(cases, *names):
    """All cases as parameters, those of other names in the slow tier."""
    marks = {name: [] if name in names else [pytest.mark.slow] for name in cases}
    return [pytest.param(cases[name], id=name, marks=marks[name]) for name in cases]


HOSTILE = {
    "formula": "=cmd|' /C calc'!A1",
    "at": "@SUM(A1)",
    "minus": "-1+1",
    "plus": "+1",
    "tab": "\tx",
    "ansi": "\x1b[31mred\x1b[0m\x07",
    "lines": "a\nerror: b\r",
    "math": "$\\frac{x}{$ $",
    "city": "上海",
    "emoji": "🏙️",
    "long": "x" * 300,
    "format": "{0.__class__} %s %n",
    "path": "../../x",
    "device": "con",
    "bidi": "a\u202eb",
}


@pytest.mark.parametrize("value", quick(HOSTILE, "formula", "ansi"))
def test_x05_hostile_texts(cli, tmp_path, value):
    """As name, label and value: refused in one line, or kept as they are and shown harmlessly."""
    choices = {value: {"set": {fake.KEY: 0.2}}, "plain": {}}
    places = {
        "name": {"name": value},
        "description": {"description": value},
        "label": {"design": {"kind": "grid", "factors": {
            fake.KEY: {"values": list(SPANS), "label": value}}}},
        "choice": {"design": {"kind": "grid", "factors": {"way": {"choices": choices}}}},
    }  # fmt: skip
    for place, change in places.items():
        write_sweep(**{"replicates": 1, **change})
        said = cli("sweep", "files/fake.yaml", "-q")
        assert said.code in (0, 3), (place, said.err)
        shown = [said]
        if said.code == 0:
            folder = Path(said.out.splitlines()[-1])
            assert folder.resolve().is_relative_to(tmp_path / "results")
            assert all(char.isalnum() or char in "-_." for char in folder.name)
            results = open_results(folder)
            if place == "choice":
                assert results.design["way"].tolist() == [value, "plain"]
            if place == "label":
                assert value in results.design
            shown += [cli(verb, str(folder)) for verb in ("status", "verify")]
            out = cli("export", str(folder), "--table", "design").out
            cells = [cell.strip('"') for line in out.splitlines() for cell in line.split(",")]
            assert not [c for c in cells if c.startswith(("=", "@", "\t", "+", "-"))], place
            shutil.rmtree(folder)
        for each in shown:
            for c in each.out + each.err:
                assert c.isprintable() or c == "\n", (place, each)
        assert len(said.err.splitlines()) <= 4
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "results") == ["files"]


def test_x01_out_may_be_anywhere_the_user_says(cli, tmp_path):
    """As ``ydsim run`` has it: a folder given with --output is taken at its word, a name is not."""
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    os.chdir(deep)
    write_sweep(replicates=1)
    assert cli("sweep", "files/fake.yaml", "-q", "-o", "../../up/here").code == 0
    assert verify(tmp_path / "up" / "here") == []


def test_x02_a_link_to_a_folder_may_be_given(cli, tmp_path, finished):
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    assert cli(*SWEEP).code == 0
    assert fake.tree(tmp_path / "disk") == fake.tree(finished)


def test_x06_a_name_in_a_manifest_of_somebody_else(cli, folder):
    reseal(folder / MANIFEST, name="\x1b[31m\nerror: b\x07")
    shown = cli("status", "out")
    assert shown.code == 0
    assert all(c.isprintable() or c == "\n" for c in shown.out)
    assert len(shown.out.splitlines()) == 2


def test_x02_a_link_in_place_of_a_file_is_replaced(cli, folder, finished, tmp_path):
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    for name in (SERIES, ROWS, RECEIPT):
        (folder / name).unlink()
        (folder / name).symlink_to(precious)
    assert cli(*RESUME).code == 0
    assert precious.read_bytes() == b"precious"
    assert not (folder / SERIES).is_symlink()
    assert fake.tree(folder) == fake.tree(finished)


def test_x04_force_sets_aside(cli, folder, finished):
    assert cli(*SWEEP, "--force").code == 0
    assert cli(*SWEEP, "--force").code == 0
    for name in ("out", "out.bak-1", "out.bak-2"):
        assert fake.tree(Path(name)) == fake.tree(finished)


@pytest.mark.parametrize("out", [".", "runs/.."])
def test_x04_force_renames_no_folder_from_inside(cli, folder, out, monkeypatch):
    monkeypatch.chdir(folder)
    before = state(folder)
    said = cli("sweep", "../files/fake.yaml", "-o", out, "--force")
    assert (said.code, len(said.err.splitlines())) == (5, 1)
    assert said.err.startswith(f"error: {out} ")
    assert state(folder) == before


@pytest.mark.slow
def test_x08_a_pickle_is_never_read(cli, folder, finished):
    class Harm:
        def __reduce__(self):
            return Path("harmed").touch, ()

    for name in [*parts(finished), "design.parquet", MANIFEST]:
        (folder / name).write_bytes(pickle.dumps(Harm()))
        assert cli("verify", "out").code == 5
        assert cli(*RESUME).code in (0, 5)
        assert not Path("harmed").exists()
        shutil.copy(finished / name, folder / name)


@pytest.mark.slow
def test_s19_odd_folders(cli, finished):
    for name in ("-x", "a b", "it's", '"q"', "100%", "上海 🏙️", "con", "dot."):
        said = cli("sweep", "files/fake.yaml", "-q", "--chunk", "2", f"--output=./odd/{name}")
        assert said.code == 0, name
        assert fake.tree(Path("odd", name)) == fake.tree(finished)
        assert cli("verify", f"./odd/{name}").code == 0


def test_r20_a_thousand_jobs(cli, finished, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    from ydsim.engines import engine_of

    assert engine_of("pool", 1000, None, None).jobs == 1


# ---------------------------------------------------------------- what a sweep rests on


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("changed", 5, r"the world 'mine' has changed since the sweep began: \w{12} -> \w{12}"),
        ("removed", 4, "mine"),
        ("broken", 4, r"region\.csv:2: outside_distance_km: 0 must be above 0"),
    ],
)
def test_d11_a_world_that_is_not_as_it_was(cli, tmp_path, how, code, said):
    import ydsim

    mine = tmp_path / "mine"
    shutil.copytree(Path(ydsim.__file__).parent / "world" / "data" / "ten_firms", mine)
    write_sweep(base=BASE.replace("world: synthetic", f"world: {mine}"))
    assert cli(*SWEEP, model=fake.Failing).code == 1
    resume = (*RESUME, "--world", str(mine))
    assert cli(*resume, model=fake.Failing).code == 1
    if how == "removed":
        mine.rename("moved")
    else:
        text(",700,", ",701," if how == "changed" else ",0,")(mine / "region.csv")
    before = state(tmp_path / "out")
    refused = cli(*resume)
    assert refused.code == code
    assert re.search(said, refused.last), refused.err
    assert state(tmp_path / "out") == before


def test_v06_what_does_not_fit_into_memory_is_not_begun(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sysconf", lambda name: 64)
    refused = cli(*SWEEP)
    assert refused.code == 6
    assert all(word in refused.last for word in ("memory", "4 KiB", "lower scale"))
    assert not (tmp_path / "out").exists()


def test_r15_a_disk_without_locks(cli, tmp_path, monkeypatch):
    def none(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", none)
    refused = cli(*SWEEP)
    assert refused.code == 6
    assert re.search(r"cannot lock .*: No locks available", refused.last)
    assert not (tmp_path / "out" / MANIFEST).exists()
