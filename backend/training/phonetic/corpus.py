"""Recorded speech for training the phonetic head: clips with transcripts, from Debian packages and an optional folder.

`asterisk-core-sounds-en-g722` (Debian): telephone prompts by one reader, CC-BY-SA-3.0, transcripts in
`asterisk-core-sounds-en`. LJSpeech (public domain): any folder with sound files and a `transcripts.tsv`.
"""

from __future__ import annotations

import csv
import gzip
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROMPTS: Final = "asterisk-core-sounds-en"
_PACKAGES: Final = (_PROMPTS, f"{_PROMPTS}-g722")
_SHORTEST: Final = 2  # words; single-word prompts teach little and align badly


@dataclass(frozen=True)
class Clip:
    """A sound file and what is said in it; `name` is unique within the corpus and safe as a file name."""

    name: str
    audio: Path
    transcript: str


def asterisk_clips(folder: Path) -> list[Clip]:
    """English telephone prompts; the first time, `apt-get download` fetches them into `folder` (on Debian)."""
    root = folder / "asterisk"
    if not root.exists():
        _fetch_packages(folder, root)
    sounds = next((root / "usr/share/asterisk/sounds").glob("en_*"))
    listing = root / f"usr/share/doc/{_PROMPTS}/core-sounds-en.txt.gz"
    with gzip.open(listing, "rt", encoding="utf-8") as file:
        texts = parse_prompts(file.read())
    clips = [
        Clip(f"asterisk-{name.replace('/', '-')}", sounds / f"{name}.g722", text)
        for name, text in sorted(texts.items())
    ]
    return [clip for clip in clips if clip.audio.exists()]


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


def _fetch_packages(folder: Path, root: Path) -> None:
    """Download the packages and unpack them under `root`, without installing anything."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "download", "-q", *_PACKAGES], cwd=folder, check=True)
    partial = root.with_name("asterisk.part")
    for package in _PACKAGES:
        archive = next(folder.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(archive), str(partial)], check=True)
    partial.replace(root)
