"""Names from files of a stranger, where they are printed and where they reach a database."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from ydsim.cli import main
from ydsim.cli.terminal import PlainText
from ydsim.results.duck import to_duckdb


def test_hidden_characters_are_written_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ydsim.cli import list as verb

    monkeypatch.setattr(verb, "_found", lambda what: {"a\x1b[31m": "b\u202e\x9b\ttab", "上海": "c"})
    for args in (["list"], ["list", "--json"]):
        assert main(args) == 0
        out, _ = capsys.readouterr()
        assert "a\\u001b[31m" in out
        assert "b\\u202e\\u009b" in out
        assert "上海" in out
    sink = io.StringIO()
    PlainText(sink).write("plain\ntext\t\U000e0001\r")
    assert sink.getvalue() == "plain\ntext\t\\udb40\\udc01\\r"


def test_names_do_not_become_sql(tmp_path: Path) -> None:
    import duckdb

    harm = tmp_path / "harm"
    name = f"x\" AS SELECT 1; COPY (SELECT 1) TO '{harm}'; --"

    class Foreign:
        tables = ("good", name)
        manifest = {"indicators": {}}  # noqa: RUF012

        def columns(self, name: str) -> dict[str, object]:
            return {"k": np.array([1, 2])}

    assert to_duckdb(Foreign(), tmp_path / "x.duckdb") == ["good", name, "units"]  # type: ignore[arg-type]
    assert not harm.exists()
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as connection:
        assert {row[0] for row in connection.execute("SHOW TABLES").fetchall()} >= {"good", name}
