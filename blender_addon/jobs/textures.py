"""Living and baked textures: one press of a button, from what the head plays to what its materials show."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from numpy.typing import NDArray

from ..building.baked import ArchiveError, baked_steps
from ..building.living import living_steps, texture_image
from ..building.steps import WAIT, Outcome, Steps, waited
from ..connection.client import Backend
from ..editing.changes import found_on
from ..editing.curves import sampled
from ..editing.draft import Draft
from ..files.living_file import LivingFileError
from ..trouble import ClientError, Trouble
from .asked import existing
from .run import Run, Snapshot
from .stepwise import Stepwise

WIDTH: Final = 257  # numbers of a frame, as the backend has them
IDENTITY: Final = slice(0, 80)
EXPRESSION: Final = slice(80, 144)
EXPRESSIONS: Final = 64
BUILT: Final = 0.1  # share of the bar that building has
STAGES: Final = {"": "Reading the results", "reading": "Reading the keys", "materials": "Painting the skin"}
GONE: Final = Trouble("head_gone", "The head or its Action was deleted meanwhile.", "Select a head and try again.")
MOVING: Final = "Moving the pictures"
BROKEN: Final = "Try again; if it happens again, press Copy report."

Fetch = Callable[[dict[str, Any], Mapping[str, Path]], Steps[Mapping[str, Path]]]
"""Asks the backend (a request, the files of its uploads) and returns the files of the result."""


@dataclass(frozen=True)
class LiveOrder:
    """Textures of `head` that its shape keys drive; dynamic: the file of the person's own (None: the face model's)."""

    head: str
    dynamic: Path | None

    def steps(self, fetch: Fetch) -> Steps[Outcome]:
        """Ask and build.

        Raises:
            ClientError: there is no such file, or the backend cannot use it.
        """
        request: dict[str, Any] = {"kind": "textures", "mode": "live"}
        files = {}
        if self.dynamic is not None:
            request["dynamic"], files["dynamic"] = {"upload": "dynamic"}, existing(self.dynamic, "texture")
        found = yield from fetch(request, files)
        return (yield from living_steps(self.head, found["living.npz"]))


@dataclass(frozen=True)
class BakeOrder:
    """A picture for every frame of what `head` plays.

    dynamic: as in `LiveOrder`; renderer, size: as the backend has them; folder: where the pictures go, a new one;
    work: where what is sent is written.
    """

    head: str
    dynamic: Path | None
    renderer: str
    size: int
    folder: Path
    work: Path
    fps: float

    def steps(self, fetch: Fetch) -> Steps[Outcome]:
        """Read the keys, ask and build.

        Raises:
            KeyError: the head is gone.
            ClientError: it plays nothing, has no texture, or the backend cannot use it.
        """
        first, expressions = yield from played_steps(self.head)
        head_object = bpy.data.objects[self.head]
        take = take_bytes(head_object, expressions, self.fps)
        texture = texture_bytes(head_object)
        files = {"take": self.work / "take.npz", "texture": self.work / "texture.png"}
        yield from waited(_write, files, {"take": take, "texture": texture})
        request: dict[str, Any] = {
            "kind": "textures",
            "mode": "baked",
            "renderer": self.renderer,
            "size": self.size,
            **{name: {"upload": name} for name in files},
        }
        if self.dynamic is not None:
            request["dynamic"], files["dynamic"] = {"upload": "dynamic"}, existing(self.dynamic, "texture")
        found = yield from fetch(request, files)
        return (yield from baked_steps(self.head, found["textures.zip"], self.folder, first))


class TextureJob(Stepwise):
    """One press of such a button; name: of the button, in English."""

    def __init__(self, backend: Backend, name: str, order: LiveOrder | BakeOrder, folder: Path, heads: Path) -> None:
        self.run: Run | None = None
        self._backend, self._folder, self._heads = backend, folder, heads
        super().__init__(name, lambda: order.steps(self._fetch))

    @property
    def snapshot(self) -> Snapshot:
        """How the job is."""
        return self.run.snapshot() if self.run is not None else Snapshot(stage="Preparing the request")

    @property
    def stage(self) -> str:
        """See `Stepwise`."""
        if self.run is None or self.snapshot.state == "done":
            return STAGES.get(self._paced.at[0], STAGES[""])
        return self.snapshot.stage

    @property
    def seconds_left(self) -> float | None:
        """See `Stepwise`."""
        return None if self.snapshot.state == "done" else self.snapshot.eta

    def abandon(self) -> None:
        """See `Stepwise`."""
        super().abandon()
        if self.run is not None:
            self.run.cancel()

    def _fetch(self, request: dict[str, Any], files: Mapping[str, Path]) -> Steps[Mapping[str, Path]]:
        if self.run is None:
            self.run = Run(self._backend, request, files, self._folder, heads=self._heads)
        while not (snapshot := self.run.snapshot()).finished:
            yield WAIT
        if snapshot.error is not None:
            error = snapshot.error
            raise ClientError(error.code, error.message, error.advice, error.details, error.reason, error.parameters)
        if snapshot.state != "done":
            raise ClientError("cancelled", "The job was cancelled.", "Start it anew.")
        return snapshot.files

    def _share(self) -> float:
        stage, done, total = self._paced.at
        built = done / max(total, 1) if stage == "materials" else 0.0
        return (1 - BUILT) * self.snapshot.fraction + BUILT * built

    def _told(self, error: Exception) -> Trouble:
        return told(error)


def told(error: Exception) -> Trouble:
    """What went wrong while textures were put on a head."""
    if isinstance(error, ReferenceError | KeyError):
        return GONE
    if isinstance(error, LivingFileError | ArchiveError):
        return Trouble("bad_result", f"{error}.".replace("..", "."), BROKEN)
    return Trouble("build", f"Blender could not put the textures on: {error}", BROKEN, repr(error))


class PicturesJob(Stepwise):
    """Pictures into the Blender file, or out of it."""

    @property
    def stage(self) -> str:
        """See `Stepwise`."""
        return MOVING

    def _share(self) -> float:
        return 0.0

    def _told(self, error: Exception) -> Trouble:
        if isinstance(error, ReferenceError | KeyError):
            return GONE
        return Trouble("pictures", f"The pictures could not be moved: {error}", BROKEN, repr(error))


def played_steps(head: str) -> Generator[tuple[str, int, int], None, tuple[int, NDArray[np.float32]]]:
    """The first frame of the scene in which `head` moves, and its expressions (T, 64) from there on.

    Raises:
        KeyError: the head is gone.
        ClientError: it plays nothing.
    """
    found = found_on(head)
    draft = Draft(found, found.places)
    names = [block.name for block in bpy.data.objects[head].data.shape_keys.key_blocks[1 : EXPRESSIONS + 1]]
    channels = [(f'key_blocks["{name}"].value', 0) for name in names]
    curves = [curve for curve in (draft.curve(channel) for channel in channels) if curve is not None]
    ranges = np.array([curve.range()[:] for curve in curves if not curve.is_empty])
    if not len(ranges):
        raise ClientError("no_action", "The head plays no Action any more.", "Assign one and try again.")
    first, last = int(np.floor(ranges.min())), int(np.ceil(ranges.max()))
    frames = np.arange(first, last + 1)
    expressions = np.zeros((len(frames), EXPRESSIONS), np.float32)
    for index, (name, channel) in enumerate(zip(names, channels, strict=True)):
        still = float(bpy.data.objects[head].data.shape_keys.key_blocks[name].value)
        expressions[:, index] = sampled(draft.curve(channel), frames, still)
        yield "reading", index + 1, len(names)
    return first + round(found.face.offset), expressions


def take_bytes(head_object: Any, expressions: NDArray[np.float32], fps: float) -> bytes:
    """A take's file of `expressions` (T, 64), in the face of `head_object`."""
    coefficients = np.zeros((len(expressions), WIDTH), np.float32)
    coefficients[:, IDENTITY] = head_object["style_avatar_identity"]
    coefficients[:, EXPRESSION] = expressions
    model = {"name": head_object["style_avatar_face_model"], "sha256": head_object["style_avatar_face_model_sha256"]}
    meta = json.dumps({"face_model": model, "format": "style-avatar/take", "format_version": 1}, sort_keys=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, coefficients=coefficients, fps=np.float64(fps), meta=np.array(meta))
    return buffer.getvalue()


def texture_bytes(head_object: Any) -> bytes:
    """The file of `texture_image`, as it is now.

    Raises:
        ClientError: there is none, or its file is not there.
    """
    image = texture_image(head_object)
    if image is None:
        raise ClientError("no_texture", "The head shows no texture.", "Make a head from a photo.")
    if image.is_dirty:  # painted on
        image.pack()
    if image.packed_file is not None:
        return bytes(image.packed_file.data)
    return existing(Path(bpy.path.abspath(image.filepath)), "texture").read_bytes()


def _write(files: Mapping[str, Path], data: Mapping[str, bytes]) -> None:
    for name, path in files.items():
        path.write_bytes(data[name])
