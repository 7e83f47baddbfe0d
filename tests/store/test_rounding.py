import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ydsim.store import tables as rounding
from ydsim.store.tables import round_one, round_significant

floats = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True)
ordinary = st.floats(min_value=1e-12, max_value=1e16)
decimals = st.builds(
    lambda n, e: float(f"{n}e{e}"), st.integers(-(10**11), 10**11), st.integers(-30, 25)
)


def bits(x: float) -> bytes:
    return struct.pack("<d", x)


ODD_NAN = struct.unpack("<d", struct.pack("<Q", 0xFFF8000000000123))[0]
LARGEST, SMALLEST = np.finfo(float).max, 5e-324
KNOWN = [
    (math.pi, 3.141592654), (0.1 + 0.2, 0.3), (1234567890.5, 1234567890.0),
    (12345678905.0, 12345678900.0), (-2e-5 / 3, -6.666666667e-06), (1e10, 1e10),
    (99999999999.0, 1e11), (0.0, 0.0), (-0.0, 0.0), (ODD_NAN, math.nan), (math.inf, math.inf),
    (-math.inf, -math.inf), (LARGEST, 1.797693134e308), (-LARGEST, -1.797693134e308),
    (SMALLEST, SMALLEST),
]  # fmt: skip


def test_known_values_have_one_representation():
    given_, rounded = zip(*KNOWN, strict=True)
    got = round_significant(np.array(given_)).tolist()
    assert list(map(bits, got)) == list(map(bits, rounded))


def shifted(value: float, ulps: int) -> float:
    for _ in range(abs(ulps)):
        value = math.nextafter(value, math.inf if ulps > 0 else 0.0)
    return value


@pytest.mark.slow
@settings(max_examples=400)
@given(st.lists(floats | ordinary | decimals, min_size=1, max_size=30))
def test_equals_its_definition_in_decimals(values):
    got = round_significant(np.array(values)).tolist()
    for value, rounded in zip(values, got, strict=True):
        if math.isfinite(value) and value != 0.0:
            assert bits(rounded) == bits(round_one(value))


@settings(max_examples=200)
@given(ordinary | decimals)
def test_ten_digits_idempotent_and_close(value):
    once = float(round_significant(np.array([value]))[0])
    assert float(f"{once:.9e}") == once
    assert float(round_significant(np.array([once]))[0]) == once
    assert abs(once - value) <= 0.51e-9 * abs(value)


@pytest.mark.parametrize("block", [1, 3, 64])
def test_long_arrays_are_rounded_a_block_at_a_time(monkeypatch, block):
    values = np.random.default_rng(1).normal(size=(4, 50)) * 10.0 ** np.arange(-20, 30)
    values[1, 7], values[2, 8] = np.nan, -0.0
    whole = round_significant(values)
    monkeypatch.setattr(rounding, "_BLOCK", block)
    assert round_significant(values).tobytes() == whole.tobytes()
    assert round_significant(np.asfortranarray(values)).tobytes() == whole.tobytes()


@settings(max_examples=300)
@given(st.integers(10**9, 10**10 - 1), st.integers(-20, 15), st.integers(-4, 4))
def test_last_bits_do_not_decide_a_decimal_tie(digits, exponent, ulps):
    tie = float(f"{digits}5e{exponent}")
    noisy = np.array([shifted(tie, ulps)])
    assert round_significant(noisy) == round_significant(np.array([tie]))


@pytest.mark.slow
@settings(max_examples=300)
@given(st.integers(10**9, 10**10 - 1), st.integers(-22, 12), st.integers(-4, 4))
def test_near_the_first_rounding_the_definition_still_holds(digits, exponent, ulps):
    # where 13 digits decide about the tenth
    value = shifted(float(f"{digits}4995e{exponent}"), ulps)
    assert round_significant(np.array([value])) == round_one(value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_input_is_left_alone(dtype):
    values = np.array([[1.0 / 3.0, 2.0]], dtype=dtype)
    before = values.copy()
    assert round_significant(values).shape == (1, 2)
    assert (values == before).all()
