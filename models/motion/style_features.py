"""What expression and pose over time say about somebody's way of speaking, as a row of numbers.

Each feature is the logarithm of a size (spread, mean, speed), so that twice as lively is one step
whatever the unit. They hold for one face model's named units; `models.motion.style_measure` turns them into a style.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from models.coefficients import ANGLES, EXPRESSION, FPS, Float32Array, validate
from models.face.model import FaceModel
from models.motion.face_rulers import Distances, Rulers
from models.motion.gaze import SIDE_AT_1, STABILISED
from models.motion.motion import FloatArray, MotionError

BoolArray = NDArray[np.bool_]

SHORTEST: Final = 5.0  # seconds
SPEAKING: Final = 3.0  # seconds of talking at least
SIDED: Final = ("mouthLowerDown", "mouthUpperUp", "mouthStretch")  # speech moves these on both sides
STILL: Final = 0.15  # of the liveliest stretches' speed of the mouth: below, the person does not talk
NODS: Final = (0.7, 3.0)  # hertz between slow head movement and noise
BLINK: Final = 0.25  # height over the lids' rest that makes a blink
BLINK_LONGEST: Final = 0.6  # seconds; what lasts longer is a look down or closed eyes
SLOWEST: Final = 0.18  # millimetres a frame that lips move at least when talking; a still face jitters by 0.1
SMALLEST: Final = 1e-3  # what a size counts as at least

FEATURES: Final = (
    *("jaw_spread", "jaw_mean", "jaw_quickness", "gap_spread", "gap_mean", "gap_quickness"),
    *("lower_spread", "upper_spread", "parting_spread"),
    *("width_spread", "narrowing", "widening", "protrusion_spread"),
    *("lower_unit", "upper_unit", "pucker_unit", "wide_unit"),
    *("brow_spread", "brow_height", "gaze_spread", "gaze_shift"),
    *("pitch_spread", "yaw_spread", "roll_spread", "nod_spread", "sway_spread"),
    *("turn_speed", "turn_quickness"),
)


@dataclass(frozen=True, eq=False)
class Signals(Distances):
    """Curves of one clip at 25 per second, the distances (T,) in millimetres.

    jaw (T,): weight of jawOpen; units: weights (T,) of what the
    articulator's lips are moved by; lids (T,): weight, mean of both; looking (T,): degrees to the subject's left, in
    the room; degrees (T, 3): the head about x, y, z; expression (T, 64); speaking (T,): whether the mouth is at work.
    """

    jaw: FloatArray
    units: Mapping[str, FloatArray]
    lids: FloatArray
    looking: FloatArray
    degrees: FloatArray
    expression: FloatArray
    speaking: BoolArray

    @property
    def seconds(self) -> float:
        """The clip's length."""
        return len(self.jaw) / FPS


def signals(coefficients: Float32Array, face_model: FaceModel) -> Signals:
    """The curves of coefficients (T, 257) of `face_model` at 25 frames a second.

    Raises:
        MotionError: a clip that is too short, in which hardly anybody talks, or a face model that cannot be measured.
        CoefficientError: not valid coefficients.
    """
    rulers, names = Rulers.of(face_model), face_model.expression_names
    valid = validate(coefficients).astype(np.float64)
    expression, degrees = valid[:, EXPRESSION], np.degrees(valid[:, ANGLES])
    if len(valid) < SHORTEST * FPS:
        raise MotionError(f"the clip lasts {len(valid) / FPS:.1f} s; {SHORTEST:g} to 20 s of talking make a style")

    def weight(*units: str) -> FloatArray:
        return np.asarray(expression[:, [names.index(unit) for unit in units]].mean(axis=1))

    distances = rulers.on(expression)
    speaking = _speaking(distances["gap"])
    if speaking.sum() < SPEAKING * FPS:
        raise MotionError(
            f"the mouth moves for {speaking.sum() / FPS:.1f} s only; measure {SPEAKING:g} s of talking or more"
        )
    sideways = weight("eyeLookOutLeft", "eyeLookInRight") - weight("eyeLookInLeft", "eyeLookOutRight")
    return Signals(
        jaw=weight("jawOpen"),
        **distances,
        units={
            "lower": weight("mouthLowerDownLeft", "mouthLowerDownRight"),
            "upper": weight("mouthUpperUpLeft", "mouthUpperUpRight"),
            "pucker": weight("mouthPucker"),
            "wide": weight("mouthWide") if "mouthWide" in names else np.zeros(len(valid)),
        },
        lids=weight("eyeBlinkLeft", "eyeBlinkRight"),
        looking=SIDE_AT_1 * sideways + STABILISED * degrees[:, 1],
        degrees=degrees,
        expression=expression,
        speaking=speaking,
    )


