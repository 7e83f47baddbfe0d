"""Table of signs: what studies find of each lever, and what small paired runs show of it.

    python -m tools.signs > docs/signs.md

A row whose sign does not show says why in `miss` and stays as it is: neither its settings nor its
sign nor its outcome are moved until it fits. The runs, and the test that makes some of them again:
`tests/support/sign_runs.py` and `tests/policies/test_signs.py`.
"""

import csv
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np

from ydsim.fmt import markdown_table
from ydsim.measures.effects import Interval, effect
from ydsim.typing import Floats

SEEN: Final = Path(__file__).with_name("signs_seen.csv")
"""What the runs gave, by row and replicate."""

LITTLE: Final = 2.0
"""Most that counts as little change, per cent (assumed)."""

NONE: Final = "none"

UNASKED: Final = (
    "no sign is asked of R&D: two studies of listed firms find innovation up, one finds spending "
    "on it down"
)

SOURCES: Final = {
    "2.2": "networks of Chinese cities (Complexity 2021, 5538872; co-authorship by gravity; "
    "kjjb 2021-38-14-006)",
    "c1": "enlargement of 2010, regression discontinuity (kjjb 2023-40-10-009)",
    "c2": "enlargement, synthetic control, 283 cities (kjjb 2020-37-24-005)",
    "c3": "stepwise enlargement, cities 1990-2017 (handmsg 2023-0315-21482615)",
    "c4": "agglomerations, regression discontinuity (PLoS ONE, 0273154)",
    "c5": "enlargement, 153 counties 2005-20 (handmsg 2024-0103-23042414)",
    "c6": "G60 corridor, listed firms and patents between cities (fx361 2024-1018-24670428)",
    "c7": "G60 and Guangshen corridors, spatial model 2005-21 (jjgl.ajcass.com 117723)",
    "c8": "high-speed rail and joint patents, 2005-18 (Regional Studies 56(11), 2022)",
    "c9": "high-speed rail and firms (J. of Advanced Transportation 2019, 1279489)",
    "c10": "high-speed rail, 279 cities (Systems 11(1), 2023)",
    "c12": "grants of 2001-06 (Boeing 2016)",
    "c13": "grants of 2007-11 (Economics of Transition 27: 497-518, 2019)",
    "c15": "subsidies to projects, structural (Liu and Xu 2024, a preprint)",
    "c16": "super-deduction, elasticities of 1.58 and 2.05 (SLUB 0-1810317843)",
    "c17": "tax cut for high technology (Chen, Liu, Suarez Serrato and Xu 2021)",
    "c18": "vouchers of 1,274 small firms (Sustainability 13: 11176, 2021)",
    "c22": "talent policies of 277 cities (Land 2022, 11(9): 1485)",
    "c23": "zones of industrial transfer, 28 cities, descriptive (shufe j00001 2019-03)",
    "c25": "licences of all universities (Scientific Research 2290229-52511)",
    "c32": "science centres, 31 provinces 2010-22 (victorzhang.cn 2025-0415-26830147)",
}
"""Studies by the number under which the list of evidence has them; 2.2 is a section of it."""

VERDICTS: Final = {
    "border_friction": "one sign (2.2): borders of provinces hold cooperation back",
    "membership": "contested: innovation up (c1, c2, c4, c5), its quality down (c3)",
    "corridor": "one sign (c6, c7): trade, innovation and new firms inside up",
    "joint_rd_fund": "one sign, from one study of project grants in general (c15): firms' R&D up",
    "open_bids": NONE,
    "consortia": "one sign (2.2): closure and organisational proximity raise cooperation",
    "instrument_sharing": NONE,
    "innovation_voucher": "one sign (c18): more services of science, more patents",
    "rd_grants": "contested: firms' own R&D down (c12), up (c13, c15)",
    "super_deduction": "one sign (c16, c17): reported R&D, the real part of it and productivity up",
    "travel_time": "one sign each: joint patents (c8) and innovation (c10) up; weak cities lose "
    "(c9, c10)",
    "talent_mobility": "one sign each (c22): inventions at home up, neighbours held back",
    "intermediaries": "one sign (c25): a transfer office raises licences of universities",
    "industrial_transfer": "one sign (c23): cities that receive grow faster",
    "media_coverage": UNASKED,
    "science_centres": "one sign (c32): capacity up; little effect on transfer",
    "mutual_recognition": "one sign (2.2): institutional proximity raises cooperation",
    "cost_sharing": NONE,
    "closure": "one sign (2.2), as of border_friction: borders hold cooperation back",
}
"""What studies say of each lever, in the order of the list of levers."""


