import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.motion.sliding import (
    BATCH,
    SlidingError,
    compat_starts,
    slide,
    slide_compat,
    stream,
    window_starts,
)
from models.motion.style_code import StyleCodeError
from models.motion.style_fusion import StyleFusionModel
from tests.golden import GOLDEN, needs
from tests.recipe import torch_weights

FOLDER = GOLDEN / "sliding"
needs_golden = needs(FOLDER)
STYLE = np.arange(135, dtype=np.float32)


def clip(features, seed=1):
    generator = np.random.default_rng(seed)
    return generator.random((features, 3), np.float32), generator.random((features, 1), np.float32)


def echo(audio, energy, styles):
    """The features that lie on each frame, its energy, and the style: says where every frame came from."""
    heard = np.concatenate([audio[:, :, 8:-8:2], energy[:, :, 8:-8:2]], axis=1)
    manner = np.broadcast_to(styles[:, None, 1:2, None], (len(styles), len(audio), 1, 32))
    return np.concatenate([np.broadcast_to(heard, (len(styles), *heard.shape)), manner], axis=2)


def window_wise(audio, energy, styles):
    """One number per window, its first seen feature, so that the weight of each window shows."""
    return np.broadcast_to(audio[:, :1, :1], (len(styles), len(audio), 1, 32))


class Recorder:
    """Remembers what a network was given."""

    def __init__(self):
        self.audio, self.energy, self.motion, self.inner = [], [], [], echo

    def __call__(self, audio, energy, styles):
        self.audio += list(audio)
        self.energy += list(energy)
        made = self.inner(audio, energy, styles)
        self.motion += list(made[0])
        return made


@settings(deadline=None)
@given(frames=st.integers(1, 300))
def test_default_windows_cover_the_clip_once_each(frames):
    starts = window_starts(frames)
    assert starts == sorted(set(starts))
    covered = np.zeros(frames + 32, bool)
    for start in starts:
        covered[start : start + 32] = True
    assert covered[:frames].all()
    assert starts[-1] == max(frames - 32, 0)
    assert set(starts) == set(compat_starts(frames)) or frames < 32


@pytest.mark.parametrize("features", [2, 3, 17, 63, 64, 65, 96, 364])
def test_every_frame_hears_its_own_features(features):
    audio, energy = clip(features)
    motion = slide(echo, audio, energy, STYLE)
    frames = features // 2
    assert motion.shape == (frames, 5)
    assert np.allclose(motion[:, :3], audio[: 2 * frames : 2], atol=1e-6)
    assert np.allclose(motion[:, 3:4], energy[: 2 * frames : 2], atol=1e-6)
    assert np.allclose(motion[:, 4], 1.0)


@settings(max_examples=40, deadline=None)
@given(features=st.integers(2, 900), cuts=st.lists(st.integers(0, 900), max_size=12))
def test_cuts_between_pieces_leave_no_trace(features, cuts):
    audio, energy = clip(features)
    edges = sorted({min(cut, features) for cut in cuts})
    pieces = list(zip(np.split(audio, edges), np.split(energy, edges), strict=True))
    streamed = np.concatenate(list(stream(window_wise, pieces, STYLE)))
    assert np.array_equal(streamed, slide(window_wise, audio, energy, STYLE))


def test_several_styles_share_what_was_heard():
    audio, energy = clip(150)
    styles = np.stack([STYLE, 2 * STYLE, -STYLE])
    heard = Recorder()
    pieces = list(zip(np.split(audio, [31, 90]), np.split(energy, [31, 90]), strict=True))
    for schedule in (slide, slide_compat):
        together = schedule(echo, audio, energy, styles)
        assert together.shape == (3, 75, 5)
        assert np.array_equal(together, [schedule(echo, audio, energy, style) for style in styles])
    assert np.array_equal(
        np.concatenate(list(stream(heard, pieces, styles)), axis=1), slide(echo, audio, energy, styles)
    )
    assert len(heard.audio) == len(window_starts(75))


def test_a_whole_clip_goes_through_in_one_batch():
    batches = []

    def watch(audio, energy, styles):
        batches.append(len(audio))
        return window_wise(audio, energy, styles)

    audio, energy = clip(200)
    slide(watch, audio, energy, STYLE)
    assert batches == [len(window_starts(100))]


