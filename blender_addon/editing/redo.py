"""A range that the backend computes once more goes into what the head plays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..building.feed import Ready
from ..building.steps import WAIT, Outcome, Steps, waited
from ..motion.performance import Performance
from ..motion.pose import Mode
from .changes import AMOUNTS, found_on
from .draft import draft_of
from .layers import MILLIMETRES, Layer, layer_steps
from .ranges import Range, splice_steps
from .rescale import rescaled_tracks


@dataclass(frozen=True)
class RedoOrder:
    """Replace `chosen` frames of what `head` plays; `first_frame` of its Action shows the take's first.

    For `jobs.work.Work`: scene, meta, fps, pose and early as there.
    """

    scene: str
    head: str
    chosen: Range
    first_frame: int
    fps: float | None
    meta: dict[str, Any] | None = None
    pose: Mode = "take"
    early: bool = False

    def steps(self, newest: Callable[[], Ready | None]) -> Steps[Outcome]:
        """Wait for the take, and put the range into a copy of what is played.

        Raises:
            KeyError: the head is gone.
            ClientError: it plays nothing any more, or none of the frames.
        """
        while (ready := newest()) is None or not ready.final:
            yield WAIT
        draft = draft_of(found_on(self.head), "redone")
        amounts = json.loads(draft.action.get(AMOUNTS, "{}"))
        yield "copying", 1, 1
        old = yield from layer_steps(draft)
        new = yield from waited(performed, old, ready.performance, self.first_frame)
        if amounts:  # what is around the range moves by them, too
            new = replace(new, tracks=(yield from waited(rescaled_tracks, new, amounts)))
        return (yield from splice_steps(draft, old, new, self.chosen))


def performed(old: Layer, performance: Performance, first: int) -> Layer:
    """`performance` from frame `first` of the Action on; shape keys that it does not know move as in `old`."""
    frames = np.clip(np.arange(len(performance.expression)) + first - old.first, 0, len(old.tracks) - 1)
    tracks = old.tracks[frames].copy()
    for index, name in enumerate(old.names):
        if name in performance.expression_names:
            tracks[:, index] = performance.expression[:, list(performance.expression_names).index(name)]
    pose = performance.pose
    tracks[:, len(old.names) :] = np.column_stack([pose.location * MILLIMETRES, pose.rotation])
    return replace(old, first=first, tracks=tracks)
