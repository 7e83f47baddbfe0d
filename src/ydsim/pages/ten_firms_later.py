"""The second half of the page of ten firms: where projects went, and one adoption."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import LAUNCH, NOT_YET, OUTSIDER, STAGES
from ydsim.agents.state import BY_CELL
from ydsim.agents.thresholds import fit, thresholds
from ydsim.pages.ten_firms_watch import Step, Watched
from ydsim.pages.worked_example import check, fill, grid, num

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
    exposure = (1 - omega) x (w x F_own + (1 - w) x F_region) + omega x F_outside

with p = {p}, q = {q}, omega = {omega}, w = {w}, where F is the share of the firms of the industry
that have adopted before: in its own city, in the other cities (those that are far or behind a
province border count less), and in the rest of the nation. Gain is what the generation offers over
the best older one.

{table}

The last quarter by hand:

    exposure = {omega_} x ({w} x {own} + {w_} x {region}) + {omega} x {outside} = {exposure}
    dH       = {gain} x ({p} x {awareness} + {q} x {exposure}) / 4 = {rise}
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
            "founds" if launch["founds"] else "improves",
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
    effort = model.parameters.chain.effort
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
    others = [d for d in range(world.n_cities) if d != city]
    hazard, rows = 0.0, []
    numbers: dict[str, float] = {}
    for q in range(founded, quarter + 1):
        now, before = model.pressures[q][g], hazard
        own = float(now.adopters[city] / now.firms[city])
        reached = sum(reach[city, d] * now.adopters[d] for d in others)
        region = float(reached / sum(plain[city, d] * now.firms[d] for d in others))
        inside = keys.own_city * own + (1.0 - keys.own_city) * region
        exposure = (1.0 - keys.outside) * inside + keys.outside * now.outside
        awareness = float(now.awareness[city])
        rise = now.gain * (keys.external * awareness + keys.internal * exposure) / 4.0
        hazard = before + rise
        check(rise, float(now.rise[city]))
        check(hazard, float(now.hazard[city]))
        numbers = {
            "gain": now.gain,
            "awareness": awareness,
            "own": own,
            "region": region,
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
        p=keys.external,
        q=keys.internal,
        omega=keys.outside,
        w=keys.own_city,
        omega_=1.0 - keys.outside,
        w_=1.0 - keys.own_city,
        table=grid(
            ("quarter", "gain", "awareness", "F_own", "F_region", "F_outside", "exposure", "dH",
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
