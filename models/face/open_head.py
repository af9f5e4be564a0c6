"""The open head: the face model that ships with the project (CC0 data, see models/weights/open_head.md)."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from models.face.model import FaceModel, FaceModelError
from models.face.storage import load as load_file

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
        card = CARD.read_text(encoding="utf-8")
    except OSError as error:
        raise FaceModelError(f"the card of the open head is missing ({error}); restore {CARD}") from error
    found = re.search(r"SHA-256\W+([0-9a-f]{64})", card)
    if found is None:
        raise FaceModelError(f"{CARD} records no SHA-256 of the weights; restore it")
    return found.group(1)
