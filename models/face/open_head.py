"""The open head: the face model that ships with the project (CC0 data, see models/weights/open_head.md)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from models.face.model import FaceModel, FaceModelError
from models.face.storage import load as load_file
from models.weight_card import WeightCardError
from models.weight_card import recorded_sha256 as card_sha256

WEIGHTS = Path(__file__).parent.parent / "weights" / "open_head.safetensors"
CARD = WEIGHTS.with_suffix(".md")


@lru_cache(maxsize=1)
def load() -> FaceModel:
    """The open head; read once, then shared (do not write into its arrays).

    Raises:
        FaceModelError: the file or its card is missing or does not match the hash on its card.
    """
    return load_file(WEIGHTS, recorded_sha256())


def recorded_sha256() -> str:
    """The hash that the model card records for the file.

    Raises:
        FaceModelError: there is no card, or it names no hash.
    """
    try:
        return card_sha256(CARD)
    except WeightCardError as error:
        raise FaceModelError(str(error)) from error
