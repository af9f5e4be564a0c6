"""The learned motion model in the benchmark: `--model backend.evaluation.learned:model`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.alignment.forced import align
from backend.media import read_audio
from models.face import open_head
from models.motion.learned.features import Features
from models.motion.learned.model import WEIGHTS, LearnedMotion, joined
from models.motion.motion import Motion
from models.motion.style_document import StyleDocument
from models.speech.phonetic import PhoneticEncoder

PIECE: Final = 10  # rows of features that a stream brings at once: 200 ms
OTHER_WEIGHTS: Final = "STYLE_AVATAR_MOTION_WEIGHTS"  # a file to judge before it is shipped


@dataclass(frozen=True, eq=False)
class Heard:
    """Features, with a transcript's phones where there is one, and the recording's length."""

    features: Features
    seconds: float


class LearnedModel:
    """Hears with the phonetic encoder; where there is a transcript its alignment takes the place of what was heard."""

    name = "learned"

    def __init__(self, motion: LearnedMotion, encoder: PhoneticEncoder) -> None:
        self._motion, self._encoder = motion, encoder

    def hear(self, recording: Path, transcript: str | None) -> Heard:
        """Features of the sound."""
        sound = read_audio(recording)
        features = Features.joined(list(self._motion.listen(self._encoder, [sound])))
        if transcript:
            features = features.said(align(sound, transcript).phones)
        return Heard(features, len(sound) / 16000)

    def move(self, heard: Heard, style: StyleDocument, seed: int = 0) -> Motion:
        """All at once."""
        return self._motion.move(heard.features, style, seed)

    def move_in_pieces(self, heard: Heard, style: StyleDocument, seed: int = 0) -> Motion:
        """As a stream of 200 ms."""
        rows = len(heard.features)
        pieces = (heard.features[first : first + PIECE] for first in range(0, rows, PIECE))
        return joined(self._motion.stream(pieces, style, seed, seconds=rows / 50.0))


def model() -> LearnedModel:
    """The shipped weights, or those that the environment names."""
    weights = Path(os.environ.get(OTHER_WEIGHTS, WEIGHTS))
    return LearnedModel(LearnedMotion.load(open_head.load(), weights=weights), PhoneticEncoder.load())
