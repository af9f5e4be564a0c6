"""What colours a head's hair and brows have (no bpy): as its photo showed them, kept on the head's object."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import numpy as np

PROPERTIES: Final = {"hair": "style_avatar_hair_colour", "brows": "style_avatar_brow_colour"}  # linear RGB on 0..1


def remember_colours(head_object: MutableMapping[str, Any], meta: Mapping[str, Any]) -> None:
    """Keep on `head_object` the colours that the facts of a take have, sRGB on 0..255; nothing when they have none."""
    image = meta.get("image")
    colours = image.get("colours") if isinstance(image, Mapping) else None
    for name, key in PROPERTIES.items():
        srgb = colours.get(name) if isinstance(colours, Mapping) else None
        if _is_colour(srgb):
            head_object[key] = [linear(value / 255.0) for value in srgb]  # type: ignore[union-attr]


def linear(srgb: float) -> float:
    """Linear light for an sRGB value on 0..1 (IEC 61966-2-1)."""
    return float(srgb / 12.92 if srgb <= 0.04045 else ((srgb + 0.055) / 1.055) ** 2.4)


def _is_colour(value: object) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 3:
        return False
    numbers = [one for one in value if isinstance(one, int | float) and not isinstance(one, bool)]
    return len(numbers) == 3 and bool(np.isfinite(numbers).all()) and min(numbers) >= 0 and max(numbers) <= 255
