"""Where a user's data lives; free of heavy imports, since the server reads it before anything else."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home() -> Path:
    """The folder of the user's data; it need not exist yet.

    It is `STYLE_AVATAR_HOME`, else `style-avatar` in the system's place for a user's data.
    """
    if chosen := os.environ.get("STYLE_AVATAR_HOME"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "style-avatar"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "style-avatar"
