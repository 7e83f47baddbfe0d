"""One run of ten firms, followed by hand: the page ``docs/ten_firms.md``.

    python -m tools.ten_firms > docs/ten_firms.md

Every number on the page comes from the run. What is computed by hand is computed here a second
time, with plain numbers and the formulas as they are on the page, and compared with the columns
of the model; a difference is an error.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final

import numpy as np

from tools import wrapped
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import LAUNCH, NOT_YET, OUTSIDER, STAGES
from ydsim.agents.state import BY_CELL
from ydsim.fmt import markdown_table
from ydsim.model import Model
from ydsim.policies.environment import passing
from ydsim.processes.adopt import awareness, fit, thresholds
from ydsim.processes.compete import demand, supply
from ydsim.typing import Floats, Ints

SCENARIO: Final = "ten_firms"
FOLLOWED: Final = "Fern Batteries"
DECISION: Final = 4
"""Quarter of the R&D decision that is computed, counted from 0."""

_HEAD = """
# Ten firms, followed by hand

One run of the scenario `ten_firms`, small enough to follow with pencil and paper: who is there, who
sells what, how one firm decides on its R&D, where projects went, how one firm came to adopt a
technology. This page is made by `python -m tools.ten_firms`; do not edit it. Its numbers
are those of the run, shown with four digits; what is computed by hand is computed with all digits
and agrees with the model in the first nine.

Run it yourself, and see the organisations at the end:

```bash
ydsim run ten_firms
ydsim export results/ten_firms --table agents
```

The region is made up. Money is in 100 million yuan (100m_rmb); researchers are full-time
equivalents (FTE). The rules are in [odd.md](odd.md), element 7, the parameters in
[parameters.md](parameters.md). Another seed (`--seed 2`) gives another history by the same rules.
"""

_WHO = """
## 1. Who is there

The two provinces {provinces} have {cities} cities. The firms are listed in `firms.csv` of the
world; nothing about them is drawn. The model first lives through {years} years that it does not
record, so that projects and technologies are under way when {start} begins. *Share* is then a
firm's part of what its industry sells from its province.

{table}
"""

_SALES = """
## 2. Who sells what

In {when} the industries of the cities sell (value added of the quarter, 100m_rmb):

{markets}

What a place spends on an industry is given. How much of it goes to a province depends on the
productivity of its firms there, on transport and on borders; both follow with a lag
([odd/compete.md](odd/compete.md)). The cities of the province part it by the shares of their firms,
their productivity and a weight that makes their official value added at the start. A firm gets its
share of what its industry sells from its city, over that of all firms of the industry there:

    value added = share / (of all there) x all
    sales       = value added x (GDP / secondary value added of the province)

{firms}
"""

_RESEARCH = """
## 3. One R&D decision

{name} decides in {when}. The R&D intensity that it wants, in logs:

|  | formula | numbers | value |
| --- | --- | --- | --- |
| R&D of the mean firm | log nu | log {keys.intensity} | {terms[0]} |
| level of the province | l | {d.level} | {terms[1]} |
| lasting effect of the firm | log z | {d.log_effect} | {terms[2]} |
| what launches brought around it | b back | {keys.expected_return} x {d.returned} | {terms[3]} |
| user cost of R&D | - e log cost | - {keys.tax_elasticity} log {d.user_cost} | {terms[4]} |
| grants | log(1 + m x grants / R&D) | log(1 + {keys.additionality} x {per_rd}) | {terms[5]} |
| **what it wants** | log r* | the sum | {wanted} |

So it wants r* = exp({wanted}) = {r_wanted} of its sales and had
r = exp({d.log_before}) = {r_before}. In a quarter it
closes the part eta = 1 - exp(-{keys.adjustment} / 4) = {eta} of the gap:

    log r' = {d.log_before} + {eta} x ({wanted} - ({d.log_before})) = {after}
    r'     = exp({after}) = {r_after}

    R&D    = r' x sales = {r_after} x {d.sales} = {rd}

