"""``ydsim effects``: estimators of the literature on the panels of runs of one sweep.

The sweep has three or four points of the same draws: the scenario with shocks of which nobody is
treated (quiet), the same with shocks to organisations, cities and pairs of cities (shocked), with
shocks to markets, provinces and firms and, where the scenario has none, consortia (markets), and,
where it has a policy `membership`, the first without it (apart). With b_r the reading of replicate
r and p_r its placebo:

    found   = mean b_r,   placebo = mean p_r,   in pairs = mean (b_r - p_r)
    ratio   = mean a_r / mean c_r,   in pairs of a_r and c_r less those of the placebo

    reading                b_r in     p_r in
    shocks                 shocked    quiet, with who is treated in shocked
    shocks to markets      markets    quiet, with who is treated in markets
    membership             quiet      apart
    research of firms      quiet      quiet, with fields and partners drawn by lot
    joint projects         quiet      quiet, with joint projects drawn by lot

Intervals are those of a mean over replicates, of a ratio Fieller's. A placebo is to hold zero; what
is found in pairs leaves out what both runs have of chance, and so tells smaller effects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ydsim import arguments
from ydsim.analysis.estimators.estimate import Estimate
from ydsim.analysis.estimators.replicates import combine
from ydsim.analysis.literature import firm_readings, readings
from ydsim.analysis.literature.finding import Finding, Row
from ydsim.analysis.literature.firm_panels import EFFORT, WIDE
from ydsim.analysis.literature.panels import PARTNERS, Run
from ydsim.analysis.literature.readings import Value, read
from ydsim.analysis.literature.targets import TARGETS, Target
from ydsim.design.load import sweep_of
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import fieller
from ydsim.policies.consortia import InnovationConsortia
from ydsim.policies.membership import Membership
from ydsim.results.made_by import made_by
from ydsim.results.results import Results
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.scenario.read.override import Overrides

SCENARIO: Final = "membership_replay"
SCALE: Final = 0.02
END: Final = 2022
REPLICATES: Final = 20
AFTER: Final = 3
"""Years of the run before the shocks."""

SHOCKS: Final[tuple[dict[str, Any], ...]] = (
    {"name": readings.PART, "kind": "delete_ties", "share": 0.25, "arms": "organisations"},
    {
        "name": readings.LOTTERY,
        "kind": "vouchers",
        "share": 0.25,
        "years": 2,
        "arms": "organisations",
    },
    {"name": readings.RAIL, "kind": "travel_time", "share": 0.2, "factor": 0.5},
    {
        "name": readings.GRANTS,
        "kind": "grants",
        "unit": "city",
        "share": 0.2,
        "years": 9,
        "rate": 0.1,
    },
)
"""What strikes, all at once; nobody is in two shocks to organisations (assumed shares)."""

MARKET_SHOCKS: Final[tuple[dict[str, Any], ...]] = (
    {"name": firm_readings.DEMAND, "kind": "demand", "share": 0.25, "years": 9, "rise": 0.2},
    {"name": firm_readings.PROTECTION, "kind": "protection", "share": 0.5, "years": 9},
    {
        "name": firm_readings.FIRM_GRANTS,
        "kind": "grants",
        "unit": "firm",
        "share": 0.2,
        "years": 9,
        "rate": 0.1,
    },
)
"""What strikes in a run of its own: markets are the same for all firms in them (assumed shares)."""

CONSORTIA: Final[dict[str, Any]] = {"number": 60, "size": 20}
"""As many and as large as there may be, since few are left at a small scale."""

QUIET, SHOCKED, MARKETS, APART = 0, 1, 2, 3
"""Points of the sweep."""

UNPAIRED = ("I11", "I12", "I14")
"""Studies whose placebo is drawn by lot in the same run, and is no pair."""

TABLES = ("projects", "ties", "agents", "shocks", "city_year", "firms", "firm_ties")

COLUMNS = {
    "projects": (
        "project", "born_year", "year", "field", "quality_born", "quality", "invention_kind",
        "invention_holder", "launch_kind", "launch_holder", *PARTNERS,
    ),
    "firms": ("firm", "year", "industry", "province", "size", "alive", *WIDE),
}  # fmt: skip
"""What is read of long tables, beside fields of effort."""


def design(
    name_or_path: str | Path = SCENARIO,
    overrides: Overrides | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int | None = None,
    allow_code: bool = False,
) -> Sweep:
    """Return the checked runs; arguments as for `ydsim.effects`.

    Raises
    ------
    UsageError
        When the scenario has shocks of its own, or too few years.
    """
    text = arguments.path("name_or_path", name_or_path, "the name or path of a scenario")
    replicates = arguments.whole("replicates", replicates, 1, 100_000)
    content: dict[str, Any] = {
        "base": text,
        "set": {"scale": SCALE, "end": END},
        "replicates": replicates,
        "record": {
            "series": 1,
            "cities": 1,
            "ties": True,
            "agents": True,
            "tables": ["projects", "firms", "firm_ties", "shocks"],
        },
    }
    alone = {"name": "effects", "design": {"kind": "list", "points": [{"shocks": []}]}}
    base = sweep_of({**content, **alone}, overrides, seed=seed, allow_code=allow_code).base
    if base.shocks:
        raise UsageError(f"{base.name}: has shocks of its own, and those of the estimators come in")
    if base.end < base.start + AFTER + 1:
        raise UsageError(
            f"{base.name}: shocks strike in {base.start + AFTER}, and the run ends in {base.end}"
        )
    year = base.start + AFTER
    none, all_none = (_struck(shocks, year, off=True) for shocks in (SHOCKS, MARKET_SHOCKS))
    members = [name for name, one in base.policies.items() if isinstance(one, Membership)]
    quiet: dict[str, Any] = {"shocks": none + all_none}
    shocked: dict[str, Any] = {"shocks": _struck(SHOCKS, year) + all_none}
    markets: dict[str, Any] = {"shocks": none + _struck(MARKET_SHOCKS, year)}
    if not any(isinstance(one, InnovationConsortia) for one in base.policies.values()):
        markets["policies.consortia"] = {**CONSORTIA, "start": year}
    points = [quiet, shocked, markets]
    if members:
        points.append({**quiet, **{f"policies.{name}.strength": 0.0 for name in members}})
    content |= {
        "name": f"{base.name[:60]}-effects",
        "description": "Estimators of published studies on simulated panels.",
        "design": {"kind": "list", "points": points},
    }
    return sweep_of(content, overrides, seed=seed, allow_code=allow_code)


def _struck(
    shocks: Sequence[Mapping[str, Any]], year: int, *, off: bool = False
) -> list[dict[str, Any]]:
    """Return shocks that begin in a year; ``off``: with nobody treated."""
    return [{**shock, "year": year, **({"share": 0.0} if off else {})} for shock in shocks]


def finding_of(results: Results) -> Finding:
    """Return what the runs of `design` show.

    Raises
    ------
    UsageError
        When the results are those of another design.
    ResultsError
        When a table is missing, or no replicate is finished at every point.
    """
    points = _points_of(results)
    runs, left_out, runs_of = _runs_of(results, points)
    values: dict[str, list[tuple[Value | None, Value | None]]] = {}
    lost: dict[str, str] = {}
    for number in runs:
        quiet, shocked, markets, unmoved, apart = runs_of(number)
        pairs = [
            (read(shocked, readings.OF_SHOCKS), read(quiet, readings.OF_SHOCKS)),
            (read(quiet, readings.OF_PROJECTS), read(quiet, (readings.of_lots,))),
            (read(markets, firm_readings.OF_MARKETS), read(unmoved, firm_readings.OF_MARKETS)),
            (
                read(quiet, firm_readings.OF_RESEARCH),
                read(quiet, firm_readings.OF_RESEARCH_LOTS),
            ),
        ]
        if apart is not None:
            pairs.append((read(quiet, readings.OF_MEMBERS), read(apart, readings.OF_MEMBERS)))
        for (found, why), (placebo, _) in pairs:
            for name in found:
                values.setdefault(name, []).append((found[name], placebo.get(name)))
            for reason in why:
                lost.setdefault(reason, reason)
    scenario = results.manifest["scenario"]
    return Finding(
        name=results.name,
        base=Path(str(results.manifest["spec"]["base"])).stem,
        made_by=made_by(results, len(runs)),
        path=results.path,
        scale=float(scenario["scale"]),
        years=(int(scenario["start"]), int(scenario["end"])),
        replicates=len(runs),
        left_out=left_out,
        rows=tuple(row_of(one, values.get(one.name, []), list(lost)) for one in TARGETS),
    )


def row_of(
    target: Target,
    values: Sequence[tuple[Value | None, Value | None]],
    lost: Sequence[str] = (),
) -> Row:
    """Return the row of a target from what each replicate found and its placebo.

    Parameters
    ----------
    values
        By replicate; None where there is none.
    lost
        Reasons for which readings failed.
    """
    found = _mean([one for one, _ in values])
    if target.why_not or found is None:
        reason = target.why_not or "; ".join(lost) or "the scenario has no policy of this kind"
        return Row(target, None, None, None, reason)
    placebo = pair = None
    if not any(isinstance(one, tuple) for one, _ in values):
        placebo = _mean([other for _, other in values])
    if target.study not in UNPAIRED:
        pair = _mean([_less(one, other) for one, other in values])
    return Row(target, found, placebo, pair, "")


def _less(one: Value | None, other: Value | None) -> Value | None:
    """Return a reading less its placebo, of a ratio part by part; None where one is missing."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return one[0] - other[0], one[1] - other[1]
    if isinstance(one, float) and isinstance(other, float):
        return one - other
    return None


