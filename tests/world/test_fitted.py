"""Fitted data are named with their digests, and a change is found."""

import hashlib
from pathlib import Path

from ydsim.world import base_run as fitted
from ydsim.world.loader import load_world

DATA = Path(fitted.__file__).parent / "data"


def worlds(*names):
    return {name: load_world(name).digest for name in names}


def test_the_packaged_region_has_a_base_run_and_a_scale():
    found = fitted.fitted_data(worlds("yrd", "synthetic"))
    assert set(found) == {"yrd/base_run.json", "yrd/measures.json"}
    for name, digest in found.items():
        assert digest == hashlib.sha256((DATA / name).read_bytes()).hexdigest()


def test_other_worlds_have_the_scale_alone():
    other = {"yrd": "0" * 64, "../yrd": load_world("yrd").digest, **worlds("ten_firms")}
    assert set(fitted.fitted_data(other)) == {"yrd/measures.json"}


def test_what_has_changed_or_is_gone_is_named():
    mine = worlds("yrd")
    known = fitted.fitted_data(mine)
    assert fitted.refitted(known, mine) == []
    assert fitted.refitted({}, mine) == []
    assert fitted.refitted({**known, "yrd/base_run.json": "0" * 64}, mine) == ["yrd/base_run.json"]
    assert fitted.refitted({**known, "yrd/more.json": "0" * 64}, mine) == ["yrd/more.json"]
