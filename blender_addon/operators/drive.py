"""Drive my character: match names, bake, and say what does not move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..building.steps import run_all
from ..driving import running
from ..driving.bake import Options, at_once
from ..driving.character import mapped
from ..driving.performance import missing
from ..driving.problems import problems
from ..driving.running import DESK
from ..driving.settings import chosen_character
from ..driving.source import SourceError
from ..driving.work import Order, RefusedError, drive_steps, name_of
from ..translations import tr
from .base import UNDO, Explained, busy_reason


class _OnCharacter(Explained):
    """Mixin: needs a character."""

    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if DESK.drive is not None:
            return busy_reason(tr("Drive Character"))
        chosen = context.scene.style_avatar_drive.character is not None
        return "" if chosen else tr("Choose a character: its mesh or its armature.")


class STYLE_AVATAR_OT_match_names(_OnCharacter, bpy.types.Operator):
    """Find out what moves what."""

    bl_idname = "style_avatar.match_names"
    bl_label = "Match Names"
    bl_description = "Find the character's shape keys and bones by their names; replaces the list"

    def execute(self, context: Any) -> set[str]:
        """Fill the list and the report."""
        settings = context.scene.style_avatar_drive
        character = chosen_character(context.scene)
        assert character is not None
        settings.show_rows(mapped(character))
        settings.show_report(problems(character, settings.mapping()))
        return {"FINISHED"}


class STYLE_AVATAR_OT_edit_mapping(_OnCharacter, bpy.types.Operator):
    """Add or remove a line."""

    bl_idname = "style_avatar.edit_mapping"
    bl_label = "Edit List"
    bl_description = "Add a line to the list, or remove the active one"

    action: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Action",
        description="What to do with the list",
        items=(("ADD", "Add", "Add a line"), ("REMOVE", "Remove", "Remove the active line")),
    )

    def execute(self, context: Any) -> set[str]:
        """Do it."""
        settings = context.scene.style_avatar_drive
        if self.action == "ADD":
            settings.rows.add()
            settings.active_row = len(settings.rows) - 1
        elif settings.rows:
            settings.rows.remove(settings.active_row)
            settings.active_row = max(0, min(settings.active_row, len(settings.rows) - 1))
        return {"FINISHED"}


class STYLE_AVATAR_OT_drive(_OnCharacter, bpy.types.Operator):
    """Put the performance onto the character."""

    bl_idname = "style_avatar.drive"
    bl_label = "Drive Character"
    bl_description = "Write the performance onto the character as a new Action, then look whether it really moves"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context):
            return reason
        settings = context.scene.style_avatar_drive
        if not any(row.on for row in settings.mapping()):
            return tr("Press Match Names first.")
        return missing(settings)

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Begin; a timer does the rest. The step that this makes is the one that an undo leads back to."""
        context.scene.style_avatar_drive.show_report([])
        DESK.begin(order_of(context.scene))
        return {"FINISHED"}

    def execute(self, context: Any) -> set[str]:
        """All of it at once, for scripts."""
        return drive_now(self, order_of(context.scene))


def order_of(scene: Any) -> Order:
    """What the panel asks for."""
    settings = scene.style_avatar_drive
    return Order(
        scene=scene.name,
        character=name_of(settings.character),
        rows=tuple(settings.mapping()),
        options=Options(
            first_frame=settings.first_frame,
            fps=scene.render.fps / scene.render.fps_base,
            amplitude=settings.amplitude,
            head=settings.head_amount,
            neck_share=settings.neck_share,
        ),
        head=name_of(settings.head) if settings.source == "HEAD" else None,
        file=Path(bpy.path.abspath(settings.file)),
        csv_rate=settings.csv_rate,
        with_head=settings.source == "HEAD" and settings.with_head,
    )


def drive_now(operator: Any, order: Order) -> set[str]:
    """Drive a character before returning, and report what came of it."""
    settings = bpy.data.scenes[order.scene].style_avatar_drive
    try:
        done = run_all(drive_steps(order, at_once))
    except RefusedError as error:
        settings.show_report(error.lines)
        return set(operator.refuse(str(error)))
    except SourceError as error:
        return set(operator.refuse(str(error)))
    wrong = [line.text for line in settings.report if line.level == "ERROR"]
    operator.report({"WARNING"} if wrong else {"INFO"}, wrong[0] if wrong else done)
    return {"FINISHED"}


class STYLE_AVATAR_OT_cancel_drive(Explained, bpy.types.Operator):
    """Give up."""

    bl_idname = "style_avatar.cancel_drive"
    bl_label = "Cancel"
    bl_description = "Stop driving the character and take back what was written (Esc)"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return "" if DESK.drive is not None else tr("Nothing is being computed.")

    def execute(self, context: Any) -> set[str]:
        """Do it."""
        DESK.cancel()
        return {"FINISHED"}


CLASSES = (
    STYLE_AVATAR_OT_match_names,
    STYLE_AVATAR_OT_edit_mapping,
    STYLE_AVATAR_OT_drive,
    STYLE_AVATAR_OT_cancel_drive,
)

_keys: list[tuple[Any, Any]] = []


def register() -> None:
    """Look after what runs, and let Esc cancel it in every window; the key is free while nothing runs."""
    running.register()
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is not None:  # None without windows
        keymap = configuration.keymaps.new(name="Window", space_type="EMPTY")
        _keys.append((keymap, keymap.keymap_items.new(STYLE_AVATAR_OT_cancel_drive.bl_idname, "ESC", "PRESS")))


def unregister() -> None:
    """Give Esc back."""
    for keymap, item in _keys:
        keymap.keymap_items.remove(item)
    _keys.clear()
    running.unregister()
