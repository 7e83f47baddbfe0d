"""Results folders from a stranger: links, pipes and files made to burst inside them."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support import fake_run as single
from tests.support import fake_sweep as fake
from tests.support import strikes
from tests.support.sealed import content, reseal
from ydsim.errors import ResultsError
from ydsim.results.results import open_results, status_of, verify
from ydsim.run.progress import Stopped
from ydsim.store import contents as on_disk
from ydsim.store.contents import compact
from ydsim.store.files import LOCK, SETUP, FolderLock, sha256, share_lock
from ydsim.store.layout import KEPT, WORK, Mark, Marker, Store, read_marker
from ydsim.store.manifest import NAME
from ydsim.store.tables import from_parquet, to_parquet

PRECIOUS = b"precious"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "out"
    fake.run(folder, chunk=2)
    return folder


@pytest.fixture
def out(whole, tmp_path):
    """A sweep that is complete."""
    return Path(shutil.copytree(whole, tmp_path / "out"))


@pytest.fixture
def begun(out):
    """The same without its last part, and not complete by its manifest."""
    take_the_end(out)
    return out


def take_the_end(out):
    (out / "runs/part-000005.json").unlink()
    reseal(out / NAME, complete=False)


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with files that nobody may touch; checked at the end."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    names = ["file", *(f"part-{n:06d}.{e}" for n in (0, 5, 6, 99) for e in ("parquet", "json"))]
    for name in names:
        (folder / name).write_bytes(PRECIOUS)
    yield folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == dict.fromkeys(
        names, PRECIOUS
    )


@contextmanager
def refused_with(*words):
    """One line with these words is all that comes of it."""
    with pytest.raises(ResultsError) as refused:
        yield
    said = str(refused.value)
    assert "\n" not in said
    assert all(word in said for word in words), said


@pytest.mark.parametrize("suffix", ["", "-card"])
@pytest.mark.parametrize(
    ("name", "shard"), [(LOCK, None), (share_lock(1, 2), (1, 2)), (SETUP, (1, 2)), (LOCK, (1, 2))]
)
def test_a_lock_is_not_taken_through_a_link(begun, elsewhere, name, shard, suffix):
    """A card is written anew in its place; a lock is refused."""
    (begun / f"{name}{suffix}").symlink_to(elsewhere / "file")
    if suffix:
        fake.resume(begun, shard=shard)
        return
    with refused_with(f"out/{name}: is a symbolic link", "remove it"):
        fake.resume(begun, shard=shard)


@pytest.mark.parametrize("call", [fake.resume, status_of])
def test_a_lock_that_is_a_pipe_is_refused(begun, call):
    os.mkfifo(begun / LOCK)
    with refused_with("is a pipe, a socket or a device"):
        call(begun)


def test_status_reads_no_card_through_a_link(begun, elsewhere):
    with FolderLock(begun):
        (begun / f"{LOCK}-card").unlink()
        (begun / f"{LOCK}-card").symlink_to(elsewhere / "file")
        assert status_of(begun).holder == "another process"


def test_locks_leave_nothing_and_one_of_a_dead_holder_blocks_nobody(begun, whole):
    for name in (LOCK, share_lock(1, 2), share_lock(2, 2), SETUP):
        (begun / name).write_bytes(b"{}")
        (begun / f"{name}-card").write_bytes(b'{"pid": 1, "host": "h", "since": "2020"}')
    assert status_of(begun).holder == ""
    fake.resume(begun, shard=(1, 2))
    fake.resume(begun, shard=(2, 2))
    assert not list(begun.glob(f"{LOCK}*-of-2*"))
    fake.resume(begun)
    (begun / SETUP).unlink(missing_ok=True)
    assert fake.tree(begun) == fake.tree(whole)


@pytest.mark.slow
def test_shares_stand_side_by_side_and_keep_out_who_wants_it_alone(out):
    with FolderLock(out, name=share_lock(1, 2)), FolderLock(out, name=share_lock(2, 2)):
        assert "(a share of the sweep)" in status_of(out).holder
        for name in (LOCK, share_lock(2, 2)):
            with pytest.raises(ResultsError, match=rf"in use by pid {os.getpid()} on host"):
                FolderLock(out, name=name).__enter__()
    with FolderLock(out), pytest.raises(ResultsError, match=r"in use by pid \d+"):
        FolderLock(out, name=share_lock(1, 2)).__enter__()
    assert not list(out.glob(f"{LOCK}*"))


def test_a_forked_child_does_not_hold_the_lock_of_a_dead_parent(out):
    """The child lives until its standard input ends."""
    code = (
        "import os, sys; from pathlib import Path; from ydsim.store.files import FolderLock\n"
        "with FolderLock(Path(sys.argv[1])):\n"
        "    if os.fork() == 0:\n"
        "        sys.stdin.read(); os._exit(0)\n"
        "    print('held', flush=True); os.kill(os.getpid(), 9)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, out],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": strikes.PATHS},
    )
    assert process.stdout.readline() == b"held\n"
    process.wait()
    with FolderLock(out):
        pass
    process.stdin.close()
    process.stdout.close()


def receipt_of_99(folder: Path, path: str) -> None:
    """Plant a sound receipt of a part that no plan names, with a file of a stranger's choice."""
    receipt = folder / "runs/part-000099.json"
    shutil.copy(folder / "runs/part-000000.json", receipt)
    reseal(receipt, sweep_part=99, files={path: "0" * 64})


