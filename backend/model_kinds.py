"""The original system's models: where each comes from, under which terms, and how its files become tensors.

None of them ships here. A reader recognises its files by what is in them, never by their names, and executes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from models.coefficients import EXPRESSION
from models.face import bfm09
from models.motion.style_fusion import StyleFusionModel
from models.pickles import read_state_dict
from models.render.renderer import NeuralRenderer, load_generator, load_texture_encoder
from models.speech.deepspeech.loading import load_checkpoint

Tensors = dict[str, Tensor]
Reader = Callable[[Sequence[Path]], Tensors]

ENCODER_PREFIX: Final = "encoder."  # the two networks' names in the one file of the neural renderer
FACE_PREFIX: Final = "face."


@dataclass(frozen=True)
class ModelKind:
    """One model: what it is for, the files that make it, where they are, their terms, and their reader.

    Without a `read` the model is known but cannot be added yet.
    """

    purpose: str
    files: tuple[str, ...]
    source: str
    licence: str
    read: Reader | None = None


def read_bfm09(files: Sequence[Path]) -> Tensors:
    """The arrays of one `BFM_model_front.mat` as the original uses them, in float32 (SPEC 5.1).

    Raises:
        ValueError: not this file.
    """
    bfm09.load(files[0])  # checks shapes and indices
    arrays = bfm09.read_arrays(files[0])
    return {name: torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)) for name, array in arrays.items()}


def read_style_fusion(files: Sequence[Path]) -> Tensors:
    """The motion network's weights from one `backbone.pkl` (SPEC 1.2).

    Raises:
        ValueError: not such a file, or the network that predicts pose.
    """
    model = StyleFusionModel.from_state_dict(read_state_dict(files[0]))
    expressions = EXPRESSION.stop - EXPRESSION.start
    if model.outputs != expressions:
        raise ValueError(f"expected the network of {expressions} expressions, got the one of {model.outputs} poses")
    return model.state_dict()


def read_deepspeech(files: Sequence[Path]) -> Tensors:
    """The acoustic network's weights from a checkpoint's folder or archive (SPEC 9).

    Raises:
        ValueError: not DeepSpeech's checkpoint.
    """
    return load_checkpoint(files[0]).state_dict()


def read_neural_renderer(files: Sequence[Path]) -> Tensors:
    """The texture encoder's and the face generator's weights, from their two files in any order (SPEC 4.5).

    Raises:
        ValueError: not these two networks, or they do not fit each other.
    """
    states = sorted((read_state_dict(file) for file in files), key=_is_generator)
    if [_is_generator(state) for state in states] != [False, True]:
        raise ValueError("expected one texture encoder and one face generator, got the same network twice")
    encoder, face = load_texture_encoder(states[0]), load_generator(states[1])
    drawn, wanted = states[0]["up5.conv.1.weight"].shape[0], states[1]["model1_1.1.weight"].shape[1]
    if drawn != wanted:
        raise ValueError(f"the encoder makes textures of {drawn} channels, but the generator takes {wanted}")
    return NeuralRenderer(encoder, face).state_dict()


def load_neural_renderer(path: Path) -> NeuralRenderer:
    """The renderer of a file with the tensors of `read_neural_renderer`, frozen.

    Raises:
        ValueError: the file holds something else.
    """
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"the neural renderer at {path} cannot be read ({error}); add it again") from error
    return NeuralRenderer(
        load_texture_encoder(_under(ENCODER_PREFIX, tensors)), load_generator(_under(FACE_PREFIX, tensors))
    )


def _is_generator(state: Mapping[str, Tensor]) -> bool:
    return any(name.startswith("model1_1.") for name in state)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


STYLE_AVATAR: Final = "https://github.com/wuhaozhe/style_avatar"
NO_LICENCE: Final = "none stated by its authors: ask them before using it for more than private study"

KINDS: Final = {
    "bfm09": ModelKind(
        purpose="the Basel Face Model 2009 with expressions",
        files=("BFM_model_front.mat",),
        source="register at https://faces.dmi.unibas.ch/bfm/, then build the file as "
        "https://github.com/microsoft/Deep3DFaceReconstruction describes (not yet built here from the Basel originals)",
        licence="the University of Basel's: non-commercial research, no passing on",
        read=read_bfm09,
    ),
    "style-fusion": ModelKind(
        purpose="speech and a style code to expressions",
        files=("backbone.pkl",),
        source=STYLE_AVATAR,
        licence=NO_LICENCE,
        read=read_style_fusion,
    ),
    "deepspeech": ModelKind(
        purpose="speech to letter probabilities",
        files=("deepspeech-0.9.2-checkpoint.tar.gz",),
        source="https://github.com/mozilla/DeepSpeech/releases/tag/v0.9.2",
        licence="MPL-2.0",
        read=read_deepspeech,
    ),
    "neural-renderer": ModelKind(
        purpose="face textures to video frames",
        files=("tex_encoder.pkl", "face_unet.pkl"),
        source=STYLE_AVATAR,
        licence=NO_LICENCE,
        read=read_neural_renderer,
    ),
    "r-net": ModelKind(
        purpose="a photo to coefficients of the Basel model",
        files=("epoch_20.pth",),
        source="https://github.com/sicxu/Deep3DFaceRecon_pytorch",
        licence="MIT (code); the weights depend on the Basel model's terms",
    ),
}
