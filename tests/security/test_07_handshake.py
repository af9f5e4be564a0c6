"""Promise 7: another protocol, an unknown field and an unknown name are errors, and nothing is silently replaced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.motions import MOTIONS
from backend.server.guard import PROTOCOL
from models.motion.style_choice import builtin
from models.motion.style_file import to_json
from tests.backend.server.conftest import Real
from tests.security.conftest import ask, code, request

VOICE = {"upload": "voice"}
GOOD: dict[str, Any] = {"kind": "animate", "audio": VOICE}
OTHERS = (
    None,
    "",
    "0",
    str(PROTOCOL + 1),
    f"{PROTOCOL}.0",
    f"0{PROTOCOL}",
    f"+{PROTOCOL}",
    f"v{PROTOCOL}",
    "\xb9",
    "*",
)


def _told(real: Real, asked: Any, voice: Path, **files: bytes) -> tuple[int, str]:
    error = (answer := real.post(asked, voice=voice, **files)).json()["error"]
    assert error["message"] and error["advice"], error
    return answer.status_code, error["code"]


@pytest.mark.parametrize("protocol", OTHERS)
def test_every_route_refuses_another_protocol(real: Real, protocol: str | None) -> None:
    paths = [path for path in real.http.get("/openapi.json").json()["paths"] if path not in {"/docs"}]
    assert len(paths) >= 11
    for path in (*paths, "/v1/nothing"):
        for verb in ("GET", "POST", "DELETE"):
            asked = request(real, f"{verb} {path} HTTP/1.1", X_Style_Avatar_Protocol=protocol)
            assert code(ask(real, asked)) == (426, "wrong_protocol"), (verb, path)


def test_two_protocols_at_once_are_refused(real: Real) -> None:
    good = request(real)
    assert ask(real, good)[0] == 200
    twice = good.replace(b"Connection: close", b"X-Style-Avatar-Protocol: 2\r\nConnection: close")
    assert code(ask(real, twice)) == (426, "wrong_protocol")


def test_the_server_says_which_protocol_it_speaks(real: Real) -> None:
    assert real.runtime["protocol"] == real.http.get("/v1/health/ready").json()["protocol"] == PROTOCOL
    answer = ask(real, request(real, X_Style_Avatar_Protocol="999"))
    assert f"protocol {PROTOCOL}" in json.loads(answer[2])["error"]["message"]


@pytest.mark.parametrize(
    "asked",
    [
        {**GOOD, "styel": "calm"},
        {**GOOD, "Style": "calm"},
        {**GOOD, "style ": "calm"},
        {**GOOD, "video": VOICE},
        {**GOOD, "name": "x"},
        {**GOOD, "": 1},
        {**GOOD, "__class__": "x"},
        {**GOOD, "audio": {**VOICE, "name": "x"}},
        {**GOOD, "person": {"identity": [0.0] * 80, "albedo": [0.0] * 80, "gamma": [0.0] * 27, "texture": 1}},
        {"kind": "measure", "video": VOICE, "name": "x", "style": "calm"},
    ],
)
def test_unknown_fields_are_errors(real: Real, voice: Path, asked: dict[str, Any]) -> None:
    assert _told(real, asked, voice) == (422, "unknown_field")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"style": "clam"}, (422, "bad_style")),
        ({"style": "calmm"}, (422, "bad_style")),
        ({"style": "c\u0430lm"}, (422, "bad_style")),
        ({"style": "calm+sad"}, (422, "bad_style")),
        ({"style": "../calm.json"}, (422, "bad_style")),
        ({"style": {}}, (422, "bad_style")),
        ({"style": {**to_json(builtin("calm")), "extra": 1}}, (422, "bad_style")),
        ({"style": {**to_json(builtin("calm")), "format_version": 2}}, (422, "bad_style")),
        ({"style": {**to_json(builtin("calm")), "parameters": {"jow": 1.0}}}, (422, "bad_style")),
        ({"sliders": {"jow": 1.0}}, (422, "bad_style")),
        ({"sliders": {"Jaw": 1.0}}, (422, "bad_style")),
        ({"face_model": "bfm09"}, (400, "bad_request")),
        ({"face_model": "open_head "}, (400, "bad_request")),
        ({"motion": "network"}, (400, "bad_request")),
        ({"motion": "Learned"}, (400, "bad_request")),
        ({"kind": "Animate"}, (400, "bad_request")),
        ({"kind": None}, (400, "bad_request")),
    ],
)
def test_unknown_names_are_errors(real: Real, voice: Path, field: dict[str, Any], expected: tuple[int, str]) -> None:
    assert _told(real, {**GOOD, **field}, voice) == expected


@pytest.mark.parametrize(
    "field",
    [
        {"seed": "1"},
        {"seed": 1.5},
        {"seed": True},
        {"seed": -1},
        {"seed": 2**63},
        {"sliders": {"jaw": "1"}},
        {"sliders": {"jaw": 2.1}},
        {"sliders": []},
        {"style": None},
        {"motion": None},
        {"motion": True},
        {"style": ["calm"]},
        {"transcript": 5},
        {"audio": None},
        {"audio": "voice"},
        {"audio": {}},
        {"audio": {"upload": "voice", "path": "/x"}},
        {"person": {"identity": [0.0] * 79, "albedo": [0.0] * 80, "gamma": [0.0] * 27}},
        {"image": VOICE, "person": {"identity": [0.0] * 80, "albedo": [0.0] * 80, "gamma": [0.0] * 27}},
    ],
)
def test_values_of_another_kind_are_not_converted(real: Real, voice: Path, field: dict[str, Any]) -> None:
    assert _told(real, {**GOOD, **field}, voice) == (400, "bad_request")


def test_a_part_that_nothing_names_is_an_error(real: Real, voice: Path) -> None:
    assert _told(real, GOOD, voice, photo=b"not named") == (422, "unknown_field")
    assert _told(real, {**GOOD, "image": {"upload": "photo"}}, voice) == (400, "bad_request")


def test_a_key_that_is_given_twice_is_an_error(real: Real, voice: Path) -> None:
    text = json.dumps(GOOD)[:-1] + ', "style": "calm", "style": "sad"}'
    parts = {"request": (None, text, "application/json"), "voice": ("voice.wav", voice.read_bytes(), "audio/wav")}
    answer = real.http.post("/v1/jobs", files=parts)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_mix_knows_its_fields_and_names(real: Real) -> None:
    for asked, expected in (
        ({"parts": [{"style": "clam", "share": 1}]}, (422, "bad_style")),
        ({"parts": [{"style": "calm", "share": 1, "wieght": 2}]}, (422, "unknown_field")),
        ({"parts": [{"style": "calm", "share": 1}], "nmae": "x"}, (422, "unknown_field")),
        ({"parts": [{"style": "calm", "share": "1"}]}, (400, "bad_request")),
        ({"parts": []}, (400, "bad_request")),
    ):
        answer = real.http.post("/v1/styles/mix", json=asked)
        assert (answer.status_code, answer.json()["error"]["code"]) == expected, (asked, answer.text)


def test_nothing_that_was_refused_became_a_job(real: Real, voice: Path) -> None:
    before = real.http.get("/v1/jobs").json()
    for field in ({"styel": "calm"}, {"style": "clam"}, {"seed": "1"}, {"face_model": "bfm09"}):
        _told(real, {**GOOD, **field}, voice)
    assert real.http.get("/v1/jobs").json() == before


def test_what_was_asked_is_what_is_made(real: Real, voice: Path) -> None:
    job = real.wait(real.animate(voice, style="sad", seed=7))
    assert (job["state"], job["result"]["style"], job["result"]["face_model"]["name"]) == ("done", "sad", "open_head")
    for motion in MOTIONS:
        result = real.wait(real.animate(voice, motion=motion))["result"]
        assert result["motion"] == motion
    job = real.wait(real.animate(voice, style=" Sad"))  # the same name, and told as what it is
    assert (job["state"], job["result"]["style"]) == ("done", "sad")
