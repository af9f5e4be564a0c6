"""Which style is meant: a preset's name, a document, a file, or a mix of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.motion.style_document import Measure, StyleDocument, StyleFileError, checked
from models.motion.style_file import ENDINGS, from_json, load
from models.motion.styles import STYLES, Style, mixed, style_named


def builtin(name: str) -> StyleDocument:
    """The preset called `name` as a document.

    Raises:
        MotionError: there is none; the message lists those there are.
    """
    return StyleDocument(style_named(name), source={"kind": "preset"})


def given_style(given: object) -> StyleDocument:
    """The style that a request names: a preset's name, or a document as JSON. No file is opened.

    Raises:
        MotionError: there is no such preset, or the document is not valid.
    """
    return builtin(given) if isinstance(given, str) else from_json(given)


def chosen_style(text: str) -> StyleDocument:
    """The style that a command line names.

    "cheerful" is a preset, "me.npz" or "me.json" a file, "me.npz:0.7+calm:0.3" a mix of these by shares, "calm+sad"
    one in equal parts. A share follows the last colon of its part; shares are relative and need not sum to 1.

    Raises:
        MotionError: no such preset, a file that cannot be read, or shares that are not positive numbers.
    """
    if Path(text).suffix.lower() in ENDINGS and Path(text).is_file():  # a file's name may hold + and :
        return load(text)
    parts = [_part(part.strip()) for part in text.split("+")]
    shared = [share is not None for _, share in parts]
    if any(shared) and not all(shared):
        raise StyleFileError(f"expected a share for every style of {text!r} or for none, as in calm:0.7+sad:0.3")
    documents = [load(name) if name.lower().endswith(ENDINGS) else builtin(name) for name, _ in parts]
    return mix(documents, [1.0 if share is None else share for _, share in parts])


def mix(documents: Sequence[StyleDocument], shares: Sequence[float], name: str = "") -> StyleDocument:
    """`documents` in the proportion of `shares` (relative, none below 0), called `name` or after its parts.

    A raw measure is mixed where all have one of the same face model, and dropped otherwise; how sure a measurement was
    does not carry over.

    Raises:
        StyleFileError: nothing to mix, counts that disagree, shares below 0 or all 0.
    """
    if not documents or len(documents) != len(shares):
        raise StyleFileError(f"expected one share for each style, got {len(documents)} styles, {len(shares)} shares")
    total = float(sum(shares))
    if not np.isfinite(total) or min(shares) < 0 or total <= 0:
        raise StyleFileError(f"expected shares of 0 or more that are not all 0, got {', '.join(map(str, shares))}")
    weights = [share / total for share in shares]
    if len(documents) == 1:
        return replace(documents[0], style=replace(documents[0].style, name=name)) if name else documents[0]

    style, reached = documents[0].style, weights[0]
    for document, weight in zip(documents[1:], weights[1:], strict=True):
        reached += weight
        style = mixed(style, document.style, weight / reached if reached else 0.0)
    parts = [(document.name, weight) for document, weight in zip(documents, weights, strict=True)]
    style = replace(
        style,
        name=name or "+".join(part for part, _ in parts)[:80],
        description=", ".join(f"{weight:.0%} {part}" for part, weight in parts)[:500],
    )
    facts: dict[str, Any] = {"kind": "mix", "parts": [{"style": part, "share": round(w, 6)} for part, w in parts]}
    return StyleDocument(checked(style), measure=_mixed_measure(documents, weights), source=facts)


def listing() -> list[dict[str, Any]]:
    """Name and description of every preset, as a program wants them."""
    return [{"name": name, "description": style.description, "builtin": True} for name, style in STYLES.items()]


def as_style(given: str | Style | StyleDocument) -> Style:
    """The articulator's parameters of a preset's name, of a style, or of a document.

    Raises:
        MotionError: there is no such preset, or a number is out of its range.
    """
    if isinstance(given, StyleDocument):
        return given.style
    return style_named(given) if isinstance(given, str) else checked(given)


def _part(text: str) -> tuple[str, float | None]:
    name, colon, share = text.rpartition(":")
    if not colon:
        return text, None
    try:
        return name, float(share)
    except ValueError:
        return text, None


def _mixed_measure(documents: Sequence[StyleDocument], weights: Sequence[float]) -> Measure | None:
    measures = [document.measure for document in documents]
    known = [measure for measure in measures if measure is not None]
    if len(known) < len(measures) or len({measure.face_model for measure in known}) != 1:
        return None
    rows = {
        name: np.average([getattr(measure, name) for measure in known], axis=0, weights=weights)
        for name in ("code", "mean_expression", "mean_angles")
    }
    return Measure(**rows, face_model=known[0].face_model)
