"""The pages on sweeps name commands that parse, and files and columns that a sweep writes."""

import ast
import re
import shlex
from collections.abc import Sequence
from operator import attrgetter

import pytest

import ydsim
import ydsim.cli as app
from tests.support.pages import DOCS, page
from ydsim.cli import GROUPS, VERBS, command

PAGES = ["../README.md", *sorted(path.name for path in DOCS.glob("*.md"))]
OF_DASK = {
    "--host", "--port", "--nthreads", "--nworkers", "--memory-limit", "--no-nanny", "--name",
    "--protocol", "--no-dashboard",
}  # fmt: skip
OF_SLURM = {
    "--job-name", "--array", "--ntasks", "--cpus-per-task", "--mem-per-cpu", "--time", "--signal",
    "--requeue", "--open-mode", "--output",
}  # fmt: skip


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


@pytest.mark.parametrize("name", PAGES)
def test_commands_on_a_page_parse(name):
    for line in commands(name):
        words = shlex.split(line, comments=True)[1:]
        app._language(words)  # which stands anywhere
        path, args = parsed(words)
        if path == "--version" or args == ["--help"]:
            continue
        assert path.split()[0] in VERBS, line
        for end in ("|", ">"):
            args = args[: args.index(end)] if end in args else args
        command(path).make_context(path, args)  # raises where an option does not exist


@pytest.mark.parametrize("name", ["sweeps.md", "sweep_files.md", "clusters.md"])
def test_options_that_are_named_exist(name):
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page(name)))
    known = set().union(*map(options, VERBS)) | OF_DASK
    assert named - known - (OF_SLURM if name == "clusters.md" else set()) == set()


def test_every_option_of_a_sweep_is_named():
    said = page("sweeps.md") + page("clusters.md")
    for verb in ("sweep", "resume", "verify"):
        long = {name for name in options(verb) if name.startswith("--")}
        assert {name for name in long if name not in said} <= {"--output", "--json", "--quiet"}


@pytest.mark.parametrize(
    "name", ["sweeps_python.md", "read_results.md", "clusters.md", "figures.md"]
)
def test_python_on_a_page_parses(name):
    found = blocks(name, "python")
    assert found
    for text in found:
        ast.parse(text)
        for path in re.findall(r"\bydsim\.(\w[\w.]*)\(", text):
            assert attrgetter(path)(ydsim)
