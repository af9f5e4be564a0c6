"""Where the backend comes from: started by this Blender, or running already (no bpy)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from ..connection.client import Backend
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


def make_host(preferences: Any, absolute: Callable[[str], str]) -> Host:
    """The backend that the preferences name; `absolute` resolves Blender's paths (`bpy.path.abspath`)."""
    if preferences.connect:
        return Connected(absolute(preferences.runtime_file))
    folder = preferences.cache_folder
    return Launcher(absolute(preferences.environment), Path(absolute(folder)) if folder else None)