With the grants that it spends on R&D, {d.grants_spent}, and {d.wage} a year for a researcher of its
city, with posts that stay open, this pays

    4 x ({rd} + {d.grants_spent}) / {d.wage} = {researchers} researchers.

The model has R&D of {d.rd} and {d.researchers} researchers.
"""


def page() -> str:
    """Return the whole page."""
    model = Watched(SCENARIO)
    parts = [fill(_HEAD), _who(model)]
    spending = demand(model.state)
    model.step()
    parts.append(_sales(model, spending))
    while model.running:
        model.step()
    return "\n\n".join([*parts, _research(model), projects(model), adoption(model)]) + "\n"


def _who(model: Watched) -> str:
    table, world = model.state.organisations, model.world
    listed = world.listed
    assert listed is not None
    rows = []
    for row in range(len(table)):
        name, firm = model.label(row), table.kind[row] == FIRM
        rows.append(
            (
                name,
                KINDS[table.kind[row]],
                world.city_names[table.city[row]],
                world.industries[table.industry[row]] if firm else "",
                num(listed.size[listed.names.index(name)]) if firm else "",
                num(table.share[row]) if firm else "",
                num(table.researchers[row]),
            )
        )
    head = ("name", "kind", "city", "industry", "size as listed", "share", "researchers")
    return fill(
        _WHO,
        provinces=" and ".join(world.provinces),
        cities=str(world.n_cities),
        years=model.parameters.population.burn_in / 4.0,
        start=str(model.settings.start),
        table=grid(head, rows),
    )


def _sales(model: Watched, spending: Floats) -> str:
    state, table, world = model.state, model.state.organisations, model.world
    places = (*world.provinces, "rest of the nation")
    sold = state.market.share * spending[:, None, :]
    mass = supply(state, model.state.nation.relative).mass
    markets, firms = [], []
    for j, industry in enumerate(world.industries):
        for c, city in enumerate(world.city_names):
            check(float(sold[j, c].sum()), float(state.market.output[j, c]))
            markets.append((industry, city, *map(num, sold[j, c]), num(sold[j, c].sum())))
    for row in state.firms.tolist():
        j, p = int(table.industry[row]), int(table.province[row])
        c, share = int(table.city[row]), float(table.share[row])
        everything, there = float(sold[j, c].sum()), float(mass[j, c])
        services = float(state.inputs.gdp[p, 0] / state.inputs.secondary[p, 0])
        made = share / there * everything
        check(made, float(table.value_added[row]))
        check(made * services, float(table.sales[row]))
        numbers = (share, there, everything, made, services, made * services)
        firms.append((model.label(row), *map(num, numbers)))
    head = ("industry", "made in", *(f"sold in {place}" for place in places), "all")
    return fill(
        _SALES,
        when=model.when(0),
        markets=grid(head, markets),
        firms=grid(
            ("firm", "share", "of all there", "all", "value added", "GDP / secondary", "sales"),
            firms,
        ),
    )


def _research(model: Watched) -> str:
    d = model.decisions[DECISION][model.row_of(FOLLOWED)]
    keys = model.parameters.invest
    per_rd = d.grants_spent / d.rd_before if d.rd_before > 0.0 else 0.0
    terms = (
        math.log(keys.intensity),
        d.level,
        d.log_effect,
        keys.expected_return * d.returned,
        -keys.tax_elasticity * math.log(d.user_cost),
        math.log(max(1.0 + keys.additionality * per_rd, 0.1)),
    )
    wanted = sum(terms)
    eta = 1.0 - math.exp(-keys.adjustment / 4.0)
    after = d.log_before + eta * (wanted - d.log_before)
    rd = math.exp(after) * d.sales
    researchers = 4.0 * (rd + d.grants_spent) / d.wage
    for by_hand, by_model in ((after, d.log_after), (rd, d.rd), (researchers, d.researchers)):
        check(by_hand, by_model)
    return fill(
        _RESEARCH,
        d=d,
        keys=keys,
        name=FOLLOWED,
        when=model.when(DECISION),
        terms=terms,
        per_rd=per_rd,
        wanted=wanted,
        r_wanted=math.exp(wanted),
        r_before=math.exp(d.log_before),
        eta=eta,
        after=after,
        r_after=math.exp(after),
        rd=rd,
        researchers=researchers,
    )


KINDS: Final = ("firm", "university", "institute")

_PROJECTS = """
## 4. Which project went where

