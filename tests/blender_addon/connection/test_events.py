from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.connection.events import MAX_EVENT, Event, EventError, read_events

STREAM = (
    b': hello\n\nevent: state\r\ndata: {"a": 1}\r\n\r\n\nid: 7\nretry: 10\nevent:progress\ndata:{"b":\ndata: 2}\n\n'
    b'data: {"c": "\xc3\xbc"}\n\nevent: lost\n\nevent: cut\ndata: {"d": 4}\n'
)
EVENTS = [Event("state", {"a": 1}), Event("progress", {"b": 2}), Event("message", {"c": "ü"})]


@given(st.sets(st.integers(0, len(STREAM))))
def test_pieces_may_end_anywhere(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(places)]
    assert list(read_events(pieces)) == EVENTS


@given(st.binary(max_size=200))
def test_garbage_gives_objects_or_one_error(data: bytes) -> None:
    with suppress(EventError):
        assert all(isinstance(one.data, dict) for one in read_events([data, b"\n\n"]))


@pytest.mark.parametrize("data", [b"data: [1]\n\n", b"data: {\n\n", b"data: " + b"[" * 100_000 + b"\n\n"])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(EventError):
        list(read_events([data]))


@pytest.mark.parametrize("line", [b"x" * 65536, b"data: " + b"x" * 65536 + b"\n"], ids=["line", "event"])
def test_what_never_ends_is_refused(line: bytes) -> None:
    with pytest.raises(EventError):
        list(read_events(line for _ in range(2 * MAX_EVENT // 65536)))
