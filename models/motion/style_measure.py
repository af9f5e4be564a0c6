"""A clip's coefficients become a style: which parameters of the articulator would give movement of these sizes?

The features of a clip (`models.motion.style_features`) follow the parameters' logarithms linearly, up to noise that
comes from what happens to be said: both were found by letting the articulator say known things in known styles
(`models/weights/style_gauge.md`). Turned round with a prior on the parameters this is a linear Gaussian model, whose
posterior mean is the measurement and whose posterior spread says how far to trust it. Footage passes through landmarks
and a fit first; how these change each feature was found by rendering known takes and measuring them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike
from safetensors.numpy import load_file

from models.coefficients import ANGLES, EXPRESSION, FPS, Float32Array, assemble
from models.face.model import FaceModel
from models.motion.articulator import articulate
from models.motion.motion import FloatArray
from models.motion.style_code import StyleStatistics, measure
from models.motion.style_document import RANGES, Measure
from models.motion.style_features import FEATURES, Signals, blink_count, features, lean, signals
from models.motion.styles import STYLES, Style
from models.speech.phones import PhoneSpan
from models.weight_card import checked

WEIGHTS: Final = Path(__file__).parent.parent / "weights" / "style_gauge.safetensors"

Seen = Literal["take", "weights", "video"]

# The model's unknowns, each as its logarithm. Not all of them can be told from a short clip.
UNKNOWNS: Final = (
    *("lips", "jaw", "rounding", "width", "crispness", "dynamics", "brows", "gaze", "head", "nods", "tempo"),
)
PRIOR: Final = 0.4  # deviation of each logarithm about the neutral style
LEAST_LEFT: Final = 0.3  # of a size seen, after the footage's own noise is taken out
# How far people's features lie from any that the articulator makes, beyond what is known of the way to them.
UNLIKE: Final[dict[str, float]] = {"take": 0.0, "weights": 0.25, "video": 0.15}
CLIP_SECONDS: Final = 9.0  # of the clips that the noise was measured on; longer ones average it
SURE_ENOUGH: Final = 0.3  # share of the prior's variance that a clip must explain
BOUNDS: Final = (0.35, 2.2)  # of a measured factor: beyond, the articulator's movement is none that people make

BLINK_PRIOR: Final = 4.0  # seconds at the neutral rate that a clip has to speak against
POSTURE_NOISE: Final = (1.0, 1.2, 1.4)  # degrees, of the mean of a nine-second clip; heads settle a few times in it
POSTURE_PRIOR: Final = (3.5, 2.5, 2.5)
POSE_FADE: Final = 0.8  # seconds at either end, where takes are brought to rest
HELD: Final[dict[str, float]] = {  # units a mood may hold, and the quantile of the clip at which they are at rest
    **dict.fromkeys(("mouthSmile", "mouthFrown", "mouthPress", "mouthDimple", "browDown", "eyeSquint"), 0.5),
    **dict.fromkeys(("cheekSquint", "noseSneer", "eyeBlink"), 0.5),
    **dict.fromkeys(("browInnerUp", "browOuterUp", "eyeWide"), 0.3),  # emphasis raises them for a good part of the time
}
SMALLEST_MOOD: Final = 0.04
_NEVER_AT_REST: Final[dict[str, frozenset[str]]] = {  # trackers report half a squint from eyes that do nothing
    "take": frozenset(), "video": frozenset(), "weights": frozenset({"eyeSquint"})
}  # fmt: skip
POSE_FEATURES: Final = frozenset(
    {"pitch_spread", "yaw_spread", "roll_spread", "nod_spread", "sway_spread", "turn_speed", "turn_quickness"}
)
GAZE_FEATURES: Final = frozenset({"gaze_spread", "gaze_shift"})


@dataclass(frozen=True, eq=False)
class Gauge:
    """How features follow parameters: `features = base + log(parameters) @ effect`, with `noise` as covariance.

    effect (11, F), base (F,), noise (F, F) over clips of nine seconds; neutral (F,): the neutral style's mean over the
    gauge's sentences; noise_spoken (F, F): what is left of the noise when a sentence's own difference from it is known.
    """

    effect: FloatArray
    base: FloatArray
    noise: FloatArray
    neutral: FloatArray
    noise_spoken: FloatArray

    def noisier(self, deviation: FloatArray) -> Gauge:
        """The same with independent noise of that deviation (F,) added."""
        return replace(self, noise=self.noise + np.diag(np.square(deviation)))

    def estimate(self, row: FloatArray, seconds: float, known: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (11,) and share (11,) of the prior's variance that the features (F,) at `known` explain."""
        effect, noise = self.effect[:, known], self.noise[np.ix_(known, known)]
        trust = np.linalg.inv(noise * (CLIP_SECONDS / np.clip(seconds, 5.0, 30.0)))
        precision = effect @ trust @ effect.T + np.eye(len(UNKNOWNS)) / PRIOR**2
        mean = np.linalg.solve(precision, effect @ trust @ (row[known] - self.base[known]))
        return np.asarray(mean), np.asarray(1 - np.diag(np.linalg.inv(precision)) / PRIOR**2)


