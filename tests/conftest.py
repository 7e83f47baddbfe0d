"""No test depends on speed: nothing is taken to hang early, and examples may take their time."""

import gc
from collections import Counter
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("steady")

SLOW_SECONDS = 1500
LONGEST = tuple(
    f"tests/{name}.py"
    for name in (
        "run/test_kills",
        "studies/test_literature",
        "docs/test_commands",
        "world/test_fit",
        "model/test_defaults",
        "model/test_loop_gain",
        "tools/test_scales",
        "tools/test_first_hour",
        "tools/test_notebooks",
    )
)
"""Files with the longest tests: they begin, so that no process ends alone with one of them."""


@pytest.fixture(scope="session", autouse=True)
def _one_process():
    """Commands compute here, where stand-ins are, unless a test says how many jobs it wants."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ydsim.cli.options.processors", lambda: 1)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    cases: Counter[str] = Counter()
    for item in items:
        if quick := item.get_closest_marker("quick"):
            test = item.nodeid.partition("[")[0]
            cases[test] += 1
            if cases[test] > quick.args[0]:
                item.add_marker("slow")
        if item.get_closest_marker("slow") or item.get_closest_marker("fault"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Processes begin with a stretch of files each: what tests of a file share is made once."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and tests stay to the end: no collection of garbage walks them, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
