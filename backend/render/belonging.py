"""Which parts of a photo move with the head, and how much: hair and ears wholly, the neck less and less downwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from skimage.graph import MCP_Geometric

from backend.raster.rasterizer import rasterize
from backend.render.sitter import Sitter
from backend.render.view import View

Float32Array = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

JUDGED_AT: Final = 256  # pixels a side
HAIR: Final = 0.75  # face widths around the skull in which a person's pixels above the ears count as hair
NECK: Final = 0.6  # face widths below the jaw over which the motion fades out in skin and hair
STIFF: Final = 3.0  # how many times sooner it does in what looks like neither: collars do not swim
UNLIKE: Final = (2.5, 5.0)  # spreads of the head's colours between which a pixel becomes something else
SMOOTH: Final = 0.03  # face widths


@dataclass(frozen=True, eq=False)
class Belonging:
    """Both (256, 256) over the frame.

    share: 0..1, the share of the head's motion that each pixel of the photo makes; head: where the bare head is, from
    the jaw up, of which that motion is known.
    """

    share: Float32Array
    head: BoolArray


def belonging(sitter: Sitter) -> Belonging:
    """What of the sitter's photo moves with the head."""
    view = View(sitter.view.frame, sitter.view.window, JUDGED_AT)
    outline = view.points(sitter.face_model.landmarks68.of(sitter.world)).astype(np.float32)
    width = float(np.linalg.norm(outline[16] - outline[0]))
    picture = cv2.resize(sitter.source, (JUDGED_AT, JUDGED_AT), interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(sitter.alpha, (JUDGED_AT, JUDGED_AT), interpolation=cv2.INTER_AREA)

    head, hair = _head(sitter, view, outline, alpha > 0.5, width)
    cost = 1.0 + (STIFF - 1.0) * _unlike(picture, head, hair)
    away, _ = MCP_Geometric(cost).find_costs(np.argwhere(head | hair))
    share = 1 - np.clip(away / (NECK * width), 0, 1)
    share = share * share * (3 - 2 * share)
    return Belonging(np.asarray(cv2.GaussianBlur(share.astype(np.float32), (0, 0), SMOOTH * width)), head)


def _head(
    sitter: Sitter, view: View, outline: Float32Array, person: BoolArray, width: float
) -> tuple[BoolArray, BoolArray]:
    """The bare head and the hair on it: what turns with the skull."""
    model = sitter.face_model
    skull = rasterize(view.clip(sitter.world), model.part_triangles("skin"), JUDGED_AT).covered
    up = outline[17:27].mean(axis=0) - outline[8]
    rows, columns = np.indices(skull.shape)
    height = (columns + 0.5 - outline[[2, 14], 0].mean()) * up[0] + (rows + 0.5 - outline[[2, 14], 1].mean()) * up[1]
    jaw = np.zeros(skull.shape, np.uint8)
    cv2.fillPoly(jaw, [outline[:17].round().astype(np.int32)], (1,))
    above = height > 0
    head = (skull & above) | (jaw > 0)
    near: Any = distance_transform_edt(~head) < HAIR * width
    return head, person & above & near & ~head


def _unlike(picture: NDArray[Any], *alike: BoolArray) -> Float32Array:
    """(H, W) 0..1: how far a pixel's colour is from those of all the masks `alike`."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    least = np.full(picture.shape[:2], np.inf, np.float32)
    for mask in alike:
        if np.count_nonzero(mask) < 50:
            continue
        colours = lab[mask]
        apart = lab - np.median(colours, axis=0)
        spread = np.cov((colours - np.median(colours, axis=0)).T) + 9 * np.eye(3)
        least = np.minimum(least, np.sqrt(np.einsum("hwi,ij,hwj->hw", apart, np.linalg.inv(spread), apart)))
    low, high = UNLIKE
    return np.clip((least - low) / (high - low), 0, 1)
