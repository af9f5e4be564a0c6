"""The network's weights under their TensorFlow names, and how they become a `DeepSpeechNetwork`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.speech.deepspeech.mfcc import INPUTS
from models.speech.deepspeech.network import CLASSES, DeepSpeechNetwork
from models.speech.whisper_encoder import WeightsError

DENSE: Final = ("layer_1", "layer_2", "layer_3", "layer_5", "layer_6")
LSTM: Final = "cudnn_lstm/rnn/multi_rnn_cell/cell_0/cudnn_compatible_lstm_cell"
_MAX_WIDTH: Final = 4096  # twice the release; a corrupt shape must not ask for a terabyte


def variable_shapes(width: int) -> dict[str, tuple[int, ...]]:
    """The variables a network of `width` units is made of, with TensorFlow's shapes (dense weights are in × out)."""
    shapes: dict[str, tuple[int, ...]] = {f"{LSTM}/kernel": (2 * width, 4 * width), f"{LSTM}/bias": (4 * width,)}
    for name in DENSE:
        inputs = INPUTS if name == "layer_1" else width
        outputs = CLASSES if name == "layer_6" else width
        shapes |= {f"{name}/weights": (inputs, outputs), f"{name}/bias": (outputs,)}
    return shapes


def check_shapes(found: Mapping[str, tuple[int, ...]]) -> int:
    """The width of the network whose variables have these shapes; variables of other names are ignored.

    Raises:
        WeightsError: a variable is missing or has another shape than the first bias asks for.
    """
    first = found.get("layer_1/bias", ())
    if len(first) != 1 or not 0 < first[0] <= _MAX_WIDTH:
        raise WeightsError(
            f"expected a layer_1/bias of 1 to {_MAX_WIDTH} values, got shape {first}; this is no DeepSpeech checkpoint"
        )
    for name, shape in variable_shapes(first[0]).items():
        if name not in found:
            raise WeightsError(f"variable {name} is missing; this is not a DeepSpeech 0.9 checkpoint")
        if tuple(found[name]) != shape:
            raise WeightsError(f"expected {name} of shape {shape}, got {tuple(found[name])}; use DeepSpeech 0.9.2's")
    return first[0]


def network_from_variables(variables: Mapping[str, NDArray[Any]]) -> DeepSpeechNetwork:
    """A network, ready for inference, from variables under their TensorFlow names; others are ignored.

    Raises:
        WeightsError: see `check_shapes`; or a weight is not a finite float32 number.
    """
    width = check_shapes({name: array.shape for name, array in variables.items()})
    state: dict[str, Tensor] = {}
    for name in DENSE:
        state[f"{name}.weight"] = _tensor(variables, f"{name}/weights").T.contiguous()
        state[f"{name}.bias"] = _tensor(variables, f"{name}/bias")
    kernel, bias = _tensor(variables, f"{LSTM}/kernel"), _tensor(variables, f"{LSTM}/bias")
    state["lstm.weight_ih_l0"] = _torch_gates(kernel[:width].T)
    state["lstm.weight_hh_l0"] = _torch_gates(kernel[width:].T)
    state["lstm.bias_ih_l0"] = _torch_gates(bias)
    state["lstm.bias_hh_l0"] = torch.zeros_like(bias)  # torch has two biases where TensorFlow has one
    with torch.device("meta"):
        network = DeepSpeechNetwork(width)
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(False)


def _tensor(variables: Mapping[str, NDArray[Any]], name: str) -> Tensor:
    array = variables[name]
    if array.dtype != np.float32 or not np.isfinite(array).all():
        raise WeightsError(f"expected finite float32 values in {name}, got {array.dtype}; the checkpoint is damaged")
    return torch.from_numpy(np.array(array))


def _torch_gates(gates: Tensor) -> Tensor:
    """Row blocks in TensorFlow's order (input, candidate, forget, output) to torch's, forget before candidate."""
    given, candidate, forget, output = gates.chunk(4)
    return torch.cat([given, forget, candidate, output])
