"""Strands: where they begin, where they may not be, and that they are the same every time."""

from typing import Any

import numpy as np
import pytest

from blender_addon.files.head_file import HeadFile
from blender_addon.hair.beards import BEARDS, beard_hair, beard_mask
from blender_addon.hair.brows import brow_hair
from blender_addon.hair.cuts import CUTS
from blender_addon.hair.distance import CELL, DistanceField
from blender_addon.hair.groom import Groom, grown
from blender_addon.hair.locks import lengths_of
from blender_addon.hair.regions import above_hairline, angles, before_the_face, ears, from_part, scalp, within
from blender_addon.hair.roots import scatter
from blender_addon.hair.strands import Strands, head_hair
from blender_addon.hair.surface import HairError, Surface
from tests.blender_addon.hair.conftest import surface_on

MILLIMETRE = 1e-3
FEW = 0.04  # density: some thousand strands


def deepest(surface: Surface, strands: Strands) -> float:
    """How far the deepest point of the strands is inside the skin, metres, measured on the triangles by Blender.

    Below the cut of the neck there is no inside; the field's lowest layer, a cell high, goes on as the neck below it.
    """
    bvh = pytest.importorskip("bpy") and pytest.importorskip("mathutils.bvhtree").BVHTree
    triangles = surface.triangles[surface.skin]
    tree = bvh.FromPolygons(surface.points.tolist(), triangles.tolist())
    worst, cut = 0.0, surface.points[triangles][..., 2].min()
    points = strands.points.reshape(-1, 3)
    for point in points[points[:, 2] > cut + CELL]:
        place, normal, _, away = tree.find_nearest(point)
        if away > worst and normal.dot(place - place.__class__(point)) > 0:
            worst = away
    return worst


@pytest.fixture(scope="module")
def somebody(open_head_file: HeadFile) -> tuple[Surface, DistanceField]:
    identity = (0.9 * np.random.default_rng(5).normal(size=80)).astype(np.float32)
    surface = surface_on(open_head_file, identity)
    return surface, DistanceField.of(surface)


@pytest.mark.parametrize("cut", CUTS)
def test_hair_grows_on_the_scalp_and_stays_out_of_head_and_face(
    somebody: tuple[Surface, DistanceField], cut: str
) -> None:
    surface, field = somebody
    strands = head_hair(surface, field, CUTS[cut], FEW, 0)
    assert len(strands) > 0.9 * FEW * CUTS[cut].strands
    on_ears = ears(surface)[surface.triangles[strands.roots.triangle]].all(axis=1)
    inside = above_hairline(surface, strands.roots.points)
    assert np.percentile(inside, 1) > -2 and inside.min() > -9 and not on_ears.any()  # degrees
    assert np.allclose(strands.points[:, 0], strands.roots.points)
    assert deepest(surface, strands) < MILLIMETRE
    assert not before_the_face(surface, strands.points[:, 1:].reshape(-1, 3)).any()


def test_cuts_have_their_lengths(surface: Surface, field: DistanceField) -> None:
    lengths = {name: lengths_of(head_hair(surface, field, CUTS[name], FEW, 0).points) for name in CUTS}
    median = {name: float(np.median(one)) for name, one in lengths.items()}
    assert median["buzz"] < 0.008 < median["side_part"] < median["swept_back"] < 0.06
    assert 0.1 < median["bob"] < median["long_wavy"] < 0.4
    bob = head_hair(surface, field, CUTS["bob"], FEW, 0)
    assert np.percentile(bob.points[..., 2].min(axis=1), 1) > surface.measures.chin[2] - 0.01  # cut off at the jaw


def test_the_whole_scalp_is_covered(surface: Surface) -> None:
    """Every patch of the scalp a centimetre wide has its share of roots."""
    roots = scatter(surface, scalp(surface), 8000, np.random.default_rng(0))
    azimuth, elevation, _ = angles(surface, roots.points)
    inside = above_hairline(surface, roots.points) > 6
    counts, *_ = np.histogram2d(
        azimuth[inside], np.sin(np.radians(elevation[inside])), bins=[24, 4], range=[(-180, 180), (0.6, 1)]
    )
    assert counts.min() > 0.3 * counts.mean()


