"""The page of six kinds of actors."""

import pytest

from tests.support import planted
from tools import factorial
from ydsim.analysis.resonance import design, finding_of


def test_the_page_has_effects_pairs_and_resonance(tmp_path):
    sweep = design("six_actor_community", {"end": 2022}, groups=planted.GROUPS, replicates=2)
    found = finding_of(planted.run(sweep, tmp_path / "out"), outcomes=["launches"])
    page = factorial.as_markdown(found, "the command")
    lines = page.splitlines()
    assert lines[:3] == ["# Alone and together: six_actor_community", "", "    the command"]
    effects = lines[lines.index("| effect | launches |") + 2 :]
    assert [line.split(" | ")[0] for line in effects] == [
        "| government", "| industry", "| media", "| government x industry", "| government x media",
        "| industry x media",
    ]  # fmt: skip
    assert effects[2].endswith("**null** |")
    assert "| launches | raw | run |" in page
    assert "| launches | log | pairs |" in page


def test_the_command_runs_and_goes_on(tmp_path, monkeypatch, capsys):
    asked = {}

    def run(name, overrides, **options):
        asked.update(options, name=name, overrides=overrides)
        raise KeyboardInterrupt

    monkeypatch.setattr(factorial, "resonance", run)
    with pytest.raises(KeyboardInterrupt):
        factorial.main(["--full", "--end", "2022", "--replicates", "2", "--out", str(tmp_path)])
    assert asked["overrides"] == {"scale": 0.02, "end": 2022}
    assert (asked["half"], asked["replicates"], asked["out"]) == (False, 2, tmp_path)


def test_years_before_the_policies_are_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        factorial.main(["--end", "2011"])
    assert caught.value.code == 2
    assert str(factorial.START) in capsys.readouterr().err
