"""Productivity and markets."""

from __future__ import annotations

from ydsim.parameter import Section, fraction, param


class CompeteParameters(Section):
    """Productivity, markets and competition."""

    catch_up: float = param(
        0.05,
        "lambda: share of the gap to the technology in use closed",
        unit="1/quarter",
        bounds=(0.0, 1.0),
    )
    depreciation: float = param(
        0.005, "delta: loss of productivity", unit="log/quarter", bounds=(0.0, 0.5)
    )
    effect_sd: float = param(
        0.4,
        "standard deviation of lasting firm effects a",
        unit="log",
        bounds=(0.0, 2.0),
        mark="prior",
        source="standard deviation of log revenue productivity .63-.74 in Chinese industry "
        "1998-2005 (Hsieh and Klenow 2009); the part that lasts is assumed",
    )
    research_return: float = param(
        0.06,
        "elasticity of the productivity that a firm catches up with to its R&D capital over value "
        "added",
        mark="prior",
        source="Hall and Mairesse 1995, .05-.14 with the part of launches; productivity .098 for "
        "twice the R&D of Chinese firms (evidence c17)",
        bounds=(0.0, 0.14),
    )
    access: float = param(
        0.05,
        "elasticity of the productivity that a firm catches up with to knowledge within reach",
        mark="prior",
        source="productivity +6 % for twice the density (Ciccone and Hall 1996), of which a part "
        "is knowledge; spillovers of R&D .03-.06 within regions",
        bounds=(0.0, 0.1),
    )
    private_return: float = param(
        0.1,
        "most that own launches add to the productivity that a firm catches up with, omega",
        unit="log",
        mark="prior",
        source="productivity .098 for twice the R&D of Chinese firms (evidence c17)",
        bounds=(0.0, 0.3),
    )
    return_decay: float = param(
        0.2,
        "loss of what own launches add",
        unit="1/year",
        bounds=(0.0, 4.0),
        mark="prior",
        source="depreciation of R&D capital: 15 % by convention, estimates around and above it "
        "(Hall, Mairesse and Mohnen 2010)",
    )
    market_access: float = param(
        0.1,
        "eta_A: elasticity to market access of the productivity that a firm catches up with",
        mark="prior",
        source="productivity .87 % for a standard deviation of segmentation in China through four "
        "channels, of which scale is one (evidence m2): a quarter of it; the rest is assumed",
        bounds=(0.0, 0.4),
    )
    selection: float = param(
        0.01,
        "chi: response of market shares to relative productivity",
        unit="1/quarter",
        bounds=(0.0, 0.5),
    )
    sigma: float = param(
        4.0,
        "elasticity of substitution between origins",
        mark="prior",
        source="usual range 3-6",
        bounds=(1.0, 10.0),
    )
    demand_elasticity: float = fraction(
        0.5,
        "e: elasticity of nominal demand to lower prices than in the base run",
        mark="prior",
        source="spending on manufactures rises as their prices fall while an industry grows and "
        "falls later (Bessen 2018, AI and jobs: the role of demand); its size is assumed",
    )
    share_adjustment: float = param(
        0.25,
        "part of the gap of market shares and prices closed",
        unit="1/year",
        mark="prior",
        source="trade takes 7-10 years to converge after tariffs change (Boehm, Levchenko and "
        "Pandalai-Nayar 2023): nine tenths of a gap are closed after 8",
        bounds=(0.0, 1.0),
    )
    transport_region: float = param(
        0.92,
        "part of value that arrives in another province of the region",
        mark="prior",
        source="direct evidence of traders (farm goods, 2004): barriers within China take a fifth "
        "of the value traded, 42 % of that is transport (Li, Yu, Zeng and Holst 2012)",
        bounds=(0.05, 1.0),
    )
    transport_outside: float = param(
        0.6, "part of value that arrives to and from the rest of the nation", bounds=(0.05, 1.0)
    )
