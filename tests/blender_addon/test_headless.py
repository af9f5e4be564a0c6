"""The command line, in a process of its own, as the backend and a farm call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from blender_addon.files.take_file import TakeFile

pytest.importorskip("bpy")
COMMAND = [sys.executable, "-m", "blender_addon.headless"]


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_everything_in_one_call(head_path: Path, take_path: Path, take: TakeFile, tmp_path: Path, blender: Any) -> None:
    soundfile.write(tmp_path / "voice.wav", np.zeros(25600), 16000)
    Image.new("RGB", (16, 16), (200, 150, 120)).save(tmp_path / "skin.png")
    out = {kind: tmp_path / "out" / f"head.{kind}" for kind in ("blend", "fbx", "abc")}
    done = call(
        *("--head", head_path, "--take", take_path, "--audio", tmp_path / "voice.wav"),
        *("--texture", tmp_path / "skin.png", "--fps", "30", "--json"),
        *(word for kind, path in out.items() for word in (f"--{kind}", path)),
    )
    assert done.returncode == 0, done.stderr
    result = objects(done.stdout)[-1]
    assert {kind: Path(path) for kind, path in result["files"].items()} == out
    assert set(result["seconds"]) == {"read", "mesh", "materials", "keys", "scene", "blend", "fbx", "abc"}
    assert result["fps"] == 30 and result["frames"] == 48
    stages = [report["stage"] for report in objects(done.stderr)]
    assert list(dict.fromkeys(stages)) == list(result["seconds"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["head.abc", "head.blend", "head.fbx"]

    (tmp_path / "voice.wav").unlink()
    (tmp_path / "skin.png").unlink()
    blender.ops.wm.open_mainfile(filepath=str(out["blend"]))
    opened_file_is_complete(blender, take)


def opened_file_is_complete(blender: Any, take: TakeFile) -> None:
    from blender_addon import compat

    scene, head_object = blender.context.scene, blender.data.objects["Head"]
    assert (scene.frame_start, scene.frame_end, scene.render.fps) == (1, 48, 30)
    assert scene.camera is not None and scene.world is not None
    assert head_object.data.shape_keys.animation_data.action.name == "voice (calm)"
    strip = compat.sequencer_strips(scene)[0]
    assert strip.sound.packed_file is not None and strip.frame_final_duration == 48
    assert all(image.packed_file for image in blender.data.images if image.users and image.type == "IMAGE")
    assert json.loads(head_object["style_avatar_take"])["style"] == "calm"
    assert head_object["style_avatar_face_model_sha256"] == take.face_model_sha256
    spaces = [space for screen in blender.data.screens for area in screen.areas for space in area.spaces]
    assert {space.shading.type for space in spaces if space.type == "VIEW_3D"} == {"MATERIAL"}
    assert "Cube" not in blender.data.objects


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"--head": "gone.npz"}, 3, "no head file"),
        ({"--take": "gone.npz"}, 3, "no take"),
        ({"--audio": "gone.wav"}, 3, "no file at gone.wav"),
        ({"--fps": "0"}, 3, "frames per second"),
    ],
)
def test_unusable_input_is_named(
    head_path: Path, take_path: Path, tmp_path: Path, changes: dict[str, str], code: int, message: str
) -> None:
    given = {"--head": head_path, "--take": take_path, "--blend": tmp_path / "head.blend", **changes}
    done = call(*(word for pair in given.items() for word in pair))
    assert done.returncode == code
    assert message in objects(done.stderr)[-1]["error"]
    assert not (tmp_path / "head.blend").exists()


def test_a_picture_blender_cannot_read(head_path: Path, take_path: Path, tmp_path: Path) -> None:
    (tmp_path / "skin.png").write_text("hello")
    done = call("--head", head_path, "--take", take_path, "--texture", tmp_path / "skin.png")
    assert done.returncode == 4
    assert "skin.png as a picture" in objects(done.stderr)[-1]["error"]


def test_a_wrong_command_line_is_code_2() -> None:
    assert call("--take", "take.npz").returncode == 2


def test_hair_is_asked_for_by_the_names_that_the_backend_knows() -> None:
    from backend.blender import BEARDS, CUTS, BlenderError, Hair
    from blender_addon.hair.groom import BEARD_NAMES, CUT_NAMES, Groom
    from blender_addon.hair.options import NO_HAIR, groom_of
    from blender_addon.headless import build_parser

    assert (NO_HAIR, *CUT_NAMES) == CUTS and BEARDS == BEARD_NAMES
    needed = ["--head", "head.npz", "--take", "take.npz"]
    assert groom_of(build_parser().parse_args(needed)) is None
    words = [word for key, value in Hair("bob", "short", "ff0000").words().items() for word in (f"--{key}", str(value))]
    wanted = groom_of(build_parser().parse_args([*needed, *words]))
    assert wanted == Groom(cut="bob", beard="short", colour=(1.0, 0.0, 0.0))
    assert groom_of(build_parser().parse_args([*needed, "--beard", "full"])) == Groom(cut="bald", beard="full")
    for wrong in ({"cut": "mohawk"}, {"beard": "goatee"}, {"colour": "red"}):
        with pytest.raises(BlenderError, match=r"mohawk|goatee|red"):
            Hair(**wrong)
