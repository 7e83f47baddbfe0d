"""Ablation: what of the model's effects is left when one rule is switched off.

    python -m benchmarks.ablation  # hours; goes on with what `SEEN` has
    python -m benchmarks.ablation --page > docs/ablation.md

Each rule is switched off by the value of a parameter at which it does nothing. With the rule and
without it the same treatments are simulated: what `tools.collaboration` abolishes and lowers, and
each lever of which a sign is published (`tools.signs`). With y an outcome,

    effect = ln y(treated) - ln y(plain),     moved = effect without the rule - effect with it

by replicate, over the same draws, each against the burn-in of its own rules. Most rules move
most effects by chance alone, so that the spread of ``moved`` is read from all of them: 1.48 times
the median of its size. A rule moves an effect where the mean of ``moved`` is `SURE` of these over
the root of the number of replicates, at least `LEAST` of a log and a `PART` of the effect. Nothing
is fitted again, so that levels are those of no calibrated model.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from math import log, nan
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from tests.support.sign_runs import LEAN, OUTCOMES, SCENARIO, Seen
from tests.support.small import burnt
from tests.support.worlds import packaged
from tools import collaboration, page
from tools.signs import ROWS
from ydsim.agents.tally import EXPECTED
from ydsim.fmt import fixed, markdown_table
from ydsim.scenario.load import load_scenario
from ydsim.studies.flows import gravity
from ydsim.typing import Floats

SEEN: Final = Path(__file__).with_suffix(".csv")
"""What the runs gave: effects and levels by rule and replicate."""
LEVEL: Final = "level: "
"""Before the name of a level in `SEEN`."""
PLAIN, FULL = "plain", "all rules"
SURE, LEAST, PART = 3.0, 0.002, 0.2
GONE: Final = "is gone"
LATE: Final = 16
"""Last quarters of which outcomes of headlines are sums."""

SUMS: Final = {
    "R&D of firms": "rd_funds_enterprise",
    "inventions": "inventions",
    "launches": "launches",
    "joint inventions across provinces": "coinventions_interprovince",
    "papers": "sci_papers",
    "applications": "invention_patent_applications",
    "contract value": "contract_value_true",
    "contract value across provinces": "contract_value_cross_province",
    "value added": "value_added_secondary",
    "new products": "hitech_industry_new_product_sales",
    "certified firms": "hitech_enterprises_valid_stock_derived",
    "entries": "entries",
    "adoptions": "adoptions",
    "foundings": "generations_founded",
    "researchers": "researchers_stock",
}
"""Outcomes of headlines and levels: sums over the last quarters, by indicator."""

GRAVITY: Final = {"knowledge": "knowledge", "joint inventions": "co_invention", "moves": "talent"}
"""Channels of which the law of links is read, by the name that the page gives them."""

OFF: Final[dict[str, dict[str, object]]] = {
    FULL: {},
    "media: awareness": {"actors.media": False},
    "brokers: introductions": {"actors.intermediaries": False},
    "brokers: transfer offices": {"brokers.offices": 0.0},
    "brokers: results that are not disclosed": {"brokers.disclosure": 1.0},
    "learning from partners": {"learn.rate": 0.0},
    "learning by doing": {"explore.learning": 0.0},
    "quality by knowledge": {"explore.quality_knowledge": 0.0},
    "knowledge within reach in ideas": {"explore.access": 0.0},
    "knowledge within reach in productivity": {"compete.access": 0.0},
    "knowledge of the rest of the nation": {"explore.nation": 0.0},
    "knowledge of the region in the rest of the nation": {"explore.region": 0.0},
    "far part of knowledge within reach": {"explore.far": 0.0},
    "absorption by own research": {"explore.absorption": 0.0},
    "recombination after joint inventions": {"explore.recombination": 0.0},
    "skill of owners": {"explore.skill_sd": 0.0},
    "R&D by expected return": {"invest.expected_return": 0.0},
    "return of R&D capital": {"compete.research_return": 0.0},
    "border of knowledge": {"border.knowledge": 1.0},
    "border of joint work": {"border.joint_work": 1.0},
    "border of hand-overs": {"border.hand_over": 1.0},
    "contract market": {"contracts.market": 0.0},
    "hires from contracts of science": {"contracts.science_hires": 0.0},
    "private return of launches": {"compete.private_return": 0.0},
    "productivity by market access": {"compete.market_access": 0.0},
    "selection": {"compete.selection": 0.0},
    "slow market shares": {"compete.share_adjustment": 1.0},
    "foundings by launches": {"generations.launch_elasticity": 0.0},
    "improvement by launches": {"generations.improvement": 0.0},
    "crowding of frontiers": {"generations.crowding": 100.0},
    "appeal of generations": {"adopt.appeal_sd": 0.0},
    "exposure to the nation": {"adopt.outside": 0.0},
    "attraction": {"match.attraction": 0.0},
    "shared facilities": {"match.facility_use": 0.0},
    "search to close a gap": {"match.gap_search": 0.0},
    "cognitive distance in the choice": {"match.cognitive": 0.0},
    "institutional distance": {"match.institution": 0.0},
    "strength of ties in the choice": {"match.social": 0.0},
    "cost of search": {"match.search_cost": 0.0},
    "all but one candidate of a source": {"match.candidates": 1},
    "decay of ties": {"match.tie_decay": 0.0},
    "time of partnerships": {"match.overhead": 0.0},
    "quality by partners": {"chain.joint_quality": 0.0},
    "capability by size": {"chain.capability_size": 0.0},
    "choice of inventions by quality": {"chain.selection": 10.0},
    "span of projects": {"chain.span": 1000.0},
    "moves of researchers": {"talent.mobility": 0.0},
    "scarce researchers": {"talent.scarce_supply": False},
    "graduates who look elsewhere": {"talent.graduates_look": 0.0},
    "supply of researchers by pay": {"talent.entry_elasticity": 0.0},
    "relocation": {"relocate.hazard": 0.0},
    "exit by size": {"population.exit_size": 0.0},
    "spread of knowledge and absorptive capacity": {"population.spread": 0.0},
    "relabelled R&D": {"certify.relabelling": 0.0},
    "leakage of grants": {"fund.leakage": 0.0},
    "hours of travel as recorded": {"travel.hours": "distance"},
}
"""Rules, by what switches them off below `parameters`."""


STAYS: Final[dict[str, str]] = {
    "six without a mark at once": "four are gone; cost of search and leakage stay, see there",
    "media: awareness": "adoption by news; an actor of the question",
    "brokers: introductions": "licences of universities (c25)",
    "brokers: transfer offices": "licences of universities (c25)",
    "brokers: results that are not disclosed": "what offices find; licences over the stock (c25)",
    "learning from partners": "what working together teaches (Cowan and Jonard 2004)",
    "learning by doing": "growth of knowledge; without it inventions fall by 7 %",
    "quality by knowledge": "launches by what their owners know; without it -9 %",
    "knowledge within reach in ideas": "halved trips raise inventions (c10; citations)",
    "knowledge within reach in productivity": "density (Ciccone and Hall 1996)",
    "knowledge of the rest of the nation": "56.6 % of citations lead there",
    "knowledge of the region in the rest of the nation": "the nation cites the region, .25-.30",
    "far part of knowledge within reach": "citations beyond the own city; law of distance",
    "absorption by own research": "own research takes up others' (Cohen and Levinthal 1989)",
    "recombination after joint inventions": "joint work makes new ideas (Fleming 2001)",
    "skill of owners": "joint inventions with effects of their owner (I14)",
    "R&D by expected return": "R&D follows launches and demand (Cohen 2010)",
    "return of R&D capital": "productivity by R&D (Hall and Mairesse 1995)",
    "border of knowledge": "citations within a province, .157 (.101)",
    "border of joint work": "teams within a province, 1.50 (.42)",
    "border of hand-overs": "contract value between provinces, 11.5 % in 2018",
    "contract market": "value and number of contracts, 2012-20",
    "hires from contracts of science": "science that sells hires; papers -19 % without it",
    "private return of launches": "productivity by launches (c17)",
    "productivity by market access": "segmentation lowers productivity (I15)",
    "selection": "market shares by productivity; Anhui's catch-up (c23)",
    "slow market shares": "trade converges in 7-10 years (Boehm and others 2023)",
    "foundings by launches": "foundings: -24 % without it",
    "improvement by launches": "productivity by launches; -6 % without it",
    "crowding of frontiers": "frontiers do not run away; productivity +10 % without it",
    "appeal of generations": "curves of adoption differ; adoptions +31 % without it",
    "exposure to the nation": "adoption across the region's border; adoptions -5 % without it",
    "attraction": "joint inventions are better at birth (I14)",
    "shared facilities": "the lever `instrument_sharing`: inventions +.3 %",
    "search to close a gap": "services of science by vouchers (c18)",
    "cognitive distance in the choice": "collaboration by proximity (2.2); largest of all",
    "institutional distance": "recognition raises collaboration (2.2)",
    "strength of ties in the choice": "closure is favoured (2.2)",
    "cost of search": "what a corridor saves (c6); joint inventions within a province",
    "all but one candidate of a source": "choice of partners; joint inventions across provinces",
    "decay of ties": "ties end: a lost partner is felt for years (I1)",
    "time of partnerships": "joint research costs time (Cummings and Kiesler 2007)",
    "quality by partners": "the premium of teams (I14; Jaravel and others 2018)",
    "capability by size": "the valley of death; small firms hand over",
    "choice of inventions by quality": "55 % of patents are used (inventor survey)",
    "span of projects": "rooms for projects: papers and inventions per researcher",
    "moves of researchers": "the lever `talent_mobility` (c22)",
    "scarce researchers": "inventions -3 % by wages; R&D that meets people",
    "graduates who look elsewhere": "where graduates work (poll of 2012, docs/flows.md)",
    "supply of researchers by pay": "pay takes 30-50 % of public money (Goolsbee 1998)",
    "relocation": "the lever `industrial_transfer` (c23)",
    "exit by size": "exit falls with size (Dunne, Roberts and Samuelson 1988)",
    "spread of knowledge and absorptive capacity": "joint work moves R&D as partners differ",
    "relabelled R&D": "certified firms at the notch (c17)",
    "leakage of grants": "grants not spent on R&D, 30-53 % (Boeing 2016)",
    "hours of travel as recorded": "lines open by year: moves and citations by hours",
}
"""The effect by which each rule stays, with its evidence; what has none is gone."""


def treatments() -> dict[str, dict[str, object]]:
    """Return what is laid over the scenario by name of the treatment, plain ones first."""
    found: dict[str, dict[str, object]] = {PLAIN: {}}
    for row in ROWS:
        if row.beside:
            found[_plain_of(row)] = row.beside
    for name, changes in collaboration.settings().items():
        if changes:
            found[name] = changes
    for row in ROWS:
        found[_name(row.beside | row.changes)] = row.beside | row.changes
    return found


def _plain_of(row: Any) -> str:
    return _name(row.beside) if row.beside else PLAIN


def _name(changes: dict[str, object]) -> str:
    return json.dumps(changes, sort_keys=True)


def effects() -> Iterator[tuple[str, str, str, str]]:
    """Yield the name of each effect, its treatment, what it is compared with, and its outcome."""
    for name in collaboration.settings():
        if name != collaboration.BASELINE:
            for outcome in ("launches", "inventions", "R&D of firms", "value added", "A"):
                yield f"{name}: {outcome}", name, PLAIN, outcome
    for row in ROWS:
        treated = _name(row.beside | row.changes)
        yield f"{row.name}", treated, _plain_of(row), f"sign {row.outcome}"


def outcomes(rule: str, treatment: str, replicate: int, scale: float, end: int) -> dict[str, float]:
    """Return all outcomes of one run, as logs; NaN of what is not positive."""
    off = {f"parameters.{key}": value for key, value in OFF[rule].items()}
    same = {"scale": scale, "end": end, "reference": "own", **LEAN}
    settings = load_scenario(SCENARIO, {**same, **off, **treatments()[treatment]})
    model = burnt(settings, packaged(settings.world), replicate)
    sums: dict[str, Any] = {}
    while model.running:
        model.step()
        for channel, links in model.state.tally.links.items():
            sums[channel] = sums.get(channel, 0.0) + links
    found = {name: float(model.recorder.series(of)[-LATE:].sum()) for name, of in SUMS.items()}
    found["A"] = float(np.exp(model.recorder.series("productivity_log")[-4:].mean()))
    seen = Seen(model, sums)
    found |= {f"sign {name}": outcome(seen) for name, outcome in OUTCOMES.items()}
    logs = {name: log(value) if value > 0.0 else nan for name, value in found.items()}
    return logs | (_laws(seen) if treatment == PLAIN else {})


def _laws(run: Seen) -> dict[str, float]:
    """Return what flows of a run say of a border and of distance, as logs."""
    laws = {}
    for name, channel in GRAVITY.items():
        links: Floats = run.sums[channel][EXPECTED, :-1, :-1]
        fit = gravity(links + links.T if channel == "co_invention" else links, run.model.world)
        laws |= {f"{name}, same province": fit["same_province"], f"{name}, ln km": fit["ln_km"]}
    return laws


def _of_rule(rule: str, replicate: int, scale: float, end: int) -> dict[str, float]:
    os.nice(10)
    runs = {name: outcomes(rule, name, replicate, scale, end) for name in treatments()}
    found = {name: runs[treated][of] - runs[plain][of] for name, treated, plain, of in effects()}
    levels = runs[PLAIN].items()
    return found | {LEVEL + of: value for of, value in levels if not of.startswith("sign ")}


def simulate(out: Path, replicates: int, jobs: int, scale: float, end: int) -> None:
    """Simulate what the file does not have yet, all rules of a replicate before the next."""
    done = set(read(out).index) if out.exists() else set()
    tasks = [(rule, k) for k in range(replicates) for rule in OFF if (rule, k) not in done]
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        waited = {pool.submit(_of_rule, *task, scale, end): task for task in tasks}
        for count, future in enumerate(as_completed(waited), start=1):
            _append(out, *waited[future], future.result())
            print(f"{count} of {len(tasks)}", file=sys.stderr, flush=True)


def _append(out: Path, rule: str, replicate: int, found: Mapping[str, float]) -> None:
    new = not out.exists()
    with out.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(["rule", "replicate", *found])
        writer.writerow([rule, replicate, *(f"{value:.5g}" for value in found.values())])


def read(out: Path) -> pd.DataFrame:
    """Return effects and levels by rule and replicate, a column each, logs."""
    return pd.read_csv(out).set_index(["rule", "replicate"])


# -- the page --------------------------------------------------------------------------------------


def moved_by(values: pd.DataFrame, least: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return by rule the mean of what it moves in each column, and whether that is beyond chance.

    ``values`` has a row each rule and replicate.
    """
    full = values.xs(FULL, level="rule")
    left = values.drop(FULL, level="rule")
    left = left - full.reindex(left.index.get_level_values("replicate")).to_numpy()
    mean, number = left.groupby("rule", sort=False).mean(), left.groupby("rule", sort=False).count()
    spread = 1.4826 * left.abs().median()
    wanted = np.maximum(least, PART * full.mean().abs()) if least == LEAST else least
    sure = (mean.abs() > SURE * spread / np.sqrt(number)) & (mean.abs() > wanted)
    return mean, sure


