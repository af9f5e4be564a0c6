"""One press of *Drive Character*: read, compute, write, look whether it moves, and say what came of it; in pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import bpy

from ..building.steps import Paced, Steps
from ..report import LOG
from ..retarget.mapping import Row
from ..retarget.tracks import Tracks
from ..translations import tr
from ..trouble import Trouble
from .bake import Baked, Later, Options, bake_steps, in_background
from .character import Character, character_of
from .problems import Problem, problems, sorted_by_level
from .source import SourceError, of_file, of_head_steps
from .verify import verified_steps

BUDGET: Final = 0.02  # seconds of work per tick
SHARES: Final[Mapping[str, tuple[float, float]]] = {
    **{"reading": (0.0, 0.3), "computing": (0.3, 0.5), "keys": (0.5, 0.9), "looking": (0.9, 1.0)},
}
STAGES: Final = {
    "reading": "Reading the performance",
    "computing": "Computing the movement",
    "keys": "Writing keys",
    "looking": "Looking whether it moves",
}
Name = tuple[str, str | None]
"""An object's name and the path of its library, for `bpy.data.objects`; survives an undo."""


@dataclass(frozen=True)
class Order:
    """Who is driven by what, and how; head or file: where the performance is; label: of the Action, "" for its own;
    with_head: whether it begins on the frame on which the head begins."""

    scene: str
    character: Name
    rows: tuple[Row, ...]
    options: Options
    head: Name | None = None
    file: Path | None = None
    csv_rate: float = 0.0
    label: str = ""
    with_head: bool = False


class RefusedError(Exception):
    """Nothing was written; the translated message says why, `lines` say more."""

    def __init__(self, message: str, lines: list[Problem]) -> None:
        super().__init__(message)
        self.lines = lines


def name_of(one: Any) -> Name:
    """How to find an object again."""
    return one.name, one.library.filepath if one.library is not None else None


def drive_steps(order: Order, later: Later) -> Steps[str]:
    """Bake, look, and write what came of it into the scene's settings; returns the sentence that says what was done.

    Raises:
        RefusedError, SourceError: nothing was written.
        KeyError, ReferenceError: the scene or an object is gone.
    """
    scene = bpy.data.scenes[order.scene]
    character = character_of(bpy.data.objects[order.character], scene)
    before = problems(character, order.rows)
    if twice := [one for one in before if one.code == "twice"]:
        raise RefusedError(twice[0].text, before)
    tracks = yield from _read_steps(order, scene, later)
    if order.label:
        tracks = replace(tracks, name=order.label)
    options = replace(order.options, first_frame=tracks.first) if order.with_head else order.options
    baked, after = yield from bake_steps(
        character, tracks, order.rows, options, later, lambda baked: verified_steps(character, baked, scene)
    )
    if baked.empty:
        raise RefusedError(tr("Nothing was written. Read the report below."), before)
    scene.frame_end = max(scene.frame_end, baked.frames[1])
    found = sorted_by_level([*after, *before])
    done = summary(character, baked, found)
    scene.style_avatar_drive.show_outcome(done, found)
    return done


def _read_steps(order: Order, scene: Any, later: Later) -> Steps[Tracks]:
    yield "reading", 0, 1
    if order.head is not None:
        return (yield from of_head_steps(bpy.data.objects[order.head], scene))
    assert order.file is not None
    tracks: Tracks = yield from later(of_file, order.file, order.csv_rate)
    return tracks


def summary(character: Character, baked: Baked, found: Sequence[Problem]) -> str:
    """What was done, in one sentence; what was found not to move does not count."""
    parts = []
    if baked.shapes:
        everything = sum(len(names) for names in character.shapes.values())
        still = {
            (one.mesh, key) for one in found if one.level == "ERROR" for key in one.keys or _keys_of(one.mesh, baked)
        }
        parts.append(tr("{done} of {all} shape keys").format(done=len(set(baked.shapes) - still), all=everything))
    if baked.bones:
        parts.append(tr("{count} bones").format(count=len(baked.bones)))
    parts += baked.objects
    first, last = baked.frames
    return tr("Driven: {what}; frames {first} to {last}, Action {name}.").format(
        what=", ".join(parts), first=first, last=last, name=baked.name
    )


def _keys_of(mesh: str, baked: Baked) -> list[str]:
    return [key for name, key in baked.shapes if name == mesh]


class Drive:
    """Runs until `finished`; then `refused` says why nothing was written, "" when something was or it was cancelled."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.finished, self.cancelled, self.refused = False, False, ""
        self._paced = Paced(drive_steps(order, in_background))
        self._stage, self.fraction = "reading", 0.0

    @property
    def stage(self) -> str:
        """What happens now, in English; for `tr`."""
        return STAGES[self._stage]

    @property
    def pace(self) -> str:
        """The longest piece so far, for the log."""
        return f"{1000 * self._paced.slowest:.0f} ms ({self._paced.slowest_at})"

    def tick(self) -> None:
        """Do the next little; never raises."""
        if self.finished:
            return
        try:
            self.finished = self._paced.advance(BUDGET)
            self._move()
        except RefusedError as error:
            self._end(str(error), error.lines)
        except SourceError as error:
            self._end(str(error))
        except (KeyError, ReferenceError) as error:
            LOG.add("drive", repr(error))
            self._end(tr("The character or its scene is not there any more."))
        except Exception as error:
            trouble = Trouble("internal", "The add-on made a mistake.", "Press Copy report.", repr(error))
            LOG.trouble("drive", trouble)
            self._end(f"{tr(trouble.message)} {tr(trouble.advice)}")

    def _move(self) -> None:
        stage, done, total = self._paced.at
        if stage in SHARES:
            begin, end = SHARES[stage]
            self._stage = stage
            self.fraction = max(self.fraction, begin + (end - begin) * done / total)

    def cancel(self) -> None:
        """Give up and take back what was written; harmless when finished."""
        if not self.finished:
            self.finished = self.cancelled = True
            self._paced.drop()

    def begin_again(self) -> None:
        """From the beginning, after undo has taken away what was written."""
        if not self.finished:
            self._paced.drop()
            self._paced = Paced(drive_steps(self.order, in_background))

    def _end(self, refused: str, lines: list[Problem] | None = None) -> None:
        self.finished, self.refused = True, refused
        scene = bpy.data.scenes.get(self.order.scene)
        if scene is not None:
            scene.style_avatar_drive.show_outcome("", [Problem("ERROR", refused), *(lines or ())])
