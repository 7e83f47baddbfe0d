"""A run from a kept start state is the run itself, and a planted or damaged one is left aside."""

import io
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from tests.support import small
from tests.support.small import differing
from ydsim.cli import main
from ydsim.model import Model
from ydsim.run import start_states
from ydsim.run.start_states import STATE, begin, folder, kept_in, pack, unpack
from ydsim.scenario.load import load_scenario
from ydsim.store.files import TEMPORARY, sha256
from ydsim.world.loader import load_world

SMALL = {"end": 2012, "scale": 0.003, "parameters.population.burn_in": 6}
TINY = {"scale": 0.01, "end": 2011, "parameters.population.burn_in": 1}
MEMBERS = {"match": {"reserve": [2.0, 2.9]}}
LIVED = {
    "plain": {},
    "own reference": {"reference": "defaults", "parameters.match.reserve": 2.0},
    "without science": {"parameters.actors.universities": False},
    "without partners": {"parameters.match.consortium": 1},
    "projects": {"record.projects": True},
    "members": {"ensemble": MEMBERS},
    "as known in 2015": {"known_in": 2015},
    "no burn-in": {"parameters.population.burn_in": 0},
}
RUN = ["run", "synthetic", *(f"--set={key}={value}" for key, value in TINY.items())]
RUN += ["--replicates=2", "--no-figures", "-q", "-j1"]


@pytest.fixture(autouse=True)
def burn_ins(tmp_path, monkeypatch):
    """The replicates that lived a burn-in, in order; the cache is this test's own."""
    lived, burn_in = [], Model._burn_in
    monkeypatch.setattr(
        Model, "_burn_in", lambda model: (lived.append(model.noise.replicate), burn_in(model))[1]
    )
    monkeypatch.setenv("YDSIM_CACHE", "auto")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return lived


def begun(scenario="synthetic", replicate=0, **changes):
    found = load_scenario(scenario, TINY | {k.replace("__", "."): v for k, v in changes.items()})
    return begin(found, replicate=replicate, world=load_world(found.world))


def states():
    return [path for path in kept_in(folder()) if path.suffix == STATE]


