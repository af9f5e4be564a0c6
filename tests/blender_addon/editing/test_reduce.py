import numpy as np
import pytest

from blender_addon.editing.mesh_error import FaceMesh, distances, turns
from blender_addon.editing.reduce import reduce
from blender_addon.editing.simplify import needed_keys, played
from blender_addon.motion.frames import eulers, rotation_matrices

FRAMES, KEYS = 120, 5


def face() -> FaceMesh:
    generator = np.random.default_rng(3)
    rest = generator.normal(0, 60, (200, 3)).astype(np.float32)
    return FaceMesh(rest, generator.normal(0, 4, (KEYS, 200, 3)).astype(np.float32))


def performance() -> np.ndarray:
    generator = np.random.default_rng(5)
    steps = generator.normal(0, 1, (FRAMES, KEYS + 6))
    smooth = np.stack([np.convolve(track, np.hanning(11), mode="same") for track in steps.T], axis=1)
    return smooth * ([0.1] * KEYS + [0.2] * 3 + [0.01] * 3)


def rebuilt(tracks: np.ndarray, keep: np.ndarray) -> np.ndarray:
    return np.stack([played(track, kept) for track, kept in zip(tracks.T, keep.T, strict=True)], axis=1)


def vertices(mesh: FaceMesh, row: np.ndarray) -> np.ndarray:
    """By Blender's own rotation, one vertex set at a time, independent of what `mesh_error` does."""
    pytest.importorskip("bpy")  # it brings mathutils along
    mathutils = pytest.importorskip("mathutils")
    turn = np.array(mathutils.Euler(row[-3:], "XZY").to_matrix())
    return (mesh.rest + np.tensordot(row[:KEYS], mesh.displacement, axes=1)) @ turn.T + row[KEYS : KEYS + 3]


def test_a_straight_track_needs_its_ends_and_a_still_one_its_first() -> None:
    assert np.flatnonzero(needed_keys(np.linspace(0, 3, 50), np.full(50, 1e-6))).tolist() == [0, 49]
    assert needed_keys(np.full(50, 0.4), np.full(50, 1e-6)).sum() == 1
    bent = np.abs(np.arange(50) - 20.0)
    assert np.flatnonzero(needed_keys(bent, np.full(50, 1e-6))).tolist() == [0, 20, 49]


def test_no_frame_is_off_by_more_than_its_own_tolerance() -> None:
    track, allowed = performance()[:, 0], np.full(FRAMES, 0.05)
    allowed[40:50] = 1e-6
    off = np.abs(played(track, needed_keys(track, allowed)) - track)
    assert (off <= allowed + 1e-12).all() and off.max() > 0.01


def test_rotations_are_those_of_the_head() -> None:
    angles = np.random.default_rng(1).uniform(-1, 1, (9, 3)).astype(np.float32)
    to_blender = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    expected = to_blender @ rotation_matrices(angles) @ to_blender.T
    np.testing.assert_allclose(turns(eulers(angles)), expected, atol=1e-6)


@pytest.mark.parametrize("tolerance", [0.1, 0.5, 2.0])
def test_every_vertex_stays_within_the_tolerance(tolerance: float) -> None:
    mesh, tracks = face(), performance()
    found = reduce(tracks, mesh, tolerance, np.zeros(tracks.shape, dtype=bool))
    again = rebuilt(tracks, found.keep)
    off = [
        np.linalg.norm(vertices(mesh, now) - vertices(mesh, was), axis=1).max()
        for was, now in zip(tracks, again, strict=True)
    ]
    assert max(off) <= tolerance
    assert found.largest == pytest.approx(max(off), abs=1e-3)
    assert found.keys < 0.8 * tracks.size
    assert found.keys == found.keep.sum()


def test_more_tolerance_needs_fewer_keys() -> None:
    mesh, tracks = face(), performance()
    none = np.zeros(tracks.shape, dtype=bool)
    keys = [reduce(tracks, mesh, tolerance, none).keys for tolerance in (0.05, 0.2, 1.0)]
    assert keys[0] > keys[1] > keys[2]


def test_closures_stay_exact() -> None:
    mesh, tracks = face(), performance()
    exact = np.zeros(tracks.shape, dtype=bool)
    exact[30:36, :2] = True
    found = reduce(tracks, mesh, 2.0, exact)
    off = np.abs(rebuilt(tracks, found.keep) - tracks)[30:36, :2] * mesh.reach[:2]
    assert off.max() <= 0.002 + 1e-9


def test_the_largest_distance_is_named_with_its_vertex() -> None:
    mesh, tracks = face(), performance()[:10]
    other = tracks + 0.02
    found = distances(mesh, tracks, other)
    for frame in (0, 9):
        off = np.linalg.norm(vertices(mesh, other[frame]) - vertices(mesh, tracks[frame]), axis=1)
        assert found.vertex[frame] == off.argmax()
        assert found.largest[frame] == pytest.approx(off.max(), rel=1e-4)


def test_what_does_not_fit_is_refused() -> None:
    mesh, tracks = face(), performance()
    with pytest.raises(ValueError, match="shape"):
        reduce(tracks[:, :-1], mesh, 0.1, np.zeros(tracks.shape, dtype=bool))
    with pytest.raises(ValueError, match="tolerance"):
        reduce(tracks, mesh, 0.0, np.zeros(tracks.shape, dtype=bool))