def features(clip: Signals) -> FloatArray:
    """The row (`FEATURES`,) of a clip."""
    talk = clip.speaking
    slow = gaussian_filter1d(clip.degrees, 0.25 * FPS, axis=0)
    turning = slow[:, 1:] / (2.0, 2.2)  # about y and z, in the articulator's own proportion
    speed = np.linalg.norm(np.gradient(turning, axis=0), axis=1).mean() * FPS
    brow = clip.brow - gaussian_filter1d(clip.brow, 1.5 * FPS)
    away = np.abs(median_filter(clip.looking, 5) - np.median(clip.looking))  # blinks hide the eyes
    narrow, usual, wide = np.quantile(clip.width[talk], (0.05, 0.5, 0.95))
    sizes = {
        "jaw_spread": clip.jaw[talk].std(),
        "jaw_mean": clip.jaw[talk].mean(),
        "jaw_quickness": _quickness(clip.jaw, talk),
        "gap_spread": clip.gap[talk].std(),
        "gap_mean": clip.gap[talk].mean(),
        "gap_quickness": _quickness(clip.gap, talk),
        "lower_spread": clip.lower[talk].std(),
        "upper_spread": clip.upper[talk].std(),
        "parting_spread": clip.parting[talk].std(),
        "width_spread": clip.width[talk].std(),
        "narrowing": usual - narrow,
        "widening": wide - usual,
        "protrusion_spread": clip.protrusion[talk].std(),
        **{f"{name}_unit": curve[talk].std() for name, curve in clip.units.items()},
        "brow_spread": brow.std(),
        "brow_height": np.quantile(brow, 0.95),
        "gaze_spread": away.std(),
        "gaze_shift": np.median(away),
        "pitch_spread": slow[:, 0].std(),
        "yaw_spread": slow[:, 1].std(),
        "roll_spread": slow[:, 2].std(),
        "nod_spread": _band(clip.degrees[:, 0], *NODS).std(),
        "sway_spread": np.linalg.norm(_band(clip.degrees[:, 1:], *NODS).std(axis=0)),  # what is no nod among these
        "turn_speed": speed,
        "turn_quickness": speed / max(float(np.linalg.norm(turning.std(axis=0))), SMALLEST),
    }
    return np.log([max(float(sizes[name]), SMALLEST) for name in FEATURES])


def blink_count(clip: Signals) -> int:
    """How often the lids shut and open again."""
    rest = median_filter(clip.lids, round(1.2 * FPS) | 1)
    shut = np.concatenate([[False], clip.lids - rest > BLINK, [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(shut)).reshape(-1, 2)
    return int(sum(end - start <= BLINK_LONGEST * FPS for start, end in edges))


def lean(clip: Signals, names: Sequence[str]) -> float:
    """How much more one side of the mouth moves than the other, as a share of both, 0..1."""
    talk = clip.expression[clip.speaking]
    left, right = (
        sum(float(talk[:, names.index(unit + side)].sum()) for unit in SIDED if unit + side in names)
        for side in ("Left", "Right")
    )
    return abs(left - right) / max(left + right, SMALLEST)


def _speaking(gap: FloatArray) -> BoolArray:
    speed = gaussian_filter1d(np.abs(np.gradient(gap)), 0.3 * FPS)
    return np.asarray(speed > max(STILL * np.quantile(speed, 0.9), SLOWEST))


def _quickness(curve: FloatArray, talk: BoolArray) -> float:
    """Speed over spread, per second: how fast a curve gets through its range."""
    return float(np.gradient(curve)[talk].std() * FPS / max(curve[talk].std(), SMALLEST))


def _band(curve: FloatArray, low: float, high: float) -> FloatArray:
    """`curve` between two frequencies, as the difference of two Gaussians that pass half there."""
    half = np.sqrt(np.log(2) / 2) / np.pi * FPS  # deviation in frames over frequency
    return gaussian_filter1d(curve, half / high, axis=0) - gaussian_filter1d(curve, half / low, axis=0)
