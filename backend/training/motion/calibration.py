"""How wide the trained model's controls come out, against how wide styles ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from backend.training.motion.material import Item
from backend.training.motion.teacher import TaughtStyles
from models.face.model import FaceModel
from models.motion.learned.model import LearnedMotion, Learnt
from models.motion.learned.style_row import amplitudes, row_of_curves
from models.motion.motion import FloatArray
from models.motion.style_document import Measure, StyleDocument
from models.motion.visemes import CONTROLS

STYLES: Final = 24
CLIPS: Final = 6
BOUNDS: Final = (0.7, 1.8)


def calibrated(learnt: Learnt, read: Sequence[Item], styles: TaughtStyles, face_model: FaceModel) -> Learnt:
    """The same with the gain that makes each control as wide, on average over styles, as is asked."""
    plain = replace(learnt, gain=np.ones(len(CONTROLS)))
    motion, generator = LearnedMotion(plain, face_model), np.random.default_rng(0)
    ratios = []
    for number in range(min(STYLES, len(styles.styles))):
        document = StyleDocument(styles.styles[number], measure=measure_of(styles.rows[number], face_model))
        chosen = generator.choice(len(read), CLIPS, replace=False)
        shown = row_of_curves([_controls(motion, read[k], document, face_model) for k in chosen])
        ratios.append(np.log(amplitudes(styles.rows[number]) / amplitudes(shown)))
    return replace(learnt, gain=np.clip(np.exp(np.median(ratios, axis=0)), *BOUNDS))


def measure_of(row: FloatArray, face_model: FaceModel) -> Measure:
    """A row (24,) as a document's measure, for a face that does nothing but that."""
    code = np.zeros(135, np.float32)
    for place, units in enumerate(CONTROLS.values()):
        for unit in units:
            column = face_model.expression_names.index(unit)
            code[column], code[64 + column] = np.exp(row[place]), np.exp(row[len(CONTROLS) + place])
    return Measure(code, np.zeros(64, np.float32), np.zeros(3, np.float32), face_model.name)


def _controls(motion: LearnedMotion, item: Item, document: StyleDocument, face_model: FaceModel) -> FloatArray:
    """Control curves (T, 12) of the model saying an item."""
    expression = motion.move(item.features.said(item.spans), document).expression.astype(np.float64)
    columns = [[face_model.expression_names.index(unit) for unit in units] for units in CONTROLS.values()]
    return np.stack([expression[:, own].mean(axis=1) for own in columns], axis=1)
