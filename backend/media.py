"""Sound in and video out: any audio or video container to 16 kHz mono, frames and sound to an MP4.

Everything streams through PyAV (ffmpeg) in constant memory; resampling is soxr's, whose output is aligned with its
input.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
import soxr
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from backend.containers import open_input
from backend.pace import TooSlowError, paced
from backend.told import ToldError
from models.whole_file import whole_file

Waveform = NDArray[np.float32]

SAMPLE_RATE: Final = 16000
CHUNK_SECONDS: Final = 5.0
SILENCE_PEAK: Final = 10 ** (-60 / 20)  # quieter than this everywhere (-60 dBFS) is a silent recording
VIDEO_SOUND_RATE: Final = 48000
SLOWEST: Final = 0.1  # seconds of decoding a second of sound; usual are 0.01 and less
_SHORTFALL: Final = 0.5  # seconds that may be missing against the length a file declares


class AudioError(ToldError):
    """A recording cannot be used; the message says which file, why, and what to do."""


class VideoError(ToldError):
    """A video cannot be read or written; the message says why and, where it was given, what to do."""


def stream_audio(
    path: str | Path, sample_rate: int = SAMPLE_RATE, chunk_seconds: float = CHUNK_SECONDS
) -> Iterator[Waveform]:
    """The sound of any audio or video file as mono float32 chunks of `chunk_seconds`, the last one shorter.

    Each chunk is (chunk_seconds · sample_rate,), full scale ±1. Channels are averaged. Memory does not grow with the
    length of the file.

    Raises:
        AudioError: no such file, not audio, no audio stream, damaged or cut short, no samples, NaN or infinity, or so
            made that decoding takes very long. Damage behind the start is found when the reading gets there.
    """
    if chunk_seconds <= 0 or sample_rate <= 0:
        raise ValueError(f"expected positive chunk_seconds and sample_rate, got {chunk_seconds} and {sample_rate}")
    return _regroup(_resampled(Path(path), sample_rate), max(int(chunk_seconds * sample_rate), 1))


def read_audio(path: str | Path, sample_rate: int = SAMPLE_RATE) -> Waveform:
    """The whole sound of a file, (N,) float32 mono; see `stream_audio` for the errors."""
    return np.concatenate(list(stream_audio(path, sample_rate)))


def check_speech_level(waveform: Waveform) -> None:
    """Accept a waveform that holds sound.

    Raises:
        AudioError: its peak stays below -60 dBFS (digital silence, or a microphone that was off).
    """
    for _ in require_sound([waveform]):
        pass


def require_sound(chunks: Iterable[Waveform]) -> Iterator[Waveform]:
    """Pass chunks on unchanged.

    Raises:
        AudioError: at the end, when no chunk's peak reached -60 dBFS.
    """
    peak = 0.0
    for chunk in chunks:
        peak = max(peak, float(np.abs(chunk).max(initial=0.0)))
        yield chunk
    if peak < SILENCE_PEAK:
        raise AudioError("the recording is silent; check the microphone or give another file", "audio_silent")


def at_most(chunks: Iterable[Waveform], seconds: float) -> Iterator[Waveform]:
    """Pass chunks at 16 kHz on unchanged; what a file declares need not be what it holds.

    Raises:
        AudioError: once they last longer than `seconds`.
    """
    samples = 0
    for chunk in chunks:
        samples += len(chunk)
        if samples > seconds * SAMPLE_RATE:
            limit = seconds / 3600
            raise AudioError(
                f"the recording is longer than {limit:g} hours; cut it into parts", "audio_too_long", limit=limit
            )
        yield chunk


def expected_seconds(path: str | Path) -> float:
    """How long a file says its sound is, for a progress bar; 0 where it does not say or cannot be read."""
    try:
        with open_input(Path(path)) as container:
            return float(container.duration or 0) / av.time_base
    except (av.error.FFmpegError, UnicodeDecodeError):
        return 0.0


def audio_sha256(path: str | Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal.

    Raises:
        AudioError: the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioError(f"cannot read {path}: {error.strerror}", "audio_unreadable", file=Path(path).name) from error


def _resampled(path: Path, sample_rate: int) -> Iterator[Waveform]:
    """Mono blocks at `sample_rate`, of whatever length the decoder and resampler give."""
    resampler: soxr.ResampleStream | None = None
    samples = 0
    for block, rate in _decoded(path):
        resampler = resampler or soxr.ResampleStream(rate, sample_rate, 1, dtype="float32")
        samples += len(block)
        yield resampler.resample_chunk(block)
    if resampler is None or not samples:
        raise AudioError(f"{path} holds no sound (zero length)", "audio_empty", file=path.name)
    yield resampler.resample_chunk(np.empty(0, np.float32), last=True)


def _decoded(path: Path) -> Iterator[tuple[Waveform, int]]:
    """Mono blocks at the file's own rate, and that rate."""
    if not path.is_file():
        raise AudioError(f"there is no file {path}; check its name and folder", "audio_missing", file=path.name)
    try:
        with open_input(Path(path)) as container:
            yield from _decoded_stream(container, path)
    except TooSlowError as error:
        message = f"{path} takes too long to decode ({error}); convert it to WAV or FLAC"
        raise AudioError(message, "audio_slow", file=path.name) from error
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioError(
            f"{path} is not a readable audio or video file ({reason}); convert it to WAV or FLAC",
            "audio_unreadable",
            file=path.name,
        ) from error


