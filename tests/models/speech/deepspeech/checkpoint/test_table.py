import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.speech.deepspeech.checkpoint.errors import CheckpointError
from models.speech.deepspeech.checkpoint.table import read_table
from tests.models.speech.deepspeech.checkpoint import writer

SMALL = {b"": b"header", b"layer_1/bias": b"1", b"layer_1/bias/Adam": b"", b"layer_2": b"x" * 300}


@given(st.dictionaries(st.binary(max_size=20), st.binary(max_size=200), max_size=20), st.integers(1, 7))
def test_what_was_written_is_read(entries: dict[bytes, bytes], per_block: int) -> None:
    assert read_table(writer.table(entries.items(), per_block)) == entries


def test_any_changed_byte_of_a_block_is_noticed() -> None:
    data = writer.table(SMALL.items(), per_block=2)
    for at in range(len(data) - 48):
        garbled = bytearray(data)
        garbled[at] ^= 0x10
        try:
            assert read_table(bytes(garbled)) == SMALL  # only in the empty table of tables, which nobody needs
        except CheckpointError as error:
            assert "checksum" in str(error)
            continue
        assert data.index(b"x" * 300) < at


def test_compressed_and_foreign_tables_are_refused() -> None:
    with pytest.raises(CheckpointError, match="compressed"):
        read_table(writer.table(SMALL.items(), kind=1))
    for foreign in (b"", b"\x89PNG" * 40, writer.table(SMALL.items())[:-1]):
        with pytest.raises(CheckpointError, match="not a checkpoint's index"):
            read_table(foreign)


@given(st.binary(max_size=80), st.binary(max_size=40))
def test_any_bytes_before_a_magic_number_give_one_clear_error(start: bytes, handles: bytes) -> None:
    try:
        assert read_table(start + handles.ljust(40, b"\0") + writer.MAGIC) is not None
    except CheckpointError as error:
        assert "index" in str(error)
