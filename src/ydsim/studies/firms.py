"""``ydsim compare --by firm``: which firms adopted earlier because of a policy.

    gain_ig = quarter of adoption without the policy - quarter of adoption with it     quarters

of firm i and generation g, over the pairs that adopt in both runs; those that adopt in one run
only are counted apart. Both runs have the same draws: a firm, its thresholds and a project that
founds a generation keep their identities, so that what differs is what the policy did. Without the
policy means at strength zero, with everything else as it is.

Numbers of generations differ between runs. What names one in both is its lasting appeal: it is
drawn by the identity of the generation alone, and stored with ten digits.

The share of variance that pairing removes (`ydsim.measures.effects`) is 1 where both runs move
together, 0 where independent runs would do as well, below 0 where pairing harms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.design.sweep import Sweep
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import effect
from ydsim.results.derived import world_of
from ydsim.results.results import Results
from ydsim.results.text import records
from ydsim.scenario.read.override import Overrides
from ydsim.studies import study
from ydsim.studies.study import Facts, Figure, Section, Study, said

REPLICATES = 5
REGION = "region"
PAIR = ["firm", "identity"]  # what names an adoption in both runs: the firm and the generation

WIDEST = 40  # quarters beyond which firms are counted together in the figure

COUNTS = ["both", "earlier", "later", "gained", "only_with", "only_without"]
OUTCOMES = {"adoptions": "adoptions", "mean_quarter": "mean quarter of adoption"}
"""Outcomes of the region by name, in words; `ydsim.compare` has all others."""


def design(
    scenario: str | Path,
    policy: str,
    overrides: Overrides | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked runs, the scenario without a policy and as it is."""
    return study.sweep_of_policy(
        scenario,
        policy,
        overrides,
        lambda base: [{"strength": 0.0}, {"strength": base.policies[policy].strength}],
        study="firms",
        description=f"Without the policy {policy}, and with it.",
        replicates=replicates,
        seed=seed,
        allow_code=allow_code,
        record={"adoption": True, "tables": ["generations"]},
    )


def read(results: Results | str | Path) -> Firms:
    """Return what the runs of `design` show."""
    results = study.opened(results)
    policy, scenario = _policy_of(results), results.manifest["scenario"]
    start, end = int(scenario["start"]), int(scenario["end"])
    common = study.common_replicates(results, results.cube(["launches"], reduce="sum"))
    adopted = {(p, r): table for p, r, table in _adoptions(results) if r in common}
    outcomes = pd.DataFrame(
        {
            "adoptions": {at: len(one) / scenario["scale"] for at, one in adopted.items()},
            "mean_quarter": {at: one["quarter"].mean() for at, one in adopted.items()},
        }
    ).rename_axis(["point", "replicate"])
    pairs = [paired(adopted[0, r], adopted[1, r]).assign(replicate=r) for r in common.tolist()]
    world = world_of(results, "adoption")
    provinces = [world.provinces[of] for of in world.city_province.tolist()]
    every = pd.concat(pairs, ignore_index=True)
    every["province"] = every["city"].map(dict(zip(world.city_names, provinces, strict=True)))
    facts = Facts.of(results, (start, end), len(common))
    return Firms(facts, policy, outcomes, every, world.provinces)


run = study.runner(design, read)


def _policy_of(results: Results) -> str:
    """Return the policy that is at strength zero at the first point and not at the other."""
    points = results.contents.points
    key = points.factors[0] if len(points.factors) == 1 and len(points) == 2 else ""
    head, _, name = key.removesuffix(".strength").partition(".")
    recorded = {"adoption", "generations"} <= set(results.manifest["tables"])
    if head != "policies" or f"policies.{name}.strength" != key or not recorded:
        raise UsageError(f"{results.name}: these are no runs of ydsim compare --by firm")
    without, with_it = points.columns[key].tolist()
    if without != 0.0 or with_it == 0.0:
        raise UsageError(f"{results.name}: the first point does not lack {name}, or the other does")
    return name


