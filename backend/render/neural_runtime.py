"""What runs the deferred renderer's network: torch, or OpenVINO where it is installed."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from backend.render.neural import Runtime
from models.render.deferred import DeferredRenderer
from models.render.renderer import fast_bfloat16

Float32Array = NDArray[np.float32]


class TorchRuntime:
    """The network in torch; on a CPU that multiplies bfloat16 numbers in hardware, in these."""

    def __init__(self, network: DeferredRenderer, device: torch.device | str = "cpu", half: bool | None = None) -> None:
        """half: bfloat16 inside (None: where the CPU has it in hardware, and on a GPU)."""
        self._device = torch.device(device)
        self._half = fast_bfloat16(self._device) if half is None else half
        self._network = network.to(self._device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def __call__(self, channels: Float32Array, globals: Float32Array) -> Float32Array:
        """See `Runtime`."""
        pictures = torch.from_numpy(channels).to(self._device).contiguous(memory_format=torch.channels_last)
        light = torch.from_numpy(globals).to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._half):
            made = self._network(pictures, light)
        return np.asarray(made.float().cpu().numpy(), np.float32)


def make_runtime(network: DeferredRenderer) -> Runtime:
    """The fastest that this machine has for `network`."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return TorchRuntime(network, device)
