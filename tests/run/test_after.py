"""What is done with a sweep afterwards: status, verify, replay, recompute, compact, queries."""

import shutil
from pathlib import Path

import pytest

from tests.support import fake_sweep as fake
from ydsim.errors import ResourceError, ResultsError, UsageError
from ydsim.results.results import open_results, status_of, verify
from ydsim.run.api import recompute, replay
from ydsim.store.contents import compact
from ydsim.store.files import FolderLock
from ydsim.world import base_run as fitted


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "out"
    fake.run(folder, chunk=2)
    return folder


@pytest.fixture
def folder(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "out"))


def test_status_says_how_far_it_is(tmp_path):
    fake.run(tmp_path / "out", model=fake.Failing, chunk=2)
    status = status_of(tmp_path / "out")
    assert (status.points, status.runs, status.done, status.failed) == (4, 12, 11, 1)
    assert (status.parts, status.parts_done, status.complete) == (6, 6, False)
    assert status.lines() == [
        "fake: unfinished; 11 of 12 runs done, 1 failed",
        "4 points; 6 of 6 parts in place",
        f"to go on: ydsim resume {tmp_path / 'out'}",
    ]
    with FolderLock(tmp_path / "out"):
        assert "pid" in status_of(tmp_path / "out").holder


def test_replay_gives_what_is_stored(folder):
    run = open_results(folder).contents.plan.runs[5]
    again = replay(folder, run, fake.context())
    assert again.differs == ()
    assert (again.run, again.points, again.replicate) == (run, (1,), 1)
    stored = open_results(folder).runs.set_index("run").loc[run]
    assert again.headline()["rd_expenditure"] == stored["rd_expenditure"]
    with pytest.raises(UsageError, match=f"did you mean {run}"):
        replay(folder, run + "9", fake.context())


def test_fitted_data_that_changed_are_told_and_no_run_is_added(folder, monkeypatch):
    run = open_results(folder).contents.plan.runs[5]
    assert replay(folder, run, fake.context()).refitted == ()
    monkeypatch.setattr(fitted, "_digest", lambda name: "0" * 64)
    again = replay(folder, run, fake.context())
    assert (again.refitted, again.differs) == (("yrd/measures.json",), ())
    assert "yrd/measures.json" in "\n".join(again.lines("out"))
    (found,) = recompute(folder, 1, fake.context())
    assert found.refitted == again.refitted
    assert next(recompute(folder, 10**30, fake.context())).run == found.run
    before = fake.tree(folder)
    with pytest.raises(ResultsError, match=r"begun with other fitted data \(yrd/measures.json\)"):
        fake.run(folder, what=fake.sweep(folder.parent / "files", replicates=4))
    assert fake.tree(folder) == before


def test_compacting_changes_no_table(folder):
    before = {name: open_results(folder).table(name) for name in ("runs", "province_year")}
    assert len(list((folder / "runs").iterdir())) == 12
    compact(folder)
    assert verify(folder) == []
    assert len(list((folder / "runs").iterdir())) == 2
    for name, table in before.items():
        assert open_results(folder).table(name).equals(table)
    compact(folder)
    assert len(list((folder / "runs").iterdir())) == 2


@pytest.mark.slow
def test_a_compacted_sweep_can_grow_and_be_replayed(folder, tmp_path):
    compact(folder)
    fake.run(folder, what=fake.sweep(tmp_path / "files", replicates=4))
    assert verify(folder) == []
    fresh = fake.run(tmp_path / "fresh", what=fake.sweep(tmp_path / "files", replicates=4))
    assert open_results(folder).table("runs").equals(fresh.table("runs"))
    run = open_results(folder).contents.plan.runs[0]
    assert replay(folder, run, fake.context()).differs == ()


def test_only_a_finished_and_sound_sweep_is_compacted(folder, tmp_path):
    fake.run(tmp_path / "failed", model=fake.Failing)
    with pytest.raises(ResultsError, match="is unfinished"):
        compact(tmp_path / "failed")
    part = folder / "series" / "part-000003.parquet"
    part.write_bytes(part.read_bytes()[:-7])
    with pytest.raises(ResultsError, match=r"part-000003.*damaged"):
        compact(folder)
    assert len(list((folder / "series").iterdir())) == 6


def test_a_table_notices_a_damaged_file(folder):
    part = folder / "series" / "part-000001.parquet"
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))
    results = open_results(folder)
    assert len(results.runs) == 12
    with pytest.raises(ResultsError, match=r"part-000001.*damaged"):
        results.table("series")


def test_results_are_read_while_the_sweep_runs(tmp_path):
    seen = []

    class Watching(fake.SweepModel):
        def step(self) -> None:
            super().step()
            if self.is_marked() and self.quarter == 1:
                results = open_results(tmp_path / "out")
                seen.append((len(results.runs), status_of(tmp_path / "out").done))

    fake.run(tmp_path / "out", model=Watching, chunk=3)
    assert seen == [(3, 5)]


@pytest.mark.slow
def test_whoever_finishes_a_sweep_of_many_parts_merges_them(tmp_path, monkeypatch):
    """Interrupted or not, and nothing while other shares may be at work."""
    monkeypatch.setattr("ydsim.store.contents.MANY", 3)
    whole = fake.run(tmp_path / "whole", chunk=2)
    assert len(whole.contents.plan.bounds) == 1
    part = fake.run(tmp_path / "part", model=fake.Failing, chunk=2)
    assert len(part.contents.plan.bounds) == 6
    fake.run(tmp_path / "part", chunk=2)
    assert fake.tree(tmp_path / "part") == fake.tree(tmp_path / "whole")
    for share in (1, 2):
        fake.run(tmp_path / "shares", chunk=2, shard=(share, 2))
    assert len(open_results(tmp_path / "shares").contents.plan.bounds) == 6
    fake.run(tmp_path / "shares", chunk=2)
    assert fake.tree(tmp_path / "shares") == fake.tree(tmp_path / "whole")


@pytest.mark.slow
def test_a_merge_that_was_broken_off_is_finished_by_the_next_command(tmp_path, monkeypatch):
    """Before the manifest is written and after it."""
    monkeypatch.setattr("ydsim.store.contents.MANY", 3)
    fake.run(tmp_path / "whole", chunk=2)
    for name in ("contents.write", "layout.Store.remove_part"):

        def killed(*args):
            raise KeyboardInterrupt

        out = tmp_path / name
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            fake.run(out, chunk=2, progress=lambda now, patch=patch, name=name: patch.setattr(
                f"ydsim.store.{name}", killed))  # fmt: skip
        assert fake.tree(out) != fake.tree(tmp_path / "whole")
        fake.run(out, chunk=2)
        assert fake.tree(out) == fake.tree(tmp_path / "whole")


def test_a_full_disk_leaves_the_parts_as_they_are(tmp_path, monkeypatch):
    def full(*args):
        raise ResourceError("no space left")

    monkeypatch.setattr("ydsim.store.contents.MANY", 3)
    monkeypatch.setattr("ydsim.store.contents._merge", full)
    said = []
    results = fake.run(tmp_path / "out", chunk=2, progress=lambda now: said.append(now.message))
    assert len(results.contents.plan.bounds) == 6
    assert "no space left" in said[-1]
