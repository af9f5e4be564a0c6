"""Living textures: what Blender draws is what `models.texture` computes, and nothing is left of them when they go."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from backend.texture.live_file import write_factors, write_offsets
from blender_addon.files.head_file import HeadFile
from blender_addon.files.living_file import LivingFileError, read_living
from models.face.model import FaceModel
from models.texture.dynamic import DynamicTexture
from models.texture.live_maps import LiveMaps, uv_hash

SIZE = 32
POSE = {"browInnerUp": 0.8, "mouthSmileLeft": 1.0, "mouthSmileRight": 0.25, "jawOpen": 0.5}


def smooth(seed: int, *shape: int) -> NDArray[np.float64]:
    """Noise that a few texels' shift does not change, -1..1, 0 along the border of each image."""
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(seed).normal(size=shape)
    image = gaussian_filter(noise, (0, 5, 5, 0))
    edge = np.clip(np.minimum(np.arange(shape[1]), np.arange(shape[1])[::-1]) / 6, 0, 1)
    image *= (edge[:, None] * edge)[None, :, :, None]
    return np.asarray(image / np.abs(image).max())


@pytest.fixture(scope="module")
def maps(face_model: FaceModel) -> LiveMaps:
    weights = np.zeros((2, 2, 64), np.float32)
    names = list(face_model.expression_names)
    weights[0, :, names.index("browInnerUp")] = 1.0
    weights[1, 0, names.index("mouthSmileLeft")] = weights[1, 1, names.index("mouthSmileRight")] = 1.0
    weights[1, :, names.index("jawOpen")] = 0.1
    return LiveMaps(
        names=("brow", "smile"),
        images=np.rint(128 + 100 * smooth(0, 2, 64, 64, 3)).astype(np.uint8),
        windows=np.array([[0, 0, 1, 1], [0.25, 0.1, 0.75, 0.6]], np.float32),
        weights=weights,
        bias=np.zeros((2, 2), np.float32),
        uv_sha256=uv_hash(face_model),
    )


@pytest.fixture
def factors(maps: LiveMaps, face_model: FaceModel, tmp_path: Path) -> Path:
    write_factors(maps, face_model, tmp_path / "living.npz")
    return tmp_path / "living.npz"


@pytest.fixture
def learned(face_model: FaceModel) -> DynamicTexture:
    weights = np.random.default_rng(1).normal(0, 0.1, (3, 64)).astype(np.float32)
    weights[:, face_model.expression_names.index("jawOpen")] = 0.9
    return DynamicTexture(
        base=np.rint(140 + 60 * smooth(2, 1, 64, 64, 3)[0]).astype(np.uint8),
        residuals=(40 * smooth(3, 3, 64, 64, 3)).astype(np.float32),
        weights=weights,
        bias=np.array([0.1, 0.3, -0.2], np.float32),
        names=("a", "b", "c"),
        face_model=face_model.name,
        sha256=face_model.sha256,
    )


@pytest.fixture
def clothed(head_object: Any, head: HeadFile, tmp_path: Path) -> Any:
    from blender_addon.building.material import apply_materials

    Image.fromarray(np.full((SIZE, SIZE, 3), (200, 150, 120), np.uint8)).save(tmp_path / "skin.png")
    apply_materials(head_object, head, tmp_path / "skin.png")
    return head_object


def expression_of(model: FaceModel) -> NDArray[np.float32]:
    expression = np.zeros(64, np.float32)
    for name, value in POSE.items():
        expression[model.expression_names.index(name)] = value
    return expression


def pose(head_object: Any) -> None:
    for name, value in POSE.items():
        head_object.data.shape_keys.key_blocks[name].value = value


def drawn(bpy: Any, group: Any, base: Any, tmp_path: Path) -> NDArray[np.float64]:
    """What `group` makes of the colour `base` (an image or three numbers) on the UV square: linear light (S, S, 3)."""
    from blender_addon import compat

    material = bpy.data.materials.new("square")
    tree = compat.use_nodes(material)
    tree.nodes.clear()
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree = group
    if isinstance(base, tuple):
        node.inputs["Color"].default_value = (*base, 1)
    else:
        picture = tree.nodes.new("ShaderNodeTexImage")
        picture.image = base
        tree.links.new(picture.outputs[0], node.inputs["Color"])
    return next(flat(bpy, material, node.outputs["Color"], tmp_path))


