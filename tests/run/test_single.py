import json
import signal
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

import ydsim.model  # noqa: F401 - with its own indicators, before a test puts others there
from tests.support.fake_run import INDICATORS, FailingModel, FakeModel, SignallingModel, run, tree
from tests.support.strikes import ROOT
from ydsim.cli import GROUPS, VERBS, command
from ydsim.errors import ResourceError, ResultsError, ScenarioError, UsageError
from ydsim.results.results import open_results, status_of, verify
from ydsim.run import replicate
from ydsim.run.api import replay, simulate, with_options
from ydsim.run.progress import Stopped
from ydsim.run.replicate import ReplicateFailedError, RunContext
from ydsim.scenario.load import load_scenario
from ydsim.store import contents


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "fake"
    run(folder)
    return tree(folder)


def test_memory_and_folder_give_the_same_tables(tmp_path):
    here, there = run(None), run(tmp_path / "r")
    assert here.tables == there.tables
    for name in here.tables:
        mine, stored = here.columns(name), there.columns(name)
        assert list(mine) == list(stored)
        for key in mine:
            assert mine[key].dtype == stored[key].dtype
            np.testing.assert_array_equal(mine[key], stored[key])
    ours = {key: value for key, value in here.manifest.items() if key not in ("made", "files")}
    assert ours == {k: v for k, v in there.manifest.items() if k not in ("made", "files")}


def receipts(folder: Path) -> list[Path]:
    return sorted((folder / "runs").glob("*.json"))


def test_only_what_is_missing_is_run(tmp_path, undisturbed):
    folder = tmp_path / "fake"
    with pytest.raises(Stopped):
        run(folder, SignallingModel)
    assert len(receipts(folder)) == 1
    assert open_results(folder).replicates == (0,)
    assert open_results(folder).tables[0] == "province_year"
    made = []

    class Counting(FakeModel):
        def __init__(self, scenario, *, replicate, world):
            super().__init__(scenario, replicate=replicate, world=world)
            made.append(replicate)

    seen = []
    run(folder, Counting, progress=seen.append)
    assert made == [1, 2]
    assert (seen[0].earlier, seen[0].done, seen[-1].done, seen[-1].total) == (1, 1, 3, 3)
    assert sorted({now.share for now in seen}) == pytest.approx([k / 24 for k in range(25)])
    assert tree(folder) == undisturbed
    assert len(open_results(folder).manifest["made"]["earlier"]) == 1


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 130)])
def test_signal_stops_between_quarters(tmp_path, monkeypatch, name, code):
    monkeypatch.setenv("YDSIM_TEST_SIGNAL", name)
    before = signal.getsignal(getattr(signal, name))
    messages = []
    with pytest.raises(Stopped, match=name) as stopped:
        run(tmp_path / "r", SignallingModel, progress=lambda now: messages.append(now.message))
    assert stopped.value.exit_code == code
    assert "stopping after the current quarter (once more to stop at once)" in messages
    assert signal.getsignal(getattr(signal, name)) is before
    assert verify(tmp_path / "r") == []
    assert status_of(tmp_path / "r").unfinished.startswith("unfinished: ")
    assert len(receipts(tmp_path / "r")) == 1


def test_runs_in_a_thread_that_cannot_catch_signals(tmp_path):
    thread = threading.Thread(target=run, args=(tmp_path / "r",))
    thread.start()
    thread.join()
    assert verify(tmp_path / "r") == []


def test_other_experiment_is_refused_and_nothing_changes(tmp_path):
    run(tmp_path / "r")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "r").rglob("*")}
    with pytest.raises(ResultsError) as error:
        run(tmp_path / "r", changes={"seed": 8, "end": 2017, "name": "other"})
    message = str(error.value)
    assert "\n" not in message
    assert "(end: 2016 -> 2017; seed: 7 -> 8)" in message
    for verb in VERBS.keys() - GROUPS.keys():  # others, as `calibrate`, say the same
        has_it = any("--force" in option.opts for option in command(verb).params)
        assert (f" {verb} " in message.replace(",", " ").split("--force")[1]) == has_it
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "r").rglob("*")} == before


def test_other_versions_of_packages_are_told_and_kept(tmp_path, monkeypatch):
    with pytest.raises(Stopped):
        run(tmp_path / "r", SignallingModel)
    now = contents.versions()
    monkeypatch.setattr(contents, "versions", lambda: {**now, "numpy": "0.1"})
    monkeypatch.setattr("ydsim.store.contents.versions", contents.versions)
    seen = []
    results = run(tmp_path / "r", progress=seen.append)
    assert next(now.message for now in seen if now.message).endswith(f"numpy {now['numpy']} -> 0.1")
    assert results.manifest["made"]["versions"]["numpy"] == "0.1"
    assert results.manifest["made"]["earlier"][0]["versions"]["numpy"] == now["numpy"]


def test_files_are_named_without_folders_of_this_machine():
    site = "/opt/site-packages/theirs/policy.py"
    ours = replicate.__file__
    found = [replicate._short(name) for name in (ours, site, "/home/me/ydsim/mine.py")]
    assert found == ["ydsim/run/replicate.py", "theirs/policy.py", "mine.py"]


