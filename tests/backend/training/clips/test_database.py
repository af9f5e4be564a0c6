"""Databases of LRW and of single persons, made here and read back."""

import io
import os
import pickle
from pathlib import Path

import lmdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.training.clips.database import ClipReader, ClipWriter
from backend.training.clips.layouts import LRW, PERSON, Layout
from backend.training.clips.records import ClipFileError

BOTH = pytest.mark.parametrize("layout", [LRW, PERSON], ids=["lrw", "person"])


def make_clip(frames: int) -> dict[str, bytes | np.ndarray]:
    numbers = np.random.default_rng(frames)
    return {
        "align": f"align {frames}".encode(),
        "uv": b"uv",
        "lm5": numbers.uniform(0, 224, (frames, 5, 2)).astype(np.float32),
        "lm68": numbers.integers(0, 224, (frames, 68, 2)),
        "coeff": numbers.normal(size=(frames, 257)).astype(np.float32),
    }


def filled(folder: Path, layout: Layout) -> Path:
    with ClipWriter(folder, layout) as writer:
        for index in range(12):
            writer.write(index, make_clip(20 + index))
    return folder


def raw(folder: Path, name: str, index: int) -> bytes:
    with lmdb.open(str(folder), readonly=True, lock=False, max_dbs=64) as environment:
        database = environment.open_db(name.encode(), create=False)
        with environment.begin(db=database) as transaction:
            record = transaction.get(str(index).encode())
    assert record is not None
    return bytes(record)


def put(folder: Path, name: str, index: int, record: bytes) -> None:
    with lmdb.open(str(folder), max_dbs=64) as environment:
        database = environment.open_db(name.encode())
        with environment.begin(write=True, db=database) as transaction:
            transaction.put(str(index).encode(), record)


@BOTH
def test_what_was_written_is_read(tmp_path: Path, layout: Layout) -> None:
    with ClipReader(filled(tmp_path, layout), layout) as reader:
        assert reader.count() == 12
        for index in range(12):  # beyond 9, LMDB's order is not that of the numbers
            clip = make_clip(20 + index)
            for field in ("lm5", "lm68", "coeff"):
                read = reader.array(field, index)
                assert read.dtype == np.float32
                np.testing.assert_array_equal(read, clip[field])
            assert reader.media("align", index) == clip["align"]


def test_the_sub_databases_are_named_as_the_original_names_them(tmp_path: Path) -> None:
    filled(tmp_path, PERSON)
    with lmdb.open(str(tmp_path), readonly=True, lock=False, max_dbs=64) as environment, environment.begin() as t:
        assert {bytes(name) for name in t.cursor().iternext(values=False)} == {
            b"align",
            b"uv",
            b"lm5",
            b"lm68",
            b"coeff",
        }


