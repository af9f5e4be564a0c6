"""How a take's expressions are worn by the person of the photo, who had one already.

The photo's colours belong to the photo's expression: on another one they show folds where nothing folds. So what speech
does not need (brows, cheeks, lids) stays the photo's and the take moves about it, and a trace of its smile stays
around the mouth.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

KEPT: Final = {  # share of the photo's own expression that stays, by the beginning of the unit's name
    "brow": 1.0,
    "cheekSquint": 1.0,
    "noseSneer": 1.0,
    "eyeSquint": 1.0,
    "eyeWide": 1.0,
    "mouthSmile": 0.45,
    "mouthDimple": 0.45,
    "mouthFrown": 0.45,
    "mouthLeft": 0.5,
    "mouthRight": 0.5,
    "jawLeft": 0.5,
    "jawRight": 0.5,
}
BLINK: Final = "eyeBlink"


def kept_expression(photo: Float32Array, names: tuple[str, ...]) -> Float32Array:
    """What stays (64,) of the photo's expression (64,); nothing of a model without named units."""
    share = [next((s for start, s in KEPT.items() if name.startswith(start)), 0.0) for name in names]
    return (photo * np.array(share)).astype(np.float32)


def worn_expressions(take: Float32Array, photo: Float32Array, names: tuple[str, ...]) -> Float32Array:
    """Expressions (T, 64) for a take's (T, 64) and the photo's (64,).

    Lids that were half shut in the photo have less way to go. A model without named units wears the take's as they are.
    """
    worn = take + kept_expression(photo, names)
    for i, name in enumerate(names):
        if name.startswith(BLINK):
            worn[:, i] = photo[i] + (1 - photo[i]) * take[:, i]
    low, high = (0.0, 1.0) if "jawOpen" in names else (-np.inf, np.inf)
    return np.clip(worn, low, high).astype(np.float32)
