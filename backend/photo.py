"""Photos in: any picture file as upright 8-bit sRGB, of bounded size."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from backend.told import ToldError

UInt8Array = NDArray[np.uint8]

MAX_MEGAPIXELS: Final = 150  # decoded whole, this is 450 MB for a moment; beyond, the file is refused unread
MAX_SIDE: Final = 4096  # pixels kept; a face as small as a fortieth of the picture still has 100 of them
# Not all that Pillow knows: EPS, for one, would be handed to Ghostscript, a program of its own.
FORMATS: Final = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TGA", "TIFF", "WEBP")
_BEHIND_TRANSPARENT: Final = (128, 128, 128)


class PhotoError(ToldError):
    """A photo cannot be read or used; the message says what to do."""


def read_photo(path: str | Path, max_side: int = MAX_SIDE) -> UInt8Array:
    """Read a picture file as (H, W, 3) uint8 sRGB, upright as its EXIF says, scaled down to at most `max_side`.

    Grey, palette, 16-bit, CMYK and transparent pictures are converted (transparent parts become mid grey); of an
    animation the first frame is taken. Large JPEGs are decoded at reduced size.

    Raises:
        PhotoError: no such file, not a picture, damaged, or more than 150 megapixels.
    """
    path = Path(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is checked below
            with Image.open(path, formats=FORMATS) as picture:
                _check_size(picture, path)
                picture.draft("RGB", (max_side, max_side))  # JPEG only: skips most of the decoding
                return _upright_rgb(picture, max_side)
    except FileNotFoundError as error:
        raise PhotoError(f"there is no photo at {path}", "photo_missing", file=path.name) from error
    except IsADirectoryError as error:
        raise PhotoError(f"{path} is a folder; give one picture file", "photo_missing", file=path.name) from error
    except Image.DecompressionBombError as error:
        raise _too_large(path) from error
    except UnidentifiedImageError as error:
        message = f"{path} is not a picture this program knows; save it as JPEG or PNG"
        raise PhotoError(message, "photo_unknown_format", file=path.name) from error
    except PhotoError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        message = f"{path} is damaged or cut short ({error}); save it again as JPEG or PNG"
        raise PhotoError(message, "photo_damaged", file=path.name) from error


def check_image(image: object) -> UInt8Array:
    """Return `image` if it is an (H, W, 3) uint8 picture.

    Raises:
        PhotoError: another shape or type, or no pixels.
    """
    array = np.asarray(image)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8 or 0 in array.shape:
        raise PhotoError(
            f"expected a picture of shape (height, width, 3) and type uint8, got {array.shape} {array.dtype}; "
            "read files with backend.photo.read_photo"
        )
    return array


def _check_size(picture: Image.Image, path: Path) -> None:
    width, height = picture.size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise _too_large(path)


def _too_large(path: Path) -> PhotoError:
    message = f"{path} has more than {MAX_MEGAPIXELS} megapixels; scale it down to {MAX_SIDE} pixels or less a side"
    return PhotoError(message, "photo_too_large", file=path.name, limit=MAX_MEGAPIXELS, side=MAX_SIDE)


def _upright_rgb(picture: Image.Image, max_side: int) -> UInt8Array:
    profile = picture.info.get("icc_profile")
    orientation = picture.getexif().get(0x0112, 1)  # read now: conversions may lose it
    eight_bit = _eight_bit(picture)
    eight_bit.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    rgb = _opaque(_to_srgb(eight_bit, profile))
    rgb.getexif()[0x0112] = orientation
    return np.array(ImageOps.exif_transpose(rgb))


def _eight_bit(picture: Image.Image) -> Image.Image:
    """`picture` in a mode of 8 bits a channel; palettes are resolved before anything is scaled."""
    if picture.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(picture, dtype=np.uint16) / 257.0).round().astype(np.uint8))
    if picture.mode in {"I", "F"}:
        values = np.asarray(picture, dtype=np.float64)
        full = next(limit for limit in (1.0, 255.0, 65535.0, np.inf) if values.max() <= limit)
        full = values.max() if np.isinf(full) else full
        return Image.fromarray((values.clip(0) * (255.0 / full)).round().astype(np.uint8))
    if picture.mode in {"P", "PA"}:
        return picture.convert("RGBA")
    if picture.mode == "1":
        return picture.convert("L")
    return picture.copy()


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours by the file's own profile (wide-gamut phones, print CMYK); a broken profile is ignored."""
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture


def _opaque(picture: Image.Image) -> Image.Image:
    transparent = picture.mode in {"RGBA", "LA", "La", "RGBa"} or "transparency" in picture.info
    if not transparent:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, (*_BEHIND_TRANSPARENT, 255))
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
