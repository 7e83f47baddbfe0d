"""Folders of ydsim 0.6.4 open with their numbers; those of another schema are left alone."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.support.sealed import reseal
from ydsim.cli import main
from ydsim.results.results import open_results, verify

OLD = Path(__file__).parents[1] / "old_results"

HASH = {
    "run": "62f8097f182aa5d1de07abf2cc7fffe5533dea94cc449078a61ff4f4f7a25e54",
    "sweep": "47fde3b941bfcc427469361f929e2be7be1cfbdfaef9772a9e5cd6d421e9ef34",
}
VALUES = {
    "run": "d916035c345c1ecb229d117e0c7315ad015f772507ee01bf59e8fd81a3c04ef3",
    "sweep": "6029c2c338f419b73d7f1031b997ceebab1ac842422414a38c01909fdee515e4",
}
"""SHA-256 of the column ``value`` of ``province_year``, as version 0.6.4 read it."""


ROWS = {
    "run": {
        "adoption": 26, "adoption_curves": 157, "agents": 14, "contracts": 8, "funnel": 30,
        "generations": 43, "holders": 10, "knowledge": 6, "ledger": 72, "official": 133,
        "passports": 15, "policy_costs": 40, "policy_results": 3, "runs": 1, "series": 977,
    },
    "sweep": {"official": 133, "policy_costs": 80, "runs": 2, "series": 1954},
}  # fmt: skip


@pytest.fixture(params=["run", "sweep"])
def folder(request, tmp_path):
    return Path(shutil.copytree(OLD / request.param, tmp_path / request.param))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_opens_with_its_numbers(folder):
    results = open_results(folder)
    assert (results.manifest["ydsim"], results.manifest["schema"]) == ("0.6.4", 2)
    assert results.manifest["hash"] == HASH[folder.name]
    assert (results.left, results.failures) == (0, ())
    year = results.table("province_year")
    assert hashlib.sha256(year["value"].to_numpy().tobytes()).hexdigest() == VALUES[folder.name]
    assert {name: len(results.table(name)) for name in ROWS[folder.name]} == ROWS[folder.name]
    assert results.scenario.end == 2011


@pytest.mark.parametrize(
    "command",
    [
        ["verify"],
        ["status"],
        ["export", "--table", "runs"],
        ["export", "--table", "official", "--format", "json"],
    ],
    ids=" ".join,
)
def test_verbs_that_read_take_it(folder, command, capsys):
    before = files(folder)
    assert main([command[0], str(folder), *command[1:]]) == 0
    assert capsys.readouterr().out
    assert files(folder) == before


@pytest.mark.slow
def test_figures_of_a_run_are_drawn(tmp_path):
    from ydsim.plots.drawing import make_figures

    drawn = make_figures(open_results(OLD / "run"), tmp_path)
    assert "funnel.png" in {path.name for path in drawn}


def test_damage_is_found_in_it(folder):
    (folder / "series" / "part-000000.parquet").write_bytes(b"torn")
    (line,) = verify(folder)
    assert "series/part-000000.parquet" in line


@pytest.mark.parametrize("how", [(), ("-n",)])
def test_it_is_not_gone_on_with_and_no_cost_is_told(folder, how, capsys):
    before = files(folder)
    assert main(["resume", str(folder), *how]) == 5
    (line,) = capsys.readouterr().err.splitlines()
    assert "0.6.4" in line
    assert files(folder) == before


@pytest.mark.parametrize("schema", [1, 3, None, "2"])
@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["export"],
        ["verify"],
        ["resume"],
        ["verify", "--rerun", "0"],
        ["run", "ten_firms", "--set", "end=2011", "--no-figures", "-q", "-o"],
        ["sweep", "ten_firms", "--vary", "parameters.chain.span=.1,.2", "-q", "-o"],
    ],
    ids=" ".join,
)
def test_another_schema_is_refused_and_left_alone(folder, command, schema, capsys):
    path = folder / "manifest.json"
    reseal(path, schema=schema)
    before = files(folder)
    words = [*command, str(folder)] if "-o" in command else [command[0], str(folder), *command[1:]]
    assert main(words) == 5
    (line,) = capsys.readouterr().err.splitlines()
    assert f"schema {schema!r}" in line
    assert str(path) in line
    assert files(folder) == before
