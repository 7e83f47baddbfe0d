"""Results of sweeps made by formula, for tests of figures: nothing is run."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.made import changeable
from ydsim.design.load import load_sweep
from ydsim.results.results import Results
from ydsim.run.replicate import RunContext, run_row
from ydsim.run.sweep import prepare
from ydsim.store.contents import manifest_of, state_of
from ydsim.store.layout import MemoryStore

BORDER, RATE, SPAN = "parameters.border.exposure", "parameters.learn.rate", "parameters.chain.span"
REGIONS = ("North", "South", "yrd")


def grid(**factors):
    """Return a design of kind grid; a double underscore in a name is a dot."""
    named = {name.replace("__", "."): values for name, values in factors.items()}
    return {"kind": "grid", "factors": named}


def noise(replicate):
    """Return a number of a replicate that all points share."""
    return float(np.random.Generator(np.random.Philox(key=replicate)).normal())


def make_sweep(
    design,
    value,
    *,
    replicates=4,
    start=2014,
    end=2016,
    without=(),
    failed=(),
    record=None,
    settings=None,
    name="made",
):
    """Return results in memory of a sweep over the synthetic world.

    Parameters
    ----------
    value
        Makes the launches of (factors and ``region``, replicate, years from 0), one a quarter;
        the other indicators follow from them.
    without, failed
        Point and replicate of runs that are to go, and of runs that failed.
    """
    usual = {"start": start, "end": end, "scale": 0.01, **(settings or {})}
    varied = design.get("factors")
    content = {
        "name": name,
        "base": "synthetic",
        "set": {k: v for k, v in usual.items() if not isinstance(varied, dict) or k not in varied},
        "design": design,
        "replicates": replicates,
        **({"record": record} if record else {}),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.yaml"
        path.write_text(json.dumps(content), encoding="utf-8")
        sweep = load_sweep(path)
        contents = prepare(sweep, 1, RunContext())

    def series(factors, replicate, scenario):
        def columns(place, region, years):
            launches = value({**factors, "region": region}, replicate, years)
            return {
                "launches": launches / 4.0,
                "rd_expenditure": 2.0 * launches + place,
                "productivity_log": np.log1p(launches),
                "innovative_sales_share": launches / 1000.0,
            }

        return series_of_regions(scenario, REGIONS, columns)

    return results_of(sweep, contents, series, REGIONS, without=without, failed=failed)


def results_of(sweep, contents, series_of, regions, *, without=(), failed=()):
    """Return results of a sweep in memory.

    Parameters
    ----------
    series_of
        Makes the table ``series`` of a run of factors, replicate and scenario.
    """
    store = MemoryStore({})
    table, plan = contents.points, contents.plan
    cards = contents.about["indicators"]
    receipts: dict[int, dict[str, Any]] = {}
    failures = []
    for number, bounds in plan.bounds.items():
        (k,) = range(len(plan))[bounds]
        run, replicate = plan.runs[k], plan.replicates[k]
        mine = table.rows[plan.hashes[k]]
        if (mine[0], replicate) in failed:
            failures.append(_failure(run, replicate, mine))
            continue
        if (mine[0], replicate) in without:
            continue
        scenario = table.scenario(plan.hashes[k])
        factors = {f: table.columns[f][mine[0]] for f in ("scenario", *table.factors)}
        series = series_of(factors, replicate, scenario)
        kept = {"series": {"run": np.full(len(series["year"]), run, dtype=object), **series}}
        tables = {"runs": run_row(run, (replicate, 0, 0, 0), series, cards)}
        del tables["runs"]["replicate"]
        content_of = {"done": 1, "failed": [], "missing": [], "notes": []}
        receipts[number] = store.write_part(number, sweep.record.keep(kept) | tables, content_of)
    complete = len(receipts) == len(plan)
    manifest = manifest_of(contents, {}, state_of(receipts, {}, complete=complete))
    manifest["regions"] = list(regions)
    return changeable(Results(store, contents, manifest, receipts, failures))


def series_of_regions(scenario, regions, columns):
    """Return the table ``series``, one region after another.

    Parameters
    ----------
    columns
        Makes the indicators by name of the number of a region, its name, and years from 0, one a
        quarter.
    """
    quarters = np.arange(4 * (scenario["end"] + 1 - scenario["start"]))
    t = quarters // 4
    parts = [
        {
            "level": np.full(len(t), "region" if region == "yrd" else "province", dtype=object),
            "region": np.full(len(t), region, dtype=object),
            "year": scenario["start"] + t,
            "quarter": 1 + quarters % 4,
            **columns(place, region, t.astype(np.float64)),
        }
        for place, region in enumerate(regions)
    ]
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _failure(run, replicate, points):
    words = {"exception": "ValueError", "message": "no", "traceback": "", "repro": ""}
    return {"points": points, "run": run, "replicate": replicate, "seed": 7, "quarter": 0, **words}
