"""``ydsim show``: a scenario with all its values."""

from __future__ import annotations

from typing import Annotated

import typer

from ydsim.cli.run_options import AllowCode


def show(
    scenario: Annotated[
        str, typer.Argument(metavar="NAME_OR_PATH", help="A shipped scenario, or a YAML file.")
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key; may be repeated."),
    ] = None,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of YAML.")] = False,
    allow_code: AllowCode = False,
) -> None:
    """Print the resolved scenario; saved to a file, it is an equal scenario."""
    from ydsim.scenario.load import resolve
    from ydsim.scenario.show import as_json as to_json
    from ydsim.scenario.show import as_yaml

    resolved = resolve(scenario, set_, allow_code=allow_code)
    print(to_json(resolved, origin) if as_json else as_yaml(resolved, origin))
