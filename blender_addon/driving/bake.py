"""Write a performance onto a character: one new Action, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .. import compat
from ..background import Background
from ..building.animation import write_keys
from ..building.steps import Steps, run_all
from ..retarget.channels import HEAD_PLACE
from ..retarget.mapping import Row
from ..retarget.tracks import Tracks
from .bones import bone_plans
from .character import Character, editable
from .compute import Computed, Options, Plan, RootPlan, ShapePlan, computed
from .draft import BAKED, Draft, Part
from .size import OWN, of_character
from .source import KEY_PATH

__all__ = ["BAKED", "Baked", "Options", "at_once", "bake", "bake_steps", "in_background"]

Float32Array = NDArray[np.float32]
T = TypeVar("T")
Later = Callable[..., Steps[Any]]

GROUP: Final = "Style Avatar"
WAIT: Final = ("", 0, 1)


@dataclass(frozen=True, eq=False)
class Baked:
    """What was written.

    name: of the Action; frames: first and last; shapes: {(mesh, key): values (T,)}; bones: names;
    clamped: {(mesh, key): highest value asked for}; kept: Actions that play on below, on tracks of their own.
    """

    name: str
    frames: tuple[int, int]
    shapes: dict[tuple[str, str], Float32Array] = field(default_factory=dict)
    bones: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    clamped: dict[tuple[str, str], float] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing was written."""
        return not (self.shapes or self.bones or self.objects)


def at_once(function: Callable[..., T], *arguments: Any) -> Steps[T]:
    """`function(*arguments)`, now."""
    yield from ()
    return function(*arguments)


def in_background(function: Callable[..., T], *arguments: Any) -> Steps[T]:
    """`function(*arguments)` in a thread, while Blender can be used."""
    job = Background(function, *arguments)
    while not job.done:
        yield WAIT
    return job.result()


def no_look(baked: Baked) -> Steps[list[Any]]:
    """A look that finds nothing."""
    yield from ()
    return []


def bake(character: Character, tracks: Tracks, rows: Sequence[Row], options: Options) -> Baked:
    """`bake_steps` at once, without a look."""
    return run_all(bake_steps(character, tracks, rows, options))[0]


def bake_steps(
    character: Character,
    tracks: Tracks,
    rows: Sequence[Row],
    options: Options,
    later: Later = at_once,
    look: Callable[[Baked], Steps[list[Any]]] = no_look,
) -> Steps[tuple[Baked, list[Any]]]:
    """Key `tracks` on all switched-on rows in a new Action.

    The character plays it when it is whole. An Action that the artist made and that was assigned moves to an NLA track
    below, so that it plays on wherever this one has no keys; one that was baked here before is put aside. Closing the
    steps early leaves everything as it was.

    later: how to do what needs no Blender, `at_once` or `in_background`; look: what to do with the character while it
    plays and can still be taken back. Returns what was written, and what was seen.
    """
    plan = planned(character, [row for row in rows if row.on], options)
    yield "computing", 0, 1
    made = yield from later(computed, plan, tracks, options)
    owners = _owners(character, made)
    baked = Baked(tracks.name, (options.first_frame, options.first_frame + made.frames - 1))
    if not owners:
        return baked, []
    draft = Draft(tracks.name, list(dict.fromkeys(owners.values())))
    try:
        curves = list(_curves({key: draft.part_of(owner) for key, (owner, _) in owners.items()}, made))
        frames = np.arange(made.frames, dtype=np.float32) + options.first_frame
        for done, curve in enumerate(curves):
            found = compat.ensure_curve(curve.part.channels, curve.path, curve.index, curve.group)
            write_keys(found, frames, curve.values, "LINEAR")
            yield "keys", done + 1, len(curves)
        kept = draft.assign()
        bones = list(dict.fromkeys(one.bone for one in made.bones))
        objects = [character.root.name] if made.root else []
        baked = Baked(draft.name, baked.frames, made.shapes, bones, objects, made.clamped, kept)
        seen = yield from look(baked)
    except BaseException:
        draft.take_back()
        raise
    draft.settle()
    return baked, seen


def planned(character: Character, rows: Sequence[Row], options: Options) -> Plan:
    """What has to be known of the character."""
    size = of_character(character, rows)
    bones = [row for row in rows if row.kind == "BONE"] if character.armature is not None else []
    return Plan(
        rows=rows,
        shapes=list(_shape_plans(character, [row for row in rows if row.kind == "SHAPE"])),
        bones=bone_plans(character.armature, bones, options.neck_share, size) if bones else [],
        root=_root_plan(character.root, [row for row in rows if row.kind == "OBJECT"], size),
        closes=any(row.channel == "mouthClose" for row in rows),
    )


def _shape_plans(character: Character, rows: Sequence[Row]) -> Iterator[ShapePlan]:
    for mesh in character.meshes:
        blocks = mesh.data.shape_keys.key_blocks if editable(mesh.data) else {}
        for row in rows:
            if row.target in blocks:
                key = blocks[row.target]
                yield ShapePlan(mesh.name, key.name, row, key.slider_min, key.slider_max)


def _root_plan(root: Any, rows: Sequence[Row], size: float) -> RootPlan | None:
    """A head of ours stands upright at its origin; other objects keep how they stand."""
    gains = {row.channel: row.gain for row in rows}
    if not gains:
        return None
    basis = Matrix.Identity(4) if OWN in root else root.matrix_basis
    rest = np.array(basis.to_quaternion().to_matrix(), dtype=np.float64)
    place = np.array(basis.to_translation(), dtype=np.float64)
    return RootPlan(rest, place, root.rotation_mode, gains.get("head"), gains.get(HEAD_PLACE), size)


BONES: Final = ""  # instead of the name of a mesh
ROOT: Final = "/"


def _owners(character: Character, made: Computed) -> dict[str, tuple[Any, str]]:
    """(data-block that is keyed, ID type) by the name of the mesh, `BONES` or `ROOT`."""
    keyed = {mesh for mesh, _ in made.shapes}
    owners = {mesh.name: (mesh.data.shape_keys, "KEY") for mesh in character.meshes if mesh.name in keyed}
    if made.bones:
        owners[BONES] = (character.armature, "OBJECT")
    if made.root:
        owners[ROOT] = (character.root, "OBJECT")
    return owners


@dataclass(frozen=True, eq=False)
class _Curve:
    part: Part
    path: str
    index: int
    group: str
    values: Float32Array


def _curves(parts: Mapping[str, Part], made: Computed) -> Iterator[_Curve]:
    for (mesh, key), values in made.shapes.items():
        yield _Curve(parts[mesh], KEY_PATH.format(_escaped(key)), 0, GROUP, values)
    for one in made.bones:
        for index, values in enumerate(one.values.T):
            yield _Curve(parts[BONES], f'pose.bones["{_escaped(one.bone)}"].{one.path}', index, one.bone, values)
    for one in made.root:
        for index, values in enumerate(one.values.T):
            yield _Curve(parts[ROOT], one.path, index, "", values)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
