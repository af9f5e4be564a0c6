"""What killed writers leave: hidden files and folders under names that only writers give, which nobody reads.

In a server's own slot all of them are remains when it starts, as the slot's lock says that nobody else writes there.
In the folders that several servers share one may be at work: there only what nobody has touched for an hour goes.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

ABANDONED: Final = 3600.0  # seconds; the longest of these writings takes some
_PART: Final = re.compile(r"\..+\.\d+\.part")  # models.whole_file's
_ENTRY: Final = re.compile(r"\.[0-9a-f]{64}\.[0-9a-f]{32}")  # the cache's


def remove_parts(slot: Path) -> None:
    """Remove every half-written file below a folder that nobody writes to."""
    _remove(path for path in slot.rglob(".*.part") if _PART.fullmatch(path.name))


def remove_abandoned(folders: Iterable[Path]) -> None:
    """Remove half-written files and half-made cache entries in shared folders, if nobody has touched them for long."""
    for folder in folders:
        _remove(
            path
            for path in folder.glob(".*")
            if (_PART.fullmatch(path.name) or _ENTRY.fullmatch(path.name)) and _untouched(path)
        )


def _untouched(path: Path) -> bool:
    with suppress(FileNotFoundError):  # its writer has finished
        return time.time() - path.lstat().st_mtime > ABANDONED
    return False


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        with suppress(OSError):  # another server was faster, or Windows holds it open
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
