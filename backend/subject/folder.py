"""A subject's folder: the take of the clip, the textures, one photo, and the report; whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.crop import Crop
from backend.fitting.fit import Fit, fit_photo
from backend.landmarks import Detector
from backend.photo import read_photo
from backend.subject.learn import Learned
from backend.subject.report import readable
from backend.subject.shot import Shot
from backend.texture.live_file import write_offsets
from models import take as take_file
from models.coefficients import ANGLES, EXPRESSION, FPS, GAMMA, validate
from models.face.model import FaceModel
from models.face.shading import gamma_of, light_of
from models.take import Take
from models.texture import storage
from models.texture.dynamic import DynamicTexture

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

FORMAT: Final = "style-avatar/subject"
VERSION: Final = 1
TAKE: Final = "take.npz"
PHOTO: Final = "photo.png"
PHOTO_TAKE: Final = "photo.npz"  # a take of one frame: what was fitted to the photo
TEXTURE: Final = "texture.png"
DYNAMIC: Final = "dynamic.safetensors"
LIVING: Final = "living.npz"  # the same for the add-on
FACTS: Final = "report.json"
REPORT: Final = "report.md"
EXAMPLES: Final = "second_half.jpg"
TUNED: Final = "tuned.safetensors"  # the neural renderer's difference for this person, where there is one
TURNED: Final = 1.0  # how much a radian of turn counts against a picture in which all folds are deep,
BUSY: Final = 1.0  # and a shut eye or an open jaw


class SubjectError(ValueError):
    """A subject's folder cannot be used; the message says what to do."""


@dataclass(frozen=True, eq=False)
class Subject:
    """What a folder holds that renderers need.

    photo: (H, W, 3) uint8, the calmest picture; coefficients: (257,) of it; crop: where their 224 square lies in it.
    """

    photo: UInt8Array
    coefficients: Float32Array
    crop: Crop
    texture: DynamicTexture

    def fit(self, face_model: FaceModel, detector: Detector) -> Fit:
        """What is known of the photo: the clip's fit, and the face as the detector finds it.

        Raises:
            PhotoError: no face is found in the photo.
        """
        return replace(fit_photo(self.photo, face_model, detector), coefficients=self.coefficients, crop=self.crop)


def check_out(out: Path) -> None:
    """Accept a folder that is not there yet, or empty.

    Raises:
        SubjectError: something is there.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SubjectError(f"{out} exists and is not an empty folder; give another one to --out, or remove it")


def write_folder(
    out: Path,
    shot: Shot,
    learned: Learned,
    facts: dict[str, Any],
    examples: Sequence[UInt8Array] = (),
    tuned: bytes | None = None,
) -> None:
    """Write all files; `examples`: rows of pictures (h, w, 3) for people to look at; `tuned`: the renderer's file.

    Raises:
        SubjectError: the folder is there already and not empty.
        OSError: it cannot be written.
    """
    check_out(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        partial.mkdir()
        _write_files(partial, shot, learned, facts, examples)
        if tuned is not None:
            (partial / TUNED).write_bytes(tuned)
        if out.exists():
            out.rmdir()
        partial.replace(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def load(folder: Path, face_model: FaceModel) -> Subject:
    """Read a subject's folder.

    Raises:
        SubjectError: no such folder, or one that `subject learn` did not write.
        DynamicTextureError, TakeError, PhotoError: a file in it is damaged or for another face model.
    """
    if not (folder / DYNAMIC).is_file() or not (folder / PHOTO_TAKE).is_file():
        raise SubjectError(f"{folder} is not a subject's folder; make one with `style-avatar subject learn clip.mp4`")
    texture = storage.load(folder / DYNAMIC)
    texture.require(face_model)
    take = take_file.load(folder / PHOTO_TAKE)
    try:
        left, top, side = (float(take.meta["image"]["crop"][name]) for name in ("left", "top", "side"))
    except (KeyError, TypeError, ValueError) as error:
        raise SubjectError(f"{folder / PHOTO_TAKE} does not say where the face is; learn the subject again") from error
    if not (np.isfinite([left, top, side]).all() and side > 0):
        raise SubjectError(f"{folder / PHOTO_TAKE} does not say where the face is; learn the subject again")
    return Subject(read_photo(folder / PHOTO), take.coefficients[0], Crop(left, top, side), texture)


def _write_files(
    folder: Path, shot: Shot, learned: Learned, facts: dict[str, Any], examples: Sequence[UInt8Array]
) -> None:
    calmest = calm_picture(shot, learned)
    photo = next(shot.pictures([calmest]))[1]
    Image.fromarray(photo).save(folder / PHOTO)
    meta = {
        "face_model": {"name": shot.face_model.name, "sha256": shot.face_model.sha256},
        "source": {"kind": "subject", "clip": facts.get("clip", {})},
        "image": {
            "size": [photo.shape[1], photo.shape[0]],
            "crop": {"left": shot.crop.left, "top": shot.crop.top, "side": shot.crop.side},
        },
    }
    take_file.save(Take(shot.coefficients[calmest : calmest + 1], FPS, meta), folder / PHOTO_TAKE)
    take_file.save(Take(even_take(shot, learned), FPS, meta), folder / TAKE)
    Image.fromarray(learned.texture.base).save(folder / TEXTURE)
    storage.save(learned.texture, folder / DYNAMIC, {"clip": str(facts.get("clip", {}).get("name", ""))})
    write_offsets(learned.texture, shot.face_model, folder / LIVING)
    whole = {"format": FORMAT, "format_version": VERSION, **facts}
    (folder / FACTS).write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / REPORT).write_text(readable(facts), encoding="utf-8")
    if examples:
        Image.fromarray(np.vstack(list(examples))).save(folder / EXAMPLES, quality=90)


def calm_picture(shot: Shot, learned: Learned) -> int:
    """Which picture shows the least of what moves the texture, from the front, eyes open and mouth shut."""
    rows, texture = shot.coefficients[list(learned.indices)], learned.texture
    strength = np.abs(texture.residuals).sum(axis=(1, 2, 3))
    folded = texture.activations(rows[:, EXPRESSION]) @ (strength / max(float(strength.sum()), 1e-6))
    names = shot.face_model.expression_names
    busy = [i for i, name in enumerate(names) if name.startswith(("eyeBlink", "jawOpen"))]
    shut = rows[:, EXPRESSION][:, busy].sum(axis=1)
    turned = np.abs(rows[:, ANGLES]).sum(axis=1)
    return learned.indices[int(np.argmin(folded + TURNED * turned + BUSY * shut))]


def even_take(shot: Shot, learned: Learned) -> Float32Array:
    """Coefficients (T, 257) at 25 a second, the exposure of each picture in its light."""
    rows = shot.coefficients.copy()
    rows[:, GAMMA] = _exposed(rows[:, GAMMA], shot.seconds, learned, shot)
    even = np.arange(shot.seconds[0], shot.seconds[-1] + 1e-6, 1 / FPS)
    rows = np.stack([np.interp(even, shot.seconds, column) for column in rows.T], axis=1)
    return validate(rows.astype(np.float32))


def _exposed(gamma: Float32Array, seconds: NDArray[np.float64], learned: Learned, shot: Shot) -> Float32Array:
    """(T, 27) light times the exposure of each picture, which is known of those that were learned from."""
    known = shot.seconds[list(learned.indices)]
    gains = np.stack([np.interp(seconds, known, column) for column in learned.gains.T], axis=1)
    return np.stack([gamma_of(light_of(row) * gain) for row, gain in zip(gamma, gains, strict=True)])
