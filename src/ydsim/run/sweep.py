"""Running a sweep from its first point to its last, and going on with one that was broken off."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ydsim.design.sweep import ReplicateRule
from ydsim.errors import UsageError
from ydsim.run.progress import Report
from ydsim.run.scheduler import RunOptions
from ydsim.run.session import Session, locked
from ydsim.run.tasks import Injected
from ydsim.scenario.load import plain_scenario
from ydsim.store import contents as on_disk
from ydsim.store.contents import (
    Contents,
    alike,
    mend,
    require_extension,
    require_same_fits,
    require_same_model,
)
from ydsim.store.files import make_folder
from ydsim.store.layout import Store, require_free_or_ours, set_aside
from ydsim.store.lock import LOCK, FolderLock
from ydsim.store.manifest import (
    NAME,
    RUN,
    SWEEP,
    cards,
    read_manifest,
    ydsim_version,
)
from ydsim.store.points import EMPTY, check_worlds, extended, refuse_outside_code, tabulate
from ydsim.world.fitted import fitted_data
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from ydsim.design.sweep import Point, Sweep


def prepare(
    sweep: Sweep, points: Iterable[Point], chunk: int | None, injected: Injected
) -> Contents:
    """Return what is to be run; the points are checked already.

    Raises
    ------
    ResourceError
        When a point does not fit into the memory of this machine.
    """
    version, record = ydsim_version(), sweep.record.plain()
    base = plain_scenario(sweep.base)
    table = tabulate(points, base, version=version, record=record)
    rule = sweep.replicates
    first = rule.least if isinstance(rule, ReplicateRule) else rule
    plan = extended(EMPTY, dict.fromkeys(table.rows, first), table.costs, table.twins, chunk)
    world = load_world(sweep.base.world)
    about = {
        "kind": RUN if sweep.kind == RUN else SWEEP,
        "name": sweep.name,
        "description": sweep.description,
        "version": version,
        "ydsim": version,
        "seed": sweep.base.seed,
        "spec": sweep.spec,
        "record": record,
        "random": sweep.random,
        "replicates": rule.plain() if isinstance(rule, ReplicateRule) else rule,
        "chunk": chunk,
        "until": world.until,
        "fitted": fitted_data(table.worlds),
        "regions": [*world.provinces, world.total],
        "indicators": cards(injected.known_indicators()),
    }
    return Contents(json.loads(json.dumps(about)), table, plan)  # as it will be read again


def run_sweep(
    sweep: Sweep,
    points: Iterable[Point],
    folder: Path,
    run_options: RunOptions,
    *,
    force: bool = False,
    chunk: int | None = None,
    progress: Report | None = None,
    shard: tuple[int, int] | None = None,
    injected: Injected | None = None,
) -> None:
    """Run what ``folder`` lacks of a sweep; runs that are there stay as they are.

    Parameters
    ----------
    force
        Rename a folder that is there to ``<name>.bak-N`` instead of refusing another sweep.
    chunk
        Runs a part, instead of the estimate.
    shard
        ``(i, n)``: only parts with number i - 1 modulo n; other processes do the others.

    Raises
    ------
    ResultsError
        When the folder holds something else, or another process writes to it.
    ResourceError
        When the system refuses to write, or the engine is gone.
    Stopped
        After SIGINT, SIGTERM or SIGHUP; finished runs are kept.
    """
    injected = injected or Injected()
    require_free_or_ours(folder)
    present = (folder / NAME).exists()
    if present and not force:
        read_manifest(folder)
    contents = prepare(sweep, points, chunk, injected)
    if present and not force:
        mend(folder, contents)
    injected = injected.with_worlds(contents.points.paths)
    refuse_share_of_rule(contents, shard)
    if force and shard is not None:
        raise UsageError("--force sets aside what other shards wrote; remove the folder first")
    if present and not force and nothing_to_do(folder, contents):
        return
    make_folder(folder, parents=True)
    if present and force:
        with FolderLock(folder) as lock:
            lock.path = set_aside(folder) / LOCK
        make_folder(folder)
    with locked(folder, shard):
        session = Session(folder, run_options, progress, injected, shard)
        with session.alone():
            contents = session.enter(contents)
        session.go(contents)


def resume_sweep(
    folder: Path,
    run_options: RunOptions,
    *,
    progress: Report | None = None,
    shard: tuple[int, int] | None = None,
    injected: Injected | None = None,
) -> None:
    """Finish the sweep in ``folder``, from what is in it alone; arguments as `run_sweep`.

    Raises
    ------
    ResultsError
        Also when model, machine or a world are not those that the sweep began with.
    """
    injected = injected or Injected()
    contents, manifest = on_disk.read(folder)
    if not injected.allow_code:
        refuse_outside_code(contents.points, str(folder))
    check_worlds(contents.points, injected.worlds)
    require_same_model(folder, manifest, ydsim_version())
    require_same_fits(folder, manifest)
    refuse_share_of_rule(contents, shard)
    if nothing_to_do(folder, contents):
        return
    with locked(folder, shard):
        session = Session(folder, run_options, progress, injected, shard)
        with session.alone():
            contents, remarks = session.take_up()
        session.say(remarks)
        session.go(contents)


def nothing_to_do(folder: Path, contents: Contents) -> bool:
    """Tell whether the folder holds all runs of ``contents``, sound; it is only read."""
    old, manifest = on_disk.read(folder)
    if not manifest["complete"]:
        return False
    require_extension(folder, old, contents)
    require_same_model(folder, manifest, ydsim_version())
    require_same_fits(folder, manifest)
    if not (set(old.plan.runs) >= set(contents.plan.runs) and alike(old, contents)):
        return False
    return not Store(folder).problems(manifest["files"], old.plan.identities)


def refuse_share_of_rule(contents: Contents, shard: tuple[int, int] | None) -> None:
    """Refuse shares of a sweep whose replicates depend on all results.

    Raises
    ------
    UsageError
        When there is a rule and a shard.
    """
    if shard is not None and isinstance(contents.about["replicates"], dict):
        raise UsageError(
            "a rule for replicates looks at all results, a shard sees only its own; "
            "give a number of replicates"
        )
