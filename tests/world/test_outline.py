"""Outlines: the packaged ones fit the cities; those of strangers are read safely."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from matplotlib.path import Path as Polygon

import ydsim.world
from tests.support.refusals import demand_chinese
from ydsim.errors import InputError
from ydsim.translation import catalogue, speak
from ydsim.world.folders import KINDS, OUTLINE, read_outline
from ydsim.world.loader import load_world

LINE = {"type": "LineString", "coordinates": [[1.0, 2.0], [3, 4]]}


def written(folder: Path, content: object) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / OUTLINE).write_text(text, encoding="utf-8")
    return folder


def feature(geometry: object = LINE, **properties: object) -> dict[str, object]:
    return {"features": [{"properties": {"kind": "coast", "name": "x"} | properties,
                          "geometry": geometry}]}  # fmt: skip


def test_every_city_lies_in_the_outline_of_its_province():
    world = load_world("yrd")
    shapes = {shape.name: shape for shape in read_outline("yrd") if shape.kind == "province"}
    assert tuple(shapes) == world.provinces
    for name, lon, lat, p in zip(
        world.city_names, world.longitude, world.latitude, world.city_province, strict=True
    ):
        inside = [
            province
            for province, shape in shapes.items()
            if any(Polygon(line).contains_point((lon, lat)) for line in shape.lines)
        ]
        assert inside == [world.provinces[p]], name


def test_the_packaged_outline_is_complete_and_named_in_its_sources():
    shapes = read_outline("yrd")
    assert len(shapes) == 22
    assert {shape.kind for shape in shapes} == set(KINDS)
    for shape in shapes:
        for line in shape.lines:
            assert ((line >= (113.5, 26.4)) & (line <= (124.0, 36.0))).all()
            closed = (line[0] == line[-1]).all()
            assert closed or shape.kind in ("coast", "river")
    folder = Path(ydsim.world.__file__).parent / "data" / "yrd"
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["files"] == OUTLINE]
    assert len(rows) == 1
    assert rows[0]["licence"].startswith("public domain")
    assert OUTLINE in (folder / "README.md").read_text(encoding="utf-8")


def test_worlds_without_a_file_have_no_outline(tmp_path):
    assert read_outline("synthetic") == ()
    assert read_outline(tmp_path) == ()
    assert read_outline(tmp_path / "gone") == ()


def test_a_folder_with_an_outline(tmp_path):
    (shape,) = read_outline(written(tmp_path, feature()))
    assert (shape.kind, shape.name) == ("coast", "x")
    np.testing.assert_array_equal(shape.lines[0], [[1.0, 2.0], [3.0, 4.0]])
    many = {"type": "MultiPolygon", "coordinates": [[[[0, 0], [0, 1, 9], [1, 1]]]] * 2}
    (shape,) = read_outline(written(tmp_path, feature(many, kind="lake")))
    assert [line.tolist() for line in shape.lines] == [[[0, 0], [0, 1], [1, 1]]] * 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[" * 200_000, "is not JSON"),
        ("[]", "no GeoJSON collection"),
        ({"features": 3}, "no GeoJSON collection"),
        ({"features": [3]}, "feature 1 lacks properties or geometry"),
        (feature(None), "feature 1 lacks properties or geometry"),
        (feature(kind="road"), "kind is none of province, coast, river, lake"),
        (feature(name=3), "name is no text"),
        (feature({"type": "Point", "coordinates": [1, 2]}), "geometry is none of"),
        (feature(LINE | {"coordinates": [[1, 2]]}), "coordinates are no lines"),
        (feature(LINE | {"coordinates": [[1, 2], [3]]}), "coordinates are no lines"),
        (feature(LINE | {"coordinates": [[1, 2], [True, 4]]}), "coordinates are no lines"),
        (feature(LINE | {"coordinates": [[1, 2], [3, 91]]}), "coordinates are no lines"),
        (feature(LINE | {"coordinates": [[1, 2], [float("nan"), 4]]}), "coordinates are no lines"),
        (feature(LINE | {"coordinates": [[1, 2], [10**400, 4]]}), "coordinates are no lines"),
    ],
)
def test_a_wrong_file_costs_one_line(tmp_path, content, message):
    with pytest.raises(InputError, match=message) as caught:
        read_outline(written(tmp_path, content))
    assert "\n" not in str(caught.value)
    assert OUTLINE in str(caught.value)
    with speak(catalogue("zh")), pytest.raises(InputError) as chinese:
        read_outline(tmp_path)
    demand_chinese(chinese.value.problems, caught.value.problems)


def test_a_pipe_a_folder_and_a_large_file_are_not_read(tmp_path):
    (tmp_path / "a").mkdir()
    os.mkfifo(tmp_path / "a" / OUTLINE)
    with pytest.raises(InputError, match="not a regular file"):
        read_outline(tmp_path / "a")
    (tmp_path / "b" / OUTLINE).mkdir(parents=True)
    with pytest.raises(InputError, match="is a folder"):
        read_outline(tmp_path / "b")
    with pytest.raises(InputError, match="larger than 5 MB"):
        read_outline(written(tmp_path, " " * 5_000_001))
