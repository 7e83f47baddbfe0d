"""A finished run and a finished sweep of a model of a few lines."""

import shutil

import pytest

from tests.support import fake_sweep as fake
from tests.support.fake_run import run
from tests.support.sweep_files import SWEEP, stand_in, write_sweep
from ydsim.cli import main
from ydsim.store import files


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A folder with a finished run ``run``, and a sweep of three parts ``sweep``."""
    place = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr(files, "system_sync", lambda handle: None)
        run(place / "run")
        write_sweep()
        stand_in(patch, fake.SweepModel)
        assert main([*SWEEP, "-q"]) == 0
        (place / "out").rename(place / "sweep")
    return place


@pytest.fixture
def folder(finished, tmp_path, monkeypatch, request):
    """A copy of one of the two, the sweep unless a test asks for the run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "system_sync", lambda handle: None)
    stand_in(monkeypatch, fake.SweepModel)
    kind = getattr(request, "param", "sweep")
    return shutil.copytree(finished / kind, tmp_path / kind)
