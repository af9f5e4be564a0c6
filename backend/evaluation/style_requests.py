"""Styles to ask for, each with the code that it stands for: what a style's parameters make of speech, measured.

A request holds both readings of one style, so that a model that takes parameters and one that takes the measured code
are asked for the same. The code is measured on other recordings than those that a model is then judged by.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backend.evaluation.motion_model import FPS
from backend.evaluation.stage import Stage
from backend.training.style_gauge import random_style
from models.coefficients import assemble
from models.motion.habits import blinks
from models.motion.motion import FloatArray, Motion
from models.motion.style_code import StyleStatistics, measure
from models.motion.style_document import Measure, StyleDocument

CODE = 135


def requests(stage: Stage, recordings: Sequence[Path], count: int, seed: int = 0) -> list[StyleDocument]:
    """`count` random styles with the codes that the articulator shows on `recordings`, the mean over them."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(count):
        document = StyleDocument(random_style(generator))
        rows = []
        for place, path in enumerate(recordings):
            heard = stage.heard(stage.articulator, path)
            motion = stage.articulator.move(heard, document, seed=1000 + number * len(recordings) + place)
            rows.append(traits(motion, stage.face.expression_names))
        made.append(StyleDocument(document.style, measure=_as_measure(np.mean(rows, axis=0), stage.face.name)))
    return made


def traits(motion: Motion, names: Sequence[str]) -> FloatArray:
    """What a style code says about a motion, raw, with the extensions: (203,) = 135 deviations (`style_code`), mean
    expression (64,), mean angles (3,) in degrees, blinks per minute.
    """
    zeros, ones = np.zeros(64, np.float32), np.ones(64, np.float32)
    plain = StyleStatistics(zeros, ones, zeros, ones, zeros[:7], ones[:7])
    nobody = np.zeros(80, np.float32)
    coefficients = assemble(
        nobody, motion.expression, nobody, motion.angles, np.zeros(27, np.float32), motion.translation
    )
    lids = motion.expression[:, [names.index("eyeBlinkLeft"), names.index("eyeBlinkRight")]].mean(axis=1)
    rate = 60 * len(blinks(lids.astype(np.float64), FPS)) / (len(lids) / FPS)
    return np.concatenate(
        [
            measure(coefficients, plain),
            motion.expression.mean(axis=0),
            np.degrees(motion.angles.mean(axis=0)),
            [rate],
        ]
    ).astype(np.float64)


def requested(document: StyleDocument) -> FloatArray:
    """The traits (203,) that a request stands for."""
    assert document.measure is not None
    return np.concatenate(
        [
            document.measure.code,
            document.measure.mean_expression,
            document.measure.mean_angles,
            [document.style.blinks_per_minute],
        ]
    ).astype(np.float64)


def _as_measure(row: FloatArray, face_model: str) -> Measure:
    code, mean, angles = np.split(row[:-1], [CODE, CODE + 64])
    return Measure(code.astype(np.float32), mean.astype(np.float32), angles.astype(np.float32), face_model)
