"""Recorded speech for training the phonetic head, from Debian packages and an optional folder.

With transcripts: `asterisk-core-sounds-en-g722` (telephone prompts by one reader, CC-BY-SA-3.0; transcripts in
`asterisk-core-sounds-en`) and LJSpeech (public domain) or any other folder with sound files and a `transcripts.tsv`.
Sound alone: the same prompts in Spanish and French (CC-BY-SA-3.0), Italian and Russian (CC-BY-3.0), four readers.
"""

from __future__ import annotations

import csv
import gzip
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from backend.media import read_audio

_PROMPTS: Final = "asterisk-core-sounds"
_ENGLISH: Final = (f"{_PROMPTS}-en", f"{_PROMPTS}-en-g722")
_OTHERS: Final = tuple(f"{_PROMPTS}-{language}-g722" for language in ("es", "fr", "it", "ru"))
_SMALLEST: Final = 16_000  # bytes of G.722, 2 s: shorter prompts are single words
_SHORTEST: Final = 2  # words; single-word prompts teach little and align badly


@dataclass(frozen=True)
class Clip:
    """A sound file and what is said in it; `name` is unique within the corpus and safe as a file name."""

    name: str
    audio: Path
    transcript: str


def sound_of(clip: Clip) -> NDArray[np.float32]:
    """The clip's sound (N,) at 16 kHz. G.722, which users' files may not be in, is told by its ending.

    Raises:
        AudioError: the file cannot be read.
    """
    if clip.audio.suffix != ".g722":
        return read_audio(clip.audio)
    with av.open(str(clip.audio), format="g722") as container:
        blocks = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return (np.concatenate(blocks) / 32768.0).astype(np.float32)


def asterisk_clips(folder: Path) -> list[Clip]:
    """English telephone prompts; the first time, `apt-get download` fetches them into `folder` (on Debian)."""
    root = _unpacked(folder, "asterisk", _ENGLISH)
    sounds = next((root / "usr/share/asterisk/sounds").glob("en_*"))
    listing = root / f"usr/share/doc/{_PROMPTS}-en/core-sounds-en.txt.gz"
    with gzip.open(listing, "rt", encoding="utf-8") as file:
        texts = parse_prompts(file.read())
    clips = [
        Clip(f"asterisk-{name.replace('/', '-')}", sounds / f"{name}.g722", text)
        for name, text in sorted(texts.items())
    ]
    return [clip for clip in clips if clip.audio.exists()]


def foreign_clips(folder: Path) -> list[Clip]:
    """Telephone prompts of 2 s and more in four other languages, without transcripts; fetched like the English ones."""
    sounds = _unpacked(folder, "asterisk-foreign", _OTHERS) / "usr/share/asterisk/sounds"
    files = sorted(file for file in sounds.rglob("*.g722") if file.stat().st_size >= _SMALLEST)
    return [Clip("-".join(file.relative_to(sounds).with_suffix("").parts), file, "") for file in files]


def parse_prompts(listing: str) -> dict[str, str]:
    """Transcripts by prompt from Asterisk's listing: `name: text` lines, `;` comments; `[tones]` hold no speech."""
    texts: dict[str, str] = {}
    for line in listing.splitlines():
        name, colon, text = line.partition(":")
        spoken = colon and not line.startswith(";") and "[" not in text and "<" not in text
        if spoken and len(text.split()) >= _SHORTEST:
            texts[name.strip()] = text.strip()
    return texts


def folder_clips(folder: Path) -> list[Clip]:
    """Clips of a folder with `transcripts.tsv` (columns `file` and `text`); none where there is no such folder."""
    listing = folder / "transcripts.tsv"
    if not listing.exists():
        return []
    with listing.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Clip(f"{folder.name}-{Path(row['file']).stem}", folder / row["file"], row["text"]) for row in rows]


def _unpacked(folder: Path, name: str, packages: Sequence[str]) -> Path:
    """The folder that Debian packages are unpacked in, without being installed; fetched if it is not there."""
    root = folder / name
    if not root.exists():
        _fetch_packages(folder, root, packages)
    return root


def _fetch_packages(folder: Path, root: Path, packages: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "download", "-q", *packages], cwd=folder, check=True)
    partial = root.with_name(f"{root.name}.part")
    for package in packages:
        archive = next(folder.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(archive), str(partial)], check=True)
    partial.replace(root)
