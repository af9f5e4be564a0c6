"""The node groups of a head's materials: skin and lips, eyes, and the inside of the mouth.

They use nodes that Blender 4.2 to 5.2 have and EEVEE and Cycles both know. Artists find the amounts on the group node.
"""

from __future__ import annotations

from typing import Any, Final

from . import nodes
from .bake import LIP_DENSITY, LIP_STRENGTH, OIL, PIT, WET
from .fields import UV_DENSITY
from .images import detail_image
from .maps import EYE_REACH, LIP_TILE, PORE_TILE
from .nodes import Group

SKIN_ATTRIBUTE: Final = "skin_detail"  # pores, oil, wetness
SURFACE_ATTRIBUTE: Final = "surface_detail"  # openness, lip, depth in the mouth
IRIS_ATTRIBUTE: Final = "iris_disc"

CORNEA: Final = 1.376  # index of refraction
IRIS_DEPTH: Final = 0.36  # of the iris below the cornea's top, in radii of the iris
HOLLOW: Final = 0.85  # how much the iris's normals lean inwards; 0.4 would be a flat iris
LID_SHADE: Final = 0.009  # metres over which lids darken the eyeball
PALE_LIPS: Final = (0.12, 0.42)  # green of lips, linear, from which on they are too pale, and far too pale
LIP_RED: Final = (0.84, 0.55, 0.56)  # factors on the palest
LIP_MEETING: Final = 0.8  # how dark lips are where they meet: all of 0.75² of this
LIP_LINES: Final = 0.45  # and in the lines across them
ENAMEL: Final = (0.56, 0.50, 0.41)  # linear
AMOUNT: Final = ("Float", 1.0, 0.0, 3.0)


def skin_group() -> Any:
    """Pores, lip lines, oil and wetness: from a roughness and a specular level to the skin's own."""
    if (found := nodes.known("skin 2")) is not None:
        return found
    group = Group(
        "Style Avatar Skin",
        {
            "Roughness": ("Float", 0.5, 0.0, 1.0),
            "Specular": ("Float", 0.5, 0.0, 1.0),
            "Pores": AMOUNT,
            "Lip Lines": AMOUNT,
            "Oil": AMOUNT,
            "Wetness": AMOUNT,
        },
        {"Roughness": "Float", "Specular": "Float", "Coat": "Float", "Normal": "Vector"},
    )
    group.tree[nodes.MARK] = "skin 2"
    pores, oil, wet = group.parts(SKIN_ATTRIBUTE)
    openness, lip, _ = group.parts(SURFACE_ATTRIBUTE)
    plane = group.add("ShaderNodeUVMap").outputs["UV"]
    skin = group.picture(detail_image("Pores"), group.vector("SCALE", plane, UV_DENSITY / PORE_TILE))
    lips = _lip_lines(group, plane)

    strength = group.between(
        lip,
        group.maths("MULTIPLY", pores, group.given("Pores")),
        group.maths("MULTIPLY", LIP_STRENGTH, group.given("Lip Lines")),
    )
    bent = group.add("ShaderNodeNormalMap")
    group.link(strength, bent.inputs["Strength"])
    group.link(group.mix(lip, skin.outputs["Color"], lips.outputs["Color"]), bent.inputs["Color"])
    group.give("Normal", bent.outputs["Normal"])

    raised = group.between(lip, skin.outputs["Alpha"], lips.outputs["Alpha"])
    sunk = group.maths("MULTIPLY", group.maths("SUBTRACT", 1.0, raised), strength, clamp=True)
    wetness = group.maths("MULTIPLY", wet, group.given("Wetness"), clamp=True)
    oiled = group.maths("MULTIPLY", group.maths("MULTIPLY", oil, group.given("Oil")), OIL)
    dry = group.maths("ADD", group.maths("ADD", group.given("Roughness"), oiled), group.maths("MULTIPLY", sunk, PIT))
    group.give("Roughness", group.between(wetness, dry, WET))
    shown = group.maths("MULTIPLY", group.maths("MULTIPLY_ADD", sunk, -0.55, 1.0), group.between(openness, 0.35, 1.0))
    group.give("Specular", group.maths("MULTIPLY", group.given("Specular"), shown))
    group.give("Coat", group.maths("MULTIPLY", wetness, 0.6))
    return group.tree


