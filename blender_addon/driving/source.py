"""Where a performance comes from: a head of this scene with all that was edited on it, a take, or an ARKit CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .. import compat
from ..building.steps import Steps, run_all
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

    Raises:
        SourceError: it plays nothing.
    """
    keys = head.data.shape_keys
    curves = {curve.data_path: curve for curve in compat.curves_of(keys)} if keys is not None else {}
    own = {name: curves[KEY_PATH.format(name)] for name in UNITS if KEY_PATH.format(name) in curves}
    if not own:
        raise SourceError(tr("{name} plays no Action; press Animate, or assign one.").format(name=head.name))
    first = int(np.floor(min(curve.range()[0] for curve in own.values())))
    last = int(np.ceil(max(curve.range()[1] for curve in own.values())))
    frames = range(first, last + 1)
    units = np.zeros((len(frames), len(UNITS)), dtype=np.float32)
    body = np.zeros((len(frames), 6), dtype=np.float32)
    wanted = [(units[:, INDEX[name]], keys, KEY_PATH.format(name), 0) for name in own]
    wanted += [(body[:, axis], head, "rotation_euler", axis) for axis in range(3)]
    wanted += [(body[:, 3 + axis], head, "location", axis) for axis in range(3)]
    for done, (track, owner, path, axis) in enumerate(wanted):
        # Found again in every piece: what lies inside of an Action does not survive an undo in between.
        found = (one for one in compat.curves_of(owner) if one.data_path == path and one.array_index == axis)
        if (curve := next(found, None)) is not None:
            track[:] = [curve.evaluate(frame) for frame in frames]
        yield "reading", done + 1, len(wanted)
    turn, place = body[:, :3], body[:, 3:]
    return Tracks(
        units=units,
        angles=np.stack([turn[:, 0], turn[:, 2], -turn[:, 1]], axis=1),  # see frames.eulers
        place=np.stack([place[:, 0], place[:, 2], -place[:, 1]], axis=1) / METRES_PER_DECIMETRE,
        fps=scene.render.fps / scene.render.fps_base,
        name=str(head.get("style_avatar_performance") or head.name),
    )
