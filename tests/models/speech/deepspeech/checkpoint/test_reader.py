import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.speech.deepspeech.checkpoint.errors import CheckpointError
from models.speech.deepspeech.checkpoint.reader import Checkpoint, read_variables
from models.speech.deepspeech.checkpoint.source import Folder
from tests.models.speech.deepspeech.checkpoint import writer

VARIABLES: dict[str, NDArray[Any]] = {
    "a/weights": np.arange(12, dtype=np.float32).reshape(3, 4),
    "a/weights/Adam": np.zeros((3, 4), np.float32),
    "b/bias": np.array([1.5, -2.0], np.float32),
    "global_step": np.array(7, np.int64),
}
FILES = writer.files(VARIABLES)
INDEX, SHARD = f"{writer.PREFIX}.index", f"{writer.PREFIX}.data-00000-of-00001"
WANTED = ["a/weights", "b/bias", "global_step"]
WITHOUT_FIXTURE_RESET = [HealthCheck.function_scoped_fixture]


def check_wanted(path: Path) -> None:
    read = read_variables(path, WANTED)
    assert set(read) == set(WANTED)
    for name, array in read.items():
        assert array.dtype == VARIABLES[name].dtype and array.shape == VARIABLES[name].shape
        np.testing.assert_array_equal(array, VARIABLES[name])


@pytest.mark.parametrize("shards", [1, 3])
def test_a_folder_and_an_archive_give_what_was_written(tmp_path: Path, shards: int) -> None:
    files = writer.files(VARIABLES, shards)
    check_wanted(writer.folder(tmp_path / "folder", files))
    check_wanted(writer.archive(tmp_path / "a.tar.gz", files))
    check_wanted(writer.archive(tmp_path / "b.tar.gz", dict(reversed(files.items())), inside=""))


def test_all_shapes_are_known_before_reading(tmp_path: Path) -> None:
    checkpoint = Checkpoint(Folder(writer.folder(tmp_path, FILES)))
    assert checkpoint.shapes == {name: array.shape for name, array in VARIABLES.items()}


def test_the_naming_files_choose_the_best_step(tmp_path: Path) -> None:
    other = {name.replace(writer.PREFIX, "train-9"): data for name, data in writer.files({"z": np.ones(1)}).items()}
    both = {**other, **FILES, "checkpoint": b'model_checkpoint_path: "train-9"\n'}
    check_wanted(writer.folder(tmp_path / "best", both))
    elsewhere = {**both, "best_dev_checkpoint": f'model_checkpoint_path: "/home/her/{writer.PREFIX}"\n'.encode()}
    check_wanted(writer.folder(tmp_path / "moved", elsewhere))
    last = {name: data for name, data in both.items() if name != "best_dev_checkpoint"}
    with pytest.raises(CheckpointError, match="a/weights is missing"):
        read_variables(writer.folder(tmp_path / "last", last), WANTED)
    unnamed = {name: data for name, data in last.items() if name != "checkpoint"}
    with pytest.raises(CheckpointError, match="got 2"):
        read_variables(writer.folder(tmp_path / "unnamed", unnamed), WANTED)


def test_one_index_needs_no_naming_file(tmp_path: Path) -> None:
    check_wanted(writer.folder(tmp_path, {name: FILES[name] for name in (INDEX, SHARD)}))


def test_an_archive_writes_and_follows_nothing(tmp_path: Path) -> None:
    """Names that climb out of the folder are only names, and links are not followed."""
    secret = tmp_path / "secret"
    secret.write_bytes(FILES[INDEX])
    inside = tmp_path / "inside"
    inside.mkdir()
    check_wanted(writer.archive(inside / "a.tar.gz", FILES, inside="../../"))
    assert [path.name for path in inside.iterdir()] == ["a.tar.gz"]
    linked = inside / "linked.tar"
    with tarfile.open(linked, "w") as tar:
        link = tarfile.TarInfo(INDEX)
        link.type, link.linkname = tarfile.SYMTYPE, str(secret)
        tar.addfile(link)
        shard = tarfile.TarInfo(SHARD)
        shard.size = len(FILES[SHARD])
        tar.addfile(shard, io.BytesIO(FILES[SHARD]))
    with pytest.raises(CheckpointError, match="got 0"):
        read_variables(linked, WANTED)


def test_what_is_missing_or_foreign_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no folder"):
        read_variables(tmp_path / "absent", WANTED)
    (tmp_path / "text.tar.gz").write_text("not an archive")
    with pytest.raises(CheckpointError, match="not a tar archive"):
        read_variables(tmp_path / "text.tar.gz", WANTED)
    with pytest.raises(CheckpointError, match="got 0"):
        read_variables(writer.folder(tmp_path / "empty", {}), WANTED)
    no_shard = {name: data for name, data in FILES.items() if name != SHARD}
    with pytest.raises(CheckpointError, match="data-00000-of-00001 is missing"):
        read_variables(writer.folder(tmp_path / "no_shard", no_shard), WANTED)


