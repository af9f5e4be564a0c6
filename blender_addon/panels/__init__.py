"""Panels of the sidebar tab, one file each. A new file exports `CLASSES` and is added to `MODULES`."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from . import backend, drive, edit, export, hair, main, stage_set, textures

MODULES: Final[tuple[ModuleType, ...]] = (main, hair, edit, textures, drive, stage_set, export, backend)
