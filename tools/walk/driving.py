"""Step 5 of the walk: other people's characters."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any, Final

import bpy

from tools.walk.making import a_head
from tools.walk.window import Steps, Window, action_of, heads, module, select

PRESET: Final = "Walk"


def drive(window: Window, asked: Namespace) -> Steps:
    """Somebody else's character with ARKit's shapes."""
    scene, settings = bpy.context.scene, bpy.context.scene.style_avatar_drive
    yield from a_character(window, asked)
    character = settings.character
    window.press("style_avatar.match_names")
    window.check(f"{len(settings.rows)} lines matched", len(settings.rows) >= 52)
    yield from given_up(window, character)
    yield from driven(window)
    window.check(f"said: {settings.done}", bool(settings.done))
    window.check("the character has keys", action_of(character) is not None)
    begins = [action_of(one).frame_range[0] for one in (heads()[0], character)]
    window.check(f"the head begins on {begins[0]:.0f}, the character on {begins[1]:.0f}", begins[0] == begins[1])
    window.check("nothing is in the way", not errors())
    show_both(window, character)
    scene.frame_set(scene.frame_end // 3)
    yield from window.pretty()
    yield from window.picture("5-drive", "drive")
    window.plain()


def driven(window: Window) -> Steps:
    """Press Drive Character and wait."""
    desk = module("driving.running").DESK
    window.press("style_avatar.drive", "INVOKE_DEFAULT")
    yield from window.until("driven", lambda: desk.drive is None)


def given_up(window: Window, character: Any) -> Steps:
    """Press it, and Esc."""
    desk, before = module("driving.running").DESK, set(bpy.data.actions.keys())
    window.press("style_avatar.drive", "INVOKE_DEFAULT")
    yield 0.2
    window.check("it is being driven", desk.drive is not None)
    window.key("ESC")
    yield from window.until("Esc ends it", lambda: desk.drive is None, 30.0)
    window.check("no Action is left", action_of(character) is None and set(bpy.data.actions.keys()) == before)


def errors() -> list[str]:
    """What the report says is wrong."""
    return [one.text for one in bpy.context.scene.style_avatar_drive.report if one.level == "ERROR"]


def a_character(window: Window, asked: Namespace) -> Steps:
    """A head and a character, both chosen; the first of the scene, or new ones."""
    yield from a_head(window, asked)
    settings = bpy.context.scene.style_avatar_drive
    settings.source, settings.head = "HEAD", heads()[0]
    if settings.character is None:
        settings.character = arkit_character(heads()[0])


def arkit_character(head: Any) -> Any:
    """A mesh beside the head that knows nothing of this add-on but its shape keys' names, as "JawOpen"."""
    character = head.copy()
    character.data = head.data.copy()
    character.name = "Character"
    for owner in (character, character.data):
        names = tuple(owner.keys())
        for name in filter(lambda one: one.startswith("style_avatar"), names):
            del owner[name]
    character.animation_data_clear()
    character.data.shape_keys.animation_data_clear()
    for key in character.data.shape_keys.key_blocks[1:]:
        key.value = 0.0
        key.name = key.name[:1].upper() + key.name[1:]
    character.delta_location.x += 1.2 * head.dimensions.x
    for collection in head.users_collection:
        collection.objects.link(character)
    return character


def show_both(window: Window, character: Any) -> None:
    """Look at the character and the head from the front, without the camera."""
    space = window.view().spaces.active
    space.region_3d.view_perspective = "PERSP"
    space.overlay.show_overlays = False
    for one in bpy.context.view_layer.objects:
        one.select_set(one == character or one in heads())
    window.press("view3d.view_axis", type="FRONT")
    window.press("view3d.view_selected")


