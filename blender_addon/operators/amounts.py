"""How far each region of the face moves."""

from __future__ import annotations

from typing import Any

import bpy

from ..editing import changes
from ..editing.amounts import NAMES
from ..translations import tr
from .performance import OnPerformance


def _amount(name: str, description: str) -> Any:
    return bpy.props.FloatProperty(name=name, description=description, default=1.0, min=0.0, max=2.0, subtype="FACTOR")


class STYLE_AVATAR_OT_set_amounts(OnPerformance, bpy.types.Operator):
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
        self.pressed = True
        for name, value in changes.amounts_of(context.object).items():
            setattr(self, name, value)
        asked: set[str] = context.window_manager.invoke_props_dialog(self)
        return asked

    def execute(self, context: Any) -> set[str]:
        """Compute the keys from the original."""
        name, amounts = context.object.name, {name: getattr(self, name) for name in NAMES}
        return self.do(lambda: changes.amounts_steps(name, amounts))


class STYLE_AVATAR_OT_reset_amounts(OnPerformance, bpy.types.Operator):
    """Everything as it was."""

    bl_idname = "style_avatar.reset_amounts"
    bl_label = "Reset Amounts"
    bl_description = "Let every region move as it did at first"

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := super().disabled_reason(context):
            return reason
        stored = changes.stored_amounts(changes.found_on(context.object.name))
        return "" if stored != changes.ALL_ONE else tr("All amounts are 1 already.")

    def execute(self, context: Any) -> set[str]:
        """Compute the keys from the original."""
        name = context.object.name
        if changes.amounts_of(context.object) == changes.ALL_ONE:
            return self.refuse(tr("The keys were edited since the amounts were set; they are the original now."))
        return self.do(lambda: changes.amounts_steps(name, changes.ALL_ONE))


CLASSES = (STYLE_AVATAR_OT_set_amounts, STYLE_AVATAR_OT_reset_amounts)
