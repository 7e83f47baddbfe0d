"""The model: what a run begins with, then one quarter after another, phase by phase."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from ydsim import arguments
from ydsim.agents.capability import note_who_lacks
from ydsim.agents.mesa_agents import SeenModel
from ydsim.agents.state import State, clear_dead
from ydsim.agents.tables import QUARTERS, Means
from ydsim.measures.groups import over_provinces, parts_within
from ydsim.noise import Noise, NoiseSource, Phase
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.fold import fold
from ydsim.processes import adopt as adoption
from ydsim.processes import talent
from ydsim.processes.adopt import awareness, cover_launches
from ydsim.processes.advance import advance, file_and_grant, open_queue, plan
from ydsim.processes.collaboration import (
    convene,
    hold_ties,
    keep_brokers,
    share_facilities,
    with_offices,
)
from ydsim.processes.compete import (
    arrival,
    compete,
    demand,
    grow_and_select,
    log_prices,
    pull_at_rest,
    sell,
    stand,
    supply,
)
from ydsim.processes.contract import sign, trade, vouchers_in_force
from ydsim.processes.enact import (
    Baselines,
    Governments,
    baseline_environment,
    pay_outlays,
    places_of,
    with_actors,
)
from ydsim.processes.explore import explore
from ydsim.processes.fund import certify, fund, spend_rest
from ydsim.processes.invest import (
    collect_returns,
    follow_nation,
    invest,
    normalise_effects,
    pin_intensity,
    reported_over_real,
    rest,
)
from ydsim.processes.learn import learn
from ydsim.processes.match import match
from ydsim.processes.populate import calibrate_weights, fit_city_weights, populate
from ydsim.processes.programmes import run_programmes
from ydsim.processes.renew import enter, leave, relocate
from ydsim.processes.seek import seek
from ydsim.processes.technology_founding import found_technologies
from ydsim.record.observe import region_reporters
from ydsim.record.projects import HolderLog, ProjectLog
from ydsim.record.recorder import Recorder
from ydsim.record.run_warnings import (
    coordination_remark,
    foundings_remark,
    reference_remarks,
    take_up_remark,
)
from ydsim.scenario.check import refuse_unknown
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema.parameters import (
    ActorParameters,
    CompeteParameters,
    GovernanceParameters,
    Parameters,
)
from ydsim.scenario.schema.scenario import Scenario
from ydsim.shocks.kinds import Shocks
from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun, load_base_run, price_path
from ydsim.world.inputs import (
    LONG_RUN,
    MARGIN,
    SPAN,
    Outlook,
    by_quarter,
    extend_inputs,
    load_rules,
    market_shifts,
    rd_shift,
)
from ydsim.world.loader import load_world
from ydsim.world.national import national_series
from ydsim.world.world import World, as_known


class Model(SeenModel):
    """A region of organisations that innovate, adopt and compete under policies.

    Construction draws the population and runs the burn-in; every `step` is one quarter, whose
    schedule can be read below. All state lives in `state`, shocks in force in `shocks`; `recorder`
    holds what was observed, `datacollector` what Mesa's reporters saw at the end of each quarter.

    Parameters
    ----------
    scenario
        A resolved scenario, from `ydsim.load_scenario`, or its name or path.
    rng, seed
        Seed of all draws, under either name; the scenario's own when both are None.
    replicate
        Number of the replicate: other draws from the same seed.
    world
        The world to use instead of loading the scenario's.
    base
        The base run to be measured against instead of the one stored for the world.
    allow_code
        As for `ydsim.load_scenario`, of a scenario that is given by name or path.
    overrides
        Values by dotted key laid over a scenario that is given by name or path.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path,
        *,
        rng: int | None = None,
        seed: int | None = None,
        replicate: int = 0,
        world: World | None = None,
        base: BaseRun | None = None,
        allow_code: bool = False,
        **overrides: object,
    ) -> None:
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario, overrides, allow_code=allow_code)
        elif overrides:
            raise TypeError(f"{min(overrides)!r} can be laid over the name of a scenario only")
        seed = arguments.seed(rng, seed, scenario.seed)
        arguments.maybe_instance("world", world, World, "what ydsim.load_world returns")
        arguments.maybe_instance("base", base, BaseRun, "what load_base_run returns")
        super().__init__(rng=seed)
        self.noise = NoiseSource(seed, arguments.whole("replicate", replicate))
        self.settings = scenario = scenario.of_replicate(self.noise.replicate)
        self.parameters = scenario.parameters
        known = load_world(scenario.world) if world is None else world
        self.world = known if scenario.known_in is None else as_known(known, scenario.known_in)
        refuse_unknown(scenario, self.world)
        self.places = places_of(self.world)
        self.governments = Governments(scenario, self.world)
        self.shocks = Shocks(scenario, self.places, self.noise)
        plain = baseline_environment(self.world, self.parameters)
        self.baselines = Baselines(plain, self.world, self.parameters, scenario.start)
        actors, plain = self.parameters.actors, self.baselines.at(scenario.start)
        self.environment = with_actors(plain, actors, self.world.city_province)
        base = load_base_run(self.world) if base is None else base
        self.state = first_state(scenario, self.world, self.noise, base)
        self.shifts = market_shifts(base, scenario.start, scenario.end, self.world)
        self.prices = price_path(base, scenario.start, self.world)
        self.constants: Means | None = None
        self.project_log = ProjectLog(keeps=scenario.record.projects)
        self.holder_log = HolderLog(self.parameters)
        self._burn_in()
        self._refer(base)
        logs = self.project_log, self.holder_log
        self.recorder = Recorder(self.state, scenario, *logs, self.shocks.assignments)
        self.datacollector = self.collector()

    def step(self) -> None:
        """Advance the model by one quarter, in the order of these phases."""
        if self.state.quarter >= self.settings.quarters:
            raise RuntimeError(f"the run has ended: {self.settings.end} is its last year")
        self._begin(self.state.quarter)
        self._enact()
        self._fund()
        self._move_talent()
        self._invest()
        self._explore()
        self._match()
        self._learn()
        self._advance()
        self._found()
        self._cover()
        self._adopt()
        self._compete()
        self._renew()
        self._record()

    def reporters(self) -> dict[str, Callable[[Any], float]]:
        """Return reporters of the last quarter of all series of the region, for Mesa."""
        return region_reporters()

    def collector(self) -> mesa.DataCollector:
        """Return the collector of a new model; override it to collect something else."""
        return mesa.DataCollector(model_reporters=self.reporters())

    def run(self) -> Model:
        """Step to the end of the scenario."""
        while self.running:
            self.step()
        return self

    def branch(self, scenario: Scenario) -> Model:
        """Return a copy that goes on under another scenario.

        The scenario may differ in policies, shocks, governance and names, and in what these do only
        from the coming quarter on (`ydsim.run.replicate.first_difference`); this is not checked.
        """
        scenario = scenario.of_replicate(self.noise.replicate)
        refuse_unknown(scenario, self.world)
        other = copy.deepcopy(self)
        other.settings = scenario
        other.governments = self.governments.under(scenario, self.world)
        other.shocks = other.shocks.under(scenario)
        other.recorder.drawn = other.shocks.assignments if scenario.shocks else None
        return other

    def environment_at(self, year: float) -> PolicyEnvironment:
        """Return the policy environment in force at a decimal year."""
        year = arguments.number("year", year)
        in_force = fold(self.baselines.at(year), self.settings.policies, year, self.places)
        return with_actors(in_force, self.parameters.actors, self.world.city_province)

    @property
    def baseline(self) -> PolicyEnvironment:
        """The environment without policies of the coming quarter: openings of lines are data."""
        return self.baselines.at(self.year)

    @property
    def notes(self) -> list[str]:
        """One-line remarks on the run so far that a reader of its results should know."""
        number = self.noise.replicate if self.settings.replicates > 1 else None
        missed, listed = self.recorder.series("foundings_missed"), self.world.listed is not None
        return [
            *coordination_remark(self.governments.alone),
            *reference_remarks(self.state.base, self.world, self.parameters.population.burn_in),
            *foundings_remark(missed, listed=listed, alone=number is None),
            *take_up_remark(self.state.ledger.budgets(self.state.scale), number),
        ]

    @property
    def shift(self) -> Floats:
        """Fitted shift v of the market shares of cities in the coming quarter, (C,)."""
        return self.shifts[min(self.state.quarter + 1, len(self.shifts) - 1)]

    @property
    def year(self) -> float:
        """Decimal year of the coming quarter; 2012.25 is the second quarter of 2012."""
        return self.settings.start + self.state.quarter / 4.0

    # -- the phases, one call each -------------------------------------------------------------

    def _begin(self, quarter: int) -> None:
        self.state.begin(quarter)
        if quarter % 4 == 0:
            self.follow_rows(clear_dead(self.state))

    def _enact(self) -> None:
        policies = self.shocks.strike(self.state, self.environment_at(self.year))
        acted = self.governments.act(self.state, policies, self.shift)
        self.environment = with_offices(self.state, acted, self.baseline)
        pay_outlays(self.state, self.environment)
        if keep_brokers(self.state, self.environment, self.baseline, self.parameters):
            self.renew_intermediaries()

    def _fund(self) -> None:
        fund(self.state, self.environment, self.parameters)
        spend_rest(self.state)

    def _move_talent(self) -> None:
        keys = self.parameters
        draws = self._draws("talent")
        talent.move_talent(self.state, self.environment, draws, keys.talent, keys.travel.decay_h)

    def _invest(self) -> None:
        invest(self.state, self.environment, self.parameters)
        talent.employ(self.state, self.parameters.talent)

    def _explore(self) -> None:
        keys, constants = self.parameters, self.constants
        draws, lasting = self._draws("explore"), self.noise.phase("explore", 0)
        explore(self.state, self.environment, draws, lasting, keys.explore, keys.chain, constants)
        self.project_log.born(self.state)

    def _match(self) -> None:
        note_who_lacks(self.state.projects, self.state.organisations, self.parameters.chain)
        draws = self._draws("facilities")
        share_facilities(self.state, self.environment, draws, self.parameters.match)
        lasting = self.noise.phase("consortia", 0)
        convene(self.state, self.environment, self._draws("consortia"), lasting, self.parameters)
        draws = self._draws("match")
        lasting = self.noise.phase("capacity", 0)
        search = seek(self.state, self.environment, draws, self.parameters, self.baseline, lasting)
        self.shocks.introduce(self.state, search)
        vouchers = vouchers_in_force(self.state, self.environment, self.parameters)
        self.project_log.before_match(self.state)
        match(self.state, self.environment, search, draws, lasting, self.parameters, vouchers)
        del search  # nobody reads it any more, and it is large
        self.project_log.joined(self.state, self.parameters)
        sign(self.state, self._draws("contract"), self.parameters, vouchers)
        trade(self.state, self.environment, self.parameters, self.baseline)

    def _learn(self) -> None:
        learn(self.state, self.parameters.learn)
        keys = self.parameters.match
        self.state.ties.fade(keys.tie_decay, self.state.organisations.alive)
        hold_ties(self.state)

    def _advance(self) -> None:
        chain, match = self.parameters.chain, self.parameters.match
        work = plan(self.state, chain, match)
        run_programmes(self.state, self.environment, work, self.parameters)
        basic = self.environment.science_productivity
        advance(self.state, self._draws("advance"), chain, match, work, basic)
        self.project_log.ended(self.state)
        self.holder_log.note(self.state)
        file_and_grant(self.state, self.parameters.contracts)

    def _found(self) -> None:
        state, keys, constants = self.state, self.parameters, self.constants
        draws, lasting = self._draws("found"), self.noise.phase("found", 0)
        outside, seeds = keys.adopt.outside, state.quarter < 0
        new = found_technologies(state, draws, lasting, keys.generations, outside, constants, seeds)
        collect_returns(state, keys.compete, keys.explore.ideas_exponent, constants)
        adoption.open_generations(state, new, self._thresholds, keys.adopt)

    def _cover(self) -> None:
        keys = self.parameters
        draws = self._draws("cover")
        cover_launches(self.state, self.environment, draws, keys.travel.decay_h)

    def _adopt(self) -> None:
        keys = self.parameters
        aware = awareness(self.state.attention, keys.media)
        adoption.adopt(self.state, self.environment, keys.adopt, aware, keys.travel.decay_h)

    def _compete(self) -> None:
        state, keys, shift = self.state, self.parameters.compete, self.shift
        follow_nation(state, self.parameters, self.constants)
        outside, moved = state.nation.relative, self.shocks.shifted(shift)
        prices = self.prices[state.quarter] if state.quarter < len(self.prices) else None
        compete(state, self.environment, keys, outside, moved, self.baseline, shift, prices)

    def _renew(self) -> None:
        state, environment, parameters = self.state, self.environment, self.parameters
        dead = leave(state, self._draws("leave"), parameters.population)
        adoption.forget_dead(state, dead)
        old = moved = np.empty(0, dtype=np.int64)
        if state.quarter >= 0:
            draws = self._draws("relocate")
            hazard, decay_h = parameters.relocate.hazard, parameters.travel.decay_h
            old, moved = relocate(state, environment, draws, hazard, decay_h)
        lasting = self.noise.phase("enter", 0)
        entrants = enter(state, self._draws("enter"), lasting, len(dead), parameters)
        state.regroup()
        adoption.join_moved(state, old, moved, self._thresholds)
        adoption.join_late(state, entrants, self._thresholds)
        adoption.retire(state, parameters.generations)
        elasticity = parameters.invest.tax_elasticity
        over_real = reported_over_real(environment.user_cost, environment.relabelled, elasticity)
        certify(state, self._draws("certify"), parameters.certify, over_real, self.year)
        self.renew_organisations(np.concatenate([dead, old]), np.concatenate([moved, entrants]))

    def _record(self) -> None:
        self.recorder.observe()
        self.datacollector.collect(self)
        self.state.quarter += 1
        self.running = self.state.quarter < self.settings.quarters

    # -- before the first quarter --------------------------------------------------------------

    def _burn_in(self) -> None:
        """Live the quarters before the first with its inputs, official R&D and no policies."""
        state, parameters = self.state, self.parameters
        target = state.market.output
        fit_markets(state, self.baseline, parameters.compete, target)
        normalise_effects(state)
        table, firms, level = state.organisations, state.firms, np.log(parameters.invest.intensity)
        table.log_intensity[firms] = level + table.log_effect[firms]
        research = official_research(state, self.settings)
        seen: list[Means] = []
        self._begin(state.quarter)
        while state.quarter < 0:
            self._fund()
            talent.follow_demand(state)
            if research is not None:
                pin_intensity(state, research)
            self._invest()
            self._explore()
            self._match()
            self._learn()
            self._advance()
            self._found()
            self._cover()
            self._adopt()
            grow_and_select(state, parameters.compete)
            follow_nation(state, parameters)
            stand(state)
            self._renew()
            seen = [*seen, state.means.copy()][-QUARTERS:]
            self._begin(state.quarter + 1)
        self.constants = Means.over(seen) if seen else None
        settle(state, self.baseline, self.settings, target, research)

    def _refer(self, base: BaseRun) -> None:
        """Take the constants from another burn-in where the scenario asks for that."""
        other = reference_settings(self.settings)
        if other is not None:
            seed, replicate = self.noise.seed, self.noise.replicate
            made = Model(other, seed=seed, replicate=replicate, world=self.world, base=base)
            self.constants = made.constants

    @property
    def _thresholds(self) -> Noise:
        """The draws of adoption thresholds, which do not depend on the quarter."""
        return self.noise.phase("adopt", 0)

    def _draws(self, phase: Phase) -> Noise:
        return self.noise.phase(phase, self.state.quarter)


