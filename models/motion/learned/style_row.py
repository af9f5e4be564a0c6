"""A style document as the row of numbers that the network takes: how far and how fast each control of the mouth moves.

The row is the mouth's part of the paper's style code (Wu et al. 2021), as logarithms: for each of the twelve controls
the deviation of its weight over a clip, then the deviation of the weight's change from frame to frame. A document that
was measured on such a face holds these numbers. For one that has the articulator's parameters only they follow from
these, and so for one whose source does not show units singly: a fit to footage picks one of many mixtures, a tracker
lacks the tongue and some of the lips, and the parameters were measured with that in mind.
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
from models.motion.visemes import CONTROLS

EXPRESSION: Final = 64
SMALLEST: Final = 1e-3  # deviation that a control counts as having at least
LIVE: Final = 0.004  # deviation from which on a code's control says something
SEEN_FROM_OUTSIDE: Final = frozenset({"video", "arkit"})  # kinds of source
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
        if document.source.get("kind") in SEEN_FROM_OUTSIDE:
            return by_parameters
        by_code = row_of_code(document.measure.code, names)
        return np.where(np.isfinite(by_code), by_code, by_parameters)

    def normal(self, row: FloatArray) -> Float32Array:
        """A row (24,) in the network's terms, kept within what it knows."""
        return np.clip((row - self.mean) / self.deviation, -3.0, 3.0).astype(np.float32)


def terms(style: Style) -> FloatArray:
    """1, the logarithms of the parameters that move the mouth, and their products."""
    logs = np.log([max(getattr(style, name), 0.05) for name in FACTORS])
    pairs = [a * b for i, a in enumerate(logs) for b in logs[i:]]
    return np.array([1.0, *logs, *pairs])


def row_of_code(code: ArrayLike, names: Sequence[str]) -> FloatArray:
    """The row (24,) of a raw style code (135,); NaN for controls that hardly move in it, or lack a unit."""
    numbers = np.asarray(code, dtype=np.float64)
    row = np.full(2 * len(CONTROLS), np.nan)
    for place, units in enumerate(CONTROLS.values()):
        own = [names.index(unit) for unit in units if unit in names]
        if len(own) == len(units) and numbers[own].mean() >= LIVE:
            change = max(float(numbers[[EXPRESSION + column for column in own]].mean()), SMALLEST)
            row[[place, len(CONTROLS) + place]] = np.log([numbers[own].mean(), change])
    return row


def row_of_curves(clips: Sequence[FloatArray]) -> FloatArray:
    """The row (24,) of control curves (T, 12) at 25 per second, the mean over clips as a code's is."""
    spreads = np.mean([clip.std(axis=0) for clip in clips], axis=0)
    changes = np.mean([np.diff(clip, axis=0).std(axis=0) for clip in clips], axis=0)
    return np.log(np.maximum(np.concatenate([spreads, changes]), SMALLEST))


def amplitudes(row: FloatArray) -> FloatArray:
    """The deviations (12,) of the controls, from a row."""
    return np.exp(row[:_AMPLITUDES])
