"""Jobs over HTTP: asked for, refused, cancelled, failed, cached."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.motions import DEFAULT_MOTION, MOTIONS
from backend.server.limits import stall_seconds
from backend.server.worker_process import WorkerProcess
from tests.backend.server.conftest import InProcess


def test_a_job_is_done_and_its_file_can_be_fetched(api: InProcess) -> None:
    asked = api.animate(b"sound", transcript="hello")
    job = api.wait(asked)
    assert (job["state"], job["cached"], job["error"]) == ("done", False, None)
    assert job["frames"] == {"ready": 50, "total": 50}
    file = api.http.get(f"/v1/jobs/{job['id']}/files/take.npz")
    assert file.content == b"hello"
    assert file.headers["etag"] == f'"{"0" * 64}"'


def test_events_begin_with_the_state_and_end_with_the_job(api: InProcess) -> None:
    events = api.events(api.animate(b"sound", transcript="fail"))
    assert events[0][0] == "state"
    kind, last = events[-1]
    assert (kind, last["state"], last["error"]["code"]) == ("state", "failed", "bad_audio")


def test_identical_input_is_answered_from_the_cache(api: InProcess) -> None:
    first = api.wait(api.animate(b"sound", transcript="once"))
    again = api.animate(b"sound", transcript="once")
    assert (again["state"], again["cached"], again["result"]) == ("done", True, first["result"])
    assert api.http.get(f"/v1/jobs/{again['id']}/files/take.npz").content == b"once"
    other = api.wait(api.animate(b"another sound", transcript="once"))
    assert other["cached"] is False
    assert (api.worker_folder / "done.txt").read_text() == "once\nonce\n"


def test_another_motion_is_no_identical_input(api: InProcess) -> None:
    for motion in MOTIONS:
        assert api.wait(api.animate(b"sound", transcript="once", motion=motion))["cached"] is False
    assert api.animate(b"sound", transcript="once")["cached"] is True  # the default is what it stands for


def test_a_twin_in_the_queue_is_computed_once(api: InProcess) -> None:
    slow = api.animate(b"sound", transcript="slow")
    twins = [api.animate(b"sound", transcript="twin") for _ in range(3)]
    api.http.post(f"/v1/jobs/{slow['id']}/cancel")
    assert [api.wait(twin)["cached"] for twin in twins] == [False, True, True]


def test_a_forgotten_result_leaves_the_cached_one_alone(api: InProcess) -> None:
    job = api.wait(api.animate(b"sound", transcript="kept"))
    assert api.http.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert api.http.get(f"/v1/jobs/{job['id']}").status_code == 404
    again = api.animate(b"sound", transcript="kept")
    assert api.http.get(f"/v1/jobs/{again['id']}/files/take.npz").content == b"kept"


def test_queued_jobs_know_their_place_and_are_listed_newest_first(api: InProcess) -> None:
    running = api.animate(b"sound", transcript="slow")
    api.wait(running, lambda job: job["state"] == "running")
    queued = [api.animate(b"sound", transcript=f"{number}") for number in range(3)]
    assert [api.job(job)["position"] for job in queued] == [0, 1, 2]
    listed = api.http.get("/v1/jobs").json()["jobs"]
    assert [job["id"] for job in listed] == [job["id"] for job in [*reversed(queued), running]]
    assert [job["position"] for job in listed] == [2, 1, 0, None]
    assert api.http.delete(f"/v1/jobs/{queued[0]['id']}").json()["error"]["code"] == "conflict"


@pytest.mark.parametrize("kind", ["slow", "deaf"])
def test_a_cancelled_job_stops_whether_the_worker_listens_or_not(api: InProcess, kind: str) -> None:
    job = api.animate(b"sound", transcript=kind)
    api.wait(job, lambda job: job["stage"] is not None)
    cancelled = api.http.post(f"/v1/jobs/{job['id']}/cancel").json()
    assert (cancelled["state"], cancelled["error"]["code"]) == ("cancelled", "cancelled")
    assert api.http.post(f"/v1/jobs/{job['id']}/cancel").json() == cancelled
    assert api.wait(api.animate(b"sound", transcript="next"))["state"] == "done"
    workers = (api.worker_folder / "starts.txt").read_text().count("\n")
    assert workers == (1 if kind == "slow" else 2)  # only a deaf worker is started anew


def test_a_cancel_does_not_wait_for_the_workers_death_but_the_next_job_does(
    api: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill, dies = WorkerProcess.kill, threading.Event()

    async def slow(worker: WorkerProcess) -> None:
        while not dies.is_set():
            await asyncio.sleep(0.01)
        await kill(worker)

    job = api.animate(b"sound", transcript="deaf")
    api.wait(job, lambda job: job["stage"] is not None)
    monkeypatch.setattr(WorkerProcess, "kill", slow)
    cancelled = api.http.post(f"/v1/jobs/{job['id']}/cancel").json()
    queued = api.animate(b"sound", transcript="next")
    assert cancelled["state"] == "cancelled" and not dies.is_set()
    assert api.job(queued)["state"] == "queued"
    dies.set()
    assert api.wait(queued)["state"] == "done"


def test_a_cancel_does_not_wait_to_learn_what_a_dead_worker_died_of(
    api: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in ("worker_process.LAST_BREATH", "supervisor.PATIENCE", "supervisor.WRITTEN_WITHIN"):
        monkeypatch.setattr(f"backend.server.{where}", 60.0)
    job = api.animate(b"sound", transcript="mute")
    api.wait(job, lambda job: job["stage"] is not None)
    worker = api.server.supervisor._keeper._worker
    while worker is None or not worker.silent:
        time.sleep(0.01)
    begin = time.monotonic()
    assert api.http.post(f"/v1/jobs/{job['id']}/cancel").json()["state"] == "cancelled"
    assert time.monotonic() - begin < 30
    assert api.wait(api.animate(b"sound", transcript="next"))["state"] == "done"


def test_a_queued_job_can_be_cancelled_and_never_runs(api: InProcess) -> None:
    running = api.animate(b"sound", transcript="slow")
    queued = api.animate(b"sound", transcript="never")
    assert api.http.post(f"/v1/jobs/{queued['id']}/cancel").json()["state"] == "cancelled"
    api.http.post(f"/v1/jobs/{running['id']}/cancel")
    api.wait(api.animate(b"sound", transcript="after"))
    assert (api.worker_folder / "done.txt").read_text() == "after\n"


@pytest.mark.parametrize(
    ("death", "code", "told"),
    [("crash", "internal", "native broke"), ("killed", "out_of_memory", "-9"), ("memory", "out_of_memory", "")],
)
def test_a_dead_or_shaken_worker_fails_its_job_with_advice_and_the_next_works(
    api: InProcess, death: str, code: str, told: str
) -> None:
    job = api.wait(api.animate(b"sound", transcript=death))
    assert (job["state"], job["error"]["code"]) == ("failed", code)
    assert job["error"]["advice"].endswith(".") and told in (job["error"]["details"] or "")
    assert api.wait(api.animate(b"sound", transcript="fine"))["state"] == "done"


def test_a_job_that_makes_no_step_is_ended_and_the_next_works(api: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.server.limits.STALL_SECONDS", 0.5)
    job = api.wait(api.animate(b"sound", transcript="deaf"))
    assert (job["state"], job["error"]["code"]) == ("failed", "stalled")
    assert "stage speech" in job["error"]["details"]
    monkeypatch.undo()
    assert api.wait(api.animate(b"sound", transcript="fine"))["state"] == "done"


def test_a_job_that_announced_more_work_may_be_silent_for_longer(
    api: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.server.limits.STALL_SECONDS", 0.5)
    assert api.wait(api.animate(b"sound", transcript="patient"))["state"] == "done"  # silent for three times as long
    monkeypatch.undo()
    assert stall_seconds(10) < stall_seconds(600) < 180
    assert stall_seconds(3 * 14400) == stall_seconds(10**9) < 3600


def test_a_worker_that_babbles_is_replaced(api: InProcess) -> None:
    assert api.wait(api.animate(b"sound", transcript="babble"))["error"]["code"] == "internal"
    assert api.wait(api.animate(b"sound", transcript="fine"))["state"] == "done"


def test_a_worker_that_prints_without_end_is_not_held_up(api: InProcess) -> None:
    assert api.wait(api.animate(b"sound", transcript="chatter"))["state"] == "done"


def test_frames_can_be_fetched_while_the_job_runs(api: InProcess) -> None:
    job = api.animate(b"sound", transcript="frames")
    running = api.wait(job, lambda job: job["frames"]["ready"] > 0)
    assert running["frames"] == {"ready": 10, "total": 50}
    archive = np.load(io.BytesIO(api.http.get(f"/v1/jobs/{job['id']}/frames?first=8").content), allow_pickle=False)
    assert archive["coefficients"].shape == (2, 257) and archive["coefficients"][0, 0] == 8 * 257
    assert (int(archive["first"]), float(archive["fps"])) == (8, 25.0)
    api.http.post(f"/v1/jobs/{job['id']}/cancel")
    kinds = dict(api.events(job))
    assert "frames" not in kinds  # a job that has ended has no provisional frames


def test_inputs_are_dropped_when_the_job_has_ended(api: InProcess) -> None:
    job = api.wait(api.animate(b"sound", transcript="hello"))
    folder = api.server.folders.job(job["id"])
    api.wait(job, lambda _: not (folder / "inputs").exists())  # shortly after its end is written
    assert sorted(path.name for path in folder.iterdir()) == ["results"]


def _animate(**fields: Any) -> dict[str, Any]:
    return {"kind": "animate", "audio": {"upload": "voice"}, **fields}


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (_animate(lips=1), 422, "unknown_field"),
        (_animate(audio={"upload": "voice", "url": "x"}), 422, "unknown_field"),
        (_animate(style="swagger"), 422, "bad_style"),
        (_animate(style={"format": "style-avatar/style"}), 422, "bad_style"),
        (_animate(sliders={"ears": 1.0}), 422, "bad_style"),
        (_animate(sliders={"lips": 3.0}), 400, "bad_request"),
        (_animate(seed=1.5), 400, "bad_request"),
        (_animate(seed="1"), 400, "bad_request"),
        (_animate(face_model="mine"), 400, "bad_request"),
        (_animate(motion="rules"), 400, "bad_request"),
        (_animate(motion=None), 400, "bad_request"),
        (_animate(audio={}), 400, "bad_request"),
        (_animate(audio={"upload": "other"}), 422, "unknown_field"),
        (_animate(image={"upload": "photo"}), 400, "bad_request"),
        (_animate(person={"identity": [0.0] * 79, "albedo": [0.0] * 80, "gamma": [0.0] * 27}), 400, "bad_request"),
        (_animate(person={"identity": [1e300] * 80, "albedo": [0.0] * 80, "gamma": [0.0] * 27}), 400, "bad_request"),
        (_animate(audio={"path": "/etc/passwd"}), 422, "unknown_field"),
        ({"kind": "sing", "audio": {"upload": "voice"}}, 400, "bad_request"),
    ],
)
def test_what_is_not_understood_is_refused_and_leaves_nothing(
    api: InProcess, request_: dict[str, Any], status: int, code: str
) -> None:
    answer = api.post(request_, voice=b"sound")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert api.http.get("/v1/jobs").json() == {"jobs": []}
    assert list((api.server.folders.slot / "jobs").iterdir()) == []


@pytest.mark.parametrize(
    "text",
    ['{"kind": "animate", "seed": NaN}', '{"kind": "animate", "seed": 1e999}', '{"kind": 1, "kind": 2}', '"\\ud800"',
     "[" * 100_000, "", "nonsense", "null"],
)  # fmt: skip
def test_json_that_is_none_is_refused(api: InProcess, text: str) -> None:
    answer = api.http.post("/v1/jobs", files={"request": (None, text, "application/json")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_file_in_a_root_is_taken_by_its_path_and_no_other(api: InProcess, tmp_path: Path) -> None:
    inside, outside = tmp_path / "root" / "voice.wav", tmp_path / "voice.wav"
    for path in (inside, outside):
        path.write_bytes(b"sound")
    request = {"kind": "animate", "transcript": "by path"}
    taken = api.post({**request, "audio": {"path": str(inside)}})
    assert api.wait(taken.json())["state"] == "done"
    refused = api.post({**request, "audio": {"path": str(outside)}})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "path_not_allowed")


def test_a_full_disk_is_told(api: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("backend.server.intake._copy", full)
    answer = api.post(_animate(), voice=b"sound")
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")
    assert list((api.server.folders.slot / "jobs").iterdir()) == []


def test_unknown_jobs_and_files_are_not_found(api: InProcess) -> None:
    job = api.wait(api.animate(b"sound", transcript="hello"))
    for path in (f"/v1/jobs/{'0' * 32}", f"/v1/jobs/{job['id']}/files/other.npz", "/v1/nothing"):
        assert api.http.get(path).json()["error"]["code"] == "not_found"
    assert api.http.get(f"/v1/jobs/{job['id']}/files/..%2f..%2f..%2fqueue.sqlite").status_code in {400, 404}


def test_styles_are_listed_and_mixed_into_a_document_that_a_job_takes(api: InProcess) -> None:
    listed = api.http.get("/v1/styles").json()
    assert {"neutral", "calm"} <= {style["name"] for style in listed["styles"]} and "lips" in listed["sliders"]
    motions = {motion["name"]: motion["default"] for motion in listed["motions"]}
    assert motions == {name: name == DEFAULT_MOTION for name in MOTIONS}
    parts = [{"style": "calm", "share": 0.5}, {"style": "energetic", "share": 0.5}]
    document = api.http.post("/v1/styles/mix", json={"parts": parts, "name": "half"}).json()
    assert document["name"] == "half"
    assert api.wait(api.animate(b"sound", style=document, sliders={"lips": 1.5}))["state"] == "done"
    refused = api.http.post("/v1/styles/mix", json={"parts": [{"style": "swagger", "share": 1.0}]})
    assert refused.json()["error"]["code"] == "bad_style"
    unknown = api.http.post("/v1/styles/mix", json={"parts": parts, "colour": 1})
    assert unknown.json()["error"]["code"] == "unknown_field"


def test_the_docs_page_needs_nothing_from_elsewhere(api: InProcess) -> None:
    page = api.http.get("/docs").text
    assert "/v1/jobs/{job_id}/cancel" in page and "AnimateRequest" in page
    assert "<script" not in page and "http://" not in page and "https://" not in page
    description = api.http.get("/openapi.json").json()
    references = set(json.dumps(description).split('"#/components/schemas/')[1:])
    assert {reference.partition('"')[0] for reference in references} <= set(description["components"]["schemas"])
