"""Runs in pairs: what is counted of them, and that a broken analysis goes on."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ydsim import Model, load_scenario
from ydsim.agents.projects import INVENTION
from ydsim.agents.state import BY_CELL, BY_FOUNDER, BY_PARTNER
from ydsim.analysis import paired
from ydsim.analysis.paired import Job, run_jobs

SMALL = (("scale", 0.01), ("end", 2011))


def measure(model, sums):
    return {"ideas": float(model.recorder.series("ideas").sum())}


@pytest.mark.slow
def test_sums_agree_with_what_is_recorded():
    kept = {}

    def keep(model, sums):
        kept.update(recorder=model.recorder, sums=sums)
        return measure(model, sums)

    run_jobs(keep, [Job("a", "synthetic", (("scale", 0.02), ("end", 2012)), 0)])
    series, sums = kept["recorder"].series, kept["sums"]
    assert sums.contracts["value"][:-1].sum() == pytest.approx(series("contract_value_true").sum())
    completed = sums.funnel["completed"]
    assert completed[INVENTION].sum() == pytest.approx(series("inventions").sum())
    adopted = sums.adoptions[[BY_FOUNDER, BY_CELL, BY_PARTNER]].sum()
    assert adopted == pytest.approx(series("adoptions").sum())


def fake(setting, replicate):
    return Job(setting, "baseline", (("scale", 0.01),), replicate)


@pytest.fixture
def calls(monkeypatch):
    made = []

    def run(runs, engine, *, take, report):
        for at, one in enumerate(runs):
            made.append((one.scenario.scale, one.replicate))
            take(at, {"x": float(len(made))})

    monkeypatch.setattr(paired, "measure_runs", run)
    return made


def test_a_broken_analysis_goes_on_where_it_stopped(calls, tmp_path):
    keep = tmp_path / "kept.jsonl"
    first = [fake("a", 0), fake("a", 1)]
    found = run_jobs(measure, first, keep=keep)
    keep.write_text(keep.read_text() + '\n["half a li')
    found = run_jobs(measure, [fake("b", 0), *first], keep=keep)
    assert calls == [(0.01, 0), (0.01, 1), (0.01, 0)]
    assert [f["x"] for f in found] == [3.0, 1.0, 2.0]
    again = run_jobs(measure, [*first, fake("b", 0)], keep=keep)
    assert [f["x"] for f in again] == [1.0, 2.0, 3.0]
    assert len(calls) == 3
    longer = Job("a", "baseline", (("scale", 0.02),), 0)
    run_jobs(measure, [longer], keep=keep)
    assert len(calls) == 4


def test_results_of_another_version_are_not_taken(calls, tmp_path, monkeypatch):
    keep = tmp_path / "kept.jsonl"
    run_jobs(measure, [fake("a", 0)], keep=keep)
    monkeypatch.setattr(paired, "code_digest", lambda: "other")
    run_jobs(measure, [fake("a", 0)], keep=keep)
    assert len(calls) == 2
    lines = [json.loads(line) for line in keep.read_text().splitlines() if line]
    assert len({line[0] for line in lines}) == 2


@pytest.mark.slow
def test_two_processes_find_the_same_as_one_and_as_a_plain_run():
    todo = [Job("a", "synthetic", SMALL, replicate) for replicate in range(3)]
    alone = run_jobs(measure, todo)
    assert alone == run_jobs(measure, todo, workers=2)
    plain = Model(load_scenario("synthetic", dict(SMALL)), replicate=1).run()
    assert alone[1]["ideas"] == np.sum(plain.recorder.series("ideas"))


def test_the_digest_follows_the_code_of_the_model(tmp_path, monkeypatch):
    (tmp_path / "processes").mkdir()
    (tmp_path / "analysis").mkdir()
    rule, page = tmp_path / "processes" / "rule.py", tmp_path / "analysis" / "page.py"
    for path in (tmp_path / "__init__.py", rule, page):
        path.write_text("1")
    monkeypatch.setattr(paired.ydsim, "__file__", str(tmp_path / "__init__.py"))
    before = paired.code_digest()
    page.write_text("2")
    assert paired.code_digest() == before
    rule.write_text("2")
    assert paired.code_digest() != before
