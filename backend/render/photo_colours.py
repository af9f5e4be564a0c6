"""Where on the head the photo's colours are taken, and what light falls where they are not."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.preview.studio import light_reach
from backend.render.blend_mask import face_width
from backend.render.sitter import Sitter
from backend.texture.unwrap import rim_weight
from models.coefficients import IDENTITY
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]

OUTER: Final = ("skin", "lips")
EYES: Final = ("eye_right", "eye_left")
EYE_POINTS: Final = (slice(36, 42), slice(42, 48))
LID_EDGE: Final = (-0.005, 0.012)  # face widths inside the lids between which the photo's eye comes to be believed
LIGHT_INSIDE: Final = {  # floor and gain of the baked light, which is coarse beside thin rims
    "eye_left": (0.45, 0.4),
    "eye_right": (0.45, 0.4),
    "mouth_inner": (0.2, 0.7),
    "tongue": (0.2, 0.8),
    "gums": (0.1, 0.9),
    "teeth_upper": (0.3, 0.75),
    "teeth_lower": (0.25, 0.75),
}
LIDS: Final = (("lid_upper_left", "lid_upper_right"), ("lid_lower_left", "lid_lower_right"))
MOUTH: Final = (("mouth_corners",), ("lip_rim_upper", "lip_rim_lower"))  # where the photo may show teeth or the dark
BLINKS: Final = ("eyeBlinkLeft", "eyeBlinkRight")
WIDE_OPEN: Final = 0.09  # decimetres between the lips from which the mouth's inside has all its light
SHUT: Final = 0.45  # what is left of it between closed lips


class PhotoColours:
    """One sitter's colours, by vertex of the face model.

    light: (V,) how much light reaches each vertex where the photo does not show it.
    """

    def __init__(self, sitter: Sitter, points: Float32Array, outline: Float32Array, front: Float32Array) -> None:
        """points: (V, 2) and outline: (68, 2) the head and its 68 points in the frame; front: (V,) normals' z."""
        self._model = sitter.face_model
        self._open = _trust(sitter, points, outline, front)
        self._shut = self._open * _away_from_lids(self._model)
        self.light = _light_inside(sitter)
        rims = [self._model.regions.get(name) for name in ("lip_rim_upper", "lip_rim_lower")]
        self._rims = None if any(rim is None for rim in rims) else rims
        self._left = self._model.mean_shape[:, 0] > 0

    def trust(self, expression: Float32Array) -> Float32Array:
        """(V,) 0..1 how far the photo's colours are believed at an expression (64,).

        Lids that shut unfold skin that the photo shows as one dark line of lashes, if at all.
        """
        shut = np.where(self._left, *(_value(self._model, expression, name) for name in BLINKS))
        return np.asarray(self._open + shut * (self._shut - self._open), dtype=np.float32)

    def inside(self, shape: Float32Array) -> float:
        """How much of its light the mouth's inside has when the head is `shape` (V, 3), by how far it is open."""
        if self._rims is None:
            return 1.0
        upper, lower = (shape[rim] for rim in self._rims)
        gap = float(np.linalg.norm(upper - lower, axis=1).mean())
        return SHUT + (1 - SHUT) * min(gap / WIDE_OPEN, 1.0)


def part_vertices(model: FaceModel, *names: str) -> NDArray[np.intp]:
    """The vertices of those of the named parts that `model` has."""
    chosen = [i for i, name in enumerate(model.part_names) if name in names]
    return np.unique(model.triangles[np.isin(model.triangle_part, chosen)]).astype(np.intp)


def _value(model: FaceModel, expression: Float32Array, name: str) -> float:
    return float(expression[model.expression_names.index(name)]) if name in model.expression_names else 0.0


def _trust(sitter: Sitter, points: Float32Array, outline: Float32Array, front: Float32Array) -> Float32Array:
    """(V,) on skin as measured, in the eyes inside of the lids, else nothing."""
    model = sitter.face_model
    trust = np.zeros(model.vertex_count, np.float32)
    skin = part_vertices(model, *OUTER)
    trust[skin] = (sitter.trust * rim_weight(model, MOUTH))[skin]
    start, end = (edge * face_width(outline) for edge in LID_EDGE)
    for name, lids in zip(EYES, EYE_POINTS, strict=True):
        eye, contour = part_vertices(model, name), outline[lids].astype(np.float32)
        inside = np.array([cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in points[eye]])
        trust[eye] = np.clip((inside - start) / (end - start), 0, 1) * (front[eye] > 0)
    return trust


def _away_from_lids(model: FaceModel) -> Float32Array:
    """(V,) 0 on the lids' rims, 1 away from them and on all that is not skin."""
    away = rim_weight(model, LIDS)
    away[part_vertices(model, *EYES)] = 1.0
    return away


def _light_inside(sitter: Sitter) -> Float32Array:
    """(V,) baked inside of openings, all of it on skin and lashes."""
    model = sitter.face_model
    reach = light_reach(model, sitter.fit.coefficients[IDENTITY])[:, 0]
    reach[part_vertices(model, *OUTER, "lashes")] = 1.0
    for name, (floor, gain) in LIGHT_INSIDE.items():
        part = part_vertices(model, name)
        reach[part] = floor + gain * reach[part]
    return reach
