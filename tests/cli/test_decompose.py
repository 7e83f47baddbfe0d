"""``ydsim decompose`` as a user meets it, with a model of a few lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import fake_channels as fake
from tests.support.sweep_files import stand_in
from ydsim.cli import main

FOLDER = Path("results/toy-channels-border_friction")
TOY = ("toy.yaml", "--policy", "border_friction", "--replicates", "3", "--jobs", "1")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, fake.Together)
    monkeypatch.chdir(tmp_path)
    Path("toy.yaml").write_text(fake.BASE, encoding="utf-8")


@pytest.mark.slow
def test_from_the_command_to_the_files_and_again(capsys):
    assert main(["decompose", *TOY]) == 0
    out, _ = capsys.readouterr()
    names = ["channels.csv", "channels.md", "channels.png"]
    assert out.splitlines()[-3:] == [str(FOLDER / name) for name in names]
    assert out.startswith("border_friction in toy, the region")
    assert "all together do more than the sum" in out
    before = {name: (FOLDER / name).read_bytes() for name in names}
    assert main(["decompose", *TOY, "--json", "-q"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert {name: (FOLDER / name).read_bytes() for name in names} == before
    parts = [row["alternative"] for row in content["table"]]
    assert parts[-3:] == ["together", "sum", "interaction"]
    assert content["table"][-2]["p_holm"] is None
    assert main(["verify", str(FOLDER)]) == 0
    assert main(["plot", str(FOLDER), "--kind", "decomposition", "-o", "again.png", "-q"]) == 0
    assert Path("again.png").stat().st_size > 10_000


@pytest.mark.slow
def test_runs_that_are_there_are_not_run_again(capsys, monkeypatch):
    from tests.support.fake_sweep import Refusing

    assert main(["decompose", *TOY, "-q"]) == 0
    first = capsys.readouterr().out
    stand_in(monkeypatch, Refusing)
    assert main(["decompose", *TOY, "-q"]) == 0
    assert capsys.readouterr().out == first


def test_dry_run_says_what_it_takes_and_writes_nothing(capsys, monkeypatch):
    assert main(["decompose", *TOY, "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == 3 * 7
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["toy.yaml", "--policy", "border_fricton"], 2,
         "the scenario has no policy 'border_fricton'; did you mean 'border_friction'?"),
        (["toy.yml", "--policy", "border_friction"], 4, "toy.yml: no such file"),
        (["baseline", "--policy", "border_friction"], 2,
         "policy 'border_friction' of baseline acts in no channel: "),
        (["toy.yaml", "--policy", "border_friction", "--outcome", "rd_expenditur"], 2,
         "no indicator of the region is called 'rd_expenditur'; did you mean 'rd_expenditure'?"),
        (["toy.yaml", "--policy", "border_friction", "--years", "x"], 2,
         "years: expected one year or two"),
        (["toy.yaml", "--policy", "border_friction", "--years", "2016-2020"], 2,
         "years 2016-2020: the runs have 2014-2015"),
        (["toy.yaml", "--policy", "border_friction", "--place", "Province 9"], 2,
         "no place of these runs is called 'Province 9'"),
        (["toy.yaml", "--policy", "border_friction", "--set",
          "policies.border_friction.channels=[good]"], 3,
         "--set policies.border_friction.channels[0]=good: 'good' is not valid; did you mean "
         "'goods'?"),
    ],
)  # fmt: skip
def test_a_bad_input_is_one_line_and_leaves_nothing(args, code, said, capsys):
    assert main(["decompose", *args]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {said}"), err
    assert err.count("\n") == 1
    assert not Path("results").exists()


def test_the_policy_is_asked_for(capsys):
    assert main(["decompose", "toy.yaml"]) == 2
    assert "--policy" in capsys.readouterr().err
