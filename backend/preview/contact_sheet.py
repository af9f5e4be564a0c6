"""A contact sheet: frames in rows with what is said underneath."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

UInt8Array = NDArray[np.uint8]

PAPER: Final = (24, 26, 30)
INK: Final = (236, 238, 242)
COLUMNS: Final = 4
TILE: Final = 360
GAP: Final = 14
LABEL: Final = 44


def contact_sheet(frames: Sequence[tuple[UInt8Array, str]], columns: int = COLUMNS, tile: int = TILE) -> UInt8Array:
    """One picture (H, W, 3) uint8 of labelled frames ((h, w, 3) uint8, text), `columns` to a row, `tile` pixels each.

    Labels are made smaller, then shortened, until they fit.

    Raises:
        ValueError: there are no frames.
    """
    if not frames:
        raise ValueError("a contact sheet needs at least one frame")
    columns = min(columns, len(frames))
    rows = -(-len(frames) // columns)
    size = (GAP + columns * (tile + GAP), GAP + rows * (tile + LABEL + GAP))
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    for index, (frame, text) in enumerate(frames):
        left = GAP + index % columns * (tile + GAP)
        top = GAP + index // columns * (tile + LABEL + GAP)
        sheet.paste(Image.fromarray(frame).resize((tile, tile), Image.Resampling.LANCZOS), (left, top))
        text, font = _fitting(text, tile)
        pen.text((left + tile / 2, top + tile + LABEL / 2), text, fill=INK, font=font, anchor="mm")
    return np.asarray(sheet)


def _fitting(text: str, width: int) -> tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    for size in (24, 21, 18):
        font = ImageFont.load_default(size)
        if font.getlength(text) <= width:
            return text, font
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…", font