def _adoptions(results: Results) -> Iterator[tuple[int, int, pd.DataFrame]]:
    """Yield point, replicate and first adoptions of each generation by each firm of the runs."""
    generations = pd.DataFrame(results.raw("generations"))
    of = generations.groupby(["industry", "field", "appeal"], sort=False)
    generations["identity"] = of.ngroup()
    if generations.duplicated(["point", "replicate", "identity"]).any():
        raise ResultsError(
            f"{results.path or results.name}: generations of one appeal cannot be distinguished; "
            "firms are compared where parameters.adopt.appeal_sd is above zero"
        )
    numbers = generations.set_index(["point", "replicate", "generation"])[["identity", "industry"]]
    start = int(results.manifest["scenario"]["start"])
    plan, points = results.contents.plan, results.contents.points
    kept = ["generation", "firm", "city", "year", "quarter"]
    for rows, columns in results.parts("adoption", kept):
        of_run: Any = pd.DataFrame({name: columns[name] for name in kept}).groupby(rows)
        for row, events in of_run:
            (point,), replicate = points.rows[plan.hashes[row]], plan.replicates[row]
            found = events.join(numbers.loc[(point, replicate)], on="generation").assign(
                quarter=4 * (events["year"].astype(np.int64) - start) + events["quarter"] - 1
            )
            # who moves may adopt again in its new city
            first = found.sort_values("quarter", kind="stable").drop_duplicates(PAIR)
            yield point, replicate, first[[*PAIR, "quarter", "city", "industry"]]


def paired(without: pd.DataFrame, with_it: pd.DataFrame) -> pd.DataFrame:
    """Return by firm what a policy did in one replicate.

    Both are first adoptions of a run: ``firm, identity`` (of the generation), ``quarter, city,
    industry``. One row a firm, ascending: ``city`` and ``industry`` where it adopted first;
    generations adopted in ``both`` runs, of these ``earlier`` and ``later`` with the policy, the
    sum of gains ``gained`` (quarters), and those in one run ``only_with`` and ``only_without`` it.
    """
    pairs = without.merge(with_it, on=PAIR, how="outer", suffixes=("", "_with"))
    gain = pairs["quarter"] - pairs["quarter_with"]
    first = pairs[["quarter", "quarter_with"]].min(axis=1)
    rows = pd.DataFrame(
        {
            "firm": pairs["firm"],
            "city": pairs["city"].where(pairs["quarter"] == first, pairs["city_with"]),
            "industry": pairs["industry"].fillna(pairs["industry_with"]),
            "both": gain.notna(),
            "earlier": gain > 0.0,
            "later": gain < 0.0,
            "gained": gain.fillna(0.0),
            "only_with": pairs["quarter"].isna(),
            "only_without": pairs["quarter_with"].isna(),
        }
    ).iloc[np.argsort(first.to_numpy(), kind="stable")]
    by_firm = rows.groupby("firm")
    names = by_firm[["city", "industry"]].first()
    return names.join(by_firm[COUNTS].sum().astype(np.int64)).reset_index()


