"""The whole head as one part, with its pieces kept at hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.training.open_head import eyes, hair, skin, teeth, tongue
from backend.training.open_head.part import Part, joined
from backend.training.open_head.wheel import Float64Array, IntArray, Wheel

ORIGIN = np.array([0.0, 7.05, 1.12])  # of the model, in base-mesh coordinates
PARTS = (
    "skin",
    "lips",
    "mouth_inner",
    "gums",
    "teeth_upper",
    "teeth_lower",
    "tongue",
    "eye_left",
    "eye_right",
    "lashes",
    "brows",
)


@dataclass(frozen=True, eq=False)
class Head:
    """All pieces joined. ranges: vertex range of each piece by name."""

    whole: Part
    skin: skin.Skin
    eyes: eyes.Eyes
    ranges: dict[str, slice]

    @property
    def triangle_part(self) -> np.ndarray:
        """(f,) uint8 index into PARTS."""
        return np.array([PARTS.index(label) for label in self.whole.labels], dtype=np.uint8)

    def zeros(self) -> Float64Array:
        """A displacement field (n, 3) of nothing."""
        return np.zeros_like(self.whole.rest)

    def mirrored(self, field: Float64Array) -> Float64Array:
        """The mirror image of a displacement field or shape (n, 3)."""
        return field[self.whole.mirror] * (-1, 1, 1)

    def indices(self, piece: str) -> IntArray:
        """Vertex indices of a piece."""
        return np.arange(len(self.whole.rest))[self.ranges[piece]]


def build(wheel: Wheel) -> Head:
    """Build every piece on the neutral head and join them."""
    cover = skin.build(wheel)
    balls = eyes.build(wheel)
    upper, lower, upper_gum, lower_gum = teeth.build(wheel)
    pieces = {
        "skin": cover.part,
        "eyes": balls.part,
        "teeth_upper": upper,
        "teeth_lower": lower,
        "gum_upper": upper_gum,
        "gum_lower": lower_gum,
        "tongue": tongue.build(wheel),
        "lashes": hair.lashes(wheel, balls.centre),
        "brows": hair.brows(wheel, cover),
    }
    whole, ranges = joined(list(pieces.values()))
    return Head(whole, cover, balls, dict(zip(pieces, ranges, strict=True)))
