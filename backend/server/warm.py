"""What stays in memory between jobs: bounded, the least recently used goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Warm(Generic[Value]):
    """A few values by key, each with a size; together they stay below a limit."""

    def __init__(self, limit: float, size: Callable[[Value], float] = lambda value: 1.0) -> None:
        self._limit, self._size = limit, size
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value kept for `key`, or a new one from `make`; one larger than the limit is not kept."""
        value = self._values.pop(key) if key in self._values else make()
        self._values[key] = value
        while self._values and sum(map(self._size, self._values.values())) > self._limit:
            self._values.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._values)
