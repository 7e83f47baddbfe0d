"""Equal scenario, equal bytes; and what must not matter does not."""

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support import small
from tests.support.small import SHORT_CHAIN, columns_of, differing, same
from ydsim.store.tables import round_significant

CODE = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def model(*, burn_in=10, parameters=None, **options):
    return small.model(burn_in=burn_in, parameters={**SHORT_CHAIN, **(parameters or {})}, **options)


def run(**options):
    return model(**options).run()


def both(m):
    return m.recorder.tables(), columns_of(m.state)


def differing_columns(a, b):
    everything = {**a, **b}
    return [k for k in everything if k not in a or k not in b or not same(a[k], b[k])]


def assert_equal(a, b):
    assert differing(a[0], b[0]) == []
    assert differing_columns(a[1], b[1]) == []


@pytest.fixture(scope="module")
def plain():
    return both(run())


def test_equal_seeds_give_equal_bytes(plain):
    assert_equal(plain, both(run()))


def test_a_copy_goes_on_like_the_original():
    m = model(years=1)
    m.step()
    other, stored = copy.deepcopy(m), pickle.loads(pickle.dumps(m.state))
    assert_equal(({}, columns_of(m.state)), ({}, columns_of(stored)))
    assert_equal(both(m.run()), both(other.run()))


def test_other_seeds_and_replicates_differ(plain):
    others = [run(seed=2), run(replicate=1), run(seed=2, replicate=1)]
    tables = [plain[0], *(m.recorder.tables() for m in others)]
    for i, a in enumerate(tables):
        for b in tables[i + 1 :]:
            assert "series.rd_expenditure" in differing(a, b)
            assert "series.launches" in differing(a, b)


def test_quarters_before_a_start_are_the_same_to_the_bit():
    ever, never = model(), model(policies={"rd_grants": {"rate": 0.3, "start": 2012.0}})
    for quarter in range(8):
        if quarter <= 4:
            assert_equal(both(ever), both(never))
        ever.step()
        never.step()
    assert "series.rd_grants" in differing(ever.recorder.tables(), never.recorder.tables())


def test_what_else_is_recorded_does_not_matter(plain):
    more = run(record={"firms": True, "projects": True, "city_contracts": True}).recorder.tables()
    assert set(more) - set(plain[0]) == {
        "firms", "firm_ties", "organisation_ties", "projects", "city_contracts",
    }  # fmt: skip
    assert differing(plain[0], {name: more[name] for name in plain[0]}) == []


def test_a_longer_run_begins_like_a_shorter_one():
    short, long = run(years=1), model(years=3)
    for _ in range(4):
        long.step()
    a, b = columns_of(short.state), columns_of(long.state)
    inputs = {"nation.intensity", "nation.official"}  # as many quarters as the run has
    exact = [k for k in a if not same(a[k], b[k]) and k not in inputs]
    assert exact == []


def in_process(variables):
    """Tables of a run in a process of its own, as raw bytes by column."""
    code = (
        "import pickle, sys\n"
        "from tests.support.small import scenario\n"
        "from ydsim.model import Model\n"
        "m = Model(scenario(years=1, scale=0.01, burn_in=8, world='yrd')).run()\n"
        "tables = m.recorder.tables()\n"
        "sys.stdout.buffer.write(pickle.dumps(tables))\n"
    )
    path = os.pathsep.join([str(CODE), str(CODE / "src")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, **variables},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return pickle.loads(done.stdout)


@pytest.fixture(scope="module")
def usual():
    return in_process({"PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "1"})


def test_hash_seeds_threads_and_places_do_not_matter(usual):
    variables = {"PYTHONHASHSEED": "3", "OPENBLAS_NUM_THREADS": "2", "TZ": "Asia/Shanghai"}
    assert differing(usual, in_process({**variables, "LC_ALL": "C"})) == []


def features():
    """Vector extensions that numpy found beyond its own baseline, newest last."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


@pytest.mark.parametrize("newest", [("AVX512", "X86_V4"), ("",)], ids=["no AVX512", "none"])
def test_vector_extensions_move_last_bits_only(usual, newest):
    without = " ".join(name for name in features() if name.startswith(newest))
    if not without:
        pytest.skip("this machine has none of them")
    other = in_process({"PYTHONHASHSEED": "1", "NPY_DISABLE_CPU_FEATURES": without})
    assert list(other) == list(usual)
    for name, table in usual.items():
        for column, values in table.items():
            moved = other[name][column]
            if values.dtype.kind == "f":
                a, b = (round_significant(v) for v in (values, moved))
                assert np.array_equal(a, b, equal_nan=True), f"{name}.{column}"
            else:
                assert same(values, moved), f"{name}.{column}"
