import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from backend import pace
from backend.media import (
    AudioError,
    VideoError,
    audio_sha256,
    check_speech_level,
    read_audio,
    require_sound,
    stream_audio,
    write_video,
)

RATE = 44100
SECONDS = 2.3


def tone(rate: int, seconds: float = SECONDS, hertz: float = 440.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate).astype(np.float32)


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    """A tone, loud on the left and soft on the right: their mean has amplitude 0.3."""
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([0.5 * tone(RATE), 0.1 * tone(RATE)], axis=1), RATE)
    return path


def write_m4a(path: Path, sound: np.ndarray) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def pictures(count: int, height: int = 64, width: int = 80) -> list[np.ndarray]:
    return [np.full((height, width, 3), index % 256, np.uint8) for index in range(count)]


def clicks(path: Path, times: list[float], seconds: float) -> None:
    sound = np.zeros(int(seconds * RATE), np.float32)
    for time in times:
        sound[int(time * RATE) : int(time * RATE) + 40] = 0.9
    soundfile.write(path, sound, RATE)


def test_channels_are_averaged_and_resampled_in_place(stereo: Path):
    sound = read_audio(stereo)
    expected = 0.3 * tone(16000)
    assert sound.dtype == np.float32 and sound.shape == expected.shape
    np.testing.assert_allclose(sound[400:-400], expected[400:-400], atol=1e-3)


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3", "m4a", "mp4"])
def test_every_container_gives_the_same_sound(tmp_path: Path, stereo: Path, suffix: str):
    path = tmp_path / f"sound.{suffix}"
    mono = 0.3 * tone(RATE)
    if suffix == "m4a":
        write_m4a(path, mono)
    elif suffix == "mp4":
        write_video(path, pictures(58), 25, stereo)
    else:
        soundfile.write(path, mono, RATE)
    sound, expected = read_audio(path), read_audio(stereo)
    assert abs(len(sound) - len(expected)) < 2048  # a codec's last block
    middle = slice(2000, 30000)
    assert np.abs(sound[middle] - expected[middle]).max() < 0.03  # in phase: a codec's delay is taken off


def test_content_above_half_the_new_rate_does_not_alias(tmp_path: Path):
    soundfile.write(tmp_path / "high.wav", 0.5 * tone(RATE, hertz=12000.0), RATE)
    assert np.abs(read_audio(tmp_path / "high.wav")[400:-400]).max() < 1e-3


@pytest.mark.parametrize("chunk_seconds", [0.1, 0.37, 5.0])
def test_chunks_have_the_asked_length_and_join_to_the_whole(stereo: Path, chunk_seconds: float):
    chunks = list(stream_audio(stereo, chunk_seconds=chunk_seconds))
    assert {len(chunk) for chunk in chunks[:-1]} <= {int(chunk_seconds * 16000)}
    np.testing.assert_array_equal(np.concatenate(chunks), read_audio(stereo))


def test_streaming_holds_no_more_for_a_longer_file(tmp_path: Path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros((16000 * 120, 1), np.float32), 16000, subtype="PCM_16")
    largest = max(chunk.base.size if chunk.base is not None else chunk.size for chunk in stream_audio(path))
    assert largest < 16000 * 12


def damaged(path: Path, source: Path) -> Path:
    data = source.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(AudioError, match=r"no file .*nowhere\.wav"):
        read_audio(tmp_path / "nowhere.wav")


@pytest.mark.parametrize("content", [b"", b"not a recording at all"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "note.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match="not a readable audio"):
        read_audio(path)


def test_a_video_without_sound_is_refused(tmp_path: Path):
    write_video(tmp_path / "mute.mp4", pictures(5), 25)
    with pytest.raises(AudioError, match="no audio stream"):
        read_audio(tmp_path / "mute.mp4")


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "m4a"])
def test_a_file_cut_short_is_refused(tmp_path: Path, suffix: str):
    whole = tmp_path / f"whole.{suffix}"
    write_m4a(whole, tone(RATE)) if suffix == "m4a" else soundfile.write(whole, tone(RATE), RATE)
    with pytest.raises(AudioError, match=r"cut short|not a readable"):
        read_audio(damaged(tmp_path / f"half.{suffix}", whole))


