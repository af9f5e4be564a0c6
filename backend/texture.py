"""A face model's UV texture: baked from its albedo, or unwrapped from a photo.

Texture images have row 0 at the top, which is v = 1. They hold albedo in sRGB: what the photo shows is divided by the
fitted light, so that a scene's own light can fall on it again.

Where the photo shows skin well it is taken as it is; where it does not, its mirror image is (the other half of the
face, seen through the mirrored mesh), and where neither does, the albedo model is, shifted by a colour offset that the
seen skin hands on across the mesh. That offset is the solution of a screened Poisson problem on the mesh (Pérez et al.
2003, on a graph), hence smooth everywhere, also across UV seams; details are added by weights that fade out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.ndimage import distance_transform_edt
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from backend.fitting import Fit
from backend.photo import check_image
from backend.photo_view import PhotoView
from backend.rasterizer import Raster, rasterize
from models.coefficients import ALBEDO
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

SKIN: Final = ("skin", "lips")
SMOOTHING: Final = 2.0  # of the colour offset, in data weights: about one and a half mesh edges
RETURN: Final = 0.003  # pull of the offset towards its mean where nothing is seen
RIM: Final = 0.035  # decimetres from lid margins and lip line within which the photo may show eye or teeth
_RIMS: Final = (
    "lid_upper_left",
    "lid_lower_left",
    "lid_upper_right",
    "lid_lower_right",
    "lip_rim_upper",
    "lip_rim_lower",
)


def albedo_texture(face_model: FaceModel, albedo: Float32Array | None, size: int = 1024) -> UInt8Array:
    """The model's albedo for coefficients (80,) (None: the mean) as a (size, size, 3) uint8 texture."""
    raster = uv_raster(face_model, size)
    return _finished(raster.interpolate(face_model.albedo(albedo), face_model.triangles), raster)


def unwrap_texture(image: UInt8Array, fit: Fit, face_model: FaceModel, size: int = 1024) -> UInt8Array:
    """The texture (size, size, 3) uint8 of the head that `fit` found in `image` (H, W, 3).

    Eyes, teeth, gums, tongue, lashes and brows keep the model's mean colours: the fit says nothing about them.

    Raises:
        PhotoError: `image` is not a picture.
        ValueError: `fit` belongs to another face model.
    """
    image = check_image(image)
    if fit.face_model != face_model.name:
        raise ValueError(f"the fit is for the face model {fit.face_model}, not {face_model.name}; fit the photo again")
    raster = uv_raster(face_model, size)
    base = np.where(
        _skin_vertices(face_model)[:, None], face_model.albedo(fit.coefficients[ALBEDO]), face_model.albedo()
    )
    texture = raster.interpolate(base, face_model.triangles)
    texels = _skin_texels(face_model, raster)

    view = PhotoView(image, fit, face_model)
    mirror = mirror_vertices(face_model)
    rim = _rim_weight(face_model)
    direct = _Layer(view, np.arange(face_model.vertex_count), base, rim, texels, face_model)
    mirrored = _Layer(view, mirror, base, rim, texels, face_model)
    offset = _spread(
        face_model,
        [(direct.vertex_offset, direct.vertex_weight), (mirrored.vertex_offset, 0.25 * mirrored.vertex_weight)],
    )
    mirrored_offset = _spread(face_model, [(mirrored.vertex_offset, mirrored.vertex_weight)])

    seen = direct.weight[:, None]
    detail = seen * (direct.offset - texels.interpolate(offset))
    other = (1 - seen) * mirrored.weight[:, None] * (mirrored.offset - texels.interpolate(mirrored_offset))
    texture[texels.rows, texels.columns] += texels.interpolate(offset) + detail + other
    return _finished(texture, raster)


def uv_raster(face_model: FaceModel, size: int) -> Raster:
    """Which triangle lies at every texel, and where in it."""
    clip = np.zeros((len(face_model.uv), 4), np.float32)
    clip[:, :2] = 2 * face_model.uv - 1
    clip[:, 3] = 1
    return rasterize(clip, face_model.uv_triangles, size)


def mirror_vertices(face_model: FaceModel) -> Int32Array:
    """For every vertex the one at its mirror image (V,) in the mean shape."""
    if "mirror" in face_model.regions:
        return face_model.regions["mirror"]
    tree = cKDTree(face_model.mean_shape)
    return tree.query(face_model.mean_shape * [-1, 1, 1])[1].astype(np.int32)