@pytest.mark.parametrize(
    "path",
    [
        "x/part-000099.parquet",
        "x/../../elsewhere/part-000099.parquet",
        "../elsewhere/part-000099.parquet",
        "../elsewhere/file",
        "figures/part-000099.parquet",
        "/etc/part-000099.parquet",
        "",
    ],
)
@pytest.mark.parametrize("action", [compact, fake.resume], ids=lambda action: action.__name__)
def test_what_a_receipt_names_outside_is_not_removed(out, elsewhere, path, action):
    if action is fake.resume:
        take_the_end(out)
    (out / "x").symlink_to(elsewhere)
    (out / "figures").mkdir()
    (out / "figures/part-000099.parquet").write_bytes(PRECIOUS)
    receipt_of_99(out, path)
    action(out)
    assert (out / "figures/part-000099.parquet").read_bytes() == PRECIOUS
    assert verify(out) == []


@pytest.mark.parametrize(
    "path",
    [
        "x/part-000000.parquet",
        "official/part-000000.parquet",
        "design/part-000000.parquet",
        "series/part-000001.parquet",
        "series/../../elsewhere/part-000000.parquet",
        "../elsewhere/part-000000.parquet",
        "series/part-000000.json",
        "Series/part-000000.parquet",
    ],
)
def test_a_receipt_names_the_files_of_its_part_alone(out, elsewhere, path):
    (out / "x").symlink_to(elsewhere)
    receipt = out / "runs/part-000000.json"
    files = content(receipt)["files"]
    reseal(receipt, files={**files, path: sha256(PRECIOUS)})
    [line] = verify(out)
    with refused_with(line):
        compact(out)


def test_a_manifest_names_no_files_outside(out, elsewhere):
    files = content(out / NAME)["files"]
    reseal(out / NAME, files={**files, "../elsewhere/file": sha256(PRECIOUS)})
    with refused_with("../elsewhere/file", *verify(out)):
        compact(out)


@pytest.mark.parametrize("name", ["series", "runs", "official"])
def test_a_folder_that_is_a_link_is_neither_read_nor_written(begun, elsewhere, tmp_path, name):
    (begun / name).rename(tmp_path / "moved")
    (begun / name).symlink_to(tmp_path / "moved")
    before = {path.name: path.read_bytes() for path in (tmp_path / "moved").iterdir()}
    with refused_with(f"out/{name}: is a symbolic link"):
        fake.resume(begun)
    if name != "official":
        with refused_with("is a symbolic link"):
            open_results(begun).raw(name)
    after = {path.name: path.read_bytes() for path in (tmp_path / "moved").iterdir()}
    assert after == before


@pytest.mark.parametrize("deep", [KEPT, f"{KEPT}/part-000005", f"{KEPT}/part-000005/a", WORK])
def test_what_is_at_work_is_kept_behind_no_link(begun, elsewhere, deep):
    for name in ("a", "b"):
        (elsewhere.parent / "other" / name).mkdir(parents=True)
    (begun / deep).parent.mkdir(parents=True, exist_ok=True)
    (begun / deep).symlink_to(elsewhere)
    with refused_with(f"out/{deep}: is a symbolic link"):
        fake.resume(begun)


def test_the_marker_of_a_part_is_written_through_no_link(tmp_path, elsewhere):
    (tmp_path / WORK).mkdir()
    (tmp_path / WORK / "part-3").symlink_to(elsewhere / "file")
    assert read_marker(tmp_path, 3) == Mark(0, "", 0.0)
    with Marker(tmp_path, 3) as marker:
        marker.at(2, "run", 0.5)
        assert read_marker(tmp_path, 3) == Mark(2, "run", 0.5)
    os.link(elsewhere / "file", tmp_path / WORK / "part-4")
    with Marker(tmp_path, 4) as marker:
        marker.at(2, "run", 0.5)


@pytest.mark.parametrize("name", ["failures.jsonl", "design.parquet", "plan.parquet"])
def test_a_file_that_is_a_link_is_not_followed(begun, elsewhere, name):
    (begun / name).unlink(missing_ok=True)
    (begun / name).symlink_to(elsewhere / "file")
    if name == "failures.jsonl":
        fake.resume(begun, fake.Failing)
        assert not (begun / name).is_symlink()
        return
    with refused_with(name):
        fake.resume(begun)


