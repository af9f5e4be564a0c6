"""A function in a thread of its own, asked now and then whether it is done (no bpy)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Background(Generic[T]):
    """Calls `function(*arguments)` at once in a thread that does not keep Blender from ending."""

    def __init__(self, function: Callable[..., T], *arguments: Any) -> None:
        self._function, self._arguments = function, arguments
        self._value: T | None = None
        self._error: Exception | None = None
        self._done = threading.Event()
        threading.Thread(target=self._call, name=f"style-avatar-{function.__name__}", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether it has returned or raised."""
        return self._done.is_set()

    def result(self) -> T:
        """What the function returned; waits for it. Raises what it raised."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def _call(self) -> None:
        try:
            self._value = self._function(*self._arguments)
        except Exception as error:  # given to whoever asks for the result
            self._error = error
        finally:
            self._done.set()
