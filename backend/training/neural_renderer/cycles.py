"""Path-traced pictures of heads, one per light: light is linear, so one rendering serves any mixture."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from backend.render.view import View
from backend.training.neural_renderer.items import Item
from backend.training.neural_renderer.surfaces import COLOURS, surface
from models.face.camera import DISTANCE, Camera
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]

METRES: Final = 0.1  # a decimetre
LIGHTS: Final = ("ambient", "key", "rim")
SAMPLES: Final = 16


class CyclesStudio:
    """A Blender scene with a head, an ambient light that is a gradient, and two lamps like discs in the sky.

    Every light is white and makes a white surface that faces it (for the ambient light: on average) exactly white;
    their colours are chosen when the pictures are mixed.
    """

    def __init__(self, model: FaceModel, size: int, *, samples: int = SAMPLES, threads: int = 2, seed: int = 0) -> None:
        """size: pixels a side; samples: paths a pixel before denoising."""
        self.model, self.size = model, size
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self._scene: Any = bpy.context.scene
        self._configure(samples, threads, seed)
        self._mesh = self._make_head()
        self._sky = self._make_sky()
        self._lamps = [self._make_lamp(name) for name in LIGHTS[1:]]
        self._camera = self._make_camera()
        self._make_outputs()

    def render(self, item: Item) -> Float32Array:
        """(lights, S, S, 4) linear RGB, premultiplied, and alpha; row 0 at the top."""
        return self.picture(
            item.world(self.model), item.colours(self.model), item.view(self.size), item.sky, item.lamps
        )

    def picture(
        self, world: Float32Array, colours: Float32Array, view: View, sky: Float32Array, lamps: Float32Array
    ) -> Float32Array:
        """The same for a head (V, 3) with sRGB colours (V, 3), as `Item` names them."""
        self._mesh.vertices.foreach_set("co", (to_blender(world) * METRES).ravel())
        rgba = np.ones((len(world), 4), np.float32)
        rgba[:, :3] = linear(colours / 255)
        self._mesh.color_attributes[COLOURS].data.foreach_set("color", rgba.ravel())
        self._mesh.update()
        self._place_camera(view)
        self._set_sky(sky)
        for lamp, (x, y, z, half_angle) in zip(self._lamps, lamps, strict=True):
            lamp.data.angle = 2 * np.radians(half_angle)
            lamp.rotation_euler = _towards(to_blender(np.array([[x, y, z]]))[0])
        with tempfile.TemporaryDirectory() as folder:
            return self._rendered(Path(folder))

    def _rendered(self, folder: Path) -> Float32Array:
        self._file.directory = str(folder)
        self._scene.render.filepath = str(folder / "unused.png")
        bpy.ops.render.render()
        lights = [read_image(next(folder.glob(f"*{name}*.exr")), self.size) for name in LIGHTS]
        alpha = read_image(next(folder.glob("*alpha*.exr")), self.size)[..., :1]
        return np.stack([np.concatenate([light[..., :3], alpha], axis=-1) for light in lights])

    def _configure(self, samples: int, threads: int, seed: int) -> None:
        scene = self._scene
        scene.render.engine = "CYCLES"
        scene.cycles.samples, scene.cycles.seed = samples, seed
        scene.cycles.use_adaptive_sampling = False
        scene.cycles.use_denoising = False  # each light is denoised on its own
        scene.cycles.max_bounces = 6
        scene.cycles.pixel_filter_type = "BOX"  # as the rasteriser averages its samples
        scene.cycles.filter_width = 1.0
        scene.render.film_transparent = True
        scene.render.use_persistent_data = True
        scene.render.threads_mode, scene.render.threads = "FIXED", threads
        scene.render.resolution_x = scene.render.resolution_y = self.size
        scene.render.resolution_percentage = 100
        scene.view_settings.view_transform = "Raw"

    def _make_head(self) -> Any:
        model = self.model
        mesh = bpy.data.meshes.new("head")
        mesh.from_pydata((to_blender(model.mean_shape) * METRES).tolist(), [], model.triangles.tolist())
        mesh.shade_smooth()
        mesh.color_attributes.new(COLOURS, "FLOAT_COLOR", "POINT")
        for part in model.part_names:
            mesh.materials.append(surface(part))
        mesh.polygons.foreach_set("material_index", model.triangle_part.astype(np.int32))
        self._scene.collection.objects.link(bpy.data.objects.new("head", mesh))
        return mesh

    def _make_sky(self) -> Any:
        """A world whose radiance grows linearly along a direction: mean · (1 + growth · cosine)."""
        world: Any = bpy.data.worlds.new("sky")
        world.use_nodes = True
        world.lightgroup = LIGHTS[0]
        nodes, links = world.node_tree.nodes, world.node_tree.links
        place = nodes.new("ShaderNodeTexCoord")
        cosine = nodes.new("ShaderNodeVectorMath")
        cosine.operation = "DOT_PRODUCT"
        gradient = nodes.new("ShaderNodeMath")
        gradient.operation = "MULTIPLY_ADD"
        gradient.inputs[2].default_value = 1.0
        links.new(place.outputs["Generated"], cosine.inputs[0])
        links.new(cosine.outputs["Value"], gradient.inputs[0])
        links.new(gradient.outputs["Value"], nodes["Background"].inputs["Strength"])
        nodes["Background"].inputs["Color"].default_value = (1, 1, 1, 1)
        self._scene.world = world
        return cosine.inputs[1], gradient.inputs[1]

    def _set_sky(self, sky: Float32Array) -> None:
        direction, growth = self._sky
        direction.default_value = to_blender(sky[None, :3])[0].tolist()
        growth.default_value = float(sky[3])

    def _make_lamp(self, name: str) -> Any:
        data: Any = bpy.data.lights.new(name, "SUN")
        data.energy = np.pi
        lamp: Any = bpy.data.objects.new(name, data)
        lamp.lightgroup = name
        self._scene.collection.objects.link(lamp)
        return lamp

    def _make_camera(self) -> Any:
        data: Any = bpy.data.cameras.new("camera")
        camera = bpy.data.objects.new("camera", data)
        camera.location = (0, -DISTANCE * METRES, 0)
        camera.rotation_euler = (np.pi / 2, 0, 0)
        data.sensor_fit, data.sensor_width = "HORIZONTAL", 36.0
        data.clip_start = 0.01
        self._scene.collection.objects.link(camera)
        self._scene.camera = camera
        return camera

    def _place_camera(self, view: View) -> None:
        """The paper's camera, its axis off the picture's middle as the window wants it."""
        frame, window = view.frame, view.window
        paper = Camera.paper()
        enlargement = frame.side / paper.size
        centre = np.array([frame.left, frame.top]) + frame.side / 2
        middle = np.array([window.left, window.top]) + window.side / 2
        right, down = (middle - centre) / window.side
        data = self._camera.data
        data.lens = 36.0 * paper.focal * enlargement / window.side
        data.shift_x, data.shift_y = float(right), float(-down)

    def _make_outputs(self) -> None:
        """A compositor that denoises each light and writes all into one file."""
        scene, layer = self._scene, self._scene.view_layers[0]
        layer.cycles.denoising_store_passes = True
        for name in LIGHTS:
            layer.lightgroups.add(name=name)
        tree: Any = bpy.data.node_groups.new("outputs", "CompositorNodeTree")
        scene.compositing_node_group = tree
        scene.render.use_compositing = True
        layers = tree.nodes.new("CompositorNodeRLayers")
        self._file: Any = tree.nodes.new("CompositorNodeOutputFile")
        self._file.file_name = "lights"
        self._file.format.media_type = "IMAGE"
        self._file.format.file_format = "OPEN_EXR"
        self._file.format.color_depth = "32"
        for name in LIGHTS:
            denoise = tree.nodes.new("CompositorNodeDenoise")
            tree.links.new(layers.outputs[f"Combined_{name}"], denoise.inputs["Image"])
            tree.links.new(layers.outputs["Denoising Albedo"], denoise.inputs["Albedo"])
            tree.links.new(layers.outputs["Denoising Normal"], denoise.inputs["Normal"])
            self._file.file_output_items.new("RGBA", name)
            tree.links.new(denoise.outputs["Image"], self._file.inputs[name])
        self._file.file_output_items.new("FLOAT", "alpha")
        tree.links.new(layers.outputs["Alpha"], self._file.inputs["alpha"])


def read_image(path: Path, size: int) -> Float32Array:
    """The numbers (size, size, 4) in a picture's file, row 0 at the top."""
    image: Any = bpy.data.images.load(str(path), check_existing=False)
    pixels = np.empty(size * size * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels.reshape(size, size, 4)[::-1]


def to_blender(points: NDArray[np.floating[Any]]) -> Float32Array:
    """Model coordinates (n, 3) (x right in the picture, y up, z to the camera) in Blender's (x, -y forward, z up)."""
    return np.ascontiguousarray(np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1), np.float32)


def linear(colours: Float32Array) -> Float32Array:
    """sRGB in 0..1 as linear light (IEC 61966-2-1)."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _towards(direction: Float32Array) -> tuple[float, float, float]:
    """Euler angles of a lamp, which shines along its -z, that stands in `direction` (Blender's frame)."""
    x, y, z = (float(value) for value in direction)
    return float(np.arctan2(np.hypot(x, y), z)), 0.0, float(np.arctan2(y, x) + np.pi / 2)
