"""One press of *Animate*: the request, the job, and the head that grows out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

import bpy

from ..background import Background
from ..building.feed import Feed, Ready
from ..building.steps import Outcome, Steps
from ..connection.client import Backend
from ..files.head_file import HeadFileError
from ..files.take_file import TakeFileError
from ..motion.pose import Mode
from ..trouble import ClientError, Trouble
from .asked import Asked, fetch_geometry
from .run import Run, Snapshot
from .stepwise import Stepwise

BUILT: Final = 0.15  # share of the bar that building has
SHARES: Final = {"mesh": (0.0, 0.4), "keys": (0.4, 0.8), "materials": (0.8, 0.9), "scene": (0.9, 1.0)}  # of that
UNDO_NAME: Final = "Talking Head"

DELETED: Final = Trouble("head_gone", "The head was deleted while it was being made.", "Press Animate again.")
NO_SCENE: Final = Trouble("scene_gone", "The scene is not there any more.", "Press Animate again.")
PREPARING: Final = "Preparing the request"
BUILDING: Final = {
    "": "Reading the results",
    "copying": "Copying the Action",
    "reading": "Reading the keys",
    "mesh": "Building the head",
    "materials": "Painting the skin",
    "keys": "Writing keys",
    "scene": "Arranging the scene",
}


Remember = Callable[[str, dict[str, Any]], None]


class Order(Protocol):
    """What to build of what the job delivers.

    scene: its name; meta: voice and style; fps: of the scene; early: whether it wants frames before the take is done.
    """

    @property
    def scene(self) -> str:
        """See above."""

    @property
    def meta(self) -> dict[str, Any] | None:
        """See above."""

    @property
    def fps(self) -> float | None:
        """See above."""

    @property
    def pose(self) -> Mode:
        """How the head's movement is laid out, see `motion.pose`."""

    @property
    def early(self) -> bool:
        """See above."""

    def steps(self, newest: Callable[[], Ready | None]) -> Steps[Outcome]:
        """Build what `newest` returns, until it is final."""


class Work(Stepwise):
    """One press of a button that asks the backend for a performance.

    name: of the button; remember: called with the name of the head and the request when all is built.
    """

    def __init__(
        self,
        backend: Backend,
        asked: Asked,
        order: Order,
        folder: Path,
        heads: Path,
        name: str = "Animate",
        remember: Remember = lambda head, request: None,
    ) -> None:
        self.order, self.folder = order, folder
        self.run: Run | None = None
        self._asked: dict[str, Any] = {}
        self._remember = remember
        self._backend, self._heads = backend, heads
        self._feed = Feed(order.fps, order.meta or {}, order.pose)
        self._request = Background(asked.request, backend)
        self._geometry = Background(fetch_geometry, backend, heads) if order.early else None
        undo_name = UNDO_NAME if name == "Animate" else name
        super().__init__(name, lambda: order.steps(lambda: self._feed.ready), undo_name)

    @property
    def snapshot(self) -> Snapshot:
        """How the job is."""
        return self.run.snapshot() if self.run is not None else Snapshot(stage=PREPARING)

    @property
    def stage(self) -> str:
        """What happens now, in English; for `tr`."""
        if self.snapshot.state == "done":
            return BUILDING[self._paced.at[0]]
        return self.snapshot.stage

    @property
    def seconds_left(self) -> float | None:
        """About how long it takes, as far as is known."""
        return None if self.snapshot.state == "done" else self.snapshot.eta

    def abandon(self) -> None:
        """See `Stepwise`."""
        super().abandon()
        if self.run is not None:
            self.run.cancel()

    def _share(self) -> float:
        stage, done, total = self._paced.at
        begin, end = SHARES.get(stage, (0.0, 0.0))
        built = begin + (end - begin) * done / total if self.snapshot.state == "done" else 0.0
        return self.snapshot.fraction * (1.0 - BUILT) + BUILT * built

    def _succeed(self) -> None:
        super()._succeed()
        self._remember(self.head, self._asked)

    def _told(self, error: Exception) -> Trouble:
        if isinstance(error, HeadFileError | TakeFileError):
            return Trouble("bad_result", f"{error}.".replace("..", "."), "Press Animate again.")
        if isinstance(error, ReferenceError | KeyError):
            return replace(DELETED if self.order.scene in bpy.data.scenes else NO_SCENE, details=repr(error))
        return Trouble("build", f"Blender could not build the head: {error}", "Press Copy report.", repr(error))

    def _prepare(self) -> None:
        if self.run is None:
            if self._request.done:
                self._asked, files = self._request.result()
                self.run = Run(self._backend, self._asked, files, self.folder, heads=self._heads)
            return
        snapshot = self.run.snapshot()
        if snapshot.state == "failed":
            error = snapshot.error or Trouble("internal", "The job failed.", "Press Copy report.")
            raise ClientError(error.code, error.message, error.advice, error.details, error.reason, error.parameters)
        if snapshot.state == "cancelled":
            self.cancel()
        elif snapshot.state == "done":
            self._feed.offer_take(
                snapshot.files["head.npz"], snapshot.files["take.npz"], snapshot.files.get("texture.png")
            )
        elif snapshot.frames is not None and self._geometry is not None and self._geometry.done:
            self._feed.offer_frames(self._geometry.result(), snapshot.frames.coefficients, snapshot.frames.fps)
