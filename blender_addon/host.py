"""Where the backend comes from: started by this Blender, or running already."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import bpy

from .client import Backend
from .connected import Connected
from .launcher import Launcher
from .status import Status


class Host(Protocol):
    """What `Launcher` and `Connected` have in common."""

    def start(self) -> None:
        """Start or connect; returns at once."""

    def stop(self, wait: bool = False) -> None:
        """End it or let go of it."""

    def state(self) -> Status:
        """How it is."""

    def backend(self) -> Backend | None:
        """Its client, when it is ready."""


def make_host(preferences: Any) -> Host:
    """The backend that the preferences name."""
    if preferences.connect:
        return Connected(bpy.path.abspath(preferences.runtime_file))
    folder = preferences.cache_folder
    return Launcher(bpy.path.abspath(preferences.environment), Path(bpy.path.abspath(folder)) if folder else None)
