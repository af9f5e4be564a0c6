import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.speech.deepspeech.checkpoint import crc32c as module
from models.speech.deepspeech.checkpoint.crc32c import crc32c, masked_crc32c
from tests.models.speech.deepspeech.checkpoint import writer


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),  # RFC 3720, B.4, as are the next two
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_known_answers(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


@given(st.binary(max_size=300))
def test_short_data_agrees_with_the_definition(data: bytes) -> None:
    assert crc32c(data) == writer.crc32c(data)
    assert masked_crc32c(data).to_bytes(4, "little") == writer.masked(data)


@pytest.mark.parametrize("size", [2044, 2048, 2052, 8191, 100_001])
def test_long_data_in_lanes_agrees_with_the_definition(size: int) -> None:
    data = np.random.default_rng(size).bytes(size)
    assert crc32c(data) == writer.crc32c(data)


def test_data_longer_than_a_block_agrees_with_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 4096)
    data = np.random.default_rng(0).bytes(3 * 4096 + 3)
    assert crc32c(data) == writer.crc32c(data)
