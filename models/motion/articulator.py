"""The articulator: phones with their times → expression and head pose, by rule.

It is the fallback where no learned motion model is at hand, and the teacher of the learned one, for which every rule is
a parameter of `models.motion.styles`. Sources, part by part:

- lips, jaw, tongue: dominance functions (Cohen & Massaro 1993), articulators free of each other (Browman & Goldstein
  1992), contact as a goal with priority (task dynamics, Saltzman & Munhall 1989), anticipatory rounding (Perkell &
  Matthies 1992);
- effort and emphasis: Schulman 1989, Erickson 2002, Kochanski et al. 2005; brows: Cavé et al. 1996, Flecha-García 2010;
- head: Hadar et al. 1983, Graf et al. 2002; eyes: Lee, Badler & Badler 2002; blinks: Bentivoglio et al. 1997,
  Trutoiu et al. 2011.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from models.motion import prosody
from models.motion.blinks import blinks
from models.motion.gaze import gaze
from models.motion.head_motion import head_motion
from models.motion.motion import Float32Array, FloatArray, Motion, MotionError, frame_times
from models.motion.mouth import mouth
from models.motion.styles import Style, checked_sliders
from models.motion.timeline import gapless, pauses
from models.motion.upper_face import upper_face, without_wide_blinks
from models.speech.phones import PhoneSpan, WordSpan

PHRASE_BREAK: Final = 0.15  # seconds of silence that end a phrase
SOFT: Final = 0.8  # weights above are eased towards 1


def articulate(
    phones: Sequence[PhoneSpan],
    loudness: ArrayLike,
    seconds: float,
    style: Style,
    expression_names: Sequence[str],
    seed: int = 0,
    fps: float = 25.0,
    sliders: Mapping[str, float] | None = None,
    words: Sequence[WordSpan] = (),
) -> Motion:
    """Let a face say `phones`.

    phones: spans of the 29 classes in seconds, gaps are silence; loudness: (N,) at 50 per second, linear or dB, empty
    where unknown; seconds: the clip's length, which gives ceil(seconds · fps) frames; expression_names: the face
    model's 64 units (ARKit's names and ours; units it lacks are left out); sliders: factors 0..2 for lips, jaw, brows,
    blinks, gaze and head; words: where known, at most one emphasis falls on each.

    The same arguments give the same motion, and a channel that is switched off leaves all others as they are, except
    that the eyes make good a head movement only if there is one.

    Raises:
        MotionError: no length, an unknown phone or slider, loudness that is not (N,) numbers, a face model
            without named expression units.
    """
    factors = checked_sliders(sliders)
    _check_names(expression_names)
    times = frame_times(seconds, fps)
    spans = gapless(phones, seconds)
    level = prosody.levels(spans, loudness)
    emphases = prosody.emphases(spans, level, words)
    phrases = pauses(spans, PHRASE_BREAK)

    angles, translation = head_motion(emphases, phrases, times, style, factors["head"], seed)
    weights = mouth(spans, level, times, style, factors, seed, fps)
    weights |= upper_face(emphases, times, style, factors["brows"], seed)
    weights |= blinks(phrases, times, style, factors["blinks"], seed, fps)
    weights |= gaze(phrases, angles, times, style, factors["gaze"], seed)
    without_wide_blinks(weights)
    return Motion(
        _columns(weights, expression_names, len(times)),
        angles.astype(np.float32),
        translation.astype(np.float32),
        fps,
    )


def _check_names(expression_names: Sequence[str]) -> None:
    if len(expression_names) != 64:
        raise MotionError(f"expected the names of 64 expression units, got {len(expression_names)}")
    if "jawOpen" not in expression_names:
        raise MotionError(
            "this face model has no unit called jawOpen: the articulator moves ARKit-named units; use the open head"
        )


def _columns(weights: Mapping[str, FloatArray], names: Sequence[str], frames: int) -> Float32Array:
    columns = np.zeros((frames, len(names)), dtype=np.float32)
    for i, name in enumerate(names):
        if name in weights:
            columns[:, i] = _within_range(weights[name])
    return columns


def _within_range(curve: FloatArray) -> FloatArray:
    """`curve` in 0..1; what comes near 1 is eased into it, since a hard stop would show as a jerk."""
    eased = SOFT + (1 - SOFT) * np.tanh((curve - SOFT) / (1 - SOFT))
    return np.clip(np.where(curve > SOFT, eased, curve), 0.0, 1.0)
