"""Head pose: never quite still, a new posture with each phrase, nods on emphasis, breath; at rest at both ends.

Small moves all the time (`submovements`), postural shifts at phrase boundaries, nods on accents and beats besides
(Hadar et al. 1983; Graf et al. 2002, "Visual prosody"), and slow wandering. Sizes were set by what captured heads do:
six clips of three people deviate by 2.3°, 2.3°, 3.1° about x, y, z and turn at 6.6 °/s in the median, below 24 for 95 %
of the time, no faster on stressed vowels than elsewhere; above 0.5 Hz the amplitude falls by almost a half from octave
to octave. A neutral take lies towards the calmer of them.
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
from models.motion.submovements import submovements, within
from models.motion.timeline import Pause

MOVES: Final = (2.2, 2.7, 2.7)  # deviation in degrees about x, y, z of the small moves,
POSTURE: Final = (0.9, 1.0, 1.6)  # of the posture from phrase to phrase
WANDERING: Final = (0.5, 0.4, 1.0)  # of slow wandering
WANDERS: Final = (0.04, 0.35)  # hertz
SWAYING: Final = (0.22, 0.22, 0.15)  # and of what goes on while it holds
SWAYS: Final = (0.8, 3.2)
FARTHEST: Final = np.array([6.0, 8.0, 7.0])  # degrees that all these together approach: beyond, a head looks posed
BEFORE_PHRASE: Final = 0.20  # seconds before a phrase in which its posture is begun
SHIFTING: Final = (0.55, 0.95)  # seconds of a postural shift
APART: Final = 1.0  # seconds between shifts at least
LONGEST_HOLD: Final = 3.5  # seconds without a shift in one long phrase
NOD: Final = 2.0  # degrees on the strongest emphasis
NOD_RISE, NOD_HOLD, NOD_FALL = 0.16, 0.03, 0.30
BEAT_GAP: Final = (0.5, 1.7)  # seconds between the beats that a talking head makes besides
BEAT: Final = (0.35, 1.0)  # their depth, as a share of NOD
BEAT_FALL: Final = 0.24
BREATHS: Final = 0.24  # per second
BREATH_PITCH, BREATH_LIFT = 0.22, 0.010  # degrees and decimetres
STILL: Final = 0.2  # seconds at rest at either end
FADE: Final = 0.6  # seconds from rest into motion and back
NECK: Final = np.array([0.0, -1.15, -0.90])  # what the head turns about, decimetres from the model's origin


def head_motion(
    emphases: Sequence[Emphasis],
    pauses: Sequence[Pause],
    times: FloatArray,
    style: Style,
    slider: float,
    seed: int,
    end: float | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Angles (T, 3) in radians and translation (T, 3) in decimetres, all scaled by `slider`.

    end: when the clip ends, in seconds; the last of `times` where it is not given, infinity in a stream whose end is
    not known yet. Emphases and pauses act from 0.2 s before them on, so a stream may be made piece by piece, each with
    what has been heard so far, and equals the whole but for the rest at its end.
    """
    moving, shifting, wandering, swaying, nodding, beating = stream(seed, "head").spawn(6)
    last = float(times[-1])
    steps = submovements(last, pauses, style.tempo, moving)
    degrees = np.multiply(MOVES, glide(steps.starts, steps.durations, steps.targets, times))
    degrees += glide(*_postures(pauses, last, style.tempo, shifting), times)
    for axis in range(3):
        slow, fast = (np.multiply(style.tempo, band) for band in (WANDERS, SWAYS))
        degrees[:, axis] += WANDERING[axis] * drift(wandering, times, *slow)
        degrees[:, axis] += SWAYING[axis] * drift(swaying, times, *fast)
    degrees = style.head * FARTHEST * np.tanh(degrees / FARTHEST)
    degrees[:, 0] += bumps(_nods(emphases, style, nodding), times)
    degrees[:, 0] += bumps(_beats(pauses, last, style, beating), times)
    breath = np.sin(2 * np.pi * (BREATHS * times + wandering.random()))
    degrees[:, 0] -= BREATH_PITCH * breath
    degrees += style.posture

    window = at_rest_at_both_ends(times, FADE, STILL, last if end is None else end)[:, None] * slider
    angles = np.radians(degrees) * window
    lift = np.zeros_like(angles)
    lift[:, 1] = BREATH_LIFT * breath
    return angles, about_the_neck(angles) + lift * window


def about_the_neck(angles: FloatArray) -> FloatArray:
    """Translation (T, 3) that makes a rotation by `angles` about the model's origin one about the neck."""
    turned = Rotation.from_euler("xyz", angles).apply(NECK)
    return NECK - turned


def _postures(
    pauses: Sequence[Pause], seconds: float, tempo: float, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Starts (K,), durations (K,) and targets (K, 3) in degrees of the postural shifts."""
    phrases = [pause.end - BEFORE_PHRASE for pause in pauses if pause.end > BEFORE_PHRASE]
    starts = [0.0]
    for phrase in [*phrases, seconds]:
        while starts[-1] + LONGEST_HOLD < min(phrase, seconds):
            starts.append(starts[-1] + LONGEST_HOLD)
        if starts[-1] + APART <= phrase < seconds:
            starts.append(phrase)
    drawn = generator.standard_normal((len(starts), 4))
    durations = np.interp(drawn[:, 3], (-1.5, 1.5), SHIFTING) / min(max(tempo, 0.7), 1.4)
    return np.array(starts), np.minimum(durations, 0.95 * APART), drawn[:, :3] * POSTURE


def _nods(emphases: Sequence[Emphasis], style: Style, generator: np.random.Generator) -> list[Bump]:
    found = []
    for emphasis in emphases:
        size = generator.uniform(0.6, 1.1)
        upward = generator.random() < 0.2  # some accents are marked by lifting the chin
        height = NOD * style.nods * emphasis.strength * size * (-0.6 if upward else 1.0)
        found.append(Bump(emphasis.time, NOD_RISE, NOD_HOLD, NOD_FALL, height))
    return found


def _beats(pauses: Sequence[Pause], until: float, style: Style, generator: np.random.Generator) -> list[Bump]:
    """Nods that mark nothing: heads beat along with speech, and no more on stressed syllables than elsewhere."""
    found, now = [], STILL
    while now < until + NOD_RISE:
        now += generator.uniform(*BEAT_GAP)
        depth = NOD * style.nods * generator.uniform(*BEAT) * generator.choice([1.0, 1.0, -1.0])
        if not within(pauses, now - NOD_RISE):
            found.append(Bump(now, NOD_RISE, NOD_HOLD, BEAT_FALL, depth))
    return found
