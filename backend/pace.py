"""How long decoding may take: a small file can be made that takes hours for a second of sound or pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

Item = TypeVar("Item")

HEAD_START: Final = 30.0  # seconds of decoding that are asked nothing for: a cold disk, a busy machine
LONGEST_ITEM: Final = 1.0  # seconds that one item may count for, whatever it says of itself


class TooSlowError(ValueError):
    """What is decoded takes far longer than it lasts."""


def paced(
    items: Iterable[Item],
    lasts: Callable[[Item], float],
    slowest: float,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Pass on what a decoder gives, each item of which lasts `lasts(item)` seconds.

    slowest: seconds of decoding that a second of it may take. Only the decoder's own time counts, not that of whoever
    takes the items.

    Raises:
        TooSlowError: it took longer than that, and than the head start.
    """
    source, spent, allowed = iter(items), 0.0, HEAD_START
    while True:
        begun = clock()
        try:
            item = next(source)
        except StopIteration:
            return
        spent += clock() - begun
        allowed += slowest * min(lasts(item), LONGEST_ITEM)
        if spent > allowed:
            raise TooSlowError(f"{spent:.0f} s of decoding, {allowed:.0f} s are allowed")
        yield item
