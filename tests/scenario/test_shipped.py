"""Every shipped scenario is right, says what it asks, and can be run as it says."""

from pathlib import Path

import pytest

from ydsim.cli import main
from ydsim.parameter import rows_of
from ydsim.policies.base import Policy
from ydsim.policies.library import shipped as shipped_policies
from ydsim.scenario.read.extend import shipped
from ydsim.scenario.schema.parameters import GovernanceParameters, Parameters
from ydsim.scenario.schema.shocks import KINDS

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


def test_bare_names_are_the_files_of_the_folder():
    assert FILES
    assert list(shipped()) == [path.stem for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_scenario(path, capsys):
    assert main(["check", path.stem]) == 0
    assert capsys.readouterr().out == f"{path.stem}: ok\n"
    text = path.read_text(encoding="utf-8")
    head = text[: text.index("\n", text.index("# Run:"))]
    for part in ("# Question:", "# Known:", "# Assumed:", f"# Run: ydsim run {path.stem}"):
        assert part in head
    assert "\ndescription: " in text


def test_every_row_of_the_parameters_is_a_key():
    sections = {name: field.annotation for name, field in Parameters.model_fields.items()}
    sections["governance"] = GovernanceParameters
    keys = [f"{name}.{key}" for name, one in sections.items() for key in one.model_fields]
    assert list(rows_of("ydsim.scenario.schema", "parameters.csv")) == keys


def test_every_row_of_shocks_and_policies_is_a_key_of_one():
    bases = {f"shocks.{key}" for key in ("name", "kind", "year", "share", "arms", "lasting.years")}
    keys = {f"shocks.{kind}.{key}" for kind, one in KINDS.items() for key in one.model_fields}
    assert set(rows_of("ydsim.scenario.schema", "shocks.csv")) <= bases | keys
    every = {"all": Policy} | shipped_policies()
    keys = {f"{name}.{key}" for name, one in every.items() for key in one.model_fields}
    assert set(rows_of("ydsim.policies", "parameters.csv")) <= keys
