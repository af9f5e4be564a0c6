"""Build what the artist asked for while it is being computed, in pieces, as one thing that can be taken back.

The head is built as soon as the first frames are there and moves with what has come so far; when the take arrives, its
keys replace the provisional ones. Everything is marked as unfinished until the last piece is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy

from .. import compat
from ..motion.performance import performance_name
from ..motion.pose import Mode
from . import animation, scene, unfinished, viewports
from .build import record
from .feed import Ready
from .head import head_steps
from .material import material_steps, texture_steps
from .place import free_place
from .steps import WAIT, Outcome, Steps

SOUND: Final = "style_avatar_sound"  # on an Action: the sound that is spoken, so that it stays in the file
HEAD_OF_STRIP: Final = "style_avatar_head"  # on a sound strip: the name of the head that speaks it


@dataclass(frozen=True)
class Order:
    """What to build.

    scene: its name; head: name of the object that speaks, "" for a new one; head_name: what to call a new one;
    meta: voice and style, for the name of the Action; audio: sound to add (None: it is in the scene already);
    frames: the length of the voice in frames of the scene, as far as is known; staged: camera, lights and world around
    a new head; follow: show the newest frame while it is being computed; sound: name of one in the file that is spoken;
    strip: name of the scene's strip that speaks it, which stays audible;
    early: build what is there before the take is done; timed: set the scene's range.
    """

    scene: str
    head: str = ""
    head_name: str = "Head"
    meta: dict[str, Any] | None = None
    audio: Path | None = None
    first_frame: int = 1
    frames: int = 0
    fps: float | None = None
    sound: str = ""
    strip: str = ""
    early: bool = True
    timed: bool = True
    pose: Mode = "take"
    interpolation: animation.Interpolation = "LINEAR"
    staged: bool = True
    pack: bool = True
    follow: bool = True

    def steps(self, newest: Callable[[], Ready | None]) -> Steps[Outcome]:
        """See `assembly_steps`."""
        return assembly_steps(self, newest)


def assembly_steps(order: Order, newest: Callable[[], Ready | None]) -> Steps[Outcome]:
    """Build `order` from what `newest` returns, until it is final.

    Raises:
        KeyError: the scene or the head is gone.
        ReferenceError: the artist deleted what is being built.
        RuntimeError: Blender cannot read the texture or the sound.
    """
    here = bpy.data.scenes[order.scene]
    head_object = bpy.data.objects[order.head] if order.head else None
    unfinished.begin(here, head_object)
    while (ready := newest()) is None or not (ready.final or order.early):
        yield WAIT
    fps = order.fps or ready.take.fps
    if head_object is None:
        head_object = yield from _new_head_steps(here, order, ready)
    if order.fps is None:
        scene.set_frame_rate(here, fps)
    name = performance_name(order.meta or ready.take.meta)
    actions = animation.new_actions(head_object, name)
    expected, sound = order.frames, order.sound
    if order.audio and scene.has_sound():
        expected, sound = _add_voice(here, order, head_object)
        yield "scene", 0, 1
    elif order.strip:
        _silence_former(here, head_object.name, order.strip)
    shown = None
    while shown is None or not shown.final:
        if ready is shown:
            yield WAIT
        else:
            length = 0 if ready.final else expected
            if order.timed:
                scene.set_range(here, order.first_frame, max(length, len(ready.performance.expression)))
            yield from _key_steps(here, order, head_object, actions, ready)
            shown = ready
        ready = newest() or ready
    if ready.texture and not order.head:
        yield from texture_steps(head_object, ready.texture)
    record(head_object, actions, ready.take.meta, ready.performance, fps)
    head_object["style_avatar_performance"] = name
    head_object["style_avatar_gamma"] = [float(value) for value in ready.take.gamma]
    if sound in bpy.data.sounds:
        actions.face[SOUND] = bpy.data.sounds[sound]
    if order.timed:
        scene.set_frame_range(here, order.first_frame, len(ready.performance.expression))
    yield "scene", 1, 1
    unfinished.settle()
    return Outcome(str(head_object.name))


def _new_head_steps(here: Any, order: Order, ready: Ready) -> Steps[Any]:
    place = free_place(here)
    head_object = yield from head_steps(ready.head, ready.take.identity, ready.take.albedo, name=order.head_name)
    head_object.delta_location = place
    yield from material_steps(head_object, ready.head)
    here.collection.objects.link(head_object)
    if order.staged:
        scene.stage(here, head_object)
    yield "scene", 0, 1
    show(here, head_object, order.staged)
    yield "scene", 0, 1
    return head_object


def show(here: Any, head_object: Any, staged: bool) -> None:
    """Select the head in the windows that show its scene and, with a stage, look at it through the camera.

    Who is editing, sculpting or painting something else meanwhile is left alone.
    """
    for window in bpy.context.window_manager.windows:
        active = window.view_layer.objects.active
        if window.scene == here and (active is None or active.mode == "OBJECT"):
            scene.select_only(head_object, window.view_layer)
            if staged:
                viewports.look_through_camera([window.screen])


def _key_steps(here: Any, order: Order, head_object: Any, actions: animation.Actions, ready: Ready) -> Steps[None]:
    yield from animation.key_steps(
        head_object,
        actions,
        ready.performance,
        first_frame=order.first_frame,
        interpolation=order.interpolation,
    )
    count = len(ready.performance.expression)
    if order.follow and not ready.final and not compat.is_playing():
        here.frame_set(order.first_frame + count - 1)
        yield "keys", 1, 1


def _add_voice(here: Any, order: Order, head_object: Any) -> tuple[int, str]:
    """Add the sound, silence what the head said before; returns how many frames the sound has, and its name."""
    _silence_former(here, head_object.name)
    assert order.audio is not None
    strip = scene.add_sound(here, order.audio, order.first_frame, pack=order.pack)
    strip[HEAD_OF_STRIP] = head_object.name
    return int(strip.frame_final_duration), str(strip.sound.name)


def _silence_former(here: Any, head: str, spoken: str = "") -> None:
    """Mute the sounds that were added for `head` before; of these the strip called `spoken` is heard again."""
    for strip in unfinished.strips_of(here):
        if strip.get(HEAD_OF_STRIP) == head:
            strip.mute = strip.name != spoken
