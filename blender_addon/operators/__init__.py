"""Operators, one file each or a few that belong together. A new file exports `CLASSES` and is added to `MODULES`."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from ..driving import settings as drive_settings
from ..editing import parts_list
from ..editing import settings as edit_settings
from . import (
    amounts,
    animate,
    arkit,
    backend,
    drive,
    edit,
    export,
    hair,
    mapping,
    measure,
    nla,
    redo,
    render,
    report,
    stage_set,
    subject,
    textures,
)

MODULES: Final[tuple[ModuleType, ...]] = (
    *(backend, animate, measure, nla, report),
    *(drive_settings, drive, mapping, arkit),
    *(edit_settings, parts_list, redo, edit, amounts, export, render, textures, subject, hair, stage_set),
)
