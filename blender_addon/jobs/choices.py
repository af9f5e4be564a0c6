"""From the settings in the panel to what the backend is asked and what Blender shall build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..building.assembly import Order
from ..translations import tr
from ..trouble import ClientError
from . import asked
from .asked import Asked, StyleSource
from .recipe import Recipe
from .voice import cut_of, voice_of_strip


def missing(settings: Any, scene: Any) -> str:
    """What the artist still has to choose, as a translated sentence; "" when nothing.

    Panels ask this each time they are drawn, so no disk is touched: a network drive may be away.
    """
    return _missing_voice(settings, scene) or _missing_face(settings, scene) or missing_style(settings)


def _missing_voice(settings: Any, scene: Any) -> str:
    if settings.voice_source == "STRIP":
        if not settings.voice_strip:
            return tr("Choose a sound strip as the voice.")
        if strip_of(settings, scene) is None:
            return tr("The sound strip {name} is not in this scene; choose another.").format(name=settings.voice_strip)
        return ""
    return "" if settings.voice_file else tr("Choose a sound file as the voice.")


def _missing_face(settings: Any, scene: Any) -> str:
    if settings.face_source == "PHOTO":
        return "" if settings.photo else tr("Choose a photo of the face.")
    if settings.face_source == "HEAD":
        if settings.head is None:
            return tr("Choose a head that Style Avatar made.")
        if scene.objects.get(settings.head.name) != settings.head:
            return tr("{name} is not in this scene; choose another head.").format(name=settings.head.name)
        if settings.head.library is not None or settings.head.data.library is not None:
            return tr("{name} is linked from another file; open that file.").format(name=settings.head.name)
    return ""


def missing_style(settings: Any) -> str:
    """`missing` of the style."""
    if settings.style_source == "FILE":
        return "" if settings.style_file else tr("Choose a style file.")
    if settings.style_source == "VIDEO" and not settings.measured_style:
        return tr("Choose a video and press Measure Style.")
    return ""


def strip_of(settings: Any, scene: Any) -> Any | None:
    """The chosen sound strip; None when there is none of that name."""
    return next((one for one in compat.sound_strips(scene) if one.name == settings.voice_strip), None)


def _voice_strip(settings: Any, scene: Any) -> Any | None:
    """The sound strip that is the voice; None where it is a file."""
    return strip_of(settings, scene) if settings.voice_source == "STRIP" else None


def asked_of(settings: Any, scene: Any, folder: Path) -> Asked:
    """What to ask the backend. Call only when nothing is `missing`.

    Raises:
        ClientError: the strip's sound or the text is not there.
    """
    voice_file = _path(settings.voice_file)
    photo = _path(settings.photo) if settings.face_source == "PHOTO" else None
    strip = _voice_strip(settings, scene)
    return Asked(
        voice=voice_of_strip(scene, strip, folder) if strip is not None else lambda: voice_file,
        style=style_of(settings),
        image=photo,
        person=person_of(settings.head) if settings.face_source == "HEAD" else None,
        motion=settings.mover(),
        sliders=settings.amounts(),
        transcript=_transcript(settings),
        seed=settings.seed,
    )


def style_of(settings: Any) -> StyleSource:
    """Where the style comes from."""
    if settings.style_source == "FILE":
        return asked.from_file(_path(settings.style_file))
    if settings.style_source == "VIDEO":
        return asked.from_document(json.loads(settings.measured_style))
    if settings.style_source == "MIX":
        return asked.mixed(
            asked.named(settings.style_name), asked.named(settings.second_style_name), float(settings.share)
        )
    return asked.named(settings.style_name)


def style_label(settings: Any) -> str:
    """What to call the style in the name of an Action."""
    if settings.style_source == "FILE":
        return _path(settings.style_file).stem
    if settings.style_source == "VIDEO":
        return str(settings.measured_name)
    if settings.style_source == "MIX":
        percent = round(100 * settings.share)
        return f"{settings.style_name} {100 - percent} + {settings.second_style_name} {percent}"
    return str(settings.style_name)


def person_of(head_object: Any) -> dict[str, list[float]]:
    """Who a head in the scene is.

    Raises:
        ClientError: the head was made by a version that did not write it down.
    """
    names = {"identity": 80, "albedo": 80, "gamma": 27}
    found = {name: [float(value) for value in head_object.get(f"style_avatar_{name}", ())] for name in names}
    if found["identity"] and not found["gamma"]:  # made on the command line, which keeps no light
        found["gamma"] = [0.0] * 27
    if any(len(found[name]) != length for name, length in names.items()):
        raise ClientError("old_head", f"{head_object.name} does not say whose face it is.", "Make a new head.")
    return found


def order_of(settings: Any, scene: Any) -> Order:
    """What to build."""
    strip = _voice_strip(settings, scene)
    voice = strip.name if strip is not None else _path(settings.voice_file).name
    on_head = settings.face_source == "HEAD"
    return Order(
        scene=scene.name,
        head=settings.head.name if on_head else "",
        head_name=_path(settings.photo).stem if settings.face_source == "PHOTO" else "Head",
        meta={"audio": {"name": voice}, "style": style_label(settings)},
        audio=None if strip is not None else _path(settings.voice_file),
        first_frame=int(strip.frame_final_start) if strip is not None else settings.first_frame,
        frames=int(strip.frame_final_duration) if strip is not None else 0,
        fps=scene.render.fps / scene.render.fps_base,
        staged=settings.staged,
        pack=settings.pack,
        follow=settings.follow,
        sound=strip.sound.name if strip is not None else "",
        strip=strip.name if strip is not None else "",
    )


def recipe_of(settings: Any, scene: Any) -> Recipe:
    """What is asked, to be kept on the Action; style, motion and variation become known with the request."""
    strip = _voice_strip(settings, scene)
    order, cut = order_of(settings, scene), cut_of(scene, strip) if strip is not None else None
    path = strip.sound.filepath if strip is not None else settings.voice_file
    return Recipe(
        voice=order.meta["audio"]["name"] if order.meta else "",
        path=str(_path(path)),
        style="",
        label=style_label(settings),
        first_frame=order.first_frame,
        fps=order.fps or 0.0,
        cut=(cut.begin, cut.end) if cut is not None else None,
        sliders=settings.amounts(),
        transcript=_transcript(settings),
    )


def _transcript(settings: Any) -> str:
    if settings.transcript_source == "TYPED":
        return str(settings.transcript)
    if settings.transcript_source == "TEXT" and settings.transcript_text is not None:
        return str(settings.transcript_text.as_string())
    return ""


def _path(path: str) -> Path:
    return Path(bpy.path.abspath(path))
