"""`--family original`: the user's own copies of the original's models, and what they make, as files in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import torch
from PIL import Image
from safetensors.numpy import load_file

from backend import model_store
from backend.delivery import Request, even_moments, write_preview, write_scene
from backend.landmarks import Detector, make_detector
from backend.media import write_video
from backend.model_kinds import load_neural_renderer, load_r_net
from backend.original import OriginalFamily, OriginalPerformance, OriginalPerson, animate
from backend.original_frames import neural_frames, paper_texture, shaded_frames
from backend.photo import read_photo
from backend.progress import Progress, silent
from backend.synthesis import TEXTURE_SIZE
from backend.texture.unwrap import unwrap_texture
from models import take as take_file
from models.face import bfm09_file
from models.face.bfm09 import Bfm09
from models.motion.pose_network import PoseNetwork
from models.motion.style_code import read_code
from models.motion.style_fusion import StyleFusionModel
from models.render.renderer import NeuralRenderer, fast_bfloat16
from models.speech.deepspeech.loading import load_network

NETWORKS: Final = ("r-net", "deepspeech", "style-fusion")
POSE: Final = "pose-fusion"
RENDERER: Final = "neural-renderer"
SHADED_ONLY: Final = (
    "preview.mp4 shows the shaded face model; for the paper's neural rendering add the model neural-renderer "
    "(`style-avatar models` says how)"
)


def load_family() -> OriginalFamily:
    """The family of the models that the user has added (`style-avatar models add`).

    Raises:
        ModelStoreError: one is missing or damaged; the message says how to add it. The pose network may be missing.
    """
    added = NETWORKS if model_store.state(POSE) == "missing" else (*NETWORKS, POSE)
    return OriginalFamily(
        face=bfm09_file.load(model_store.installed("bfm09")),
        reconstruction=load_r_net(model_store.installed("r-net")),
        speech=load_network(model_store.installed("deepspeech")),
        motion=StyleFusionModel.load(model_store.installed("style-fusion")),
        standard_face=load_file(model_store.installed("standard-face"))["points"],
        hashes={kind: _recorded_sha256(model_store.installed(kind)) for kind in added},
        pose=PoseNetwork.load(model_store.installed(POSE)) if POSE in added else None,
    )


def load_renderer(compat: bool = False) -> NeuralRenderer | None:
    """The neural renderer, on a GPU where there is one; None when the user has not added it.

    It draws in bfloat16 where the machine is fast at that (`NeuralRenderer.prepare`), and with `compat` never.

    Raises:
        ModelStoreError: it is damaged.
    """
    if model_store.state(RENDERER) == "missing":
        return None
    renderer = load_neural_renderer(model_store.installed(RENDERER))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return renderer.prepare(torch.bfloat16 if fast_bfloat16(device) and not compat else torch.float32, device)


def produce(request: Request, progress: Progress = silent, detector: Detector | None = None) -> dict[str, Any]:
    """Make everything that `request` asks for; its style is a row of a file such as "sty.npy#3".

    The video and the contact sheet show the neural renderer's frames when it is installed, and the face model as the
    paper shades it is a second video then, "shaded"; without the renderer the first one is shaded and "note" says so.
    The texture is the head's, for the scene; "paper_texture" is the one that the renderer is shown. In the scene the
    head stands upright: its mean pose, the photo's, is taken away there and stays in the take.

    Returns the written files by kind, as strings. `detector` finds the face (None: the one that the request names).

    Raises:
        ValueError: an input cannot be used, or a model is missing; the message says which.
        OSError: the folder cannot be written.
    """
    if request.image is None:
        raise ValueError("the original family needs a photo; add --image")
    if request.transcript is not None:
        raise ValueError("the original family hears no words; leave the transcript out")
    style = read_code(request.style)
    family, renderer = load_family(), load_renderer(request.compat)
    detector = detector or make_detector(request.landmarks, allow_download=request.allow_download)
    performance = animate(request.audio, request.image, family, style, detector, progress, compat=request.compat)
    take = performance.take
    request.out.mkdir(parents=True, exist_ok=True)
    written = {"take": request.out / "take.npz"}
    take_file.save(take, written["take"])
    written |= _write_textures(request, performance.person, family.face, progress)
    written |= _write_videos(request, performance, family.face, renderer, progress)
    written |= write_scene(request, family.face.model, written["take"], written["texture"], progress, pose="upright")
    facts = {"seconds": round(take.seconds, 3), **({} if renderer else {"note": SHADED_ONLY})}
    return {kind: str(path) for kind, path in written.items()} | facts


def _write_textures(request: Request, person: OriginalPerson, face: Bfm09, progress: Progress) -> dict[str, Path]:
    """The head's albedo on its texture positions, and the paper's texture, which keeps the photo's light."""
    assert request.image is not None
    progress("texture", 0, 1)
    head = unwrap_texture(read_photo(request.image), person.fit, face.model, TEXTURE_SIZE)
    shown = paper_texture(person.photo, person.fit.coefficients, face, request.compat)
    pictures = {"texture": head, "paper_texture": shown}
    written = {name: request.out / f"{name}.png" for name in pictures}
    for name, path in written.items():
        Image.fromarray(pictures[name]).save(path)
    progress("texture", 1, 1)
    return written


def _write_videos(
    request: Request,
    performance: OriginalPerformance,
    face: Bfm09,
    renderer: NeuralRenderer | None,
    progress: Progress,
) -> dict[str, Path]:
    take, person = performance.take, performance.person
    if renderer is None:
        return write_preview(request, take, shaded_frames(take, face), even_moments(take), progress)
    texture = paper_texture(person.photo, person.fit.coefficients, face, request.compat)
    frames = neural_frames(take, face, renderer, texture, compat=request.compat)
    written = write_preview(request, take, frames, even_moments(take), progress)
    if "mp4" in request.formats:
        written["shaded"] = request.out / "shaded.mp4"
        write_video(written["shaded"], shaded_frames(take, face), take.fps, request.audio)
    return written


def _recorded_sha256(model: Path) -> str:
    """The hash in a model's card, which `model_store.installed` has just compared with the file."""
    return str(json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))["sha256"])
