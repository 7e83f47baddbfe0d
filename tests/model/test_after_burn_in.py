"""Models whose burn-in is copied are those whose burn-in is lived, to the last bit."""

import pytest

from tests.support import small
from tests.support.small import after_burn_in, columns_of, differing, model, same

SHORT = {"years": 1, "burn_in": 6}
POLICIES = {"rd_grants": {"rate": 0.2}, "border_friction": {"passes": 1.0}}


@pytest.fixture
def nothing_kept(monkeypatch):
    monkeypatch.setattr(small, "_BURNT", type(small._BURNT)())


def alike(a, b):
    left, right = columns_of(a.state), columns_of(b.state)
    return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)


@pytest.mark.slow
def test_a_copied_burn_in_goes_on_like_one_that_was_lived(nothing_kept):
    """Also where what does not enter it is another than that of the first."""
    after_burn_in(**SHORT).run()
    options = {**SHORT, "policies": POLICIES, "record": {"ties": False}}
    copied, lived = after_burn_in(**options), model(**options)
    assert len(small._BURNT) == 1
    assert alike(copied, lived)
    assert differing(copied.run().recorder.tables(), lived.run().recorder.tables()) == []
    assert alike(copied, lived)
