"""Which firms adopted earlier because of a policy, adoption by adoption.

    gain_ig = quarter of adoption without the policy - quarter of adoption with it     quarters

of firm i and generation g, over the pairs that adopt in both runs; those that adopt in one run
only are counted apart. Both runs have the same draws: a firm, its thresholds and a project that
founds a generation keep their identities, so that what differs is what the policy did. Without the
policy means at strength zero, with everything else as it is. The share of variance that pairing
removes (`ydsim.measures.effects`) is 1 where both runs move together, 0 where independent runs
would do as well, below 0 where pairing harms.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.analysis.paired import LEAN, figure
from ydsim.engines.choice import engine_of
from ydsim.errors import UsageError
from ydsim.measures.effects import Interval, difference, variance_removed
from ydsim.model import Model
from ydsim.run.measure import Measured, measure_runs
from ydsim.run.progress import Report
from ydsim.scenario.load import load_scenario
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.wording import markdown_table, suggestion
from ydsim.world.loader import load_world

NEVER = -(2**31)
"""Quarter of an adoption that did not happen."""

OUTCOMES = ("adoptions", "mean quarter of adoption", "R&D", "launches", "value added, last year")


@dataclass(frozen=True)
class Adopted:
    """Adoptions of one run by firm and generation, in the order of their identities, and outcomes.

    Attributes
    ----------
    firm, generation
        Identities.
    quarter
        Of the adoption.
    city, industry
        Of the firm when it adopted.
    outcomes
        Numbers by name of `OUTCOMES`.
    """

    firm: Keys
    generation: Keys
    quarter: Ints
    city: Ints
    industry: Ints
    outcomes: dict[str, float]


@dataclass(frozen=True)
class Pairs:
    """What one replicate's firms did with and without the policy: one entry a firm.

    Attributes
    ----------
    replicate
        Number of the replicate.
    firm
        Identities, ascending.
    city, industry
        Of each firm, where it adopted first.
    both
        Generations adopted in both runs.
    earlier, later
        Of these, adopted earlier or later with the policy.
    gained
        Sum of gains over ``both``, quarters.
    only_with, only_without
        Generations adopted in one run only.
    """

    replicate: int
    firm: Keys
    city: Ints
    industry: Ints
    both: Ints
    earlier: Ints
    later: Ints
    gained: Ints
    only_with: Ints
    only_without: Ints


class Adoptions:
    """Watches a run and gives its adoptions and outcomes."""

    def __init__(self) -> None:
        self.parts: list[tuple[Keys, Keys, Ints, Ints, Ints]] = []

    def after_quarter(self, model: Model) -> None:
        """Take note of the adoptions of the quarter."""
        table, generations = model.state.organisations, model.state.generations
        now = model.state.adoptions
        self.parts.append(
            (
                table.key[now.firm],
                generations.key[now.generation],
                np.full(len(now.firm), model.state.quarter - 1, dtype=np.int64),
                table.city[now.firm],
                table.industry[now.firm],
            )
        )

    def found(self, model: Model) -> Adopted:
        """Return the first adoption of each generation by each firm, and outcomes."""
        return _first_adoptions(model, self.parts)


def _first_adoptions(model: Model, parts: Sequence[tuple[Keys, Keys, Ints, Ints, Ints]]) -> Adopted:
    firm, generation, quarter, city, industry = (
        np.concatenate([part[k] for part in parts]) for k in range(5)
    )
    order = np.lexsort((quarter, generation, firm))
    first = np.ones(len(order), dtype=np.bool_)  # who moves may adopt again in its new row
    a, b = order[1:], order[:-1]
    first[1:] = (firm[a] != firm[b]) | (generation[a] != generation[b])
    order = order[first]
    series = model.recorder.series
    outcomes = (
        float(len(order)) / model.settings.scale,
        float(quarter[order].mean()) if len(order) else float("nan"),
        float(series("rd_expenditure").sum()),
        float(series("launches").sum()),
        float(series("value_added_secondary")[-4:].sum()),
    )
    return Adopted(
        firm[order],
        generation[order],
        quarter[order],
        city[order],
        industry[order],
        dict(zip(OUTCOMES, outcomes, strict=True)),
    )


def compared(plain: Adopted, changed: Adopted, replicate: int = 0) -> Pairs:
    """Return by firm what the policy did; ``changed`` is the run with it."""
    firm = np.concatenate([plain.firm, changed.firm])
    generation = np.concatenate([plain.generation, changed.generation])
    with_it = np.repeat([False, True], [len(plain.firm), len(changed.firm)])
    order = np.lexsort((with_it, generation, firm))
    firm, generation, with_it = firm[order], generation[order], with_it[order]
    quarter = np.concatenate([plain.quarter, changed.quarter])[order]
    city = np.concatenate([plain.city, changed.city])[order]
    industry = np.concatenate([plain.industry, changed.industry])[order]
    twin = np.zeros(len(firm), dtype=np.bool_)  # the entry before is the same without the policy
    twin[1:] = (firm[1:] == firm[:-1]) & (generation[1:] == generation[:-1])
    gain = np.zeros(len(firm), dtype=np.int64)
    at = np.flatnonzero(twin)
    gain[at] = quarter[at - 1] - quarter[at]
    paired = twin.copy()
    paired[at - 1] = True
    alone = ~paired
    starts = np.ones(len(firm), dtype=np.bool_)
    starts[1:] = firm[1:] != firm[:-1]
    begin = np.flatnonzero(starts)

    def count(mask: Bools) -> Ints:
        found: Ints = np.add.reduceat(mask.astype(np.int64), begin) if len(begin) else begin
        return found

    return Pairs(
        replicate,
        firm[begin],
        city[begin],
        industry[begin],
        count(twin),
        count(twin & (gain > 0)),
        count(twin & (gain < 0)),
        np.add.reduceat(gain, begin) if len(begin) else begin,
        count(alone & with_it),
        count(alone & ~with_it),
    )


def without(
    name_or_path: str, policy: str, changes: Mapping[str, object], *, allow_code: bool = False
) -> tuple[Scenario, ...]:
    """Return the scenario without and with a policy; ``allow_code`` as for `load_scenario`.

    Raises
    ------
    UsageError
        When the scenario has no such policy, or has it at strength zero.
    """
    changes = {**LEAN, **changes}
    with_it = load_scenario(name_or_path, changes, allow_code=allow_code)
    require_policy(with_it, policy)
    off = {**changes, f"policies.{policy}.strength": 0.0}
    plain = load_scenario(name_or_path, off, allow_code=allow_code)
    return plain, with_it


def require_policy(scenario: Scenario, policy: str) -> None:
    """Refuse a policy that a scenario does not have, or has at strength zero.

    Raises
    ------
    UsageError
        Names the nearest of its policies.
    """
    if policy not in scenario.policies:
        known = sorted(scenario.policies)
        raise UsageError(
            f"the scenario has no policy {policy!r}{suggestion(policy, known, 'its policies are')}"
        )
    if scenario.policies[policy].strength == 0.0:
        raise UsageError(f"policy {policy!r} has strength 0 in this scenario: nothing to compare")


def run_pairs(
    settings: Sequence[Scenario],
    replicates: int,
    *,
    workers: int = 1,
    progress: Report | None = None,
) -> tuple[list[Pairs], dict[str, tuple[Floats, Floats]]]:
    """Return pairs by replicate, and outcomes without and with the policy over replicates."""
    runs = [Measured(settings[k], r, Adoptions) for r in range(replicates) for k in range(2)]
    found: dict[int, Adopted] = {}
    pairs: dict[int, Pairs] = {}
    outcomes: dict[int, dict[str, float]] = {}

    def take(at: int, result: Adopted) -> None:
        found[at], outcomes[at] = result, result.outcomes
        plain, changed = at - at % 2, at - at % 2 + 1
        if plain in found and changed in found:
            pairs[at // 2] = compared(found.pop(plain), found.pop(changed), at // 2)

    measure_runs(runs, engine_of(None, workers), take=take, report=progress)
    values = {
        name: tuple(
            np.array([outcomes[2 * r + k][name] for r in range(replicates)]) for k in (0, 1)
        )
        for name in OUTCOMES
    }
    return [pairs[r] for r in range(replicates)], {n: (v[0], v[1]) for n, v in values.items()}


def firms_csv(pairs: Sequence[Pairs], world_name: str) -> str:
    """Return one row for each firm whose adoptions differ, those that gained most first."""
    world = load_world(world_name)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ("replicate", "firm", "province", "city", "industry", "adopted_in_both", "earlier",
         "later", "quarters_gained", "only_with_policy", "only_without_policy")
    )  # fmt: skip
    for part in pairs:
        moved = part.earlier + part.later + part.only_with + part.only_without > 0
        rows = np.flatnonzero(moved)
        for i in rows[np.lexsort((part.firm[rows], -part.gained[rows]))].tolist():
            city = int(part.city[i])
            writer.writerow(
                (part.replicate, f"{int(part.firm[i]):016x}",
                 world.provinces[int(world.city_province[city])], world.city_names[city],
                 world.industries[int(part.industry[i])], int(part.both[i]),
                 int(part.earlier[i]), int(part.later[i]), int(part.gained[i]),
                 int(part.only_with[i]), int(part.only_without[i]))
            )  # fmt: skip
    return text.getvalue()


def by_province(pairs: Sequence[Pairs], world_name: str) -> list[tuple[str, dict[str, float]]]:
    """Return sums over replicates by province and for the region, in units of the sample."""
    world = load_world(world_name)
    names = ("both", "earlier", "later", "gained", "only_with", "only_without")
    of = [world.city_province[part.city] for part in pairs]
    rows = []
    for label, mine in [
        *((name, [p == k for p in of]) for k, name in enumerate(world.provinces)),
        ("region", [np.ones(len(p), dtype=np.bool_) for p in of]),
    ]:
        sums = {
            name: float(
                sum(getattr(part, name)[m].sum() for part, m in zip(pairs, mine, strict=True))
            )
            for name in names
        }
        sums["firms"] = float(sum(m.sum() for m in mine))
        moved = (part.earlier > 0 for part in pairs)
        sums["firms_earlier"] = float(sum((m & e).sum() for m, e in zip(mine, moved, strict=True)))
        rows.append((label, sums))
    return rows


def as_markdown(
    pairs: Sequence[Pairs],
    outcomes: Mapping[str, tuple[Floats, Floats]],
    scenario: Scenario,
    policy: str,
) -> str:
    """Return the summary of the command."""
    replicates = len(pairs)
    lines = [
        f"# What `{policy}` does to adoption, firm by firm",
        "",
        f"Scenario `{scenario.name}`, scale {scenario.scale:g}, {scenario.start}-{scenario.end}, "
        f"{replicates} replicate{'s' * (replicates != 1)}, seed {scenario.seed}; with the policy "
        "and at strength zero, the same draws.",
        "",
        "Counts are of the sample, summed over replicates.",
        "",
    ]
    head = ["province", "firms that adopt", "adopt something earlier", "adoptions in both runs"]
    head += ["earlier", "later", "mean gain, quarters", "only with", "only without"]
    rows = []
    for label, row in by_province(pairs, scenario.world):
        mean = row["gained"] / row["both"] if row["both"] else float("nan")
        counts = {name: f"{number:,.0f}" for name, number in row.items()}
        before = [counts[k] for k in ("firms", "firms_earlier", "both", "earlier", "later")]
        after = [counts[k] for k in ("only_with", "only_without")]
        rows.append([label, *before, f"{mean:+.4f}", *after])
    lines += [*markdown_table(head, rows), "", "Outcomes at scale 1, region:", ""]
    if replicates < 2:
        lines.append("Intervals and the variance that pairing removes ask for two replicates.")
        return "\n".join(lines) + "\n"
    rows = [
        [
            name,
            figure(float(plain.mean())),
            _cell(difference(plain, changed)),
            f"{variance_removed(plain, changed):.3f}",
        ]
        for name, (plain, changed) in outcomes.items()
    ]
    head = ["outcome", "without", "with less without, 95 % interval"]
    lines += markdown_table([*head, "variance removed by pairing"], rows)
    return "\n".join(lines) + "\n"


def _cell(gap: Interval) -> str:
    text = f"{gap.estimate:+.5g} [{gap.low:+.5g}, {gap.high:+.5g}]"
    return f"{text} **null**" if gap.includes_zero else text
