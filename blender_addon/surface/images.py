"""The small maps of `maps` as packed images of the Blender file; one of each kind, whatever number of heads uses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from . import maps

VERSION: Final = 1  # another number for other pixels
MARK: Final = "style_avatar_map"
KINDS: Final[Mapping[str, Callable[[], NDArray[np.uint8]]]] = {
    "Pores": maps.pore_map,
    "Lip lines": maps.lip_map,
    "Eye": maps.eye_map,
}


@lru_cache(maxsize=1)
def all_pixels() -> Mapping[str, NDArray[np.float32]]:
    """Every map as Blender's pixels (n,), on 0..1; computed once, best in a thread."""
    return {name: np.divide(make().ravel(), 255, dtype=np.float32) for name, make in KINDS.items()}


def detail_image(name: str) -> Any:
    """The map called `name` in the file, made when it is not there."""
    for image in bpy.data.images:
        if image.get(MARK) == f"{name} {VERSION}":
            return image
    pixels = all_pixels()[name]
    size = int(np.sqrt(len(pixels) / 4))
    image = bpy.data.images.new(f"Style Avatar {name.lower()}", size, size, alpha=True, is_data=True)
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set(pixels)
    image.pack()
    image[MARK] = f"{name} {VERSION}"
    return image
