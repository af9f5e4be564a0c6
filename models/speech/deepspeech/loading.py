"""A `DeepSpeechNetwork` from the checkpoint as Mozilla released it, or from safetensors made of one."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from models.speech.deepspeech.checkpoint.reader import Checkpoint
from models.speech.deepspeech.checkpoint.source import open_source
from models.speech.deepspeech.network import DeepSpeechNetwork
from models.speech.deepspeech.variables import check_shapes, network_from_variables, variable_shapes
from models.speech.whisper_encoder import WeightsError


def load_checkpoint(path: str | Path) -> DeepSpeechNetwork:
    """The network of a TensorFlow checkpoint: its folder, or the `.tar.gz` it came in, which is not extracted.

    Raises:
        WeightsError: it is no DeepSpeech checkpoint, is damaged, or lacks a part.
    """
    with open_source(Path(path)) as source:
        checkpoint = Checkpoint(source)
        width = check_shapes(checkpoint.shapes)  # before any weight is read
        return network_from_variables(checkpoint.read(variable_shapes(width)))


def save_network(network: DeepSpeechNetwork, path: str | Path) -> None:
    """Write a network as safetensors."""
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, str(path))


def load_network(path: str | Path) -> DeepSpeechNetwork:
    """The network of a file that `save_network` wrote, ready for inference.

    Raises:
        WeightsError: there is no such file, or it holds something else.
    """
    try:
        state = {name: tensor.float() for name, tensor in load_file(str(path)).items()}
        with torch.device("meta"):
            network = DeepSpeechNetwork(len(state["layer_1.bias"]))
        network.load_state_dict(state, assign=True)
    except (OSError, SafetensorError, KeyError, TypeError, RuntimeError) as error:
        raise WeightsError(f"{path} does not hold DeepSpeech's weights ({error}); add the checkpoint again") from error
    return network.eval().requires_grad_(False)
