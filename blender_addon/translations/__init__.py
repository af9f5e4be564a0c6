"""English is written in the code, other languages stand in tables: one module `LANGUAGE_TOPIC` with `WORDS` per topic.

Labels and tooltips are translated by Blender itself; text that is put together goes through `tr`, and is marked in the
source by it, so that a test can find every text without an entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import bpy

from . import de_codes, de_drive, de_edit, de_endings, de_hair, de_interface, de_messages, de_stage, de_textures

GERMAN: Final[Mapping[str, str]] = {
    **{**de_codes.WORDS, **de_edit.WORDS, **de_drive.WORDS, **de_endings.WORDS},
    **{**de_interface.WORDS, **de_messages.WORDS, **de_textures.WORDS, **de_hair.WORDS, **de_stage.WORDS},
}
LANGUAGES: Final = {"de_DE": GERMAN}
CONTEXT: Final = "StyleAvatar"  # Blender has German of its own for "Face" (of a mesh) or "Mix"; ours goes first here
CONTEXTS: Final = ("*", "Operator", CONTEXT)  # what Blender asks with for labels, and for the names of operators


def tr(text: str) -> str:
    """`text` in the language of Blender's interface; itself when there is no entry or the artist wants English."""
    own = str(bpy.app.translations.pgettext_iface(text, CONTEXT))
    return own if own != text else str(bpy.app.translations.pgettext_iface(text))


def register() -> None:
    """Give Blender the tables."""
    tables = {
        language: {(context, english): own for english, own in words.items() for context in CONTEXTS}
        for language, words in LANGUAGES.items()
    }
    bpy.app.translations.register(__package__, tables)


def unregister() -> None:
    """Take the tables away."""
    bpy.app.translations.unregister(__package__)