def flat(
    bpy: Any, material: Any, colour: Any, tmp_path: Path, frames: tuple[int, ...] = (1,)
) -> Iterator[NDArray[np.float64]]:
    """The UV square (S, S, 3) in the linear light of the socket `colour` of `material`, in each of the `frames`."""
    scene = bpy.context.scene
    for other in scene.objects:
        other.hide_render = True
    mesh = bpy.data.meshes.new("square")
    mesh.from_pydata([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], [], [(0, 1, 2, 3)])
    mesh.uv_layers.new(name="UVMap").data.foreach_set("uv", [0, 0, 1, 0, 1, 1, 0, 1])
    scene.collection.objects.link(bpy.data.objects.new("square", mesh))
    mesh.materials.append(material)
    tree = material.node_tree
    light, out = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("Emission", "OutputMaterial"))
    out.is_active_output = True
    tree.links.new(colour, light.inputs["Color"])
    tree.links.new(light.outputs[0], out.inputs["Surface"])
    camera = bpy.data.cameras.new("flat")
    camera.type, camera.ortho_scale = "ORTHO", 2.0
    scene.camera = bpy.data.objects.new("flat", camera)
    scene.camera.location = (0, 0, 2)
    scene.collection.objects.link(scene.camera)
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 4, False
    scene.cycles.filter_width, scene.render.dither_intensity = 0.01, 0.0
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.view_settings.view_transform = "Raw"
    scene.render.filepath = str(tmp_path / "flat.png")
    for frame in frames:
        scene.frame_set(frame)
        bpy.ops.render.render(write_still=True)
        yield np.asarray(Image.open(tmp_path / "flat.png").convert("RGB")) / 255.0


def wear(head_object: Any, path: Path) -> Any:
    from blender_addon.building.living import NODE, living_steps, materials_of
    from blender_addon.building.steps import run_all

    run_all(living_steps(head_object.name, path))
    return next(materials_of(head_object)).node_tree.nodes[NODE].node_tree


def test_blender_draws_the_factors_that_python_computes(
    blender: Any, clothed: Any, factors: Path, maps: LiveMaps, face_model: FaceModel, tmp_path: Path
) -> None:
    group = wear(clothed, factors)
    pose(clothed)
    expected = 0.4 * maps.gain(expression_of(face_model), SIZE)
    assert np.ptp(expected) > 0.2
    assert np.abs(drawn(blender, group, (0.4, 0.4, 0.4), tmp_path) - expected).max() < 0.012
    for block in clothed.data.shape_keys.key_blocks:
        block.value = 0.0
    assert np.abs(drawn(blender, group, (0.4, 0.4, 0.4), tmp_path) - 0.4).max() < 0.003


def test_blender_draws_the_learned_texture_that_python_computes(
    blender: Any, clothed: Any, learned: DynamicTexture, face_model: FaceModel, tmp_path: Path
) -> None:
    from blender_addon.building.living import texture_image

    write_offsets(learned, face_model, tmp_path / "living.npz")
    group = wear(clothed, tmp_path / "living.npz")
    pose(clothed)
    image = texture_image(clothed)
    assert image is not None and image.packed_file is not None and image.name == "Head base"
    wanted = learned.evaluate(expression_of(face_model)).reshape(SIZE, 2, SIZE, 2, 3).mean(axis=(1, 3)) / 255
    encoded = np.clip(drawn(blender, group, image, tmp_path), 1e-6, 1)
    encoded = np.where(encoded <= 0.0031308, 12.92 * encoded, 1.055 * encoded ** (1 / 2.4) - 0.055)
    assert np.abs(wanted - learned.base.reshape(SIZE, 2, SIZE, 2, 3).mean(axis=(1, 3)) / 255).max() > 0.05
    assert np.abs(encoded - wanted).max() < 0.02


