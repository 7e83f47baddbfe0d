"""No year of a run depends on the year in which it ends: tables are equal as far as both go."""

from pathlib import Path

import numpy as np
import pytest

from ydsim.model import Model
from ydsim.scenario.load import load_scenario

NAMES = sorted(path.stem for path in (Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
LONG = 2024
AT_THE_END = ("agents", "generations", "passports")
"""Tables of what is there when a run ends, or of what becomes of it later."""


def tables(name: str, end: int) -> dict[str, dict[str, np.ndarray]]:
    changes = {"end": end, "scale": 0.01, "parameters.population.burn_in": 8}
    made = Model(load_scenario(name, changes)).run().recorder.tables()
    return {key: dict(table) for key, table in made.items() if key not in AT_THE_END}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_year_depends_on_the_end(name):
    ends = (2020, 2021, 2022, 2023) if name == "baseline" else (2022,)
    whole = tables(name, LONG)
    for end in ends:
        part = tables(name, end)
        assert part.keys() == whole.keys()
        for key, table in part.items():
            seen = whole[key]["year"] <= end
            for column, values in table.items():
                np.testing.assert_array_equal(values, whole[key][column][seen], f"{key}.{column}")
