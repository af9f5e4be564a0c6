"""The neural renderer: what it makes of a face, and of a face in a photo."""

from __future__ import annotations

from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.lighting.light import Light
from backend.render.buffers import Buffers
from backend.render.neural_channels import LightNumbers, Prepared, prepare

Float32Array = NDArray[np.float32]

STEP: Final = 16  # the network's sides are multiples of it
EVENED: Final = 0.045  # decimetres over which the answer is evened out where the colours are a photo's
GAINS: Final = (0.4, 2.0)  # and within which it stays there
CLEAR: Final = 0.02  # light, on the scale of a white face, below which a gain says nothing


class Runtime(Protocol):
    """Runs the network."""

    def __call__(self, channels: Float32Array, globals: Float32Array) -> Float32Array:
        """Colours (B, 3, H, W) for channels (B, 34, H, W) and light numbers (B, 42), sides multiples of 16."""


class NeuralRenderer:
    """Draws a lit face as a path tracer would, skin, eyes, teeth and all."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._light: Light | None = None
        self._numbers: LightNumbers | None = None

    def __call__(self, buffers: Buffers) -> Float32Array:
        """Colours (H, W, 3), sRGB numbers, premultiplied by `buffers.alpha`.

        Where the colours are a photo's own, only the evened gain is the network's: such skin has pores and scattering
        of its own.
        """
        prepared = self._prepared(buffers)
        made = self._drawn(prepared)
        if buffers.terms is None or not buffers.terms[..., 5].any():
            return made
        guess = _picture(prepared.channels[:3], prepared.scale)
        own = buffers.terms[..., 5]
        gain = evened_gain(made, guess, own, buffers.pixel)
        share = (own / np.maximum(buffers.alpha, 1e-3)).clip(0, 1)[..., None]
        return made + share * (guess * gain - made)

    def photo_gain(self, buffers: Buffers) -> Float32Array:
        """(H, W, 3) what the network makes of a photo's own pose and light: how much more than the first guess."""
        prepared = self._prepared(buffers)
        assert buffers.terms is not None
        guess = _picture(prepared.channels[:3], prepared.scale)
        return evened_gain(self._drawn(prepared), guess, buffers.terms[..., 5], buffers.pixel)

    def _prepared(self, buffers: Buffers) -> Prepared:
        if self._numbers is None or self._light is not buffers.light:
            self._light, self._numbers = buffers.light, LightNumbers(buffers.light)
        return prepare(buffers, self._numbers)

    def _drawn(self, prepared: Prepared) -> Float32Array:
        _, height, width = prepared.channels.shape
        wide = ((0, 0), (0, -height % STEP), (0, -width % STEP))
        channels = np.pad(prepared.channels, wide) if height % STEP or width % STEP else prepared.channels
        made = self._runtime(channels[None], prepared.globals[None])[0]
        return _picture(made[:, :height, :width], prepared.scale)


def evened_gain(made: Float32Array, guess: Float32Array, own: Float32Array, pixel: float) -> Float32Array:
    """(H, W, 3) `made` over `guess` (H, W, 3), evened out over where the colours are a photo's `own` (H, W), else 1.

    pixel: decimetres that one shows.
    """
    spread = max(EVENED / pixel, 0.5)
    weight = own[..., None]
    over = cv2.GaussianBlur(made * weight, (0, 0), spread)
    under = cv2.GaussianBlur(guess * weight, (0, 0), spread)
    least = 255 * CLEAR
    known = np.clip(under / least, 0, 1)
    gain = np.clip((over + least / 10) / (under + least / 10), *GAINS)
    return np.asarray(1 + known * (gain - 1), np.float32)


def _picture(planes: Float32Array, scale: float) -> Float32Array:
    """(H, W, 3) sRGB numbers of what is (3, H, W) on the scale of the light."""
    return np.ascontiguousarray(planes.transpose(1, 2, 0)) * np.float32(255 * scale)
