"""Hair, brows and beard of the selected head."""

from __future__ import annotations

from typing import Any, Final

import bpy

from ..hair import add
from ..hair.groom import DENSITY, Groom
from ..hair.objects import hair_of, knows_its_face
from ..hair.pigment import colour_of
from ..jobs.grooming import Grooming, grooming_steps
from ..session import SESSION
from ..translations import CONTEXT, tr
from .base import UNDO, Explained
from .performance import OnPerformance, head_here_reason

CUTS: Final = (
    ("bald", "Bald", "No hair on the head"),
    ("buzz", "Buzz Cut", "A few millimetres all over, shorter at the edge"),
    ("side_part", "Side Part", "Short, longer on top, with a parting on the left"),
    ("swept_back", "Swept Back", "Combed back from the forehead, short at the sides"),
    ("bob", "Bob", "Straight to the jaw, with a parting on the left"),
    ("long_wavy", "Long and Wavy", "To the shoulders in waves, with a parting in the middle"),
)
BEARDS: Final = (
    ("none", "None", "No beard"),
    ("stubble", "Stubble", "Two millimetres"),
    ("short", "Short", "One centimetre"),
    ("full", "Full", "Four centimetres at the chin"),
)
COLOURS: Final = (
    ("PHOTO", "Photo", "The colour that the head's photo showed, or that of its brows"),
    ("NATURAL", "Natural", "From white through blond, red and brown to black, by the hair's own pigments"),
    ("OWN", "Own", "Any colour"),
)


class StyleAvatarHair(bpy.types.PropertyGroup):
    """What the artist chose for hair; saved with the file."""

    cut: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Cut",
        description="How the hair of the head is worn",
        translation_context=CONTEXT,
        items=CUTS,
        default="side_part",
    )
    brows: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Fine Brows", description="Brows of fine hairs in place of those of the mesh", default=True
    )
    beard: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Beard", description="How a beard is worn", translation_context=CONTEXT, items=BEARDS
    )
    colour_source: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Hair Colour", description="Where the colour of the hair comes from", items=COLOURS
    )
    melanin: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Melanin", description="How dark: 0 is white, 1 is black", default=0.8, min=0.0, max=1.0, subtype="FACTOR"
    )
    redness: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Redness", description="How red: the share of red pigment", default=0.2, min=0.0, max=1.0, subtype="FACTOR"
    )
    colour: bpy.props.FloatVectorProperty(  # type: ignore[valid-type]
        name="Colour",
        description="Colour of the hair",
        subtype="COLOR",
        size=3,
        min=0.0,
        max=1.0,
        default=(0.06, 0.035, 0.02),
    )
    density: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Density",
        description="How many hairs: 1 is some 20,000 that are rendered; while you work fewer are drawn",
        default=1.0,
        min=DENSITY[0],
        max=DENSITY[1],
    )
    seed: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Variation", description="Another number gives other strands of the same cut", min=0, max=2**31 - 1
    )
    cards: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Hair as Cards",
        description="Write the hair into FBX, glTF, USD and Alembic as flat strips with a picture of hairs",
        default=True,
    )

    def groom(self) -> Groom:
        """What is asked for."""
        colours = {"PHOTO": None, "NATURAL": tuple(colour_of(self.melanin, self.redness)), "OWN": tuple(self.colour)}
        colour = colours[self.colour_source]
        return Groom(
            cut=self.cut,
            brows=self.brows,
            beard=self.beard,
            colour=colour and (float(colour[0]), float(colour[1]), float(colour[2])),
            density=self.density,
            seed=self.seed,
        )


class STYLE_AVATAR_OT_add_hair(OnPerformance, bpy.types.Operator):
    """Let the head wear what is chosen."""

    bl_idname = "style_avatar.add_hair"
    bl_label = "Add Hair"
    bl_description = "Let the selected head wear this cut, brows and beard as hair curves; what it wore before goes"

    work = Grooming

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := head_here_reason(context):
            return reason
        if not knows_its_face(context.object):
            text = tr("{name} was made by an earlier version and does not say where its skin is; make the head again.")
            return text.format(name=context.object.name)
        return ""

    def execute(self, context: Any) -> set[str]:
        """Grow it."""
        return self.do(grooming_steps(context.object.name, context.scene.style_avatar_hair.groom()))


class STYLE_AVATAR_OT_remove_hair(Explained, bpy.types.Operator):
    """Take everything off."""

    bl_idname = "style_avatar.remove_hair"
    bl_label = "Remove Hair"
    bl_description = "Take hair, brows and beard off the head; its own brows come back"
    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := head_here_reason(context):
            return reason
        return "" if hair_of(context.object) else tr("{name} has no hair.").format(name=context.object.name)

    def execute(self, context: Any) -> set[str]:
        """Take it off."""
        add.take_off(context.object)
        SESSION.tell(context.object.name, tr("{name} has its hair off.").format(name=context.object.name))
        return {"FINISHED"}


CLASSES = (StyleAvatarHair, STYLE_AVATAR_OT_add_hair, STYLE_AVATAR_OT_remove_hair)


def register() -> None:
    """Put the settings on every scene."""
    bpy.types.Scene.style_avatar_hair = bpy.props.PointerProperty(type=StyleAvatarHair)


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.style_avatar_hair
