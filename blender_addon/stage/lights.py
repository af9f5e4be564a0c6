"""What lights a set: lamps by preset, the photo's own light, a panorama, or nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import compat
from ..building.scene import Frame, Lamp, add_lamp
from .photo_light import LUMINANCE, photo_light

Colour = tuple[float, float, float]

PHOTO: Final = "PHOTO"
PANORAMA: Final = "PANORAMA"
SCENE: Final = "SCENE"
BRIGHTNESS: Final = 1.1  # of photo and panorama on what faces the camera: that of the lamps, for AgX
LAMP_DISTANCE: Final = 3.2  # of the photo's lamp, in heights of the picture
LAMP_SIZE: Final = 1.3


class PanoramaError(RuntimeError):
    """A panorama cannot be used. text: why, English, with {path}, {width} and {height} to be filled in by `facts`."""

    def __init__(self, text: str, **facts: Any) -> None:
        super().__init__(text.format(**facts))
        self.text, self.facts = text, facts


@dataclass(frozen=True)
class Preset:
    """lamps; ambient: light from everywhere, linear; paper: colour of the backdrop, linear."""

    lamps: tuple[Lamp, ...]
    ambient: Colour
    paper: Colour


PRESETS: Final[Mapping[str, Preset]] = {
    "SOFT": Preset(
        (
            Lamp("Key light", turn=-38, height=24, distance=3.0, size=1.6, watts=122, colour=(1.0, 0.95, 0.89)),
            Lamp("Fill light", 32, -14, 3.4, 2.6, watts=36, colour=(0.92, 0.96, 1.0), glints=False),
            Lamp("Rim light", turn=150, height=38, distance=3.0, size=1.2, watts=95, colour=(1.0, 0.98, 0.95)),
        ),
        ambient=(0.13, 0.13, 0.135),
        paper=(0.20, 0.215, 0.235),
    ),
    "RIM": Preset(
        (
            Lamp("Left rim", turn=-128, height=18, distance=2.8, size=0.9, watts=210, colour=(0.72, 0.84, 1.0)),
            Lamp("Right rim", turn=128, height=22, distance=2.8, size=0.9, watts=190, colour=(1.0, 0.80, 0.62)),
            Lamp("Front light", turn=-18, height=12, distance=3.4, size=1.4, watts=62, colour=(1.0, 0.96, 0.92)),
        ),
        ambient=(0.022, 0.024, 0.03),
        paper=(0.045, 0.05, 0.06),
    ),
    "WINDOW": Preset(
        (
            Lamp("Window", turn=-74, height=12, distance=2.6, size=2.4, watts=215, colour=(0.86, 0.94, 1.0)),
            Lamp("Wall", 80, 0, 2.6, 3.0, watts=36, colour=(1.0, 0.88, 0.74), glints=False),
            Lamp("Room", 160, 30, 3.2, 1.6, watts=34, colour=(1.0, 0.9, 0.78), glints=False),
        ),
        ambient=(0.075, 0.078, 0.085),
        paper=(0.30, 0.28, 0.255),
    ),
    "DAYLIGHT": Preset(
        (
            Lamp("Sun", turn=48, height=42, distance=4.0, size=0.35, watts=270, colour=(1.0, 0.90, 0.76)),
            Lamp("Sky", -30, 55, 3.2, 3.0, watts=62, colour=(0.78, 0.89, 1.0), glints=False),
            Lamp("Ground", 0, -55, 3.0, 2.6, watts=26, colour=(1.0, 0.93, 0.82), glints=False),
        ),
        ambient=(0.26, 0.30, 0.36),
        paper=(0.33, 0.40, 0.46),
    ),
}


def preset_lights(name: str, frame: Frame) -> tuple[list[Any], Any]:
    """The lamps of a preset and a world with its ambient light, not yet in a scene."""
    preset = PRESETS[name]
    return [add_lamp(lamp, frame) for lamp in preset.lamps], _even_world(preset.ambient, preset.paper)


def photo_lights(gamma: Any, frame: Frame) -> tuple[list[Any], Any]:
    """One lamp and a world with the light of the photo, `gamma` (27,); see `photo_light`.

    Raises:
        ValueError: another number of coefficients.
    """
    light = photo_light(np.asarray(gamma, dtype=np.float32))
    rows = len(light.panorama)
    facing = _facing_camera(light.panorama @ LUMINANCE) + light.lamp @ LUMINANCE * max(-light.towards[1], 0)
    exposure = BRIGHTNESS / max(float(facing), 1e-3)
    image = bpy.data.images.new("Photo light", 2 * rows, rows, float_buffer=True, is_data=False)
    image.colorspace_settings.name = "Linear Rec.709"
    pixels = np.ones((rows, 2 * rows, 4), dtype=np.float32)
    pixels[..., :3] = exposure * light.panorama
    image.pixels.foreach_set(pixels.ravel())
    image.pack()
    world = panorama_world(image, 0.0, 1.0)
    strength = exposure * light.lamp
    brightest = float(strength.max())
    if brightest < 1e-4:
        return [], world
    flat = float(np.hypot(light.towards[0], light.towards[1]))
    lamp = Lamp(
        "Photo light",
        turn=float(np.degrees(np.arctan2(light.towards[0], -light.towards[1]))),
        height=float(np.degrees(np.arctan2(light.towards[2], flat))),
        distance=LAMP_DISTANCE,
        size=LAMP_SIZE,
        watts=float(np.pi**2 * LAMP_DISTANCE**2 * brightest),  # a disc's irradiance is watts / (pi distance²)
        colour=(float(strength[0] / brightest), float(strength[1] / brightest), float(strength[2] / brightest)),
    )
    return [add_lamp(lamp, frame)], world


def panorama_lights(path: Path, turn: float) -> tuple[list[Any], Any]:
    """A world with the panorama at `path`, turned by `turn` degrees, as bright as a studio on what faces the camera.

    Raises:
        PanoramaError: Blender cannot read it, or it is not twice as wide as high, or it holds no light.
    """
    unreadable = PanoramaError("Blender cannot read {path} as a panorama; give an .hdr or .exr file.", path=path)
    try:
        image = bpy.data.images.load(str(path), check_existing=False)
    except RuntimeError as error:
        raise unreadable from error
    width, height = image.size[:]
    if height == 0 or not 1.9 < width / height < 2.1:
        bpy.data.images.remove(image)
        text = "{path} has {width} x {height} pixels; an equirectangular panorama is twice as wide as high."
        raise PanoramaError(text, path=path, width=width, height=height) if height else unreadable
    image.pack()
    brightness = _front_brightness(image, turn)
    if not brightness > 0:
        bpy.data.images.remove(image)
        raise PanoramaError("{path} holds no light that falls on the face.", path=path)
    return [], panorama_world(image, turn, BRIGHTNESS / brightness)


def panorama_world(image: Any, turn: float, strength: float) -> Any:
    """A world that lights with `image` turned by `turn` degrees about the head."""
    world = bpy.data.worlds.new("Set light")
    tree = compat.use_nodes(world)
    background = next(node for node in tree.nodes if node.type == "BACKGROUND")
    place = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Rotation"].default_value = (0.0, 0.0, float(np.radians(turn)))
    picture = tree.nodes.new("ShaderNodeTexEnvironment")
    picture.image = image
    tree.links.new(place.outputs["Generated"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], picture.inputs["Vector"])
    tree.links.new(picture.outputs["Color"], background.inputs["Color"])
    background.inputs["Strength"].default_value = strength
    for number, node in enumerate((place, mapping, picture)):
        node.location = (-900 + 220 * number, 300)
    return world


def _even_world(ambient: Colour, paper: Colour) -> Any:
    """A world of one colour that lights, and of another that the camera sees."""
    world = bpy.data.worlds.new("Set light")
    tree = compat.use_nodes(world)
    background = next(node for node in tree.nodes if node.type == "BACKGROUND")
    seen = tree.nodes.new("ShaderNodeLightPath")
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type = "RGBA"
    sockets = {socket.identifier: socket for socket in mix.inputs}
    sockets["A_Color"].default_value, sockets["B_Color"].default_value = (*ambient, 1.0), (*paper, 1.0)
    tree.links.new(seen.outputs["Is Camera Ray"], sockets["Factor_Float"])
    mixed = next(socket for socket in mix.outputs if socket.identifier == "Result_Color")
    tree.links.new(mixed, background.inputs["Color"])
    seen.location, mix.location = (-460, 420), (-200, 260)
    return world


def _front_brightness(image: Any, turn: float) -> float:
    """What a panorama gives to a white surface that faces the camera (along -Y), in luminance."""
    small = image.copy()
    small.scale(128, 64)
    pixels = np.empty(128 * 64 * 4, dtype=np.float32)
    small.pixels.foreach_get(pixels)
    bpy.data.images.remove(small)
    return _facing_camera(pixels.reshape(64, 128, 4)[..., :3] @ LUMINANCE, turn)


def _facing_camera(light: NDArray[np.floating[Any]], turn: float = 0.0) -> float:
    """Irradiance over pi of a surface that faces the camera (along -Y) under `light` (H, 2H), row 0 lowest."""
    rows = len(light)
    height = ((np.arange(rows) + 0.5) / rows - 0.5) * np.pi
    azimuth = -((np.arange(2 * rows) + 0.5) / (2 * rows) - 0.5) * 2 * np.pi - np.radians(turn)
    facing = np.maximum(-np.sin(azimuth)[None] * np.cos(height)[:, None], 0)
    area = np.cos(height)[:, None] * (np.pi / rows) ** 2
    return float((np.nan_to_num(light, posinf=0.0) * facing * area).sum() / np.pi)
