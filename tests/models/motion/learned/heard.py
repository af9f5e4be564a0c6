"""Features of speech that nobody said, for tests."""

from __future__ import annotations

import numpy as np

from models.motion.learned.features import CONTEXT, Features, spans_as_posteriors
from models.speech.phones import PhoneSpan

Said = list[tuple[str, float]]  # phone and seconds

SENTENCE: Said = [
    *(("SIL", 0.4), ("AA", 0.15), ("P", 0.09), ("IY", 0.12), ("F", 0.1), ("UW", 0.15), ("M", 0.08), ("EH", 0.14)),
    *(("T", 0.06), ("SIL", 0.5), ("AE", 0.14), ("B", 0.07), ("AO", 0.2), ("SIL", 0.4)),
]


def spans_of(said: Said) -> list[PhoneSpan]:
    """Phones one after the other."""
    ends = np.cumsum([seconds for _, seconds in said])
    return [PhoneSpan(label, float(end - s), float(end)) for (label, s), end in zip(said, ends, strict=True)]


def heard(said: Said, seed: int = 0) -> Features:
    """What a perfect ear would hear, with a random context."""
    spans = spans_of(said)
    rows = round(spans[-1].end * 50)
    generator = np.random.default_rng(seed)
    posteriors = spans_as_posteriors(spans, rows)
    level = np.where(posteriors[:, 0] > 0.5, -4.0, -0.5).astype(np.float32)
    voice = np.stack([np.where(posteriors[:, 0] > 0.5, 0.0, 0.9), np.zeros(rows)], axis=1).astype(np.float32)
    return Features(posteriors, 0.2 * generator.standard_normal((rows, CONTEXT)).astype(np.float32), level, voice)


def pieces(features: Features, size: int) -> list[Features]:
    """The same in pieces."""
    return [features[first : first + size] for first in range(0, len(features), size)]
