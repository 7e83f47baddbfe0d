"""The ODD pages and the page on results say what the code does: nothing missing, nothing extra."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ydsim
from tests.support.pages import DOCS, REFERENCE, model_pages, page, rows, section, submodels
from tools.odd import TABLES, draws, marks, parameters, variables
from ydsim.policies.environment import rules
from ydsim.scenario.schema.key_index import scenario_keys
from ydsim.scenario.schema.parameters import GovernanceParameters, Parameters

PACKAGE = Path(ydsim.__file__).parent
TESTS = Path(__file__).parents[1]
PAGES = model_pages()
TEXT = "\n".join(PAGES.values())
DISTRIBUTIONS = {"uniform": 1, "normal": 1, "exponential": 1, "bits": 1, "poisson": 2}
"""Methods of `Noise` and the position of their argument ``k``."""
NOISE = ("noise", "draws", "lasting")
"""Names under which a `Noise` is known in the code."""


def trees() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "noise.py":
            relative = path.relative_to(PACKAGE).as_posix()
            yield relative, ast.parse(path.read_text(encoding="utf-8"))


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield file, method name and node of every method call in the package."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield path, node.func.attr, node


def phases_of_code() -> set[str]:
    found = set()
    for _, method, node in calls():
        if method in ("phase", "_draws") and isinstance(node.args[0], ast.Constant):
            found.add(str(node.args[0].value))
    return found


def draws_of_code() -> set[str]:
    """Draws of the model; those by which results are measured move nothing in it."""
    found = set()
    for path, method, node in calls():
        if path.startswith("results/"):
            continue
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        named = isinstance(owner, ast.Name) and owner.id in NOISE
        if named and method in DISTRIBUTIONS:
            at = DISTRIBUTIONS[method]
            keywords = [word.value for word in node.keywords if word.arg == "k"]
            given = [*node.args[at : at + 1], *keywords]
            found.add(f"{path} {method} {ast.unparse(given[0]) if given else '0'}")
    return found


def described() -> list[str]:
    """Return the parameters that the pages on submodels describe, as often as they do."""
    return [
        key
        for text in submodels().values()
        for names in marks(text, "parameters")
        for key in parameters(names)
    ]


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_pages_can_be_read_in_half_an_hour():
    assert len(page("odd.md").split()) <= 6000
    long = {name: len(text.split()) for name, text in submodels().items()}
    assert {name: n for name, n in long.items() if n > 1500} == {}


def test_the_overview_lists_every_page_and_no_other():
    found = {path.relative_to(DOCS).as_posix() for path in (DOCS / "odd").iterdir()}
    assert found == {*submodels(), REFERENCE}


EVERY = {**{path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}, **PAGES}


@pytest.mark.parametrize("name", sorted(EVERY))
def test_links_lead_to_pages_and_headings(name):
    here = DOCS / name
    for path, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", EVERY[name]):
        target = (here.parent / path).resolve() if path else here
        assert target.exists(), path
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), (path, anchor)


@pytest.mark.parametrize("name", list(Parameters.model_fields))
def test_every_parameter_is_named_and_no_other(name):
    kind = Parameters.model_fields[name].annotation
    keys = set(kind.model_fields)
    named = [key.partition(".")[2] for key in described() if key.startswith(f"{name}.")]
    assert sorted(named) == sorted(keys)
    mentioned = set(re.findall(rf"(?<![\w.]){name}\.(\w+)", TEXT)) - {"py", "md"}
    of_state = {v.name for v in variables(TABLES[name][1])} if name in TABLES else set()
    assert mentioned <= keys | of_state  # some are names of tables too


def test_every_parameter_of_governance_is_named_and_no_other():
    keys = set(GovernanceParameters.model_fields)
    named = [key.partition(".")[2] for key in described() if key.startswith("governance.")]
    assert sorted(named) == sorted(keys)
    assert set(re.findall(r"(?<![\w./])governance\.(\w+)", TEXT)) - {"py", "md"} <= keys


def test_what_was_calibrated_is_said_among_patterns():
    said = section(page(REFERENCE), "Patterns and calibrated values")
    calibrated = {".".join(key.path[1:]) for key in scenario_keys() if key.mark == "calibrated"}
    assert calibrated
    assert {name for name in calibrated if f"`{name}`" not in said} == set()


def test_schedule_names_every_phase_of_a_step_in_order():
    tree = ast.parse((PACKAGE / "model.py").read_text(encoding="utf-8"))
    step = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "step")
    called = [
        node.func.attr
        for statement in step.body
        if isinstance(statement, ast.Expr) and isinstance(node := statement.value, ast.Call)
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "self"
    ]
    assert called[0] == "_begin"  # no phase: it clears what is left of the quarter before
    phases, table = called[1:], rows(section(page("odd.md"), "3. Process overview and scheduling"))
    assert [row[1].strip("`") for row in table] == phases
    assert [row[0] for row in table] == [str(i + 1) for i in range(len(phases))]


def test_files_that_are_named_exist():
    named = set(re.findall(r"`((?:\w+/)+\w+\.py)", TEXT))
    assert named
    roots = {name: TESTS.parent if name.startswith("tests/") else PACKAGE for name in named}
    assert [name for name in sorted(named) if not (roots[name] / name).is_file()] == []


@pytest.mark.slow
def test_the_table_of_draws_lists_every_phase_and_no_other():
    listed = {row[0].strip("`") for row in rows(section(page(REFERENCE), "Draws"))}
    assert listed == phases_of_code()


@pytest.mark.slow
def test_the_table_of_draws_lists_every_draw_and_no_other():
    listed = {row[-1].strip("`") for row in rows(section(page(REFERENCE), "Draws"))}
    assert listed == draws_of_code()


def test_every_draw_is_on_one_page_of_a_submodel():
    shown = [
        row
        for text in submodels().values()
        for asked in marks(text, "draws")
        for row in draws(asked)
    ]
    table = [row for row in rows(section(page(REFERENCE), "Draws")) if len(row) == 7]
    assert sorted(shown) == sorted(table)


@pytest.mark.slow
def test_draws_reach_noise_under_its_usual_name_only():
    """Else `draws_of_code` would overlook some: no other way to a method of `Noise`."""
    strange = [
        f"{path} {ast.unparse(node)}"
        for path, method, node in calls()
        if method in DISTRIBUTIONS and ast.unparse(node.func).split(".")[0] not in NOISE
    ]
    assert strange == []


def test_every_field_of_the_environment_is_listed_with_its_rule():
    table = rows(section(page(REFERENCE), "Policy environment"))
    found = {row[0].strip("`"): row[3] for row in table if row[0].strip("`") in rules()}
    assert found == rules()
