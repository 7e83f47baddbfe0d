import errno
import fcntl
import os

import pytest

from ydsim.errors import ResourceError, ResultsError
from ydsim.store import files
from ydsim.store.files import LOCK, FolderLock, holder_of, require_own, sha256, write_atomic


def test_writes_all_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a"
    assert write_atomic(path, b"old") == sha256(b"old")

    def short_then_full(handle, data):
        if len(data) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(handle, data[:2])

    monkeypatch.setattr(files, "system_write", short_then_full)
    with pytest.raises(ResourceError, match=r"cannot write .*a: No space left.*bytes free"):
        write_atomic(path, b"new bytes")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_file_and_folder_are_flushed(tmp_path, monkeypatch):
    kinds = []

    def sync(handle):
        kinds.append(os.path.isdir(f"/proc/self/fd/{handle}"))

    monkeypatch.setattr(files, "system_sync", sync)
    write_atomic(tmp_path / "a", b"x")
    assert kinds == [False, True]


@pytest.mark.parametrize("way", ["itself", "link"])
def test_a_pipe_is_not_replaced(tmp_path, way):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    path = tmp_path / {"itself": "pipe"}.get(way, way)
    with pytest.raises(ResourceError, match=r"cannot write .*: it is a pipe, a socket"):
        write_atomic(path, b"x")
    assert path.is_fifo()
    assert path.is_symlink() == (way == "link")


def test_no_file_is_put_among_devices(tmp_path, monkeypatch):
    """The link ``/dev/stdout`` leads to a file while stdout goes to one."""
    monkeypatch.setattr(os, "devnull", str(tmp_path / "null"))
    (tmp_path / "stdout").symlink_to(tmp_path / "file")
    (tmp_path / "file").touch()
    for name in ("stdout", "new"):
        with pytest.raises(ResourceError, match="a device"):
            write_atomic(tmp_path / name, b"x")
    assert (tmp_path / "stdout").is_symlink()
    assert not (tmp_path / "new").exists()


def test_lock_survives_the_removal_of_its_file_by_the_last_holder(tmp_path, monkeypatch):
    real, calls = fcntl.flock, []

    def flock(handle, how):
        real(handle, how)
        if not calls:  # the holder before us removes the file just as we get the lock
            (tmp_path / LOCK).unlink()
        calls.append(handle)

    monkeypatch.setattr(fcntl, "flock", flock)
    with FolderLock(tmp_path):
        assert len(calls) == 2
        assert (tmp_path / LOCK).exists()
        assert holder_of(tmp_path).startswith(f"pid {os.getpid()} on host ")


def test_a_folder_of_others_is_known_by_what_it_lacks(tmp_path):
    folder = tmp_path / "mine"
    require_own(folder, "study.json", "a search")  # it is not there
    folder.mkdir()
    (folder / ".DS_Store").touch()
    require_own(folder, "study.json", "a search")
    (folder / "trials.csv").write_text("precious")
    with pytest.raises(ResultsError, match=r"mine holds trials\.csv and is no folder of a search"):
        require_own(folder, "study.json", "a search")
    (folder / "study.json").touch()
    require_own(folder, "study.json", "a search")
