"""From a take and a photo to an image sequence of textures."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.fitting.fit import fit_photo
from backend.landmarks import make_detector
from backend.photo import read_photo
from backend.progress import Progress, silent
from backend.render.alpha_video import write_pictures
from backend.render.renderers import load_renderer
from backend.synthesis import TEXTURE_SIZE
from backend.texture.bake import BakeError, baked, resampled, textures_of
from backend.texture.unwrap import unwrap_texture
from models import take as take_file
from models.face import open_head
from models.face.model import FaceModel
from models.take import Take
from models.whole_file import whole_file

UInt8Array = NDArray[np.uint8]

STAGE: Final = "textures"
COMPRESSION: Final = 3  # of PNG; higher takes four times as long for a tenth less
MOST_FRAMES: Final = 6000  # in one archive; some 2 GB


@dataclass(frozen=True, slots=True)
class BakeRequest:
    """Which textures of whom, and where to write them.

    take: a take.npz; image: a photo of the person; out: a folder for PNG files, which must be empty or not there; size:
    texels a side; fps: frames per second (None: the take's); dynamic: the person's own dynamic texture; live: whether
    the live maps work on the photo's texture.
    """

    take: Path
    image: Path
    out: Path
    renderer: str = "raster"
    size: int = 1024
    fps: float | None = None
    dynamic: Path | None = None
    live: bool = True
    landmarks: str = "mediapipe"
    allow_download: bool = False


def bake(request: BakeRequest, progress: Progress = silent) -> dict[str, Any]:
    """Write the textures that `request` asks for; returns what was written.

    Raises:
        ValueError: an input or option cannot be used; the message says which and why.
        OSError: the folder cannot be written.
    """
    renderer = load_renderer(request.renderer)
    face_model = open_head.load()
    take = loaded_take(request.take, face_model, request.fps)
    photo = read_photo(request.image)
    detector = make_detector(request.landmarks, allow_download=request.allow_download)
    fit = fit_photo(photo, face_model, detector, progress)
    texture = unwrap_texture(photo, fit, face_model, TEXTURE_SIZE)
    textures = textures_of(texture, face_model, request.size, request.dynamic, request.live)
    frames = baked(take, face_model, textures, renderer)
    count = write_pictures(request.out, counted(frames, len(take.coefficients), progress))
    return {"pictures": str(request.out), "frames": count, "fps": take.fps, "size": request.size}


def loaded_take(path: Path, face_model: FaceModel, fps: float | None) -> Take:
    """The take in the file `path`, at `fps` frames per second.

    Raises:
        TakeError: no readable take.
        BakeError: it is for another face model, or there is no such frame rate.
    """
    take = take_file.load(path)
    if (name := take.meta["face_model"]["name"]) != face_model.name:
        raise BakeError(
            f"the take is for the face model {name}, not {face_model.name}; textures are baked for that only"
        )
    return resampled(take, fps) if fps is not None else take


def write_archive(path: Path, frames: Iterator[UInt8Array], total: int, progress: Progress = silent) -> int:
    """Write frames (S, S, 3) as 000001.png … into one .zip; returns their number.

    Raises:
        BakeError: more frames than an archive takes.
    """
    if total > MOST_FRAMES:
        raise BakeError(f"{total} frames are more than the {MOST_FRAMES} that are baked at once; bake a shorter range")
    count = 0
    with whole_file(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        for count, frame in enumerate(counted(frames, total, progress), start=1):
            flags = [cv2.IMWRITE_PNG_COMPRESSION, COMPRESSION]
            _, png = cv2.imencode(".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), flags)
            archive.writestr(zipfile.ZipInfo(f"{count:06d}.png"), png.tobytes())  # no clock time: equal bytes
    return count


def counted(frames: Iterator[UInt8Array], total: int, progress: Progress) -> Iterator[UInt8Array]:
    """Pass frames on and report them."""
    progress(STAGE, 0, total)
    for done, frame in enumerate(frames, start=1):
        yield frame
        progress(STAGE, done, total)