def _decoded_stream(container: InputContainer, path: Path) -> Iterator[tuple[Waveform, int]]:
    if not container.streams.audio:
        raise AudioError(f"{path} has no audio stream; give a file with sound", "audio_no_sound", file=path.name)
    stream = container.streams.audio[0]
    rate = stream.rate
    planar = AudioResampler(format="fltp", layout=stream.layout, rate=rate)  # sample format only, not the rate
    samples = 0
    for frame in paced(container.decode(stream), lambda frame: frame.samples / rate, SLOWEST):
        for converted in planar.resample(frame):
            block = converted.to_ndarray().mean(axis=0, dtype=np.float32)
            if not np.isfinite(block).all():
                at = round(samples / rate, 2)
                message = f"{path} holds NaN or infinite samples near {at:.2f} s; export it again"
                raise AudioError(message, "audio_not_numbers", file=path.name, seconds=at)
            samples += len(block)
            yield block, rate
    declared = _declared_seconds(stream, path)
    if declared - samples / rate > max(_SHORTFALL, 0.02 * declared):
        raise AudioError(
            f"{path} is cut short: it declares {declared:.1f} s of sound but holds {samples / rate:.1f} s; "
            "copy or export it again",
            "audio_cut_short",
            file=path.name,
            declared=round(declared, 1),
            held=round(samples / rate, 1),
        )


def _declared_seconds(stream: AudioStream, path: Path) -> float:
    """The length the file says it has, or 0 where it says none.

    A WAV header is read here because ffmpeg quietly shortens the declared length to what the file holds.
    """
    if path.suffix.lower() == ".wav":
        return _wav_seconds(path)
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0


