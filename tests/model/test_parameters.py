"""No parameter is dead: a change of each moves what it is about, and into the right direction.

Each row of the table takes a model at the end of its burn-in, lets it live one quarter with the
low and one with the high value, and looks at the variable nearest to the rule: a column of the
state or what the phase has tallied. Parameters of the start are compared between two models that
have just been made.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from tests.support import probes as see
from tests.support.probes import LIVELY, SCALE, begun, city, firms, funnel, place, region
from tests.support.small import PHASES, SHORT_CHAIN, fork, live, scenario
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.agents.projects import APPLIED, PILOT, STAGES
from ydsim.agents.search import BROKERED, CLOSURE, FORMER
from ydsim.model import Model
from ydsim.scenario.schema.parameters import Parameters


@dataclass
class Row:
    """What moves when ``path`` goes from ``low`` to ``high``.

    ``direction`` is +1 where ``seen`` rises, -1 where it falls, 0 where it only changes. A model
    that goes ``on`` starts from the common burn-in, after ``prepare``; else one is made anew with
    a burn-in of ``burn_in`` quarters. It lives ``quarters`` whole ones and then the phases of one
    more up to ``until``; None for no phase at all. The change is at least the part ``least`` of
    the larger value.
    """

    path: str
    low: Any
    high: Any
    seen: Callable[[Model], float]
    direction: int
    on: bool = True
    burn_in: int = 0
    quarters: int = 0
    until: str | None = PHASES[-2]
    prepare: Callable[[Model], None] = lambda m: None
    given: dict[str, Any] = field(default_factory=dict)
    policies: dict[str, Any] = field(default_factory=dict)
    years: tuple[int, int] = (2011, 2)
    least: float = 0.0

    def value(self, of_path):
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
            if self.on:
                live(m)
                m.state.quarter += 1
            else:
                m.step()
        if self.until is not None:
            live(m, self.until)
        return self.seen(m)


def stages(name, low, high, seen, direction, done=0.0, **more):
    """One row for each stage of a list of the chain."""
    usual = SHORT_CHAIN.get(f"chain.{name}", getattr(Parameters().chain, name))
    for s in range(len(STAGES)):
        given = [(*usual[:s], value, *usual[s + 1 :]) for value in (low, high)]
        yield Row(
            f"chain.{name}", *given, seen(s), direction,
            prepare=see.in_stage(s, done), until="_advance", **more,
        )  # fmt: skip


def each_of(path, usual, low, high, seen, direction, **more):
    """One row for each entry of a list; ``seen`` is a list as long."""
    for k, look in enumerate(seen):
        given = [(*usual[:k], value, *usual[k + 1 :]) for value in (low, high)]
        yield Row(path, *given, look, direction, **more)


# -- the table -------------------------------------------------------------------------------------

ENDLESS = {"chain.effort": 1000.0}
JOINT = ("co_invention", "co_publication")
LATE = {"on": False, "until": None, "years": (2041, 20)}
NEW = {"on": False, "until": None}
FUNDED, INVESTED, EXPLORED = {"until": "_fund"}, {"until": "_invest"}, {"until": "_explore"}
TALENT, MATCHED, LEARNED = {"until": "_move_talent"}, {"until": "_match"}, {"until": "_learn"}
ADVANCED, FOUNDED, COVERED = {"until": "_advance"}, {"until": "_found"}, {"until": "_cover"}
ADOPTED, COMPETED = {"until": "_adopt"}, {"until": "_compete"}
GRANTS = {"rd_grants": {"rate": 0.3}}
TAX = {"tax": {"policy": "tests.support.user_cost.UserCost", "cost": 0.5}}
MANY = {"generations.foundings": 300.0}

ROWS = [
    Row("inputs.growth_2030", 0.0, 0.2, see.inputs("gdp"), +1, **LATE),
    Row("inputs.uncertainty", 0.0, 2.0, lambda m: float(np.ptp(m.state.inputs.gdp)), +1, **LATE),
    Row("inputs.outside_secondary", 0.2, 0.6, lambda m: m.state.inputs.secondary[-1].sum(), +1,
        **NEW),
    Row("population.burn_in", 2, 6, lambda m: -m.state.generations.founded.min(), +1, **NEW),
    Row("population.size_exponent", 0.8, 2.5, see.concentration, -1, **NEW),
    Row("population.size_range", 2.0, 5000.0, see.concentration, +1, **NEW),
    Row("population.mix_concentration", 2.0, 1e5, see.crowd, -1, **NEW),
    Row("population.spread", 0.1, 1.5, lambda m: firms("knowledge", np.std)(m), +1, **NEW),
    Row("population.spread", 0.1, 1.5, firms("absorptive", np.std), +1, **NEW),
    Row("population.between", 0.0, 1.0, city("entries"), +1, prepare=see.with_counts),
    Row("population.growth_damping", 0.0, 1.0, lambda m: m.state.inputs.firm_growth.sum(), +1,
        prepare=see.with_counts, on=False, until=None, years=(2021, 5)),
    Row("population.exit", 0.05, 0.7, city("exits"), +1),
    Row("population.exit_size", 0.0, 1.0, city("exits"), -1),
    Row("population.entrant_size", 0.01, 2.0, see.of_newcomers("share"), +1),
    Row("actors.universities", False, True, see.of_kind(UNIVERSITY), +1, **NEW),
    Row("actors.institutes", False, True, see.of_kind(INSTITUTE), +1, **NEW),
    Row("actors.funding", False, True, city("rd_grants"), +1, **FUNDED),
    Row("actors.intermediaries", False, True, lambda m: len(m.state.brokers.city), +1, **NEW),
    Row("actors.media", False, True, city("stories"), +1, on=False, burn_in=8),
    Row("actors.cross_province", False, True,
        see.expected(*JOINT, "contract", where=see.across), +1, **MATCHED),
    Row("travel.hours", "distance", "recorded", see.mean_way(see.contracts_between), -1,
        given={"match.far": 0.0}, prepare=see.with_slow_rides, **MATCHED),
    Row("travel.ride", 0.1, 2.0, see.mean_way(see.contracts_between), -1,
        given={"match.far": 0.0}, prepare=see.with_slow_rides, **MATCHED),
    Row("travel.access_h", 0.0, 5.0, lambda m: see.moved(m).sum(), -1, **TALENT),
    Row("fund.university_share", 0.05, 0.4, see.grants_of(UNIVERSITY), +1, **FUNDED),
    Row("fund.institute_share", 0.05, 0.7, see.grants_of(INSTITUTE), +1, **FUNDED),
    Row("fund.theta", 0.1, 0.5, see.ledger("general revenue", receiver="provinces"), +1, on=False,
        until="_fund"),
    Row("fund.leakage", 0.0, 0.5, city("rd_grants_leaked"), +1, **FUNDED),
    Row("fund.profit_margin", 0.05, 0.5, see.ledger("profit before research"), +1, **INVESTED),
    Row("fund.profit_tax", 0.0, 0.5, city("profit_tax"), +1, **FUNDED),
    Row("fund.tax_central", 0.0, 1.0, see.ledger("profit tax", receiver="central"), +1, **FUNDED),
    Row("talent.mobility", 0.001, 0.5, lambda m: see.moved(m).sum(), +1, **TALENT),
    Row("talent.retirement", 0.0, 0.5, city("vacancies"), +1, **TALENT),
    Row("talent.scarce_supply", True, False, see.beginners, +1, prepare=see.short_of_people,
        **TALENT),
    Row("talent.graduates_look", 0.0, 1.0, see.lacking, -1, prepare=see.one_city_short,
        given={"talent.entry_elasticity": 0.0}, **TALENT),
    Row("talent.entry_elasticity", 0.0, 3.0, see.beginners, +1, prepare=see.with_high_pay,
        **TALENT),
    Row("talent.pay_speed", 0.0, 3.0, lambda m: m.state.talent.wage.mean(), +1,
        prepare=see.short_of_people, **TALENT),
    Row("contracts.science_hires", 0.0, 1.0, lambda m: see.science_rd(m), +1, **MATCHED),
    Row("border.talent", 0.1, 1.0, region("talent_cross_province"), 1, **TALENT),
    Row("talent.recognition", 0.1, 1.0, region("talent_cross_province"), +1, **TALENT),
    Row("invest.intensity", 0.005, 0.1, firms("log_intensity"), +1, **INVESTED),
    Row("invest.adjustment", 0.1, 3.0, lambda m: np.abs(see.rise_of_intensity(m)).mean(), +1,
        **INVESTED),
    Row("invest.expected_return", 0.0, 0.5, firms("log_intensity"), +1,
        prepare=see.with_good_returns, **INVESTED),
    Row("invest.innovative_scale", 5.0, 500.0, region("innovative_sales_share"), -1, **INVESTED),
    Row("invest.additionality", -0.5, 4.0, firms("log_intensity"), +1, quarters=1, policies=GRANTS,
        **INVESTED),
    Row("invest.tax_elasticity", 0.0, 2.0, firms("log_intensity"), +1, policies=TAX, **INVESTED),
    Row("invest.size_elasticity", 0.1, 1.4,
        see.covariance(see.column("log_effect"), see.log_share), +1, **NEW),
    Row("invest.effect_sd", 0.0, 1.5, firms("log_effect", np.std), +1, **NEW),
    Row("explore.learning", 0.0, 0.1, see.spread_of_knowledge, +1, **EXPLORED),
    Row("explore.forgetting", 0.0, 0.9, see.spread_of_knowledge, -1, **EXPLORED),
    Row("explore.ideas", 0.02, 1.0, city("ideas"), +1, **EXPLORED),
    Row("explore.university_teams", 1.0, 50.0, city("ideas"), +1, **EXPLORED),
    Row("explore.institute_teams", 0.0, 50.0, city("ideas"), +1, **EXPLORED),
    Row("explore.ideas_exponent", 0.3, 1.0, city("ideas"), +1, **EXPLORED),
    Row("explore.access", 0.0, 0.8, city("ideas"), +1, prepare=see.half_the_zero, **EXPLORED),
    Row("explore.near_h", 0.5, 1.5, lambda m: m.state.means.access.sum(), +1, **EXPLORED),
    Row("explore.far", 0.0, 1.0, lambda m: m.state.means.access.sum(), +1, **EXPLORED),
    Row("explore.reach_h", 1.0, 100.0, lambda m: m.state.means.access.sum(), +1, **EXPLORED),
    Row("explore.quality_knowledge", 0.0, 2.0, see.quality_by_knowledge, +1, **EXPLORED),
    Row("explore.skill_sd", 0.0, 1.0, see.log_quality(np.std), +1, on=False, until="_explore"),
    Row("explore.quality_sd", 0.1, 2.0, see.log_quality(np.std), +1, **EXPLORED),
    Row("match.gap_search", 0.01, 0.9, see.seekers, +1, **EXPLORED),
    *(Row("match.candidates", 1, 8, see.candidates(source), +1, **EXPLORED)
      for source in (FORMER, CLOSURE, BROKERED)),
    Row("match.candidates", 1, 9, see.expected("contract"), +1, **MATCHED,
        given={"match.reserve": 4.0}),
    Row("match.decay_h", 0.3, 20.0, see.mean_way(see.contracts_between), +1,
        given={"match.far": 0.0}, **MATCHED),
    Row("match.far", 0.0, 0.9, see.mean_way(see.contracts_between), +1, **MATCHED),
    Row("match.attraction", 0.0, 2.0, see.expected(*JOINT), 0, **MATCHED),
    Row("match.additional", 0.0, 1.0, lambda m: m.state.projects.done.sum(), +1, given=ENDLESS,
        **ADVANCED),
    Row("border.joint_work", 0.05, 1.0, see.expected(*JOINT, where=see.across), +1, **MATCHED),
    Row("border.knowledge", 0.05, 1.0, lambda m: m.state.means.access.sum(), +1, **EXPLORED),
    Row("border.hand_over", 0.05, 1.0,
        lambda m: m.state.tally.contracts.value_handed_over[:-1, :-1][~np.eye(4, dtype=bool)]
        .sum(), +1, **MATCHED),
    Row("match.cognitive", 0.0, 3.0, see.expected(*JOINT), +1, **MATCHED),
    Row("match.social", 0.0, 5.0, see.expected(*JOINT), +1, **MATCHED),
    Row("match.institution", 0.0, 3.0, see.expected(*JOINT), -1, **MATCHED),
    # where the reserve hardly binds, cost only moves choice from gravity to old partners, who agree
    # more often: what it costs in joint projects shows at a high reserve
    Row("match.search_cost", 0.0, 3.0, see.expected(*JOINT), -1, **MATCHED,
        given={"match.reserve": 4.0}),
    Row("match.reserve", 0.0, 4.0, see.expected(*JOINT), -1, **MATCHED),
    # who leads is chosen more often and accepts less often
    Row("match.lead", 0.2, 5.0, see.expected(*JOINT), 0, **MATCHED),
    Row("match.overhead", 0.0, 0.3, city("inventions"), -1, **ADVANCED),
    Row("match.consortium", 1, 5, see.expected("co_invention"), +1, **MATCHED),
    Row("match.tie_decay", 0.0, 1.0, lambda m: m.state.ties.strength.sum(), -1, **LEARNED),
    Row("match.facility_use", 0.05, 0.9, lambda m: m.state.projects.helped.sum(), +1, **MATCHED),
    Row("match.facility_gain", 0.0, 1.0, lambda m: m.state.projects.effort.sum(), +1, **ADVANCED,
        given={"match.facility_use": 0.9}),
    Row("brokers.per_1000_firms", 1.0, 9.0, lambda m: len(m.state.brokers.city), +1, **NEW),
    Row("brokers.capacity", 1.0, 1000.0, city("introductions"), +1, on=False, burn_in=8,
        until="_match"),
    Row("brokers.reach_km", 50.0, 500.0, city("introductions"), +1, on=False, burn_in=8,
        until="_match", given={"brokers.per_1000_firms": 1.0}),
    Row("brokers.disclosure", 0.0, 1.0, see.results_offered, +1, **EXPLORED),
    Row("brokers.offices", 0.0, 5.0, see.results_offered, +1,
        given={"brokers.disclosure": 0.0, "brokers.per_1000_firms": 0.5},
        policies={"intermediaries": {"per_1000_firms": 5.0}}, **EXPLORED),
    Row("brokers.largest_deal", 1e-4, 1000.0, city("introductions"), +1, **MATCHED),
    Row("contracts.price", 1.0, 20.0, see.contracts("value"), +1, **MATCHED),
    Row("contracts.pieces", 1.0, 20.0, see.contracts("number"), +1, **MATCHED),
    Row("contracts.market", 0.2, 1.0, see.contracts("value"), +1, **MATCHED),
    Row("contracts.size", 1.0, 20.0, see.contracts("number"), -1, **MATCHED),
    Row("contracts.registration_rate", 0.0, 5.0, see.registered_share, -1, **MATCHED),
    Row("contracts.patents", 1.0, 5.0, city("invention_patent_applications"), +1, **ADVANCED),
    Row("contracts.examination", (0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 0.0),
        city("invention_patents_granted"), +1, **ADVANCED),
    Row("contracts.lapse", 0.0, 3.0, city("invention_patents_in_force"), -1, **ADVANCED),
    Row("contracts.papers", 1.0, 10.0, city("sci_papers"), +1, **ADVANCED),
    Row("learn.rule", "barter", "broadcast", see.knowledge, +1, **LEARNED),
    Row("learn.rate", 0.0, 0.5, see.knowledge, +1, **LEARNED),
    Row("learn.spillover", 0.0, 0.2, see.knowledge, +1, **LEARNED),
    Row("chain.effort", 1.0, 600.0, city("launches"), -1, **ADVANCED),
    Row("chain.duration", 1.0, 100.0, city("launches"), -1, **ADVANCED),
    *stages("pace", 0.1, 10.0, lambda s: funnel("completed", s), +1, done=0.5),
    *[Row("chain.failure", 0.0, 4.0, funnel("failed", s), +1, prepare=see.in_stage(s, 0.0),
          **ADVANCED) for s in range(len(STAGES))],
    Row("chain.capability_part", 0.3, 1.0, funnel("completed", APPLIED, FIRM), +1,
        prepare=see.in_stage(APPLIED, 0.6), **ADVANCED),
    Row("chain.capability_part", 0.0, 1.0, funnel("completed", PILOT, INSTITUTE), +1,
        prepare=see.in_stage(PILOT, 0.9), **ADVANCED),
    Row("chain.capability_size", 0.0, 20.0, city("projects_waiting"), +1, **ADVANCED),
    Row("chain.project_share", 0.1, 1.0, lambda m: m.state.projects.effort.sum(), +1,
        prepare=see.in_stage(APPLIED, 0.0), **ADVANCED),
    Row("chain.span", 1.0, 100.0, lambda m: see.begun_now(m).sum(), -1, **EXPLORED),
    Row("chain.access", 0.0, 0.8, city("inventions"), +1, prepare=see.half_the_zero, **ADVANCED),
    Row("chain.joint_quality", 0.0, 1.0, lambda m: m.state.projects.quality.sum(), +1, **ADVANCED),
    Row("chain.joint_safety", 0.0, 4.0, see.failed_jointly(PILOT), -1,
        prepare=see.in_stage(PILOT, 0.0, partners=True), **ADVANCED),
    Row("chain.selection", 0.1, 5.0, city("projects_shelved"), -1, **ADVANCED),
    Row("generations.foundings", 2.0, 30.0, region("generations_founded"), +1, **FOUNDED),
    Row("generations.launch_elasticity", 0.0, 1.0, region("generations_founded"), +1,
        prepare=see.twice_the_launches, **FOUNDED),
    Row("generations.improvement", 0.0, 0.1, lambda m: m.state.generations.log_quality.sum(), +1,
        **FOUNDED),
    Row("generations.frontier_growth", 0.01, 0.2, lambda m: see.steps(m).sum(), +1, **FOUNDED),
    Row("generations.crowding", 0.01, 50.0, see.covariance(see.steps, see.lead_of_cells), +1,
        given=MANY, **FOUNDED),
    Row("generations.lifetime", 6, 60, see.generations_retired, -1),
    Row("media.stories", 0, 3, lambda m: m.state.outlets.covered.sum(), +1, on=False, burn_in=8,
        until="_cover"),
    Row("media.awareness", 0.0, 20.0, see.rise_of_hazard, +1, **ADOPTED),
    Row("travel.decay_h", 0.1, 50.0, region("stories_cross_province"), +1, **COVERED),
    Row("travel.decay_h", 0.3, 50.0, see.mean_way(see.moved), +1, least=0.4,
        given={"talent.mobility": 0.5}, **TALENT),
    Row("travel.decay_h", 0.1, 50.0, see.rise_of_hazard, -1, **ADOPTED),
    Row("travel.decay_h", 0.1, 100.0, see.distance_of_moves, +1, given={"relocate.hazard": 1.0}),
    Row("adopt.external", 0.001, 0.3, see.rise_of_hazard, +1, **ADOPTED),
    Row("adopt.internal", 0.0, 4.0, see.rise_of_hazard, +1, **ADOPTED),
    Row("adopt.outside", 0.0, 0.9, see.outside_adopters, 0, **ADOPTED),
    Row("adopt.appeal_sd", 0.1, 2.0, see.log_appeal, +1, **ADOPTED),
    Row("border.exposure", 0.0, 1.0, see.rise_of_hazard, 1, **ADOPTED),
    Row("compete.catch_up", 0.01, 0.3, firms("log_productivity"), +1, **COMPETED),
    Row("compete.market_access", 0.0, 0.4, firms("log_productivity"), +1,
        prepare=see.open_markets, **COMPETED),
    Row("compete.research_return", 0.0, 0.14, firms("gained", np.std), +1, **FOUNDED),
    Row("compete.access", 0.0, 0.1, firms("gained"), +1, prepare=see.half_the_zero, **FOUNDED),
    Row("compete.private_return", 0.0, 0.3, firms("gained"), +1, **FOUNDED),
    Row("compete.return_decay", 0.0, 4.0, lambda m: m.state.organisations.earning.sum(), -1,
        **FOUNDED),
    Row("compete.depreciation", 0.0, 0.05, firms("log_productivity"), -1, **COMPETED),
    Row("compete.effect_sd", 0.1, 1.0, firms("productivity_effect", np.std), +1, **NEW),
    Row("compete.selection", 0.0, 0.2,
        see.covariance(see.column("share"), see.column("log_productivity")), +1, **COMPETED),
    Row("compete.sigma", 1.5, 8.0, see.shares_of_markets("home"), +1, **COMPETED),
    Row("compete.share_adjustment", 0.1, 1.0, see.move_of_markets, +1, **COMPETED),
    Row("compete.demand_elasticity", 0.0, 1.0, firms("sales"), +1,
        prepare=see.half_the_prices, **COMPETED),
    Row("compete.transport_region", 0.3, 1.0, see.shares_of_markets("across"), +1, **COMPETED),
    Row("compete.transport_outside", 0.3, 1.0, see.shares_of_markets("outside"), +1, **COMPETED),
    Row("border.goods", 0.7, 1.0, see.shares_of_markets("across"), 1, **COMPETED),
    *each_of("certify.thresholds", (0.05, 0.04, 0.03), 0.01, 0.5,
             [city("certificate_eligible")] * 3, -1),
    Row("certify.sales_basis", 0.1, 1.0, city("certificate_eligible"), -1),
    Row("certify.small_sales", 0.0, 2.0, city("certificate_eligible"), -1,
        given={"certify.thresholds": (0.2, 0.04, 0.03)}),
    Row("certify.large_sales", 0.5, 100.0, city("certificate_eligible"), -1,
        given={"certify.thresholds": (0.05, 0.2, 0.03)}),
    Row("certify.relabelling", 0.0, 0.9, city("certificate_eligible"), +1),
    Row("certify.hazard", 0.01, 3.0, city("certifications"), +1, years=(2016, 2)),
    Row("certify.hazard_before", 0.01, 3.0, city("certifications"), +1),
    Row("certify.lasts", 4, 40, see.granted_until, +1),
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
    low, high = row.value(row.low), row.value(row.high)
    assert np.isfinite([low, high]).all()
    assert high != low, "the parameter is dead"
    assert row.direction == 0 or np.sign(high - low) == row.direction
    assert abs(high - low) >= row.least * max(abs(high), abs(low))
