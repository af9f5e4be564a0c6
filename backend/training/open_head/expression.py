"""The 64 named expressions: Apple's 52 face units, then twelve that speech needs."""

from __future__ import annotations

import numpy as np

from backend.training.open_head import lids, lips, speech_shapes
from backend.training.open_head.eyes import rotation_about
from backend.training.open_head.head import Head
from backend.training.open_head.wheel import Float64Array, Wheel, symmetrised

ARKIT = (
    "eyeBlinkLeft eyeLookDownLeft eyeLookInLeft eyeLookOutLeft eyeLookUpLeft eyeSquintLeft eyeWideLeft "
    "eyeBlinkRight eyeLookDownRight eyeLookInRight eyeLookOutRight eyeLookUpRight eyeSquintRight eyeWideRight "
    "jawForward jawLeft jawRight jawOpen mouthClose mouthFunnel mouthPucker mouthLeft mouthRight "
    "mouthSmileLeft mouthSmileRight mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight "
    "mouthStretchLeft mouthStretchRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper "
    "mouthPressLeft mouthPressRight mouthLowerDownLeft mouthLowerDownRight mouthUpperUpLeft mouthUpperUpRight "
    "browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft "
    "cheekSquintRight noseSneerLeft noseSneerRight tongueOut"
).split()
SPEECH = (
    "tongueTipUp tongueBackUp tongueInterdental tongueWide lipPress lipBiteLower lipFlare mouthWide upperLipRaise "
    "nostrilFlare neckTense pupilDilate"
).split()
NAMES = (*ARKIT, *SPEECH)

LOOK_UP_DOWN = np.radians(22.0)
LOOK_ASIDE = np.radians(28.0)


def build(wheel: Wheel, head: Head) -> tuple[Float64Array, Float64Array]:
    """The neutral shape with lips and lids put right (n, 3), and the displacements (64, n, 3)."""
    fields = {name: head.whole.carry(unit(wheel, name)) for name in ARKIT}
    turn_eyes(head, fields)
    fields.update(speech_shapes.build(wheel, head, fields))
    rest = head.whole.rest.copy()
    return rest, np.stack([fields[name] for name in NAMES])


def unit(wheel: Wheel, name: str) -> Float64Array:
    """A face unit with exact symmetry: the left one mirrored for the right, central ones averaged."""
    mirror = wheel.base.mirror
    flip = np.array([-1, 1, 1])
    if name.endswith("Right"):
        return wheel.unit(name.replace("Right", "Left"))[mirror] * flip
    if name.endswith("Left"):
        return wheel.unit(name)
    return symmetrised(wheel.unit(name), mirror)


def turn_eyes(head: Head, fields: dict[str, Float64Array]) -> None:
    """Replace the eyeballs' part of the looks by true turns; the units only turn them by 10 to 15 degrees."""
    left = head.indices("eyes")[: len(head.indices("eyes")) // 2]
    points = head.whole.rest[left]
    turns = {
        "eyeLookUp": ((1, 0, 0), -LOOK_UP_DOWN),
        "eyeLookDown": ((1, 0, 0), LOOK_UP_DOWN),
        "eyeLookOut": ((0, 1, 0), LOOK_ASIDE),
        "eyeLookIn": ((0, 1, 0), -LOOK_ASIDE),
    }
    for name, (axis, angle) in turns.items():
        field = fields[name + "Left"]
        field[head.indices("eyes")] = 0
        field[left] = rotation_about(head.eyes.centre, points, axis, angle)
        fields[name + "Right"] = head.mirrored(field)
