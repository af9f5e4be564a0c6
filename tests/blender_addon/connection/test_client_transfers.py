import errno
import hashlib
import json
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from blender_addon.files import head_file
from blender_addon.trouble import BackendGone, BadAnswer, ClientError
from tests.blender_addon import fake_backend as fake_module
from tests.blender_addon.fake_backend import (
    JOB,
    FakeBackend,
    document,
    error,
    file,
    form_parts,
    job,
    raw,
    reply,
    running,
)

JOBS, TAKE = ("POST", "/v1/jobs"), ("GET", f"/v1/jobs/{JOB}/files/take.npz")


@pytest.fixture
def fake() -> Iterator[FakeBackend]:
    with running() as backend:
        yield backend


def test_submit_sends_the_request_and_its_files(fake: FakeBackend, tmp_path: Path) -> None:
    voice, photo = tmp_path / 'vo"ice ü.wav', tmp_path / "photo.png"
    voice.write_bytes(bytes(range(256)) * 3000)
    photo.write_bytes(b"\r\n--\r\n")
    fake.on(*JOBS, document(job("queued"), status=202))
    seen: list[tuple[int, int]] = []
    request = {"kind": "animate", "audio": {"upload": "audio"}, "image": {"upload": "image"}}
    made = fake.client().submit(request, {"audio": voice, "image": photo}, lambda *one: seen.append(one))
    assert made["id"] == JOB
    parts = form_parts(fake.seen[0])
    assert json.loads(parts["request"][1]) == request
    assert parts["audio"] == ("vo%22ice ü.wav", voice.read_bytes())
    assert parts["image"] == ("photo.png", photo.read_bytes())
    assert seen[-1] == (len(fake.seen[0].body), len(fake.seen[0].body))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_an_upload_can_be_given_up_only_before_its_last_byte(fake: FakeBackend, tmp_path: Path) -> None:
    """Else a job would begin that nobody knows the name of."""
    voice, answered = tmp_path / "voice.wav", threading.Event()
    voice.write_bytes(bytes(1 << 20))

    def answer(handler: fake_module.Handler) -> None:
        document(job("queued"), status=202)(handler)
        answered.set()

    def refuse(done: int, total: int) -> None:
        if done == total:
            raise KeyError

    fake.on(*JOBS, answer)
    with pytest.raises(KeyError):
        fake.client().submit({"audio": {"upload": "audio"}}, {"audio": voice}, refuse)
    assert answered.wait(5)
    assert len(fake.seen[0].body) < int(fake.seen[0].headers["Content-Length"])


def test_a_large_file_is_never_in_memory(fake: FakeBackend, tmp_path: Path) -> None:
    voice = tmp_path / "voice.wav"
    with voice.open("wb") as stream:
        stream.truncate(64 << 20)

    def swallow(handler: fake_module.Handler) -> None:
        left = int(handler.headers["Content-Length"])
        while left:
            left -= len(handler.rfile.read1(min(left, 1 << 20)))
        document(job("queued"))(handler)

    swallow.reads_no_body = True  # type: ignore[attr-defined]
    fake.on(*JOBS, swallow)
    fake.routes[JOBS] = swallow
    tracemalloc.start()
    try:
        fake.client(timeout=10).submit({}, {"audio": voice})
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_an_early_refusal_is_read_while_sending(fake: FakeBackend, tmp_path: Path) -> None:
    voice = tmp_path / "voice.wav"
    with voice.open("wb") as stream:
        stream.truncate(256 << 20)

    gave_up = threading.Event()

    def refuse(handler: fake_module.Handler) -> None:
        error(413, "too_large", "The file is too large.", "Shorten it.")(handler)
        fake.released.wait(10)
        gave_up.set()

    refuse.reads_no_body = True  # type: ignore[attr-defined]
    fake.routes[JOBS] = refuse
    sent: list[int] = []

    def slowly(done: int, _total: int) -> None:
        sent.append(done)
        time.sleep(0.001)

    with pytest.raises(ClientError) as caught:
        fake.client().submit({}, {"audio": voice}, slowly)
    assert caught.value.code == "too_large"
    assert not gave_up.is_set()
    assert not sent or sent[-1] < 256 << 20


