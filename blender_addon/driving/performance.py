"""Which performance the artist chose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..retarget.tracks import Tracks
from ..translations import tr
from .source import of_file, of_head


def missing(settings: Any) -> str:
    """What has to be chosen still, as a translated sentence; "" when nothing. Touches no disk, as
    panels ask while they are drawn."""
    if settings.source == "HEAD":
        if settings.head is None:
            return tr("Choose a head that Style Avatar made.")
        if settings.head == settings.character:
            return tr("The head cannot drive itself; choose another character, or a file.")
        return ""
    return "" if settings.file else tr("Choose a take (.npz) or an ARKit file (.csv).")


def performance(settings: Any, scene: Any) -> Tracks:
    """The chosen performance.

    Raises:
        SourceError: it cannot be used.
    """
    if settings.source == "HEAD":
        return of_head(settings.head, scene)
    return of_file(Path(bpy.path.abspath(settings.file)), settings.csv_rate)
