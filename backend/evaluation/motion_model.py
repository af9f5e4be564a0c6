"""What the benchmark asks of a motion model, and the articulator in this form.

A model hears a recording once and then moves as often as it is asked, in different styles: hearing is the dear part.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from backend.synthesis import Speech, hear
from models.face.model import FaceModel
from models.motion.articulator import articulate
from models.motion.motion import Motion, MotionError
from models.motion.style_document import StyleDocument
from models.speech.phonetic import PhoneticEncoder

FPS = 25.0


class MotionModel(Protocol):
    """Speech and a style become motion of the open head's units at 25 per second.

    `hear` takes a recording and, where it is known, what is said in it, and returns whatever `move` needs, which nobody
    else looks into. `move` gets the whole style document: a model reads the articulator's parameters (`style`) or the
    measured code with its extensions (`measure`: raw deviations (135,), mean expression (64,), mean angles in degrees
    (3,)), whichever it was made for. Equal arguments give equal motion.
    """

    @property
    def name(self) -> str:
        """What its rows are called."""

    def hear(self, recording: Path, transcript: str | None) -> Any:
        """What `move` needs of a recording."""

    def move(self, heard: Any, style: StyleDocument, seed: int = 0) -> Motion:
        """Motion of ceil(seconds · 25) frames."""


@runtime_checkable
class MovesInPieces(Protocol):
    """A model that can also work on a recording piece by piece, as it does on a stream."""

    def move_in_pieces(self, heard: Any, style: StyleDocument, seed: int = 0) -> Motion:
        """The same motion as `move`, joined from what came out piece by piece."""


class ArticulatorModel:
    """The articulator: phones by forced alignment where there is a transcript, from the encoder where not."""

    name = "articulator"

    def __init__(self, face_model: FaceModel, encoder: PhoneticEncoder) -> None:
        self._names = face_model.expression_names
        self._encoder = encoder

    def hear(self, recording: Path, transcript: str | None) -> Speech:
        """Phones, words and loudness."""
        return hear(recording, transcript=transcript, encoder=self._encoder)

    def move(self, heard: Speech, style: StyleDocument, seed: int = 0) -> Motion:
        """By rule, from the style's parameters."""
        return articulate(
            heard.phones, heard.loudness, heard.seconds, style.style, self._names, seed, FPS, words=heard.words
        )


def load_model(reference: str) -> MotionModel:
    """The model that "package.module:factory" names; `factory` is called without arguments.

    Raises:
        MotionError: no such module or factory, or what it makes is no motion model.
    """
    module, colon, factory = reference.partition(":")
    if not colon:
        raise MotionError(f"expected a model as package.module:factory, got {reference!r}")
    try:
        model: MotionModel = getattr(importlib.import_module(module), factory)()
    except (ImportError, AttributeError) as error:
        raise MotionError(f"there is no motion model {reference}: {error}") from error
    missing = [name for name in ("name", "hear", "move") if not hasattr(model, name)]
    if missing:
        raise MotionError(f"{reference} gives a {type(model).__name__} without {', '.join(missing)}")
    return model
