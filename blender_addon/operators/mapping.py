"""Presets of mappings: load, save, rename, delete."""

from __future__ import annotations

from typing import Any

import bpy

from ..driving.character import targets
from ..driving.problems import Problem, listed, problems
from ..driving.settings import chosen_character, preset_folder
from ..retarget import presets
from ..translations import tr
from .base import UNDO, Explained


class _OnPreset(Explained):
    """Mixin: the name in the field, and errors as messages."""

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return "" if context.scene.style_avatar_drive.preset else tr("Give the preset a name.")

    def execute(self, context: Any) -> set[str]:
        """Do what the operator does."""
        try:
            self.work(context, context.scene.style_avatar_drive)
        except (presets.PresetError, OSError) as error:
            return self.refuse(str(error))
        return {"FINISHED"}

    def work(self, context: Any, settings: Any) -> None:
        """What the operator does."""
        raise NotImplementedError


class STYLE_AVATAR_OT_load_mapping(_OnPreset, bpy.types.Operator):
    """Use a preset."""

    bl_idname = "style_avatar.load_mapping"
    bl_label = "Load Preset"
    bl_description = "Replace the list by the preset; lines whose shape key or bone is missing here are left out"
    bl_options = UNDO

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if context.scene.style_avatar_drive.character is None:
            return tr("Choose a character: its mesh or its armature.")
        return super().disabled_reason(context)

    def work(self, context: Any, settings: Any) -> None:
        """Load what fits."""
        character = chosen_character(context.scene)
        assert character is not None
        rows, gone = presets.fitted(presets.load(preset_folder(context), settings.preset), targets(character))
        settings.show_rows(rows)
        found = problems(character, rows)
        if gone:
            found.insert(0, Problem("WARNING", tr("Not on this character: {names}.").format(names=listed(gone))))
        settings.show_report(found)


class STYLE_AVATAR_OT_save_mapping(_OnPreset, bpy.types.Operator):
    """Keep the list."""

    bl_idname = "style_avatar.save_mapping"
    bl_label = "Save Preset"
    bl_description = "Save the list under this name, for other characters of the same kind; never replaces another one"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        settings = context.scene.style_avatar_drive
        if not settings.preset:
            return tr("Give the preset a name.")
        return "" if settings.rows else tr("Press Match Names first.")

    def work(self, context: Any, settings: Any) -> None:
        """Save it."""
        presets.save(preset_folder(context), settings.preset, settings.mapping())


class STYLE_AVATAR_OT_rename_mapping(_OnPreset, bpy.types.Operator):
    """Give a preset another name."""

    bl_idname = "style_avatar.rename_mapping"
    bl_label = "Rename Preset"
    bl_description = "Give the preset another name"

    new_name: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="New Name", description="Name of the preset from now on"
    )

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask for the name."""
        self.new_name = context.scene.style_avatar_drive.preset
        return set(context.window_manager.invoke_props_dialog(self))

    def work(self, context: Any, settings: Any) -> None:
        """Rename it."""
        presets.rename(preset_folder(context), settings.preset, self.new_name)
        settings.preset = self.new_name.strip()


class STYLE_AVATAR_OT_delete_mapping(_OnPreset, bpy.types.Operator):
    """Take a preset away."""

    bl_idname = "style_avatar.delete_mapping"
    bl_label = "Delete Preset"
    bl_description = "Delete the file of this preset; the list stays"

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask first."""
        return set(context.window_manager.invoke_confirm(self, event))

    def work(self, context: Any, settings: Any) -> None:
        """Delete it."""
        presets.delete(preset_folder(context), settings.preset)
        settings.preset = ""


CLASSES = (
    STYLE_AVATAR_OT_load_mapping,
    STYLE_AVATAR_OT_save_mapping,
    STYLE_AVATAR_OT_rename_mapping,
    STYLE_AVATAR_OT_delete_mapping,
)
