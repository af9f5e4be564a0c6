"""The original R-Net, `FaceReconModel.pb`, as a PyTorch network (SPEC 8.1).

The graph follows TensorFlow-Slim's `resnet_v1_50`; its kernels are stored (height, width, in, out).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.reconstruction.frozen_graph import FrozenGraph, GraphError, read_frozen_graph
from models.reconstruction.r_net import TENSORFLOW, ReconstructionWeightsError, RNet, build_r_net

_ROOT: Final = "resnet_v1_50/"
_UNFUSED: Final = "/BatchNorm/batchnorm/add/y"
_HEADS: Final = ("fc-id", "fc-ex", "fc-tex", "fc-angles", "fc-gamma", "fc-XY", "fc-Z")
_NORMALISATION: Final = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
_UNIT: Final = re.compile(r"block(\d+)/unit_(\d+)/bottleneck_v1/(?:conv(\d)|(shortcut))/(weights|BatchNorm/(\w+))")
_STEM: Final = re.compile(r"conv(1)/(weights|BatchNorm/(\w+))")


def load_tensorflow_r_net(path: str | Path) -> RNet:
    """The network of a frozen graph.

    Raises:
        ReconstructionWeightsError: not a frozen graph, or not of an R-Net.
        FileNotFoundError: no such file.
    """
    try:
        graph = read_frozen_graph(path)
    except GraphError as error:
        raise ReconstructionWeightsError(f"{error}; expected FaceReconModel.pb") from error
    return convert_r_net(graph.weights, _epsilon(graph, path))


def _epsilon(graph: FrozenGraph, path: str | Path) -> float:
    """What the graph adds to variances: an attribute of fused normalisations, a constant beside unfused ones."""
    unfused = (float(array) for name, array in graph.weights.items() if name.endswith(_UNFUSED) and array.ndim == 0)
    epsilons = {*graph.epsilons.values(), *unfused}
    if len(epsilons) != 1:
        found = f"got {sorted(epsilons)}" if epsilons else "got none"
        raise ReconstructionWeightsError(
            f"{path}: these are not the weights of an R-Net: expected one epsilon for all normalisations, {found}"
        )
    return epsilons.pop()


def convert_r_net(variables: Mapping[str, NDArray[Any]], epsilon: float = TENSORFLOW.epsilon) -> RNet:
    """The network of TensorFlow variables by name, as in the frozen graph or its checkpoint.

    Raises:
        ReconstructionWeightsError: not the variables of an R-Net.
    """
    weights: dict[str, Tensor] = {}
    for name, array in variables.items():
        target = _target(name)
        if target is None:
            continue  # optimiser state and constants that are no weights
        weights[target] = _tensor(name, array)
        if target.endswith("running_var"):
            weights[target.replace("running_var", "num_batches_tracked")] = torch.tensor(0)
    return build_r_net(weights, replace(TENSORFLOW, epsilon=epsilon))


def _tensor(name: str, array: NDArray[Any]) -> Tensor:
    if name.endswith("/weights"):
        if array.ndim != 4:
            raise ReconstructionWeightsError(f"{name}: expected a kernel of 4 axes, got shape {array.shape}")
        array = array.transpose(3, 2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))


def _target(name: str) -> str | None:
    """The PyTorch name of a TensorFlow variable, None when it belongs to no layer."""
    scope, _, leaf = name.rpartition("/")
    if scope in _HEADS and leaf in ("weights", "biases"):
        return f"final_layers.{_HEADS.index(scope)}.{'weight' if leaf == 'weights' else 'bias'}"
    if not name.startswith(_ROOT):
        return None
    if stem := _STEM.fullmatch(name, len(_ROOT)):
        return _layer("backbone.conv1", "backbone.bn1", stem[3])
    if unit := _UNIT.fullmatch(name, len(_ROOT)):
        place = f"backbone.layer{unit[1]}.{int(unit[2]) - 1}."
        if unit[4]:
            return _layer(f"{place}downsample.0", f"{place}downsample.1", unit[6])
        return _layer(f"{place}conv{unit[3]}", f"{place}bn{unit[3]}", unit[6])
    return None


def _layer(convolution: str, normalisation: str, statistic: str | None) -> str | None:
    if statistic is None:
        return f"{convolution}.weight"
    return f"{normalisation}.{_NORMALISATION[statistic]}" if statistic in _NORMALISATION else None
