"""A picture of the head back onto its UV square, and a sequence of such pictures into a texture that does not swim.

The way from the UV square to the picture is the rasteriser's own, turned around: a texel's centre lies in a triangle
(`backend.raster` draws the UV mesh once), its clip position is the same weighted mean of the corners' clip positions
that the rasteriser takes, and pixel (r, c) has its centre at (c + 0.5, r + 0.5). So what the rasteriser draws from a
texture comes back to the texel it came from. Coordinates stay floating-point numbers throughout; no picture of them is
ever written.

What is not seen gets weight 0: texels behind the head's own surface, beside the edge of a nearer part or of another
island of the UV square (an eyeball beside a lid), outside of the picture, or facing away. The weight rises with the
cosine to the viewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from backend.raster.rasterizer import Raster, Rasterizer
from backend.texture.sampling import sampled
from backend.texture.unwrap import smooth_step, uv_raster
from models.face.model import FaceModel
from models.face.shading import VertexNormals

Float32Array = NDArray[np.float32]

GRAZING: Final = (0.15, 0.6)  # cosines to the viewer between which the weight rises from 0 to 1
BEHIND: Final = 0.02  # decimetres a point may lie behind what is drawn and still count as seen
EDGE: Final = 0.08  # decimetres: a step in depth this high is the edge of a nearer part, not a steep surface
BESIDE_EDGE: Final = 2  # pixels beside such an edge, or the outline, that are not believed: there colours mix
REST_WEIGHT: Final = 0.02  # pull of the resting texture; a texel that is seen well shows 2 % of it
MEMORY: Final = (
    0.4  # share of what was seen that is left after a frame: frames are smoothed over about 1 / (1 - MEMORY)
)


class ProjectionError(ValueError):
    """A picture, a mesh or a texture does not fit; the message says what was expected."""


class Eye(Protocol):
    """What sees the head: `models.face.camera.Camera`, or `backend.render.view.View`."""

    def clip(self, points: Float32Array, /) -> Float32Array:
        """Clip-space positions (..., 4) of world points (..., 3); w is the depth along the optical axis."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What one picture shows of the UV square (row 0 is v = 1).

    texture: (S, S, 3) float32, sRGB 0..255, zero where weight is; weight: (S, S) float32, 0..1.
    """

    texture: Float32Array
    weight: Float32Array


class Projector:
    """Takes pictures of one face model back onto its UV square, `size` texels a side.

    parts: which parts of the model are wanted (None: all).
    """

    def __init__(
        self,
        face_model: FaceModel,
        size: int,
        picture_size: int,
        *,
        parts: tuple[str, ...] | None = None,
        device: str = "cpu",
    ) -> None:
        """picture_size: pixels along a side of the (square) pictures.

        Raises:
            ProjectionError: a size is not positive, or the model has none of the `parts`.
        """
        if size < 1 or picture_size < 1:
            raise ProjectionError(f"expected sizes of at least one pixel, got {size} and {picture_size}")
        raster = uv_raster(face_model, size)
        self.size, self.picture_size = size, picture_size
        rows, columns = np.nonzero(raster.covered)
        faces = raster.triangle_ids[rows, columns]
        if parts is not None:
            chosen = [i for i, name in enumerate(face_model.part_names) if name in parts]
            keep = np.isin(face_model.triangle_part[faces], chosen)
            rows, columns, faces = rows[keep], columns[keep], faces[keep]
            if not len(rows):
                raise ProjectionError(f"{face_model.name} has no parts {', '.join(parts)}")
        self._islands = uv_islands(face_model)
        self._rows, self._columns, self._island = rows, columns, self._islands[faces]
        self._corners = face_model.triangles[faces]
        self._share = raster.barycentrics[rows, columns]
        self._triangles = face_model.triangles
        self._normals = VertexNormals(face_model.triangles, face_model.vertex_count)
        self._vertices = face_model.vertex_count
        self._drawer = Rasterizer(face_model.triangles, picture_size, device=device)

    def __call__(self, picture: Float32Array, world: Float32Array, eye: Eye, trust: Float32Array | None = None) -> Seen:
        """The UV square as seen in `picture` (P, P, 3), sRGB 0..255, row 0 at the top.

        world: (V, 3) where the vertices were when the picture was made, in the frame of `eye` (decimetres);
        trust: (P, P) 0..1, which pixels show the head and nothing in front of it.

        Raises:
            ProjectionError: another picture size, or another number of vertices.
        """
        side = self.picture_size
        if picture.shape != (side, side, 3) or (trust is not None and trust.shape != (side, side)):
            shapes = picture.shape if trust is None else (picture.shape, trust.shape)
            raise ProjectionError(
                f"expected a picture of shape ({side}, {side}, 3) and trust ({side}, {side}), got {shapes}"
            )
        if world.shape != (self._vertices, 3):
            raise ProjectionError(f"expected vertices of shape ({self._vertices}, 3), got {world.shape}")
        world = world.astype(np.float32)
        clip = eye.clip(world)
        at = self._mean(clip)
        depth = at[:, 3]
        places = np.column_stack([(1 + at[:, 0] / depth) * side / 2, (1 - at[:, 1] / depth) * side / 2])
        weight = self._facing(world, clip) * self._visible(clip, places, depth)
        if trust is not None:
            weight *= sampled(np.clip(trust, 0, 1).astype(np.float32), places, cv2.INTER_LINEAR, 0)
        colours = sampled(picture.astype(np.float32), places, cv2.INTER_LINEAR)
        texture, weights = np.zeros((self.size, self.size, 3), np.float32), np.zeros((self.size,) * 2, np.float32)
        weights[self._rows, self._columns] = weight
        texture[self._rows, self._columns] = colours * (weight > 0)[:, None]
        return Seen(texture, weights)

    def _mean(self, values: Float32Array) -> Float32Array:
        """(n, C) at the texels, of values (V, C) at the vertices."""
        return np.asarray(np.einsum("nk,nkc->nc", self._share, values[self._corners]), dtype=np.float32)

    def _facing(self, world: Float32Array, clip: Float32Array) -> Float32Array:
        """(n,) 0..1 by the cosine between the texels' normals and the way to the viewer."""
        to_viewer = _viewpoint(world, clip) - world
        to_viewer /= np.linalg.norm(to_viewer, axis=1, keepdims=True)
        cosine = np.einsum("vc,vc->v", self._normals(world), to_viewer).astype(np.float32)
        low, high = GRAZING
        return smooth_step((self._mean(cosine[:, None])[:, 0] - low) / (high - low)).astype(np.float32)

    def _visible(self, clip: Float32Array, places: Float32Array, depth: Float32Array) -> NDArray[np.bool_]:
        """(n,) which texels nothing stands before, clear of the edges of what is nearer and of the outline."""
        raster = self._drawer(clip)
        own = self._on_its_island(raster, places)
        drawn = raster.interpolate(clip[:, 3:], self._triangles)[..., 0]
        far = cv2.dilate(drawn, np.ones((3, 3), np.uint8))  # a pixel's grace where the surface is steep
        drawn[~raster.covered] = 0
        near = cv2.erode(drawn, np.ones((2 * BESIDE_EDGE + 1,) * 2, np.uint8))  # 0 beside the outline
        seen = depth < sampled(far, places, cv2.INTER_NEAREST, 0) + BEHIND
        clear = sampled(near, places, cv2.INTER_NEAREST, 0)
        return own & seen & (clear > 0) & (depth < clear + EDGE)

    def _on_its_island(self, raster: Raster, places: Float32Array) -> NDArray[np.bool_]:
        """(n,) whether all pixels around show the island that the texel lies on."""
        shown = np.where(raster.covered, self._islands[raster.triangle_ids], -1).astype(np.float32)
        around = np.ones((3, 3), np.uint8)
        lowest, highest = cv2.erode(shown, around), cv2.dilate(shown, around)
        low, high = (sampled(image, places, cv2.INTER_NEAREST, -1) for image in (lowest, highest))
        return (low == self._island) & (high == self._island)


