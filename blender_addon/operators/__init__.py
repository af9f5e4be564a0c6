"""Operators, one file each or a few that belong together. A new file exports `CLASSES` and is added to `MODULES`."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from . import animate, backend, measure, nla, report

MODULES: Final[tuple[ModuleType, ...]] = (backend, animate, measure, nla, report)
