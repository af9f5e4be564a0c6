"""Where the add-on keeps files: inside the folder that Blender gives extensions, or where the artist wants it."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import bpy

from .preferences import preferences_of

KEPT: Final = 20  # results; older ones go, Blender has packed what it needs of them


def cache_folder(context: Any) -> Path:
    """The folder for geometries and results; it is made."""
    preferences = preferences_of(context)
    chosen = preferences.cache_folder if preferences else ""
    folder = Path(bpy.path.abspath(chosen)) if chosen else _own_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_result_folder(context: Any) -> Path:
    """An empty folder for the files of one result; the oldest are removed."""
    results = cache_folder(context) / "results"
    results.mkdir(exist_ok=True)
    old = sorted((one for one in results.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
    for one in old[: max(0, len(old) - KEPT + 1)]:
        with suppress(OSError):
            shutil.rmtree(one)
    return Path(tempfile.mkdtemp(prefix="take-", dir=results))


def _own_folder() -> Path:
    """The folder of the extension; one in the user's data when the add-on was installed in another way."""
    package = __package__ or ""
    if package.startswith("bl_ext."):
        return Path(bpy.utils.extension_path_user(package, create=True))
    return Path(bpy.utils.user_resource("DATAFILES", path="style_avatar", create=True))
