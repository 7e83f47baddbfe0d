"""``ydsim compare`` with models of a few lines: runs what is missing, reads what is there."""

import html
import json
from itertools import product
from pathlib import Path

import pytest

import ydsim
from tests.support import fake_channels
from tests.support import fake_sweep as fake
from tests.support.sweep_files import BASE, stand_in

KEY = "parameters: {chain: {span: %s}}\n"
PAIR = "compare a.yaml b.yaml -q --replicates 3"
CHANNELS = "compare toy.yaml --by channel --policy border_friction --replicates 3 -q"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Two scenarios that differ in one number, which the model adds to all it draws."""
    stand_in(monkeypatch, fake.SweepModel)
    monkeypatch.chdir(tmp_path)
    files = {"a": BASE + KEY % 0.1, "b": BASE + KEY % 0.4, "toy": fake_channels.BASE,
             "c": BASE + "policies: {bonus: {policy: rd_grants, start: 2014}}\n"}  # fmt: skip
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_what_is_there_is_not_run_again(command, monkeypatch):
    folder = Path("results/compare-a-b")
    first = command.out(PAIR)
    for name in ("effects.csv", "compare.md", "effects.png"):
        assert str(folder / name) in first
    before = fake.tree(folder)
    stand_in(monkeypatch, fake.Refusing)
    assert command.out(PAIR) == first
    assert command.out("compare a.yaml b.yaml -q") == first  # as many as there are
    assert fake.tree(folder) == before
    # the same draws: the difference is .3 a quarter, 1.2 a year, in every replicate and place
    fewer = command.json("compare a.yaml b.yaml -q --replicates 2")
    assert {round(row["estimate"], 6) for row in fewer["table"]} == {1.2}
    assert {row["n"] for row in fewer["table"]} == {3}
    assert "3 replicates" in fewer["notes"][-1]
    assert "effects-city.png" in command.out(PAIR, "--by", "city")
    command(f"verify {folder}")


@pytest.mark.slow
def test_points_of_a_sweep_and_folders(command):
    fake.run(Path("results/spans"))
    every = command.json("compare spans -q")
    assert every["base"] == "chain.span 0.1"
    others = [f"chain.span {span}" for span in (0.2, 0.3, 0.4)]
    assert [one["name"] for one in every["alternatives"]] == others
    assert every["files"][0].startswith("results/effects-")  # beside no runs: nothing was run
    two = command.json(f"compare spans:3 results/spans:{fake.KEY}=0.1 -q -o mine")
    assert {round(row["estimate"], 6) for row in two["table"]} == {-1.2}
    names = ["compare.md", "effects.csv", "effects.png", "effects_by_place.png"]
    assert sorted(path.name for path in Path("mine").iterdir()) == names


@pytest.mark.slow
def test_what_others_wrote_is_never_replaced(command):
    pair = "compare spans:0 spans:1 -q -o"
    for name in ("spans", "other"):
        fake.run(Path("results") / name)
    command(f"{pair} mine")
    command(f"{pair} mine")  # its own files, again
    command("compare spans:0 spans:2 -q -o mine")  # and those of another comparison
    theirs = ("theirs/effects.csv", "theirs/compare.md", "notes/diary.txt")
    for path in map(Path, theirs):
        path.parent.mkdir(exist_ok=True)
        path.write_text("precious")
    for folder, what in (("theirs", "compare.md"), ("notes", "diary.txt"), ("results/other", "")):
        before = {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")}
        said = command.refused(pair, folder, code=5)
        assert folder in said
        assert what in said
        assert {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")} == before
    for more in ("", "--force"):
        assert "results/spans" in command.refused(f"{pair} results/spans {more}", code=5)
    command(f"{pair} theirs --force")
    assert Path("theirs.bak-1/effects.csv").read_text() == "precious"
    assert Path("theirs/effects.csv").read_text() != "precious"


@pytest.mark.slow
def test_a_name_of_a_scenario_and_of_a_folder_is_the_scenario(command, monkeypatch):
    fake.run(Path("results/a"))
    files = {"a": Path("a.yaml").absolute(), "b": Path("b.yaml").absolute()}
    for where in ("ydsim.scenario.read.extend", "ydsim.studies.alternatives",
                  "ydsim.design.load"):  # fmt: skip
        monkeypatch.setattr(f"{where}.shipped", lambda: files)
    Path("b").mkdir()
    found = command.json("compare a b --replicates 3 -q")
    assert (found["base"], found["alternatives"][0]["name"]) == ("a", "b")


@pytest.mark.slow
def test_failed_runs_are_said_and_the_others_compared(command, monkeypatch):
    stand_in(monkeypatch, fake.Failing)
    Path("b.yaml").write_text(BASE + KEY % 0.2, encoding="utf-8")
    out, err = command(f"{PAIR} --json", code=1)
    assert {row["n"] for row in json.loads(out)["table"]} == {2}
    assert "ydsim resume results/compare-a-b" in err
    err = command("compare compare-a-b:0 compare-a-b:1 -q", code=1)[1]  # writes elsewhere
    assert err.splitlines()[-1].endswith("ydsim resume results/compare-a-b")


def test_what_is_compared_stays_as_it_is(command):
    for name in "ab":
        command(f"run {name}.yaml -o results/{name} --replicates 3 --no-figures -q")
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*")}
    outs = ("results/a", "results/a/sub", "results/a/x/y", "results --force")
    for other, out in product(("results/b", "b.yaml"), outs):
        said = command.refused(f"compare results/a {other} -q -o {out}", code=5)
        assert "results/a is compared" in said
        assert {path: path.stat().st_mtime_ns for path in Path().rglob("*")} == before


@pytest.mark.slow
def test_one_policy_of_a_scenario(command):
    found = command.json("compare c.yaml --policy bonus --replicates 3 -q")
    assert [one["replicates"] for one in found["alternatives"]] == [3]
    (change,) = found["alternatives"][0]["changes"]
    assert "bonus" in change
    assert "added" in change
    assert "results/compare-c-bonus/effects.csv" in found["files"]
    scenarios = ydsim.open_results("results/compare-c-bonus").design
    assert scenarios["policies.bonus.strength"].tolist() == [0.0, 1.0]
    assert "'bonus'" in command.refused("compare c.yaml --policy bonu")
    for kind in ("effects", "effects_by_place"):
        assert command.out(f"plot compare-c-bonus --kind {kind} -o x.svg -q") == "x.svg\n"
    assert "2014" in command.refused("plot compare-c-bonus:1 --kind overview -o x.svg")
    command.refused("plot compare-c-bonus:2 --kind overview -o x.svg")
    command.refused("plot compare-c-bonus:0 --kind effects -o x.svg")


def test_from_python():
    found = ydsim.compare("a.yaml", Path("b.yaml"), replicates=2, years="2014")
    assert found.facts.years == (2014, 2014)
    assert found.facts.path == Path("results/compare-a-b")
    assert set(found.table["n"]) == {2}
    assert found.facts.made_by in repr(found)
    assert found.title in html.unescape(found._repr_html_())
    assert found.text.startswith(found.title)
    assert found.plot().axes
    fewer = ydsim.compare("a.yaml", "b.yaml", replicates=1)
    assert set(fewer.table["n"]) == {2}
    assert set(fewer.table["estimate"].round(6)) == {1.2}
    assert "2 replicates" in fewer.found.notes[-1]
    with pytest.raises(AttributeError):
        found.yeras  # noqa: B018
    with pytest.raises(ydsim.UsageError, match="by: expected 'province' or"):
        ydsim.compare("a.yaml", "b.yaml", by="country")


@pytest.mark.slow
def test_channels_from_the_command_to_the_files_and_again(command, monkeypatch):
    stand_in(monkeypatch, fake_channels.Together)
    folder = Path("results/toy-channels-border_friction")
    files = [folder / f"channels.{ending}" for ending in ("csv", "md", "png")]
    assert command.out(CHANNELS).splitlines()[-3:] == [str(path) for path in files]
    before = [path.read_bytes() for path in files]
    stand_in(monkeypatch, fake.Refusing)  # nothing is run again
    content = command.json(CHANNELS)
    assert [path.read_bytes() for path in files] == before
    assert [row["alternative"] for row in content["table"]][-3:] == [
        "together", "sum", "interaction",
    ]  # fmt: skip
    assert content["table"][-2]["p_holm"] is None
    command(f"verify {folder}")
    command(f"plot {folder} --kind forest -o again.png -q")
    assert Path("again.png").stat().st_size > 10_000


def test_channels_take_place_and_years(command, monkeypatch):
    stand_in(monkeypatch, fake_channels.Together)
    assert command.json(f"{CHANNELS} -n")["runs"] == 3 * 7
    assert not Path("results").exists()
    asked = "--replicates 2 --outcome rd_expenditure --years 2015 --place 'Province 1'"
    found = command.json(f"{CHANNELS} {asked}")
    assert (found["years"], found["replicates"]) == ([2015, 2015], 2)
    assert {(row["outcome"], row["place"]) for row in found["table"]} == {
        ("rd_expenditure", "Province 1")
    }


def test_values_are_grouped_by_the_name_of_their_alternative():
    from ydsim.cli.study import _changes

    texts = ["a:x.y=1", "b:x.y=[2]", "a:z=true", "k=4", "u=a:b"]
    assert _changes(texts) == {
        "a": {"x.y": 1, "z": True}, "b": {"x.y": [2]}, "": {"k": 4, "u": "a:b"},
    }  # fmt: skip
    assert _changes([]) is None
