"""The twelve shapes of speech that Apple's units lack."""

from __future__ import annotations

import numpy as np

from backend.training.open_head.head import Head
from backend.training.open_head.wheel import Float64Array, Wheel, symmetrised

RACES = ("african", "asian", "caucasian")


def expression_unit(wheel: Wheel, name: str) -> Float64Array:
    """An MPFB expression unit (19158, 3), averaged over the three folders it comes in, made symmetric."""
    mean = np.mean([wheel.target(f"expression/units/{race}/{name}") for race in RACES], axis=0)
    return symmetrised(mean, wheel.base.mirror)


def build(wheel: Wheel, head: Head, fields: dict[str, Float64Array]) -> dict[str, Float64Array]:
    """Displacements (n, 3) by name."""
    def carried(name: str) -> Float64Array:
        return head.whole.carry(expression_unit(wheel, name))
    nostrils = sum((head.whole.carry(np.mean([wheel.target(f"expression/units/{r}/nose-{s}-dilatation") for r in RACES], axis=0)) for s in ("left", "right")), head.zeros())
    z = head.zeros()
    return {
        "tongueTipUp": z, "tongueBackUp": z, "tongueInterdental": z, "tongueWide": z,
        "lipPress": (fields["mouthPressLeft"] + fields["mouthPressRight"]) / 2,
        "lipBiteLower": fields["mouthRollLower"],
        "lipFlare": carried("mouth-eversion"),
        "mouthWide": carried("mouth-retraction"),
        "upperLipRaise": carried("mouth-elevation"),
        "nostrilFlare": (nostrils + head.mirrored(nostrils)) / 2,
        "neckTense": carried("neck-platysma"),
        "pupilDilate": z,
    }
