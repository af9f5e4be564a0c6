"""`.npy` files that NumPy wrote, whole and damaged."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.npy_file import NpyFileError, read_npy


def written(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["<f4", ">f8", "i2", "u1", "b1", "c8", "U5"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 5), (2, 3, 4)])
def test_arrays_come_back_as_they_were(kind: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(kind)
    for stored in (array, array.copy(order="F")):
        read = read_npy(written(stored))
        assert read.dtype == array.dtype and read.shape == array.shape
        np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a .npy file"),
        (b"PK\x03\x04" + bytes(100), "not a .npy file"),
        (written(np.arange(3.0))[:-1], r"shape \(3,\) with 23 bytes"),
        (written(np.arange(3.0)) + b"x", r"shape \(3,\) with 25 bytes"),
        (written(np.arange(9.0)).replace(b"(9,)", b"(-9,"), "not a .npy file"),
        (written(np.array([{}], object)), "of objects"),
        # The tokenizer's own error, which is no ValueError.
        (written(np.ones((80, 3))).replace(b"(80, 3)", b"(80, 3\xd8"), "not a .npy file"),
    ],
)
def test_damage_is_named(data: bytes, message: str) -> None:
    with pytest.raises(NpyFileError, match=message):
        read_npy(data)


def test_a_header_that_announces_too_much_costs_nothing() -> None:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40, 1 << 10)})
    with pytest.raises(NpyFileError, match="with 8 bytes"):
        read_npy(stream.getvalue() + bytes(8))


GOOD = written(np.arange(24, dtype=np.float32).reshape(4, 6))


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 140) | st.integers(0), st.binary(max_size=6)), max_size=4))
def test_damaged_files_are_read_or_refused(patches: list[tuple[int, bytes]]) -> None:
    data = GOOD
    for place, patch in patches:
        place %= len(data)
        data = data[:place] + patch + data[place + max(len(patch), 1) :]
    try:
        read_npy(data)
    except NpyFileError as error:
        assert str(error)
