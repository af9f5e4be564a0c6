"""Visemes show the mouth of the take: each sound its own, lips closed where they are closed."""

import numpy as np
import pytest

from blender_addon.retarget.channels import shape_tracks
from blender_addon.retarget.decompose import _vector, decomposed, features, fit
from blender_addon.retarget.tracks import Tracks, contacts, folded, lip_gap, resampled, scaled, seal
from blender_addon.retarget.units import ARKIT, INDEX, OWN, UNITS
from blender_addon.retarget.visemes import CLOSED, SETS, SILENT
from tests.blender_addon.characters import speaking, tracks_of


def held(mixture: dict[str, float]) -> Tracks:
    units = np.repeat(_vector(mixture)[None].astype(np.float32), 12, axis=0)
    rest = np.zeros((12, 3), dtype=np.float32)
    return Tracks(units, rest, rest, 25.0)


@pytest.mark.parametrize("kind", SETS)
def test_a_viseme_that_is_held_looks_the_same(kind: str) -> None:
    names = list(SETS[kind])
    shapes = np.stack([_vector(SETS[kind][name]) for name in names])
    for name, shape in zip(names, shapes, strict=True):
        weights = decomposed(held(dict(SETS[kind][name])), kind, names)[6]
        np.testing.assert_allclose(features() @ (weights @ shapes), features() @ shape, atol=0.05, err_msg=name)


@pytest.mark.parametrize(("name", "least"), {"PP": 0.95, "FF": 0.9, "TH": 0.8, "CH": 0.7, "U": 0.8, "kk": 0.6}.items())
def test_sounds_with_a_shape_of_their_own_are_told_apart(name: str, least: float) -> None:
    names = list(SETS["oculus"])
    weights = decomposed(held(dict(SETS["oculus"][name])), "oculus", names)[6]
    assert names[int(weights.argmax())] == name and weights.max() > least


@pytest.mark.parametrize("kind", SETS)
def test_lips_meet_and_part(kind: str) -> None:
    tracks, names = speaking(), list(SETS[kind])
    weights = decomposed(tracks, kind, names)
    units = weights @ np.stack([_vector(SETS[kind][name]) for name in names])
    shown = Tracks(units.astype(np.float32), tracks.angles, tracks.place, tracks.fps)
    gap, wanted = lip_gap(shown), lip_gap(tracks)
    assert gap[[13, 31]].max() < 0.02
    np.testing.assert_allclose(gap[[6, 22, 45]], wanted[[6, 22, 45]], atol=0.08)
    if kind in CLOSED:
        assert weights[13, names.index(CLOSED[kind])] > 0.95
    if kind in SILENT:
        assert not weights[:, names.index(SILENT[kind])].any()


@pytest.mark.parametrize("highest", [1.0, 0.5])
@pytest.mark.parametrize("kind", SETS)
def test_no_viseme_passes_its_slider_and_others_help(kind: str, highest: float) -> None:
    names = list(SETS[kind])
    shapes = np.stack([_vector(SETS[kind][name]) for name in names])
    shouted = held({"jawOpen": 1.0, "mouthLowerDown": 0.5, "mouthUpperUp": 0.3})
    free, bound = fit(shouted, kind, names, 10.0), fit(shouted, kind, names, highest)
    assert bound.weights.max() <= highest and free.weights.max() > highest and not free.missing.any()
    wanted = features() @ shouted.units[6]
    cut = np.minimum(free.weights[6], highest)
    assert np.linalg.norm(features() @ (bound.weights[6] @ shapes) - wanted) <= (
        np.linalg.norm(features() @ (cut @ shapes) - wanted) + 1e-3
    ), "better than cutting off"


def test_what_no_other_viseme_can_do_is_said() -> None:
    shouted = held({"jawOpen": 1.0, "mouthLowerDown": 0.5, "mouthUpperUp": 0.3})
    alone = fit(shouted, "vrm", ["A"])
    assert alone.weights[6, 0] == 1.0
    assert alone.missing[0] == pytest.approx(fit(shouted, "vrm", ["A"], 10.0).weights[6, 0] - 1.0, abs=0.02)
    pressed = fit(speaking(), "oculus", ["PP", "aa"], np.array([0.6, 1.0]))
    assert pressed.weights[13, 0] == pytest.approx(0.6) and pressed.missing[0] >= 0.4


