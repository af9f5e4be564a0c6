"""Put a set around a head: backdrop, lamps or a world, and a camera where there is none.

A set is a collection of its own; building another one replaces it. What the artist made stays as it is: of the lamps
only ours go, and of the scene's settings only the world and, without one, the camera change.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, radians
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Vector

from ..building.scene import LAMPS, LENS, SENSOR, Frame, frame_of
from . import lights
from .backdrop import add_backdrop

MARK: Final = "style_avatar_set"  # on the set's collection
GAMMA: Final = "style_avatar_gamma"  # on a head: the light of its photo
TIGHTER: Final = 0.84  # height of the picture against that of the whole bust: the neck's cut stays below it
RAISED: Final = 0.087  # how much higher the picture's centre is
PLAIN_PAPER: Final = (0.18, 0.18, 0.18)


@dataclass(frozen=True)
class SetOrder:
    """What to put around the head.

    light: a preset of `lights.PRESETS`, or "PHOTO", "PANORAMA" (then `panorama` is its file, turned by `turn` degrees),
    or "SCENE", which leaves all light as it is; backdrop: whether there is one.
    """

    light: str = "SOFT"
    panorama: Path | None = None
    turn: float = 0.0
    backdrop: bool = True


def build_set(scene: Any, head_object: Any, order: SetOrder) -> Any:
    """Build what `order` says around `head_object` and return the collection.

    Raises:
        PanoramaError: the panorama cannot be used; nothing has changed then.
        ValueError: the head does not know its photo's light, or no panorama is named.
    """
    frame = frame_of(head_object)
    lamps, world = _light(head_object, frame, order)
    remove_set(scene)
    if order.light != lights.SCENE:
        _remove_stage_lamps(head_object)
        _replace_world(scene, world)
    collection = bpy.data.collections.new(f"{head_object.name} set")
    collection[MARK] = True
    scene.collection.children.link(collection)
    for lamp in lamps:
        collection.objects.link(lamp)
    if order.backdrop:
        collection.objects.link(add_backdrop(frame, paper_of(order.light)))
    if scene.camera is None:
        camera = add_camera(frame)
        collection.objects.link(camera)
        scene.camera = camera
    return collection


def remove_set(scene: Any) -> None:
    """Take the set of `scene` away, if there is one."""
    for collection in [one for one in scene.collection.children if one.get(MARK)]:
        for one in list(collection.objects):
            if one is not scene.camera:
                _remove(one)
            else:  # the picture's frame may have been chosen by hand
                scene.collection.objects.link(one)
        bpy.data.collections.remove(collection)


def add_camera(frame: Frame) -> Any:
    """A portrait camera in front, for pictures of any shape: their height shows the head, not its cut neck."""
    data = bpy.data.cameras.new("Set camera")
    data.lens, data.sensor_fit, data.sensor_height = LENS, "VERTICAL", SENSOR
    data.clip_start, data.clip_end = 0.05, 100.0
    camera = bpy.data.objects.new("Set camera", data)
    height = TIGHTER * frame.height
    distance = height / 2 / np.tan(atan(SENSOR / 2 / LENS))
    camera.location = frame.centre + Vector((0.0, -distance, RAISED * frame.height))
    camera.rotation_euler = (radians(90), 0.0, 0.0)
    return camera


def paper_of(light: str) -> lights.Colour:
    """The backdrop's colour under a light."""
    return lights.PRESETS[light].paper if light in lights.PRESETS else PLAIN_PAPER


def _light(head_object: Any, frame: Frame, order: SetOrder) -> tuple[list[Any], Any]:
    if order.light == lights.SCENE:
        return [], None
    if order.light == lights.PHOTO:
        gamma = head_object.get(GAMMA)
        if gamma is None:
            raise ValueError("the head does not know the light of a photo")
        return lights.photo_lights(list(gamma), frame)
    if order.light == lights.PANORAMA:
        if order.panorama is None:
            raise ValueError("no panorama was chosen")
        return lights.panorama_lights(order.panorama, order.turn)
    return lights.preset_lights(order.light, frame)


def _remove_stage_lamps(head_object: Any) -> None:
    """The lamps that came with the head; the artist's own stay, also in their collection."""
    stage = bpy.data.collections.get(f"{head_object.name} stage")
    ours = {lamp.name for lamp in LAMPS}
    for one in list(stage.objects) if stage is not None else []:
        if one.type == "LIGHT" and one.name.partition(".")[0] in ours:
            _remove(one)


def _replace_world(scene: Any, world: Any) -> None:
    """Let `scene` have `world`; one of ours that nobody uses any more goes, one of the artist's stays in the file."""
    before, scene.world = scene.world, world
    if before is not None and not before.users and before.name.partition(".")[0] == "Set light":
        bpy.data.worlds.remove(before)


def _remove(one: Any) -> None:
    data = one.data
    bpy.data.objects.remove(one)
    if data is not None and not data.users:
        kinds = {"Light": bpy.data.lights, "Mesh": bpy.data.meshes}
        owner = next((blocks for word, blocks in kinds.items() if data.bl_rna.identifier.endswith(word)), None)
        if owner is not None:
            owner.remove(data)
