"""How long the add-on holds the thread that draws Blender's window."""

from __future__ import annotations

import time
from typing import Any, Final

PROMISED: Final = 0.1  # seconds


class Pace:
    """Measures every look that the add-on's timers take.

    looks: how many; longest, processor: seconds of the longest one on the clock, and of the processor's time in the
    busiest one (on a machine with other things to do the clock runs on while Blender waits for its turn); apart: the
    longest time between two looks at something that is being made, drawing and whatever else Blender did included.
    """

    def __init__(self) -> None:
        self.looks, self.longest, self.processor, self.apart = 0, 0.0, 0.0, 0.0
        self._last: float | None = None

    def watch(self, runner: Any) -> None:
        """Measure `runner.tick` from now on (a `Session`, or the desk of what drives characters)."""
        tick = runner.tick

        def measured() -> Any:
            begin, busy = time.perf_counter(), time.thread_time()
            if self._last is not None:
                self.apart = max(self.apart, begin - self._last)
            result = tick()
            self._count(time.perf_counter() - begin, time.thread_time() - busy)
            works = getattr(runner, "work", None) or getattr(runner, "drive", None)
            self._last = time.perf_counter() if works is not None else None
            return result

        runner.tick = measured

    def _count(self, clock: float, processor: float) -> None:
        self.looks += 1
        self.longest, self.processor = max(self.longest, clock), max(self.processor, processor)

    def take(self) -> Pace:
        """What was measured, and begin anew."""
        taken = Pace()
        taken.looks, taken.longest, taken.processor, taken.apart = self.looks, self.longest, self.processor, self.apart
        self.looks, self.longest, self.processor, self.apart, self._last = 0, 0.0, 0.0, 0.0, None
        return taken

    def __str__(self) -> str:
        """As milliseconds."""
        longest, processor, apart = (1000 * one for one in (self.longest, self.processor, self.apart))
        return (
            f"at most {longest:.0f} ms ({processor:.0f} ms of the processor's time) in {self.looks} looks, "
            f"{apart:.0f} ms between two"
        )