def test_figures_go_into_no_folder_that_is_a_link(tmp_path, elsewhere):
    from ydsim.cli.run import figures_of

    results = single.run(tmp_path / "run")
    (tmp_path / "run/figures").symlink_to(elsewhere)
    with pytest.raises(ResultsError, match="run/figures: is a symbolic link"):
        figures_of(results, tmp_path / "run/figures", redraw=True, quiet=True)


IRREGULAR = ("pipe", "socket", "folder", "device")


def put(path: Path, kind: str) -> None:
    """Put something else in the place of a file."""
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        here = Path.cwd()
        os.chdir(path.parent)  # names of sockets are short
        try:
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(path.name)
        finally:
            os.chdir(here)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", IRREGULAR)
@pytest.mark.parametrize(
    "name",
    ["manifest.json", "plan.parquet", "design.parquet", "runs/part-000001.json",
     "series/part-000001.parquet", "official/part-000000.parquet"],
)  # fmt: skip
def test_what_is_no_file_is_refused_at_once(out, name, kind):
    put(out / name, kind)
    [line] = verify(out)
    assert "\n" not in line
    assert name in line


@pytest.mark.timeout(60)
def test_a_pipe_in_the_place_of_a_marker_holds_nobody(begun):
    (begun / WORK).mkdir()
    os.mkfifo(begun / WORK / "part-5")
    with FolderLock(begun):
        assert status_of(begun).done == 10


def test_a_file_that_is_too_large_is_not_read(out):
    """A sparse file costs its sender nothing."""
    for name in (NAME, "runs/part-000001.json"):
        kept = (out / name).read_bytes()
        os.truncate(out / name, 2**40)
        [line] = verify(out)
        assert f"{name}: is larger than 268 MB" in line
        (out / name).write_bytes(kept)
    os.truncate(out / "series/part-000001.parquet", 2**40)
    [line] = verify(out)
    assert "series/part-000001.parquet: is larger than 4294 MB" in line


def burst(rows: int = 40_000_000) -> bytes:
    """Return a small file of many equal rows."""
    schema = pa.schema([("run", pa.dictionary(pa.int32(), pa.string())), ("value", pa.float64())])
    block = rows // 10
    text = pa.DictionaryArray.from_arrays(np.zeros(block, dtype=np.int32), ["x"])
    table = pa.table([text, np.zeros(block)], schema=schema)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for _ in range(10):
            writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plan.parquet", "series/part-000001.parquet"])
def test_a_file_that_is_made_to_burst_takes_no_memory(out, name):
    """Sealed like one of ours; the peak is that of a process that opens it."""
    data = burst()
    assert len(data) < 2**20
    (out / name).write_bytes(data)
    sealed = out / (NAME if name == "plan.parquet" else "runs/part-000001.json")
    files = content(sealed)["files"]
    reseal(sealed, files={**files, name: sha256(data)})
    code = (
        "import resource, sys; from ydsim.errors import ResultsError\n"
        "from ydsim.results.results import open_results\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: open_results(sys.argv[1]).raw('series')\n"
        "except ResultsError as error: print(error)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, out],
        env={**os.environ, "PYTHONPATH": strikes.PATHS},
        capture_output=True,
        text=True,
    )
    line, peak = said.stdout.splitlines()
    assert "bytes in memory out of" in line or "is damaged" in line
    assert int(peak) < 200 * 1024  # KiB; libraries that opening loads included


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "length"), [(4, 2**26), (2**16, 2**12)])
def test_words_that_would_burst_when_they_are_written_out_are_refused(rows, length):
    """In memory the word is there once, in a CSV in every row."""
    data = to_parquet({"text": np.array(["x" * length] * rows, dtype=object)})
    with pytest.raises(ResultsError, match=f"would take {rows * length:,} bytes in memory"):
        from_parquet(data, Path("part"))


def test_large_tables_of_ours_are_read(monkeypatch):
    """Rows of many runs, with columns that hardly change."""
    rows = 2**18
    monkeypatch.setattr("ydsim.store.tables.DECODED_BYTES", 8 * rows)
    columns = {
        "run": np.repeat(np.array([f"{k:032x}" for k in range(64)], dtype=object), rows // 64),
        "quarter": np.tile(np.arange(64), rows // 64),
        "value": np.tile(np.random.default_rng(1).random(4096), rows // 4096),
    }
    data = to_parquet(columns)
    found = from_parquet(data, Path("part"))
    assert list(found) == list(columns)
    assert len(found["run"]) == rows


def test_writing_replaces_a_link_and_follows_none(out, elsewhere):
    contents, manifest = on_disk.read(out)
    (out / NAME).unlink()
    (out / NAME).symlink_to(elsewhere / "file")
    with pytest.raises(ResultsError, match=r"manifest\.json: is a symbolic link"):
        open_results(out)
    with pytest.raises((ResultsError, Stopped)):
        fake.run(out, chunk=2)
    state = on_disk.state_of({}, manifest["made"], complete=False)
    official = Store(out).read_fixed(manifest, "official/part-000000.parquet")
    on_disk.write(Store(out), contents, official, state)
    assert not (out / NAME).is_symlink()
