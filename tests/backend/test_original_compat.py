"""The original's own speech and motion (`--compat`), and head pose from the user's own network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from backend import cli, model_store
from backend.media import read_audio
from backend.original import OriginalFamily, animate, perform
from models import take as take_file
from models.coefficients import ANGLES, EXPRESSION, TRANSLATION
from models.motion.pose_network import PoseNetwork, checked_scale, turned_about
from models.motion.sliding import SlidingError, slide_compat
from models.motion.style_code import read_code
from models.motion.style_fusion import StyleFusionModel
from models.speech.deepspeech.network import letter_probabilities
from models.speech.deepspeech.sound import SoundError, listen, read_wav
from models.speech.deepspeech.variables import network_from_variables
from models.speech.energy import energy
from tests.backend import test_original as original
from tests.backend import test_original_delivery as delivery
from tests.golden import GOLDEN, needs

family, photo, styles, voice = original.family, original.photo, original.styles, original.voice  # fixtures
where_the_face_is = original.finder
added, words = delivery.finder, delivery.words
SCALE = {"mean": [-0.998, 0, 0, 0, 0.05, 0, 0], "std": [0.001, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]}


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    """2.5 s with another voice in each channel, faster than 16 kHz."""
    sound = np.random.default_rng(6).normal(0, 0.1, (60_000, 2)) * np.sin(np.arange(60_000) / 900)[:, None] ** 2
    soundfile.write(tmp_path / "stereo.wav", sound, 24_000, subtype="PCM_16")
    return tmp_path / "stereo.wav"


def with_pose(family: OriginalFamily) -> OriginalFamily:
    model = StyleFusionModel.from_state_dict(original.seeded(StyleFusionModel(7)))
    return replace(family, pose=PoseNetwork(model, checked_scale(SCALE["mean"], SCALE["std"])))


def test_compat_hears_channel_0_at_its_own_rate_and_keeps_the_original_schedule(
    family: OriginalFamily, where_the_face_is: original.Finder, stereo: Path, photo: Path, styles: str
) -> None:
    code = read_code(f"{styles}#1")
    take = animate(stereo, photo, family, code, where_the_face_is, compat=True).take
    samples, rate = read_wav(stereo)
    letters = letter_probabilities(family.speech, listen(samples[:, :1], rate, compat=True)).numpy()
    expected = slide_compat(family.motion.predict_each, letters, energy(read_audio(stereo)), code)
    assert len(take.coefficients) == (1 + (60_000 - 512) // 320) // 2
    np.testing.assert_array_equal(take.coefficients[:, EXPRESSION], expected)
    assert take.meta["compat"] is True
    default = animate(stereo, photo, family, code, where_the_face_is).take
    assert default.meta["compat"] is False
    assert len(default.coefficients) == (1 + (40_000 - 512) // 320) // 2


def test_compat_differs_at_the_end_only_where_the_sound_is_what_both_hear(family: OriginalFamily) -> None:
    waveform = np.random.default_rng(7).normal(0, 0.1, 48_000).astype(np.float32)
    style = np.linspace(-1, 1, 135, dtype=np.float32)
    default = perform(waveform, family, style)["expression"]
    compat = perform(waveform, family, style, compat_sound=listen(waveform[:, None], 16_000, compat=True))["expression"]
    np.testing.assert_allclose(compat[:-32], default[:-32], rtol=0, atol=1e-4)
    assert np.abs(compat[-32:] - default[-32:]).max() > 1e-3


def test_compat_refuses_what_the_original_could_not_take(
    family: OriginalFamily, where_the_face_is: original.Finder, photo: Path, styles: str, tmp_path: Path
) -> None:
    noise = np.random.default_rng(8).normal(0, 0.1, 48_000)
    soundfile.write(tmp_path / "voice.flac", noise, 16_000)
    soundfile.write(tmp_path / "short.wav", noise[:16_000], 16_000, subtype="PCM_16")
    for name, error, said in (("voice.flac", SoundError, "16-bit"), ("short.wav", SlidingError, r"1\.28 s")):
        with pytest.raises(error, match=said):
            animate(tmp_path / name, photo, family, read_code(f"{styles}#0"), where_the_face_is, compat=True)


def test_a_pose_network_moves_the_head_about_the_photos_pose(
    family: OriginalFamily, where_the_face_is: original.Finder, voice: Path, photo: Path, styles: str
) -> None:
    code = read_code(f"{styles}#1")
    still = animate(voice, photo, family, code, where_the_face_is).take
    moving = animate(voice, photo, with_pose(family), code, where_the_face_is).take
    motion = perform(read_audio(voice), with_pose(family), code)
    assert moving.meta["models"]["pose"] == "pose-fusion"
    assert "pose" not in still.meta["models"]
    others = np.r_[ANGLES, TRANSLATION]
    np.testing.assert_array_equal(
        np.delete(moving.coefficients, others, axis=1), np.delete(still.coefficients, others, axis=1)
    )
    assert (moving.coefficients[:, others].std(axis=0) > 1e-4).all()
    np.testing.assert_allclose(
        moving.coefficients[:, ANGLES], turned_about(motion["angles"], still.coefficients[0, ANGLES]), atol=1e-6
    )
    np.testing.assert_allclose(
        moving.coefficients[:, TRANSLATION] - still.coefficients[:, TRANSLATION], motion["translation"], atol=1e-5
    )
    assert np.abs(motion["translation"].mean(axis=0)[0] - 0.05) < 0.1  # the scale's mean counts


def test_compat_puts_the_networks_pose_in_place_of_the_photos(
    family: OriginalFamily, where_the_face_is: original.Finder, voice: Path, photo: Path, styles: str
) -> None:
    code = read_code(f"{styles}#1")
    take = animate(voice, photo, with_pose(family), code, where_the_face_is, compat=True).take
    motion = perform(read_audio(voice), with_pose(family), code, compat_sound=listen(*read_wav(voice), compat=True))
    np.testing.assert_array_equal(take.coefficients[:, ANGLES], motion["angles"])
    np.testing.assert_array_equal(take.coefficients[:, TRANSLATION], motion["translation"])


def test_the_command_uses_both(
    added: original.Finder, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(original.seeded(StyleFusionModel(7)), tmp_path / "pose.pkl")
    (tmp_path / "scale.json").write_text(json.dumps(SCALE), encoding="utf-8")
    assert cli.main(["models", "add", "pose-fusion", str(tmp_path / "pose.pkl"), str(tmp_path / "scale.json")]) == 0
    capsys.readouterr()
    take = take_file.load(delivery.make(capsys, *words, "--compat", "--formats", "")["take"])
    assert take.meta["compat"] is True
    assert take.meta["models"]["pose-fusion"] == model_store._sha256(model_store.installed("pose-fusion"))
    assert (take.coefficients[:, ANGLES].std(axis=0) > 1e-4).all()


def test_compat_belongs_to_the_original_family(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["animate", "--compat", "--audio", "v.wav", "--out", str(tmp_path / "out"), "--quiet"]) == 1
    said = capsys.readouterr().err
    assert "--family original" in said and said.count("\n") == 1
    assert not (tmp_path / "out").exists()


@needs(GOLDEN / "deepspeech")
@pytest.mark.parametrize("name", ["mono_7p3s", "stereo_1p5s"])
def test_golden_recordings_are_heard_as_the_original_heard_them(family: OriginalFamily, name: str) -> None:
    weights = np.load(GOLDEN / "deepspeech" / "deepspeech_small_weights.npz")
    heard = np.load(GOLDEN / "deepspeech" / "deepspeech_small_io.npz")[f"{name.split('_')[0]}_prob"]
    loudness = np.load(GOLDEN / "audio" / f"{name}_energy.npz")
    speech = network_from_variables({key.replace("__", "/"): weights[key] for key in weights.files})
    style, path = np.linspace(-1, 1, 135, dtype=np.float32), GOLDEN / "audio" / f"{name}.wav"
    sound = listen(*read_wav(path), compat=True)
    ours = perform(read_audio(path), replace(family, speech=speech), style, compat_sound=sound)["expression"]
    expected = slide_compat(family.motion.predict_each, heard, loudness["audio_energy"], style)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=5e-4)
