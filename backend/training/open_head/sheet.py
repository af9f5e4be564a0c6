"""Renders the head's picture sheets with Cycles: python -m backend.training.open_head.sheet --out docs/head.

Panels are for looking at, not for measuring: identities, expressions from the front and from three quarters, mouths,
eyes. bpy holds one scene a process; the mesh stays and only its vertices and colours change from panel to panel.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import bpy
import numpy as np
from PIL import Image, ImageDraw

from backend.training.open_head.panels import SHEETS, VIEWS, Panel, View
from models.face.model import FaceModel, Float32Array
from models.face.open_head import WEIGHTS
from models.face.storage import load

SAMPLES = 16


class Studio:
    """A Blender scene with the head in it."""

    def __init__(self, model: FaceModel, samples: int = SAMPLES, scale: float = 1.0) -> None:
        """Build mesh, materials, lights and camera."""
        self.model, self._scale = model, scale
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = bpy.context.scene
        self.scene.render.engine = "CYCLES"
        self.scene.cycles.samples = samples
        self.scene.cycles.use_denoising = True
        self.scene.render.use_persistent_data = True
        self.scene.view_settings.view_transform = "Standard"
        self.mesh = bpy.data.meshes.new("head")
        self.mesh.from_pydata(to_blender(model.mean_shape).tolist(), [], model.triangles.tolist())
        self.mesh.shade_smooth()
        self.mesh.color_attributes.new("albedo", "FLOAT_COLOR", "POINT")
        for part in model.part_names:
            self.mesh.materials.append(material(part))
        self.mesh.polygons.foreach_set("material_index", model.triangle_part.astype(np.int32))
        self.scene.collection.objects.link(bpy.data.objects.new("head", self.mesh))
        self._light()
        camera = bpy.data.cameras.new("camera")
        self.camera = bpy.data.objects.new("camera", camera)
        self.scene.collection.objects.link(self.camera)
        self.scene.camera = self.camera

    def _light(self) -> None:
        world = bpy.data.worlds.new("world")
        world.use_nodes = True
        world.node_tree.nodes["Background"].inputs[0].default_value = (0.32, 0.34, 0.37, 1)
        self.scene.world = world
        for place, energy, size in (((-4, -7, 4), 420, 4), ((6, -5, 1), 130, 5), ((2, 6, 5), 300, 3)):
            light = bpy.data.lights.new("light", "AREA")
            light.energy, light.size = energy, size
            lamp = bpy.data.objects.new("light", light)
            lamp.location = place
            lamp.rotation_euler = look_at(place, (0, 0, 0))
            self.scene.collection.objects.link(lamp)

    def render(self, panel: Panel, path: Path) -> None:
        """Render one panel to a PNG."""
        model, view = self.model, VIEWS[panel.view]
        identity, albedo = person(panel.seed)
        expression = np.zeros(64, dtype=np.float32)
        for name, value in panel.expression.items():
            expression[model.expression_names.index(name)] = value
        shape = to_blender(model.shape(identity, expression))
        self.mesh.vertices.foreach_set("co", shape.ravel())
        colours = np.ones((model.vertex_count, 4), dtype=np.float32)
        colours[:, :3] = linear(model.albedo(albedo) / 255)
        self.mesh.color_attributes["albedo"].data.foreach_set("color", colours.ravel())
        self.mesh.update()
        self._frame(view)
        self.scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)

    def _frame(self, view: View) -> None:
        turn = np.radians(view.turn)
        x, y, z = view.target
        target = np.array([x, -z, y])
        place = target + 10 * np.array([np.sin(turn), -np.cos(turn), 0])
        self.camera.location = place
        self.camera.rotation_euler = look_at(place, target)
        width, height = view.size
        self.scene.render.resolution_percentage = round(100 * self._scale)
        self.scene.render.resolution_x, self.scene.render.resolution_y = width, height
        self.camera.data.sensor_fit = "VERTICAL"
        self.camera.data.angle = 2 * np.arctan(view.height / 20)


def look_at(place: object, target: object) -> tuple[float, float, float]:
    """Euler angles of a camera or lamp (looking down its -z, y up) at `place` that looks at `target`."""
    x, y, z = np.asarray(target, dtype=float) - np.asarray(place, dtype=float)
    return float(np.arctan2(np.hypot(x, y), -z)), 0.0, float(np.arctan2(y, x) - np.pi / 2)


def to_blender(shape: Float32Array) -> Float32Array:
    """Model coordinates (x left, y up, z forward) in Blender's (x, -y forward, z up)."""
    return np.ascontiguousarray(np.stack([shape[:, 0], -shape[:, 2], shape[:, 1]], axis=1), dtype=np.float32)


