"""The table of projects adds up to the funnel and says what became of each."""

import math

import numpy as np
import pytest

from tests.support.scalar_chain import skill
from tests.support.small import model
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INVENTION, NOBODY, OUTCOMES, OUTSIDER
from ydsim.record.projects import REACHES
from ydsim.record.yearly import KIND_NAMES

KEEP = {"projects": True}
LOOSE = {"match.reserve": 0.5, "match.gap_search": 1.0}
"""Many partners, so that there is something to see."""


class Watch:
    """A run that remembers projects as a loop over them sees them, phase by phase."""

    def __init__(self):
        self.model = m = model(scale=0.01, years=2, burn_in=16, parameters=LOOSE, record=KEEP)
        self.first, self.invented, self.last, self.who = {}, {}, {}, {}
        match, advance = m._match, m._advance
        notes = m.project_log._notes
        had = set(notes.key[~np.isnan(notes.tie)].tolist())  # a first partner, who may have died

        def matched():
            state = m.state
            alone = set(state.projects.key[~state.projects.shared].tolist())
            ties = dict(zip(state.ties.key.tolist(), state.ties.strength.tolist(), strict=True))
            match()
            for k, key in enumerate(state.projects.key.tolist()):
                joins = key in alone and state.projects.members[k, 0] != NOBODY
                if joins and key not in had | self.first.keys():
                    self.first[key] = self.seen(k, ties)

        def advanced():
            state = m.state
            before = {key: k for k, key in enumerate(state.projects.key.tolist())}
            columns = {n: getattr(state.projects, n).copy() for n in ("owner", "members", "born")}
            advance()
            ends = state.ended.blocks[-1]
            for k, key in enumerate(ends["key"].tolist()):
                self.last[key] = (OUTCOMES[ends["outcome"][k]], state.quarter, before[key])
            both = (ends, {n: getattr(state.projects, n) for n in ("key", "stage_end")})
            for block in both:
                done = block["stage_end"][:, INVENTION] == state.quarter
                for key in block["key"][done].tolist():
                    k = before[key]
                    owner, members = columns["owner"][k], columns["members"][k]
                    self.invented[key] = (
                        int(state.organisations.key[owner]),
                        self.reach(int(owner), members.tolist()),
                    )

        m._match, m._advance = matched, advanced
        m.run()
        self.table = dict(m.recorder.tables()["projects"])

    def seen(self, k, ties):
        m, state = self.model, self.model.state
        key = int(state.projects.key[k])
        i, j = int(state.projects.owner[k]), int(state.projects.members[k, 0])
        if j == OUTSIDER:
            self.who[key] = 0, KIND_NAMES[state.projects.outside_kind[k]]
            return (np.nan, np.nan, 0.0)
        self.who[key] = int(state.organisations.key[j]), KIND_NAMES[state.organisations.kind[j]]
        chain = m.parameters.chain
        table, stage, field = state.organisations, state.projects.stage[k], state.projects.field[k]
        phi = state.field_share[:, state.position[[i, j]]]
        cosine = sum(phi[:, 0] * phi[:, 1]) / np.sqrt(sum(phi[:, 0] ** 2) * sum(phi[:, 1] ** 2))
        theirs, ours = (
            skill(
                int(table.kind[row]),
                float(table.researchers[row]) * math.exp(float(table.knowledge[row, field])),
                int(stage),
                chain,
            )
            for row in (j, i)
        )
        better = theirs > ours or ours < chain.capability_needed <= theirs
        leads = table.knowledge[j, field] > table.knowledge[i, field]
        pays = table.kind[j] == FIRM != table.kind[i]
        tie = ties.get((min(i, j) << 32) | max(i, j), 0.0)
        return (1.0 - cosine, float(better or leads or pays), tie)

    def reach(self, i, members):
        table, found = self.model.state.organisations, dict.fromkeys(REACHES, 0)
        for j in members:
            if j == OUTSIDER:
                found["outside"] += 1
            elif j != NOBODY:
                here = table.city[i] == table.city[j]
                near = table.province[i] == table.province[j]
                found["city" if here else "province" if near else "region"] += 1
        return found


@pytest.fixture(scope="module")
def watch():
    return Watch()


@pytest.mark.slow
def test_launches_by_year_and_city_are_those_of_the_series(watch):
    m, table = watch.model, watch.table
    launched = table["outcome"] == "launched"
    by_city = m.recorder.series("launches", "city").reshape(2, 4, -1).sum(axis=1)
    for y, year in enumerate((2011, 2012)):
        for c, city in enumerate(m.world.city_names):
            number = (launched & (table["year"] == year) & (table["launch_city"] == city)).sum()
            assert number / 0.01 == pytest.approx(by_city[y, c])


