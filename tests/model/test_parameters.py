"""No parameter is dead: a change of each moves what it is about.

Each row of the table takes a model at the end of its burn-in, lets it live one quarter with the
low and one with the high value, and looks at what the rule tallies, and in which direction; where
no one tally or column holds it, at all of the state and its inputs. How strongly and in which
direction these move is held by the loops of `tests/support/scalar*.py`. Parameters of the start are
compared between two models that have just been made.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from tests.support.small import (
    PHASES,
    SHORT_CHAIN,
    collect,
    columns_of,
    fork,
    live,
    scenario,
    tilted,
    world,
)
from ydsim.agents.organisations import FIRM, INSTITUTE
from ydsim.agents.projects import APPLIED, NOBODY, PILOT, STAGES
from ydsim.model import Model
from ydsim.processes.enact import SPEED_KMH, Baselines, baseline_environment
from ydsim.scenario.schema.parameters import Parameters
from ydsim.world.firm_counts import growth_by_quarter
from ydsim.world.trends import LONG_RUN

LIVELY = {
    **SHORT_CHAIN,
    "match.gap_search": 0.3,
    "match.reserve": 1.5,
    "border.joint_work": 0.5,
    "border.hand_over": 0.5,
    "brokers.per_1000_firms": 20.0,
    "brokers.capacity": 1000.0,
    "brokers.largest_deal": 1000.0,
    "contracts.science_hires": 0.0,
}
"""A short chain that launches within the burn-in, and many partners and brokers."""
SCALE = 0.05


@cache
def place():
    return tilted(world())


@cache
def begun():
    return Model(scenario(scale=SCALE, burn_in=20, parameters=LIVELY), world=place())


@dataclass
class Row:
    """What moves when ``path`` goes from ``low`` to ``high``.

    ``direction`` is +1 where ``seen`` rises, -1 where it falls; without ``seen`` anything may move.
    A model that goes ``on`` starts from the common burn-in, after ``prepare``; else one is made
    anew with a burn-in of ``burn_in`` quarters. It lives ``quarters`` whole ones and then the
    phases of one more up to ``until``; None for no phase at all.
    """

    path: str
    low: Any
    high: Any
    seen: Callable[[Model], float] | None = None
    direction: int = 0
    on: bool = True
    burn_in: int = 0
    quarters: int = 0
    until: str | None = PHASES[-2]
    prepare: Callable[[Model], None] = lambda m: None
    given: dict[str, Any] = field(default_factory=dict)
    policies: dict[str, Any] = field(default_factory=dict)
    years: tuple[int, int] = (2011, 2)

    def lived(self, of_path):
        """The model with one value."""
        parameters = {**LIVELY, **self.given, self.path: of_path}
        burn_in = parameters.pop("population.burn_in", self.burn_in)
        start, years = self.years
        options = {
            "scale": SCALE, "burn_in": burn_in, "start": start, "end": start + years - 1,
            "parameters": parameters, "policies": self.policies,
        }  # fmt: skip
        m = fork(begun(), **options) if self.on else Model(scenario(**options), world=place())
        self.prepare(m)
        for _ in range(self.quarters):
            live(m)
            m.state.quarter += 1
        if self.until is not None:
            live(m, self.until)
        return m


# -- what is looked at -----------------------------------------------------------------------------


def city(name):
    return lambda m: float(getattr(m.state.tally.city, name).sum())


def region(name):
    return lambda m: float(getattr(m.state.tally.region, name))


def funnel(name, stage, kind=slice(None)):
    return lambda m: float(getattr(m.state.tally.funnel, name)[stage, kind].sum())


def contracts(name):
    return lambda m: float(getattr(m.state.tally.contracts, name).sum())


def firms(name, measure=np.mean):
    return lambda m: float(measure(getattr(m.state.organisations, name)[m.state.firms]))


def expected(*channels):
    """Expected links of channels."""
    return lambda m: float(sum(getattr(m.state.tally.links, c)[1].sum() for c in channels))


def access(m):
    return float(m.state.means.access.sum())


def rise_of_hazard(m):
    return float(m.state.generations.rise[m.state.generations.living()].sum())


def where_firms_go(m):
    return float(m.state.tally.city.relocations_in @ np.arange(m.world.n_cities))


def everything(m):
    """All columns of the state, its inputs and its books."""
    found = columns_of(m.state)
    collect("inputs", vars(m.state.inputs), found)
    collect("books", dict(m.state.ledger.balance), found)
    return found


# -- what is prepared ------------------------------------------------------------------------------


def in_stage(stage, done, *, partners=False):
    """Put every project into a stage, with a part of its effort done, and with no partners."""

    def prepare(m):
        projects = m.state.projects
        projects.stage[:] = stage
        projects.done[:] = done * m.parameters.chain.efforts[stage]
        if not partners:
            projects.members[:] = NOBODY

    return prepare


def with_slow_rides(m):
    """Give a model recorded rides that take five times as long as those by distance."""
    ride = 5.0 * m.world.distance_km / SPEED_KMH
    other = replace(m.world, rail_years=np.array([2010]), rail_hours=ride[None])
    plain = baseline_environment(other, m.parameters)
    m.baselines = Baselines(plain, other, m.parameters, m.settings.start)
    m.environment = m.baseline


def with_counts(m):
    """Give a model firms that grow by 5 to 20 % a year in each province, counted to 2020."""
    other = replace(m.world, firm_growth=np.tile([0.05, 0.2], (m.world.n_provinces, 1)))
    inputs, keys = m.state.inputs, m.parameters.population
    growth = growth_by_quarter(other, inputs.years, keys.between, keys.growth_damping, LONG_RUN)
    m.state.inputs = replace(inputs, firm_growth=growth)


def short_of_people(m):
    """A fifth of the researchers is gone, and of those that official figures know; pay is high."""
    m.state.talent.stock[:-1] = m.state.talent.stock[:-1] * 8 // 10
    m.state.talent.start = m.state.talent.start * 8 // 10
    m.state.talent.wage[:] = 1.5


def with_good_returns(m):
    m.state.returned[:] = 0.5


def with_open_markets(m):
    m.state.market.access[:] = 0.3


def with_half_the_prices(m):
    """Let prices of the base run be twice those of the run."""
    m.prices = np.full((8, m.world.n_provinces + 1), np.log(2.0))


# -- the table -------------------------------------------------------------------------------------


def each_of(path, usual, low, high):
    """One value low and one high for each entry of a list, with its number."""
    for k in range(len(usual)):
        yield k, path, *((*usual[:k], value, *usual[k + 1 :]) for value in (low, high))


ENDLESS = {"chain.effort": 1000.0}
JOINT = ("co_invention", "co_publication")
LATE = {"on": False, "until": None, "years": (2041, 20)}
NEW = {"on": False, "until": None}
FUNDED, INVESTED, EXPLORED = {"until": "_fund"}, {"until": "_invest"}, {"until": "_explore"}
TALENT, MATCHED, LEARNED = {"until": "_move_talent"}, {"until": "_match"}, {"until": "_learn"}
ADVANCED, FOUNDED, COVERED = {"until": "_advance"}, {"until": "_found"}, {"until": "_cover"}
ADOPTED, COMPETED = {"until": "_adopt"}, {"until": "_compete"}
GRANTS = {"rd_grants": {"rate": 0.3}}
TAX = {"tax": {"policy": "super_deduction"}}
MANY = {"generations.foundings": 300.0}

ROWS = [
    Row("inputs.growth_2030", 0.0, 0.2, **LATE),
    Row("inputs.uncertainty", 0.0, 2.0, **LATE),
    Row("inputs.outside_secondary", 0.2, 0.6, **NEW),
    Row("population.burn_in", 2, 6, **NEW),
    Row("population.size_exponent", 0.8, 2.5, **NEW),
    Row("population.size_range", 2.0, 5000.0, **NEW),
    Row("population.mix_concentration", 2.0, 1e5, **NEW),
    Row("population.spread", 0.1, 1.5, firms("knowledge", np.std), +1, **NEW),
    Row("population.spread", 0.1, 1.5, firms("absorptive", np.std), +1, **NEW),
    Row("population.between", 0.0, 1.0, city("entries"), +1, prepare=with_counts),
    Row("population.growth_damping", 0.0, 1.0, prepare=with_counts, on=False, until=None,
        years=(2021, 5)),
    Row("population.exit", 0.05, 0.7, city("exits"), +1),
    Row("population.exit_size", 0.0, 1.0, city("exits"), -1),
    Row("population.entrant_size", 0.01, 2.0),
    Row("actors.universities", False, True, **NEW),
    Row("actors.institutes", False, True, **NEW),
    Row("actors.funding", False, True, city("rd_grants"), +1, **FUNDED),
    Row("actors.intermediaries", False, True, **NEW),
    Row("actors.media", False, True, city("stories"), +1, on=False, burn_in=20),
    Row("actors.cross_province", False, True, expected(*JOINT, "contract"), +1, **MATCHED),
    Row("travel.hours", "distance", "recorded", prepare=with_slow_rides, **MATCHED),
    Row("travel.ride", 0.1, 2.0, prepare=with_slow_rides, **MATCHED),
    Row("travel.access_h", 0.0, 5.0, **TALENT),
    Row("fund.university_share", 0.05, 0.3, **FUNDED),
    Row("fund.institute_share", 0.05, 0.7, **FUNDED),
    Row("fund.theta", 0.1, 0.5, on=False, until="_fund"),
    Row("fund.leakage", 0.0, 0.5, city("rd_grants_leaked"), +1, **FUNDED),
    Row("fund.profit_margin", 0.05, 0.5, firms("profit"), +1, **INVESTED),
    Row("fund.profit_tax", 0.0, 0.5, city("profit_tax"), +1, **FUNDED),
    Row("fund.tax_central", 0.0, 1.0, **FUNDED),
    Row("talent.mobility", 0.001, 0.5, city("talent_out"), +1, **TALENT),
    Row("talent.retirement", 0.0, 0.5, city("vacancies"), +1, **TALENT),
    Row("talent.scarce_supply", True, False, prepare=short_of_people, **TALENT),
    Row("talent.graduates_look", 0.0, 1.0, prepare=short_of_people, **TALENT),
    Row("talent.entry_elasticity", 0.0, 3.0, city("researchers_stock"), +1,
        prepare=short_of_people, **TALENT),
    Row("talent.pay_speed", 0.0, 3.0, prepare=short_of_people, **TALENT),
    Row("talent.recognition", 0.1, 1.0, region("talent_cross_province"), +1, **TALENT),
    Row("border.talent", 0.1, 1.0, region("talent_cross_province"), +1, **TALENT),
    Row("contracts.science_hires", 0.0, 1.0, **MATCHED),
    Row("invest.intensity", 0.005, 0.1, firms("log_intensity"), +1, **INVESTED),
    Row("invest.adjustment", 0.1, 3.0, **INVESTED),
    Row("invest.expected_return", 0.0, 0.5, firms("log_intensity"), +1, prepare=with_good_returns,
        **INVESTED),
    Row("invest.innovative_scale", 5.0, 500.0, region("innovative_sales_share"), -1, **INVESTED),
    Row("invest.additionality", -0.5, 4.0, firms("log_intensity"), +1, quarters=1, policies=GRANTS,
        **INVESTED),
    Row("invest.tax_elasticity", 0.0, 2.0, firms("log_intensity"), +1, policies=TAX, **INVESTED),
    Row("invest.size_elasticity", 0.1, 1.4, **NEW),
    Row("invest.effect_sd", 0.0, 1.5, firms("log_effect", np.std), +1, **NEW),
    Row("explore.learning", 0.0, 0.1, firms("knowledge", np.std), +1, **EXPLORED),
    Row("explore.forgetting", 0.0, 0.9, firms("knowledge", np.std), -1, **EXPLORED),
    Row("explore.ideas", 0.02, 1.0, city("ideas"), +1, **EXPLORED),
    Row("explore.university_teams", 1.0, 50.0, city("ideas"), +1, **EXPLORED),
    Row("explore.institute_teams", 0.0, 50.0, city("ideas"), +1, **EXPLORED),
    Row("explore.ideas_exponent", 0.3, 1.0, city("ideas"), +1, **EXPLORED),
    Row("explore.access", 0.0, 0.8, **EXPLORED),
    Row("explore.near_h", 0.5, 1.5, access, +1, **EXPLORED),
    Row("explore.far", 0.0, 1.0, access, +1, **EXPLORED),
    Row("explore.reach_h", 1.0, 100.0, access, +1, **EXPLORED),
    Row("border.knowledge", 0.05, 1.0, access, +1, **EXPLORED),
    Row("explore.quality_knowledge", 0.0, 2.0, **EXPLORED),
    Row("explore.skill_sd", 0.0, 1.0, on=False, until="_explore"),
    Row("explore.quality_sd", 0.1, 2.0, **EXPLORED),
    Row("match.gap_search", 0.01, 0.9, expected(*JOINT), +1, **MATCHED),
    Row("match.candidates", 1, 9, expected("contract"), +1, given={"match.reserve": 4.0},
        **MATCHED),
    Row("match.decay_h", 0.3, 20.0, given={"match.far": 0.0}, **MATCHED),
    Row("match.far", 0.0, 0.9, **MATCHED),
    Row("match.attraction", 0.0, 2.0, **MATCHED),
    Row("match.additional", 0.0, 1.0, lambda m: m.state.projects.done.sum(), +1, given=ENDLESS,
        **ADVANCED),
    Row("border.joint_work", 0.05, 1.0, expected(*JOINT), 0, **MATCHED),
    Row("border.hand_over", 0.05, 1.0, **MATCHED),
    Row("match.cognitive", 0.0, 3.0, expected(*JOINT), +1, **MATCHED),
    Row("match.social", 0.0, 5.0, expected(*JOINT), +1, **MATCHED),
    Row("match.institution", 0.0, 3.0, expected(*JOINT), -1, **MATCHED),
    # where the reserve hardly binds, cost only moves choice from gravity to old partners, who agree
    # more often: what it costs in joint projects shows at a high reserve
    Row("match.search_cost", 0.0, 3.0, expected(*JOINT), -1, **MATCHED,
        given={"match.reserve": 4.0}),
    Row("match.reserve", 0.0, 4.0, expected(*JOINT), -1, **MATCHED),
    Row("match.lead", 0.2, 5.0, **MATCHED),
    Row("match.overhead", 0.0, 0.3, lambda m: m.state.projects.effort.sum(), -1, **ADVANCED),
    Row("match.consortium", 1, 5, expected("co_invention"), +1, **MATCHED),
    Row("match.tie_decay", 0.0, 1.0, lambda m: m.state.ties.strength.sum(), -1, **LEARNED),
    Row("match.facility_use", 0.05, 0.9, lambda m: m.state.projects.helped.sum(), +1, **MATCHED),
    Row("match.facility_gain", 0.0, 1.0, lambda m: m.state.projects.effort.sum(), +1, **ADVANCED,
        given={"match.facility_use": 0.9}),
    Row("brokers.per_1000_firms", 1.0, 9.0, **NEW),
    Row("brokers.capacity", 1.0, 1000.0, city("introductions"), +1, on=False, burn_in=8,
        until="_match"),
    Row("brokers.reach_km", 50.0, 500.0, city("introductions"), +1, on=False, burn_in=20,
        until="_match", given={"brokers.per_1000_firms": 1.0}),
    Row("brokers.disclosure", 0.0, 1.0, city("university_licences"), +1, **MATCHED),
    Row("brokers.offices", 0.0, 5.0,
        given={"brokers.disclosure": 0.0, "brokers.per_1000_firms": 0.5},
        policies={"intermediaries": {"per_1000_firms": 5.0}}, **MATCHED),
    Row("brokers.largest_deal", 1e-4, 1000.0, city("introductions"), +1, **MATCHED),
    Row("contracts.price", 1.0, 20.0, contracts("value"), +1, **MATCHED),
    Row("contracts.pieces", 1.0, 20.0, contracts("number"), +1, **MATCHED),
    Row("contracts.market", 0.2, 1.0, contracts("value"), +1, **MATCHED),
    Row("contracts.size", 1.0, 20.0, contracts("number"), -1, **MATCHED),
    Row("contracts.registration_rate", 0.0, 5.0, contracts("number_registered"), -1, **MATCHED),
    Row("contracts.patents", 1.0, 5.0, city("invention_patent_applications"), +1, **ADVANCED),
    Row("contracts.examination", (0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 0.0),
        city("invention_patents_granted"), +1, **ADVANCED),
    Row("contracts.lapse", 0.0, 3.0, city("invention_patents_in_force"), -1, **ADVANCED),
    Row("contracts.papers", 1.0, 10.0, city("sci_papers"), +1, **ADVANCED),
    Row("learn.rule", "barter", "broadcast", firms("knowledge"), +1, **LEARNED),
    Row("learn.rate", 0.0, 0.5, firms("knowledge"), +1, **LEARNED),
    Row("learn.spillover", 0.0, 0.2, firms("knowledge"), +1, **LEARNED),
    Row("chain.effort", 1.0, 600.0, city("launches"), -1, **ADVANCED),
    Row("chain.duration", 1.0, 100.0, city("launches"), -1, **ADVANCED),
    *(Row(*low_and_high, funnel("completed", s), +1, prepare=in_stage(s, 0.5), **ADVANCED)
      for s, *low_and_high in each_of("chain.pace", Parameters().chain.pace, 0.1, 10.0)),
    *[Row("chain.failure", 0.0, 4.0, funnel("failed", s), +1, prepare=in_stage(s, 0.0), **ADVANCED)
      for s in range(len(STAGES))],
    Row("chain.capability_part", 0.3, 1.0, funnel("completed", APPLIED, FIRM), +1,
        prepare=in_stage(APPLIED, 0.6), **ADVANCED),
    Row("chain.capability_part", 0.0, 1.0, funnel("completed", PILOT, INSTITUTE), +1,
        prepare=in_stage(PILOT, 0.9), **ADVANCED),
    Row("chain.capability_size", 0.0, 20.0, city("projects_waiting"), +1, **ADVANCED),
    Row("chain.project_share", 0.1, 1.0, lambda m: m.state.projects.effort.sum(), +1,
        prepare=in_stage(APPLIED, 0.0), **ADVANCED),
    Row("chain.span", 1.0, 100.0, lambda m: len(m.state.projects), -1, **EXPLORED),
    Row("chain.access", 0.0, 0.8, **ADVANCED),
    Row("chain.joint_quality", 0.0, 1.0, lambda m: m.state.projects.quality.sum(), +1, **ADVANCED),
    Row("chain.joint_safety", 0.0, 4.0, city("projects_failed"), -1,
        prepare=in_stage(PILOT, 0.0, partners=True), **ADVANCED),
    Row("chain.selection", 0.1, 5.0, city("projects_shelved"), -1, **ADVANCED),
    Row("generations.foundings", 2.0, 30.0, region("generations_founded"), +1, **FOUNDED),
    Row("generations.launch_elasticity", 0.0, 1.0, **FOUNDED),
    Row("generations.improvement", 0.0, 0.1, lambda m: m.state.generations.log_quality.sum(), +1,
        **FOUNDED),
    Row("generations.frontier_growth", 0.01, 0.2, lambda m: m.state.frontier.sum(), +1, **FOUNDED),
    Row("generations.crowding", 0.01, 50.0, given=MANY, **FOUNDED),
    Row("generations.lifetime", 6, 60),
    Row("media.stories", 0, 3, city("stories"), +1, on=False, burn_in=20, until="_cover"),
    Row("media.awareness", 0.0, 20.0, rise_of_hazard, +1, **ADOPTED),
    Row("travel.decay_h", 0.1, 50.0, region("stories_cross_province"), +1, **COVERED),
    Row("travel.decay_h", 0.3, 50.0, given={"talent.mobility": 0.5}, **TALENT),
    Row("travel.decay_h", 0.1, 50.0, rise_of_hazard, -1, **ADOPTED),
    Row("travel.decay_h", 0.1, 100.0, where_firms_go, 0, given={"relocate.hazard": 1.0}),
    Row("adopt.external", 0.001, 0.3, rise_of_hazard, +1, **ADOPTED),
    Row("adopt.internal", 0.0, 4.0, rise_of_hazard, +1, **ADOPTED),
    Row("adopt.outside", 0.0, 0.9, **ADOPTED),
    Row("adopt.appeal_sd", 0.1, 2.0, **ADOPTED),
    Row("border.exposure", 0.0, 1.0, rise_of_hazard, +1, **ADOPTED),
    Row("compete.catch_up", 0.01, 0.3, firms("log_productivity"), +1, **COMPETED),
    Row("compete.market_access", 0.0, 0.4, firms("log_productivity"), +1,
        prepare=with_open_markets, **COMPETED),
    Row("compete.research_return", 0.0, 0.14, firms("gained", np.std), +1, **FOUNDED),
    Row("compete.access", 0.0, 0.1, **FOUNDED),
    Row("compete.private_return", 0.0, 0.3, firms("gained"), +1, **FOUNDED),
    Row("compete.return_decay", 0.0, 4.0, lambda m: m.state.organisations.earning.sum(), -1,
        **FOUNDED),
    Row("compete.depreciation", 0.0, 0.05, firms("log_productivity"), -1, **COMPETED),
    Row("compete.effect_sd", 0.1, 1.0, firms("productivity_effect", np.std), +1, **NEW),
    Row("compete.selection", 0.0, 0.2, **COMPETED),
    Row("compete.sigma", 1.5, 8.0, **COMPETED),
    Row("compete.share_adjustment", 0.1, 1.0, **COMPETED),
    Row("compete.demand_elasticity", 0.0, 1.0, firms("sales"), +1, prepare=with_half_the_prices,
        **COMPETED),
    Row("compete.transport_region", 0.3, 1.0, **COMPETED),
    Row("compete.transport_outside", 0.3, 1.0, **COMPETED),
    Row("border.goods", 0.7, 1.0, **COMPETED),
    *(Row(*low_and_high, city("certificate_eligible"), -1)
      for _, *low_and_high in each_of("certify.thresholds", (0.05, 0.04, 0.03), 0.01, 0.5)),
    Row("certify.sales_basis", 0.1, 1.0, city("certificate_eligible"), -1),
    Row("certify.small_sales", 0.0, 2.0, city("certificate_eligible"), -1,
        given={"certify.thresholds": (0.2, 0.04, 0.03)}),
    Row("certify.large_sales", 0.5, 100.0, city("certificate_eligible"), -1,
        given={"certify.thresholds": (0.05, 0.2, 0.03)}),
    Row("certify.relabelling", 0.0, 0.9, city("certificate_eligible"), +1),
    Row("certify.hazard", 0.01, 3.0, city("certifications"), +1, years=(2016, 2)),
    Row("certify.hazard_before", 0.01, 3.0, city("certifications"), +1),
    Row("certify.lasts", 4, 40),
    Row("certify.profit_tax", 0.0, 0.25, city("profit_tax"), +1, **FUNDED),
    Row("relocate.hazard", 0.01, 1.0, city("relocations_out"), +1),
]  # fmt: skip


def leaves(section=Parameters, path=""):
    for name, of in section.model_fields.items():
        if isinstance(of.annotation, type) and issubclass(of.annotation, BaseModel):
            yield from leaves(of.annotation, f"{path}{name}.")
        else:
            yield path + name


def test_every_parameter_is_in_the_table():
    asked, has = set(leaves()), {row.path for row in ROWS}
    assert sorted(asked - has) == []
    assert sorted(has - asked) == []


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=[row.path for row in ROWS])
def test_every_parameter_moves_its_variable(row):
    low, high = row.lived(row.low), row.lived(row.high)
    if row.seen is None:
        one, other = everything(low), everything(high)
        moved = {n for n in one.keys() & other.keys() if one[n].tobytes() != other[n].tobytes()}
        assert moved, "the parameter is dead"
        return
    seen = row.seen(low), row.seen(high)
    assert np.isfinite(seen).all()
    assert seen[0] != seen[1], "the parameter is dead"
    assert row.direction in (0, np.sign(seen[1] - seen[0]))
