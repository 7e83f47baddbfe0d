"""The pages on sweeps name commands that parse, and files and columns that a sweep writes."""

import ast
import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

import ydsim
from tests.support.pages import DOCS, cards, listed, page, rows, section, types
from ydsim.cli.app import GROUPS, VERBS, command
from ydsim.record.indicators import INDICATORS, RECORDED
from ydsim.results.results import Results
from ydsim.store.tables import from_parquet

PAGES = ["../README.md", *sorted(path.name for path in DOCS.glob("*.md"))]
OF_DASK = {
    "--host", "--port", "--nthreads", "--nworkers", "--memory-limit", "--no-nanny", "--name",
    "--protocol", "--no-dashboard",
}  # fmt: skip
OF_SLURM = {
    "--job-name", "--array", "--ntasks", "--cpus-per-task", "--mem-per-cpu", "--time", "--signal",
    "--requeue", "--open-mode", "--output",
}  # fmt: skip
KEPT = (
    "generations", "passports", "adoption_curves", "funnel", "contracts", "knowledge", "ledger",
    "policy_costs", "policy_results",
)  # fmt: skip
LOOSE = ("adoption", "ties", "agents")
SMALL = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 4}
SWEEP = {
    "name": "tiny",
    "base": "synthetic",
    "set": SMALL,
    "replicates": 1,
    "design": {"kind": "grid", "factors": {"parameters.border.exposure": [0.3, 0.6]}},
    "record": {"cities": 1, "tables": list(KEPT), **dict.fromkeys(LOOSE, True)},
}


def commands(name: str) -> list[str]:
    """Return what a page shows behind a prompt or in a script, each on one line."""
    text = page(name).replace("\\\n", " ")
    found = re.findall(r"^ *(?:\$|exec) (ydsim .+)$", text, flags=re.MULTILINE)
    return [re.sub(r"\$\w+", "1", line) for line in found]


