"""Wrong arguments of figures and comparisons from Python: one line that names them."""

from typing import Any

import numpy as np
import pytest

import ydsim
from ydsim.errors import ResultsError, UsageError


def kind_of(value: Any) -> str:
    """Name of a case, the same in every process."""
    return type(value).__name__


WRONG = (None, 1, 1.5, b"x", [], {}, object(), True, np.array([1]))


@pytest.mark.parametrize("kind", WRONG, ids=kind_of)
def test_the_kind_of_a_figure(kind):
    with pytest.raises(UsageError, match="kind: expected the name of a kind of figure, found"):
        ydsim.plot.draw(kind)


@pytest.mark.parametrize("figure", ["x.png", *WRONG], ids=kind_of)
def test_the_figure_that_is_saved(figure, tmp_path):
    with pytest.raises(UsageError, match=r"figure: expected what a function of ydsim\.plot"):
        ydsim.plot.save(figure, tmp_path / "x.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a" * 5000, "a" * 5000 + ":1"])
def test_a_name_longer_than_any_file_has(name):
    with pytest.raises(ResultsError, match="'aaa"):
        ydsim.compare(name, "synthetic")