def iris_view_group() -> Any:
    """Where one looks at through the cornea: the place on the UV square and on the eyeball, behind the refraction."""
    if (found := nodes.known("iris view 1")) is not None:
        return found
    group = Group(
        "Style Avatar Iris View",
        {"Depth": ("Float", 1.0, 0.0, 2.0), "UV Radius": ("Float", 0.0131, 0.0, 1.0)},
        {"UV": "Vector", "Disc": "Vector"},
    )
    group.tree[nodes.MARK] = "iris view 1"
    disc = group.add("ShaderNodeAttribute", attribute_name=IRIS_ATTRIBUTE).outputs["Vector"]
    geometry, right, up = _frame(group)
    towards = geometry.outputs["Incoming"]
    across = group.add("ShaderNodeCombineXYZ")
    group.link(group.vector("DOT_PRODUCT", towards, right), across.inputs[0])
    group.link(group.vector("DOT_PRODUCT", towards, up), across.inputs[1])
    bent = group.vector("SCALE", across.outputs[0], -1 / CORNEA)  # Snell: the part along the surface
    down = group.maths("SQRT", group.maths("SUBTRACT", 1.0, group.vector("DOT_PRODUCT", bent, bent)))
    hollow = group.maths("SUBTRACT", 1.0, group.vector("DOT_PRODUCT", disc, disc), clamp=True)
    depth = group.maths("MULTIPLY", group.maths("MULTIPLY", hollow, group.given("Depth")), IRIS_DEPTH)
    shift = group.vector("SCALE", bent, group.maths("DIVIDE", depth, down))
    group.give("Disc", group.vector("ADD", disc, shift))
    plane = group.add("ShaderNodeUVMap").outputs["UV"]
    group.give("UV", group.vector("ADD", plane, group.vector("SCALE", shift, group.given("UV Radius"))))
    return group.tree


def eye_group() -> Any:
    """Fibres, pupil, rim and veins over the eye's colour, the hollow iris, and the shade of the lids."""
    if (found := nodes.known("eye 1")) is not None:
        return found
    group = Group(
        "Style Avatar Eye",
        {
            "Color": ("Color", (0.8, 0.8, 0.8, 1.0)),
            "Disc": ("Vector", (9.0, 9.0, 0.0)),
            "Detail": ("Float", 1.0, 0.0, 1.0),
            "Lid Shade": ("Float", 0.75, 0.0, 1.0),
            "Hollow": AMOUNT,
        },
        {"Color": "Color", "Normal": "Vector"},
    )
    group.tree[nodes.MARK] = "eye 1"
    disc = group.given("Disc")
    place = group.vector("MULTIPLY_ADD", disc, (0.5 / EYE_REACH,) * 3, (0.5, 0.5, 0.0))
    factor = group.vector("SCALE", group.picture(detail_image("Eye"), place, "EXTEND").outputs["Color"], 2.0)
    factor = group.mix(group.given("Detail"), (1.0, 1.0, 1.0, 1.0), factor)
    shade = group.add("ShaderNodeAmbientOcclusion", samples=8, only_local=True)
    group.link(LID_SHADE, shade.inputs["Distance"])
    lit = group.between(group.maths("POWER", shade.outputs["AO"], 1.5), 0.3, 1.0)
    lit = group.between(group.given("Lid Shade"), 1.0, lit)
    shown = group.vector("MULTIPLY", group.given("Color"), factor)
    group.give("Color", group.vector("SCALE", shown, lit))

    geometry, right, up = _frame(group)
    reach = group.vector("LENGTH", disc)
    inside = group.maths("SUBTRACT", 1.0, group.ramp(reach, 0.85, 1.0))
    lean = group.maths("MULTIPLY", group.maths("MULTIPLY", inside, group.given("Hollow")), -HOLLOW)
    split = group.add("ShaderNodeSeparateXYZ")
    group.link(disc, split.inputs[0])
    outward = group.vector(
        "ADD", group.vector("SCALE", right, split.outputs[0]), group.vector("SCALE", up, split.outputs[1])
    )
    leant = group.vector("ADD", geometry.outputs["Normal"], group.vector("SCALE", outward, lean))
    group.give("Normal", group.vector("NORMALIZE", leant))
    return group.tree


