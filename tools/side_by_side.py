"""Put talking videos of the same voice side by side: one video with the first one's sound, and a strip of moments.

python tools/side_by_side.py calm=out/calm/preview.mp4 cheerful=out/cheerful/preview.mp4 --out docs/styles/three.mp4
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
LABEL: Final = 26  # pixels under each picture
MOMENTS: Final = 4


def frames(video: Path, size: int) -> Iterator[Picture]:
    """The pictures of a video, (size, size, 3)."""
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            yield frame.reformat(size, size, "rgb24", interpolation="AREA").to_ndarray().astype(np.uint8, copy=False)


def labelled(pictures: tuple[Picture, ...], names: list[str]) -> Picture:
    """One row of pictures with their names beneath, sides even as H.264 wants them."""
    size = pictures[0].shape[0]
    sheet = Image.new("RGB", (size * len(pictures), size + LABEL), (24, 26, 30))
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=15)
    for i, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        sheet.paste(Image.fromarray(picture), (i * size, 0))
        draw.text((i * size + size // 2, size + LABEL // 2), name, (230, 230, 230), font=font, anchor="mm")
    return np.asarray(sheet)


def join(videos: dict[str, Path], out: Path, size: int) -> list[Picture]:
    """Write the video; returns its pictures."""
    rows = [labelled(row, list(videos)) for row in zip(*(frames(path, size) for path in videos.values()), strict=False)]
    first = next(iter(videos.values()))
    out.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(first)) as source, av.open(str(out), "w", options={"movflags": "faststart"}) as target:
        picture = target.add_stream("libx264", rate=source.streams.video[0].average_rate, options={"crf": "26"})
        picture.height, picture.width = rows[0].shape[:2]
        picture.pix_fmt = "yuv420p"
        sound = target.add_stream_from_template(source.streams.audio[0])
        for row in rows:
            target.mux(picture.encode(av.VideoFrame.from_ndarray(row, format="rgb24")))
        target.mux(picture.encode())
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                target.mux(packet)
    return rows


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("videos", nargs="+", metavar="NAME=FILE")
    parser.add_argument("--out", type=Path, required=True, help="the video; the strip goes beside it as .jpg")
    parser.add_argument("--size", type=int, default=256, help="pixels of one face")
    options = parser.parse_args()
    videos = {name: Path(path) for name, _, path in (one.partition("=") for one in options.videos)}
    rows = join(videos, options.out, options.size)
    chosen = [rows[int((i + 0.5) * len(rows) / MOMENTS)] for i in range(MOMENTS)]
    Image.fromarray(np.concatenate(chosen)).save(options.out.with_suffix(".jpg"), quality=82)


if __name__ == "__main__":
    main()