def test_drivers_need_no_python(clothed: Any, factors: Path) -> None:
    group = wear(clothed, factors)
    drivers = [curve.driver for curve in group.animation_data.drivers]
    assert len(drivers) == 3  # the brow once, the smile left and right
    assert all(driver.is_simple_expression and driver.is_valid for driver in drivers)
    assert {target.id for d in drivers for v in d.variables for target in v.targets} == {clothed.data.shape_keys}


def test_it_lies_between_colour_and_surface_and_goes_without_a_trace(blender: Any, clothed: Any, factors: Path) -> None:
    from blender_addon.building.living import BUMP, NODE, living_steps, take_off, texture_image, worn
    from blender_addon.building.steps import run_all

    def links() -> list[set[tuple[str, ...]]]:
        return [
            {(a.from_node.name, a.from_socket.name, a.to_node.name, a.to_socket.identifier) for a in one.links}
            for one in (material.node_tree for material in clothed.data.materials)
        ]

    before, counts, photo = links(), [len(blender.data.node_groups), len(blender.data.images)], texture_image(clothed)
    run_all(living_steps(clothed.name, factors))
    skin = clothed.data.materials[0].node_tree
    assert worn(clothed) == "live" and skin.nodes[NODE].inputs["Color"].links[0].from_node.image == photo
    assert skin.nodes[BUMP].inputs["Height"].is_linked
    sheet = next(node.image for node in skin.nodes[NODE].node_tree.nodes if node.type == "TEX_IMAGE")
    assert sheet.packed_file is not None and sheet.colorspace_settings.name == "Non-Color"
    run_all(living_steps(clothed.name, factors))  # once more: the old one goes
    assert [len(blender.data.node_groups), len(blender.data.images)] == [counts[0] + 1, counts[1] + 1]
    assert take_off(clothed) and not take_off(clothed)
    assert links() == before and worn(clothed) == ""
    assert [len(blender.data.node_groups), len(blender.data.images)] == counts


def test_another_photo_may_be_shown_below_it(clothed: Any, factors: Path, tmp_path: Path) -> None:
    from blender_addon.building.living import NODE, texture_image
    from blender_addon.building.material import texture_steps
    from blender_addon.building.steps import run_all

    wear(clothed, factors)
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "other.png")
    run_all(texture_steps(clothed, tmp_path / "other.png"))
    node = clothed.data.materials[0].node_tree.nodes[NODE]
    assert node.inputs["Color"].links[0].from_node.image == texture_image(clothed)
    assert node.inputs["Color"].links[0].from_node.image.name == "other.png"


def test_files_that_are_damaged_say_so(factors: Path, tmp_path: Path) -> None:
    whole = factors.read_bytes()
    for damaged in (b"", whole[:100], whole[:-100]):
        (tmp_path / "damaged.npz").write_bytes(damaged)
        with pytest.raises(LivingFileError, match="damaged"):
            read_living(tmp_path / "damaged.npz")
    arrays = dict(np.load(factors))
    for change in ({"weights": arrays["weights"][:1]}, {"meta": np.array(str(arrays["meta"]).replace("living-", ""))}):
        np.savez(tmp_path / "other.npz", **(arrays | change))
        with pytest.raises(LivingFileError, match="other"):
            read_living(tmp_path / "other.npz")


def test_a_head_of_other_shape_keys_is_refused(clothed: Any, factors: Path) -> None:
    clothed.shape_key_remove(clothed.data.shape_keys.key_blocks["jawOpen"])
    with pytest.raises(LivingFileError, match="another face model"):
        wear(clothed, factors)


def test_another_uv_is_refused(maps: LiveMaps, face_model: FaceModel, tmp_path: Path) -> None:
    other = replace(face_model, uv=1 - face_model.uv, name="other")
    with pytest.raises(ValueError, match="no live textures for the face model other"):
        write_factors(maps, other, tmp_path / "living.npz")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "textures.zip", "w") as pictures:
        for n in range(3):
            Image.fromarray(np.full((8, 8, 3), 60 * n + 40, np.uint8)).save(tmp_path / "one.png")
            pictures.write(tmp_path / "one.png", f"{n + 1:06d}.png")
    return tmp_path / "textures.zip"


