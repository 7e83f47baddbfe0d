"""Spillovers: whose knowledge is raised for whom, and a small run from the command to the page."""

import numpy as np
import pytest

from tests.support.numbers import close
from tests.support.worlds import packaged
from tools import spillovers
from tools.spillovers import EVERYWHERE, FACTOR, NATION, OTHERS, OWN, weights


def test_more_is_known_in_one_place_and_no_other():
    world = packaged("yrd")
    own, others, all_ = (weights(world, place) - 1.0 for place in (OWN, OTHERS, EVERYWHERE))
    assert (weights(world, NATION) == 1.0).all()
    close(all_, FACTOR - 1.0)
    close(np.diag(own), FACTOR - 1.0)
    assert not own[~np.eye(world.n_cities, dtype=bool)].any()
    same = world.city_province[:, None] == world.city_province
    assert not others[same].any()
    close(others[~same], FACTOR - 1.0)


@pytest.mark.slow
def test_a_small_run_gives_the_page(capsys):
    command = "--scale 0.005 --end 2014 --replicates 3 --jobs 2"
    spillovers.main(command.split())
    page = capsys.readouterr().out
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")][2:]
    assert [row[0].strip("| ") for row in rows] == [EVERYWHERE, OWN, OTHERS, NATION]
    assert "3 replicates" in page
    assert float(rows[0][1].split(" [")[0]) > 0.0
