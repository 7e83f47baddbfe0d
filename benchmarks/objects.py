"""One object per organisation beside the arrays: match, learn and adopt.

    python benchmarks/objects.py [--organisations 1000 3000 10000] [--quarters 4]

A Mesa model of plain Python objects lives the three phases by the rules of the package: candidates
from four sources, random utility and acceptance by both sides; learning along ties of live joint
projects and towards the mean of the city; adoption at a fixed threshold and through partners. In
each quarter it is built again, untimed, from the state of the array model before the phase, and
both live the phase. Draws differ, but thresholds do not: both must find the same adopters.

The objects do less: no expected links, no contracts, no purchases of the rest of the nation, no
shared facilities, no licences, and the hazards of cells are taken from the arrays. What the arrays
spend on all of these is in their time.
"""

from __future__ import annotations

import argparse
import math
import time
from bisect import bisect
from collections import defaultdict
from itertools import accumulate
from typing import Any

import mesa
import numpy as np

from clock import TimedModel
from worlds import scenario_of, world_of
from ydsim.agents.organisations import FIRM
from ydsim.agents.search import pull
from ydsim.agents.state import BY_CELL
from ydsim.agents.ties import FORGOTTEN
from ydsim.processes.adopt import fit, thresholds
from ydsim.processes.match import capacity

OBJECT_PHASES = ("match", "learn", "adopt")
FORMER, CLOSURE, GRAVITY, BROKERED = range(4)


class Project:
    """A live project."""

    def __init__(
        self, owner: Organisation, field: int, stage: int, waits: bool, log_quality: float
    ) -> None:
        self.owner, self.members = owner, list[Organisation]()
        self.field, self.stage, self.waits, self.log_quality = field, stage, waits, log_quality


class Organisation(mesa.Agent):  # type: ignore[misc]
    """A firm, university or institute that holds its own numbers."""

    def __init__(self, model: Objects, row: int) -> None:
        super().__init__(model)
        table, state = model.state.organisations, model.state
        self.row, self.kind = row, int(table.kind[row])
        self.city, self.province = int(table.city[row]), int(table.province[row])
        self.industry = int(table.industry[row])
        self.knowledge = table.knowledge[row].tolist()
        self.effort = state.field_share[:, state.position[row]].tolist()
        self.length = math.sqrt(sum(x * x for x in self.effort))
        self.sample_exposure = 1.0 if self.kind == FIRM else state.scale
        self.researchers = float(table.researchers[row])
        self.absorptive = float(table.absorptive[row])
        self.room = float(model.capacity[row]) + model.random.random()
        self.ties: dict[Organisation, float] = {}
        self.pending: dict[int, float] = {}
        self.projects: list[Project] = []

    def distance(self, other: Organisation) -> float:
        """Return the cognitive distance to another."""
        shared = sum(x * y for x, y in zip(self.effort, other.effort, strict=True))
        return 1.0 - shared / (self.length * other.length)

    def former(self) -> Organisation | None:
        """Return a partner drawn by strength of tie."""
        if not self.ties:
            return None
        return self.model.random.choices(list(self.ties), list(self.ties.values()))[0]

    def seek(self) -> None:
        """Look for partners of the projects that need one and propose to the best."""
        model, keys = self.model, self.model.keys
        for project in self.projects:
            if not project.waits and (
                project.stage >= 4
                or len(project.members) + 1 >= keys.consortium
                or model.random.random() >= keys.gap_search
                or self.knowledge[project.field] >= model.leaders[project.field]
            ):
                continue
            model.seekers += 1
            best, largest, at, outside = None, keys.reserve, 0.0, False
            for other, source, abroad in model.candidates(self, project):
                if other is self or other.room < 1.0 or other in project.members:
                    continue
                if project.waits and other.kind != FIRM:
                    continue
                mine, theirs = model.utilities(self, other, project, source, abroad)
                mine += model.gumbel()
                if mine > largest:
                    best, largest, at, outside = other, mine, theirs, abroad
            if best is not None:
                answer = at + model.gumbel()
                if answer > keys.reserve:
                    model.proposals.append((largest + answer, self.row, project, best, outside))

    def learn(self) -> None:
        """Gain from partners at work and from the city; applied when all have looked."""
        model, keys = self.model, self.model.learning
        total, largest = [0.0] * len(self.knowledge), [0.0] * len(self.knowledge)
        for partner in model.active.get(self, ()):
            d = self.distance(partner)
            factor = 4.0 * d * (1.0 - d)
            for f, (own, theirs) in enumerate(zip(self.knowledge, partner.knowledge, strict=True)):
                if theirs > own:
                    total[f] += keys.rate * factor * (theirs - own)
                    largest[f] = max(largest[f], theirs - own)
        mean, profile, length = model.means[self.city]
        shared = sum(x * y for x, y in zip(self.effort, profile, strict=True))
        d = 1.0 - min(shared / (self.length * length), 1.0)
        pace = self.absorptive * keys.spillover * 4.0 * d * (1.0 - d)
        gains = []
        for f, own in enumerate(self.knowledge):
            gain = min(self.absorptive * total[f], largest[f]) + pace * max(mean[f] - own, 0.0)
            gains.append(min(gain, model.best[f] - own))
        model.gains.append((self, gains))

    def adopt(self) -> None:
        """Adopt what the hazard of the cell has reached."""
        model = self.model
        for generation, threshold in list(self.pending.items()):
            if model.hazard[generation][self.city] >= threshold:
                del self.pending[generation]
                model.adopted.append((generation, self.row))


