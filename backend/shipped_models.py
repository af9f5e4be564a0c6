"""The weights that ship with the program, as their cards tell of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import models
from models.weight_card import WeightCardError, checked, recorded_sha256

FOLDER: Final = Path(models.__path__[0]) / "weights"


def listing(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """All weights by name, also those of which only the file or only the card is there.

    Each has its `state` ("installed", "missing", or "damaged": not what the card records), `purpose` and `licence` as
    the card has them, and, where there is a file, its `bytes`; an installed one its `sha256`, too.
    """
    names = {path.stem for pattern in ("*.safetensors", "*.md") for path in folder.glob(pattern)}
    return {name: _described(folder / f"{name}.safetensors") for name in sorted(names)}


def _described(weights: Path) -> dict[str, Any]:
    card = weights.with_suffix(".md")
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    size = {"bytes": weights.stat().st_size} if weights.is_file() else {}
    try:
        found = {"state": "installed", "sha256": recorded_sha256(checked(weights).with_suffix(".md"))}
    except WeightCardError:
        found = {"state": "damaged" if size else "missing"}
    title, licence = _in(text, r"^# (.+)$"), _in(text, r"^- \*\*Licence\*\*: (.+(?:\n  .+)*)$")
    return {**found, **size, "purpose": title, "licence": licence}


def _in(text: str, pattern: str) -> str:
    """What the first group of `pattern` is, in one line; "" where there is no such thing."""
    found = re.search(pattern, text, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""
