"""What was asked for an Action, kept on it, so that the same voice can be asked again in another way.

The sound itself is pointed at by the Action (`building.assembly.SOUND`), so that a packed one stays in the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import bpy

from ..building.assembly import SOUND
from ..building.build import TAKE
from ..editing.changes import found_on
from ..trouble import ClientError
from .asked import Style
from .voice import Cut, file_of_sound, voice_of_file

ASKED: Final = "style_avatar_asked"
VERSION: Final = 1
UNKNOWN: Final = "This Action does not say what it was made from."
MAKE_ONE: Final = "Press Animate to make one that does."


@dataclass(frozen=True)
class Recipe:
    """What was asked.

    voice: name of the sound; path: where it was; cut: seconds of it that are spoken, None for all; style, label: the
    style and what it is called; motion: what moved the face (rules, before there was a choice); seed: the variation;
    latest: the one that was tried last; first_frame, fps: of the keys.
    """

    voice: str
    path: str
    style: Style
    label: str
    first_frame: int
    fps: float
    cut: tuple[float, float] | None = None
    motion: str = "articulator"
    sliders: Mapping[str, float] = field(default_factory=dict)
    transcript: str = ""
    seed: int = 0
    latest: int = 0

    def with_request(self, request: Mapping[str, Any]) -> Recipe:
        """The same with what the backend was asked in the end."""
        known = {name: request[name] for name in ("style", "motion", "seed")}
        return replace(self, **known, latest=request["seed"])


def write(action: Any, recipe: Recipe) -> None:
    """Keep `recipe` on an Action."""
    action[ASKED] = json.dumps({"version": VERSION, **asdict(recipe)}, sort_keys=True)


def remembering(recipe: Recipe) -> Callable[[str, dict[str, Any]], None]:
    """A function that keeps `recipe`, with what was asked in the end, on what the head of that name plays."""
    return lambda head, request: write(found_on(head).action, recipe.with_request(request))


def read(action: Any) -> Recipe:
    """What was asked for an Action.

    Raises:
        ClientError: it does not say, or another version of the add-on has written it.
    """
    if ASKED not in action:
        raise ClientError("no_recipe", UNKNOWN, MAKE_ONE)
    try:
        found = json.loads(action[ASKED])
        if found.pop("version") != VERSION:
            raise ClientError(
                "new_recipe", "This Action was made by another version of Style Avatar.", "Press Animate."
            )
        recipe = Recipe(**found)
        return replace(recipe, cut=(recipe.cut[0], recipe.cut[1]) if recipe.cut is not None else None)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ClientError("bad_recipe", "What this Action was made from is damaged.", "Press Animate.") from error


def facts_of(action: Any) -> dict[str, Any]:
    """What the take of an Action says about itself; nothing when it is not known."""
    try:
        facts = json.loads(action.get(TAKE, "{}"))
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def voice_again(action: Any, recipe: Recipe, folder: Path) -> Callable[[], Path]:
    """A function that returns the file with the voice of an Action; call it in a thread.

    A packed sound is taken first: it is what was spoken.

    Raises:
        ClientError: the voice is nowhere; the function raises it when the file is another one by now.
    """
    cut = Cut(*recipe.cut) if recipe.cut is not None else None
    sound = action.get(SOUND)
    if isinstance(sound, bpy.types.Sound) and sound.packed_file is not None:
        return voice_of_file(file_of_sound(sound, folder), cut, Path(recipe.voice).stem, folder)
    places = [Path(bpy.path.abspath(sound.filepath, library=sound.library))] if sound is not None else []
    source = next((one for one in (*places, Path(recipe.path)) if recipe.path and one.is_file()), None)
    if source is None:
        raise ClientError(
            "no_voice",
            "The voice of this Action is neither packed in the file nor where it was.",
            "Put the sound file back, or press Animate with it.",
        )
    spoken = "" if cut is not None else str(facts_of(action).get("audio", {}).get("sha256", ""))
    made = voice_of_file(source, cut, Path(recipe.voice).stem, folder)
    return lambda: _unchanged(made(), spoken)


def _unchanged(path: Path, sha256: str) -> Path:
    if sha256:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise ClientError(
                    "voice_changed", "The sound file of this Action is another one by now.", "Press Animate with it."
                )
    return path
