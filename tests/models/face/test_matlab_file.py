"""MATLAB level 5 files that SciPy wrote, read by our reader, whole and damaged."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.io import loadmat, savemat

from models.face.matlab_file import MatlabFileError, read_matrices
from tests.golden import GOLDEN, needs

KINDS = ["f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]


def written(arrays: dict[str, object], compressed: bool = False) -> bytes:
    stream = io.BytesIO()
    savemat(stream, arrays, do_compression=compressed)
    return stream.getvalue()


def element(kind: int, content: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}II", kind, len(content)) + content + bytes(-len(content) % 8)


def folded(content: bytes) -> bytes:
    """A compressed element; these alone are not filled up to a multiple of eight."""
    packed = zlib.compress(content)
    return struct.pack("<II", 15, len(packed)) + packed


def variable(
    name: bytes, shape: tuple[int, ...], stored: int, numbers: bytes, of_class: int = 6, order: str = "<"
) -> bytes:
    """An element with one array, by the format's description."""
    parts = element(6, struct.pack(f"{order}II", of_class, 0), order)
    parts += element(5, struct.pack(f"{order}{len(shape)}i", *shape), order) + element(1, name, order)
    return element(14, parts + element(stored, numbers, order), order)


def header(order: str = "<") -> bytes:
    mark = b"\x00\x01IM" if order == "<" else b"\x01\x00MI"
    return b"MATLAB 5.0 MAT-file".ljust(124) + mark


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (2, 5), (2, 3, 4)])
def test_arrays_come_back_as_they_were(kind: str, shape: tuple[int, ...], compressed: bool) -> None:
    array = np.random.default_rng(0).integers(0, 100, shape).astype(kind)
    other = np.asfortranarray(array + 1)
    found = read_matrices(written({"a_rather_long_name": array, "b": other, "c": array}, compressed), ["b", "c"])
    assert set(found) == {"b", "c"}
    for name, expected in (("b", other), ("c", array)):
        assert found[name].dtype == expected.dtype and found[name].flags.writeable
        np.testing.assert_array_equal(found[name], expected)


@pytest.mark.parametrize("compressed", [False, True])
def test_other_kinds_of_variables_are_left_out(compressed: bool) -> None:
    variables = {"text": "a text", "cell": np.array([1, "b"], object), "struct": {"x": 1.0}, "z": np.array([1j])}
    data = written({**variables, "last": np.eye(3)}, compressed)
    found = read_matrices(data, [*variables, "last", "absent"])
    assert set(found) == {"last"}
    np.testing.assert_array_equal(found["last"], np.eye(3))


@pytest.mark.parametrize("order", ["<", ">"])
def test_numbers_stored_small_get_the_type_of_their_class(order: str) -> None:
    bytes_of_doubles = variable(b"d", (2, 2), 2, bytes([1, 2, 3, 250]), 6, order)
    shorts = variable(b"s", (1, 3), 3, struct.pack(f"{order}3h", -1, 0, 300), 12, order)
    found = read_matrices(header(order) + bytes_of_doubles + shorts, ["d", "s"])
    assert (found["d"].dtype, found["s"].dtype) == (np.float64, np.int32)
    np.testing.assert_array_equal(found["d"], [[1, 3], [2, 250]])
    np.testing.assert_array_equal(found["s"], [[-1, 0, 300]])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "begin"),
        (b"MATLAB 7.3 MAT-file".ljust(126) + b"IM", "begin"),
        (header() + b"abc", "middle of an element"),
        (header() + variable(b"a", (2, 2), 9, bytes(24)), r"\(2, 2\) has 24 bytes"),
        (header() + variable(b"a", (1 << 30, 1 << 30), 9, bytes(8)), "has 8 bytes"),
        (header() + variable(b"a", (-1, 1), 9, bytes(8)), "shape"),
        (header() + variable(b"a", (1, 1), 99, bytes(8)), "unknown type 99"),
        (header() + struct.pack("<II", 14, 800) + bytes(80), "800 bytes announced, 80 there"),
        (header() + element(15, b"not compressed"), "compressed part is damaged"),
        (header() + folded(struct.pack("<II", 14, 4_000_000_000)), "too large"),
        (header() + folded(struct.pack("<II", 14, 80) + bytes(40)), "40 bytes of 80"),
        (header() + element(14, element(6, bytes(8))), "cut short"),
    ],
)
def test_damage_is_named(data: bytes, message: str) -> None:
    with pytest.raises(MatlabFileError, match=message):
        read_matrices(data, ["a"])


def test_a_compressed_variable_unfolds_no_further_than_it_announces() -> None:
    whole = variable(b"a", (1, 1), 9, bytes(8))
    data = header() + folded(whole + bytes(50_000_000)) + variable(b"b", (1, 1), 2, b"\x07", 9)
    np.testing.assert_array_equal(read_matrices(data, ["a"])["a"], [[0.0]])
    assert read_matrices(data, ["b"])["b"] == 7


VALID = [
    written({"a": np.arange(6.0).reshape(2, 3), "b": np.arange(4, dtype=np.uint8)}),
    written({"a": np.arange(6.0).reshape(2, 3), "t": "text", "s": {"x": 1.0}}),
    written({"a": np.arange(6, dtype=np.float32), "b": np.ones((3, 2, 2), np.int16)}, compressed=True),
]


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(VALID), st.lists(st.tuples(st.integers(0), st.binary(max_size=6)), max_size=4))
def test_damaged_files_are_read_or_refused(data: bytes, patches: list[tuple[int, bytes]]) -> None:
    for place, patch in patches:
        place %= len(data)
        data = data[:place] + patch + data[place + max(len(patch), 1) :]
    try:
        found = read_matrices(data, ["a", "b", "t", "s"])
    except MatlabFileError as error:
        assert str(error)
    else:
        assert all(array.dtype.kind in "fiu" for array in found.values())


@needs(GOLDEN)
def test_golden_files_are_read_as_scipy_reads_them() -> None:
    files = sorted(GOLDEN.rglob("*.mat"))
    assert files
    for file in files:
        expected: dict[str, NDArray[np.float64]] = loadmat(file)
        names = [name for name in expected if not name.startswith("__")]
        found = read_matrices(file.read_bytes(), names)
        assert set(found) == set(names)
        for name in names:
            np.testing.assert_array_equal(found[name], expected[name])
