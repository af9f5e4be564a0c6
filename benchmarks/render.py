"""What the eye sees of `style-avatar render`, and how fast: one table.

    python benchmarks/render.py [--renderer neural] [--frames 60] [--sheet sheet.jpg] [--json]

Everything is measured on scikit-image's astronaut and the bundled voice, so the figures can be had anywhere. Frames per
second count all that a frame costs: expression, rasteriser, warp, light, blend, and H.264; meeting the photo is its own
row. Memory is the peak resident set of a fresh process per length, photo included, as Linux says in /proc: what
`getrusage` says would have been the parent's at the start.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.compositing.seam_energy import seam_energy
from backend.delivery import DEMO_TRANSCRIPT, DEMO_VOICE
from backend.lighting.choice import chosen_light
from backend.media import write_video
from backend.render.belonging import belonging
from backend.render.buffers import Renderer
from backend.render.manner import worn_expressions
from backend.render.portrait import Portrait, portrait_frames
from backend.render.renderers import load_renderer
from backend.render.sitter import Sitter, meet_sitter
from backend.synthesis import default_person, hear, perform
from backend.training.neural_renderer import against_cycles, traced
from models.coefficients import ANGLES, EXPRESSION, GAMMA, TRANSLATION
from models.face import open_head
from models.take import Take, save

SIZES = (256, 512)
SHOWN = 60  # row of the take that the sheet shows
AIMS = {
    "frames per second, 256²": "≥ 25 (neural)",
    "frames per second, 512²": "≥ 10 (neural)",
    "seam energy": "≤ 1.2",
    "background that does not move": "≤ 1 of 255",
    "peak memory": "1.0",
}

PEAK_OF_A_VIDEO = """
import json, resource, sys
from pathlib import Path
from backend.render.delivery import RenderRequest, render
render(RenderRequest(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), renderer=sys.argv[4], size=128))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=60, help="of the take that are drawn (default: %(default)s)")
    parser.add_argument("--renderer", choices=("raster", "neural"), default="neural")
    parser.add_argument("--sheet", type=Path, help="write a picture: six heads and the photo, by every renderer")
    parser.add_argument("--work", type=Path, default=Path("build/neural"), help="where frames of Cycles are kept")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measure(Path(folder), options.frames, options.renderer))
    if options.renderer == "neural":
        rows += against_cycles.rows(options.work)
    if options.sheet is not None:
        against_cycles.render_exams(options.work)
        write_sheet(options.sheet, options.work)
    if options.json:
        print(json.dumps({"machine": machine(), "rows": rows}, ensure_ascii=False, indent=1))
        return
    print(f"{machine()}\n\n| what | {options.renderer} | aim |\n|---|---|---|")
    for row in rows:
        print(f"| {row['what']} | {row['measured']} | {row['aim']} |")


def measure(folder: Path, count: int, name: str) -> Iterator[dict[str, Any]]:
    """One row after the other, for the renderer of that name."""
    photo, take, renderer = astronaut(), bundled_take(), load_renderer(name)
    for size in SIZES:
        began = time.perf_counter()
        sitter = meet_sitter(photo, open_head.load(), size)
        yield row(f"meeting the photo, {size}²", f"{time.perf_counter() - began:.1f} s")
        yield measure_speed(folder, sitter, take, count, renderer)
    yield from measure_looks(sitter, take, count, renderer)
    yield measure_memory(folder, photo, take, name)


def measure_speed(folder: Path, sitter: Sitter, take: Take, count: int, renderer: Renderer) -> dict[str, Any]:
    portrait = Portrait(sitter, chosen_light("photo", sitter.fit.coefficients[GAMMA]), renderer=renderer)
    some = replace(take, coefficients=take.coefficients[:count])
    write_video(
        folder / "warm.mp4", portrait_frames(replace(take, coefficients=take.coefficients[:3]), sitter, portrait), 25
    )
    began, used = time.perf_counter(), time.process_time()
    write_video(folder / "speed.mp4", portrait_frames(some, sitter, portrait), take.fps)
    took, spent = time.perf_counter() - began, time.process_time() - used
    what = f"frames per second, {sitter.view.size}²"
    return row(what, f"{count / took:.0f} ({1000 * spent / count:.0f} ms of processor time a frame)")


