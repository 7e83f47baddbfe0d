"""Inputs and population."""

from __future__ import annotations

from ydsim.parameter import Section, fraction, param


class InputParameters(Section):
    """How inputs go on after the last official year."""

    growth_2030: float = param(
        0.04,
        "nominal growth of inputs in the long run, from 2030 on",
        unit="1/year",
        bounds=(-0.1, 0.3),
    )
    uncertainty: float = param(
        1.0,
        "u, size of drawn errors of inputs after the data; 0: the central path",
        mark="prior",
        source="errors of a rolling-origin backtest inside 2011-2020, docs/inputs.md",
        bounds=(0.0, 3.0),
    )
    outside_secondary: float = param(
        0.39,
        "secondary value added over GDP in the rest of the nation",
        bounds=(0.05, 0.9),
        mark="prior",
        source="National Bureau of Statistics: the secondary sector has 46.5 % (2011) to 37.8 % "
        "(2020) of the nation's GDP",
    )


class PopulationParameters(Section):
    """Size, structure and turnover of the population."""

    burn_in: int = param(
        40,
        "quarters run with the inputs of the first year and no policies, not recorded",
        unit="quarters",
        bounds=(0, 400),
        mark="control",
        source="a setting of the computation: long enough for stocks to settle",
    )
    size_exponent: float = param(
        1.06,
        "exponent of the truncated Pareto distribution of firm sizes",
        mark="prior",
        source="Axtell 2001, doi 10.1126/science.1062081",
        bounds=(0.5, 3.0),
    )
    size_range: float = param(
        1000.0, "largest over smallest firm size within a province and industry", bounds=(1.0, 1e6)
    )
    mix_concentration: float = param(
        60.0,
        "concentration of the Dirichlet prior of the industry mix of a city",
        bounds=(1.0, 1e6),
    )
    spread: float = param(
        0.3,
        "standard deviation between organisations of knowledge, at the start and at entry, and "
        "between firms of log absorptive capacity",
        unit="log",
        bounds=(0.0, 2.0),
    )
    between: float = fraction(
        0.5,
        "where that growth lies: 0 that of industrial firms above scale, 1 that of all enterprises",
        mark="prior",
        source="firm_counts.csv of yrd: industrial firms 2011-14, all enterprises 2016-20 "
        "(Shanghai .8, 3.5; Jiangsu 4.4, 7.7; Zhejiang 6.0, 11.7; Anhui 11.6, 16.4 % a year); "
        "the middle is assumed",
    )
    growth_damping: float = fraction(
        0.6,
        "damping of that growth a year after the last count, phi",
        mark="prior",
        source="least error of a rolling origin inside 2011-20 on the one count of ten years, "
        "high-technology manufacturing firms (tests/world/test_firm_counts.py)",
    )
    exit: float = param(
        0.08,
        "hazard of exit of a firm of middle age and productivity: half of it without youth and "
        "weakness, one and a half with both",
        unit="1/year",
        mark="prior",
        source=".06-.09: deaths of domestic firms, 9.3 % in 2008 to 6.2 % in 2012, above 8 % from "
        "the third to the seventh year (State Administration for Industry and Commerce 2013)",
        bounds=(0.0, 0.7),
    )
    exit_size: float = param(
        0.5,
        "elasticity with which the hazard of exit falls with size above the mean of the group",
        mark="prior",
        source="exit falls with size: Dunne, Roberts and Samuelson 1988; size assumed",
        bounds=(0.0, 3.0),
    )
    entrant_size: float = param(
        0.33,
        "sales of an entrant relative to the mean firm of its industry and province",
        bounds=(0.01, 2.0),
        mark="prior",
        source="entrants have a third to a half of the mean size in industries of the United "
        "Kingdom (Geroski 1995)",
    )
