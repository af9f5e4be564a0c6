"""The character that is being driven right now, looked after by a timer of its own. Nothing of it is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import bpy

from .. import compat
from ..report import LOG
from ..session import busy_hands, redraw
from . import draft
from .work import Drive, Order

TICK: Final = 0.03  # seconds between two looks
UNDO_NAME: Final = "Drive Character"  # as Edit › Undo History shows it


class Desk:
    """drive: what runs, or None; undone: whether the artist has undone or redone something since the last tick."""

    def __init__(self) -> None:
        self.drive: Drive | None = None
        self.undone = False

    def begin(self, order: Order) -> None:
        """Drive a character in pieces from now on."""
        self.drive = Drive(order)
        if not bpy.app.timers.is_registered(_tick):
            bpy.app.timers.register(_tick, first_interval=0.0, persistent=True)

    def cancel(self) -> None:
        """Give up and take everything back."""
        if self.drive is not None:
            self.drive.cancel()
            self.drive = None
        redraw()

    def tick(self) -> None:
        """Look after it."""
        if self.undone:
            self.undone = False
            if self.drive is not None:
                self.drive.begin_again()
            draft.clear()
        drive = self.drive
        if drive is None or bpy.app.is_job_running("RENDER") or busy_hands():
            return
        drive.tick()
        if drive.finished:
            self.drive = None
            LOG.add("drive", f"longest piece of work in Blender: {drive.pace}")
            if not drive.refused:
                compat.push_undo(UNDO_NAME)
        redraw()


DESK: Final = Desk()


def _tick() -> float | None:
    try:
        DESK.tick()
    except Exception as error:  # a timer that raises is never called again
        LOG.add("drive", repr(error))
        DESK.drive = None
    return TICK if DESK.drive is not None or DESK.undone else None


@bpy.app.handlers.persistent
def _after_undo(*_: Any) -> None:
    """The file is another one now; the next tick looks after it, as nothing may be changed in here."""
    if DESK.drive is not None or any(draft.UNFINISHED in action for action in bpy.data.actions):
        DESK.undone = True
        if not bpy.app.timers.is_registered(_tick):
            bpy.app.timers.register(_tick, first_interval=0.0, persistent=True)


@bpy.app.handlers.persistent
def _before_load(*_: Any) -> None:
    DESK.cancel()


@bpy.app.handlers.persistent
def _after_load(*_: Any) -> None:
    draft.clear()  # the file may have been saved while something was being written


HANDLERS: Final[tuple[tuple[list[Callable[..., None]], Callable[..., None]], ...]] = (
    (bpy.app.handlers.undo_post, _after_undo),
    (bpy.app.handlers.redo_post, _after_undo),
    (bpy.app.handlers.load_pre, _before_load),
    (bpy.app.handlers.load_post, _after_load),
)


def register() -> None:
    """Begin to look after things."""
    for handlers, handler in HANDLERS:
        handlers.append(handler)


def unregister() -> None:
    """End everything."""
    DESK.cancel()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    for handlers, handler in HANDLERS:
        handlers.remove(handler)
