import os
import pickle

import lmdb
import numpy as np
import pytest

from backend.training.clips.records import ClipFileError
from backend.training.ted_dataset.lmdb_file import TedReader, TedWriter
from tests.backend.training.ted_dataset.clips import make_clip


@pytest.fixture
def folder(tmp_path):
    with TedWriter(tmp_path / "lmdb") as writer:
        for index in range(12):
            writer.write("train", index, make_clip(40 + index))
        writer.write("test", 0, {**make_clip(33), "audio": b"RIFF...", "lm5": np.ones((33, 5, 2))})
    return tmp_path / "lmdb"


def put(folder, name, key, record):
    with lmdb.open(str(folder), max_dbs=64) as environment:
        database = environment.open_db(name)
        with environment.begin(write=True, db=database) as transaction:
            transaction.put(key, record)


def test_what_was_written_is_read(folder):
    with TedReader(folder) as reader:
        assert (reader.count("train"), reader.count("test")) == (12, 1)
        for index in range(12):  # beyond 9, LMDB's order is not that of the numbers
            for field, values in make_clip(40 + index).items():
                read = reader.array("train", field, index)
                assert read.dtype == np.float32
                assert np.array_equal(read, values)
        assert reader.media("test", "audio", 0) == b"RIFF..."
        assert reader.array("test", "lm5", 0).shape == (33, 5, 2)


def test_the_layout_is_that_of_the_original(folder):
    with lmdb.open(str(folder), readonly=True, lock=False, max_dbs=64) as environment:
        with environment.begin() as transaction:
            names = {bytes(name) for name in transaction.cursor().iternext(values=False)}
        database = environment.open_db(b"train_energy", create=False)
        with environment.begin(db=database) as transaction:
            records = {bytes(key): bytes(value) for key, value in transaction.cursor()}
    fields = (b"coeff_norm", b"deepspeech", b"energy")
    assert names == {*(b"train_" + f for f in fields), *(b"test_" + f for f in fields), b"test_audio", b"test_lm5"}
    assert list(records) == sorted(str(index).encode() for index in range(12))
    stored = pickle.loads(records[b"11"])  # made by this test
    assert stored.shape == (1, 102)
    assert records[b"11"][:2] == b"\x80\x03"


def test_the_file_grows_with_its_clips(tmp_path):
    video = os.urandom(20 << 20)
    with TedWriter(tmp_path) as writer:
        writer.write("test", 0, {"video": video, "mouth": video[::-1]})
    with TedReader(tmp_path) as reader:
        assert reader.media("test", "video", 0) == video
        assert reader.media("test", "mouth", 0) == video[::-1]


def test_fields_are_added_and_replaced(folder):
    with TedWriter(folder) as writer:
        writer.write("test", 0, {"audio": b"other", "coeff": np.zeros((33, 257))})
    with TedReader(folder) as reader:
        assert reader.media("test", "audio", 0) == b"other"
        assert reader.array("test", "coeff", 0).shape == (33, 257)
        assert reader.array("test", "deepspeech", 0).shape == (66, 29)


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        ({"energy": np.zeros((50, 1))}, r"energy as numbers \(1, length\), got float64 \(50, 1\)"),
        ({"coeff": np.full((40, 257), np.nan)}, "coeff holds NaN"),
        ({"lm5": np.zeros((0, 5, 2))}, "lm5 as numbers"),
        ({"audio": "voice.wav"}, "audio as the bytes of a file, got str"),
        ({"voice": b"RIFF"}, "expected one of the fields lm5"),
    ],
)
def test_wrong_fields_are_refused_and_nothing_is_written(folder, clip, message):
    with TedWriter(folder) as writer, pytest.raises(ClipFileError, match=message):
        writer.write("train", 12, {**make_clip(40), **clip})
    with TedReader(folder) as reader:
        assert reader.count("train") == 12


def test_negative_numbers_and_unknown_splits_are_refused(folder):
    with TedWriter(folder) as writer:
        with pytest.raises(ClipFileError, match="numbered from 0"):
            writer.write("train", -1, make_clip(40))
        with pytest.raises(ClipFileError, match="split train or test, got 'dev'"):
            writer.write("dev", 0, make_clip(40))  # type: ignore[arg-type]


def test_missing_parts_are_named(folder):
    with TedReader(folder) as reader:
        with pytest.raises(ClipFileError, match="has no train_audio"):
            reader.media("train", "audio", 0)
        with pytest.raises(ClipFileError, match="has no train_energy of clip 12"):
            reader.array("train", "energy", 12)
        with pytest.raises(ClipFileError, match="got 'energy'"):
            reader.media("train", "energy", 0)


def test_a_pickle_is_never_executed(folder, tmp_path):
    class Hostile:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    put(folder, b"train_energy", b"0", pickle.dumps(Hostile(), protocol=3))
    with TedReader(folder) as reader, pytest.raises(ClipFileError, match="train_energy of clip 0 cannot be read"):
        reader.array("train", "energy", 0)
    assert not (tmp_path / "executed").exists()


def test_stored_arrays_of_another_shape_are_refused(folder):
    put(folder, b"train_energy", b"0", pickle.dumps(np.zeros((80, 1), np.float32), protocol=3))
    with TedReader(folder) as reader, pytest.raises(ClipFileError, match=r"clip 0 as numbers \(1, length\)"):
        reader.array("train", "energy", 0)


def test_folders_without_a_database_are_refused(tmp_path):
    with pytest.raises(ClipFileError, match="not an LMDB folder"):
        TedReader(tmp_path / "nowhere")
    (tmp_path / "data.mdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(ClipFileError, match="not an LMDB folder"):
        TedReader(tmp_path)


def test_a_truncated_database_is_refused(folder):
    path = folder / "data.mdb"
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(ClipFileError, match="truncated"):
        TedReader(folder)
