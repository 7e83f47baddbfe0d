"""Arrows between layers run down, and model code keeps to what is the same on every machine."""

import ast
import gc
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "ydsim"

FLOORS = [
    set(names.split())
    for names in (
        "errors typing packaged parameter wording fmt translation memory arguments frozen "
        "untrusted_input",
        "noise measures world",
        "policies agents",
        "scenario processes record shocks",
        "model",
        "design engines",
        "store",
        "results explain",
        "run",
        "plots",
        "plot",
        "studies",
        "report",
        "explorer",
        "cli",
    )
]
FLOOR = {part: height for height, floor in enumerate(FLOORS) for part in floor}
MODEL_CODE = {"noise.py", "model.py"}
MODEL_CODE |= {"agents", "measures", "policies", "processes", "record", "shocks", "world"}
FILES = sorted(PACKAGE.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


@cache
def imports_of(path: Path, *, types: bool = True) -> tuple[tuple[int, str], ...]:
    return tuple(imports(nodes_of(path), path, types=types))


@pytest.fixture(scope="module", autouse=True)
def _forget():
    """Let the trees go at the end: they are many objects, none of them garbage before."""
    gc.disable()
    yield
    gc.enable()
    for kept in (tree_of, nodes_of, imports_of):
        kept.cache_clear()


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    name = name_of(path).removesuffix(".py")
    return name if name in FLOOR else name.split("/")[0]


def part_named(name: str) -> str:
    """The part to which what is imported by a dotted name belongs, empty for other packages."""
    top, *rest = name.split(".")
    if top != "ydsim" or not rest:
        return ""
    inner = "/".join(rest[:2])
    return inner if inner in FLOOR else rest[0]


def for_types_only(nodes: Iterable[ast.AST]) -> set[ast.AST]:
    """All that is under ``if TYPE_CHECKING:``."""
    blocks = [n for n in nodes if isinstance(n, ast.If)]
    blocks = [n for n in blocks if ast.unparse(n.test).endswith("TYPE_CHECKING")]
    return {inner for n in blocks for line in n.body for inner in ast.walk(line)}


def imports(
    nodes: Sequence[ast.AST], here: Path, *, types: bool = True
) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that is imported, also inside functions and for types only."""
    skipped = set() if types else for_types_only(nodes)
    for node in nodes:
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = here.relative_to(PACKAGE.parent).parts[: -node.level]
                base = ".".join([*above, base]).rstrip(".")
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def model_files() -> list[Path]:
    """All files of the model."""
    return [path for path in FILES if path.relative_to(PACKAGE).parts[0] in MODEL_CODE]


def test_importing_the_package_imports_nothing_of_it():
    code = "import sys, ydsim; print(*sorted(m for m in sys.modules if m.startswith('ydsim')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ydsim"]


def test_every_part_has_a_floor():
    parts = {part_of(path) for path in FILES} - {"__init__", "__main__"}
    assert parts <= set(FLOOR), parts - set(FLOOR)


def test_no_arrow_runs_up():
    wrong = []
    for path in FILES:
        part = part_of(path)
        if part not in FLOOR:
            continue
        for line, name in imports_of(path):
            other = part_named(name)
            if other in FLOOR and FLOOR[other] > FLOOR[part]:
                wrong.append(f"{name_of(path)}:{line} imports {name}")
    assert wrong == []


def test_parts_of_one_floor_do_not_turn_in_circles():
    arrows: dict[str, set[str]] = {}
    for path in FILES:
        for _, name in imports_of(path):
            other = part_named(name)
            if other in FLOOR and part_of(path) in FLOOR and other != part_of(path):
                arrows.setdefault(part_of(path), set()).add(other)

    def reach(part: str, seen: frozenset[str]) -> set[str]:
        found = set()
        for other in sorted(arrows.get(part, ())):
            if other not in seen:
                found |= {other} | reach(other, seen | {other})
        return found

    assert [part for part in sorted(arrows) if part in reach(part, frozenset())] == []


def test_modules_do_not_turn_in_circles():
    """Not by imports inside functions either; those for types alone never run."""
    modules = {
        "ydsim."
        + name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path
        for path in FILES
    }
    graph: dict[str, list[str]] = {}
    for module, path in modules.items():
        names = [name for _, name in imports_of(path, types=False)]
        found = [n if n in modules else n.rpartition(".")[0] for n in names]
        graph[module] = sorted({n for n in found if n in modules and n != module})
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join([*trail, module])
        if module not in done:
            for other in graph[module]:
                visit(other, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_who_goes_through_the_front_door_is_listed():
    """`import ydsim` in a room leads anywhere, so it is kept to two reasons.

    `store.manifest` reads the version; `Results.plot` is short for `ydsim.plot.draw`, above it.
    """
    lower = {part for floor in FLOORS[: FLOORS.index({"plots"})] for part in floor}
    through = [
        name_of(path)
        for path in FILES
        for _, name in imports_of(path)
        if name == "ydsim" and part_of(path) in lower
    ]
    assert sorted(through) == ["results/results.py", "store/manifest.py"]


@pytest.mark.parametrize(
    ("part", "of", "allowed"),
    [
        ("measures", "ydsim.", "typing|measures"),
        ("processes", "ydsim.policies.", "environment|base|channels|fold|schemes"),
    ],
)
def test_measures_know_arrays_and_processes_no_policy(part, of, allowed):
    wrong = [
        f"{name_of(path)}:{line} imports {name}"
        for path in FILES
        if part_of(path) == part
        for line, name in imports_of(path)
        if name.startswith(of) and not re.match(rf"{of}({allowed})\b", name)
    ]
    assert wrong == []


def nodes_where(said: Callable[[ast.AST], Iterable[str]]) -> list[str]:
    """Places in files of the model where something is said of a node, with what is said."""
    return [
        f"{name_of(path)}:{node.lineno} {what}"
        for path in model_files()
        for node in nodes_of(path)
        for what in said(node)
    ]


def imports_where(banned: Callable[[str], bool]) -> list[str]:
    """Places in files of the model where a name that is banned is imported."""
    return [
        f"{name_of(path)}:{line} imports {name}"
        for path in model_files()
        for line, name in imports_of(path)
        if banned(name)
    ]


def test_no_clock_and_no_other_source_of_chance():
    def chance(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("np.random"):
            yield "np.random"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("hash", "id"):
            yield f"{ast.unparse(node.func)}()"

    forbidden = ("time.", "datetime.", "random.", "secrets.", "uuid.", "os.", "numpy.random.")
    assert imports_where(lambda name: f"{name}.".startswith(forbidden)) == []
    assert nodes_where(chance) == []


def test_no_blas():
    """Sums of products by BLAS depend on the machine and the number of threads."""
    calls = ("dot", "matmul", "inner", "outer", "tensordot", "vdot", "linalg", "corrcoef", "cov")

    def product(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
            yield "@"
        if isinstance(node, ast.Attribute) and node.attr in calls:
            yield f".{node.attr}"
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.einsum":
            yield from (f"einsum({k.arg}=)" for k in node.keywords if k.arg == "optimize")

    assert imports_where(lambda name: "linalg" in name) == []
    assert nodes_where(product) == []


def test_sorts_are_stable():
    """`np.unique` and `np.lexsort` have one answer; the sorts of arrays must say stable.

    So has a sort of integers by value: that of `sort_integers`, which refuses all else.
    """

    def unstable(node: ast.AST) -> Iterator[str]:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return
        text, name = ast.unparse(node.func), node.func.attr
        if name in ("argpartition", "partition") and text.startswith("np."):
            yield text
        if name == "argsort" or text == "np.sort" or (name == "sort" and "np" not in text):
            kinds = [ast.unparse(k.value) for k in node.keywords if k.arg == "kind"]
            if kinds != ["'stable'"]:
                yield f"{text} without kind='stable'"

    one_answer = r"measures/groups\.py:\d+ values\.sort "
    assert [found for found in nodes_where(unstable) if not re.match(one_answer, found)] == []


def is_set(node: ast.AST) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("set", "frozenset")


def test_no_set_is_walked():
    takes = ("list", "tuple", "enumerate", "np.array", "np.fromiter", "zip")

    def walked(node: ast.AST) -> list[ast.AST]:
        if isinstance(node, ast.For):
            return [node.iter]
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
            return [generator.iter for generator in node.generators]
        if isinstance(node, ast.Call) and ast.unparse(node.func) in takes:
            return list(node.args)
        return []

    assert nodes_where(lambda node: [ast.unparse(w) for w in walked(node) if is_set(w)]) == []


def test_the_checks_see_what_they_look_for():
    assert len(model_files()) > 50
    bad = ast.parse("from ydsim.model import Model\nimport time\na @ b\nx.argsort()\nlist({1})")
    assert "ydsim.model.Model" in [
        n for _, n in imports(list(ast.walk(bad)), PACKAGE / "agents" / "x.py")
    ]
    relative = ast.parse("from ..model import Model")
    assert [n for _, n in imports(list(ast.walk(relative)), PACKAGE / "agents" / "x.py")] == [
        "ydsim.model.Model"
    ]
    assert is_set(ast.parse("{1}").body[0].value)
