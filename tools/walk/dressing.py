"""Between steps 4 and 5 of the walk: hair on the head, skin that folds with the expression, and a set around it."""

from __future__ import annotations

from argparse import Namespace
from typing import Final

import bpy

from tools.walk.making import a_head, finished
from tools.walk.window import Steps, Window, heads, module, select


def hair(window: Window, asked: Namespace) -> Steps:
    """Add Hair, looked at in Material Preview, undone, and taken off."""
    yield from a_head(window, asked)
    select(heads()[0])
    grown = module("hair.objects").hair_of
    bpy.context.scene.style_avatar_hair.cut = "side_part"
    window.press("style_avatar.add_hair", "INVOKE_DEFAULT")
    yield from window.picture("4-hair-grows", "hair")
    yield from finished(window)
    window.check(f"{len(grown(heads()[0]))} objects of hair", bool(grown(heads()[0])))
    bpy.context.scene.frame_set(bpy.context.scene.frame_end // 3)
    yield from window.pretty()
    yield from window.picture("4-hair", "hair")
    window.plain()
    window.press("ed.undo")
    yield 2.0
    window.check("one undo takes the hair off", not grown(heads()[0]))
    window.press("ed.redo")
    yield 2.0
    window.check("redo brings it again", bool(grown(heads()[0])))
    select(heads()[0])
    window.press("style_avatar.remove_hair")
    window.check("taken off", not grown(heads()[0]))


def textures(window: Window, asked: Namespace) -> Steps:
    """Live Textures, and off again."""
    yield from a_head(window, asked)
    select(heads()[0])
    worn = module("building.living").worn
    window.press("style_avatar.live_textures", "INVOKE_DEFAULT")
    yield from finished(window)
    window.check(f"the skin is {worn(heads()[0])}", worn(heads()[0]) == "live")
    yield from window.picture("4-textures", "textures")
    window.press("style_avatar.remove_textures")
    window.check("taken off", not worn(heads()[0]))


def scenery(window: Window, asked: Namespace) -> Steps:
    """Build Set: a dark backdrop and two rim lights; and away again."""
    yield from a_head(window, asked)
    select(heads()[0])
    before = set(bpy.data.objects.keys())
    bpy.context.scene.style_avatar_set.light = "RIM"
    window.press("style_avatar.build_set")
    window.check(f"{len(set(bpy.data.objects.keys()) - before)} objects more", set(bpy.data.objects.keys()) != before)
    bpy.context.scene.frame_set(bpy.context.scene.frame_end // 3)
    yield from window.pretty()
    yield from window.picture("4-set", "set")
    window.plain()
    window.press("ed.undo")
    yield 2.0
    window.check("one undo takes it away", set(bpy.data.objects.keys()) == before)


STEPS: Final = (hair, textures, scenery)
