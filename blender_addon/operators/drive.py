"""Drive my character: match names, bake, and say what does not move."""

from __future__ import annotations

from typing import Any

import bpy

from ..driving.bake import Options, bake
from ..driving.character import mapped
from ..driving.performance import missing, performance
from ..driving.problems import problems
from ..driving.settings import chosen_character
from ..driving.source import SourceError
from ..driving.verify import verified
from ..translations import tr
from .base import UNDO, Explained


class _OnCharacter(Explained):
    """Mixin: needs a character."""

    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
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

    def execute(self, context: Any) -> set[str]:
        """Bake, look, and report."""
        scene, settings = context.scene, context.scene.style_avatar_drive
        character = chosen_character(scene)
        assert character is not None
        rows = settings.mapping()
        before = problems(character, rows)
        try:
            tracks = performance(settings, scene)
        except SourceError as error:
            return self.refuse(str(error))
        options = Options(
            first_frame=settings.first_frame,
            fps=scene.render.fps / scene.render.fps_base,
            amplitude=settings.amplitude,
            head=settings.head_amount,
            neck_share=settings.neck_share,
        )
        if twice_driven := [one for one in before if one.level == "ERROR" and one.code == "twice"]:
            settings.show_report(before)
            return self.refuse(twice_driven[0].text)
        baked = bake(character, tracks, rows, options)
        after = verified(character, baked)
        settings.show_report([*after, *before])
        if not baked.shapes and not baked.bones and not baked.objects:
            return self.refuse(tr("Nothing was written. Read the report below."))
        scene.frame_end = max(scene.frame_end, baked.frames[1])
        wrong = [one for one in after if one.level == "ERROR"]
        text = tr("{shapes} shape keys and {bones} bones in the Action {name}.").format(
            shapes=len(baked.shapes), bones=len(baked.bones), name=baked.name
        )
        self.report({"WARNING"} if wrong else {"INFO"}, wrong[0].text if wrong else text)
        return {"FINISHED"}


CLASSES = (STYLE_AVATAR_OT_match_names, STYLE_AVATAR_OT_edit_mapping, STYLE_AVATAR_OT_drive)
