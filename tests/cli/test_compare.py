"""``ydsim compare`` with models of a few lines: runs what is missing, reads what is there."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest

import ydsim
from tests.support import fake_channels
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
    for name in ("effects.csv", "compare.md", "effects.png"):
        assert (folder / name).is_file()
        assert str(folder / name) in out
    # the same draws: the difference is .3 a quarter, 1.2 a year, in every replicate and place
    rows = json.loads(out_of(capsys, "a.yaml", "b.yaml", *QUICK, "--json"))["table"]
    assert {round(row["estimate"], 6) for row in rows} == {1.2}
    assert main(["verify", str(folder)]) == 0


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
    fewer = json.loads(out_of(capsys, "a.yaml", "b.yaml", "-q", "--replicates", "2", "--json"))
    assert {row["n"] for row in fewer["table"]} == {3}
    assert "3 replicates" in fewer["notes"][-1]
    assert "effects-city.png" in out_of(capsys, "a.yaml", "b.yaml", "-q", "--by", "city")
    monkeypatch.undo()


def test_a_scenario_against_itself(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(out_of(capsys, "a.yaml", "a.yaml", *QUICK, "--json"))
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
        assert folder in said
        assert what in said
        assert {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")} == before
    for more in ((), ("--force",)):
        assert "results/spans" in error(capsys, *pair, "results/spans", *more, code=5)
    out_of(capsys, *pair, "theirs", "--force")
    assert Path("theirs.bak-1/effects.csv").read_text() == "precious"
    assert Path("theirs/effects.csv").read_text() != "precious"


@pytest.mark.slow
def test_a_name_of_a_scenario_and_of_a_folder_is_the_scenario(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.run(Path("results/a"))
    files = {"a": Path("a.yaml").absolute(), "b": Path("b.yaml").absolute()}
    for where in ("ydsim.scenario.read.extend", "ydsim.studies.alternatives",
                  "ydsim.design.source"):  # fmt: skip
        monkeypatch.setattr(f"{where}.shipped", lambda: files)
    Path("b").mkdir()
    found = json.loads(out_of(capsys, "a", "b", *QUICK, "--json"))
    assert found["base"] == "a"
    assert found["alternatives"][0]["name"] == "b"


@pytest.mark.parametrize(
    ("args", "code", "near"),
    [
        ("a.yaml other.yaml", 2, "other.yaml cannot be compared with a.yaml: seed 8"),
        ("spans:0 other.yaml", 2, "other.yaml cannot be compared with spans:0: seed 8"),
        ("a.yaml sweep.yaml", 2, "ydsim sweep"),
        ("spans:0 spans:9", 2, "4 points"),
        ("spans:0 spans:spam=1", 2, "'spam'"),
        (f"spans:0 spans:{fake.KEY}=7", 2, "7"),
        ("a.yaml empty", 5, "empty"),
        ("a.yaml nothing", 2, "nothing"),
        ("a.yaml", 2, "a.yaml"),
        ("a.yaml b.yaml --years x", 2, "years"),
        ("a.yaml b.yaml --years 2031:2040", 2, "2014-2014"),
        ("a.yaml b.yaml --outcome rd_expediture", 2, "'rd_expenditure'"),
        ("a.yaml b.yaml --outcomes rd_expenditure,lunches", 2, "'lunches'"),
        ("a.yaml b.yaml --outcome launches --by field", 2, "'launches'"),
        ("a.yaml b.yaml --place region", 2, "--place"),
        ("a.yaml b.yaml --dry-run", 2, "--dry-run"),
        ("a.yaml b.yaml --policy bonus", 2, "--policy"),
        ("a.yaml --policy bonu", 2, "'bonu'"),
        ("spans --policy bonus", 2, "policy"),
        ("a.yaml --by channel", 2, "--policy"),
        ("a.yaml b.yaml --by firm --policy bonus", 2, "--policy"),
        ("a.yaml --by firm --policy bonus --years 2014", 2, "--years"),
        ("a.yaml --by channel --policy bonus --force", 2, "--force"),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], args: str, code: int, near: str
) -> None:
    fake.run(Path("results/spans"))
    Path("other.yaml").write_text(BASE.replace("seed: 7", "seed: 8"), encoding="utf-8")
    Path("sweep.yaml").write_text("base: a.yaml\ndesign: {kind: grid, factors: {seed: [1]}}\n")
    Path("empty").mkdir()
    before = sorted(Path("results").iterdir())
    assert near in error(capsys, *args.split(), *QUICK, code=code)
    assert sorted(Path("results").iterdir()) == before


@pytest.mark.slow
def test_failed_runs_are_said_and_the_others_compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, fake.Failing)
    Path("b.yaml").write_text(BASE + KEY % 0.2, encoding="utf-8")
    assert main(["compare", "a.yaml", "b.yaml", *QUICK, "--json"]) == 1
    out, err = capsys.readouterr()
    assert {row["n"] for row in json.loads(out)["table"]} == {2}
    assert "ydsim resume results/compare-a-b" in err


def test_one_policy_of_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    text = BASE + "policies: {bonus: {policy: rd_grants, start: 2014}}\n"
    Path("c.yaml").write_text(text, encoding="utf-8")
    found = json.loads(out_of(capsys, "c.yaml", "--policy", "bonus", *QUICK, "--json"))
    assert [one["replicates"] for one in found["alternatives"]] == [3]
    assert "results/compare-c-bonus/effects.csv" in found["files"]
    scenarios = ydsim.open_results("results/compare-c-bonus").design
    assert scenarios["policies.bonus.strength"].tolist() == [0.0, 1.0]
    assert "'bonus'" in error(capsys, "c.yaml", "--policy", "bonu", code=2)


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


# -- by channel -----------------------------------------------------------------------------------

FOLDER = Path("results/toy-channels-border_friction")
TOY = ("toy.yaml", "--by", "channel", "--policy", "border_friction")


@pytest.fixture
def toy(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, fake_channels.Together)
    Path("toy.yaml").write_text(fake_channels.BASE, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.usefixtures("toy")
def test_channels_from_the_command_to_the_files_and_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = out_of(capsys, *TOY, *QUICK)
    names = ["channels.csv", "channels.md", "channels.png"]
    assert out.splitlines()[-3:] == [str(FOLDER / name) for name in names]
    before = {name: (FOLDER / name).read_bytes() for name in names}
    stand_in(monkeypatch, fake.Refusing)  # nothing is run again
    content = json.loads(out_of(capsys, *TOY, *QUICK, "--json"))
    assert {name: (FOLDER / name).read_bytes() for name in names} == before
    parts = [row["alternative"] for row in content["table"]]
    assert parts[-3:] == ["together", "sum", "interaction"]
    assert content["table"][-2]["p_holm"] is None
    assert main(["verify", str(FOLDER)]) == 0
    assert main(["plot", str(FOLDER), "--kind", "decomposition", "-o", "again.png", "-q"]) == 0
    assert Path("again.png").stat().st_size > 10_000


@pytest.mark.usefixtures("toy")
def test_a_dry_run_of_channels_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(out_of(capsys, *TOY, *QUICK, "-n", "--json"))["runs"] == 3 * 7
    assert not Path("results").exists()


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("args", "code", "near"),
    [
        ("toy.yaml --policy border_fricton", 2, "'border_friction'"),
        ("toy.yml --policy border_friction", 4, "toy.yml"),
        ("baseline --policy border_friction", 2, "'border_friction' of baseline"),
        ("toy.yaml --policy border_friction --outcome rd_expenditur", 2, "'rd_expenditure'"),
        ("toy.yaml --policy border_friction --years x", 2, "years"),
        ("toy.yaml --policy border_friction --years 2016-2020", 2, "2014-2015"),
        ("toy.yaml --policy border_friction --place Shanghi", 2, "Shanghi"),
        ("toy.yaml --policy border_friction --set policies.border_friction.channels=[good]", 3,
         "'goods'"),
    ],
)  # fmt: skip
def test_channels_that_cannot_be_compared(
    capsys: pytest.CaptureFixture[str], args: str, code: int, near: str
) -> None:
    assert near in error(capsys, "--by", "channel", *args.split(), code=code)
    assert not Path("results").exists()
