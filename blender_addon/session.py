"""What runs behind the panels while Blender is open: the backend, what it offers, and the work in progress.

One timer looks after all of it. Nothing here is saved with the file, so undo and opening files leave it alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import bpy

from . import compat
from .background import Background
from .building import unfinished, viewports
from .connection.client import Backend
from .editing import parts_list
from .hosting.host import Host
from .hosting.status import OFF, Status
from .jobs.measure import Measure
from .jobs.stepwise import Stepwise
from .report import LOG
from .trouble import ClientError, Trouble

TICK: Final = 0.05  # seconds between two looks while something is going on
IDLE: Final = 0.5
HANDS: Final = ("TRANSFORM_OT_", "SCULPT_OT_", "PAINT_OT_", "MESH_OT_", "GREASE_PENCIL_OT_", "GPENCIL_OT_")
MEASURED: Final = "Measure Style"

NEW_FILE: Final = Trouble(
    "new_file",
    "Another file was opened while the head was being made.",
    "Press Animate again; what was computed is kept.",
)


@dataclass
class Session:
    """The one session of this Blender.

    host: the backend, None until it is started; styles: what the backend offers, by name; work, measure: what runs;
    trouble: the last error, for the panel; note: the head that was made or changed last, likewise; said: what was done
    to it, translated; taken_back: the head that undo has taken away; undone: whether the artist has undone or redone
    something since the last tick.
    """

    host: Host | None = None
    styles: dict[str, str] = field(default_factory=dict)
    work: Stepwise | None = None
    measure: Measure | None = None
    trouble: Trouble | None = None
    note: str = ""
    said: str = ""
    taken_back: str = ""
    undone: bool = False
    _offer: Background[dict[str, Any]] | None = None
    _known: Backend | None = None
    _seen: tuple[object, ...] = ()

    def status(self) -> Status:
        """How the backend is."""
        return self.host.state() if self.host is not None else OFF

    def backend(self) -> Backend | None:
        """The backend's client, when it is ready."""
        return self.host.backend() if self.host is not None else None

    def start(self, host: Host) -> None:
        """Let `host` be the backend from now on, and start it."""
        self.stop()
        self.host = host
        self.trouble = None
        host.start()
        wake()

    def stop(self) -> None:
        """End the backend and what it works on."""
        if self.work is not None:
            self.work.cancel()
        if self.measure is not None:
            self.measure.cancel()
        if self.host is not None:
            self.host.stop()

    def forget(self) -> None:
        """Become as new; after `stop`."""
        self.host = self.work = self.measure = self.trouble = self._known = self._offer = None
        self.styles, self.note, self.said, self.taken_back, self.undone, self._seen = {}, "", "", "", False, ()

    def show(self, trouble: Trouble) -> None:
        """Put an error into the panel and the log."""
        self.trouble, self.note, self.said = trouble, "", ""
        LOG.trouble("panel", trouble)

    def begin(self, work: Stepwise) -> None:
        """Let `work` run; what the panel said about the last one goes."""
        self.trouble, self.note, self.said = None, "", ""
        self.work = work
        wake()

    def tell(self, head: str, said: str) -> None:
        """Put what was done to a head into the panel."""
        self.trouble, self.note, self.said = None, head, said
        redraw()

    @property
    def busy(self) -> str:
        """The name of what runs, in English; "" for nothing."""
        if self.work is not None:
            return self.work.name
        return MEASURED if self.measure is not None else ""

    def tick(self) -> float:
        """Look after everything; returns the seconds until the next look."""
        if not bpy.app.is_job_running("RENDER") and not busy_hands():
            self._tick_work()
        self._tick_measure()
        self._ask_for_styles()
        if self.work is None and parts_list.refresh():
            redraw()
        self._redraw_when_changed()
        return TICK if self.work or self.measure or self.status().state == "starting" else IDLE

    def _tick_work(self) -> None:
        work = self.work
        if self.undone:
            self.undone, self._seen, self.said = False, (), ""
            if work is not None:
                work.begin_again()
            elif unfinished.exists():
                unfinished.take_back()
            else:
                self._follow_undo()
        if work is None:
            return
        work.tick()
        if not work.finished:
            return
        self.work = None
        LOG.add("work", f"longest piece of work in Blender: {work.pace}")
        if work.trouble is not None:
            self.trouble = work.trouble
        elif not work.cancelled:
            self.note, self.said, self.taken_back = work.head, work.said, ""
            compat.push_undo(work.undo_name)

    def _follow_undo(self) -> None:
        """Viewports are no part of undo: they go back with the head, and come again with it."""
        if self.note and self.note not in bpy.data.objects:
            viewports.give_back()
            self.note, self.taken_back = "", self.note
        elif self.taken_back and self.taken_back in bpy.data.objects:
            viewports.show_again()
            self.note, self.taken_back = self.taken_back, ""

    def _tick_measure(self) -> None:
        measure = self.measure
        if measure is None or not measure.tick():
            return
        self.trouble, self.measure = measure.trouble, None
        scene = bpy.data.scenes.get(measure.scene)
        if measure.document is not None and scene is not None:
            scene.style_avatar.measured_style = json.dumps(measure.document)
            scene.style_avatar.measured_name = measure.name
            compat.push_undo(MEASURED)

    def _ask_for_styles(self) -> None:
        """Fetch the list of styles once per backend."""
        backend = self.backend()
        if backend is not self._known:
            self._known = backend
            self._offer = Background(backend.styles) if backend is not None else None
        if self._offer is not None and self._offer.done:
            offer, self._offer = self._offer, None
            try:
                self.styles = {str(one["name"]): str(one.get("description", "")) for one in offer.result()["styles"]}
            except (ClientError, KeyError) as error:
                LOG.add("session", f"no list of styles: {error!r}")

    def _redraw_when_changed(self) -> None:
        work = self.work
        seen = (
            *(self.status(), self.trouble, self.note, self.said, len(self.styles)),
            *(work and work.stage, work and round(work.fraction, 3)),
            self.measure and self.measure.snapshot,
        )
        if seen != self._seen:
            self._seen = seen
            redraw()


