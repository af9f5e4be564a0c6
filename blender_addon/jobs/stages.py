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
    "face": "Following the face in the video",
    "expression": "Measuring the style",
    "textures": "Baking the textures",
    "fetching": "Fetching the results",
}
"""What the artist reads for each stage."""

SPANS: Final = {
    "sending": (0.0, 0.04),
    "queued": (0.04, 0.04),
    "starting": (0.04, 0.05),
    "fit photo": (0.05, 0.18),
    "texture": (0.18, 0.45),
    "speech": (0.45, 0.93),
    "align": (0.45, 0.80),
    "motion": (0.93, 0.95),
    "face": (0.05, 0.65),
    "expression": (0.65, 0.95),
    "textures": (0.05, 0.85),
    "fetching": (0.95, 1.0),
}
"""The part of the bar that each stage moves through, by what they take on a processor for ten seconds of voice.

Where there is a transcript the voice is listened to after it was laid over: a stage begins where the bar is by then.
"""

STEADY: Final = frozenset({"speech", "align", "face", "expression", "textures"})
"""Stages that grow with the recording: they tell how long the rest takes."""

STEPS: Final = 5  # a stage with as many moves steadily enough to tell how long it will take
FIRST_GUESS: Final = 1.0  # seconds in a stage before there is an estimate
ENOUGH: Final = 0.05  # of the stage, likewise


class Gauge:
    """The bar: `fraction` 0..1 never goes back; `eta()` seconds left, None while nobody can know."""

    def __init__(self) -> None:
        self.stage = ""
        self.fraction = 0.0
        self._entered = self._start = 0.0  # when, and where on the bar, the stage began
        self._guess: tuple[float, float] | None = None  # when it was made, seconds left then
        self.move("sending", 0, 1)

    def move(self, stage: str, done: int, total: int) -> None:
        """The stage is now `stage`, `done` of `total` steps; unknown stages leave the bar where it is."""
        now = time.monotonic()
        if stage != self.stage:
            self.stage, self._entered = stage, now
            self._start = max(self.fraction, SPANS.get(stage, (0.0, 0.0))[0])
        start, end = self._start, SPANS.get(stage, (0.0, self._start))[1]
        part = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
        self.fraction = max(self.fraction, start + part * (end - start))
        spent = now - self._entered
        if total >= STEPS and part >= ENOUGH and spent > FIRST_GUESS and end > start and stage in STEADY:
            whole = spent / part
            self._guess = (now, whole * (1.0 - part) + whole * (1.0 - end) / (end - start))

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
