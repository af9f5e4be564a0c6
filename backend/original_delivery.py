"""`--family original`: the user's own copies of the original's models, and what they make, as files in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from PIL import Image
from safetensors.numpy import load_file

from backend import model_store
from backend.delivery import Request
from backend.landmarks import Detector, make_detector
from backend.media import write_video
from backend.model_kinds import load_r_net
from backend.original import OriginalFamily, animate, shaded_frames
from backend.progress import Progress, silent
from models import take as take_file
from models.face import bfm09_file
from models.motion.pose_network import PoseNetwork
from models.motion.style_code import read_code
from models.motion.style_fusion import StyleFusionModel
from models.speech.deepspeech.loading import load_network

FORMATS: Final = frozenset({"mp4"})
NETWORKS: Final = ("r-net", "deepspeech", "style-fusion")
POSE: Final = "pose-fusion"


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


def produce(request: Request, progress: Progress = silent, detector: Detector | None = None) -> dict[str, Any]:
    """Make the take, the texture and the video of `request`, whose style is a row of a file such as "sty.npy#3".

    Returns the written files by kind, and which of the requested formats this family does not have. `detector` finds
    the face (None: the one that the request names).

    Raises:
        ValueError: an input cannot be used, or a model is missing; the message says which.
        OSError: the folder cannot be written.
    """
    if request.image is None:
        raise ValueError("the original family needs a photo; add --image")
    if request.transcript is not None:
        raise ValueError("the original family hears no words; leave the transcript out")
    style = read_code(request.style)
    family = load_family()
    detector = detector or make_detector(request.landmarks, allow_download=request.allow_download)
    performance = animate(request.audio, request.image, family, style, detector, progress, compat=request.compat)
    take = performance.take
    request.out.mkdir(parents=True, exist_ok=True)
    written = {"take": request.out / "take.npz", "texture": request.out / "texture.png"}
    take_file.save(take, written["take"])
    Image.fromarray(performance.person.texture).save(written["texture"])
    if "mp4" in request.formats:
        written["preview"] = request.out / "preview.mp4"
        write_video(written["preview"], shaded_frames(take, family.face), take.fps, request.audio)
    left_out = ", ".join(sorted(request.formats - FORMATS))
    facts = {"seconds": round(take.seconds, 3), **({"not_in_this_family": left_out} if left_out else {})}
    return {kind: str(path) for kind, path in written.items()} | facts


def _recorded_sha256(model: Path) -> str:
    """The hash in a model's card, which `model_store.installed` has just compared with the file."""
    return str(json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))["sha256"])
