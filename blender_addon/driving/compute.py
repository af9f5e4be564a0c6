"""From a performance and what is known of a character to the values of its keys; asks nothing of Blender, so
that it can run in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ..retarget import face_bones, motion
from ..retarget.channels import FACE_BONE, HEAD_PLACE, shape_tracks, viseme_of
from ..retarget.mapping import Row
from ..retarget.tracks import Tracks, folded, resampled, scaled
from ..retarget.units import OWN
from .bones import BonePlan

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

OVER: Final = 0.01  # of a slider, from which it is said that a value was held at its end
MISSING: Final = 0.05  # likewise of a viseme that others stand in for


@dataclass(frozen=True)
class Options:
    """amplitude: of the face; head: of its movement; neck_share: how much of its turns the neck does; fps: of the
    scene."""

    first_frame: int = 1
    fps: float = 25.0
    amplitude: float = 1.0
    head: float = 1.0
    neck_share: float = 0.4


@dataclass(frozen=True)
class ShapePlan:
    """One shape key that a row moves, and the range of its slider."""

    mesh: str
    key: str
    row: Row
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class RootPlan:
    """The object that carries the head: its turn (3, 3) and place (3,) before; gains of both, None without a row."""

    rest: Float64Array
    place: Float64Array
    mode: str
    turn: float | None
    go: float | None
    unit: float


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that is known of the character; closes: whether shapes shut the lips, so that the jaw need not."""

    rows: Sequence[Row]
    shapes: Sequence[ShapePlan] = ()
    bones: Sequence[BonePlan] = ()
    root: RootPlan | None = None
    closes: bool = False


@dataclass(frozen=True, eq=False)
class Values:
    """Values (T, n) for a property, such as "rotation_quaternion" or "location", of one bone or, "", the object."""

    bone: str
    path: str
    values: Float32Array


@dataclass(frozen=True, eq=False)
class Computed:
    """What is to be keyed, T frames.

    shapes: {(mesh, key): values (T,)}; clamped: {(mesh, key): highest value asked for}, where a slider was too short.
    """

    frames: int
    shapes: dict[tuple[str, str], Float32Array] = field(default_factory=dict)
    clamped: dict[tuple[str, str], float] = field(default_factory=dict)
    bones: list[Values] = field(default_factory=list)
    root: list[Values] = field(default_factory=list)


def computed(plan: Plan, tracks: Tracks, options: Options) -> Computed:
    """The values of all keys at the scene's rate."""
    ready = _prepared(tracks, plan.rows, options)
    made = Computed(len(ready))
    _compute_shapes(plan.shapes, ready, made)
    made.bones.extend(_bone_values(bone, ready, not plan.closes) for bone in plan.bones)
    if plan.root is not None:
        made.root.extend(_root_values(plan.root, ready))
    return made


def _prepared(tracks: Tracks, rows: Sequence[Row], options: Options) -> Tracks:
    """The performance at the scene's rate and size, in the units that the rows use."""
    own = frozenset(row.channel for row in rows if row.channel in OWN)
    by_visemes = any(viseme_of(row.channel) is not None for row in rows)
    tracks = scaled(resampled(tracks, options.fps), options.amplitude, options.head)
    # Visemes and Rigify's bones are described in all 64 units; only shapes named after ARKit need theirs alone.
    speaks_arkit = any(row.kind == "SHAPE" for row in rows) and not by_visemes
    return folded(tracks, own) if speaks_arkit else tracks


def _compute_shapes(shapes: Sequence[ShapePlan], tracks: Tracks, made: Computed) -> None:
    """Values within the keys' sliders, as Blender would hold them."""
    found = shape_tracks(tracks, (shape.row.channel for shape in shapes), _highest(shapes))
    for shape in shapes:
        channel, gain = shape.row.channel, shape.row.gain
        wanted = gain * found.tracks[channel] + shape.row.offset
        made.shapes[shape.mesh, shape.key] = np.clip(wanted, shape.low, shape.high).astype(np.float32)
        missing = found.missing.get(channel, 0.0)
        asked = float(wanted.max(initial=shape.low)) + (gain * missing if missing > MISSING and gain > 0 else 0.0)
        if asked > shape.high + OVER:
            made.clamped[shape.mesh, shape.key] = asked


