"""Write a performance onto a character: one new Action, nothing overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .. import compat
from ..building.animation import write_keys
from ..retarget import motion
from ..retarget.channels import shape_tracks, viseme_of
from ..retarget.mapping import Row
from ..retarget.tracks import Tracks, folded, resampled, scaled
from ..retarget.units import OWN
from .bones import bone_keys, rotation_values
from .character import Character, editable
from .source import KEY_PATH

Float32Array = NDArray[np.float32]

BAKED: Final = "style_avatar_baked"  # on Actions that were made here
GROUP: Final = "Style Avatar"


@dataclass(frozen=True)
class Options:
    """amplitude: of the face; head: of its turns; neck_share: how much of them the neck does; fps: of the scene."""

    first_frame: int = 1
    fps: float = 25.0
    amplitude: float = 1.0
    head: float = 1.0
    neck_share: float = 0.4


@dataclass(frozen=True, eq=False)
class Baked:
    """What was written.

    name: of the Action; frames: first and last; shapes: {(mesh, key): values (T,)}; bones: names;
    clamped: {(mesh, key): highest value asked for}; kept: Actions that play on below, on tracks of their own.
    """

    name: str
    frames: tuple[int, int]
    shapes: dict[tuple[str, str], Float32Array] = field(default_factory=dict)
    bones: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    clamped: dict[tuple[str, str], float] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)


def prepared(tracks: Tracks, rows: Sequence[Row], options: Options) -> Tracks:
    """The performance at the scene's rate and size, in the units that the rows use."""
    own = frozenset(row.channel for row in rows if row.on and row.channel in OWN)
    by_visemes = any(row.on and viseme_of(row.channel) is not None for row in rows)
    tracks = scaled(resampled(tracks, options.fps), options.amplitude, options.head)
    # Visemes and Rigify's bones are described in all 64 units; only shapes named after ARKit need theirs alone.
    speaks_arkit = any(row.on and row.kind == "SHAPE" for row in rows) and not by_visemes
    return folded(tracks, own) if speaks_arkit else tracks


def bake(character: Character, tracks: Tracks, rows: Sequence[Row], options: Options) -> Baked:
    """Key `tracks` on all switched-on rows in a new Action.

    An Action that the artist made and that was assigned moves to an NLA track below, so that it plays on wherever this
    one has no keys; one that was baked here before is put aside.
    """
    used = [row for row in rows if row.on]
    ready = prepared(tracks, used, options)
    baked = Baked(tracks.name, (options.first_frame, options.first_frame + len(ready) - 1))
    shapes = _shape_values(character, used, ready, baked)
    bones = [row for row in used if row.kind == "BONE"]
    objects = [row for row in used if row.kind == "OBJECT"]
    owners = [(mesh.data.shape_keys, "KEY") for mesh in character.meshes if shapes.get(mesh.name)]
    if bones and character.armature is not None:
        owners.append((character.armature, "OBJECT"))
    if objects:
        owners.append((character.root, "OBJECT"))
    if not owners:
        return baked
    baked.kept.extend(filter(None, (_put_aside(owner) for owner, _ in owners)))
    for action in compat.new_actions(tracks.name, owners):
        action[BAKED] = True
        action.use_fake_user = True
    frames = np.arange(len(ready), dtype=np.float32) + options.first_frame
    for mesh in character.meshes:
        for name, values in shapes.get(mesh.name, {}).items():
            _write(mesh.data.shape_keys, KEY_PATH.format(_escaped(name)), 0, frames, values)
            baked.shapes[mesh.name, name] = values
    if bones and character.armature is not None:
        _write_bones(character.armature, bones, ready, options, not _shapes_close(used), frames, baked)
    if objects:
        _write_object(character.root, ready, objects[0].gain, frames)
        baked.objects.append(character.root.name)
    return baked


def _shape_values(character: Character, rows: Sequence[Row], tracks: Tracks, baked: Baked) -> dict[str, Any]:
    """{mesh: {key: values (T,)}} within the keys' sliders, as Blender would clamp them."""
    rows = [row for row in rows if row.kind == "SHAPE"]
    found = shape_tracks(tracks, (row.channel for row in rows))
    values: dict[str, dict[str, Float32Array]] = {}
    for mesh in character.meshes:
        if not editable(mesh.data):
            continue
        blocks = mesh.data.shape_keys.key_blocks
        for row in rows:
            if row.target not in blocks:
                continue
            key = blocks[row.target]
            wanted = row.gain * found[row.channel] + row.offset
            values.setdefault(mesh.name, {})[key.name] = np.clip(wanted, key.slider_min, key.slider_max)
            if wanted.max() > key.slider_max + 0.01:
                baked.clamped[mesh.name, key.name] = float(wanted.max())
    return values


def _shapes_close(rows: Sequence[Row]) -> bool:
    """Whether shapes shut the lips, so that the jaw need not."""
    return any(row.channel == "mouthClose" for row in rows)


def _put_aside(owner: Any) -> str:
    """Let the Action that is assigned play on below, or go if it was made here; returns the name of one that stays."""
    data = owner.animation_data
    if data is None or data.action is None:
        return ""
    action = data.action
    action.use_fake_user = True
    if action.get(BAKED):
        return ""
    compat.push_to_nla(owner, action.name)
    return str(action.name)


def _write(owner: Any, path: str, index: int, frames: Float32Array, values: Float32Array, group: str = GROUP) -> None:
    curve = compat.ensure_curve(compat.own_channels(owner), path, index, group)
    write_keys(curve, frames, values, "LINEAR")


def _write_bones(
    armature: Any,
    rows: Sequence[Row],
    tracks: Tracks,
    options: Options,
    closes: bool,
    frames: Float32Array,
    baked: Baked,
) -> None:
    for keys in bone_keys(armature, rows, tracks, options.neck_share, closes):
        path = f'pose.bones["{_escaped(keys.bone)}"].{keys.path}'
        for index, values in enumerate(keys.values.T):
            _write(armature, path, index, frames, values, keys.bone)
        baked.bones.append(keys.bone)


def _write_object(root: Any, tracks: Tracks, gain: float, frames: Float32Array) -> None:
    """Turn the object about its origin, away from how it stands; a head of ours stands upright."""
    own = "style_avatar_identity" in root
    rest = np.eye(3) if own else np.array(Matrix(root.matrix_basis).to_quaternion().to_matrix())
    turns = motion.shared(motion.head_rotations(tracks), gain) @ rest
    path, values = rotation_values(turns, root.rotation_mode)
    for index, track in enumerate(values.T):
        _write(root, path, index, frames, track)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
