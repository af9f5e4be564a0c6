"""The cards of the shipped weights: a weight file counts only while its SHA-256 is the one that its card records."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path


class WeightCardError(ValueError):
    """A shipped weight file or its card is missing, or they do not fit together; the message says what to do."""


def checked(weights: Path) -> Path:
    """`weights`, once the card beside it (the same name with .md) records its hash.

    Raises:
        WeightCardError: the file or the card is missing, the card names no hash, or another one.
    """
    recorded, found = recorded_sha256(weights.with_suffix(".md")), _sha256(weights)
    if found != recorded:
        raise WeightCardError(
            f"{weights.name} has SHA-256 {found}, its card records {recorded}; install the package again"
        )
    return weights


def recorded_sha256(card: Path) -> str:
    """The hash that a card records for its weights.

    Raises:
        WeightCardError: there is no card, or it names no hash.
    """
    try:
        text = card.read_text(encoding="utf-8")
    except OSError as error:
        raise WeightCardError(f"the card {card.name} is missing ({error}); install the package again") from error
    found = re.search(r"SHA-256\W+([0-9a-f]{64})", text)
    if found is None:
        raise WeightCardError(f"{card.name} records no SHA-256 of the weights; install the package again")
    return found.group(1)


def _sha256(weights: Path) -> str:
    try:
        with weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightCardError(
            f"the weights {weights.name} cannot be read ({error}); install the package again"
        ) from error
