"""Policies that break the rules of policies: the run fails and says which, never in silence."""

import os
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

import ydsim
from tests.support.small import TINY
from ydsim.engines import PoolEngine
from ydsim.errors import PolicyError
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import Outlay, PolicyEnvironment
from ydsim.run.api import run_scenario
from ydsim.run.scheduler import RunOptions
from ydsim.scenario.schema.scenario import Scenario


class Bad(Policy):
    """Does what it is told."""

    writes: ClassVar[tuple[str, ...]] = ("user_cost",)
    how: str = ""

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        given: Any = WAYS[self.how](baseline, places)
        return given


class BadScheme(Bad):
    """Workers over schemes that are none."""

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        return iter(())

    def schemes(self, year: float, places: Places) -> Iterator[Any]:
        yield {"none": None, "nan": Outlay(yearly=float("nan")), "text": "x"}[self.how]


class BadStrength(Bad):
    """Has a strength that is none."""

    def strength_at(self, year: float) -> float:
        strengths: dict[str, Any] = {"nan": float("nan"), "two": 2.0, "none": None, "text": "1"}
        return strengths[self.how]


def one(field: str, value: Any, where: Any = 1.0) -> Any:
    return lambda baseline, places: [Contribution(field, value, where)]


def changing(write: Any) -> Any:
    def contributions(baseline: PolicyEnvironment, places: Places) -> Iterator[Contribution]:
        write(baseline, places)
        yield Contribution("user_cost", 0.9)

    return contributions


def _raise(error: BaseException) -> Any:
    def contributions(baseline: PolicyEnvironment, places: Places) -> Iterator[Contribution]:
        raise error
        yield

    return contributions


BROKEN: dict[str, tuple[Any, str]] = {
    "undeclared": (
        one("goods", 0.5),
        "contributes to 'goods', but its `writes` declares user_cost",
    ),
    "unknown": (one("usercost", 0.5), "contributes to 'usercost'"),
    "not a name": (one(5, 0.5), "contributes to 5"),
    "schemes": (one("schemes", ()), "contributes to 'schemes'"),
    "nothing": (lambda baseline, places: None, "contributions gave a NoneType"),
    "number": (lambda baseline, places: 5, "contributions gave a int"),
    "none in it": (
        lambda baseline, places: [None],
        "contributions gave a NoneType, not a Contribution",
    ),
    "pair in it": (
        lambda baseline, places: [("user_cost", 0.5)],
        "contributions gave a tuple, not a Contribution",
    ),
    "none": (one("user_cost", None), "expected numbers, found a NoneType"),
    "text": (one("user_cost", "0.5"), "expected numbers, found a str"),
    "ragged": (one("user_cost", [[1.0], [1.0, 2.0]]), "expected numbers, found a list"),
    "complex": (one("user_cost", 1j), "expected numbers, found a complex"),
    "shape": (one("user_cost", np.ones(3)), "does not fit a field of shape"),
    "too many axes": (one("user_cost", np.ones((2, 2, 2))), "does not fit a field of shape"),
    "shape of where": (one("user_cost", 0.9, np.ones(3)), "does not fit a field of shape"),
    "nan": (one("user_cost", float("nan")), "is not finite"),
    "inf": (one("user_cost", float("inf")), "is not finite"),
    "nan where": (one("user_cost", 0.9, float("nan")), "is not finite"),
    "baseline": (
        changing(lambda baseline, places: baseline.user_cost.fill(0.5)),
        "changes an array that it shares",
    ),
    "other field": (
        changing(lambda baseline, places: baseline.goods.fill(0.5)),
        "changes an array that it shares",
    ),
    "places": (
        changing(lambda baseline, places: places.distance_km.fill(0.5)),
        "changes an array that it shares",
    ),
    "firms": (
        changing(lambda baseline, places: places.firms.fill(0.5)),
        "changes an array that it shares",
    ),
    "unlocked": (changing(lambda baseline, places: baseline.user_cost.setflags(write=True)), ""),
}
"""What is wrong, what contributes so, and what is said of it."""
WAYS = {name: way for name, (way, _) in BROKEN.items()}
WAYS |= {
    "exit": lambda baseline, places: exit(3),
    "SystemExit": _raise(SystemExit("bye")),
    "KeyboardInterrupt": _raise(KeyboardInterrupt()),
    "BaseException": _raise(BaseException("odd")),
    "GeneratorExit": _raise(GeneratorExit()),
    "_exit": lambda baseline, places: os._exit(3),
}
ENDS = {
    "exit": "called exit(3)",
    "SystemExit": "called exit('bye')",
    "KeyboardInterrupt": "raised KeyboardInterrupt",
    "BaseException": "odd",
    "GeneratorExit": "raised GeneratorExit",
}


def scenario(policy: Policy, **keys: Any) -> Scenario:
    made = ydsim.load_scenario("ten_firms", {**TINY, **keys, "policies": {"mine": policy}})
    assert made.policies["mine"] == policy
    return made


@pytest.mark.parametrize("how", BROKEN)
def test_what_a_policy_must_not(how):
    model = ydsim.Model(scenario(Bad(how=how)))
    kept = model.baseline.user_cost.copy()
    with pytest.raises((PolicyError, ValueError)) as caught:
        model.step()
    assert BROKEN[how][1] in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert how == "unlocked" or str(caught.value).startswith("policy 'mine': ")
    assert (model.baseline.user_cost == kept).all()


@pytest.mark.parametrize(
    "policy",
    [
        *(BadScheme(how=how) for how in ("none", "nan", "text")),
        *(BadStrength(how=how) for how in ("nan", "two", "none", "text")),
    ],
)
def test_bad_schemes_and_strengths(policy):
    with pytest.raises(PolicyError, match="policy 'mine': ") as caught:
        ydsim.Model(scenario(policy)).step()
    assert len(str(caught.value).splitlines()) == 1


def test_a_run_with_such_a_policy_fails_with_an_entry(tmp_path):
    results = run_scenario(scenario(Bad(how="baseline"), replicates=2), tmp_path / "out")
    assert [entry["replicate"] for entry in results.failures] == [0, 1]
    entry = results.failures[0]
    assert (entry["exception"], entry["quarter"]) == ("PolicyError", 1)
    assert "changes an array that it shares with others" in entry["message"]
    assert any("test_policies.py" in line for line in entry["traceback"])


@pytest.mark.quick(2)
@pytest.mark.parametrize("how", ENDS)
def test_a_policy_that_ends_the_program_fails_its_run_only(how, tmp_path):
    ends = scenario(Bad(how=how), replicates=2)
    results = run_scenario(ends, tmp_path / "out")
    assert [ENDS[how] in entry["message"] for entry in results.failures] == [True, True]
    with pytest.raises(PolicyError) as caught:
        run_scenario(ends, None)
    assert ENDS[how] in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(("how", "said"), [("exit", "exit(3)"), ("_exit", "exit code 3, twice")])
def test_the_same_in_a_worker(how, said, tmp_path):
    results = run_scenario(
        scenario(Bad(how=how)), tmp_path / "out", RunOptions(engine=PoolEngine(1))
    )
    (entry,) = results.failures
    assert said in entry["message"]
