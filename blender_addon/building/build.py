"""One call that puts a take into the scene: head, materials, keys, time, sound and, if wanted, a stage around it.

Everything is new data; nothing that is already in the file is changed but the scene's time, its camera and its world.
The caller decides what one undo step is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final

import bpy

from ..files.head_file import HeadFile
from ..files.take_file import TakeFile
from ..hair.add import add_hair
from ..hair.groom import Groom
from ..hair.known_colours import remember_colours
from ..motion.performance import Performance, perform
from ..motion.pose import Mode
from . import animation, scene
from .head import head_steps
from .material import material_steps, texture_steps
from .steps import Progress, Steps


@dataclass(frozen=True)
class Options:
    """How to build.

    texture: photo on the UV square; audio: sound for the sequencer; fps: the scene's rate (None: the take's);
    identity_keys: 80 identity shape keys on the mean face instead of the person's face baked into the Basis;
    pose: see `motion.pose`; staged: add camera, lights and world, and show them in the viewports; pack: store the sound
    in the file; hair: what the head wears (None: nothing).
    """

    name: str = "Head"
    texture: Path | None = None
    audio: Path | None = None
    fps: float | None = None
    identity_keys: bool = False
    pose: Mode = "take"
    interpolation: animation.Interpolation = "LINEAR"
    first_frame: int = 1
    staged: bool = True
    pack: bool = True
    hair: Groom | None = None


@dataclass(eq=False)
class Timer:
    """Seconds per stage, and the progress reports that go with them."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage and report its begin and end."""
        self.progress(name, 0, 1)
        start = perf_counter()
        yield
        self.seconds[name] = round(perf_counter() - start, 4)
        self.progress(name, 1, 1)

    def run(self, steps: Steps[Any]) -> Any:
        """Do all `steps`, charge each piece to the stage it reports, and return the result."""
        start = perf_counter()
        while True:
            try:
                stage, done, total = next(steps)
            except StopIteration as end:
                return end.value
            if not stage:  # a thread is at work; what follows is charged for it
                sleep(0.001)
                continue
            now = perf_counter()
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - start, 4)
            start = now
            self.progress(stage, done, total)


def build(head: HeadFile, take: TakeFile, options: Options, timer: Timer) -> Any:
    """Build `take` on a new `head` in the current scene and return the head's object.

    Raises:
        TakeFileError: the take is for another face model.
        RuntimeError: Blender cannot read the texture or the sound.
    """
    return timer.run(build_steps(head, take, options))


def build_steps(head: HeadFile, take: TakeFile, options: Options) -> Steps[Any]:
    """`build` in pieces."""
    here = bpy.context.scene
    fps = options.fps or take.fps
    head_object = yield from head_steps(
        head, take.identity, take.albedo, name=options.name, identity_keys=options.identity_keys
    )
    bpy.context.collection.objects.link(head_object)
    yield from material_steps(head_object, head)
    if options.texture:
        yield from texture_steps(head_object, options.texture)
    performance = perform(head, take, fps, options.pose)
    actions = animation.new_actions(head_object, performance.name)
    yield from animation.key_steps(
        head_object, actions, performance, first_frame=options.first_frame, interpolation=options.interpolation
    )
    record(head_object, actions, take.meta, performance, fps)
    if options.hair:
        yield "hair", 0, 1
        add_hair(head_object, options.hair)
        yield "hair", 1, 1
    head_object["style_avatar_gamma"] = [float(value) for value in take.gamma]
    scene.set_frame_rate(here, fps)
    if options.staged:
        scene.stage(here, head_object)
        scene.show_in_viewports(head_object)
    scene.set_frame_range(here, options.first_frame, len(performance.expression))
    if options.audio:
        scene.add_sound(here, options.audio, options.first_frame, pack=options.pack)
    yield "scene", 1, 1
    return head_object


TAKE: Final = "style_avatar_take"  # on a head and on its Actions: the facts of the take, as JSON
BODY: Final = "style_avatar_body"  # on a face's Action, before 4.4: the one that moves the object with it


def record(
    head_object: Any, actions: animation.Actions, meta: Mapping[str, Any], performance: Performance, fps: float
) -> None:
    """Write on the object which take moves it and what was taken away from its pose, and on the Actions the take."""
    for owner in (head_object, actions.face, actions.body):
        owner[TAKE] = json.dumps(dict(meta), sort_keys=True)
    if actions.body != actions.face:
        actions.face[BODY] = actions.body
    remember_colours(head_object, meta)
    head_object["style_avatar_performance"] = performance.name
    head_object["style_avatar_fps"] = fps
    head_object["style_avatar_rest_location"] = [float(value) for value in performance.pose.rest_location]
    head_object["style_avatar_rest_rotation"] = [float(value) for value in performance.pose.rest_rotation]
