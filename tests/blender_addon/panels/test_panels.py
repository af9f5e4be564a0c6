"""Panels are drawn with a layout that writes down what it is asked, in every state of the session."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from backend.motions import MOTIONS
from blender_addon.hosting.status import Status
from blender_addon.jobs.snapshot import Snapshot
from blender_addon.trouble import Trouble


class Layout:
    """Takes every call; `texts` are labels, `operators` and `settings` what was drawn, also in layouts within."""

    def __init__(self, parent: Layout | None = None) -> None:
        self.texts: list[str] = parent.texts if parent else []
        self.operators: list[str] = parent.operators if parent else []
        self.settings: list[str] = parent.settings if parent else []
        self.enabled = True

    def row(self, **_: Any) -> Layout:
        return Layout(self)

    column = box = grid_flow = row

    def label(self, text: str = "", **_: Any) -> None:
        self.texts.append(text)

    def progress(self, text: str = "", **_: Any) -> None:
        self.texts.append(text)

    def operator(self, name: str, **_: Any) -> Any:
        self.operators.append(name.removeprefix("style_avatar."))
        return SimpleNamespace()

    def prop(self, owner: Any, name: str, **_: Any) -> None:
        assert hasattr(owner, name), name
        self.settings.append(name)

    def template_list(self, kind: str, _: str, owner: Any, listed: str, chooser: Any, active: str, **__: Any) -> None:
        self.prop(owner, listed)
        self.prop(chooser, active)

    def template_ID(self, owner: Any, name: str, **_: Any) -> None:
        self.prop(owner, name)

    def separator(self, **_: Any) -> None: ...


@pytest.fixture
def session(blender: Any) -> Iterator[Any]:
    from blender_addon import registration
    from blender_addon.session import SESSION

    registration.register()
    yield SESSION
    SESSION.work = SESSION.measure = None
    registration.unregister()


def drawn(blender: Any, name: str = "main") -> Layout:
    """What the panels of a module draw."""
    module = importlib.import_module(f"blender_addon.panels.{name}")
    layout = Layout()
    for panel in module.CLASSES:
        if issubclass(panel, blender.types.Panel):
            panel.draw(SimpleNamespace(layout=layout), blender.context)
    return layout


class Host:
    def __init__(self, status: Status) -> None:
        self.status = status

    def state(self) -> Status:
        return self.status

    def backend(self) -> object | None:
        return self if self.status.state == "ready" else None

    def stop(self, wait: bool = False) -> None: ...


def test_without_a_backend_the_panel_offers_to_start_it(blender: Any, session: Any) -> None:
    layout = drawn(blender)
    assert "start_backend" in layout.operators and "Start the backend first." in layout.texts


def test_a_backend_that_failed_is_explained(blender: Any, session: Any) -> None:
    session.host = Host(Status("failed", "The disk is full.", "Make room and try again."))
    assert "The disk is full. Make room and try again." in " ".join(drawn(blender).texts)


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        ({"voice_source": "STRIP"}, {"voice_strip"}),
        ({"face_source": "HEAD"}, {"head"}),
        ({"style_source": "MIX"}, {"style", "second_style", "share"}),
        ({"style_source": "FILE"}, {"style_file"}),
        ({"style_source": "VIDEO"}, {"video"}),
        ({"transcript_source": "TYPED"}, {"transcript"}),
        ({"transcript_source": "TEXT"}, {"transcript_text"}),
    ],
)
def test_only_what_was_chosen_is_asked_for(blender: Any, session: Any, choice: dict[str, str], shown: set[str]) -> None:
    session.host = Host(Status("ready", "The backend is ready."))
    assert not shown - {"style"} <= set(drawn(blender).settings)
    for name, value in choice.items():
        setattr(blender.context.scene.style_avatar, name, value)
    assert shown <= set(drawn(blender).settings)


def test_progress_and_cancel_take_the_buttons_place(blender: Any, session: Any) -> None:
    session.host = Host(Status("ready", "The backend is ready."))
    assert "animate" in drawn(blender).operators
    snapshot = Snapshot(state="running", stage="Moving the face", eta=12.4)
    session.work = SimpleNamespace(
        name="Animate", stage="Moving the face", fraction=0.5, seconds_left=12.4, snapshot=snapshot, cancel=lambda: None
    )
    layout = drawn(blender)
    assert "Moving the face (about 12 s left)" in layout.texts
    assert "cancel" in layout.operators and "animate" not in layout.operators


def test_an_error_is_a_sentence_and_the_report_is_near(blender: Any, session: Any) -> None:
    session.trouble = Trouble("bad_image", "No face was found.", "Use another photo.", "Traceback …")
    layout = drawn(blender)
    assert "No face was found. Use another photo." in " ".join(layout.texts)
    assert "Traceback" not in " ".join(layout.texts) and {"copy_report", "dismiss"} <= set(layout.operators)
    blender.ops.style_avatar.dismiss()
    assert "No face was found." not in " ".join(drawn(blender).texts)


def test_long_text_fits_the_sidebar() -> None:
    from blender_addon.panels.base import wrapped

    context = SimpleNamespace(
        preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)), region=SimpleNamespace(width=220)
    )
    lines = wrapped("a sentence of several words that is longer than the sidebar is wide", context, True)
    assert len(lines) > 1 and max(map(len, lines)) <= 30
    assert " ".join(lines) == "a sentence of several words that is longer than the sidebar is wide"


EDITS = ("another_style", "redo_range", "pick_range", "take_range", "set_amounts", "reset_amounts", "reduce_keys")


def test_without_a_head_the_edit_panel_says_so_once(blender: Any, session: Any) -> None:
    layout = drawn(blender, "edit")
    assert " ".join(layout.texts).count("Select a head that Style Avatar made.") == 1
    assert {*EDITS, "push_to_nla", "make_layer"} <= set(layout.operators)
    assert {"style", "parts", "first", "last", "new", "rows", "index"} <= set(layout.settings)


def test_the_motion_is_chosen_above_animate_and_where_a_range_gets_a_new_one(blender: Any, session: Any) -> None:
    assert "motion" in drawn(blender).settings and "motion" not in drawn(blender, "edit").settings
    blender.context.scene.style_avatar_edit.new = {"STYLE", "MOTION"}
    assert "motion" in drawn(blender, "edit").settings
    settings = blender.context.scene.style_avatar
    for choice in settings.bl_rna.properties["motion"].enum_items:
        settings.motion = choice.identifier
        assert settings.mover() in MOTIONS


def test_what_was_done_is_said_in_both_panels(blender: Any, session: Any) -> None:
    session.tell("anna", "Redone 0.4 s – 0.8 s: 10 frames, new Action “voice”.")
    for name in ("main", "edit"):
        said = " ".join(drawn(blender, name).texts)
        assert "Redone 0.4 s – 0.8 s: 10 frames" in said and "Press Space" not in said
    session.tell("anna", "")
    assert "anna is ready. Press Space to play." in " ".join(drawn(blender).texts)


def test_the_list_of_parts_has_a_line_for_each(blender: Any, session: Any) -> None:
    from blender_addon.panels import edit

    parts: Any = edit.STYLE_AVATAR_UL_parts
    layout = Layout()
    for name in ("Hi!", ""):
        item = SimpleNamespace(name=name, seconds="0.2 – 0.6 s")
        parts.draw_item(None, blender.context, layout, None, item, 0, None, "index")
    assert layout.texts == ["Hi!", "0.2 – 0.6 s", "(pause)", "0.2 – 0.6 s"]
