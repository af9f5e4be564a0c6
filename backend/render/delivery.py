"""From a take and a photo to a video of the person who speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.compositing.backgrounds import TRANSPARENT, check_background
from backend.delivery import ASSETS
from backend.landmarks import make_detector
from backend.lighting.choice import check_light, chosen_light
from backend.media import VideoError, audio_sha256, write_video
from backend.photo import PhotoError, read_photo
from backend.progress import Progress, silent
from backend.render.alpha_video import write_pictures, write_prores
from backend.render.portrait import Portrait, check_face_model, portrait_frames
from backend.render.renderers import RendererError, load_renderer
from backend.render.sitter import meet_sitter
from backend.render.view import checked_size
from backend.subject import folder as subject_folder
from models import take as take_file
from models.coefficients import GAMMA
from models.face import open_head
from models.take import Take

UInt8Array = NDArray[np.uint8]

STAGE: Final = "render"
NO_SOUND: Final = "the video is silent: the take's recording {name} is not beside it; give it with --audio"


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What to show of whom, and where to write it.

    image: the photo; subject: the folder of `subject learn`, instead of it.
    out: a .mp4 (H.264), a .mov (ProRes 4444) or a folder for PNG files; audio: the recording (None: the one that the
    take names, where it lies beside the take); light: "photo", "studio" or a panorama's file, turned by `light_turn`
    degrees to the right; behind: "keep", "blur", "transparent" or a picture's file; framing: "head" or "photo".
    """

    take: Path
    image: Path | None
    out: Path
    subject: Path | None = None
    renderer: str = "raster"
    behind: str = "keep"
    light: str = "photo"
    light_turn: float = 0.0
    size: int = 512
    framing: str = "head"
    audio: Path | None = None
    landmarks: str = "mediapipe"
    allow_download: bool = False


def render(request: RenderRequest, progress: Progress = silent) -> dict[str, Any]:
    """Make the video that `request` asks for, in memory that does not grow with its length; returns what was written.

    A progress that raises ends the work at once and leaves no file.

    Raises:
        ValueError: an input or option cannot be used; the message says which and why, before any long work where that
            can be known.
        OSError: the target cannot be written.
    """
    checked_size(request.size)
    check_target(request.out, request.behind)
    check_background(request.behind)
    check_light(request.light)
    draw = _original if request.renderer == "original" else _own
    take, frames = draw(request, progress)
    audio = request.audio or find_recording(take, request.take.parent)
    frames = counted(frames, len(take.coefficients), progress)
    write_frames(request.out, frames, take.fps, audio)
    facts = {"seconds": round(take.seconds, 3), "frames": len(take.coefficients)}
    silent_note = {} if audio or not request.out.suffix else {"note": NO_SOUND.format(name=_recording_name(take))}
    return {"video" if request.out.suffix else "pictures": str(request.out)} | facts | silent_note


def _own(request: RenderRequest, progress: Progress) -> tuple[Take, Iterator[UInt8Array]]:
    """The take and its frames by one of our own renderers."""
    tuned = request.subject / subject_folder.TUNED if request.subject is not None else None
    renderer = load_renderer(request.renderer, tuned if tuned is not None and tuned.is_file() else None)
    take = take_file.load(request.take)
    face_model = open_head.load()
    check_face_model(take, face_model)
    detector = make_detector(request.landmarks, allow_download=request.allow_download)
    options: dict[str, Any] = {}
    if request.subject is not None:
        subject = subject_folder.load(request.subject, face_model)
        photo, living = subject.photo, subject.texture
        options = {"fit": subject.fit(face_model, detector)}
    else:
        photo, living = read_photo(_photo_of(request)), None
    sitter = meet_sitter(photo, face_model, request.size, request.framing, detector, progress, **options)
    light = chosen_light(request.light, sitter.fit.coefficients[GAMMA], request.light_turn)
    portrait = Portrait(sitter, light, request.behind, renderer, living=living)
    return take, portrait_frames(take, sitter, portrait)


def _original(request: RenderRequest, progress: Progress) -> tuple[Take, Iterator[UInt8Array]]:
    """The take and its frames by the original's networks, which know the photo's light only."""
    from backend.render.original_portrait import check_take, load_drawer, original_frames  # its networks

    if request.light != "photo":
        raise RendererError("the original's renderer knows the photo's light only; leave --light out")
    drawer = load_drawer()
    take = take_file.load(request.take)
    check_take(take, drawer.face)
    detector = make_detector(request.landmarks, allow_download=request.allow_download)
    options: dict[str, Any] = {"size": request.size, "framing": request.framing, "behind": request.behind}
    photo = read_photo(_photo_of(request))
    return take, original_frames(take, photo, drawer, detector, progress=progress, **options)


def _photo_of(request: RenderRequest) -> Path:
    if request.image is None:
        raise PhotoError(
            "there is nobody to show: give a photo with --image, or the folder of a subject with --subject"
        )
    return request.image


def check_target(out: Path, behind: str) -> None:
    """Accept a target that can hold what is asked for.

    Raises:
        VideoError: another kind of file, or transparency into .mp4.
    """
    kind = out.suffix.lower()
    if kind not in {".mp4", ".mov", ""}:
        raise VideoError(f"--out takes a .mp4, a .mov or a folder for PNG files, got {out}")
    if kind == ".mp4" and behind == TRANSPARENT:
        raise VideoError(
            f"{out}: .mp4 cannot hold transparency; give a .mov (ProRes 4444) or a folder (PNG files) to --out"
        )


def write_frames(out: Path, frames: Iterator[UInt8Array], fps: float, audio: Path | None) -> None:
    """Write `frames` as what the name `out` says; see `RenderRequest.out`."""
    kind = out.suffix.lower()
    if kind == ".mp4":
        write_video(out, frames, fps, audio)
    elif kind == ".mov":
        write_prores(out, frames, fps, audio)
    else:
        write_pictures(out, frames)


def counted(frames: Iterator[UInt8Array], total: int, progress: Progress) -> Iterator[UInt8Array]:
    """Pass frames on and report them."""
    for done, frame in enumerate(frames, start=1):
        yield frame
        progress(STAGE, done, total)


def find_recording(take: Take, folder: Path) -> Path | None:
    """The recording that `take` was made of, if it lies in `folder` (or is the bundled voice), bytes and all."""
    name, facts = _recording_name(take), take.meta.get("audio")
    if not name or not isinstance(facts, dict):
        return None
    for candidate in (folder / name, ASSETS / name):
        if candidate.is_file() and audio_sha256(candidate) == facts.get("sha256"):
            return candidate
    return None


def _recording_name(take: Take) -> str:
    """Its bare name: a take may come from anywhere and must not lead out of its folder."""
    facts = take.meta.get("audio")
    return Path(str(facts.get("name", ""))).name if isinstance(facts, dict) else ""
