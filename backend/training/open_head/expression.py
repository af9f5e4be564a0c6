"""The 64 named expressions: Apple's 52 face units, then twelve that speech needs."""

from __future__ import annotations

import numpy as np

from backend.training.open_head import lids, lips, speech_shapes
from backend.training.open_head.eyes import rotation_about
from backend.training.open_head.fields import smoothstep
from backend.training.open_head.hair import STATIONS
from backend.training.open_head.head import Head
from backend.training.open_head.softening import Softener
from backend.training.open_head.speech_shapes import Source
from backend.training.open_head.wheel import Float64Array, Wheel, symmetrised

# fmt: off
ARKIT = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight",
    "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft",
    "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp",
    "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut",
)
SPEECH = (
    "tongueTipUp", "tongueBackUp", "tongueInterdental", "tongueWide", "lipPress", "lipBiteLower",
    "lipFlare", "mouthWide", "upperLipRaise", "nostrilFlare", "neckTense", "pupilDilate",
)
# fmt: on
NAMES = (*ARKIT, *SPEECH)

SOFTENED = ("mouth", "cheek", "eyeSquint", "eyeBlink", "noseSneer")
BLINK_SHARE = 0.92  # the data's lids meet at about 0.8 and overlap by 3 mm at 1
LOOK_UP_DOWN = np.radians(22.0)
LOOK_ASIDE = np.radians(28.0)


def build(wheel: Wheel, head: Head) -> tuple[Float64Array, Float64Array]:
    """The neutral shape with lips and lids put right (n, 3), and the displacements (64, n, 3)."""
    fields = {name: head.whole.carry(unit(wheel, name)) for name in ARKIT}
    for side in ("Left", "Right"):
        fields["eyeBlink" + side] *= BLINK_SHARE
    soften = Softener(head)
    for name in ARKIT:
        if name.startswith(SOFTENED) and name != "mouthClose":  # which must go on cancelling jawOpen
            fields[name] = soften(fields[name])
    turn_eyes(head, fields)
    fields["tongueOut"] = lift_tongue(head, fields["tongueOut"])
    around_eye = lids.Lids(head)
    rest = head.whole.rest + lips.seal(head, fields["jawOpen"])
    rest = rest + lips.hollow(head, rest)
    rest = (rest + head.mirrored(rest)) / 2
    rest = rest + two_sided(head, around_eye.push(rest, lids.REST))
    clear_lids(head, rest, around_eye, fields)
    lower_lashes(head, rest, fields)
    fields.update(speech_shapes.build(Source(wheel, head, rest, soften), fields))
    return rest, np.stack([exactly_sided(head, fields, name) for name in NAMES])


def exactly_sided(head: Head, fields: dict[str, Float64Array], name: str) -> Float64Array:
    """A right field as the left one's mirror image, a central one averaged with its own: free of rounding."""
    if "Right" in name:
        return head.mirrored(fields[name.replace("Right", "Left")])
    if "Left" in name:
        return fields[name]
    return (fields[name] + head.mirrored(fields[name])) / 2


def two_sided(head: Head, left: Float64Array) -> Float64Array:
    """A left displacement and its mirror image."""
    return left + head.mirrored(left)


def clear_lids(head: Head, rest: Float64Array, around_eye: lids.Lids, fields: dict[str, Float64Array]) -> None:
    """Keep the lids in front of the eyeball at the full weight of each unit, and of both squints together."""
    least = {"eyeBlink": lids.BLINK, "eyeSquint": lids.SQUINT, "cheekSquint": lids.SQUINT}
    for name in (
        "eyeBlink",
        "eyeSquint",
        "cheekSquint",
        "eyeWide",
        "eyeLookDown",
        "eyeLookUp",
        "eyeLookIn",
        "eyeLookOut",
    ):
        field = fields[name + "Left"]
        field += around_eye.push(rest + field, least.get(name, lids.REST))
    pair = rest + fields["eyeSquintLeft"] + fields["cheekSquintLeft"]
    fields["cheekSquintLeft"] += around_eye.push(pair, lids.SQUINT_PAIR)
    for name in ARKIT:
        if name.startswith(("eye", "cheekSquint")) and name.endswith("Left"):
            fields[name.replace("Left", "Right")] = head.mirrored(fields[name])


def lower_lashes(head: Head, rest: Float64Array, fields: dict[str, Float64Array]) -> None:
    """In a blink the upper lid covers the lower lid's edge: take the lower lashes along, or they would pierce it."""
    field = fields["eyeBlinkLeft"]
    margin, _ = head.skin.lid_pairs(6)
    margin = margin[np.argsort(rest[margin, 0])]
    edge = (rest + field)[margin]
    lashes = head.indices("lashes")
    left = lashes[: len(lashes) // 2]
    roots = left[rest[left, 1] < head.eyes.centre[1] - 0.02].reshape(-1, 2 * len(STATIONS) - 1)
    for strand in roots:
        root = (rest + field)[strand[:2]].mean(axis=0)
        wanted = np.array([np.interp(root[0], edge[:, 0], edge[:, axis]) for axis in (1, 2)])
        field[strand, 1] += min(wanted[0] - root[1], 0.0)
        field[strand, 2] += max(wanted[1] - root[2], 0.0)
    fields["eyeBlinkRight"] = head.mirrored(field)


def lift_tongue(head: Head, field: Float64Array) -> Float64Array:
    """Lift the front of the tongue as it comes out, or it would cut the lower lip."""
    lifted = field.copy()
    tongue = head.indices("tongue")
    lifted[tongue, 1] += 0.035 * smoothstep(head.whole.rest[tongue, 2], 1.0, 1.3)
    return lifted


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
