"""Holders of inventions add up to the inventions, and equal a loop over projects."""

import math

import numpy as np
import pytest

from tests.support.small import after_burn_in, model
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INVENTION, NOT_YET, OUTCOMES
from ydsim.record.projects import HOLDERS, HolderLog, holder_table
from ydsim.record.yearly import KIND_NAMES

LOOSE = {"match.reserve": 0.5, "match.gap_search": 1.0, "contracts.lapse": 0.2,
         "relocate.hazard": 0.5}  # fmt: skip
"""Many partners, lapses and moves, so that there is something to see."""

SCALE = 0.01


class Watch:
    """A run that keeps inventions one by one, as a loop sees them, burn-in included."""

    def __init__(self):
        self.held = {}  # by project: key of the holder, quarter, in use
        self.made = []  # year, province, kind, size
        self.years, self.sold, self.orphans, self.handed = [], 0, 0, 0
        self.model = m = self.begun()
        m.run()
        self.table = m.recorder.tables()["holders"]

    def begun(self):
        watch = self

        class Log(HolderLog):
            def note(self, state):
                watch.quarter(state)
                super().note(state)

            def of_year(self, state):
                watch.year(state)
                return super().of_year(state)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ydsim.model.HolderLog", Log)
            return model(scale=SCALE, years=3, burn_in=16, parameters=LOOSE)

    def quarter(self, state):
        self.lives = {}
        projects = state.projects
        for k, key in enumerate(projects.key.tolist()):
            if projects.stage_end[k, INVENTION] != NOT_YET:
                at = int(projects.stage_end[k, INVENTION])
                before = self.held.get(key)
                self.see(state, key, int(projects.owner[k]), at, used=False)
                self.handed += before is not None and before[0] != self.held[key][0]
        for block in state.ended.blocks:
            for k, key in enumerate(block["key"].tolist()):
                at, why = int(block["stage_end"][k, INVENTION]), OUTCOMES[block["outcome"][k]]
                if at == NOT_YET:
                    continue
                self.see(state, key, int(block["owner"][k]), at, used=why == "launched")
                if why == "sold outside":
                    self.held.pop(key)
                    self.sold += 1

    def see(self, state, key, owner, at, *, used):
        if at == state.quarter >= 0:
            self.made.append((at // 4, *self.place(state, owner)))
        self.held[key] = (int(state.organisations.key[owner]), at, used)

    def place(self, state, row):
        table, keys = state.organisations, self.model_parameters.certify
        kind = int(table.kind[row])
        sales = 4.0 * keys.sales_basis * float(table.sales[row])
        size = "small" if sales <= keys.small_sales else "medium"
        size = "large" if sales > keys.large_sales else size
        province = state.world.provinces[int(table.province[row])]
        return province, KIND_NAMES[kind], size if kind == FIRM else ""

    @property
    def model_parameters(self):
        return self.model.parameters

    def year(self, state):
        projects, table = state.projects, state.organisations
        for k, key in enumerate(projects.key.tolist()):  # by who owns it now
            if key in self.held:
                one = self.held[key]
                self.held[key] = (int(table.key[projects.owner[k]]), *one[1:])
        lives = {int(table.key[i]): i for i in np.flatnonzero(table.alive).tolist()}
        found = {}
        for key, at, used in self.held.values():
            if key not in lives:
                self.orphans += 1
                continue
            cell = found.setdefault(self.place(state, lives[key]), [0.0, 0.0])
            weight = math.exp(-LOOSE["contracts.lapse"] * (state.quarter - at) / 4.0) / SCALE
            cell[0] += weight
            cell[1] += weight * used
        self.years.append(found)


@pytest.fixture(scope="module")
def watch():
    return Watch()


@pytest.mark.slow
def test_inventions_made_held_and_in_use_are_those_of_a_loop(watch):
    table = watch.table
    assert len(table["year"]) == 3 * watch.model.world.n_provinces * len(HOLDERS)
    for k, year in enumerate(table["year"].tolist()):
        cell = table["province"][k], table["kind"][k], table["size"][k]
        made = sum(one == (year - 2011, *cell) for one in watch.made) / SCALE
        held, used = watch.years[year - 2011].get(cell, (0.0, 0.0))
        assert table["inventions"][k] == pytest.approx(made)
        assert table["in_force"][k] == pytest.approx(held, abs=1e-5)
        assert table["in_use"][k] == pytest.approx(used, abs=1e-5)


@pytest.mark.slow
def test_there_was_something_to_see(watch):
    assert watch.handed > 0
    assert watch.orphans > 0
    assert (watch.table["in_use"] > 0.0).sum() > 5
    assert set(watch.table["kind"][watch.table["in_force"] > 0.0]) == set(KIND_NAMES)
    assert (watch.table["in_use"] < watch.table["in_force"]).any()


def test_what_is_sold_outside_leaves_and_what_is_shelved_stays():
    m = after_burn_in(years=1)
    state, log = m.state, HolderLog(m.parameters)
    state.begin(0)
    projects, table = state.projects, state.organisations
    owner = int(np.flatnonzero(table.alive & (table.kind == FIRM))[0])
    projects.stage_end[:, INVENTION] = NOT_YET
    projects.owner[:5], projects.stage_end[:5, INVENTION] = owner, [0, 0, 0, 0, NOT_YET]
    outcome = np.full(len(projects), -1, dtype=np.int8)
    for k, why in enumerate(("launched", "shelved", "sold outside", "failed", "failed")):
        outcome[k] = OUTCOMES.index(why)
    state.ended.add(projects, outcome)
    projects.keep(outcome < 0)
    log.note(state)
    made, held, used = log.of_year(state).sum(axis=(0, 1)) * state.scale
    assert (made, held, used) == pytest.approx((4.0, 3.0, 1.0))
    assert sum(len(holder) for holder, _, _ in log._ended) == 3
    table.died[owner] = 0
    made, held, used = log.of_year(state).sum(axis=(0, 1)) * state.scale
    assert (made, held, used) == pytest.approx((4.0, 0.0, 0.0))
    assert sum(len(holder) for holder, _, _ in log._ended) == 0


def test_the_table_of_no_years_has_no_rows():
    table = holder_table([], 2011, ("A", "B"))
    assert {len(column) for column in table.values()} == {0}
