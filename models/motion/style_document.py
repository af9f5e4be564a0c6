"""A style as it is passed around: the articulator's parameters, what was measured besides, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np

from models.motion.motion import Float32Array, MotionError
from models.motion.style_code import CODE_WIDTH
from models.motion.styles import Style

LONGEST_NAME: Final = 80
LONGEST_TEXT: Final = 500
LONGEST_FACTS: Final = 10_000

RANGES: Final[dict[str, tuple[float, float]]] = {
    "lips": (0.0, 3.0),
    "jaw": (0.0, 3.0),
    "rounding": (0.0, 3.0),
    "width": (0.0, 3.0),
    "crispness": (0.3, 3.0),
    "dynamics": (0.0, 3.0),
    "brows": (0.0, 3.0),
    "blinks_per_minute": (0.0, 60.0),
    "gaze": (0.0, 3.0),
    "aversion": (0.0, 1.0),
    "head": (0.0, 3.0),
    "nods": (0.0, 3.0),
    "tempo": (0.3, 3.0),
    "asymmetry": (-0.5, 0.5),
}
POSTURE_RANGE: Final = 20.0  # degrees
_PAIRED: Final = (
    *("browDown", "browOuterUp", "cheekSquint", "eyeBlink", "eyeSquint", "eyeWide", "noseSneer", "mouthDimple"),
    *("mouthFrown", "mouthLowerDown", "mouthPress", "mouthSmile", "mouthStretch", "mouthUpperUp"),
)
MOOD_UNITS: Final = frozenset(
    {unit + side for unit in _PAIRED for side in ("Left", "Right")}
    | {"browInnerUp", "cheekPuff", "mouthFunnel", "mouthLeft", "mouthPucker", "mouthRight"}
    | {"mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"}
)


class StyleFileError(MotionError):
    """A style document is not what it should be, or its file cannot be read; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Measure:
    """The paper's style code on one face model's coefficients, with what it leaves out.

    code: (135,) as `models.motion.style_code` orders it, but the raw standard deviations, not normalised by any
    statistics; mean_expression: (64,); mean_angles: (3,) degrees about x, y, z; face_model: whose coefficients.
    """

    code: Float32Array
    mean_expression: Float32Array
    mean_angles: Float32Array
    face_model: str

    def __post_init__(self) -> None:
        for name, width in (("code", CODE_WIDTH), ("mean_expression", 64), ("mean_angles", 3)):
            object.__setattr__(self, name, _row(getattr(self, name), width, f"measure {name}"))
        if (self.code < 0).any():
            raise StyleFileError("expected the measure's code to hold raw deviations, which are never below 0")
        _text(self.face_model, "the measure's face_model", LONGEST_NAME)


@dataclass(frozen=True, eq=False)
class StyleDocument:
    """A style with its provenance.

    style: name, description and the articulator's parameters; confidence: 0..1 for each parameter that was measured,
    the others are the neutral style's (empty where nothing was measured); measure: the raw style code, or None;
    source: JSON-able facts, such as `kind` (preset, mix, video, take, arkit), `name`, `sha256` and `seconds`.

    Raises:
        StyleFileError: a number that is not finite or out of its range, an unknown parameter or unit, a wrong width.
    """

    style: Style
    confidence: Mapping[str, float] = field(default_factory=dict)
    measure: Measure | None = None
    source: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "style", checked(self.style))
        confidence = _numbers(self.confidence, "confidence", PARAMETERS, (0.0, 1.0))
        object.__setattr__(self, "confidence", confidence)
        object.__setattr__(self, "source", _facts(self.source))

    @property
    def name(self) -> str:
        """What the style is called."""
        return self.style.name


PARAMETERS: Final = frozenset(parameter.name for parameter in fields(Style)) - {"name", "description"}


def checked(style: Style) -> Style:
    """`style` with every number as a float within its range.

    Raises:
        StyleFileError: as `StyleDocument` says.
    """
    numbers = {name: _number(getattr(style, name), name, limits) for name, limits in RANGES.items()}
    if not isinstance(style.posture, (tuple, list)) or len(style.posture) != 3:
        raise StyleFileError(f"expected posture as three angles in degrees, got {shown(style.posture)}")
    limits = (-POSTURE_RANGE, POSTURE_RANGE)
    x, y, z = (_number(angle, "posture", limits) for angle in style.posture)
    return Style(
        _text(style.name, "a style's name", LONGEST_NAME),
        _text(style.description, "a style's description", LONGEST_TEXT, may_be_empty=True),
        **numbers,
        posture=(x, y, z),
        mood=_numbers(style.mood, "mood", MOOD_UNITS, (0.0, 1.0)),
    )


def _facts(given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise StyleFileError(f"expected the style's source as an object, got {type(given).__name__}")
    try:
        written = json.dumps(dict(given), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise StyleFileError("expected the style's source as plain texts and finite numbers") from error
    if len(written) > LONGEST_FACTS:
        raise StyleFileError(f"the style's source is longer than {LONGEST_FACTS} letters")
    return dict(given)


def parameters(style: Style) -> dict[str, Any]:
    """The articulator's parameters of `style` as JSON-able numbers, lists and objects."""
    found = {name: getattr(style, name) for name in RANGES}
    return {**found, "posture": list(style.posture), "mood": dict(style.mood)}


def known_fields(given: object, what: str, known: frozenset[str] | set[str]) -> Mapping[str, Any]:
    """`given` as an object that has no fields but `known` ones.

    Raises:
        StyleFileError: it is no object, or has others.
    """
    if not isinstance(given, Mapping):
        raise StyleFileError(f"expected {what} as an object of named fields, got {type(given).__name__}")
    if unknown := sorted(str(name) for name in set(given) - known):
        raise StyleFileError(f"{what} has no field {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    return given


def _numbers(
    given: object, what: str, known: frozenset[str] | set[str], limits: tuple[float, float]
) -> dict[str, float]:
    return {name: _number(value, f"{what} {name}", limits) for name, value in known_fields(given, what, known).items()}


def _number(given: object, what: str, limits: tuple[float, float]) -> float:
    low, high = limits
    if isinstance(given, bool) or not isinstance(given, (int, float, np.floating, np.integer)):
        raise StyleFileError(f"expected {what} as a number between {low:g} and {high:g}, got {shown(given)}")
    if not low <= given <= high:  # NaN is not either; compared before it becomes a float, which huge integers cannot
        raise StyleFileError(f"expected {what} between {low:g} and {high:g}, got {shown(given)}")
    return float(given)


def _row(given: object, width: int, what: str) -> Float32Array:
    try:
        row = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise StyleFileError(f"expected {what} as {width} numbers") from error
    if row.shape != (width,) or not np.isfinite(row).all():
        raise StyleFileError(f"expected {what} as {width} finite numbers, got {row.shape}")
    return row


def _text(given: object, what: str, longest: int, *, may_be_empty: bool = False) -> str:
    if not isinstance(given, str) or len(given) > longest or not (given.strip() or may_be_empty):
        raise StyleFileError(f"expected {what} as a text of 1 to {longest} letters, got {shown(given)}")
    return given


def shown(given: object) -> str:
    """The beginning of what came, also where Python refuses to write it down (integers of thousands of digits)."""
    try:
        return f"{given!r:.60}"
    except (ValueError, RecursionError):
        return f"a {type(given).__name__} too large to show"
