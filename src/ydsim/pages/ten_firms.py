"""One run of ten firms, followed by hand: the page ``docs/ten_firms.md``.

    python -m ydsim.pages.ten_firms > docs/ten_firms.md

Every number on the page comes from the run. What is computed by hand is computed here a second
time, with plain numbers and the formulas as they are on the page, and compared with the columns
of the model; a difference is an error.
"""

from __future__ import annotations

import math
import sys
from typing import Final

from ydsim.agents.organisations import FIRM
from ydsim.pages.ten_firms_later import KINDS, adoption, projects
from ydsim.pages.ten_firms_watch import Watched
from ydsim.pages.worked_example import check, fill, grid, num
from ydsim.processes.compete import demand, supply
from ydsim.typing import Floats

SCENARIO: Final = "ten_firms"
FOLLOWED: Final = "Fern Batteries"
DECISION: Final = 4
"""Quarter of the R&D decision that is computed, counted from 0."""

_HEAD = """
# Ten firms, followed by hand

One run of the scenario `ten_firms`, small enough to follow with pencil and paper: who is there, who
sells what, how one firm decides on its R&D, where projects went, how one firm came to adopt a
technology. This page is made by `python -m ydsim.pages.ten_firms`; do not edit it. Its numbers
are those of the run, shown with four digits; what is computed by hand is computed with all digits
and agrees with the model in the first nine.

Run it yourself, and see the organisations at the end:

```bash
ydsim run ten_firms
ydsim export results/ten_firms --table agents
```

The region is made up. Money is in 100 million yuan (100m_rmb); researchers are full-time
equivalents (FTE). The rules are in [odd.md](odd.md), section 7, the parameters in
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
productivity of its firms there, on transport and on borders; both follow with a lag (odd.md,
Compete). The cities of the province part it by the shares of their firms, their productivity and a
weight that makes their official value added at the start. A firm gets its share of what its
industry sells from its city, over that of all firms of the industry there:

    value added = share / (of all there) x all
    sales       = value added x (GDP / secondary value added of the province)

{firms}
"""

_RESEARCH = """
## 3. One R&D decision

{name} decides in {when}. The gains of the technologies that it adopted or launched in the last
three years sum to {gains}; with x_scale = {scale} its innovative share of sales is
x = 1 - exp(-{gains} / {scale}) = {x}. The R&D intensity that it wants, in logs:

{table}

So it wants r* = exp({wanted}) = {r_wanted} of its sales and had r = exp({before}) = {r_before}. In
a quarter it closes the part eta = 1 - exp(-{adjustment} / 4) = {eta} of the gap:

    log r' = {before} + {eta} x ({wanted} - ({before})) = {after}
    r'     = exp({after}) = {r_after}

Lenders judge a firm by its age and by its sales in a year. The better they think of it, the less
of its cash and profit ({margin} of value added) must stay in the business, and the more it may
borrow; this one owes nothing. Its standing is

    c      = (1 - exp(-{age} / {ripe})) x 4 x sales / (4 x sales + {large}) = {standing}

and also moves its answer to grants, {mean} + {spread} x (1/2 - c) = {answer} in the table.

    wish   = r' x sales = {r_after} x {sales} = {wish}
    limit  = (1 - {held} x (1 - c)) x (max(cash - grants, 0) + margin x value added)
                 + {credit} x c x value added
           = (1 - {held} x (1 - {standing}))
                 x (max({cash} - {grants}, 0) + {margin} x {value_added})
                 + {credit} x {standing} x {value_added} = {limit}
    R&D    = the smaller, {binding}, = {rd}

With the grants that it spends on R&D, {spent}, and {wage} a year for a researcher of its city, with
posts that stay open, this pays

    4 x ({rd} + {spent}) / {wage} = {researchers} researchers.

The model has R&D of {rd_model} and {researchers_model} researchers.
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
    mass = supply(state, model.reference.outside_at(0)).mass
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
    keys, margin = model.parameters.invest, model.parameters.fund.profit_margin
    slant, offset = model.parameters.media.slant, keys.feedback_offset
    x = 1.0 - math.exp(-d.gains / keys.innovative_scale)
    per_rd = d.grants_spent / d.rd_before if d.rd_before > 0.0 else 0.0
    yearly = 4.0 * d.sales
    size = yearly / (yearly + keys.standing_sales)
    standing = (1.0 - math.exp(-d.age / keys.standing_age)) * size
    answer = keys.additionality + keys.additionality_spread * (0.5 - standing)
    terms = (
        ("R&D of the mean firm", "log nu", f"log {num(keys.intensity)}", math.log(keys.intensity)),
        ("lasting effect of the firm", "log z", num(d.log_effect), d.log_effect),
        (
            "success with new technology",
            "a log((x_0 + x) / (x_0 + xbar))",
            f"{num(keys.feedback)} log(({num(offset)} + {num(x)}) / "
            f"({num(offset)} + {num(d.mean_share)}))",
            keys.feedback * math.log((offset + x) / (offset + d.mean_share)),
        ),
        (
            "user cost of R&D",
            "- e log cost",
            f"- {num(keys.tax_elasticity)} log {num(d.user_cost)}",
            -keys.tax_elasticity * math.log(d.user_cost),
        ),
        (
            "grants",
            "log(1 + answer x grants / R&D)",
            f"log(1 + {num(answer)} x {num(per_rd)})",
            math.log(max(1.0 + answer * per_rd, 0.1)),
        ),
        (
            "attention of media",
            "slant x attention",
            f"{num(slant)} x {num(d.attention)}",
            slant * d.attention,
        ),
    )
    wanted = sum(term[3] for term in terms)
    eta = 1.0 - math.exp(-keys.adjustment / 4.0)
    after = d.log_before + eta * (wanted - d.log_before)
    wish = math.exp(after) * d.sales
    kept = 1.0 - keys.held * (1.0 - standing)
    line = keys.credit * standing * d.value_added
    limit = kept * (max(d.cash - d.grants, 0.0) + margin * d.value_added) + line
    rd = min(wish, limit)
    researchers = 4.0 * (rd + d.grants_spent) / d.wage
    for by_hand, by_model in (
        (after, d.log_after),
        (rd, d.rd),
        (researchers, d.researchers),
    ):
        check(by_hand, by_model)
    rows = [(*term[:3], num(term[3])) for term in terms]
    rows.append(("**what it wants**", "log r*", "the sum", num(wanted)))
    return fill(
        _RESEARCH,
        name=FOLLOWED,
        when=model.when(DECISION),
        gains=d.gains,
        scale=keys.innovative_scale,
        x=x,
        table=grid(("", "formula", "numbers", "value"), rows),
        wanted=wanted,
        r_wanted=math.exp(wanted),
        before=d.log_before,
        r_before=math.exp(d.log_before),
        adjustment=keys.adjustment,
        eta=eta,
        after=after,
        r_after=math.exp(after),
        margin=margin,
        sales=d.sales,
        wish=wish,
        age=d.age,
        ripe=keys.standing_age,
        large=keys.standing_sales,
        standing=standing,
        mean=keys.additionality,
        spread=keys.additionality_spread,
        answer=answer,
        held=keys.held,
        credit=keys.credit,
        cash=d.cash,
        grants=d.grants,
        value_added=d.value_added,
        limit=limit,
        binding="the wish" if wish <= limit else "the limit",
        rd=rd,
        spent=d.grants_spent,
        wage=d.wage,
        researchers=researchers,
        rd_model=d.rd,
        researchers_model=d.researchers,
    )


if __name__ == "__main__":
    sys.stdout.write(page())
