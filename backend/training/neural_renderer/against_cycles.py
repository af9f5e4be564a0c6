"""How near the renderers come to Cycles: rows for `benchmarks/render.py`, and the contact sheet.

Held-out heads, from fixed seeds, are rendered by Blender when they are not in the work folder yet.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.crop import Crop
from backend.lighting.light import SRGB_POWER, Light
from backend.render.buffers import Renderer
from backend.render.head_layer import HeadLayer
from backend.render.renderers import load_renderer
from backend.render.view import View
from backend.training.neural_renderer.frames import EXAM_SIZE, EXAMS, frame_path, frozen_head, load_frame
from backend.training.neural_renderer.lessons import picture_colours
from backend.training.neural_renderer.lights import TOLD, mixture, random_strengths
from backend.training.neural_renderer.measure import PARTS, Exam, exam_of, exams, lambert, table
from models.face import open_head
from models.face.camera import PAPER_SIZE

COUNT = 20
AIMS = {"head": 34.0, "mouth": 31.0, "inside the mouth": 27.0, "eyes": 30.0}
SWAY = np.radians(0.01) * np.array([1, -1, 1, -1])
AGAIN = """
import sys
from pathlib import Path
from backend.training.neural_renderer.cycles import CyclesStudio
from backend.training.neural_renderer.frames import EXAM_SAMPLES, Frame, frozen_head, load_frame, save_frame
frame, work = load_frame(Path(sys.argv[1])), Path(sys.argv[2])
studio = CyclesStudio(frozen_head(work), frame.pictures.shape[1], samples=EXAM_SAMPLES, seed=1)
save_frame(Path(sys.argv[3]), Frame(frame.item, studio.render(frame.item)))
"""
UNIFORM = 1e-3  # spread of an item's speckle below which its skin is the albedo basis' own


def render_exams(work: Path) -> None:
    """Render the held-out heads that are missing, and the first one once more with another seed."""
    frames = [sys.executable, "-m", "backend.training.neural_renderer.frames", "--work", str(work)]
    subprocess.run([*frames, "--count", "0", "--exams", str(COUNT)], check=True, stdout=subprocess.DEVNULL)
    first, again = frame_path(work, (EXAMS, 0)), frame_path(work, (EXAMS, 0, 1))
    if not again.is_file():
        command = [sys.executable, "-c", AGAIN, str(first), str(work), str(again)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def rows(work: Path) -> Iterator[dict[str, Any]]:
    """Quality on held-out heads, flicker, and what a whole head costs."""
    render_exams(work)
    network = load_renderer("neural")
    for told in TOLD:
        found = exams(work, told, COUNT)
        for label, by_part in table(found, {"lambert": lambert, "neural": network}).items():
            if told == "lamps" or label == "neural":
                cells = " · ".join(f"{by_part[part][0]:.1f} / {by_part[part][1]:.3f}" for part in PARTS)
                aim = " / ".join(f"{value:.0f}" for value in AIMS.values()) if label == "neural" else ""
                yield {"what": f"{label}, told {told}: {', '.join(PARTS)}", "measured": cells, "aim": aim}
    flickers = " / ".join(f"{value:.2f}" for value in (head_flicker(work, network), cycles_flicker(work)))
    yield {"what": "flicker of a still head, neural / Cycles", "measured": f"{flickers} of 255", "aim": "below Cycles'"}
    for size in (256, 512):
        yield {"what": f"a whole head, {size}²", "measured": head_cost(size, network), "aim": ""}


def head_flicker(work: Path, renderer: Renderer) -> float:
    """Mean change between frames of a head that turns by less than a fiftieth of a pixel, on its own pixels."""
    model, frame = frozen_head(work), load_frame(frame_path(work, (EXAMS, 0)))
    layer, view = HeadLayer(model, EXAM_SIZE), frame.item.view(EXAM_SIZE)
    light = mixture(frame.item, random_strengths(np.random.default_rng((EXAMS, 0, 7)))).light
    colours, item = picture_colours(frame.item.colours(model)), frame.item
    drawn, alpha = [], np.zeros(0, np.float32)
    for angle in SWAY:
        turned = replace(item, angles=item.angles + np.float32(angle))
        buffers = layer.draw(turned.world(model), colours, view, light)
        drawn.append(np.clip(renderer(buffers), 0, 255))
        alpha = buffers.alpha
    return float(np.mean([np.abs(b - a)[alpha > 0.5].mean() for a, b in pairwise(drawn)]))


def cycles_flicker(work: Path) -> float:
    """The same between two seeds of Cycles, denoised, at the same pose."""
    strengths = random_strengths(np.random.default_rng((EXAMS, 0, 7)))
    pictures = []
    for seed in ((EXAMS, 0), (EXAMS, 0, 1)):
        frame = load_frame(frame_path(work, seed))
        mixed = np.einsum("lhwc,lc->hwc", frame.pictures[..., :3], strengths)
        pictures.append(np.clip(255 * np.maximum(mixed, 0) ** SRGB_POWER, 0, 255))
    return float(np.abs(pictures[1] - pictures[0])[frame.pictures[0, ..., 3] > 0.5].mean())


def head_cost(size: int, renderer: Renderer, count: int = 10) -> str:
    """What buffers, channels and network cost for a head that fills a picture."""
    model = open_head.load()
    layer = HeadLayer(model, size)
    view = View(Crop(0, 0, PAPER_SIZE), Crop(0, 0, PAPER_SIZE), size)
    bands = np.zeros((9, 3), np.float32)
    bands[0] = 1.0
    light = Light(bands, SRGB_POWER)
    renderer(layer.draw(model.mean_shape, model.albedo(), view, light))
    began, used = time.perf_counter(), time.process_time()
    for _ in range(count):
        renderer(layer.draw(model.mean_shape, model.albedo(), view, light))
    took, spent = (time.perf_counter() - began) / count, (time.process_time() - used) / count
    return f"{1 / took:.0f} a second ({1000 * spent:.0f} ms of processor time)"


def plain_exams(work: Path, count: int) -> list[Exam]:
    """The first held-out heads whose skin is the face model's own."""
    model, layer, found = frozen_head(work), HeadLayer(frozen_head(work), EXAM_SIZE), []
    for index in range(COUNT):
        frame = load_frame(frame_path(work, (EXAMS, index)))
        if np.ptp(frame.item.speckle) < UNIFORM:
            found.append(exam_of(frame, model, layer, (EXAMS, index)))
    return found[:count]


def sheet_rows(work: Path, side: int, count: int = 6) -> NDArray[np.uint8]:
    """Rows of heads: without light, raster, neural, Cycles."""
    network = load_renderer("neural")
    rows_ = []
    for exam in plain_exams(work, count):
        pictures = [exam.buffers.albedo, lambert(exam.buffers), network(exam.buffers), exam.cycles]
        rows_.append(np.hstack([np.clip(picture + 0.5, 0, 255).astype(np.uint8) for picture in pictures]))
    whole = Image.fromarray(np.vstack(rows_))
    return np.asarray(whole.resize((4 * side, len(rows_) * side), Image.Resampling.LANCZOS))
