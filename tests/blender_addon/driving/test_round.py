"""The round that other Blenders drive, in this one."""

import sys
from pathlib import Path

import pytest

from tests.blender_addon.test_other_blenders import DRIVE, check_drive, run


def test_a_character_is_driven(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    check_drive(run(sys.executable, DRIVE, [tmp_path]))
