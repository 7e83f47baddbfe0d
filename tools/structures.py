"""Does the answer hang on the structure: the main effects under other rules, with their weights.

    python -m tools.structures > docs/structures.md

Runs ``baseline`` with each alternative of `STRUCTURES`, as it is and with each of `EFFECTS`, over
the same replicates and against a burn-in of its own rules. An alternative has the weight

    weight_k ~ exp(-misfit_k / 2)
    misfit_k = sum_t w_t miss_t^2 / (error_t^2 + tolerance_t^2)

over the targets t of `ydsim.studies.validation` that calibration fits to: miss_t is how far the
mean over replicates is from the figure or its range, error_t its standard error, and w_t one over
the targets of a family. All alternatives are equally likely before. What chance in the runs leaves
open of the weights comes from `RESAMPLES` resamples of the replicates, the same of all structures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from tools import page, pairs
from tools.headlines import BASELINE, HEADLINES, PRODUCTIVITY, measure
from ydsim.fmt import fixed, markdown_table
from ydsim.studies.calibration import ends_of, weights_of
from ydsim.studies.posterior import effective, weighted
from ydsim.studies.validation import KNOWN_IN, Target, load_targets, simulated
from ydsim.typing import Floats
from ydsim.world.loader import load_world

AS_IT_IS: Final = "as it is"
RESAMPLES: Final = 2000

STRUCTURES: Final[dict[str, dict[str, object]]] = {
    AS_IT_IS: {},
    "hours by distance": {"parameters.travel.hours": "distance"},
    "researchers wherever money is": {"parameters.talent.scarce_supply": False},
}
"""What is laid over the scenario: other rules. Values of a parameter are `calibrate`'s subject."""

EFFECTS: Final = tuple(
    h
    for h in HEADLINES
    if h.name in {"no joint projects", "both pass borders", "all provinces close"}
)


def settings() -> dict[str, dict[str, object]]:
    """Return what is laid over the scenario in each setting."""
    treated: dict[str, dict[str, object]] = {BASELINE: {}} | {
        h.name: dict(h.changes) for h in EFFECTS
    }
    return {
        f"{name} | {structure}": changes | of
        for structure, of in STRUCTURES.items()
        for name, changes in treated.items()
    }


def fitted_to(world: str) -> list[Target]:
    """Return the targets that calibration fits to."""
    every = load_targets(load_world(world))
    return [t for t in every if t.train and not t.anchored and t.years[1] <= KNOWN_IN]


def misfits(shown: dict[str, pd.DataFrame], targets: Sequence[Target]) -> Floats:
    """Return the misfit of each alternative, from its runs: a row a replicate, a column a target.

    Targets that some alternative does not show count for none.
    """
    return _misfits(*_seen(shown, targets))


def resampled(shown: dict[str, pd.DataFrame], targets: Sequence[Target]) -> Floats:
    """Return the weights of the alternatives (columns) by resamples of the replicates (rows)."""
    values, seen = _seen(shown, targets)
    size = values.shape[-2]
    picks = np.random.default_rng(size).integers(size, size=(RESAMPLES, size))
    misfit = _misfits(values[:, picks], seen)
    return np.array([weighted(-0.5 * each) for each in misfit.T])


def _seen(shown: dict[str, pd.DataFrame], targets: Sequence[Target]) -> tuple[Floats, list[Target]]:
    """Return the targets that all alternatives show, and their values (K, R, T)."""
    seen = [t for t in targets if all(runs[t.name].notna().all() for runs in shown.values())]
    names = [t.name for t in seen]
    return np.array([runs[names].to_numpy() for runs in shown.values()]), seen


def _misfits(values: Floats, targets: Sequence[Target]) -> Floats:
    """Return misfits (...) of values (..., R, T)."""
    mean, variance = values.mean(axis=-2), values.var(axis=-2, ddof=1) / values.shape[-2]
    low, high = np.array([ends_of(t) for t in targets], dtype=np.float64).reshape(-1, 2).T
    gap = np.maximum(np.maximum(low - mean, mean - high), 0.0)
    square = variance + np.square([t.tolerance for t in targets])
    found: Floats = (weights_of(targets) * gap**2 / square).sum(axis=-1)
    return found


def as_markdown(
    values: pairs.Values, misfit: Floats, by_resample: Floats, head: Sequence[str]
) -> str:
    """Return the page ``docs/structures.md``, of which ``head`` says how it was made."""
    weights, rows = weighted(-0.5 * misfit), []
    ends = np.quantile(by_resample, (0.05, 0.95), axis=0).T
    estimates: dict[str, list[float]] = {h.name: [] for h in EFFECTS}
    for structure, away, weight, (low, high) in zip(STRUCTURES, misfit, weights, ends, strict=True):
        cells = []
        for h in EFFECTS:
            plain, changed = (values[f"{name} | {structure}"] for name in (BASELINE, h.name))
            gap = pairs.per_cent(plain, changed, h.outcome)
            estimates[h.name].append(gap.estimate)
            cells.append(pairs.marked(gap))
        share = f"{fixed(weight, 3)} [{fixed(low, 3)}, {fixed(high, 3)}]"
        rows.append([structure, fixed(away, 2), share, *cells])
    between = ((min(estimates[h.name]), max(estimates[h.name])) for h in EFFECTS)
    ranges = [" to ".join(fixed(end, 2, sign=True) for end in pair) for pair in between]
    rows.append(["range over structures", "", "", *ranges])
    heads = [f"{h.name}: {_outcome(h.outcome)}" for h in EFFECTS]
    return page(
        "# Other structures",
        "Whether the main effects depend on rules that others would write in another way, and how "
        "well each way agrees with what was published to 2017. Made by",
        *head,
        "The misfit is the sum over families of targets of squared distances in tolerances "
        "([calibrate.md](calibrate.md)); weights are exp(-misfit / 2), their sum one, in brackets "
        "90 per cent of resamples of the replicates. They are "
        f"worth {fixed(effective(weights), 1)} equal ones of {len(weights)}. Parameters stay "
        "where they are: none is fitted again under another structure, which is in its "
        "disfavour. The last row has the least and the largest effect: what the choice of a "
        "structure leaves open, whatever its weight. Each run is held against a burn-in of its own "
        "rules, so that a run without joint projects had none before either; in "
        "[headlines.md](headlines.md) they end with the burn-in.",
        pairs.INTERVALS,
        markdown_table(["structure", "misfit", "weight", *heads], rows),
    )


def _outcome(name: str) -> str:
    return f"{name}, hundredths" if name == PRODUCTIVITY else f"{name}, %"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario=BASELINE, scale=0.05, end=2022, replicates=10)
    options = parser.parse_args(arguments)
    changes = {"reference": "own"}
    runs = pairs.run("structures", options, settings(), changes=changes, ties=True, cities=True)
    targets = fitted_to(str(runs.results.manifest["scenario"]["world"]))
    every = simulated(runs.results, targets)
    at = {name: point for point, name in enumerate(runs.settings)}
    shown = {of: every.loc[[at[f"{BASELINE} | {of}"]]] for of in STRUCTURES}
    head = runs.head(pairs.command_of("structures", options))
    values = measure(runs, options.end)
    weights = resampled(shown, targets)
    sys.stdout.write(as_markdown(values, misfits(shown, targets), weights, head))


if __name__ == "__main__":
    main()
