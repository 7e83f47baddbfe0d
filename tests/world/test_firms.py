"""Worlds that list their firms one by one."""

import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import ydsim
import ydsim.world
from tests.support.relabelled import relabel_provinces
from ydsim.agents.mesa_agents import Firm, University
from ydsim.cli import main
from ydsim.errors import InputError
from ydsim.model import Model
from ydsim.noise import NoiseSource
from ydsim.processes import populate
from ydsim.world.loader import load_world
from ydsim.world.world import World

SHIPPED = Path(ydsim.world.__file__).parent / "data" / "ten_firms"
HEAD = "name,admin_code,industry,size"
Change = Callable[[list[str]], list[str]]


@pytest.fixture
def folder(tmp_path):
    target = tmp_path / "region"
    shutil.copytree(SHIPPED, target)
    return target


def rewrite(folder: Path, change: Change, name: str = "firms.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n", encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_world(folder)
    return [line.removeprefix(f"{folder}/") for line in caught.value.problems]


def begin(world: World, **overrides: object) -> Model:
    """The model of a world at the beginning of its first quarter, after no burn-in."""
    return Model("ten_firms", world=world, **{"parameters.population.burn_in": 0, **overrides})


def test_the_shipped_world():
    world = load_world("ten_firms")
    assert len(world.listed.names) == 10
    assert (world.n_provinces, world.n_cities) == (2, 4)
    assert world.firms.tolist() == [5, 5]
    assert world.university_city.tolist() == world.institute_city.tolist() == [0, 2]
    # the mix of a province is that of the sizes of its firms: East 40 + 25 + 10 of 110
    assert world.industry_profile[0].tolist() == pytest.approx([75 / 110, 35 / 110])
    assert not world.listed.size.flags.writeable


def test_firms_are_as_they_are_listed(monkeypatch):
    drawn = []
    normal = NoiseSource.phase

    def watched(self: NoiseSource, phase: str, quarter: int) -> object:
        drawn.append(phase)
        return normal(self, phase, quarter)

    monkeypatch.setattr(NoiseSource, "phase", watched)
    monkeypatch.setattr(populate, "_add_firms", None)
    world = load_world("ten_firms")
    model = begin(world)
    assert "industry mix" not in drawn
    table, listed = model.state.organisations, world.listed
    rows = model.state.firms
    assert table.city[rows].tolist() == listed.city.tolist()
    assert table.industry[rows].tolist() == listed.industry.tolist()
    assert np.exp(table.log_productivity[rows]) == pytest.approx(listed.productivity)
    assert (table.absorptive[rows] == 1.0).all()
    # differences of knowledge; the level is that of the region
    known = table.knowledge[rows] - listed.knowledge
    assert known == pytest.approx(np.broadcast_to(known[0], known.shape))
    # Aurora Circuits, Beacon Systems and Dawn Devices make electronics in East: 40, 25, 10
    assert table.share[rows[[0, 1, 3]]].tolist() == pytest.approx([40 / 75, 25 / 75, 10 / 75])
    # value added of an industry in a city is shared by size, that of a city is the official part
    value_added = table.value_added[rows]
    assert value_added[1] / value_added[0] == pytest.approx(25.0 / 40.0)
    by_city = np.bincount(listed.city, weights=value_added)
    official = model.state.inputs.secondary[world.city_province, 0]
    assert by_city == pytest.approx(official * np.array([28 / 42, 14 / 42, 23 / 33, 10 / 33]))
    effect = table.log_effect[rows[[0, 1]]]
    elasticity = model.parameters.invest.size_elasticity
    assert effect[0] - effect[1] == pytest.approx((elasticity - 1.0) * np.log(40 / 25))


@pytest.mark.slow
@pytest.mark.parametrize("other", [{"scale": 0.002}, {"scale": 0.5}])
def test_all_are_simulated_at_any_scale(other):
    end = {"end": 2011, "parameters.population.burn_in": 8}
    one, another = Model("ten_firms", **end).run(), Model("ten_firms", **end, **other).run()
    assert another.state.scale == 1.0
    for name in ("series", "agents", "adoption"):
        first, second = (m.recorder.tables()[name] for m in (one, another))
        assert all(repr(first[key].tolist()) == repr(second[key].tolist()) for key in first), name


def test_check_says_that_scale_makes_no_difference(capsys):
    assert main(["check", "ten_firms", "--set", "scale=0.2"]) == 0
    assert capsys.readouterr().err == (
        "note: ten_firms: scale: is taken as 1, the world 'ten_firms' lists its firms one by one\n"
    )
    assert main(["check", "ten_firms"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_names_are_kept_and_newcomers_have_none():
    turnover = {
        "end": 2012,
        "parameters.population.burn_in": 8,
        "parameters.population.exit": 0.45,
        "parameters.relocate.hazard": 1.0,
    }
    model = Model("ten_firms", **turnover).run()
    names = {firm.row: firm.name for firm in model.agents_by_type[Firm]}
    listed = [name for name in names.values() if name]
    assert 0 < len(listed) < 10
    assert len(set(listed)) == len(listed)
    assert "" in names.values()
    table = model.recorder.tables()["agents"]
    by_table = table["name"][table["kind"] == "firm"].tolist()
    assert sorted(by_table) == sorted(names.values())
    universities = {a.name for a in model.agents_by_type[University]}
    assert universities == {"East University", "West University"}
    assert model.state.ledger.imbalance() < 1e-9


@pytest.mark.slow
def test_the_command_runs_with_figures(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["run", "ten_firms", "-q", "-o", str(out)]) == 0
    shown, err = capsys.readouterr()
    assert err == ""
    assert "note" not in shown
    # no launched project changes its province or kind of organisation, so that paths are left out
    assert len(list((out / "figures").glob("*.png"))) == 7


ROWS = {
    "no vehicles in East": [1, 2, 4, 6, 8],
    "one firm in each province": [1, 6],
    "two firms of one province": [1, 6, 7],
}


@pytest.mark.slow
@pytest.mark.parametrize("case", ROWS)
def test_tiny_lists_run(folder, case):
    world = load_world(rewrite(folder, lambda t: [t[0], *(t[i] for i in ROWS[case])]))
    for turnover in (0.0, 0.5):
        keys = {"parameters.population.exit": turnover, "parameters.population.burn_in": 16}
        model = Model("ten_firms", world=world, **keys).run()
        assert np.isfinite(model.recorder.series("rd_expenditure")).all()
        assert np.isfinite(model.recorder.series("productivity_log")).all()
        assert model.state.ledger.imbalance() < 1e-9
        assert model.state.market.output[1, 0] == 0.0  # nobody makes vehicles in East


def test_optional_columns(folder):
    def plain(lines: list[str]) -> list[str]:
        return [",".join(line.split(",")[:4]) for line in lines]

    listed = load_world(rewrite(folder, plain)).listed
    assert (listed.productivity == 1.0).all()
    assert (listed.knowledge == 0.0).all()
    rewrite(folder, lambda t: [f"{HEAD},productivity", *(f"{line}," for line in t[1:])])
    assert (load_world(folder).listed.productivity == 1.0).all()


def test_the_list_is_part_of_the_identity_of_a_world(folder):
    before = load_world(folder).digest
    assert before == load_world("ten_firms").digest
    rewrite(folder, lambda t: [*t[:-1], t[-1].replace(",10,", ",11,")])
    assert load_world(folder).digest != before


def test_provinces_in_another_order():
    world = relabel_provinces(load_world("ten_firms"), (1, 0))
    cities = [world.city_names[c] for c in world.listed.city]
    assert cities[:2] == ["Eastport", "Eastport"]
    assert cities[5:] == ["Westbridge"] * 3 + ["Westhill"] * 2
    assert {f.name for f in fields(world)} >= {"listed"}


FAULTS: dict[str, tuple[Change, str]] = {
    "name twice": (lambda t: [*t, t[1]], "firms.csv:12: name: 'Aurora Circuits' appears twice"),
    "no name": (lambda t: [*t, ",E1,vehicles,1,,,,"], "firms.csv:12: name: is empty"),
    "city": (
        lambda t: [*t, "X,E9,vehicles,1,,,,"],
        "firms.csv:12: admin_code: 'E9' is no city code of cities.csv",
    ),
    "industry": (
        lambda t: [*t, "X,E1,vehicle,1,,,,"],
        "firms.csv:12: industry: 'vehicle' is no industry of industries.csv; did you mean 'veh",
    ),
    "size": (lambda t: [*t, "X,E1,vehicles,0,,,,"], "firms.csv:12: size: 0 must be above 0"),
    "productivity": (
        lambda t: [*t, "X,E1,vehicles,1,0,,,"],
        "firms.csv:12: productivity: 0 must be at least 0.01",
    ),
    "knowledge": (
        lambda t: [*t, "X,E1,vehicles,1,1,,9,"],
        "firms.csv:12: knowledge batteries: 9 must be at most 5",
    ),
    "column": (
        lambda t: [t[0].replace("productivity", "productivty"), *t[1:]],
        "firms.csv:1: column 'productivty' is none of a list of firms; did you mean 'productivi",
    ),
    "field": (
        lambda t: [t[0].replace("knowledge chips", "knowledge fish"), *t[1:]],
        "firms.csv:1: column 'knowledge fish' is none of a list of firms",
    ),
    "missing column": (
        lambda t: [t[0].replace("size", "sales"), *t[1:]],
        "firms.csv:1: column 'size' is missing",
    ),
    "province": (lambda t: t[:6], "firms.csv: lists no firm in province 'West'"),
    "no such industry": (
        lambda t: [t[0], *(line for line in t[1:] if "vehicles" not in line)],
        "firms.csv: lists no firm of the industry 'vehicles'",
    ),
    "no rows": (lambda t: t[:1], "firms.csv: has a header but no rows"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(folder, fault):
    change, said = FAULTS[fault]
    lines = faults(rewrite(folder, change))
    assert lines[0].startswith(said)
    assert len(lines) == 1


def test_numbers_of_firms_agree_with_the_list(folder):
    def counted(lines: list[str]) -> list[str]:
        return [f"{lines[0]},firms", f"{lines[1]},5", f"{lines[2]},7"]

    rewrite(folder, counted, "region.csv")
    assert faults(folder) == ["region.csv:3: firms: 7 firms, but firms.csv lists 5"]


@pytest.mark.parametrize("name", ["profiles.csv", "clusters.csv"])
def test_files_without_use_are_refused(folder, name):
    (folder / name).write_text("admin_code,industry,factor\nE1,vehicles,2\n", encoding="utf-8")
    assert faults(folder) == [
        f"{name}: has no use beside firms.csv, which says it all; take it out"
    ]