# -- what a run begins with ------------------------------------------------------------------------


def first_state(settings: Scenario, world: World, noise: NoiseSource, base: BaseRun) -> State:
    """Return the state at the beginning of the burn-in."""
    parameters = settings.parameters
    keys, known_in = parameters.inputs, world.known_in
    ended = LONG_RUN if known_in is None else known_in + SPAN
    outlook = Outlook(keys.growth_2030, ended, keys.uncertainty, noise, load_rules(known_in))
    yearly = extend_inputs(
        world,
        settings.start,
        settings.end + MARGIN,
        outlook=outlook,
        roc_secondary_share=keys.outside_secondary,
        theta=parameters.fund.theta,
    )
    shift = rd_shift(base, world, settings.start, settings.end, outlook)
    examination = parameters.contracts.examination
    return populate(
        world,
        replace(by_quarter(yearly, MARGIN), rd_shift=shift),
        base,
        # firms that are listed one by one are not sampled
        settings.scale if world.listed is None else 1.0,
        parameters,
        noise,
        national_series(world, settings.start, settings.end, examination, yearly.gdp, outlook),
    )


def reference_settings(settings: Scenario) -> Scenario | None:
    """Return the scenario whose burn-in gives the constants of a run, None for its own.

    All groups of actors are in it, so that what becomes of the region without one is found.
    """
    keys = settings.parameters
    if settings.reference == "defaults":
        parameters = Parameters()
    else:
        parameters = keys.model_copy(update={"actors": ActorParameters()})
    if parameters == keys:
        return None
    off = {"policies": {}, "shocks": (), "governance": GovernanceParameters(), "reference": "own"}
    return settings.model_copy(update={"parameters": parameters, **off})