@pytest.mark.slow
def test_outcome_and_end_of_each_project(watch):
    table = watch.table
    assert len(set(table["project"].tolist())) == len(table["project"])
    ended = {key: end for key, end in watch.last.items() if end[1] >= 0}
    assert set(table["project"].tolist()) == set(ended)
    for k, key in enumerate(table["project"].tolist()):
        outcome, quarter, _ = ended[key]
        assert table["outcome"][k] == outcome
        assert (table["year"][k], table["quarter"][k]) == (2011 + quarter // 4, 1 + quarter % 4)


@pytest.mark.slow
def test_first_partners_equal_a_loop(watch):
    """Those who joined in the recorded quarters; of earlier ones the numbers are there as well."""
    table, checked = watch.table, 0
    for k, key in enumerate(table["project"].tolist()):
        if key in watch.first:
            found = (table["distance"][k], table["complement"][k], table["tie"][k])
            np.testing.assert_allclose(found, watch.first[key], rtol=1e-9, atol=1e-12)
            assert (table["partner"][k], table["partner_kind"][k]) == watch.who[key]
            checked += 1
    assert checked > 20
    some = table["partners_outside"] + table["partners_city"] + table["partners_region"]
    some = (some + table["partners_province"]) > 0
    assert not np.isnan(table["tie"][some]).any()
    alone = np.isnan(table["tie"])
    assert alone.any()
    assert (table["partner"][alone] == 0).all()
    np.testing.assert_array_equal(table["partner_kind"] == "", alone)
    assert set(table["partner_kind"][np.isnan(table["distance"]) & ~alone]) != {""}


@pytest.mark.slow
def test_holders_and_partners_at_invention_equal_a_loop(watch):
    table, checked = watch.table, 0
    for k, key in enumerate(table["project"].tolist()):
        if key not in watch.invented:
            continue
        holder, reach = watch.invented[key]
        assert table["invention_holder"][k] == holder
        assert {r: int(table[f"invention_partners_{r}"][k]) for r in REACHES} == reach
        assert table["invention_kind"][k] in ("firm", "university", "institute")
        checked += sum(reach.values())
    assert checked > 10
    never = table["invention_holder"] == 0
    assert (table["invention_city"][never] == "").all()
    assert never.any()


@pytest.mark.slow
def test_who_launches_may_not_be_who_had_the_idea(watch):
    table = watch.table
    launched = table["outcome"] == "launched"
    assert "firm" in set(table["launch_kind"][launched])
    assert set(table["launch_kind"][~launched]) == {""}
    assert (table["launch_holder"][~launched] == 0).all()
    moved = table["handed_over"] & launched
    assert (table["owner"][moved] != table["launch_holder"][moved]).all()
    assert moved.any()
    kept = launched & ~table["handed_over"] & (table["lead"] == "firm")
    np.testing.assert_array_equal(table["owner"][kept], table["launch_holder"][kept])


@pytest.mark.slow
def test_projects_of_the_burn_in_are_known_from_their_birth(watch):
    old = watch.table["born_year"] < 2011
    assert 0 < old.sum() < len(old)
    assert (watch.table["owner"] != 0).all()
    assert (watch.table["quality_born"] > 0.0).all()


@pytest.mark.slow
def test_what_a_shock_ends_is_a_row_and_not_in_the_funnel():
    shock = {"name": "a", "kind": "delete_projects", "year": 2011.25, "share": 0.5}
    m = model(scale=0.01, years=1, burn_in=8, record=KEEP, shocks=[shock]).run()
    table, (drawn,) = m.recorder.tables()["projects"], m.shocks.assignments
    gone = table["outcome"] == "shock"
    assert set(table["project"][gone].tolist()) == set(drawn.key[drawn.treated].tolist())
    assert set(zip(table["year"][gone], table["quarter"][gone], strict=True)) == {(2011, 2)}
    np.testing.assert_array_equal(m.project_log._notes.key, m.state.projects.key)


@pytest.mark.slow
def test_who_lost_the_first_partner_keeps_its_record():
    m = model(scale=0.02, years=2, burn_in=16, parameters=LOOSE, record=KEEP)
    state, log = m.state, m.project_log
    (shared,) = np.nonzero(state.projects.shared & ~np.isnan(log._notes.tie))
    row = shared[0]
    noted = log._notes.tie[row], log._notes.distance[row]
    members = state.projects.members[row].copy()
    state.projects.members[row] = NOBODY
    log.before_match(state)
    state.projects.members[row] = members
    log._notes.complement[row] = -1.0
    log.joined(state, m.parameters)
    now = log._notes.tie[row], log._notes.distance[row]
    np.testing.assert_array_equal(now, noted)  # no distance to the rest of the nation
    assert log._notes.complement[row] == -1.0
