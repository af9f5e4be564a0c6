"""Which light a user asked for."""

from __future__ import annotations

from pathlib import Path

from numpy import float32
from numpy.typing import NDArray

from backend.lighting.environment import SUFFIXES, exposed, read_environment, without_ringing
from backend.lighting.light import Light, photo_light
from backend.lighting.studio import studio
from backend.photo import PhotoError


def check_light(name: str) -> None:
    """Accept what `chosen_light` takes, as far as its name says.

    Raises:
        PhotoError: an unknown name, or no such file.
    """
    if name in {"photo", "studio"}:
        return
    if not name.lower().endswith(SUFFIXES):
        raise PhotoError(f"there is no light {name!r}; choose photo, studio, or an equirectangular .hdr or .exr file")
    if not Path(name).is_file():
        raise PhotoError(f"there is no panorama at {name}")


def chosen_light(name: str, gamma: NDArray[float32], turn: float = 0.0) -> Light:
    """The light called `name`: "photo", "studio" or a panorama's file, the latter two as strong as the photo's.

    gamma: (27,) the photo's fitted light; turn: degrees by which a panorama is turned to the right.

    Raises:
        PhotoError: an unknown name, or a panorama that cannot be read.
    """
    check_light(name)
    own = photo_light(gamma)
    if name == "photo":
        return own
    return exposed(without_ringing(studio() if name == "studio" else read_environment(name, turn)), own)