MODULES: Final = {
    "open_bids": "test_policies.py",
    "instrument_sharing": "test_places.py",
    "media_coverage": "test_places.py",
}
"""Where levers without a published sign are tested, if not in ``test_contract.py`` alone."""


@dataclass(frozen=True)
class Size:
    """How much is run for a row."""

    name: str
    scale: float
    end: int
    replicates: int


SMALL: Final = Size("small", 0.01, 2013, 3)
MEDIUM: Final = Size("medium", 0.02, 2020, 24)
LARGE: Final = Size("large", 0.05, 2024, 16)


@dataclass(frozen=True)
class Row:
    """One sign.

    Attributes
    ----------
    policy, expected, outcome, sources
        What studies, by their numbers, see happen to an outcome.
    settings
        Parameters of the lever, at the strong end of their ranges.
    beside
        What is laid over the scenario with and without the lever, by dotted key.
    miss
        Why the sign does not show; empty where it does.
    """

    policy: str
    expected: Literal["up", "down", "little"]
    outcome: str
    sources: str
    settings: dict[str, object]
    size: Size = SMALL
    beside: dict[str, object] = field(default_factory=dict)
    miss: str = ""

    @property
    def name(self) -> str:
        """What distinguishes the row from all others."""
        return f"{self.policy} {self.outcome} {self.expected}"

    @property
    def changes(self) -> dict[str, object]:
        """What is laid over the scenario with the lever, beside `beside`, by dotted key."""
        path = f"policies.tried_{self.policy}"
        return {f"{path}.policy": self.policy} | {
            f"{path}.{key}": value for key, value in self.settings.items()
        }

    @property
    def seen(self) -> Interval:
        """Change of the outcome by the lever, per cent of its mean without it."""
        return effect(*seen_pairs()[self.name], amount=True).ratio.times(100.0)

    @property
    def shows(self) -> bool:
        """Whether the whole interval is where the studies see the effect."""
        seen = self.seen
        if self.expected == "up":
            return seen.low > 0.0
        if self.expected == "down":
            return seen.high < 0.0
        return -LITTLE < seen.low <= seen.high < LITTLE

    @property
    def figure(self) -> str:
        """The change as text."""
        return f"{self.seen.estimate:+.2f} [{self.seen.low:+.2f}, {self.seen.high:+.2f}]"