def _highest(shapes: Sequence[ShapePlan]) -> dict[str, float]:
    """The largest value of every viseme that all of its sliders allow."""
    highest: dict[str, float] = {}
    for shape in shapes:
        row = shape.row
        if viseme_of(row.channel) is not None and row.gain > 0:
            room = max((shape.high - row.offset) / row.gain, 0.0)
            highest[row.channel] = min(room, highest.get(row.channel, room))
    return highest


def _bone_values(plan: BonePlan, tracks: Tracks, jaw_closes: bool) -> Values:
    if plan.channel == FACE_BONE:
        return _located(plan, plan.share * _face_ways(plan, tracks))
    if plan.channel == HEAD_PLACE:
        return _located(plan, plan.share * plan.unit * motion.head_ways(tracks) @ plan.frame.T)
    turns = motion.shared(_turns(plan.channel, tracks, jaw_closes), plan.share)
    turns = plan.frame @ turns @ plan.frame.T
    if plan.aims:
        return _located(plan, turns @ plan.way - plan.way)
    path, values = rotation_values(plan.rest.T @ turns @ plan.rest, plan.mode)
    return Values(plan.bone, path, values)


def _located(plan: BonePlan, ways: NDArray[np.floating]) -> Values:
    """Keys that move a bone by `ways` (T, 3) of the armature's space."""
    return Values(plan.bone, "location", (ways @ plan.rest).astype(np.float32))


def _face_ways(plan: BonePlan, tracks: Tracks) -> NDArray[np.floating]:
    """(T, 3) where a control of a Rigify face goes."""
    if plan.bone in face_bones.LIDS:
        return face_bones.blink(plan.bone, tracks)[:, None] * plan.way
    return plan.unit * face_bones.displacement(plan.bone, tracks) @ plan.frame.T


def _turns(channel: str, tracks: Tracks, jaw_closes: bool) -> Float64Array:
    if channel in {"head", "neck"}:
        return motion.head_rotations(tracks)
    if channel == "jaw":
        return motion.jaw_rotations(tracks, jaw_closes)
    return motion.eye_rotations(tracks, channel)


def _root_values(plan: RootPlan, tracks: Tracks) -> list[Values]:
    """Turn the object about its origin and move it, away from how it stands."""
    found = []
    if plan.turn is not None:
        turns = motion.shared(motion.head_rotations(tracks), plan.turn) @ plan.rest
        found.append(Values("", *rotation_values(turns, plan.mode)))
    if plan.go is not None:
        ways = plan.place + plan.go * plan.unit * motion.head_ways(tracks)
        found.append(Values("", "location", ways.astype(np.float32)))
    return found


def rotation_values(matrices: Float64Array, mode: str) -> tuple[str, Float32Array]:
    """The property of a rotation mode and its values (T, n) for `matrices` (T, 3, 3), without jumps between frames."""
    rotations = [Matrix(matrix).to_quaternion() for matrix in matrices]
    for before, after in pairwise(rotations):
        after.make_compatible(before)
    if mode == "QUATERNION":
        return "rotation_quaternion", np.array(rotations, dtype=np.float32)
    if mode == "AXIS_ANGLE":
        pairs = [rotation.to_axis_angle() for rotation in rotations]
        return "rotation_axis_angle", np.array([(angle, *axis) for axis, angle in pairs], dtype=np.float32)
    eulers = [rotations[0].to_euler(mode)]
    for rotation in rotations[1:]:
        eulers.append(rotation.to_euler(mode, eulers[-1]))
    return "rotation_euler", np.array(eulers, dtype=np.float32)
