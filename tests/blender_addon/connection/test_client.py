import json
import socket
import time
from collections.abc import Iterator

import pytest

from blender_addon.connection.client import Backend
from blender_addon.trouble import BackendGone, BadAnswer, ClientError, WrongProtocol
from tests.blender_addon import fake_backend as fake_module
from tests.blender_addon.fake_backend import (
    JOB,
    TOKEN,
    FakeBackend,
    document,
    error,
    events,
    job,
    raw,
    reply,
    running,
)

READY = {"ready": True, "version": "0.1.0", "protocol": 1, "device": {"kind": "cpu", "name": "x"}, "worker": "idle"}


HEALTH = ("GET", "/v1/health/ready")


@pytest.fixture
def fake() -> Iterator[FakeBackend]:
    with running() as backend:
        yield backend


def test_requests_carry_token_and_protocol_and_ignore_proxies(
    fake: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    fake.on(*HEALTH, document(READY))
    assert fake.client().ready() == READY
    headers = fake.seen[0].headers
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["X-Style-Avatar-Protocol"] == "1"
    assert headers["Host"] == f"127.0.0.1:{fake.port}"
    assert "Origin" not in headers


def test_not_ready_is_an_answer(fake: FakeBackend) -> None:
    fake.on(*HEALTH, document(READY | {"ready": False, "worker": "starting"}, status=503))
    assert fake.client().ready()["worker"] == "starting"


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(BackendGone) as caught:
        Backend(port, TOKEN).ready()
    assert (caught.value.code, caught.value.advice) == ("backend_gone", "Start the backend.")


def test_a_hanging_backend_is_given_up(fake: FakeBackend) -> None:
    fake.on(*HEALTH, fake.hang)
    with pytest.raises(BackendGone) as caught:
        fake.client(timeout=0.2).ready()
    assert caught.value.code == "no_answer"


def test_a_dripping_answer_is_given_up(fake: FakeBackend) -> None:
    drops: list[object] = [b"x", lambda: time.sleep(0.1)] * 100
    fake.on(*HEALTH, events(*drops))  # type: ignore[arg-type]
    with pytest.raises(BackendGone) as caught:
        fake.client(timeout=0.2).ready()
    assert caught.value.code == "no_answer"


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"220 mail.example.org ESMTP\r\n"),
        reply(200, b"<html>"),
        reply(200, b"[1, 2]"),
        reply(200, b"[" * 100_000),
        reply(200, b" " * (17 << 20)),
    ],
    ids=["not HTTP", "not JSON", "a list", "deep", "long"],
)
def test_garbage_is_told(fake: FakeBackend, answer: fake_module.Answer) -> None:
    fake.on(*HEALTH, answer)
    with pytest.raises(BadAnswer):
        fake.client().ready()


@pytest.mark.parametrize("answer", [reply(200, b'{"ready"', length=500), raw(b""), raw(b"HTTP/1.1 200 OK\r\nConte")])
def test_an_answer_cut_short_is_told(fake: FakeBackend, answer: fake_module.Answer) -> None:
    fake.on(*HEALTH, answer)
    with pytest.raises(ClientError) as caught:
        fake.client().ready()
    assert caught.value.code in {"backend_gone", "bad_answer"}


def test_a_refusal_keeps_the_backends_words(fake: FakeBackend) -> None:
    fake.on(*HEALTH, error(401, "unauthorised", "The token is wrong.", "Start the backend again.", "more"))
    with pytest.raises(ClientError) as caught:
        fake.client().ready()
    found = caught.value
    assert (found.code, found.message, found.advice, found.details) == (
        "unauthorised",
        "The token is wrong.",
        "Start the backend again.",
        "more",
    )
    assert str(found) == "The token is wrong. Start the backend again."
    for path in ("/v1/health/ready", "/v1/styles"):
        fake.on("GET", path, error(503, "missing_model", "The weights are missing.", "Install again."))
    for asked in (fake.client().ready, fake.client().styles):
        with pytest.raises(ClientError, match="weights are missing"):
            asked()
    fake.on(*HEALTH, reply(500, b"Internal Server Error"))
    with pytest.raises(ClientError, match=r"refused the request \(500\)"):
        fake.client().ready()


@pytest.mark.parametrize("answer", [error(426, "wrong_protocol", "No.", "Update."), document(READY | {"protocol": 2})])
def test_another_protocol_is_told(fake: FakeBackend, answer: fake_module.Answer) -> None:
    fake.on(*HEALTH, answer)
    with pytest.raises(WrongProtocol):
        fake.client().ready()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        job("dancing"),
        job("done", files=[{"name": "../../evil.py"}]),
        job("done", files=["x"]),
        job("done", result=3),
    ],
)
def test_what_is_not_a_job_is_refused(fake: FakeBackend, answer: dict[str, object]) -> None:
    fake.on("GET", f"/v1/jobs/{JOB}", document(answer))
    with pytest.raises(BadAnswer):
        fake.client().job(JOB)


def test_the_other_routes(fake: FakeBackend) -> None:
    client, styles = fake.client(), {"styles": [{"name": "calm"}], "sliders": ["lips"]}
    fake.on("GET", "/v1/styles", document(styles))
    fake.on("POST", "/v1/styles/mix", document({"format": "style"}))
    fake.on("GET", "/v1/jobs", document({"jobs": [job("done"), job("queued")]}))
    fake.on("POST", f"/v1/jobs/{JOB}/cancel", document(job("cancelled")))
    fake.on("DELETE", f"/v1/jobs/{JOB}", raw(b"HTTP/1.1 204 No Content\r\n\r\n"))
    fake.on("GET", "/v1/face-models", document({"face_models": {}}))
    assert client.styles() == styles
    assert client.mix([("calm", 0.25), ({"own": 1}, 0.75)], "blend") == {"format": "style"}
    assert json.loads(fake.seen[-1].body) == {
        "parts": [{"style": "calm", "share": 0.25}, {"style": {"own": 1}, "share": 0.75}],
        "name": "blend",
    }
    assert [one["state"] for one in client.jobs()] == ["done", "queued"]
    assert client.cancel(JOB)["state"] == "cancelled"
    client.forget(JOB)
    with pytest.raises(BadAnswer, match="face_models"):
        client.face_models()
    with pytest.raises(ClientError) as caught:
        client.mix([("calm", float("inf"))])
    assert caught.value.code == "bad_request"
