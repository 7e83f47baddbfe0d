"""Series after the data: scalar reference, seam, independence of the end, the drawn ensemble."""

import dataclasses
import math

import numpy as np
import pytest

from tests.support.scalar_trends import carried
from ydsim.noise import NoiseSource, identity
from ydsim.world.inputs import (
    GROUPS,
    MARGIN,
    MONEY,
    NATIONAL,
    Inputs,
    Outlook,
    QuarterInputs,
    Rule,
    by_quarter,
    extend_inputs,
    keys_of,
    load_rules,
)
from ydsim.world.loader import synthetic_world
from ydsim.world.national import National, national_series
from ydsim.world.world import World

WEIGHTS = (0.2, 0.4, 0.3, 0.1)
AXIS = np.arange(2011, 2041)
NAN = float("nan")
RULES = {
    "none": Rule(damping=0.0, years=3),
    "damped": Rule(damping=0.7, years=3, step=0.1, persistence=0.8, common=0.3),
    "whole": Rule(damping=1.0, years=5),
    "of gdp": Rule(True, 5, 0.5, 0.05, 0.95, 0.6),
}
LINES = {
    "grown": [100.0, 108.0, 115.0, 130.0, 133.0, 150.0, 171.0],
    "falling": [9.0, 8.0, 7.5, 6.0, 5.0, 4.8],
    "noisy": [5.0, 9.0, 2.0, 11.0, 0.5, 10.0, 7.0],
    "short": [4.0, 5.0],
    "one": [3.0],
}


def inputs_to(world: World, end: int, outlook: Outlook) -> tuple[QuarterInputs, National, Inputs]:
    """Return what a run to ``end`` reads."""
    yearly = extend_inputs(world, 2011, end + MARGIN, outlook=outlook)
    national = national_series(world, 2011, end, WEIGHTS, yearly.gdp, outlook)
    return by_quarter(yearly, MARGIN), national, yearly


def drawn(replicate: int = 0, uncertainty: float = 1.0, seed: int = 7) -> Outlook:
    return Outlook(uncertainty=uncertainty, noise=NoiseSource(seed, replicate))


def arrays(part: object) -> dict[str, np.ndarray]:
    found = {f.name: getattr(part, f.name) for f in dataclasses.fields(part)}
    return {name: values for name, values in found.items() if isinstance(values, np.ndarray)}


def on_axis(line: list[float]) -> np.ndarray:
    return np.array([line + [NAN] * (len(AXIS) - len(line))])


@pytest.mark.parametrize("line", sorted(LINES))
@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("group", ["government", "publication"])
def test_a_line_equals_the_scalar_reference(group, name, line):
    rule, known = RULES[name], LINES[line]
    outlook = Outlook(0.03, 2029, 1.5, NoiseSource(3, 4), {group: rule})
    gdp = 50.0 * np.exp(0.05 * np.arange(len(AXIS)) + 0.02 * np.sin(np.arange(len(AXIS))))
    found = outlook.carry(group, on_axis(known), AXIS, keys_of(group, ["A"]), gdp[None, :])[0]

    def draw(year: int) -> float:
        as_drawn = {"government": "public purse"}.get(group, group)
        noise = NoiseSource(3, 4).phase("inputs", year)
        common = float(noise.normal(identity(as_drawn, "common"))[0])
        own = float(noise.normal(identity(as_drawn, "A"))[0])
        return math.sqrt(rule.common) * common + math.sqrt(1.0 - rule.common) * own

    expected = carried(
        {2011 + k: v for k, v in enumerate(known)},
        2040,
        rule,
        target=math.log(1.03) if group in MONEY and not rule.of_gdp else 0.0,
        until=2029,
        gdp=dict(zip(AXIS.tolist(), gdp.tolist(), strict=True)) if rule.of_gdp else None,
        draw=draw,
        uncertainty=1.5,
    )
    np.testing.assert_allclose(found, [expected[y] for y in AXIS.tolist()], rtol=1e-11)
    np.testing.assert_array_equal(found[: len(known)], known)