def as_markdown(runs: pd.DataFrame, head: str) -> str:
    """Return the page ``docs/ablation.md``."""
    levels = runs.filter(regex=f"^{LEVEL}").rename(columns=lambda name: name.removeprefix(LEVEL))
    values = runs.filter(regex=f"^(?!{LEVEL})")
    (mean, sure), (level, known) = moved_by(values, LEAST), moved_by(levels, 0.01)
    full = values.xs(FULL, level="rule").mean()
    signs = {row.name for row in ROWS}

    def moved(rule: str, *, sign: bool) -> str:
        return "; ".join(
            f"{name} {_hundredths(full[name])} to {_hundredths(full[name] + mean.loc[rule, name])}"
            for name in values
            if (name in signs) is sign and sure.loc[rule, name]
        )

    rows = []
    for rule in mean.index:
        shift = (
            f"{of} {_hundredths(level.loc[rule, of], 0)}" for of in levels if known.loc[rule, of]
        )
        number = len(values.xs(rule, level="rule"))
        rows.append(
            [
                rule,
                STAYS.get(rule, GONE),
                str(number),
                moved(rule, sign=False),
                moved(rule, sign=True),
                "; ".join(shift),
            ]
        )
    columns = ["rule", "stays for", "replicates", "headlines", "signs of levers", "levels"]
    return page("# Ablation", head, markdown_table(columns, rows))


