"""Where a performance comes from: a head of this scene with all that was edited on it, a take, or an ARKit CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..building.steps import Steps, run_all
from ..editing.played import Place, owners_of, played, unplayable
from ..files import take_file
from ..motion.frames import METRES_PER_DECIMETRE
from ..retarget import arkit_csv
from ..retarget.tracks import Tracks, of_take
from ..retarget.units import INDEX, UNITS
from ..translations import tr

KEY_PATH = 'key_blocks["{}"].value'


class SourceError(ValueError):
    """There is nothing to drive with; the message, translated, says what to do."""


def of_file(path: Path, csv_rate: float = 0.0) -> Tracks:
    """A take (.npz) or an ARKit CSV (.csv); csv_rate: frames per second of the CSV, 0 to find out.

    Raises:
        SourceError: the file cannot be used.
    """
    try:
        if path.suffix.lower() == ".csv":
            return arkit_csv.read(path, csv_rate or None)
        return of_take(take_file.load(path))
    except (arkit_csv.CsvError, take_file.TakeFileError) as error:
        raise SourceError(str(error)) from error


def of_head(head: Any, scene: Any) -> Tracks:
    """`of_head_steps` at once."""
    return run_all(of_head_steps(head, scene))


def of_head_steps(head: Any, scene: Any) -> Steps[Tracks]:
    """What a head of Style Avatar plays in this scene, on every frame from its first key to its last.

    From an NLA strip, too, with the keys that are added on top of it.

    Raises:
        SourceError: it plays nothing or one frame only, or the strip is stretched.
    """
    found = played(head)
    if found is None or not (own := _expressions(found.face)):
        raise SourceError(tr("{name} plays no Action; press Animate, or assign one.").format(name=head.name))
    if found.face.strip and (reason := unplayable(head)):
        raise SourceError(reason)
    first = int(np.floor(min(curve.range()[0] for curve in own.values()) + found.face.offset))
    last = int(np.ceil(max(curve.range()[1] for curve in own.values()) + found.face.offset))
    if first == last:
        raise SourceError(tr("What {name} plays is one frame long; nothing would move.").format(name=head.name))
    frames = range(first, last + 1)
    units = np.zeros((len(frames), len(UNITS)), dtype=np.float32)
    body = np.zeros((len(frames), 6), dtype=np.float32)
    wanted = [(units[:, INDEX[name]], 0, KEY_PATH.format(name), 0) for name in UNITS]
    wanted += [(body[:, axis], 1, "rotation_euler", axis) for axis in range(3)]
    wanted += [(body[:, 3 + axis], 1, "location", axis) for axis in range(3)]
    for done, (track, owner, path, axis) in enumerate(wanted):
        # Found again in every piece: what lies inside of an Action does not survive an undo in between.
        for curves, offset in _layers(owners_of(head)[owner], found.places[owner]):
            curve = next((one for one in curves if one.data_path == path and one.array_index == axis), None)
            if curve is not None:
                track += [curve.evaluate(frame - offset) for frame in frames]
        yield "reading", done + 1, len(wanted)
    turn, place = body[:, :3], body[:, 3:]
    return Tracks(
        units=units,
        angles=np.stack([turn[:, 0], turn[:, 2], -turn[:, 1]], axis=1),  # see frames.eulers
        place=np.stack([place[:, 0], place[:, 2], -place[:, 1]], axis=1) / METRES_PER_DECIMETRE,
        fps=scene.render.fps / scene.render.fps_base,
        name=str(head.get("style_avatar_performance") or head.name),
        first=first,
    )


def _expressions(place: Place) -> dict[str, Any]:
    """The curves of the units by their names."""
    curves = {curve.data_path: curve for curve in compat.curves_in(bpy.data.actions[place.action], place.slot)}
    return {name: curves[KEY_PATH.format(name)] for name in UNITS if KEY_PATH.format(name) in curves}


def _layers(owner: Any, place: Place | None) -> Iterator[tuple[list[Any], float]]:
    """The curves that add up to what moves `owner`, and the frames from their Action's to the scene's."""
    if place is not None:
        yield compat.curves_in(bpy.data.actions[place.action], place.slot), place.offset
    data = owner.animation_data
    if place is not None and place.strip and data.action_blend_type == "ADD":
        yield compat.curves_of(owner), 0.0
