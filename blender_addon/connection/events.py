"""Read server-sent events (WHATWG HTML, section 9.2) from the pieces in which they arrive (no bpy)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

MAX_EVENT: Final = 4 << 20  # bytes; a job with a style document is a few thousand


class EventError(ValueError):
    """What came is not a stream of events."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a job: `kind` "state", "progress" or "frames", and its JSON object."""

    kind: str
    data: dict[str, Any]


def read_events(pieces: Iterable[bytes]) -> Iterator[Event]:
    """The events in `pieces`; comments are skipped, an event that was cut short at the end is dropped.

    Raises:
        EventError: an event whose data is not a JSON object, or one that never ends.
    """
    kind, data = "", list[str]()
    for line in _lines(pieces):
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                kind = value
            elif name == "data":
                data.append(value)
            if sum(map(len, data)) > MAX_EVENT:
                raise EventError("an event is longer than any the backend sends")
        else:
            if data:
                yield Event(kind or "message", _object("\n".join(data)))
            kind, data = "", []


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Complete lines, without their ends."""
    rest = b""
    for piece in pieces:
        rest += piece
        if len(rest) > MAX_EVENT:
            raise EventError("a line is longer than any the backend sends")
        # A lone \r would end a line, too, but may also be half of \r\n here; the backend never sends one.
        *complete, rest = rest.split(b"\n")
        for line in complete:
            yield line.removesuffix(b"\r").decode("utf-8", errors="replace")


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EventError(f"an event is not JSON: {text[:80]!r}") from error
    if not isinstance(value, dict):
        raise EventError(f"an event is not a JSON object: {text[:80]!r}")
    return value