def test_trends_end_in_the_year_that_is_set_and_a_year_past_is_no_fault():
    line = on_axis(LINES["grown"])
    for until in (2010, 2017, 2018, 2025):
        outlook = Outlook(0.04, until, rules={"publication": RULES["whole"], "gdp": RULES["whole"]})
        for group, rate in (("publication", 0.0), ("gdp", math.log(1.04))):
            path = outlook.carry(group, line, AXIS, keys_of(group, ["A"]))[0]
            late = np.diff(np.log(path))[max(until, 2018) - 2011 :]
            np.testing.assert_allclose(late, rate, atol=1e-12)


def test_zeros_stay_zeros_and_empty_lines_empty():
    outlook = Outlook(uncertainty=1.0, noise=NoiseSource(1, 1))
    for group in GROUPS:
        lines = np.vstack([on_axis([1.0, 0.0, 0.0]), on_axis([NAN, NAN])])
        gdp = np.ones((2, len(AXIS)))
        path = outlook.carry(group, lines, AXIS, keys_of(group, ["A", "B"]), gdp)
        assert path[0, 1:].tolist() == [0.0] * (len(AXIS) - 1)
        assert np.isnan(path[1]).all()


def test_lines_that_end_in_other_years_do_not_touch_each_other():
    outlook = drawn(2)
    lines = np.vstack([on_axis(line) for line in LINES.values()])
    keys = keys_of("research", sorted(LINES))
    together = outlook.carry("research", lines, AXIS, keys)
    for row, key in enumerate(keys):
        alone = outlook.carry("research", lines[row : row + 1], AXIS, np.array([key]))[0]
        np.testing.assert_array_equal(together[row], alone)


def growth_at(line: np.ndarray, last: int) -> tuple[float, float, float]:
    """First growth after column ``last``, least and largest of the four before."""
    rates = np.diff(np.log(line))
    return rates[last], rates[last - 4 : last].min(), rates[last - 4 : last].max()


def test_the_first_growth_after_the_data_is_within_the_last_four_years(yrd):
    _, _, yearly = inputs_to(yrd, 2050, Outlook())
    lines = {
        **{("gdp", p): (row, 2024) for p, row in enumerate(yearly.gdp)},
        **{("secondary", p): (row, 2023) for p, row in enumerate(yearly.secondary[:4])},
        **{("budget", p): (row, 2023) for p, row in enumerate(yearly.science_budget)},
        **{("government", p): (row, 2020) for p, row in enumerate(yearly.rd_government)},
        **{("foreign", p): (row, 2020) for p, row in enumerate(yearly.rd_foreign)},
        **{("personnel", p): (row, 2020) for p, row in enumerate(yearly.personnel)},
        **{("firms", p): (row, 2020) for p, row in enumerate(yearly.firms)},
    }
    outside = set()
    for key, (line, last) in lines.items():
        rate, low, high = growth_at(line, last - 2011)
        if not low - 1e-9 <= rate <= high + 1e-9:
            outside.add(key)
    assert outside == set()


@pytest.mark.parametrize("uncertainty", [0.0, 1.0])
@pytest.mark.parametrize("made", [False, True])
def test_a_year_does_not_depend_on_the_end(yrd, uncertainty, made):
    world = synthetic_world(provinces=3, cities=2) if made else yrd
    far = inputs_to(world, 2050, drawn(1, uncertainty))
    for end in (2011, 2012, 2020, 2023, 2030):
        near = inputs_to(world, end, drawn(1, uncertainty))
        for part, whole in zip(near[:2], far[:2], strict=True):
            for name, values in arrays(part).items():
                long = arrays(whole)[name]
                np.testing.assert_array_equal(values, long[..., : values.shape[-1]], err_msg=name)


def test_mass_from_gdp_does_not_depend_on_the_end_either(yrd):
    series = {k: s for k, s in yrd.series.items() if k != "rd_personnel_fte"}
    bare = dataclasses.replace(yrd, series=series)
    gdp = extend_inputs(yrd, 2011, 2042).gdp
    far = national_series(bare, 2011, 2040, WEIGHTS, gdp).outside_mass
    near = national_series(bare, 2011, 2020, WEIGHTS, gdp[:, : 2020 - 2011 + 1 + MARGIN])
    np.testing.assert_array_equal(near.outside_mass, far[:40])