All {number} projects that reached the market in the run. A stage is done where the owner of the
project sits; the table gives the city, the kind of the owner where it is no firm, and the quarter
in which the stage was completed. Quality is relative to one. A launch founds a new technology
generation or improves one that lives.

{table}

One of them quarter by quarter: the {field} project that {owner} launched in {when}.{past}

{story}
"""

_ADOPTION = """
## 5. One adoption

In {founded} {founder} founds a technology generation in {field} for {industry}. {name} in {city} is
of that industry. When does it adopt?

It has a threshold for this generation that was fixed when the generation was founded: a uniform
number u = {u} that depends on who the firm and the generation are and on nothing else, and

    E = -log(1 - u) = -log(1 - {u}) = {e}

A field that its industry can use suits it better: with the relevance of the fields to its industry,
fit = {relevance} / ({squares}) = {fit}. It adopts when the hazard of its city passes
E / fit = {e} / {fit} = **{threshold}**. The hazard grows each quarter by

    dH       = gain x (p x awareness + q x exposure) / 4
    exposure = (1 - omega) x F_near + omega x F_outside

with p = {keys.external}, q = {keys.internal}, omega = {omega}, where F is the share of the
firms of the industry that have adopted before: in the region (cities that are far or behind a
province border count less), and in the rest of the nation. Gain is what the
generation offers over the best older one.

{table}

The last quarter by hand:

    exposure = {omega_} x {near} + {omega} x {outside} = {exposure}
    dH       = {gain} x ({keys.external} x {awareness} + {keys.internal} x {exposure}) / 4 = {rise}
    H        = {before} + {rise} = {hazard}

