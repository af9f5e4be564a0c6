"""Rigify's face controls: which bones there are and how far each unit moves them (no bpy).

Distances are shares of the mouth's half width (from its middle to a corner), along x (to the subject's left), y (back)
and z (up) of Blender's world for a face that looks along -y. They hold for Rigify's human face of Blender 4.2 and later
and for the older face with `lips.L`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .channels import PAIRS
from .tracks import Tracks

Float32Array = NDArray[np.float32]
Way = tuple[float, float, float]

CORNERS: Final = ("lip_end.L.001", "lips.L")
MARKS: Final = ("jaw_master", "lip.T", "lip.B")
AIMS: Final = {"left eye": "eye.L", "right eye": "eye.R"}  # what the eyes look at; turning an eye itself does nothing

CORNER: Final[Mapping[str, Way]] = {
    **{
        "mouthSmileLeft": (0.22, 0.10, 0.28),
        "mouthFrownLeft": (0.03, 0.03, -0.22),
        "mouthStretchLeft": (0.2, 0.1, -0.06),
    },
    **{"mouthWide": (0.2, 0.1, 0.0), "mouthDimpleLeft": (0.1, 0.08, 0.03), "mouthPucker": (-0.38, -0.16, 0.0)},
    **{"mouthFunnel": (-0.24, -0.14, 0.0), "lipFlare": (-0.12, -0.08, 0.0), "mouthPressLeft": (0.03, 0.02, 0.0)},
}
UPPER: Final[Mapping[str, Way]] = {
    **{"mouthUpperUp": (0.0, -0.02, 0.24), "mouthPucker": (0.0, -0.2, 0.02), "mouthFunnel": (0.0, -0.2, 0.12)},
    **{"lipFlare": (0.0, -0.14, 0.14), "mouthRollUpper": (0.0, 0.1, -0.06), "lipPress": (0.0, 0.05, -0.05)},
    **{"upperLipRaise": (0.0, -0.04, 0.2), "lipBiteLower": (0.0, -0.02, 0.05)},
}
LOWER: Final[Mapping[str, Way]] = {
    **{"mouthLowerDown": (0.0, -0.02, -0.3), "mouthPucker": (0.0, -0.2, -0.02), "mouthFunnel": (0.0, -0.2, -0.1)},
    **{"lipFlare": (0.0, -0.14, -0.12), "mouthRollLower": (0.0, 0.12, 0.06), "lipPress": (0.0, 0.05, 0.05)},
    **{"lipBiteLower": (0.0, 0.14, 0.12), "mouthShrugLower": (0.0, -0.06, 0.12)},
}
INNER_BROW: Final[Mapping[str, Way]] = {"browInnerUp": (0.0, 0.0, 0.3), "browDownLeft": (-0.06, 0.0, -0.25)}
MIDDLE_BROW: Final[Mapping[str, Way]] = {
    **{"browInnerUp": (0.0, 0.0, 0.14), "browOuterUpLeft": (0.0, 0.0, 0.22), "browDownLeft": (-0.03, 0.0, -0.2)},
}
OUTER_BROW: Final[Mapping[str, Way]] = {"browOuterUpLeft": (0.0, 0.0, 0.3), "browDownLeft": (0.0, 0.0, -0.1)}

LEFT: Final[Mapping[str, Mapping[str, Way]]] = {
    **{"lip_end.L.001": CORNER, "lips.L": CORNER, "lip.T.L.001": UPPER, "lip.B.L.001": LOWER},
    **{"brow.T.L.003": INNER_BROW, "brow.T.L.002": MIDDLE_BROW, "brow.T.L.001": OUTER_BROW},
}
MIDDLE: Final[Mapping[str, Mapping[str, Way]]] = {"lip.T": UPPER, "lip.B": LOWER}
BESIDE: Final = 0.75  # lip.T.L.001 lies halfway to the corner and moves less than the middle

LIDS: Final[Mapping[str, str]] = {
    **{f"lid.T.{side}.00{upper}": f"lid.B.{side}.00{4 - upper}" for side in "LR" for upper in (1, 2, 3)},
}
"""Upper lid bones, which a blink carries to the lower ones."""
LID_MEETS: Final = 0.95


@dataclass(frozen=True)
class Rig:
    """The controls that are there: jaw, eyes by channel, and the face bones that move by translation."""

    jaw: str
    corner: str
    eyes: Mapping[str, str] = field(default_factory=dict)
    bones: tuple[str, ...] = ()


def rig_of(bones: Sequence[str]) -> Rig | None:
    """The Rigify face among these bones; None when there is none."""
    there = set(bones)
    corner = next((name for name in CORNERS if name in there), None)
    if corner is None or not set(MARKS) <= there:
        return None
    eyes = {channel: name for channel, name in AIMS.items() if name in there and f"ORG-{name}" in there}
    moved = [*MIDDLE, *LEFT, *(_mirrored(name) for name in LEFT), *LIDS]
    return Rig("jaw_master", corner, eyes, tuple(name for name in moved if name in there))


def displacement(bone: str, tracks: Tracks) -> Float32Array:
    """(T, 3) where a lip or brow bone goes, in half widths of the mouth; zeros for a bone without a table."""
    right = bone not in LEFT and _mirrored(bone) in LEFT
    table = MIDDLE.get(bone) or LEFT.get(_mirrored(bone) if right else bone, {})
    ways = np.zeros((len(tracks), 3), dtype=np.float32)
    for name, way in table.items():
        unit = name.replace("Left", "Right") if right else name
        track = tracks.both(unit) if unit in PAIRS else tracks.unit(unit)
        ways += track[:, None] * np.array(way, dtype=np.float32)
    if bone.startswith(("lip.T.", "lip.B.")):
        ways *= BESIDE
    return ways * np.array([-1, 1, 1], dtype=np.float32) if right else ways


def blink(bone: str, tracks: Tracks) -> Float32Array:
    """(T,) share of the way from an upper lid bone to its lower one."""
    side = "Left" if ".L." in bone else "Right"
    shut = tracks.unit(f"eyeBlink{side}") + 0.25 * tracks.unit(f"eyeSquint{side}")
    return np.clip(LID_MEETS * shut - 0.3 * tracks.unit(f"eyeWide{side}"), -0.4, LID_MEETS)


def _mirrored(bone: str) -> str:
    return bone.replace(".L", ".R") if ".L" in bone else bone.replace(".R", ".L")
