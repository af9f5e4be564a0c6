"""Errors of the backend in the artist's language: it writes English; its codes and reasons have sentences here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..trouble import Trouble

_RELEASE: Final = "Use the add-on and the backend of the same release."
_RESTART: Final = "Stop the backend and start it again."
_REPORT: Final = "Try again; if it happens again, press Copy report."

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "unauthorised": ("The backend does not know this Blender.", _RESTART),
    "wrong_protocol": ("The add-on and the backend do not fit together.", _RELEASE),
    "bad_host": ("The backend refused the address that was used for it.", _RESTART),
    "foreign_origin": ("The backend refused a request of another program.", _RESTART),
    "bad_request": ("The backend could not use the request.", _RELEASE),
    "unknown_field": ("The backend does not know part of the request.", _RELEASE),
    "wrong_method": ("The backend does not know the request.", _RELEASE),
    "not_found": ("The backend does not have this any more.", "Start it anew."),
    "conflict": ("That does not fit what the backend is doing.", "Wait until it is finished, or cancel it."),
    "too_large": ("A file is too large or too long.", "Cut it into parts, or use a smaller one."),
    "path_not_allowed": ("The backend may not read this file.", "Choose a file in another folder."),
    "cannot_read": ("A file cannot be read.", "Choose the file again."),
    "bad_audio": ("The voice cannot be used.", "Choose another sound file."),
    "bad_image": ("The photo cannot be used.", "Choose another photo: one face, evenly lit, looking into the camera."),
    "bad_transcript": ("The transcript does not fit the voice.", "Correct it, or go on without one."),
    "bad_style": ("The style cannot be used.", "Choose another style."),
    "bad_video": ("The video cannot be used.", "Choose another video: one person who speaks to the camera."),
    "bad_texture": ("The texture cannot be used.", "Choose another texture, or bake a shorter range."),
    "missing_model": ("Something that the backend needs is missing or damaged.", "Install Style Avatar again."),
    "out_of_memory": (
        "There was not enough memory.",
        "Close other programs, or use a shorter recording or a smaller photo, and try again.",
    ),
    "disk_full": ("The disk is full.", "Make room and try again."),
    "interrupted": ("The backend was interrupted.", "Start it anew."),
    "stalled": ("The job stood still and was ended.", _REPORT),
    "cancelled": ("The job was cancelled.", "Start it anew."),
    "internal": ("The backend made a mistake.", _REPORT),
}
"""(what happened, what to do) of every code of docs/api.md, in English; for `tr`."""


REASONS: Final[Mapping[str, str]] = {
    "file_missing": "There is no file {file}.",
    "file_too_large": "A file is larger than {limit} MiB.",
    "request_too_large": "The files are larger than {limit} MiB together.",
    "audio_silent": "There is nothing to hear in the voice.",
    "audio_empty": "{file} has no length.",
    "audio_missing": "{file} is not there.",
    "audio_unreadable": "{file} cannot be read as sound.",
    "audio_no_sound": "{file} has no sound.",
    "audio_cut_short": "{file} says that it is {declared} s long, but holds {held} s.",
    "audio_not_numbers": "{file} is damaged at {seconds} s.",
    "audio_too_long": "The voice is longer than {limit} h.",
    "audio_slow": "{file} takes too long to read.",
    "photo_missing": "{file} is not there.",
    "photo_unknown_format": "{file} is no picture.",
    "photo_damaged": "{file} is damaged or cut short.",
    "photo_too_large": "{file} has more than {limit} megapixels; {side} pixels along a side are enough.",
    "photo_no_face": "No face is seen in the photo.",
    "photo_small_face": "The face in the photo is only {pixels} pixels high; it needs {least}.",
    "photo_face_cut_off": "The edge of the photo cuts off the face.",
    "transcript_no_words": "There are no words in the transcript.",
    "transcript_too_long": "{words} words do not fit into {seconds} s.",
    "transcript_not_found": "The transcript is not what is said, or not English.",
    "video_missing": "{file} is not there.",
    "video_unreadable": "{file} cannot be read as a video.",
    "video_no_pictures": "{file} holds sound only.",
    "video_too_long": "The video is longer than {limit} h.",
    "video_too_short": "The video has {seconds} s; it needs {least} s.",
    "video_too_large": "{file} has {width} x {height} pixels; {limit} megapixels are the most.",
    "video_too_fast": "{file} has more than {limit} pictures a second.",
    "video_slow": "{file} takes too long to read.",
    "video_no_face": "No face is seen in the video.",
    "video_several_faces": "More than one person is seen in the video.",
    "video_small_face": "The face in the video is only {pixels} pixels high; it needs {least}.",
    "video_face_cut_off": "The edge of the video cuts off the face in {pictures} of {total} pictures.",
    "video_cuts": "The longest of {shots} shots has {seconds} s; it needs {least} s.",
    "worker_killed": "The system ended the backend's work, as memory was short.",
    "worker_killed_at_start": "The system ended the backend's work {times} times, as memory was short.",
    "package_missing": "The Python package {package} is missing.",
    "worker_crashed": "The backend's work crashed.",
    "worker_does_not_start": "The backend's work could not be started, {times} times.",
}
"""What happened, by the reason of docs/api.md, with its parameters; the code's advice goes with it."""


def told(trouble: Trouble) -> str:
    """What went wrong and what to do, in the language of Blender's interface.

    A text with an entry in the tables is translated as it is. Another one came from the backend: the sentence of its
    reason is told, or that of its code with the English text in brackets, as it may say more. With a code that is not
    known, or in a language without tables, the text stays as it is.
    """
    from . import tr

    sentence, advice = SENTENCES.get(trouble.code, ("", ""))
    if not sentence or tr(sentence) == sentence or tr(trouble.message) != trouble.message:
        return f"{tr(trouble.message)} {tr(trouble.advice)}".rstrip()
    own_advice = tr(trouble.advice)
    next_step = own_advice if own_advice != trouble.advice else tr(advice)
    return f"{_of_reason(trouble) or f'{tr(sentence)} ({trouble.message})'} {next_step}"


def _of_reason(trouble: Trouble) -> str:
    """The sentence of the reason; "" when it is not known, or a parameter of it is missing."""
    from . import tr

    facts = {name: f"{fact:g}" if isinstance(fact, float) else str(fact) for name, fact in trouble.parameters.items()}
    try:
        return tr(REASONS[trouble.reason]).format_map(facts)
    except (KeyError, ValueError, IndexError):
        return ""
