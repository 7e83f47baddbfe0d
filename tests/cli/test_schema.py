"""``ydsim schema``."""

from __future__ import annotations

import json

import pytest

from ydsim.cli import main
from ydsim.scenario.schema.jsonschema import json_schema


def test_schema_is_json_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == json_schema()


def test_every_reference_resolves(capsys: pytest.CaptureFixture[str]) -> None:
    main(["schema"])
    text = capsys.readouterr().out
    definitions = json.loads(text)["$defs"]
    for part in text.split('"$ref": "')[1:]:
        assert part.split('"')[0].removeprefix("#/$defs/") in definitions