class Objects(mesa.Model):  # type: ignore[misc]
    """The three phases on objects, built from the state of the array model."""

    def __init__(self, source: TimedModel) -> None:
        super().__init__(rng=1)
        self.state = state = source.state
        self.keys, self.learning = source.parameters.match, source.parameters.learn
        self.environment, self.chain = source.environment, source.parameters.chain
        table = state.organisations
        most = capacity(table.researchers, table.kind == FIRM) * state.sample_exposure
        projects = state.projects
        busy = np.bincount(projects.owner[projects.shared], minlength=len(table))
        busy += np.bincount(projects.members[projects.members >= 0], minlength=len(table))
        self.capacity = most - busy
        self.leaders = state.leaders.tolist()
        self.by_row = {row: Organisation(self, row) for row in state.active.tolist()}
        self._fill()
        self._tables()

    def _fill(self) -> None:
        """Give organisations their ties and projects."""
        ties, projects = self.state.ties, self.state.projects
        for a, b, s in zip(ties.a.tolist(), ties.b.tolist(), ties.strength.tolist(), strict=True):
            if a in self.by_row and b in self.by_row:
                self.by_row[a].ties[self.by_row[b]] = s
                self.by_row[b].ties[self.by_row[a]] = s
        columns = (projects.owner, projects.field, projects.stage, projects.waits)
        lists = [column.tolist() for column in columns]
        quality = np.log(projects.quality).tolist()
        for owner, field, stage, waits, q, members in zip(
            *lists, quality, projects.members.tolist(), strict=True
        ):
            if owner in self.by_row:
                project = Project(self.by_row[owner], field, stage, waits, q)
                project.members = [self.by_row[m] for m in members if m in self.by_row]
                project.owner.projects.append(project)

    def _tables(self) -> None:
        """Take what does not depend on organisations as lists."""
        world, of = self.state.world, self.state.world.city_province
        environment, keys = self.environment, self.keys

        def pulls(share: Any) -> list[list[float]]:
            passes = share[of[:, None], of[None, :]]
            hours, outside = environment.travel_hours, environment.outside_hours
            return pull(hours, outside, keys.decay_h, passes).tolist()

        self.pull = (pulls(environment.joint_work), pulls(environment.hand_over))
        self.hours = environment.travel_hours.tolist()
        self.recognition = environment.recognition.tolist()
        shares = environment.joint_work, environment.hand_over
        self.passes = tuple(share.tolist() for share in shares)
        self.by_kind = np.asarray(self.chain.by_kind).tolist()
        self.outside = float(self.state.national.outside_mass[self.state.input_column])
        brokers = self.state.brokers
        reach = world.distance_km[brokers.city] <= brokers.reach_km[:, None]
        self.brokers = [
            (city, near.nonzero()[0].tolist())
            for city, near in zip(brokers.city.tolist(), reach, strict=True)
        ]

    # -- match ---------------------------------------------------------------------------------

    def match(self) -> None:
        """Let all seek, then settle proposals by joint utility while there is room."""
        self.seekers, self.proposals, self.agreed = 0, [], 0
        self._weigh()
        self.agents.do("seek")
        for _, _, project, other, abroad in sorted(self.proposals, key=lambda p: (-p[0], p[1])):
            owner = project.owner
            alone = not project.members and not project.waits
            if (other.room < 1.0 and not abroad) or (alone and owner.room < 1.0):
                continue
            owner.room -= alone
            if abroad:
                continue
            self.agreed += 1
            other.room -= 1.0
            if project.waits:
                project.owner, project.waits = other, False
            else:
                project.members.append(other)
            owner.ties[other] = other.ties[owner] = owner.ties.get(other, 0.0) + 1.0

    def _weigh(self) -> None:
        """Sum efforts by city and field, and list organisations with cumulative efforts."""
        cities, fields = range(self.state.world.n_cities), range(len(self.leaders))
        self.inside = [[([], []) for _ in fields] for _ in cities]
        self.mass = [[0.0 for _ in fields] for _ in cities]
        for agent in self.agents:
            effort, here = agent.researchers * agent.sample_exposure, self.mass[agent.city]
            for f, share in enumerate(agent.effort):
                here[f] += effort * share
                who, edges = self.inside[agent.city][f]
                who.append(agent)
                edges.append(here[f])
        self.places: dict[Any, list[float]] = {}

    def candidates(self, seeker: Organisation, project: Project) -> Any:
        """Yield candidates, their sources, and whether they stand for the rest of the nation."""
        number, seen = self.keys.candidates, set()
        for source in (FORMER, CLOSURE, GRAVITY, BROKERED):
            for _ in range(number):
                other, abroad, by = None, False, source
                if source == FORMER:
                    other = seeker.former()
                elif source == CLOSURE:
                    middle = seeker.former()
                    other = middle.former() if middle else None
                elif source == BROKERED:
                    other = self.brokered(seeker, project.field)
                if other is None or other is seeker:
                    by = GRAVITY
                    other, abroad = self.met(seeker.city, project.field, project.waits)
                if abroad or other not in seen:
                    seen.add(other)
                    yield other, by, abroad

    def met(self, city: int, field: int, waits: bool) -> tuple[Organisation, bool]:
        """Return an organisation drawn by place, then effort; a stand-in for one outside."""
        edges = self.places.get((city, field, waits))
        if edges is None:
            masses = [here[field] for here in self.mass]
            masses.append(self.outside * sum(masses))
            weights = map(float.__mul__, masses, self.pull[waits][city])
            edges = self.places[city, field, waits] = list(accumulate(weights))
        place = bisect(edges, self.random.random() * edges[-1])
        abroad = place >= len(self.mass)
        if abroad:
            place = self.random.choices(range(len(self.mass)), [here[field] for here in self.mass])[
                0
            ]
        return self.drawn(place, field), abroad

    def drawn(self, city: int, field: int) -> Organisation:
        """Return an organisation of a city by its effort in a field."""
        who, edges = self.inside[city][field]
        return who[min(bisect(edges, self.random.random() * edges[-1]), len(who) - 1)]

    def brokered(self, seeker: Organisation, field: int) -> Organisation | None:
        """Return whom a broker that knows the city brings."""
        able = [b for b in self.brokers if seeker.city in b[1]]
        if not able:
            return None
        _, near = self.random.choice(able)
        weights = [self.mass[c][field] * self.pull[1][seeker.city][c] for c in near]
        return self.drawn(self.random.choices(near, weights)[0], field)

    def utilities(
        self, i: Organisation, j: Organisation, project: Project, source: int, abroad: bool
    ) -> tuple[float, float]:
        """Return V of both sides before taste."""
        keys, stage, field = self.keys, project.stage, project.field
        d = i.distance(j)
        tie = 0.0 if abroad else i.ties.get(j, 0.0)
        unlike = float(i.kind != j.kind)
        if not abroad and i.province != j.province:
            unlike += 1.0 - self.recognition[i.province][j.province]
        both = keys.cognitive * 4.0 * d * (1.0 - d) + keys.social * math.log1p(tie)
        both -= keys.institution * unlike
        has = max(self.by_kind[m.kind][stage] for m in (i, *project.members))
        lead = j.knowledge[field] - i.knowledge[field]
        pays = j.kind == FIRM != i.kind
        adds = project.waits or pays or lead >= keys.lead
        adds = adds or self.by_kind[j.kind][stage] >= has + keys.lead
        paid = not project.waits and i.kind == FIRM
        paid = paid or (i.kind != FIRM and j.kind != FIRM and -lead >= keys.lead)
        gains = 1.0 if paid else 0.0
        if not paid and (pays or project.waits):
            gains = project.log_quality
        way = keys.search_cost if source == GRAVITY else 0.0
        if source in (FORMER, CLOSURE):
            share = self.passes[project.waits][i.province][j.province]
            way = self.hours[i.city][j.city] / keys.decay_h - math.log(max(share, 1e-12))
        return both + adds - way, both + gains

    def gumbel(self) -> float:
        """Return a taste."""
        return -math.log(-math.log(1.0 - self.random.random()))

    # -- learn ---------------------------------------------------------------------------------

    def learn(self) -> None:
        """Let all look, then change what they know."""
        self.active: dict[Organisation, dict[Organisation, None]] = defaultdict(dict)
        self.gains: list[tuple[Organisation, list[float]]] = []
        fields = range(len(self.leaders))
        self.best = [-math.inf] * len(self.leaders)
        sums = [[0.0, [0.0] * len(fields), [0.0] * len(fields)] for _ in self.mass]
        for agent in self.agents:
            weight = agent.researchers * agent.sample_exposure
            of_city = sums[agent.city]
            of_city[0] += weight
            for f in fields:
                of_city[1][f] += weight * agent.knowledge[f]
                of_city[2][f] += weight * agent.effort[f]
                self.best[f] = max(self.best[f], agent.knowledge[f])
            for project in agent.projects:
                for member in project.members:
                    self.active[project.owner][member] = None
                    self.active[member][project.owner] = None
        self.means = [
            ([k / w for k in ks], [p / w for p in ps], math.hypot(*ps) / w) for w, ks, ps in sums
        ]
        self.agents.do("learn")
        for agent, gains in self.gains:
            for f, gain in enumerate(gains):
                agent.knowledge[f] += gain
        decay = math.exp(-self.keys.tie_decay / 4.0)
        for agent in self.agents:
            faded = {other: s * decay for other, s in agent.ties.items()}
            agent.ties = {o: s for o, s in faded.items() if s >= FORGOTTEN}

    # -- adopt ---------------------------------------------------------------------------------

    def wait(self, source: TimedModel) -> None:
        """Give firms the thresholds of what they have not adopted; untimed."""
        state = source.state
        live = state.generations.living()
        rows, pair = state.by_industry.pairs(state.generations.industry[live])
        open_ = ~state.slots.adopted[rows, state.generations.slot[live[pair]]]
        rows, generation = rows[open_], live[pair[open_]]
        suits = fit(state, rows, generation)
        noise = source.noise.phase("adopt", 0)
        level = thresholds(
            state.organisations.key[rows], state.generations.key[generation], suits, noise
        )
        for row, g, e in zip(rows.tolist(), generation.tolist(), level.tolist(), strict=True):
            self.by_row[row].pending[g] = e
        relative = suits / state.organisations.absorptive[rows]
        self.relative = dict(zip(generation.tolist(), relative.tolist(), strict=True))

    def adopt(self) -> None:
        """Let all adopt through their cells."""
        self.adopted: list[tuple[int, int]] = []
        self.agents.do("adopt")


