"""What the mouth aims at in each of the 29 phone classes, and how strongly, articulator by articulator.

The form is Cohen & Massaro (1993, "Modeling coarticulation in synthetic visual speech"): a target for each control and
a dominance for each articulator, so that a /t/ insists on its tongue and borrows its lips from its neighbours. The
division into articulators that are free of each other follows articulatory phonology (Browman & Goldstein 1992).
Lip contact (/p b m/, /f v/) is not a target to be blended but a constraint: `models.motion.contacts`.

Amplitudes were set so that the jaw's distribution over running speech lies in the range of captured talking (ARKit
jawOpen: median 0.11 to 0.17, 95 % 0.32 to 0.45 over four speakers), shapes by phonetics and by eye.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Each control is one or several expression units that move together.
CONTROLS: Final[dict[str, tuple[str, ...]]] = {
    "jaw": ("jawOpen",),
    "lower_lip": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "upper_lip": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "pucker": ("mouthPucker",),
    "funnel": ("mouthFunnel",),
    "flare": ("lipFlare",),
    "wide": ("mouthWide",),
    "stretch": ("mouthStretchLeft", "mouthStretchRight"),
    "tongue_tip": ("tongueTipUp",),
    "tongue_between": ("tongueInterdental",),
    "tongue_back": ("tongueBackUp",),
    "tongue_wide": ("tongueWide",),
}
CONTROL_INDEX: Final = {name: i for i, name in enumerate(CONTROLS)}

ARTICULATORS: Final[dict[str, tuple[str, ...]]] = {
    "jaw": ("jaw",),
    "aperture": ("lower_lip", "upper_lip"),
    "rounding": ("pucker", "funnel", "flare"),
    "width": ("wide", "stretch"),
    "tongue_front": ("tongue_tip", "tongue_between"),
    "tongue_body": ("tongue_back", "tongue_wide"),
}
ARTICULATOR_INDEX: Final = {name: i for i, name in enumerate(ARTICULATORS)}
ARTICULATOR_OF: Final = {
    control: ARTICULATOR_INDEX[name] for name, controls in ARTICULATORS.items() for control in controls
}


@dataclass(frozen=True)
class Viseme:
    """Targets 0..1 by control (0 where not named) and dominance by articulator.

    Dominances weigh phones against each other: 1 is a vowel's claim, 0.1 "whatever the neighbours do".
    `rounds_ahead`: the lips start rounding long before the phone (Perkell & Matthies 1992).
    """

    targets: Mapping[str, float]
    jaw: float
    aperture: float
    rounding: float
    width: float
    tongue_front: float
    tongue_body: float
    rounds_ahead: bool = False


def _vowel(rounding: float = 0.8, rounds_ahead: bool = False, **targets: float) -> Viseme:
    return Viseme(targets, 1.0, 1.0, rounding, 0.8, 0.25, 1.0, rounds_ahead)


def _coronal(on_jaw: float, on_tongue: float = 2.0, **targets: float) -> Viseme:
    return Viseme(targets, on_jaw, 0.45, 0.12, 0.2, on_tongue, 0.3)


def _dorsal(**targets: float) -> Viseme:
    return Viseme(targets, 0.35, 0.3, 0.1, 0.15, 0.3, 2.0)


def _labial(on_jaw: float, **targets: float) -> Viseme:
    # Rounding and width pass through a closure ("boo" is rounded before the lips part); the tongue is free.
    return Viseme(targets, on_jaw, 0.8, 0.25, 0.25, 0.1, 0.1)


VISEMES: Final[dict[str, Viseme]] = {
    # A short silence leaves the mouth ajar; in a long one it rests shut, which is the business of `contacts`.
    "SIL": Viseme({"jaw": 0.07, "lower_lip": 0.12}, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3),
    "AA": _vowel(jaw=0.50, lower_lip=0.18, upper_lip=0.08),
    "AE": _vowel(jaw=0.44, lower_lip=0.22, upper_lip=0.13, wide=0.28, stretch=0.08),
    "AH": _vowel(jaw=0.34, lower_lip=0.16, upper_lip=0.07),
    "AO": _vowel(1.4, jaw=0.38, lower_lip=0.10, upper_lip=0.02, funnel=0.28, pucker=0.32),
    "EH": _vowel(jaw=0.35, lower_lip=0.20, upper_lip=0.10, wide=0.26, tongue_wide=0.3),
    "ER": _vowel(1.2, jaw=0.20, lower_lip=0.15, upper_lip=0.04, flare=0.22, pucker=0.22, tongue_back=0.3),
    "IH": _vowel(jaw=0.23, lower_lip=0.20, upper_lip=0.08, wide=0.28, tongue_wide=0.4),
    "IY": _vowel(jaw=0.15, lower_lip=0.22, upper_lip=0.10, wide=0.50, stretch=0.12, tongue_wide=0.6),
    "UH": _vowel(2.0, True, jaw=0.18, lower_lip=0.12, pucker=0.50, funnel=0.16, tongue_back=0.2),
    "UW": _vowel(3.5, True, jaw=0.11, lower_lip=0.10, pucker=0.88, funnel=0.18, tongue_back=0.3),
    "P": _labial(1.6, jaw=0.06),
    "B": _labial(1.6, jaw=0.07),
    "M": _labial(1.4, jaw=0.06),
    "F": _labial(1.6, jaw=0.05, upper_lip=0.05),
    "V": _labial(1.6, jaw=0.05, upper_lip=0.04),
    "TH": _coronal(1.2, 3.0, jaw=0.16, lower_lip=0.20, upper_lip=0.08, tongue_between=0.9),
    "T": _coronal(0.9, jaw=0.10, lower_lip=0.19, upper_lip=0.06, tongue_tip=0.75),
    "N": _coronal(0.8, jaw=0.11, lower_lip=0.18, upper_lip=0.06, tongue_tip=0.75),
    "S": Viseme(
        {"jaw": 0.045, "lower_lip": 0.26, "upper_lip": 0.10, "wide": 0.30, "stretch": 0.06, "tongue_tip": 0.45},
        *(1.8, 0.7, 0.15, 0.5, 1.5, 0.4),
    ),
    "SH": Viseme(
        {"jaw": 0.05, "lower_lip": 0.15, "upper_lip": 0.02, "flare": 0.55, "funnel": 0.30, "tongue_tip": 0.4},
        *(1.8, 0.8, 1.8, 0.8, 1.0, 0.8),
        rounds_ahead=True,
    ),
    "CH": Viseme(
        {"jaw": 0.05, "lower_lip": 0.15, "upper_lip": 0.02, "flare": 0.50, "funnel": 0.28, "tongue_tip": 0.6},
        *(1.8, 0.8, 1.6, 0.8, 1.2, 0.8),
        rounds_ahead=True,
    ),
    "L": _coronal(0.8, 3.0, jaw=0.23, lower_lip=0.19, upper_lip=0.06, tongue_tip=0.72),
    "R": Viseme(
        {"jaw": 0.13, "lower_lip": 0.15, "upper_lip": 0.04, "flare": 0.26, "pucker": 0.30, "tongue_back": 0.3},
        *(0.7, 0.6, 1.1, 0.5, 0.8, 0.8),
    ),
    "Y": Viseme(
        {"jaw": 0.12, "lower_lip": 0.20, "upper_lip": 0.08, "wide": 0.34, "tongue_wide": 0.6},
        *(0.7, 0.6, 0.2, 0.5, 0.4, 1.2),
    ),
    "W": Viseme(
        {"jaw": 0.075, "lower_lip": 0.08, "pucker": 0.95, "funnel": 0.14, "tongue_back": 0.3},
        *(1.2, 1.6, 5.0, 1.5, 0.2, 0.8),
        rounds_ahead=True,
    ),
    "K": _dorsal(jaw=0.14, lower_lip=0.17, upper_lip=0.06, tongue_back=0.85),
    "NG": _dorsal(jaw=0.15, lower_lip=0.17, upper_lip=0.06, tongue_back=0.85),
    "HH": Viseme({"jaw": 0.20, "lower_lip": 0.17, "upper_lip": 0.07}, 0.2, 0.3, 0.05, 0.1, 0.1, 0.1),
}
