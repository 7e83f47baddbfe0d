"""``ydsim compare`` with a model of a few lines: runs what is missing, reads what is there."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest

import ydsim
from tests.support import fake_sweep as fake
from tests.support.sweep_files import BASE, stand_in
from ydsim.cli import main

KEY = "parameters: {chain: {span: %s}}\n"
QUICK = ("--replicates", "3", "-q")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scenarios that differ in one number, which the model adds to all it draws."""
    stand_in(monkeypatch, fake.SweepModel)
    monkeypatch.chdir(tmp_path)
    for name, span in (("a", 0.1), ("b", 0.4)):
        Path(f"{name}.yaml").write_text(BASE + f"description: Scenario {name}.\n" + KEY % span,
                                        encoding="utf-8")  # fmt: skip


def out_of(capsys: pytest.CaptureFixture[str], *args: str, code: int = 0) -> str:
    assert main(["compare", *args]) == code, capsys.readouterr().err
    return capsys.readouterr().out


def error(capsys: pytest.CaptureFixture[str], *args: str, code: int) -> str:
    assert main(["compare", *args]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


@pytest.mark.slow
def test_two_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    out = out_of(capsys, "a.yaml", "b.yaml", *QUICK)
    folder = Path("results/compare-a-b")
    # the same luck: the difference is .3 a quarter, 1.2 a year, in every replicate and place
    assert "base: a: Scenario a" in out
    assert "changes parameters.chain.span 0.4 instead of 0.1" in out
    assert "not recorded in these results (table policy_costs)" in out
    for name in ("effects.csv", "compare.md", "effects.png"):
        assert (folder / name).is_file()
        assert str(folder / name) in out
    rows = json.loads(out_of(capsys, "a.yaml", "b.yaml", *QUICK, "--json"))["table"]
    assert {round(row["estimate"], 6) for row in rows} == {1.2}
    assert main(["verify", str(folder)]) == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--years", "2031-2040"), "years 2031-2040: the runs have 2014-2014"),
        (("--outcomes", "lunches"), "no outcome by province is called 'lunches'"),
        (("--outcomes", "launches", "--by", "field"), "no outcome by field is called 'launches'"),
    ],
)
def test_what_runs_would_not_have_is_refused_before_they_are_run(
    capsys: pytest.CaptureFixture[str], args: tuple[str, ...], message: str
) -> None:
    assert message in error(capsys, "a.yaml", "b.yaml", *QUICK, *args, code=2)
    assert not Path("results").exists()


@pytest.mark.slow
def test_what_is_there_is_not_run_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = out_of(capsys, "a.yaml", "b.yaml", *QUICK)
    before = fake.tree(Path("results/compare-a-b"))
    stand_in(monkeypatch, fake.Refusing)
    assert out_of(capsys, "a.yaml", "b.yaml", *QUICK) == first
    assert fake.tree(Path("results/compare-a-b")) == before
    assert out_of(capsys, "a.yaml", "b.yaml", "-q") == first  # as many as there are
    fewer = out_of(capsys, "a.yaml", "b.yaml", "-q", "--replicates", "2")
    assert "note: results/compare-a-b holds 3 replicates: all of them are used" in fewer
    cities = out_of(capsys, "a.yaml", "b.yaml", "-q", "--by", "city")
    assert "effects-city.png" in cities
    monkeypatch.undo()


