import numpy as np
import pytest
import soundfile

from models.speech.energy import EnergyError, energy, stream_energy
from tests.golden import GOLDEN, needs

FOLDER = GOLDEN / "audio"
needs_golden = needs(FOLDER)


@pytest.mark.parametrize(("samples", "values"), [(512, 1), (831, 1), (832, 2), (16000, 49)])
def test_number_of_values(samples, values):
    assert energy(np.ones(samples, np.float32)).shape == (values, 1)


def test_a_sine_has_its_root_mean_square():
    sine = 0.5 * np.sin(2 * np.pi * 500 * np.arange(8000) / 16000)  # 32 ms hold whole periods
    assert np.allclose(energy(sine), 0.5 / np.sqrt(2), atol=1e-6)


def test_a_value_belongs_to_its_512_samples():
    sound = np.zeros(3200, np.float32)
    sound[1100] = 1.0
    assert np.flatnonzero(energy(sound)).tolist() == [2, 3]


@pytest.mark.parametrize("size", [1, 100, 512, 5000])
def test_cuts_between_chunks_leave_no_trace(size):
    sound = np.random.default_rng(1).normal(size=4321).astype(np.float32)
    chunks = [sound[at : at + size] for at in range(0, len(sound), size)]
    assert np.array_equal(np.concatenate(list(stream_energy(chunks))), energy(sound))


def test_bad_sound_is_named():
    with pytest.raises(EnergyError, match="at least 512 samples"):
        energy(np.zeros(511, np.float32))
    with pytest.raises(EnergyError, match=r"shape \(N,\)"):
        energy(np.zeros((600, 2), np.float32))
    with pytest.raises(EnergyError, match="floating point"):
        energy(np.zeros(600, np.int16))
    with pytest.raises(EnergyError, match="NaN"):
        energy(np.full(600, np.nan, np.float32))


@needs_golden
@pytest.mark.parametrize("name", ["mono_7p3s", "stereo_1p5s"])
def test_golden_energy(name):
    if not (FOLDER / f"{name}.wav").is_file():
        pytest.skip(f"golden audio/{name}.wav is not here")
    channels, rate = soundfile.read(FOLDER / f"{name}.wav", dtype="float32", always_2d=True)
    golden = np.load(FOLDER / f"{name}_energy.npz")
    assert rate == 16000
    assert channels.shape == (int(golden["n_samples"]), int(golden["n_channels"]))
    assert np.allclose(energy(channels.mean(axis=1)), golden["audio_energy"], rtol=0, atol=1e-6)
