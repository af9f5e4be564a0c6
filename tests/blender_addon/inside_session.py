"""Run by another Blender (see test_other_blenders): the add-on from the pressed button on, with a job that is done.

    blender --background --factory-startup --python inside_session.py -- head.npz take.npz

Prints "MEASURED {...}": what was there after Animate, after a cancelled one, a second one, the NLA, undo, and after one
round of edits: amounts, fewer keys, a range once more, a layer, and another style in the place of its strips.
"""

from __future__ import annotations

import json
import os
import sys
import time
import wave
from pathlib import Path
from types import MappingProxyType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bpy

from blender_addon import compat, registration
from blender_addon.building import unfinished
from blender_addon.building.scene import has_sound
from blender_addon.connection.answers import Frames
from blender_addon.files.take_file import load
from blender_addon.hosting.status import Status
from blender_addon.jobs import work
from blender_addon.jobs.snapshot import Snapshot
from blender_addon.operators import animate, redo
from blender_addon.session import SESSION


class Host:
    """A backend that is ready."""

    def start(self) -> None: ...

    def stop(self, wait: bool = False) -> None: ...

    def state(self) -> Status:
        return Status("ready", "The backend is ready.")

    def backend(self) -> Any:
        return self

    def styles(self) -> dict[str, Any]:
        return {"styles": []}


class FakeRun:
    """A job that stands where the class says."""

    now = Snapshot()

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def snapshot(self) -> Snapshot:
        return FakeRun.now

    def cancel(self) -> None: ...


def main() -> None:
    """Do what an artist does and print what came of it."""
    head, take = (Path(word) for word in sys.argv[sys.argv.index("--") + 1 :])
    work.Run, work.fetch_geometry = FakeRun, lambda *_: head  # type: ignore[assignment, misc]
    for module in (animate, redo):
        module.new_result_folder = module.cache_folder = lambda context: head.parent  # type: ignore[attr-defined]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    registration.register()
    SESSION.start(Host())
    settings = bpy.context.scene.style_avatar
    settings.voice_file, settings.face_source = silence(head.parent / "voice.wav"), "AVERAGE"
    coefficients = load(take).coefficients
    measured: dict[str, Any] = {"version": list(bpy.app.version), "empty": content()}

    FakeRun.now = Snapshot(state="running", frames=Frames(coefficients[:10], 0, 25.0))
    bpy.ops.style_avatar.animate()
    ticks(lambda: bpy.context.scene.frame_current == 10)
    bpy.ops.style_avatar.cancel()
    SESSION.tick()
    measured["cancelled"] = content()

    FakeRun.now = Snapshot(state="done", files=MappingProxyType({"head.npz": head, "take.npz": take}))
    press()
    head_object = bpy.data.objects[SESSION.note]
    measured["curves"] = [len(compat.curves_of(one)) for one in (head_object, head_object.data.shape_keys)]
    settings.face_source, settings.head, settings.style_name = "HEAD", head_object, "calm"
    press()
    measured["actions"] = sorted(one.name for one in bpy.data.actions)
    measured["muted"] = [strip.mute for strip in compat.sound_strips(bpy.context.scene)]
    measured["sound"] = has_sound()
    measured["unfinished"] = unfinished.exists()
    bpy.ops.ed.undo()
    SESSION.tick()
    measured["actions undone"] = sorted(one.name for one in bpy.data.actions)
    bpy.context.view_layer.objects.active = bpy.data.objects["Head"]
    bpy.ops.style_avatar.push_to_nla()
    owners = (bpy.data.objects["Head"], bpy.data.objects["Head"].data.shape_keys)
    measured["tracks"] = [len(one.animation_data.nla_tracks) for one in owners]
    settings = bpy.context.scene.style_avatar  # undo has made it another one
    settings.face_source, settings.head = "HEAD", bpy.data.objects["Head"]
    press()
    measured["edited"] = edited(bpy.data.objects["Head"])
    print("MEASURED", json.dumps(measured), flush=True)
    registration.unregister()
    os._exit(0)  # the bpy wheel of 4.2 crashes at its end when an add-on was registered


