import numpy as np
import pytest

from ydsim.measures.pioneer import lead_time


def test_lead_time():
    t = [0.0, 1.0, 2.0, 3.0]
    own, rest = [0.0, 0.2, 0.6, 0.6], [0.0, 0.0, 0.2, 0.4]
    assert lead_time(t, own, rest, 0.2) == pytest.approx(1.0)
    assert lead_time(t, rest, own, 0.2) == pytest.approx(-1.0)
    assert lead_time(t, own, rest, 0.5) == np.inf
    assert lead_time(t, rest, own, 0.5) == -np.inf
    assert np.isnan(lead_time(t, own, rest, 0.9))
