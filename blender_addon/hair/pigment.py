"""The colours of hair (no bpy): from two pigments, and what a colour would need of them.

Eumelanin makes hair brown and black, pheomelanin red. Absorption per pigment is d'Eon's (2011); between absorption and
the colour that is seen after many reflections Chiang et al. (2016) give a fit, which Cycles uses, too.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]

EUMELANIN: Final = np.array([0.506, 0.841, 1.653])
PHEOMELANIN: Final = np.array([0.343, 0.733, 1.924])
ROUGHNESS: Final = 0.3  # of hair around its azimuth
_FIT: Final = (5.969, -0.215, 2.532, -10.73, 5.574, 0.245)
STRONGEST: Final = 0.985  # of the pigment; beyond it hair is only blacker


def colour_of(melanin: float, redness: float) -> Float64Array:
    """Linear RGB (3,) of hair with `melanin` 0..1 (white to black), of which a share `redness` 0..1 is red."""
    amount = -np.log(1 - min(max(melanin, 0.0), STRONGEST))
    absorption = amount * ((1 - redness) * EUMELANIN + redness * PHEOMELANIN)
    return np.exp(-np.sqrt(absorption) * _denominator())


def pigments_of(colour: Float64Array) -> tuple[float, float]:
    """Melanin 0..1 and redness 0..1 of the hair that is nearest to linear RGB `colour` (3,), by absorption."""
    absorption = (np.log(np.clip(np.asarray(colour, dtype=np.float64), 1e-9, 0.9999999)) / _denominator()) ** 2
    both = np.stack([EUMELANIN, PHEOMELANIN], axis=1)
    amounts = np.linalg.lstsq(both, absorption, rcond=None)[0]
    for kept, left in ((0, 1), (1, 0)):  # no negative pigment: one of both alone
        if amounts[left] < 0:
            amounts[left] = 0.0
            amounts[kept] = max(0.0, float(both[:, kept] @ absorption / (both[:, kept] @ both[:, kept])))
    total = float(amounts.sum())
    return min(1 - float(np.exp(-total)), STRONGEST), float(amounts[1] / total) if total > 1e-9 else 0.0


def _denominator() -> float:
    return float(sum(factor * ROUGHNESS**power for power, factor in enumerate(_FIT)))
