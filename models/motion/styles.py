"""Ways of speaking, as parameters of the articulator. Contact of the lips is never among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from models.motion.motion import MotionError
from models.motion.streams import CHANNELS


@dataclass(frozen=True)
class Style:
    """One way of speaking; 1 is conversational for every factor.

    lips, jaw, rounding, width: amplitudes; crispness: above 1 phones keep apart, below 1 they blur; dynamics: how far
    amplitude follows loudness and stress; brows: how far they rise on emphasis; blinks_per_minute; gaze: size of eye
    movements; aversion: share of phrases that begin with a glance away; head: size of head movement; nods: depth of
    nods on emphasis; tempo: speed of head drift; posture: mean head angles in degrees about x, y, z (positive x lowers
    the nose); mood: weights of expression units that are held throughout; asymmetry: left against right mouth corner.
    """

    name: str
    description: str
    lips: float = 1.0
    jaw: float = 1.0
    rounding: float = 1.0
    width: float = 1.0
    crispness: float = 1.0
    dynamics: float = 1.0
    brows: float = 1.0
    blinks_per_minute: float = 22.0
    gaze: float = 1.0
    aversion: float = 0.2
    head: float = 1.0
    nods: float = 1.0
    tempo: float = 1.0
    posture: tuple[float, float, float] = (0.0, 0.0, 0.0)
    mood: Mapping[str, float] = field(default_factory=dict)
    asymmetry: float = 0.04


def _both(**sides: float) -> dict[str, float]:
    """Weights for the left and the right unit of each name."""
    return {name + side: weight for name, weight in sides.items() for side in ("Left", "Right")}


_ALL = (
    Style("neutral", "an even, conversational delivery"),
    Style(
        "calm",
        "quiet and unhurried: small, soft movements, a still head",
        lips=0.85, jaw=0.78, crispness=0.88, dynamics=0.6, brows=0.5, blinks_per_minute=15, gaze=0.7,
        aversion=0.12, head=0.55, nods=0.5, tempo=0.7, mood=_both(mouthSmile=0.06),
    ),
    Style(
        "energetic",
        "large and lively: open jaw, quick lips, brows and head on every emphasis",
        lips=1.2, jaw=1.3, rounding=1.1, width=1.2, crispness=1.15, dynamics=1.4, brows=1.6,
        blinks_per_minute=26, gaze=1.2, head=1.4, nods=1.7, tempo=1.35,
        mood=_both(mouthSmile=0.10, eyeWide=0.08),
    ),
    Style(
        "mumbling",
        "lips and jaw hardly part and phones run together",
        lips=0.55, jaw=0.42, rounding=0.6, width=0.45, crispness=0.68, dynamics=0.5, brows=0.35, gaze=0.9,
        aversion=0.4, head=0.6, nods=0.4, posture=(4.0, 0.0, 0.0),
    ),
    Style(
        "over-articulated",
        "every phone spelt out, as for a lip reader",
        lips=1.45, jaw=1.35, rounding=1.25, width=1.5, crispness=1.45, dynamics=0.8, brows=1.1, head=0.8, nods=1.0,
    ),
    Style(
        "cheerful",
        "a smile in the voice, lifted cheeks, a lively head",
        lips=1.05, jaw=1.1, rounding=0.9, width=1.25, dynamics=1.2, brows=1.4, head=1.2, nods=1.2, tempo=1.15,
        posture=(-1.0, 0.0, 1.5),
        mood=_both(mouthSmile=0.48, cheekSquint=0.22, browOuterUp=0.08) | {"browInnerUp": 0.06},
    ),
    Style(
        "sad",
        "lowered head, raised inner brows, corners down, slow",
        lips=0.85, jaw=0.72, width=0.7, crispness=0.85, dynamics=0.6, brows=0.5, blinks_per_minute=16, gaze=0.8,
        aversion=0.45, head=0.7, nods=0.5, tempo=0.65, posture=(5.0, 0.0, -1.5),
        mood=_both(mouthFrown=0.30, eyeSquint=0.10) | {"browInnerUp": 0.42},
    ),
    Style(
        "stern",
        "lowered brows, firm lips, a fixed gaze",
        lips=1.05, jaw=0.92, width=0.9, crispness=1.2, brows=0.5, blinks_per_minute=12, gaze=0.5, aversion=0.05,
        head=0.65, nods=1.2, tempo=0.85, posture=(2.0, 0.0, 0.0),
        mood=_both(browDown=0.45, eyeSquint=0.16, mouthFrown=0.12, noseSneer=0.06),
    ),
    Style(
        "tired",
        "heavy lids, a slack mouth, a head that sinks",
        lips=0.7, jaw=0.75, rounding=0.75, width=0.6, crispness=0.78, dynamics=0.6, brows=0.4, blinks_per_minute=28,
        gaze=0.7, aversion=0.3, head=0.8, nods=0.5, tempo=0.55, posture=(3.5, 0.0, 2.0),
        mood=_both(eyeBlink=0.24, mouthFrown=0.10) | {"browInnerUp": 0.10},
    ),
    Style(
        "shy",
        "small movements, eyes that wander, a tilted head",
        lips=0.78, jaw=0.68, rounding=0.9, width=0.8, crispness=0.9, dynamics=0.7, brows=0.9, blinks_per_minute=30,
        gaze=1.4, aversion=0.7, head=0.9, nods=0.7, posture=(3.0, 3.5, 4.0),
        mood=_both(mouthSmile=0.10, mouthPress=0.05) | {"browInnerUp": 0.14},
    ),
    Style(
        "presenter",
        "clear and engaged, steady eye contact, nods that lead the listener",
        lips=1.12, jaw=1.1, width=1.1, crispness=1.15, dynamics=1.15, brows=1.35, blinks_per_minute=18, gaze=0.8,
        aversion=0.06, head=1.15, nods=1.4, mood=_both(mouthSmile=0.12, browOuterUp=0.04),
    ),
)  # fmt: skip

STYLES: Final[dict[str, Style]] = {style.name: style for style in _ALL}


def style_named(name: str) -> Style:
    """The style called `name`.

    Raises:
        MotionError: there is none; the message lists those there are.
    """
    try:
        return STYLES[name.strip().lower().replace("_", "-").replace(" ", "-")]
    except KeyError:
        raise MotionError(f"there is no style {name!r}; choose one of {', '.join(STYLES)}") from None


def mixed(one: Style, other: Style, share: float) -> Style:
    """`one` and `other` in the proportion 1 - `share` to `share`, parameter by parameter."""
    values: dict[str, object] = {
        "name": f"{one.name}+{other.name}",
        "description": f"{1 - share:.0%} {one.name}, {share:.0%} {other.name}",
        "posture": tuple(_between(a, b, share) for a, b in zip(one.posture, other.posture, strict=True)),
        "mood": {
            unit: _between(one.mood.get(unit, 0.0), other.mood.get(unit, 0.0), share)
            for unit in sorted({*one.mood, *other.mood})
        },
    }
    for parameter in fields(Style):
        if parameter.name not in values:
            a, b = getattr(one, parameter.name), getattr(other, parameter.name)
            values[parameter.name] = _between(a, b, share)
    return Style(**values)  # type: ignore[arg-type]


def checked_sliders(sliders: Mapping[str, float] | None) -> dict[str, float]:
    """One factor 0..2 for each of `streams.CHANNELS`, 1 where none is given.

    Raises:
        MotionError: an unknown channel, or a factor outside of 0..2.
    """
    complete = dict.fromkeys(CHANNELS, 1.0)
    for channel, factor in (sliders or {}).items():
        if channel not in complete:
            raise MotionError(f"there is no slider {channel!r}; there are {', '.join(CHANNELS)}")
        if not 0.0 <= factor <= 2.0:
            raise MotionError(f"expected the slider {channel} between 0 and 2, got {factor}")
        complete[channel] = float(factor)
    return complete


def _between(a: float, b: float, share: float) -> float:
    return (1 - share) * a + share * b
