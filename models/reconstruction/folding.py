"""Batch normalisation that can join the convolution before it (SPEC 8; Ioffe & Szegedy 2015, section 3.1)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class FoldingBatchNorm(nn.BatchNorm2d):
    """Batch norm of frozen statistics, which makes one convolution out of two steps once `fold` was called.

    The joined kernel stands beside the published weights and is no part of the state dict, so a folded network is
    stored and compared like any other. It costs their memory again. Training, other weights, or a kernel that wants
    gradients go back to the two steps.
    """

    kernel: Tensor | None
    shift: Tensor | None

    def __init__(self, channels: int, epsilon: float) -> None:
        super().__init__(channels, epsilon)
        self.register_buffer("kernel", None, persistent=False)
        self.register_buffer("shift", None, persistent=False)

    @torch.no_grad()
    def fold(self, convolution: nn.Conv2d) -> None:
        """Join with `convolution`, which has no bias; in double precision, channels last in memory."""
        variance, mean = self.running_var, self.running_mean
        assert variance is not None and mean is not None  # this class always tracks them
        factor = self.weight.double() / torch.sqrt(variance.double() + self.eps)
        kernel = convolution.weight * factor[:, None, None, None]
        self.kernel = kernel.to(convolution.weight.dtype).contiguous(memory_format=torch.channels_last)
        self.shift = (self.bias - mean * factor).to(convolution.weight.dtype)

    def after(self, convolution: nn.Conv2d, x: Tensor) -> Tensor:
        """`x` (B, C, H, W) convolved and normalised; `convolution` is the one it was folded with, if it was."""
        if self.kernel is None or convolution.weight.requires_grad:
            normalised: Tensor = self(convolution(x))
            return normalised
        assert not isinstance(convolution.padding, str)
        return F.conv2d(x, self.kernel, self.shift, convolution.stride, convolution.padding)

    def train(self, mode: bool = True) -> FoldingBatchNorm:
        """As `nn.Module.train`; what was folded does not come back with evaluation mode."""
        if mode:
            self._unfold()
        return super().train(mode)

    def _load_from_state_dict(self, *arguments: Any, **options: Any) -> None:
        self._unfold()
        super()._load_from_state_dict(*arguments, **options)

    def _unfold(self) -> None:
        self.kernel = self.shift = None
