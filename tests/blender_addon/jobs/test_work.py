"""From the pressed button to a head in the scene, with a job that the test moves."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_addon.connection.answers import Frames
from blender_addon.files.take_file import TakeFile
from blender_addon.jobs.snapshot import Snapshot
from blender_addon.trouble import Trouble
from tests.blender_addon.conftest import world_positions
from tests.blender_addon.pressing import press, press_and_get, ticks


def keys_of(head_object: Any) -> int:
    from blender_addon.compat import curves_of

    if head_object.data.shape_keys is None:  # not yet
        return 0
    return max((len(curve.keyframe_points) for curve in curves_of(head_object.data.shape_keys)), default=0)


def content(blender: Any) -> dict[str, list[str]]:
    kinds = ("objects", "meshes", "materials", "images", "actions", "cameras", "lights", "worlds", "sounds")
    return {kind: sorted(one.name for one in getattr(blender.data, kind)) for kind in kinds}


def test_the_request_is_what_the_panel_says(blender: Any, session: Any, tmp_path: Path) -> None:
    settings = blender.context.scene.style_avatar
    settings.lips, settings.head_motion, settings.seed, settings.style_name = 1.5, 0.0, 7, "calm"
    settings.transcript_source, settings.transcript = "TYPED", " hello "
    settings.motion = "ARTICULATOR"
    run = press(blender, session)
    assert run.files == {"voice": tmp_path / "voice.wav", "photo": tmp_path / "anna.png"}
    assert run.request == {
        "kind": "animate",
        "audio": {"upload": "voice"},
        "image": {"upload": "photo"},
        "person": None,
        "motion": "articulator",
        "style": "calm",
        "sliders": {"lips": 1.5, "jaw": 1.0, "brows": 1.0, "blinks": 1.0, "gaze": 1.0, "head": 0.0},
        "transcript": "hello",
        "seed": 7,
        "face_model": "open_head",
    }


def test_what_comes_out_is_what_build_makes(
    blender: Any, session: Any, delivered: Snapshot, head: Any, take: TakeFile, tmp_path: Path
) -> None:
    from blender_addon import compat
    from blender_addon.building.build import Options, Timer, build
    from blender_addon.building.material import COLOUR_NODE

    scene = blender.context.scene
    head_object = press_and_get(blender, session, delivered)
    assert head_object.name == "anna"
    built = build(head, take, Options(texture=tmp_path / "anna.png", staged=False), Timer(lambda *_: None))
    owners = [(one, one.data.shape_keys) for one in (head_object, built)]
    for one, other in zip(*owners, strict=True):
        found, expected = ({(c.data_path, c.array_index): c for c in compat.curves_of(owner)} for owner in (one, other))
        assert found.keys() == expected.keys()
        for key in found:
            assert [tuple(p.co) for p in found[key].keyframe_points] == [
                tuple(p.co) for p in expected[key].keyframe_points
            ]
    for frame in (1, 17, 40):
        scene.frame_set(frame)
        np.testing.assert_array_equal(world_positions(head_object), world_positions(built))
    images = [[m.node_tree.nodes[COLOUR_NODE].image for m in one.data.materials] for one in (head_object, built)]
    assert all(image.packed_file for image in (*images[0], *images[1]))
    assert (scene.frame_start, scene.frame_end) == (1, 40)
    assert scene.camera is not None and scene.camera.name.startswith("Head camera")
    assert [strip.sound.packed_file is not None for strip in compat.sound_strips(scene)] == [True]


def test_frames_move_the_head_before_the_take_is_there(
    blender: Any, session: Any, take: TakeFile, delivered: Snapshot
) -> None:
    run = press(blender, session)
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:10], 0, take.fps))
    ticks(session, lambda: "anna" in blender.data.objects and keys_of(blender.data.objects["anna"]) == 10)
    scene, head_object = blender.context.scene, blender.data.objects["anna"]
    ticks(session, lambda: scene.frame_current == 10)
    assert scene.frame_end == 40  # as long as the voice
    jaw = head_object.data.shape_keys.key_blocks["jawOpen"]
    assert jaw.value == pytest.approx(
        take.expression[9, session.work._feed.ready.head.expression_names.index("jawOpen")]
    )
    run.now = delivered
    ticks(session, lambda: session.work is None)
    assert keys_of(head_object) == 40 and len(blender.data.actions) in (1, 2) and scene.frame_current == 1


@pytest.mark.parametrize("frames", [0, 10])
def test_cancel_leaves_nothing(blender: Any, session: Any, take: TakeFile, frames: int) -> None:
    scene = blender.context.scene
    before, range_before = content(blender), (scene.frame_start, scene.frame_end, scene.render.engine)
    run = press(blender, session)
    if frames:
        run.now = Snapshot(state="running", frames=Frames(take.coefficients[:frames], 0, take.fps))
        ticks(session, lambda: scene.frame_current == frames)
        assert "anna" in blender.data.objects and (scene.frame_start, scene.frame_end) != range_before[:2]
    assert blender.ops.style_avatar.cancel() == {"FINISHED"}
    session.tick()
    assert session.work is None and run.now.state == "cancelled" and session.trouble is None
    assert content(blender) == before
    assert (scene.frame_start, scene.frame_end, scene.render.engine) == range_before
    assert scene.sequence_editor is None or not scene.sequence_editor.strips_all


def test_a_failed_job_is_told_and_leaves_nothing(blender: Any, session: Any, take: TakeFile) -> None:
    before = content(blender)
    run = press(blender, session)
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:5], 0, take.fps))
    ticks(session, lambda: "anna" in blender.data.objects)
    run.now = Snapshot(state="failed", error=Trouble("bad_audio", "There is no voice.", "Choose another file."))
    ticks(session, lambda: session.work is None)
    assert session.trouble.sentence == "There is no voice. Choose another file."
    assert content(blender) == before


def test_one_undo_removes_it_all(blender: Any, session: Any, delivered: Snapshot) -> None:
    before = content(blender)
    press_and_get(blender, session, delivered)
    assert content(blender) != before
    blender.ops.ed.undo()
    session.tick()
    assert content(blender) == before
    assert blender.context.scene.style_avatar.photo.endswith("anna.png")
    blender.ops.ed.redo()
    session.tick()
    assert "anna" in blender.data.objects and keys_of(blender.data.objects["anna"]) == 40


def test_undo_while_it_is_built_begins_again(blender: Any, session: Any, take: TakeFile, delivered: Snapshot) -> None:
    from blender_addon.building import unfinished

    run = press(blender, session)
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:10], 0, take.fps))
    ticks(session, lambda: "anna" in blender.data.objects and keys_of(blender.data.objects["anna"]) == 10)
    blender.data.objects.new("theirs", None)
    blender.ops.ed.undo_push(message="something of the artist's")  # holds half a head
    blender.ops.ed.undo()
    assert "anna" not in blender.data.objects
    run.now = delivered
    ticks(session, lambda: session.work is None)
    assert session.trouble is None and keys_of(blender.data.objects["anna"]) == 40
    assert [one.name for one in blender.data.objects if one.name.startswith("anna")] == ["anna"]
    blender.ops.ed.undo()
    session.tick()
    assert "anna" not in blender.data.objects and not unfinished.exists()


def test_half_a_head_does_not_come_back_by_undo(
    blender: Any, session: Any, take: TakeFile, delivered: Snapshot
) -> None:
    range_before = blender.context.scene.frame_end
    run = press(blender, session)
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:10], 0, take.fps))
    ticks(session, lambda: "anna" in blender.data.objects and keys_of(blender.data.objects["anna"]) == 10)
    blender.data.objects.new("theirs", None)
    blender.ops.ed.undo_push(message="something of the artist's")
    run.now = delivered
    ticks(session, lambda: session.work is None)
    blender.ops.ed.undo()
    session.tick()
    assert [one.name for one in blender.data.objects] == ["theirs"]
    assert blender.context.scene.frame_end == range_before


def test_deleting_the_head_meanwhile_is_told(blender: Any, session: Any, take: TakeFile) -> None:
    run = press(blender, session)
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:10], 0, take.fps))
    ticks(session, lambda: "anna" in blender.data.objects and keys_of(blender.data.objects["anna"]) == 10)
    blender.data.objects.remove(blender.data.objects["anna"])
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:40], 0, take.fps))
    ticks(session, lambda: session.work is None)
    assert session.trouble.code == "head_gone" and content(blender)["objects"] == []


def test_opening_a_file_meanwhile_is_told(blender: Any, session: Any, take: TakeFile) -> None:
    run = press(blender, session)
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:10], 0, take.fps))
    ticks(session, lambda: "anna" in blender.data.objects)
    blender.ops.wm.read_homefile(use_empty=True)
    session.tick()
    assert session.work is None and session.trouble.code == "new_file" and run.now.state == "cancelled"
    assert "anna" not in blender.data.objects


def test_a_file_that_was_saved_meanwhile_opens_clean(
    blender: Any, session: Any, take: TakeFile, tmp_path: Path
) -> None:
    run = press(blender, session)
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:10], 0, take.fps))
    ticks(session, lambda: "anna" in blender.data.objects and keys_of(blender.data.objects["anna"]) == 10)
    blender.ops.wm.save_as_mainfile(filepath=str(tmp_path / "half.blend"), copy=True)
    blender.ops.style_avatar.cancel()
    blender.ops.wm.open_mainfile(filepath=str(tmp_path / "half.blend"))
    assert not blender.data.objects and not blender.data.actions


def test_a_second_performance_is_a_new_action(blender: Any, session: Any, delivered: Snapshot) -> None:
    from blender_addon import compat

    head_object = press_and_get(blender, session, delivered)
    first = head_object.data.shape_keys.animation_data.action
    first.name = "touched by the artist"
    settings = blender.context.scene.style_avatar
    settings.face_source, settings.style_name = "HEAD", "calm"
    assert settings.head == head_object  # the selected one
    run = press(blender, session)
    assert run.request["image"] is None and len(run.request["person"]["identity"]) == 80
    assert len(run.request["person"]["albedo"]) == 80 and len(run.request["person"]["gamma"]) == 27
    run.now = delivered
    ticks(session, lambda: session.work is None)
    second = head_object.data.shape_keys.animation_data.action
    assert session.note == head_object.name and second != first
    assert second.name == head_object["style_avatar_performance"] == "voice (calm)"
    assert first.name == "touched by the artist" and first.use_fake_user
    assert [strip.mute for strip in compat.sound_strips(blender.context.scene)] == [True, False]


def test_cancelling_a_second_performance_gives_the_first_back(
    blender: Any, session: Any, take: TakeFile, delivered: Snapshot
) -> None:
    from blender_addon import compat

    head_object = press_and_get(blender, session, delivered)
    owners = (head_object, head_object.data.shape_keys)
    before, curves = content(blender), [len(compat.curves_of(one)) for one in owners]
    settings = blender.context.scene.style_avatar
    settings.face_source, settings.head = "HEAD", head_object
    run = press(blender, session)
    run.now = Snapshot(state="running", frames=Frames(take.coefficients[:10], 0, take.fps))
    ticks(session, lambda: keys_of(head_object) == 10)
    blender.ops.style_avatar.cancel()
    assert content(blender) == before and keys_of(head_object) == 40
    assert [len(compat.curves_of(one)) for one in owners] == curves
    assert [strip.mute for strip in compat.sound_strips(blender.context.scene)] == [False]


def test_performances_stack_in_the_nla(blender: Any, session: Any, delivered: Snapshot) -> None:
    head_object = press_and_get(blender, session, delivered)
    scene = blender.context.scene
    blender.context.view_layer.objects.active = head_object
    scene.frame_set(17)
    expected = world_positions(head_object)
    assert blender.ops.style_avatar.push_to_nla() == {"FINISHED"}
    for owner in (head_object, head_object.data.shape_keys):
        assert owner.animation_data.action is None
        assert [len(track.strips) for track in owner.animation_data.nla_tracks] == [1]
    scene.frame_set(1)
    scene.frame_set(17)
    np.testing.assert_allclose(world_positions(head_object), expected, atol=1e-6)
    assert not blender.ops.style_avatar.push_to_nla.poll()


def test_viewports_show_the_head_and_then_what_they_showed(blender: Any, session: Any, delivered: Snapshot) -> None:
    from blender_addon.building import viewports

    spaces = [space for _, space in viewports._viewports(blender.data.screens)]
    before = [(space.shading.type, space.overlay.show_floor) for space in spaces]
    assert ("SOLID", True) in before
    press_and_get(blender, session, delivered)
    viewports.look_through_camera(blender.data.screens)
    assert {(space.shading.type, space.overlay.show_floor) for space in spaces} == {("MATERIAL", False)}
    blender.ops.ed.undo()
    session.tick()
    spaces = [space for _, space in viewports._viewports(blender.data.screens)]
    assert [(space.shading.type, space.overlay.show_floor) for space in spaces] == before
    blender.ops.ed.redo()
    session.tick()
    spaces = [space for _, space in viewports._viewports(blender.data.screens)]
    assert {(space.shading.type, space.overlay.show_floor) for space in spaces} == {("MATERIAL", False)}
    blender.ops.ed.undo()
    session.tick()
    spaces[0].shading.type = "WIREFRAME"  # the artist's choice meanwhile
    blender.ops.ed.redo()
    session.tick()
    assert [space.shading.type for space in spaces] == ["WIREFRAME", *["MATERIAL"] * (len(spaces) - 1)]


def test_who_edits_something_else_is_left_alone(blender: Any, session: Any, delivered: Snapshot) -> None:
    blender.ops.mesh.primitive_cube_add()
    cube = blender.context.object
    blender.ops.object.mode_set(mode="EDIT")
    head_object = press_and_get(blender, session, delivered)
    assert cube.mode == "EDIT" and blender.context.view_layer.objects.active == cube
    assert not head_object.select_get() and keys_of(head_object) == 40


def test_nothing_is_built_while_the_artist_holds_something(
    blender: Any, session: Any, delivered: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blender_addon import session as module

    press(blender, session).now = delivered
    monkeypatch.setattr(module, "busy_hands", lambda: True)
    for _ in range(50):
        session.tick()
        time.sleep(0.005)
    assert "anna" not in blender.data.objects
    monkeypatch.setattr(module, "busy_hands", lambda: False)
    ticks(session, lambda: session.work is None)
    assert session.note == "anna"


def test_a_new_head_stands_beside_what_is_there(blender: Any, session: Any, delivered: Snapshot) -> None:
    blender.ops.mesh.primitive_cube_add()
    head_object = press_and_get(blender, session, delivered)
    points = world_positions(head_object)
    assert points[:, 0].min() > 1.5
    assert abs(blender.context.scene.camera.location.x - points[:, 0].mean()) < 0.05


def test_a_view_is_seen_from_where_it_was(blender: Any, session: Any, delivered: Snapshot) -> None:
    from blender_addon.building import viewports

    regions = [space.region_3d for _, space in viewports._viewports(blender.data.screens)]
    before = [(one.view_perspective, viewports.view_of(one)) for one in regions]
    press_and_get(blender, session, delivered)
    viewports.look_through_camera(blender.data.screens)
    fills = [viewports.zoom_to_fill(*viewports._size(place)) for place, _ in viewports._viewports(blender.data.screens)]
    assert [one.view_camera_zoom for one in regions] == pytest.approx(fills, abs=1e-4)
    for one in regions:  # a window that is drawn turns to its camera
        one.view_rotation, one.view_location, one.view_distance = (0.0, 1.0, 0.0, 0.0), (5.0, 6.0, 7.0), 3.0
    blender.ops.ed.undo()
    session.tick()
    regions = [space.region_3d for _, space in viewports._viewports(blender.data.screens)]
    assert [one.view_perspective for one in regions] == [perspective for perspective, _ in before]
    for one, (_, view) in zip(regions, before, strict=True):
        for name, value in viewports.view_of(one).items():
            assert value == pytest.approx(view[name], abs=1e-5), name


def test_the_cameras_frame_nearly_fills_the_view(blender: Any) -> None:
    from blender_addon.building import viewports

    for width, height in ((834, 714), (714, 834), (1600, 500), (600, 600)):
        side = max(width, height) * (math.sqrt(2) + viewports.zoom_to_fill(width, height) / 50) ** 2 / 4
        assert side == pytest.approx(viewports.FILLED * min(width, height))
    assert viewports.zoom_to_fill(0, 0) == 0.0


def test_a_strip_that_is_spoken_silences_the_former_sound(blender: Any, session: Any, delivered: Snapshot) -> None:
    from blender_addon import compat
    from blender_addon.building.scene import add_sound

    head_object, scene = press_and_get(blender, session, delivered), blender.context.scene
    former = compat.sound_strips(scene)[0].name
    own = add_sound(scene, Path(scene.style_avatar.voice_file), 1).name
    settings = scene.style_avatar
    settings.face_source, settings.head, settings.voice_source = "HEAD", head_object, "STRIP"
    blender.ops.ed.undo_push(message="a strip of the artist's")

    def muted() -> dict[str, bool]:
        return {strip.name: strip.mute for strip in compat.sound_strips(scene)}

    settings.voice_strip = own
    press_and_get(blender, session, delivered)
    assert muted() == {former: True, own: False}
    settings.voice_strip = former
    press_and_get(blender, session, delivered)
    assert muted() == {former: False, own: False}