def edited(head_object: Any) -> dict[str, Any]:
    """One round of edits on what was animated last, and what each of them came to."""
    found: dict[str, Any] = {"begin": keys(head_object)}
    jaw, settings = curve(head_object, "jawOpen"), bpy.context.scene.style_avatar_edit
    for point in jaw.keyframe_points:
        point.interpolation = "BEZIER"
    jaw.update()
    bpy.ops.style_avatar.set_amounts(jaw=0.5, head=0.5)
    found["amounts"] = keys(head_object)
    pose = [one.keyframe_points[7].co[1] for one in compat.curves_of(head_object)]
    half = values(head_object)
    bpy.ops.style_avatar.take_range(source=found["begin"][0], first=1, last=9, blend=0)
    found["turned"] = max(
        abs(one.keyframe_points[7].co[1] - value)
        for one, value in zip(compat.curves_of(head_object), pose, strict=True)
    )
    found["taken"] = [abs(one - other) > 1e-4 for one, other in zip(half, values(head_object), strict=True)]
    settings.tolerance = 1.0
    bpy.ops.style_avatar.reduce_keys()
    found["reduced"] = keys(head_object)
    before = values(head_object)
    settings.first, settings.last, settings.blend, settings.new = 11, 20, 2, {"VARIATION"}
    press(bpy.ops.style_avatar.redo_range)
    found["redone"] = keys(head_object)
    after = values(head_object)
    found["outside"] = max(abs(one - other) for one, other in zip(before[:10], after[:10], strict=True))
    found["inside"] = max(abs(one - other) for one, other in zip(before[10:20], after[10:20], strict=True))
    bpy.ops.style_avatar.make_layer()
    bpy.ops.style_avatar.reset_amounts.poll()
    bpy.ops.style_avatar.set_amounts(brows=0.0)
    found["layer"] = keys(head_object)
    found["still"] = max(abs(value) for value in values(head_object, "browInnerUp"))
    press(bpy.ops.style_avatar.another_style)
    found["style"] = keys(head_object)
    found["moves"] = max(abs(value) for value in values(head_object, "browInnerUp"))
    found["assigned"] = [one.animation_data.action is not None for one in (head_object, head_object.data.shape_keys)]
    return found


def keys(head_object: Any) -> tuple[str, int]:
    """The Action that the head plays, and how many keys it has."""
    from blender_addon.editing.layers import read_layer
    from blender_addon.editing.played import played

    found = played(head_object)
    assert found is not None
    return found.face.action, read_layer(head_object).keys


def curve(head_object: Any, name: str) -> Any:
    path = f'key_blocks["{name}"].value'
    return next(one for one in compat.curves_of(head_object.data.shape_keys) if one.data_path == path)


def values(head_object: Any, name: str = "jawOpen") -> list[float]:
    """What Blender shows of a shape key in the first forty frames."""
    found = []
    for frame in range(1, 41):
        bpy.context.scene.frame_set(frame)
        found.append(float(head_object.data.shape_keys.key_blocks[name].value))
    return found


def press(operator: Any = None) -> None:
    (operator or bpy.ops.style_avatar.animate)()
    ticks(lambda: SESSION.work is None)
    assert SESSION.trouble is None, SESSION.trouble


def ticks(until: Any) -> None:
    deadline = time.monotonic() + 30
    while not until():
        SESSION.tick()
        assert time.monotonic() < deadline, f"it never happened: {SESSION.trouble}"
        time.sleep(0.002)


def content() -> dict[str, int]:
    kinds = ("objects", "meshes", "materials", "actions", "cameras", "lights", "worlds", "sounds", "collections")
    return {kind: len(getattr(bpy.data, kind)) for kind in kinds}


def silence(path: Path) -> str:
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(16000)
        stream.writeframes(bytes(2 * 25600))
    return str(path)


if __name__ == "__main__":
    main()
