"""From a face model and recipes to live maps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from backend.raster.rasterizer import rasterize
from backend.texture.projection import uv_islands
from backend.texture.unwrap import smooth_step
from backend.training.live_maps.occlusion import openness
from backend.training.live_maps.recipes import RECIPES, Recipe
from backend.training.live_maps.relief import fold_height, line_height
from backend.training.live_maps.strain import Skin
from models.face.model import FaceModel
from models.texture.live_maps import BLOOD, HEIGHT, SHADE, LiveMaps, uv_hash
from models.texture.storage import signed_bytes

Floats = NDArray[np.float64]

SIZE: Final = 512
FADE: Final = 0.08  # share of the window along its border over which a map fades to nothing
GROOVE_SHADE: Final = 0.85  # shade of a groove of one millimetre: little light comes in and out again
LARGEST_SHADE: Final = 0.6
HOLLOW: Final = 2.4  # how much broader than its groove the hollow of a fold is, which is in shade, too


class Maker:
    """Makes maps for one face model."""

    def __init__(self, face_model: FaceModel, size: int = SIZE) -> None:
        self.face_model, self.size = face_model, size
        self.islands = uv_islands(face_model)
        self.skin = Skin(face_model, self.islands)
        self._used = np.unique(self.skin.triangles)
        self._open = openness(face_model, face_model.mean_shape, self._used)

    def maps(self, recipes: tuple[Recipe, ...] = RECIPES) -> LiveMaps:
        """All maps of `recipes`."""
        names = self.face_model.expression_names
        weights = np.stack([[_weights(r.units, names, side) for side in ("Left", "Right")] for r in recipes])
        return LiveMaps(
            names=tuple(recipe.name for recipe in recipes),
            images=np.stack([self.image(recipe) for recipe in recipes]),
            windows=np.array([recipe.window for recipe in recipes], np.float32),
            weights=weights.astype(np.float32),
            bias=np.zeros((len(recipes), 2), np.float32),
            uv_sha256=uv_hash(self.face_model),
        )

    def image(self, recipe: Recipe) -> NDArray[np.uint8]:
        """One map (size, size, 3)."""
        model = self.face_model
        expression = np.zeros(64, np.float32)
        for side in ("Left", "Right"):
            expression = np.maximum(expression, np.minimum(_weights(recipe.units, model.expression_names, side) * 2, 1))
        shape = model.shape(None, expression)
        strain = self.skin.strain(shape)
        index, share, covered = self._texels(recipe.window)
        points = (model.mean_shape[index] * share[..., None]).sum(axis=1)

        height = np.zeros(len(index))
        for lines in recipe.lines:
            height += line_height(model, self.skin, strain, lines, points, (index, share))
        grooves = np.maximum(-height, 0)
        for fold in recipe.folds:
            groove = fold_height(model, self.skin, strain, fold, points)
            around = fold_height(model, self.skin, strain, replace(fold, width=HOLLOW * fold.width, rise=0.0), points)
            height += groove
            grooves += 0.35 * np.maximum(-groove, 0) + 0.3 * np.maximum(-around, 0)
        lost = self._lost_sky(shape)
        shade = GROOVE_SHADE * grooves + recipe.occlusion * (lost[index] * share).sum(axis=1)
        area = np.log(np.clip(self.skin.diffused(strain.area[:, None], 0.03)[:, 0], 0.2, 5))
        blood = -recipe.pressed * np.clip((area[index] * share).sum(axis=1), -1, 1)
        lips = (self._lips(recipe.lips)[index] * share).sum(axis=1)
        blood -= recipe.pale * lips
        shade = np.minimum(shade + recipe.dark * lips, LARGEST_SHADE)
        return self._drawn(shade, height, blood, covered)

    def _texels(self, window: tuple[float, float, float, float]) -> tuple[NDArray[Any], Floats, NDArray[np.bool_]]:
        """Vertices (n, 3) around the covered texels of a window, shares (n, 3), and which they are (size, size)."""
        low, high = np.array(window[:2]), np.array(window[2:])
        model = self.face_model
        main = self.islands == self.islands[0]
        clip = np.zeros((len(model.uv), 4), np.float32)
        clip[:, :2] = 2 * (model.uv - low) / (high - low) - 1
        clip[:, 3] = 1
        raster = rasterize(clip, model.uv_triangles[main], self.size)
        seen = raster.covered
        return model.triangles[main][raster.triangle_ids[seen]], raster.barycentrics[seen].astype(np.float64), seen

    def _lost_sky(self, shape: NDArray[np.float32]) -> Floats:
        """(V,) how much darker the expression makes each vertex: the log of the sky at rest by the sky now, at least 0.

        Where more light comes in than at rest (lips that part) the resting texture, which is albedo, is right as it is.
        """
        now = openness(self.face_model, shape, self._used)
        lost = np.zeros(self.face_model.vertex_count)
        lost[self._used] = np.maximum(np.log(np.maximum(self._open, 0.08) / np.maximum(now, 0.08)), 0)
        triangles = self.skin.at_triangles(lost)[:, None]
        return self.skin.diffused(triangles, 0.015)[:, 0]

    def _lips(self, which: str) -> Floats:
        """(V,) 1 on the lips, soft along their border; of one lip only, if `which` says so."""
        model = self.face_model
        is_lip = np.zeros(model.vertex_count)
        is_lip[np.unique(model.part_triangles("lips"))] = 1
        soft = self.skin.diffused(self.skin.at_triangles(is_lip)[:, None], 0.012)[:, 0]
        rims = [model.mean_shape[model.regions[f"lip_rim_{name}"]] for name in ("upper", "lower")]
        middle = np.concatenate(rims)[:, 1].mean()
        upper = smooth_step((model.mean_shape[:, 1] - middle) / 0.02 + 0.5)
        return np.asarray(soft * {"both": np.ones_like(upper), "upper": upper, "lower": 1 - upper}[which])

    def _drawn(self, shade: Floats, height: Floats, blood: Floats, covered: NDArray[np.bool_]) -> NDArray[np.uint8]:
        channels = []
        for values, scale in ((shade, SHADE), (height / 1000, HEIGHT), (blood, BLOOD)):
            image = np.zeros(covered.shape)
            image[covered] = values
            rows, columns = distance_transform_edt(~covered, return_distances=False, return_indices=True)
            image = gaussian_filter(image[rows, columns], 0.6) * self._border()
            channels.append(signed_bytes(image, scale))
        return np.stack(channels, axis=-1)

    def _border(self) -> Floats:
        """(size, size) 0 along the border, 1 inside."""
        along = (np.arange(self.size) + 0.5) / self.size
        edge = smooth_step((np.minimum(along, 1 - along) - 2 / self.size) / FADE)
        return edge[:, None] * edge


def _weights(units: dict[str, float], names: tuple[str, ...], side: str) -> NDArray[np.float32]:
    """(64,) with the numbers of `units` at their names, "*" read as `side`."""
    weights = np.zeros(64, np.float32)
    for name, weight in units.items():
        weights[names.index(name.replace("*", side))] = weight
    return weights
