"""Collaboration has consequences: what is lost without it, and what more of it adds.

    python -m tools.collaboration > docs/collaboration.md

Runs ``baseline`` and the same once more without joint projects, without learning, without work
across provinces, and with lower borders between provinces, over the same replicates and against the
burn-in of the default parameters, and prints what becomes of inventions, launches and productivity.
For work across provinces it prints beside it what the evidence would predict:

    expected = base share x rise x additional share x spillover

of all inventions; ``additional share`` is the part of joint projects that would not have been done
alone, ``spillover`` what all gain in proportion to who does it. Both ranges are published.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import pandas as pd

from tools import page, pairs
from ydsim.fmt import markdown_table
from ydsim.policies.environment import passed
from ydsim.scenario.schema.parameters import BorderParameters
from ydsim.studies import literature

BASELINE: Final = "baseline"
RAISED: Final = {"joint_work": "x2", "knowledge": "x1.5", "goods": "x1.3"}
"""Factors on the odds of what passes. Up to 0.7 22 % were taken off the level of each border,
in the present units x2.9, x1.6 and x1.3."""

WITHOUT: Final[dict[str, dict[str, object]]] = {
    "joint projects": {"parameters.match.consortium": 1},
    "learning": {"parameters.learn.rate": 0.0},
    "work across provinces": {"parameters.actors.cross_province": False},
}
"""What is abolished, by keys of the scenario."""

BORDERS: Final = {
    "joint work": ("joint_work",),
    "joint work and knowledge": ("joint_work", "knowledge"),
    "joint work, knowledge and goods": ("joint_work", "knowledge", "goods"),
}
"""Borders that are lowered from the first quarter on, by channel."""

ADDITIONAL: Final = (0.2, 0.6)
"""Part of joint projects that would not be done alone (Cornet et al. 2006; Darby et al. 2004)."""

SPILLOVER: Final = (1.2, 2.0)
"""What all gain over what who invents gains, of which half to two thirds stay in a large region
(Myers and Lanahan 2022)."""

GAIN: Final = {False: (0.1, 0.75), True: (0.5, 2.0)}
"""Rise of log productivity after 5-10 years in hundredths, without and with open markets: .05-.15
of that of inventions (around the elasticity of Chinese firms, c17), and what integrated markets
add (.87 per cent a standard deviation, South China Journal of Economics 2015(4): 27)."""

PERIODS: Final = ((2011, 2013), (2014, 2018), (2019, 2022))
"""Years of which sums are compared: the first, those in which it builds up, and later ones."""

ACROSS, ALL, LAUNCHES, PRODUCTIVITY = (
    "joint inventions across provinces", "inventions", "launches", "log productivity",
)  # fmt: skip


FLOWS: Final = {ACROSS: "coinventions_interprovince", ALL: "inventions", LAUNCHES: "launches"}


def measure(runs: pairs.Runs) -> pairs.Values:
    """Return sums by period, and productivity in its last year."""
    series = runs.series([*FLOWS.values(), "productivity_log"])
    found: dict[str, pd.Series[float]] = {}
    for begin, end in PERIODS:
        total = series[series["year"].between(begin, end)].groupby("run").sum()
        found |= {at(name, end): total[of] for name, of in FLOWS.items()}
        last = series[series["year"] == end].groupby("run")
        found[at(PRODUCTIVITY, end)] = last["productivity_log"].mean()
    return runs.by_setting(found)


def at(name: str, end: int) -> str:
    """Return the name of an outcome in the period with this last year."""
    return f"{name}, {end}"


def settings() -> dict[str, dict[str, object]]:
    """Return the changes of each setting; borders are lowered from where the scenario has them."""
    return {BASELINE: {}, **WITHOUT} | {name: lowered(*of) for name, of in BORDERS.items()}


def lowered(*channels: str) -> dict[str, object]:
    """Return policies that raise what passes the borders of some channels."""
    return {
        f"policies.lower_{channel}": {
            "policy": "border_friction",
            "passes": RAISED[channel],
            "channels": [channel],
        }
        for channel in channels
    }


def _raised(channel: str) -> str:
    """Say what passes with the factor of a channel, in place of the default."""
    base = float(getattr(BorderParameters(), channel))
    return f"{RAISED[channel]}, from {base:g} to {float(passed(RAISED[channel], base)):.2g}"


def expected(base_share: float, rise: float) -> tuple[float, float]:
    """Return the range of the rise of all inventions, in per cent, that the evidence would predict.

    ``base_share`` is that of joint work across provinces before it rises by so many per cent.
    """
    low, high = (a * s for a, s in zip(ADDITIONAL, SPILLOVER, strict=True))
    return base_share * rise * low, base_share * rise * high


def rows_of(values: pairs.Values, names: Sequence[str]) -> list[list[str]]:
    """Return a row for each setting and outcome, with a cell for each period."""
    rows = []
    for setting in names:
        for outcome in (ACROSS, ALL, LAUNCHES, PRODUCTIVITY):
            of = (at(outcome, end) for _, end in PERIODS)
            gaps = (pairs.per_cent(values[BASELINE], values[setting], name) for name in of)
            rows.append([setting, outcome, *map(pairs.marked, gaps)])
    return rows


def expectations(values: pairs.Values) -> list[list[str]]:
    """Return for each lowered border what is expected of inventions and what was found."""
    plain, (_, last) = values[BASELINE], PERIODS[-1]
    share = float(plain[at(ACROSS, last)].mean() / plain[at(ALL, last)].mean())
    rows = []
    for setting in BORDERS:
        rise = pairs.per_cent(plain, values[setting], at(ACROSS, last)).estimate
        basis = f"{100.0 * share:.2f} % of all, {rise:+.0f} %"
        for outcome, message, (low, high) in (
            (ALL, basis, expected(share, rise)),
            (PRODUCTIVITY, "", GAIN["goods" in BORDERS[setting]]),
        ):
            found = pairs.per_cent(plain, values[setting], at(outcome, last))
            verdict = literature.verdict(found, low, high)
            asked = f"{low:+.2f} to {high:+.2f}"
            rows.append([setting, outcome, message, asked, pairs.marked(found), verdict])
    return rows


def as_markdown(values: pairs.Values, head: Sequence[str]) -> str:
    """Return the page ``docs/collaboration.md``, of which ``head`` says how it was made."""
    plain = values[BASELINE]
    periods = [f"{begin}-{end}" for begin, end in PERIODS]
    columns = ["outcome", *(f"change {period}, per cent" for period in periods)]
    return page(
        "# Collaboration has consequences",
        "What becomes of the region without joint projects, without learning and without work "
        "across provinces, and when borders between provinces are lowered. Made by",
        *head,
        "Rules compare with the burn-in of the default parameters. Flows are sums over the "
        "years of a period, for the whole region, at scale 1; log productivity is that of the last "
        "year of a period, its change in hundredths of a log.",
        pairs.INTERVALS,
        "## The baseline",
        markdown_table(
            ["outcome", *periods],
            [
                [name, *(pairs.figure(plain[at(name, end)]) for _, end in PERIODS)]
                for name in (ACROSS, ALL, LAUNCHES, PRODUCTIVITY)
            ],
        ),
        "## Without",
        "No joint projects: nobody has a partner. No learning: neither from partners, nor from the "
        "city, nor from sellers of contracts. No work across provinces: partners, and buyers of "
        "what changes hands, are of the own province or of the rest of the nation. What is "
        "abolished is so from the burn-in on.",
        markdown_table(["without", *columns], rows_of(values, list(WITHOUT))),
        "## Lower borders",
        "From the first quarter on the odds that exchange passes these borders are raised "
        f"(`border_friction`): of joint work alone ({_raised('joint_work')}), of knowledge that "
        f"spills over too ({_raised('knowledge')}), and of goods too ({_raised('goods')}). The "
        "other borders stay.",
        markdown_table(["border", *columns], rows_of(values, list(BORDERS))),
        "## What was to be expected",
        "    expected = base share x rise x additional share x spillover",
        "of all inventions. Base share: joint inventions across provinces over all in"
        f" {periods[-1]}, "
        f"rise: theirs; additional share {ADDITIONAL[0]:g} to {ADDITIONAL[1]:g} and spillover"
        f" {SPILLOVER[0]:g} to {SPILLOVER[1]:g} are published "
        "(vouchers and consortia; grants within a large region). This is what the evidence "
        "predicts of joint work; more knowledge that spills over, and goods, add to it in their "
        f"own ways. Of log productivity {GAIN[False][0]:g} to {GAIN[False][1]:g} hundredths after"
        " 5-10 years are expected of joint work "
        f"and knowledge, {GAIN[True][0]:g} to {GAIN[True][1]:g} with open markets too. *Inside* and"
        " *outside*: the whole interval is "
        "in the range, or beyond it; *undecided*: it is partly in.",
        markdown_table(
            [
                "borders of",
                "outcome",
                "joint inventions across provinces",
                "expected, per cent",
                f"found {periods[-1]}",
                "",
            ],
            expectations(values),
        ),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    last = PERIODS[-1][1]
    parser = pairs.parser_of(__doc__, scenario=BASELINE, scale=0.05, end=last, replicates=10)
    options = parser.parse_args(arguments)
    if options.end < last:
        parser.error(f"--end {options.end}: the last period ends in {last}")
    changes = {"reference": "defaults"}
    runs = pairs.run("collaboration", options, settings(), changes=changes)
    page = as_markdown(measure(runs), runs.head(pairs.command_of("collaboration", options)))
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