def lip_group() -> Any:
    """Lips redder than the face model's, where those are pale; darker where they meet and in the lines across them.

    The model's light people have lips as light as a photo's, where the light on them is still in the colour.
    """
    if (found := nodes.known("lips 1")) is not None:
        return found
    inputs = {"Color": ("Color", (0.8, 0.5, 0.45, 1.0)), "Redness": AMOUNT, "Lip Line": AMOUNT, "Lines": AMOUNT}
    group = Group("Style Avatar Lips", inputs, {"Color": "Color"})
    group.tree[nodes.MARK] = "lips 1"
    _, _, wet = group.parts(SKIN_ATTRIBUTE)
    _, lip, _ = group.parts(SURFACE_ATTRIBUTE)
    split = group.add("ShaderNodeSeparateColor")
    group.link(group.given("Color"), split.inputs[0])
    pale = group.maths("MULTIPLY", group.ramp(split.outputs[1], *PALE_LIPS), lip)
    red = group.mix(
        group.maths("MULTIPLY", pale, group.given("Redness"), clamp=True), (1.0, 1.0, 1.0, 1.0), (*LIP_RED, 1.0)
    )
    shut = group.maths("MULTIPLY", group.maths("POWER", wet, 2.0), lip)
    shut = group.maths("MULTIPLY", group.maths("MULTIPLY", shut, group.given("Lip Line")), LIP_MEETING, clamp=True)
    line = _lip_lines(group, group.add("ShaderNodeUVMap").outputs["UV"]).outputs["Alpha"]
    sunk = group.maths("MULTIPLY", group.maths("SUBTRACT", 1.0, line), lip)
    sunk = group.maths("MULTIPLY", group.maths("MULTIPLY", sunk, group.given("Lines")), LIP_LINES, clamp=True)
    lit = group.maths("MULTIPLY", group.maths("SUBTRACT", 1.0, shut), group.maths("SUBTRACT", 1.0, sunk))
    group.give("Color", group.vector("SCALE", group.vector("MULTIPLY", group.given("Color"), red), lit))
    return group.tree


def _lip_lines(group: Group, plane: Any) -> Any:
    """The tile of lines across the lips, at places on the UV square."""
    scale = (*(density / LIP_TILE for density in LIP_DENSITY), 1.0)
    return group.picture(detail_image("Lip lines"), group.vector("MULTIPLY", plane, scale))


def mouth_group() -> Any:
    """What lies deeper in the mouth is darker: the light that lips and cheeks keep out, which EEVEE does not see.

    Enamel lightens teeth; Glow is the light that flesh passes on, so that a throat is dark red and not black.
    """
    if (found := nodes.known("mouth 2")) is not None:
        return found
    inputs = {
        "Color": ("Color", (0.8, 0.8, 0.8, 1.0)),
        "Shade": ("Float", 0.7, 0.0, 1.0),
        "Enamel": ("Float", 0.0, 0.0, 1.0),
        "Glow": ("Float", 0.0, 0.0, 1.0),
    }
    group = Group("Style Avatar Mouth", inputs, {"Color": "Color", "Glow": "Float"})
    group.tree[nodes.MARK] = "mouth 2"
    _, _, depth = group.parts(SURFACE_ATTRIBUTE)
    own = group.mix(group.given("Enamel"), group.given("Color"), (*ENAMEL, 1.0))
    group.give("Color", group.vector("SCALE", own, group.between(group.given("Shade"), 1.0, depth)))
    group.give("Glow", group.maths("MULTIPLY", group.given("Glow"), group.maths("SUBTRACT", 1.0, depth)))
    return group.tree


def _frame(group: Group) -> tuple[Any, Any, Any]:
    """The geometry node, and the directions in which u and v grow on the surface."""
    geometry = group.add("ShaderNodeNewGeometry")
    right = group.add("ShaderNodeTangent", direction_type="UV_MAP").outputs["Tangent"]
    return geometry, right, group.vector("CROSS_PRODUCT", geometry.outputs["Normal"], right)
