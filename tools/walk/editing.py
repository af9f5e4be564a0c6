"""Step 6 of the walk: the artist changes his mind."""

from __future__ import annotations

from argparse import Namespace
from typing import Any, Final

import bpy

from tools.walk.making import a_head, finished, settings
from tools.walk.window import Steps, Window, action_of, heads, module, select, session

FRAMES: Final = range(1, 340)
OPENS: Final = "jawOpen"
RANGE: Final = ("edit", "range")  # panels
KEYS: Final = ("edit", "keys")


def values(name: str) -> list[float]:
    """What the head's Action says for a shape key."""
    path = f'key_blocks["{name}"].value'
    curves = module("compat").curves_of(heads()[0].data.shape_keys)
    curve = next(one for one in curves if one.data_path == path)
    return [float(curve.evaluate(frame)) for frame in FRAMES]


def changed(before: list[float]) -> list[int]:
    """The frames in which the jaw is not as it was `before`."""
    return [frame for frame, one, other in zip(FRAMES, before, values(OPENS), strict=True) if abs(one - other) > 1e-4]


def another(window: Window, asked: Namespace) -> Steps:
    """Another style on the same voice, in one press."""
    yield from a_head(window, asked)
    select(heads()[0])
    first = action_of(heads()[0]).name
    settings().style_name = "energetic"
    window.press("style_avatar.another_style", "INVOKE_DEFAULT")
    yield from finished(window)
    second = action_of(heads()[0]).name
    window.check(f"{first} stays, {second} plays", first in bpy.data.actions and first != second)
    yield from window.picture("6-another-style", "edit")


def sentence(window: Window, asked: Namespace) -> Steps:
    """The second sentence of the list once more, in another style."""
    yield from a_performance(window, asked)
    edit, listed = bpy.context.scene.style_avatar_edit, bpy.context.window_manager.style_avatar_parts
    edit.parts = "WORDS"
    yield from window.until("words or sounds are listed", lambda: len(listed.rows) > 20)
    edit.parts = "SENTENCES"
    yield from window.until("sentences are listed", lambda: 1 < len(listed.rows) < 20)
    listed.index = 1
    first, last, before = edit.first, edit.last, values(OPENS)
    window.check(f"the range is {first} to {last}", listed.rows[1].first == first < last)
    settings().style_name = "calm" if "calm" in session().styles else "neutral"
    edit.new = {"STYLE"}
    yield from window.picture("6-sentence", *RANGE)
    window.press("style_avatar.redo_range", "INVOKE_DEFAULT")
    yield from finished(window)
    frames = changed(before)
    window.check(f"frames {min(frames, default=0)} to {max(frames, default=0)} of {OPENS} changed", bool(frames))
    window.check("none outside of it", all(first <= frame <= last for frame in frames))
    yield from window.picture("6-redone", *RANGE)


def from_action(window: Window, asked: Namespace) -> Steps:
    """Frames between two markers from the performance there was first."""
    yield from a_performance(window, asked)
    markers, name, before = bpy.context.scene.timeline_markers, action_of(heads()[0]).name, values(OPENS)
    for frame in (100, 160):
        markers.new(f"F_{frame}", frame=frame).select = True
    window.press("style_avatar.pick_range")
    source = next(one.name for one in bpy.data.actions if one.name.endswith("(neutral)") and one.name != name)
    yield from dialog(window, "6-from-action", "style_avatar.take_range", RANGE, source=source)
    yield from finished(window)
    frames = changed(before)
    window.check(f"frames {min(frames, default=0)} to {max(frames, default=0)} of {OPENS} changed", bool(frames))
    window.check("none outside of the markers", all(100 <= frame <= 160 for frame in frames))
    markers.clear()


def a_performance(window: Window, asked: Namespace) -> Steps:
    """A head that has spoken in two styles, selected."""
    yield from a_head(window, asked)
    if sum("style_avatar_asked" in one for one in bpy.data.actions) < 2:
        yield from another(window, asked)
    select(heads()[0])


def dialog(window: Window, name: str, operator: str, panels: tuple[str, ...], **chosen: Any) -> Steps:
    """Open the dialog of a button, take its picture with `panels`, and press Enter."""
    window.point()
    yield 0.5
    window.press(operator, "INVOKE_DEFAULT", **chosen)
    yield from window.picture(name, *panels)
    window.point(up=58)  # onto the dialog's title: Enter on a field would edit the field
    yield 1.0
    window.key("RET", up=58)
    yield max(2.0, window.settle)


def amounts(window: Window, asked: Namespace) -> Steps:
    """The jaw at half of it, then as it was."""
    yield from a_performance(window, asked)
    before = values(OPENS)
    yield from dialog(window, "6-amounts", "style_avatar.set_amounts", KEYS)
    yield from finished(window)
    window.check("1 for all changes nothing", not changed(before))
    window.press("style_avatar.set_amounts", jaw=0.5)
    half = values(OPENS)
    window.check(f"{OPENS} up to {max(before):.2f} before, {max(half):.2f} now", max(half) < 0.7 * max(before))
    window.press("style_avatar.reset_amounts", "INVOKE_DEFAULT")
    yield from finished(window)
    window.check("as it was", not changed(before))


def reduce(window: Window, asked: Namespace) -> Steps:
    """Fewer keys, to a tolerance on the mesh; first given up with Esc."""
    yield from a_performance(window, asked)
    name = action_of(heads()[0]).name
    window.press("style_avatar.reduce_keys", "INVOKE_DEFAULT")
    yield 0.5
    window.key("ESC")
    yield from window.until("Esc ends it", lambda: session().work is None, 30.0)
    window.check(f"{name} plays still", action_of(heads()[0]).name == name)
    window.press("style_avatar.reduce_keys", "INVOKE_DEFAULT")
    yield from finished(window)
    before, after, error = action_of(heads()[0])["style_avatar_reduced"]
    window.check(f"{before:.0f} keys became {after:.0f}, {error:.3f} mm", after < before / 2 and error <= 0.25)
    yield from window.picture("6-reduced", *KEYS)


def layer(window: Window, asked: Namespace) -> Steps:
    """A smile keyed by hand on top of the performance."""
    yield from a_performance(window, asked)
    head, smile = heads()[0], "mouthSmileLeft"
    frame = 120
    bpy.context.scene.frame_set(frame)
    alone = head.data.shape_keys.key_blocks[smile].value
    window.press("style_avatar.make_layer")
    tracks = [len(one.animation_data.nla_tracks) for one in (head, head.data.shape_keys)]
    window.check(f"on NLA tracks {tracks}", min(tracks) >= 1)
    block = head.data.shape_keys.key_blocks[smile]
    block.value = alone + 0.4
    block.keyframe_insert("value", frame=frame)
    bpy.context.scene.frame_set(frame + 1)
    bpy.context.scene.frame_set(frame)
    window.check(f"{smile} was {alone:.2f}, is {block.value:.2f}", abs(block.value - alone - 0.4) < 0.05)
    yield from window.picture("6-layer", *KEYS)
    yield from window.editor("6-tracks", "NLA_EDITOR")
    drive, path = bpy.context.scene.style_avatar_drive, window.shots / "layers.csv"
    drive.source, drive.head = "HEAD", head
    window.press("style_avatar.export_arkit", filepath=str(path))
    window.press("ed.undo")
    yield 2.0
    window.check("one undo takes the tracks back", not heads()[0].animation_data.nla_tracks)
    window.check(f"what was on the tracks went into {path.stat().st_size:,} bytes of CSV", path.stat().st_size > 10_000)


STEPS: Final = (another, sentence, from_action, amounts, reduce, layer)
