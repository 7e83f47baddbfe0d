"""Results as a notebook shows them: what was run, how far it is, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ydsim import notebook
from ydsim.fmt import counted
from ydsim.store.manifest import RUN
from ydsim.wording import shorten

if TYPE_CHECKING:
    from ydsim.results.results import Results

_MOST = 12


def card(results: Results) -> str:
    """Return the facts of results as HTML."""
    manifest, points = results.manifest, results.contents.points
    scenario = manifest["scenario"]
    single = results.contents.kind == RUN
    done = f"{results.done:,} of {counted(len(results.contents.plan), 'run')}"
    if results.failures:
        done += f", {len(results.failures):,} failed"
    facts = [
        ("question", str(manifest.get("description", ""))),
        ("years", f"{scenario['start']} to {scenario['end']}"),
        ("points", "" if single else f"{len(points):,}"),
        ("varied", "" if single else _varied(results)),
        ("finished", done),
        ("seed", str(manifest["seed"])),
        ("scale", f"{scenario['scale']:g}"),
        ("hash", str(manifest["hash"])[:10]),
        ("version", f"ydsim {manifest['ydsim']}"),
        ("folder", "in memory" if results.path is None else str(results.path)),
        ("tables", _few(results.tables)),
    ]
    then = [
        ("results.table('province_year')", "a pandas.DataFrame"),
        (f"results.plot({'adoption' if single else 'heat_map'!r})", "a figure"),
        ("ydsim.plot.kinds()", "all kinds of figures"),
    ]
    if results.left and results.path is not None:
        then.append((f"ydsim.resume({str(results.path)!r})", "run what is missing"))
    title = f"Results of the {'run' if single else 'sweep'} {shorten(results.name)}"
    return notebook.card(title, facts, then)


def _varied(results: Results) -> str:
    points = results.contents.points
    return _few(
        [
            f"{name} ({counted(len(set(points.columns[name].tolist())), 'value')})"
            for name in points.factors or ["scenario"]
        ]
    )


def _few(names: list[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")
