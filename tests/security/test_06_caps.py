"""Promise 6: caps on what is sent, how long sound and video are, how large pictures; NaN and infinity are refused."""

from __future__ import annotations

import json
import socket
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from backend.media import AudioError, Waveform, at_most, expected_seconds
from backend.server.limits import MAX_AUDIO_SECONDS, MAX_BODY, MAX_DOCUMENT, MAX_VIDEO_SECONDS
from models.motion.style_choice import builtin
from models.motion.style_file import StyleFileError, to_json
from models.motion.style_file import load as load_style
from tests.backend.server.conftest import SAFETY, Real
from tests.security.conftest import LINUX, ask, code, request, snapshot, until, warm, worker_of

ANIMATE = '{"kind": "animate", "audio": {"upload": "voice"}'
NOT_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999")


# --- requests -----------------------------------------------------------------------------------------------------


def _spooled(real: Real) -> list[str]:
    """Files that the server holds open though they have no name any more: uploads on their way."""
    handles = Path(f"/proc/{real.process.pid}/fd")
    links = [str(link.readlink()) for link in handles.iterdir() if link.is_symlink()]
    return [link for link in links if link.endswith("(deleted)")]


@pytest.mark.skipif(not LINUX, reason="open files are seen through /proc")
def test_an_upload_that_is_cut_off_leaves_nothing(real: Real, folder: Path) -> None:
    warm(real)
    before, jobs, spooled = snapshot(folder / "data"), real.http.get("/v1/jobs").json(), _spooled(real)
    head = f'--b\r\nContent-Disposition: form-data; name="request"\r\n\r\n{ANIMATE}}}\r\n--b\r\n'
    head += 'Content-Disposition: form-data; name="voice"; filename="voice.wav"\r\n\r\n'
    kind = {"Content_Type": "multipart/form-data; boundary=b"}
    start = request(real, "POST /v1/jobs HTTP/1.1", Content_Length=str(10**9), **kind) + head.encode()
    with socket.create_connection(("127.0.0.1", real.runtime["port"]), SAFETY) as link:
        link.sendall(start + bytes(30 * 2**20))  # more than is held in memory, so that some of it lies on the disk
        until(lambda: len(_spooled(real)) > len(spooled), "an upload on the disk")
    until(lambda: _spooled(real) == spooled, "the upload let go")
    assert real.http.get("/v1/jobs").json() == jobs
    assert _files(snapshot(folder / "data")) == _files(before)


def _files(found: dict[str, Any]) -> set[str]:
    return {name for name in found if not name.endswith(("-shm", "-wal"))}


def test_a_length_beyond_the_cap_is_refused_before_anything_arrives(real: Real) -> None:
    for line, limit in (("POST /v1/jobs", MAX_BODY), ("POST /v1/styles/mix", MAX_DOCUMENT)):
        asked = request(real, f"{line} HTTP/1.1", Content_Length=str(limit + 1))
        assert code(ask(real, asked)) == (413, "too_large")