def presets(window: Window, asked: Namespace) -> Steps:
    """The list, corrected, is saved, loaded, renamed and deleted."""
    yield from a_character(window, asked)
    settings = bpy.context.scene.style_avatar_drive
    window.press("style_avatar.match_names")
    settings.rows[0].gain = 0.5
    settings.preset = PRESET
    window.press("style_avatar.save_mapping")
    window.press("style_avatar.match_names")
    window.check("matching begins anew", settings.rows[0].gain == 1.0)
    window.press("style_avatar.load_mapping")
    window.check("the preset has the correction", settings.rows[0].gain == 0.5)
    yield from window.picture("5-presets", "drive", "drive_presets")
    window.press("style_avatar.rename_mapping", new_name=f"{PRESET} 2")
    window.check(f"it is called {settings.preset}", settings.preset == f"{PRESET} 2")
    window.press("style_avatar.delete_mapping")
    window.check("deleted", settings.preset == "")
    window.press("style_avatar.match_names")


def csv(window: Window, asked: Namespace) -> Steps:
    """The performance as Live Link Face writes it, and back onto the character."""
    yield from a_character(window, asked)
    path, character = window.shots / "arkit.csv", bpy.context.scene.style_avatar_drive.character
    path.unlink(missing_ok=True)
    window.press("style_avatar.export_arkit", filepath=str(path))
    window.check(f"{path.name} of {path.stat().st_size:,} bytes", path.stat().st_size > 10_000)
    select(character)
    before = action_of(character)
    window.press("style_avatar.import_arkit", filepath=str(path))
    after = action_of(character)
    window.check(f"the character plays {after and after.name}", after is not None and after != before)
    window.check(f"nothing is in the way {errors()}", not errors())
    moved = largest_move(character, "JawOpen")
    window.check(f"its jaw moves by {moved:.2f}", moved > 0.05)
    yield from window.picture("5-csv", "drive", "arkit")


def largest_move(one: Any, name: str) -> float:
    """How much a shape key changes over the scene."""
    scene, block, seen = bpy.context.scene, one.data.shape_keys.key_blocks[name], []
    for frame in range(scene.frame_start, scene.frame_end, 7):
        scene.frame_set(frame)
        seen.append(block.value)
    return float(max(seen) - min(seen))


def linked(window: Window, asked: Namespace) -> Steps:
    """A character that is linked from another file: refused, then driven as a library override."""
    yield from a_character(window, asked)
    scene, settings = bpy.context.scene, bpy.context.scene.style_avatar_drive
    one = link(settings.character, window.shots / "library.blend")
    settings.character.hide_set(True)  # it stands in the same place
    scene.collection.objects.link(one)
    settings.character = one
    window.press("style_avatar.match_names")
    window.check(f"said: {errors()}", any("Override" in text for text in errors()))
    yield from window.picture("5-linked", "drive")
    own = one.override_create(remap_local_usages=True)
    own.data.override_create(remap_local_usages=True)
    own = next(other for other in scene.objects if other.override_library is not None)
    settings.character = own
    window.press("style_avatar.match_names")
    yield from driven(window)
    action = action_of(own)
    window.check(f"the override plays {action and action.name}", action is not None and action.library is None)
    window.check(f"nothing is in the way {errors()}", not errors())
    highest = own.data.shape_keys.key_blocks["JawOpen"].slider_max
    window.check(f"its slider ends at {highest:.2f} still", abs(highest - 0.6) < 1e-6)
    moved = largest_move(own, "JawOpen")
    window.check(f"its jaw moves by {moved:.2f}", moved > 0.05)
    yield from window.picture("5-override", "drive")
    own.hide_set(True)


def link(character: Any, path: Path) -> Any:
    """The character, once more, from a file of its own, in which its jaw's slider ends at 0.6."""
    other = character.copy()
    other.data = character.data.copy()
    other.name = "Linked character"
    other.data.shape_keys.animation_data_clear()
    other.data.shape_keys.key_blocks["JawOpen"].slider_max = 0.6
    bpy.data.libraries.write(str(path), {other})
    bpy.data.objects.remove(other)
    with bpy.data.libraries.load(str(path), link=True) as (_, into):
        into.objects = ["Linked character"]
    return next(one for one in bpy.data.objects if one.library is not None)


STEPS: Final = (drive, presets, csv, linked)
