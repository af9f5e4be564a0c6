"""What all operators share: they say why they cannot be used."""

from __future__ import annotations

from typing import Any

from ..translations import tr


class Explained:
    """Mixin of operators, before `bpy.types.Operator`: Blender greys the button while `disabled_reason` says anything.

    `panels.base.draw_button` writes the reason under the button; Blender shows it in the tooltip.
    """

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """Why the operator cannot run now, as one translated sentence with the next step; "" when it can."""
        return ""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Blender's question whether the operator can run."""
        reason = cls.disabled_reason(context)
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason


def settings_of(context: Any) -> Any:
    """The add-on's settings of the current scene (see `properties`)."""
    return context.scene.style_avatar


def busy_reason(busy: str) -> str:
    """The sentence for a button that has to wait for `busy`, a translated name of what is running."""
    return tr("{name} is running. Wait for it or press Cancel.").format(name=busy)
