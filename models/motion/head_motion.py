"""Head pose: a new posture with each phrase, nods on emphasis, slow drift and breath; at rest at both ends.

After Graf et al. (2002, "Visual prosody") and Hadar et al. (1983): postural shifts at phrase boundaries, quick nods on
accents. Sizes were chosen so that a neutral take lies in the range of captured talking (deviation 1.4° to 4.6° about x,
1.3° to 6.3° about y, 2.3° to 4.5° about z; median speed 3 to 8 °/s, 95 % below about 40 °/s).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from models.motion.curves import Bump, at_rest_at_both_ends, bumps, drift, glide
from models.motion.motion import FloatArray
from models.motion.prosody import Emphasis
from models.motion.streams import stream
from models.motion.styles import Style
from models.motion.timeline import Pause

POSTURE: Final = (1.1, 2.2, 1.3)  # deviation in degrees about x, y, z from phrase to phrase
SHIFTING: Final = (0.55, 0.95)  # seconds of a postural shift
LONGEST_HOLD: Final = 3.5  # seconds without a shift in one long phrase
DRIFT: Final = (0.8, 1.0, 0.7)
NOD: Final = 3.0  # degrees on the strongest emphasis
NOD_RISE, NOD_HOLD, NOD_FALL = 0.16, 0.03, 0.30
BREATHS: Final = 0.24  # per second
BREATH_PITCH, BREATH_LIFT = 0.22, 0.010  # degrees and decimetres
FADE: Final = 0.6  # seconds from rest into motion and back
NECK: Final = np.array([0.0, -1.15, -0.90])  # what the head turns about, decimetres from the model's origin


def head_motion(
    emphases: Sequence[Emphasis],
    pauses: Sequence[Pause],
    times: FloatArray,
    style: Style,
    slider: float,
    seed: int,
) -> tuple[FloatArray, FloatArray]:
    """Angles (T, 3) in radians and translation (T, 3) in decimetres, all scaled by `slider`."""
    generator = stream(seed, "head")
    degrees = glide(*_postures(pauses, float(times[-1]), style, generator), times)
    for axis, size in enumerate(DRIFT):
        tempo = style.tempo
        degrees[:, axis] += style.head * size * drift(generator, times, 0.06 * tempo, 0.7 * tempo)
    degrees[:, 0] += bumps(_nods(emphases, style, generator), times)
    breath = np.sin(2 * np.pi * (BREATHS * times + generator.random()))
    degrees[:, 0] -= BREATH_PITCH * breath
    degrees += style.posture

    moving = at_rest_at_both_ends(times, FADE)[:, None] * slider
    angles = np.radians(degrees) * moving
    lift = np.zeros_like(angles)
    lift[:, 1] = BREATH_LIFT * breath
    return angles, about_the_neck(angles) + lift * moving


def about_the_neck(angles: FloatArray) -> FloatArray:
    """Translation (T, 3) that makes a rotation by `angles` about the model's origin one about the neck."""
    turned = Rotation.from_euler("xyz", angles).apply(NECK)
    return NECK - turned


def _postures(
    pauses: Sequence[Pause], seconds: float, style: Style, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Starts (K,), durations (K,) and targets (K, 3) in degrees of the postural shifts."""
    planned = sorted({0.0, *(pause.end - 0.25 for pause in pauses if 0.25 < pause.end < seconds)})
    starts: list[float] = []
    for start, following in zip(planned, [*planned[1:], seconds], strict=True):
        parts = max(1, round((following - start) / LONGEST_HOLD))
        starts += [start + k * (following - start) / parts for k in range(parts)]
    kept = [start for start, before in zip(starts, [-np.inf, *starts[:-1]], strict=True) if start - before >= 1.0]
    targets = generator.normal(0.0, POSTURE, (len(kept), 3)) * style.head
    durations = generator.uniform(*SHIFTING, len(kept)) / min(max(style.tempo, 0.7), 1.4)
    return np.array(kept), np.minimum(durations, 0.95), targets


def _nods(emphases: Sequence[Emphasis], style: Style, generator: np.random.Generator) -> list[Bump]:
    found = []
    for emphasis in emphases:
        size = generator.uniform(0.6, 1.1)
        upward = generator.random() < 0.2  # some accents are marked by lifting the chin
        height = NOD * style.nods * emphasis.strength * size * (-0.6 if upward else 1.0)
        found.append(Bump(emphasis.time, NOD_RISE, NOD_HOLD, NOD_FALL, height))
    return found
