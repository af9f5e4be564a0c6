"""Named vertex lists that measuring, fitting and texturing ask for."""

from __future__ import annotations

import numpy as np

from backend.training.open_head.head import Head
from backend.training.open_head.lips import contact, contact_rows
from backend.training.open_head.part import normals
from backend.training.open_head.teeth import LOWER, RING, UPPER, Arch
from backend.training.open_head.wheel import Float64Array, IntArray


def build(head: Head, rest: Float64Array) -> dict[str, np.ndarray]:
    """All regions as int32 vertex indices of the whole head; `rest` (n, 3) is the sealed neutral shape."""
    upper_lip, lower_lip = contact(rest, contact_rows(head))
    regions = {
        "lip_rim_upper": upper_lip,
        "lip_rim_lower": lower_lip,
        "mouth_corners": upper_lip[[0, -1]],
        "lower_lip_edge": head.skin.lip_rim(3)[1][4:-4],
        "upper_teeth_edge": teeth_edge(head, UPPER),
        "lower_teeth_edge": teeth_edge(head, LOWER),
        "mirror": head.whole.mirror,
        "face": face(head),
    }
    mirror = head.whole.mirror
    upper_lid, lower_lid = head.skin.lid_pairs()
    eyeball = head.indices("eyes")
    half = len(eyeball) // 2
    for side, lids, ball in (
        ("left", (upper_lid, lower_lid), eyeball[:half]),
        ("right", (mirror[upper_lid], mirror[lower_lid]), eyeball[half:]),
    ):
        regions[f"lid_upper_{side}"], regions[f"lid_lower_{side}"] = lids
        regions[f"eye_{side}"] = ball
    return {name: np.asarray(vertices, dtype=np.int32) for name, vertices in regions.items()}


def teeth_edge(head: Head, arch: Arch) -> IntArray:
    """The labial edge of the six front teeth: the outer half of their last ring, both sides."""
    first = head.ranges[arch.label].start
    each = (head.ranges[arch.label].stop - first) // 14
    last = each - 1 - RING
    labial = [last + k for k in range(1, RING // 2)]
    left = np.array([first + tooth * each + k for tooth in range(3) for k in labial])
    return np.concatenate([left, head.whole.mirror[left]])


def face(head: Head) -> IntArray:
    """Skin between forehead, ears and chin that looks forward: what a photo shows."""
    rest = head.whole.rest
    normal = normals(rest, head.whole.triangles)
    outside = np.zeros(len(rest), dtype=bool)
    chosen = np.isin(head.triangle_part, (0, 1))
    outside[head.whole.triangles[chosen].ravel()] = True
    centre = (rest - (0, 7.05, 0.9)) / (0.68, 0.82, 0.9)
    return np.flatnonzero(
        outside & (normal[:, 2] > 0.15) & ((centre[:, :2] ** 2).sum(axis=1) < 1) & (rest[:, 2] > 0.75)
    )
