from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.blender_addon.conftest import world_positions


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    import soundfile

    path = tmp_path / "voice.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(32000) * 0.1), 16000)
    return path


@pytest.mark.parametrize(
    ("fps", "base", "rate"), [(24.0, 1.0, 24), (25.0, 1.0, 25), (30.0, 1.0, 30), (30000 / 1001, 1.001, 30)]
)
def test_frame_rates_are_exact(blender: Any, fps: float, base: float, rate: int) -> None:
    from blender_addon.building.scene import set_frame_rate

    scene = blender.context.scene
    set_frame_rate(scene, fps)
    assert scene.render.fps == rate and scene.render.fps_base == pytest.approx(base, abs=1e-6)


def test_sound_starts_with_the_first_frame(blender: Any, voice: Path) -> None:
    from blender_addon import compat
    from blender_addon.building.scene import add_sound, set_frame_rate

    scene = blender.context.scene
    set_frame_rate(scene, 25.0)
    strip = add_sound(scene, voice, 11)
    assert strip.frame_final_start == 11 and strip.frame_final_duration == 50
    assert scene.sync_mode == "AUDIO_SYNC"
    second = add_sound(scene, voice, 11)
    assert second.channel != strip.channel and len(compat.sequencer_strips(scene)) == 2


def test_sound_is_packed_unless_it_is_huge(blender: Any, voice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon.building import scene

    assert scene.add_sound(blender.context.scene, voice, pack=True).sound.packed_file is not None
    monkeypatch.setattr(scene, "LARGEST_PACKED", 10)
    assert scene.add_sound(blender.context.scene, voice, pack=True).sound.packed_file is None


def test_a_file_without_sound_is_refused(blender: Any, tmp_path: Path) -> None:
    from blender_addon import compat
    from blender_addon.building.scene import add_sound

    (tmp_path / "notes.wav").write_text("hello")
    with pytest.raises(RuntimeError, match="as sound"):
        add_sound(blender.context.scene, tmp_path / "notes.wav")
    assert len(compat.sequencer_strips(blender.context.scene)) == 0


def test_the_camera_sees_the_face_and_the_crown(blender: Any, head_object: Any) -> None:
    from bpy_extras.object_utils import world_to_camera_view  # type: ignore[import-not-found]
    from mathutils import Vector

    from blender_addon.building.scene import stage

    scene = blender.context.scene
    stage(scene, head_object)
    blender.context.view_layer.update()
    points = world_positions(head_object)
    height = np.ptp(points[:, 2])
    upper = points[points[:, 2] > points[:, 2].min() + 0.15 * height]
    seen = np.array([world_to_camera_view(scene, scene.camera, Vector(point)) for point in upper])
    assert (seen[:, :2] > 0).all() and (seen[:, :2] < 1).all() and (seen[:, 2] > 0).all()
    assert np.ptp(seen[:, 1]) > 0.7  # and is not a speck


def test_lights_shine_on_the_head(blender: Any, head_object: Any) -> None:
    from mathutils import Vector

    from blender_addon.building.scene import frame_of, stage

    objects = stage(blender.context.scene, head_object)
    blender.context.view_layer.update()
    centre = frame_of(head_object).centre
    lamps = [one for one in objects if one.type == "LIGHT"]
    assert len(lamps) == 3
    for lamp in lamps:
        beam = lamp.matrix_world.to_quaternion() @ Vector((0, 0, -1))
        assert beam.dot((centre - lamp.location).normalized()) == pytest.approx(1.0, abs=1e-3)


def test_a_face_without_a_neck_is_framed_whole(blender: Any) -> None:
    from bpy_extras.object_utils import world_to_camera_view
    from mathutils import Vector

    from blender_addon.building.scene import stage

    corners = [(x, 0.0, z) for x in (-0.15, 0.15) for z in (0.02, 0.22)]  # above the origin, wider than high
    mesh = blender.data.meshes.new("mask")
    mesh.from_pydata(corners, [], [(0, 1, 3, 2)])
    mask = blender.data.objects.new("mask", mesh)
    scene = blender.context.scene
    scene.collection.objects.link(mask)
    stage(scene, mask)
    blender.context.view_layer.update()
    seen = np.array([world_to_camera_view(scene, scene.camera, Vector(corner)) for corner in corners])
    np.testing.assert_allclose(seen[:, :2].mean(axis=0), 0.5, atol=1e-3)
    np.testing.assert_allclose(np.ptp(seen[:, :2], axis=0), [0.8, 0.8 * 2 / 3], atol=0.02)