def test_a_viseme_within_its_slider_misses_nothing() -> None:
    assert not fit(speaking(), "oculus", list(SETS["oculus"]), 1.0).missing.any()


def test_few_visemes_still_close_the_lips() -> None:
    weights = decomposed(speaking(), "vrm", ["A", "I", "U", "E", "O"])
    assert weights[13].max() < 0.02 and weights[22].sum() > 0.4


def test_rest_is_rest() -> None:
    assert not decomposed(tracks_of(), "oculus", list(SETS["oculus"])).any()


def test_weights_are_smooth_but_for_contacts() -> None:
    noise = np.random.default_rng(3).normal(0, 0.03, 200)
    tracks = tracks_of(200, jawOpen=0.3 + noise, mouthLowerDownLeft=0.15, mouthLowerDownRight=0.15)
    weights = decomposed(tracks, "oculus", list(SETS["oculus"]))
    assert np.abs(np.diff(weights.sum(axis=1)[5:-5])).mean() < np.abs(np.diff(noise)).mean() * 2


def test_a_mouth_at_rest_is_not_pressed() -> None:
    assert seal(tracks_of()).max() == 0.0
    assert seal(tracks_of(jawOpen=0.3, mouthClose=0.3, lipPress=0.3)).min() > 0.99
    assert seal(tracks_of(jawOpen=0.3, lipPress=0.3)).max() == 0.0


def test_own_units_become_arkits() -> None:
    tracks = folded(tracks_of(lipPress=0.3, lipBiteLower=0.6, mouthRollLower=0.9, mouthPucker=1.3))
    assert not tracks.units[:, [INDEX[name] for name in OWN]].any()
    assert tracks.unit("mouthPressLeft")[0] == pytest.approx(0.12)
    assert tracks.unit("mouthRollLower")[0] == 1.0, "no more than a whole"
    assert tracks.unit("mouthPucker")[0] == pytest.approx(1.3), "what nothing is added to stays"
    assert folded(tracks_of(lipPress=0.3), frozenset({"lipPress"})).unit("lipPress")[0] == pytest.approx(0.3)


def test_amplitude_leaves_closures_alone() -> None:
    tracks = scaled(speaking(), 0.5, 0.0)
    assert lip_gap(tracks)[13] < 1e-6 and lip_gap(tracks)[20] == pytest.approx(lip_gap(speaking())[20] / 2)
    assert tracks.unit("eyeBlinkLeft")[23] == pytest.approx(0.95)
    assert np.ptp(tracks.angles, axis=0).max() < 1e-6


@pytest.mark.parametrize("fps", [24.0, 30000 / 1001, 30.0, 60.0])
def test_contacts_are_held_at_any_rate(fps: float) -> None:
    tracks = speaking()
    assert contacts(tracks) == [(12, 13), (21, 24), (30, 31)]
    again = resampled(tracks, fps)
    assert len(contacts(again)) == 3 and again.fps == fps
    assert resampled(tracks, 25.0) is tracks


def test_channels_have_tracks() -> None:
    tracks = tracks_of(eyeLookOutLeft=0.4, eyeLookInRight=0.2, mouthSmileLeft=0.6)
    found = shape_tracks(tracks, ["look left", "mouthSmile", "jawOpen", "vrm A", "vrm U"]).tracks
    assert found["look left"][0] == pytest.approx(0.3) and found["mouthSmile"][0] == pytest.approx(0.3)
    assert set(found) == {"look left", "mouthSmile", "jawOpen", "vrm A", "vrm U"}
    with pytest.raises(KeyError):
        shape_tracks(tracks, ["nonsense"])


def test_there_are_52_and_12() -> None:
    assert len(ARKIT) == 52 and len(UNITS) == 64
