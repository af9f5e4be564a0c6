"""What an expression does to any skin: lines where it folds, shade where little light comes, blood where it is pressed.

K maps lie over a face model's UV square, each on a window of it. Of every map two activations are known, for the
subject's left and right half: a = clip(weights · expression + bias, 0, 1); between the halves they blend over `SEAM` of
the square. Three signed numbers a texel:

- shade s: the skin reflects exp(-s) of the light, by `SHADE_TINT`;
- height h: metres / `HEIGHT` above the resting skin, for a bump;
- blood b: the skin reflects exp(b · `BLOOD_TINT`).

They multiply linear light, whatever the skin's colour. The maps that ship were derived from the open head's own
expressions by `python -m backend.training.live_maps` (models/weights/live_maps.md).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.face.model import FaceModel
from models.texture.dynamic import EXPRESSIONS, DynamicTextureError, activations
from models.texture.storage import read_tensors, unpacked
from models.weight_card import checked

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

FORMAT: Final = "style-avatar/live-maps"
VERSION: Final = "1"
WEIGHTS: Final = Path(__file__).parent.parent / "weights" / "live_maps.safetensors"

SHADE: Final = 1.0  # what 127 in the first channel says
HEIGHT: Final = 0.0008  # metres that 127 in the second channel says
BLOOD: Final = 1.0  # what 127 in the third channel says
SHADE_TINT: Final = (0.8, 1.05, 1.15)  # red passes through skin and comes out of folds, too
BLOOD_TINT: Final = (0.04, -0.3, -0.26)
SEAM: Final = 0.05  # width of the blend between the halves of the face, in sides of the UV square
SRGB_POWER: Final = 1 / 2.2


@dataclass(frozen=True, eq=False)
class LiveMaps:
    """The maps of one face model's UV.

    names: K texts; images: (K, N, N, 3) uint8, shade, height and blood as 128 + 127 · value / scale, row 0 at the top,
    128 along the border; windows: (K, 4) float32, u and v of the lower left corner and of the upper right one;
    weights: (K, 2, 64), bias: (K, 2) float32, of the left half (u above 0.5) and the right one; uv_sha256: of the UV
    that they lie on (`uv_hash`).

    Raises:
        DynamicTextureError: shapes do not fit, or numbers are not finite.
    """

    names: tuple[str, ...]
    images: UInt8Array
    windows: Float32Array
    weights: Float32Array
    bias: Float32Array
    uv_sha256: str

    def __post_init__(self) -> None:
        count, side = len(self.names), self.images.shape[1] if self.images.ndim == 4 else 0
        expected = {
            "images": (count, side, side, 3),
            "windows": (count, 4),
            "weights": (count, 2, EXPRESSIONS),
            "bias": (count, 2),
        }
        for name, shape in expected.items():
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise DynamicTextureError(f"expected finite {name} of shape {shape}, got {array.shape}")

    def activations(self, expression: Float32Array) -> Float32Array:
        """How far each map is switched on, left and right (K, 2), for expression coefficients (64,).

        Raises:
            DynamicTextureError: not 64 coefficients.
        """
        flat = activations(self.weights.reshape(-1, EXPRESSIONS), self.bias.ravel(), expression)
        return flat.reshape(-1, 2)

    def gain(self, expression: Float32Array, size: int) -> Float32Array:
        """What the linear light off a texture of `size` texels a side is multiplied by, (size, size, 3)."""
        total = np.zeros((size, size, 2), np.float32)
        for k, (left, right) in enumerate(self.activations(expression)):
            if left > 0 or right > 0:
                rows, columns, values = self._placed(k, size)
                share = side_share((columns + 0.5) / size)
                total[rows[:, None], columns] += values * (right + (left - right) * share)[None, :, None]
        shade = total[..., :1] * np.array(SHADE_TINT, np.float32)
        return np.exp(total[..., 1:] * np.array(BLOOD_TINT, np.float32) - shade).astype(np.float32)

    def apply(self, texture: Float32Array, expression: Float32Array) -> Float32Array:
        """`texture` (S, S, 3), sRGB 0..255, as it looks under `expression` (64,), float32."""
        gain = self.gain(expression, len(texture)) ** np.float32(SRGB_POWER)
        return np.clip(texture * gain, 0, 255).astype(np.float32)

    def require(self, face_model: FaceModel) -> None:
        """Nothing, if these maps belong to the UV of `face_model`.

        Raises:
            DynamicTextureError: they belong to another one.
        """
        if self.uv_sha256 != uv_hash(face_model):
            raise DynamicTextureError(
                f"there are no live textures for the face model {face_model.name}, only for open_head"
            )

    def _placed(self, k: int, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Float32Array]:
        """Rows (r,) and columns (c,) of a texture under map `k`, and its shade and blood there (r, c, 2)."""
        u0, v0, u1, v1 = self.windows[k] * size
        rows = np.arange(max(0, int(np.floor(size - v1))), min(size, int(np.ceil(size - v0))))
        columns = np.arange(max(0, int(np.floor(u0))), min(size, int(np.ceil(u1))))
        side = self.images.shape[1]
        x = ((columns + 0.5 - u0) / (u1 - u0) * side - 0.5).astype(np.float32)
        y = ((rows + 0.5 - (size - v1)) / (v1 - v0) * side - 0.5).astype(np.float32)
        shown = self.images[k][..., ::2].astype(np.float32)
        places = np.dstack(np.meshgrid(x, y))
        image = cv2.remap(shown, places, np.empty(0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return rows, columns, (np.asarray(image, np.float32) - 128) * np.float32(SHADE / 127)


def side_share(u: Float32Array) -> Float32Array:
    """How much the left half's activation counts (n,) at texture coordinates u (n,)."""
    return np.clip((u - 0.5) / SEAM + 0.5, 0, 1).astype(np.float32)


def uv_hash(face_model: FaceModel) -> str:
    """SHA-256 of a face model's UV, its triangles and the names of its expressions, in hexadecimal."""
    digest = hashlib.sha256()
    for array in (face_model.uv.astype("<f4"), face_model.uv_triangles.astype("<i4")):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update("\n".join(face_model.expression_names).encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def load() -> LiveMaps:
    """The maps that ship; read once, then shared.

    Raises:
        WeightCardError: the file or its card is missing, or they do not fit together.
    """
    tensors, facts = read_tensors(checked(WEIGHTS), FORMAT, VERSION, "live texture")
    names = tuple(str(name) for name in facts["names"])
    images = np.stack([unpacked(tensors[f"map.{k:03d}"], 3) for k in range(len(names))])
    return LiveMaps(names, images, tensors["windows"], tensors["weights"], tensors["bias"], str(facts["uv_sha256"]))
