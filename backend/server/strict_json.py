"""JSON as the standard has it: no NaN, no infinity, no key twice, nothing that is not text."""

from __future__ import annotations

import json
import math
from typing import Any


def strict_json(text: str | bytes) -> Any:
    """The value that `text` describes.

    Raises:
        ValueError: it is not JSON, or holds NaN, infinity (also by overflow), a key twice, or half a surrogate pair.
        RecursionError: it is nested too deeply.
    """
    value = json.loads(text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_without_doubles)
    json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be written down again
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is too large")
    return number


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is given twice")
    return value
