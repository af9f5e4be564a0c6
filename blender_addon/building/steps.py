"""Work that Blender's main thread does in small pieces, so that the window never stands still (no bpy).

A generator does a piece of work, yields where it is, and returns its result at the end. Between two pieces the artist
may have undone something or deleted what is being built: pieces keep references to data-blocks only, which Blender
invalidates (a `ReferenceError`), never to what lies inside of them (a key block, a curve), which it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Event
from time import perf_counter, sleep
from typing import Any, Final, TypeVar

from ..background import Background

Step = tuple[str, int, int]
"""(stage, done, total)"""

T = TypeVar("T")
Steps = Generator[Step, None, T]
Progress = Callable[[str, int, int], None]

WAIT: Final[Step] = ("", 0, 1)
"""The step of somebody who has nothing to do until more is computed."""


@dataclass(frozen=True)
class Outcome:
    """What steps came to: the name of the head's object, and what to tell the artist, translated ("": it is ready)."""

    head: str
    said: str = ""


def run_all(steps: Steps[T], progress: Progress = lambda stage, done, total: None) -> T:
    """Do all pieces at once, report each, and return the result."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return end.value
        progress(*step)
        if not step[0]:
            sleep(0.001)


class Unwanted(Exception):
    """Nobody waits for the result of a thread any more."""


def waited(function: Callable[..., T], *arguments: Any) -> Steps[T]:
    """`function(*arguments)` in a thread; raises what it raises."""
    work = Background(function, *arguments)
    while not work.done:
        yield WAIT
    return work.result()


def waited_checking(function: Callable[..., T], *arguments: Any) -> Steps[T]:
    """`waited` with a function that takes a last argument: it raises `Unwanted` once the steps are dropped."""
    given_up = Event()

    def check() -> None:
        if given_up.is_set():
            raise Unwanted

    try:
        return (yield from waited(function, *arguments, check))
    finally:
        given_up.set()


class Paced:
    """Some steps, done a few at a time.

    around: every piece is done within such a context. A piece that reports no stage has nothing to do for now.
    result: what the steps returned, once `finished`; at: the last report; slowest, slowest_at: seconds of
    the longest piece, and what it reported.
    """

    def __init__(self, steps: Steps[T], around: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._steps, self._around = steps, around
        self.finished = False
        self.result: T | None = None
        self.at: Step = ("", 0, 1)
        self.slowest, self.slowest_at = 0.0, ""

    def advance(self, budget: float) -> bool:
        """Do pieces for about `budget` seconds, at least one; returns whether all are done.

        Raises whatever a piece raises; the work is over then.
        """
        end = perf_counter() + budget
        while not self.finished:
            before = perf_counter()
            with self._around():
                self._piece()
            if (took := perf_counter() - before) > self.slowest:
                self.slowest, self.slowest_at = took, "{} {}/{}".format(*self.at)
            if not self.at[0] or perf_counter() >= end:
                break
        return self.finished

    def _piece(self) -> None:
        try:
            self.at = next(self._steps)
        except StopIteration as end:
            self.finished, self.result = True, end.value

    def drop(self) -> None:
        """End the work where it is; its `finally` blocks run."""
        self._steps.close()
        self.finished = True
