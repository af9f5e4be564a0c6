"""What runs the deferred renderer's network: OpenVINO on a CPU where it is installed, else torch; CUDA graphs on a GPU.

OpenVINO is optional (`pip install style-avatar[fast]`). It is asked for its frontend alone, not for `convert_model`,
which would report its use to OpenVINO's makers.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.render.neural import Runtime
from models.render.cuda_graph import Recorder, record_cuda
from models.render.deferred import CHANNELS, GLOBALS, STEP, DeferredRenderer
from models.render.renderer import fast_bfloat16

Float32Array = NDArray[np.float32]
Shape = tuple[int, int, int]

THREADS: Final = 2  # of OpenVINO: the rasteriser's bands want the others
KEPT: Final = 4  # shapes for which a compiled or recorded network is kept


def make_runtime(network: DeferredRenderer) -> Runtime:
    """The fastest that this machine has for `network`."""
    if torch.cuda.is_available():
        return CudaRuntime(network)
    if importlib.util.find_spec("openvino") is not None:
        return OpenVinoRuntime(network)
    return TorchRuntime(network)


class TorchRuntime:
    """The network in torch; on a device that multiplies bfloat16 numbers in hardware, in these."""

    def __init__(self, network: DeferredRenderer, device: torch.device | str = "cpu", half: bool | None = None) -> None:
        """half: bfloat16 inside (None: where the device has it in hardware)."""
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


class OpenVinoRuntime:
    """The network in OpenVINO, compiled for each shape that is asked for."""

    def __init__(self, network: DeferredRenderer, half: bool | None = None) -> None:
        """half: as for `TorchRuntime`.

        Raises:
            ImportError: OpenVINO is not installed.
        """
        import openvino
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

        example = torch.zeros(1, CHANNELS, 4 * STEP, 4 * STEP), torch.zeros(1, GLOBALS)
        frontend = FrontEndManager().load_by_framework("pytorch")
        with warnings.catch_warnings():  # tracing is deprecated in torch, and all that this frontend reads
            warnings.simplefilter("ignore", DeprecationWarning)
            decoder = TorchScriptPythonDecoder(network, example_input=example)  # must outlive the conversion
        self._model: Any = frontend.convert(frontend.load(decoder))
        self._core: Any = openvino.Core()
        half = fast_bfloat16() if half is None else half
        self._options = {
            "INFERENCE_PRECISION_HINT": "bf16" if half else "f32",
            "INFERENCE_NUM_THREADS": THREADS,
            "PERFORMANCE_HINT": "LATENCY",
        }
        self._compiled: dict[Shape, Any] = {}

    def __call__(self, channels: Float32Array, globals: Float32Array) -> Float32Array:
        """See `Runtime`."""
        batch, _, height, width = channels.shape
        compiled = _kept(self._compiled, (batch, height, width), self._compile)
        return np.array(compiled([np.ascontiguousarray(channels), globals])[0], np.float32)

    def _compile(self, shape: Shape) -> Any:
        batch, height, width = shape
        model = self._model.clone()
        pictures, light = model.inputs
        model.reshape({pictures: [batch, CHANNELS, height, width], light: [batch, GLOBALS]})
        return self._core.compile_model(model, "CPU", self._options)


class CudaRuntime:
    """The network on a GPU, recorded as a CUDA graph for each shape: one launch a batch instead of some hundred."""

    def __init__(self, network: DeferredRenderer, record: Recorder | None = None, device: str = "cuda") -> None:
        """record: makes the recording (None: a CUDA graph); the network must stay where it is."""
        self._device = torch.device(device)
        self._half = fast_bfloat16(self._device)
        self._network = network.to(self._device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._record = record or record_cuda
        self._recorded: dict[Shape, tuple[Tensor, Tensor, Callable[[], object], Tensor]] = {}

    @torch.inference_mode()
    def __call__(self, channels: Float32Array, globals: Float32Array) -> Float32Array:
        """See `Runtime`."""
        batch, _, height, width = channels.shape
        pictures, light, replay, made = _kept(self._recorded, (batch, height, width), self._recording)
        pictures.copy_(torch.from_numpy(channels))
        light.copy_(torch.from_numpy(globals))
        replay()
        return np.asarray(made.float().cpu().numpy(), np.float32)

    def _recording(self, shape: Shape) -> tuple[Tensor, Tensor, Callable[[], object], Tensor]:
        batch, height, width = shape
        pictures = torch.zeros(batch, CHANNELS, height, width, device=self._device)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        light = torch.zeros(batch, GLOBALS, device=self._device)

        def work() -> Tensor:
            # Without its cache autocast converts the weights inside of the graph: the cache would be freed after it.
            with torch.autocast(self._device.type, torch.bfloat16, enabled=self._half, cache_enabled=False):
                made: Tensor = self._network(pictures, light)
            return made

        replay, made = self._record(work)
        return pictures, light, replay, made


def _kept(kept: dict[Shape, Any], shape: Shape, make: Callable[[Shape], Any]) -> Any:
    """What was made for a shape, made now if need be; the oldest gives way."""
    if shape not in kept:
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        kept[shape] = make(shape)
    return kept[shape]
