"""A face model's UV texture: baked from its albedo, or unwrapped from a photo.

Texture images have row 0 at the top, which is v = 1. They hold albedo in sRGB: what the photo shows is divided by the
fitted light, so that a scene's own light can fall on it again.

Where the photo shows skin well it is taken as it is; where it does not, its mirror image is (the other half of the
face, seen through the mirrored mesh), and where neither does, the albedo model is, shifted by a colour offset that the
seen skin hands on across the mesh. That offset is the solution of a screened Poisson problem on the mesh (Pérez et al.
2003, on a graph), hence smooth everywhere, also across UV seams; details are added by weights that fade out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.ndimage import distance_transform_edt
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from backend.fitting.fit import Fit
from backend.photo import check_image
from backend.raster.rasterizer import Raster, rasterize
from backend.texture.feature_colours import FeatureColours, measure_features
from backend.texture.photo_view import PhotoView
from backend.texture.scalp import scalp_mask
from models.coefficients import ALBEDO
from models.face.model import FaceModel

Float32Array = NDArray[np.float32]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

SKIN: Final = ("skin", "lips")
FINE: Final = 0.3  # smoothing of the colour offset, square of a length in mesh edges
BROAD: Final = 200.0  # the same for what counts as light rather than skin: three centimetres
RETURN: Final = 0.003  # pull of the offset towards its mean where nothing is seen
GLOSS_FROM: Final = 10.0  # sRGB steps brighter than the skin around, from which a spot counts as gloss
GLOSS_ROOM: Final = 8.0  # and how far it may still rise
SHADE_FROM: Final = 6.0  # sRGB steps darker than the skin around, from which a spot beside the mouth counts as shadow
SHADE_ROOM: Final = 8.0  # and how far it may still fall
# A smile sinks the mouth's corners and folds the cheek: shape, which the neutral head must not wear as paint.
SHADED: Final = (0.2, 0.5)  # decimetres from the mouth's corners between which shadows are believed again
# Around lid margins and the lip line the photo may show lashes, eye, teeth or the dark of the corners: from which
# distance to which (decimetres) trust rises from 0 to 1.
RIMS: Final = {
    ("lid_upper_left", "lid_upper_right"): (0.06, 0.14),
    ("lid_lower_left", "lid_lower_right"): (0.02, 0.07),
    ("lip_rim_upper", "lip_rim_lower"): (0.0, 0.035),
    ("mouth_corners",): (0.05, 0.11),
}


def albedo_texture(face_model: FaceModel, albedo: Float32Array | None, size: int = 1024) -> UInt8Array:
    """The model's albedo for coefficients (80,) (None: the mean) as a (size, size, 3) uint8 texture."""
    raster = uv_raster(face_model, size)
    return _finished(raster.interpolate(face_model.albedo(albedo), face_model.triangles), raster)


def unwrap_texture(image: UInt8Array, fit: Fit, face_model: FaceModel, size: int = 1024) -> UInt8Array:
    """The texture (size, size, 3) uint8 of the head that `fit` found in `image` (H, W, 3).

    Eyes, teeth, gums, tongue, lashes and brows keep the model's mean colours, tinted as
    `backend.texture.feature_colours` finds irises, brows and hair in the photo.

    Raises:
        PhotoError: `image` is not a picture.
        ValueError: `fit` belongs to another face model.
    """
    return unwrap_photo(image, fit, face_model, size)[0]


def unwrap_photo(
    image: UInt8Array, fit: Fit, face_model: FaceModel, size: int = 1024
) -> tuple[UInt8Array, FeatureColours]:
    """`unwrap_texture`, and the colours of hair, brows and irises that the photo showed.

    Raises:
        PhotoError: `image` is not a picture.
        ValueError: `fit` belongs to another face model.
    """
    image = check_image(image)
    if fit.face_model != face_model.name:
        raise ValueError(f"the fit is for the face model {fit.face_model}, not {face_model.name}; fit the photo again")
    view = PhotoView(image, fit, face_model)
    colours = measure_features(view, fit, face_model)
    base = colours.paint(face_model, fit.coefficients[ALBEDO])
    raster = uv_raster(face_model, size)
    texels = _skin_texels(face_model, raster)

    mirror = mirror_vertices(face_model)
    trust = rim_weight(face_model) * _skin_vertices(face_model)
    direct = _Layer(view, np.arange(face_model.vertex_count), base, trust, texels)
    mirrored = _Layer(view, mirror, base, trust, texels)
    mesh = _MeshBlend(face_model)
    _even_out(mesh, direct, mirrored, mirror, _shaded_weight(face_model), texels)

    near = mesh.spread(
        [(direct.vertex_offset, direct.vertex_weight), (mirrored.vertex_offset, 0.25 * mirrored.vertex_weight)], FINE
    )
    near_mirrored = mesh.spread([(mirrored.vertex_offset, mirrored.vertex_weight)], FINE)
    detail = direct.weight[:, None] * (direct.offset - texels.interpolate(near))
    detail += ((1 - direct.weight) * mirrored.weight)[:, None] * (mirrored.offset - texels.interpolate(near_mirrored))

    texture = raster.interpolate(base, face_model.triangles)
    skin = texture[texels.rows, texels.columns] + texels.interpolate(near) + detail
    texture[texels.rows, texels.columns] = colours.cropped_hair(skin, texels.interpolate(scalp_mask(face_model)))
    return _finished(texture, raster), colours


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
    """The photo's colours on the mesh as offsets from the base albedo, seen directly or through the mirror.

    vertex_offset (V, 3), vertex_weight (V,), offset (n, 3), weight (n,) at vertices and texels.
    """

    def __init__(
        self, view: PhotoView, stand_in: Int32Array, base: Float32Array, trust: Float32Array, texels: _Texels
    ) -> None:
        """stand_in: (V,) the vertex at which the photo is read for each vertex; trust: (V,) 0..1."""
        places = view.places[stand_in]
        vertex_base = base[stand_in]
        colour, weight = view.look(places)
        self.vertex_offset = _coloured(colour, vertex_base, view.grey) - vertex_base
        self.vertex_weight = weight * trust
        colour, weight = view.look(texels.interpolate(places))
        texel_base = texels.interpolate(vertex_base)
        self.offset = _coloured(colour, texel_base, view.grey) - texel_base
        self.weight = weight * texels.interpolate(trust)

    def move(self, shift: Float32Array, texels: _Texels) -> None:
        """Add `shift` (V, 3) to the offsets."""
        self.vertex_offset = self.vertex_offset + shift
        self.offset = self.offset + texels.interpolate(shift)

    def soften(self, smooth: Float32Array, shaded: Float32Array, texels: _Texels) -> None:
        """Bring closer to the `smooth` offset (V, 3) what the scene's own lights will make anew.

        That is gloss, everywhere, and shadow where `shaded` (V,) says 1.
        """
        self.vertex_offset = _softened(self.vertex_offset, smooth, shaded)
        self.offset = _softened(self.offset, texels.interpolate(smooth), texels.interpolate(shaded))


