"""The expression units of a take, and how our own ones look to a character that has ARKit's alone (no bpy)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _sided(*bases: str) -> tuple[str, ...]:
    return tuple(f"{base}{side}" for base in bases for side in ("Left", "Right"))


_EYE: Final = ("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide")

ARKIT: Final[tuple[str, ...]] = (
    *(f"{base}Left" for base in _EYE),
    *(f"{base}Right" for base in _EYE),
    *("jawForward", "jawLeft", "jawRight", "jawOpen"),
    *("mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight"),
    *_sided("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch"),
    *("mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *_sided("mouthPress", "mouthLowerDown", "mouthUpperUp"),
    *("browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    *("cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut"),
)
"""ARKit's 52 blend shapes (ARFaceAnchor.BlendShapeLocation), in the order of the open head."""

OWN: Final = (
    *("tongueTipUp", "tongueBackUp", "tongueInterdental", "tongueWide", "lipPress", "lipBiteLower"),
    *("lipFlare", "mouthWide", "upperLipRaise", "nostrilFlare", "neckTense", "pupilDilate"),
)

UNITS: Final = (*ARKIT, *OWN)
INDEX: Final = {name: index for index, name in enumerate(UNITS)}

FOLD: Final[Mapping[str, Mapping[str, float]]] = {
    "lipPress": {"mouthRollLower": 0.3, "mouthRollUpper": 0.2, "mouthPressLeft": 0.4, "mouthPressRight": 0.4},
    "lipBiteLower": {"mouthRollLower": 0.7, "mouthUpperUpLeft": 0.34, "mouthUpperUpRight": 0.34, "jawOpen": 0.05},
    "lipFlare": {
        **{"mouthShrugLower": 0.5, "mouthFunnel": 0.25, "mouthLowerDownLeft": 0.4, "mouthLowerDownRight": 0.4},
        **{"mouthUpperUpLeft": 0.15, "mouthUpperUpRight": 0.15},
    },
    "mouthWide": {
        "mouthStretchLeft": 0.45,
        "mouthStretchRight": 0.45,
        "mouthDimpleLeft": 0.15,
        "mouthDimpleRight": 0.15,
    },
    "upperLipRaise": {"mouthUpperUpLeft": 0.6, "mouthUpperUpRight": 0.6, "mouthShrugUpper": 0.55},
    "nostrilFlare": {"noseSneerLeft": 0.08, "noseSneerRight": 0.08},
    "tongueInterdental": {"tongueOut": 0.4},
}
"""The project's units in ARKit's: nonnegative least squares of the open head's displacements of skin and lips, without
pairs that cancel each other (mouthLeft with mouthRight), and rounded. What is not named has no likeness in ARKit."""
