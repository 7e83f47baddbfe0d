"""What cannot be done is one line with an exit code of its kind, and leaves nothing behind."""

from pathlib import Path

import pytest

from tests.support import fake_channels, fake_run
from tests.support import fake_sweep as fake
from tests.support.sweep_files import BASE, stand_in
from ydsim.plots.drawing import MOST_WIDTH

DRAWN = "map"
"""A figure for which the fake run has the data."""

BIG = "x" * 5000
VARY = "--vary parameters.invest.intensity=0.01:0.03:3"

CASES = [
    # the command itself
    ("chek", 2, "'check'"),
    ("xyzzy", 2, "run, sweep"),
    ("'a\x1b[31mb\n'", 2, "'a\\x1b[31mb\\n'"),
    ("--verson", 2, "'--version'"),
    ("-q run", 2, "'-q'"),
    ("study bottlenek", 2, "'bottleneck'"),
    ("study --outcome launches", 2, "'--outcome'"),
    ("show", 2, "'SCENARIO'"),
    ("show baseline --set scale", 2, "KEY=VALUE"),
    ("run baseline --scale 0.02", 2, "--set scale=0.02"),
    ("run baseline --scale", 2, "--set scale=VALUE"),
    ("run baseline --policy rd_grants", 2, "--set policies.rd_grants.strength=1"),
    ("show basline", 4, "'baseline'"),
    ("check", 2, "'FILE...'"),
    ("check --schema sweeps", 2, "sweep"),
    ("list polices", 2, "policies"),
    # explain
    ("explain rd_grant", 2, "'rd_grants'"),
    ("explain parameters.border.joint_wrok", 2, "'parameters.border.joint_work'"),
    ("explain lauches", 2, "'launches'"),
    ("explain no.such.Policy", 2, "code from outside"),
    ("explain ''", 2, "name"),
    ("explain '[red]中文$x%s[/red]'", 2, "'[red]中文$x%s[/red]'"),
    ("export '[red]中文$x%s[/red]'", 5, "[red]中文$x%s[/red]"),
    *((f"{verb} {BIG}", code, f"{BIG[:40]}")
      for verb, code in [("", 2), ("explain", 2), ("list", 2), ("list tables", 2), ("export", 2),
                         ("export run --format", 2), ("export run --table", 2), ("status", 6),
                         ("show", 4), ("world check", 4), ("run a.yaml --set", 2), ("study", 2)]),
    (f"run a.yaml --{BIG}", 2, BIG[:40]),
    ("explain no.such.Policy --allow-code", 2, "ModuleNotFoundError"),
    # worlds
    ("world new x --from yrd --cities 2", 2, "--cities"),
    ("world new /proc/zz", 6, "/proc/zz"),
    ("world check yrd", 2, "ydsim world new"),
    ("world fit yrd", 2, "ydsim world new"),
    # run and sweep
    ("run a.yaml --replicates=0", 2, "--replicates"),
    ("run a.yaml -o empty", 5, "empty"),
    ("run border_x_fund", 2, "ydsim sweep border_x_fund"),
    ("sweep ten_firms", 2, "--vary"),
    (f"sweep ten_firmz {VARY}", 4, "'ten_firms'"),
    (f"sweep ten_firms {VARY} --jobs 0", 2, "jobs"),
    (f"sweep ten_firms {VARY} --shard 3/2", 2, "shard"),
    (f"sweep ten_firms {VARY} --engine pool --scheduler tcp://x:1", 2, "pool"),
    (f"sweep ten_firms {VARY} --engine process --jobs 2", 2, "2 jobs"),
    (f"sweep ten_firms {VARY} --replicates 40000", 3, "--max-runs"),
    *((f"{verb} {folder}", 5, folder) for verb in ("status", "resume", "verify")
      for folder in ("empty", "nowhere")),
    # plot, report, export
    ("plot", 2, "--list"),
    ("plot run --kind funel", 2, "'funnel'"),
    ("plot run --dpi 5", 2, "36 to 1200"),
    ("plot run run", 2, "-o"),
    *((f"plot run -o x.{ending}", 2, "png, svg, pdf") for ending in ("jpg", "docx")),
    ("plot run -o x.png --format svg", 2, "--format svg"),
    ("plot run --format svg --dpi 90", 2, "dpi"),
    (f"plot run --kind {DRAWN} --indicator ideas", 2, "ideas"),
    (f"plot run --kind {DRAWN} --indcator ideas", 2, "--indicator"),
    (f"plot run --kind {DRAWN} --dpi 1200 --width {MOST_WIDTH}", 2, "million pixels"),
    (f"plot linked --kind {DRAWN}", 5, "figures"),
    ("report spans", 2, "spans:0 spans:1"),
    *((f"{line} spons", 5, "'spans'") for line in ("report", "compare a.yaml")),
    *((f"{line} spons", 5, "spons") for line in ("plot", "export")),
    ("report empty", 5, "manifest.json"),
    ("report spans:0 -o .", 2, "-o"),
    ("report spans:0 -o link.html", 5, "link.html"),
    ("export run --table provnce_year", 2, "province_year"),
    ("export run --format duckdb", 2, "duckdb"),
    ("export run -o .", 2, "."),
    ("export run -o nowhere/x.csv", 6, "nowhere/x.csv"),
    ("export run -o x.xlsx --format csv", 2, ".xlsx"),
    ("export run -o x.duckdb", 2, ".parquet"),
    ("export none --out x.csv", 2, "'--output'"),
    ("verify run --rerun 7", 2, "0 to 2"),
    (f"verify run --rerun {'9' * 5000}", 2, f"no run '{'9' * 40}"),
    ("verify run --rerun 1 --recompute 1", 2, "--recompute"),
    ("verify spans --rerun 1", 2, "several points"),
    ("resume run -n --jobs 0", 2, "jobs"),
    ("resume run -n --shard 9/3", 2, "shard"),
    # compare
    ("compare a.yaml b.yaml -n --jobs 0", 2, "jobs"),
    ("compare a.yaml other.yaml", 2, "other.yaml cannot be compared with a.yaml: seed 8"),
    ("compare a.yaml sweep.yaml", 2, "ydsim sweep"),
    ("compare a.yaml empty", 5, "empty"),
    ("compare a.yaml b.yaml --years x", 2, "years"),
    ("compare a.yaml b.yaml --years 2020:2015", 2, "write 2015:2020"),
    ("compare toy.yaml --policy rd_grnts", 2, "--with policies.rd_grants.strength=1"),
    ("sweep toy.yaml --vary end=2020年:2025:2", 2, "write 2020:2025:2"),
    ("sweep toy.yaml --vary scale=2:1:2", 3, "from 1 to 2"),
    *((f"run toy.yaml --set {key}={value}", 3, f"write {meant}") for key, value, meant in
      [("end", "2020年", 2020), ("end", "2020-05-01", 2020),
       ("policies.border_friction.start", "2015年5月", 2015.25),
       ("policies.border_friction.passes", "50%", 0.5)]),
    ("compare a.yaml b.yaml --outcome rd_expediture", 2, "'rd_expenditure'"),
    ("compare a.yaml b.yaml --outcome ''", 2, "--outcome"),
    ("compare a.yaml b.yaml --policy bonus", 2, "--policy"),
    ("compare a.yaml --with nokey=0.3", 3, "--with nokey=0.3: "),
    ("compare a.yaml --with cut:policies.bordr.level=0.3", 3, "--with policies.bordr"),
    ("compare a.yaml --set parameters.chain.span=0.2 --with parameters.chain.span=0.3", 2, "--set"),
    *((f"{verb} spans: {more}", 2, "spans:0") for verb, more in
      [("compare", "spans:1"), ("plot", "--list"), ("report", "spans:1")]),
    ("compare a.yaml --by channel", 2, "--policy"),
    ("compare a.yaml b.yaml --by channel --policy bonus", 2, "--policy"),
    ("compare a.yaml --by channel --policy bonus --force", 2, "--force"),
    ("compare toy.yaml --by channel --policy border_fricton", 2, "'border_friction'"),
    ("compare toy.yaml --by channel --policy border_friction "
     "--set policies.border_friction.channels=[good]", 3, "'goods'"),
    # studies
    ("study interactions --group money", 2, "--group money"),
    ("study interactions --outcome launchs", 2, "'launches'"),
    ("study sensitivity screening --outcome launches,launchs", 2, "'launches'"),
    ("study sensitivity spans --dry-run", 2, "--dry-run"),
    ("study bottleneck --only stagess", 2, "'stages'"),
    ("study optimise synthetic", 2, "--vary"),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Scenarios, a sweep, results of a run and of a sweep, and what others have left there."""
    here = tmp_path_factory.mktemp("here")
    text = BASE + "description: Scenario.\nparameters: {chain: {span: %s}}\n"
    sweep = "base: a.yaml\ndesign: {kind: grid, factors: {seed: [1]}}\n"
    files = {
        "a.yaml": text % 0.1, "b.yaml": text % 0.4, "other.yaml": BASE.replace(": 7", ": 8"),
        "sweep.yaml": sweep, "toy.yaml": fake_channels.BASE, "empty/diary.txt": "precious",
    }  # fmt: skip
    (here / "empty").mkdir()
    for name, content in files.items():
        (here / name).write_text(content, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch, fake.SweepModel)
        fake.run(here / "results" / "spans")
        for name in ("run", "linked"):
            fake_run.run(here / name)
    (here / "linked/figures").symlink_to(here / "empty")
    (here / "link.html").symlink_to("y.html")
    return here


@pytest.mark.parametrize(("line", "code", "near"), CASES, ids=[case[0][:60] for case in CASES])
def test_what_cannot_be_done_is_one_line(command, folder, monkeypatch, line, code, near):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("ydsim.run.replicate.default_model", fake.Refusing)  # nothing is run
    before = {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}
    said = command.refused(line, code=code)
    assert near in said
    assert len(said) < 1000
    assert {path: path.lstat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.parametrize(
    "line",
    [
        "run a.yaml -q -o mine",
        "study border-game baseline --set scale=0.005 -o mine",
        "study optimise synthetic --vary parameters.learn.rate=0.05:0.2 -o mine",
        "study sensitivity screening --results mine",
    ],
)
def test_a_folder_of_others_is_left_alone(command, line):
    Path("a.yaml").write_text(BASE, encoding="utf-8")
    Path("mine").mkdir()
    Path("mine/trials.csv").write_text("precious")
    assert "mine" in command(line, code=5)[1].splitlines()[-1]
    assert [path.name for path in Path("mine").iterdir()] == ["trials.csv"]