def test_failing_replicate_is_recorded_and_the_others_go_on(tmp_path, undisturbed):
    results = run(tmp_path / "r", FailingModel)
    assert results.replicates == (0, 2)
    assert results.manifest["complete"] is False
    (failure,) = results.failures
    assert failure["replicate"] == 1
    assert failure["seed"] == 7
    assert failure["quarter"] == 3
    assert failure["exception"] == "ZeroDivisionError"
    assert failure["message"] == "cannot share nothing"
    assert failure["traceback"][-1].startswith("fake_run.py:")
    assert failure["points"] == [0]
    assert failure["repro"] == f"in this folder: ydsim verify . --rerun {failure['run']}"
    text = (tmp_path / "r" / "failures.jsonl").read_text(encoding="utf-8")
    assert json.loads(text) == failure
    assert str(ROOT) not in text
    values = results.table("series")
    assert set(values["replicate"]) == {0, 2}
    again = run(tmp_path / "r", FailingModel)
    assert again.failures == results.failures
    run(tmp_path / "r")  # the model was mended
    assert tree(tmp_path / "r") == undisturbed


def test_replay_raises_the_error_of_a_failed_replicate(tmp_path, monkeypatch):
    context = RunContext(make_model=FailingModel, indicators=INDICATORS)
    run(tmp_path / "r", FailingModel)
    with pytest.raises(ReplicateFailedError, match="ZeroDivisionError") as failed:
        replay(tmp_path / "r", context=context, replicate=1)
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    again = replay(tmp_path / "r", context=context, replicate=2)
    assert (again.replicate, again.differs) == (2, ())
    assert replay(tmp_path / "r", again.run, context).tables.keys() == again.tables.keys()


def test_replay_of_a_run_that_is_not_there(tmp_path):
    run(tmp_path / "r")
    for named, message in (
        ({}, "name one run"),
        ({"run": "x", "replicate": 1}, "name one run"),
        ({"replicate": 9}, "has no replicate 9; they count from 0 to 2"),
        ({"run": "0123456789abcdef-0000"}, "has no run '0123456789abcdef-0000'"),
    ):
        with pytest.raises(UsageError, match=message):
            replay(tmp_path / "r", **named)


def test_failure_in_memory():
    results = run(None, FailingModel)
    assert results.replicates == (0, 2)
    assert results.failures[0]["replicate"] == 1
    assert results.table("failures")["exception"].tolist() == ["ZeroDivisionError"]

    said = []
    run(None, FailingModel, progress=lambda now: said.append(now.message))
    assert "ZeroDivisionError" in "".join(filter(None, said))

    class Broken(FakeModel):
        def step(self):
            raise LookupError("always")

    with pytest.raises(LookupError, match="always"):
        run(None, Broken)


def test_a_signal_stops_runs_in_memory():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Stopped):
        run(None, SignallingModel)
    assert signal.getsignal(signal.SIGINT) is before


def test_messages_to_the_user_are_not_failures(tmp_path):
    class Unhappy(FakeModel):
        def step(self):
            raise ScenarioError("scale is too small for this world")

    with pytest.raises(ScenarioError, match="too small"):
        run(tmp_path / "r", Unhappy)
    assert not (tmp_path / "r" / "failures.jsonl").exists()

    class Hungry(FakeModel):
        def step(self):
            raise MemoryError

    with pytest.raises(ResourceError, match=r"not enough memory for replicate 0 at scale 0\.05"):
        run(tmp_path / "r", Hungry)


def test_numeric_warnings_are_counted_and_become_notes(tmp_path):
    class Careless(FakeModel):
        def step(self):
            super().step()
            if self.quarter == 1:
                np.log(np.zeros(1))

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        results = run(tmp_path / "r", Careless)
    assert results.columns("runs")["numeric_warnings"].tolist() == [1, 1, 1]
    assert any("divide by zero" in note for note in results.notes)
    strict = run(tmp_path / "strict", Careless)  # warnings are errors in tests
    assert len(strict.failures) == 3


def test_bad_table_of_a_model_is_a_failure(tmp_path):
    class Odd(FakeModel):
        def tables(self):
            return {**super().tables(), "../x": {}}

    results = run(tmp_path / "r", Odd)
    assert "is not the name of a recorded table" in results.failures[0]["message"]


@pytest.mark.parametrize(
    "overrides",
    [{"seed": 2, "scale": 0.5}, ["seed=2", "scale=0.5"], {"scale": 0.5}, iter(["scale=0.5"])],
)
def test_options_replace_those_of_the_scenario(tmp_path, overrides):
    (tmp_path / "s.yaml").write_text("seed: 1\n", encoding="utf-8")
    changed = load_scenario(tmp_path / "s.yaml", with_options(overrides, 3, 5))
    assert (changed.seed, changed.replicates, changed.scale) == (3, 5, 0.5)
    assert with_options("scale=0.5", None, 2) == ["scale=0.5", "replicates=2"]
    assert with_options(None, None, None) is None


def test_simulate_writes_nothing_unless_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ydsim.run.replicate.default_model", FakeModel)
    monkeypatch.setattr("ydsim.record.indicators.INDICATORS", INDICATORS)
    (tmp_path / "s.yaml").write_text("world: synthetic\nend: 2012\n", encoding="utf-8")
    results = simulate("s.yaml", {"scale": 0.5}, seed=9, replicates=2)
    assert results.manifest["seed"] == 9
    assert results.replicates == (0, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]
    assert results.scenario.scale == 0.5
    assert simulate("s.yaml", out=tmp_path / "r").path == tmp_path / "r"


def test_several_jobs_need_a_folder():
    with pytest.raises(UsageError, match="name one with out"):
        simulate("ten_firms", jobs=2)


@pytest.mark.parametrize(
    ("table", "key"),
    [("city_year", "cities"), ("adoption", "adoption_events"), ("firm_ties", "firms")],
)
def test_a_table_that_was_not_recorded_says_what_keeps_it(table, key):
    class Few(FakeModel):
        def tables(self):
            return {"series": super().tables()["series"]}

    with pytest.raises(
        UsageError, match=f"kept with --set record.{key}=true, and --output another"
    ):
        run(None, Few).table(table)