def parsed(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the verb, with the word of a group, and the arguments of a command."""
    of_group = len(words) > 1 and words[1] in GROUPS.get(words[0], ())
    return " ".join(words[: 1 + of_group]), list(words[1 + of_group :])


def options(verb: str) -> set[str]:
    paths = [f"{verb} {word}" for word in GROUPS[verb]] if verb in GROUPS else [verb]
    return {name for path in paths for param in command(path).params for name in param.opts}


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "tiny.yaml").write_text(json.dumps(SWEEP), encoding="utf-8")
    return ydsim.sweep(folder / "tiny.yaml", out=folder / "tiny")


def stored(results: Results, name: str) -> dict[str, str]:
    """Return the types of the columns of a file in the folder."""
    path = Path(str(results.path)) / name
    return types(from_parquet(path.read_bytes(), path))


@pytest.mark.parametrize("name", PAGES)
def test_commands_on_a_page_parse(name):
    for line in commands(name):
        path, args = parsed(shlex.split(line, comments=True)[1:])
        if path == "--version" or args == ["--help"]:
            continue
        assert path.split()[0] in VERBS, line
        for end in ("|", ">"):
            args = args[: args.index(end)] if end in args else args
        command(path).make_context(path, args)  # raises where an option does not exist


def test_commands_are_found():
    assert len(commands("sweeps.md")) > 15
    assert any('--shard "1/1"' in line for line in commands("clusters.md"))


def test_a_command_that_does_not_exist_is_noticed():
    with pytest.raises(Exception, match="No such option: --shards"):
        command("sweep").make_context("sweep", ["x.yaml", "--shards", "1/2"])


@pytest.mark.parametrize("name", ["sweeps.md", "clusters.md"])
def test_options_that_are_named_exist(name):
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page(name)))
    known = set().union(*map(options, VERBS)) | OF_DASK
    assert named - known - (OF_SLURM if name == "clusters.md" else set()) == set()


def test_every_option_of_a_sweep_is_named():
    said = page("sweeps.md") + page("clusters.md")
    for verb in ("sweep", "resume", "verify"):
        long = {name for name in options(verb) if name.startswith("--")}
        assert {name for name in long if name not in said} <= {"--output", "--json", "--quiet"}


@pytest.mark.parametrize("name", ["sweeps.md", "clusters.md"])
def test_python_on_a_page_parses(name):
    found = blocks(name, "python")
    assert found
    for text in found:
        ast.parse(text)
        for attribute in re.findall(r"\bydsim\.([a-z]\w*)\(", text):
            assert hasattr(ydsim, attribute)


@pytest.mark.parametrize("name", ["sweeps.md", "clusters.md", "results.md"])
def test_links_lead_somewhere(name):
    for target, anchor in re.findall(r"\]\(([\w.]*)(?:#([\w-]+))?\)", page(name)):
        text = page(target or name)
        headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
        assert not anchor or anchor in slugs, (target, anchor)


@pytest.mark.slow
@pytest.mark.parametrize("table", [*KEPT, *LOOSE])
def test_tables_of_a_sweep_have_run_in_place_of_point_and_replicate(results, table):
    found = stored(results, f"{table}/part-000000.parquet")
    provinces = results.manifest["regions"][:-1]
    short = {f"{s}_{p}": f"{s}_<province>" for s in ("adopters", "eligible") for p in provinces}
    found = {short.get(name, name): kind for name, kind in found.items()}
    assert found.pop("run") == "text"
    stated = {name: card[0] for name, card in cards(f"`{table}`").items()}
    del stated["point"], stated["replicate"]
    assert list(found.items()) == list(stated.items())
    assert list(results.raw(table))[:3] == ["point", "replicate", "run"]


@pytest.mark.slow
@pytest.mark.parametrize(("table", "level"), [("series", "region"), ("city_series", "city")])
def test_wide_tables_of_a_sweep(results, table, level):
    found = list(stored(results, f"{table}/part-000000.parquet"))
    levels = {level, "province"} - ({"province"} if level == "city" else set())
    there = [name for name, i in RECORDED.items() if levels & set(i.levels)]
    assert found == ["run", *listed(f"`{table}`")[2:], *there]


@pytest.mark.slow
def test_runs_design_and_plan_of_a_sweep(results):
    runs = stored(results, "runs/part-000000.parquet")
    stated = cards("`runs`")
    named = [name for name in stated if not name.startswith("one column")]
    region = [name for name, i in INDICATORS.items() if "region" in i.levels]
    assert list(runs) == [*named, *sorted(region, key=lambda n: n not in RECORDED)]
    assert all(runs[name] == stated[name][0] for name in named)
    design = stored(results, "design.parquet")
    stated = cards("`design`")
    named = [name for name in stated if not name.startswith("one column")]
    assert [name for name in design if name != "parameters.border.exposure"] == named
    assert all(design[name] == stated[name][0] for name in named)
    plan = cards("`plan`")
    assert stored(results, "plan.parquet") == {name: card[0] for name, card in plan.items()}


def keys(heading: str, header: str) -> set[str]:
    """Return the keys in the table under a heading whose first column has this header."""
    text = section(page("results.md"), heading)
    block = re.search(rf"^\| {header} \|.*\n(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert block
    return set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows(block[0]))))


@pytest.mark.slow
def test_keys_of_the_manifest(results, tmp_path):
    run = ydsim.simulate("synthetic", SMALL, out=tmp_path / "run")
    for folder in (run.path, results.path):
        written = json.loads((Path(str(folder)) / "manifest.json").read_text(encoding="utf-8"))
        assert keys("The folder", "key") == set(written)


@pytest.mark.slow
def test_keys_of_receipts(results, tmp_path):
    found: set[str] = set()
    ydsim.simulate("synthetic", SMALL, out=tmp_path / "run")
    for folder in (tmp_path / "run", Path(str(results.path))):
        text = (folder / "runs" / "part-000000.json").read_text(encoding="utf-8")
        found |= set(json.loads(text))
    assert keys("Receipts", "key of a receipt") == found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_keys_of_failures(tmp_path):
    (tmp_path / "tiny.yaml").write_text(json.dumps(SWEEP), encoding="utf-8")
    results = ydsim.sweep(
        tmp_path / "tiny.yaml", out=tmp_path / "tiny", engine="process", timeout_per_run=1e-3
    )
    first = (tmp_path / "tiny" / "failures.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert len(results.failures) == 2
    assert keys("Failures", "key of a failure") == set(json.loads(first))


@pytest.mark.slow
def test_indicators_of_runs_do_not_depend_on_the_series_that_are_kept(results, tmp_path):
    thin = {**SWEEP, "record": {"series": 0}}
    (tmp_path / "thin.yaml").write_text(json.dumps(thin), encoding="utf-8")
    found = ydsim.sweep(tmp_path / "thin.yaml", out=tmp_path / "thin")
    both = [r.runs.drop(columns="run") for r in (results, found)]
    assert both[0].equals(both[1])