def test_baked_pictures_begin_on_their_frame_and_the_photo_shows_around_them(
    blender: Any, clothed: Any, archive: Path, tmp_path: Path
) -> None:
    from blender_addon.building.baked import baked_steps, facts_of
    from blender_addon.building.living import MIXED, PICTURES, SHARE, take_off, texture_image, worn
    from blender_addon.building.steps import run_all

    photo = texture_image(clothed)
    outcome = run_all(baked_steps(clothed.name, archive, tmp_path / "textures" / "Head_1", 20))
    assert outcome.head == clothed.name and "3" in outcome.said and worn(clothed) == "baked"
    assert len(list((tmp_path / "textures" / "Head_1").iterdir())) == 3
    skin = clothed.data.materials[0].node_tree
    user = skin.nodes[PICTURES].image_user
    assert (user.frame_start, user.frame_duration, user.frame_offset) == (20, 3, 0) and user.use_auto_refresh
    assert facts_of(clothed)["first"] == 20 and texture_image(clothed) == photo
    driver = skin.animation_data.drivers[0].driver
    assert driver.is_simple_expression
    shown = []
    for frame in (19, 20, 22, 23):
        blender.context.scene.frame_set(frame)
        graph = blender.context.evaluated_depsgraph_get()
        shown.append(clothed.data.materials[0].evaluated_get(graph).node_tree.nodes[SHARE].inputs[0].default_value)
    assert shown == [0.0, 1.0, 1.0, 0.0]
    colours = flat(blender, clothed.data.materials[0], skin.nodes[SHARE].outputs[MIXED], tmp_path, (19, 20, 21, 22, 23))
    seen = [float(picture[..., 0].mean()) for picture in colours]
    grey = [((one / 255 + 0.055) / 1.055) ** 2.4 for one in (200, 40, 100, 160, 200)]  # the photo's red around them
    assert np.allclose(seen, grey, atol=0.01), (seen, grey)
    assert take_off(clothed) and worn(clothed) == "" and skin.nodes.get(SHARE) is None
    assert not list(skin.animation_data.drivers)


def test_archives_of_anything_else_leave_nothing(clothed: Any, tmp_path: Path) -> None:
    from blender_addon.building.baked import ArchiveError, unpack

    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as pictures:
        pictures.writestr("../000001.png", b"x")
    (tmp_path / "cut.zip").write_bytes((tmp_path / "bad.zip").read_bytes()[:30])
    for name in ("bad.zip", "cut.zip"):
        with pytest.raises(ArchiveError):
            unpack(tmp_path / name, tmp_path / "out")
    assert not (tmp_path / "out").exists() and not (tmp_path / ".out.part").exists()


def test_packed_pictures_come_out_again_elsewhere(blender: Any, clothed: Any, archive: Path, tmp_path: Path) -> None:
    import shutil

    from blender_addon.building.baked import baked_steps, facts_of, missing, pack_steps, packed, restore_steps
    from blender_addon.building.steps import run_all

    run_all(baked_steps(clothed.name, archive, tmp_path / "first", 1))
    before = {one.name: one.read_bytes() for one in (tmp_path / "first").iterdir()}
    assert packed(clothed) is None
    run_all(pack_steps(clothed.name))
    assert packed(clothed) is not None and not missing(clothed)
    name = clothed.name
    (tmp_path / "moved").mkdir()
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "moved" / "file.blend"))
    shutil.rmtree(tmp_path / "first")
    blender.ops.wm.open_mainfile(filepath=str(tmp_path / "moved" / "file.blend"))
    head_object = blender.data.objects[name]
    assert missing(head_object)
    run_all(restore_steps(name, tmp_path / "moved" / "textures" / "Head_1"))
    assert not missing(head_object) and facts_of(head_object)["path"] == "//textures/Head_1/000001.png"
    assert {one.name: one.read_bytes() for one in (tmp_path / "moved" / "textures" / "Head_1").iterdir()} == before
