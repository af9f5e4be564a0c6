"""What a run looks like at one moment, for the panel (no bpy)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from ..connection.answers import Frames
from ..trouble import Trouble

FINISHED: Final = frozenset({"done", "failed", "cancelled"})
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of a run.

    state: "sending", "queued", "running", "fetching", "done", "failed", "cancelled".
    stage: for the artist; fraction: 0..1 of the whole way, never less than before; eta: seconds left, None if unknown.
    position: in the queue, None outside of it; job_id: "" until the backend has the job; cached: it knew the answer.
    frames: the provisional performance so far, from frame 0; its array is read-only and never changes.
    files: when done, by name ("take.npz", "texture.png", "head.npz" for the face model's geometry).
    result: what the backend says about the finished job; error: why it failed.
    """

    state: str = "sending"
    stage: str = ""
    fraction: float = 0.0
    eta: float | None = None
    position: int | None = None
    job_id: str = ""
    cached: bool = False
    frames: Frames | None = None
    files: Mapping[str, Path] = field(default_factory=lambda: NOTHING)
    result: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    error: Trouble | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINISHED


def joined(before: Frames | None, later: Frames) -> Frames | None:
    """`before` with its frames from `later.first` on replaced by `later`; None when frames between them are missing."""
    if later.first == 0:
        return later
    if before is None or later.first > len(before.coefficients):
        return None
    coefficients = np.concatenate([before.coefficients[: later.first], later.coefficients])
    coefficients.flags.writeable = False
    return Frames(coefficients, 0, later.fps)
