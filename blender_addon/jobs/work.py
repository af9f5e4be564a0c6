"""One press of *Animate*: the request, the job, and the head that grows out of it.

`tick` is called by a timer some twenty times a second and never takes longer than its budget and one piece of work.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import bpy

from ..background import Background
from ..building import unfinished
from ..building.assembly import Order, assembly_steps
from ..building.feed import Feed
from ..building.steps import Paced
from ..connection.client import Backend
from ..files.head_file import HeadFileError
from ..files.take_file import TakeFileError
from ..report import LOG
from ..trouble import ClientError, Trouble
from .asked import Asked, fetch_geometry
from .run import Run, Snapshot

BUDGET: Final = 0.02  # seconds of building per tick
BUILT: Final = 0.15  # share of the bar that building has
SHARES: Final = {"mesh": (0.0, 0.4), "keys": (0.4, 0.8), "materials": (0.8, 0.9), "scene": (0.9, 1.0)}  # of that

DELETED: Final = Trouble("head_gone", "The head was deleted while it was being made.", "Press Animate again.")
NO_SCENE: Final = Trouble("scene_gone", "The scene is not there any more.", "Press Animate again.")
PREPARING: Final = "Preparing the request"
BUILDING: Final = {
    "": "Reading the results",
    "mesh": "Building the head",
    "materials": "Painting the skin",
    "keys": "Writing keys",
    "scene": "Arranging the scene",
}


class Work:
    """Runs until `finished`; then `trouble` says why it failed, or `head` names the object that talks."""

    def __init__(self, backend: Backend, asked: Asked, order: Order, folder: Path, heads: Path) -> None:
        self.order, self.folder = order, folder
        self.finished, self.cancelled = False, False
        self.trouble: Trouble | None = None
        self.head = ""
        self.run: Run | None = None
        self._backend, self._heads = backend, heads
        self._feed = Feed(order.fps, order.meta or {}, order.pose)
        self._request = Background(asked.request, backend)
        self._geometry = Background(fetch_geometry, backend, heads)
        self._paced = self._new_pace()
        self._highest = 0.0

    @property
    def snapshot(self) -> Snapshot:
        """How the job is."""
        return self.run.snapshot() if self.run is not None else Snapshot(stage=PREPARING)

    @property
    def pace(self) -> str:
        """The longest piece of building so far, for the log."""
        return f"{1000 * self._paced.slowest:.0f} ms ({self._paced.slowest_at})"

    @property
    def stage(self) -> str:
        """What happens now, in English; for `tr`."""
        if self.snapshot.state == "done":
            return BUILDING[self._paced.at[0]]
        return self.snapshot.stage

    @property
    def fraction(self) -> float:
        """How much of the whole is done, 0..1; never less than before."""
        stage, done, total = self._paced.at
        begin, end = SHARES.get(stage, (0.0, 0.0))
        built = begin + (end - begin) * done / total if self.snapshot.state == "done" else 0.0
        self._highest = max(self._highest, self.snapshot.fraction * (1.0 - BUILT) + BUILT * built)
        return self._highest

    @property
    def seconds_left(self) -> float | None:
        """About how long it takes, as far as is known."""
        return None if self.snapshot.state == "done" else self.snapshot.eta

    def tick(self) -> None:
        """Do the next little; never raises."""
        if self.finished:
            return
        try:
            self._follow_job()
            if self._paced.advance(BUDGET):
                self.head, self.finished = str(self._paced.result), True
        except ClientError as error:
            self._fail(error.trouble)
        except (HeadFileError, TakeFileError) as error:
            self._fail(Trouble("bad_result", f"{error}.".replace("..", "."), "Press Animate again."))
        except (ReferenceError, KeyError) as error:
            self._fail(_gone(error, self.order.scene))
        except Exception as error:
            self._fail(
                Trouble("build", f"Blender could not build the head: {error}", "Press Copy report.", repr(error))
            )

    def _follow_job(self) -> None:
        if self.run is None:
            if self._request.done:
                request, files = self._request.result()
                self.run = Run(self._backend, request, files, self.folder, heads=self._heads)
            return
        snapshot = self.run.snapshot()
        if snapshot.state == "failed":
            self._fail(snapshot.error or Trouble("internal", "The job failed.", "Press Copy report."))
        elif snapshot.state == "cancelled":
            self.cancel()
        elif snapshot.state == "done":
            self._feed.offer_take(
                snapshot.files["head.npz"], snapshot.files["take.npz"], snapshot.files.get("texture.png")
            )
        elif snapshot.frames is not None and self._geometry.done:
            self._feed.offer_frames(self._geometry.result(), snapshot.frames.coefficients, snapshot.frames.fps)

    def cancel(self) -> None:
        """Give up and take back what was built; harmless when finished."""
        if not self.finished:
            self.cancelled = True
            self._end()

    def begin_again(self) -> None:
        """Build again from the beginning with what has come so far; after undo has taken away what was built."""
        if not self.finished:
            self._paced.drop()
            unfinished.take_back()
            self._paced = self._new_pace()

    def abandon(self) -> None:
        """Give up without touching the file: it is another one now."""
        self.finished = self.cancelled = True
        self._paced.drop()
        if self.run is not None:
            self.run.cancel()

    def _new_pace(self) -> Paced:
        return Paced(assembly_steps(self.order, lambda: self._feed.ready), unfinished.marking)

    def _fail(self, trouble: Trouble) -> None:
        LOG.trouble("work", trouble)
        self.trouble = trouble
        self._end()

    def _end(self) -> None:
        self.abandon()
        unfinished.take_back()


def _gone(error: Exception, scene: str) -> Trouble:
    return replace(DELETED if scene in bpy.data.scenes else NO_SCENE, details=repr(error))
