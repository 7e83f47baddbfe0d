"""What ``ydsim optimise`` says and writes: the front as a table, in words, and as plain data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from ydsim.analysis.optimise.space import hash_of
from ydsim.analysis.optimise.study import Study
from ydsim.analysis.paired import code_digest
from ydsim.results.interval import interval
from ydsim.results.text import to_csv
from ydsim.store.files import make_folder, refuse_irregular, write_atomic
from ydsim.store.manifest import ydsim_version
from ydsim.typing import Columns
from ydsim.wording import counted, markdown_table

PAGE, FRONT, TRIALS = "optimise.md", "front.csv", "trials.csv"


def write_study(study: Study, folder: Path) -> list[Path]:
    """Write front, trials and page into a folder and return the files."""
    make_folder(folder, parents=True)
    files = {
        FRONT: to_csv(front_table(study)),
        TRIALS: to_csv(trial_table(study)),
        PAGE: as_markdown(study),
    }
    for name in files:
        refuse_irregular(folder / name)
    for name, text in files.items():
        write_atomic(folder / name, text.encode("utf-8"))
    return [folder / name for name in files]


def trial_table(study: Study) -> Columns:
    """Return a row for each trial: variables, scores, and how far the search was."""
    table = _of_trials(study, np.arange(len(study.trials)))
    on = np.zeros(len(study.trials), dtype=np.bool_)
    on[study.front] = True
    return {**table, "on_front": on, "hypervolume": study.growth}


def front_table(study: Study) -> Columns:
    """Return the trials on the front, with means and intervals, and how sure their place is."""
    front = study.front
    table = _of_trials(study, front)
    found = np.array([study.trials[at].found for at in front])
    for j, one in enumerate(study.objectives):
        rows = [interval(found[i, :, j]) for i in range(len(front))]
        table[f"{one.name}_gain"] = np.array([row[1] for row in rows])
        for place, end in ((2, "low"), (3, "high")):
            table[f"{one.name}_{end}"] = np.array(
                [np.nan if row[place] is None else row[place] for row in rows], dtype=np.float64
            )
        table[f"{one.name}_level"] = found[:, :, j].mean(axis=1) + study.base[:, j].mean()
    table["stays"] = study.staying()[front]
    table["knee"] = front == study.knee
    return table


def _of_trials(study: Study, numbers: Any) -> Columns:
    table: Columns = {"trial": np.array(numbers, dtype=np.int64)}
    for variable in study.space.variables:
        shown = [variable.shown(study.trials[at].values[variable.key]) for at in numbers]
        texts = any(isinstance(value, str) for value in shown)
        table[variable.key] = (
            np.array([str(value) for value in shown], dtype=object) if texts else np.array(shown)
        )
    scores = study.scores
    for j, one in enumerate(study.objectives):
        table[f"{one.name}_score"] = scores[numbers, j]
    return table


def as_markdown(study: Study) -> str:
    """Return the search as a page."""
    names = [one.name for one in study.objectives]
    lines = [
        f"# Best compromises between {_and(names)}",
        "",
        f"**{headline(study)}.**",
        "",
        *knee_lines(study),
        "",
        *_how(study),
        "",
        "The front, best of the first objective first: mean gains over the scenario as it is with "
        "their 95 per cent intervals. `stays`: how often a trial is on the front when cases are "
        "drawn again. Scores and levels are in front.csv.",
        "",
        *_front_lines(study),
        "",
        *(
            f"- {one.name}: {one.meaning}, {one.unit}; {'more' if one.maximise else 'less'} is "
            "better"
            for one in study.objectives
        ),
        "",
        _made_by(study),
        "",
    ]
    return "\n".join(lines)


def _front_lines(study: Study) -> list[str]:
    """Return the front as a table that a page has room for."""
    front = front_table(study)
    keys = [variable.key for variable in study.space.variables]
    names = [one.name for one in study.objectives]
    head = ["trial", *keys, *names, "stays"]
    rows = []
    for row in range(len(front["trial"])):
        at = {name: column[row : row + 1].tolist()[0] for name, column in front.items()}
        spans = [
            _signed(at[f"{name}_gain"])
            + ("" if math.isnan(at[f"{name}_low"]) else
               f" [{_signed(at[f'{name}_low'])}, {_signed(at[f'{name}_high'])}]")
            for name in names
        ]  # fmt: skip
        trial = f"{at['trial']} (knee)" if at["knee"] else str(at["trial"])
        stays = "-" if math.isnan(at["stays"]) else f"{at['stays']:.0%}"
        rows.append([trial, *(_cell(at[key]) for key in keys), *spans, stays])
    return markdown_table(head, rows)


def headline(study: Study) -> str:
    """Return the outcome of the search in a sentence, without its full stop."""
    n = len(study.front)
    if n == 1:
        return f"Trial {study.front[0]} is best in every objective: there is nothing to weigh"
    return f"{n} of {counted(len(study.trials), 'trial')} are compromises that no other beats"


def knee_lines(study: Study) -> list[str]:
    """Return in words the knee of the front, and how it differs from the scenario as it is."""
    at = study.knee
    trial = study.trials[at]
    said = ", ".join(
        f"{v.key} {_cell(v.shown(trial.values[v.key]))}" for v in study.space.variables
    )
    lines = [
        f"The knee, nearest to the best of each objective on the front, is trial {at}: {said}.",
        "Against the scenario as it is, by pairs of cases:",
        "",
    ]
    for j, one in enumerate(study.objectives):
        _, gap, low, high = interval(trial.found[:, j])
        base = float(study.base[:, j].mean())
        if low is None or high is None:
            spread = " (one case, no interval)"
        else:
            null = ", which holds zero" if low <= 0.0 <= high else ""
            spread = f" [{_signed(low)}, {_signed(high)}]{null}"
        lines.append(f"- {one.name}: {_signed(gap)}{spread} on {_cell(base)} {one.unit}")
    return lines


def _how(study: Study) -> list[str]:
    draws = len(study.space.inputs)
    drawn = any(draw.tree for draw in study.space.inputs)
    cases = len(study.base)
    under = f", {counted(draws, 'draw')} of uncertain inputs" if drawn else ""
    growth = study.growth
    late = growth[-1] - growth[max(len(growth) * 3 // 4 - 1, 0)]
    share = late / growth[-1] if growth[-1] > 0.0 else 0.0
    stop = f"the last quarter of the trials added {share:.1%} of the hypervolume of the front: " + (
        "more trials may find better" if share > 0.01 else "more trials promise little"
    )
    return [
        f"{counted(len(study.trials), 'trial')} by {study.sampler} in batches of {study.batch}; "
        f"{counted(cases, 'case')} each ({counted(study.replicates, 'replicate')}{under}), the "
        f"same draws for all. Judged by the {study.risk}.",
        f"Convergence: {stop}.",
    ]


def as_data(study: Study) -> dict[str, Any]:
    """Return a search as plain data; what is not a number is None."""
    return {
        "scenario": study.space.sweep.base.name,
        "hash": hash_of(study.space),
        "ydsim": ydsim_version(),
        "seed": study.space.sweep.base.seed,
        "scale": study.space.sweep.base.scale,
        "objectives": [
            {"name": o.name, "unit": o.unit, "maximise": o.maximise} for o in study.objectives
        ],
        "trials": len(study.trials),
        "cases": len(study.base),
        "judged_by": str(study.risk),
        "headline": headline(study),
        "knee": study.knee,
        "base": dict(
            zip((o.name for o in study.objectives), study.base.mean(axis=0).tolist(), strict=True)
        ),
        "front": _rows(front_table(study)),
        "hypervolume": study.growth.tolist(),
    }


def _rows(table: Columns) -> list[dict[str, Any]]:
    names = list(table)
    values = zip(*(column.tolist() for column in table.values()), strict=True)
    return [
        {n: None if isinstance(v, float) and not math.isfinite(v) else v
         for n, v in zip(names, row, strict=True)}
        for row in values
    ]  # fmt: skip


def _made_by(study: Study) -> str:
    base = study.space.sweep.base
    return (
        f"Made from: scenario {base.name}, {base.start}-{base.end}, seed {base.seed}, scale "
        f"{base.scale:g}, hash {hash_of(study.space)[:10]}, code {code_digest()}, ydsim "
        f"{ydsim_version()}."
    )


def _cell(value: Any) -> str:
    if isinstance(value, float):
        if math.isnan(value):
            return "-"
        return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
    return str(value).replace("|", "\\|")


def _signed(value: float) -> str:
    return ("+" if value >= 0.0 else "") + _cell(value)


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