def _hundredths(value: float, digits: int = 1) -> str:
    return fixed(100.0 * value, digits, sign=True)


def _how(runs: pd.DataFrame, scale: float, end: int) -> str:
    """Return the head of the page: what was run, and how to read it."""
    replicates = int(runs.groupby("rule").size().min())
    return (
        "What is left of the model's effects when one rule is switched off, by the value of a "
        "parameter at which it does nothing. The same treatments are simulated with it and without "
        "it: what `tools.collaboration` abolishes and lowers, and each lever of which a sign is "
        f"published. Scenario `{SCENARIO}` at scale {scale:g} to {end}, its last four years, "
        f"{replicates} replicates or more, made by `python -m benchmarks.ablation`; nothing is "
        "fitted again. "
        "An effect is named, from its value with the rule to that without it, where the difference "
        f"is {SURE:g} times the usual one among rules over the root of the number of replicates, "
        f"more than {100.0 * LEAST:.1f} hundredths of a log and a fifth of the effect; a level "
        "where it moves by one hundredth. With few replicates some differences are named by "
        "chance, and only large ones are found: an empty row says that nothing large was seen. "
        "`same province` and `ln km` are coefficients of flows as in [flows.md](flows.md), in "
        "hundredths."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, or print the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=SEEN)
    parser.add_argument("--replicates", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--scale", type=float, default=0.03)
    parser.add_argument("--end", type=int, default=2019)
    parser.add_argument("--page", action="store_true", help="print the page of what is there")
    options = parser.parse_args(arguments)
    if options.page:
        runs = read(options.out)
        sys.stdout.write(as_markdown(runs, _how(runs, options.scale, options.end)))
        return
    simulate(options.out, options.replicates, options.jobs, options.scale, options.end)


if __name__ == "__main__":
    main()
