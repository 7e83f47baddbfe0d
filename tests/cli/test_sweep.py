"""``ydsim sweep`` and the verbs on its folder, as a user meets them, with the model itself."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ydsim
from ydsim.cli import main

SHORT = (
    "--set", "end=2011", "--set", "parameters.population.burn_in=0",
    "--set", "parameters.population.burn_in_ties=0",
)  # fmt: skip
VARY = ("--vary", "parameters.invest.intensity=0.01:0.03:3")


def sweep(folder: Path, *options: str, vary: tuple[str, ...] = VARY) -> int:
    command = ["sweep", "ten_firms", *vary, "--replicates", "2", *SHORT, "-o", str(folder)]
    return main([*command, *options])


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps") / "out"
    assert sweep(folder, "-q") == 0
    return folder


@pytest.fixture
def folder(finished, tmp_path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "out"))


@pytest.mark.slow
def test_a_table_of_points_and_the_folder(tmp_path, capsys):
    assert sweep(tmp_path / "out") == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("the whole region in 2011, mean over n replicates")
    assert lines[1].split()[:3] == ["point", VARY[1].split("=")[0], "n"]
    assert "rd_expenditure [100m_rmb]" in lines[1]
    assert [line.split()[:3] for line in lines[2:5]] == [
        ["0", "0.01", "2"], ["1", "0.02", "2"], ["2", "0.03", "2"],
    ]  # fmt: skip
    assert lines[-1] == str(tmp_path / "out")
    assert "6/6 runs" in err.splitlines()[-1]
    assert sweep(tmp_path / "out") == 0
    assert "done already, nothing to do" in capsys.readouterr().err


@pytest.mark.slow
def test_json_is_one_object(folder, capsys):
    assert main(["resume", str(folder), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["points"], content["runs"], content["failed"], content["left"]) == (3, 6, 0, 0)
    assert content["complete"]
    assert content["done_already"]
    assert content["summary"][1]["outcomes"]["rd_expenditure"]["mean"] > 0.0


def test_dry_run_writes_nothing(tmp_path, capsys):
    assert sweep(tmp_path / "out", "--dry-run", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["points"], content["runs"], content["done"]) == (3, 6, 0)
    assert content["seconds"] > 0.0
    assert content["bytes"] > 0
    assert not (tmp_path / "out").exists()


def test_what_is_recorded_and_not_kept_is_said_once_and_first(tmp_path, capsys):
    options = ("--dry-run", "--set", "record.firms=true")
    assert sweep(tmp_path / "out", *options) == 0
    first = capsys.readouterr().err.splitlines()[0]
    assert first.startswith("note: the base records firms, which is not kept")
    assert sweep(tmp_path / "out", *options, "-q") == 0
    assert "note" not in capsys.readouterr().err
    with pytest.warns(UserWarning, match=r"^the base records firms, which is not kept") as found:
        ydsim.sweep(
            "ten_firms",
            {"record.firms": True, "end": 2011, "parameters.population.burn_in": 0,
             "parameters.population.burn_in_ties": 0},
            vary=["parameters.invest.intensity=0.01"],
            out=tmp_path / "out",
        )  # fmt: skip
    assert len(found) == 1


@pytest.mark.slow
def test_dry_run_knows_what_is_done(folder, capsys):
    assert sweep(folder, "--dry-run", vary=("--vary", "parameters.invest.intensity=0.01,0.02")) == 0
    assert "2 points, 4 runs in 4 parts, 4 done already" in capsys.readouterr().out


@pytest.mark.slow
def test_verbs_on_the_folder(folder, capsys):
    assert main(["status", str(folder)]) == 0
    assert "complete; 6 of 6 runs done" in capsys.readouterr().out
    assert main(["verify", str(folder), "--recompute", "1"]) == 0
    assert "ok, 6 runs, 1 run computed again and equal" in capsys.readouterr().out
    assert main(["compact", str(folder)]) == 0
    assert capsys.readouterr().out.endswith("6 parts became 1\n")
    assert main(["export", str(folder), "--table", "runs"]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    run = dict(zip(head.split(","), first.split(","), strict=True))["run"]
    assert main(["replay", str(folder), "--run", run]) == 0
    assert capsys.readouterr().out.endswith("every table is as stored\n")


@pytest.mark.slow
def test_a_damaged_part_is_found_and_mended(folder, capsys):
    part = folder / "series" / "part-000002.parquet"
    sound = part.read_bytes()
    part.write_bytes(sound[:-1] + b"?")
    assert main(["verify", str(folder)]) == 5
    assert "part-000002.parquet: is damaged" in capsys.readouterr().err
    assert main(["resume", str(folder), "-q"]) == 0
    assert part.read_bytes() == sound


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ten_firms"], 2, "is a scenario; say what to vary: --vary KEY=FROM:TO:STEPS"),
        (["ten_firmz", *VARY], 4, "did you mean 'ten_firms'"),
        (["ten_firms", "--vary", "parameters.invest.intensit=1,2"], 3, "did you mean 'intensity'"),
        (["ten_firms", *VARY, "--jobs", "0"], 2, "jobs: expected a whole number from 1"),
        (["ten_firms", *VARY, "--jobs", "-1"], 2, "jobs: expected a whole number from 1"),
        (["ten_firms", *VARY, "--shard", "3/2"], 2, "shard: expected two numbers"),
        (["ten_firms", *VARY, "--shard", "x"], 2, "--shard x: expected I/N, as in 2/8"),
        (["ten_firms", *VARY, "--timeout-per-run", "0"], 2, "expected a positive and finite"),
        (["ten_firms", *VARY, "--timeout-per-run", "nan"], 2, "expected a positive and finite"),
        (["ten_firms", *VARY, "--max-failures", "-1"], 2, "max_failures: expected a whole"),
        (["ten_firms", *VARY, "--engine", "ray"], 2, "'ray' is not one of"),
        (["ten_firms", *VARY, "--engine", "pool", "--scheduler", "tcp://x:1"], 2,
         "a scheduler is for the engine dask, not for pool"),
        (["ten_firms", *VARY, "--engine", "process", "--jobs", "2"], 2, "2 jobs need a pool"),
        (["ten_firms", *VARY, "--replicates", "40000"], 3, "--max-runs"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else None,
)  # fmt: skip
def test_bad_input_is_one_line(tmp_path, capsys, arguments, code, message):
    assert main(["sweep", *arguments, "-o", str(tmp_path / "out")]) == code
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("verb", ["status", "resume", "verify", "compact"])
def test_verbs_refuse_what_is_no_sweep(tmp_path, capsys, verb):
    assert main([verb, str(tmp_path)]) == 5
    assert "is not a results folder of ydsim" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see run/limit.py
def test_a_failed_run_has_its_line_and_its_exit_code(tmp_path, capsys):
    assert sweep(tmp_path / "out", "--timeout-per-run", "0.001", "--engine", "process") == 1
    err = capsys.readouterr().err
    assert "failed in quarter 0: RunTimeoutError: took longer than 0.001 s" in err
    assert "6 of 6 runs failed: see" in err
    assert f"try them again with: ydsim resume {tmp_path / 'out'}" in err
    entry = json.loads((tmp_path / "out" / "failures.jsonl").read_text().splitlines()[0])
    assert main(["replay", str(tmp_path / "out"), "--run", entry["run"]]) == 0
    assert "not stored in" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pool", "dask"])
def test_a_script_needs_no_main_guard(tmp_path, finished, engine):
    script = tmp_path / "script.py"
    short = {text.split("=")[0]: int(text.split("=")[1]) for text in SHORT[1::2]}
    script.write_text(
        "import ydsim\n"
        f"r = ydsim.sweep('ten_firms', {short}, vary=['{VARY[1]}'], replicates=2, jobs=2,\n"
        f"                engine='{engine}', out='out')\n"
        "print(len(r.runs), r.manifest['complete'], __file__[-9:])\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "6 True script.py\n"
    assert done.stderr == ""
    for table in ("runs", "series"):
        for path in (finished / table).iterdir():
            assert (tmp_path / "out" / table / path.name).read_bytes() == path.read_bytes()


def test_run_knows_a_sweep(capsys):
    assert main(["run", "border_x_fund"]) == 2
    assert "is a sweep; run it with: ydsim sweep border_x_fund" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["resume", "compact"])
def test_verbs_on_sweeps_take_a_run_too(tmp_path, capsys, verb):
    command = ["run", "ten_firms", *SHORT, "-o", str(tmp_path / "run"), "--no-figures", "-q"]
    assert main([*command, "--replicates", "2"]) == 0
    figures = ["--no-figures"] if verb == "resume" else []
    assert main([verb, str(tmp_path / "run"), *figures]) == 0
    assert main(["verify", str(tmp_path / "run"), "--recompute", "2"]) == 0
    assert "2 runs computed again and equal" in capsys.readouterr().out
    assert main([*command, "--replicates", "3"]) == 0
    assert main(["verify", str(tmp_path / "run"), "--recompute", "3"]) == 0
    assert main([verb, str(tmp_path / "nowhere")]) == 5
    assert "there is no such results folder" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("named", "code", "said"),
    [
        (["--replicate", "1"], 0, "replicate 1, the last year"),
        (["--replicate", "7"], 2, "has no replicate 7; they count from 0 to 1"),
        (["--run", "x"], 2, "has no run 'x'"),
        ([], 2, "name one run, with --run ID or with --replicate K"),
    ],
)
def test_a_run_is_replayed_by_its_replicate(tmp_path, capsys, named, code, said):
    out = str(tmp_path / "run")
    assert main(["run", "ten_firms", *SHORT, "-o", out, "--no-figures", "--replicates=2"]) == 0
    capsys.readouterr()
    assert main(["replay", out, *named]) == code
    assert said in "".join(capsys.readouterr())


@pytest.mark.slow
def test_a_replicate_of_a_sweep_is_not_one_run(folder, capsys):
    assert main(["replay", str(folder), "--replicate", "1"]) == 2
    assert "has several points; name the run with --run ID" in capsys.readouterr().err


@pytest.mark.slow
def test_more_jobs_than_processors_are_told(folder, capsys, monkeypatch):
    import os

    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    assert main(["resume", str(folder), "--jobs", "1000"]) == 0
    assert "1000 jobs on 2 processors: 2 at once" in capsys.readouterr().err
