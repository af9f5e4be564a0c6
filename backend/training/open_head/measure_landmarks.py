"""Measures where MediaPipe's 478 points lie on the head: python -m backend.training.open_head.measure_landmarks.

Draws the mean head and random people from several sides with the rasteriser, detects, and takes every point back to
the surface under its pixel; a place on one person's mesh is a place on the mean head. Medians over all pictures are
made symmetric and written to landmarks.json (base-mesh coordinates, decimetres), with the spread that decides how far
a point may be trusted. The 68 iBUG points are picked from the 478 by the usual correspondence.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from backend.landmarks import Detector, MediaPipeDetector, largest_face
from backend.raster.rasterizer import Raster, Rasterizer
from backend.training.open_head.head import ORIGIN
from backend.training.open_head.landmarks import IRISES, MEASURED
from backend.training.open_head.part import nearest_on
from models.face.model import FaceModel, Float32Array
from models.face.open_head import WEIGHTS
from models.face.shading import VertexNormals
from models.face.storage import load

SIZE = 640
FIELD = 2.9  # decimetres that the picture's height shows at the head
DISTANCE = 10.0
VIEWS = ((0, 0), (-12, 0), (12, 0), (-25, 0), (25, 0), (0, 10), (0, -10))  # degrees about y, then about x
PEOPLE = 10
SHARE = 0.8  # of the coefficients of random people, which keeps them near the mean
LIGHT = np.array([-0.35, 0.45, 0.82])
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
OVAL_TRUST = 0.2  # the outline slides over the skin as the head turns: only right for a face seen from the front
INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER = (95, 88, 178, 87, 14, 317, 402, 318, 324)
IBUG = (
    *(162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389),
    *(71, 63, 105, 66, 107, 336, 296, 334, 293, 301),
    *(168, 197, 5, 4, 75, 97, 2, 326, 305),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),
    *(78, 82, 13, 312, 308, 317, 14, 87),
)


class Pictures:
    """Pictures of a face model and the surface points under their pixels."""

    def __init__(self, model: FaceModel) -> None:
        """Prepare drawing all parts, and the skin and eyes alone for reading places."""
        self._model = model
        self._normals = VertexNormals(model.triangles, model.vertex_count)
        self._draw = Rasterizer(model.triangles, SIZE)
        self.faces = model.part_triangles("skin", "lips", "eye_left", "eye_right")
        self._read = Rasterizer(self.faces, SIZE)

    def take(
        self, identity: Float32Array, albedo: Float32Array, turn: tuple[float, float]
    ) -> tuple[np.ndarray, Raster]:
        """An RGB picture (SIZE, SIZE, 3) and the raster of skin and eyes."""
        shape = self._model.shape(identity)
        turned = shape @ rotation(*turn).T.astype(np.float32)
        clip = projected(turned)
        colours = (self._model.albedo(albedo) / 255) ** 2.2
        normal = self._normals(turned)
        light = 0.45 + 0.75 * np.clip(normal @ (LIGHT / np.linalg.norm(LIGHT)), 0, None)
        image = self._draw(clip).interpolate((colours * light[:, None]).astype(np.float32), self._model.triangles, 0.35)
        return (np.clip(image, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8), self._read(clip)

    def places(self, raster: Raster, points: Float32Array) -> Float32Array:
        """Positions (n, 3) on the mean head under image points (n, 2), NaN where they miss it.

        Points of the outline that miss are taken to the nearest pixel of the head, to the edge of what is seen.
        """
        pixels = np.clip(points[:, ::-1].astype(int), 0, SIZE - 1)
        seen = np.argwhere(raster.covered)
        oval = list(OVAL)
        pixels[oval] = seen[cKDTree(seen).query(points[oval, ::-1])[1]]
        triangle = raster.triangle_ids[tuple(pixels.T)]
        corners = self._model.mean_shape[self.faces[triangle]]
        place = np.einsum("nk,nkc->nc", raster.barycentrics[tuple(pixels.T)], corners)
        place[triangle < 0] = np.nan
        return place


def rotation(turn: float, nod: float) -> np.ndarray:
    """Rotation (3, 3) by degrees about y, then about x."""
    a, b = np.radians([turn, nod])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return about_x @ about_y


def projected(shape: Float32Array) -> Float32Array:
    """Clip coordinates (n, 4) for a camera on the z axis."""
    depth = DISTANCE - shape[:, 2]
    focal = 2 * DISTANCE / FIELD
    near, far = 5.0, 15.0
    z = ((far + near) * depth - 2 * far * near) / (far - near)
    return np.stack([shape[:, 0] * focal, shape[:, 1] * focal, z, depth], axis=1).astype(np.float32)


def measure(model: FaceModel, detector: Detector) -> tuple[Float32Array, Float32Array, int]:
    """Median places (478, 3) on the mean head, their spread (478,) in decimetres, number of pictures used."""
    pictures = Pictures(model)
    rng = np.random.default_rng(5)
    found = []
    for person in range(PEOPLE):
        share = 0.0 if person == 0 else SHARE
        identity, albedo = (share * rng.normal(size=(2, 80))).astype(np.float32)
        for turn in VIEWS:
            image, raster = pictures.take(identity, albedo, turn)
            face = largest_face(detector, image)
            if face is not None:
                place = pictures.places(raster, face.points)
                place[list(OVAL)] *= 1.0 if turn[0] == 0 else np.nan
                found.append(place)
    places = np.stack(found)
    middle = np.nanmedian(places, axis=0)
    spread = np.nanmedian(np.linalg.norm(places - middle, axis=2), axis=0)
    missed = np.isnan(places[..., 0]).mean(axis=0)
    missed[list(OVAL)] = 0
    spread[missed > 0.5] = 1.0
    return middle, spread, len(found)


def symmetric(places: Float32Array, spread: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Each point averaged with the mirror image of its partner, the point nearest to its own mirror image."""
    mirrored = places * (-1, 1, 1)
    partner = np.linalg.norm(mirrored[:, None] - places[None], axis=2).argmin(axis=1)
    partner[list(OVAL)] = OVAL[:1] + OVAL[:0:-1]  # it is listed once around from the top
    mutual = partner[partner] == np.arange(len(places))
    averaged = np.where(mutual[:, None], (places + mirrored[partner]) / 2, places)
    return averaged, np.where(mutual, np.maximum(spread, spread[partner]), spread)