@cache
def seen_pairs() -> dict[str, tuple[Floats, Floats]]:
    """Return by row the outcome without the lever and with it, each by replicate."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    with SEEN.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            off, on = found.setdefault(line["row"], ([], []))
            off.append(float(line["without"]))
            on.append(float(line["with"]))
    return {name: (np.array(off), np.array(on)) for name, (off, on) in found.items()}


JOINT: Final = "co-inventions between provinces, expected"
OWN: Final = "parameters.invest.additionality"
HOME: Final = ["Shanghai", "Nanjing", "Hangzhou", "Hefei"]
MOBILE: Final[dict[str, object]] = {
    "policies.all_move.policy": "talent_mobility",
    "policies.all_move.mobility": 0.05,
}
CENTRES: Final[dict[str, object]] = {"productivity": 1.5}
FASTER: Final[dict[str, object]] = {"scale": 0.5, "siphon": 1.0}
VOUCHERS: Final[dict[str, object]] = {"take_up": 1.0, "co_pay": 0.0, "face": 500.0}
POACH: Final[dict[str, object]] = {"mobility": 0.05, "premium": 1.0, "target": {"cities": HOME}}
ROWS: Final = (
    Row("border_friction", "up", JOINT, "2.2", {"passes": 1.0}),
    Row("membership", "up", "R&D of firms", "c1, c2, c4, c5", {"passes": 4.0}, LARGE),
    Row("membership", "down", "R&D of firms", "c3", {"passes": 4.0, "rivalry": 0.5}),
    Row("membership", "up", "inventions", "c1, c2, c4, c5", {"passes": 4.0}, LARGE),
    Row("membership", "down", "inventions", "c3", {"passes": 4.0, "rivalry": 0.5},
        miss="rivalry lowers R&D, and three replicates do not tell the fall from chance"),
    Row("corridor", "up", "contracts between cities of the corridor, expected", "c6",
        {"tie_factor": 2.5, "search_cut": 0.3}, MEDIUM),
    Row("corridor", "up", "inventions in the corridor", "c6",
        {"tie_factor": 2.5, "search_cut": 0.3}, MEDIUM,
        miss="partners in the corridor take the place of others, and joint work takes their time"),
    Row("corridor", "up", "new firms in the corridor", "c7",
        {"tie_factor": 2.5, "search_cut": 0.3}, MEDIUM,
        miss="firms are founded where launches are, and these hardly rise"),
    Row("joint_rd_fund", "up", "R&D of firms", "c15", {"rate": 0.005}, MEDIUM,
        miss="what the fund pays for projects does not move own R&D, and launches hardly rise"),
    Row("consortia", "up", "co-inventions between cities, expected", "2.2",
        {"number": 60, "size": 20, "tie": 5.0}, MEDIUM),
    Row("innovation_voucher", "up", "value bought from science", "c18", VOUCHERS, MEDIUM),
    Row("innovation_voucher", "up", "patent applications", "c18", VOUCHERS, MEDIUM,
        miss="what science works for firms is taken from its own research"),
    Row("rd_grants", "up", "R&D of firms", "c13, c15", {"rate": 0.3, "leakage": 0.0}),
    Row("rd_grants", "down", "R&D of firms", "c12", {"rate": 0.3, "leakage": 0.0},
        beside={OWN: -0.5}),
    Row("super_deduction", "up", "reported R&D of firms, last year", "c16, c17",
        {"before": 0.5, "deduction": 1.0}),
    Row("super_deduction", "up", "R&D of firms", "c17", {"before": 0.5, "deduction": 1.0}),
    Row("super_deduction", "up", "productivity, last year", "c17",
        {"before": 0.5, "deduction": 1.0}, LARGE),
    Row("travel_time", "up", "co-inventions between cities, expected", "c8", FASTER, MEDIUM),
    Row("travel_time", "up", "co-inventions within 250 km, expected", "c8", FASTER, MEDIUM),
    Row("travel_time", "up", "co-inventions beyond 250 km, expected", "c8", FASTER, MEDIUM,
        miss="seekers see as many candidates as before, and near cities win most of them"),
    Row("travel_time", "up", "inventions", "c10", FASTER, MEDIUM),
    Row("travel_time", "down", "inventions of all other cities", "c9, c10", FASTER, MEDIUM,
        miss="faster travel brings knowledge within reach of all of them, too"),
    Row("talent_mobility", "up", "inventions of the four cities", "c22", POACH, LARGE,
        beside=MOBILE),
    Row("talent_mobility", "down", "inventions of all other cities", "c22", POACH, LARGE,
        beside=MOBILE),
    Row("intermediaries", "up", "licences of universities", "c25",
        {"per_1000_firms": 10.0, "reach_km": 1000.0, "uplift": 2.0, "largest_deal": 10.0}, MEDIUM),
    Row("industrial_transfer", "up", "value added of Anhui, last year", "c23",
        {"hazard": 0.03}, MEDIUM),
    Row("science_centres", "up", "papers", "c32", CENTRES, MEDIUM),
    Row("science_centres", "little", "contract value", "c32", CENTRES, MEDIUM),
    Row("mutual_recognition", "up", JOINT, "2.2", {"share": 1.0}),
    Row("closure", "down", JOINT, "2.2", {"level": 1.0, "protection": 1.0}),
)  # fmt: skip
"""Every lever of which a sign is published, in the order of the list of levers."""

_HEAD = f"""\
# Signs of the levers

