"""The pose variant of the motion network with the scale it was trained on, and its pose on a photo's head (SPEC 1.3).

The clips it learns from are normalised (SPEC 3.4), so what it says is relative to a clip's mean pose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.coefficients import Float32Array
from models.motion import quaternion
from models.motion.pose_filter import GIMBAL_MARGIN
from models.motion.style_code import POSE_WIDTH
from models.motion.style_fusion import PoseScale, StyleFusionError, StyleFusionModel, decode_pose, read_tensors

SCALE_NAMES: Final = ("pose_mean", "pose_deviation")  # beside the network's own names


@dataclass(frozen=True, eq=False)
class PoseNetwork:
    """A network of 7 outputs and the scale of the pose it was trained on.

    Raises:
        StyleFusionError: the network predicts expressions.
    """

    model: StyleFusionModel
    scale: PoseScale

    def __post_init__(self) -> None:
        if self.model.outputs != POSE_WIDTH:
            raise StyleFusionError(
                f"expected the network of {POSE_WIDTH} poses, got the one of {self.model.outputs} expressions"
            )

    def decode(self, motion: Float32Array) -> tuple[Float32Array, Float32Array]:
        """Angles (T, 3) in radians and translation (T, 3), relative to the clip's mean, of its motion (T, 7)."""
        return decode_pose(motion.T, self.scale)

    def tensors(self) -> dict[str, Tensor]:
        """The weights under the checkpoint's names and the scale under `SCALE_NAMES`, (7,) each."""
        scale = (torch.from_numpy(array) for array in (self.scale.mean, self.scale.deviation))
        return {**self.model.state_dict(), **dict(zip(SCALE_NAMES, scale, strict=True))}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> PoseNetwork:
        """The network, ready to predict, of what `tensors` gave.

        Raises:
            StyleFusionError: another network's tensors, or no usable scale.
        """
        if missing := [name for name in SCALE_NAMES if name not in tensors]:
            raise StyleFusionError(f"the pose network lacks its scale ({missing[0]}); add it again with its scale")
        model = StyleFusionModel.from_state_dict(
            {name: tensor for name, tensor in tensors.items() if name not in SCALE_NAMES}
        )
        mean, deviation = (tensors[name].numpy() for name in SCALE_NAMES)
        return cls(model, checked_scale(mean, deviation))

    @classmethod
    def load(cls, path: Path) -> PoseNetwork:
        """`from_tensors` of a safetensors file.

        Raises:
            StyleFusionError: the file cannot be read, or as `from_tensors`.
        """
        return cls.from_tensors(read_tensors(path))


def checked_scale(mean: object, deviation: object) -> PoseScale:
    """The scale of a mean and a standard deviation: quaternion w, x, y, z, then translation x, y, z.

    Raises:
        StyleFusionError: not 7 finite numbers each, or a deviation that is not positive.
    """
    try:
        pair = [np.asarray(values, dtype=np.float32) for values in (mean, deviation)]
    except (TypeError, ValueError) as error:
        raise StyleFusionError(f"the scale of the pose is not made of numbers: {error}") from error
    for name, array in zip(("mean", "std"), pair, strict=True):
        if array.shape != (POSE_WIDTH,) or not np.isfinite(array).all():
            raise StyleFusionError(f"expected {POSE_WIDTH} finite numbers as {name} of the pose, got {array.tolist()}")
    if (pair[1] <= 0).any():
        raise StyleFusionError(f"expected a positive std of the pose, got {pair[1].tolist()}")
    return PoseScale(*pair)


def turned_about(angles: Float32Array, mean: Float32Array) -> Float32Array:
    """Angles (T, 3) of rotations relative to the pose of angles `mean` (3,): `pose_filter`'s normalisation, undone."""
    turns = quaternion.multiply(quaternion.from_angles(angles), quaternion.from_angles(mean))
    return quaternion.to_angles(turns, margin=GIMBAL_MARGIN).astype(np.float32)
