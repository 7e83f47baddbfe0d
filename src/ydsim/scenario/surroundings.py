"""Checking a scenario against its world, and remarks that are no errors."""

from __future__ import annotations

from collections.abc import Mapping

from ydsim.errors import InputError
from ydsim.policies.base import CORRIDORS
from ydsim.scenario.problems import suggestion
from ydsim.scenario.schema import Scenario
from ydsim.world.payoffs import read_payoffs
from ydsim.world.world import World


def check_against_world(
    scenario: Scenario, world: World, origins: Mapping[str, str] | None = None
) -> list[str]:
    """Return a line for every name that the world does not know.

    Parameters
    ----------
    origins
        As in `ydsim.scenario.load.Resolved`; lines then begin with file and line.
    """
    lines = []
    codes = dict(zip(world.city_codes, world.city_names, strict=True))
    local = dict(zip(world.city_names_local, world.city_names, strict=True))
    for name, policy in sorted(scenario.policies.items()):
        for kind, known in (
            ("provinces", world.provinces),
            ("cities", world.city_names),
            ("fields", world.fields),
            ("industries", world.industries),
        ):
            path = f"policies.{name}.target.{kind}"
            for wanted in getattr(policy.target, kind):
                if wanted in known:
                    continue
                hint = suggestion(wanted, list(known), f"{kind} are")
                other = {"provinces": "cities", "cities": "provinces"}.get(kind, "")
                if wanted in {"provinces": world.provinces, "cities": world.city_names}.get(
                    other, ()
                ):
                    hint = f"; it belongs under {other}"
                elif wanted in local or wanted in codes:
                    hint = f"; write {local.get(wanted) or codes[wanted]!r}"
                one = {"cities": "city", "industries": "industry"}.get(kind, kind[:-1])
                lines.append(
                    f"{_at(origins, path)}no {one} of the world {world.name!r} is called "
                    f"{wanted!r}{hint}"
                )
        corridor = policy.target.corridor
        missing = [city for city in CORRIDORS.get(corridor, ()) if city not in world.city_names]
        if missing:
            lines.append(
                f"{_at(origins, f'policies.{name}.target.corridor')}the world {world.name!r} lacks "
                f"cities of the corridor {corridor!r}: {', '.join(missing)}"
            )
    keys = scenario.governance
    if keys.mode in ("tournament", "coordinated") and keys.beliefs == "table":
        try:
            read_payoffs(keys.table, world.provinces)
        except InputError as error:
            lines.append(f"{_at(origins, 'governance.table')}{error}")
    first = int(world.years[0])
    if scenario.start < first:
        lines.append(
            f"{_at(origins, 'start')}lies before {first}, the first year of the world "
            f"{world.name!r}"
        )
    return lines


def notes(scenario: Scenario, world: World) -> list[str]:
    """Return remarks on what a scenario says and nothing would show."""
    lines = []
    last = int(world.years[-1])
    if scenario.end > last:
        lines.append(f"end: inputs after {last}, the last year of the world, are extrapolated")
    for name, policy in sorted(scenario.policies.items()):
        late = policy.start is not None and policy.start >= scenario.end + 1
        early = policy.end is not None and policy.end <= scenario.start
        if late or early:
            span = f"{scenario.start}-{scenario.end}"
            lines.append(f"policies.{name}: is never in force in {span}")
        elif policy.strength == 0.0 and name != "border_friction":
            lines.append(f"policies.{name}: has no effect, its strength is 0")
    few = [
        name
        for name, firms in zip(world.provinces, world.firms, strict=True)
        if scenario.scale * float(firms) < 30.0
    ]
    if few:
        lines.append(f"scale: fewer than 30 firms are simulated in {', '.join(few)}")
    return lines


def _at(origins: Mapping[str, str] | None, path: str) -> str:
    where = (origins or {}).get(path, "default")
    if where == "--set":
        return f"--set {path}: "
    return f"{path}: " if where == "default" else f"{where}: {path}: "
