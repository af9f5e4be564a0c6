"""What stands around the head: time, sound, camera, lights, world and the look of the viewport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, ceil, radians
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from .. import compat
from . import viewports

LENS: Final = 150.0  # millimetres: stands a metre away, where a face keeps its proportions
SENSOR: Final = 36.0
MARGIN: Final = 1.06  # free space above the head, as a share of the framed height
FACE_MARGIN: Final = 1.25  # height of the picture over that of a face without a neck, whose jaw may still drop
FRAMED: Final = 0.93  # how much of the bust's height is in the picture; the rest is the cut of the neck
RESOLUTION: Final = 1080
LARGEST_PACKED: Final = 64 * 2**20  # bytes
AMBIENT: Final = (0.15, 0.145, 0.14)  # light from everywhere, linear
SHADOW_DETAIL: Final = 0.0003  # metres: teeth behind a lip need finer shadows than EEVEE's usual millimetre
BACKDROP: Final = ((0.085, 0.095, 0.11), (0.012, 0.014, 0.018))  # centre and rim of the picture, linear


def set_frame_rate(scene: Any, fps: float) -> None:
    """Set the scene's rate, exactly: 29.97 is 30 with a base of 1.001."""
    scene.render.fps = ceil(fps - 1e-6)
    scene.render.fps_base = scene.render.fps / fps


def set_frame_range(scene: Any, first: int, count: int) -> None:
    """Play `count` frames from `first` on, and go there."""
    set_range(scene, first, count)
    scene.frame_set(first)


def set_range(scene: Any, first: int, count: int) -> None:
    """Play `count` frames from `first` on."""
    scene.frame_start, scene.frame_end = first, first + count - 1


def add_sound(scene: Any, path: Path, first_frame: int = 1, *, pack: bool = False) -> Any:
    """A new sound strip of `path` in the lowest free channel; playback then follows the sound.

    pack: store the sound in the .blend, unless it is so large (a film, say) that it is better referred to.

    Raises:
        RuntimeError: Blender cannot read the file as sound, or was built without sound.
    """
    if not has_sound():
        raise RuntimeError(f"this Blender {bpy.app.version_string} was built without sound; leave the sound out")
    strips = compat.sequencer_strips(scene)
    taken = {strip.channel for strip in strips}
    channel = next(number for number in range(1, 129) if number not in taken)
    strip = strips.new_sound(name=path.stem, filepath=str(path), channel=channel, frame_start=first_frame)
    if strip.sound is None or strip.sound.samplerate == 0:
        strips.remove(strip)
        raise RuntimeError(f"Blender cannot read {path} as sound; convert it to WAV or FLAC")
    if pack and path.stat().st_size <= LARGEST_PACKED:
        strip.sound.pack()
    scene.sync_mode = "AUDIO_SYNC"
    compat.show_in_sequencer(scene)
    return strip


def has_sound() -> bool:
    """Whether this Blender was built with sound; some that are meant for servers are not."""
    return bool(bpy.app.build_options.audaspace)


@dataclass(frozen=True)
class Frame:
    """What the camera shows of a head: the point it looks at and the height of the picture there, in metres."""

    centre: Vector
    height: float


def frame_of(head_object: Any) -> Frame:
    """The head from just above its crown to just above the cut of the neck, or all of a face that has no neck.

    The object's origin is the lower end of the neck: a mesh that does not reach down to it is the face alone.
    """
    mesh = head_object.data
    points = np.empty(3 * len(mesh.vertices), dtype=np.float32)
    mesh.vertices.foreach_get("co", points)
    lowest, highest = _bounds(points.reshape(-1, 3))
    width, _, height = highest - lowest
    if lowest[2] > 0:
        centre = Vector((lowest + highest) / 2)
        return Frame(place_of(head_object) + centre, float(max(width, height) * FACE_MARGIN))
    height *= FRAMED
    top = highest[2] + (MARGIN - 1.0) * height
    centre = Vector(((lowest[0] + highest[0]) / 2, (lowest[1] + highest[1]) / 2, top - MARGIN * height / 2))
    return Frame(place_of(head_object) + centre, float(MARGIN * height))


def place_of(head_object: Any) -> Vector:
    """Where the head stands: its motion is about the world's origin, the offset against it is `delta_location`."""
    return head_object.location + head_object.delta_location