def compare(organisations: int, quarters: int) -> tuple[dict[str, float], dict[str, float], float]:
    """Return seconds by phase of objects and arrays, and organisation-quarters."""
    model = TimedModel(scenario_of(quarters, 40), world=world_of(organisations))
    spent: dict[str, float] = defaultdict(float)
    model.reset()
    units = 0
    seekers = [0, 0]

    def timed(name: str, objects: Objects) -> None:
        begin = time.process_time()
        getattr(objects, name)()
        spent[name] += time.process_time() - begin

    phases = {name: getattr(model, name) for name in ("_match", "_adopt")}

    def match_both() -> None:
        objects = Objects(model)
        timed("match", objects)
        timed("learn", objects)
        ties = model.state.ties.strength.sum()
        phases["_match"]()
        seekers[0] += objects.agreed
        seekers[1] += int(model.state.ties.strength.sum() - ties + 0.5)

    def adopt_both() -> None:
        objects = Objects(model)
        objects.wait(model)
        before = model.state.generations.hazard.copy()
        phases["_adopt"]()
        objects.hazard = model.state.generations.hazard.tolist()
        timed("adopt", objects)
        by_cell = model.state.adoptions.channel == BY_CELL
        found = model.state.adoptions
        want = set(zip(found.generation[by_cell], found.firm[by_cell], strict=True))
        assert (before <= model.state.generations.hazard).all()
        assert set(objects.adopted) == want, "objects and arrays differ in who adopts"

    model._match, model._adopt = match_both, adopt_both
    for _ in range(quarters):
        units += int(model.state.organisations.alive.sum())
        model.step()
    print(f"  joint projects and hand-overs inside: objects {seekers[0]}, arrays {seekers[1]}")
    return spent, model.spent, float(units)


def main() -> None:
    """Print one table a size."""
    parser = argparse.ArgumentParser(description="Time objects beside arrays.")
    parser.add_argument("--organisations", type=int, nargs="+", default=[1_000, 3_000, 10_000])
    parser.add_argument("--quarters", type=int, default=4)
    options = parser.parse_args()
    for size in options.organisations:
        print(f"{size:,} organisations, {options.quarters} quarters, microseconds each")
        objects, arrays, units = compare(size, options.quarters)
        print(f"{'phase':<8}{'objects':>10}{'arrays':>10}{'ratio':>8}")
        total = [0.0, 0.0]
        for name in OBJECT_PHASES:
            pair = objects[name], arrays[f"_{name}"]
            total = [a + b for a, b in zip(total, pair, strict=True)]
            print_row(name, *pair, units)
        print_row("all", *total, units)


def print_row(name: str, objects: float, arrays: float, units: float) -> None:
    """Print the costs of a phase by organisation-quarter."""
    one, other = 1e6 * objects / units, 1e6 * arrays / units
    print(f"{name:<8}{one:>10.1f}{other:>10.2f}{one / other:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