def slow(*names):
    return [pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", ["plain", *slow(*list(LIVED)[1:])])
def test_a_run_goes_on_from_a_kept_state_as_from_its_own(name):
    scenario = load_scenario("baseline", SMALL | LIVED[name])
    own = Model(scenario, replicate=1)
    packed = pack(own)
    other = Model(scenario, replicate=1, restore=lambda fresh: not unpack(packed, fresh))
    assert pack(other) == packed
    assert differing(own.run().recorder.tables(), other.run().recorder.tables()) == []


@pytest.mark.parametrize("name", ["ten_firms", *slow("tournament", "history")])
def test_so_do_other_worlds_policies_and_governments(name, burn_ins):
    tables = [begun(name, **SMALL).run().recorder.tables() for _ in range(3)]
    assert burn_ins == [0, 0]
    assert differing(tables[0], tables[2]) == []


def test_a_state_is_kept_when_it_is_made_again_and_used_from_then_on(burn_ins, capfd):
    for made, there in ((1, 0), (2, 1), (2, 1), (2, 1)):
        begun()
        assert (len(burn_ins), len(states())) == (made, there)
    begun(policies__rd_grants__rate=0.1, policies__rd_grants__start=2011, name="other")
    assert len(burn_ins) == 2
    assert capfd.readouterr().err == ""


def test_what_a_burn_in_depends_on_has_a_state_of_its_own(burn_ins):
    for _ in range(2):
        begun()
    for changes in (
        {"replicate": 1}, {"seed": 2}, {"scale": 0.02}, {"end": 2012},
        {"parameters__match__reserve": 2.0}, {"parameters__actors__media": False},
        {"scenario": "ten_firms"},
    ):  # fmt: skip
        burn_ins.clear()
        begun(**changes)
        assert burn_ins, changes


def test_what_made_remarks_is_made_again(burn_ins):
    scenario = load_scenario("synthetic", TINY)
    for _ in range(3):
        begin(scenario, replicate=0, world=load_world("synthetic"), warned=["overflow"])
    assert (len(burn_ins), kept_in(folder())) == (3, {})


def test_another_content_of_a_world_has_states_of_its_own(burn_ins):
    scenario = load_scenario("synthetic", TINY)
    worlds = load_world("synthetic"), small.world(provinces=2, cities=2)
    for world in (*worlds, *worlds, *worlds):
        begin(scenario, replicate=0, world=world)
    assert (len(burn_ins), len(states())) == (4, 2)


def test_another_version_of_the_package_has_states_of_its_own(burn_ins, monkeypatch):
    for _ in range(2):
        begun()
    monkeypatch.setattr(start_states, "package_digest", lambda: "of other files")
    begun()
    assert len(burn_ins) == 3


@pytest.mark.slow
def test_results_have_the_same_bytes_from_the_command_on(tmp_path, burn_ins, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        assert main([*RUN, "-o", f"r{number}"]) == 0
    assert burn_ins == [0, 1, 0, 1]
    first, last = (
        {path.name: path.read_bytes() for path in sorted((tmp_path / name).rglob("*.parquet"))}
        for name in ("r0", "r2")
    )
    assert len(first) > 3
    assert first == last
    assert main(["verify", "r2", "--rerun", "1"]) == 0
    assert len(burn_ins) == 5  # a kept state proves nothing


@pytest.mark.slow
def test_sweeps_over_policies_use_states_and_others_leave_none(tmp_path, burn_ins, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["sweep", "synthetic", *RUN[2:-4], "--replicates=1", "-q", "-j1"]
    rates = "--vary=policies.rd_grants.rate=0.05,0.1"
    for number in range(3):
        assert main([*words, rates, "-o", f"rates{number}"]) == 0
    assert (burn_ins, len(states())) == ([0, 0], 1)
    assert main([*words, "--vary=parameters.match.reserve=2.1,2.6", "-o", "values"]) == 0
    assert (len(burn_ins), len(states()), len(kept_in(folder()))) == (4, 1, 1)


# -- what somebody put there -----------------------------------------------------------------------


def sealed(tree, *arrays, **more):
    """An entry with a checksum that fits."""
    file = io.BytesIO()
    text = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    np.savez_compressed(file, *arrays, tree=np.frombuffer(text, np.uint8), **more)
    return sha256(file.getvalue()).encode() + file.getvalue()


class Opened:
    """What is run where somebody unpickles it."""

    def __reduce__(self):
        return os.mkdir, ("opened",)


def planted(good):
    """What may stand in the place of a good entry, by what is wrong with it."""
    arrays = [["array", 0]] * 4
    yield "cut", good[:-9]
    yield "turned", good[:5000] + bytes([good[5000] ^ 1]) + good[5001:]
    yield "unlike", b"0" * 64 + good[64:]
    yield "empty", b""
    yield "pickle", pickle.dumps(Opened())
    yield "pickled array", sealed(arrays, np.array([Opened()], dtype=object))
    yield "bomb", sealed(arrays, np.zeros(2**27 + 1, np.uint8))
    yield "deep", sealed(b"[" * 100_000)
    state = "ydsim.agents.state:State"
    for kind, name, held in (
        ("code", "os:system", {}),
        ("class", "ydsim.agents.state:np", {}),
        ("imported", "ydsim.agents.state:World", {}),
        ("missing", "ydsim.agents.nothing:State", {}),
        ("same", state, {"ties": ["same"]}),
        ("again", state, {"ties": ["again", 99]}),
        ("number", state, {"ties": ["array", 99]}),
        ("key", state, {"ties": ["dict", [[[], 1]]]}),
    ):
        yield kind, sealed([[name, held]] * 4)


def test_what_is_damaged_or_planted_is_left_aside(tmp_path, burn_ins, caplog, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = pack(begun())
    begun()
    (path,) = states()
    for kind, entry in planted(path.read_bytes()):
        path.write_bytes(entry)
        burn_ins.clear()
        caplog.clear()
        start_states._say_once.cache_clear()
        assert pack(begun()) == own, kind
        assert len(burn_ins) == 1, kind
        assert [str(path) in record.message for record in caplog.records] == [True], kind
        assert path.read_bytes() == entry, kind
        assert not (tmp_path / "opened").exists(), kind


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_only_files_are_read(kind, tmp_path, burn_ins, caplog):
    for _ in range(2):
        begun()
    (path,) = states()
    elsewhere = path.rename(tmp_path / "elsewhere")
    if kind == "link":
        path.symlink_to(elsewhere)
    else:
        (path.mkdir if kind == "folder" else lambda: os.mkfifo(path))()
    begun()
    assert len(burn_ins) == 3
    assert len(caplog.records) == 1


def test_a_folder_into_which_others_may_write_is_not_used(burn_ins, caplog):
    for _ in range(2):
        begun()
    folder().chmod(0o777)
    begun()
    begun(seed=2)
    assert len(burn_ins) == 4
    assert [str(folder()) in record.message for record in caplog.records] == [True]
    assert len(kept_in(folder())) == 1


def test_without_a_home_nothing_is_kept(tmp_path, burn_ins, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(start_states, "user_cache_path", lambda name: Path("~/.cache") / name)
    for _ in range(3):
        begun()
    assert (len(burn_ins), [*tmp_path.iterdir()]) == (3, [])


def test_a_cache_without_room_stops_nothing(tmp_path, burn_ins, caplog):
    (tmp_path / "cache").write_text("in the way")
    for replicate in range(2):
        begun(replicate=replicate)
    assert (len(burn_ins), len(caplog.records)) == (2, 1)


def test_what_was_used_longest_ago_makes_room(burn_ins, monkeypatch):
    for replicate in (0, 1, 2):
        for _ in range(2):
            begun(replicate=replicate)
    for age, path in enumerate(states()):
        os.utime(path, (age, age))
    begun(replicate=0)  # the first is now the last
    largest = max(path.stat().st_size for path in states())
    monkeypatch.setattr(start_states, "MOST", 2 * largest + start_states.LEAST)
    begun(replicate=5)
    assert len(states()) == 2
    lived = len(burn_ins)
    begun(replicate=0)
    assert len(burn_ins) == lived
    begun(replicate=1)
    assert len(burn_ins) == lived + 1


def test_what_another_process_removes_meanwhile_is_not_there(monkeypatch):
    begun()
    kept = kept_in(folder())
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([*kept, folder / f"gone{STATE}"]))
    assert kept_in(folder()) == kept
    assert len(kept) == 1


def test_what_is_too_large_is_not_kept(burn_ins, caplog, monkeypatch):
    monkeypatch.setattr(start_states, "LARGEST", 1000)
    for _ in range(3):
        begun()
    assert (len(burn_ins), states(), caplog.records) == (3, [], [])


def test_the_verb_says_what_is_kept_and_removes_it(capsys):
    for _ in range(2):
        begun()
    (path,) = states()
    size = path.stat().st_size
    path.with_name(f".{path.name}.1234{TEMPORARY}").touch()  # of a process that was killed
    other = folder() / "of somebody else"
    other.write_text("stays")
    known = {"folder": str(folder()), "states": 1, "bytes": size, "removed": False}
    assert main(["cache", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == known
    assert main(["cache", "--clear"]) == 0
    assert str(folder()) in capsys.readouterr().out
    assert list(folder().iterdir()) == [other]
    assert main(["cache"]) == 0


@pytest.mark.slow
def test_the_variable_is_off_or_auto(tmp_path, burn_ins, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YDSIM_CACHE", "on")
    assert main([*RUN, "-o", "wrong"]) == 2
    assert "YDSIM_CACHE" in capsys.readouterr().err
    assert not (tmp_path / "wrong").exists()
    monkeypatch.setenv("YDSIM_CACHE", "off")
    for number in range(2):
        assert main([*RUN, "-o", f"r{number}"]) == 0
    assert len(burn_ins) == 4
    assert not (tmp_path / "cache").exists()
