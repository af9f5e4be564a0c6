"""The motion network of "Imitating Arbitrary Talking Style" (Wu et al. 2021), layer by layer (SPEC 1).

Speech and style are fused late: a trunk of residual blocks turns 1.6 s of speech features into 256 channels, the style
code becomes 256 more, and two last blocks see both. Names of parameters are the published checkpoint's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import ArrayLike
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from models.coefficients import Float32Array
from models.motion import quaternion
from models.motion.pose_filter import GIMBAL_MARGIN
from models.motion.style_code import CODE_WIDTH, EXPRESSION_WIDTH, POSE_WIDTH

SPEECH_CLASSES: Final = 29
FEATURE_FRAMES: Final = 80  # 50 per second: 64 that are seen and 8 of context on either side
VIDEO_FRAMES: Final = 32  # 25 per second
STYLE_CHANNELS: Final = 256
BACK_CHANNELS: Final = 256 + STYLE_CHANNELS
# The paper's numbering runs to 23. Block 21 would have made 512 channels of 256; the style's channels come instead.
FRONT_STAGES: Final = ((64, 64, 3), (64, 128, 4), (128, 256, 14))  # channels in, channels out, blocks
BACK_BLOCKS: Final = (22, 23)
OUTPUTS: Final = {EXPRESSION_WIDTH: "expression", POSE_WIDTH: "pose"}


class StyleFusionError(ValueError):
    """Weights or inputs do not fit the network; the message says what to do."""


class ResidualBlock(nn.Module):
    """Two convolutions over time beside a shortcut: (B, channels_in, T) to (B, channels_out, ceil(T / stride))."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.shortcut_layer: nn.Module
        if channels_in == channels_out:
            self.shortcut_layer = nn.MaxPool1d(kernel_size=1, stride=stride)  # every stride-th frame
        else:
            self.shortcut_layer = nn.Sequential(
                nn.Conv1d(channels_in, channels_out, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm1d(channels_out),
            )
        self.res_layer = nn.Sequential(
            nn.BatchNorm1d(channels_in),
            nn.Conv1d(channels_in, channels_out, kernel_size=3, padding=1, bias=False),
            nn.PReLU(channels_out),
            nn.Conv1d(channels_out, channels_out, kernel_size=3, stride=stride, padding=1, bias=False),
            nn.BatchNorm1d(channels_out),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The block's sum, without an activation."""
        return self.shortcut_layer(x) + self.res_layer(x)


class StyleFusionModel(nn.Module):
    """Speech features, their energy and a style code to motion; `outputs` is 64 for expression, 7 for pose.

    Expression comes as the face model's coefficients; pose comes standardised (`decode_pose`). `dropout` acts in
    training only.
    """

    def __init__(self, outputs: int = EXPRESSION_WIDTH, dropout: float = 0.5) -> None:
        super().__init__()
        if outputs not in OUTPUTS:
            raise StyleFusionError(f"expected 64 outputs (expression) or 7 (pose), got {outputs}")
        self.outputs = outputs
        self.audio_layer = _stem(SPEECH_CLASSES, 48)
        self.energy_layer = _stem(1, 16)
        self.backbone1 = _front()
        self.backbone2 = nn.Sequential(
            OrderedDict((str(number), ResidualBlock(BACK_CHANNELS, BACK_CHANNELS, 1)) for number in BACK_BLOCKS)
        )
        self.dropout = nn.Dropout(dropout)
        self.out_layer = nn.Sequential(
            nn.Upsample(size=VIDEO_FRAMES, mode="linear", align_corners=False),
            nn.BatchNorm1d(BACK_CHANNELS),
            nn.Conv1d(BACK_CHANNELS, 64, kernel_size=3, padding=1, bias=False),
            nn.PReLU(64),
            nn.Conv1d(64, outputs, kernel_size=3, padding=1, bias=False),
        )
        self.exp_sty_layer = nn.Sequential(nn.Linear(CODE_WIDTH, 64), nn.ReLU(), nn.Linear(64, STYLE_CHANNELS))

    def forward(self, audio: Tensor, energy: Tensor, style: Tensor) -> Tensor:
        """Motion (B, outputs, 32) of audio (B, 29, 80), energy (B, 1, 80) and style codes (B, 135)."""
        return self.speak(self.hear(audio, energy), style)

    def hear(self, audio: Tensor, energy: Tensor) -> Tensor:
        """The part that knows no style, blocks 0 to 20: speech channels (B, 256, 10)."""
        speech = torch.cat([self.audio_layer(audio), self.energy_layer(energy)], dim=1)
        return self.dropout(self.backbone1(speech))

    def speak(self, speech: Tensor, style: Tensor) -> Tensor:
        """Motion (B, outputs, 32) of what was heard (B, 256, 10) in the styles (B, 135)."""
        manner = self.exp_sty_layer(style)[:, :, None].expand(-1, -1, speech.shape[-1])
        return self.out_layer(self.backbone2(torch.cat([speech, manner], dim=1)))

    def predict(self, audio: Float32Array, energy: Float32Array, style: Float32Array) -> Float32Array:
        """`forward` on arrays, on the device the weights are on; puts the network into evaluation mode.

        Raises:
            StyleFusionError: shapes other than (B, 29, 80), (B, 1, 80) and (B, 135).
        """
        with torch.inference_mode():
            return self(*self._inputs(audio, energy, style, codes=len(audio))).cpu().numpy()

    def predict_each(self, audio: Float32Array, energy: Float32Array, styles: Float32Array) -> Float32Array:
        """Motion (S, B, outputs, 32) of B windows in each of the styles (S, 135); speech is heard once for all.

        Raises:
            StyleFusionError: shapes other than (B, 29, 80), (B, 1, 80) and (S, 135).
        """
        with torch.inference_mode():
            sound, level, codes = self._inputs(audio, energy, styles, codes=len(styles))
            speech = self.hear(sound, level)
            return torch.stack([self.speak(speech, code.expand(len(speech), -1)) for code in codes]).cpu().numpy()

    def _inputs(self, audio: Float32Array, energy: Float32Array, style: Float32Array, codes: int) -> list[Tensor]:
        """Checked inputs as tensors on the weights' device, with the network in evaluation mode."""
        batch = len(audio)
        expected = {
            "audio": (batch, SPEECH_CLASSES, FEATURE_FRAMES),
            "energy": (batch, 1, FEATURE_FRAMES),
            "style": (codes, CODE_WIDTH),
        }
        for (name, shape), array in zip(expected.items(), (audio, energy, style), strict=True):
            if array.shape != shape:
                raise StyleFusionError(f"expected {name} of shape {shape}, got {array.shape}")
        device = next(self.parameters()).device
        self.eval()
        return [torch.as_tensor(array, dtype=torch.float32, device=device) for array in (audio, energy, style)]

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Tensor]) -> StyleFusionModel:
        """The network, ready to predict, with the weights of a checkpoint; expression or pose as they say.

        Raises:
            StyleFusionError: a tensor is missing, unknown or of another shape.
        """
        last = state.get("out_layer.4.weight")
        outputs = len(last) if last is not None and last.ndim else 0
        if outputs not in OUTPUTS:
            raise StyleFusionError(
                "expected a style-fusion checkpoint, whose out_layer.4.weight has 64 rows (expression) or 7 (pose)"
            )
        model = cls(outputs)
        _check_tensors(state, model.state_dict())
        model.load_state_dict(dict(state))
        return model.eval()

    @classmethod
    def load(cls, path: Path) -> StyleFusionModel:
        """`from_state_dict` of a safetensors file.

        Raises:
            StyleFusionError: the file cannot be read, or as `from_state_dict`.
        """
        return cls.from_state_dict(read_tensors(path))


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file.

    Raises:
        StyleFusionError: the file cannot be read.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise StyleFusionError(f"the weights {path} cannot be read: {error}") from error


