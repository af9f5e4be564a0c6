"""Steps 3 and 4 of the walk: a voice and a face become a head that talks, or an error that says what to do."""

from __future__ import annotations

import importlib.util
import json
import time
import wave
from argparse import Namespace
from pathlib import Path
from typing import Any, Final

import bpy

from tools.walk.window import Steps, Window, action_of, heads, module, session

STRIP_AT: Final = 40  # frame at which the sound strip lies
TRIMMED: Final = 200  # frames of it that are trimmed away at its end


def settings() -> Any:
    """What the artist chose."""
    return bpy.context.scene.style_avatar


def animate(window: Window, asked: Namespace) -> Steps:
    """A voice and a photo become a head; undo takes it back, redo brings it again."""
    choose(asked)
    before = set(bpy.data.objects.keys())
    window.press("style_avatar.animate")
    yield from window.until("half-way", lambda: session().work is None or session().work.fraction > 0.5)
    yield from window.picture("3-progress", "animate")
    yield from finished(window)
    name = session().note
    window.check(f"the head {name} is there", name in bpy.data.objects)
    bpy.context.scene.frame_set(bpy.context.scene.frame_end // 3)
    yield from window.pretty()
    yield from window.picture("4-head", "animate", "amounts", "transcript", "scene")
    yield from undone(window, before, name)


def undone(window: Window, before: set[str], name: str) -> Steps:
    """Undo and redo."""
    window.press("ed.undo")
    yield 2.0
    window.check("one undo takes it back", set(bpy.data.objects.keys()) == before)
    window.check("seen as before", shown(window) == ("SOLID", "PERSP"))
    yield from window.picture("4-undone", "animate")
    window.press("ed.redo")
    yield 2.0
    window.check("redo brings it again", name in bpy.data.objects)
    window.check("seen through the camera again, in Material Preview", shown(window) == ("MATERIAL", "CAMERA"))
    yield from window.rest(3 * window.settle)
    yield from window.picture("4-redone", "animate")
    window.plain()


def shown(window: Window) -> tuple[str, str]:
    """How the 3D view draws, and through what it looks."""
    space = window.view().spaces.active
    return space.shading.type, space.region_3d.view_perspective


def choose(asked: Namespace) -> None:
    """The voice's file, and the photo."""
    chosen = settings()
    chosen.voice_source, chosen.voice_file = "FILE", str(asked.voice.resolve())
    chosen.face_source, chosen.photo = "PHOTO", str(asked.photo.resolve())
    chosen.style_source, chosen.style_name = "PRESET", "neutral"


def finished(window: Window) -> Steps:
    """Wait until what was asked for is made; there shall be no error."""
    yield from window.until("made", lambda: session().work is None)
    trouble = session().trouble
    window.check(f"no error {trouble.sentence if trouble else ''}", trouble is None)


def a_head(window: Window, asked: Namespace) -> Steps:
    """A head, chosen as the face: the first of the scene, or a new one."""
    if not heads():
        choose(asked)
        window.press("style_avatar.animate")
        yield from finished(window)
        window.plain()
    choose(asked)
    settings().face_source, settings().head = "HEAD", heads()[0]


def lips(window: Window, asked: Namespace) -> Steps:
    """Lips meet on every p, b and m; a close look at one."""
    yield from a_head(window, asked)
    scene, head = bpy.context.scene, heads()[0]
    layer = module("editing.layers").read_layer(head)
    phones = json.loads(action_of(head)["style_avatar_take"])["timeline"]["phones"]
    rate = scene.render.fps / scene.render.fps_base
    spans = [[round(end * rate) for end in one[1:3]] for one in phones if one[0] in {"P", "B", "M"}]
    meets = [[at for at in range(first, last + 1) if layer.lips_closed[at]] for first, last in spans]
    window.check(f"they meet in {sum(map(bool, meets))} of {len(spans)}", bool(spans) and all(meets))
    closed = next(one for one in meets if one)
    scene.frame_set(layer.first + closed[len(closed) // 2])
    view = window.view().spaces.active.region_3d
    zoom, offset = view.view_camera_zoom, tuple(view.view_camera_offset)
    view.view_perspective, view.view_camera_zoom, view.view_camera_offset = "CAMERA", 80.0, (0.0, -0.1)
    yield from window.picture("4-lips", "animate")
    view = window.view().spaces.active.region_3d
    view.view_camera_zoom, view.view_camera_offset = zoom, offset


def escape(window: Window, asked: Namespace) -> Steps:
    """Esc, while a second head grows."""
    choose(asked)
    settings().face_source, settings().seed = "AVERAGE", 5
    before = set(bpy.data.objects.keys())
    window.press("style_avatar.animate")
    yield from window.until("something stands there", lambda: set(bpy.data.objects.keys()) != before)
    window.check("it is being computed still", session().work is not None)
    clock = time.thread_time if window.software else time.monotonic  # on a busy machine drawing takes turns with others
    begin = clock()
    window.key("ESC")
    yield from window.until("Esc ends it", lambda: session().work is None, 10.0)
    window.check(f"{clock() - begin:.2f} s of Blender's after the key", clock() - begin < 1.0)
    yield 1.0
    window.check("nothing of it is left", set(bpy.data.objects.keys()) == before)
    window.check(f"no error {session().trouble or ''}", session().trouble is None)
    settings().seed = 0
    yield from window.picture("3-after-esc", "animate")


def errors(window: Window, asked: Namespace) -> Steps:
    """A photo without a face, a voice without a sound, a file that is gone; the report."""
    choose(asked)
    settings().photo = str(picture_of_nothing(window.shots / "nobody.png"))
    yield from refused(window, "3-no-face", "face")
    choose(asked)
    settings().face_source, settings().voice_file = "AVERAGE", str(silence(window.shots / "silence.wav"))
    yield from refused(window, "3-silence", "")
    settings().voice_file = str(window.shots / "gone.wav")
    yield from refused(window, "3-gone", "gone.wav")
    window.press("style_avatar.copy_report")
    report = bpy.context.window_manager.clipboard
    window.check(f"a report of {len(report)} letters", "Last error: " in report and str(Path.home()) not in report)
    window.press("style_avatar.dismiss")
    window.check("put away", session().trouble is None)


def refused(window: Window, name: str, word: str) -> Steps:
    """Press Animate; an error has to be shown, with a next step."""
    before = set(bpy.data.objects.keys())
    try:
        window.press("style_avatar.animate")
    except RuntimeError as error:  # said at once
        print(f"      {error}", flush=True)
    yield from window.until("it ends", lambda: session().work is None)
    trouble = session().trouble
    window.check(f"said: {trouble and trouble.sentence}", bool(trouble and trouble.advice and word in trouble.message))
    window.check("nothing was made", set(bpy.data.objects.keys()) == before)
    yield from window.picture(name, "animate")


def picture_of_nothing(path: Path) -> Path:
    """A grey picture."""
    image = bpy.data.images.new("nobody", 256, 256)
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
    return path


def silence(path: Path) -> Path:
    """Three seconds without any sound."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(2 * 3 * 16_000))
    return path


def strip(window: Window, asked: Namespace) -> Steps:
    """The voice is a trimmed sound strip of the scene."""
    yield from a_head(window, asked)
    strips = module("compat").sequencer_strips(bpy.context.scene)
    sound = strips.new_sound("Voice over", str(asked.voice.resolve()), 9, STRIP_AT)
    if importlib.util.find_spec("aud"):  # some packages of Blender come without what cuts sounds
        sound.frame_offset_end = TRIMMED
    chosen = settings()
    chosen.voice_source, chosen.voice_strip = "STRIP", sound.name
    window.press("style_avatar.animate")
    yield from finished(window)
    first, last = action_of(heads()[0]).frame_range
    end = sound.frame_final_end - 1
    window.check(
        f"keys {first:.0f} to {last:.0f}, sound {STRIP_AT} to {end}", first == STRIP_AT and abs(last - end) < 3
    )
    loud = [one.name for one in module("compat").sound_strips(bpy.context.scene) if not one.mute]
    window.check(f"what it said before is silent; heard: {loud}", loud == [sound.name])
    bpy.context.scene.frame_set(STRIP_AT + 30)
    yield from window.picture("3-sound-strip", "animate")
    yield from window.editor("3-sequencer", "SEQUENCE_EDITOR")
    chosen.voice_source = "FILE"


def mix(window: Window, asked: Namespace) -> Steps:
    """Half neutral, half energetic."""
    yield from a_head(window, asked)
    chosen = settings()
    chosen.style_source, chosen.style_name, chosen.second_style_name = "MIX", "neutral", "energetic"
    window.press("style_avatar.animate")
    yield from finished(window)
    name = action_of(heads()[0]).name
    window.check(f"the Action is {name}", "neutral 50 + energetic 50" in name)
    yield from window.picture("3-mix", "animate")
    chosen.style_source = "PRESET"


def video(window: Window, asked: Namespace) -> Steps:
    """The way somebody speaks in a video."""
    if asked.video is None:
        print("      left out: no --video", flush=True)
        return
    yield from a_head(window, asked)
    chosen = settings()
    chosen.style_source, chosen.video = "VIDEO", str(asked.video.resolve())
    yield from window.picture("3-video-chosen", "animate")
    window.press("style_avatar.measure_style")
    yield from window.until("measured", lambda: session().measure is None)
    trouble = session().trouble
    window.check(f"no error {trouble.sentence if trouble else ''}", trouble is None)
    window.check(f"{chosen.measured_name} is measured", bool(chosen.measured_style))
    yield from window.picture("3-video-measured", "animate")
    window.press("style_avatar.animate")
    yield from finished(window)
    name = action_of(heads()[0]).name
    window.check(f"the Action is {name}", asked.video.stem in name)
    chosen.style_source = "PRESET"


STEPS: Final = (animate, lips, escape, errors, strip, mix, video)
