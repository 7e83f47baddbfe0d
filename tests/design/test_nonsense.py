"""Whatever stands in a table of points or in `--vary`: a sweep, or an error of the user's."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ydsim.design.load import load_sweep
from ydsim.design.sweep import check_points
from ydsim.errors import YdsimError

WORDS = (
    "off", "on", "all", "half", "log", "policies", "policies.rd_grants", "policies..x", "scenario",
    "baseline", "governance", "parameters.chain", "parameters.chain.pace", "seed", "record.ties",
    "policies.rd_grants.rate", "policies.rd_grants.policy", "world", "scale", "name", "label",
    "set", "choices", "values", "from", "to", "steps", "step", "points", "file", "", ".",
    "points.csv",
)  # fmt: skip
FEW = settings(max_examples=50)


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "off", "on", "0.1", "1e400", ".nan", "nan", "true", "[1, 2]", "[1", "{rate: 0.1}",
         "{a", '"', "2020", "baseline", "closed_borders", "-", "!!x", "&a 1", "*a", "\u202e", ";"]
    ),
    st.text(max_size=4),
)  # fmt: skip


@pytest.mark.slow
@FEW
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
@FEW
@given(
    key=st.sampled_from(WORDS), value=st.one_of(CELLS, st.lists(CELLS, max_size=4).map(":".join))
)
def test_nonsense_in_vary(folder, key, value):
    with contextlib.suppress(YdsimError):
        check_points(load_sweep("baseline", vary=[f"{key}={value}"]))
