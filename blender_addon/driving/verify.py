"""After baking: do the vertices and bones really move, and does every key hold what was written?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from ..building.steps import Steps, run_all
from ..translations import tr
from .bake import Baked
from .character import Character
from .problems import Problem, listed

LOOKS: Final = 8  # frames that are looked at
STILL: Final = 1e-5  # share of the mesh's size below which nothing moved
TURNED: Final = 1e-4  # of a bone's matrix
SAME: Final = 2e-3  # of a key's value
HELD: Final = 0.01  # radians


def verified(character: Character, baked: Baked) -> list[Problem]:
    """`verified_steps` at once, in the scene that is shown."""
    return run_all(verified_steps(character, baked, bpy.context.scene))


def verified_steps(character: Character, baked: Baked, scene: Any) -> Steps[list[Problem]]:
    """What does not move although it was baked. The scene goes back to its frame afterwards.

    Every look is at frames on which something was keyed to be far from rest; a track without movement asks for none.
    """
    here, sub = scene.frame_current, scene.frame_subframe
    meshes = {mesh.name: mesh for mesh in character.meshes}
    frames = _frames(baked)
    seen: dict[str, list[NDArray[np.float32]]] = {name: [] for name, _ in baked.shapes}
    wrong: set[tuple[str, str]] = set()
    bones: list[NDArray[np.float32]] = []
    held: set[str] = set()
    try:
        for done, frame in enumerate(frames):
            scene.frame_set(frame)
            yield "looking", done, len(frames)
            for name in seen:
                seen[name].append(_positions(meshes[name], scene))
            wrong |= set(_wrong_keys(meshes, baked, frame))
            if baked.bones:
                bones.append(_pose(character.armature, baked.bones, scene))
                held |= set(_held(character.armature, baked.bones, scene))
            yield "looking", done + 1, len(frames)
    finally:
        with suppress(ReferenceError):
            scene.frame_set(here, subframe=sub)
    return [*_about_meshes(baked, seen), *_about_keys(baked, wrong), *_about_bones(baked, bones, held)]


def _frames(baked: Baked) -> list[int]:
    """First, last, and the frames at which the liveliest keys are farthest from where they are at first."""
    first, last = baked.frames
    tracks = sorted(baked.shapes.values(), key=lambda values: -float(np.ptp(values)))
    peaks = [first + int(np.abs(values - values[0]).argmax()) for values in tracks]
    spread = [int(frame) for frame in np.linspace(first, last, LOOKS // 2)]
    return sorted({first, last, *spread, *list(dict.fromkeys(peaks))[:LOOKS]})


def _graph(scene: Any) -> Any:
    """What knows how things are in the frame that was set; a timer may be in another scene."""
    return bpy.context.evaluated_depsgraph_get() if bpy.context.scene == scene else scene.view_layers[0].depsgraph


def _positions(mesh: Any, scene: Any) -> NDArray[np.float32]:
    """(V, 3) vertices with shape keys and modifiers."""
    evaluated = mesh.evaluated_get(_graph(scene))
    shown = evaluated.to_mesh()
    points = np.empty(3 * len(shown.vertices), dtype=np.float32)
    shown.vertices.foreach_get("co", points)
    evaluated.to_mesh_clear()
    return points.reshape(-1, 3)


def _wrong_keys(meshes: dict[str, Any], baked: Baked, frame: int) -> Iterator[tuple[str, str]]:
    """Keys that do not have their value in this frame."""
    for (mesh, key), values in baked.shapes.items():
        is_now = meshes[mesh].data.shape_keys.key_blocks[key].value
        if abs(is_now - values[frame - baked.frames[0]]) > SAME:
            yield mesh, key


def _pose(armature: Any, names: list[str], scene: Any) -> NDArray[np.float32]:
    evaluated = armature.evaluated_get(_graph(scene))
    return np.array([np.array(evaluated.pose.bones[name].matrix) for name in names], dtype=np.float32)


def _held(armature: Any, names: list[str], scene: Any) -> Iterator[str]:
    """Bones that are not turned as their own keys say."""
    evaluated = armature.evaluated_get(_graph(scene))
    for name in names if evaluated.data.pose_position == "POSE" else ():
        bone = evaluated.pose.bones[name]
        alone = evaluated.convert_space(
            pose_bone=bone, matrix=bone.matrix_basis, from_space="LOCAL", to_space="POSE"
        ).to_quaternion()
        if alone.rotation_difference(bone.matrix.to_quaternion()).angle > HELD:
            yield name


def _about_meshes(baked: Baked, seen: dict[str, list[NDArray[np.float32]]]) -> Iterator[Problem]:
    for name, looks in seen.items():
        asked = max(float(np.ptp(values)) for (mesh, _), values in baked.shapes.items() if mesh == name)
        if asked < SAME or len({len(look) for look in looks}) > 1 or not len(looks[0]):
            continue
        size = float(np.ptp(looks[0], axis=0).max())
        moved = max(float(np.abs(look - looks[0]).max()) for look in looks)
        if moved <= STILL * size:
            text = tr("{name} has its keys but does not move. Read what is said about it here, and bake again.")
            yield Problem("ERROR", text.format(name=name), mesh=name)


def _about_keys(baked: Baked, wrong: set[tuple[str, str]]) -> Iterator[Problem]:
    for mesh in dict.fromkeys(name for name, _ in baked.shapes):
        guilty = [key for name, key in baked.shapes if name == mesh and (name, key) in wrong]
        if guilty:
            text = tr("{name}: something else moves {names}: a driver, or the NLA.")
            yield Problem("ERROR", text.format(name=mesh, names=listed(guilty)), mesh=mesh, keys=tuple(guilty))
    for mesh in dict.fromkeys(name for name, _ in baked.clamped):
        high = {key: value for (name, key), value in baked.clamped.items() if name == mesh}
        text = tr("{name}: held at the maximum of the slider: {names}. Raise it, or lower the amplitude.")
        named = [f"{key} ({value:.2f})" for key, value in high.items()]
        yield Problem("WARNING", text.format(name=mesh, names=listed(named)))


def _about_bones(baked: Baked, poses: list[NDArray[np.float32]], held: set[str]) -> Iterator[Problem]:
    if len(poses) < 2:
        return
    moved = np.abs(np.stack(poses) - poses[0]).max(axis=(0, 2, 3))
    still = [name for name, amount in zip(baked.bones, moved, strict=True) if amount < TURNED]
    if still:
        text = tr("These bones have keys but do not move: {names}. Look at their constraints and drivers.")
        yield Problem("WARNING", text.format(names=listed(still)))
    if other := [name for name in baked.bones if name in held and name not in still]:
        text = tr("Something else turns these bones: {names}. Look at their constraints.")
        yield Problem("WARNING", text.format(names=listed(other)))