H passes {threshold} in {when}: in that quarter the model lets {name} adopt.
"""


def projects(model: Watched) -> str:
    """Return the part on projects: all launches, and one followed."""
    rows = [
        (
            model.when(quarter),
            model.label(launch["owner"]),
            model.world.fields[launch["field"]],
            num(launch["quality"]),
            *(_stage(model, launch, stage) for stage in range(LAUNCH)),
            "founds" if launch["founded"] == quarter else "improves",
        )
        for quarter, launches in model.launched.items()
        for launch in launches
    ]
    head = ("launched", "by", "field", "quality", *STAGES[:LAUNCH], "a technology")
    end, launch = _followed(model)
    past = [
        f"{STAGES[stage]} ({_stage(model, launch, stage)})"
        for stage in range(LAUNCH)
        if NOT_YET < launch["stage_end"][stage] < 0
    ]
    return fill(
        _PROJECTS,
        number=str(len(rows)),
        table=grid(head, rows),
        field=model.world.fields[launch["field"]],
        owner=model.label(launch["owner"]),
        when=model.when(end),
        past=f" Before the run it had completed {' and '.join(past)}." if past else "",
        story=_story(model, end, launch),
    )


def _stage(model: Watched, launch: dict[str, Any], stage: int) -> str:
    """Return where, by whom and when a stage was completed."""
    city, kind = launch["stage_city"][stage], launch["stage_kind"][stage]
    if city < 0:
        return "-"
    who = "" if kind == FIRM else f" ({KINDS[kind]})"
    return f"{model.world.city_names[city]}{who}, {model.when(launch['stage_end'][stage])}"


def _steps(model: Watched, key: int) -> list[tuple[int, Step]]:
    return [(q, steps[key]) for q, steps in model.projects.items() if key in steps]


def _followed(model: Watched) -> tuple[int, dict[str, Any]]:
    """Return quarter and passport of the launch in which most had a part, then the longest."""
    ends = {launch["key"]: (q, launch) for q, found in model.launched.items() for launch in found}

    def interest(key: int) -> tuple[int, int]:
        steps = _steps(model, key)
        people = {row for _, step in steps for row in (step.owner, *step.members)}
        return len(people), len(steps)

    return ends[max(sorted(ends), key=interest)]


def _story(model: Watched, end: int, launch: dict[str, Any]) -> str:
    """Return the quarters of one project as a table."""
    effort = model.parameters.chain.efforts
    rows: list[tuple[str, ...]] = []
    last = None
    for quarter, step in _steps(model, launch["key"]):
        partners = [
            "the rest of the nation" if m == OUTSIDER else model.label(m) for m in step.members
        ]
        notes = [f"handed over by {model.label(last)}"] if last not in (None, step.owner) else []
        notes += ["waits for a capability"] if step.waits else []
        last = step.owner
        rows.append(
            (
                model.when(quarter),
                model.label(step.owner),
                ", ".join(partners) or "-",
                STAGES[step.stage],
                f"{num(step.done)} of {num(effort[step.stage])}",
                "; ".join(notes),
            )
        )
    rows.append((model.when(end), model.label(launch["owner"]), "", STAGES[LAUNCH], "", "launched"))
    head = ("end of", "owner", "partners", "stage", "researcher-quarters", "")
    return grid(head, rows)


def adoption(model: Watched) -> str:
    """Return the part on one adoption."""
    g, firm, quarter = _chosen(model)
    world, keys = model.world, model.parameters.adopt
    table, generations = model.state.organisations, model.state.generations
    city, founded, name = int(table.city[firm]), int(generations.founded[g]), model.label(firm)
    field = int(generations.field[g])
    reach, plain = model.kernels()
    cities = range(world.n_cities)
    hazard, rows = 0.0, []
    numbers: dict[str, float] = {}
    for q in range(founded, quarter + 1):
        now, before = model.pressures[q][g], hazard
        reached = sum(reach[city, d] * now.adopters[d] for d in cities)
        near = float(reached / sum(plain[city, d] * now.firms[d] for d in cities))
        exposure = (1.0 - keys.outside) * near + keys.outside * now.outside
        awareness = float(now.awareness[city])
        rise = now.gain * (keys.external * awareness + keys.internal * exposure) / 4.0
        hazard = before + rise
        check(rise, float(now.rise[city]))
        check(hazard, float(now.hazard[city]))
        numbers = {
            "gain": now.gain,
            "awareness": awareness,
            "near": near,
            "outside": now.outside,
            "exposure": exposure,
            "rise": rise,
            "hazard": hazard,
        }
        rows.append((model.when(q), *map(num, numbers.values())))
    keys_of_pair = (table.key[[firm]], generations.key[[g]])
    e = float(thresholds(*keys_of_pair, np.ones(1), model._thresholds)[0])
    relevance = world.relevance[table.industry[firm]].tolist()
    suits = relevance[field] / sum(r**2 for r in relevance)
    check(suits, float(fit(model.state, np.array([firm]), np.array([g]))[0]))
    if not before < e / suits <= hazard:
        raise AssertionError(f"{name} adopts at {e / suits}, not between {before} and {hazard}")
    return fill(
        _ADOPTION,
        founded=model.when(founded),
        founder=model.label(int(generations.founder[g])),
        field=world.fields[field],
        industry=world.industries[int(generations.industry[g])],
        name=name,
        city=world.city_names[city],
        u=-math.expm1(-e),
        e=e,
        relevance=relevance[field],
        squares=" + ".join(f"{num(r)}^2" for r in relevance),
        fit=suits,
        threshold=e / suits,
        keys=keys,
        omega=keys.outside,
        omega_=1.0 - keys.outside,
        table=grid(
            ("quarter", "gain", "awareness", "F_near", "F_outside", "exposure", "dH",
             "H"), rows),
        before=before,
        when=model.when(quarter),
        **numbers,
    )  # fmt: skip


def _chosen(model: Watched) -> tuple[int, int, int]:
    """Return generation, firm and quarter of the adoption through its city that took longest.

    Of generations that a firm of the region founded in the run.
    """
    generations, kind = model.state.generations, model.state.organisations.kind
    found = [
        (quarter - int(generations.founded[g]), -g, -f, quarter)
        for quarter, (generation, firm, channel) in model.adopted.items()
        for g, f, c in zip(generation.tolist(), firm.tolist(), channel.tolist(), strict=True)
        if c == BY_CELL
        and generations.founded[g] >= 0
        and generations.founder[g] >= 0
        and kind[generations.founder[g]] == FIRM
    ]
    if not found:
        raise AssertionError("no firm adopts a generation of this run through its city")
    _, g, f, quarter = max(found)
    return -g, -f, quarter


# -- numbers, tables, text ------------------------------------------------------------------------


def check(by_hand: float, by_model: float) -> None:
    """Raise `AssertionError` where a number by hand and that of the model differ in nine digits."""
    if not math.isclose(by_hand, by_model, rel_tol=1e-9, abs_tol=1e-12):
        raise AssertionError(f"by hand {by_hand!r}, by the model {by_model!r}")


def num(value: float) -> str:
    """Return a number with four digits."""
    text = f"{float(value):.4g}"
    return "0" if text == "-0" else text


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join(markdown_table(head, rows))


class _Numbers(Formatter):
    """Writes numbers with four digits, and numbers that are attributes too: ``{firm.sales}``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return num(value) if isinstance(value, float) else str(value)


