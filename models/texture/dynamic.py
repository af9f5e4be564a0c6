"""A texture that lives: a base image plus a weighted sum of a few signed images, weighted by the expression.

    texture(expression) = base + sum over k of a_k · residual_k,    a_k = clip(weights_k · expression + bias_k, 0, 1)

Images lie on a face model's UV square with row 0 at the top (v = 1) and hold sRGB numbers, 0..255; residuals are
differences of such numbers, -255..255. `models.texture.storage` writes and reads files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.face.model import FaceModel

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

EXPRESSIONS: Final = 64
LARGEST_SIDE: Final = 4096
MOST_RESIDUALS: Final = 64


class DynamicTextureError(ValueError):
    """A dynamic texture or its file is not usable; the message says what to do."""


@dataclass(frozen=True, eq=False)
class DynamicTexture:
    """A base texture and what expressions add to it.

    base: (S, S, 3) uint8; residuals: (K, S, S, 3) float32, K may be 0; weights: (K, 64) and bias: (K,) float32, from
    expression coefficients to activations; names: K texts for people; face_model, sha256: name and file hash of the
    face model whose UV and expressions these are.

    Raises:
        DynamicTextureError: shapes do not fit, or numbers are not finite.
    """

    base: UInt8Array
    residuals: Float32Array
    weights: Float32Array
    bias: Float32Array
    names: tuple[str, ...]
    face_model: str
    sha256: str

    def __post_init__(self) -> None:
        side = self.base.shape[0] if self.base.ndim == 3 else 0
        if self.base.shape != (side, side, 3) or self.base.dtype != np.uint8 or not 1 <= side <= LARGEST_SIDE:
            raise DynamicTextureError(
                f"expected a square base image of at most {LARGEST_SIDE} texels a side, (S, S, 3) uint8, "
                f"got {self.base.shape} {self.base.dtype}"
            )
        count = len(self.names)
        if count > MOST_RESIDUALS:
            raise DynamicTextureError(
                f"expected at most {MOST_RESIDUALS} residual images, got {count}; keep the strongest"
            )
        expected = {"residuals": (count, side, side, 3), "weights": (count, EXPRESSIONS), "bias": (count,)}
        for name, shape in expected.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise DynamicTextureError(f"expected {name} of shape {shape}, got {array.shape}")
            if not np.isfinite(array).all():
                raise DynamicTextureError(f"{name} hold NaN or infinity; learn the texture again")

    @property
    def size(self) -> int:
        """Texels along a side."""
        return len(self.base)

    def activations(self, expression: Float32Array) -> Float32Array:
        """How far each residual is switched on, (..., K) in 0..1, for expression coefficients (..., 64).

        Raises:
            DynamicTextureError: not 64 coefficients.
        """
        return activations(self.weights, self.bias, expression)

    def evaluate(self, expression: Float32Array) -> Float32Array:
        """The texture (S, S, 3) float32, sRGB 0..255, of expression (64,).

        Raises:
            DynamicTextureError: not 64 coefficients.
        """
        texture = self.base.astype(np.float32)
        active = self.activations(np.asarray(expression, np.float32).reshape(-1))
        for residual, amount in zip(self.residuals, active, strict=True):
            if amount > 0:
                texture += amount * residual
        return np.clip(texture, 0, 255, out=texture)

    def require(self, face_model: FaceModel) -> None:
        """Nothing, if this texture belongs to `face_model`.

        Raises:
            DynamicTextureError: it belongs to another one.
        """
        if self.sha256 != face_model.sha256:
            raise DynamicTextureError(
                f"the dynamic texture is for the face model {self.face_model} ({self.sha256[:8]}), "
                f"not {face_model.name} ({face_model.sha256[:8]}); learn it again with this one"
            )


def activations(weights: Float32Array, bias: Float32Array, expression: Float32Array) -> Float32Array:
    """clip(weights (K, 64) · expression (..., 64) + bias (K,), 0, 1), (..., K).

    Raises:
        DynamicTextureError: not 64 coefficients.
    """
    expression = np.asarray(expression, np.float32)
    if expression.ndim == 0 or expression.shape[-1] != EXPRESSIONS:
        raise DynamicTextureError(f"expected expression coefficients (..., {EXPRESSIONS}), got {expression.shape}")
    return np.clip(expression @ weights.T + bias, 0, 1).astype(np.float32)