def linear(colours: Float32Array) -> Float32Array:
    """sRGB in 0..1 as linear light (IEC 61966-2-1)."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def person(seed: int | None) -> tuple[Float32Array | None, Float32Array | None]:
    """Standard normal identity and albedo coefficients of a seed, cut at 2."""
    if seed is None:
        return None, None
    rng = np.random.default_rng(seed)
    draws = np.clip(rng.normal(size=(2, 80)), -2, 2).astype(np.float32)
    return draws[0], draws[1]


def material(part: str) -> bpy.types.Material:
    """A Principled material that takes its colour from the vertices."""
    shader = bpy.data.materials.new(part)
    shader.use_nodes = True
    nodes, links = shader.node_tree.nodes, shader.node_tree.links
    surface = nodes["Principled BSDF"]
    colour = nodes.new("ShaderNodeVertexColor")
    colour.layer_name = "albedo"
    links.new(colour.outputs["Color"], surface.inputs["Base Color"])
    wet = part in ("tongue", "gums", "mouth_inner", "lips")
    surface.inputs["Roughness"].default_value = 0.45
    if part in ("skin", "lips", "tongue", "gums"):
        surface.inputs["Subsurface Weight"].default_value = 1.0
        surface.inputs["Subsurface Scale"].default_value = 0.036
        surface.inputs["Subsurface Radius"].default_value = (1.0, 0.37, 0.19)
    if part.startswith("eye") or part.startswith("teeth") or wet:
        surface.inputs["Roughness"].default_value = 0.3
        surface.inputs["Coat Weight"].default_value = 1.0 if part.startswith("eye") else 0.15 if part == "lips" else 0.4
        surface.inputs["Coat Roughness"].default_value = 0.03 if part.startswith("eye") else 0.2
    if part in ("lashes", "brows"):
        surface.inputs["Roughness"].default_value = 0.6
    return shader


def sheet(studio: Studio, panels: list[Panel], columns: int) -> Image.Image:
    """All panels rendered and tiled, with their labels."""
    pictures = []
    for panel in panels:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "panel.png"
            studio.render(panel, path)
            with Image.open(path) as image:
                picture = image.convert("RGB")
        ImageDraw.Draw(picture).text((6, 4), panel.label, fill=(10, 10, 10))
        pictures.append(picture)
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * width, rows * height))
    for number, picture in enumerate(pictures):
        whole.paste(picture, (number % columns * width, number // columns * height))
    return whole


def main() -> None:
    """Render the sheets asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="*", choices=sorted(SHEETS), default=sorted(SHEETS))
    parser.add_argument("--labels", nargs="*", help="only the panels whose labels contain one of these")
    parser.add_argument("--quality", type=int, default=86)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--format", choices=("jpg", "png"), default="jpg")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    studio = Studio(load(arguments.model), arguments.samples, arguments.scale)
    for name in arguments.only:
        panels, columns = SHEETS[name]
        if arguments.labels:
            panels = [panel for panel in panels if any(label in panel.label for label in arguments.labels)]
        if panels:
            sheet(studio, panels, columns).save(arguments.out / f"{name}.{arguments.format}", quality=arguments.quality)


if __name__ == "__main__":
    main()
