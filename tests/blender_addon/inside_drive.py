"""Run by another Blender (see test_other_blenders): a character is driven, its mapping kept, a linked one overridden.

    blender --background --factory-startup --python inside_drive.py -- folder

Prints "MEASURED {...}": what moved, what was kept, and what was there after a cancelled drive.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bpy

from blender_addon import compat, registration
from blender_addon.driving import settings as drive_settings
from blender_addon.driving import work
from blender_addon.driving.running import DESK
from blender_addon.operators.drive import order_of
from blender_addon.retarget import arkit_csv
from blender_addon.retarget.units import ARKIT
from tests.blender_addon.characters import HEAD_BONES, armature_with, mesh_with, speaking


def main() -> None:
    """Do what an artist does and print what came of it."""
    folder = Path(sys.argv[sys.argv.index("--") + 1])
    arkit_csv.write(speaking(), folder / "voice.csv")
    drive_settings.preset_folder = lambda context: folder / "presets"
    from blender_addon.operators import mapping

    mapping.preset_folder = drive_settings.preset_folder
    bpy.ops.wm.read_factory_settings(use_empty=True)
    registration.register()
    measured: dict[str, Any] = {"version": list(bpy.app.version)}
    measured["driven"] = driven(folder)
    measured["cancelled"] = cancelled()
    measured["preset"] = preset()
    measured["linked"] = linked(folder)
    print("MEASURED", json.dumps(measured), flush=True)
    registration.unregister()
    os._exit(0)  # the bpy wheel of 4.2 crashes at its end when an add-on was registered


def character(name: str = "Face") -> Any:
    """ARKit's shapes on bones; one slider is the artist's own, one shape is muted."""
    rig = armature_with(HEAD_BONES, f"{name} rig")
    face = mesh_with([f"bs_{shape}" for shape in ARKIT], name, rig)
    face.data.shape_keys.key_blocks["bs_jawOpen"].slider_max = 0.9
    face.data.shape_keys.key_blocks["bs_tongueOut"].mute = True
    return face


def chosen(face: Any, folder: Path) -> Any:
    """The panel's settings, for the recording on this face."""
    bpy.context.scene.render.fps = 25
    settings = bpy.context.scene.style_avatar_drive
    settings.character, settings.source, settings.file = face, "FILE", str(folder / "voice.csv")
    return settings


def driven(folder: Path) -> dict[str, Any]:
    """Match, drive in pieces, and look: an open and a closed frame, the head's turn, what the panel says."""
    face = character()
    settings = chosen(face, folder)
    bpy.ops.style_avatar.match_names()
    pressed()
    rig = face.parent
    looks = []
    for frame in (21, 14):
        bpy.context.scene.frame_set(frame)
        looks.append([face.data.shape_keys.key_blocks[f"bs_{name}"].value for name in ("jawOpen", "mouthClose")])
    return {
        "looks": looks,
        "turn": rig.pose.bones["head"].rotation_quaternion.angle,
        "curves": [len(compat.curves_of(owner)) for owner in (face.data.shape_keys, rig)],
        "done": settings.done,
        "report": " ".join(line.text for line in settings.report),
    }


def pressed() -> None:
    DESK.begin(order_of(bpy.context.scene))
    ticks(lambda: DESK.drive is None)


def ticks(until: Any) -> None:
    deadline = time.monotonic() + 60
    while not until():
        DESK.tick()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def content() -> list[Any]:
    face = bpy.data.objects["Face"]
    owners = (face.data.shape_keys, face.parent)
    played = [owner.animation_data.action.name for owner in owners]
    return [sorted(action.name for action in bpy.data.actions), played, [key.value for key in owners[0].key_blocks]]


def cancelled() -> bool:
    """Whether a second drive that is cancelled while it looks leaves everything as it was."""
    before, budget = content(), work.BUDGET
    work.BUDGET = 0.0  # type: ignore[misc]  # one piece per tick
    DESK.begin(order_of(bpy.context.scene))
    drive: Any = DESK.drive
    ticks(lambda: drive.stage == "Looking whether it moves")
    bpy.ops.style_avatar.cancel_drive()
    work.BUDGET = budget  # type: ignore[misc]
    return content() == before and bool(drive.cancelled)


def preset() -> list[Any]:
    """A mapping that was corrected, saved and loaded again."""
    settings = bpy.context.scene.style_avatar_drive
    settings.rows[3].gain, settings.rows[4].on, settings.preset = -0.5, False, "Half"
    bpy.ops.style_avatar.save_mapping()
    settings.rows.clear()
    bpy.ops.style_avatar.load_mapping()
    return [len(settings.rows), settings.rows[3].gain, settings.rows[4].on]


def linked(folder: Path) -> dict[str, Any]:
    """A character of another file: refused while it is linked, driven as an override, its settings kept."""
    path = str(folder / "library.blend")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    face = character("Linked")
    face.parent = None
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Linked"]
    away = bpy.data.objects["Linked"]
    bpy.context.scene.collection.objects.link(away)
    settings = chosen(away, folder)
    bpy.ops.style_avatar.match_names()
    said = " ".join(line.text for line in settings.report if line.level == "ERROR")
    own = away.override_create(remap_local_usages=True)
    own.data.override_create(remap_local_usages=True)
    own = bpy.context.scene.objects["Linked"]
    settings = chosen(own, folder)
    bpy.ops.style_avatar.match_names()
    pressed()
    bpy.context.scene.frame_set(21)
    keys = own.data.shape_keys
    return {
        "refused": "Library Override" in said,
        "local": keys.animation_data.action.library is None,
        "slider": keys.key_blocks["bs_jawOpen"].slider_max,
        "muted": keys.key_blocks["bs_tongueOut"].mute,
        "value": keys.key_blocks["bs_jawOpen"].value,
        "done": settings.done,
        "report": " ".join(line.text for line in settings.report),
    }


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # a bpy wheel may hang at its end when an add-on was registered
