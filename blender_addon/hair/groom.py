"""What somebody wants on a head, and its strands (no bpy)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .beards import BEARDS, beard_hair
from .brows import brow_hair
from .cuts import CUTS
from .distance import DistanceField
from .strands import Strands, head_hair
from .surface import HairError, Surface

BALD: Final = "bald"
NO_BEARD: Final = "none"
CUT_NAMES: Final = (BALD, *CUTS)
BEARD_NAMES: Final = (NO_BEARD, *BEARDS)
DENSITY: Final = (0.05, 2.0)  # the least and the most


@dataclass(frozen=True)
class Groom:
    """One choice.

    cut: one of `CUT_NAMES`; brows: fine hairs in place of the head's own brows; beard: one of `BEARD_NAMES`;
    colour: linear RGB, None for what is known of the person's hair; density: 1 for what the cuts are made for; seed:
    another number gives other strands of the same cut.

    Raises:
        HairError: a name that does not exist, or a density out of range.
    """

    cut: str = "side_part"
    brows: bool = True
    beard: str = NO_BEARD
    colour: tuple[float, float, float] | None = None
    density: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value, names in (("cut", self.cut, CUT_NAMES), ("beard", self.beard, BEARD_NAMES)):
            if value not in names:
                raise HairError(f"there is no {name} called {value!r}; choose one of {', '.join(names)}")
        if not DENSITY[0] <= self.density <= DENSITY[1]:
            raise HairError(f"density runs from {DENSITY[0]} to {DENSITY[1]}, got {self.density}")


def grown(surface: Surface, groom: Groom) -> dict[str, Strands]:
    """The strands by kind: "hair", "brows", "beard", as far as they are wanted.

    Raises:
        HairError: the head has no place for it.
    """
    field = DistanceField.of(surface)
    found: dict[str, Strands] = {}
    if groom.cut != BALD:
        found["hair"] = head_hair(surface, field, CUTS[groom.cut], groom.density, groom.seed)
    if groom.brows:
        found["brows"] = brow_hair(surface, field, min(1.0, groom.density * 2), groom.seed)
    if groom.beard != NO_BEARD:
        found["beard"] = beard_hair(surface, field, BEARDS[groom.beard], groom.density, groom.seed)
    return found
