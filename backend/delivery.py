"""From a request to files in a folder: the take, the preview, the contact sheet and the Blender scene."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.blender import Hair, Pose, build_scene
from backend.landmarks import make_detector
from backend.media import write_video
from backend.motions import DEFAULT_MOTION
from backend.preview.contact_sheet import contact_sheet
from backend.preview.frames import render_frames
from backend.progress import Progress, silent
from backend.synthesis import Performance, animate
from models import take as take_file
from models.face import open_head
from models.face.model import FaceModel
from models.motion.style_choice import chosen_style
from models.take import Take

UInt8Array = NDArray[np.uint8]

FORMATS: Final = frozenset({"mp4", "png", "blend", "fbx", "abc"})
SCENE_FORMATS: Final = frozenset({"blend", "fbx", "abc"})
SHEET_FRAMES: Final = 12

ASSETS: Final = Path(__file__).with_name("assets")
DEMO_VOICE: Final = ASSETS / "demo_voice.flac"
DEMO_TRANSCRIPT: Final = ASSETS / "demo_voice.txt"


@dataclass(frozen=True, slots=True)
class Request:
    """What to make out of which files, and where to put it.

    style: a preset, a file, or a mix (`style_choice.chosen_style`); sliders: factors 0..2 by channel of motion;
    scene_fps: frame rate of the Blender scene; blender: the executable that builds it (None: the bpy wheel);
    landmarks: which detector finds the face; allow_download: whether it may fetch weights it lacks;
    compat: make what the original made, its quirks included (the original family only); motion: who turns speech into
    motion (`motions.MOTIONS`, the open family only); hair: what the head wears in the Blender files.
    """

    audio: Path
    out: Path
    image: Path | None = None
    transcript: str | None = None
    style: str = "neutral"
    sliders: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    scene_fps: float = 25.0
    formats: frozenset[str] = FORMATS
    blender: Path | None = None
    landmarks: str = "mediapipe"
    allow_download: bool = False
    compat: bool = False
    motion: str = DEFAULT_MOTION
    hair: Hair | None = None


def produce(request: Request, progress: Progress = silent) -> dict[str, Any]:
    """Make everything that `request` asks for; returns the written files by kind, as strings.

    Raises:
        ValueError: an input cannot be used (audio, photo, transcript, style); the message says which and why.
        OSError: the folder cannot be written.
    """
    style = chosen_style(request.style)
    face_model = open_head.load()
    performance = animate(
        request.audio,
        request.image,
        face_model,
        transcript=request.transcript,
        style=style,
        sliders=request.sliders,
        seed=request.seed,
        detector=make_detector(request.landmarks, allow_download=request.allow_download) if request.image else None,
        motion=request.motion,
        progress=progress,
    )
    request.out.mkdir(parents=True, exist_ok=True)
    written = {"take": request.out / "take.npz", "texture": request.out / "texture.png"}
    take_file.save(performance.take, written["take"])
    Image.fromarray(performance.texture).save(written["texture"])
    frames = render_frames(performance.take, face_model, performance.texture)
    written |= write_preview(request, performance.take, frames, _sheet_moments(performance), progress)
    written |= write_scene(request, face_model, written["take"], written["texture"], progress)
    return {kind: str(path) for kind, path in written.items()} | {"seconds": round(performance.take.seconds, 3)}


def write_demo_photo(path: Path) -> Path:
    """Save scikit-image's astronaut (NASA, public domain) as the demo's photo."""
    from skimage import data

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(data.astronaut()).save(path)
    return path


def write_preview(
    request: Request,
    take: Take,
    frames: Iterable[UInt8Array],
    moments: Mapping[int, str],
    progress: Progress = silent,
) -> dict[str, Path]:
    """Draw `frames` of `take` once, for the video and the contact sheet (of `moments`: frame → label) together.

    Returns those of the two that `request` wants; nothing is drawn when it wants neither.
    """
    if not request.formats & {"mp4", "png"}:
        return {}
    chosen: dict[int, UInt8Array] = {}

    def counted() -> Iterator[UInt8Array]:
        total = len(take.coefficients)
        for index, frame in enumerate(frames):
            if index in moments:
                chosen[index] = frame
            progress("preview", index + 1, total)
            yield frame

    written = {}
    if "mp4" in request.formats:
        written["preview"] = request.out / "preview.mp4"
        write_video(written["preview"], counted(), take.fps, request.audio)
    else:
        for _ in counted():
            pass
    if "png" in request.formats:
        written["contact_sheet"] = request.out / "contact_sheet.png"
        labelled = [(chosen[index], label) for index, label in moments.items()]
        Image.fromarray(contact_sheet(labelled)).save(written["contact_sheet"])
    return written


def write_scene(
    request: Request,
    face_model: FaceModel,
    take: Path,
    texture: Path,
    progress: Progress = silent,
    pose: Pose = "take",
) -> dict[str, Path]:
    """Build the Blender files that `request` wants, if any, and return them by kind; `pose` as in `build_scene`.

    Raises:
        BlenderError: Blender failed.
    """
    targets = {kind: request.out / f"head.{kind}" for kind in sorted(request.formats & SCENE_FORMATS)}
    if targets:
        build_scene(
            face_model,
            take,
            audio=request.audio,
            texture=texture,
            targets=targets,
            fps=request.scene_fps,
            pose=pose,
            hair=request.hair,
            blender=request.blender,
            progress=progress,
        )
    return targets


def even_moments(take: Take) -> dict[int, str]:
    """Twelve frames spread evenly over `take`, labelled with their times."""
    last = len(take.coefficients) - 1
    return {int(frame): f"{frame / take.fps:.2f} s" for frame in np.linspace(0, last, SHEET_FRAMES).astype(int)}


def _sheet_moments(performance: Performance) -> dict[int, str]:
    """Twelve frames that tell the performance: the middles of phones spread evenly over the spoken time."""
    take = performance.take
    last = len(take.coefficients) - 1
    spoken = [span for span in performance.phones if span.label != "SIL"]
    if not spoken:
        return even_moments(take)
    picks = np.unique(np.linspace(0, len(spoken) - 1, SHEET_FRAMES).round().astype(int))
    moments = {}
    for span in (spoken[pick] for pick in picks):
        middle = (span.start + span.end) / 2
        word = next((word.word for word in performance.words if word.start <= middle <= word.end), "")
        frame = min(round(middle * take.fps), last)
        moments[frame] = f"{middle:.2f} s  {span.label}  {word}".rstrip()
    return moments