def test_coefficients_are_npy_files_in_lrw_and_pickles_for_persons(tmp_path: Path) -> None:
    expected = make_clip(23)["coeff"]
    npy = raw(filled(tmp_path / "lrw", LRW), "coeff", 3)
    np.testing.assert_array_equal(np.load(io.BytesIO(npy), allow_pickle=False), expected)
    pickled = raw(filled(tmp_path / "person", PERSON), "coeff", 3)
    assert pickled[:2] == b"\x80\x03"
    np.testing.assert_array_equal(pickle.loads(pickled), expected)  # made by this test
    assert raw(tmp_path / "lrw", "lm5", 3)[:2] == b"\x80\x03"


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize("kind", ["<f4", ">f8", "<i4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_files_of_other_kinds_are_read(tmp_path: Path, version: tuple[int, int], kind: str, order: str) -> None:
    stored = np.arange(3 * 257).reshape(3, 257).astype(kind)
    stored = np.asfortranarray(stored) if order == "F" else stored
    stream = io.BytesIO()
    np.lib.format.write_array(stream, stored, version)
    put(filled(tmp_path, LRW), "coeff", 0, stream.getvalue())
    with ClipReader(tmp_path, LRW) as reader:
        np.testing.assert_array_equal(reader.array("coeff", 0), stored)


@pytest.mark.parametrize(
    ("layout", "field"), [(LRW, "coeff"), (LRW, "lm5"), (PERSON, "coeff")], ids=["npy", "lrw pickle", "person pickle"]
)
def test_nothing_is_executed(tmp_path: Path, layout: Layout, field: str) -> None:
    class Hostile:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    filled(tmp_path / "clips", layout)
    objects = io.BytesIO()
    np.save(objects, np.array([Hostile()], object), allow_pickle=True)
    for record in (pickle.dumps(Hostile(), 3), objects.getvalue()):
        put(tmp_path / "clips", field, 0, record)
        with ClipReader(tmp_path / "clips", layout) as reader, pytest.raises(ClipFileError, match=f"{field} of clip 0"):
            reader.array(field, 0)
    assert not (tmp_path / "executed").exists()


def test_an_npy_header_that_announces_too_much_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": (1 << 40, 257)})
    put(filled(tmp_path, LRW), "coeff", 0, stream.getvalue() + bytes(4 * 257))
    with ClipReader(tmp_path, LRW) as reader, pytest.raises(ClipFileError, match="with 1028 bytes"):
        reader.array("coeff", 0)


GOOD = LRW.encoded("coeff", np.arange(2 * 257, dtype=np.float32).reshape(2, 257))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 140) | st.integers(0), st.binary(max_size=6)), max_size=4))
def test_damaged_npy_files_are_read_or_refused(patches: list[tuple[int, bytes]]) -> None:
    data = GOOD
    for place, patch in patches:
        place %= len(data)
        data = data[:place] + patch + data[place + max(len(patch), 1) :]
    try:
        assert LRW.decoded("coeff", data, "coeff of clip 0").shape[1] == 257
    except ClipFileError as error:
        assert "coeff of clip 0" in str(error)


@pytest.mark.parametrize(
    ("layout", "clip", "message"),
    [
        (LRW, {"coeff": np.zeros((4, 256))}, r"coeff as numbers \(length, 257\)"),
        (LRW, {"lm68": np.full((4, 68, 2), np.inf)}, "lm68 holds NaN or infinity"),
        (LRW, {"uv": "uv.mp4"}, "uv as the bytes of a file, got str"),
        (PERSON, {"pred_data": b"RIFF"}, "expected one of the fields lm5"),
        (PERSON, {"energy": np.zeros((1, 4))}, "expected one of the fields lm5, lm68, coeff, got 'energy'"),
    ],
)
def test_wrong_fields_are_refused_and_nothing_is_written(
    tmp_path: Path, layout: Layout, clip: dict[str, object], message: str
) -> None:
    filled(tmp_path, layout)
    with ClipWriter(tmp_path, layout) as writer, pytest.raises(ClipFileError, match=message):
        writer.write(12, {**make_clip(20), **clip})  # type: ignore[dict-item]
    with ClipReader(tmp_path, layout) as reader:
        assert reader.count() == 12


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with ClipReader(filled(tmp_path, PERSON), PERSON) as reader:
        for field, index, message in (
            ("texture", 0, "has no texture"),
            ("uv", 12, "has no uv of clip 12"),
            ("coeff", 0, "got 'coeff'"),
        ):
            with pytest.raises(ClipFileError, match=message):
                reader.media(field, index)


def test_a_database_of_another_layout_is_refused(tmp_path: Path) -> None:
    with ClipWriter(tmp_path, PERSON) as writer:
        writer.write(0, {"coeff": np.zeros((4, 257))})
    with ClipReader(tmp_path, LRW) as reader:
        with pytest.raises(ClipFileError, match="has no align"):
            reader.count()
        with pytest.raises(ClipFileError, match=r"coeff of clip 0 cannot be read: not a \.npy file"):
            reader.array("coeff", 0)
