"""The settings of a scene: `Scene.style_avatar`."""

from __future__ import annotations

from typing import Any, Final

import bpy

from . import compat, style_choice
from .translations import CONTEXT

SLIDERS: Final = ("lips", "jaw", "brows", "blinks", "gaze", "head")


def _is_head(_: Any, candidate: Any) -> bool:
    return "style_avatar_identity" in candidate


def _sound_strips(_: Any, context: Any, text: str) -> list[str]:
    return [strip.name for strip in compat.sound_strips(context.scene) if text.lower() in strip.name.lower()]


def _take_selected(self: Any, context: Any) -> None:
    """Who asks for a head in the scene mostly means the one that is selected."""
    selected = context.object
    if self.face_source == "HEAD" and self.head is None and selected is not None and _is_head(self, selected):
        self.head = selected


def _amount(name: str, description: str) -> Any:
    return bpy.props.FloatProperty(name=name, description=description, default=1.0, min=0.0, max=2.0, subtype="FACTOR")


class StyleAvatarSettings(bpy.types.PropertyGroup):
    """What the artist chose in this scene; saved with the file."""

    voice_source: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Voice",
        description="Where the voice comes from",
        items=(
            ("FILE", "File", "A sound file, or a film whose sound is used"),
            ("STRIP", "Sound Strip", "A sound strip that is in this scene's sequencer; the head speaks where it lies"),
        ),
    )
    voice_file: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Sound File",
        description="Recording of one person who speaks: WAV, FLAC, OGG, MP3, or a film",
        subtype="FILE_PATH",
    )
    voice_strip: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Sound Strip",
        description="Sound strip of this scene's sequencer; what is trimmed away is not spoken",
        search=_sound_strips,
        search_options={"SORT"},
    )
    first_frame: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="First Frame",
        description="Frame of the scene on which the voice begins",
        default=1,
        min=0,
        max=1_000_000,
    )

    face_source: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Face",
        description="Whose face speaks",
        update=_take_selected,
        items=(
            ("PHOTO", "Photo", "A new head with the face of the person in a photo"),
            (
                "HEAD",
                "Head",
                "A head that Style Avatar made before gets a new Action; its older ones are kept",
            ),
            ("AVERAGE", "Average", "A new head with the average face of the face model"),
        ),
    )
    photo: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Photo",
        description="Photo of one face, looking into the camera, evenly lit",
        subtype="FILE_PATH",
    )
    head: bpy.props.PointerProperty(  # type: ignore[valid-type]
        name="Head",
        description="Head that Style Avatar made",
        type=bpy.types.Object,
        poll=_is_head,
    )

    style_source: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Style",
        description="Where the way of speaking comes from",
        translation_context=CONTEXT,
        items=(
            ("PRESET", "Preset", "A style that comes with Style Avatar"),
            ("MIX", "Mix", "Something between two styles"),
            ("VIDEO", "Video", "The way a person speaks in a video"),
            ("FILE", "File", "A style file that was saved before"),
        ),
    )
    style: style_choice.choice("style", "Style", "Way of speaking")  # type: ignore[valid-type]
    style_name: bpy.props.StringProperty(default="neutral", options={"HIDDEN"})  # type: ignore[valid-type]
    second_style: style_choice.choice("second_style", "With", "The other way of speaking")  # type: ignore[valid-type]
    second_style_name: bpy.props.StringProperty(default="energetic", options={"HIDDEN"})  # type: ignore[valid-type]
    share: bpy.props.FloatProperty(  # type: ignore[valid-type]
        name="Share",
        description="How much of the second style there is in the mix",
        default=0.5,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    style_file: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Style File",
        description="Style that was saved from a video or a mix",
        subtype="FILE_PATH",
    )
    video: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Video",
        description="Video of one person who speaks to the camera; ten seconds are enough, a minute is better",
        subtype="FILE_PATH",
    )
    measured_style: bpy.props.StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    measured_name: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Measured Style",
        description="Style that was measured on a video, for this scene",
        options={"HIDDEN"},
    )

    motion: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Motion",
        description="What turns the voice into movement",
        translation_context=CONTEXT,
        items=(
            ("LEARNED", "Learned", "A network moves the mouth, nearer to the way real mouths move"),
            ("ARTICULATOR", "Rules", "Rules move the mouth, sound by sound: even and clear"),
        ),
    )

    transcript_source: bpy.props.EnumProperty(  # type: ignore[valid-type]
        name="Transcript",
        description="What is said, in English; lips become more exact with it",
        translation_context=CONTEXT,
        items=(
            ("NONE", "None", "Listen to the voice only"),
            ("TYPED", "Typed", "Type what is said"),
            ("TEXT", "Text", "A text of Blender's Text Editor"),
        ),
    )
    transcript: bpy.props.StringProperty(  # type: ignore[valid-type]
        name="Words",
        description="What is said, word for word, in English",
    )
    transcript_text: bpy.props.PointerProperty(  # type: ignore[valid-type]
        name="Text",
        description="Text of the Text Editor that holds what is said, word for word, in English",
        type=bpy.types.Text,
    )

    lips: _amount("Lips", "How far the lips move; they close on m, b and p at any amount")  # type: ignore[valid-type]
    jaw: _amount("Jaw", "How far the jaw opens")  # type: ignore[valid-type]
    brows: _amount("Brows", "How far the brows move on emphasis")  # type: ignore[valid-type]
    blinks: _amount("Blinks", "How often the eyes blink; 0 for never")  # type: ignore[valid-type]
    gaze: _amount("Gaze", "How far the eyes wander; 0 looks straight ahead")  # type: ignore[valid-type]
    head_motion: _amount("Head", "How far the head moves and nods; 0 keeps it still")  # type: ignore[valid-type]
    seed: bpy.props.IntProperty(  # type: ignore[valid-type]
        name="Variation",
        description="Another number gives other blinks, glances and head movements for the same voice",
        min=0,
        max=2**31 - 1,
    )

    staged: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Camera, Lights and Background",
        description="Add a portrait camera, three lights and a dark background around a new head, and look through it",
        default=True,
    )
    follow: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Show While Computing",
        description="Go to the newest frame while the movement is being computed, unless the animation plays",
        default=True,
    )
    pack: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Pack Sound",
        description="Store the sound in the .blend file",
        default=True,
    )

    def mover(self) -> str:
        """The motion, by the backend's name."""
        return str(self.motion).lower()

    def amounts(self) -> dict[str, float]:
        """The sliders, by the backend's names."""
        return {name: getattr(self, "head_motion" if name == "head" else name) for name in SLIDERS}


CLASSES = (StyleAvatarSettings,)


def register() -> None:
    """Put the settings on every scene."""
    bpy.types.Scene.style_avatar = bpy.props.PointerProperty(type=StyleAvatarSettings)


def unregister() -> None:
    """Take them away."""
    del bpy.types.Scene.style_avatar
