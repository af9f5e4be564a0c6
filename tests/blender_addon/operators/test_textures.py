"""Dynamic textures from the pressed button on, with a job that the test moves."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.server.schemas import JobRequest
from backend.texture.live_file import write_factors
from blender_addon.jobs.snapshot import Snapshot
from models import take as takes
from models.face.model import FaceModel
from models.texture.live_maps import LiveMaps, uv_hash
from tests.blender_addon.pressing import FakeRun, press_and_get, ticks


@pytest.fixture
def head_object(
    blender: Any, session: Any, delivered: Snapshot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Any:
    """A head that was animated with the panel, and is selected; the scene runs at 24 frames per second."""
    from blender_addon.jobs import textures
    from blender_addon.operators import textures as operators

    monkeypatch.setattr(textures, "Run", FakeRun)
    for name in ("new_result_folder", "cache_folder"):
        monkeypatch.setattr(operators, name, lambda context: tmp_path)
    blender.context.scene.render.fps = 24
    blender.context.scene.style_avatar.first_frame = 11
    made = press_and_get(blender, session, delivered)
    blender.context.view_layer.objects.active = made
    return made


@pytest.fixture
def living(face_model: FaceModel, tmp_path: Path) -> Snapshot:
    weights = np.zeros((1, 2, 64), np.float32)
    weights[:, :, 17] = 1
    maps = LiveMaps(
        names=("jaw",),
        images=np.full((1, 16, 16, 3), 128, np.uint8),
        windows=np.array([[0, 0, 1, 1]], np.float32),
        weights=weights,
        bias=np.zeros((1, 2), np.float32),
        uv_sha256=uv_hash(face_model),
    )
    write_factors(maps, face_model, tmp_path / "living.npz")
    return Snapshot(state="done", files=MappingProxyType({"living.npz": tmp_path / "living.npz"}))


def worn(head_object: Any) -> str:
    from blender_addon.building.living import worn

    return worn(head_object)


def begin(session: Any, operator: Any) -> FakeRun:
    assert operator() == {"FINISHED"}
    ticks(session, lambda: session.work is None or session.work.run is not None)
    assert session.trouble is None, session.trouble
    return FakeRun.last


def test_live_textures_are_one_undo_step(blender: Any, session: Any, head_object: Any, living: Snapshot) -> None:
    run = begin(session, blender.ops.style_avatar.live_textures)
    assert run.request == {"kind": "textures", "mode": "live"} and JobRequest.model_validate(run.request)
    run.now = living
    ticks(session, lambda: session.work is None)
    assert session.trouble is None and "1" in session.said and worn(head_object) == "live"
    assert not any("unfinished" in key for group in blender.data.node_groups for key in group.keys())  # noqa: SIM118
    name = head_object.name
    blender.ops.ed.undo()
    assert worn(blender.data.objects[name]) == ""
    blender.ops.ed.redo()
    assert worn(blender.data.objects[name]) == "live"


def test_cancel_leaves_nothing(blender: Any, session: Any, head_object: Any) -> None:
    groups, images = len(blender.data.node_groups), len(blender.data.images)
    begin(session, blender.ops.style_avatar.live_textures)
    assert blender.ops.style_avatar.cancel() == {"FINISHED"}
    ticks(session, lambda: session.work is None)
    assert (len(blender.data.node_groups), len(blender.data.images)) == (groups, images)
    assert worn(head_object) == "" and FakeRun.last.now.state == "cancelled"


def test_what_is_baked_is_what_the_head_plays_at_the_scenes_rate(
    blender: Any, session: Any, head_object: Any, tmp_path: Path
) -> None:
    from blender_addon.building.living import PICTURES

    session_settings = blender.context.scene.style_avatar_textures
    session_settings.size = "512"
    run = begin(session, blender.ops.style_avatar.bake_textures)
    assert run.request["size"] == 512 and run.request["renderer"] == "raster"
    assert set(JobRequest.model_validate(run.request).root.sources()) == set(run.files) == {"take", "texture"}
    sent = takes.load(run.files["take"])
    assert sent.fps == 24 and sent.meta["face_model"]["sha256"] == head_object["style_avatar_face_model_sha256"]
    assert np.allclose(sent.coefficients[0, :80], head_object["style_avatar_identity"], atol=1e-6)
    keys = head_object.data.shape_keys
    for row in (0, 7, len(sent.coefficients) - 1):
        blender.context.scene.frame_set(11 + row)
        values = [block.value for block in keys.key_blocks[1:65]]
        assert np.allclose(sent.coefficients[row, 80:144], values, atol=1e-5)
    assert np.asarray(Image.open(run.files["texture"])).shape == (8, 8, 3)
    count = len(sent.coefficients)
    assert count == 39  # of 40 at 25 a second
    with zipfile.ZipFile(tmp_path / "textures.zip", "w") as pictures:
        Image.new("RGB", (8, 8)).save(tmp_path / "one.png")
        for n in range(count):
            pictures.write(tmp_path / "one.png", f"{n + 1:06d}.png")
    run.now = Snapshot(state="done", files=MappingProxyType({"textures.zip": tmp_path / "textures.zip"}))
    ticks(session, lambda: session.work is None)
    assert session.trouble is None and worn(head_object) == "baked"
    user = head_object.data.materials[0].node_tree.nodes[PICTURES].image_user
    assert (user.frame_start, user.frame_duration) == (11, count)
    assert blender.ops.style_avatar.remove_textures() == {"FINISHED"}
    assert worn(head_object) == ""


def test_reasons(blender: Any, session: Any, head_object: Any) -> None:
    from blender_addon.operators import textures as operators

    assert operators.STYLE_AVATAR_OT_live_textures.disabled_reason(blender.context) == ""
    assert "wears no" in operators.STYLE_AVATAR_OT_remove_textures.disabled_reason(blender.context)
    head_object.data.shape_keys.animation_data_clear()
    assert "plays no Action" in operators.STYLE_AVATAR_OT_bake_textures.disabled_reason(blender.context)
    blender.context.view_layer.objects.active = None
    assert "Select a head" in operators.STYLE_AVATAR_OT_live_textures.disabled_reason(blender.context)


def test_a_backend_that_cannot_says_why(blender: Any, session: Any, head_object: Any) -> None:
    from blender_addon.trouble import Trouble

    run = begin(session, blender.ops.style_avatar.live_textures)
    run.now = Snapshot(state="failed", error=Trouble("bad_texture", "It is damaged.", "Learn it again."))
    ticks(session, lambda: session.work is None)
    assert session.trouble.code == "bad_texture" and worn(head_object) == ""