def test_a_recording_of_no_length_is_refused(tmp_path: Path):
    with wave.open(str(tmp_path / "empty.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
    with pytest.raises(AudioError, match="zero length"):
        read_audio(tmp_path / "empty.wav")


def test_nan_is_refused_with_its_place(tmp_path: Path):
    sound = tone(16000)
    sound[24000] = np.nan
    soundfile.write(tmp_path / "nan.wav", sound, 16000, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"NaN.* 1\.\d+ s"):
        read_audio(tmp_path / "nan.wav")


def test_sound_that_takes_too_long_to_decode_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    soundfile.write(tmp_path / "a.flac", 0.1 * np.sin(np.arange(32_000) / 20), 16_000)
    monkeypatch.setattr(pace, "HEAD_START", -1.0)  # as if a second had been slow
    with pytest.raises(AudioError, match=r"takes too long to decode .*; convert it to WAV"):
        read_audio(tmp_path / "a.flac")


def test_silence_is_refused_and_a_whisper_is_not():
    with pytest.raises(AudioError, match="silent"):
        check_speech_level(np.full(16000, 1e-5, np.float32))
    check_speech_level(0.01 * tone(16000))


def test_silence_is_only_judged_at_the_end():
    chunks = [np.zeros(100, np.float32), np.full(100, 0.5, np.float32)]
    assert [len(chunk) for chunk in require_sound(chunks)] == [100, 100]
    with pytest.raises(AudioError, match="silent"):
        list(require_sound(chunks[:1]))


def test_the_hash_is_of_the_bytes(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"abc")
    assert audio_sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(AudioError, match="cannot read"):
        audio_sha256(tmp_path / "b")


def test_video_has_the_frames_and_an_even_size(tmp_path: Path):
    write_video(tmp_path / "v.mp4", pictures(50, 63, 81), 25)
    with av.open(str(tmp_path / "v.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
    assert len(frames) == 50 and frames[0].shape == (64, 82, 3)
    assert abs(float(frames[49].mean()) - 49) < 4


def test_the_index_comes_first_so_that_players_can_stream(tmp_path: Path):
    write_video(tmp_path / "v.mp4", pictures(5), 25)
    data = (tmp_path / "v.mp4").read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


@pytest.mark.parametrize(("fps", "rate"), [(25, Fraction(25)), (29.97, Fraction(30000, 1001)), (24, Fraction(24))])
def test_frame_rates_are_exact(tmp_path: Path, fps: float, rate: Fraction):
    write_video(tmp_path / "v.mp4", pictures(30), fps)
    with av.open(str(tmp_path / "v.mp4")) as container:
        assert container.streams.video[0].average_rate == rate


def test_sound_stays_where_it_was(tmp_path: Path):
    clicks(tmp_path / "clicks.wav", [0.5, 1.5], 2.0)
    write_video(tmp_path / "v.mp4", pictures(50), 25, tmp_path / "clicks.wav")
    sound = np.abs(read_audio(tmp_path / "v.mp4"))
    for time in (0.5, 1.5):
        start = int((time - 0.2) * 16000)
        assert abs(int(sound[start : start + 6400].argmax()) / 16000 - 0.2) < 0.005


@pytest.mark.parametrize("sound_seconds", [0.6, 3.0])
def test_sound_is_as_long_as_the_video(tmp_path: Path, sound_seconds: float):
    clicks(tmp_path / "clicks.wav", [0.3], sound_seconds)
    write_video(tmp_path / "v.mp4", pictures(40), 25, tmp_path / "clicks.wav")
    assert abs(len(read_audio(tmp_path / "v.mp4")) / 16000 - 1.6) < 0.05


def test_bad_frames_leave_no_file(tmp_path: Path):
    target = tmp_path / "v.mp4"
    for frames in ([], [np.zeros((4, 4), np.uint8)], [*pictures(2), *pictures(1, 32, 32)]):
        with pytest.raises(VideoError):
            write_video(target, frames, 25)
    assert list(tmp_path.iterdir()) == []
