"""How far a run is as one number, from the stages that the backend reports (no bpy)."""

from __future__ import annotations

import time
from typing import Final

STAGE_LABELS: Final = {
    "sending": "Sending files",
    "queued": "Waiting for other jobs",
    "starting": "Starting",
    "fit photo": "Looking at the photo",
    "texture": "Making the skin's texture",
    "speech": "Listening to the voice",
    "align": "Fitting the transcript to the voice",
    "motion": "Moving the face",
    "video": "Looking at the video",
    "style": "Measuring the style",
    "fetching": "Fetching the results",
}
"""What the artist reads for each stage."""

SPANS: Final = {
    "sending": (0.0, 0.04),
    "queued": (0.04, 0.04),
    "starting": (0.04, 0.05),
    "fit photo": (0.05, 0.25),
    "texture": (0.25, 0.30),
    "speech": (0.30, 0.85),
    "align": (0.30, 0.85),
    "motion": (0.85, 0.92),
    "video": (0.05, 0.85),
    "style": (0.85, 0.92),
    "fetching": (0.92, 1.0),
}
"""The part of the bar that each stage moves through, by what they take on a processor for ten seconds of voice."""

WAITING: Final = frozenset({"sending", "queued"})  # time spent there says nothing about the rest
FIRST_GUESS: Final = 1.0  # seconds of work before there is an estimate
ENOUGH: Final = 0.08  # of the bar, likewise


class Gauge:
    """The bar: `fraction` 0..1 never goes back; `eta()` seconds left, None while nobody can know."""

    def __init__(self) -> None:
        self.stage = "sending"
        self.fraction = 0.0
        self._begun: tuple[float, float] | None = None  # time and fraction when work began
        self._guess: tuple[float, float] | None = None  # time, seconds left then

    def move(self, stage: str, done: int, total: int) -> None:
        """The stage is now `stage`, `done` of `total` steps; unknown stages leave the bar where it is."""
        self.stage = stage
        start, end = SPANS.get(stage, (self.fraction, self.fraction))
        part = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
        self.fraction = max(self.fraction, start + part * (end - start))
        if stage in WAITING:
            return
        now = time.monotonic()
        if self._begun is None:
            self._begun = (now, self.fraction)
        worked, moved = now - self._begun[0], self.fraction - self._begun[1]
        if worked > FIRST_GUESS and moved > ENOUGH:
            self._guess = (now, worked * (1.0 - self.fraction) / moved)

    @property
    def label(self) -> str:
        """The stage for the artist; one that is not known here is shown as the backend calls it."""
        return STAGE_LABELS.get(self.stage, self.stage)

    def eta(self) -> float | None:
        """Seconds left."""
        if self._guess is None:
            return None
        then, left = self._guess
        return max(0.0, left - (time.monotonic() - then))