def _mean(values: Sequence[Value | None]) -> Estimate | None:
    """Return the mean over replicates, of ratios that of their parts; None where there is none."""
    there = [one for one in values if one is not None and np.isfinite(np.array(one)).all()]
    if not there:
        return None
    nothing, n = float("nan"), len(there)
    if isinstance(there[0], tuple):
        parts = np.array(there, dtype=np.float64)
        if n == 1:
            ratio = parts[0, 0] / parts[0, 1] if parts[0, 1] else nothing
            return Estimate(float(ratio), nothing, nothing, nothing, 1, 1)
        found = fieller(parts[:, 0], parts[:, 1])
        return Estimate(found.estimate, nothing, found.low, found.high, n, n)
    return combine([Estimate(float(one), nothing, nothing, nothing, 1, 1)
                    for one in there if not isinstance(one, tuple)])  # fmt: skip


def _points_of(results: Results) -> int:
    """Return how many points the runs of `ydsim effects` have.

    Raises
    ------
    UsageError
        When the results are those of another design.
    """
    points = results.contents.points
    texts = [str(text) for text in points.columns.get("shocks", [])]
    every = (*SHOCKS, *MARKET_SHOCKS)
    named = all(f'"{shock["name"]}"' in text for text in texts for shock in every)
    if len(texts) not in (MARKETS + 1, APART + 1) or not named:
        raise UsageError(f"{results.path or results.name}: holds no runs of ydsim effects")
    return len(texts)


