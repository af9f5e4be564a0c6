"""How near renderers come to Cycles on heads, lights and faces that they have not seen, part by part.

python -m backend.training.neural_renderer.measure --work build/neural [--weights file.safetensors] [--sheet out.png]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.metrics import structural_similarity

from backend.lighting.light import SRGB_POWER, Light
from backend.render.buffers import GROUPS, Buffers
from backend.render.head_layer import HeadLayer
from backend.render.neural import NeuralRenderer
from backend.render.neural_runtime import make_runtime
from backend.training.neural_renderer.frames import EXAMS, Frame, frame_path, frozen_head, load_frame
from backend.training.neural_renderer.lessons import picture_colours
from backend.training.neural_renderer.lights import TOLD, mixture, random_strengths
from models.face.model import FaceModel
from models.render.deferred import WEIGHTS, load_weights

Float32Array = NDArray[np.float32]
Draw = Callable[[Buffers], Float32Array]

PARTS: Final = ("head", "mouth", "inside the mouth", "eyes")
AROUND: Final = 3  # pixels around lips and eyes that belong to mouth and eyes
LEAST: Final = 30  # pixels of a part below which a picture says nothing about it


@dataclass(frozen=True, eq=False)
class Exam:
    """One held-out head: its buffers and what Cycles made of it, (S, S, 3) sRGB numbers, premultiplied."""

    buffers: Buffers
    cycles: Float32Array

    def masks(self) -> Mapping[str, NDArray[np.bool_]]:
        """(S, S) where each of `PARTS` is."""
        part = {name: self.buffers.parts[..., index] for index, name in enumerate(GROUPS)}
        inside = part["teeth"] + part["mouth"]
        return {
            "head": self.buffers.alpha > 0.5,
            "mouth": _grown(inside + part["lips"]),
            "inside the mouth": inside > 0.5,
            "eyes": _grown(part["eyes"] + part["lashes"]),
        }


def exam_of(frame: Frame, model: FaceModel, layer: HeadLayer, seed: tuple[int, ...], told: str = "lamps") -> Exam:
    """A frame mixed to the light of a seed; told: see `lights.mixture`."""
    strengths = random_strengths(np.random.default_rng((*seed, 7)))
    light = mixture(frame.item, strengths, told).light
    return lit_exam(frame, model, layer, strengths, light)


def lit_exam(frame: Frame, model: FaceModel, layer: HeadLayer, strengths: Float32Array, light: Light) -> Exam:
    """A frame under a mixture of its lights, of which the renderers are told `light`."""
    item, size = frame.item, frame.pictures.shape[1]
    colours = picture_colours(item.colours(model))
    buffers = layer.draw(item.world(model), colours, item.view(size), light)
    mixed = np.einsum("lhwc,lc->hwc", frame.pictures[..., :3], strengths)
    alpha = frame.pictures[0, ..., 3:]
    cycles = 255 * alpha * (np.maximum(mixed, 0) / np.maximum(alpha, 1e-3)) ** SRGB_POWER
    return Exam(buffers, np.asarray(cycles, np.float32))


def exams(work: Path, told: str = "lamps", count: int = 10**6) -> list[Exam]:
    """All held-out frames that `work` has."""
    model, layers, found = frozen_head(work), {}, []
    for index in range(count):
        path = frame_path(work, (EXAMS, index))
        if not path.is_file():
            break
        frame = load_frame(path)
        size = frame.pictures.shape[1]
        if size not in layers:
            layers[size] = HeadLayer(model, size)
        found.append(exam_of(frame, model, layers[size], (EXAMS, index), told))
    return found


def lambert(buffers: Buffers) -> Float32Array:
    """Nine harmonics on the albedo, nothing else."""
    return buffers.lambert


def best_gains(drawn: Float32Array, exam: Exam) -> Float32Array:
    """`drawn` with the gain by colour for skin, eyes, teeth and inner mouth each that fits the truth best."""
    made, share = np.zeros_like(drawn), exam.buffers.parts / np.maximum(exam.buffers.alpha, 1e-3)[..., None]
    for part in range(share.shape[-1]):
        weight = share[..., part : part + 1]
        gain = (weight * drawn * exam.cycles).sum((0, 1)) / np.maximum((weight * drawn**2).sum((0, 1)), 1e-6)
        made += weight * drawn * gain
    return made


def scores(drawn: Float32Array, exam: Exam) -> Mapping[str, tuple[float, float]]:
    """PSNR (dB) and SSIM by part of a picture (S, S, 3), where the part can be seen."""
    made, truth = (np.clip(picture, 0, 255) / 255 for picture in (drawn, exam.cycles))
    error = np.square(made - truth).mean(axis=-1)
    _, alike = structural_similarity(made, truth, channel_axis=-1, data_range=1.0, full=True)
    alike = alike.mean(axis=-1)
    found = {}
    for name, mask in exam.masks().items():
        if mask.sum() >= LEAST:
            found[name] = float(-10 * np.log10(error[mask].mean() + 1e-12)), float(alike[mask].mean())
    return found


def table(all_exams: list[Exam], renderers: Mapping[str, Draw]) -> Mapping[str, Mapping[str, tuple[float, float]]]:
    """Mean PSNR and SSIM by renderer and part; "lambert, best gains" comes with "lambert"."""
    gathered: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for exam in all_exams:
        for name, draw in renderers.items():
            drawn = {name: draw(exam.buffers)}
            if name == "lambert":
                drawn["lambert, best gains"] = best_gains(drawn[name], exam)
            for label, picture in drawn.items():
                for part, score in scores(picture, exam).items():
                    gathered.setdefault(label, {}).setdefault(part, []).append(score)
    return {
        label: {
            part: (float(np.mean([s[0] for s in all_])), float(np.mean([s[1] for s in all_])))
            for part, all_ in by_part.items()
        }
        for label, by_part in gathered.items()
    }


def sheet(some: list[Exam], renderers: Mapping[str, Draw]) -> Image.Image:
    """Rows of heads: each renderer, then Cycles."""
    rows = []
    for exam in some:
        pictures = [draw(exam.buffers) for draw in renderers.values()] + [exam.cycles]
        rows.append(np.hstack([np.clip(picture + 0.5, 0, 255).astype(np.uint8) for picture in pictures]))
    return Image.fromarray(np.vstack(rows))


def _grown(share: Float32Array) -> NDArray[np.bool_]:
    side = 2 * AROUND + 1
    return np.asarray(cv2.dilate((share > 0.05).astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def report(work: Path, weights: Path, told: str = "lamps") -> list[str]:
    """Lines of the table for the network in a file, beside nine harmonics."""
    renderers: dict[str, Draw] = {"lambert": lambert, "neural": network_of(weights)}
    lines = []
    for label, by_part in table(exams(work, told), renderers).items():
        cells = [f"{part} {psnr:.2f} / {alike:.3f}" for part, (psnr, alike) in by_part.items()]
        lines.append(f"{label:22}" + "  ".join(cells))
    return lines


def network_of(weights: Path) -> Draw:
    """The renderer of a weights file."""
    return NeuralRenderer(make_runtime(load_weights(weights)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--told", default="lamps", choices=TOLD)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    print("\n".join(report(options.work, options.weights, options.told)))
    if options.sheet is not None:
        some = exams(options.work, options.told, 8)
        sheet(some, {"lambert": lambert, "neural": network_of(options.weights)}).save(options.sheet)


if __name__ == "__main__":
    main()