What studies find of each lever, and whether small paired runs of the model show it. This page is
made from the table of `tools/signs.py` by `python -m tools.signs`; do not edit it.
`tests/policies/test_signs.py` makes one replicate of each again, and fails when an outcome differs
from the one that is kept.

Each row compares `baseline_2018` without the lever and with it, in force from the first quarter at
the strong end of its range, over the same seeds and replicates. *Up* and *down* show when the whole
95 per cent interval (t distribution, paired by replicate) is above or below zero, *little* when it
is within {LITTLE:g} per cent. Intervals are taken one by one: of forty without any effect one is
above zero by chance. [lever-effects.md](lever-effects.md) has larger runs: a sign that shows here
and is null there, as that of `industrial_transfer`, is thin.

"""


def page() -> str:
    """Return the page ``docs/signs.md``."""
    hits = [row for row in ROWS if not row.miss]
    misses = [row for row in ROWS if row.miss]
    sizes = (
        f"*{size.name}*: scale {size.scale:g}, 2011-{size.end}, {size.replicates} replicates"
        for size in (SMALL, MEDIUM, LARGE)
    )
    lines = [
        f"Sizes of runs. {'; '.join(sizes)}. {len(hits)} of {len(ROWS)} signs show.",
        "",
        "## What is published",
        "",
        *markdown_table(
            ("lever", "verdict of the evidence", "the model", "tested in"),
            [(p, _said(message), _found(p), _tested(p)) for p, message in VERDICTS.items()],
        ),
        "",
        "## What is seen",
        "",
        "Change of the outcome by the lever, in per cent of its mean without.",
        "",
        *markdown_table(
            ("lever", "settings", "outcome", "published", "change", "shows", "runs"),
            map(_cells, ROWS),
        ),
        "",
        "## Known misses",
        "",
        "Signs that are published and do not show. They are not fitted away, and a test fails when "
        "one of\nthem shows.",
        "",
        *(f"- `{row.policy}`, {row.outcome} {row.expected} ({row.sources}): {row.figure} per cent; "
          f"{row.miss}." for row in misses),
        "",
        "## Sources",
        "",
        *(f"- {key}: {text}." for key, text in SOURCES.items()),
    ]  # fmt: skip
    return _HEAD + "\n".join(lines) + "\n"


def _said(verdict: str) -> str:
    return "no sign is published" if verdict == NONE else verdict


def _found(policy: str) -> str:
    rows = [row for row in ROWS if row.policy == policy]
    if VERDICTS[policy].startswith("contested"):
        found = {(row.outcome, row.expected) for row in rows if not row.miss}
        both = sorted({name for name, _ in found if {(name, "up"), (name, "down")} <= found})
        return f"both signs within the bounds: {', '.join(both)}" if both else "one sign only"
    hits = sum(not row.miss for row in rows)
    if not rows or not hits:
        return "does not show" if rows else "no sign to show"
    return "shows" if hits == len(rows) else f"{hits} of {len(rows)} signs show"


def _tested(policy: str) -> str:
    sizes = sorted({row.size.name for row in ROWS if row.policy == policy})
    if not sizes:
        return f"its own rules in `tests/policies/{MODULES.get(policy, 'test_contract.py')}`"
    return f"`tests/policies/test_signs.py`, {' and '.join(sizes)}"


def _cells(row: Row) -> tuple[str, ...]:
    laid = {key.rsplit(".", 1)[-1]: value for key, value in row.beside.items()}
    beside = ", ".join(f"{key} {value}" for key, value in laid.items() if key != "policy")
    settings = ", ".join(
        f"{key} {'the four cities' if key == 'target' else value}"
        for key, value in row.settings.items()
    )
    if beside:
        settings += f"; in both {beside}"
    published = f"{row.expected} ({row.sources})"
    shown = _shown(row), row.size.name
    return row.policy, settings, row.outcome, published, row.figure, *shown


def _shown(row: Row) -> str:
    if not row.miss:
        return "yes"
    if row.seen.low <= 0.0 <= row.seen.high:
        return "no, null"
    return "no, more" if row.expected == "little" else "no, the other sign"


if __name__ == "__main__":
    sys.stdout.write(page())
