"""The recordings of a Russian Festival voice with the phone times that were made for it: speech nothing here learned.

Debian's `festvox-ru` (LGPL) holds 620 read sentences in `wav/` and hand-checked segments in `lab/`, Festival's format:
a header that ends with `#`, then `end number phone` on each line, times in seconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from backend.speech_folder import Recording, SpeechFolderError
from models.speech.phones import PhoneSpan

# The voice's phones; a doubled consonant is a palatalised one, vowels differ by stress and place.
_CLASSES: Final = {
    "AA": "a aa", "AH": "ay ae", "EH": "e ee", "IH": "y yy", "IY": "i ii", "UW": "u uu", "UH": "ur", "AO": "o oo",
    "P": "p pp", "B": "b bb", "M": "m mm", "F": "f ff", "V": "v vv", "T": "t tt d dd", "N": "n nn",
    "S": "s ss z zz c", "SH": "sh zh sch", "CH": "ch", "L": "l ll", "R": "r rr", "Y": "j", "K": "k kk g gg",
    "HH": "h hh", "SIL": "pau",
}  # fmt: skip
CLASS_OF: Final = {phone: label for label, phones in _CLASSES.items() for phone in phones.split()}


def voice_recordings(folder: Path, every: int = 1) -> list[Recording]:
    """Every so many of a voice's recordings, by name, with phones and without transcripts.

    Raises:
        SpeechFolderError: no `lab` or `wav` in the folder, or a damaged label file.
    """
    labels = sorted((folder / "lab").glob("*.lab"))
    if not labels:
        raise SpeechFolderError(
            f"{folder} is no Festival voice with recordings: expected lab/NAME.lab and wav/NAME.wav"
        )
    return [Recording(folder / "wav" / f"{label.stem}.wav", "", spans(label)) for label in labels[::every]]


def spans(label: Path) -> list[PhoneSpan]:
    """The phones of a label file.

    Raises:
        SpeechFolderError: it is damaged, or names a phone that the voice does not have.
    """
    found: list[PhoneSpan] = []
    try:
        for line in label.read_text(encoding="utf-8").split("#\n", 1)[1].splitlines():
            if line.strip():
                end, _, phone = line.split()[:3]
                found.append(PhoneSpan(CLASS_OF[phone], found[-1].end if found else 0.0, float(end)))
    except (IndexError, KeyError, ValueError) as error:
        raise SpeechFolderError(f"{label} is not a label file of the Russian voice ({error!r})") from error
    return found
