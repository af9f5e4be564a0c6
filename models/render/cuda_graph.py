"""The neural renderer recorded as a CUDA graph: one launch for a batch of frames instead of hundreds.

A graph repeats the very operations on the very memory it was recorded with, so the batch size, the size of the frames
and the weights are fixed; what changes from call to call is copied into that memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from models.render.renderer import NeuralRenderer

Work = Callable[[], Tensor]
Recorder = Callable[[Work], tuple[Callable[[], object], Tensor]]

WARM_UPS: Final = 3  # what chooses kernels and asks for memory must not be recorded


def record_cuda(work: Work) -> tuple[Callable[[], object], Tensor]:
    """What repeats `work`, and the tensor its result is found in after each repetition."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UPS):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = work()
    return graph.replay, result


class RecordedRenderer:
    """`NeuralRenderer.draw` for at most `batch` frames of one size at a time.

    The renderer must lie on the GPU (`NeuralRenderer.prepare`) and keep its weights where they are. Shorter batches
    cost what full ones do.
    """

    def __init__(
        self, renderer: NeuralRenderer, texture: Tensor, batch: int, side: int = 224, record: Recorder | None = None
    ) -> None:
        """Record for neural textures shaped like `texture` and frames of `side` by `side` pixels.

        `record` makes the recording (None: a CUDA graph).

        Raises:
            ValueError: `batch` is below 1, or the renderer is not on a GPU.
        """
        if batch < 1:
            raise ValueError(f"batch is {batch}; expected 1 or more")
        if record is None and renderer.device.type != "cuda":
            raise ValueError(f'expected a renderer on a GPU, it is on {renderer.device}; call prepare(device="cuda")')
        self._texture = texture.to(renderer.device, copy=True)
        self._uv = torch.zeros(batch, 2, side, side, device=renderer.device)
        self._background = torch.ones(batch, 1, side, side, device=renderer.device)
        self._replay, self._frames = (record or record_cuda)(
            lambda: renderer.draw(self._texture, self._uv, self._background)
        )

    def draw(self, texture: Tensor, uv: Tensor, background: Tensor) -> Tensor:
        """Frames (B, 3, side, side), as `NeuralRenderer.draw` makes them, in memory of their own.

        Raises:
            ValueError: more frames than the recording has, none, or other shapes.
        """
        count, recorded = len(uv), tuple(self._uv.shape)
        if not 0 < count <= recorded[0] or uv.shape[1:] != recorded[1:]:
            raise ValueError(f"expected uv {recorded} or fewer frames, got {tuple(uv.shape)}; make another recording")
        if texture.shape != self._texture.shape or background.shape != (count, 1, *recorded[2:]):
            raise ValueError(
                f"expected a texture {tuple(self._texture.shape)} and a mask {(count, 1, *recorded[2:])}, "
                f"got {tuple(texture.shape)} and {tuple(background.shape)}"
            )
        self._texture.copy_(texture)
        self._uv[:count].copy_(uv)
        self._background[:count].copy_(background)
        self._replay()
        return self._frames[:count].clone()
