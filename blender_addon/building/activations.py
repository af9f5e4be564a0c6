"""How far each image of a living texture is switched on, as expressions of drivers (no bpy).

Blender evaluates an expression of numbers, names, + - * and `clamp` itself, without Python: such a driver works where
scripts may not run. It holds 255 characters, so that a long sum becomes several drivers whose values are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

LONGEST: Final = 240  # characters of an expression; Blender takes 255
SMALLEST: Final = 2e-3  # weights below it are left out


@dataclass(frozen=True)
class Sum:
    """One driver: `expression` of variables v0, v1 … which are the values of the shape keys `keys`."""

    expression: str
    keys: tuple[str, ...]


def sums(weights: Float32Array, bias: float, names: Sequence[str]) -> tuple[Sum, ...]:
    """The drivers for weights (64,) of shape keys called `names`.

    One is clamped to 0..1; several are to be added first.
    """
    chosen = [int(i) for i in np.argsort(-np.abs(weights), kind="stable") if abs(weights[i]) >= SMALLEST]
    parts: list[tuple[list[str], list[str]]] = [([_number(bias)] if abs(bias) >= SMALLEST else [], [])]
    for index in chosen:
        terms, keys = parts[-1]
        term = f"{_number(weights[index])}*v{len(keys)}"
        if len("+".join([*terms, term])) > LONGEST - len("clamp()"):
            terms, keys = [], []
            parts.append((terms, keys))
            term = f"{_number(weights[index])}*v0"
        terms.append(term)
        keys.append(names[index])
    written = [("+".join(terms).replace("+-", "-") or "0", tuple(keys)) for terms, keys in parts]
    if len(written) == 1:
        return (Sum(f"clamp({written[0][0]})", written[0][1]),)
    return tuple(Sum(text, keys) for text, keys in written)


def _number(value: float) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
