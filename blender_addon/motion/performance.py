"""From a take to what will be keyed, at the scene's frame rate (no bpy)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files.head_file import HeadFile
from ..files.take_file import TakeFile, TakeFileError
from .contacts import contacts
from .pose import Mode, PoseKeys, pose_keys
from .resample import resample, sample_times

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Performance:
    """Keys on every frame of the scene: expression (S, 64) for `expression_names`, and the pose (S frames)."""

    name: str
    expression: Float32Array
    expression_names: Sequence[str]
    pose: PoseKeys


def perform(head: HeadFile, take: TakeFile, fps: float, pose_mode: Mode = "take") -> Performance:
    """What `head` does in `take`, at `fps` frames per second.

    Raises:
        TakeFileError: the take was made for another face model.
    """
    if take.face_model_sha256 != head.sha256:
        wanted = take.meta.get("face_model", {}).get("name", "an unknown face model")
        raise TakeFileError(
            f"the take is for {wanted} ({take.face_model_sha256[:8]}), the head is {head.name} ({head.sha256[:8]}); "
            "use the head that belongs to the take, or make the take again"
        )
    tracks = np.concatenate([take.expression, take.angles, take.translation], axis=1)
    if fps != take.fps:
        held = contacts(head, take.identity, take.expression)
        tracks = resample(tracks, sample_times(len(tracks), take.fps, fps, held))
    pivot = head.neck_pivot(head.shape(take.identity))
    return Performance(
        name=performance_name(take.meta),
        expression=tracks[:, :64],
        expression_names=head.expression_names,
        pose=pose_keys(tracks[:, 64:67], tracks[:, 67:70], pivot, pose_mode),
    )


def performance_name(meta: Mapping[str, Any]) -> str:
    """What to call the Action: the voice and the style, as far as the take says."""
    audio, style = meta.get("audio"), meta.get("style")
    voice = PurePath(str(audio["name"])).stem if isinstance(audio, Mapping) and audio.get("name") else "voice"
    if isinstance(style, Mapping):
        style = style.get("name")
    return f"{voice} ({style})" if isinstance(style, str) and style else voice
