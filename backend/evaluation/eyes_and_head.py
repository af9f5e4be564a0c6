"""Do eyes and head behave like those of people who talk: how often, how far, and with what is stressed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.evaluation.baselines import LATE, MEAN, RETIMED, SHUFFLED, late
from backend.evaluation.captured import Captured
from backend.evaluation.motion_model import FPS
from backend.evaluation.results import Result, mean_with_interval
from backend.evaluation.stage import Stage
from backend.synthesis import Speech
from models.motion import habits
from models.motion.gaze import SIDE_AT_1, STABILISED
from models.motion.motion import Float32Array, FloatArray
from models.motion.prosody import emphases, levels
from models.motion.timeline import SILENCE, gapless

SECTION = "eyes and head"
CAPTURED = "captured"
ON_STRESS = "speed on stress / elsewhere"


@dataclass(frozen=True, eq=False)
class Behaviour:
    """Curves of one clip at 25 per second: lids (T,) as weight, looking (T,) in degrees to the left in the room,
    degrees (T, 3) of the head.
    """

    lids: FloatArray
    looking: FloatArray
    degrees: FloatArray


def behaviour_results(stage: Stage, data: str, takes: Sequence[Captured]) -> list[Result]:
    """A row for what was captured, for each model on the same sound, and for the baselines."""
    heads = [take for take in takes if take.degrees is not None]
    if not heads:
        return []
    names = stage.face.expression_names
    shown = {CAPTURED: [behaviour(t.expression, t.degrees, names) for t in heads if t.degrees is not None]}
    for model in stage.models:
        motions = [stage.motion(model, take.sound) for take in heads]
        shown[model.name] = [behaviour(m.expression, np.degrees(m.angles), names) for m in motions]
    best = shown[stage.models[0].name]
    shown[MEAN] = [_still(one) for one in best]
    shown[SHUFFLED] = [_cut(other, len(one.lids)) for one, other in zip(best, [*best[1:], *best[:1]], strict=True)]
    shown[LATE] = [_late(one) for one in best]
    speeches = [stage.speech(take.sound) for take in heads]
    return [result for system, clips in shown.items() for result in _row(data, system, clips, speeches)]


def behaviour(expression: Float32Array, degrees: FloatArray, names: Sequence[str]) -> Behaviour:
    """The curves of expression (T, 64) in units of these names and the head's degrees (T, 3)."""

    def weight(*units: str) -> FloatArray:
        return np.asarray(expression[:, [names.index(unit) for unit in units]].mean(axis=1), dtype=np.float64)

    sideways = weight("eyeLookOutLeft", "eyeLookInRight") - weight("eyeLookInLeft", "eyeLookOutRight")
    # Eyes that keep to a point while the head turns do not shift their gaze.
    looking = SIDE_AT_1 * sideways + STABILISED * degrees[:, 1]
    return Behaviour(weight("eyeBlinkLeft", "eyeBlinkRight"), looking, np.asarray(degrees, dtype=np.float64))


def _row(data: str, system: str, clips: Sequence[Behaviour], speeches: Sequence[Speech]) -> list[Result]:
    cells: dict[str, list[float]] = {}
    for clip, speech in zip(clips, speeches, strict=True):
        for name, value in measured(clip, speech).items():
            cells.setdefault(name, []).append(value)
    telling = [ON_STRESS] if system in RETIMED else cells
    return [Result(SECTION, data, system, name, *mean_with_interval(cells[name])) for name in telling]


def measured(clip: Behaviour, speech: Speech) -> dict[str, float]:
    """One clip's numbers by name."""
    minutes = len(clip.lids) / FPS / 60
    blinks = habits.blinks(clip.lids, FPS)
    shifts = habits.gaze_shifts(clip.looking, FPS)
    speed = habits.head_speed(clip.degrees, FPS)
    pitch, yaw, roll = habits.head_range(clip.degrees, FPS)
    stressed, elsewhere = _on_stress(speed, speech)
    return {
        "blinks/min": len(blinks) / minutes,
        "blink ms": 1000 * float(np.mean([duration for _, duration in blinks])) if blinks else float("nan"),
        "gaze shifts/min": len(shifts) / minutes,
        "shift °": float(np.median(shifts)) if shifts.size else float("nan"),
        "nod ° (x)": float(pitch),
        "turn ° (y)": float(yaw),
        "tilt ° (z)": float(roll),
        "head °/s": float(np.median(speed)),
        "head °/s, 95 %": float(np.quantile(speed, 0.95)),
        ON_STRESS: stressed / elsewhere if elsewhere > 1e-6 else float("nan"),
    }


def _on_stress(speed: FloatArray, speech: Speech) -> tuple[float, float]:
    spans = gapless(speech.phones, speech.seconds)
    stressed = [one.time for one in emphases(spans, levels(spans, speech.loudness), speech.words)]
    times = np.arange(len(speed)) / FPS
    speaking = np.zeros(len(speed))
    for span in spans:
        speaking[(times >= span.start) & (times < span.end)] = span.label != SILENCE
    return habits.on_stress(speed, FPS, stressed, speaking)


def _still(clip: Behaviour) -> Behaviour:
    def held(curve: FloatArray) -> FloatArray:
        return np.broadcast_to(curve.mean(axis=0), curve.shape).copy()

    return Behaviour(held(clip.lids), held(clip.looking), held(clip.degrees))


def _cut(clip: Behaviour, frames: int) -> Behaviour:
    places = np.arange(frames) % len(clip.lids)
    return Behaviour(clip.lids[places], clip.looking[places], clip.degrees[places])


def _late(clip: Behaviour) -> Behaviour:
    def moved(curve: FloatArray) -> FloatArray:
        return late(curve, FPS)

    return Behaviour(moved(clip.lids), moved(clip.looking), moved(clip.degrees))
