"""Does a model do what a style asks: requested codes against those measured on what it made, block by block?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.evaluation.contact import look, pooled
from backend.evaluation.lip_timing import aligned
from backend.evaluation.motion_model import FPS, MotionModel
from backend.evaluation.results import RESAMPLES, UNKNOWN, Interval, Result, interval
from backend.evaluation.stage import Stage
from backend.evaluation.style_requests import requested, traits
from backend.speech_folder import Recording
from models.coefficients import assemble, split
from models.motion.motion import FloatArray, Motion
from models.motion.style_document import StyleDocument

SECTION = "style asked for and shown"
TIMING = "lips in time, by style"

BLOCKS: Final = {
    "expression spread": slice(0, 64),
    "expression change": slice(64, 128),
    "pose change": slice(128, 135),
    "mean expression": slice(135, 199),
    "mean angles": slice(199, 202),
    "blinks/min": slice(202, 203),
}
LEAST_SPREAD: Final = 0.02  # of a block's widest dimension; what the requests hardly vary cannot be judged
EXTREME: Final = 10  # styles that lie farthest out


@dataclass(frozen=True, eq=False)
class Shown:
    """asked (S, 203): the traits of each request; shown (S, C, 203): those of each clip made for it; motions by
    style and clip.
    """

    asked: FloatArray
    shown: FloatArray
    motions: list[list[Motion]]


def shown_styles(
    stage: Stage,
    model: MotionModel,
    recordings: Sequence[Recording],
    asked: Sequence[StyleDocument],
    given: Sequence[StyleDocument] | None = None,
) -> Shown:
    """Let a model say every recording, transcribed, in every style; each clip with chance of its own.

    given: what the model gets in place of the styles asked for, for a baseline that does not listen.
    """
    names = stage.face.expression_names
    motions, rows = [], []
    for number, style in enumerate(given or asked):
        made = [
            model.move(stage.heard(model, one.path, one.transcript), style, seed=number * len(recordings) + place)
            for place, one in enumerate(recordings)
        ]
        motions.append(made)
        rows.append([traits(motion, names) for motion in made])
    return Shown(np.array([requested(style) for style in asked]), np.array(rows), motions)


def control_results(system: str, data: str, result: Shown) -> list[Result]:
    """For each block: r and slope of shown on asked for over the styles, mean over the block's dimensions; and r when
    a style is judged by one clip alone. Intervals by resampling styles.
    """
    mean = result.shown.mean(axis=1)
    rows = []
    for block, part in BLOCKS.items():
        asked, shown = result.asked[:, part], mean[:, part]
        live = asked.std(axis=0) > LEAST_SPREAD * asked.std(axis=0).max()
        asked, shown = asked[:, live], shown[:, live]
        (r, r_between), (slope, slope_between) = _fit(asked, shown)
        single = _fit(asked, result.shown[:, 0, part][:, live])[0][0]
        rows += [
            Result(SECTION, f"{data}: {block} ({live.sum()})", system, "r", r, r_between),
            Result(SECTION, f"{data}: {block} ({live.sum()})", system, "slope", slope, slope_between),
            Result(SECTION, f"{data}: {block} ({live.sum()})", system, "r of one clip", single),
        ]
    return rows


def timing_results(
    stage: Stage, data: str, model: MotionModel, recordings: Sequence[Recording], result: Shown
) -> list[Result]:
    """Closures and lag in the neutral style, over all styles, and over the `EXTREME` that lie farthest out."""
    kept, references = aligned(stage, recordings)
    assert len(kept) == len(recordings)
    spread = result.asked.std(axis=0)
    distance = np.linalg.norm((result.asked - result.asked.mean(axis=0)) / np.where(spread > 0, spread, 1), axis=1)
    everybody = list(range(len(result.motions)))
    farthest = sorted(everybody, key=lambda style: -distance[style])[:EXTREME]
    neutral = [[stage.motion(model, one.path, one.transcript) for one in recordings]]
    rows = []
    for name, takes in (
        ("neutral", neutral),
        (f"all {len(everybody)} styles", result.motions),
        (f"the {len(farthest)} most extreme", [result.motions[style] for style in farthest]),
    ):
        seen = [
            look(stage.gauge.lips, motion.expression, FPS, spans)
            for motions in takes
            for motion, spans in zip(motions, references, strict=True)
        ]
        contact = pooled(data, name, seen)
        cells = {
            "/p b m/ recall": (contact.closure_recall, contact.closure_recall_interval),
            "/p b m/ precision": (contact.closure_precision, contact.closure_precision_interval),
            "shut in pauses": (contact.pauses, UNKNOWN),
            "lag ms": (contact.lag_ms, contact.lag_interval),
            "identity leakage": (identity_leakage(takes), UNKNOWN),
        }
        rows += [Result(TIMING, f"{data}: {name}", model.name, measure, *cell) for measure, cell in cells.items()]
    return rows


def identity_leakage(takes: Sequence[Sequence[Motion]]) -> float:
    """How far, at most, identity, albedo and light of a random person's takes differ from the person's."""
    generator = np.random.default_rng(0)
    identity, albedo = generator.normal(size=(2, 80)).astype(np.float32)
    light = generator.normal(size=27).astype(np.float32)
    leaked = 0.0
    for motion in (motion for motions in takes for motion in motions):
        made = split(assemble(identity, motion.expression, albedo, motion.angles, light, motion.translation))
        for name, given in (("identity", identity), ("albedo", albedo), ("gamma", light)):
            leaked = max(leaked, float(np.abs(made[name] - given).max()))
    return leaked


def _fit(asked: FloatArray, shown: FloatArray) -> tuple[tuple[float, Interval], tuple[float, Interval]]:
    """r and slope of shown (S, D) on asked (S, D), the mean over D, with intervals from resampled styles."""
    draws = np.random.default_rng(0).integers(0, len(asked), (RESAMPLES // 4, len(asked)))
    resampled = np.array([_r_and_slope(asked[chosen], shown[chosen]) for chosen in draws])
    r, slope = _r_and_slope(asked, shown)
    return (r, interval(resampled[:, 0])), (slope, interval(resampled[:, 1]))


def _r_and_slope(asked: FloatArray, shown: FloatArray) -> tuple[float, float]:
    x, y = asked - asked.mean(axis=0), shown - shown.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (x * y).sum(axis=0) / np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
        slope = (x * y).sum(axis=0) / (x**2).sum(axis=0)
    # What never moves goes with nothing.
    return float(np.nan_to_num(r).mean()), float(np.nan_to_num(slope).mean())