@dataclass(frozen=True, repr=False)
class Firms(Study):
    """What a policy does to adoption, firm by firm."""

    policy: str  # its name in the scenario
    outcomes: pd.DataFrame
    """Outcomes of the region at scale 1 by ``point`` (0 without the policy) and ``replicate``."""
    firms: pd.DataFrame  # one row a replicate and firm, as of `paired`, with its ``province``
    provinces: tuple[str, ...]  # names

    stem: ClassVar = "firms"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an outcome of the region: with the policy less without it.

        Columns beyond the common ones: ``without`` (mean without the policy) and ``removed`` (share
        of variance that pairing removes).
        """
        rows = []
        for name in OUTCOMES:
            found = effect(*(self.outcomes[name].xs(k, level="point").to_numpy() for k in (0, 1)))
            own = {"without": found.plain, "removed": found.removed}
            rows.append({"outcome": name, "place": REGION, **found.row, **own})
        return pd.DataFrame(rows)

    @cached_property
    def adoption(self) -> pd.DataFrame:
        """One row a province, and the region: counts of the sample, summed over replicates.

        ``firms`` adopt in either run, ``firms_earlier`` of them something earlier with the policy;
        ``mean_gain`` is in quarters; the others are those of `paired`.
        """
        marked = self.firms.assign(firms=1, firms_earlier=self.firms["earlier"] > 0)
        counts = marked.groupby("province")[["firms", "firms_earlier", *COUNTS]].sum()
        counts = counts.reindex(list(self.provinces), fill_value=0)
        counts.loc[REGION] = counts.sum()
        counts["mean_gain"] = counts.pop("gained") / counts["both"]
        return counts.rename_axis("place").reset_index()

    @property
    def moved(self) -> pd.DataFrame:
        """Firms whose adoptions differ, by replicate, those that gained most first."""
        differs = self.firms[["earlier", "later", "only_with", "only_without"]].any(axis=1)
        order = {"replicate": True, "gained": False, "firm": True}
        rows = self.firms[differs].sort_values([*order], ascending=[*order.values()], kind="stable")
        head = ["replicate", "firm", "province", "city", "industry", *COUNTS]
        return rows.assign(firm=rows["firm"].map("{:016x}".format))[head]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Outcomes of the region, adoption by province, and the firms."""
        more = {f"{self.stem}_by_province": self.adoption, f"{self.stem}_moved": self.moved}
        return {self.stem: self.table, **more}

    @property
    def more(self) -> dict[str, object]:
        """The policy, and adoption by province."""
        return {"policy": self.policy, "adoption": records(self.adoption)}

    def plot(self) -> Figure:
        """Return how many firms gained and lost how many quarters."""
        from ydsim.plots.canvas import house_style, look, mark_zero, new_page

        gained = self.moved["gained"].to_numpy()
        within = gained.clip(-WIDEST, WIDEST)
        edge = max(int(np.abs(within).max(initial=1)), 1) + 0.5
        with house_style():
            figure, (axes,) = new_page(
                self.title,
                "Firms whose adoptions differ, replicates together, by quarters gained over all "
                f"generations: {(gained > 0).sum():,} gain, {(gained < 0).sum():,} lose.",
                f"The last bars hold firms of {WIDEST} quarters and more." * (edge > WIDEST),
                foot=self.facts.made_by,
            )
            axes.hist(within, bins=np.arange(-edge, edge + 1.0).tolist(), color=look(0).colour)
            mark_zero(axes, upright=True)
            axes.set(xlabel="quarters gained", ylabel="firms of the sample")
            return figure.finish()

    @property
    def title(self) -> str:
        """Heading of the page."""
        return f"What {self.policy} does to adoption, firm by firm"

    @property
    def paragraphs(self) -> list[str]:
        """What was run."""
        first, last = self.facts.years
        return [
            f"Scenario {self.facts.base}, {first}-{last}, "
            f"{fmt.counted(self.facts.replicates, 'replicate')}; with {self.policy} and at "
            "strength zero, the same draws.",
            " ".join(self.facts.cautions()),
        ]

    @property
    def sections(self) -> list[Section]:
        """Adoption by province, and outcomes of the region."""
        counts = self.adoption.set_axis(
            ["province", "firms that adopt", "adopt something earlier", "adoptions in both runs",
             "earlier", "later", "only with", "only without", "mean gain, quarters"], axis=1,
        )  # fmt: skip
        zero = (self.table["low"] <= 0.0) & (self.table["high"] >= 0.0)
        change = [
            said(row) + " **null**" * null
            for row, null in zip(self.table.itertuples(), zero, strict=True)
        ]
        outcomes = self.table[["outcome", "without", "removed"]].replace(OUTCOMES)
        outcomes.insert(2, "with less without, 95 % interval", change)
        outcomes = outcomes.rename(columns={"removed": "variance removed by pairing"})
        note = "Counts are of the sample, summed over replicates."
        return [
            Section.of("Adoption", counts, note, 4),
            Section.of("Outcomes at scale 1, region", outcomes, digits=5),
        ]
