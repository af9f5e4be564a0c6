"""Change what a head plays."""

from __future__ import annotations

from typing import Any

import bpy

from ..background import Background
from ..editing import changes
from ..editing.amounts import NAMES
from ..editing.layers import Layer, plays, read_layer
from ..editing.reduce import Reduction, reduce
from ..translations import tr
from .base import UNDO, Explained, head_in_object_mode_reason


def edit_reason(context: Any) -> str:
    """Why there is nothing to edit, or ""."""
    if reason := head_in_object_mode_reason(context):
        return reason
    head = context.object
    if head.library is not None or head.data.library is not None:
        return tr("{name} is linked from another file; open that file.").format(name=head.name)
    if not plays(head):
        return tr("{name} plays no Action; press Animate, or assign one.").format(name=head.name)
    return ""


class _OnPerformance(Explained):
    """Mixin: changes what the active head plays."""

    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return edit_reason(context)


class STYLE_AVATAR_OT_reduce_keys(_OnPerformance, bpy.types.Operator):
    """Fewer keys, to a tolerance on the mesh."""

    bl_idname = "style_avatar.reduce_keys"
    bl_label = "Reduce Keys"
    bl_description = "Remove the keys that no point of the face needs; lip closures and blinks keep theirs"

    def execute(self, context: Any) -> set[str]:
        """All at once, for scripts."""
        self._begin(context)
        return self._end(context)

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Compute in a thread; Blender can be used meanwhile."""
        self._begin(context)
        self._timer = context.window_manager.event_timer_add(0.1, window=context.window)
        context.window_manager.modal_handler_add(self)
        context.workspace.status_text_set(tr("Reducing keys; Esc cancels"))
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> set[str]:
        """Wait for the thread."""
        if event.type == "ESC" or not self._work.done:
            if event.type != "ESC":
                return {"PASS_THROUGH"}
            self._stop(context)
            return {"CANCELLED"}
        self._stop(context)
        return self._end(context)

    def _begin(self, context: Any) -> None:
        head = context.object
        self._name, self._before = head.name, changes.fingerprint(head)
        self._layer: Layer = read_layer(head)
        tolerance = context.scene.style_avatar_edit.tolerance
        layer = self._layer
        self._work: Background[Reduction] = Background(reduce, layer.tracks, layer.mesh, tolerance, layer.exact)

    def _stop(self, context: Any) -> None:
        context.window_manager.event_timer_remove(self._timer)
        context.workspace.status_text_set(None)

    def _end(self, context: Any) -> set[str]:
        reduction = self._work.result()
        head = bpy.data.objects.get(self._name)
        if head is None or not plays(head) or changes.fingerprint(head) != self._before:
            return self.refuse(tr("The keys were changed meanwhile; press Reduce Keys again."))
        action = changes.write_reduced(head, self._layer, reduction, context.scene.style_avatar_edit.in_place)
        text = tr("{before} keys became {after}; the largest error is {error} mm.")
        action["style_avatar_reduced"] = [float(self._layer.keys), float(reduction.keys), reduction.largest]
        note = text.format(before=self._layer.keys, after=reduction.keys, error=f"{reduction.largest:.3f}")
        self.report({"INFO"}, note)
        return {"FINISHED"}


def _amount(name: str, description: str) -> Any:
    return bpy.props.FloatProperty(name=name, description=description, default=1.0, min=0.0, max=2.0, subtype="FACTOR")


class STYLE_AVATAR_OT_set_amounts(_OnPerformance, bpy.types.Operator):
    """How far each region moves."""

    bl_idname = "style_avatar.set_amounts"
    bl_label = "Set Amounts"
    bl_description = "Let each region of the face move more or less; lips still close and lids still shut"

    lips: _amount("Lips", "How far the lips move; they close on m, b and p at any amount")  # type: ignore[valid-type]
    jaw: _amount("Jaw", "How far the jaw opens")  # type: ignore[valid-type]
    brows: _amount("Brows", "How far the brows move")  # type: ignore[valid-type]
    eyes: _amount("Eyes", "How far the eyes wander and narrow; blinks stay whole")  # type: ignore[valid-type]
    cheeks: _amount("Cheeks and Nose", "How far cheeks and nose move")  # type: ignore[valid-type]
    tongue: _amount("Tongue", "How far the tongue moves")  # type: ignore[valid-type]
    neck: _amount("Neck", "How much the neck tenses")  # type: ignore[valid-type]
    head: _amount("Head", "How far the head moves and turns about its middle place")  # type: ignore[valid-type]

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask how much, beginning with what is set."""
        for name, value in changes.amounts_of(context.object).items():
            setattr(self, name, value)
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: Any) -> set[str]:
        """Compute the keys from the original."""
        changes.set_amounts(context.object, {name: getattr(self, name) for name in NAMES})
        return {"FINISHED"}


class STYLE_AVATAR_OT_reset_amounts(_OnPerformance, bpy.types.Operator):
    """Everything as it was."""

    bl_idname = "style_avatar.reset_amounts"
    bl_label = "Reset Amounts"
    bl_description = "Let every region move as it did at first"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context):
            return reason
        changed = any(value != 1.0 for value in changes.amounts_of(context.object).values())
        return "" if changed else tr("All amounts are 1 already.")

    def execute(self, context: Any) -> set[str]:
        """Compute the keys from the original."""
        changes.set_amounts(context.object, dict.fromkeys(NAMES, 1.0))
        return {"FINISHED"}


class STYLE_AVATAR_OT_make_layer(_OnPerformance, bpy.types.Operator):
    """Key on top of the performance."""

    bl_idname = "style_avatar.make_layer"
    bl_label = "Make It a Layer"
    bl_description = "Put the performance onto NLA tracks; what you key afterwards is added on top of it"

    def execute(self, context: Any) -> set[str]:
        """Push both Actions."""
        head = context.object
        changes.make_layer(head, head.data.shape_keys.animation_data.action.name)
        return {"FINISHED"}


def _others(self: Any, context: Any, text: str) -> list[str]:
    own = context.object.data.shape_keys.animation_data.action.name
    names = (one.name for one in bpy.data.actions if not one.name.endswith(" object"))
    return [name for name in names if name != own and text.lower() in name.lower()]


class STYLE_AVATAR_OT_take_range(_OnPerformance, bpy.types.Operator):
    """A sentence from another performance."""

    bl_idname = "style_avatar.take_range"
    bl_label = "Redo Range"
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
        """Ask which, beginning with the selected markers or the preview range."""
        scene = context.scene
        marked = sorted(marker.frame for marker in scene.timeline_markers if marker.select)
        preview = scene.use_preview_range
        self.first, self.last = (
            (scene.frame_preview_start if preview else scene.frame_start),
            (scene.frame_preview_end if preview else scene.frame_end),
        )
        if len(marked) > 1:
            self.first, self.last = marked[0], marked[-1]
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: Any) -> set[str]:
        """Replace the range."""
        if self.source not in bpy.data.actions:
            return self.refuse(tr("Choose the Action to take the frames from."))
        in_place = context.scene.style_avatar_edit.in_place
        try:
            changes.take_range(context.object, self.source, self.first, self.last, self.blend, in_place)
        except ValueError:
            return self.refuse(tr("Both Actions need linear keys in these frames; choose others."))
        return {"FINISHED"}


CLASSES = (
    STYLE_AVATAR_OT_take_range,
    STYLE_AVATAR_OT_reduce_keys,
    STYLE_AVATAR_OT_set_amounts,
    STYLE_AVATAR_OT_reset_amounts,
    STYLE_AVATAR_OT_make_layer,
)
