"""A fitted head by Cycles: the person of a photo as the face model knows them, for comparison."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.lighting.light import SRGB_POWER, Light
from backend.render.sitter import Sitter
from backend.training.neural_renderer.frames import Frame, load_frame, save_frame
from backend.training.neural_renderer.items import Item
from models.coefficients import ALBEDO, ANGLES, IDENTITY, TRANSLATION
from models.face.camera import PAPER_SIZE, angles_of, rotation

Float32Array = NDArray[np.float32]

RENDER: Final = """
import sys
from pathlib import Path
from backend.training.neural_renderer.cycles import CyclesStudio
from backend.training.neural_renderer.frames import Frame, load_frame, save_frame
from models.face import open_head
path = Path(sys.argv[1])
frame = load_frame(path)
studio = CyclesStudio(open_head.load(), frame.pictures.shape[1], samples=32)
save_frame(path, Frame(frame.item, studio.render(frame.item)))
"""


def fitted_item(sitter: Sitter, expression: Float32Array, angles: Float32Array, light: Light) -> Item:
    """The sitter's head with an expression (64,), turned by `angles` (3,), as the photo's frame shows it.

    Of the light the two lamps are kept, and of the rest its mean and where it grows.
    """
    fitted, view = sitter.fit.coefficients, sitter.view
    scale = PAPER_SIZE / view.frame.side
    corner = np.array([view.window.left - view.frame.left, view.window.top - view.frame.top]) * scale
    bands = light.rest.mean(axis=1)
    towards = np.array([-bands[3], -bands[1], bands[2]]) * 1.772453851 / (bands[0] * 0.886226925) * 1.5
    growth = float(np.linalg.norm(towards))
    sky = np.append(towards / max(growth, 1e-6), min(growth, 1.0))
    lamps = np.zeros((2, 4))
    lamps[:, :3], lamps[:, 3] = (0, 0, -1), 5.0
    for index, lobe in enumerate(light.lobes[:2]):
        lamps[index] = [*lobe.direction, lobe.half_angle]
    turned = angles_of(rotation(fitted[ANGLES]) @ rotation(angles))
    parts = [fitted[IDENTITY], fitted[ALBEDO], expression, turned, fitted[TRANSLATION]]
    parts += [np.append(corner, view.window.side * scale), np.ones(sitter.face_model.vertex_count), sky, lamps]
    return Item(*(np.asarray(part, np.float32) for part in parts))


def traced(item: Item, light: Light, size: int, path: Path) -> Float32Array:
    """(S, S, 3) what Cycles makes of an `item` under `light`, sRGB numbers on black; kept at `path`."""
    if not path.is_file():
        save_frame(path, Frame(item, np.zeros((3, size, size, 4), np.float32)))
        try:
            subprocess.run([sys.executable, "-c", RENDER, str(path)], check=True, capture_output=True)
        except BaseException:
            path.unlink()
            raise
    strengths = np.zeros((3, 3), np.float32)
    strengths[0] = light.rest[0] * 0.886226925
    for index, lobe in enumerate(light.lobes[:2]):
        strengths[1 + index] = lobe.strength
    mixed = np.einsum("lhwc,lc->hwc", load_frame(path).pictures[..., :3], strengths)
    return np.asarray(255 * np.maximum(mixed, 0) ** SRGB_POWER, np.float32)
