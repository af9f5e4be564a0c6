"""Where the eyes look: from one eye of the listener to the other and to the mouth, and away where a phrase begins.

A face is looked at in its features, not in its middle (Yarbus 1967); from a metre away the eyes lie 3.6 degrees apart
and the mouth 4 below them. Glances away after Lee, Badler & Badler (2002, "Eyes alive"); a saccade takes 21 ms + 2.2 ms
per degree (Carpenter 1988). Gaze is a direction in the room: while the head turns, the eyes turn back in it (the
vestibulo-ocular reflex), or they would look painted on. On captured talking there are 11 to 66 sideways shifts of
3 degrees or more a minute, by the eyes of a noisy tracker.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from typing import Final

import numpy as np

from models.motion.curves import glide
from models.motion.motion import FloatArray
from models.motion.streams import stream
from models.motion.styles import Style
from models.motion.timeline import Pause

REST: Final = 1.15  # median seconds of one fixation
REST_SPREAD: Final = 0.45  # deviation of its logarithm
EYES_APART: Final = 3.6  # degrees
MOUTH_BELOW: Final = 4.0
OTHER_EYE, MOUTH = 0.45, 0.12  # how often the next fixation is there; else it stays where it was
AIM: Final = (0.5, 0.5)  # deviation of where exactly, in degrees sideways and up
BEGINNING: Final = 1.3  # seconds of a phrase in which a glance away may come
AWAY: Final = (7.0, 13.0)  # degrees of a glance away
AWAY_REST: Final = (0.5, 1.1)
LONGEST_SACCADE: Final = 0.1  # seconds
HOME: Final = 0.5  # seconds before the end by which the eyes rest straight ahead again, as they began
SIDE_AT_1: Final = 28.0  # degrees the eyes turn at weight 1 of the open head's units; also downwards
UP_AT_1: Final = 22.0
STABILISED: Final = 0.9  # share of the head's rotation the eyes make good


def gaze(
    pauses: Sequence[Pause],
    angles: FloatArray,
    times: FloatArray,
    style: Style,
    slider: float,
    seed: int,
    end: float | None = None,
) -> dict[str, FloatArray]:
    """Weights (T,) of the eight `eyeLook…` units; `angles` (T, 3) radians is the head's pose; `slider` 0 fixes the
    eyes in the head; `end` as in `head_motion`.
    """
    last = float(times[-1])
    looking = _fixations(pauses, last, last if end is None else end, style, seed)
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
    pauses: Sequence[Pause], until: float, end: float, style: Style, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Starts (K,), durations (K,) and targets (K, 2) in degrees of the saccades."""
    generator = stream(seed, "gaze")
    phrase_starts = [pause.end for pause in pauses]
    starts, targets = [0.0], [np.zeros(2)]
    now, feature = _rest(generator), np.array([0.5, 0.0])
    while now < min(until, end - HOME - LONGEST_SACCADE):
        place = bisect(phrase_starts, now) - 1
        begins = place >= 0 and now - phrase_starts[place] < BEGINNING
        if begins and generator.random() < style.aversion:
            target, rest = _away(generator), float(generator.uniform(*AWAY_REST))
        else:
            feature = _next_feature(feature, generator)
            target, rest = feature * (EYES_APART, MOUTH_BELOW) + generator.normal(0.0, AIM), _rest(generator)
        starts.append(now)
        targets.append(target * style.gaze)
        now += rest
    if HOME < end <= until + HOME:
        starts.append(end - HOME)
        targets.append(np.zeros(2))
    points = np.array(targets)
    sizes = np.linalg.norm(np.diff(points, axis=0, prepend=points[:1]), axis=1)
    return np.array(starts), 0.021 + 0.0022 * sizes, points


def _next_feature(feature: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Which of the listener's eyes (± ½, 0) or the mouth (0, -1) is looked at after `feature` (2,)."""
    chance = generator.random()
    if feature[1] < 0:
        return np.array([0.5 if chance < 0.5 else -0.5, 0.0])
    if chance < OTHER_EYE:
        return feature * (-1, 1)
    return np.array([0.0, -1.0]) if chance < OTHER_EYE + MOUTH else feature


def _away(generator: np.random.Generator) -> FloatArray:
    """Where a glance away goes, (2,) degrees."""
    size = generator.uniform(*AWAY)
    return np.array([generator.choice([-1.0, 1.0]) * size, size * generator.uniform(-0.5, 0.4)])


def _rest(generator: np.random.Generator) -> float:
    return float(REST * np.exp(REST_SPREAD * generator.standard_normal()))