@dataclass(frozen=True, eq=False)
class Footage:
    """What the way through a video does to features: a size x is seen as the root of (gain · x)² + floor².

    gain, floor (F,); noise (F,): deviation of the features that `corrected` gives back.
    """

    gain: FloatArray
    floor: FloatArray
    noise: FloatArray

    def corrected(self, row: FloatArray) -> FloatArray:
        """The features (F,) as they would be without the way through a video."""
        seen = np.exp(row)
        return np.log(np.sqrt(np.maximum(seen**2 - self.floor**2, (LEAST_LEFT * seen) ** 2)) / self.gain)


@dataclass(frozen=True, eq=False)
class MoodGauge:
    """How held units look in footage: seen = gain · held + base, give or take `noise`."""

    gain: Mapping[str, float]
    base: Mapping[str, float]
    noise: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Measured:
    """style: named "", confidence: 0..1 by measured parameter, measure: the raw code."""

    style: Style
    confidence: dict[str, float]
    measure: Measure


def measured_style(
    coefficients: Float32Array,
    face_model: FaceModel,
    *,
    seen: Seen = "take",
    lacks: Collection[str] = (),
    upright: bool = True,
    spoken: FloatArray | None = None,
) -> Measured:
    """The style of a clip: coefficients (T, 257) of `face_model` at 25 per second.

    seen: where the coefficients come from: made by the articulator or its kind ("take"), recorded by a face tracker
    ("weights"), or fitted to footage ("video"); lacks: features that this source does not hold;
    upright: whether the head's mean angles say how somebody carries it; spoken: features (F,) of the articulator's
    neutral style on the same speech (`neutral_features`), which takes out what is due to the sentences. What cannot be
    told is left at the neutral style's value.

    Raises:
        MotionError: the clip is too short, or hardly anybody talks in it.
    """
    clip, names = signals(coefficients, face_model), face_model.expression_names
    gauge, footage, moods = _gauges()
    row = features(clip)
    if seen == "video":
        row = footage.corrected(row)
    if spoken is not None:
        row, gauge = row - (spoken - gauge.neutral), replace(gauge, noise=gauge.noise_spoken)
    if seen == "video":
        gauge = gauge.noisier(footage.noise)
    gauge = gauge.noisier(np.full(len(FEATURES), UNLIKE[seen]))
    known = [i for i, name in enumerate(FEATURES) if name not in lacks]
    mean, explained = gauge.estimate(row, clip.seconds, known)
    values: dict[str, Any] = {}
    confidence: dict[str, float] = {}
    for name, value, share in zip(UNKNOWNS, mean, explained, strict=True):
        if share >= SURE_ENOUGH:
            values[name] = float(np.clip(np.exp(value), *BOUNDS))
            confidence[name] = float(share)
    values["blinks_per_minute"], confidence["blinks_per_minute"] = _blinks(clip)
    style = replace(STYLES["neutral"], name="", description="", **values)
    if upright:
        style = replace(style, posture=_posture(clip))
        confidence["posture"] = 0.8 if seen == "take" else 0.5  # footage also holds where the camera stood
    if seen != "video":  # the fit to footage ties one side of the mouth to the other
        style = replace(style, asymmetry=min(lean(clip, names), RANGES["asymmetry"][1]))
        confidence["asymmetry"] = 0.9 if seen == "take" else 0.5
    style = replace(style, mood=_mood(clip, names, moods if seen == "video" else None, _NEVER_AT_REST[seen]))
    confidence["mood"] = 0.9 if seen == "take" else 0.3  # a face at rest and a held expression look alike
    return Measured(
        style, {name: round(share, 3) for name, share in confidence.items()}, _raw(coefficients, face_model.name)
    )


