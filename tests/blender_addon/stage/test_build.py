"""The set: what it adds, what it replaces, what it leaves alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile


@pytest.fixture
def staged(blender: Any, head: HeadFile, take: TakeFile) -> Any:
    """A head with the camera and lamps that come with it."""
    from blender_addon.building.build import Options, Timer, build

    return build(head, take, Options(), Timer(lambda *_: None))


def order(light: str, **more: Any) -> Any:
    from blender_addon.stage.build import SetOrder

    return SetOrder(light, **more)


def kinds(blender: Any) -> list[str]:
    return sorted(one.type for one in blender.context.scene.objects)


@pytest.mark.parametrize("light", ["SOFT", "RIM", "WINDOW", "DAYLIGHT"])
def test_a_preset_takes_the_place_of_the_lamps_that_came_with_the_head(blender: Any, staged: Any, light: str) -> None:
    from blender_addon.stage.build import build_set

    camera = blender.context.scene.camera
    own = blender.data.objects.new("Own lamp", blender.data.lights.new("Own lamp", "POINT"))
    blender.data.collections["Head stage"].objects.link(own)
    made = build_set(blender.context.scene, staged, order(light))
    assert kinds(blender) == ["CAMERA", *["LIGHT"] * 4, "MESH", "MESH"]
    assert own.name in blender.context.scene.objects and blender.context.scene.camera == camera
    assert len(made.objects) == 4 and "Key light" not in blender.data.collections["Head stage"].objects
    for lamp in (one for one in made.objects if one.type == "LIGHT"):
        towards = (lamp.matrix_basis.to_3x3() @ blender_vector((0, 0, -1))).normalized()
        assert towards.dot((head_middle(staged) - lamp.location).normalized()) > 0.999


def test_the_backdrop_lies_behind_and_below(blender: Any, staged: Any) -> None:
    from blender_addon.stage.build import build_set

    made = build_set(blender.context.scene, staged, order("SOFT"))
    paper = next(one for one in made.objects if one.type == "MESH")
    points = np.array([vertex.co for vertex in paper.data.vertices])
    head = np.array([vertex.co for vertex in staged.data.vertices])
    assert points[:, 2].min() < head[:, 2].min() and points[:, 2].max() > 5 * head[:, 2].max()
    upright = points[points[:, 2] > head[:, 2].min()]
    assert upright[:, 1].min() > head[:, 1].max() + 0.2 and points[:, 1].min() < head[:, 1].min() - 1
    assert not paper.visible_shadow and not paper.visible_diffuse


def test_another_set_replaces_the_first_and_nothing_is_left(blender: Any, staged: Any) -> None:
    from blender_addon.stage.build import build_set, remove_set

    scene = blender.context.scene
    build_set(scene, staged, order("SOFT"))
    build_set(scene, staged, order("RIM", backdrop=False))
    assert kinds(blender) == ["CAMERA", *["LIGHT"] * 3, "MESH"]
    assert {lamp.name for lamp in blender.data.lights if lamp.users} == {"Left rim", "Right rim", "Front light"}
    assert len([world for world in blender.data.worlds if world.name.startswith("Set light")]) == 1
    remove_set(scene)
    assert kinds(blender) == ["CAMERA", "MESH"] and scene.camera is not None


def test_a_scene_without_a_camera_gets_one_that_frames_the_head(blender: Any, staged: Any) -> None:
    from blender_addon.stage.build import build_set
    from blender_addon.stage.scene_file import is_seen

    scene = blender.context.scene
    blender.data.objects.remove(scene.camera)
    scene.render.resolution_x, scene.render.resolution_y = 160, 90
    build_set(scene, staged, order("SOFT"))
    assert scene.camera.data.sensor_fit == "VERTICAL" and is_seen(scene, staged)


def test_the_scenes_own_light_stays(blender: Any, staged: Any) -> None:
    from blender_addon.stage.build import build_set

    world, before = blender.context.scene.world, kinds(blender)
    made = build_set(blender.context.scene, staged, order("SCENE", backdrop=False))
    assert kinds(blender) == before and not made.objects and blender.context.scene.world == world


def test_the_photos_light_is_a_packed_panorama_and_a_lamp(blender: Any, staged: Any) -> None:
    from blender_addon.stage.build import build_set

    gamma = np.zeros((3, 9), np.float32)
    gamma[:, 0], gamma[:, 3] = 0.1, 0.15  # brighter from the subject's right, which is -x
    staged["style_avatar_gamma"] = [float(value) for value in gamma.ravel()]
    made = build_set(blender.context.scene, staged, order("PHOTO"))
    (lamp,) = (one for one in made.objects if one.type == "LIGHT")
    assert lamp.location.x < -0.1 and lamp.data.energy > 0
    image = panorama_of(blender)
    assert image.packed_file is not None and image.is_float
    pixels = np.empty(64 * 128 * 4, np.float32)
    image.pixels.foreach_get(pixels)
    assert pixels.reshape(64, 128, 4)[..., 0].max() > pixels.reshape(64, 128, 4)[..., 0].min() + 0.05


def test_a_panorama_is_exposed_for_the_face(blender: Any, staged: Any, tmp_path: Path) -> None:
    from blender_addon.stage.build import build_set
    from blender_addon.stage.lights import BRIGHTNESS

    even = blender.data.images.new("even", 64, 32, float_buffer=True)
    even.pixels.foreach_set(np.full(64 * 32 * 4, 5.0, np.float32))
    even.filepath_raw, even.file_format = str(tmp_path / "even.exr"), "OPEN_EXR"
    even.save()
    build_set(blender.context.scene, staged, order("PANORAMA", panorama=tmp_path / "even.exr", turn=90.0))
    background = node(blender.context.scene.world, "BACKGROUND")
    assert background.inputs["Strength"].default_value == pytest.approx(BRIGHTNESS / 5, rel=0.02)
    assert panorama_of(blender).packed_file is not None


@pytest.mark.parametrize("size", [(10, 10), None])
def test_what_is_no_panorama_changes_nothing(blender: Any, staged: Any, tmp_path: Path, size: Any) -> None:
    from blender_addon.stage.build import build_set
    from blender_addon.stage.lights import PanoramaError

    path = tmp_path / "room.png"
    if size:
        Image.new("RGB", size).save(path)
    else:
        path.write_text("hello")
    before = kinds(blender)
    with pytest.raises(PanoramaError, match=r"room\.png"):
        build_set(blender.context.scene, staged, order("PANORAMA", panorama=path))
    assert kinds(blender) == before and "room.png" not in blender.data.images


def node(owner: Any, kind: str) -> Any:
    return next(one for one in owner.node_tree.nodes if one.type == kind)


def panorama_of(blender: Any) -> Any:
    return node(blender.context.scene.world, "TEX_ENVIRONMENT").image


def blender_vector(values: tuple[float, float, float]) -> Any:
    from mathutils import Vector

    return Vector(values)


def head_middle(head_object: Any) -> Any:
    from blender_addon.building.scene import frame_of

    return frame_of(head_object).centre