def test_a_damaged_shard_is_named(tmp_path: Path) -> None:
    short = {**FILES, SHARD: FILES[SHARD][:-3]}
    with pytest.raises(CheckpointError, match="cut short"):
        read_variables(writer.folder(tmp_path / "short", short), WANTED)
    garbled = {**FILES, SHARD: b"\x01" + FILES[SHARD][1:]}
    with pytest.raises(CheckpointError, match=r"checksum of a/weights"):
        read_variables(writer.folder(tmp_path / "garbled", garbled), WANTED)


@pytest.mark.parametrize(
    ("header", "entry", "reason"),
    [
        (None, b"", "no header"),
        (writer.header(1, big_endian=True), b"", "big-endian"),
        (writer.header(0), b"", "header"),
        (writer.header(1), writer.number(2, 3), "not a variable"),
        (writer.header(1), writer.entry(np.ones(2), 0, 0), "float32"),
        (writer.header(1), writer.entry(np.ones(2, np.float32), 0, 0, writer.message(7, b"")), "sliced"),
        (writer.header(1), writer.entry(np.ones(2, np.float32), 0, 0, writer.number(5, 1 << 60)), "damaged"),
        (writer.header(1), writer.entry(np.ones((0, 2), np.float32), 0, 0), "damaged"),
        (writer.header(1), writer.entry(np.ones((1,) * 20, np.float32), 0, 0), "damaged"),
        (writer.header(1), writer.entry(np.ones(2, np.float32), 5, 0), "data-00005-of-00001 is missing"),
        (writer.header(1), writer.entry(np.ones(2, np.float32), 0, 1 << 63), "cut short|cannot read"),
    ],
)
def test_an_index_that_lies_is_refused(tmp_path: Path, header: bytes | None, entry: bytes, reason: str) -> None:
    entries = [(b"v", entry)] if header is None else [(b"", header), (b"v", entry)]
    files = {INDEX: writer.table(entries), SHARD: np.ones(2, np.float32).tobytes()}
    with pytest.raises(CheckpointError, match=reason):
        read_variables(writer.folder(tmp_path, files), ["v"])


def test_a_variable_too_large_is_not_asked_for(tmp_path: Path) -> None:
    shape = writer.message(2, writer.number(1, 1 << 40))
    entry = writer.number(1, 1) + writer.message(2, shape) + writer.number(5, 1 << 42)
    files = {INDEX: writer.table([(b"", writer.header(1)), (b"v", entry)]), SHARD: b""}
    with pytest.raises(CheckpointError, match="too many"):
        read_variables(writer.folder(tmp_path, files), ["v"])


@settings(suppress_health_check=WITHOUT_FIXTURE_RESET, deadline=None)
@given(data=st.data())
def test_garbled_files_give_the_truth_or_one_clear_error(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([INDEX, SHARD, "best_dev_checkpoint"]))
    path = writer.folder(tmp_path, {**FILES, name: garble(FILES[name], data)})
    read_or_refused(path)


@settings(suppress_health_check=WITHOUT_FIXTURE_RESET, deadline=None)
@given(data=st.data())
def test_garbled_archives_give_the_truth_or_one_clear_error(tmp_path: Path, data: st.DataObject) -> None:
    path = writer.archive(tmp_path / "a.tar.gz", FILES)
    if data.draw(st.booleans()):  # garble the tar format itself instead of its compression
        with tarfile.open(path) as tar, tarfile.open(tmp_path / "a.tar", "w") as plain:
            for member in tar:
                plain.addfile(member, tar.extractfile(member))
        path = tmp_path / "a.tar"
    path.write_bytes(garble(path.read_bytes(), data))
    read_or_refused(path)


@settings(suppress_health_check=WITHOUT_FIXTURE_RESET, deadline=None)
@given(header=st.binary(max_size=12), entry=st.binary(max_size=40), key=st.binary(min_size=1, max_size=3))
def test_any_message_behind_valid_checksums_gives_one_clear_error(
    tmp_path: Path, header: bytes, entry: bytes, key: bytes
) -> None:
    files = {INDEX: writer.table([(b"", header or writer.header(1)), (key, entry)]), SHARD: bytes(64)}
    with pytest.raises(CheckpointError):
        read_variables(writer.folder(tmp_path, files), ["v" if key == b"v" else key.decode("latin-1")])


def garble(original: bytes, data: st.DataObject) -> bytes:
    """Cut short, with a few bytes changed, or with bytes put in between."""
    kind = data.draw(st.sampled_from(["cut", "change", "insert"]))
    at = data.draw(st.integers(0, len(original) - 1))
    if kind == "cut":
        return original[:at]
    other = data.draw(st.binary(min_size=1, max_size=8))
    return original[:at] + other + original[at + (len(other) if kind == "change" else 0) :]


def read_or_refused(path: Path) -> None:
    try:
        check_wanted(path)
    except CheckpointError as error:
        assert str(error)
