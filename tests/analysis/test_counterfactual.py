"""Adoption by adoption, with and without a policy."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ydsim.analysis import counterfactual as cf
from ydsim.cli.app import main
from ydsim.engines.inline import InlineEngine
from ydsim.errors import UsageError
from ydsim.run.measure import Measured, measure_runs

SMALL = {"scale": 0.01, "end": 2012, "parameters.population.burn_in": 24}
GRANTS = {"policies.rd_grants.rate": 0.3, "policies.rd_grants.start": 2011.5}


def adopted(scenario, replicate):
    found = []
    run = Measured(scenario, replicate, cf.Adoptions)
    measure_runs([run], InlineEngine(), take=lambda _, result: found.append(result))
    return found[0]


def made(events):
    """Adoptions from a mapping of (firm, generation) to a quarter."""
    pairs = sorted(events)
    firm = np.array([f for f, _ in pairs], dtype=np.uint64)
    none = np.zeros(len(pairs), dtype=np.int64)
    generation = np.array([g for _, g in pairs], dtype=np.uint64)
    quarter = np.array([events[pair] for pair in pairs], dtype=np.int64)
    return cf.Adopted(firm, generation, quarter, none, none, {})


events = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(0, 9), max_size=25
)


@pytest.mark.slow
@settings(max_examples=200)
@given(events, events)
def test_comparison_equals_the_scalar_rule(plain, changed):
    got = cf.compared(made(plain), made(changed))
    firms = sorted({f for f, _ in plain} | {f for f, _ in changed})
    assert got.firm.tolist() == firms
    for i, firm in enumerate(firms):
        mine = {g for f, g in plain if f == firm}, {g for f, g in changed if f == firm}
        gains = [plain[firm, g] - changed[firm, g] for g in mine[0] & mine[1]]
        want = (
            len(gains),
            sum(gain > 0 for gain in gains),
            sum(gain < 0 for gain in gains),
            sum(gains),
            len(mine[1] - mine[0]),
            len(mine[0] - mine[1]),
        )
        names = ("both", "earlier", "later", "gained", "only_with", "only_without")
        assert tuple(int(getattr(got, name)[i]) for name in names) == want


@pytest.mark.slow
def test_a_run_compared_with_itself_differs_in_nothing():
    plain, with_it = cf.without("synthetic", "rd_grants", {**SMALL, **GRANTS})
    assert plain.policies["rd_grants"].strength == 0.0
    one, again, helped = adopted(plain, 0), adopted(plain, 0), adopted(with_it, 0)
    pairs = cf.compared(one, again)
    assert len(one.firm) > 100
    assert pairs.both.sum() == len(one.firm)
    for name in ("earlier", "later", "gained", "only_with", "only_without"):
        assert not getattr(pairs, name).any(), name
    other = cf.compared(one, helped)
    assert other.earlier.sum() + other.later.sum() + other.only_with.sum() > 0
    # adoptions of the quarters before the start are the same
    early = [set(zip(*(getattr(a, n)[a.quarter < 2].tolist() for n in ("firm", "generation")),
                     strict=True)) for a in (one, helped)]  # fmt: skip
    assert early[0] == early[1]
    assert early[0]


def test_pairing_removes_what_is_common():
    draw = np.random.default_rng(1)
    common, own = draw.normal(size=4000), draw.normal(size=(2, 4000))
    assert cf.variance_removed(common, common + 3.0) == pytest.approx(1.0)
    assert cf.variance_removed(own[0], own[1]) == pytest.approx(0.0, abs=0.05)
    assert cf.variance_removed(common, -common) == pytest.approx(-1.0)
    half = cf.variance_removed(common + own[0], common + own[1])
    assert half == pytest.approx(0.5, abs=0.05)
    assert np.isnan(cf.variance_removed(np.ones(3), np.ones(3)))


def test_a_policy_that_is_not_there_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError, match="did you mean 'rd_grants'"):
        cf.without("synthetic", "rd_grant", {**SMALL, **GRANTS})
    with pytest.raises(UsageError, match="has strength 0"):
        cf.without("synthetic", "rd_grants", {**SMALL, "policies.rd_grants.strength": 0.0})


@pytest.mark.slow
def test_the_command_writes_a_row_for_each_firm_that_differs(tmp_path, capsys):
    out = tmp_path / "firms.csv"
    texts = [f"--set={key}={value}" for key, value in {**SMALL, **GRANTS}.items()]
    args = ["counterfactual", "synthetic", "--policy", "rd_grants", "-q", "-o", str(out)]
    assert main([*args, "--replicates", "2", *texts]) == 0
    said = capsys.readouterr().out
    assert "variance removed by pairing" in said
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert {row["replicate"] for row in rows} == {"0", "1"}
    moved = ("earlier", "later", "only_with_policy", "only_without_policy")
    assert all(any(int(row[name]) for name in moved) for row in rows)
    region = next(line for line in said.splitlines() if line.startswith("| region |"))
    cells = [cell.strip().replace(",", "") for cell in region.split("|")[2:-1]]
    assert int(cells[3]) == sum(int(row["earlier"]) for row in rows)
    assert int(cells[6]) == sum(int(row["only_with_policy"]) for row in rows)


@pytest.mark.slow
def test_the_number_of_processes_is_no_matter():
    settings_ = cf.without("synthetic", "rd_grants", {**SMALL, **GRANTS})
    one, values = cf.run_pairs(settings_, 2)
    two, again = cf.run_pairs(settings_, 2, workers=2)
    assert cf.firms_csv(one, "synthetic") == cf.firms_csv(two, "synthetic")
    for name in cf.OUTCOMES:
        assert [v.tolist() for v in values[name]] == [v.tolist() for v in again[name]]
