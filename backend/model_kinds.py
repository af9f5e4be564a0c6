"""The original system's models: what each is for, which files make it, and how they become tensors.

None of them ships here. A reader recognises its files by what is in them, never by their names, and executes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file
from torch import Tensor

from backend import model_origins
from backend.fitting.align5 import standard_face
from backend.model_origins import Origin
from models.coefficients import EXPRESSION
from models.face import bfm09_file, bfm09_front
from models.motion.pose_network import PoseNetwork, checked_scale
from models.motion.style_fusion import PoseScale, StyleFusionModel
from models.pickles import PickleRefusedError, read_state_dict
from models.reconstruction.r_net import PYTORCH, TENSORFLOW, RNet, build_r_net, load_pytorch_r_net
from models.reconstruction.tensorflow_r_net import load_tensorflow_r_net
from models.render.renderer import NeuralRenderer, load_generator, load_texture_encoder
from models.speech.deepspeech.loading import load_checkpoint

Tensors = dict[str, Tensor]
Reader = Callable[[Sequence[Path]], Tensors]

ENCODER_PREFIX: Final = "encoder."  # the two networks' names in the one file of the neural renderer
FACE_PREFIX: Final = "face."
TENSORFLOW_EPSILON: Final = "tensorflow_epsilon"


@dataclass(frozen=True)
class ModelKind:
    """One model: what it is for, sets of files that each make it, where they are, and their reader.

    `optional` is a file that may be given too.
    """

    purpose: str
    file_sets: tuple[tuple[str, ...], ...]
    origins: tuple[Origin, ...]
    read: Reader
    optional: str | None = None


def read_bfm09(files: Sequence[Path]) -> Tensors:
    """The front model's arrays as the original uses them (SPEC 5.1), and its texture positions if `uv.npy` is given.

    From a ready `BFM_model_front.mat`; or built from `01_MorphableModel.mat` and `Exp_Pca.bin`, in any order, with the
    four tables of `models.face.bfm09_front` in the folder of the former.

    Raises:
        ValueError: not these files.
    """
    uv = [file for file in files if _starts(file, b"\x93NUMPY")]
    meshes = sorted((file for file in files if file not in uv), key=_is_matlab, reverse=True)
    if len(uv) > 1 or not 1 <= len(meshes) <= 2:
        raise ValueError("expected one front model, or the university's file and the expressions, and at most one uv")
    with TemporaryDirectory() as folder:
        front, converted = meshes[0], Path(folder) / "bfm09.safetensors"
        if len(meshes) == 2:
            front = bfm09_front.build(meshes[0], meshes[1], meshes[0].parent, Path(folder) / "front.mat")
        bfm09_file.convert(front, converted, uv[0] if uv else None)
        return load(converted.read_bytes())


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


def read_pose_fusion(files: Sequence[Path]) -> Tensors:
    """The pose network's weights from its `backbone.pkl` and the scale it was trained on, in any order (SPEC 1.3).

    The scale is JSON: {"mean": 7 numbers, "std": 7 numbers}, quaternion w, x, y, z, then translation x, y, z.

    Raises:
        ValueError: not these two, or the network that predicts expressions.
    """
    weights, *others = sorted(files, key=_is_torch, reverse=True)
    if len(others) != 1 or _is_torch(others[0]):
        raise ValueError("expected the weights and the scale that they were trained on, got two files of weights")
    model = StyleFusionModel.from_state_dict(_state_dict(weights))
    return PoseNetwork(model, _read_scale(others[0])).tensors()


def read_deepspeech(files: Sequence[Path]) -> Tensors:
    """The acoustic network's weights from a checkpoint's folder or archive (SPEC 9).

    Raises:
        ValueError: not DeepSpeech's checkpoint.
    """
    return load_checkpoint(files[0]).state_dict()


def read_r_net(files: Sequence[Path]) -> Tensors:
    """The R-Net's weights from one `epoch_20.pth` or one `FaceReconModel.pb` (SPEC 8).

    The two differ in more than weights; `TENSORFLOW_EPSILON` is there only for the latter.

    Raises:
        ValueError: neither of the two.
    """
    if _is_torch(files[0]):
        return load_pytorch_r_net(files[0]).state_dict()
    network = load_tensorflow_r_net(files[0])
    return {**network.state_dict(), TENSORFLOW_EPSILON: torch.tensor(network.convention.epsilon)}


def load_r_net(path: Path) -> RNet:
    """The R-Net of a file with the tensors of `read_r_net`, in its own convention, frozen.

    Raises:
        ValueError: the file holds something else.
    """
    tensors = _load(path)
    epsilon = tensors.pop(TENSORFLOW_EPSILON, None)
    return build_r_net(tensors, PYTORCH if epsilon is None else replace(TENSORFLOW, epsilon=float(epsilon)))


def read_standard_face(files: Sequence[Path]) -> Tensors:
    """The five points of the face that photos are aligned to, from one `similarity_Lm3D_all.mat` (SPEC 7).

    Raises:
        ValueError: not this file.
    """
    return {"points": torch.from_numpy(np.ascontiguousarray(standard_face(files[0])))}


def read_neural_renderer(files: Sequence[Path]) -> Tensors:
    """The texture encoder's and the face generator's weights, from their two files in any order (SPEC 4.5).

    Raises:
        ValueError: not these two networks, or they do not fit each other.
    """
    states = sorted(map(_state_dict, files), key=_is_generator)
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
    tensors = _load(path)
    return NeuralRenderer(
        load_texture_encoder(_under(ENCODER_PREFIX, tensors)), load_generator(_under(FACE_PREFIX, tensors))
    )


def _read_scale(path: Path) -> PoseScale:
    try:
        scale = json.loads(path.read_text(encoding="utf-8"))
        mean, deviation = scale["mean"], scale["std"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        wanted = '{"mean": [7 numbers], "std": [7 numbers]}'
        raise ValueError(f"expected the scale of the pose in {path.name}, as JSON: {wanted}") from error
    return checked_scale(mean, deviation)


def _state_dict(path: Path) -> Tensors:
    try:
        return read_state_dict(path)
    except PickleRefusedError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _load(path: Path) -> Tensors:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"the weights at {path} cannot be read ({error}); add the model again") from error


def _is_matlab(path: Path) -> bool:
    return _starts(path, b"MATLAB")


def _is_torch(path: Path) -> bool:
    return _starts(path, b"PK\x03\x04", b"\x80")  # a zip archive or a pickle


def _starts(path: Path, *beginnings: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(16).startswith(beginnings)


def _is_generator(state: Mapping[str, Tensor]) -> bool:
    return any(name.startswith("model1_1.") for name in state)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


KINDS: Final = {
    "bfm09": ModelKind(
        purpose="the Basel Face Model 2009 with expressions",
        file_sets=(("01_MorphableModel.mat", "Exp_Pca.bin"), ("BFM_model_front.mat",)),
        origins=model_origins.BFM09,
        read=read_bfm09,
        optional="uv.npy",
    ),
    "style-fusion": ModelKind(
        purpose="speech and a style code to expressions",
        file_sets=(("backbone.pkl",),),
        origins=model_origins.STYLE_FUSION,
        read=read_style_fusion,
    ),
    "pose-fusion": ModelKind(
        purpose="speech and a style code to head pose, where you have trained it; without it the head keeps still",
        file_sets=(("pose.pkl", "scale.json"),),
        origins=model_origins.POSE_FUSION,
        read=read_pose_fusion,
    ),
    "deepspeech": ModelKind(
        purpose="speech to letter probabilities",
        file_sets=(("deepspeech-0.9.2-checkpoint.tar.gz",),),
        origins=model_origins.DEEPSPEECH,
        read=read_deepspeech,
    ),
    "neural-renderer": ModelKind(
        purpose="face textures to video frames",
        file_sets=(("tex_encoder.pkl", "face_unet.pkl"),),
        origins=model_origins.NEURAL_RENDERER,
        read=read_neural_renderer,
    ),
    "r-net": ModelKind(
        purpose="a photo to coefficients of the Basel model",
        file_sets=(("FaceReconModel.pb",), ("epoch_20.pth",)),
        origins=model_origins.R_NET,
        read=read_r_net,
    ),
    "standard-face": ModelKind(
        purpose="where the landmarks of an aligned photo lie",
        file_sets=(("similarity_Lm3D_all.mat",),),
        origins=model_origins.STANDARD_FACE,
        read=read_standard_face,
    ),
}
