"""Put hair, brows and a beard on a head, in place of what it wore before; `add_hair` is the one way in."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from ..building.steps import Steps, run_all, waited
from .cuts import CUTS
from .groom import Groom, grown
from .hidden_brows import hide_brows, show_brows
from .known_colours import PROPERTIES
from .material import hair_material
from .objects import KIND, curves_object, hair_colour, hair_of, remove_objects, surface_of
from .scalp import shade_scalp, unshade

CHOICE: Final = "style_avatar_groom"  # on a head: what it wears, as JSON
ROOTS: Final = {"brows": 0.9, "beard": 0.8}  # factors on the colour at the root; that of hair is its cut's
BROW_SHADE: Final = 0.75  # brows against a colour that was chosen for the hair
BEARD_SHADE: Final = 0.85


def add_hair(head_object: Any, groom: Groom) -> list[Any]:
    """All of `hair_steps` at once; the new objects."""
    return run_all(hair_steps(head_object, groom))


def hair_steps(head_object: Any, groom: Groom) -> Steps[list[Any]]:
    """Let `head_object`, a head of this add-on, wear `groom`; what it wore before goes.

    Returns the new objects of hair curves: children of the head, one for each of hair, brows and beard that is wanted.

    Raises:
        HairError: the head does not say where its face is, or has no place for such hair.
        ReferenceError: the head was deleted meanwhile.
    """
    surface = surface_of(head_object)
    yield "hair", 0, 4
    strands = yield from waited(grown, surface, groom)
    yield "hair", 1, 4
    before, made = hair_of(head_object), []
    for kind, some in strands.items():
        colour = colour_of_kind(head_object, groom, kind)
        root = CUTS[groom.cut].root if kind == "hair" else ROOTS[kind]
        material = hair_material(f"{head_object.name} {kind}", colour, root=root)
        made.append(curves_object(head_object, some, kind, material))
        yield "hair", 2, 4
    remove_objects(before)  # last, so that what is given up before leaves the head as it was
    for hair in made:
        name = f"{head_object.name} {hair[KIND]}"
        hair.name = hair.data.name = hair.data.materials[0].name = name
    (hide_brows if groom.brows else show_brows)(head_object)
    if groom.cut in CUTS:
        shade_scalp(head_object, surface, colour_of_kind(head_object, groom, "hair"), CUTS[groom.cut].shade)
    else:
        unshade(head_object)
    head_object[CHOICE] = json.dumps(asdict(groom))
    yield "hair", 4, 4
    return made


def take_off(head_object: Any) -> None:
    """Remove all hair from the head and let its own brows be seen again."""
    remove_objects(hair_of(head_object))
    unshade(head_object)
    show_brows(head_object)
    if CHOICE in head_object:
        del head_object[CHOICE]


def colour_of_kind(head_object: Any, groom: Groom, kind: str) -> tuple[float, float, float]:
    """Linear RGB of "hair", "brows" or "beard": what was chosen, else what is known of the person."""
    if groom.colour is not None:
        shade = {"hair": 1.0, "brows": BROW_SHADE, "beard": BEARD_SHADE}[kind]
        red, green, blue = groom.colour
        return shade * red, shade * green, shade * blue
    return hair_colour(head_object, PROPERTIES["brows" if kind == "brows" else "hair"])


def worn_by(head_object: Any) -> Groom | None:
    """What the head wears, None when it has no hair of ours any more."""
    if CHOICE not in head_object or not hair_of(head_object):
        return None
    known = json.loads(head_object[CHOICE])
    colour = known.pop("colour", None)
    return Groom(**known, colour=tuple(colour) if colour else None)