def measure_looks(sitter: Sitter, take: Take, count: int, renderer: Renderer) -> Iterator[dict[str, Any]]:
    """Seams, stillness and flicker at the size of the `sitter`."""
    portrait = Portrait(sitter, chosen_light("photo", sitter.fit.coefficients[GAMMA]), renderer=renderer)
    size = sitter.view.size
    still = cv2.resize(belonging(sitter).share, (size, size)) == 0
    first: NDArray[np.int64] | None = None
    seams, moved = [], 0
    step = max(1, len(take.coefficients) // count)
    for frame in portrait_frames(replace(take, coefficients=take.coefficients[::step]), sitter, portrait):
        seams.append(seam_energy(frame, drawn_alpha(portrait, size)))
        first = frame.astype(int) if first is None else first
        moved = max(moved, int(np.abs(frame - first)[still].max()))
    yield row("seam energy, photo's light", f"{np.mean(seams):.2f} (worst {np.max(seams):.2f})")
    studio = Portrait(sitter, chosen_light("studio", sitter.fit.coefficients[GAMMA]), renderer=renderer)
    some = replace(take, coefficients=take.coefficients[:: 4 * step])
    lit = [seam_energy(f, drawn_alpha(studio, size)) for f in portrait_frames(some, sitter, studio)]
    yield row("seam energy, studio light", f"{np.mean(lit):.2f} (worst {np.max(lit):.2f})")
    shown = np.asarray(cv2.resize(sitter.source, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    yield row("seam energy of the photo itself, same border", f"{seam_energy(shown, drawn_alpha(portrait, size)):.2f}")
    yield row("background that does not move", f"{moved} of 255 ({100 * still.mean():.0f} % of the frame)")

    resting = portrait.frame(sitter.fit.coefficients[EXPRESSION], np.zeros(3, np.float32), np.zeros(3, np.float32))
    off = np.abs(resting.astype(int) - shown)
    yield row(
        "frame at the photo's own pose against the photo",
        f"{psnr(resting, shown):.1f} dB, mean {off.mean():.2f} of 255",
    )
    yield row("flicker of a still head under a swaying of 0.01°", f"{flicker(sitter, portrait, take):.2f} of 255")


def flicker(sitter: Sitter, portrait: Portrait, take: Take) -> float:
    """Mean change between frames of a head that moves by less than a fiftieth of a pixel, on its own pixels."""
    pose = take.coefficients[len(take.coefficients) // 2]
    sway = np.radians(0.01) * np.array([1, -1, 1, -1])
    frames = [
        portrait.frame(pose[EXPRESSION], pose[ANGLES] + np.float32(angle), pose[TRANSLATION]).astype(int)
        for angle in sway
    ]
    person = sitter.alpha > 0.5
    return float(np.mean([np.abs(b - a)[person].mean() for a, b in itertools.pairwise(frames)]))


def measure_memory(folder: Path, photo: NDArray[np.uint8], take: Take, name: str) -> dict[str, Any]:
    Image.fromarray(photo).save(folder / "photo.png")
    peaks = []
    for length, times in (("short", 1), ("long", 8)):
        whole = np.tile(take.coefficients[:100], (times, 1))
        save(replace(take, coefficients=whole), folder / f"{length}.npz")
        command = [sys.executable, "-c", PEAK_OF_A_VIDEO]
        command += [str(folder / f"{length}.npz"), str(folder / "photo.png"), str(folder / f"{length}.mp4"), name]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]))
    return row("peak memory, 800 frames against 100", f"{peaks[1] / peaks[0]:.2f} ({peaks[1] // 1024} MiB)")


def write_sheet(path: Path, work: Path, side: int = 176) -> None:
    """Six held-out heads (without light, raster, neural, Cycles), then the photo and the same in studio light."""
    sitter, take = meet_sitter(astronaut(), open_head.load(), 2 * side), bundled_take()
    one = replace(take, coefficients=take.coefficients[SHOWN : SHOWN + 1])
    light = chosen_light("studio", sitter.fit.coefficients[GAMMA])
    drawn = [
        next(portrait_frames(one, sitter, Portrait(sitter, light, renderer=load_renderer(name))))
        for name in ("raster", "neural")
    ]
    photo = np.asarray(cv2.resize(sitter.source, drawn[0].shape[:2], interpolation=cv2.INTER_AREA), np.uint8)
    worn = worn_expressions(
        one.coefficients[:, EXPRESSION], sitter.fit.coefficients[EXPRESSION], sitter.face_model.expression_names
    )[0]
    item = traced.fitted_item(sitter, worn, one.coefficients[0, ANGLES], light)
    bare = traced.traced(item, light, 2 * side, work / "frames" / "astronaut.npz")
    top, left = 20, side // 2
    pictures = [photo, *drawn, np.clip(bare + 0.5, 0, 255).astype(np.uint8)]
    last = np.hstack([picture[top : top + side, left : left + side] for picture in pictures])
    Image.fromarray(np.vstack([against_cycles.sheet_rows(work, side), last])).save(path, quality=86)


def drawn_alpha(portrait: Portrait, size: int) -> NDArray[np.float32]:
    """Where the last frame of `portrait` shows the drawn face."""
    alpha = np.zeros((size, size), np.float32)
    top, left, side = portrait.tile
    alpha[top : top + side, left : left + side] = portrait.face_alpha
    return alpha


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def astronaut() -> NDArray[np.uint8]:
    from skimage import data

    return np.asarray(data.astronaut())


def bundled_take() -> Take:
    head = open_head.load()
    return perform(hear(DEMO_VOICE, transcript=DEMO_TRANSCRIPT.read_text(encoding="utf-8")), default_person(head), head)


def row(what: str, measured: str) -> dict[str, Any]:
    aim = next((aim for start, aim in AIMS.items() if what.startswith(start) and "itself" not in what), "")
    return {"what": what, "measured": measured, "aim": aim}


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
