"""What is published: wheel and sdist work without the repository, and versions agree.

The wheel is installed beside nothing but its declared dependencies, so that a file that only the
repository has, or a package that nobody declared, is missed here and not by a user.
"""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

import ydsim

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINES_OF_A_VERSION = 40
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def call(*words: object, cwd: Path) -> str:
    """Return what a program prints, without the paths of this process."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "YDSIM"))}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=kept,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(project: Path, kind: str, folder: Path) -> Path:
    """Return the only file that a build of a kind leaves in a folder."""
    call(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder, cwd=project)
    (made,) = folder.iterdir()
    return made


def contents(wheel: Path) -> dict[str, int]:
    """Return the checksum of each file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist()}


def declared() -> set[str]:
    """Return the distributions that the project needs, with what these need, without extras."""
    found: set[str] = set()
    waiting = list(PROJECT["dependencies"])
    while waiting:
        wish = Requirement(waiting.pop())
        name = canonicalize_name(wish.name)
        if name not in found and (not wish.marker or wish.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += distribution(name).requires or []
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling", reason="the extra test is not installed anew")
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The command of the wheel in an environment that has declared dependencies alone."""
    folder = tmp_path_factory.mktemp("fresh")
    call(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    for name in declared():
        whole = distribution(name)
        tops = {path.parts[0] for path in whole.files or []} - {"..", "__pycache__"}
        for top in tops:
            if not (site / top).exists():
                (site / top).symlink_to(whole.locate_file(top))
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    call(*pip, "install", "-q", "--no-index", "--no-deps", wheel, cwd=folder)
    return python.with_name("ydsim")


@pytest.mark.slow
@pytest.mark.all_versions
def test_a_wheel_works_without_the_repository(installed, tmp_path):
    def ydsim_prints(*words: str) -> str:
        return call(installed, *words, cwd=tmp_path)

    assert ydsim_prints("--version") == f"ydsim {ydsim.__version__}\n"
    listed = ydsim_prints("list", "scenarios") + ydsim_prints("list", "sweeps")
    shipped = [path.stem for path in (ROOT / "scenarios").rglob("*.yaml")]
    assert shipped
    assert [name for name in shipped if name not in listed] == []
    small = ("--set", "scale=0.01", "--set", "end=2012", "--replicates", "2", "-j", "2")
    ydsim_prints("run", "baseline", *small, "-o", "run", "--no-figures")
    ydsim_prints("report", "run", "-o", "page.html")
    ydsim_prints("--lang", "zh", "report", "run", "-o", "zh.html")
    english, chinese = (
        (tmp_path / name).read_text(encoding="utf-8") for name in ("page.html", "zh.html")
    )
    assert '<img src="data:image' in english
    assert not re.search(r"[一-鿿]", english)
    assert re.search(r"[一-鿿]", chinese)
    ydsim_prints("world", "new", "region", "--provinces", "North,South", "--cities", "2")
    ydsim_prints("world", "check", "region")


@pytest.mark.slow
def test_a_wheel_has_every_file_of_the_package_and_no_other(wheel):
    asked = ("git", "ls-files", "src/ydsim", "scenarios")
    try:
        kept = call(*asked, cwd=ROOT).splitlines()
    except (FileNotFoundError, AssertionError):
        pytest.skip("no clone")
    expected = {
        name.removeprefix("src/") if name.startswith("src/") else f"ydsim/{name}" for name in kept
    }
    assert {name for name in contents(wheel) if ".dist-info/" not in name} == expected


@pytest.mark.slow
def test_an_sdist_makes_the_same_wheel(wheel, tmp_path):
    archive = build(ROOT, "sdist", tmp_path / "sdist")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    folder = tmp_path / archive.name.removesuffix(".tar.gz")
    assert contents(build(folder, "wheel", tmp_path / "again")) == contents(wheel)
    for name in ("CONTRIBUTING.md", "constraints.txt", "results/gallery/overview.png", ".ci/run"):
        assert (folder / name).is_file(), name


def test_the_version_is_the_same_everywhere():
    cited = YAML(typ="safe").load(ROOT / "CITATION.cff")
    versions = changes()
    assert {PROJECT["version"], cited["version"], next(iter(versions))} == {ydsim.__version__}
    assert cited["license"] == PROJECT["license"]


def changes() -> dict[str, list[str]]:
    """Return the lines on each version of the changelog, newest first."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    return {part.split()[0]: part.strip().splitlines()[1:] for part in parts}


def test_what_changed_in_a_version_is_one_screen():
    longest = {version: len(lines) for version, lines in changes().items()}
    assert {v: n for v, n in longest.items() if n > LINES_OF_A_VERSION} == {}


def test_readme_needs_no_page_beside_it():
    """An index of packages shows README alone: of the repository it may show one picture."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"(!?)\[[^]]*\]\(([^)]+)\)", text)
    beside = [(mark, link) for mark, link in links if not link.startswith(("https://", "#"))]
    assert beside == [("!", "results/gallery/effects.png")]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_command_scenario_and_version(path):
    form = YAML(typ="safe").load(path)
    asked = {field.get("id"): field for field in form["body"]}
    for word in ("command", "scenario", "version"):
        assert asked[word]["validations"]["required"] is True
    assert "ydsim --version" in asked["version"]["attributes"]["description"]


def test_there_are_three_forms():
    assert [path.stem for path in FORMS] == ["bug", "question", "rule"]
