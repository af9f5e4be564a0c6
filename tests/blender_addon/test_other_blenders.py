"""The same source in other versions of Blender, before and after Actions got slots.

STYLE_AVATAR_BLENDERS names the executables, separated by colons; without it these tests have nothing to run in. Each
entry may be a Blender or a Python that has its bpy module.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.files.take_file import TakeFile
from blender_addon.motion.pose import pose_keys

from .conftest import in_blender, placed

BLENDERS = list(filter(None, os.environ.get("STYLE_AVATAR_BLENDERS", "").split(os.pathsep)))
SCRIPT = Path(__file__).with_name("inside_blender.py")
SESSION = Path(__file__).with_name("inside_session.py")
DRIVE = Path(__file__).with_name("inside_drive.py")
FRAMES = (0, 1, 17, 38, 39)


pytestmark = pytest.mark.skipif(not BLENDERS, reason="STYLE_AVATAR_BLENDERS names no other Blender")


@pytest.mark.parametrize("blender", BLENDERS)
def test_moves_as_the_coefficients(
    blender: str, head: HeadFile, take: TakeFile, head_path: Path, take_path: Path, tmp_path: Path
) -> None:
    pivot = head.neck_pivot(head.shape(take.identity))
    rest = pose_keys(take.angles, take.translation, pivot, "take").rest_location
    positions = [in_blender(placed(head, take, frame)) - rest for frame in FRAMES]
    np.savez(tmp_path / "truth.npz", frames=np.array(FRAMES), positions=np.array(positions))
    files = [*copies(head_path, take_path, tmp_path), tmp_path / "truth.npz", tmp_path]
    measured = run(blender, SCRIPT, files)
    assert measured["curves"] == 64 + 6
    assert measured["built"] < 5e-6 and measured["fbx"] < 1e-5, measured


@pytest.mark.parametrize("blender", BLENDERS)
def test_the_add_on_does_what_it_does_in_this_one(
    blender: str, head_path: Path, take_path: Path, tmp_path: Path
) -> None:
    measured = run(blender, SESSION, copies(head_path, take_path, tmp_path))
    assert measured["cancelled"] == measured["empty"]
    assert measured["curves"] == [6, 64] and not measured["unfinished"]
    assert measured["muted"] == ([True, False] if measured["sound"] else [])
    assert {"voice (neutral)", "voice (calm)"} <= set(measured["actions"])
    assert set(measured["actions"]) - set(measured["actions undone"]) >= {"voice (calm)"}
    assert "voice (neutral)" in measured["actions undone"] and measured["tracks"] == [1, 1]

    check_edits(measured["edited"])


@pytest.mark.parametrize("blender", BLENDERS)
def test_a_character_is_driven(blender: str, tmp_path: Path) -> None:
    measured = run(blender, DRIVE, [tmp_path])
    check_drive(measured)


def check_drive(measured: dict[str, Any]) -> None:
    """A character moves as the recording does, says so, and is left alone when it is cancelled."""
    driven, linked = measured["driven"], measured["linked"]
    (opened, closing), (_, closed) = driven["looks"]
    assert opened == pytest.approx(0.4, abs=1e-4) and closing == 0 and closed == pytest.approx(0.4, abs=1e-4)
    assert driven["turn"] > 0.01 and driven["curves"] == [52, 8 + 3]
    assert "51 of 52 shape keys, 2 bones" in driven["done"] and "muted: bs_tongueOut" in driven["report"]
    assert measured["cancelled"] is True and measured["preset"] == [58, -0.5, False]
    assert linked["refused"] and linked["local"] and linked["muted"]
    assert linked["slider"] == pytest.approx(0.9) and linked["value"] == pytest.approx(0.4, abs=1e-4)
    assert "51 of 52 shape keys" in linked["done"] and "muted: bs_tongueOut" in linked["report"]


def check_edits(edited: dict[str, Any]) -> None:
    """A round of edits: each is an Action of its own, in the strips where it is a layer."""
    names = [edited[step][0] for step in ("begin", "amounts", "reduced", "redone", "layer", "style")]
    assert len(set(names)) == len(names), names
    assert [name.rpartition(" ")[2].partition(".")[0] for name in names[1:5]] == [
        "amounts",
        "reduced",
        "redone",
        "amounts",
    ]
    assert edited["amounts"][1] == edited["begin"][1] > edited["reduced"][1]
    assert edited["redone"][1] < edited["begin"][1] and edited["turned"] > 1e-4
    assert edited["outside"] < 1e-4 < edited["inside"]
    assert any(edited["taken"][:9]) and not any(edited["taken"][9:])
    assert edited["still"] < 1e-6 < edited["moves"] and edited["assigned"] == [False, False]


def copies(head: Path, take: Path, folder: Path) -> list[Path]:
    """Both files in one folder, as a Blender in a sandbox sees one only."""
    for path, name in ((head, "head.npz"), (take, "take.npz")):
        (folder / name).write_bytes(path.read_bytes())
    return [folder / "head.npz", folder / "take.npz"]


def run(blender: str, script: Path, words: list[Path]) -> dict[str, Any]:
    """What `script` measured in `blender`."""
    is_python = Path(blender).name.startswith("python")
    start = [script] if is_python else ["--background", "--factory-startup", "--python", script]
    command = [blender, *map(str, start), "--", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    lines = [line for line in done.stdout.splitlines() if line.startswith("MEASURED ")]
    assert lines, done.stdout + done.stderr
    measured: dict[str, Any] = json.loads(lines[0].removeprefix("MEASURED "))
    return measured