def snapped(model: FaceModel, places: Float32Array) -> Float32Array:
    """Points moved onto the skin, irises onto the eyeballs, inner lips onto their own lip's rim."""
    result = places.copy()
    skin = model.part_triangles("skin", "lips")
    eyes = model.part_triangles("eye_left", "eye_right")
    for chosen, faces in ((slice(0, 468), skin), (IRISES, eyes)):
        corners, weights = nearest_on(places[chosen], model.mean_shape, faces)
        result[chosen] = np.einsum("nk,nkc->nc", weights, model.mean_shape[corners])
    for points, region in ((INNER_UPPER, "lip_rim_upper"), (INNER_LOWER, "lip_rim_lower")):
        rim = model.mean_shape[model.regions[region]]
        order = np.argsort(rim[:, 0])
        for point in points:
            result[point] = [np.interp(places[point, 0], rim[order, 0], rim[order, axis]) for axis in range(3)]
    return result


def main() -> None:
    """Measure and write landmarks.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=WEIGHTS)
    parser.add_argument("--out", type=Path, default=MEASURED)
    arguments = parser.parse_args()
    model = load(arguments.model)
    middle, spread, count = measure(model, MediaPipeDetector())
    places, spread = symmetric(middle, spread)
    moved = snapped(model, places)
    off = np.linalg.norm(moved - places, axis=1)
    confidence = np.clip(1.25 - (spread + off) / 0.04, 0, 1)
    confidence[list(OVAL)] = np.where(spread[list(OVAL)] < 0.1, OVAL_TRUST, 0)
    facts = {
        "note": "base-mesh coordinates in decimetres on the neutral head; made by measure_landmarks.py",
        "pictures": count,
        "median_spread_mm": round(float(np.median(spread)) * 100, 2),
        "mediapipe478": np.round(moved + ORIGIN, 4).tolist(),
        "confidence": np.round(confidence, 2).tolist(),
        "ibug68": list(IBUG),
    }
    arguments.out.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    lost = int((confidence == 0).sum())
    print(f"{count} pictures, median spread {facts['median_spread_mm']} mm, {lost} points without trust")


if __name__ == "__main__":
    main()
