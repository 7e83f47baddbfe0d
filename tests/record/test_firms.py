"""The tables of firms are what a loop over them sees, quarter by quarter, and add up to series."""

import numpy as np
import pytest

from tests.support.small import model, tilted, world
from ydsim.agents.organisations import FIRM, UNIVERSITY
from ydsim.agents.projects import INVENTION
from ydsim.record.firms import COUNTS, FLOWS, _invented

KEEP = {"firms": True, "projects": True}
MANY = {"match.reserve": 0.5, "match.gap_search": 1.0, "relocate.hazard": 0.2}
"""Partners, and firms that move."""
SUMS = (*FLOWS, *COUNTS, "researchers")


class Watch:
    """A run that adds up what firms have and do, phase by phase, one after the other."""

    def __init__(self):
        keys = {"scale": 0.01, "years": 2, "burn_in": 16, "parameters": MANY, "record": KEEP}
        self.model = m = model(place=tilted(world()), **keys)
        self.sums, self.rows, self.moved = {}, {}, 0
        advance, renew, record = m._advance, m._renew, m._record

        def advanced():
            known = set(m.state.projects.key.tolist())
            advance()
            self.invent(known)

        def renewed():
            keys = {int(k) for k in m.state.organisations.key[m.state.firms].tolist()}
            renew()
            table = m.state.organisations
            new = table.key[table.alive & (table.born < m.state.quarter)].tolist()
            gone = table.key[table.died == m.state.quarter].tolist()
            self.moved += len(keys & set(gone) & set(new))

        def recorded():
            self.quarter()
            if m.state.quarter % 4 == 3:
                self.year()
            record()

        m._advance, m._renew, m._record = advanced, renewed, recorded
        m.run()
        self.table = dict(m.recorder.tables()["firms"])

    def add(self, key, name, amount):
        of = self.sums.setdefault((int(key), self.model.state.quarter // 4), {})
        of[name] = of.get(name, 0.0) + float(amount)

    def invent(self, known):
        state = self.model.state
        table = state.organisations
        live = {n: getattr(state.projects, n) for n in state.projects.names}
        for block in (live, state.ended.blocks[-1]):
            for k, key in enumerate(block["key"].tolist()):
                if key not in known or block["stage_end"][k, INVENTION] != state.quarter:
                    continue
                owner = block["owner"][k]
                if table.kind[owner] == FIRM:
                    self.add(table.key[owner], "inventions", 1)
                    self.add(table.key[owner], "inventions_quality", block["quality"][k])
                for j in block["members"][k].tolist():
                    if j >= 0 and table.kind[j] == FIRM:
                        self.add(table.key[j], f"part {state.quarter}", 1)
        for owner in state.launches.owner.tolist():
            if table.kind[owner] == FIRM:
                self.add(table.key[owner], "launches", 1)

    def quarter(self):
        state = self.model.state
        table = state.organisations
        for i in np.flatnonzero(table.alive & (table.kind == FIRM)).tolist():
            for name in FLOWS:
                self.add(table.key[i], name, getattr(table, name)[i])
            self.add(table.key[i], "researchers", table.researchers[i] / 4.0)
            part = self.sums[int(table.key[i]), state.quarter // 4].pop(f"part {state.quarter}", 0)
            self.add(table.key[i], "inventions_part", part)

    def year(self):
        m, state = self.model, self.model.state
        table, year = state.organisations, state.quarter // 4
        ties = set(zip(state.ties.a.tolist(), state.ties.b.tolist(), strict=True))
        for i in range(len(table)):
            if table.kind[i] != FIRM or not (table.alive[i] or table.died[i] > state.quarter - 4):
                continue
            others = [b if a == i else a for a, b in ties if i in (a, b)]
            row = {
                "alive": bool(table.alive[i]),
                "city": m.world.city_names[table.city[i]],
                "industry": m.world.industries[table.industry[i]],
                "born_year": 2011 + int(table.born[i]) // 4,
                "certified": bool(table.certified_until[i] >= state.quarter),
                "partners": sum(bool(table.alive[j]) for j in others) if table.alive[i] else 0,
                "log_productivity": table.log_productivity[i],
                "knowledge": sum(table.knowledge[i].tolist()) / table.knowledge.shape[1],
            }
            if (int(table.key[i]), year) not in self.rows or table.alive[i]:
                self.rows[int(table.key[i]), year] = row


@pytest.fixture(scope="module")
def watch():
    return Watch()


@pytest.mark.slow
def test_sums_of_a_year_equal_a_loop(watch):
    table = watch.table
    rows = list(zip(table["firm"].tolist(), (table["year"] - 2011).tolist(), strict=True))
    assert len(set(rows)) == len(rows)
    assert set(rows) == set(watch.rows)
    for name in SUMS:
        wanted = [watch.sums.get(row, {}).get(name, 0.0) for row in rows]
        np.testing.assert_allclose(table[name], wanted, rtol=1e-5, atol=1e-7, err_msg=name)
        assert table[name].sum() > 0.0, name
    assert watch.moved > 0


@pytest.mark.slow
def test_stocks_of_a_year_equal_a_loop(watch):
    table = watch.table
    years = (table["year"] - 2011).tolist()
    rows = [watch.rows[key] for key in zip(table["firm"].tolist(), years, strict=True)]
    for name in rows[0]:
        wanted, found = [row[name] for row in rows], table[name]
        if found.dtype.kind == "f":
            np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6, err_msg=name)
        else:
            assert found.tolist() == wanted, name
    assert 0 < table["alive"].sum() < len(table["alive"])
    assert table["partners"].sum() > 0
    assert not table["certified"][~table["alive"]].any()


@pytest.mark.slow
def test_effort_is_a_share_of_those_that_explored(watch):
    table = watch.table
    names = [name for name in table if name.startswith("effort_")]
    assert len(names) == len(watch.model.world.fields)
    total = sum(table[name] for name in names)
    assert (np.isclose(total, 1.0, atol=1e-5) | (total == 0.0)).all()
    assert (total[table["alive"]] > 0.0).mean() > 0.8
    last = table["year"] == 2012
    state = watch.model.state
    row = {int(k): i for i, k in enumerate(state.organisations.key[state.active].tolist())}
    for k in np.flatnonzero(last & (total > 0.0))[:50].tolist():
        phi = state.field_share[:, row[int(table["firm"][k])]]
        np.testing.assert_allclose([table[n][k] for n in names], phi, rtol=1e-5)


@pytest.mark.slow
def test_sizes_are_those_of_certificates(watch):
    keys, table = watch.model.parameters.certify, watch.table
    reported = keys.sales_basis * table["sales"]
    small, large = reported <= keys.small_sales, reported > keys.large_sales
    assert (table["size"] == np.where(small, "small", np.where(large, "large", "medium"))).all()
    assert small.any()


@pytest.mark.slow
def test_a_year_that_is_not_whole_has_no_rows():
    m = model(scale=0.01, years=2, burn_in=4, record={"firms": True})
    for _ in range(3):
        m.step()
    assert len(m.recorder.tables()["firms"]["firm"]) == 0
    m.step()
    assert set(m.recorder.tables()["firms"]["year"].tolist()) == {2011}
    m.step()
    assert set(m.recorder.tables()["firms"]["year"].tolist()) == {2011}


@pytest.mark.slow
def test_ties_of_organisations_equal_a_loop(watch):
    tables, state = watch.model.recorder.tables(), watch.model.state
    table, orgs, ties, wanted = tables["organisation_ties"], state.organisations, state.ties, []
    kinds, cities = ("firm", "university", "institute"), state.world.city_names
    for a, b, strength in zip(ties.a.tolist(), ties.b.tolist(), ties.strength, strict=True):
        if orgs.alive[a] and orgs.alive[b]:
            a, b = sorted((a, b), key=lambda i: int(orgs.key[i]))
            ends = [(int(orgs.key[i]), kinds[orgs.kind[i]], cities[orgs.city[i]]) for i in (a, b)]
            wanted.append((*ends, np.float32(strength)))
    columns = ("organisation", "kind", "city", "other", "other_kind", "other_city", "strength")
    last = table["year"] == 2012
    rows = zip(*(table[name][last].tolist() for name in columns), strict=True)
    assert [(row[:3], row[3:6], row[6]) for row in rows] == sorted(
        wanted, key=lambda w: (w[0][0], w[1][0])
    )
    assert {kind for _, kind, _ in (w[1] for w in wanted)} > {"firm"}
    # those between firms are in the table of firms too
    both = (table["kind"] == "firm") & (table["other_kind"] == "firm")
    for mine, theirs in (("organisation", "firm"), ("other", "other"), ("strength", "strength")):
        np.testing.assert_array_equal(table[mine][both], tables["firm_ties"][theirs])


@pytest.mark.slow
def test_a_firm_has_not_invented_what_was_handed_over_to_it():
    m = model(scale=0.01, burn_in=16)
    projects, quarter = m.state.projects, m.state.quarter
    before = len(_invented(m.state)[0])
    rows = np.flatnonzero(m.state.organisations.kind[projects.owner] == FIRM)[:2]
    projects.stage_end[rows, INVENTION] = quarter
    projects.stage_kind[rows, INVENTION] = (FIRM, UNIVERSITY)
    owner, quality = _invented(m.state)
    assert len(owner) == before + 1
    assert projects.owner[rows[0]] in owner
    assert projects.quality[rows[0]] in quality
