"""From expression units to visemes: how much of each shape looks like the mouth of the take (no bpy).

Both sides are described by what an eye sees of a mouth: how far it is open, wide, round, how the lips are held, where
the tongue is. The weights v (T, K) >= 0 minimise, over the whole take at once,

    sum_t |A v_t - b_t|² + RIDGE |v|² + SMOOTH sum_t |v_t - v_(t-1)|²

within what the character's sliders allow, so that others help where one is at its end, by accelerated projected
gradient (Beck & Teboulle 2009, FISTA), which needs nothing but NumPy. What must not be approximate is then set: where
the lips are pressed, the closed viseme takes the place of all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .tracks import Tracks, lip_gap, seal
from .units import INDEX, UNITS
from .visemes import CLOSED, SETS, Mixture

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

RIDGE: Final = 0.0003  # of two visemes that look the same, half of each
SMOOTH: Final = 0.02
STEPS: Final = 250
HIGHEST: Final = 1.0  # of a slider, unless the character's allows another value
PARTED: Final = 0.15  # opening of a viseme, in units of jawOpen, from which it has nothing in a closed mouth

# What is seen, how much an error in it is noticed, and what makes it. The opening weighs most: it is what is lip-read.
FEATURES: Final[tuple[tuple[float, Mapping[str, float]], ...]] = (
    (2.2, {"jawOpen": 1.0, "mouthClose": -1.0, "mouthLowerDown": 0.4, "mouthUpperUp": 0.35, "lipFlare": 0.3}),
    (0.8, {"jawOpen": 1.0}),
    (0.8, {"mouthPucker": 1.0, "mouthFunnel": 0.6, "lipFlare": 0.5}),
    (0.6, {"mouthFunnel": 1.0, "lipFlare": 1.0}),
    (0.9, {"mouthWide": 1.0, "mouthStretch": 1.0, "mouthDimple": 0.6, "mouthSmile": 0.5, "mouthPucker": -0.8}),
    (0.9, {"lipBiteLower": 1.0, "mouthRollLower": 0.9}),
    (0.7, {"lipPress": 1.0, "mouthPress": 0.5, "mouthRollUpper": 0.5}),
    (0.6, {"mouthUpperUp": 1.0, "upperLipRaise": 1.0}),
    (0.6, {"mouthLowerDown": 1.0}),
    (0.25, {"tongueTipUp": 1.0}),
    (0.25, {"tongueBackUp": 1.0}),
    (0.35, {"tongueInterdental": 1.0, "tongueOut": 1.0}),
)


@dataclass(frozen=True, eq=False)
class Fit:
    """weights (T, K) of the visemes; missing (K,): how much more than its highest weight each should have had at most,
    with all others as they are; 0 where it never came to its end."""

    weights: Float32Array
    missing: Float32Array


def decomposed(
    tracks: Tracks, kind: str, names: Sequence[str], highest: NDArray[np.floating] | float = HIGHEST
) -> Float32Array:
    """Weights (T, K) from 0 to `highest` of the visemes `names`; see `fit`."""
    return fit(tracks, kind, names, highest).weights


def fit(tracks: Tracks, kind: str, names: Sequence[str], highest: NDArray[np.floating] | float = HIGHEST) -> Fit:
    """The visemes `names` of the set `kind` (see `visemes.SETS`) that look like the mouth of the take.

    highest: (K,) or one for all, at least 0: what their sliders allow.

    Raises:
        KeyError: there is no such set, or no such viseme in it.
    """
    seen = features()
    shapes = np.stack([_vector(SETS[kind][name]) for name in names])
    limits = np.broadcast_to(np.asarray(highest, dtype=np.float64), len(names))
    a, b = seen @ shapes.T, tracks.units.astype(np.float64) @ seen.T
    weights, missing = _fitted(a, b, limits)
    empty = [index for index, name in enumerate(names) if not SETS[kind][name]]
    weights[:, empty], missing[empty] = 0.0, 0.0
    opening = np.clip(shapes @ seen[0] / (FEATURES[0][0] * PARTED), 0.0, 1.0)
    held = _contacts_held(weights, tracks, CLOSED.get(kind, ""), names, opening)
    missing = np.maximum(missing, (held - limits).max(axis=0, initial=0.0))
    return Fit(np.minimum(held, limits).astype(np.float32), missing.astype(np.float32))


def features() -> Float64Array:
    """(F, 64) what is seen of a mouth, as weighted sums of expression units."""
    return np.stack([weight * _vector(parts, mean=True) for weight, parts in FEATURES])


def _vector(mixture: Mixture, mean: bool = False) -> Float64Array:
    """(64,) of a mixture whose bases stand for a left and a right unit: both, or with `mean` half of each."""
    vector = np.zeros(len(UNITS))
    for name, weight in mixture.items():
        if name in INDEX:
            vector[INDEX[name]] += weight
            continue
        for side in ("Left", "Right"):
            vector[INDEX[f"{name}{side}"]] += weight / 2 if mean else weight
    return vector


def _fitted(a: Float64Array, b: Float64Array, highest: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Weights (T, K) from 0 to `highest` (K,) for a (F, K) and b (T, F), and what is missing (K,)."""
    gram, wanted = a.T @ a + RIDGE * np.eye(a.shape[1]), b @ a
    step = 1.0 / (np.linalg.eigvalsh(gram)[-1] + 4 * SMOOTH)
    weights = ahead = np.zeros_like(wanted)
    pace = 1.0
    for _ in range(STEPS):
        slope = ahead @ gram - wanted
        change = SMOOTH * np.diff(ahead, axis=0)
        slope[1:] += change
        slope[:-1] -= change
        following = np.clip(ahead - step * slope, 0.0, highest)
        next_pace = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = following + (pace - 1) / next_pace * (following - weights)
        weights, pace = following, next_pace
    pull = (wanted - weights @ gram) / np.diag(gram)  # where the slope still points beyond the end
    at_end = weights >= highest - 1e-3
    return weights, np.where(at_end, pull, 0.0).max(axis=0, initial=0.0)


def _contacts_held(
    weights: Float64Array, tracks: Tracks, closed: str, names: Sequence[str], opening: Float64Array
) -> Float64Array:
    """Let pressed lips shut the mouth, whatever the fit made of its neighbours; `opening` (K,) parts them, 0..1."""
    shut = seal(tracks).astype(np.float64)[:, None]
    weights = weights * (1 - shut)
    if closed in names:
        weights[:, names.index(closed)] += shut[:, 0]
    # A mouth that rests with its lips together has to rest in visemes too: those that part them stay away.
    resting = np.clip(1 - lip_gap(tracks) / 0.03, 0.0, 1.0)[:, None] * (1 - shut)
    bitten = np.clip(tracks.unit("lipBiteLower") / 0.3, 0.0, 1.0)[:, None]
    return weights * (1 - resting * (1 - bitten) * opening)
