"""Names from files of a stranger, where they are printed."""

from __future__ import annotations

import io

import pytest

from ydsim.cli import main
from ydsim.cli.terminal import PlainText


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