def test_the_cut_keeps_the_sum_of_each_year(yrd):
    quarterly, _, yearly = inputs_to(yrd, 2020, Outlook())
    assert quarterly.years.tolist() == list(range(2011, 2021))
    sums = quarterly.gdp.reshape(5, 10, 4).sum(axis=2)
    np.testing.assert_allclose(sums, yearly.gdp[:, :10], rtol=1e-12)


def test_without_uncertainty_or_draws_there_is_the_centre(yrd):
    centre = inputs_to(yrd, 2040, Outlook())
    for outlook in (drawn(3, 0.0), Outlook(uncertainty=1.0)):
        for part, same in zip(inputs_to(yrd, 2040, outlook), centre, strict=True):
            for name, values in arrays(part).items():
                np.testing.assert_array_equal(values, arrays(same)[name], err_msg=name)


def test_history_is_the_same_in_all_replicates(yrd):
    """To the last year of the data: yearly amounts, and levels to the middle of that year."""
    ends = {"gdp": 2024, "secondary": 2023, "central": 2020, "government": 2020, "foreign": 2020}
    centre, lines, yearly = inputs_to(yrd, 2030, Outlook())
    for replicate in range(3):
        quarterly, national, years = inputs_to(yrd, 2030, drawn(replicate))
        for name, last in ends.items():
            a, b = getattr(quarterly, name), getattr(centre, name)
            whole = 4 * (last - 2011)
            np.testing.assert_array_equal(a[:, :whole], b[:, :whole], err_msg=name)
            assert (a[:, whole + 4 :] != b[:, whole + 4 :]).all(), name
        half = 4 * (2020 - 2011) + 2
        np.testing.assert_array_equal(quarterly.wage[:, :half], centre.wage[:, :half])
        for name in NATIONAL:
            field = {"grants": "examination"}.get(name, name)
            known = half - 2 if name == "grants" else half
            a, b = getattr(national, field), getattr(lines, field)
            np.testing.assert_array_equal(a[:known], b[:known], err_msg=name)
            assert (a[half + 2 :] != b[half + 2 :]).all(), name
        a, b = years.science_budget, yearly.science_budget
        np.testing.assert_array_equal(a[:, : 2024 - 2011], b[:, : 2024 - 2011])


REPLICATES = 150


@pytest.mark.parametrize(
    "group", [*GROUPS[:2], *(pytest.param(group, marks=pytest.mark.slow) for group in GROUPS[2:])]
)
def test_the_spread_of_replicates_is_that_of_the_stored_errors(group):
    rule = load_rules()[group]
    axis = np.arange(2020, 2031)
    names = [str(k) for k in range(12)]
    keys, last = keys_of(group, names), np.zeros(len(names), dtype=np.int64)
    errors = np.array([drawn(r).errors(group, axis, keys, last) for r in range(REPLICATES)])
    variance = rule.step**2 * np.cumsum(rule.persistence ** (2.0 * np.arange(10)))
    for horizon in (1, 2, 3, 10):
        sd = float(np.sqrt(np.square(errors[:, :, horizon]).mean()))
        assert sd == pytest.approx(float(np.sqrt(variance[horizon - 1])), rel=0.15)
    assert not errors[:, :, 0].any()
    together = np.corrcoef(errors[:, :, 1].T)
    alike = (together.sum() - len(names)) / (len(names) * (len(names) - 1))
    assert alike == pytest.approx(rule.common, abs=0.15)


def test_a_province_draws_alike_for_its_purse(yrd):
    assert (keys_of("science_budget", ["A"]) == keys_of("government", ["A"])).all()
    every = np.concatenate([keys_of(g, yrd.provinces) for g in GROUPS if g != "government"])
    assert len(set(every.tolist())) == len(every)
