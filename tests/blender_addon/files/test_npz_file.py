"""Takes that are damaged or lie about their sizes: a take, or one error of the reader's own."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blender_addon.files import npz_file, take_file

META = json.dumps({"format": take_file.FORMAT, "format_version": take_file.VERSION})


def whole() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, coefficients=np.zeros((3, 257), np.float32), fps=np.float64(25), meta=np.array(META))
    return stream.getvalue()


def archived(name: str, content: bytes, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def announced(shape: tuple[int, ...], kind: str) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": kind, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def test_damaged_takes_are_read_or_refused(tmp_path: Path) -> None:
    good, path = whole(), tmp_path / "take.npz"

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(st.integers(0, len(good) - 1), st.binary(min_size=1, max_size=6)), max_size=4))
    def damage(patches: list[tuple[int, bytes]]) -> None:
        data = good
        for place, patch in patches:
            data = data[:place] + patch + data[place + len(patch) :]
        path.write_bytes(data)
        try:
            assert take_file.load(path).coefficients.shape[1] == 257
        except take_file.TakeFileError as error:
            assert "take.npz" in str(error)

    damage()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archived("a.npy", bytes(2_000_000)), "unpacks to 2000000 bytes"),
        (archived("a.npy", bytes(100), zipfile.ZIP_LZMA), "does not use"),
        (archived("a.npy", announced((1 << 40, 257), "<f4")), "with 0 bytes"),
        (archived("a.npy", announced((2, 2), "|V0")), "not a .npz"),
        (archived("a.npy", b"no array"), "not a .npz"),
    ],
)
def test_archives_that_ask_for_too_much_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "odd.npz").write_bytes(content)
    with pytest.raises(npz_file.NpzFileError, match=message):
        npz_file.read(tmp_path / "odd.npz", 1_000_000)


def test_only_what_is_wanted_is_unpacked(tmp_path: Path) -> None:
    stream = io.BytesIO(whole())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("odd.npy", b"no array")
    assert npz_file.read(stream.getvalue(), 1_000_000, only={"fps"}) == {"fps": 25}
    with pytest.raises(npz_file.NpzFileError, match=r"not a \.npz"):
        npz_file.read(stream.getvalue(), 1_000_000)
