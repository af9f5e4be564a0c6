"""Write a performance as keys: expression on the shape keys, head pose on the object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from .. import compat
from ..motion.frames import EULER_ORDER
from ..motion.performance import Performance
from .head import allow_range
from .steps import Steps, run_all

Float32Array = NDArray[np.float32]
Interpolation = Literal["LINEAR", "BEZIER"]

# What foreach_set takes for these enumerations is their stored number, the same in all versions.
_INTERPOLATION: Final = {"LINEAR": 1, "BEZIER": 2}
_AUTO_CLAMPED: Final = 4

# Channel groups of the expression names' first words, so that 64 channels can be folded and found.
GROUPS: Final = {
    "Brows": ("brow",),
    "Eyes": ("eye", "pupil"),
    "Cheeks and nose": ("cheek", "nose", "nostril"),
    "Tongue": ("tongue",),
    "Neck": ("neck",),
    "Mouth and jaw": ("mouth", "jaw", "lip", "upperLip"),
}

STILL: Final = 1e-7  # a track that moves less than this gets one key


def animate_head(
    head_object: Any, performance: Performance, *, first_frame: int = 1, interpolation: Interpolation = "LINEAR"
) -> Any:
    """Key `performance` on `head_object` from `first_frame` on, one key per frame, and return the new Action."""
    actions = new_actions(head_object, performance.name)
    run_all(key_steps(head_object, actions, performance, first_frame=first_frame, interpolation=interpolation))
    return actions.face


@dataclass(frozen=True)
class Actions:
    """Where the keys of one performance are: the same Action twice, or before 4.4 two Actions."""

    face: Any
    body: Any


def new_actions(head_object: Any, name: str) -> Actions:
    """A new, empty Action called `name`, assigned to the shape keys and the object.

    What was assigned before keeps existing (with a fake user, so that it is saved).
    """
    shape_keys = head_object.data.shape_keys
    _keep(head_object.animation_data, shape_keys.animation_data)
    face, body = compat.new_actions(name, [(shape_keys, "KEY"), (head_object, "OBJECT")])
    head_object.rotation_mode = EULER_ORDER
    return Actions(face, body)


def key_steps(
    head_object: Any,
    actions: Actions,
    performance: Performance,
    *,
    first_frame: int = 1,
    interpolation: Interpolation = "LINEAR",
) -> Steps[None]:
    """Fill `actions` with `performance`, one key per frame from `first_frame` on; keys that were there are replaced.

    Linear is the default: with a key on every frame the shape of the curve between keys is never seen, and it cannot
    overshoot a lip closure.
    """
    frames = np.arange(len(performance.expression), dtype=np.float32) + first_frame
    total = len(performance.expression_names) + 6
    for index, (name, track) in enumerate(zip(performance.expression_names, performance.expression.T, strict=True)):
        allow_range(head_object, name, float(track.min()), float(track.max()))
        channels = compat.channels_of(actions.face, "KEY")
        curve = compat.ensure_curve(channels, f'key_blocks["{name}"].value', group=group_of(name))
        write_keys(curve, frames, track, interpolation)
        yield "keys", index + 1, total
    for path, tracks in (("location", performance.pose.location), ("rotation_euler", performance.pose.rotation)):
        channels = compat.channels_of(actions.body, "OBJECT")
        for axis, track in enumerate(tracks.T):
            write_keys(compat.ensure_curve(channels, path, axis, "Head pose"), frames, track, interpolation)
        yield "keys", total - (3 if path == "location" else 0), total


def group_of(expression_name: str) -> str:
    """The channel group of an expression; one that fits nowhere goes to "Other"."""
    return next((group for group, words in GROUPS.items() if expression_name.startswith(words)), "Other")


def write_keys(curve: Any, frames: Float32Array, values: Float32Array, interpolation: Interpolation) -> None:
    """Let an F-curve hold keys at `frames` (S,) with `values` (S,) alone; a track that never moves gets one key."""
    if np.ptp(values) < STILL:
        frames, values = frames[:1], values[:1]
    points = curve.keyframe_points
    points.clear()
    points.add(len(frames))
    points.foreach_set("co", np.column_stack([frames, values]).astype(np.float32).ravel())
    points.foreach_set("interpolation", np.full(len(frames), _INTERPOLATION[interpolation], dtype=np.int32))
    for handle in ("handle_left_type", "handle_right_type"):
        points.foreach_set(handle, np.full(len(frames), _AUTO_CLAMPED, dtype=np.int32))
    curve.update()


def _keep(*animation_data: Any) -> None:
    for data in animation_data:
        if data is not None and data.action is not None:
            data.action.use_fake_user = True
