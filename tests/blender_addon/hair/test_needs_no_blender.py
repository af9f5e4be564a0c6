"""Growing hair is arithmetic: it needs no Blender."""

import subprocess
import sys
from pathlib import Path

from tests.blender_addon.test_rooms import IMPORTED, modules
from tests.blender_addon.ui_text import SOURCE


def test_modules_that_say_so_need_no_blender() -> None:
    room = SOURCE / "hair"
    files = {name: Path(room / f"{name.rsplit('.', 1)[1]}.py") for name in modules(room)}
    names = [name for name, one in files.items() if "(no bpy)" in one.read_text(encoding="utf-8").split('"""')[1]]
    assert len(names) > 12
    command = [sys.executable, "-c", IMPORTED, *names]
    done = subprocess.run(command, cwd=SOURCE.parent, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
