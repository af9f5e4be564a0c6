"""From Subject…: a learned person's folder onto the active head, without a backend, and back again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.texture.live_file import write_offsets
from blender_addon.jobs.snapshot import Snapshot
from models.face.model import FaceModel
from models.texture import storage
from models.texture.dynamic import DynamicTexture
from tests.blender_addon.pressing import press_and_get, ticks


@pytest.fixture
def head_object(blender: Any, session: Any, delivered: Snapshot) -> Any:
    made = press_and_get(blender, session, delivered)
    blender.context.view_layer.objects.active = made
    return made


@pytest.fixture
def folder(face_model: FaceModel, tmp_path: Path) -> Path:
    """What `style-avatar subject learn` writes, as far as Blender reads it."""
    weights = np.zeros((2, 64), np.float32)
    weights[0, face_model.expression_names.index("jawOpen")] = 1.0
    weights[1, face_model.expression_names.index("browInnerUp")] = 1.0
    texture = DynamicTexture(
        base=np.full((16, 16, 3), 150, np.uint8),
        residuals=np.full((2, 16, 16, 3), -40, np.float32),
        weights=weights,
        bias=np.zeros(2, np.float32),
        names=("mouth: jawOpen", "brows: browInnerUp"),
        face_model=face_model.name,
        sha256=face_model.sha256,
    )
    (tmp_path / "me").mkdir()
    storage.save(texture, tmp_path / "me" / "dynamic.safetensors")
    write_offsets(texture, face_model, tmp_path / "me" / "living.npz")
    return tmp_path / "me"


def test_a_head_wears_the_folder(blender: Any, session: Any, head_object: Any, folder: Path) -> None:
    from blender_addon.building.living import worn

    assert blender.ops.style_avatar.subject_textures(directory=f"{folder}/") == {"FINISHED"}
    ticks(session, lambda: session.work is None)
    assert session.trouble is None and worn(head_object) == "live" and "2" in session.said
    assert blender.context.scene.style_avatar_textures.own == str(folder / "dynamic.safetensors")
    assert blender.ops.style_avatar.remove_textures() == {"FINISHED"}
    assert worn(head_object) == ""


def test_other_folders_change_nothing(blender: Any, session: Any, head_object: Any, folder: Path) -> None:
    from blender_addon.building.living import worn

    (folder / "living.npz").write_bytes(b"broken")
    assert blender.ops.style_avatar.subject_textures(directory=str(folder)) == {"FINISHED"}
    ticks(session, lambda: session.work is None)
    assert session.trouble is not None and session.trouble.code == "bad_result" and worn(head_object) == ""
    (folder / "living.npz").unlink()
    with pytest.raises(RuntimeError, match="is not the folder of a learned person"):
        blender.ops.style_avatar.subject_textures(directory=str(folder))
    assert session.work is None
