"""Generations and their adoption."""

from __future__ import annotations

from ydsim.parameter import Section, fraction, param


class GenerationParameters(Section):
    """Founding, improvement and end of technology generations."""

    foundings: float = param(
        10.0,
        "generations founded a quarter in the region, at the launches of the burn-in, and in the "
        "rest of the nation",
        unit="1/quarter",
        bounds=(0.0, 1000.0),
    )
    launch_elasticity: float = fraction(
        0.5,
        "zeta: elasticity of foundings to launches",
        mark="prior",
        source="not identified by province totals: 0-1",
    )
    improvement: float = param(
        0.004,
        "b: improvement of log quality by launches that join",
        unit="log",
        bounds=(0.0, 1.0),
    )
    frontier_growth: float = param(
        0.03,
        "growth of the frontier at the foundings of the burn-in",
        unit="1/year",
        bounds=(0.0, 0.5),
        mark="prior",
        source="productivity of incumbents +2.85 % (gross output) to +7.96 % (value added) a year "
        "in Chinese manufacturing 1998-2007 (Brandt, Van Biesebroeck and Zhang 2012); slower since",
    )
    crowding: float = param(
        0.06,
        "lead of a cell's frontier over the mean at which its steps fall to .54 of their size",
        unit="log",
        bounds=(0.01, 100.0),
    )
    lifetime: int = param(
        40,
        "quarters after which a generation retires",
        unit="quarters",
        bounds=(4, 400),
    )


class AdoptParameters(Section):
    """Adoption of generations by firms."""

    external: float = param(
        0.03,
        "p: external influence",
        unit="1/year",
        mark="prior",
        source="Bass 1969 and later surveys: .01-.03",
        bounds=(0.0, 1.0),
    )
    internal: float = param(
        0.6,
        "q: influence of adopters",
        unit="1/year",
        mark="prior",
        source="Bass 1969 and later surveys: .3-.6",
        bounds=(0.0, 5.0),
    )
    outside: float = fraction(
        0.2, "omega: weight of the rest of the nation in exposure and of the region in its"
    )
    appeal_sd: float = param(
        1.0,
        "standard deviation of the log of a generation's lasting appeal",
        unit="log",
        bounds=(0.0, 2.0),
    )