def fill(template: str, **values: object) -> str:
    """Return a text with its numbers put in, paragraphs wrapped, all else as it is."""
    blocks = _Numbers().format(template, **values).strip("\n").split("\n\n")
    return "\n\n".join(map(wrapped, blocks))


# -- the run --------------------------------------------------------------------------------------


BEFORE: Final = {
    "log_before": "log_intensity",
    "rd_before": "rd",
    **{name: name for name in ("log_effect", "sales")},
    "grants_spent": "grants_spent",
}
"""What a decision begins with, and the column that it is in before it."""


@dataclass(frozen=True)
class Decision:
    """What a firm knew when it set its R&D, and what it set; money in 100m_rmb a quarter."""

    returned: float
    level: float
    log_effect: float
    log_before: float
    sales: float
    grants_spent: float
    rd_before: float
    user_cost: float
    wage: float
    log_after: float
    rd: float
    researchers: float


@dataclass(frozen=True)
class Pressure:
    """What raised the hazard of one generation in a quarter, by city but for the first two."""

    gain: float
    outside: float
    adopters: Floats
    firms: Floats
    awareness: Floats
    rise: Floats
    hazard: Floats


@dataclass(frozen=True)
class Step:
    """A live project at the end of a quarter."""

    owner: int
    stage: int
    done: float
    waits: bool
    members: tuple[int, ...]


