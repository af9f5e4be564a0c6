"""Write the animated head for other programs.

Hair goes along as cards: of these formats only two know strands, and few programs that read them do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..hair.card_objects import cards_for_file
from .plain_materials import plain_materials


class ExportError(RuntimeError):
    """Blender could not write a file; the message says why."""


def export_fbx(head_object: Any, path: Path, *, cards: bool = True, skin_maps: bool = False) -> None:
    """Mesh, shape keys with their animation, head motion, materials with embedded textures; y up, metres kept.

    cards: whether hair goes along; skin_maps: whether pores, lip lines and gloss do, as a normal and a roughness map.

    Raises:
        ExportError: this Blender has no FBX exporter, or it failed.
    """
    compat.enable_addon("io_scene_fbx")
    with (
        cards_for_file(head_object, cards) as hair,
        only_selected(head_object, *hair),
        shapes_muted(head_object),
        plain_materials(head_object, skin_maps, grey=True),
    ):
        _call(
            "export_scene.fbx",
            filepath=str(path),
            use_selection=True,
            object_types={"MESH"},
            apply_scale_options="FBX_SCALE_UNITS",  # scale 1 in other programs, not 100
            axis_forward="-Z",
            axis_up="Y",
            mesh_smooth_type="FACE",
            use_mesh_modifiers=False,  # applying modifiers would drop the shape keys
            colors_type="SRGB",
            path_mode="COPY",
            embed_textures=True,
            bake_anim=True,
            bake_anim_use_all_actions=False,  # what plays in the scene, not every Action of the file
            bake_anim_use_nla_strips=False,
            bake_anim_force_startend_keying=True,
            bake_anim_simplify_factor=0.0,  # keep every key: simplifying opens lip closures
        )


def export_alembic(head_object: Any, path: Path, *, cards: bool = True) -> None:
    """The deforming mesh, baked per frame of the scene's range, with UVs; readable by every film package.

    cards: whether hair goes along.

    Raises:
        ExportError: this Blender was built without Alembic, or it failed.
    """
    scene = bpy.context.scene
    with cards_for_file(head_object, cards) as hair, only_selected(head_object, *hair):
        _call(
            "wm.alembic_export",
            filepath=str(path),
            check_existing=False,
            start=scene.frame_start,
            end=scene.frame_end,
            selected=True,
            uvs=True,
            normals=False,  # smooth ones are recomputed on import; stored ones would double the file
            vcolors=False,
            face_sets=True,
            as_background_job=False,
        )


def export_usd(head_object: Any, path: Path, *, cards: bool = True, skin_maps: bool = False) -> None:
    """Mesh with its shape keys as blend shapes and their animation, head motion, materials; metres, z up as in Blender.

    cards: whether hair goes along; skin_maps: see `export_fbx`.

    Raises:
        ExportError: this Blender was built without USD, or it failed.
    """
    with (
        cards_for_file(head_object, cards) as hair,
        only_selected(head_object, *hair),
        plain_materials(head_object, skin_maps),
    ):
        _call(
            "wm.usd_export",
            filepath=str(path),
            check_existing=False,
            selected_objects_only=True,
            export_animation=True,
            export_shapekeys=True,
            export_materials=True,
            generate_preview_surface=True,
            export_lights=False,
            export_cameras=False,
            convert_world_material=False,
        )


def export_gltf(head_object: Any, path: Path, *, cards: bool = True, skin_maps: bool = False) -> None:
    """One .glb: mesh, shape keys with their names, what plays in the scene's range sampled on every frame, textures.

    cards: whether hair goes along; skin_maps: see `export_fbx`.

    Raises:
        ExportError: this Blender has no glTF exporter, or it failed.
    """
    compat.enable_addon("io_scene_gltf2")
    with (
        cards_for_file(head_object, cards) as hair,
        only_selected(head_object, *hair),
        plain_materials(head_object, skin_maps),
    ):
        _call(
            "export_scene.gltf",
            filepath=str(path),
            check_existing=False,
            export_format="GLB",
            use_selection=True,
            export_yup=True,
            export_apply=False,  # applying modifiers would drop the shape keys
            export_cameras=False,
            export_lights=False,
            export_morph=True,
            export_morph_animation=True,
            export_animations=True,
            export_animation_mode="SCENE",  # what plays, NLA layers and all, and not every Action of the file
            export_anim_scene_split_object=False,
            export_frame_range=True,
            export_force_sampling=True,
            export_optimize_animation_size=False,  # thinning out keys opens lip closures
        )


@contextmanager
def only_selected(head_object: Any, *others: Any) -> Iterator[None]:
    """Select nothing but `head_object` and `others`, and give the artist's selection back."""
    layer = bpy.context.view_layer
    layer.update()  # objects that were just linked are not listed before
    before = {one: one.select_get() for one in layer.objects}
    active = layer.objects.active
    for one in layer.objects:
        one.select_set(one == head_object or one in others)
    layer.objects.active = head_object
    try:
        yield
    finally:
        for one, selected in before.items():
            one.select_set(selected)
        layer.objects.active = active


@contextmanager
def shapes_muted(head_object: Any) -> Iterator[None]:
    """Spare Blender the deformation of every frame while an exporter only reads the keys' values: ten times faster."""
    blocks = list(head_object.data.shape_keys.key_blocks)
    before = [block.mute for block in blocks]
    for block in blocks:
        block.mute = True
    try:
        yield
    finally:
        for block, muted in zip(blocks, before, strict=True):
            block.mute = muted


def _call(operator: str, filepath: str, **settings: Any) -> None:
    if not compat.has_operator(operator):
        raise ExportError(f"this Blender {bpy.app.version_string} was built without {operator}; use the official build")
    group, name = operator.split(".")
    Path(filepath).parent.mkdir(parents=True, exist_ok=True)
    try:
        result = getattr(getattr(bpy.ops, group), name)(filepath=filepath, **settings)
    except RuntimeError as error:
        raise ExportError(f"{operator} failed: {error}") from error
    if result != {"FINISHED"} or not Path(filepath).is_file():
        raise ExportError(f"{operator} did not write {filepath}")
