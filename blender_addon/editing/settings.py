"""What the artist sets in the panels for editing and delivering: `Scene.style_avatar_edit`."""

from __future__ import annotations

import bpy


class StyleAvatarEdit(bpy.types.PropertyGroup):
    """Saved with the file."""

    tolerance: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Tolerance (mm)",
        description="How far any point of the face may be from where it was, in millimetres on the mesh",
        default=0.25,
        min=0.01,
        max=5.0,
    )
    in_place: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Replace the Action",
        description="Change the Action itself; otherwise a copy is changed and the original stays",
        default=False,
    )
    engine: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Engine",
        description="What renders the film",
        items=(
            ("EEVEE", "EEVEE", "Fast and good; needs a graphics card"),
            ("CYCLES", "Cycles", "Slow and best; works on every computer"),
            ("BLENDER_WORKBENCH", "Workbench", "A quick look without materials; needs a graphics card"),
        ),
    )
    height: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Size",
        description="Height of the film in pixels; the width follows the scene",
        items=(
            ("0", "Scene", "The size that the scene has"),
            ("480", "480", "480 pixels high"),
            ("720", "720", "720 pixels high"),
            ("1080", "1080", "1080 pixels high"),
        ),
    )
    samples: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Quality",
        description="Samples per pixel",
        items=(
            ("16", "Draft", "16 samples"),
            ("64", "Good", "64 samples"),
            ("256", "Best", "256 samples"),
        ),
        default="64",
    )


CLASSES = (StyleAvatarEdit,)


def register() -> None:
    """Put the settings on every scene."""
    bpy.types.Scene.style_avatar_edit = bpy.props.PointerProperty(type=StyleAvatarEdit)


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.style_avatar_edit