@dataclass(frozen=True, eq=False)
class PoseScale:
    """Mean and standard deviation, (7,) each, of the pose that a network was trained on (`style_code.pose_of`)."""

    mean: Float32Array
    deviation: Float32Array


def decode_pose(output: ArrayLike, scale: PoseScale) -> tuple[Float32Array, Float32Array]:
    """Angles (..., T, 3) in radians and translation (..., T, 3) of a pose network's output (..., 7, T) (SPEC 1.3).

    The quaternion is not brought to length 1 first: the original's was not when its results were judged.

    Raises:
        StyleFusionError: not (..., 7, T).
    """
    standardised = np.asarray(output, dtype=np.float32)
    if standardised.ndim < 2 or standardised.shape[-2] != POSE_WIDTH:
        raise StyleFusionError(f"expected a pose network's output (..., {POSE_WIDTH}, T), got {standardised.shape}")
    pose = np.swapaxes(standardised, -1, -2) * scale.deviation + scale.mean
    angles = quaternion.to_angles(pose[..., :4], margin=GIMBAL_MARGIN)
    return angles.astype(np.float32), pose[..., 4:]


def _stem(channels_in: int, channels_out: int) -> nn.Sequential:
    """Two convolutions that keep the 80 feature frames."""
    return nn.Sequential(
        nn.Conv1d(channels_in, channels_out, kernel_size=3, padding=1),
        nn.BatchNorm1d(channels_out),
        nn.ReLU(),
        nn.Conv1d(channels_out, channels_out, kernel_size=3, padding=1),
    )


def _front() -> nn.Sequential:
    """Blocks 0 to 20; the first of every stage halves the frames: (B, 64, 80) to (B, 256, 10)."""
    blocks = []
    for channels_in, channels_out, count in FRONT_STAGES:
        blocks.append(ResidualBlock(channels_in, channels_out, stride=2))
        blocks += [ResidualBlock(channels_out, channels_out, stride=1) for _ in range(count - 1)]
    return nn.Sequential(*blocks)


def _check_tensors(given: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise one clear error unless both have the same names and shapes."""
    if missing := sorted(set(expected) - set(given)):
        raise StyleFusionError(f"the checkpoint lacks {len(missing)} of {len(expected)} tensors (first: {missing[0]})")
    if unknown := sorted(set(given) - set(expected)):
        raise StyleFusionError(f"the checkpoint holds {len(unknown)} tensors too many (first: {unknown[0]})")
    for name, tensor in expected.items():
        if given[name].shape != tensor.shape:
            raise StyleFusionError(
                f"expected {name} of shape {tuple(tensor.shape)} in the checkpoint, got {tuple(given[name].shape)}"
            )
