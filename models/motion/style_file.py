"""Style documents as JSON and as files.

One JSON object, written as `.json`, or inside a `.npz` of plain arrays (never pickles) whose `meta` is the object
without its long rows and which holds these as `code` (135,) and `mean_expression` (64,). Equal styles give equal bytes.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.motion.style_document import (
    PARAMETERS,
    Measure,
    StyleDocument,
    StyleFileError,
    known_fields,
    parameters,
    shown,
)
from models.motion.styles import Style
from models.npy_file import read_npz
from models.whole_file import whole_file

FORMAT: Final = "style-avatar/style"
VERSION: Final = 1
ENDINGS: Final = (".npz", ".json")
LARGEST_FILE: Final = 1_000_000  # bytes; a style takes a few thousand

_MEASURE_FIELDS: Final = frozenset({"normalised", "face_model", "code", "mean_expression", "mean_angles"})


def to_json(document: StyleDocument) -> dict[str, Any]:
    """`document` as JSON-able objects, lists and numbers."""
    measure = None
    if document.measure is not None:
        measure = {
            "normalised": False,
            "face_model": document.measure.face_model,
            "code": document.measure.code.tolist(),
            "mean_expression": document.measure.mean_expression.tolist(),
            "mean_angles": document.measure.mean_angles.tolist(),
        }
    return {
        "format": FORMAT,
        "format_version": VERSION,
        "name": document.style.name,
        "description": document.style.description,
        "parameters": parameters(document.style),
        "confidence": dict(document.confidence),
        "measure": measure,
        "source": dict(document.source),
    }


def from_json(given: object) -> StyleDocument:
    """The style that a JSON object describes. Parameters it does not name are the neutral style's.

    Raises:
        StyleFileError: not a style document, of a newer format, with a field nobody knows, or as `StyleDocument` says.
    """
    known = {"format", "format_version", "name", "description", "parameters", "confidence", "measure", "source"}
    document = known_fields(given, "a style document", known)
    if document.get("format") != FORMAT:
        raise StyleFileError(
            f"this is not a style document: its format is {shown(document.get('format'))}, not {FORMAT!r}"
        )
    if document.get("format_version") != VERSION:
        raise StyleFileError(
            f"this style is of format {shown(document.get('format_version'))}, this version reads {VERSION}; "
            "update Style Avatar"
        )
    style = Style(
        document.get("name", ""),
        document.get("description", ""),
        **known_fields(document.get("parameters", {}), "parameters", PARAMETERS),
    )
    return StyleDocument(
        style, document.get("confidence", {}), _measure(document.get("measure")), document.get("source", {})
    )


def save(document: StyleDocument, path: str | Path) -> None:
    """Write `document` to a `.json` or `.npz` file, which appears whole or not at all.

    Raises:
        StyleFileError: another ending.
    """
    path = check_ending(path)
    described = to_json(document)
    text = json.dumps(described, indent=1, allow_nan=False) + "\n"
    content = text.encode() if path.suffix.lower() == ".json" else _archive(described)
    with whole_file(path) as partial:
        partial.write_bytes(content)


def check_ending(path: str | Path) -> Path:
    """`path`, which a style can be saved to.

    Raises:
        StyleFileError: it ends neither in .npz nor in .json.
    """
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise StyleFileError(f"a style is saved as .npz or .json, got {path.name!r}")
    return path


def load(path: str | Path) -> StyleDocument:
    """Read a style from a `.json` or `.npz` file.

    Raises:
        StyleFileError: no such file, damaged, of another kind, or as `from_json`.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise StyleFileError(f"{path} is too large for a style ({path.stat().st_size} bytes)")
        described = _described(path)
    except OSError as error:
        raise StyleFileError(f"the style {path} cannot be read: {error.strerror or error}") from error
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        if isinstance(error, StyleFileError):
            raise
        raise StyleFileError(f"{path} is not a style file ({error}); make one with style-avatar style") from error
    try:
        return from_json(described)
    except StyleFileError as error:
        raise StyleFileError(f"{path}: {error}") from error


def _archive(described: dict[str, Any]) -> bytes:
    arrays: dict[str, Any] = {}
    if described["measure"] is not None:
        described = {**described, "measure": dict(described["measure"])}
        for name in ("code", "mean_expression"):
            arrays[name] = np.array(described["measure"].pop(name), np.float32)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays, meta=np.array(json.dumps(described, allow_nan=False)))
    return buffer.getvalue()


def _described(path: Path) -> Any:
    if path.suffix.lower() != ".npz":
        return json.loads(path.read_text(encoding="utf-8"))
    arrays = read_npz(path, LARGEST_FILE)
    described = json.loads(str(arrays["meta"]))
    for name in ("code", "mean_expression"):
        if name in arrays:
            described["measure"][name] = arrays[name].tolist()
    return described


def _measure(given: object) -> Measure | None:
    if given is None:
        return None
    measure = known_fields(given, "measure", _MEASURE_FIELDS)
    if missing := sorted(_MEASURE_FIELDS - set(measure)):
        raise StyleFileError(f"expected the style's measure to hold {', '.join(missing)}")
    if measure["normalised"] is not False:
        raise StyleFileError("expected the style's measure to be raw (normalised: false); measure the clip again")
    return Measure(measure["code"], measure["mean_expression"], measure["mean_angles"], measure["face_model"])
