"""What was added to the file but is not finished yet, so that cancelling, undoing or a crash leaves nothing behind.

Marks are custom properties of the data-blocks, so they travel through undo and through a saved file; the scene keeps
what its settings were before. Once the work is finished the marks go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import bpy
import numpy as np

from .. import compat
from . import viewports

MARK: Final = "style_avatar_unfinished"
KINDS: Final = (
    *("objects", "meshes", "hair_curves", "materials", "node_groups", "images"),
    *("actions", "cameras", "lights", "worlds", "collections"),
)
KINDS_WITH_SOUND: Final = (*KINDS, "sounds")
SETTINGS: Final = (
    "render.fps",
    "render.fps_base",
    "render.engine",
    "render.resolution_x",
    "render.resolution_y",
    "frame_start",
    "frame_end",
    "sync_mode",
    "view_settings.view_transform",
    "view_settings.look",
)


def begin(scene: Any, head_object: Any | None) -> None:
    """Remember the settings of `scene` and the Actions of a head that is already there (None: a new one is made)."""
    before: dict[str, Any] = {path: scene.path_resolve(path) for path in SETTINGS}
    before["camera"] = scene.camera and scene.camera.name
    before["world"] = scene.world and scene.world.name
    before["muted"] = [strip.name for strip in strips_of(scene) if strip.mute]
    if head_object is not None:
        before["head"] = head_object.name
        before["actions"] = [compat.assigned_action(owner) for owner in (head_object, head_object.data.shape_keys)]
    scene[MARK] = json.dumps(before)


@contextmanager
def marking() -> Iterator[None]:
    """Mark every data-block and strip that is made in the block."""
    before = {kind: len(getattr(bpy.data, kind)) for kind in KINDS_WITH_SOUND}
    try:
        yield
    finally:
        for kind, count in before.items():
            _mark_newest(kind, len(getattr(bpy.data, kind)) - count)


def _mark_newest(kind: str, count: int) -> None:
    """Mark the `count` data-blocks that were made last; numbers are given in order, names are sorted."""
    if count <= 0:
        return
    blocks = getattr(bpy.data, kind)
    uids = np.empty(len(blocks), dtype=np.int32)
    blocks.foreach_get("session_uid", uids)
    for index in np.argsort(uids)[-count:]:
        blocks[int(index)][MARK] = True


def exists() -> bool:
    """Whether the file holds anything unfinished."""
    return any(MARK in scene for scene in bpy.data.scenes) or bool(_marked())


def settle() -> None:
    """Everything is finished: take the marks away."""
    for block in [*bpy.data.scenes, *_marked()]:
        if MARK in block:
            del block[MARK]


def take_back() -> None:
    """Remove everything unfinished and give the scenes their settings back."""
    for scene in bpy.data.scenes:
        if MARK in scene:
            before = json.loads(scene[MARK])
            del scene[MARK]
            _restore(scene, before)
    marked = _marked()
    sounds = {block for block in marked if isinstance(block, bpy.types.Sound)}
    for scene in bpy.data.scenes:
        for strip in strips_of(scene):
            if getattr(strip, "sound", None) in sounds:
                compat.sequencer_strips(scene).remove(strip)
    bpy.data.batch_remove(marked)
    viewports.give_back()


def _restore(scene: Any, before: dict[str, Any]) -> None:
    for path in SETTINGS:
        owner, _, name = path.rpartition(".")
        setattr(scene.path_resolve(owner) if owner else scene, name, before[path])
    scene.camera = bpy.data.objects.get(before["camera"] or "")
    scene.world = bpy.data.worlds.get(before["world"] or "")
    for strip in strips_of(scene):
        strip.mute = strip.name in before["muted"]
    head_object = bpy.data.objects.get(before.get("head", ""))
    if head_object is not None and head_object.type == "MESH" and head_object.data.shape_keys is not None:
        for owner, assigned in zip((head_object, head_object.data.shape_keys), before["actions"], strict=True):
            compat.assign_action(owner, assigned)


def strips_of(scene: Any) -> list[Any]:
    """The strips of the sequencer, which is not made for it."""
    return list(compat.sequencer_strips(scene)) if scene.sequence_editor is not None else []


def _marked() -> list[Any]:
    return [block for kind in KINDS_WITH_SOUND for block in getattr(bpy.data, kind) if MARK in block]
