"""Takes and styles in archives that are damaged, lie about sizes, or hold the wrong things: a value or one error."""

import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import take
from models.motion import style_file
from models.motion.style_choice import builtin
from models.motion.style_document import Measure, StyleDocument, StyleFileError
from models.npy_file import NpyFileError, read_npz

META = json.dumps(
    {"format": take.FORMAT, "format_version": take.VERSION, "face_model": {"name": "open_head", "sha256": "0" * 64}}
)
MEASURE = Measure(np.ones(135, np.float32), np.ones(64, np.float32), np.ones(3, np.float32), "open_head")
Read = Callable[[Path], Any]
READERS: dict[str, tuple[Read, type[ValueError]]] = {
    "take": (take.load, take.TakeError),
    "style": (style_file.load, StyleFileError),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A whole file of each kind."""
    folder = tmp_path_factory.mktemp("good")
    take.save(take.Take(np.zeros((3, 257), np.float32), 25.0, json.loads(META)), folder / "take.npz")
    style_file.save(StyleDocument(builtin("calm").style, measure=MEASURE), folder / "style.npz")
    return {kind: (folder / f"{kind}.npz").read_bytes() for kind in READERS}


def read_or_refused(kind: str, path: Path, content: bytes) -> None:
    read, refusal = READERS[kind]
    path.write_bytes(content)
    try:
        assert read(path) is not None
    except refusal as error:
        assert path.name in str(error)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("stored", [False, True], ids=["packed", "plain"])
def test_damaged_files_are_read_or_refused(
    kind: str, stored: bool, good: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole, path = good[kind], tmp_path_factory.mktemp("damaged") / "damaged.npz"
    if stored:  # so that the damage reaches the arrays' headers
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            whole = archived({name: archive.read(name) for name in archive.namelist()})

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=6)), max_size=4))
    def damage(patches: list[tuple[int, bytes]]) -> None:
        data = whole
        for place, patch in patches:
            data = data[:place] + patch + data[place + len(patch) :]
        read_or_refused(kind, path, data)

    damage()


def archived(members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def npy(array: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(array))
    return stream.getvalue()


def announced(shape: tuple[int, ...], kind: str = "<f4", content: bytes = b"") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": kind, "fortran_order": False, "shape": shape})
    return stream.getvalue() + content


ODD = [
    announced((1 << 40, 257)),
    announced((3, 257), "<f4", bytes(8)),
    announced((2, 2), "|V0"),
    announced((3, 257), "<f2", bytes(3 * 257 * 2)),
    announced((1,), "<U2", b"\xff" * 8),
    npy(np.full((3, 257), 1e300)),
    npy(np.zeros((3, 257), "M8[s]")),
    npy(np.array(["1"] * 135)),
    npy("[" * 100_000),
    npy('{"a": ' + "9" * 5000 + "}"),
    b"",
    b"\x93NUMPY\x09\x00",
]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(sorted(READERS)),
    members=st.dictionaries(
        st.sampled_from(["meta.npy", "coefficients.npy", "fps.npy", "code.npy", "mean_expression.npy", "other"]),
        st.sampled_from(ODD) | st.sampled_from([npy(META), npy("{}"), npy(25.0), npy(np.zeros((3, 257), "f4"))]),
    ),
    packing=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
)
def test_archives_of_the_wrong_things_are_read_or_refused(
    kind: str, members: dict[str, bytes], packing: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    read_or_refused(kind, tmp_path_factory.getbasetemp() / "odd.npz", archived(members, packing))


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("content", ODD, ids=range(len(ODD)))
def test_each_member_may_be_odd(kind: str, content: bytes, good: dict[str, bytes], tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(good[kind])) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name in members:
        read_or_refused(kind, tmp_path / "odd.npz", archived({**members, name: content}))


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "bomb.npz").write_bytes(archived({"a.npy": bytes(2_000_000)}, zipfile.ZIP_DEFLATED))
    with pytest.raises(NpyFileError, match="unpacks to 2000000 bytes"):
        read_npz(tmp_path / "bomb.npz", 1_000_000)


def test_an_archive_that_lies_about_its_size_is_unpacked_no_further(tmp_path: Path) -> None:
    real, told = 50_000_000, 100
    content = bytearray(archived({"a.npy": bytes(real)}, zipfile.ZIP_DEFLATED))
    size = content.rindex(struct.pack("<L", real))  # in the list at the end, which is what is believed
    content[size : size + 4] = struct.pack("<L", told)
    (tmp_path / "lie.npz").write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(NpyFileError):
            read_npz(tmp_path / "lie.npz", 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("number", [10**400, -(10**400), 10**5000], ids=["400", "minus", "5000"])
def test_huge_integers_are_no_style(number: int) -> None:
    described = style_file.to_json(StyleDocument(builtin("calm").style, measure=MEASURE))
    for field, content in [
        ("format", number),
        ("format_version", number),
        ("name", number),
        ("parameters", {"jaw": number}),
        ("parameters", {"posture": [0, 0, number]}),
        ("parameters", {"posture": number}),
        ("parameters", {"mood": {"mouthPucker": number}}),
        ("confidence", {"jaw": number}),
        ("measure", {**described["measure"], "code": [number] * 135}),
        ("measure", {**described["measure"], "mean_angles": number}),
        ("source", {"seconds": 10**20_000}),
    ]:
        with pytest.raises(StyleFileError):
            style_file.from_json({**described, field: content})
