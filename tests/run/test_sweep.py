"""A sweep goes on where it stopped, keeps what is there, and refuses what does not belong."""

import shutil
import signal
import sys
from dataclasses import replace

import pytest

from tests.support import fake_sweep as fake
from tests.support.fake_run import INDICATORS
from ydsim.design.sweep import scenarios
from ydsim.engines import PoolEngine
from ydsim.errors import ResourceError, ResultsError, UsageError
from ydsim.results.results import Results, open_results, verify
from ydsim.run.progress import Stopped


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "out"
    fake.run(folder)
    return folder


@pytest.fixture
def done(whole, tmp_path):
    """Results of a sweep that is complete, in the folder ``out``."""
    return open_results(shutil.copytree(whole, tmp_path / "out"))


def test_tables_have_points_replicates_and_factors(done, tmp_path):
    results = done
    assert isinstance(open_results(tmp_path / "out"), Results)
    assert results.design[fake.KEY].tolist() == list(fake.SPANS)
    runs = results.runs
    assert runs[["point", "replicate"]].to_numpy().tolist() == [
        [p, r] for p in range(4) for r in range(3)
    ]
    assert runs[fake.KEY].tolist() == [span for span in fake.SPANS for _ in range(3)]
    year = results.table("province_year")
    assert list(year)[:4] == ["scenario", "point", "replicate", "region"]
    last = year[(year["region"] == "yrd") & (year["year"] == 2015)]
    for name in ("rd_expenditure", "rd_intensity"):
        shown = last[last["indicator"] == name]["value"].tolist()
        assert shown == runs[name].tolist()
    assert verify(tmp_path / "out") == []


def test_equal_points_are_run_once(tmp_path, monkeypatch):
    what = fake.sweep(tmp_path / "files", spans=(0.1, 0.2))
    first, second = scenarios(what)
    made = [first, second, first.model_copy(update={"name": "other"})]
    monkeypatch.setattr("ydsim.store.points.scenarios", lambda sweep: made)
    three = replace(what, size=3, cells=lambda: [(*cells, cells[0]) for cells in what.cells()])
    results = fake.run(tmp_path / "out", what=three)
    assert len(results.contents.points) == 3
    assert len(results.contents.plan) == 6
    runs = results.runs
    assert runs["scenario"].tolist() == ["base"] * 6 + ["other"] * 3
    same = [runs[runs["point"] == p].iloc[:, 2:].to_numpy().tolist() for p in (0, 2)]
    assert same[0] == same[1]
    assert runs["point"].value_counts().to_dict() == {0: 3, 1: 3, 2: 3}


@pytest.mark.slow
def test_more_replicates_and_points_only_add(tmp_path):
    what = fake.sweep(tmp_path / "files", spans=fake.SPANS[:2], replicates=2)
    fake.run(tmp_path / "out", what=what)
    before = fake.tree(tmp_path / "out")
    results = fake.run(tmp_path / "out")
    after = fake.tree(tmp_path / "out")
    kept = [path for path in before if path.startswith(("runs/", "series/"))]
    assert len(kept) >= 6
    assert all(after[path] == before[path] for path in kept)
    fresh = fake.run(tmp_path / "fresh" / "out")
    for table in ("runs", "series", "province_year"):
        assert results.table(table).equals(fresh.table(table)), table


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spans": (0.1, 0.2, 0.3)}, r"holds another sweep \([\w.]+=0\.4\)"),
        ({"replicates": 2}, r"more replicates.*\(replicates: 3 -> 2\)"),
        ({"extra": {"set": {"scale": 0.02}}}, r"base\.scale: 0\.01 -> 0\.02"),
        ({"record": {"series": 4}}, r"record\.series: 1 -> 4"),
    ],
    ids=["fewer points", "fewer replicates", "other base", "other record"],
)
@pytest.mark.usefixtures("done")
def test_another_sweep_is_refused_with_the_difference(tmp_path, change, message):
    before = fake.tree(tmp_path / "out")
    with pytest.raises(ResultsError, match=message):
        fake.run(tmp_path / "out", what=fake.sweep(tmp_path / "files", **change))
    assert fake.tree(tmp_path / "out") == before


@pytest.mark.usefixtures("done")
def test_names_and_comments_do_not_matter(tmp_path):
    what = fake.sweep(tmp_path / "files", extra={"description": "the same with words"})
    before = {p: b for p, b in fake.tree(tmp_path / "out").items() if "part-" in p}
    fake.run(tmp_path / "out", what=what)
    assert {p: b for p, b in fake.tree(tmp_path / "out").items() if "part-" in p} == before


