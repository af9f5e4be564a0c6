"""Where the add-on's preferences are found; the class that declares and draws them is `panels.preferences`."""

from __future__ import annotations

from typing import Any, Final

ADDON: Final = __package__ or "blender_addon"


def preferences_of(context: Any) -> Any | None:
    """The add-on's preferences; None when it was registered by hand, without Blender's list of add-ons."""
    addon = context.preferences.addons.get(ADDON)
    return addon.preferences if addon else None