class Watched(Model):
    """A model that keeps what happens to firms, projects and generations, quarter by quarter.

    Attributes
    ----------
    decisions, pressures, projects
        By quarter, and by row of a firm, row of a generation, key of a project.
    adopted, launched
        By quarter: generation, firm and channel of adoptions; launches, one mapping each.
    """

    def __init__(self, scenario: str) -> None:
        self.decisions: dict[int, dict[int, Decision]] = {}
        self.pressures: dict[int, dict[int, Pressure]] = {}
        self.projects: dict[int, dict[int, Step]] = {}
        self.adopted: dict[int, tuple[Ints, Ints, Ints]] = {}
        self.launched: dict[int, list[dict[str, Any]]] = {}
        super().__init__(scenario)

    def label(self, row: int) -> str:
        """Return how an organisation is called."""
        name = getattr(self.views[row], "name", "")
        return str(name or f"institute in {self.views[row].city}")

    def row_of(self, name: str) -> int:
        """Return the row of an organisation by how it is called."""
        return next(row for row in self.views if self.label(row) == name)

    def when(self, quarter: int) -> str:
        """Return a quarter in words; those before the run are negative."""
        return f"{self.settings.start + quarter // 4} Q{quarter % 4 + 1}"

    def step(self) -> None:
        """Live one quarter and keep what is left of it."""
        quarter = self.state.quarter
        super().step()
        table = self.state.projects
        self.projects[quarter] = {
            int(table.key[i]): Step(
                int(table.owner[i]),
                int(table.stage[i]),
                float(table.done[i]),
                bool(table.waits[i]),
                tuple(int(m) for m in table.members[i] if m != -1),
            )
            for i in range(len(table))
        }
        launches, events = self.state.launches, self.state.adoptions
        of = launches.generation
        founded = np.where(of >= 0, self.state.generations.founded[of], -1)
        columns = vars(launches) | {"founded": founded}
        self.launched[quarter] = [
            {name: column[i].tolist() for name, column in columns.items()}
            for i in range(len(launches))
        ]
        self.adopted[quarter] = (events.generation, events.firm, events.channel.astype(np.int64))

    def _invest(self) -> None:
        state, table = self.state, self.state.organisations
        firms = np.flatnonzero(table.alive & (table.kind == FIRM))
        before = {name: getattr(table, of)[firms].copy() for name, of in BEFORE.items()}
        super()._invest()
        if state.quarter < 0:
            return
        city, now = table.city[firms], state.input_column
        wage = state.inputs.wage[table.province[firms], now] * state.talent.cost[city]
        self.decisions[state.quarter] = {
            int(row): Decision(
                returned=float(state.returned[table.industry[row], table.province[row]]),
                **{name: float(values[i]) for name, values in before.items()},
                level=float(state.rd_level[table.province[row]]),
                user_cost=float(self.environment.user_cost[city[i]]),
                wage=float(wage[i]),
                log_after=float(table.log_intensity[row]),
                rd=float(table.rd[row]),
                researchers=float(table.researchers[row]),
            )
            for i, row in enumerate(firms)
        }

    def _adopt(self) -> None:
        state = self.state
        live = state.generations.living()
        adopters = state.generations.adopters[live].copy()
        outside = state.generations.outside_share[live].copy()
        super()._adopt()
        if state.quarter < 0:
            return
        generations, table, firms = state.generations, state.organisations, state.firms
        aware = awareness(state.attention, self.parameters.media)
        self.pressures[state.quarter] = {}
        for i, g in enumerate(live.tolist()):
            j = int(generations.industry[g])
            mine = firms[table.industry[firms] == j]
            self.pressures[state.quarter][g] = Pressure(
                gain=float(generations.gain[g]),
                outside=float(outside[i]),
                adopters=adopters[i],
                firms=np.bincount(table.city[mine], minlength=self.world.n_cities).astype(float),
                awareness=aware[:, j].copy(),
                rise=generations.rise[g].copy(),
                hazard=generations.hazard[g].copy(),
            )

    def kernels(self) -> tuple[Floats, Floats]:
        """Return weights of adopters, (C, C): that reach, and all."""
        hours, keys = self.environment.travel_hours, self.parameters.travel
        plain = np.exp(-hours / keys.decay_h)
        passes = passing(self.environment, "exposure", self.world.city_province)
        return plain * passes, plain


if __name__ == "__main__":
    sys.stdout.write(page())
