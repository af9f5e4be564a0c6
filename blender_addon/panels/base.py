"""What all panels share: their place, buttons with reasons, text that wraps."""

from __future__ import annotations

import textwrap
from typing import Any, Final

from ..session import SESSION
from ..translations import CONTEXT, tr
from ..translations.codes import told
from ..trouble import Trouble

CLOSED: Final = {"DEFAULT_CLOSED"}  # `bl_options` of a panel that is opened when it is wanted
CATEGORY: Final = "Style Avatar"
PIXELS_PER_LETTER: Final = 6.2  # mean width in Blender's font at scale 1


class SidebarPanel:
    """Mixin of panels, before `bpy.types.Panel`: the add-on's tab in the sidebar of the 3D view."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = CATEGORY
    bl_translation_context = CONTEXT


def draw_button(
    layout: Any, context: Any, operator: Any, *, text: str = "", icon: str = "NONE", scale: float = 1.0
) -> Any:
    """Draw the button of `operator` (a class with `base.Explained`) and, while it is greyed, the reason beneath.

    text: translated label; the operator's own when empty. Returns the operator's properties.
    """
    column = layout.column(align=True)
    row = column.row(align=True)
    row.scale_y = scale
    label = {"text": text, "translate": False} if text else {}
    properties = row.operator(operator.bl_idname, icon=icon, **label)
    if reason := operator.disabled_reason(context):
        draw_text(column, context, reason, icon="INFO")
    return properties


def draw_text(layout: Any, context: Any, text: str, *, icon: str = "NONE", alert: bool = False) -> None:
    """Draw translated `text` as lines that fit the sidebar, the icon before the first."""
    column = layout.column(align=True)
    column.alert = alert
    column.scale_y = 0.8
    for index, line in enumerate(wrapped(text, context, bool(icon != "NONE"))):
        column.label(text=line, icon=("BLANK1" if index else icon) if icon != "NONE" else "NONE", translate=False)


def wrapped(text: str, context: Any, icon: bool = False) -> list[str]:
    """`text` as lines that fit the width of the region that is drawn."""
    scale = context.preferences.system.ui_scale or 1.0  # 0 without windows
    width = (context.region.width if context.region else 320) / scale - 45 - (22 if icon else 0)
    letters = max(18, int(width / PIXELS_PER_LETTER))
    return [line for part in text.splitlines() for line in textwrap.wrap(part, letters)]


def draw_trouble(layout: Any, context: Any, trouble: Trouble) -> None:
    """What went wrong, and what to do about it."""
    draw_text(layout, context, told(trouble), icon="ERROR", alert=True)


def draw_progress(layout: Any, text: str, fraction: float, eta: float | None) -> None:
    """A bar with the translated name of the stage and, when it is known, the time that is left."""
    left = f" ({tr('about {seconds} s left').format(seconds=max(1, round(eta)))})" if eta is not None else ""
    layout.progress(factor=fraction, text=f"{text}{left}", translate=False)


def form(layout: Any) -> Any:
    """`layout` for settings with their names on the left, greyed while a head is being made with them."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    layout.enabled = SESSION.work is None
    return layout
