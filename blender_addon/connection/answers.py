"""Look at what the backend answered before anything relies on it (no bpy)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..files import head_file, npz_file, take_file
from ..trouble import BadAnswer, Fact

Float32Array = NDArray[np.float32]

SAME_RELEASE: Final = "Use the add-on and the backend of the same release."
TERMINAL: Final = frozenset({"done", "failed", "cancelled"})
STATES: Final = TERMINAL | {"queued", "running"}
FILE_NAME: Final = re.compile(r"\w[\w.-]*", re.ASCII)  # becomes a file of the same name here
UNREADABLE: Final = (OSError, KeyError, ValueError, TypeError, OverflowError, RecursionError)  # damaged archives


@dataclass(frozen=True, eq=False, slots=True)
class Frames:
    """Frames `first` … of a take: `coefficients` (n, 257) float32, read-only, at `fps` frames per second."""

    coefficients: Float32Array
    first: int
    fps: float


def json_object(data: bytes) -> dict[str, Any]:
    """`data` as a JSON object.

    Raises:
        BadAnswer: it is something else.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise bad("The backend's answer cannot be read.", data[:200])
    return value


def job_document(document: Any) -> dict[str, Any]:
    """`document`, if it has what everybody relies on: an id, a known state, and lists and objects where they belong.

    Raises:
        BadAnswer: it is no job.
    """
    right = (
        isinstance(document, dict)
        and isinstance(document.get("id"), str)
        and document.get("state") in STATES
        and all(isinstance(document.get(name) or {}, dict) for name in ("stage", "frames", "result", "error"))
        and isinstance(document.get("files") or [], list)
        and all(
            isinstance(file, dict) and FILE_NAME.fullmatch(str(file.get("name")))
            for file in document.get("files") or []
        )
    )
    if not right:
        raise bad("The backend's answer is not a job.", document)
    return document


def reason_of(error: Mapping[str, Any]) -> tuple[str, dict[str, Fact]]:
    """The reason of an error, and the names and numbers in its message; "" and nothing from a backend without them."""
    facts = error.get("parameters")
    kinds = (str, int, float)
    kept = {name: fact for name, fact in facts.items() if isinstance(fact, kinds)} if isinstance(facts, dict) else {}
    return str(error.get("reason") or ""), kept


def list_of(document: Mapping[str, Any], name: str, kind: type) -> list[Any]:
    """The list `name` in `document`, all of whose entries are of `kind`.

    Raises:
        BadAnswer: there is none.
    """
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(one, kind) for one in found):
        raise bad(f"The backend's answer has no list of {name}.", document)
    return found


def read_frames(data: bytes) -> Frames:
    """Provisional frames from the bytes of an `.npz`.

    Raises:
        BadAnswer: damaged, or not finite.
    """
    try:
        arrays = npz_file.read(data, take_file.LARGEST)
        coefficients, first, fps = arrays["coefficients"], int(arrays["first"]), float(arrays["fps"])
    except UNREADABLE as error:
        raise bad("The backend's frames cannot be read.", error) from error
    right = coefficients.ndim == 2 and coefficients.shape[1] == take_file.WIDTH and coefficients.dtype == np.float32
    if not right or not np.isfinite(coefficients).all() or first < 0 or not 0 < fps <= 1000:
        raise bad("The backend's frames are damaged.", coefficients.shape)
    return Frames(coefficients, first, fps)


def face_model_hash(path: Path) -> str:
    """The hash that a head file states in its own `meta`; "" for a file that is none or was cut short."""
    try:
        arrays = npz_file.read(path, head_file.LARGEST, only={"meta"})
        meta = json.loads(str(arrays["meta"]))
    except UNREADABLE:
        return ""
    return str(meta.get("sha256")) if isinstance(meta, dict) and meta.get("format") == head_file.FORMAT else ""


def etag_hash(text: str) -> str:
    """The SHA-256 in an ETag; "" when it holds none."""
    found = re.fullmatch(r'(?:W/)?"([0-9a-f]{64})"', text.strip())
    return found[1] if found else ""


def bad(message: str, seen: object) -> BadAnswer:
    """A BadAnswer that shows the beginning of what was `seen`."""
    return BadAnswer("bad_answer", message, SAME_RELEASE, repr(seen)[:200])
