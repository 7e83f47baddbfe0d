"""Small regions of one's own with a fit: tables to be fitted to, and files of made-up fits."""

import csv
import io
from dataclasses import replace

import numpy as np

from ydsim.studies.fit import dump
from ydsim.world.base_run import FILE, WHAT, WHEN, BaseRun, Made
from ydsim.world.folders import new_world
from ydsim.world.loader import load_world

SCENARIO = """\
name: region
extends: plain
world: .
end: 2012
scale: 0.01
parameters: {population: {burn_in: 4}}
"""


def region(folder, growth=None, first=2011, last=2012):
    """Write a region of four cities with figures of ``first`` and ``last``, and R&D to ``last``.

    Parameters
    ----------
    growth
        What value added of a city grows by, in logs, beyond that of the others between the two.
    """
    new_world(folder, cities=2)
    text = (folder / "cities_panel.csv").read_text(encoding="utf-8")
    head, *rows = csv.reader(io.StringIO(text))
    kept = []
    for row in rows:
        if row[1] == "2010":
            kept.append([row[0], f"{first}", *row[2:]])
            if last > first:
                more = np.exp((growth or {}).get(row[0], 0.0)) * 1.08 ** (last - first)
                money = [f"{float(cell) * more:.3f}" for cell in row[2:4]]
                kept.append([row[0], f"{last}", *money, *row[4:]])
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([head, *kept])
    (folder / "cities_panel.csv").write_text(out.getvalue(), encoding="utf-8")
    head, *rows = (folder / "provinces.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    known = (row for row in rows if ",rd_" not in row or int(row.split(",")[1]) <= last)
    (folder / "provinces.csv").write_text("".join([head, *known]), encoding="utf-8")
    (folder / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


def made_fit(folder, **changes):
    """Write a made-up fit into the folder of a world and return it."""
    world = load_world(folder)
    none = dict.fromkeys((*world.provinces, world.total), (0.0, 0.25))
    base = BaseRun(
        parameters="by hand",
        market_shift=np.arange(2.0 * world.n_cities).reshape(-1, 2) / 100.0,
        first_year=2011,
        world=world.tables,
        log_price=np.linspace(0.0, -0.07, 8) * np.ones((world.n_provinces + 1, 1)),
        made=Made(
            ydsim="0.0",
            scenario="region",
            replicates=2,
            passes=1,
            scale=0.01,
            seed=1,
            first_year=2011,
            last_year=2012,
            not_fitted=(),
            misfit={when: dict.fromkeys(WHAT, none) for when in WHEN},
        ),
    )
    base = replace(base, **changes)
    (folder / FILE).write_text(dump(base), encoding="utf-8")
    return base
