"""A folder of recorded speech with what is said in it: the layout that the benchmarks take.

Beside each recording either `NAME.phone.json` (words and phones with times, as pocketsphinx writes them) or, for the
whole folder, `transcripts.tsv` with the columns `file` and `text`.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.motion.timeline import gapless
from models.speech.phones import PhoneSpan, to_classes

AUDIO: Final = (".wav", ".flac", ".ogg", ".mp3", ".m4a")
LABELS: Final = ".phone.json"


class SpeechFolderError(ValueError):
    """A folder does not hold speech in the layout; the message says what is expected."""


@dataclass(frozen=True)
class Recording:
    """A sound file, what is said in it, and the folder's own phone times where it has them."""

    path: Path
    transcript: str
    labels: list[PhoneSpan] | None


def recordings(folder: Path) -> list[Recording]:
    """The folder's recordings, by name.

    Raises:
        SpeechFolderError: no such folder, nothing in the layout, or a damaged label file.
    """
    if not folder.is_dir():
        raise SpeechFolderError(f"there is no folder {folder}")
    texts = _transcripts(folder / "transcripts.tsv")
    found = []
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in AUDIO):
        labels = path.with_name(path.stem + LABELS)
        if labels.exists():
            found.append(Recording(path, *_labelled(labels)))
        elif path.name in texts:
            found.append(Recording(path, texts[path.name], None))
    if not found:
        raise SpeechFolderError(
            f"{folder} holds no speech: expected sound files with NAME{LABELS} beside them or a transcripts.tsv"
        )
    return found


def _transcripts(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if not {"file", "text"} <= set(rows.fieldnames or ()):
            raise SpeechFolderError(f"expected the columns file and text in {path}, found {rows.fieldnames}")
        return {row["file"]: row["text"] for row in rows}


def _labelled(path: Path) -> tuple[str, list[PhoneSpan]]:
    try:
        utterance: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        phones = [
            span
            for word in utterance["w"]
            for phone in word["w"]
            for span in to_classes(phone["t"], phone["b"], phone["b"] + phone["d"])
        ]
        seconds = max(span.end for span in phones)
        return utterance["t"], gapless(phones, seconds)
    except (KeyError, TypeError, ValueError) as error:
        raise SpeechFolderError(f"{path} is not a phone label file of pocketsphinx ({error!r})") from error