Runs = tuple[Run, Run, Run, Run, Run | None]


def _runs_of(results: Results, points: int) -> tuple[list[int], int, Callable[[int], Runs]]:
    """Return replicates, how many are left out, and what gives the runs of a replicate.

    These are the quiet, the shocked, the one with shocks to markets, the quiet one with who is
    treated there, and the one without membership, if any. A scenario with consortia of its own
    has no members by lot.
    """
    done = results.table("runs")
    number, point = (done[key].to_numpy(dtype=np.int64) for key in ("replicate", "point"))
    every = np.unique(np.stack([number, point]), axis=1)[0]
    whole = np.flatnonzero(np.bincount(every) == points).tolist()
    if not whole:
        raise ResultsError(f"{results.path or results.name}: no replicate is finished everywhere")
    tables = {name: dict(list(_rows(results, name))) for name in TABLES}
    world = load_world(str(results.manifest["scenario"]["world"]))
    first, last = (int(results.manifest["scenario"][key]) for key in ("start", "end"))

    def run(point: int, r: int, treated: int = SHOCKED) -> Run:
        of: dict[str, Any] = {name: rows.get((point, r)) for name, rows in tables.items()}
        joined, before = tables["firms"][MARKETS, r], tables["firms"][QUIET, r]
        by_lot = (joined["consortia"] > 0) & (before["consortia"] == 0).all()
        return Run(world, of["projects"], of["ties"], of["city_year"], of["agents"],
                   tables["shocks"][treated, r], first, last, of["firms"], of["firm_ties"],
                   joined.loc[by_lot, ["firm", "year"]])  # fmt: skip

    def of_replicate(r: int) -> Runs:
        apart = run(APART, r) if points > APART else None
        quiet, markets = run(QUIET, r, MARKETS), run(MARKETS, r, MARKETS)
        return run(QUIET, r), run(SHOCKED, r), markets, quiet, apart

    return whole, len(set(results.contents.plan.replicates)) - len(whole), of_replicate


def _rows(results: Results, name: str) -> Any:
    """Return the rows of a table by point and replicate, with the columns that panels read.

    Tables of projects and firms have millions of rows; what is not read is dropped at once.
    """
    import pandas as pd

    columns = results.columns(name)
    if name == "city_year":
        kept = columns["indicator"] == "inventions"
        columns = {key: column[kept] for key, column in columns.items()}
        columns = {"city": columns.pop("region"), "inventions": columns.pop("value"), **columns}
    elif name in ("firms", "firm_ties"):
        kept = np.isin(columns["point"], (QUIET, MARKETS))
        columns = {key: column[kept] for key, column in columns.items()}
    read_ = COLUMNS.get(name)
    if read_ is not None:
        columns = {
            key: column
            for key, column in columns.items()
            if key in ("point", "replicate", *read_) or (name == "firms" and key.startswith(EFFORT))
        }
    return pd.DataFrame(columns).groupby(["point", "replicate"], sort=True)
