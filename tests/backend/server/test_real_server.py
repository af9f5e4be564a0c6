"""The server as the add-on starts it, with the models: takes, warm voices, streaming, kill -9, a dying parent."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from backend.motions import MOTIONS
from backend.server import exit_codes
from models import take as take_file
from tests.backend.server.conftest import SAFETY, VOICE, Real, launch, only_child, wait_until_gone


def _files(real: Real, job: dict[str, Any]) -> dict[str, bytes]:
    contents = {}
    for file in job["files"]:
        contents[file["name"]] = real.http.get(f"/v1/jobs/{job['id']}/files/{file['name']}").content
        assert hashlib.sha256(contents[file["name"]]).hexdigest() == file["sha256"]
    return contents


def test_a_voice_becomes_a_take_and_another_style_or_motion_needs_no_listening(real: Real, tmp_path: Path) -> None:
    rate = soundfile.info(VOICE).samplerate
    voice = tmp_path / "voice.wav"  # one that no other test has made the server hear
    soundfile.write(voice, soundfile.read(VOICE, start=2 * rate, frames=4 * rate)[0], rate)
    first = real.animate(voice, style="neutral", motion="learned")
    stages = {data["stage"] for kind, data in real.events(first) if kind == "progress"}
    assert {"speech", "motion"} <= stages
    job = real.job(first)
    assert job["state"] == "done", job["error"]
    files = _files(real, job)
    (tmp_path / "take.npz").write_bytes(files["take.npz"])
    take = take_file.load(tmp_path / "take.npz")
    assert take.coefficients.shape == (100, 257) and take.meta["audio"]["name"] == "voice.wav"
    assert job["result"]["face_model"] == take.meta["face_model"]
    assert job["result"]["motion"] == take.meta["models"]["motion"] == "learned"
    assert Image.open(io.BytesIO(files["texture.png"])).size == (1024, 1024)

    for changed in ({"style": "energetic", "sliders": {"head": 0.0}, "motion": "learned"}, {"motion": "articulator"}):
        second = real.animate(voice, **changed)
        stages = {data["stage"] for kind, data in real.events(second) if kind == "progress"}
        assert "speech" not in stages
        (tmp_path / "take.npz").write_bytes(_files(real, real.job(second))["take.npz"])
        other = take_file.load(tmp_path / "take.npz")
        assert other.meta["models"]["motion"] == changed["motion"]
        assert np.abs(other.coefficients[:, 80:144] - take.coefficients[:, 80:144]).max() > 0.05

    again = real.animate(voice, style="neutral", motion="learned")
    assert again["cached"] is True and _files(real, again) == files


def test_a_head_from_the_scene_keeps_its_identity(real: Real, voice: Path, tmp_path: Path) -> None:
    person = {"identity": [0.5] * 80, "albedo": [0.1] * 80, "gamma": [0.0] * 27}
    job = real.wait(real.animate(voice, person=person))
    (tmp_path / "take.npz").write_bytes(_files(real, job)["take.npz"])
    take = take_file.load(tmp_path / "take.npz")
    assert np.allclose(take.coefficients[:, :80], 0.5) and np.allclose(take.coefficients[:, 144:224], 0.1)


def test_the_geometry_of_the_face_model_is_served_by_its_hash(real: Real) -> None:
    (model,) = real.http.get("/v1/face-models").json()["face_models"]
    answer = real.http.get(f"/v1/face-models/{model['sha256']}/geometry")
    assert "immutable" in answer.headers["cache-control"]
    archive = np.load(io.BytesIO(answer.content), allow_pickle=False)
    assert json.loads(str(archive["meta"]))["sha256"] == model["sha256"]


@pytest.mark.parametrize("motion", MOTIONS)
def test_frames_arrive_before_a_long_voice_is_heard_and_it_can_be_cancelled(
    real: Real, voice: Path, tmp_path: Path, motion: str
) -> None:
    samples, rate = soundfile.read(voice)
    soundfile.write(tmp_path / "long.wav", np.tile(samples, 450), rate)  # half an hour
    job = real.animate(tmp_path / "long.wav", motion=motion)
    running = real.wait(job, lambda job: job["frames"]["ready"] > 200)
    assert running["state"] == "running" and running["frames"]["total"] == 450 * 4 * 25
    archive = np.load(io.BytesIO(real.http.get(f"/v1/jobs/{job['id']}/frames?first=100").content), allow_pickle=False)
    assert archive["coefficients"].shape[1] == 257 and len(archive["coefficients"]) >= 100
    assert archive["coefficients"][:, 80:144].std(axis=0).max() > 0.01  # the face moves
    assert real.http.post(f"/v1/jobs/{job['id']}/cancel").json()["state"] == "cancelled"


def test_bad_sound_is_told_without_the_servers_folders(real: Real) -> None:
    job = real.wait(real.animate(b"no sound at all"))
    assert job["error"]["code"] == "bad_audio"
    assert "voice.wav" in job["error"]["message"] and "/" not in job["error"]["message"]


def test_the_server_and_its_worker_end_with_their_parent(tmp_path: Path) -> None:
    server = launch(tmp_path, "--with-parent", stdin=subprocess.PIPE)
    assert server.process.stdin is not None
    worker = only_child(server.process.pid)
    server.process.stdin.close()
    assert server.process.wait(SAFETY) == exit_codes.STOPPED
    assert not (tmp_path / "runtime.json").exists()
    wait_until_gone(worker)


def _fails(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-P", "-m", "backend.cli", "serve", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SAFETY)
    return done.returncode, done.stderr


def test_launches_that_cannot_work_say_why(real: Real, tmp_path: Path) -> None:
    code, told = _fails("--data", str(tmp_path), "--port", str(real.runtime["port"]))
    assert code == exit_codes.NO_PORT and "choose another" in told
    (tmp_path / "file").write_text("not a folder")
    code, told = _fails("--data", str(tmp_path / "file"))
    assert code == exit_codes.NO_DATA_FOLDER and "data folder" in told