def _bounds(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return points.min(axis=0), points.max(axis=0)


def stage(scene: Any, head_object: Any) -> list[Any]:
    """Camera, three lights and a world for `head_object`, in a collection of their own; returns the new objects."""
    frame = frame_of(head_object)
    collection = bpy.data.collections.new(f"{head_object.name} stage")
    scene.collection.children.link(collection)
    objects = [add_camera(scene, frame), *add_lights(frame)]
    for one in objects:
        collection.objects.link(one)
    scene.world = backdrop_world()
    scene.render.engine = compat.EEVEE
    scene.render.resolution_x = scene.render.resolution_y = RESOLUTION
    set_view(scene)
    return objects


def set_view(scene: Any) -> None:
    """AgX keeps highlights on skin from burning out; its own contrast gives back the saturation it takes."""
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"


def add_camera(scene: Any, frame: Frame) -> Any:
    """A portrait camera straight in front, at the height of the picture's centre, so that the eyes meet ours."""
    data = bpy.data.cameras.new("Head camera")
    data.lens, data.sensor_width = LENS, SENSOR
    data.clip_start, data.clip_end = 0.05, 50.0
    data.passepartout_alpha = 0.85
    camera = bpy.data.objects.new("Head camera", data)
    distance = frame.height / 2 / np.tan(atan(SENSOR / 2 / LENS))
    camera.location = frame.centre + Vector((0.0, -distance, 0.0))
    camera.rotation_euler = (radians(90), 0.0, 0.0)
    scene.camera = camera
    return camera


@dataclass(frozen=True)
class Lamp:
    """An area light, in degrees and heights of the picture, so that it fits a head of any size.

    turn: from the front towards the subject's left; height: above level; distance and size: in picture heights;
    watts: for a picture one metre high; colour: linear RGB; glints: whether eyes and lips mirror it.
    """

    name: str
    turn: float
    height: float
    distance: float
    size: float
    watts: float
    colour: tuple[float, float, float]
    glints: bool = True


# The fill stands low, as in portrait studios: it reaches the teeth behind the lip and the shadow under the nose.
LAMPS: Final[Sequence[Lamp]] = (
    Lamp("Key light", turn=-34.0, height=18.0, distance=3.2, size=1.3, watts=132.0, colour=(1.0, 0.95, 0.89)),
    Lamp(
        "Fill light",
        turn=25.0,
        height=-24.0,
        distance=3.2,
        size=2.2,
        watts=30.0,
        colour=(0.92, 0.96, 1.0),
        glints=False,
    ),
    Lamp("Rim light", turn=155.0, height=35.0, distance=3.0, size=1.2, watts=78.0, colour=(1.0, 0.98, 0.95)),
)


def add_lights(frame: Frame) -> list[Any]:
    """Key, fill and rim light, aimed at the picture's centre and scaled with the head."""
    return [add_lamp(lamp, frame) for lamp in LAMPS]


def add_lamp(lamp: Lamp, frame: Frame) -> Any:
    """A new area light for the picture `frame`, not yet in a scene."""
    data = bpy.data.lights.new(lamp.name, "AREA")
    data.shape, data.size = "DISK", lamp.size * frame.height
    data.energy = lamp.watts * frame.height**2  # the same brightness on a head of any size
    data.color = lamp.colour
    data.shadow_maximum_resolution = SHADOW_DETAIL
    data.specular_factor = float(lamp.glints)  # EEVEE
    light = bpy.data.objects.new(lamp.name, data)
    light.visible_glossy = lamp.glints  # Cycles
    turn, height = radians(lamp.turn), radians(lamp.height)
    direction = Vector((np.sin(turn) * np.cos(height), -np.cos(turn) * np.cos(height), np.sin(height)))
    light.location = frame.centre + direction * lamp.distance * frame.height
    light.rotation_euler = direction.to_track_quat("Z", "Y").to_euler()
    return light


def backdrop_world() -> Any:
    """A new world: a soft dark vignette behind the head, and a dim even light from everywhere."""
    world = bpy.data.worlds.new("Head backdrop")
    tree = compat.use_nodes(world)
    nodes, links = tree.nodes, tree.links
    background = next(node for node in nodes if node.type == "BACKGROUND")
    ramp = _vignette(tree)
    camera_ray = nodes.new("ShaderNodeLightPath")
    camera_ray.location = (-460, 420)
    mix = nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    mix.location = (-200, 260)
    sockets = {socket.identifier: socket for socket in mix.inputs}
    sockets["A_Color"].default_value = (*AMBIENT, 1.0)
    links.new(camera_ray.outputs["Is Camera Ray"], sockets["Factor_Float"])
    links.new(ramp.outputs["Color"], sockets["B_Color"])
    mixed = next(socket for socket in mix.outputs if socket.identifier == "Result_Color")
    links.new(mixed, background.inputs["Color"])
    return world


def _vignette(tree: Any) -> Any:
    """A colour ramp over the distance from the picture's centre, in window coordinates."""
    window = tree.nodes.new("ShaderNodeTexCoord")
    window.location = (-1080, 60)
    from_centre = tree.nodes.new("ShaderNodeVectorMath")
    from_centre.operation = "DISTANCE"
    from_centre.inputs[1].default_value = (0.5, 0.5, 0.0)
    from_centre.location = (-860, 60)
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.interpolation = "EASE"
    ramp.location = (-640, 60)
    for element, place, colour in zip(ramp.color_ramp.elements, (0.05, 0.75), BACKDROP, strict=True):
        element.position, element.color = place, (*colour, 1.0)
    tree.links.new(window.outputs["Window"], from_centre.inputs[0])
    tree.links.new(from_centre.outputs["Value"], ramp.inputs["Fac"])
    return ramp


def show_in_viewports(head_object: Any) -> None:
    """Let every 3D viewport of the file look at the head, and select it."""
    viewports.look_through_camera(bpy.data.screens)
    select_only(head_object, bpy.context.view_layer)


def select_only(head_object: Any, layer: Any) -> None:
    """Select the head and nothing else, and make it active."""
    layer.update()  # objects that were just linked are not listed before
    for one in layer.objects:
        one.select_set(one == head_object)
    layer.objects.active = head_object
