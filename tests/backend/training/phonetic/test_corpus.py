"""Reading the corpus's sound files."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from backend.media import AudioError
from backend.training.phonetic.corpus import Clip, sound_of

TONE = (0.3 * np.sin(2 * np.pi * 300 * np.arange(16000) / 16000)).astype(np.float32)


def test_telephone_prompts_are_read_though_users_may_not_send_them(tmp_path: Path) -> None:
    path = tmp_path / "prompt.g722"
    with av.open(str(path), "w", format="g722") as container:
        stream = container.add_stream("g722", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray((TONE * 32767).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate = 16000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    sound = sound_of(Clip("prompt", path, ""))
    assert sound.dtype == np.float32 and len(sound) == len(TONE)
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum.argmax() == 300
    assert np.abs(sound).max() == pytest.approx(0.3, rel=0.1)


def test_other_files_are_read_as_users_are(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", TONE, 16000)
    np.testing.assert_allclose(sound_of(Clip("a", tmp_path / "a.flac", "")), TONE, atol=1e-4)
    with pytest.raises(AudioError):
        sound_of(Clip("b", tmp_path / "b.wav", ""))
