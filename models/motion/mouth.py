"""Lips, jaw and tongue over time: blended targets that yield to contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from models.motion import contacts
from models.motion.coarticulation import blend
from models.motion.motion import FloatArray
from models.motion.prosody import effort
from models.motion.streams import stream
from models.motion.styles import Style
from models.motion.visemes import ARTICULATOR_OF, ARTICULATORS, CONTROL_INDEX, CONTROLS
from models.speech.phones import VOWELS, PhoneSpan

VARIATION: Final = 0.06  # deviation of one phone's amplitude from the next's; nobody says a vowel twice alike
SMILE_PARTED: Final = 0.15  # a smile draws the lips together; this much mouthLowerDown of it parts them again
PRESS: Final = 0.30  # lipPress in a full closure
BITE: Final = 0.66  # lipBiteLower at which the lower lip reaches the teeth
BITE_JAW: Final = 0.05  # jawOpen at which the lower lip reaches the teeth
BITE_LIFT: Final = 0.02  # mouthUpperUp that keeps the upper lip off the lower one in a bite
JAW_SLOWER: Final = 1.7  # the jaw comes to meet a bite more slowly than the lip does
PARTED: Final = 0.10  # least mouthLowerDown while speaking, so that no phone but /p b m/ looks closed


def mouth(
    spans: Sequence[PhoneSpan],
    level: FloatArray,
    times: FloatArray,
    style: Style,
    sliders: Mapping[str, float],
    seed: int,
    fps: float,
) -> dict[str, FloatArray]:
    """Weights (T,) of the mouth's expression units at `times` (T,) for gapless `spans`, `level` from `prosody`."""
    scale = _amplitudes(spans, effort(spans, level, style.dynamics), style, sliders, seed)
    curves = dict(zip(CONTROLS, blend(spans, scale, times, style.crispness).T, strict=True))
    seal = contacts.envelope(contacts.seals(spans, fps, style.crispness), times)
    bite = contacts.envelope(contacts.bites(spans, fps, style.crispness), times) * (1 - seal)
    rest = contacts.envelope(contacts.rests(spans), times)

    awake = (1 - rest) * (1 - seal)
    smile = style.mood.get("mouthSmileLeft", 0.0) * sliders["lips"]
    parted = np.maximum(curves["lower_lip"], PARTED * min(sliders["lips"], 1.0)) + SMILE_PARTED * smile
    curves["lower_lip"] = parted * awake
    _raise_jaw_for_bite(curves, contacts.envelope(contacts.bites(spans, fps, style.crispness, JAW_SLOWER), times))
    _yield_to_contact(curves, seal, bite, rest)
    weights = {unit: curves[control] for control, units in CONTROLS.items() for unit in units}
    # At equal weight mouthClose takes back exactly what jawOpen parts, so the jaw need not stop for the lips to meet.
    weights["mouthClose"] = curves["jaw"] * seal
    weights["lipPress"] = PRESS * seal * min(style.lips * sliders["lips"], 1.3)
    weights["lipBiteLower"] = BITE * bite
    return _with_mood(weights, seal, style, sliders, seed)


def _amplitudes(
    spans: Sequence[PhoneSpan], phone_effort: FloatArray, style: Style, sliders: Mapping[str, float], seed: int
) -> FloatArray:
    """Factors (P, C) on every phone's targets."""
    vowel = np.array([span.label in VOWELS for span in spans])
    # A consonant's place is fixed; a vowel has room to be said larger.
    graded = np.where(vowel, phone_effort, np.sqrt(phone_effort))
    scale = np.ones((len(spans), len(CONTROLS)))
    for channel, factors in (("jaw", {"jaw": style.jaw}), ("lips", _lip_factors(style))):
        varied = graded * (1 + VARIATION * np.clip(stream(seed, channel).standard_normal(len(spans)), -2, 2))
        for control, factor in factors.items():
            scale[:, CONTROL_INDEX[control]] = varied * factor * sliders[channel]
    return scale


def _lip_factors(style: Style) -> dict[str, float]:
    of_articulator = {"aperture": style.lips, "rounding": style.rounding, "width": style.width}
    names = list(ARTICULATORS)
    return {
        control: of_articulator[names[ARTICULATOR_OF[control]]]
        for control in CONTROLS
        if names[ARTICULATOR_OF[control]] in of_articulator
    }


def _raise_jaw_for_bite(curves: dict[str, FloatArray], bite: FloatArray) -> None:
    """Bring the jaw, in place, to where the lower lip reaches the teeth."""
    curves["jaw"] = curves["jaw"] + bite * (np.minimum(curves["jaw"], BITE_JAW) - curves["jaw"])


def _yield_to_contact(curves: dict[str, FloatArray], seal: FloatArray, bite: FloatArray, rest: FloatArray) -> None:
    """Take out of `curves`, in place, whatever would hold the lips apart where they have to meet."""
    for control in curves:
        if control != "lower_lip":
            curves[control] = curves[control] * (1 - rest)
    for control in ("upper_lip", "funnel", "flare", "stretch"):
        curves[control] = curves[control] * (1 - seal)
    for control in ("pucker", "wide"):
        curves[control] = curves[control] * (1 - 0.5 * seal)
    curves["jaw"] = curves["jaw"] * (1 - 0.4 * seal)
    for control in ("lower_lip", "funnel", "flare"):
        curves[control] = curves[control] * (1 - bite)
    curves["pucker"] = curves["pucker"] * (1 - 0.7 * bite)
    curves["upper_lip"] = curves["upper_lip"] + BITE_LIFT * bite
    # The tongue comes out between the teeth only as far as these let it.
    room = np.clip(curves["jaw"] / 0.10, 0.0, 1.0)
    curves["tongue_between"] = curves["tongue_between"] * room * (1 - seal) * (1 - bite)


def _with_mood(
    weights: dict[str, FloatArray], seal: FloatArray, style: Style, sliders: Mapping[str, float], seed: int
) -> dict[str, FloatArray]:
    """Add the style's held mouth units, and its asymmetry."""
    rounded = np.clip(weights["mouthPucker"] + weights["mouthFunnel"], 0.0, 1.0)
    for unit, weight in style.mood.items():
        if unit.startswith("mouth"):
            held = weight * sliders["lips"] * (1 - 0.7 * rounded) * (1 - 0.4 * seal)
            weights[unit] = weights.get(unit, np.zeros(len(seal))) + held
    lean = style.asymmetry * np.sign(stream(seed, "lips").standard_normal())
    for unit in weights:
        if unit.endswith("Left"):
            weights[unit] = weights[unit] * (1 + lean)
        elif unit.endswith("Right"):
            weights[unit] = weights[unit] * (1 - lean)
    return weights