def _wav_seconds(path: Path) -> float:
    """Length by the `data` chunk's own size in a RIFF file; 0 for a streamed one that leaves the size open."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or len(file.read(8)) != 8:
            return 0.0
        bytes_per_second = 0
        while len(head := file.read(8)) == 8:
            name, size = head[:4], int.from_bytes(head[4:], "little")
            if name == b"data":
                open_ended = size >= 0xFFFFFF00 or size == 0
                return 0.0 if open_ended or not bytes_per_second else size / bytes_per_second
            body = file.read(size + size % 2)
            if name == b"fmt ":
                bytes_per_second = int.from_bytes(body[8:12], "little")
    return 0.0


def _regroup(blocks: Iterable[Waveform], length: int) -> Iterator[Waveform]:
    """Blocks of any length as blocks of exactly `length`, the last one shorter."""
    held: list[Waveform] = []
    count = 0
    for block in blocks:
        held.append(block)
        count += len(block)
        if count >= length:
            joined = np.concatenate(held)
            whole = count // length * length
            yield from np.split(joined[:whole], whole // length)
            held, count = [joined[whole:]], count - whole
    if count:
        yield np.concatenate(held)


def write_video(
    path: str | Path,
    frames: Iterable[NDArray[np.uint8]],
    fps: float,
    audio_path: str | Path | None = None,
) -> None:
    """Write frames, each (height, width, 3) RGB, and the sound of `audio_path` as an H.264/AAC MP4 that plays anywhere.

    Odd sizes gain one repeated row or column, as 4:2:0 video needs even ones; the sound is AAC at 48 kHz mono, cut or
    padded with silence to the length of the video. The file appears whole or not at all.

    Raises:
        VideoError: no frames, a frame of another shape or type, or a target that cannot be written.
        AudioError: the sound cannot be read.
    """
    path = Path(path)
    try:
        with (
            whole_file(path) as partial,
            av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"}) as container,
        ):
            _encode(container, iter(frames), frame_rate(fps), audio_path)
    except av.error.FFmpegError as error:
        raise VideoError(f"cannot write {path}: {error.strerror}") from error


def _encode(
    container: OutputContainer, frames: Iterator[NDArray[np.uint8]], rate: Fraction, audio_path: str | Path | None
) -> None:
    """Encode frames and sound side by side, so that neither has to be held."""
    first = next(frames, None)
    if first is None:
        raise VideoError("there are no frames to write")
    shape = _even(first).shape
    video = container.add_stream("libx264", rate=rate, options={"crf": "18", "preset": "veryfast"})
    video.width, video.height, video.pix_fmt = shape[1], shape[0], "yuv420p"
    audio = SoundTrack(container, audio_path) if audio_path is not None else None
    for index, frame in enumerate(itertools.chain([first], frames)):
        image = _even(frame)
        if image.shape != shape:
            raise VideoError(f"expected every frame to be {shape[1]} x {shape[0]}, frame {index} is {frame.shape}")
        container.mux(video.encode(_picture(image, index, rate)))
        if audio:
            audio.write_until((index + 1) / rate)
    container.mux(video.encode(None))
    if audio:
        audio.close()


def frame_rate(fps: float) -> Fraction:
    """The rate as a fraction, 29.97 and its kin as the n · 1000/1001 that they stand for."""
    ntsc = Fraction(round(fps * 1.001) * 1000, 1001)
    return ntsc if abs(float(ntsc) - fps) < 0.005 and fps != round(fps) else Fraction(fps).limit_denominator(1000)


def _picture(image: NDArray[np.uint8], index: int, rate: Fraction) -> VideoFrame:
    picture = VideoFrame.from_ndarray(image, format="rgb24")
    picture.pts, picture.time_base = index, 1 / rate
    return picture


def _even(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The frame with even height and width."""
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise VideoError(f"expected frames of shape (height, width, 3) uint8, got {frame.shape} {frame.dtype}")
    height, width = frame.shape[:2]
    return np.ascontiguousarray(np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge"))


class SoundTrack:
    """The sound of a file as AAC packets, as much of it as the video has come to."""

    def __init__(self, container: OutputContainer, path: str | Path) -> None:
        self._container = container
        self._stream = container.add_stream("aac", rate=VIDEO_SOUND_RATE, layout="mono")
        self._stream.bit_rate = 128_000
        self._chunks = stream_audio(path, VIDEO_SOUND_RATE, 1.0)
        self._held = np.empty(0, np.float32)
        self._written = 0

    def write_until(self, seconds: Fraction) -> None:
        """Encode the sound up to `seconds`, with silence where the file has ended."""
        sample = int(seconds * VIDEO_SOUND_RATE)
        need = sample - self._written
        while len(self._held) < need and (chunk := next(self._chunks, None)) is not None:
            self._held = np.concatenate([self._held, chunk])
        block = np.zeros(need, np.float32)
        block[: len(self._held[:need])] = self._held[:need]
        self._held = self._held[need:]
        frame = AudioFrame.from_ndarray(block[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = VIDEO_SOUND_RATE, self._written
        frame.time_base = Fraction(1, VIDEO_SOUND_RATE)
        self._container.mux(self._stream.encode(frame))
        self._written = sample

    def close(self) -> None:
        """Encode what the codec still holds."""
        self._container.mux(self._stream.encode(None))
