"""The twelve shapes of speech that Apple's units lack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.training.open_head import lips
from backend.training.open_head.eyes import IRIS, PUPIL, surface
from backend.training.open_head.fields import averaging, smoothed
from backend.training.open_head.head import Head
from backend.training.open_head.softening import Softener
from backend.training.open_head.tongue_shapes import Tongue
from backend.training.open_head.wheel import Float64Array, Wheel, symmetrised

RACES = ("african", "asian", "caucasian")
WIDE_PUPIL = np.radians(14.0)


@dataclass(frozen=True, eq=False)
class Source:
    """What the shapes are made from: the data, the head, its sealed neutral shape (n, 3), the crease remover."""

    wheel: Wheel
    head: Head
    rest: Float64Array
    soften: Softener

    def unit(self, name: str) -> Float64Array:
        """An MPFB expression unit, averaged over the three folders it comes in, symmetric and without creases."""
        mean = np.mean([self.wheel.target(f"expression/units/{race}/{name}") for race in RACES], axis=0)
        return self.soften(self.head.whole.carry(symmetrised(mean, self.wheel.base.mirror)))


def build(source: Source, fields: dict[str, Float64Array]) -> dict[str, Float64Array]:
    """Displacements (n, 3) by name; `fields` holds Apple's units."""
    head, rest = source.head, source.rest
    jaw = fields["jawOpen"]
    tongue = Tongue(head, jaw)
    parted = 0.18 * both(fields, "mouthUpperUp") + 0.30 * both(fields, "mouthLowerDown")
    return {
        "tongueTipUp": tongue.tip_at(6.668, 1.382, 0.2, 1.2, 1.02) + 0.12 * both(fields, "mouthUpperUp"),
        "tongueBackUp": tongue.back_up(),
        "tongueInterdental": tongue.tip_at(6.648, 1.455, 0.15, 0.75, 1.05, 0.95) + parted,
        "tongueWide": tongue.wide(),
        "lipPress": lips.press(head, rest, jaw),
        "lipBiteLower": lips.bite(head, rest, jaw) + 0.28 * both(fields, "mouthUpperUp"),
        "lipFlare": flare(source, fields),
        "mouthWide": source.unit("mouth-retraction"),
        "upperLipRaise": source.unit("mouth-elevation"),
        "nostrilFlare": source.unit("nose-left-dilatation") * 2,
        "neckTense": source.unit("neck-platysma"),
        "pupilDilate": dilated(head),
    }


def flare(source: Source, fields: dict[str, Float64Array]) -> Float64Array:
    """/sh ch/: both lips turned outwards and apart, without the data's fold in the middle of the lower lip."""
    parted = 0.45 * both(fields, "mouthUpperUp") + 0.55 * both(fields, "mouthLowerDown")
    turned = source.unit("mouth-eversion")
    head = source.head
    skin = head.indices("skin")
    matrix = averaging(head.skin.part.triangles, len(skin))
    turned[skin] = smoothed(turned[skin], matrix, np.ones(len(skin)), 6)
    return 0.55 * turned + 0.25 * fields["mouthFunnel"] + 0.5 * parted


def both(fields: dict[str, Float64Array], name: str) -> Float64Array:
    """Left plus right of a sided unit."""
    return fields[name + "Left"] + fields[name + "Right"]


def dilated(head: Head) -> Float64Array:
    """Pupils opened: the rings of the iris slide outwards on the eyeball."""
    angle, turn = head.eyes.angle, head.eyes.turn
    wider = np.interp(angle, [0, PUPIL, IRIS, np.pi], [0, WIDE_PUPIL, IRIS, np.pi])
    field = head.zeros()
    field[head.indices("eyes")] = (surface(wider, turn) - surface(angle, turn)) * head.eyes.radius
    return field