def fit_markets(
    state: State, baseline: PolicyEnvironment, keys: CompeteParameters, target: Floats
) -> None:
    """Set market weights so that markets at rest make ``target``, output (J, C + 1).

    Met are the sums of provinces by industry, and those of cities over all industries.
    """
    market, world = state.market, state.world
    where = (world.city_province, world.n_provinces)
    offered = supply(state, np.zeros(len(world.industries)))
    tau = arrival(baseline.protection, baseline.goods, keys)
    market.weight, market.lagged = calibrate_weights(
        np.hstack([over_provinces(target[:, :-1], *where), target[:, -1:]]),
        offered.by_place,
        tau,
        demand(state),
        keys,
    )
    market.price_at_start = log_prices(
        market.weight, offered.by_place, tau, keys.sigma, world.industry_share
    )
    market.city_weight = fit_city_weights(
        target[:, :-1], offered.mass, offered.by_city, *where, keys.sigma
    )
    part = parts_within(market.city_weight * offered.mass, *where)
    market.city_pull = pull_at_rest(part, offered.by_city, *where, keys.sigma)
    sell(state, offered.mass, np.zeros(world.n_cities))


def official_research(state: State, settings: Scenario) -> Floats | None:
    """Return own R&D of the sampled firms in the first quarter, (P,), None if not published."""
    world = state.world
    year = min(settings.start, world.until)
    published = world.series.get("rd_funds_enterprise")
    if published is None or not np.isfinite(published.at(year)[:-1]).all():
        return None
    gdp = state.inputs.gdp[:-1]
    # after the last official year research keeps its share of GDP
    known = world.series["gdp_alt"].at(year)[:-1]
    grown = gdp[:, :4].sum(axis=1) / known if year < settings.start else 1.0
    first = grown * gdp[:, 0] / gdp[:, :4].sum(axis=1)
    return state.scale * published.at(year)[:-1] * first


def settle(
    state: State,
    baseline: PolicyEnvironment,
    settings: Scenario,
    target: Floats,
    research: Floats | None,
) -> None:
    """Put the state at the end of the burn-in on the first quarter.

    ``target``: output that markets at rest make, (J, C + 1), 100m_rmb. ``research``: R&D of firms
    in the first quarter as of `official_research`.
    """
    parameters = settings.parameters
    talent.follow_demand(state)
    open_queue(state, settings.start, parameters.contracts)
    fit_markets(state, baseline, parameters.compete, target)
    normalise_effects(state)
    if research is not None:
        rest(state, research, baseline, parameters.invest)
    state.nation.at_start = state.nation.log_productivity.copy()
    state.ledger.recording = True