class RunningTexture:
    """One texture for every frame of a sequence: a running weighted mean, whose memory does not grow.

    A texel that no frame has shown keeps its colour of `rest` exactly; one that is hidden for a while goes back to it
    over some 1 / REST_WEIGHT frames' worth of weight, without a step.
    """

    def __init__(self, rest: Float32Array, memory: float = MEMORY) -> None:
        """rest: (S, S, 3) sRGB 0..255, the photo's texture; memory: share of the past that is left after a frame.

        Raises:
            ProjectionError: not a square texture, or a memory outside of 0..1.
        """
        if rest.ndim != 3 or rest.shape[0] != rest.shape[1] or rest.shape[2] != 3:
            raise ProjectionError(f"expected a texture of shape (S, S, 3), got {rest.shape}")
        if not 0 <= memory < 1:
            raise ProjectionError(f"expected a memory from 0 to below 1, got {memory}")
        self._rest = rest.astype(np.float32)
        self._memory = memory
        self._offset = np.zeros_like(self._rest)  # weighted sum of what was seen less `rest`
        self._weight = np.zeros(rest.shape[:2], np.float32)

    def add(self, seen: Seen, rest: Float32Array | None = None) -> Float32Array:
        """The texture (S, S, 3) float32 after the next frame, which showed `seen`.

        rest: another resting texture for this frame, for texels that follow the expression while nobody sees them.

        Raises:
            ProjectionError: another size.
        """
        resting = self._rest if rest is None else rest
        if seen.texture.shape != self._rest.shape or resting.shape != self._rest.shape:
            raise ProjectionError(
                f"expected textures of shape {self._rest.shape}, got {seen.texture.shape}, {resting.shape}"
            )
        weight = seen.weight * (1 - self._memory)
        self._weight = self._memory * self._weight + weight
        self._offset *= self._memory
        self._offset += weight[..., None] * (seen.texture - resting)
        return np.asarray(resting + self._offset / (self._weight + REST_WEIGHT)[..., None], dtype=np.float32)


def uv_islands(face_model: FaceModel) -> NDArray[np.int32]:
    """Which connected island of the UV square each triangle (F,) lies on."""
    a, b, c = face_model.uv_triangles.T
    count = len(face_model.uv)
    links = sparse.coo_matrix((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, c])), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1][a], dtype=np.int32)


def _viewpoint(world: Float32Array, clip: Float32Array) -> Float32Array:
    """Where the eye stands (3,): clip x, y and w are affine in the position and all three are zero there."""
    here = np.column_stack([world, np.ones(len(world))]).astype(np.float64)
    matrix = np.linalg.lstsq(here, clip[:, [0, 1, 3]].astype(np.float64), rcond=None)[0]  # (4, 3)
    return np.linalg.solve(matrix[:3].T, -matrix[3]).astype(np.float32)
