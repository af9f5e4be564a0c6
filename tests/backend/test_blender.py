import os
import stat
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.blender import BlenderError, build_scene
from models import coefficients as layout
from models.face.model import FaceModel
from models.take import Take, save
from tests.face_models import ellipsoid


@pytest.fixture(scope="module")
def face_model() -> FaceModel:
    return ellipsoid()


@pytest.fixture
def take_path(face_model: FaceModel, tmp_path: Path) -> Path:
    coefficients = np.zeros((20, layout.WIDTH), dtype=np.float32)
    coefficients[:, 85] = np.linspace(0, 1, 20)
    meta = {"face_model": {"name": face_model.name, "sha256": face_model.sha256}}
    save(Take(coefficients, layout.FPS, meta), tmp_path / "take.npz")
    return tmp_path / "take.npz"


def pretend_blender(folder: Path, script: str) -> Path:
    """An executable that Blender's place is taken by."""
    program = folder / "blender"
    program.write_text(f"#!{sys.executable}\nimport os, sys, time\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_builds_and_reports(face_model: FaceModel, take_path: Path, tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    reports: list[tuple[str, int, int]] = []
    result = build_scene(
        face_model,
        take_path,
        targets={"blend": tmp_path / "head.blend", "fbx": tmp_path / "head.fbx"},
        fps=24.0,
        progress=lambda *report: reports.append(report),
    )
    assert (tmp_path / "head.blend").stat().st_size > 10_000
    assert (tmp_path / "head.fbx").read_bytes().startswith(b"Kaydara FBX Binary")
    assert result["fps"] == 24 and result["frames"] == 20
    finished = {stage for stage, done, total in reports if done == total}
    assert {"keys", "blend"} <= finished
    assert {path.name for path in tmp_path.iterdir()} == {"take.npz", "head.blend", "head.fbx"}


def test_bad_input_is_passed_on_in_its_own_words(face_model: FaceModel, tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    with pytest.raises(BlenderError, match=r"^there is no take at"):
        build_scene(face_model, tmp_path / "gone.npz", targets={"blend": tmp_path / "head.blend"})


def test_a_crash_is_told_with_what_blender_last_said(face_model: FaceModel, take_path: Path, tmp_path: Path) -> None:
    crash = pretend_blender(tmp_path, "print('GPU on fire', file=sys.stderr, flush=True); os.kill(os.getpid(), 11)")
    with pytest.raises(BlenderError, match=r"signal 11 .*GPU on fire"):
        build_scene(face_model, take_path, targets={}, blender=crash)


def test_success_without_a_result_is_an_error(face_model: FaceModel, take_path: Path, tmp_path: Path) -> None:
    with pytest.raises(BlenderError, match="ended with code 0 before"):
        build_scene(face_model, take_path, targets={}, blender=pretend_blender(tmp_path, "print('hi')"))


def test_a_missing_blender_is_named(face_model: FaceModel, take_path: Path, tmp_path: Path) -> None:
    with pytest.raises(BlenderError, match=r"cannot start .*nowhere"):
        build_scene(face_model, take_path, targets={}, blender=tmp_path / "nowhere")


def test_unknown_formats_are_refused(face_model: FaceModel, take_path: Path, tmp_path: Path) -> None:
    with pytest.raises(BlenderError, match="not obj"):
        build_scene(face_model, take_path, targets={"obj": tmp_path / "head.obj"})


def test_a_cancelling_callback_leaves_no_blender_behind(face_model: FaceModel, take_path: Path, tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def cancel(*_: Any) -> None:
        raise Cancelled

    endless = pretend_blender(
        tmp_path,
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        """print('{"stage": "keys", "done": 0, "total": 1}', file=sys.stderr, flush=True)\ntime.sleep(60)""",
    )
    with pytest.raises(Cancelled):
        build_scene(face_model, take_path, targets={}, progress=cancel, blender=endless)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