SESSION: Final = Session()


def _tick() -> float | None:
    try:
        return SESSION.tick()
    except Exception as error:  # a timer that raises is never called again
        LOG.trouble("session", Trouble("internal", "The add-on made a mistake.", "Press Copy report.", repr(error)))
        return IDLE


def busy_hands() -> bool:
    """Whether the artist is in the middle of moving, painting or cutting something: then the file is left alone."""
    running = (one for window in bpy.context.window_manager.windows for one in window.modal_operators)
    return any(one.bl_idname.startswith(HANDS) for one in running)


def wake() -> None:
    """Look at once, and often from now on."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    bpy.app.timers.register(_tick, first_interval=0.0, persistent=True)


def redraw() -> None:
    """Let the sidebars and the preferences show what is new."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "PREFERENCES"}:
                area.tag_redraw()


@bpy.app.handlers.persistent
def _after_undo(*_: Any) -> None:
    """The file is another one now; the next tick looks after it, as nothing may be changed in here."""
    SESSION.undone = True


@bpy.app.handlers.persistent
def _before_load(*_: Any) -> None:
    if SESSION.work is not None:
        SESSION.work.abandon()
        SESSION.work = None
        SESSION.show(NEW_FILE)


@bpy.app.handlers.persistent
def _after_load(*_: Any) -> None:
    viewports.forget()
    if unfinished.exists():  # the file was saved while something was being built
        unfinished.take_back()


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
    wake()


def unregister() -> None:
    """End everything."""
    SESSION.stop()
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    for handlers, handler in HANDLERS:
        handlers.remove(handler)
    SESSION.forget()
