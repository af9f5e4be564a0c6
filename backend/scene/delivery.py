"""From a take to a film of the head in a set or in an artist's scene."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image

from backend.blender import Hair, folder_beside, run_blender, write_head_file
from backend.landmarks import make_detector
from backend.media import VIDEO_SOUND_RATE, VideoError, read_audio
from backend.photo import read_photo
from backend.progress import Progress, silent
from backend.render.alpha_video import write_prores
from backend.render.delivery import find_recording
from backend.render.portrait import check_face_model
from backend.synthesis import meet
from models import take as take_file
from models.coefficients import ALBEDO, GAMMA, IDENTITY
from models.face import open_head
from models.face.model import FaceModel
from models.take import Take

KINDS: Final = (".mp4", ".mov", "")
TEXTURE: Final = "texture.png"  # beside a take, as `animate` writes it
SILENT: Final = "the film is silent: the take's recording is not beside it; give it with --audio"
PLAIN: Final = "the head has the face model's colours: there is no texture.png beside the take; give a photo to --image"


@dataclass(frozen=True, slots=True)
class SceneRequest:
    """What to render of whom, where, and how.

    out: a .mp4 (H.264), a .mov (ProRes 4444 with alpha) or a folder for PNG files; blend: the artist's file (None: a
    set is built), with the names of its `camera` and of the object at which the head stands (`place`);
    image: a photo whose person speaks (None: the take's, with the texture that lies beside it); audio: the recording
    (None: the one that the take names, where it lies beside the take); light: "studio", "soft", "rim", "window",
    "daylight", "photo", "scene" or a panorama's file, turned by `light_turn` degrees (None: "studio", or the scene's in
    an artist's file); engine: "auto", "eevee", "cycles" or "workbench"; samples: per pixel (None: the scene's, or
    few); size: "WIDTHxHEIGHT" or a percentage; frames: "FIRST-LAST" of the take; fps: the set's rate (None: the
    take's); transparent: nothing behind the head; backdrop: whether the set has one; hair: what the head wears;
    blender: see `build_scene`.
    """

    take: Path
    out: Path
    blend: Path | None = None
    camera: str | None = None
    place: str | None = None
    image: Path | None = None
    audio: Path | None = None
    light: str | None = None
    light_turn: float = 0.0
    engine: str = "auto"
    samples: int | None = None
    size: str | None = None
    frames: str | None = None
    fps: float | None = None
    transparent: bool = False
    backdrop: bool = True
    hair: Hair | None = None
    blender: Path | None = None
    landmarks: str = "mediapipe"
    allow_download: bool = False


def render_scene(request: SceneRequest, progress: Progress = silent) -> dict[str, Any]:
    """Render what `request` asks for; returns what was written, how, and notes.

    It appears whole or not at all; a progress that raises ends Blender at once and leaves no file.

    Raises:
        ValueError: an input or option cannot be used, or Blender failed; the message says which and why.
        OSError: the target cannot be written.
    """
    check_request(request)
    face_model = open_head.load()
    take = take_file.load(request.take)
    check_face_model(take, face_model)
    if take.meta["face_model"]["sha256"] != face_model.sha256:
        raise ValueError("the take was made with another edition of the face model; make it again with this release")
    audio = request.audio or find_recording(take, request.take.parent)
    with folder_beside(request.out) as folder:
        spoken, texture = _person(request, take, face_model, folder, progress)
        write_head_file(face_model, folder / "head.npz")
        target = folder / ("shot.mp4" if request.out.suffix.lower() == ".mp4" else "pictures")
        options = {"head": folder / "head.npz", "take": spoken, "texture": texture, "audio": audio, "out": target}
        result = run_blender("shot", options | _options(request), _flags(request), request.blender, progress)
        _deliver(request, target, result, audio)
    notes = result.pop("notes")
    notes += [] if audio or not request.out.suffix else [SILENT]
    notes += [] if texture else [PLAIN]
    kind = "video" if request.out.suffix else "pictures"
    facts = {key: result[key] for key in ("frames", "fps", "engine", "camera", "blender")}
    size = "{} x {}".format(*result["size"])
    seconds = round(sum(result["seconds"].values()), 1)
    return {kind: str(request.out)} | facts | {"size": size, "seconds": seconds} | _numbered(notes)


def check_request(request: SceneRequest) -> None:
    """Accept what can be rendered, as far as names say.

    Raises:
        VideoError: another kind of file, transparency into .mp4, or a folder that is not empty.
        ValueError: options that do not go together or are out of range.
    """
    kind, out = request.out.suffix.lower(), request.out
    if kind not in KINDS:
        raise VideoError(f"--out takes a .mp4, a .mov or a folder for PNG files, got {out}")
    if kind == ".mp4" and request.transparent:
        raise VideoError(f"{out}: .mp4 cannot hold transparency; give a .mov (ProRes 4444) or a folder to --out")
    if not kind and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise VideoError(f"{out} exists and is not an empty folder; give another one for the pictures")
    if request.blend is None and (request.camera or request.place):
        raise ValueError("--camera and --place name things in the artist's file; give it with --blend")
    if request.blend is not None and request.fps is not None:
        raise ValueError("--fps is for the set; an artist's file keeps its own frame rate")
    if request.samples is not None and not 1 <= request.samples <= 16384:
        raise ValueError(f"--samples takes 1 to 16384 samples a pixel, got {request.samples}")
    if request.fps is not None and not 1 <= request.fps <= 240:
        raise ValueError(f"--fps takes a frame rate between 1 and 240, got {request.fps}")
    for path in (request.blend, request.audio, request.image):
        if path is not None and not path.is_file():
            raise FileNotFoundError(f"there is no file at {path}")


def _person(
    request: SceneRequest, take: Take, face_model: FaceModel, folder: Path, progress: Progress
) -> tuple[Path, Path | None]:
    """The files of the take and of the texture of who speaks: the photo's person, or the take's own."""
    if request.image is None:
        beside = request.take.parent / TEXTURE
        return request.take, beside if beside.is_file() else None
    detector = make_detector(request.landmarks, allow_download=request.allow_download)
    person = meet(read_photo(request.image), face_model, detector, progress)
    coefficients = np.array(take.coefficients)
    coefficients[:, IDENTITY], coefficients[:, ALBEDO], coefficients[:, GAMMA] = (
        person.identity,
        person.albedo,
        person.gamma,
    )
    take_file.save(replace(take, coefficients=coefficients), folder / "take.npz")
    Image.fromarray(person.texture).save(folder / TEXTURE)
    return folder / "take.npz", folder / TEXTURE


def _options(request: SceneRequest) -> dict[str, Any]:
    """What the command line in Blender is told besides the files."""
    light = request.light
    if light is not None and Path(light).suffix:
        light = str(Path(light).resolve())
    return {
        "scene": request.blend,
        "camera": request.camera,
        "place": request.place,
        "light": light,
        "light-turn": request.light_turn,
        "engine": request.engine,
        "samples": request.samples,
        "size": request.size,
        "frames": request.frames,
        "fps": request.fps,
        **(request.hair.words() if request.hair else {}),
    }


def _flags(request: SceneRequest) -> list[str]:
    transparent = request.transparent or request.out.suffix.lower() == ".mov"
    return [*(["--transparent"] if transparent else []), *([] if request.backdrop else ["--no-backdrop"])]


def _deliver(request: SceneRequest, made: Path, result: dict[str, Any], audio: Path | None) -> None:
    """Move what Blender wrote to where it was asked for, or turn its pictures into a film with alpha."""
    kind = request.out.suffix.lower()
    pictures = sorted(made.glob("*.png")) if made.is_dir() else []
    if not made.is_file() and len(pictures) != result["frames"]:
        raise VideoError(f"Blender rendered {len(pictures)} of {result['frames']} frames; is the disk full?")
    if kind == ".mov":
        write_prores(request.out, _read(pictures), result["fps"], _from_frame(audio, request.frames, result, made))
        return
    if not kind and request.out.exists():
        request.out.rmdir()
    shutil.move(made, request.out)


def _read(pictures: Sequence[Path]) -> Iterator[NDArray[np.uint8]]:
    """(H, W, 4) uint8 with straight alpha."""
    for path in pictures:
        picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if picture is None:
            raise VideoError(f"a picture that Blender wrote cannot be read ({path.name}); is the disk full?")
        yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA), dtype=np.uint8)


def _from_frame(audio: Path | None, frames: str | None, result: dict[str, Any], folder: Path) -> Path | None:
    """The recording from the first rendered frame on."""
    if audio is None or frames is None:
        return audio
    start = round((int(frames.partition("-")[0]) - 1) / result["fps"] * VIDEO_SOUND_RATE)
    soundfile.write(folder / "sound.wav", read_audio(audio, VIDEO_SOUND_RATE)[start:], VIDEO_SOUND_RATE)
    return folder / "sound.wav"


def _numbered(notes: list[str]) -> dict[str, str]:
    return {"note" if not index else f"note {index + 1}": note for index, note in enumerate(notes)}
