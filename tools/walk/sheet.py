"""The seven steps of a walk on one picture, for the docs: `python -m tools.walk.sheet SHOTS VERSION OUT.jpg`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

TILES: Final = (
    ("1-installed", "1  installed"),
    ("2-backend", "2  the backend runs"),
    ("3-progress", "3  Animate"),
    ("4-head", "4  the head talks"),
    ("4-undone", "4  one undo"),
    ("4-hair", "4  hair"),
    ("5-drive", "5  Drive my Character"),
    ("6-redone", "6  a sentence once more"),
    ("7-rendered", "7  files and the video"),
)
CROP: Final = (0, 28, 1320, 1000)  # pixels of a 1600 x 1000 screen: the 3D view and its sidebar, and the timeline
COLUMNS: Final = 3
WIDTH: Final = 600
LINE: Final = 22  # pixels for the title of a tile
QUALITY: Final = 60


def sheet(shots: Path, version: str) -> Image.Image:
    """The pictures of `TILES` side by side, each with its title."""
    height = WIDTH * (CROP[3] - CROP[1]) // (CROP[2] - CROP[0]) + LINE
    rows = -(-len(TILES) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * WIDTH, rows * height), (24, 24, 24))
    pen = ImageDraw.Draw(whole)
    for number, (name, title) in enumerate(TILES):
        left, top = number % COLUMNS * WIDTH, number // COLUMNS * height
        with Image.open(shots / f"{version}-{name}.png") as shot:
            tile = shot.convert("RGB").crop(CROP).resize((WIDTH - 4, height - LINE - 4), Image.Resampling.LANCZOS)
        whole.paste(tile, (left + 2, top + LINE))
        pen.text((left + 8, top + 5), f"{title}, Blender {version}", fill=(230, 230, 230))
    return whole


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("shots", type=Path, help="folder of the walk's pictures")
    parser.add_argument("version", help="as 5.2")
    parser.add_argument("out", type=Path, help="JPEG to write")
    options = parser.parse_args()
    sheet(options.shots, options.version).save(options.out, quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