def test_streaming_holds_and_delays_little():
    heard, given_out, most = 0, 0, 0
    batches = []

    def watch(audio, energy, style):
        batches.append(len(audio))
        return window_wise(audio, energy, style)

    def pieces():
        nonlocal heard
        for seed in range(100):
            heard += 50
            yield clip(50, seed)

    for made in stream(watch, pieces(), STYLE):
        given_out += len(made)
        most = max(most, heard // 2 - given_out)
    assert given_out == 2500
    assert most <= 25 + 40
    assert max(batches) <= BATCH


def test_compat_counts_the_last_window_again():
    audio, energy = clip(2 * 45)
    firsts = [audio[0, 0], audio[8, 0], audio[2 * 13 - 8, 0]]  # windows at 0, 8 and 13
    default, compat = slide(window_wise, audio, energy, STYLE), slide_compat(window_wise, audio, energy, STYLE)
    assert compat_starts(45) == [0, 8, 13, 13, 13, 13]
    assert np.allclose(default[20, 0], np.mean(firsts), atol=1e-6)
    assert np.allclose(compat[20, 0], np.average(firsts, weights=[1, 1, 4]), atol=1e-6)
    assert np.allclose(compat[:13], default[:13], atol=1e-6)


def test_bad_input_is_named():
    audio, energy = clip(63)
    with pytest.raises(SlidingError, match=r"1\.28 s of speech"):
        slide_compat(echo, audio, energy, STYLE)
    with pytest.raises(SlidingError, match="at least 2 speech features"):
        slide(echo, audio[:1], energy[:1], STYLE)
    with pytest.raises(SlidingError, match="as many energies"):
        slide(echo, audio, energy[:-1], STYLE)
    with pytest.raises(SlidingError, match=r"energy as floating point \(features, 1\)"):
        slide(echo, audio, audio, STYLE)
    for wrong in (np.zeros((0, 135)), np.zeros((2, 134)), np.full((2, 135), np.nan)):
        with pytest.raises(StyleCodeError):
            slide(echo, audio, energy, wrong)
    with pytest.raises(SlidingError, match="NaN"):
        slide(echo, np.full_like(audio, np.nan), energy, STYLE)


def seeded(seed):
    shapes = {name: tuple(tensor.shape) for name, tensor in StyleFusionModel().state_dict().items()}
    weights = {name: torch.from_numpy(array) for name, array in torch_weights(shapes, seed).items()}
    return StyleFusionModel.from_state_dict(weights)


@needs_golden
def test_golden_clip():
    golden = np.load(FOLDER / "sliding_7p3s.npz")
    network = Recorder()
    network.inner = seeded(int(golden["recipe_seed"])).predict_each
    for which, style in enumerate(golden["sty"]):
        motion = slide_compat(network, golden["deepspeech_prob"], golden["audio_energy"], style)
        expected = np.repeat(golden["coeff"], len(motion), axis=0)
        expected[:, 80:144] = motion
        assert np.allclose(expected, golden[f"coeff_style{which}"], rtol=0, atol=5e-4)
    windows = len(golden["windows"])
    frames = len(golden["y_repeat"])
    assert compat_starts(frames) == golden["windows"][:, 0].tolist()
    assert np.allclose([audio.sum(dtype=np.float64) for audio in network.audio[:windows]], golden["audio_batch_sum"])
    assert np.array_equal(network.audio[0], golden["audio_batch_first"])
    assert np.array_equal(network.audio[windows - 1], golden["audio_batch_last"])
    assert np.array_equal(network.energy[:windows], golden["energy_batch"])
    assert np.allclose(network.motion[:windows], golden["pred_style0"], rtol=0, atol=5e-4)


@needs_golden
def test_default_differs_from_the_original_at_the_end_only():
    golden = np.load(FOLDER / "sliding_7p3s.npz")
    network = seeded(int(golden["recipe_seed"])).predict_each
    motion = slide(network, golden["deepspeech_prob"], golden["audio_energy"], golden["sty"][0])
    original = golden["coeff_style0"][:, 80:144]
    assert motion.shape == original.shape
    assert np.allclose(motion[:-32], original[:-32], rtol=0, atol=5e-4)
    assert np.abs(motion[-32:] - original[-32:]).max() > 0.1


@needs_golden
@pytest.mark.parametrize(("features", "energies"), [(101, 100), (64, 64)])
def test_golden_edges(features, energies):
    golden = np.load(FOLDER / "sliding_edge.npz")
    style = np.load(FOLDER / "sliding_7p3s.npz")["sty"][0]
    network = Recorder()
    network.inner = seeded(int(golden["recipe_seed"])).predict_each
    motion = slide_compat(network, golden[f"prob_{features}"], golden[f"energy_{energies}"], style)
    assert compat_starts(features // 2) == golden[f"windows_{features}"][:, 0].tolist()
    assert np.array_equal(network.audio, golden[f"audio_batch_{features}"])
    assert np.array_equal(network.energy, golden[f"energy_batch_{features}"])
    assert np.allclose(motion, golden[f"exp_{features}"], rtol=0, atol=5e-4)
