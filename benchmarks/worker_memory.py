"""Whether one worker's memory grows with the jobs it does: resident MiB after every tenth job of each kind.

    python benchmarks/worker_memory.py --jobs 30

All inputs differ, so that nothing is answered from the cache. What is kept warm is bounded (`backend.server.work`), so
each kind may add something in its first jobs and must then stay level. Memory is read from /proc (Linux).
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from PIL import Image
from server import FINISHED, Server
from skimage import data

from backend.delivery import DEMO_VOICE
from backend.media import SAMPLE_RATE, read_audio
from backend.motions import DEFAULT_MOTION, MOTIONS

EVERY: Final = 10  # jobs between two looks

Asked = tuple[Mapping[str, Any], Mapping[str, bytes]]
"""Fields of a request, and its files by name."""


def kinds(speech: np.ndarray, text: str) -> dict[str, Callable[[int], Asked]]:
    """How the numbered job of each kind is asked for."""
    short, image = speech[: 3 * SAMPLE_RATE], data.astronaut()
    other = next(motion for motion in MOTIONS if motion != DEFAULT_MOTION)

    def photo(number: int) -> Asked:
        shown = io.BytesIO()
        Image.fromarray(image[:, number:]).save(shown, "PNG")
        return {"image": {"upload": "photo"}}, {"voice": _wav(short, 0), "photo": shown.getvalue()}

    return {
        "3 s of voice": lambda number: ({}, {"voice": _wav(short, number)}),
        "a photo": photo,
        "a transcript": lambda number: ({"transcript": text}, {"voice": _wav(speech, number)}),
        "a style on a known voice": lambda number: ({"style": "calm", "seed": number}, {"voice": _wav(short, 0)}),
        "the other motion on it": lambda number: ({"motion": other, "seed": number}, {"voice": _wav(short, 0)}),
        "1 min of voice": lambda number: ({}, {"voice": _wav(np.resize(speech, 60 * SAMPLE_RATE), number)}),
    }


def measure(jobs: int, folder: str | None) -> Iterator[tuple[str, list[float]]]:
    """Each kind, and the worker's MiB before it and after every tenth job."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        server = Server(Path(place))
        text = DEMO_VOICE.with_suffix(".txt").read_text(encoding="utf-8")
        for name, ask in kinds(read_audio(DEMO_VOICE), text).items():
            seen = [server.memory()["worker"]]
            for number in range(1, jobs + 1):
                _do(server, *ask(number))
                if number % EVERY == 0:
                    seen.append(server.memory()["worker"])
            yield name, seen
        server.stop()


def _wav(sound: np.ndarray, number: int) -> bytes:
    """The same words a little quieter for each number: other bytes, the same work."""
    written = io.BytesIO()
    soundfile.write(written, sound * (1 - number * 1e-4), SAMPLE_RATE, format="WAV")
    return written.getvalue()


def _do(server: Server, fields: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    request = json.dumps({"kind": "animate", "audio": {"upload": "voice"}, **fields})
    parts: dict[str, Any] = {name: (name, content) for name, content in files.items()}
    parts["request"] = (None, request, "application/json")
    job = server.http.post("/v1/jobs", files=parts).json()
    while (found := server.http.get(f"/v1/jobs/{job['id']}").json())["state"] not in FINISHED:
        time.sleep(0.05)
    assert found["state"] == "done", found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=30, help="of each kind")
    parser.add_argument("--folder", help="where the server's data go for the time being")
    options = parser.parse_args()
    print(f"| jobs | worker's MiB before, and after each {EVERY} of {options.jobs} |\n|---|---|")
    for name, seen in measure(options.jobs, options.folder):
        print(f"| {name} | {', '.join(f'{mebibytes:.0f}' for mebibytes in seen)} |", flush=True)


if __name__ == "__main__":
    main()
