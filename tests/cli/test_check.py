"""``ydsim check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ydsim.cli import main


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text("extends: synthetic\nend: 2015\n", encoding="utf-8")
    Path("bad.yaml").write_text("sede: 1\nscale: 9\n", encoding="utf-8")


def test_ok_is_one_line_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "good.yaml", "synthetic"]) == 0
    out, err = capsys.readouterr()
    assert out == "good.yaml: ok\nsynthetic: ok\n"
    assert "error" not in err


def test_quiet_says_nothing_about_files_that_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-q", "good.yaml", "baseline"]) == 0
    assert capsys.readouterr() == ("", "")


def test_every_file_is_checked_and_the_worst_code_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "bad.yaml", "good.yaml", "none.yaml"]) == 4
    out, err = capsys.readouterr()
    assert out == "good.yaml: ok\n"
    assert [line.split(": ")[1] for line in err.splitlines() if line.startswith("error")] == [
        "bad.yaml:1:1", "bad.yaml:2:8", "none.yaml",
    ]  # fmt: skip
    assert main(["check", "bad.yaml", "good.yaml"]) == 3


def test_json_has_an_object_for_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", "bad.yaml", "good.yaml"]) == 3
    out, err = capsys.readouterr()
    bad, good = json.loads(out)
    assert err == ""
    assert (bad["ok"], good["ok"], good["problems"]) == (False, True, [])
    assert bad["problems"][1].startswith("bad.yaml:2:8: scale: must be between")


def test_overrides_are_checked_with_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "bad.yaml", "--set", "scale=0.1"]) == 3
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["check", "good.yaml", "--set", "scale=0.1", "--set", "seed=x"]) == 3
    assert capsys.readouterr().err.startswith("error: --set seed=x: expected a whole number")


def test_notes_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    set_ = ["--set", "policies.g={policy: rd_grants, start: 2050}"]
    assert main(["check", "good.yaml", *set_]) == 0
    out, err = capsys.readouterr()
    assert out == "good.yaml: ok\n"
    assert "note: good.yaml: policies.g: is never in force in 2011-2015\n" in err


def test_a_sweep_that_does_not_keep_what_its_base_records(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("b.yaml").write_text("extends: good.yaml\nrecord: {firms: true}\n", encoding="utf-8")
    text = "base: b.yaml\ndesign: {kind: grid, factors: {scale: [0.05]}}\n"
    Path("s.yaml").write_text(text, encoding="utf-8")
    assert main(["check", "s.yaml"]) == 0
    note = "note: s.yaml: the base records firms, which is not kept"
    assert capsys.readouterr().err.count(note) == 1


def test_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "bad.yaml", "good.yaml"])
    assert sorted(path.name for path in Path().iterdir()) == ["bad.yaml", "good.yaml"]