def test_a_body_that_declares_no_length_is_counted(real: Real) -> None:
    mix = b'{"parts": [{"style": "neutral", "share": 1}]}'
    kind = {"Transfer_Encoding": "chunked", "Content_Type": "application/json"}
    start = request(real, "POST /v1/styles/mix HTTP/1.1", **kind) + b"%x\r\n%s\r\n" % (len(mix), mix)
    spaces = b"10000\r\n" + b" " * 2**16 + b"\r\n"
    assert ask(real, start + spaces + b"0\r\n\r\n")[0] == 200
    answer = ask(real, start + spaces * (MAX_DOCUMENT // 2**16) + b"0\r\n\r\n")
    assert code(answer) in {(413, "too_large"), (400, "bad_request")}  # FastAPI makes a 400 of every interrupted body


def test_a_request_part_beyond_the_cap_is_refused(real: Real, voice: Path) -> None:
    answer = _post(real, f'{ANIMATE}, "transcript": "{"a " * 2**19}"}}', voice)
    assert answer.status_code in {400, 413}, answer.text
    answer = _post(real, f'{ANIMATE}, "transcript": "{"a " * 150_000}"}}', voice)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_named_file_beyond_the_cap_is_not_copied(real: Real, folder: Path) -> None:
    huge = folder / "root" / "huge.wav"
    with huge.open("wb") as file:
        file.truncate(MAX_BODY + 1)  # sparse: takes no room
    before = _files(snapshot(folder / "data"))
    answer = real.post({"kind": "animate", "audio": {"path": str(huge)}})
    huge.unlink()
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert _files(snapshot(folder / "data")) == before


# --- sound --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file with five minutes more of sound than the server takes."""
    path, rate = tmp_path_factory.mktemp("long") / "long.flac", 1000
    minute = (0.1 * np.sin(np.arange(60 * rate) / 5)).astype(np.float32)
    with soundfile.SoundFile(path, "w", rate, 1) as file:
        for _ in range(int(MAX_AUDIO_SECONDS // 60) + 5):
            file.write(minute)
    return path


def test_sound_that_declares_too_much_length_is_refused(real: Real, long_voice: Path) -> None:
    assert expected_seconds(long_voice) > MAX_AUDIO_SECONDS
    job = real.wait(real.animate(long_voice))
    assert (job["state"], job["error"]["code"]) == ("failed", "bad_audio"), job
    assert "hours" in job["error"]["message"] and "Cut it into parts" in job["error"]["advice"]


def test_sound_that_declares_no_length_is_counted(real: Real, long_voice: Path) -> None:
    data = bytearray(long_voice.read_bytes())
    data[21] &= 0xF0  # FLAC's 36 bits for the number of samples, of which 0 means "unknown"
    data[22:26] = bytes(4)
    endless = long_voice.with_name("endless.flac")
    endless.write_bytes(data)
    assert expected_seconds(endless) <= MAX_AUDIO_SECONDS
    # With a transcript all sound is read before the long work, so that the test need not wait for that.
    job = real.wait(real.animate(endless, transcript="So much was never said."))
    assert (job["state"], job["error"]["code"]) == ("failed", "bad_audio"), job
    assert "hours" in job["error"]["message"]


def test_counting_stops_the_reading() -> None:
    asked = 0

    def endless() -> Iterator[Waveform]:
        nonlocal asked
        while True:
            asked += 1
            yield np.ones(16000, np.float32)

    with pytest.raises(AudioError, match="longer than"):
        list(at_most(endless(), 10.0))
    assert asked == 11
    assert sum(map(len, at_most([np.ones(16000, np.float32)] * 10, 10.0))) == 160000


# --- video --------------------------------------------------------------------------------------------------------


def _video(path: Path, size: int, *seconds: float) -> Path:
    """Black squares shown at these times, in a few kilobytes."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = size, size, "yuv420p"
        for at in seconds:
            for packet in stream.encode(av.VideoFrame.from_ndarray(np.zeros((size, size, 3), np.uint8), "rgb24")):
                packet.pts = packet.dts = round(at / packet.time_base)
                container.mux(packet)
    return path


@pytest.mark.parametrize(
    ("size", "last", "said", "advice"),
    [
        (64, MAX_VIDEO_SECONDS + 600, "hours", "Cut out the minute"),
        (6100, 0.04, "at most 36 megapixels", "Scale it down"),
    ],
)
def test_a_video_that_is_too_long_or_too_large_is_refused(
    real: Real, tmp_path: Path, size: int, last: float, said: str, advice: str
) -> None:
    clip = _video(tmp_path / "clip.mkv", size, 0.0, last)
    assert clip.stat().st_size < 1_000_000
    warm(real)
    worker = worker_of(real)
    job = real.wait(real.post({"kind": "measure", "video": {"upload": "clip"}, "name": "a"}, clip=clip).json())
    assert (job["state"], job["error"]["code"]) == ("failed", "bad_video"), job
    assert said in job["error"]["message"] and advice in job["error"]["advice"], job["error"]
    assert worker_of(real) == worker


# --- pictures -----------------------------------------------------------------------------------------------------


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(13_000, 13_000), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1)])
def test_a_picture_that_unpacks_to_too_much_is_refused_unread(real: Real, voice: Path, size: tuple[int, int]) -> None:
    width, height = size
    rows = zlib.compress(bytes((width + 1) * height)) if width == 13_000 else zlib.compress(bytes(100))
    warm(real)
    worker = worker_of(real)
    asked = {"kind": "animate", "audio": {"upload": "voice"}, "image": {"upload": "photo"}}
    job = real.wait(real.post(asked, voice=voice, photo=_png(width, height, rows)).json())
    assert (job["state"], job["error"]["code"]) == ("failed", "bad_image"), job
    assert worker_of(real) == worker  # it refused, and did not die of it


# --- numbers ------------------------------------------------------------------------------------------------------


def _post(real: Real, text: str, voice: Path) -> Any:
    parts = {"request": (None, text, "application/json"), "voice": ("voice.wav", voice.read_bytes(), "audio/wav")}
    return real.http.post("/v1/jobs", files=parts)


@pytest.mark.parametrize("number", NOT_NUMBERS)
def test_what_is_no_number_is_refused_in_requests(real: Real, voice: Path, number: str) -> None:
    zeros = json.dumps([0.0] * 79)[1:-1]
    style = json.dumps(to_json(builtin("neutral")))
    assert '"jaw": 1.0' in style
    for field in (
        f'"sliders": {{"jaw": {number}}}',
        f'"seed": {number}',
        f'"person": {{"identity": [{zeros}, {number}], "albedo": [{zeros}, 0.0], "gamma": []}}',
        f'"style": {style.replace(chr(34) + "jaw" + chr(34) + ": 1.0", chr(34) + "jaw" + chr(34) + ": " + number)}',
        f'"style": {{"source": {{"deep": [{number}]}}}}',
    ):
        answer = _post(real, f"{ANIMATE}, {field}}}", voice)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request"), (field, answer.text)
    mix = f'{{"parts": [{{"style": "neutral", "share": {number}}}]}}'
    answer = real.http.post("/v1/styles/mix", content=mix, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_an_abyss_of_brackets_is_refused(real: Real, voice: Path) -> None:
    for depth in (40, 100_000):
        answer = _post(real, f'{ANIMATE}, "style": {{"source": {"[" * depth}{"]" * depth}}}}}', voice)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("number", NOT_NUMBERS)
def test_what_is_no_number_is_refused_in_style_files(tmp_path: Path, number: str) -> None:
    text = json.dumps(to_json(builtin("neutral"))).replace('"jaw": 1.0', f'"jaw": {number}')
    (tmp_path / "style.json").write_text(text)
    np.savez(tmp_path / "style.npz", meta=np.array(text))
    for name in ("style.json", "style.npz"):
        with pytest.raises(StyleFileError):
            load_style(tmp_path / name)


def test_a_style_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "style.npz"
    np.savez_compressed(bomb, meta=np.array("{}"), code=np.zeros(2 * 10**7, np.float32))
    assert bomb.stat().st_size < 200_000
    with pytest.raises(StyleFileError):
        load_style(bomb)
    (tmp_path / "style.json").write_text(" " * 2_000_000 + "{}")
    with pytest.raises(StyleFileError, match="too large"):
        load_style(tmp_path / "style.json")
