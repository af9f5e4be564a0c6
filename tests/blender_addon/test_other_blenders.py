"""The same source in other versions of Blender, before and after Actions got slots.

STYLE_AVATAR_BLENDERS names the executables, separated by colons; without it these tests have nothing to run in. Each
entry may be a Blender or a Python that has its bpy module.
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from blender_addon.head_file import HeadFile
from blender_addon.pose import pose_keys
from blender_addon.take_file import TakeFile

from .conftest import in_blender, placed

BLENDERS = list(filter(None, os.environ.get("STYLE_AVATAR_BLENDERS", "").split(os.pathsep)))
SCRIPT = Path(__file__).with_name("inside_blender.py")
FRAMES = (0, 1, 17, 38, 39)


@pytest.mark.skipif(not BLENDERS, reason="STYLE_AVATAR_BLENDERS names no other Blender")
@pytest.mark.parametrize("blender", BLENDERS)
def test_moves_as_the_coefficients(
    blender: str, head: HeadFile, take: TakeFile, head_path: Path, take_path: Path, tmp_path: Path
) -> None:
    pivot = head.neck_pivot(head.shape(take.identity))
    rest = pose_keys(take.angles, take.translation, pivot, "take").rest_location
    positions = [in_blender(placed(head, take, frame)) - rest for frame in FRAMES]
    np.savez(tmp_path / "truth.npz", frames=np.array(FRAMES), positions=np.array(positions))
    head_copy, take_copy = tmp_path / "head.npz", tmp_path / "take.npz"  # a Blender in a sandbox sees one folder
    head_copy.write_bytes(head_path.read_bytes())
    take_copy.write_bytes(take_path.read_bytes())

    is_python = Path(blender).name.startswith("python")
    start = [SCRIPT] if is_python else ["--background", "--factory-startup", "--python", SCRIPT]
    files = [head_copy, take_copy, tmp_path / "truth.npz", tmp_path]
    done = subprocess.run([blender, *start, "--", *files], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("MEASURED ")]
    assert lines, done.stdout + done.stderr
    measured = json.loads(lines[0].removeprefix("MEASURED "))
    assert measured["curves"] == 64 + 6
    assert measured["built"] < 5e-6 and measured["fbx"] < 1e-5, measured
