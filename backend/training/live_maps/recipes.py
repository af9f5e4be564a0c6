"""Which maps there are: what switches them on, where skin folds then, and how it looks.

Places are MediaPipe's landmarks (canonical numbering); those of one side stand for both. Lengths are millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Lines:
    """Many lines across the direction in which skin is pressed together.

    spacing: between lines; depth: of their ground; up: roughly the direction in which they are counted; places:
    landmarks that they lie around; near, far: distances from these between which they fade; spread: how far the pull of
    the muscle reaches beyond the mesh's own strain; width: of a groove, as a share of the spacing; dimples: pits in no
    direction instead, as on a chin.
    """

    spacing: float
    depth: float
    up: Point
    places: tuple[int, ...]
    near: float
    far: float
    spread: float = 6.0
    width: float = 0.28
    dimples: bool = False


@dataclass(frozen=True)
class Fold:
    """One groove along landmarks; depth and width: of the groove; rise: of the pad beside it, as a share of depth."""

    path: tuple[int, ...]
    depth: float
    width: float
    rise: float = 0.35


@dataclass(frozen=True)
class Recipe:
    """One map.

    units: what switches it on, by how much; "*" stands for Left and Right; window: u and v of two corners;
    occlusion: how much of the computed loss of sky becomes shade; pressed: how much redder skin gets that shrinks (and
    paler that grows); pale: how much blood pressure drives out of the lips; dark: shade of the lips.
    """

    name: str
    units: dict[str, float]
    window: tuple[float, float, float, float]
    lines: tuple[Lines, ...] = ()
    folds: tuple[Fold, ...] = ()
    occlusion: float = 0.4
    pressed: float = 0.25
    pale: float = 0.0
    dark: float = 0.0
    lips: str = "both"


UP: Final = (0.0, 1.0, 0.0)
ACROSS: Final = (1.0, 0.0, 0.0)
FOREHEAD: Final = (151, 108, 69, 104, 109, 67, 10, 337, 299, 333, 338, 297)
LIPS: Final = (61, 185, 40, 39, 37, 0, 17, 84, 181, 91, 146)
NASOLABIAL: Final = (49, 129, 203, 206, 216)
UPPER_LID: Final = (247, 30, 29, 27, 28, 56, 190)
LOWER_LID: Final = (25, 110, 24, 23, 22, 26)
UNDER_LID: Final = (226, 31, 228, 229, 230, 231, 232, 233)

UPPER_FACE: Final = (0.2, 0.66, 0.8, 0.96)
MIDDLE: Final = (0.16, 0.42, 0.84, 0.86)
MOUTH: Final = (0.32, 0.3, 0.68, 0.6)
LOWER_FACE: Final = (0.2, 0.26, 0.8, 0.7)
EYES: Final = (0.22, 0.6, 0.78, 0.84)

RECIPES: Final = (
    Recipe(
        "forehead, middle",
        {"browInnerUp": 1.0},
        UPPER_FACE,
        (Lines(7.5, 0.38, UP, (151, 108, 109, 10, 337, 338), 14, 30, spread=16),),
    ),
    Recipe(
        "forehead, sides",
        {"browOuterUp*": 1.0},
        UPPER_FACE,
        (Lines(7.5, 0.34, UP, (69, 104, 67, 103), 10, 24, spread=14),),
    ),
    Recipe(
        "frown",
        {"browDown*": 1.0},
        UPPER_FACE,
        (Lines(7.0, 0.5, ACROSS, (9, 8, 107, 55), 6, 16, spread=5),),
        pressed=0.2,
    ),
    Recipe(
        "squint",
        {"eyeSquint*": 0.8, "cheekSquint*": 0.5, "mouthSmile*": 0.25},
        EYES,
        (Lines(4.2, 0.3, UP, (35, 143, 156, 113, 124), 7, 16, spread=5),),
        (Fold(UNDER_LID, 0.3, 1.0), Fold(LOWER_LID, 0.2, 0.8)),
    ),
    Recipe("blink", {"eyeBlink*": 1.0}, EYES, folds=(Fold(UPPER_LID, 0.12, 0.7),), occlusion=0.4, pressed=0.1),
    Recipe(
        "sneer",
        {"noseSneer*": 1.0, "mouthUpperUp*": 0.5},
        MIDDLE,
        (Lines(4.0, 0.3, UP, (122, 188, 193), 5, 11, spread=5),),
        (Fold(NASOLABIAL[:4], 0.35, 1.3),),
    ),
    Recipe(
        "smile",
        {"mouthSmile*": 1.0},
        MIDDLE,
        (),
        (Fold(NASOLABIAL, 0.6, 1.5, 0.45), Fold(UNDER_LID, 0.12, 1.2)),
    ),
    Recipe(
        "mouth corners",
        {"mouthDimple*": 1.0, "mouthStretch*": 0.8, "mouthPress*": 0.4},
        LOWER_FACE,
        (),
        (Fold((216, 57, 43), 0.4, 1.0), Fold((216, 212, 202), 0.2, 1.4)),
    ),
    Recipe(
        "corners down",
        {"mouthFrown*": 1.0},
        LOWER_FACE,
        (),
        (Fold((61, 43, 204), 0.45, 1.1), Fold((204, 194, 201, 200), 0.25, 1.5)),
    ),
    Recipe(
        "pucker",
        {"mouthPucker": 1.0, "mouthFunnel": 0.4},
        MOUTH,
        (Lines(2.6, 0.18, ACROSS, LIPS, 1.5, 6.5, spread=5, width=0.34),),
        pressed=0.3,
    ),
    Recipe("press", {"mouthPress*": 0.5, "lipPress": 1.0}, MOUTH, occlusion=0.4, pale=0.55, pressed=0.0),
    Recipe("roll, upper", {"mouthRollUpper": 1.0}, MOUTH, occlusion=0.4, dark=0.16, lips="upper", pressed=0.1),
    Recipe(
        "roll, lower",
        {"mouthRollLower": 1.0, "lipBiteLower": 0.8},
        MOUTH,
        occlusion=0.4,
        dark=0.16,
        lips="lower",
        pressed=0.1,
    ),
    Recipe(
        "chin",
        {"mouthShrugLower": 1.0, "mouthFrown*": 0.25},
        LOWER_FACE,
        (Lines(2.1, 0.3, UP, (199, 175, 200, 208), 6, 13, dimples=True),),
        (Fold((204, 194, 201, 200), 0.45, 1.6),),
    ),
    Recipe("jaw open", {"jawOpen": 1.0}, LOWER_FACE, (), (Fold((212, 202, 210), 0.2, 1.8),), occlusion=0.4),
    Recipe(
        "neck",
        {"neckTense": 1.0},
        (0.1, 0.25, 0.9, 0.5),
    ),
)
