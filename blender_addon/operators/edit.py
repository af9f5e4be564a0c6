"""Change what a head plays: fewer keys, frames of another Action."""

from __future__ import annotations

from typing import Any

import bpy

from ..building.build import BODY
from ..editing import changes
from ..editing.ranges import Range, take_range_steps
from ..translations import tr
from .performance import OnPerformance


class STYLE_AVATAR_OT_reduce_keys(OnPerformance, bpy.types.Operator):
    """Fewer keys, to a tolerance on the mesh."""

    bl_idname = "style_avatar.reduce_keys"
    bl_label = "Reduce Keys"
    bl_description = "Remove the keys that no point of the face needs; lip closures and blinks keep theirs"

    def execute(self, context: Any) -> set[str]:
        """Compute in a thread, write in pieces."""
        name, settings = context.object.name, context.scene.style_avatar_edit
        tolerance, in_place = float(settings.tolerance), bool(settings.in_place)
        return self.do(lambda: changes.reduce_steps(name, tolerance, in_place))


def _others(self: Any, context: Any, text: str) -> list[str]:
    own = changes.found_on(context.object.name).action.name
    bodies = {one[BODY].name for one in bpy.data.actions if one.get(BODY) is not None}
    names = (one.name for one in bpy.data.actions if one.name not in bodies)
    return [name for name in names if name != own and text.lower() in name.lower()]


class STYLE_AVATAR_OT_take_range(OnPerformance, bpy.types.Operator):
    """A sentence from another performance."""

    bl_idname = "style_avatar.take_range"
    bl_label = "From Another Action"
    bl_description = "Replace a range of frames by the same range of another Action of this head; the rest stays"

    source: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="From",
        description="Action of this head with the same voice, in another style or variation",
        search=_others,
        search_options={"SORT"},
    )
    first: bpy.props.IntProperty(name="From Frame", description="First frame that is replaced")  # type: ignore[valid-type]
    last: bpy.props.IntProperty(name="To Frame", description="Last frame that is replaced")  # type: ignore[valid-type]
    blend: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Blend",
        description="Frames at both ends in which one goes over into the other; closed lips stay closed",
        default=5,
        min=0,
        max=50,
    )

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask which Action, beginning with the range in the panel."""
        self.pressed, settings = True, context.scene.style_avatar_edit
        self.first, self.last, self.blend = settings.first, settings.last, settings.blend
        asked: set[str] = context.window_manager.invoke_props_dialog(self)
        return asked

    def execute(self, context: Any) -> set[str]:
        """Replace the range."""
        if self.source not in bpy.data.actions:
            return self.refuse(tr("Choose the Action to take the frames from."))
        in_place = bool(context.scene.style_avatar_edit.in_place)
        name, source = context.object.name, str(self.source)
        chosen = Range(self.first, self.last, self.blend, in_place)
        return self.do(lambda: take_range_steps(name, source, chosen))


CLASSES = (STYLE_AVATAR_OT_take_range, STYLE_AVATAR_OT_reduce_keys)
