"""The settings of *Drive my character*: `Scene.style_avatar_drive`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from ..folders import cache_folder
from ..retarget import channels, presets
from ..retarget.mapping import Row
from ..translations import CONTEXT
from .character import Character, character_of, is_character, targets
from .problems import Problem


def _channels(_: Any, context: Any, text: str) -> list[str]:
    return [name for name in channels.CHANNELS if text.lower() in name.lower()]


def _targets(item: Any, context: Any, text: str) -> list[str]:
    character = chosen_character(context.scene)
    names = targets(character).get(item.kind, []) if character is not None else []
    return [name for name in names if text.lower() in name.lower()]


def _presets(_: Any, context: Any, text: str) -> list[str]:
    return [name for name in presets.saved(preset_folder(context)) if text.lower() in name.lower()]


def _is_head(_: Any, candidate: Any) -> bool:
    return "style_avatar_identity" in candidate and candidate.type == "MESH"


class StyleAvatarRow(bpy.types.PropertyGroup):
    """One line of the mapping, see `retarget.mapping.Row`."""

    on: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Use", description="Whether this line is used", default=True
    )
    channel: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Source",
        description="What moves it: an expression of the take, a mouth shape, or the motion of a bone",
        search=_channels,
    )
    kind: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Kind",
        description="What is moved",
        items=(
            (
                "SHAPE",
                "Shape Key",
                "A shape key, on every mesh of the character that has one of this name",
                "SHAPEKEY_DATA",
                0,
            ),
            ("BONE", "Bone", "A bone of the character's armature", "BONE_DATA", 1),
            ("OBJECT", "Object", "The whole object, for a head without bones", "OBJECT_DATA", 2),
        ),
    )
    target: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Target", description="What is moved: a shape key, a bone or the object", search=_targets
    )
    gain: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Gain",
        description="How much of the movement arrives; below 0 it is inverted",
        translation_context=CONTEXT,
        default=1.0,
        soft_min=-2.0,
        soft_max=2.0,
        min=-10.0,
        max=10.0,
    )
    offset: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Offset",
        description="What is added to the value of a shape key",
        soft_min=-1.0,
        soft_max=1.0,
        min=-10.0,
        max=10.0,
    )
    confidence: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Confidence", description="How sure the match by name is", default=1.0, subtype="FACTOR", min=0.0, max=1.0
    )
    reason: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Reason", description="Why the line was switched off", options={"HIDDEN"}
    )

    def row(self) -> Row:
        """The line without Blender."""
        return Row(
            channel=self.channel,
            target=self.target,
            kind=self.kind,
            gain=self.gain,
            offset=self.offset,
            on=self.on and bool(self.target) and self.channel in channels.CHANNELS,
            confidence=self.confidence,
            reason=self.reason,
        )


class StyleAvatarLine(bpy.types.PropertyGroup):
    """One line of the report."""

    level: bpy.props.StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    text: bpy.props.StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]


class StyleAvatarDrive(bpy.types.PropertyGroup):
    """What drives whom, and how."""

    character: bpy.props.PointerProperty(  # type: ignore[valid-type]
        name="Character",
        description="A mesh with shape keys, or the armature of the character; what belongs to it is found",
        type=bpy.types.Object,
        poll=is_character,
    )
    source: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Performance",
        description="Where the movement comes from",
        items=(
            ("HEAD", "Head", "What a head of Style Avatar plays in this scene, with everything you changed on it"),
            ("FILE", "File", "A take (.npz), or ARKit weights (.csv) of Live Link Face"),
        ),
    )
    head: bpy.props.PointerProperty(  # type: ignore[valid-type]
        name="Head", description="Head that Style Avatar made", type=bpy.types.Object, poll=_is_head
    )
    file: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Performance File",
        description="A take (.npz), or ARKit weights (.csv) of Live Link Face",
        subtype="FILE_PATH",
    )
    csv_rate: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Recorded at",
        description="Frames per second that the timecodes of the CSV count; 0 finds it out",
        min=0.0,
        max=240.0,
        precision=2,
    )
    rows: bpy.props.CollectionProperty(type=StyleAvatarRow, options={"HIDDEN"})  # type: ignore[valid-type]
    active_row: bpy.props.IntProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    with_head: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Begins with the Head",
        description="Begin on the frame on which the head begins, so that both move together",
        default=True,
    )
    first_frame: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Begins at",
        description="Frame of the scene on which the performance begins",
        default=1,
        min=0,
        max=1_000_000,
    )
    amplitude: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Amplitude",
        description="How far the face moves; lips still close and lids still shut at any amount",
        default=1.0,
        min=0.0,
        max=2.0,
        subtype="FACTOR",
    )
    head_amount: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Head Movement",
        description="How far the head turns; 0 keeps it still",
        default=1.0,
        min=0.0,
        max=2.0,
        subtype="FACTOR",
    )
    neck_share: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Neck Share",
        description="How much of the head's turn the neck does",
        default=0.4,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    preset: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Preset",
        description="Name of a mapping that was saved, or is to be saved",
        search=_presets,
        search_options={"SORT", "SUGGESTION"},
    )
    report: bpy.props.CollectionProperty(type=StyleAvatarLine, options={"HIDDEN"})  # type: ignore[valid-type]
    done: bpy.props.StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]

    def mapping(self) -> list[Row]:
        """All lines."""
        return [one.row() for one in self.rows]

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace the lines."""
        self.rows.clear()
        for row in rows:
            one = self.rows.add()
            for name in ("on", "channel", "kind", "target", "gain", "offset", "confidence", "reason"):
                setattr(one, name, getattr(row, name))
        self.active_row = 0

    def show_outcome(self, done: str, found: Sequence[Problem]) -> None:
        """Replace what was done, a sentence, and the report."""
        self.show_report(found)
        self.done = done

    def show_report(self, found: Sequence[Problem]) -> None:
        """Replace the report; what was done before is old news."""
        self.done = ""
        self.report.clear()
        for problem in found:
            one = self.report.add()
            one.level, one.text = problem.level, problem.text


def chosen_character(scene: Any) -> Character | None:
    """The chosen character of a scene; None when there is none."""
    chosen = scene.style_avatar_drive.character
    return character_of(chosen, scene) if chosen is not None else None


def preset_folder(context: Any) -> Path:
    """Where presets are kept: the add-on's folder of this user."""
    return cache_folder(context) / "mappings"


CLASSES = (StyleAvatarRow, StyleAvatarLine, StyleAvatarDrive)


def register() -> None:
    """Put the settings on every scene."""
    bpy.types.Scene.style_avatar_drive = bpy.props.PointerProperty(type=StyleAvatarDrive)


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.style_avatar_drive