def test_a_scenario_against_itself(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(out_of(capsys, "a.yaml", "a.yaml", *QUICK, "--json"))
    assert (
        found["finding"] == "\u2018A\u2019 and \u2018A\u2019 give the same figures: nothing differs"
    )
    for row in found["table"]:
        assert (row["estimate"], row["low"], row["high"]) == (0.0, 0.0, 0.0)
        assert not row["significant"]


@pytest.mark.slow
def test_points_of_a_sweep_and_folders(capsys: pytest.CaptureFixture[str]) -> None:
    fake.run(Path("results/spans"))
    every = json.loads(out_of(capsys, "spans", "-q", "--json"))
    assert every["base"] == f"{fake.KEY} 0.1"
    assert [one["name"] for one in every["alternatives"]] == [
        f"{fake.KEY} {s}" for s in (0.2, 0.3, 0.4)
    ]
    assert every["files"][0].startswith("results/effects-")  # beside no runs: nothing was run
    two = json.loads(
        out_of(capsys, "spans:3", f"results/spans:{fake.KEY}=0.1", "-q", "--json", "-o", "mine")
    )
    assert {round(row["estimate"], 6) for row in two["table"]} == {-1.2}
    assert sorted(path.name for path in Path("mine").iterdir()) == [
        "compare.md", "effects.csv", "effects.png",
    ]  # fmt: skip


@pytest.mark.slow
def test_what_others_wrote_is_never_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    fake.run(Path("results/spans"))
    fake.run(Path("results/other"))
    pair = ("spans:0", "spans:1", "-q", "-o")
    out_of(capsys, *pair, "mine")
    out_of(capsys, *pair, "mine")  # its own files, again
    out_of(capsys, "spans:0", "spans:2", "-q", "-o", "mine")  # and those of another comparison
    Path("theirs").mkdir()
    for name in ("effects.csv", "compare.md"):
        (Path("theirs") / name).write_text("precious")
    Path("notes").mkdir()
    Path("notes/diary.txt").write_text("precious")
    for folder, what in (("theirs", "compare.md"), ("notes", "diary.txt"),
                         ("results/other", "")):  # fmt: skip
        before = {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")}
        said = error(capsys, *pair, folder, code=5)
        assert f"{folder} holds {what}" in said
        assert "nothing was changed" in said
        assert {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")} == before
    for more in ((), ("--force",)):
        said = error(capsys, *pair, "results/spans", *more, code=5)
        assert "results/spans is compared: use another folder" in said
    out_of(capsys, *pair, "theirs", "--force")
    assert Path("theirs.bak-1/effects.csv").read_text() == "precious"
    assert Path("theirs/effects.csv").read_text() != "precious"


@pytest.mark.slow
def test_a_name_of_a_scenario_and_of_a_folder_is_the_scenario(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.run(Path("results/a"))
    files = {"a": Path("a.yaml").absolute(), "b": Path("b.yaml").absolute()}
    for where in ("ydsim.scenario.read.locate", "ydsim.studies.alternatives",
                  "ydsim.design.source"):  # fmt: skip
        monkeypatch.setattr(f"{where}.shipped", lambda: files)
    Path("b").mkdir()
    found = json.loads(out_of(capsys, "a", "b", *QUICK, "--json"))
    assert found["base"] == "a"
    assert found["alternatives"][0]["name"] == "b"


def test_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    fake.run(Path("results/spans"))
    Path("other.yaml").write_text(BASE.replace("seed: 7", "seed: 8"), encoding="utf-8")
    Path("sweep.yaml").write_text("base: a.yaml\ndesign: {kind: grid, factors: {seed: [1]}}\n")
    Path("empty").mkdir()
    said = error(capsys, "a.yaml", "other.yaml", code=2)
    assert "other.yaml cannot be compared with a.yaml: seed 8 against 7;" in said
    said = error(capsys, "spans:0", "other.yaml", code=2)
    assert "other.yaml cannot be compared with spans:0: seed 8 against 7; run the" in said
    assert "sweep.yaml is a sweep; run it with ydsim sweep" in error(
        capsys, "a.yaml", "sweep.yaml", code=2
    )
    assert "no such point; it has 4 points" in error(capsys, "spans:0", "spans:9", code=2)
    assert "no factor is called 'spam'" in error(capsys, "spans:0", "spans:spam=1", code=2)
    assert "no point has this" in error(capsys, "spans:0", f"spans:{fake.KEY}=7", code=2)
    assert "empty: is not a results folder" in error(capsys, "a.yaml", "empty", code=5)
    assert "no scenario and no folder" in error(capsys, "a.yaml", "nothing", code=2)
    assert "a.yaml is one setting" in error(capsys, "a.yaml", code=2)
    assert "years: expected one year or two" in error(
        capsys, "a.yaml", "b.yaml", "--years", "x", code=2
    )
    assert "did you mean 'rd_expenditure'?" in error(
        capsys, "a.yaml", "b.yaml", "--outcomes", "rd_expediture", *QUICK, code=2
    )
    assert not Path("results/compare-a-other").exists()


@pytest.mark.slow
def test_failed_runs_are_said_and_the_others_compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, fake.Failing)
    Path("b.yaml").write_text(BASE + KEY % 0.2, encoding="utf-8")
    assert main(["compare", "a.yaml", "b.yaml", *QUICK]) == 1
    out, err = capsys.readouterr()
    assert "note: a has 3 replicates and b 2: the 2 that both have are used" in out
    assert "1 runs failed" in err or "1 run failed" in err


def test_one_policy_of_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    text = BASE + "policies: {bonus: {policy: rd_grants, start: 2014}}\n"
    Path("c.yaml").write_text(text, encoding="utf-8")
    out = out_of(capsys, "c.yaml", "--policy", "bonus", *QUICK)
    assert "base: c without it" in out
    assert "with: bonus: R&D grants to firms, as c has it; n = 3" in out
    assert "adds bonus" in out
    assert "results/compare-c-bonus/effects.csv" in out
    scenarios = ydsim.open_results("results/compare-c-bonus").design
    assert scenarios["policies.bonus.strength"].tolist() == [0.0, 1.0]
    assert "has no policy 'bonu'; did you mean 'bonus'?" in error(
        capsys, "c.yaml", "--policy", "bonu", code=2
    )
    assert "--policy goes with one scenario, found 2 names" in error(
        capsys, "c.yaml", "a.yaml", "--policy", "bonus", code=2
    )
    assert "takes a policy out of a scenario" in error(
        capsys, "results/compare-c-bonus", "--policy", "bonus", code=2
    )


def test_from_python() -> None:
    found = ydsim.compare("a.yaml", Path("b.yaml"), replicates=2, years="2014")
    assert found.facts.years == (2014, 2014)
    assert found.folder == Path("results/compare-a-b")
    assert set(found.effects["n"]) == {2}
    assert found.finding in repr(found)
    assert found.finding in html.unescape(found._repr_html_())
    assert found.text.startswith(found.finding)
    assert found.plot().axes
    with pytest.warns(DeprecationWarning, match=r"found\.years"):
        assert found.years == (2014, 2014)
    with pytest.raises(AttributeError):
        found.yeras  # noqa: B018
    with pytest.raises(ydsim.UsageError, match="by: expected 'province' or"):
        ydsim.compare("a.yaml", "b.yaml", by="country")