def test_what_cannot_be_sent_is_told(fake: FakeBackend, tmp_path: Path) -> None:
    with pytest.raises(ClientError) as caught:
        fake.client().submit({}, {"audio": tmp_path / "gone.wav"})
    assert caught.value.code == "cannot_read"
    with pytest.raises(ClientError) as caught:
        fake.client().submit({}, {"audio": tmp_path})
    assert caught.value.code == "cannot_read"
    with pytest.raises(ClientError) as caught:
        fake.client().submit({"sliders": {"lips": float("nan")}}, {})
    assert caught.value.code == "bad_request"
    assert fake.seen == []


def test_a_transfer_ends_when_its_listener_raises(fake: FakeBackend, tmp_path: Path) -> None:
    voice = tmp_path / "voice.wav"
    voice.write_bytes(bytes(1 << 20))
    fake.on(*JOBS, document(job("queued")))

    def stop(*_: int) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        fake.client().submit({}, {"audio": voice}, stop)


def test_download_is_whole_and_checked(fake: FakeBackend, tmp_path: Path) -> None:
    data = bytes(range(256)) * 4000
    fake.on(*TAKE, file(data))
    seen: list[tuple[int, int]] = []
    fake.client().download(JOB, "take.npz", tmp_path / "new" / "take.npz", lambda *one: seen.append(one))
    assert (tmp_path / "new" / "take.npz").read_bytes() == data
    assert seen[-1] == (len(data), len(data))
    fake.on(*TAKE, reply(200, data))  # no ETag, but the job said the hash
    sha256 = hashlib.sha256(data).hexdigest()
    fake.client().download(JOB, "take.npz", tmp_path / "take.npz", sha256=sha256)
    assert (tmp_path / "take.npz").read_bytes() == data


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (file(b"x" * 1000, length=5000), BackendGone),
        (file(b"x" * 1000, sha256="0" * 64), BadAnswer),
        (reply(200, b"x" * 1000), BadAnswer),
        (raw(b"HTTP/1.1 200 OK\r\n\r\nxxx"), BadAnswer),
        (error(404, "not_found", "No such file.", ""), ClientError),
    ],
    ids=["truncated", "other hash", "no hash", "no length", "refused"],
)
def test_a_failed_download_leaves_the_old_file(
    fake: FakeBackend, tmp_path: Path, answer: fake_module.Answer, kind: type[ClientError]
) -> None:
    (tmp_path / "take.npz").write_bytes(b"old")
    fake.on(*TAKE, answer)
    with pytest.raises(kind):
        fake.client().download(JOB, "take.npz", tmp_path / "take.npz")
    assert [one.name for one in tmp_path.iterdir()] == ["take.npz"]
    assert (tmp_path / "take.npz").read_bytes() == b"old"


def test_a_disk_that_takes_nothing_is_told(fake: FakeBackend, tmp_path: Path) -> None:
    fake.on(*TAKE, file(b"x" * 1000))

    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ClientError) as caught:
        fake.client().download(JOB, "take.npz", tmp_path / "take.npz", full)
    assert caught.value.code == "disk_full"
    (tmp_path / "file").write_text("")
    with pytest.raises(ClientError) as caught:
        fake.client().download(JOB, "take.npz", tmp_path / "file" / "take.npz")
    assert caught.value.code == "cannot_write"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_the_face_model_is_the_one_asked_for(fake: FakeBackend, head_path: Path, tmp_path: Path) -> None:
    sha256 = head_file.load(head_path).sha256
    fake.on("GET", f"/v1/face-models/{sha256}/geometry", reply(200, head_path.read_bytes()))
    fake.client().download_face_model(sha256, tmp_path / "head.npz")
    assert head_file.load(tmp_path / "head.npz").sha256 == sha256
    other = "0" * 64
    fake.on("GET", f"/v1/face-models/{other}/geometry", reply(200, head_path.read_bytes()))
    with pytest.raises(BadAnswer):
        fake.client().download_face_model(other, tmp_path / "other.npz")
    assert [one.name for one in tmp_path.iterdir()] == ["head.npz"]
