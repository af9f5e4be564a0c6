"""The list of sentences, words and pauses of what the active head plays: `WindowManager.style_avatar_parts`.

It is filled by the session's timer, as a panel may change nothing while it is drawn, and is never saved.
"""

from __future__ import annotations

import json
from typing import Any

import bpy

from ..building.build import TAKE
from .parts import parts
from .played import Played, played

ASKED = "style_avatar_asked"


_filling = [False]  # Blender cannot tell a click from a line that is chosen anew


def _chosen(self: Any, context: Any) -> None:
    """A click: the range is that part, and the scene goes there."""
    if _filling[0] or not 0 <= self.index < len(self.rows):
        return
    row, scene = self.rows[self.index], context.scene
    scene.style_avatar_edit.first, scene.style_avatar_edit.last = row.first, row.last
    scene.frame_set(row.first)


class StyleAvatarPart(bpy.types.PropertyGroup):
    """One line; `name` is what is said."""

    first: bpy.props.IntProperty(name="From Frame", description="First frame of this part")  # type: ignore[valid-type]
    last: bpy.props.IntProperty(name="To Frame", description="Last frame of this part")  # type: ignore[valid-type]
    seconds: bpy.props.StringProperty(name="Time", description="When it is said, in seconds")  # type: ignore[valid-type]


class StyleAvatarParts(bpy.types.PropertyGroup):
    """The lines, and which one is chosen (-1 for none); of: what they were made from."""

    rows: bpy.props.CollectionProperty(  # type: ignore[valid-type]
        name="Parts", description="What is said when", type=StyleAvatarPart
    )
    index: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Part", description="Click to take it as the range and go there", default=-1, update=_chosen
    )
    of: bpy.props.StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]


CLASSES = (StyleAvatarPart, StyleAvatarParts)


def register() -> None:
    """Put the list on the window manager."""
    bpy.types.WindowManager.style_avatar_parts = bpy.props.PointerProperty(type=StyleAvatarParts)


def unregister() -> None:
    """Take it away."""
    del bpy.types.WindowManager.style_avatar_parts


def refresh() -> bool:
    """Let the list show what the active head of the first window plays; returns whether it has changed."""
    windows = bpy.context.window_manager.windows
    if not windows or not hasattr(bpy.types.WindowManager, "style_avatar_parts"):
        return False
    scene, head = windows[0].scene, windows[0].view_layer.objects.active
    listed = bpy.context.window_manager.style_avatar_parts
    found = played(head) if head is not None and _is_head(head) else None
    of = _told(scene, found)
    if of == listed.of:
        return False
    chosen, before = listed.index, [(row.first, row.last) for row in listed.rows]
    listed.rows.clear()
    listed.of = of
    if found is not None:
        _fill(listed, scene, found)
    same = before == [(row.first, row.last) for row in listed.rows]
    _filling[0] = True
    listed.index = chosen if same else -1  # the same voice in another Action: what was chosen stays
    _filling[0] = False
    return True


def _is_head(head: Any) -> bool:
    return "style_avatar_identity" in head and head.type == "MESH" and head.data.shape_keys is not None


def _told(scene: Any, found: Played | None) -> str:
    if found is None:
        return ""
    return f"{scene.name} {found} {scene.style_avatar_edit.parts} {hash(found.action.get(TAKE, ''))}"


def _fill(listed: Any, scene: Any, found: Played) -> None:
    try:
        facts, asked = (json.loads(found.action.get(name, "{}")) for name in (TAKE, ASKED))
        timeline, transcript = facts["timeline"], asked.get("transcript", "")
        fps = float(asked.get("fps") or facts.get("fps") or 25.0)
        begin = float(asked.get("first_frame", 1))
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    for part in parts(timeline, str(transcript), scene.style_avatar_edit.parts, begin + found.face.offset, fps):
        row = listed.rows.add()
        row.name, row.first, row.last = part.text, part.first, part.last
        start, end = ((frame - begin - found.face.offset) / fps for frame in (part.first, part.last + 1))
        row.seconds = f"{start:.1f} – {end:.1f} s"