def _coloured(colour: Float32Array, base: Float32Array, grey: bool) -> Float32Array:
    """`colour` as it is, or for a grey photo its brightness in the hue of `base`."""
    if not grey:
        return colour
    return base * (colour.mean(axis=1) / np.maximum(base.mean(axis=1), 1.0))[:, None]


class _MeshBlend:
    """Screened Poisson problems on the mesh graph."""

    def __init__(self, face_model: FaceModel) -> None:
        triangles, count = face_model.triangles, face_model.vertex_count
        edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
        link = sparse.coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count)).tocsr()
        link = ((link + link.T) > 0).astype(np.float64)
        self._laplacian = sparse.diags(np.asarray(link.sum(axis=1)).ravel()) - link

    def spread(self, layers: list[tuple[Float32Array, Float32Array]], smoothing: float) -> Float32Array:
        """A smooth field (V, 3) that follows the weighted values of `layers` and fades to their mean elsewhere."""
        weight = np.sum([w for _, w in layers], axis=0).astype(np.float64)
        pull = np.sum([w[:, None] * o for o, w in layers], axis=0).astype(np.float64)
        mean = pull.sum(axis=0) / max(weight.sum(), 1e-6)
        system = sparse.diags(weight + RETURN) + smoothing * self._laplacian
        factors = splu(
            system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
        field = factors.solve(pull - weight[:, None] * mean)
        return (mean + field).astype(np.float32)


def _even_out(
    mesh: _MeshBlend,
    direct: _Layer,
    mirrored: _Layer,
    mirror: Int32Array,
    shaded: Float32Array,
    texels: _Texels,
) -> None:
    """Take out what light the fit missed: skin is alike on both sides, so a broad difference between them is light."""
    both = direct.vertex_weight * mirrored.vertex_weight
    broad = mesh.spread([(direct.vertex_offset, both)], BROAD)
    uneven = (broad - broad[mirror]) / 2
    direct.move(-uneven, texels)
    mirrored.move(uneven, texels)
    smooth = (broad + broad[mirror]) / 2
    direct.soften(smooth, shaded, texels)
    mirrored.soften(smooth, shaded, texels)


def _softened(offset: Float32Array, smooth: Float32Array, shaded: Float32Array) -> Float32Array:
    """(n, 3) offsets with gloss, and shadow where `shaded` (n,) is 1, bent towards `smooth` (n, 3)."""
    apart = offset - smooth
    bright = apart.mean(axis=1)
    gloss = _limited(bright, GLOSS_FROM, GLOSS_ROOM)
    shade = -_limited(-bright, SHADE_FROM, SHADE_ROOM)
    kept = np.where(bright > 0, gloss, shaded * shade + (1 - shaded) * bright)
    share = kept / np.where(np.abs(bright) < 1e-3, 1.0, bright)  # the colour goes back with the brightness
    share[np.abs(bright) < 1e-3] = 1.0
    return (smooth + share[:, None] * apart).astype(np.float32)


def _limited(height: Float32Array, start: float, room: float) -> Float32Array:
    """`height` as it is up to `start`, then ever slower, never past `start` + `room`."""
    excess = np.maximum(height - start, 0.0)
    return np.minimum(height, start) + room * (1 - np.exp(-excess / room))


def _shaded_weight(face_model: FaceModel) -> Float32Array:
    """(V,) 1 near the mouth's corners, where dark spots of a photo are shadows, 0 away from them."""
    if "mouth_corners" not in face_model.regions:
        return np.zeros(face_model.vertex_count, np.float32)
    corners = face_model.mean_shape[face_model.regions["mouth_corners"]]
    distance, _ = cKDTree(corners).query(face_model.mean_shape)
    start, end = SHADED
    return (1 - smooth_step((distance - start) / (end - start))).astype(np.float32)


def rim_weight(face_model: FaceModel, openings: Iterable[tuple[str, ...]] = tuple(RIMS)) -> Float32Array:
    """(V,) how far each vertex can be trusted for its distance from the `openings`, keys of `RIMS`."""
    weight = np.ones(face_model.vertex_count)
    for names in openings:
        start, end = RIMS[names]
        rims = [face_model.regions[name] for name in names if name in face_model.regions]
        if rims:
            distance, _ = cKDTree(face_model.mean_shape[np.concatenate(rims)]).query(face_model.mean_shape)
            weight *= smooth_step((distance - start) / (end - start))
    return weight.astype(np.float32)


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
