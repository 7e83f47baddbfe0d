"""The pictures with which the live page opens, stored in the package.

    python -m tools.openings [SCENARIO ...]

Runs each shipped scenario as the live page does: the run that it shows, and the first few further
runs of its interval. A scenario of 20 years takes a minute of one core. Without names it makes all
of them anew. Renew them with whatever changes results of runs or a shipped scenario.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

import ydsim
from ydsim import explorer
from ydsim.explorer.pictures import GENERATIONS, MAPPED
from ydsim.explorer.session import Session
from ydsim.explorer.watch import FILE, LINKS, RUNS, Further, Watch, seen_of
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.scenario.read.extend import shipped
from ydsim.typing import Floats

STORED: Final = Path(explorer.__file__).with_name(FILE)
LINKED: Final = 60
"""Links of each kind that are kept, the strongest; a map draws fewer."""


def stored(name: str) -> dict[str, Any]:
    """Return what is stored of a scenario, as plain data."""
    scenario = load_scenario(name)
    session, further = Session(lambda: None), Further((scenario,), RUNS[0])
    session._begin((scenario,))
    (watch,) = session.watches
    while not watch.over:
        watch.step()
    while not further.over:
        further.step(session._model)
    runs = [run[0] for run in further.runs]
    seen = seen_of(watch)
    passed, lost = watch.passing()
    return {
        "hash": scenario_hash(scenario),
        "ydsim": ydsim.__version__,
        "further": further.done,
        "seen": _by_year(seen),
        "low": _by_year({name: np.min([run[name] for run in runs], axis=0) for name in seen}),
        "high": _by_year({name: np.max([run[name] for run in runs], axis=0) for name in seen}),
        "cities": {name: _short(watch.series(name, "city")[-1]) for name in MAPPED},
        "curves": list(_curves(watch)),
        "stages": _short(np.vstack([passed, lost])),
        "sales": _short(watch.contract_values()),
        "links": {name: _strongest(watch.city_links(name)) for name in LINKS},
        "money": {
            name: [_short(values.sum(axis=1)), _short(watch.paid_by()[name][3::4])]
            for name, values in watch.public_money().items()
        },
    }


def _by_year(seen: Mapping[str, Floats]) -> dict[str, Any]:
    """Return series by quarter at the ends of years, a row for each place."""
    return {name: _short(values[3::4].T) for name, values in seen.items()}


def _curves(watch: Watch) -> Any:
    """Yield of about as many generations as are drawn the first year and shares by year."""
    every = watch.generation_lines()
    for first, shares in every[:: max(1, len(every) // GENERATIONS)]:
        year = first // 4
        if len(kept := shares[4 * year + 3 - first :: 4]):
            yield [year, *_short(kept, 3)]


def _strongest(links: Floats) -> list[Any]:
    pairs = np.triu(links, 1)
    order = np.argsort(-pairs, axis=None, kind="stable")[:LINKED]
    a, b = np.unravel_index(order, pairs.shape)
    return [[int(i), int(j), _short(pairs[i, j])] for i, j in zip(a, b, strict=True) if pairs[i, j]]


def _short(values: Any, digits: int = 5) -> Any:
    """Return numbers as plain data with so many digits; None for what is not a number."""
    if np.ndim(values):
        return [_short(one, digits) for one in values]
    return json.loads(f"{values:.{digits}g}") if np.isfinite(values) else None


def main(names: list[str]) -> None:
    """Store the pictures of some scenarios, or of all."""
    found = json.loads(lzma.decompress(STORED.read_bytes())) if STORED.exists() else {}
    for name in names or shipped():
        found[name] = stored(name)
        kept = {each: found[each] for each in shipped() if each in found}
        text = json.dumps(kept, separators=(",", ":"))
        STORED.write_bytes(lzma.compress(text.encode("utf-8"), preset=9))
        print(name, STORED.stat().st_size, "bytes in all", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
