"""Ask the backend for the voice of an Action once more: in another style, or for a range of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..building.assembly import SOUND, Order, assembly_steps
from ..building.feed import Ready
from ..building.steps import Outcome, Steps
from ..editing.changes import found_on
from ..editing.played import owners_of, put
from ..editing.ranges import Range
from ..editing.redo import RedoOrder
from ..translations import tr
from . import recipe as kept
from .asked import Asked
from .choices import person_of, style_label, style_of
from .recipe import Recipe, voice_again
from .work import Remember


@dataclass(frozen=True)
class Again:
    """What to ask, what to build of it, and what to write down in the end."""

    asked: Asked
    order: Order | RedoOrder
    remember: Remember


@dataclass(frozen=True)
class StyleOrder(Order):
    """A new Action, where the one plays that the head plays now: assigned, or in NLA strips."""

    def steps(self, newest: Callable[[], Ready | None]) -> Steps[Outcome]:
        """See `assembly_steps`."""
        owners = owners_of(bpy.data.objects[self.head])
        found, assigned = found_on(self.head), [compat.assigned_action(owner) for owner in owners]
        yield from assembly_steps(self, newest)
        owners = owners_of(bpy.data.objects[self.head])
        made = [compat.assigned_action(owner) for owner in owners]
        if found.face.strip:
            for owner, names, place, (action, slot) in zip(owners, assigned, found.places, made, strict=True):
                compat.assign_action(owner, names)
                if place is not None:
                    put(owner, replace(place, slot=slot), bpy.data.actions[action])
        said = tr("Another style: new Action “{name}”; “{old}” is kept.").format(name=made[0][0], old=found.face.action)
        return Outcome(self.head, said)


def another_style(head_object: Any, scene: Any, folder: Path) -> Again:
    """What the head plays once more, in the style that the panel says.

    Raises:
        ClientError: it is not known what was asked, or the voice or the style is not there.
    """
    settings, action = scene.style_avatar, found_on(head_object.name).action
    recipe = kept.read(action)
    label, sound = style_label(settings), action.get(SOUND)
    order = StyleOrder(
        scene=scene.name,
        head=head_object.name,
        meta={"audio": {"name": recipe.voice}, "style": label},
        first_frame=recipe.first_frame,
        fps=scene.render.fps / scene.render.fps_base,
        sound=sound.name if sound is not None else "",
        follow=False,
        early=False,
        timed=False,
    )
    asked = _asked(head_object, action, recipe, folder)
    new = replace(recipe, label=label, fps=order.fps or recipe.fps)
    return Again(replace(asked, style=style_of(settings)), order, kept.remembering(new))


def redo_range(head_object: Any, scene: Any, folder: Path) -> Again:
    """The chosen range of what the head plays once more, with what is chosen to be new.

    Raises:
        ClientError: it is not known what was asked, or the voice or the style is not there.
    """
    settings, edit, action = scene.style_avatar, scene.style_avatar_edit, found_on(head_object.name).action
    recipe, new = kept.read(action), set(edit.new)
    asked = _asked(head_object, action, recipe, folder)
    if "STYLE" in new:
        asked = replace(asked, style=style_of(settings))
    if "MOTION" in new:
        asked = replace(asked, motion=settings.mover())
    if "AMOUNTS" in new:
        asked = replace(asked, sliders=settings.amounts())
    if "VARIATION" in new:
        asked = replace(asked, seed=recipe.latest + 1)
    label = style_label(settings) if "STYLE" in new else recipe.label
    order = RedoOrder(
        scene=scene.name,
        head=head_object.name,
        chosen=Range(edit.first, edit.last, edit.blend, edit.in_place),
        first_frame=recipe.first_frame,
        fps=recipe.fps,
        meta={"audio": {"name": recipe.voice}, "style": label},
    )

    def remember(head: str, request: dict[str, Any]) -> None:
        kept.write(found_on(head).action, replace(recipe, latest=request["seed"]))

    return Again(asked, order, remember)


def _asked(head_object: Any, action: Any, recipe: Recipe, folder: Path) -> Asked:
    style = recipe.style
    return Asked(
        voice=voice_again(action, recipe, folder),
        style=lambda backend: style,
        person=person_of(head_object),
        motion=recipe.motion,
        sliders=recipe.sliders,
        transcript=recipe.transcript,
        seed=recipe.seed,
    )
