"""Two steps of a chain at once: the next item is worked on while its predecessor is used."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def one_ahead(work: Callable[[Item], Result], items: Iterable[Item]) -> Generator[Result, None, None]:
    """`work` done on all `items`, in order, in a thread of its own that is at most one item ahead of who uses it.

    An item that cannot be worked on raises where its result would have come. Closing the iterator waits for the item in
    work and begins no other.
    """
    with ThreadPoolExecutor(1) as thread:
        coming: Future[Result] | None = None
        for item in items:
            last, coming = coming, thread.submit(work, item)
            if last is not None:
                yield last.result()
        if coming is not None:
            yield coming.result()
