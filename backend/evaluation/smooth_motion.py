"""Is motion as smooth as captured motion of the same sound, and do pieces join without a seam?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backend.evaluation.baselines import RETIMED
from backend.evaluation.captured import Captured
from backend.evaluation.motion_model import FPS, MovesInPieces
from backend.evaluation.mouth_curves import MouthGauge
from backend.evaluation.results import Result, mean_with_interval
from backend.evaluation.stage import Stage
from models.motion.motion import Float32Array, FloatArray
from models.motion.smoothness import fast_share, log_jerk

SECTION = "smoothness"


def smoothness_results(
    gauge: MouthGauge, data: str, takes: Sequence[Captured], made: Mapping[str, Sequence[Float32Array]]
) -> list[Result]:
    """A row for each system: jerk and power above 8 Hz of each curve, over that of the capture; 1 is as smooth.

    Intervals come from resampling stretches of ten seconds.
    """
    rows = []
    for system, motions in made.items():
        if system in RETIMED:
            continue
        jerks: dict[str, list[float]] = {}
        fast: dict[str, list[float]] = {}
        for take, motion in zip(takes, motions, strict=True):
            captured = gauge.curves(take.expression)
            for name, curve in gauge.curves(motion).items():
                for ours, theirs in _stretches(curve, captured[name]):
                    jerks.setdefault(name, []).append(log_jerk(ours, FPS) - log_jerk(theirs, FPS))
                    fast.setdefault(name, []).append(_log_ratio(fast_share(ours, FPS), fast_share(theirs, FPS)))
        for what, found in (("jerk", jerks), ("> 8 Hz", fast)):
            for name, logs in found.items():
                mean, interval = mean_with_interval(logs)
                bounds = (float(np.exp(interval[0])), float(np.exp(interval[1])))
                rows.append(Result(SECTION, data, system, f"{name} {what}", float(np.exp(mean)), bounds))
    return rows


def seam_results(stage: Stage, takes: Sequence[Captured]) -> list[Result]:
    """How far, at most, motion made in pieces lies from motion made whole; only for models that work in pieces."""
    rows = []
    for model in stage.models:
        if isinstance(model, MovesInPieces):
            apart = 0.0
            for take in takes:
                heard = stage.heard(model, take.sound)
                whole, pieces = (
                    move(heard, stage.style, stage.seed_of(take.sound)) for move in (model.move, model.move_in_pieces)
                )
                for part in ("expression", "angles", "translation"):
                    apart = max(apart, float(np.abs(getattr(whole, part) - getattr(pieces, part)).max()))
            rows.append(
                Result(
                    "seams", ", ".join(take.name for take in takes), model.name, "pieces against whole, at most", apart
                )
            )
    return rows


def _stretches(ours: FloatArray, theirs: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    length, frames = round(10 * FPS), min(len(ours), len(theirs))
    starts = range(0, max(frames - length, 0) + 1, length)
    return [(ours[start : start + length], theirs[start : start + length]) for start in starts]


def _log_ratio(ours: float, theirs: float) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return (
            float(np.log(max(ours, 1e-9)) - np.log(max(theirs, 1e-9)))
            if np.isfinite([ours, theirs]).all()
            else float("nan")
        )
