"""What the artist sets in the panels for editing and delivering: `Scene.style_avatar_edit`."""

from __future__ import annotations

import bpy

from ..translations import CONTEXT


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
    first: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="From Frame", description="First frame of the range that is done again", default=1
    )
    last: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="To Frame", description="Last frame of the range that is done again", default=50
    )
    blend: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Blend",
        description="Frames at both ends in which one goes over into the other; closed lips stay closed",
        default=5,
        min=0,
        max=50,
    )
    parts: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Parts",
        description="What the list shows of the voice",
        items=(
            ("SENTENCES", "Sentences", "Sentences of the transcript; without one, what is said between two pauses"),
            ("WORDS", "Words", "Words of the transcript; without one, the sounds that were heard"),
            ("PAUSES", "Pauses", "Where nothing is said for a fifth of a second"),
        ),
    )
    new: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="New",
        description="What is new in the range; everything else is asked as it was for this Action",
        translation_context=CONTEXT,
        items=(
            ("STYLE", "Style", "The style that is chosen above"),
            ("VARIATION", "Variation", "Other blinks, glances and head movements, others again with each press"),
            ("AMOUNTS", "Amount", "The amounts of the panel Talking Head"),
            ("MOTION", "Motion", "The motion that is chosen beneath"),
        ),
        options={"ENUM_FLAG"},
        default={"STYLE", "VARIATION"},
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
