"""Small utterances for the motion tests."""

from __future__ import annotations

from collections.abc import Sequence

from models.motion.articulator import articulate
from models.motion.motion import FloatArray, Motion
from models.motion.styles import Style, style_named
from models.speech.phones import VOWELS, PhoneSpan
from tests.face_models import EXPRESSIONS


def spoken(labels: str, duration: float = 0.08, start: float = 0.0, stress: int = 0) -> list[PhoneSpan]:
    """`labels` in a row, each `duration` seconds long; a label may bring its own, as in "SIL:0.4"."""
    spans = []
    for item in labels.split():
        label, _, own = item.partition(":")
        end = start + (float(own) if own else duration)
        spans.append(PhoneSpan(label, start, end, stress if label in VOWELS else 0))
        start = end
    return spans


SENTENCE = spoken(
    "SIL:0.25 P R IH:0.06 N:0.05 T IH NG IH:0.05 N TH AH:0.04 AO N L IY S:0.12 EH N S SIL:0.5 W IH TH W IH CH "
    "W IY AA AE T P R EH:0.1 Z T".replace(" Z ", " S ")
    + " SIL:0.4 M UH V IY F AA:0.12 M AH L IY SIL:0.45"
)
SECONDS = SENTENCE[-1].end
PARAGRAPH = [
    PhoneSpan(span.label, span.start + k * SECONDS, span.end + k * SECONDS, span.stress)
    for k in range(24)
    for span in SENTENCE
]


def say(
    spans: Sequence[PhoneSpan] = SENTENCE,
    seconds: float | None = None,
    style: Style | str = "neutral",
    loudness: object = (),
    **options: object,
) -> Motion:
    """`articulate` with the names of the tests' face."""
    chosen = style_named(style) if isinstance(style, str) else style
    length = seconds if seconds is not None else spans[-1].end
    return articulate(spans, loudness, length, chosen, EXPRESSIONS, **options)  # type: ignore[arg-type]


def unit(motion: Motion, name: str) -> FloatArray:
    """The curve (T,) of one expression unit."""
    return motion.expression[:, EXPRESSIONS.index(name)].astype(float)


def at(motion: Motion, name: str, seconds: float) -> float:
    """A unit's weight at the frame nearest to `seconds`."""
    frame = min(round(seconds * motion.fps), len(motion.expression) - 1)
    return float(unit(motion, name)[frame])
