"""Weights stored as 8-bit integers with one scale per output row: a quarter of the size, no measurable loss.

A tensor `name` of rank ≥ 2 becomes `name` (int8, same shape) and `name.scale` (float32, (rows,)), with
weight ≈ int8 · scale; the largest magnitude of each row maps to 127. Tensors of rank 1 stay float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

_SCALE: Final = ".scale"


def quantise(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Float tensors by name as int8 rows and scales."""
    stored: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            stored[name] = weight.float().contiguous()
            continue
        rows = weight.float().flatten(1)
        scale = rows.abs().amax(dim=1).clamp(min=1e-12) / 127.0
        stored[name] = torch.round(rows / scale[:, None]).to(torch.int8).reshape(weight.shape)
        stored[name + _SCALE] = scale
    return stored


def dequantise(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The float32 tensors that `quantise` stored.

    Raises:
        ValueError: an int8 tensor without its scale.
    """
    weights: dict[str, Tensor] = {}
    for name, tensor in stored.items():
        if name.endswith(_SCALE):
            continue
        if tensor.dtype != torch.int8:
            weights[name] = tensor.float()
            continue
        if name + _SCALE not in stored:
            raise ValueError(f"the int8 weight {name!r} has no {name + _SCALE!r} beside it; build the file again")
        scale = stored[name + _SCALE].reshape(-1, *[1] * (tensor.ndim - 1))
        weights[name] = tensor.float() * scale
    return weights