@pytest.mark.usefixtures("done")
def test_a_run_and_a_sweep_do_not_mix(tmp_path):
    from tests.support import fake_run as single

    single.run(tmp_path / "run")
    with pytest.raises(ResultsError, match="holds a run, not a sweep"):
        fake.run(tmp_path / "run")
    with pytest.raises(ResultsError, match="holds a sweep, not a run"):
        single.run(tmp_path / "out")


def test_another_version_or_machine_is_refused(tmp_path, monkeypatch):
    fake.run(tmp_path / "out", model=fake.Failing)
    before = fake.tree(tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr("ydsim.__version__", "9.9.9")
        with pytest.raises(ResultsError, match=r"begun with ydsim .*, this is 9\.9\.9"):
            fake.resume(tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr("ydsim.store.contents.numeric_fingerprint", lambda: "0" * 64)
        with pytest.raises(ResultsError, match="draws or computes other numbers"):
            fake.resume(tmp_path / "out")
    assert fake.tree(tmp_path / "out") == before


def test_a_failed_run_is_tried_again_and_its_part_keeps_the_others(tmp_path, monkeypatch):
    fake.run(tmp_path / "out", model=fake.Failing, chunk=4)
    asked = []

    def counting(task, one, *rest):
        asked.append(one.run)
        return compute(task, one, *rest)

    from ydsim.run import worker as work

    compute = work.compute
    monkeypatch.setattr(work, "compute", counting)
    results = fake.resume(tmp_path / "out")
    assert len(asked) == 1
    assert results.manifest["complete"]
    assert not (tmp_path / "out" / "failures.jsonl").exists()
    assert undisturbed(tmp_path, chunk=4)


@pytest.mark.parametrize("run_options", [{"on_error": "stop"}, {"max_failures": 1}], ids=str)
def test_failures_end_the_sweep_when_asked(tmp_path, run_options):
    said = []
    results = fake.run(
        tmp_path / "out",
        model=Odd,
        run_options=run_options,
        chunk=1,
        progress=lambda now: said.append(now.message) if now.message else None,
    )
    assert said[-1].startswith(f"stopped after {len(results.failures)} failed run")
    settled = len(results.runs) + len(results.failures)
    assert len(results.failures) == (1 if "on_error" in run_options else 2)
    assert settled < 12
    assert fake.resume(tmp_path / "out").manifest["complete"]


class Odd(fake.SweepModel):
    """Replicate 0 fails at the third and fourth span."""

    def step(self) -> None:
        super().step()
        if self.replicate == 0 and self.span > 0.25:
            raise ValueError("odd")


def test_memory_is_a_failure_of_the_run(tmp_path):
    results = fake.run(tmp_path / "out", model=fake.Hungry)
    (entry,) = results.failures
    assert entry["exception"] == "MemoryError"
    assert "lower scale" in entry["message"]
    assert len(results.runs) == 11


def test_a_run_has_its_time(tmp_path):
    results = fake.run(tmp_path / "out", model=fake.Late, run_options={"timeout_per_run": 900.0})
    (entry,) = results.failures
    assert (entry["exception"], entry["message"]) == ("RunTimeoutError", "took longer than 900 s")
    assert len(results.runs) == 11


@pytest.mark.slow
def test_a_killed_worker_is_tried_once_more_and_then_given_up(tmp_path):
    said = []
    results = fake.run(
        tmp_path / "out",
        model=fake.Killing,
        engine=PoolEngine(2),
        chunk=4,
        progress=lambda now: said.append(now.message) if now.message else None,
    )
    (entry,) = results.failures
    assert (entry["exception"], entry["replicate"], entry["points"]) == ("WorkerLost", 1, [1])
    assert "killed by SIGKILL, twice" in entry["message"]
    assert entry["seed"] == 7
    assert sum("trying it once more" in line for line in said) == 1
    assert len(results.runs) == 11
    assert fake.resume(tmp_path / "out").manifest["complete"]
    assert undisturbed(tmp_path, chunk=4)


def test_a_signal_ends_after_the_run_at_work_and_keeps_it(tmp_path):
    class Signalled(fake.SweepModel):
        def step(self) -> None:
            super().step()
            if self.is_marked() and self.quarter == 2:
                signal.raise_signal(signal.SIGTERM)

    said = []
    with pytest.raises(Stopped) as stopped:
        fake.run(
            tmp_path / "out",
            model=Signalled,
            chunk=12,
            progress=lambda now: said.append(now.message) if now.message else None,
        )
    assert stopped.value.exit_code == 143
    assert said == ["stopping after the runs at work (once more to stop at once)"]
    from ydsim.results.results import status_of

    status = status_of(tmp_path / "out")
    assert (status.done, status.runs, status.failed, status.complete) == (6, 12, 0, False)
    assert verify(tmp_path / "out") == []
    asked = []
    fake.resume(tmp_path / "out", model=counted(asked))
    assert len(asked) == 6
    assert undisturbed(tmp_path, chunk=12)


def undisturbed(place, **options):
    """Tell whether the files of the sweep are those of one that nothing disturbed."""
    fake.run(place / "fresh" / "out", **options)
    return fake.tree(place / "out") == fake.tree(place / "fresh" / "out")


def counted(asked: list) -> type:
    class Counted(fake.SweepModel):
        def __init__(self, *args, **options) -> None:
            super().__init__(*args, **options)
            asked.append(self.replicate)

    return Counted


@pytest.mark.slow
def test_a_second_signal_stops_at_once(tmp_path):
    went_on = []

    class Twice(fake.SweepModel):
        def step(self) -> None:
            super().step()
            if self.is_marked():
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
                went_on.append(self.quarter)

    with pytest.raises(Stopped) as stopped:
        fake.run(tmp_path / "out", model=Twice, chunk=2)
    assert stopped.value.exit_code == 130
    assert went_on == []
    assert not list((tmp_path / "out").glob(".ydsim-lock*"))
    assert fake.resume(tmp_path / "out").manifest["complete"]
    assert undisturbed(tmp_path, chunk=2)


@pytest.mark.slow
def test_a_part_is_kept_aside_while_it_is_at_work(tmp_path, monkeypatch):
    monkeypatch.setattr("ydsim.run.worker.FLUSH_SECONDS", 0.0)

    class Dying(fake.SweepModel):
        def step(self) -> None:
            super().step()
            if self.is_marked():
                raise Stopped("SIGINT")

    with pytest.raises(KeyboardInterrupt):
        fake.run(tmp_path / "out", model=Dying, chunk=12)
    asked = []
    fake.resume(tmp_path / "out", model=counted(asked))
    assert len(asked) == 12 - 5  # runs 0 to 4 were kept, 5 is the marked one
    assert not (tmp_path / "out" / ".ydsim-kept").exists()
    assert undisturbed(tmp_path, chunk=12)


def test_a_rule_is_not_for_shards(tmp_path):
    rule = {"outcome": "rd_expenditure", "half_width": 0.1}
    what = fake.sweep(tmp_path / "files", replicates=rule)
    with pytest.raises(UsageError, match="a rule for replicates looks at all results"):
        fake.run(tmp_path / "out", what=what, shard=(1, 2))
    assert not (tmp_path / "out").exists()


def test_records_follow_the_sweep(tmp_path):
    what = fake.sweep(
        tmp_path / "files", record={"series": 4, "cities": 2, "tables": ["generations"]}
    )
    results = fake.run(tmp_path / "out", what=what)
    raw = results.raw("series")
    assert set(raw["quarter"].tolist()) == {4}
    assert set(results.raw("city_series")["quarter"].tolist()) == {2, 4}
    assert "generations" in results.tables
    assert "adoption" not in results.tables
    assert "province_year" not in results.tables
    assert results.runs["rd_expenditure"].notna().all()
    assert list(INDICATORS)[:2] == ["rd_expenditure", "rd_intensity"]


def test_every_run_may_fail(tmp_path):
    results = fake.run(tmp_path / "out", model=fake.Refusing)
    assert len(results.failures) == 12
    assert results.tables == ["official", "runs", "design", "failures"]
    assert results.table("failures")["exception"].tolist() == ["ValueError"] * 12
    assert len(results.runs) == 0


def test_a_signal_after_the_last_run_stops_nothing(tmp_path):
    class Last(fake.SweepModel):
        def step(self) -> None:
            super().step()
            if self.replicate == 2 and self.span == fake.SPANS[-1] and self.quarter == 2:
                signal.raise_signal(signal.SIGINT)

    assert fake.run(tmp_path / "out", model=Last, chunk=4).manifest["complete"]


def test_a_time_limit_that_nobody_can_keep_is_refused(tmp_path):
    import threading

    raised = []

    def call() -> None:
        try:
            fake.run(tmp_path / "out", run_options={"timeout_per_run": 9.0})
        except ResourceError as error:
            raised.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert raised == [
        "a time limit for runs needs the main thread, a pool, or Dask workers with a nanny"
    ]


def test_a_thinned_year_says_why_it_is_missing(tmp_path):
    what = fake.sweep(tmp_path / "files", record={"series": 4})
    results = fake.run(tmp_path / "out", what=what)
    with pytest.raises(UsageError, match="of 4 quarters one was kept, and a year needs all four"):
        results.table("province_year")


def test_differences_in_the_summary_are_paired(done, tmp_path):
    from ydsim.results.summary import as_text, sweep_summary

    results = done
    lines = sweep_summary(results)
    for line, span in zip(lines[1:], fake.SPANS[1:], strict=True):
        found = line["differences"]["rd_expenditure"]
        # a flow of the year: four quarters, each higher by the span
        assert found["mean"] == pytest.approx(4.0 * (span - fake.SPANS[0]), abs=1e-5)
        assert found["high"] - found["low"] < 1e-5
    assert lines[1]["outcomes"]["rd_expenditure"]["high"] > found["high"] + 1.0
    assert "paired by replicate" in as_text(results)
    apart = fake.sweep(tmp_path / "files", extra={"random": "independent"})
    assert "paired" not in as_text(fake.run(tmp_path / "apart", what=apart))


RULE = {"outcome": "rd_expenditure", "half_width": 0.01, "batch": 2, "least": 2, "most": 6}


@pytest.mark.slow
def test_a_rule_broken_off_between_two_rounds_goes_on(tmp_path, monkeypatch):
    what = fake.sweep(tmp_path / "files", replicates=RULE)
    whole = fake.run(tmp_path / "whole", what=what)
    assert len(whole.contents.plan) == 24

    def broken(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ydsim.run.sweep.extended", broken)
        with pytest.raises(KeyboardInterrupt):
            fake.run(tmp_path / "out", what=fake.sweep(tmp_path / "files", replicates=RULE))
    fake.run(tmp_path / "out", what=what)
    assert fake.tree(tmp_path / "out") == fake.tree(tmp_path / "whole")


@pytest.mark.slow
def test_a_signal_at_the_end_of_a_round_begins_no_other(tmp_path):
    what = fake.sweep(tmp_path / "files", replicates=RULE)

    class Last(fake.SweepModel):
        def step(self) -> None:
            super().step()
            if self.replicate == 1 and self.span == fake.SPANS[-1] and self.quarter == 2:
                signal.raise_signal(signal.SIGTERM)

    with pytest.raises(Stopped) as stopped:
        fake.run(tmp_path / "out", model=Last, what=what)
    assert stopped.value.exit_code == 143
    assert len(open_results(tmp_path / "out").runs) == 8
    with pytest.raises(UsageError, match="a rule for replicates looks at all results"):
        fake.resume(tmp_path / "out", shard=(1, 1))
    fake.resume(tmp_path / "out")
    fake.run(tmp_path / "whole", what=what)
    assert fake.tree(tmp_path / "out") == fake.tree(tmp_path / "whole")


def test_a_rule_of_failed_runs_ends(tmp_path):
    what = fake.sweep(tmp_path / "files", replicates=RULE)
    results = fake.run(tmp_path / "out", model=fake.Refusing, what=what)
    assert len(results.failures) == 8


def test_a_failed_run_is_tried_once_in_a_call(tmp_path):
    tried = []

    class Counting(fake.Failing):
        def step(self) -> None:
            if self.is_marked() and self.quarter == 2:
                tried.append(1)
            super().step()

    what = fake.sweep(tmp_path / "files", replicates=RULE)
    results = fake.run(tmp_path / "out", model=Counting, what=what)
    assert len(tried) == 1
    assert len(results.runs) == 3 * 6 + 1


@pytest.mark.slow
def test_failures_of_earlier_calls_do_not_end_this_one(tmp_path):
    fake.run(tmp_path / "out", model=fake.Refusing, chunk=1)
    results = fake.resume(tmp_path / "out", model=fake.Failing, run_options={"max_failures": 3})
    assert len(results.failures) == 1
    assert len(results.runs) == 11


def test_a_part_that_kills_workers_before_a_run_ends_the_sweep(tmp_path):
    from contextlib import nullcontext

    from ydsim.engines import Answer

    class Deadly:
        window = 1

        def __init__(self) -> None:
            self.tasks = []

        def submit(self, number, task) -> None:
            self.tasks.append(number)

        def finished(self, seconds):
            return [Answer(self.tasks.pop(), lost="its worker died")]

    class Engine:
        def workers(self, work):
            return nullcontext(Deadly())

    with pytest.raises(ResourceError, match="its worker died, 10 times before it began a run"):
        fake.run(tmp_path / "out", engine=Engine())


def test_two_worlds_of_one_name_are_refused(tmp_path):
    import shutil

    from ydsim.design.load import load_sweep
    from ydsim.errors import ScenarioError
    from ydsim.store.points import tabulate
    from ydsim.world import loader

    places = []
    for k, place in enumerate(("a", "b")):
        folder = tmp_path / place / "mine"
        shutil.copytree(loader._DATA / "ten_firms", folder)
        if k:
            path = folder / "firms.csv"
            path.write_text(path.read_text("utf-8").replace(",40,", ",41,"), "utf-8")
        places.append(str(folder))
    same = load_sweep("ten_firms", vary=[f"world={places[0]}", "end=2012,2013"])
    assert len(tabulate(same, version="1", record={})) == 2
    both = load_sweep("ten_firms", vary=[f"world={','.join(places)}"])
    with pytest.raises(ScenarioError, match="two worlds are called 'mine'"):
        tabulate(both, version="1", record={})


def test_a_share_without_parts_and_a_share_of_another_sweep(tmp_path, capsys):
    from ydsim.run.progress import Lines

    lines = Lines(sys.stderr)
    fake.run(tmp_path / "out", chunk=4, shard=(9, 9), progress=lines.report)
    fake.run(tmp_path / "out", chunk=4)
    other = fake.sweep(tmp_path / "files", spans=(0.15, 0.25))
    with pytest.raises(ResultsError, match="holds another sweep"):
        fake.run(tmp_path / "out", what=other, shard=(1, 2))
    with pytest.raises(UsageError, match="sets aside what other shards wrote"):
        fake.run(tmp_path / "out", what=other, shard=(1, 2), force=True)


def test_an_older_share_does_not_revert_an_extension(tmp_path):
    few = fake.sweep(tmp_path / "few", spans=fake.SPANS[:2])
    more = fake.sweep(tmp_path / "more")

    class Extending(fake.SweepModel):
        done = False

        def step(self) -> None:
            super().step()
            if not Extending.done:
                Extending.done = True
                fake.run(tmp_path / "out", what=more, chunk=2, shard=(2, 2))

    fake.run(tmp_path / "out", model=Extending, what=few, chunk=2, shard=(1, 2))
    assert len(open_results(tmp_path / "out").contents.points) == 4
    fake.run(tmp_path / "out", what=more, chunk=2)
    assert len(open_results(tmp_path / "out").runs) == 12


def test_nothing_recorded_is_still_summarised(tmp_path):
    from ydsim.results.summary import sweep_summary

    what = fake.sweep(tmp_path / "files", record={"series": 0})
    results = fake.run(tmp_path / "out", what=what)
    assert [line["replicates"] for line in sweep_summary(results)] == [3, 3, 3, 3]


@pytest.mark.usefixtures("done")
def test_other_labels_are_taken_over(tmp_path):
    factors = {fake.KEY: {"values": list(fake.SPANS), "label": "span"}}
    what = fake.sweep(tmp_path / "files", extra={"design": {"kind": "grid", "factors": factors}})
    assert list(fake.run(tmp_path / "out", what=what).design)[:3] == ["point", "scenario", "span"]


@pytest.mark.parametrize(
    ("table", "entry"),
    [("city_year", "cities: 1"), ("ties", "ties: true"), ("ledger", "tables: [ledger]")],
)
def test_a_table_that_was_not_kept_says_what_keeps_it(done, table, entry):
    with pytest.raises(UsageError) as refused:
        done.table(table)
    assert f"it is kept where the sweep file says `record: {{{entry}}}`" in str(refused.value)


def test_points_that_are_scenarios_are_called_by_their_names(tmp_path):
    from ydsim.results.summary import as_text

    files = tmp_path / "files"
    files.mkdir()
    for name, span in (("low", 0.1), ("high", 0.2)):
        text = f"extends: ./base.yaml\nparameters:\n  chain:\n    span: {span}\n"
        (files / f"{name}.yaml").write_text(text, encoding="utf-8")
    design = {"kind": "list", "points": [{"scenario": "./low.yaml"}, {"scenario": "./high.yaml"}]}
    what = fake.sweep(files, extra={"design": design})
    lines = as_text(fake.run(tmp_path / "out", what=what)).splitlines()
    assert lines[1].split()[:3] == ["point", "scenario", "n"]
    assert [line.split()[:2] for line in lines[2:4]] == [["0", "low"], ["1", "high"]]