@pytest.mark.parametrize("cut", ["side_part", "bob", "long_wavy"])
def test_a_parting_is_a_line_with_dense_and_flat_hair_beside_it(
    surface: Surface, field: DistanceField, cut: str
) -> None:
    part = CUTS[cut].part
    assert part is not None
    strands = head_hair(surface, field, CUTS[cut], 0.3, 0)
    roots, measures = strands.roots.points, surface.measures
    ahead = (roots[:, 1] < measures.crown[1] - 0.03) & (above_hairline(surface, roots) > 15)
    away = from_part(measures, part, roots)
    near = ahead & (np.abs(away) < 0.006)
    wide, narrow = (ahead & (away > -0.07) & (away < -0.03)).sum() / 0.04, near.sum() / 0.012
    assert narrow > 1.6 * wide  # roots per metre across the parting
    moved = from_part(measures, part, strands.points[near][:, -1]) * np.sign(away[near])
    assert (moved > 0).mean() > 0.95  # combed to its own side
    first = strands.points[near][:, 1]
    assert np.median(field.look(first)[0] / np.linalg.norm(first - roots[near], axis=1)) < 0.35  # at some 20 degrees


@pytest.mark.parametrize("cut", CUTS)
def test_hair_is_finer_and_shorter_at_the_hairline(surface: Surface, field: DistanceField, cut: str) -> None:
    strands = head_hair(surface, field, CUTS[cut], 0.2, 0)
    azimuth, _, _ = angles(surface, strands.roots.points)
    inside, front = within(surface, strands.roots.points), np.abs(azimuth) < 50
    rim, behind = front & (inside < 3), front & (inside > 12) & (inside < 25)
    assert rim.sum() > 20  # and they do not vanish because they would hang before the face
    assert np.median(strands.radius[rim, 0]) < 0.75 * np.median(strands.radius[behind, 0])
    lengths = lengths_of(strands.points)
    assert np.percentile(lengths[rim], 30) < 0.6 * np.percentile(lengths[behind], 30)


def test_locks_differ_in_tone(surface: Surface, field: DistanceField) -> None:
    bob, buzz = (head_hair(surface, field, CUTS[name], 0.1, 0) for name in ("bob", "buzz"))
    assert np.abs(bob.tone).max() <= 1 and bob.tone.std() > 0.2
    assert len(np.unique(bob.tone)) < 0.7 * len(bob)  # of locks and not of hairs
    assert not buzz.tone.any()


def test_the_same_every_time_and_another_with_another_seed(surface: Surface, field: DistanceField) -> None:
    first, again, other = (head_hair(surface, field, CUTS["side_part"], FEW, seed) for seed in (3, 3, 4))
    assert np.allclose(first.points, again.points, rtol=0, atol=1e-12)
    assert np.array_equal(first.radius, again.radius)
    assert np.array_equal(first.roots.uv, again.roots.uv)
    assert first.points.shape != other.points.shape or not np.allclose(first.points, other.points)


def test_brows_lie_on_the_brows(somebody: tuple[Surface, DistanceField]) -> None:
    surface, field = somebody
    brows = brow_hair(surface, field, 0.3, 0)
    marks = surface.landmarks
    left = brows.roots.points[:, 0] > surface.measures.centre[0]
    assert 0.4 < left.mean() < 0.6
    for side, own in ((left, marks[22:27]), (~left, marks[17:22])):
        assert (brows.roots.points[side] > own.min(axis=0) - 0.012).all()
        assert (brows.roots.points[side] < own.max(axis=0) + 0.012).all()
    assert 0.003 < np.median(lengths_of(brows.points)) < 0.012
    assert deepest(surface, brows) < MILLIMETRE


@pytest.mark.parametrize("kind", BEARDS)
def test_beards_keep_to_cheeks_and_chin(somebody: tuple[Surface, DistanceField], kind: str) -> None:
    surface, field = somebody
    beard = beard_hair(surface, field, BEARDS[kind], 0.1, 0)
    assert not surface.lips[beard.roots.triangle].any()
    assert (beard.roots.points[:, 2] < surface.measures.brow).all()
    front = np.abs(angles(surface, beard.roots.points)[0]) < 12
    assert (beard.roots.points[front, 2] < surface.landmarks[33, 2] + 0.002).all()  # below the nose
    assert np.median(lengths_of(beard.points)) < 1.3 * BEARDS[kind].length
    assert deepest(surface, beard) < MILLIMETRE
    assert (beard_mask(surface) <= 1).all()


def test_a_groom_is_what_is_asked_for(surface: Surface) -> None:
    assert set(grown(surface, Groom(cut="bald", beard="stubble", density=0.05))) == {"brows", "beard"}
    assert grown(surface, Groom(cut="bald", brows=False)) == {}
    for wrong in ({"cut": "mohawk"}, {"beard": "goatee"}, {"density": 9.0}):
        with pytest.raises(HairError, match=r"mohawk|goatee|density"):
            Groom(**wrong)


def test_a_face_without_a_scalp_says_so(surface: Surface, field: DistanceField) -> None:
    none: Any = np.zeros(len(surface.points))
    with pytest.raises(HairError, match="no place on this head"):
        scatter(surface, none, 10, np.random.default_rng(0))
