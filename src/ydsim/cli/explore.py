"""``ydsim explore``: the live page of a scenario, or of finished results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ydsim.cli.options import option


def explore(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[SCENARIO | RESULTS]",
            help="A shipped scenario, a YAML file, or a results folder, which is read only.",
        ),
    ] = "baseline",
    port: Annotated[
        int | None,
        option("--port N", "Port of this machine, 0 for any [8521, or any].", min=0, max=65535),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether to open the page in a browser.")
    ] = True,
) -> None:
    """Open a live page of a scenario: settings, pictures that move, two scenarios side by side."""
    from ydsim.explorer import serve

    serve.require_extra()
    if is_results(what):
        from ydsim.results.results import open_results

        open_results(what)  # refused before anything is served
        page = "finished"
    else:
        from ydsim.scenario.check.check_world import refuse_unknown
        from ydsim.scenario.load import resolve
        from ydsim.world.loader import load_world

        found = resolve(what)
        refuse_unknown(found.scenario, load_world(found.scenario.world), found.origins)
        page = "page"
    serve.serve(page, what, port=port, browser=browser)


def is_results(what: str) -> bool:
    """Tell whether a folder of results is meant, rather than a scenario by name or file."""
    from ydsim.scenario.read.extend import SUFFIXES, shipped
    from ydsim.store.manifest import NAME

    if what in shipped() or what.lower().endswith(SUFFIXES):
        return False
    return any((folder / NAME).exists() for folder in (Path(what), Path("results") / what))