@dataclass(frozen=True, eq=False)
class _Texels:
    """Skin texels: rows, columns (n,), and the vertices (n, 3) they lie between with weights (n, 3)."""

    rows: Int32Array
    columns: Int32Array
    corners: Int32Array
    share: Float32Array

    def interpolate(self, values: Float32Array) -> Float32Array:
        """(n, ...) from values at the vertices (V, ...)."""
        share = self.share.reshape(*self.share.shape, *[1] * (values.ndim - 1))
        total: Float32Array = values[self.corners[:, 0]] * share[:, 0]
        total = total + values[self.corners[:, 1]] * share[:, 1]
        return total + values[self.corners[:, 2]] * share[:, 2]


class _Layer:
    """The photo's colours on the mesh as offsets from the base albedo, seen directly or through the mirror."""

    def __init__(
        self,
        view: PhotoView,
        stand_in: Int32Array,
        base: Float32Array,
        rim: Float32Array,
        texels: _Texels,
        face_model: FaceModel,
    ) -> None:
        """stand_in: (V,) the vertex at which the photo is read for each vertex."""
        places = view.places[stand_in]
        skin = _skin_vertices(face_model)
        vertex_base = base[stand_in]
        colour, weight = view.look(places)
        self.vertex_offset = colour - vertex_base
        self.vertex_weight = weight * rim * skin
        colour, weight = view.look(texels.interpolate(places))
        self.offset = colour - texels.interpolate(vertex_base)
        self.weight = weight * texels.interpolate(rim)


def _spread(face_model: FaceModel, layers: list[tuple[Float32Array, Float32Array]]) -> Float32Array:
    """A smooth colour offset (V, 3) that follows the weighted offsets of `layers` and fades to their mean elsewhere."""
    weight = np.sum([w for _, w in layers], axis=0).astype(np.float64)
    pull = np.sum([w[:, None] * o for o, w in layers], axis=0).astype(np.float64)
    mean = pull.sum(axis=0) / max(weight.sum(), 1e-6)
    edges = np.concatenate([face_model.triangles[:, [0, 1]], face_model.triangles[:, [1, 2]]])
    edges = np.concatenate([edges, face_model.triangles[:, [2, 0]]])
    count = face_model.vertex_count
    link = sparse.coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count)).tocsr()
    link = ((link + link.T) > 0).astype(np.float64)
    laplacian = sparse.diags(np.asarray(link.sum(axis=1)).ravel()) - link
    system = sparse.diags(weight + RETURN) + SMOOTHING / 6 * laplacian
    return (mean + splu(system.tocsc()).solve(pull - weight[:, None] * mean)).astype(np.float32)


def _rim_weight(face_model: FaceModel) -> Float32Array:
    """(V,) 0 at lid margins and the lip line, 1 from `RIM` on."""
    rims = [face_model.regions[name] for name in _RIMS if name in face_model.regions]
    if not rims:
        return np.ones(face_model.vertex_count, np.float32)
    distance, _ = cKDTree(face_model.mean_shape[np.concatenate(rims)]).query(face_model.mean_shape)
    return smooth_step(distance / RIM).astype(np.float32)


def smooth_step(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """0 below 0, 1 above 1, smooth between."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def _skin_faces(face_model: FaceModel) -> NDArray[np.bool_]:
    return np.isin(face_model.triangle_part, [i for i, name in enumerate(face_model.part_names) if name in SKIN])


def _skin_vertices(face_model: FaceModel) -> NDArray[np.bool_]:
    skin = np.zeros(face_model.vertex_count, bool)
    skin[face_model.triangles[_skin_faces(face_model)]] = True
    return skin


def _skin_texels(face_model: FaceModel, raster: Raster) -> _Texels:
    rows, columns = np.nonzero(raster.covered)
    faces = raster.triangle_ids[rows, columns]
    keep = _skin_faces(face_model)[faces]
    rows, columns = rows[keep], columns[keep]
    return _Texels(
        rows.astype(np.int32),
        columns.astype(np.int32),
        face_model.triangles[faces[keep]],
        raster.barycentrics[rows, columns],
    )


def _finished(texture: Float32Array, raster: Raster) -> UInt8Array:
    """8 bits, with every texel outside of the islands given the colour of the nearest inside (for filtering)."""
    nearest = distance_transform_edt(~raster.covered, return_distances=False, return_indices=True)
    filled = texture[nearest[0], nearest[1]]
    return np.asarray(np.clip(np.rint(filled), 0, 255), dtype=np.uint8)
