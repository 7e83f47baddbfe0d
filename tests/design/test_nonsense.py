"""Whatever stands in a sweep file, it is a sweep or an error of the user's, never one of ours."""

import contextlib
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ydsim.design.load import load_sweep
from ydsim.design.points import check_points
from ydsim.errors import YdsimError

PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text(encoding="utf-8")
SWEEPS = [
    json.loads(json.dumps(YAML(typ="safe").load(text)))
    for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
]
WORDS = (
    "off", "on", "all", "half", "log", "policies", "policies.rd_grants", "policies..x", "scenario",
    "baseline", "governance", "parameters.chain", "parameters.chain.pace", "seed", "record.ties",
    "policies.rd_grants.rate", "policies.rd_grants.policy", "world", "scale", "name", "label",
    "set", "choices", "values", "from", "to", "steps", "step", "points", "file", "", ".",
    "points.csv",
)  # fmt: skip
QUIET = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SCALARS = st.one_of(
    st.sampled_from(WORDS), st.sampled_from([None, True, False, 0, 1, -1, 2, 0.5, 1e300, 10**400])
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += places(value, (*path, key))
    elif isinstance(tree, list):
        for i, value in enumerate(tree):
            found += places(value, (*path, i))
    return found


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "off", "on", "0.1", "1e400", ".nan", "nan", "true", "[1, 2]", "[1", "{rate: 0.1}",
         "{a", '"', "2020", "baseline", "closed_borders", "-", "!!x", "&a 1", "*a", "\u202e", ";"]
    ),
    st.text(max_size=4),
)  # fmt: skip


@pytest.mark.slow
@QUIET
@given(
    heads=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=4),
    even=st.booleans(),
)
def test_nonsense_in_a_table(sweep, folder, heads, rows, even):
    if even:
        rows = [(row * 4)[: len(heads)] for row in rows]
    text = "\n".join(",".join(row) for row in [heads, *rows])
    (folder / "p.csv").write_text(text, encoding="utf-8", errors="replace")
    with contextlib.suppress(YdsimError):
        check_points(sweep("base: baseline\ndesign: {kind: list, file: p.csv}\n"))


@pytest.mark.slow
@QUIET
@given(
    key=st.sampled_from(WORDS), value=st.one_of(CELLS, st.lists(CELLS, max_size=4).map(":".join))
)
def test_nonsense_in_vary(folder, key, value):
    with contextlib.suppress(YdsimError):
        check_points(load_sweep("baseline", vary=[f"{key}={value}"]))


@pytest.mark.slow
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_nonsense(sweep, data):
    tree = copy.deepcopy(data.draw(st.sampled_from(SWEEPS)))
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(places(tree)[1:]))
        inner = tree
        for part in way:
            inner = inner[part]
        if isinstance(inner, dict) and data.draw(st.booleans()):
            inner[data.draw(st.sampled_from(WORDS))] = inner.pop(last)
        else:
            inner[last] = data.draw(TREES)
    with contextlib.suppress(YdsimError):
        check_points(sweep(json.dumps(tree), max_runs=2000))