def neutral_features(
    phones: Sequence[PhoneSpan], loudness: ArrayLike, seconds: float, face_model: FaceModel, times: int = 4
) -> FloatArray:
    """Features (F,) of the articulator's neutral style saying `phones`, the mean over `times` seeds.

    Raises:
        MotionError: hardly anything is said.
    """
    still = np.zeros(80, np.float32)
    rows = []
    for seed in range(times):
        motion = articulate(phones, loudness, seconds, STYLES["neutral"], face_model.expression_names, seed=seed)
        pose = (motion.angles, np.zeros(27, np.float32), motion.translation)
        rows.append(features(signals(assemble(still, motion.expression, still, *pose), face_model)))
    return np.asarray(np.mean(rows, axis=0))


def raw_code(coefficients: Float32Array) -> Float32Array:
    """The paper's code (135,) of coefficients (T, 257) before any statistics: its formula with mean 0, deviation 1."""
    zeros, ones = np.zeros(64, np.float32), np.ones(64, np.float32)
    return measure(coefficients, StyleStatistics(zeros, ones, zeros, ones, zeros[:7], ones[:7]))


def _raw(coefficients: Float32Array, face_model: str) -> Measure:
    expression = coefficients[:, EXPRESSION].mean(axis=0)
    angles = np.degrees(coefficients[:, ANGLES].mean(axis=0))
    return Measure(raw_code(coefficients), expression, angles, face_model)


def _blinks(clip: Signals) -> tuple[float, float]:
    """Blinks per minute, and how sure: a Poisson count against a few seconds of the neutral style's rate."""
    usual = STYLES["neutral"].blinks_per_minute / 60
    rate = (blink_count(clip) + usual * BLINK_PRIOR) / (clip.seconds + BLINK_PRIOR)
    return float(np.clip(60 * rate, *RANGES["blinks_per_minute"])), clip.seconds / (clip.seconds + BLINK_PRIOR)


def _posture(clip: Signals) -> tuple[float, float, float]:
    """Mean angles in degrees, drawn towards 0 by what a short clip leaves open."""
    edge = round(POSE_FADE * FPS)
    mean = clip.degrees[edge:-edge].mean(axis=0)
    noise, prior = np.square(POSTURE_NOISE) * CLIP_SECONDS / min(clip.seconds, 30.0), np.square(POSTURE_PRIOR)
    x, y, z = np.clip(mean * prior / (prior + noise), -20, 20).round(2).tolist()
    return x, y, z


def _mood(
    clip: Signals, names: Sequence[str], moods: MoodGauge | None, never_at_rest: Collection[str]
) -> dict[str, float]:
    """Units that are held throughout, both sides alike, but for those that the source never has at rest."""
    mood = {}
    for unit, weight in held_units(clip, names).items():
        if unit in never_at_rest:
            continue
        if moods is not None:
            if unit not in moods.gain:
                continue
            # Posterior mean under a prior of deviation 0.2 about rest.
            gain, noise = moods.gain[unit], moods.noise[unit]
            weight = gain * (weight - moods.base[unit]) / (gain**2 + (noise / 0.2) ** 2)
        if weight >= SMALLEST_MOOD:
            for name in (unit, unit + "Left", unit + "Right"):
                if name in names:
                    mood[name] = round(float(min(weight, 1.0)), 3)
    return mood


def held_units(clip: Signals, names: Sequence[str]) -> dict[str, float]:
    """The level at which a clip holds each of `HELD`, mean of both sides; without those that the model lacks."""
    levels = {}
    for unit, quantile in HELD.items():
        columns = [names.index(name) for name in (unit, unit + "Left", unit + "Right") if name in names]
        if columns:
            levels[unit] = float(np.quantile(clip.expression[:, columns].mean(axis=1), quantile))
    return levels


@cache
def _gauges() -> tuple[Gauge, Footage, MoodGauge]:
    stored = {name: array.astype(np.float64) for name, array in load_file(checked(WEIGHTS)).items()}
    moods = {
        name: {unit: float(value) for unit, value in zip(HELD, stored[f"mood_{name}"], strict=True)}
        for name in ("gain", "base", "noise")
    }
    moods["gain"] = {unit: gain for unit, gain in moods["gain"].items() if gain > 0}  # 0: footage does not show it
    gauge = Gauge(*(stored[name] for name in ("effect", "base", "noise", "neutral", "noise_spoken")))
    return gauge, Footage(stored["video_gain"], stored["video_floor"], stored["video_noise"]), MoodGauge(**moods)
