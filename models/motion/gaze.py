"""Where the eyes look: fixations on the listener with small shifts, and glances away where a phrase begins.

Sizes, durations and rests after Lee, Badler & Badler (2002, "Eyes alive"); a saccade takes 21 ms + 2.2 ms per degree
(Carpenter 1988). Gaze is a direction in the room: while the head turns, the eyes turn back in it (the
vestibulo-ocular reflex), or they would look painted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.motion.curves import glide
from models.motion.motion import FloatArray
from models.motion.streams import stream
from models.motion.styles import Style
from models.motion.timeline import Pause

REST: Final = (0.7, 2.6)  # seconds of one fixation
SHIFT: Final = (1.3, 0.8)  # deviation of small shifts in degrees, sideways and up
AWAY: Final = (7.0, 13.0)  # degrees of a glance away
AWAY_REST: Final = (0.5, 1.1)
SIDE_AT_1: Final = 28.0  # degrees the eyes turn at weight 1 of the open head's units; also downwards
UP_AT_1: Final = 22.0
STABILISED: Final = 0.9  # share of the head's rotation the eyes make good


def gaze(
    pauses: Sequence[Pause], angles: FloatArray, times: FloatArray, style: Style, slider: float, seed: int
) -> dict[str, FloatArray]:
    """Weights (T,) of the eight `eyeLook…` units; `angles` (T, 3) radians is the head's pose; `slider` 0 fixes the
    eyes in the head.
    """
    looking = _fixations(pauses, float(times[-1]), style, seed)
    direction = glide(*looking, times) - STABILISED * np.degrees(angles[:, [1, 0]]) * (1, -1)
    return eye_units(direction * slider)


def eye_units(direction: FloatArray) -> dict[str, FloatArray]:
    """The `eyeLook…` weights that turn both eyes by `direction` (T, 2): degrees to the subject's left, and up."""
    left, up = direction[:, 0] / SIDE_AT_1, direction[:, 1]
    to_left, to_right = np.clip(left, 0, 1), np.clip(-left, 0, 1)
    weights = {
        "eyeLookOutLeft": to_left,
        "eyeLookInRight": to_left,
        "eyeLookInLeft": to_right,
        "eyeLookOutRight": to_right,
    }
    for side in ("Left", "Right"):
        weights["eyeLookUp" + side] = np.clip(up / UP_AT_1, 0, 1)
        weights["eyeLookDown" + side] = np.clip(-up / SIDE_AT_1, 0, 1)
    return weights


def _fixations(
    pauses: Sequence[Pause], seconds: float, style: Style, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Starts (K,), durations (K,) and targets (K, 2) in degrees of the saccades."""
    generator = stream(seed, "gaze")
    phrase_starts = [pause.end for pause in pauses if pause.end < seconds]
    starts, targets = [0.0], [np.zeros(2)]
    now = generator.uniform(*REST)
    while now < seconds:
        away = any(0 <= now - start < REST[1] / 2 for start in phrase_starts)
        if away and generator.random() < style.aversion:
            size = generator.uniform(*AWAY) * style.gaze
            sideways = generator.choice([-1.0, 1.0])
            target, rest = np.array([sideways * size, size * generator.uniform(-0.5, 0.4)]), AWAY_REST
        else:
            target, rest = generator.normal(0.0, SHIFT) * style.gaze, REST
        starts.append(now)
        targets.append(target)
        now += generator.uniform(*rest)
    points = np.array(targets)
    sizes = np.linalg.norm(np.diff(points, axis=0, prepend=points[:1]), axis=1)
    return np.array(starts), 0.021 + 0.0022 * sizes, points
