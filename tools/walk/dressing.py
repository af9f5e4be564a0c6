"""Between steps 4 and 5 of the walk: hair on the head, skin that folds with the expression, and a set around it."""

from __future__ import annotations

from argparse import Namespace
from typing import Any, Final

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
    """Live Textures, scrubbed in Material Preview to where the brows are highest and lowest, and off again."""
    yield from a_head(window, asked)
    select(heads()[0])
    worn = module("building.living").worn
    window.press("style_avatar.live_textures", "INVOKE_DEFAULT")
    yield from finished(window)
    window.check(f"the skin is {worn(heads()[0])}", worn(heads()[0]) == "live")
    yield from window.picture("4-textures", "textures")
    low, high = lowest_and_highest(heads()[0], "browInnerUp")
    for name, frame in (("raised", high), ("calm", low)):
        bpy.context.scene.frame_set(frame)
        yield from window.pretty()
        yield from window.picture(f"4-textures-{name}", "textures")
    window.plain()
    window.press("style_avatar.remove_textures")
    window.check("taken off", not worn(heads()[0]))


def lowest_and_highest(head: Any, key: str) -> tuple[int, int]:
    """The frames on which a shape key that is animated is lowest and highest."""
    curves = module("compat").curves_of(head.data.shape_keys)
    curve = next(one for one in curves if f'"{key}"' in one.data_path)
    points = sorted(curve.keyframe_points, key=lambda point: float(point.co.y))
    return round(points[0].co.x), round(points[-1].co.x)


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
