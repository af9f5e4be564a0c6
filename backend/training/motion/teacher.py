"""The teacher: the articulator says real readers' phones in random styles, and its mouth is what the network learns.

Captured mouths open 10 to 20 ms later than the articulator's, so all but contact is read off it that much earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.training.motion.material import Item
from backend.training.style_gauge import random_style
from models.motion import contacts
from models.motion.learned.style_row import row_of_curves, terms
from models.motion.motion import Float32Array, FloatArray
from models.motion.mouth import mouth
from models.motion.prosody import levels
from models.motion.styles import Style, checked_sliders
from models.motion.timeline import gapless
from models.motion.visemes import CONTROLS
from models.speech.phones import RATE

DELAY: Final = 0.012  # seconds
FPS: Final = 25.0
CLIPS_PER_STYLE: Final = 6  # on which a style's row is measured
PENALTY: Final = 1e-2


@dataclass(frozen=True, eq=False)
class TaughtStyles:
    """styles: as the articulator takes them; rows (S, 24): how each shows; effect (K, 24): rows from parameters."""

    styles: list[Style]
    rows: FloatArray
    effect: FloatArray


def taught_styles(read: Sequence[Item], count: int, seed: int) -> TaughtStyles:
    """Random styles and how they show on sentences that were read."""
    generator = np.random.default_rng(seed)
    styles, rows = [], []
    for number in range(count):
        style = replace(random_style(generator), mood={}, asymmetry=0.0)
        chosen = generator.choice(len(read), CLIPS_PER_STYLE, replace=False)
        times = [np.arange(np.ceil(read[k].seconds * FPS)) / FPS for k in chosen]
        rows.append(row_of_curves([curves(read[k], style, own, number) for k, own in zip(chosen, times, strict=True)]))
        styles.append(style)
    inputs, targets = np.array([terms(style) for style in styles]), np.array(rows)
    square = inputs.T @ inputs + PENALTY * np.eye(inputs.shape[1])
    return TaughtStyles(styles, targets, np.linalg.solve(square, inputs.T @ targets))


def lesson(item: Item, style: Style, seed: int) -> tuple[Float32Array, Float32Array]:
    """Controls (N, 12) as weights, and contacts (N, 3) of `network.CONTACTS`, for each row of an item's features."""
    times = (np.arange(len(item.features)) + 0.5) / RATE
    spans = gapless(item.spans, item.seconds)
    touching = (contacts.seals(spans, FPS), contacts.bites(spans, FPS), contacts.rests(spans))
    strength = np.stack([contacts.envelope(plateaus, times) for plateaus in touching], axis=1)
    return curves(item, style, times - DELAY, seed).astype(np.float32), strength.astype(np.float32)


def curves(item: Item, style: Style, times: FloatArray, seed: int) -> FloatArray:
    """The articulator's controls (T, 12) at `times`."""
    spans = gapless(item.spans, item.seconds)
    weights = mouth(spans, levels(spans, item.loudness), times, style, checked_sliders(None), seed, FPS)
    return np.stack([np.mean([weights[unit] for unit in units], axis=0) for units in CONTROLS.values()], axis=1)
