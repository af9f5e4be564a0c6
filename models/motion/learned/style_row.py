"""A style document as the row of numbers that the network takes: how far and how fast each control of the mouth moves.

The row is the mouth's part of the paper's style code (Wu et al. 2021), as logarithms: for each of the twelve controls
the deviation of its weight over a clip, then the deviation of the weight's change from frame to frame. A document that
was measured on such a face holds these numbers; for one that has the articulator's parameters only, or whose source
does not move all the units (a tracker's, a fit to footage), they follow from the parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from models.motion.motion import Float32Array, FloatArray
from models.motion.style_document import StyleDocument
from models.motion.styles import Style
from models.motion.visemes import CONTROL_INDEX, CONTROLS

EXPRESSION: Final = 64
SMALLEST: Final = 1e-3  # deviation that a control counts as having at least
LIVE: Final = 0.004  # deviation from which on a code's control says something
NEEDED: Final = ("jaw", "lower_lip", "pucker", "wide")  # controls that a code must show to be read
FACTORS: Final = ("lips", "jaw", "rounding", "width", "crispness", "dynamics")
_AMPLITUDES: Final = len(CONTROLS)


@dataclass(frozen=True, eq=False)
class StyleScale:
    """How rows follow parameters, and where rows lie.

    effect (K, 24): rows = `terms(style)` @ effect on the teacher's styles; correction (24,): added to it, how captured
    mouths move against the articulator; mean, deviation (24,): of the rows that the network was trained with.
    """

    effect: FloatArray
    correction: FloatArray
    mean: FloatArray
    deviation: FloatArray

    def row(self, document: StyleDocument, names: Sequence[str]) -> FloatArray:
        """The row (24,) of a document, for a face with units of these names."""
        by_parameters = np.asarray(terms(document.style) @ self.effect, dtype=np.float64)
        if document.measure is None:
            return by_parameters + self.correction
        by_code = row_of_code(document.measure.code, names)
        return by_parameters if by_code is None else by_code

    def normal(self, row: FloatArray) -> Float32Array:
        """A row (24,) in the network's terms, kept within what it knows."""
        return np.clip((row - self.mean) / self.deviation, -3.0, 3.0).astype(np.float32)


def terms(style: Style) -> FloatArray:
    """1, the logarithms of the parameters that move the mouth, and their products."""
    logs = np.log([max(getattr(style, name), 0.05) for name in FACTORS])
    pairs = [a * b for i, a in enumerate(logs) for b in logs[i:]]
    return np.array([1.0, *logs, *pairs])


def row_of_code(code: ArrayLike, names: Sequence[str]) -> FloatArray | None:
    """The row (24,) of a raw style code (135,); None where it does not show the mouth's controls."""
    numbers = np.asarray(code, dtype=np.float64)
    spreads, changes = (numbers[first : first + EXPRESSION] for first in (0, EXPRESSION))
    columns = [[names.index(unit) for unit in units if unit in names] for units in CONTROLS.values()]
    if not all(columns) or any(spreads[columns[CONTROL_INDEX[name]]].mean() < LIVE for name in NEEDED):
        return None
    both = [*(spreads[own].mean() for own in columns), *(changes[own].mean() for own in columns)]
    return np.log(np.maximum(both, SMALLEST))


def row_of_curves(clips: Sequence[FloatArray]) -> FloatArray:
    """The row (24,) of control curves (T, 12) at 25 per second, the mean over clips as a code's is."""
    spreads = np.mean([clip.std(axis=0) for clip in clips], axis=0)
    changes = np.mean([np.diff(clip, axis=0).std(axis=0) for clip in clips], axis=0)
    return np.log(np.maximum(np.concatenate([spreads, changes]), SMALLEST))


def amplitudes(row: FloatArray) -> FloatArray:
    """The deviations (12,) of the controls, from a row."""
    return np.exp(row[:_AMPLITUDES])
