"""What the rooms of the add-on promise to each other."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.blender_addon.ui_text import SOURCE

WITHOUT_BLENDER = ("connection", "hosting", "files", "motion", "retarget")
IMPORTED = """
import importlib, sys
for name in ("bpy", "mathutils", "bpy_extras"):
    sys.modules[name] = None  # importing it raises ImportError
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def modules(room: Path) -> list[str]:
    return [".".join(one.relative_to(SOURCE.parent).with_suffix("").parts) for one in sorted(room.glob("*.py"))]


@pytest.mark.parametrize("room", WITHOUT_BLENDER)
def test_needs_no_blender(room: str) -> None:
    names = modules(SOURCE / room)
    assert len(names) > 2
    command = [sys.executable, "-c", IMPORTED, *names]
    done = subprocess.run(command, cwd=SOURCE.parent, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def test_every_room_says_what_it_is_for() -> None:
    rooms = [one for one in SOURCE.iterdir() if one.is_dir() and any(one.glob("*.py"))]
    assert len(rooms) > 10
    for room in rooms:
        assert (room / "__init__.py").read_text(encoding="utf-8").startswith('"""'), room
