"""Other light on what is not drawn: hair, neck and clothes follow the head's brightness."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from backend.lighting.light import Light, photo_light
from backend.raster.rasterizer import rasterize
from backend.render.sitter import Sitter
from backend.render.view import View
from backend.texture.photo_view import LIGHT_RANGE
from models.coefficients import GAMMA
from models.face.shading import VertexNormals

Float32Array = NDArray[np.float32]

JUDGED_AT: Final = 128  # pixels a side: light is smooth
LIMITS: Final = (0.2, 4.0)
SMOOTH: Final = 2.0  # pixels of these over which it is evened out on the head,
FAR: Final = 10.0  # and away from it: clothes have folds of their own


def surroundings_gain(sitter: Sitter, light: Light) -> Float32Array:
    """What (2S, 2S, 3) multiplies the photo's sRGB numbers to put its person into another `light`.

    On the head, neck included, the ratio of the new irradiance to the photo's on the fitted mesh; beyond it that of its
    nearest part. 1 everywhere for the photo's own light.
    """
    own = photo_light(sitter.fit.coefficients[GAMMA])
    side = sitter.source.shape[0]
    if light.power == own.power and np.array_equal(light.bands, own.bands):
        return np.ones((1, 1, 3), np.float32)
    model, view = sitter.face_model, View(sitter.view.frame, sitter.view.window, JUDGED_AT)
    normals = VertexNormals(model.triangles, model.vertex_count)(sitter.world)
    gain = np.clip(light.on(normals) / np.clip(own.on(normals), *LIGHT_RANGE), *LIMITS)
    skin = model.part_triangles("skin")
    seen = rasterize(view.clip(sitter.world), skin, JUDGED_AT, cull_back=True)
    shown = seen.interpolate(gain.astype(np.float32), skin)
    away, nearest = distance_transform_edt(~seen.covered, return_indices=True)
    spread = shown[nearest[0], nearest[1]]
    near, far = (cv2.GaussianBlur(spread, (0, 0), reach) for reach in (SMOOTH, FAR))
    smooth = near + np.clip(away / FAR, 0, 1)[..., None].astype(np.float32) * (far - near)
    return np.asarray(cv2.resize(smooth, (side, side), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
